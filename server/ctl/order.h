/*
 * order.h - orders to erase what is past its time (entity erasure_order): one
 * person orders, another one runs it (dictionary: w:A with an approver).
 */
#ifndef SV_ORDER_H
#define SV_ORDER_H

#include "ctl/call.h"

/* The entity; NULL in a dictionary without it. */
const struct sp_entity *sv_order_entity(const struct sp_rulebook *b);

struct sv_order {
    struct sp_id id;
    uint32_t author;
    uint64_t at_ms;
    uint64_t accounts;    /* that were past their time then */
    struct sp_slice why;  /* as given; the record's memory */
    uint32_t approver;    /* 0: nobody has run it yet */
    uint64_t approved_ms; /* when he first did */
};
void sv_order_read(
    const struct sp_entity *e, const struct sp_record *r, struct sv_order *out);

/* Makes the record; out: its id. author, at_ms, accounts, why (may be empty)
 * of o count. Errors of the store, SP_E_VALUE. */
SP_MUST_USE sp_err sv_order_make(
    struct sp_tx *tx, const struct sp_id *rule, struct sv_order *o);
/* One by its id as typed; the arena of tx holds what it says. SP_E_ARGUMENT,
 * SP_E_NOT_FOUND, both said in the call. */
SP_MUST_USE sp_err sv_order_find(struct sv_call *call, struct sp_tx *tx,
    const char *text, struct sv_order *out);
/* Whether this person may run it: another one than its author, and once
 * somebody has, either of the two (a run that was cut). Said in the call. */
SP_MUST_USE sp_err sv_order_may_run(struct sv_call *call,
    const struct sp_rulebook *b, const struct sv_order *o, uint32_t user);
/* Notes who runs it first. */
SP_MUST_USE sp_err sv_order_approve(
    struct sp_tx *tx, const struct sv_order *o, uint32_t user, uint64_t now_ms);

#endif
