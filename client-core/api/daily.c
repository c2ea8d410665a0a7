/* daily.c - who bought on a day, and what to do about it. */
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/here.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#define NUMBERS_BYTES 400u

/* The purchases of one customer of that day with one answer. */
struct buyer {
    struct sp_id account;
    enum cc_tally_daily what;
    size_t purchases;
    struct cc_money_sums amount;
    char numbers[NUMBERS_BYTES];
};

struct daily {
    struct cc_call *call;
    int32_t day;
    size_t count, room;
    struct buyer *buyer; /* malloc'd */
};

static struct buyer *buyer_of(
    struct daily *d, const struct sp_id *account, enum cc_tally_daily what)
{
    struct buyer *more;

    for (size_t i = 0; i < d->count; i++) {
        if (d->buyer[i].what == what &&
            sp_id_equal(&d->buyer[i].account, account)) {
            return &d->buyer[i];
        }
    }
    if (d->count == d->room) {
        size_t room = d->room == 0 ? 64 : 2 * d->room;
        more = (struct buyer *)realloc(d->buyer, room * sizeof(*more));
        if (more == NULL) {
            return NULL;
        }
        d->buyer = more;
        d->room = room;
    }
    more = &d->buyer[d->count++];
    memset(more, 0, sizeof(*more));
    more->account = *account;
    more->what = what;
    return more;
}

/* What does not fit any more is left out: the amounts have it all. */
static void put_number(struct buyer *b, struct sp_slice number)
{
    size_t used = strlen(b->numbers);

    if (number.size == 0 || used + number.size + 3 > sizeof(b->numbers)) {
        return;
    }
    if (used > 0) {
        memcpy(b->numbers + used, ", ", 2);
        used += 2;
    }
    memcpy(b->numbers + used, number.data, number.size);
    b->numbers[used + number.size] = '\0';
}

/* A return is nobody's purchase. */
static sp_err take(void *arg, const struct cc_value_of *of)
{
    struct daily *d = (struct daily *)arg;
    enum cc_tally_daily what =
        cc_tally_daily((int32_t)cc_value_int(of, "date", CC_DAY_NONE),
            (int32_t)cc_value_int(of, "paid", CC_DAY_NONE), d->day);
    struct cc_money amount = cc_money_of(of, "amount");
    struct sp_ref account;
    struct buyer *b;

    if (what == CC_DAILY_NONE || amount.minor <= 0 ||
        !cc_refer_parent(d->call, of->record, &account)) {
        return SP_OK;
    }
    b = buyer_of(d, &account.id, what);
    if (b == NULL) {
        return SP_E_NOMEM;
    }
    b->purchases++;
    cc_money_add(&b->amount, amount);
    put_number(b, cc_value_text(of, "number"));
    return SP_OK;
}

/* ---- the answer ---------------------------------------------------------- */

/* SP_E_NOT_FOUND: the account is not here. */
static sp_err fill_one(struct daily *d, const struct buyer *b,
    struct sp_arena *a, struct satchel_daily *out)
{
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref = { 0, b->account };
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_call_entity(d->call, "account", &e);

    if (err == SP_OK) {
        ref.type = e->number;
        err = cc_record_view(d->call, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct cc_value_of of = { e, &view.record };
    sp_id_format(id, &b->account);
    *out = (struct satchel_daily){ .account_id = cc_result_string(a, id),
        .account = cc_result_text(a, cc_value_text(&of, "name")),
        .what = b->what == CC_DAILY_INVITE ? "invite" : "nudge",
        .phone = cc_result_text(a, cc_value_text(&of, "phone_main")),
        .purchases = b->purchases,
        .numbers = cc_result_string(a, b->numbers) };
    cc_record_view_free(&view);
    return out->account_id == NULL || out->account == NULL ||
                   out->phone == NULL || out->numbers == NULL ||
                   !cc_result_sums(a, &b->amount, &out->amount)
               ? SP_E_NOMEM
               : SP_OK;
}

static int nudges_first(const void *a, const void *b)
{
    const struct satchel_daily *x = (const struct satchel_daily *)a;
    const struct satchel_daily *y = (const struct satchel_daily *)b;
    int order = strcmp(y->what, x->what);

    if (order == 0) {
        order = strcmp(x->account, y->account);
    }
    return order != 0 ? order : strcmp(x->account_id, y->account_id);
}

static sp_err fill(struct daily *d, struct satchel_daily_list *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_daily *list =
        (struct satchel_daily *)sp_arena_take(a, d->count + 1, sizeof(*list));
    char date[CC_DAY_TEXT_BYTES];
    sp_err err = list == NULL ? SP_E_NOMEM : SP_OK;

    cc_day_format(date, d->day);
    out->date = cc_result_string(a, date);
    for (size_t i = 0; i < d->count && err == SP_OK; i++) {
        err = fill_one(d, &d->buyer[i], a, &list[out->count]);
        out->count += err == SP_OK;
        err = err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    if (err == SP_OK && out->count > 1) {
        qsort(list, out->count, sizeof(*list), nudges_first);
    }
    out->customer = list;
    return err == SP_OK && out->date == NULL ? SP_E_NOMEM : err;
}

int satchel_care_daily(struct satchel *s, const char *date,
    struct satchel_daily_list **out, struct satchel_error *e)
{
    struct satchel_daily_list *r;
    struct cc_call c;
    struct daily d = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_daily_list *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : cc_today_typed(&c, date, &d.day);
    if (err == SP_OK) {
        err = cc_here_as_of(&c, &r->as_of_ms);
    }
    if (err == SP_OK) {
        err = cc_care_walk(&c, "purchase", take, &d);
    }
    if (err == SP_OK) {
        err = fill(&d, r);
    }
    free(d.buyer);
    return cc_call_give(&c, err, r, out);
}
