#include <stdlib.h>
#include <string.h>

#include "book/profile.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/standing.h"

#define SAMPLE_MAX 1000u

/* ---- one person --------------------------------------------------------- */

static sp_err fill_profile(
    const struct cc_value_of *of, bool bought, struct satchel_profile *out)
{
    struct cc_profile p = cc_profile_of(of, bought);
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_missing *missing = (struct satchel_missing *)sp_arena_take(
        a, CC_PROFILE_HARD + CC_PROFILE_SOFT, sizeof(*missing));
    const char *field;

    if (missing == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; (field = cc_profile_missing(of, bought, i)) != NULL;
         i++) {
        const struct sp_field *f =
            sp_dictionary_field_named(of->entity, sp_slice_text(field));
        struct satchel_missing *one = &missing[out->missing_count++];

        one->field = field;
        one->label_en = f == NULL ? field : cc_result_text(a, f->label_en);
        one->label_zh = f == NULL ? field : cc_result_text(a, f->label_zh);
        if (one->label_en == NULL || one->label_zh == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->missing = missing;
    out->percent = p.percent;
    out->hard = p.hard;
    out->hard_of = p.hard_of;
    out->soft = p.soft;
    out->soft_of = p.soft_of;
    return SP_OK;
}

/* Whether the person's account has bought something. */
static sp_err account_bought(
    struct cc_call *c, const struct cc_value_of *of, bool *out)
{
    struct cc_standings all = { 0 };
    struct sp_id account;
    sp_err err = SP_OK;

    *out = false;
    if (cc_value_ref(of, "account", &account)) {
        err = cc_standing_load(&all, c, &account);
        *out = err == SP_OK && all.of[0].count > 0;
        cc_standing_free(&all);
    }
    return err;
}

static sp_err profile(
    struct cc_call *c, const char *contact, struct satchel_profile *out)
{
    struct sp_arena *a = cc_result_arena(out);
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct cc_value_of of;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    bool bought;
    sp_err err = cc_refer_named(c, "contact", contact, &entity, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of = (struct cc_value_of){ entity, &view.record };
    sp_id_format(id, &ref.id);
    out->contact_id = cc_result_string(a, id);
    out->title = cc_result_string(a, cc_refer_title_of(c, &view.record));
    err = out->contact_id == NULL || out->title == NULL
              ? SP_E_NOMEM
              : account_bought(c, &of, &bought);
    if (err == SP_OK) {
        err = fill_profile(&of, bought, out);
    }
    cc_record_view_free(&view);
    return err;
}

int satchel_profile(struct satchel *s, const char *contact,
    struct satchel_profile **out, struct satchel_error *e)
{
    struct satchel_profile *p;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    p = (struct satchel_profile *)cc_result_new(sizeof(*p));
    return cc_call_give(
        &c, p == NULL ? SP_E_NOMEM : profile(&c, contact, p), p, out);
}

/* ---- the sample --------------------------------------------------------- */

static sp_err sample(
    struct cc_call *c, uint64_t seed, size_t count, struct satchel_list *out)
{
    struct sp_arena *a = cc_result_arena(out);
    const struct sp_entity *entity;
    const struct cc_index *x;
    struct cc_show_brief brief;
    struct satchel_record *record;
    size_t *at = NULL;
    sp_err err = cc_call_entity(c, "contact", &entity);

    if (err == SP_OK && (count == 0 || count > SAMPLE_MAX)) {
        err = cc_call_say(
            c, SP_E_ARGUMENT, "a sample has 1 to %u contacts", SAMPLE_MAX);
    }
    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, entity, &x);
    }
    if (err == SP_OK) {
        err = cc_show_brief(c, entity, x, a, &brief);
    }
    if (err != SP_OK) {
        return err;
    }
    record = (struct satchel_record *)sp_arena_take(a, count, sizeof(*record));
    at = (size_t *)malloc(count * sizeof(*at));
    if (record == NULL || at == NULL) {
        free(at);
        return SP_E_NOMEM;
    }
    count = cc_profile_sample(seed, x->count, count, at);
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        const struct cc_entry *e = &x->entry[at[i]];

        if (!e->deleted) {
            err = cc_show_entry(&brief, e, &record[out->count]);
            out->count += err == SP_OK;
        }
    }
    free(at);
    out->total = x->count;
    out->record = record;
    return err;
}

int satchel_profile_sample(struct satchel *s, uint64_t seed, size_t count,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_list *l;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_list *)cc_result_new(sizeof(*l));
    return cc_call_give(
        &c, l == NULL ? SP_E_NOMEM : sample(&c, seed, count, l), l, out);
}
