/* care_due.c - what the care rules ask for. */
#include "api/care.h"
#include "api/result.h"
#include "api/today.h"

struct due {
    struct cc_care care;
    struct cc_care_making making;
};

static sp_err evaluate(struct due *d)
{
    struct cc_care_making *m = &d->making;
    sp_err err = SP_OK;

    for (size_t i = 0; i < d->care.count && err == SP_OK; i++) {
        const struct cc_due_facts *f = &d->care.account[i].facts;
        m->account = f->account;
        m->account_name = f->name;
        err = cc_due_evaluate(d->care.rule, d->care.rule_count, f,
            d->care.today, cc_care_make, m);
    }
    cc_care_made(m);
    m->out->loop = cc_result_string(m->a, d->care.loop);
    return err == SP_OK && m->out->loop == NULL ? SP_E_NOMEM : err;
}

static sp_err due(struct due *d, const char *date)
{
    int32_t today;
    sp_err err = cc_today_typed(d->making.call, date, &today);

    if (err != SP_OK) {
        return err;
    }
    err = cc_care_gather(&d->care, d->making.call, today);
    if (err == SP_OK) {
        err = evaluate(d);
    }
    cc_care_free(&d->care);
    return err;
}

int satchel_care_due(struct satchel *s, const char *date,
    enum satchel_care_make make, bool all, struct satchel_care_list **out,
    struct satchel_error *e)
{
    struct satchel_care_list *list;
    struct cc_call c;
    struct due d = { .making = { .call = &c, .make = make, .all = all } };
    int rc = cc_call_begin(&c, s, make != SATCHEL_CARE_LOOK, e);

    if (rc != 0) {
        return rc;
    }
    list = (struct satchel_care_list *)cc_result_new(sizeof(*list));
    d.making.out = list;
    if (list != NULL) {
        d.making.a = cc_result_arena(list);
    }
    return cc_call_give(
        &c, list == NULL ? SP_E_NOMEM : due(&d, date), list, out);
}
