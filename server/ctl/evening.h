/*
 * evening.h - who looks at a branch's day, which day it is, and who of its
 * people came in: shared by the commands of a branch's evening.
 */
#ifndef SV_EVENING_H
#define SV_EVENING_H

#include "ctl/call.h"

struct sv_evening {
    struct sv_call *call;
    const struct sp_rulebook *book;
    const struct sp_dictionary *dictionary;
    const struct sp_person *person; /* who asks */
    struct sp_slice unit;           /* his; "" head office: all */
    bool all;
    int32_t day;
    uint64_t now_ms;
};

/* Who asks (--as) manages devices; the day is --date, else today. Said in the
 * call: SP_E_NOT_FOUND, SP_E_DENIED, SP_E_ARGUMENT. */
SP_MUST_USE sp_err sv_evening_begin(
    struct sv_evening *e, struct sv_call *call, struct sp_tx *tx);
/* The figures of one branch are made where its records are: at the branch, or
 * at head office by who reaches all. SP_E_DENIED, said in the call. */
SP_MUST_USE sp_err sv_evening_here(
    const struct sv_evening *e, const struct sp_tx *tx);
/* Logins of the unit's people who manage devices: they decide. */
json_t *sv_evening_deciders(const struct sv_evening *e);

/* One device of the unit. */
enum sv_evening_state {
    SV_EVENING_IN,
    SV_EVENING_MISSING,
    SV_EVENING_UNKNOWN, /* it came later; whether also then nobody noted */
    SV_EVENING_LOST
};
struct sv_evening_device {
    const struct sp_device *device;
    const struct sp_person *person;
    uint64_t last_contact_ms, sent;
    int64_t clock_offset_ms;
    enum sv_evening_state state;
};
SP_MUST_USE sp_err sv_evening_devices(struct sv_evening *e, struct sp_tx *tx,
    void (*each)(void *arg, const struct sv_evening_device *d), void *arg);

/* When the newest of the values that stand there was written; 0: none. */
uint64_t sv_evening_newest_ms(const struct sp_register *reg);

#endif
