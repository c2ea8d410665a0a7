/*
 * known.h - the things that are known of a customer beside his record, by
 * name: what labels show, the board counts and the steps of a segment compare.
 */
#ifndef CC_API_KNOWN_H
#define CC_API_KNOWN_H

#include "book/segment.h"

#include "api/standing.h"

/* In the order in which people read them. */
enum cc_known_thing {
    CC_KNOWN_LOYALTY = 0,
    CC_KNOWN_PHASE,
    CC_KNOWN_ACTIVITY,
    CC_KNOWN_CLASS,
    CC_KNOWN_TIER,
    CC_KNOWN_AT_RISK,
    CC_KNOWN_PURCHASES,
    CC_KNOWN_AMOUNT,
    CC_KNOWN_FIRST,
    CC_KNOWN_LAST,
    CC_KNOWN_SINCE_PURCHASE,
    CC_KNOWN_VISITS,
    CC_KNOWN_SINCE_CONTACT,
    CC_KNOWN_COUNT
};

struct cc_known_name {
    const char *name;
    struct cc_words label;
    enum cc_segment_kind kind;
    bool board; /* its values are few: they are counted */
};
extern const struct cc_known_name cc_known_names[CC_KNOWN_COUNT];

struct cc_known {
    enum cc_segment_kind kind; /* CC_SEGMENT_UNKNOWN: nothing to say */
    int64_t number;
    const char *value; /* of a text: option or "yes"; static */
    struct cc_words words;
};

/* days: purchases and amounts count in the days up to today; INT32_MAX all. */
void cc_known_say(const struct cc_standings *all, const struct cc_standing *of,
    unsigned funnel, int32_t days, struct cc_known out[CC_KNOWN_COUNT]);

#endif
