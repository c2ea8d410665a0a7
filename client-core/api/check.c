/* check.c - the store check: what was last seen of each product of an account,
 * and what is seen now. */
#include <stdlib.h>
#include <string.h>

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/visit.h"

#include "book/value.h"

/* What is seen of a product, and stays so until somebody types otherwise. A
 * remark is about its own day. */
static const char *const taken_over[] = { "facings", "shelf_stock", "price",
    "date_code" };
enum { TAKEN_OVER = sizeof(taken_over) / sizeof(taken_over[0]) };

struct last {
    struct sp_id id;
    uint64_t at_ms;
    const char *product, *competitor; /* tx arena, as the values */
    const char *value[TAKEN_OVER];    /* exact; "" */
    bool now;                         /* seen during this visit */
};

/* At all times: each product of each competitor once. */
struct checking {
    struct cc_call *call;
    const struct sp_entity *visit, *entity; /* the latter: store_check */
    struct sp_ref ref, account;             /* of the visit */
    size_t count, room;
    struct last *last; /* heap */
};

/* ---- what was last seen ----------------------------------------------------
 */

static const char *text_of(
    struct checking *k, const struct cc_value_of *of, const char *field)
{
    return cc_call_text(k->call, cc_value_text(of, field));
}

static struct last *find(
    struct checking *k, const char *product, const char *competitor)
{
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->last[i].product, product) == 0 &&
            strcmp(k->last[i].competitor, competitor) == 0) {
            return &k->last[i];
        }
    }
    return NULL;
}

static struct last *add(struct checking *k)
{
    if (k->count == k->room) {
        size_t room = k->room == 0 ? 32 : 2 * k->room;
        struct last *more =
            (struct last *)realloc(k->last, room * sizeof(*more));

        if (more == NULL) {
            return NULL;
        }
        k->last = more;
        k->room = room;
    }
    return &k->last[k->count++];
}

