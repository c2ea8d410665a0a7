#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"

#define LINE_PARTS_MAX  8u
#define LINE_BYTES_MAX  4096u
#define LINE_CHARACTERS 160u
/* Where a rep was, and other things of sensitivity 3, are in no list. */
#define LINE_SENSITIVITY_MAX 2u

struct event {
    struct sp_ref ref;
    sp_hlc time;
};

/* At all times: event[] are the count that fit, in a heap block. */
struct timeline {
    struct cc_call *call;
    const struct satchel_timeline_query *query;
    struct sp_arena *a;
    size_t count, room;
    struct event *event;
};

/* ---- which, and in which order ------------------------------------------ */

/* When a record was made: the field that says where it belongs is written with
 * it and never again. An id has the author's wall clock, which may be wrong. */
static sp_hlc made_at(const struct cc_value_of *of)
{
    const struct sp_register *reg =
        sp_record_field(of->record, of->entity->parent);
    sp_hlc first = UINT64_MAX;

    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        sp_hlc t = reg->sibling[i].stamp.time;
        first = t < first ? t : first;
    }
    return first;
}

/* The name of an enum's option; empty when none is chosen. */
static struct sp_slice option_of(
    const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    int64_t number = cc_value_int(of, field, 0);
    const struct sp_option *o =
        f == NULL || f->kind != SP_VALUE_ENUM || number <= 0
            ? NULL
            : sp_dictionary_option(f, (uint64_t)number);

    return o == NULL ? (struct sp_slice){ 0 } : o->name;
}

static bool same(struct sp_slice have, const char *wanted)
{
    return wanted == NULL || sp_slice_equal(have, sp_slice_text(wanted));
}

static bool fits(const struct timeline *t, const struct cc_value_of *of)
{
    return !cc_value_deleted(of) &&
           same(cc_value_text(of, "dept"), t->query->dept) &&
           same(option_of(of, "sentiment"), t->query->sentiment);
}

