/*
 * index.h - names, numbers and phones of all records of one entity, in memory
 * only: on a device's disk there is nothing sorted by what customers are
 * called (DESIGN 6).
 *
 * Read once when somebody asks for it: 10,000 accounts take about as long as
 * decrypting them. At all times: entries are in id order; texts are offsets
 * into one pool, 0 is the empty text.
 *
 *   threads  one at a time
 */
#ifndef CC_REPLICA_INDEX_H
#define CC_REPLICA_INDEX_H

#include "sp/dictionary.h"
#include "sp/node.h"

struct cc_entry {
    struct sp_id id;
    struct sp_id parent;
    struct sp_id into; /* merged into that one; zero: it is itself */
    uint32_t title, number, territory;
    uint32_t phone;  /* the first one */
    uint32_t folded; /* title, folded */
    uint32_t hay;    /* all that is searched, folded, a line each */
    bool deleted;
    bool conflict; /* a field has several values */
};

struct cc_index {
    uint16_t type;    /* 0: not loaded */
    uint64_t commits; /* of the store when it was read */
    size_t count, capacity;
    struct cc_entry *entry;
    struct sp_buf pool;
};

void cc_index_init(struct cc_index *x);
void cc_index_free(struct cc_index *x);

/* Reads all records of an entity; what was there before goes.
 * SP_E_NOMEM, and those of sp_state_walk; the index is empty then. */
SP_MUST_USE sp_err cc_index_load(
    struct cc_index *x, struct sp_tx *tx, const struct sp_entity *entity);

/* The text at an offset; valid until the next load. */
const char *cc_index_text(const struct cc_index *x, uint32_t offset);
/* By id; NULL. Binary search. */
const struct cc_entry *cc_index_find(
    const struct cc_index *x, const struct sp_id *id);

/* What an entry is now: itself, or what it was merged into. */
const struct cc_entry *cc_index_survivor(
    const struct cc_index *x, const struct cc_entry *e);

/* Whether an entry has the (folded) text somewhere in title, number, phones.
 * digits: those of the text, compared with phones when 3 or more. */
bool cc_index_has(const struct cc_index *x, const struct cc_entry *e,
    const char *folded, const char *digits);

/* What kind of fit a reference is; lower is better. */
enum cc_fit {
    CC_FIT_NUMBER,
    CC_FIT_TITLE,
    CC_FIT_ID,     /* beginning of its hexadecimal digits */
    CC_FIT_PREFIX, /* beginning of its title */
    CC_FIT_NONE
};
/*
 * Best fit of a person's reference; deleted records fit by id only.
 *   out     up to max entries of that fit
 *   count   how many there are
 */
enum cc_fit cc_index_refer(const struct cc_index *x, const char *text,
    const struct cc_entry **out, size_t max, size_t *count);

/* The field that names a record of this entity, or NULL; its number field. */
const struct sp_field *cc_index_title_field(const struct sp_entity *e);
const struct sp_field *cc_index_number_field(const struct sp_entity *e);

#endif
