/*
 * retention.h - which accounts are past the time for which the organisation
 * keeps what it knows of a customer who does not come any more.
 *
 * The last activity is the latest day that the records tell of something with
 * the customer: a purchase, a visit, a talk, feedback, a note, or that somebody
 * verified what stands; where there is none of it, the day on which the account
 * was made. That somebody edits, merges or hands over an account is no
 * activity: else each handover would keep everything for ever.
 *
 * An account stays, however old, while a legal hold stands on it, and while an
 * account that stays belongs to it.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_RETENTION_H
#define CC_BOOK_RETENTION_H

#include "book/quality.h"

struct cc_retention_account {
    struct sp_id id;
    int32_t last;  /* day of the last activity */
    bool held;     /* legal hold */
    bool has_part; /* an account that stays belongs to it */
    bool past;     /* to be erased: none of these, and old enough */
};

/* At all times, after cc_retention_load: in order of id; what was merged counts
 * for what it was merged into and is not listed. */
struct cc_retention {
    struct cc_quality quality; /* rules, and who is who */
    size_t count;
    struct cc_retention_account *account; /* parallel to quality.account */
};

/*
 * Looks at all accounts, deleted ones too.
 *   errors   those of walk, SP_E_NOMEM; cc_retention_free in any case
 *   returns  past is set nowhere when no rule is in force
 */
SP_MUST_USE sp_err cc_retention_load(
    struct cc_retention *r, const struct cc_quality_source *source);
void cc_retention_free(struct cc_retention *r);

#endif
