/* care_top.c - who bought most in his territory last year. */
#include "api/care.h"

struct spends {
    struct cc_care *care;
    size_t count;
    struct cc_tally_spend *spend; /* in the arena */
};

/* What one account bought in that year, by currency. */
static struct cc_money_sums bought_in(const struct cc_due_facts *f, int year)
{
    struct cc_money_sums sums = { .count = 0 };

    for (size_t i = 0; i < f->event_count; i++) {
        const struct cc_due_event *e = &f->event[i];

        if (e->kind == CC_DUE_PURCHASE && cc_day_date(e->day).year == year) {
            cc_money_add(&sums, e->money);
        }
    }
    return sums;
}

static sp_err add_spends(struct spends *s, size_t account, int year)
{
    const struct cc_care_account *a = &s->care->account[account];
    struct cc_money_sums sums = bought_in(&a->facts, year);

    for (size_t i = 0; i < sums.count; i++) {
        struct cc_tally_spend *list = (struct cc_tally_spend *)sp_arena_grow(
            &s->care->arena, s->spend, s->count, sizeof(*list));

        if (list == NULL) {
            return SP_E_NOMEM;
        }
        s->spend = list;
        list[s->count++] = (struct cc_tally_spend){
            .territory = a->territory, .money = sums.of[i], .account = account
        };
    }
    return SP_OK;
}

static sp_err put_top(struct spends *s, const struct cc_tally_spend *one)
{
    struct cc_due_facts *f = &s->care->account[one->account].facts;
    struct cc_due_top *list =
        (struct cc_due_top *)sp_arena_grow(&s->care->arena,
            (void *)(uintptr_t)f->top, f->top_count, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    f->top = list;
    list[f->top_count++] = (struct cc_due_top){ one->money, one->usual };
    return SP_OK;
}

sp_err cc_care_tops(struct cc_care *g)
{
    struct spends s = { .care = g };
    int year = cc_day_date(g->today).year - 1;
    sp_err err = SP_OK;

    for (size_t i = 0; i < g->count && err == SP_OK; i++) {
        err = add_spends(&s, i, year);
    }
    if (err == SP_OK) {
        (void)cc_tally_top(s.spend, s.count);
    }
    for (size_t i = 0; i < s.count && err == SP_OK; i++) {
        if (s.spend[i].top) {
            g->account[s.spend[i].account].facts.top_year = (uint16_t)year;
            err = put_top(&s, &s.spend[i]);
        }
    }
    return err;
}
