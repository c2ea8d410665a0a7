/*
 * data_rule.h - numbers of the catalogue by which customers are looked at:
 * when data is verified again, when a buyer counts as lapsed (entity
 * data_rule). Of several rules of one kind the strictest counts.
 *
 *   threads  any
 */
#ifndef CC_BOOK_DATA_RULE_H
#define CC_BOOK_DATA_RULE_H

#include "book/value.h"
#include "book/words.h"

/* Options of data_rule.kind, known by their names in the dictionary. */
enum cc_data_rule {
    CC_DATA_NONE,
    CC_DATA_STALE,      /* days; quality.h */
    CC_DATA_INCOMPLETE, /* percent */
    CC_DATA_RETENTION,  /* days */
    CC_DATA_TASKS,      /* most */
    CC_DATA_ACTIVITY,   /* days, lapse_days; label.h */
    CC_DATA_FAN,        /* least, days */
    CC_DATA_AT_RISK,    /* ratio */
    CC_DATA_PAIRS       /* days, most or both; quality.h */
};
/* NONE of one that is switched off, deleted, or of a newer dictionary. */
enum cc_data_rule cc_data_rule_of(const struct cc_value_of *of);

enum cc_data_stricter { CC_DATA_FEWER, CC_DATA_MORE };
/* Takes a number of the rule over when nothing stands yet (0), or it is
 * stricter than what stands. Whether it did. */
bool cc_data_rule_take(const struct cc_value_of *of, const char *field,
    enum cc_data_stricter stricter, uint32_t *number);

/* Whether it says all that its kind needs; why: what is wrong, static. */
bool cc_data_rule_check(const struct cc_value_of *of, struct cc_words *why);

#endif
