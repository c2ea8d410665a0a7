/*
 * message.h - the text of a message to a customer: filled in, signed, and
 * without the words that its class forbids.
 *
 * Satchel sends nothing itself: a message is drafted, exported to an outbox
 * file, and confirmed by whoever sent it.
 *
 *   threads  any
 */
#ifndef CC_BOOK_MESSAGE_H
#define CC_BOOK_MESSAGE_H

#include "book/day.h"
#include "book/value.h"

#define CC_MESSAGE_BYTES_MAX  8000u /* 2,000 characters */
#define CC_MESSAGE_WORD_BYTES 124u
#define CC_MESSAGE_WORDS_MAX  2000u

/* message_template.class */
enum cc_message_class {
    CC_CLASS_SERVICE = 1,
    CC_CLASS_THANKS = 2,
    CC_CLASS_HOLIDAY = 3,
    CC_CLASS_BIRTHDAY = 4,
    CC_CLASS_SEASON = 5,
    CC_CLASS_WINBACK = 6,
    CC_CLASS_LETTER = 7,
    CC_CLASS_NEWS = 8,
    CC_CLASS_INVITATION = 9
};
/* message.state; the largest of two that did not know of each other counts */
enum cc_message_state {
    CC_STATE_PLANNED = 1,
    CC_STATE_DRAFTED = 2,
    CC_STATE_EXPORTED = 3,
    CC_STATE_CONFIRMED = 4,
    CC_STATE_FAILED = 5,
    CC_STATE_WITHDRAWN = 6
};

/* Whether a message may go from one state to the next: drafted, exported, then
 * confirmed or failed; a draft may be withdrawn. */
bool cc_message_step(enum cc_message_state from, enum cc_message_state to);

/* What the places of a template stand for; NULL or "" is not known. */
struct cc_message_slots {
    const char *name;    /* {name}: the customer or person */
    const char *shop;    /* {shop}: where the sender works */
    const char *rep;     /* {rep}: the sender */
    const char *holiday; /* {holiday}: what the rule is called */
    const char *weather; /* {weather}: typed by the rep, else left out */
};

/*
 * Fills a text; a blank before a place that is left out goes too.
 *   wrong   CC_MESSAGE_WORD_BYTES: the place that is unknown or empty
 *   errors  SP_E_VALUE (there is no such place), SP_E_REQUIRED (nothing is
 *           known for it; not weather), and those latched in out
 */
SP_MUST_USE sp_err cc_message_fill(struct sp_slice text,
    const struct cc_message_slots *slots, struct sp_buf *out, char *wrong);

/* Whether a signature names shop and sender: has {shop} and {rep}. */
bool cc_message_signature_whole(struct sp_slice signature);
/* Whether a text ends with the filled signature. */
bool cc_message_signed(struct sp_slice text, struct sp_slice signature);

/* Classes that are wishes only: a price in them is refused. */
bool cc_message_wishes_only(enum cc_message_class class);
/*
 * Whether a text is free of the words, compared as people search (no case, no
 * width), and of prices where the class says so.
 *   word    up to CC_MESSAGE_WORDS_MAX; empty ones are none
 *   found   CC_MESSAGE_WORD_BYTES: the first offending word
 */
bool cc_message_clean(struct sp_slice text, enum cc_message_class class,
    const struct sp_slice *word, size_t count, char *found);

/*
 * The title of an e-mail: with the suffix where the address is of a listed
 * domain or below it (163.com, mail.163.com), unless it has it already.
 */
void cc_message_title(struct sp_slice title, struct sp_slice address,
    const struct sp_slice *domain, size_t count, struct sp_slice suffix,
    struct sp_buf *out);

/* A campaign's dates: ready three days before the event by 23:59, sent at 08:00
 * the day after that. */
struct cc_message_plan {
    int32_t prepare_day, send_day;
    unsigned prepare_minute, send_minute;
};
struct cc_message_plan cc_message_plan(int32_t event_day);

#endif
