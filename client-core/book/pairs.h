/*
 * pairs.h - which of many customers may be one: the same name or the same
 * telephone, found by sorting instead of comparing each with each. The one way
 * in which an inbox, a scan and an import find them.
 *
 * Of customers that share a key each is paired with the oldest alone that
 * nobody has said is another one: so a switchboard that a thousand of them
 * name makes 999 pairs, not half a million, and who was told apart from the
 * oldest is still asked about the next. What only sounds the same or lies
 * close by makes no pair here: in a street of shops that is everybody, and who
 * types one is asked then (book/duplicate.h).
 *
 *   threads  any
 */
#ifndef CC_BOOK_PAIRS_H
#define CC_BOOK_PAIRS_H

#include "book/duplicate.h"
#include "book/value.h"

#define CC_PAIRS_FILTER_WORDS 4096u

struct cc_pairs_key {
    uint64_t hash;
    uint32_t at; /* place of the customer; the older have the lower one */
    uint32_t reason;
};
struct cc_pair {
    uint32_t older, newer;
    uint32_t reasons; /* CC_DUPLICATE_NAME, CC_DUPLICATE_PHONE */
};

/*
 * A number made of bytes, to tell a hundred thousand texts apart: two that
 * differ meet once in four thousand million books.
 *   source   FNV-1a (Fowler, Noll, Vo)
 */
uint64_t cc_pairs_hash(struct sp_slice bytes);

/* Collects keys in an arena; zeros but for that. */
struct cc_pairs {
    struct sp_arena *arena;
    size_t keys;
    struct cc_pairs_key *key;
    size_t aparts; /* places of two, the lower one above */
    uint64_t *apart;
    uint32_t since;
    uint64_t *filter; /* bits of what the new ones have; NULL: all are new */
};

/* From here on only pairs are looked for whose newer one has at least this
 * place. Keys of those are added first: of the others only what is among them
 * is kept. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_pairs_since(struct cc_pairs *p, uint32_t at);

/* The key of a name, as cc_fold_text leaves it, or of a telephone number as it
 * is stored; 0: none. Blanks and signs do not count; one character alone is no
 * name, and what has no digits no number. */
uint64_t cc_pairs_name_key(struct sp_slice folded);
uint64_t cc_pairs_phone_key(struct sp_slice number);
/* Whether such a key of an older customer can make a pair. */
bool cc_pairs_wants(const struct cc_pairs *p, uint64_t hash);
/* Adds it, unless it is 0 or not wanted. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_pairs_add(struct cc_pairs *p, uint32_t at,
    enum cc_duplicate_reason reason, uint64_t hash);

/* Somebody said that these two are not the same. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_pairs_apart(struct cc_pairs *p, uint32_t a, uint32_t b);

/* Whether somebody did; after cc_pairs_find. */
bool cc_pairs_are_two(const struct cc_pairs *p, uint32_t a, uint32_t b);

/*
 * The pairs of all keys, each once, by newer, then older; arena memory.
 *   cost     sorts the keys
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_pairs_find(
    struct cc_pairs *p, struct cc_pair **out, size_t *count);

/* What a quality_issue says of two customers. */
enum cc_pairs_word {
    CC_PAIRS_SILENT, /* nothing, or no more */
    CC_PAIRS_ASKED,  /* are they one? */
    CC_PAIRS_TWO     /* they are not: who cleared it says why (remark) */
};
/* SILENT leaves a and b as they are. */
enum cc_pairs_word cc_pairs_read(
    const struct cc_value_of *of, struct sp_id *a, struct sp_id *b);
/* The id of the one that asks, so that two who ask make one.
 *   newer   its account */
struct sp_id cc_pairs_issue(
    const struct sp_id *newer, const struct sp_id *older);

#endif
