/* duplicate.c - accounts that may be the one that somebody types. */
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/duplicate.h"
#include "book/fold.h"
#include "book/nfc.h"
#include "book/search.h"

#include "api/call.h"
#include "api/pair.h"
#include "api/result.h"
#include "api/select.h"

/* What is typed, and where its texts lie. */
struct typed {
    struct cc_duplicate_card card;
    char name[CC_ENTRY_TEXT_MAX + 1];
    char phone[CC_DUPLICATE_PHONES_MAX][CC_PHONE_KEY_BYTES];
};

/* The best reasons of an account so far. */
struct found {
    const struct cc_entry *entry;
    const struct cc_entry *contact; /* NULL: its own */
    struct cc_duplicate reason;
};

struct work {
    struct cc_call *call;
    const struct sp_entity *entity;
    const struct cc_index *index, *people;
    struct typed typed;
    struct found best[SATCHEL_DUPLICATES_MAX]; /* likeliest first */
    size_t count, total;
};

/* ---- what is typed ------------------------------------------------------ */

static sp_err take_name(struct typed *t, const char *text)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, CC_ENTRY_TEXT_MAX);
    err = cc_nfc_text(sp_slice_text(text), &b);
    if (err == SP_OK && b.err == SP_OK) {
        t->card.name.size = cc_fold_text(sp_buf_slice(&b), t->name);
        t->card.name.data = (const uint8_t *)t->name;
    }
    sp_buf_free(&b);
    return err; /* a longer name is refused when it is saved */
}

static void take_phone(struct typed *t, const char *text)
{
    struct cc_duplicate_card *c = &t->card;

    if (c->phones < CC_DUPLICATE_PHONES_MAX &&
        cc_phone_key(sp_slice_text(text), t->phone[c->phones]) > 0) {
        c->phone[c->phones] = t->phone[c->phones];
        c->phones++;
    }
}

static void take_place(
    struct typed *t, const struct sp_field *f, const char *text)
{
    struct sp_buf b;
    struct sp_rd r;

    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    if (sp_dictionary_parse_value(f, sp_slice_text(text), &b) == SP_OK) {
        sp_rd_init(&r, sp_buf_slice(&b));
        (void)sp_rd_array(&r, 3);
        t->card.place.latitude = sp_rd_int(&r, INT64_MIN, INT64_MAX);
        t->card.place.longitude = sp_rd_int(&r, INT64_MIN, INT64_MAX);
        t->card.placed = r.err == SP_OK;
    }
    sp_buf_free(&b);
}

static sp_err take_input(struct work *w, const struct satchel_input *in)
{
    const struct sp_field *f =
        sp_dictionary_field_named(w->entity, sp_slice_text(in->field));

    if (f == NULL || in->text == NULL || in->how == SATCHEL_REMOVE) {
        return SP_OK;
    }
    if (f == cc_entry_title_field(w->entity)) {
        return take_name(&w->typed, in->text);
    }
    if (f->kind == SP_VALUE_PHONE) {
        take_phone(&w->typed, in->text);
    } else if (f->kind == SP_VALUE_GEO) {
        take_place(&w->typed, f, in->text);
    }
    return SP_OK;
}

/* ---- what is there ------------------------------------------------------ */

static bool likelier(const struct cc_duplicate *a, const struct cc_duplicate *b)
{
    return a->score != b->score ? a->score > b->score : a->metres < b->metres;
}

/* Keeps the likeliest, each account once. */
static void keep(struct work *w, const struct found *f)
{
    size_t at = w->count, i;

    for (i = 0; i < w->count; i++) {
        if (w->best[i].entry == f->entry) {
            w->best[i].reason.reasons |= f->reason.reasons;
            if (w->best[i].contact == NULL) {
                w->best[i].contact = f->contact;
            }
            return;
        }
    }
    w->total++;
    while (at > 0 && likelier(&f->reason, &w->best[at - 1].reason)) {
        at--;
    }
    if (at == SATCHEL_DUPLICATES_MAX) {
        return;
    }
    i = w->count < SATCHEL_DUPLICATES_MAX ? w->count++ : w->count - 1;
    memmove(&w->best[at + 1], &w->best[at], (i - at) * sizeof(*w->best));
    w->best[at] = *f;
}

static void look_at_account(struct work *w, const struct cc_entry *e)
{
    struct cc_duplicate_card c = { .phones = 0 };
    struct cc_pair_phones phones;
    struct found f = { .entry = cc_index_survivor(w->index, e) };

    if (e->deleted || f.entry->deleted) {
        return;
    }
    c.name = sp_slice_text(cc_index_text(w->index, e->folded));
    c.placed = e->placed;
    c.place = (struct cc_geo){ e->latitude, e->longitude };
    if (w->typed.card.phones > 0) {
        cc_pair_phones(w->index, e, &phones, &c);
    }
    if (cc_duplicate_compare(&w->typed.card, &c, &f.reason)) {
        keep(w, &f);
    }
}

