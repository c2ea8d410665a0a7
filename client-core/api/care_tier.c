/* care_tier.c - what each account is worth on the day that is asked for. */
#include "api/care.h"

#include <stdlib.h>

#include "book/tier.h"

struct tiers {
    struct cc_care *care;
    size_t rules;
    struct cc_tier_rule rule[CC_TIER_RULES_MAX];
    size_t room;
    struct cc_label_purchase *purchase; /* of the account at hand */
};

static sp_err take_rule(void *arg, const struct cc_value_of *of)
{
    struct tiers *t = (struct tiers *)arg;

    if (t->rules == CC_TIER_RULES_MAX) {
        return cc_call_say(t->care->call, SP_E_TOO_LARGE,
            "more than %u tier rules", CC_TIER_RULES_MAX);
    }
    cc_tier_read(of, &t->rule[t->rules]);
    t->rules += t->rule[t->rules].active;
    return SP_OK;
}

static int by_day(const void *a, const void *b)
{
    const struct cc_label_purchase *x = (const struct cc_label_purchase *)a;
    const struct cc_label_purchase *y = (const struct cc_label_purchase *)b;

    return (x->day > y->day) - (x->day < y->day);
}

/* The purchases of an account in the order of their days. */
static sp_err sort_purchases(
    struct tiers *t, const struct cc_due_facts *f, struct cc_label_facts *out)
{
    if (f->event_count > t->room) {
        struct cc_label_purchase *more = (struct cc_label_purchase *)realloc(
            t->purchase, f->event_count * sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        t->purchase = more;
        t->room = f->event_count;
    }
    for (size_t i = 0; i < f->event_count; i++) {
        if (f->event[i].kind == CC_DUE_PURCHASE) {
            t->purchase[out->count++] =
                (struct cc_label_purchase){ f->event[i].day,
                    f->event[i].money.minor, f->event[i].money.currency };
        }
    }
    if (out->count > 1) {
        qsort(t->purchase, out->count, sizeof(*t->purchase), by_day);
    }
    out->purchase = t->purchase;
    return SP_OK;
}

static uint32_t visits_between(const void *arg, int32_t from, int32_t until)
{
    const struct cc_care_account *a = (const struct cc_care_account *)arg;
    uint32_t n = 0;

    for (size_t i = 0; i < a->visit_count; i++) {
        n += a->visit[i] >= from && a->visit[i] <= until;
    }
    return n;
}

static sp_err say_tier(struct tiers *t, struct cc_care_account *a)
{
    struct cc_label_facts bought = { .nps = -1 };
    const struct cc_tier_facts facts = { &bought, visits_between, a };
    struct cc_tier_said said;
    sp_err err = sort_purchases(t, &a->facts, &bought);

    if (err == SP_OK) {
        cc_tier_say(t->rule, t->rules, &facts, t->care->today, &said);
        a->facts.tier = said.tier;
    }
    return err;
}

sp_err cc_care_tiers(struct cc_care *g)
{
    struct tiers *t = (struct tiers *)calloc(1, sizeof(*t));
    sp_err err = t == NULL ? SP_E_NOMEM : SP_OK;

    if (err == SP_OK) {
        t->care = g;
        err = cc_care_walk(g->call, "tier_rule", take_rule, t);
    }
    for (size_t i = 0; err == SP_OK && t->rules > 0 && i < g->count; i++) {
        err = say_tier(t, &g->account[i]);
    }
    if (t != NULL) {
        free(t->purchase);
    }
    free(t);
    return err;
}
