/*
 * profile.h - how complete the file of a person is: ten plain facts weigh 20
 * percent, ten that a good seller finds out weigh 80.
 *
 *   source   data dictionary: profile_score = 20 * hard/10 + 80 * soft/10
 *   threads  any
 */
#ifndef CC_BOOK_PROFILE_H
#define CC_BOOK_PROFILE_H

#include "book/value.h"

#define CC_PROFILE_HARD        10u
#define CC_PROFILE_SOFT        10u
#define CC_PROFILE_HARD_WEIGHT 20u
#define CC_PROFILE_SOFT_WEIGHT 80u
#define CC_PROFILE_GOOD        60u /* percent that counts as complete */

/* Items that are filled in; what the template hides is not asked for, and
 * leaves both numbers. */
struct cc_profile {
    unsigned hard, hard_of;
    unsigned soft, soft_of;
    unsigned percent; /* rounded to the nearest, half up */
};

/*
 * Of a contact.
 *   bought   the account has purchases: the fact "amount spent"
 */
struct cc_profile cc_profile_of(const struct cc_value_of *contact, bool bought);
/* From counts alone. */
unsigned cc_profile_percent(
    unsigned hard, unsigned hard_of, unsigned soft, unsigned soft_of);

/* The i-th item that is asked for and empty, as the field that fills it; NULL
 * past the last. */
const char *cc_profile_missing(
    const struct cc_value_of *contact, bool bought, size_t index);

/* What a list of percentages says: sorts it. */
struct cc_profile_spread {
    size_t count;
    unsigned mean, median; /* rounded half up; 0 of none */
    unsigned good;         /* percent of them that are complete */
};
struct cc_profile_spread cc_profile_spread(unsigned *percent, size_t count);

/*
 * Which of count items a sample takes: drawn without repetition, the same for
 * the same seed everywhere.
 *   out      wanted places in rising order
 *   returns  how many: wanted, or count when that is less
 *   source   selection sampling (Knuth, TAOCP 2, 3.4.2 S) on SplitMix64
 *            (Steele, Lea, Flood 2014)
 */
size_t cc_profile_sample(
    uint64_t seed, size_t count, size_t wanted, size_t *out);

#endif
