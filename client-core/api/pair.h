/*
 * pair.h - accounts of this device that may be one and the same, of which one
 * came lately. Inside a call.
 *
 * All pairs of tens of thousands of accounts cannot be looked at each time
 * somebody asks. Looked for are the newest CC_PAIR_NEW_MAX accounts that were
 * made on a given day or later, by name and telephone (their contacts' too),
 * among all others, in one pass. What is alike by sound or place alone is
 * found before it is saved (satchel_duplicates).
 */
#ifndef CC_API_PAIR_H
#define CC_API_PAIR_H

#include "book/duplicate.h"

#include "api/call.h"

#define CC_PAIR_NEW_MAX 500u
#define CC_PAIR_MAX     1000u /* pairs that are told */

/* The telephones of an entry, and where their texts lie: the first as it was
 * typed, since an extension is not among its digits then; all by their
 * digits. */
struct cc_pair_phones {
    char key[CC_DUPLICATE_PHONES_MAX][CC_PHONE_KEY_BYTES];
};
void cc_pair_phones(const struct cc_index *x, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out);

/* At all times: a was made before b. */
struct cc_pair_found {
    struct sp_id a, b;
    struct cc_duplicate reason;
};
struct cc_pair_list {
    size_t count;
    struct cc_pair_found pair[CC_PAIR_MAX];
};
/* since_ms: when the younger one was made at the earliest.
 * SP_E_NOMEM, SP_E_CORRUPT, SP_E_IO */
SP_MUST_USE sp_err cc_pair_find(
    struct cc_call *c, uint64_t since_ms, struct cc_pair_list *out);

#endif
