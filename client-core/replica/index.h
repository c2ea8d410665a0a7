/*
 * index.h - the entries of all records of one entity, in memory.
 *
 * Read once when somebody asks for it: from the pages of the summary, and from
 * the records themselves where those are newer (replica/summary.h). At all
 * times: entries are in id order; texts are offsets into one pool.
 *
 *   threads  one at a time
 */
#ifndef CC_REPLICA_INDEX_H
#define CC_REPLICA_INDEX_H

#include "replica/summary.h"

struct cc_index {
    uint16_t type;    /* 0: not loaded */
    uint64_t commits; /* of the store when it was read */
    size_t count, capacity;
    struct cc_entry *entry;
    struct sp_buf pool;
};

void cc_index_init(struct cc_index *x);
void cc_index_free(struct cc_index *x);

/*
 * Reads all entries of an entity; what was there before goes.
 *   s        NULL: from the records alone
 *   errors   SP_E_NOMEM, SP_E_CORRUPT, SP_E_IO; the index is empty then
 */
SP_MUST_USE sp_err cc_index_load(struct cc_index *x, struct cc_summary *s,
    struct sp_tx *tx, const struct sp_entity *entity);

/* The text at an offset; valid until the next load. */
const char *cc_index_text(const struct cc_index *x, uint32_t offset);
/* By id; NULL. Binary search. */
const struct cc_entry *cc_index_find(
    const struct cc_index *x, const struct sp_id *id);

/* What an entry is now: itself, or what it was merged into. */
const struct cc_entry *cc_index_survivor(
    const struct cc_index *x, const struct cc_entry *e);

/* What kind of fit a reference is; lower is better. */
enum cc_fit {
    CC_FIT_NUMBER,
    CC_FIT_TITLE,
    CC_FIT_ID,     /* beginning of its hexadecimal digits */
    CC_FIT_PREFIX, /* beginning of its title */
    CC_FIT_NONE
};
/*
 * Best fit of a person's reference; deleted records fit by id only. Several
 * that were merged into one are that one, and no choice.
 *   out     up to max entries of that fit
 *   count   how many there are
 */
enum cc_fit cc_index_refer(const struct cc_index *x, const char *text,
    const struct cc_entry **out, size_t max, size_t *count);

#endif
