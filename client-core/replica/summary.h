/*
 * summary.h - the entries of all records that people find by name, on disk in
 * sealed pages, so that a command need not open every record to show a list.
 *
 * Pages hold entries (replica/entry.h) in the order of ids, as the records
 * themselves lie; nothing on disk is in the order of names. What a transaction
 * changes is marked in that transaction: at all times an entry says what its
 * record says, or its record is marked, or lies behind the head's cursor. Who
 * reads looks at the record itself then. Marked records go into their pages
 * when CC_SUMMARY_STALE_MAX are marked, and after every exchange: what the
 * user may no longer see leaves the pages then (SYNC S6).
 *
 * A head that was made under another dictionary, folding or form of entries
 * counts as none: all is made anew, step by step (cc_summary_tidy).
 *
 * Facts of records that have names lie in pages of their own (replica/facts.h),
 * under the type of the records with CC_SUMMARY_APART in it: they have a head
 * and marks of their own, as if they were of a type of their own.
 *
 *   tables   CC_T_PAGE: type u16 -> head, [entry's version, folding's version,
 *            serial of the dictionary, done, cursor]; type u16, first id 16 ->
 *            packed entries. CC_T_STALE: type u16, id 16 -> empty
 *   kept     entities that have a title (cc_entry_title_field), or facts
 *            (replica/facts.h)
 *   threads  one at a time, inside the transaction that is given
 */
#ifndef CC_REPLICA_SUMMARY_H
#define CC_REPLICA_SUMMARY_H

#include "sp/node.h"

#include "replica/entry.h"

#define CC_T_PAGE  ((enum sp_table)(SP_T_ROOM_0 + 1))
#define CC_T_STALE ((enum sp_table)(SP_T_ROOM_0 + 2))

#define CC_SUMMARY_APART 0x100u /* in a type: facts that lie apart */
#define CC_SUMMARY_TYPES 0x200u

#define CC_SUMMARY_STALE_MAX  1024u
#define CC_SUMMARY_PAGE_BYTES 16000u /* of entries; four pages of LMDB */
#define CC_SUMMARY_STEP       4096u /* records of one step of cc_summary_tidy */

struct cc_summary {
    const struct sp_dictionary *dictionary; /* NULL: none yet */
    uint32_t serial;                        /* of it */
    bool kept[CC_SUMMARY_TYPES];            /* by type of pages */
    /* In a write transaction: what was changed and is not marked yet. */
    struct sp_ref *touched;
    size_t count, capacity;
    bool closing; /* mark at once */
};

void cc_summary_init(struct cc_summary *s);
void cc_summary_free(struct cc_summary *s);
/* Another dictionary; it outlives the next call. */
void cc_summary_rules(
    struct cc_summary *s, const struct sp_dictionary *d, uint32_t serial);

/* The engine's watch; valid as long as s stays at its place. */
struct sp_watch cc_summary_watch(struct cc_summary *s);
/* At the begin of a write transaction. */
void cc_summary_begin(struct cc_summary *s);
/* Before its commit: marks what was changed, or brings it into the pages.
 * SP_E_NOMEM, SP_E_FULL, SP_E_IO, SP_E_CORRUPT */
SP_MUST_USE sp_err cc_summary_commit(struct cc_summary *s, struct sp_tx *tx);

/* Whether steps are left to do, or records are marked. */
SP_MUST_USE sp_err cc_summary_behind(
    struct cc_summary *s, struct sp_tx *tx, bool *out);
/* One of them, in a write tx that does nothing else. */
SP_MUST_USE sp_err cc_summary_tidy(struct cc_summary *s, struct sp_tx *tx);

struct cc_summary_head {
    bool done;           /* no record lies behind the cursor */
    struct sp_id cursor; /* the last id that is in the pages */
};
/* SP_E_NOT_FOUND: there is no summary that counts. */
SP_MUST_USE sp_err cc_summary_head(struct cc_summary *s, struct sp_tx *tx,
    uint16_t type, struct cc_summary_head *out);
/* All pages of an entity, in order; each gets packed entries. */
SP_MUST_USE sp_err cc_summary_pages(struct sp_tx *tx, uint16_t type,
    sp_err (*each)(void *arg, struct sp_slice packed), void *arg);
/* The ids of marked records, in order. */
SP_MUST_USE sp_err cc_summary_stale(struct sp_tx *tx, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_id *id), void *arg);

#endif