static sp_err keep(struct timeline *t, const struct sp_ref *ref, sp_hlc time)
{
    if (t->count == t->room) {
        size_t room = t->room == 0 ? 256 : 2 * t->room;
        struct event *more =
            (struct event *)realloc(t->event, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        t->event = more;
        t->room = room;
    }
    t->event[t->count++] = (struct event){ *ref, time };
    return SP_OK;
}

static sp_err take(void *arg, const struct sp_ref *ref)
{
    struct timeline *t = (struct timeline *)arg;
    struct cc_value_of of = { .entity = sp_dictionary_entity(
                                  t->call->dictionary, ref->type) };
    struct cc_record_view view;
    sp_err err;

    if (of.entity == NULL || of.entity->tray != SP_TRAY_NONE) {
        return SP_OK;
    }
    err = cc_record_view(t->call, ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    if (fits(t, &of)) {
        err = keep(t, ref, made_at(&of));
    }
    cc_record_view_free(&view);
    return err;
}

static int newest_first(const void *a, const void *b)
{
    const struct event *x = (const struct event *)a;
    const struct event *y = (const struct event *)b;

    if (x->time != y->time) {
        return x->time < y->time ? 1 : -1;
    }
    return sp_id_cmp(&y->ref.id, &x->ref.id);
}

/* ---- one line each ------------------------------------------------------- */

/* What the line leaves out: it has columns of its own, or leads nowhere. */
static bool told(const struct sp_entity *e, const struct sp_field *f)
{
    return f->number != e->parent && f->number != e->author && !f->hidden &&
           !f->retired && f->sensitivity <= LINE_SENSITIVITY_MAX &&
           f->kind != SP_VALUE_TS && f->kind != SP_VALUE_GEO &&
           f->kind != SP_VALUE_BYTES &&
           !(f->kind == SP_VALUE_REF && f->target == 0);
}

/* Adds on one line, up to the characters that a line has. */
static void add_part(struct sp_buf *line, const char *text, size_t *characters)
{
    if (text == NULL || text[0] == '\0' || *characters > LINE_CHARACTERS) {
        return;
    }
    if (line->size > 0) {
        sp_buf_put(line, " · ", strlen(" · "));
    }
    for (size_t i = 0; text[i] != '\0' && *characters <= LINE_CHARACTERS;) {
        size_t bytes = 1;

        while (((uint8_t)text[i + bytes] & 0xc0) == 0x80) {
            bytes++;
        }
        if (++*characters > LINE_CHARACTERS) {
            sp_buf_put(line, "…", strlen("…"));
        } else {
            sp_buf_put(line, text[i] == '\n' ? " " : text + i, bytes);
        }
        i += bytes;
    }
}

/* A number says nothing without its name. */
static void add_value(const struct sp_field *f, struct sp_buf *line,
    struct sp_slice label, const char *text, size_t *characters)
{
    char named[LINE_BYTES_MAX];

    if ((f->kind == SP_VALUE_UINT || f->kind == SP_VALUE_INT) && text != NULL &&
        text[0] != '\0') {
        (void)snprintf(named, sizeof(named), "%.*s %s", (int)label.size,
            (const char *)label.data, text);
        text = named;
    }
    add_part(line, text, characters);
}

static sp_err fill_line(
    struct timeline *t, const struct cc_value_of *of, struct satchel_event *out)
{
    struct sp_buf en, zh;
    size_t in_en = 0, in_zh = 0, parts = 0;
    sp_err err = SP_OK;

    sp_buf_init(&en, LINE_BYTES_MAX);
    sp_buf_init(&zh, LINE_BYTES_MAX);
    for (uint32_t i = 0;
         i < of->entity->field_count && err == SP_OK && parts < LINE_PARTS_MAX;
         i++) {
        const struct sp_field *f = &of->entity->field[i];
        struct satchel_field shown = { 0 };

        if (!told(of->entity, f)) {
            continue;
        }
        err = cc_show_field(t->call, of->record, f, t->a, &shown);
        for (size_t v = 0;
             err == SP_OK && v < (f->set ? shown.value_count : 1) &&
             v < shown.value_count && parts < LINE_PARTS_MAX;
             v++, parts++) {
            /* What has no name would be a number that nobody reads. */
            if (f->kind == SP_VALUE_REF &&
                strcmp(shown.value[v].text, shown.value[v].text_en) == 0) {
                continue;
            }
            add_value(f, &en, f->label_en, shown.value[v].text_en, &in_en);
            add_value(f, &zh, f->label_zh, shown.value[v].text_zh, &in_zh);
        }
    }
    out->text_en = cc_result_text(t->a, sp_buf_slice(&en));
    out->text_zh = cc_result_text(t->a, sp_buf_slice(&zh));
    if (err == SP_OK && (out->text_en == NULL || out->text_zh == NULL)) {
        err = SP_E_NOMEM;
    }
    sp_buf_free(&en);
    sp_buf_free(&zh);
    return err;
}

static sp_err fill_sentiment(
    struct timeline *t, const struct cc_value_of *of, struct satchel_event *out)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("sentiment"));
    struct satchel_field shown = { 0 };
    sp_err err =
        f == NULL ? SP_OK : cc_show_field(t->call, of->record, f, t->a, &shown);

    out->sentiment = out->sentiment_en = out->sentiment_zh = "";
    if (err == SP_OK && shown.value_count > 0) {
        out->sentiment = shown.value[0].text;
        out->sentiment_en = shown.value[0].text_en;
        out->sentiment_zh = shown.value[0].text_zh;
    }
    return err;
}

static sp_err fill_event(
    struct timeline *t, const struct event *event, struct satchel_event *out)
{
    struct cc_value_of of = { .entity = sp_dictionary_entity(
                                  t->call->dictionary, event->ref.type) };
    const struct sp_register *reg;
    struct cc_record_view view;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_record_view(t->call, &event->ref, &view);

