/*
 * care.h - the facts that care rules look at, gathered from the replica.
 * Inside a call.
 */
#ifndef CC_API_CARE_H
#define CC_API_CARE_H

#include "api/call.h"

#include "book/due.h"
#include "book/send.h"
#include "book/tally.h"

#define CC_CARE_ARENA_BYTES (512u * 1024u * 1024u)
#define CC_CARE_PEOPLE_MAX  32u /* who had to do with one account */

struct cc_care_product {
    const char *code;
    struct cc_care_product *next;
};

/* One account; everything lies in the arena. */
struct cc_care_account {
    struct cc_due_facts facts; /* id, name, tier, ...; event, birthday */
    const char *territory;
    struct cc_care_product *product;
    size_t visit_count;
    int32_t *visit; /* days of visits, for the tier */
    size_t people_count;
    struct cc_tally_count *people; /* CC_CARE_PEOPLE_MAX; NULL: nobody */
};

struct cc_care {
    struct cc_call *call;
    struct sp_arena arena;
    int32_t today;
    int32_t offset_min; /* local time, east of UTC */
    size_t rule_count;
    struct cc_rule *rule; /* those that loop left out */
    char loop[CC_RULE_CHAIN_BYTES];
    size_t count;
    struct cc_care_account *account; /* in order of their ids */
};

/* Reads rules and facts as of a day; free it also after a failure. */
SP_MUST_USE sp_err cc_care_gather(
    struct cc_care *g, struct cc_call *c, int32_t today);
void cc_care_free(struct cc_care *g);
/* The tier of each account, by the rules of the catalogue, as of that day:
 * it stands in no record (see standing.h). Part of cc_care_gather. */
SP_MUST_USE sp_err cc_care_tiers(struct cc_care *g);
/* Who bought most in his territory last year. Part of cc_care_gather. */
SP_MUST_USE sp_err cc_care_tops(struct cc_care *g);

uint64_t cc_care_now(struct cc_call *c);

/* Walks the records of an entity by name, as cc_call_walk; nothing where the
 * dictionary lacks it. */
SP_MUST_USE sp_err cc_care_walk(struct cc_call *c, const char *entity,
    sp_err (*each)(void *arg, const struct cc_value_of *of), void *arg);

/* Makes what is asked for, item by item, and lists it. */
struct cc_care_making {
    struct cc_call *call;
    struct satchel_care_list *out;
    struct sp_arena *a; /* of the result */
    enum satchel_care_make make;
    bool all;             /* also other people's, and what is done */
    struct sp_id account; /* at hand */
    const char *account_name;
    const char *send_at; /* of a campaign, as a time is typed; NULL */
    struct satchel_care_item *item;
};
/* arg: struct cc_care_making; as cc_due_evaluate calls it. */
SP_MUST_USE sp_err cc_care_make(void *arg, const struct cc_due_item *item);
/* Hands the list over to out, in its order. */
void cc_care_made(struct cc_care_making *m);

/* The words that messages of a class may not have; in the arena. */
SP_MUST_USE sp_err cc_care_words(struct cc_call *c, struct sp_arena *a,
    int64_t class, struct sp_slice **word, size_t *count);

/* The filled signature of a template; sender: the user. */
SP_MUST_USE sp_err cc_care_fill(struct cc_call *c, struct sp_slice text,
    const char *name, const char *holiday, struct sp_buf *out, char *wrong);

#define CC_CARE_TIME_BYTES 40u
/* "2026-04-22T04:00:00Z", as a time is typed. */
void cc_care_time(char out[CC_CARE_TIME_BYTES], uint64_t ms);

/* Appends "name=text" to a typed group. */
void cc_care_part(struct sp_buf *out, const char *name, const char *text);

/* Whether a text may stand in a message: words of its class, signature of its
 * template. en, zh: CC_DUE_WHY_BYTES; "" when it may. */
SP_MUST_USE sp_err cc_care_problem(struct cc_call *c, int64_t class,
    const struct sp_id *template, struct sp_slice text, char *en, char *zh);

#endif
