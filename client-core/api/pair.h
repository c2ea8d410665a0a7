/*
 * pair.h - accounts of this device that may be one and the same, of which one
 * came lately or which somebody asks about. Inside a call.
 *
 * Who is compared with whom, and what makes a pair, is book/pairs.h: here are
 * only the names and telephones that this device has in memory (those of
 * contacts too).
 */
#ifndef CC_API_PAIR_H
#define CC_API_PAIR_H

#include "book/duplicate.h"

#include "api/call.h"

/* The telephones of an entry, and where their texts lie: the first as it was
 * typed, since an extension is not among its digits then; all by their
 * digits. */
struct cc_pair_phones {
    char key[CC_DUPLICATE_PHONES_MAX][CC_PHONE_KEY_BYTES];
};
void cc_pair_phones(const struct cc_index *x, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out);

struct cc_pair_found {
    const struct cc_entry *older, *newer; /* stand, and are not the same */
    struct cc_duplicate reason;           /* none: only somebody says so */
    struct sp_ref issue;                  /* a record that asks; type 0: none */
};
/* As the data rules of the catalogue have it (cc_quality_rules): how far back
 * new accounts are looked for, and how many pairs are wanted at most: first
 * those that somebody asks about, then what is alike, the newest first. */
struct cc_pair_wanted {
    uint64_t since_ms; /* 0: as the rules say */
};
struct cc_pair_list {
    struct sp_arena arena;
    const struct cc_index *index; /* of the entries */
    size_t count;
    struct cc_pair_found *pair;
};
/*
 * Valid until the tx ends; cc_pair_free in any case.
 *   cost     one pass over what is in memory, and the issues
 *   errors   SP_E_NOMEM, SP_E_CORRUPT, SP_E_IO
 */
SP_MUST_USE sp_err cc_pair_find(struct cc_call *c,
    const struct cc_pair_wanted *wanted, struct cc_pair_list *out);
void cc_pair_free(struct cc_pair_list *list);

#endif
