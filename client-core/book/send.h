/*
 * send.h - whether a message may go out, and when: what the customer denied,
 * how often he heard from us, and the hours in which he likes to.
 *
 * Times are local where the customer is: a day and a minute of it.
 *
 *   threads  any
 */
#ifndef CC_BOOK_SEND_H
#define CC_BOOK_SEND_H

#include "book/day.h"

#define CC_SEND_WINDOWS_MAX  64u
#define CC_SEND_SPECIALS_MAX 400u /* holidays, make-up workdays */
#define CC_SEND_AHEAD_DAYS   60   /* a window is looked for so far */
/* "At night" of the field dnd. */
#define CC_SEND_NIGHT_FROM (20u * 60u)
#define CC_SEND_NIGHT_TO   (8u * 60u)

/* Minutes [from, to) on some weekdays: bit 1 Monday to bit 7 Sunday. */
struct cc_send_window {
    uint8_t weekdays;
    uint16_t from, to;
};

/* Days that are not what their weekday says. */
struct cc_send_days {
    size_t holiday_count, workday_count;
    const int32_t *holiday; /* count as Sundays */
    const int32_t *workday; /* make-up workdays: count as Mondays */
};

struct cc_send_at {
    int32_t day;
    unsigned minute;
};

/* 1 Monday to 7 Sunday, as the day counts. */
unsigned cc_send_weekday(const struct cc_send_days *days, int32_t day);

/* "12345", "1-5", "6,7" as bits; false for anything else. */
bool cc_send_parse_days(struct sp_slice text, uint8_t *out);

/*
 * The first minute, from now on, that lies in a window and outside the night
 * (if night). No window at all: any minute.
 *   returns  false when none opens within CC_SEND_AHEAD_DAYS
 */
bool cc_send_next(const struct cc_send_window *window, size_t count,
    const struct cc_send_days *days, bool night, struct cc_send_at now,
    struct cc_send_at *out);

/*
 * Whether a customer has heard enough: of what went out within the last
 * cap_days before now there are cap_count or more.
 *   sent_ms  times of messages, any order
 *   until    when he may be written to again
 */
bool cc_send_capped(const uint64_t *sent_ms, size_t count, uint32_t cap_count,
    uint32_t cap_days, uint64_t now_ms, uint64_t *until);

/* account.dnd, level */
enum cc_send_dnd { CC_DND_NONE = 1, CC_DND_NIGHT = 2, CC_DND_ALL = 3 };

enum cc_send_word {
    CC_SEND_NOW = 0,
    CC_SEND_LATER, /* its window is later */
    CC_SEND_OPTED_OUT,
    CC_SEND_DISTURBS, /* do not disturb, at all */
    CC_SEND_BLOCKED,  /* the account is blocked */
    CC_SEND_CAPPED,   /* too many in too few days */
    CC_SEND_NO_WINDOW
};

struct cc_send_facts {
    bool opted_out, blocked;
    enum cc_send_dnd dnd;         /* in force that day */
    uint32_t cap_count, cap_days; /* 0: no cap */
    size_t sent_count;
    const uint64_t *sent_ms;
    size_t window_count;
    const struct cc_send_window *window;
    struct cc_send_days days;
    int32_t offset_min; /* of local time */
};

/* A denial wins over everything else, however the message was queued.
 *   at_ms  when it may go, for NOW, LATER and CAPPED; else 0 */
enum cc_send_word cc_send_decide(
    const struct cc_send_facts *f, uint64_t now_ms, uint64_t *at_ms);

const char *cc_send_word_en(enum cc_send_word word);
const char *cc_send_word_zh(enum cc_send_word word);

#endif
