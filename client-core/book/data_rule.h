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
    CC_DATA_PAIRS,      /* days, most or both; quality.h */
    CC_DATA_CALLBACK,   /* days */
    CC_DATA_RESPONSE,   /* days */
    CC_DATA_CHECK_IN    /* metres */
};
/* NONE of one that is switched off, deleted, or of a newer dictionary. */
enum cc_data_rule cc_data_rule_of(const struct cc_value_of *of);

enum cc_data_stricter { CC_DATA_FEWER, CC_DATA_MORE };
/* Takes a number of the rule over when nothing stands yet (0), or it is
 * stricter than what stands. Whether it did. */
bool cc_data_rule_take(const struct cc_value_of *of, const char *field,
    enum cc_data_stricter stricter, uint32_t *number);

/* How far something counts that happens after, or beside, something else. */
struct cc_data_spans {
    uint32_t callback_days;   /* a call after a purchase */
    uint32_t response_days;   /* a purchase after a campaign's message */
    uint32_t check_in_metres; /* a check-in from the account; and so well both
                                 places have to be known */
};
/* As cc_label_rules_take and _fill: begin with zeros, take each record, then
 * fill in what ships: 7 days, 30 days, 200 metres. */
void cc_data_spans_take(
    struct cc_data_spans *s, const struct cc_value_of *data_rule);
void cc_data_spans_fill(struct cc_data_spans *s);

/* Whether it says all that its kind needs; why: what is wrong, static. */
bool cc_data_rule_check(const struct cc_value_of *of, struct cc_words *why);

#endif
