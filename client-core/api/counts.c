/* counts.c - who had to do with customers how often. */
#include <stdlib.h>

#include "api/care.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

struct person {
    uint32_t user;
    size_t total, calls, messages, meetings, callbacks;
};

struct counts {
    struct cc_call *call;
    int32_t from, until;
    size_t total, count, room;
    struct person *person; /* malloc'd */
};

static struct person *person_of(struct counts *c, uint32_t user)
{
    struct person *more;

    for (size_t i = 0; i < c->count; i++) {
        if (c->person[i].user == user) {
            return &c->person[i];
        }
    }
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 64 : 2 * c->room;
        more = (struct person *)realloc(c->person, room * sizeof(*more));
        if (more == NULL) {
            return NULL;
        }
        c->person = more;
        c->room = room;
    }
    c->person[c->count] = (struct person){ .user = user };
    return &c->person[c->count++];
}

static sp_err take(void *arg, const struct cc_value_of *of)
{
    struct counts *c = (struct counts *)arg;
    struct cc_tally_contact one;
    struct person *p;
    int32_t day;

    if (!cc_tally_contact(of, &one)) {
        return SP_OK;
    }
    day = cc_today_of(one.at_ms);
    if (day < c->from || day > c->until) {
        return SP_OK;
    }
    p = person_of(c, one.user);
    if (p == NULL) {
        return SP_E_NOMEM;
    }
    c->total++;
    p->total++;
    p->calls += one.call;
    p->messages += one.message;
    p->meetings += one.meeting;
    p->callbacks += one.callback;
    return SP_OK;
}

static int most_first(const void *a, const void *b)
{
    const struct person *x = (const struct person *)a;
    const struct person *y = (const struct person *)b;

    return x->total != y->total ? (x->total < y->total) - (x->total > y->total)
                                : (x->user > y->user) - (x->user < y->user);
}

static const char *day_text(struct sp_arena *a, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES];

    cc_day_format(text, day);
    return cc_result_string(a, text);
}

static sp_err fill(struct counts *c, struct satchel_contact_counts *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_contact_count *list =
        (struct satchel_contact_count *)sp_arena_take(
            a, c->count + 1, sizeof(*list));

    out->from = day_text(a, c->from);
    out->until = day_text(a, c->until);
    if (list == NULL || out->from == NULL || out->until == NULL) {
        return SP_E_NOMEM;
    }
    if (c->count > 1) {
        qsort(c->person, c->count, sizeof(*c->person), most_first);
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct person *p = &c->person[i];
        list[i] = (struct satchel_contact_count){ .user = p->user,
            .name = cc_result_string(a, cc_refer_user_name(c->call, p->user)),
            .total = p->total,
            .calls = p->calls,
            .messages = p->messages,
            .meetings = p->meetings,
            .callbacks = p->callbacks };
        if (list[i].name == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->total = c->total;
    out->count = c->count;
    out->person = list;
    return SP_OK;
}

/* Of the month, unless said otherwise. */
static sp_err read_period(struct counts *c, const char *from, const char *until)
{
    sp_err err = cc_today_typed(c->call, until, &c->until);

    if (err == SP_OK && from == NULL) {
        struct cc_date d = cc_day_date(c->until);
        c->from = cc_day_of((struct cc_date){ d.year, d.month, 1 });
    } else if (err == SP_OK) {
        err = cc_today_typed(c->call, from, &c->from);
    }
    if (err == SP_OK && c->from > c->until) {
        err = cc_call_say(c->call, SP_E_ARGUMENT,
            "the period ends before it begins; name the earlier day first");
    }
    return err;
}

int satchel_contact_counts(struct satchel *s, const char *from,
    const char *until, struct satchel_contact_counts **out,
    struct satchel_error *e)
{
    struct satchel_contact_counts *r;
    struct cc_call c;
    struct counts counts = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_contact_counts *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : read_period(&counts, from, until);
    if (err == SP_OK) {
        err = cc_care_walk(&c, "activity", take, &counts);
    }
    if (err == SP_OK) {
        err = fill(&counts, r);
    }
    free(counts.person);
    return cc_call_give(&c, err, r, out);
}