    if (err != SP_OK) {
        return err;
    }
    of.record = &view.record;
    reg = sp_record_field(of.record, of.entity->parent);
    sp_id_format(id, &event->ref.id);
    out->id = cc_result_string(t->a, id);
    out->entity = cc_result_text(t->a, of.entity->name);
    out->entity_en = cc_result_text(t->a, of.entity->label_en);
    out->entity_zh = cc_result_text(t->a, of.entity->label_zh);
    out->time_ms = sp_hlc_ms(event->time);
    out->author = cc_result_string(
        t->a, reg == NULL || reg->count == 0
                  ? ""
                  : cc_refer_user_name(t->call, reg->sibling[0].stamp.user));
    out->dept = cc_result_text(t->a, cc_value_text(&of, "dept"));
    err = out->id == NULL || out->entity == NULL || out->entity_en == NULL ||
                  out->entity_zh == NULL || out->author == NULL ||
                  out->dept == NULL
              ? SP_E_NOMEM
              : fill_sentiment(t, &of, out);
    if (err == SP_OK) {
        err = fill_line(t, &of, out);
    }
    cc_record_view_free(&view);
    return err;
}

/* ---- a page -------------------------------------------------------------- */

/* Where the page begins. */
static sp_err find_before(struct timeline *t, size_t *from)
{
    const char *wanted = t->query->before;
    struct sp_id id;

    *from = 0;
    if (wanted == NULL) {
        return SP_OK;
    }
    if (sp_id_parse(&id, wanted) != SP_OK) {
        return cc_call_say(t->call, SP_E_ARGUMENT,
            "\"%.60s\" is no id of an event: take one that the list shows",
            wanted);
    }
    for (size_t i = 0; i < t->count; i++) {
        if (sp_id_equal(&t->event[i].ref.id, &id)) {
            *from = i + 1;
            return SP_OK;
        }
    }
    return cc_call_say(t->call, SP_E_NOT_FOUND,
        "%.40s is no event of this list: begin again without it", wanted);
}

static sp_err fill_page(struct timeline *t, struct satchel_timeline *out)
{
    struct satchel_event *event;
    size_t from, count;
    sp_err err = find_before(t, &from);

    if (err != SP_OK) {
        return err;
    }
    count = t->count - from;
    if (t->query->limit > 0 && count > t->query->limit) {
        count = t->query->limit;
    }
    event =
        (struct satchel_event *)sp_arena_take(t->a, count + 1, sizeof(*event));
    if (event == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = fill_event(t, &t->event[from + i], &event[i]);
    }
    out->total = t->count;
    out->count = count;
    out->event = event;
    out->next = count > 0 && from + count < t->count ? event[count - 1].id : "";
    return err;
}

static sp_err make(
    struct timeline *t, const char *account, struct satchel_timeline *out)
{
    struct cc_call *c = t->call;
    const struct sp_entity *entity;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_refer_named(c, "account", account, &entity, &ref);

    if (err == SP_OK) {
        err = sp_state_children(&c->tx, &ref, 0, false, take, t);
    }
    if (err != SP_OK) {
        return err;
    }
    if (t->count > 1) {
        qsort(t->event, t->count, sizeof(*t->event), newest_first);
    }
    sp_id_format(id, &ref.id);
    out->account_id = cc_result_string(t->a, id);
    out->title = cc_result_string(t->a, cc_refer_title(c, &ref));
    return out->account_id == NULL || out->title == NULL ? SP_E_NOMEM
                                                         : fill_page(t, out);
}

int satchel_timeline(struct satchel *s, const char *account,
    const struct satchel_timeline_query *query, struct satchel_timeline **out,
    struct satchel_error *e)
{
    static const struct satchel_timeline_query all = { 0 };
    struct timeline t = { .query = query == NULL ? &all : query };
    struct satchel_timeline *r;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_timeline *)cc_result_new(sizeof(*r));
    if (r != NULL) {
        t.call = &c;
        t.a = cc_result_arena(r);
        err = make(&t, account, r);
        free(t.event);
    }
    return cc_call_give(&c, err, r, out);
}
