/*
 * pairs.h - which of many customers may be one: the same name or the same
 * telephone, found by sorting instead of comparing each with each.
 *
 * Of customers that share a key each is paired with the oldest alone, so a
 * switchboard that a thousand of them name makes 999 pairs, not half a
 * million. What only sounds the same or lies close by makes no pair here: in a
 * street of shops that is everybody, and who types one is asked then
 * (book/duplicate.h).
 *
 *   threads  any
 */
#ifndef CC_BOOK_PAIRS_H
#define CC_BOOK_PAIRS_H

#include "sp/bytes.h"

enum cc_pairs_reason { CC_PAIRS_NAME = 1, CC_PAIRS_PHONE = 4 };

struct cc_pairs_key {
    uint64_t hash;
    uint32_t at; /* place of the customer; the older have the lower one */
    uint32_t reason;
};
struct cc_pair {
    uint32_t older, newer;
    uint32_t reasons; /* bits of cc_pairs_reason */
};

/*
 * A number made of bytes, to tell a hundred thousand texts apart: two that
 * differ meet once in four thousand million books.
 *   source   FNV-1a (Fowler, Noll, Vo)
 */
uint64_t cc_pairs_hash(struct sp_slice bytes);

/* Collects keys in an arena. */
struct cc_pairs {
    struct sp_arena *arena;
    size_t keys;
    struct cc_pairs_key *key;
};

/* Adds a name, as cc_fold_text leaves it; blanks and signs do not count, and
 * one character alone is no name. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_pairs_name(
    struct cc_pairs *p, uint32_t at, struct sp_slice folded);
/* Adds a telephone number as it is stored; what has no digits is left out. */
SP_MUST_USE sp_err cc_pairs_phone(
    struct cc_pairs *p, uint32_t at, struct sp_slice number);

/*
 * The pairs of all keys, each once, by newer, then older; arena memory.
 *   cost     sorts the keys
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_pairs_find(
    struct cc_pairs *p, struct cc_pair **out, size_t *count);

#endif