static void look_at_contact(struct work *w, const struct cc_entry *p)
{
    struct cc_duplicate_card c = { .phones = 0 };
    const struct cc_entry *account = cc_index_find(w->index, &p->parent);
    struct cc_pair_phones phones;
    struct found f = { .contact = p };

    if (p->deleted || account == NULL) {
        return;
    }
    f.entry = cc_index_survivor(w->index, account);
    cc_pair_phones(w->people, p, &phones, &c);
    if (!f.entry->deleted &&
        cc_duplicate_compare(&w->typed.card, &c, &f.reason)) {
        keep(w, &f);
    }
}

/* ---- result ------------------------------------------------------------- */

static const char *text_at(
    const struct cc_index *x, struct sp_arena *a, uint32_t offset, bool *ok)
{
    const char *out = cc_result_string(a, cc_index_text(x, offset));

    *ok = *ok && out != NULL;
    return out;
}

static const char *id_of(struct sp_arena *a, const struct sp_id *id, bool *ok)
{
    char text[SP_ID_TEXT_BYTES];
    const char *out;

    sp_id_format(text, id);
    out = cc_result_string(a, text);
    *ok = *ok && out != NULL;
    return out;
}

static bool fill(struct work *w, const struct found *f, struct sp_arena *a,
    struct satchel_duplicate *out)
{
    const struct cc_entry *e = f->entry;
    bool ok = true;

    out->id = id_of(a, &e->id, &ok);
    out->title = text_at(w->index, a, e->title, &ok);
    out->number = text_at(w->index, a, e->number, &ok);
    out->phone = text_at(w->index, a, e->phone, &ok);
    out->territory = text_at(w->index, a, e->territory, &ok);
    out->same_name = (f->reason.reasons & CC_DUPLICATE_NAME) != 0;
    out->same_sound = (f->reason.reasons & CC_DUPLICATE_SOUND) != 0;
    out->same_phone = (f->reason.reasons & CC_DUPLICATE_PHONE) != 0;
    out->near = (f->reason.reasons & CC_DUPLICATE_NEAR) != 0;
    out->metres = (uint32_t)f->reason.metres;
    out->contact_id = out->contact_title = "";
    if (f->contact != NULL) {
        out->contact_id = id_of(a, &f->contact->id, &ok);
        out->contact_title = text_at(w->people, a, f->contact->title, &ok);
    }
    return ok;
}

static sp_err give(struct work *w, struct satchel_duplicates *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_duplicate *d =
        (struct satchel_duplicate *)sp_arena_take(a, w->count + 1, sizeof(*d));
    bool ok = d != NULL;

    for (size_t i = 0; i < w->count && ok; i++) {
        ok = fill(w, &w->best[i], a, &d[i]);
    }
    out->duplicate = d;
    out->count = w->count;
    out->total = w->total;
    return ok ? SP_OK : SP_E_NOMEM;
}

static sp_err look(struct work *w, const struct satchel_input *input,
    size_t count, struct satchel_duplicates *out)
{
    sp_err err = cc_call_entity(w->call, "account", &w->entity);

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = take_input(w, &input[i]);
    }
    if (err == SP_OK) {
        err = cc_replica_index(
            &w->call->s->replica, &w->call->tx, w->entity, &w->index);
    }
    if (err == SP_OK && w->typed.card.phones > 0) {
        err = cc_select_people(w->call, w->entity, &w->people);
    }
    if (err != SP_OK) {
        return err;
    }
    for (size_t i = 0; i < w->index->count; i++) {
        look_at_account(w, &w->index->entry[i]);
    }
    for (size_t i = 0; w->people != NULL && i < w->people->count; i++) {
        look_at_contact(w, &w->people->entry[i]);
    }
    return give(w, out);
}

int satchel_duplicates(struct satchel *s, const struct satchel_input *input,
    size_t count, struct satchel_duplicates **out, struct satchel_error *e)
{
    struct satchel_duplicates *d;
    struct work *w;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    d = (struct satchel_duplicates *)cc_result_new(sizeof(*d));
    w = (struct work *)calloc(1, sizeof(*w));
    if (d != NULL && w != NULL) {
        w->call = &c;
        err = look(w, input, count, d);
    }
    free(w);
    return cc_call_give(&c, err, d, out);
}
