/*
 * facts.h - what records show, packed in pages. Whoever counts over tens of
 * thousands of them opens pages instead of records (replica/summary.h).
 *
 * Facts are the registers of a record as its user sees it, with their values.
 * Those of records that people find by name (accounts, contacts, tasks) say
 * too by whom and when each was written, and lie apart from the names; of
 * others (visits, purchases, plans) that is left out, and of all over what it
 * was written. A record has facts when that
 * is all that can be asked of it: each register has one value, none is a case,
 * none stands for another field, and all of it is short. Of any other the
 * record itself is read; so what a walk gives shows what the record shows.
 *
 *   packed   field u16 | [stamp] | element bytes u8 | element |
 *            value bytes u16 | value, a register each, in their order
 *   stamp    where facts lie apart: 1 u8 | time u64 | user u32, or 0 u8: that
 *            of the register before it
 *
 *   threads  one at a time, inside the transaction that is given
 */
#ifndef CC_REPLICA_FACTS_H
#define CC_REPLICA_FACTS_H

#include "sp/dictionary.h"
#include "sp/node.h"

#define CC_FACTS_BYTES_MAX 1024u

struct cc_summary;

/* Whether the summary keeps facts of an entity: its records are not head
 * office's. */
bool cc_facts_kept(const struct sp_entity *entity);
/* Whether those lie apart from what people look for: it has a title. */
bool cc_facts_apart(const struct sp_entity *entity);

/* Appends the facts of a record, or nothing when it has none. */
void cc_facts_pack(const struct sp_entity *entity, const struct sp_record *view,
    struct sp_buf *out);
/*
 * The record that facts are of; contexts and what else stamps have is zero.
 *   apart    as cc_facts_apart
 *   out      its registers are arena memory, its values those of facts
 *   errors   SP_E_CORRUPT, SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_facts_unpack(const struct sp_ref *ref,
    struct sp_slice facts, bool apart, struct sp_arena *arena,
    struct sp_record *out);

/*
 * As sp_state_walk for readers of shown values: contexts and arrival sequences
 * of a view may be zero, and so may stamps, save user and time where facts lie
 * apart. Of an entity without facts, and of one
 * that this transaction has written to, it is sp_state_walk.
 *   after    NULL, or the id after which to go on
 *   errors   those of sp_state_walk
 */
SP_MUST_USE sp_err cc_facts_walk(struct cc_summary *s, struct sp_tx *tx,
    const struct sp_entity *entity, const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg);

/* Views of the records that may hold a conflict, a deletion's included: the
 * records themselves. Of entities that the summary keeps others are not
 * opened. Errors as cc_facts_walk. */
SP_MUST_USE sp_err cc_facts_walk_conflicts(struct cc_summary *s,
    struct sp_tx *tx, const struct sp_entity *entity,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg);

#endif