static sp_err fill_values(
    struct checking *k, const struct cc_value_of *of, struct last *out)
{
    for (size_t i = 0; i < TAKEN_OVER; i++) {
        const struct sp_field *f =
            sp_dictionary_field_named(of->entity, sp_slice_text(taken_over[i]));
        struct sp_slice v = cc_value_shown(of, taken_over[i]);

        out->value[i] = f == NULL || v.size == 0
                            ? ""
                            : cc_show_value(k->call, f, v, CC_SHOW_EXACT,
                                  &k->call->tx.arena);
        if (out->value[i] == NULL) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

static sp_err keep(struct checking *k, const struct cc_value_of *of)
{
    struct last l = { .id = of->record->ref.id,
        .at_ms = cc_value_ts(of, "at"),
        .product = text_of(k, of, "product"),
        .competitor = text_of(k, of, "competitor") };
    struct last *known;
    struct sp_id visit;
    sp_err err;

    if (l.product == NULL || l.competitor == NULL) {
        return SP_E_NOMEM;
    }
    l.now =
        cc_value_ref(of, "visit", &visit) && sp_id_equal(&visit, &k->ref.id);
    known = find(k, l.product, l.competitor);
    if (known != NULL) {
        l.now = l.now || known->now;
        if (l.at_ms < known->at_ms ||
            (l.at_ms == known->at_ms && sp_id_cmp(&l.id, &known->id) < 0)) {
            known->now = l.now;
            return SP_OK;
        }
    } else {
        known = add(k);
    }
    if (known == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_values(k, of, &l);
    *known = l;
    return err;
}

static sp_err take(void *arg, const struct sp_ref *ref)
{
    struct checking *k = (struct checking *)arg;
    struct cc_record_view view;
    const struct cc_value_of of = { k->entity, &view.record };
    sp_err err = cc_record_view(k->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    if (!cc_value_deleted(&of)) {
        err = keep(k, &of);
    }
    cc_record_view_free(&view);
    return err;
}

/* Ours by name, then competitors'. */
static int by_name(const void *a, const void *b)
{
    const struct last *x = (const struct last *)a;
    const struct last *y = (const struct last *)b;
    int order = strcmp(x->competitor, y->competitor);

    return order != 0 ? order : strcmp(x->product, y->product);
}

static sp_err read_all(struct checking *k, const char *visit)
{
    struct cc_call *c = k->call;
    struct cc_record_view view;
    sp_err err = cc_visit_refer(c, visit, &k->visit, &k->ref);

    if (err == SP_OK) {
        err = cc_call_entity(c, "store_check", &k->entity);
    }
    if (err == SP_OK) {
        err = cc_record_view(c, &k->ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    err = cc_refer_parent(c, &view.record, &k->account)
              ? sp_state_children(
                    &c->tx, &k->account, k->entity->number, false, take, k)
              : cc_call_say(
                    c, SP_E_NOT_FOUND, "its account is not on this device");
    cc_record_view_free(&view);
    if (err == SP_OK && k->count > 1) {
        qsort(k->last, k->count, sizeof(*k->last), by_name);
    }
    return err;
}

/* ---- list ------------------------------------------------------------------
 */

static sp_err fill_check(
    struct sp_arena *a, const struct last *l, struct satchel_check *out)
{
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &l->id);
    out->id = cc_result_string(a, id);
    out->product = cc_result_string(a, l->product);
    out->competitor = cc_result_string(a, l->competitor);
    out->facings = cc_result_string(a, l->value[0]);
    out->shelf_stock = cc_result_string(a, l->value[1]);
    out->price = cc_result_string(a, l->value[2]);
    out->date_code = cc_result_string(a, l->value[3]);
    out->at_ms = l->at_ms;
    out->now = l->now;
    return out->id == NULL || out->product == NULL || out->competitor == NULL ||
                   out->facings == NULL || out->shelf_stock == NULL ||
                   out->price == NULL || out->date_code == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill(struct checking *k, struct satchel_checks *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_check *check =
        (struct satchel_check *)sp_arena_take(a, k->count + 1, sizeof(*check));
    char id[SP_ID_TEXT_BYTES];
    sp_err err = check == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < k->count && err == SP_OK; i++) {
        err = fill_check(a, &k->last[i], &check[i]);
    }
    sp_id_format(id, &k->ref.id);
    out->visit_id = cc_result_string(a, id);
    sp_id_format(id, &k->account.id);
    out->account_id = cc_result_string(a, id);
    out->account = cc_result_string(a, cc_refer_title(k->call, &k->account));
    out->count = k->count;
    out->check = check;
    return err == SP_OK && (out->visit_id == NULL || out->account_id == NULL ||
                               out->account == NULL)
               ? SP_E_NOMEM
               : err;
}

int satchel_check_list(struct satchel *s, const char *visit,
    struct satchel_checks **out, struct satchel_error *e)
{
    struct satchel_checks *r;
    struct cc_call c;
    struct checking k = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_checks *)cc_result_new(sizeof(*r));
    err = r == NULL ? SP_E_NOMEM : read_all(&k, visit);
    if (err == SP_OK) {
        err = fill(&k, r);
    }
    free(k.last);
    return cc_call_give(&c, err, r, out);
}

/* ---- what is seen now ------------------------------------------------------
 */

static const char *typed(
    const struct satchel_input *input, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(input[i].field, field) == 0) {
            return input[i].text;
        }
    }
    return NULL;
}

/* The product that is meant: that name, else the only one that begins so; of
 * one name ours before a competitor's. NULL: a new one. */
static sp_err choose(struct checking *k, const struct satchel_check_new *what,
    const struct last **out)
{
    const char *competitor = typed(what->input, what->count, "competitor");
    size_t size = strlen(what->product), fits = 0, named = 0;
    const struct last *fit = NULL, *name = NULL;

    for (size_t i = 0; i < k->count; i++) {
        const struct last *l = &k->last[i];

        if (competitor != NULL && strcmp(l->competitor, competitor) != 0) {
            continue;
        }
        if (strcmp(l->product, what->product) == 0) {
            named += name == NULL || name->competitor[0] != '\0';
            name = name == NULL ? l : name;
        } else if (strncmp(l->product, what->product, size) == 0) {
            fits++;
            fit = l;
        }
    }
    *out = name != NULL ? name : fits == 1 && !what->is_new ? fit : NULL;
    if (named > 1 && name->competitor[0] != '\0') {
        return cc_call_say(k->call, SP_E_AMBIGUOUS,
            "several competitors have \"%.80s\": say whose, with competitor=",
            what->product);
    }
    return name == NULL && fits > 1 && !what->is_new
               ? cc_call_say(k->call, SP_E_AMBIGUOUS,
                     "%zu products begin with \"%.80s\"; type more of it, or "
                     "say that it is a new one",
                     fits, what->product)
               : SP_OK;
}

/* A check of now: typed, and for the rest as it was. */
static sp_err make(struct checking *k, const char *product,
    const struct last *last, const struct satchel_input *input, size_t count,
    struct satchel_saved *out)
{
    struct satchel_input more[TAKEN_OVER + 4];
    char visit[SP_ID_TEXT_BYTES];
    size_t n = 0;

    sp_id_format(visit, &k->ref.id);
    more[n++] = (struct satchel_input){ "visit", visit, SATCHEL_SET };
    more[n++] = (struct satchel_input){ "at", "now", SATCHEL_SET };
    more[n++] = (struct satchel_input){ "product",
        last != NULL ? last->product : product, SATCHEL_SET };
    if (last != NULL && last->competitor[0] != '\0') {
        more[n++] = (struct satchel_input){ "competitor", last->competitor,
            SATCHEL_SET };
    }
    for (size_t i = 0; last != NULL && i < TAKEN_OVER; i++) {
        if (last->value[i][0] != '\0') {
            more[n++] = (struct satchel_input){ taken_over[i], last->value[i],
                SATCHEL_SET };
        }
    }
    return cc_record_make(
        k->call, k->entity, &k->account, input, count, more, n, out);
}

int satchel_check_add(struct satchel *s, const struct satchel_check_new *what,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct last *last = NULL;
    struct cc_call c;
    struct checking k = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = read_all(&k, what->visit);
    if (err == SP_OK && what->product[0] == '\0') {
        err = cc_call_say(&c, SP_E_REQUIRED, "which product was checked?");
    }
    if (err == SP_OK) {
        err = choose(&k, what, &last);
    }
    if (err == SP_OK) {
        err = make(&k, what->product, last, what->input, what->count, out);
    }
    free(k.last);
    return cc_call_end(&c, err);
}

int satchel_check_same(struct satchel *s, const char *visit, size_t *count,
    struct satchel_error *e)
{
    struct cc_call c;
    struct checking k = { .call = &c };
    size_t made = 0;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = read_all(&k, visit);
    for (size_t i = 0; i < k.count && err == SP_OK; i++) {
        if (!k.last[i].now) {
            err = make(&k, NULL, &k.last[i], NULL, 0, NULL);
            made++;
        }
    }
    free(k.last);
    rc = cc_call_end(&c, err);
    if (rc == 0) {
        *count = made;
    }
    return rc;
}
