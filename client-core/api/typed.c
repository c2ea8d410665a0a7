#include "api/typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sp/pack.h"

#include "book/fold.h"
#include "book/nfc.h"

#include "say/say.h"

#include "api/refer.h"
#include "api/settled.h"
#include "api/today.h"

#define WAY_BYTES          160u
#define COMPOSED_BYTES_MAX (4u * SP_VALUE_BYTES_MAX)

static const struct sp_slice no_element = { NULL, 0 };

sp_err cc_typed_init(struct cc_typed *t, struct cc_call *c,
    const struct sp_entity *entity, const struct sp_record *view)
{
    memset(t, 0, sizeof(*t));
    t->call = c;
    t->entity = entity;
    t->view = view;
    t->write = (struct sp_draft_write *)sp_arena_take(
        &c->tx.arena, SP_COMMIT_WRITES_MAX, sizeof(*t->write));
    return t->write == NULL ? SP_E_NOMEM : SP_OK;
}

/* ---- writes ------------------------------------------------------------ */

/* An increment belongs to its commit: made again, it is of the new one. */
static bool counts(const struct cc_typed *t, uint16_t field)
{
    const struct sp_field *f = sp_dictionary_field(t->entity, field);

    return f != NULL && f->merge == SP_MERGE_CNT;
}

sp_err cc_typed_put_key(
    struct cc_typed *t, const struct sp_key *key, struct sp_slice value)
{
    struct sp_arena *a = &t->call->tx.arena;
    struct sp_draft_write *w = NULL;
    struct sp_key wanted = *key;

    if (counts(t, key->field)) {
        wanted.element = sp_commit_make_element();
    }
    key = &wanted;
    for (uint32_t i = 0; i < t->count; i++) {
        if (sp_key_cmp(&t->write[i].key, key) == 0) {
            w = &t->write[i];
        }
    }
    if (w == NULL && t->count == SP_COMMIT_WRITES_MAX) {
        return cc_call_say(t->call, SP_E_TOO_LARGE,
            "more than %u values at once; save in two steps",
            SP_COMMIT_WRITES_MAX);
    }
    if (w == NULL) {
        w = &t->write[t->count++];
        w->key.field = key->field;
        w->key.element = sp_arena_copy(a, key->element);
    }
    w->value = sp_arena_copy(a, value);
    return w->value.data == NULL ||
                   (key->element.size > 0 && w->key.element.data == NULL)
               ? SP_E_NOMEM
               : SP_OK;
}

sp_err cc_typed_put(struct cc_typed *t, uint16_t field, struct sp_slice value)
{
    struct sp_key key = { field, no_element };

    return cc_typed_put_key(t, &key, value);
}

bool cc_typed_has(const struct cc_typed *t, uint16_t field)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->write[i].key.field == field) {
            return true;
        }
    }
    return false;
}

/* ---- one value --------------------------------------------------------- */

/* What fits, where nothing but its kind says it; "" of the rest. */
static void say_way(const struct sp_field *f, char out[WAY_BYTES])
{
    out[0] = '\0';
    switch (f->kind) {
    case SP_VALUE_STR:
        cc_say_note(out, WAY_BYTES,
            f->lines ? "write at most %u characters"
                     : "write at most %u characters, on one line",
            f->max);
        break;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        cc_say_note(out, WAY_BYTES,
            "write a whole number from %" PRId64 " to %" PRId64, f->low,
            f->high);
        break;
    case SP_VALUE_BOOL:
        cc_say_note(out, WAY_BYTES, "write yes or no");
        break;
    case SP_VALUE_PHONE:
        cc_say_note(
            out, WAY_BYTES, "write a telephone number, as +86 138 0013 8000");
        break;
    case SP_VALUE_DATE:
        cc_say_note(out, WAY_BYTES, "write a day, as 2026-12-31, or today");
        break;
    case SP_VALUE_TS:
        cc_say_note(out, WAY_BYTES,
            "write a time, as 2026-12-31T09:30:00+08:00, or now");
        break;
    case SP_VALUE_GEO:
        cc_say_note(out, WAY_BYTES,
            "write latitude, longitude and metres, as 31.2304,121.4737,20");
        break;
    default:
        break;
    }
}

static sp_err say_value(
    struct cc_typed *t, const struct sp_field *f, const char *text, sp_err err)
{
    char way[WAY_BYTES];
    struct sp_buf b;

    say_way(f, way);
    sp_buf_init(&b, 300);
    for (uint32_t i = 0; i < f->option_count && b.err == SP_OK; i++) {
        sp_buf_put(&b, ", ", i == 0 ? 0 : 2);
        sp_buf_put(&b, f->option[i].name.data, f->option[i].name.size);
    }
    if (f->kind == SP_VALUE_MONEY) {
        err = cc_call_say(t->call, err,
            "%.*s.%.*s: \"%.80s\" is no amount that it can have; write one "
            "with "
            "its currency, as 1234.50 CNY",
            (int)t->entity->name.size, (const char *)t->entity->name.data,
            (int)f->name.size, (const char *)f->name.data, text);
    } else if (b.size == 0) {
        err = cc_call_say(t->call, err,
            "%.*s.%.*s: \"%.80s\" is no value for it%s%s",
            (int)t->entity->name.size, (const char *)t->entity->name.data,
            (int)f->name.size, (const char *)f->name.data, text,
            way[0] == '\0' ? "" : cc_say("; "), way);
    } else {
        err = cc_call_say(t->call, err,
            "%.*s.%.*s: \"%.80s\" is no value for it, which is one of %.*s",
            (int)t->entity->name.size, (const char *)t->entity->name.data,
            (int)f->name.size, (const char *)f->name.data, text, (int)b.size,
            (const char *)b.data);
    }
    sp_buf_free(&b);
    return err;
}

static sp_err value_of_ref(struct cc_typed *t, const struct sp_field *f,
    const char *text, struct sp_buf *out)
{
    const struct sp_entity *target =
        sp_dictionary_entity(t->call->dictionary, f->target);
    struct sp_ref ref;
    sp_err err;

    if (target == NULL || sp_id_parse(&ref.id, text) == SP_OK) {
        return sp_dictionary_parse_value(f, sp_slice_text(text), out);
    }
    err = cc_refer_record(t->call, target, text, &ref);
    if (err == SP_OK) {
        sp_wr_bin(out, ref.id.b, sizeof(ref.id.b));
    }
    return err;
}

/* Words for this moment, by the device's clock; a day is that of its zone, as
 * everywhere that days are counted. */
static bool value_of_now(struct cc_typed *t, const struct sp_field *f,
    const char *text, struct sp_buf *out)
{
    struct cc_replica *r = &t->call->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);

    if (f->kind == SP_VALUE_TS && strcmp(text, "now") == 0) {
        sp_wr_array(out, 2);
        sp_wr_uint(out, now);
        sp_wr_text(out, "");
        return true;
    }
    if (f->kind == SP_VALUE_DATE && strcmp(text, "today") == 0) {
        sp_wr_uint(out, (uint64_t)cc_today_of(now));
        return true;
    }
    return false;
}

/* One value, or one member of a set; out is reset first. */
static sp_err value_of(struct cc_typed *t, const struct sp_field *f,
    const char *text, struct sp_buf *out)
{
    uint32_t user;
    sp_err err;

    sp_buf_reset(out);
    if (value_of_now(t, f, text, out)) {
        err = SP_OK;
    } else if (f->kind == SP_VALUE_REF && text[0] != '\0') {
        err = value_of_ref(t, f, text, out);
        if (err == SP_E_NOT_FOUND || err == SP_E_AMBIGUOUS) {
            return err;
        }
    } else if (f->kind == SP_VALUE_USER && text[0] != '\0') {
        err = cc_refer_user(t->call, sp_slice_text(text), &user);
        if (err != SP_OK) {
            return err;
        }
        sp_wr_uint(out, user);
    } else {
        err = sp_dictionary_parse_value(f, sp_slice_text(text), out);
    }
    if (err == SP_OK) {
        err = out->err;
    }
    return err == SP_E_VALUE || err == SP_E_REQUIRED
               ? say_value(t, f, text, err)
               : err;
}

/* ---- groups ------------------------------------------------------------ */

/* What the group holds now: as typed before in this edit, else as it stands. */
static struct sp_slice group_now(struct cc_typed *t, const struct sp_field *f)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->write[i].key.field == f->number) {
            return t->write[i].value;
        }
    }
    return t->view == NULL ? no_element : cc_refer_shown(t->view, f);
}

/* Texts of all parts as they are now; in the tx's arena. */
static sp_err part_texts(
    struct cc_typed *t, const struct sp_field *f, struct sp_slice *text)
{
    struct sp_slice now = group_now(t, f);
    uint32_t count = 0;
    struct sp_buf b;
    struct sp_rd r;

    sp_rd_init(&r, now);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        count = sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
    }
    sp_buf_init(&b, SP_VALUE_BYTES_MAX * 4u);
    for (uint32_t i = 0; i < f->part_count; i++) {
        text[i] = no_element;
        if (i < count) {
            struct sp_slice v = sp_rd_value(&r);
            sp_buf_reset(&b);
            sp_dictionary_format_value(&f->part[i], v, SP_TEXT_EXACT, &b);
            text[i] = sp_arena_copy(&t->call->tx.arena, sp_buf_slice(&b));
        }
    }
    sp_buf_free(&b);
    return r.err;
}

/* The part that an input names of the group that another one names by the
 * same word; NULL when it names none. */
static const char *part_named(
    const struct satchel_input *as, const struct satchel_input *in)
{
    size_t size = strcspn(as->field, ".");

    return strncmp(in->field, as->field, size) == 0 && in->field[size] == '.'
               ? in->field + size + 1
               : NULL;
}

static bool set_part(const struct sp_field *f, const char *part,
    const char *text, struct sp_slice *texts)
{
    bool found = false;

    for (uint32_t i = 0; i < f->part_count; i++) {
        if (sp_slice_equal(f->part[i].name, sp_slice_text(part))) {
            texts[i] = sp_slice_text(text);
            found = true;
        }
    }
    return found && !f->set;
}

/* All parts of one group that were typed, at once: some may need others. Done
 * at the first of them. */
static sp_err add_parts(struct cc_typed *t, const struct sp_field *f,
    const struct satchel_input *input, size_t count, size_t at,
    struct sp_buf *value)
{
    struct sp_slice texts[SP_DICTIONARY_PARTS_MAX];
    sp_err err = SP_OK;

    for (size_t i = 0; i < at; i++) {
        if (part_named(&input[at], &input[i]) != NULL) {
            return SP_OK;
        }
    }
    err = part_texts(t, f, texts);
    for (size_t i = at; i < count && err == SP_OK; i++) {
        const char *part = part_named(&input[at], &input[i]);

        if (part != NULL && !set_part(f, part, input[i].text, texts)) {
            return cc_call_say(t->call, SP_E_UNKNOWN_FIELD,
                "%.*s has no part \"%.60s\" that can be set alone",
                (int)f->name.size, (const char *)f->name.data, part);
        }
    }
    sp_buf_reset(value);
    if (err == SP_OK) {
        err = sp_dictionary_parse_parts(f, texts, f->part_count, value);
    }
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        return say_value(t, f, input[at].text, err);
    }
    if (err == SP_OK) {
        err = value->err;
    }
    return err == SP_OK ? cc_typed_put(t, f->number, sp_buf_slice(value)) : err;
}

/* ---- sets -------------------------------------------------------------- */

static const uint8_t nil_byte = 0xc0;

static sp_err put_member(struct cc_typed *t, const struct sp_field *f,
    struct sp_slice member, bool stands)
{
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    struct sp_slice nil = { &nil_byte, 1 };
    struct sp_key key = { f->number, no_element };

    key.element = sp_slice_of(element, sp_dictionary_element(member, element));
    return cc_typed_put_key(t, &key, stands ? member : nil);
}

/* Calls for each member that stands now. */
static sp_err each_member(struct cc_typed *t, const struct sp_field *f,
    sp_err (*each)(struct cc_typed *, const struct sp_field *,
        const struct sp_register *, void *),
    void *arg)
{
    const struct sp_register *reg =
        t->view == NULL ? NULL : sp_record_field(t->view, f->number);
    sp_err err = SP_OK;

    for (; reg != NULL && reg < t->view->reg + t->view->count &&
           reg->key.field == f->number && err == SP_OK;
         reg++) {
        if (sp_dictionary_member(reg)) {
            err = each(t, f, reg, arg);
        }
    }
    return err;
}

static sp_err remove_one(struct cc_typed *t, const struct sp_field *f,
    const struct sp_register *reg, void *arg)
{
    struct sp_slice nil = { &nil_byte, 1 };

    (void)f;
    (void)arg;
    return cc_typed_put_key(t, &reg->key, nil);
}

struct match {
    char folded[512];
    const struct sp_register *found;
    size_t count;
};

static sp_err match_one(struct cc_typed *t, const struct sp_field *f,
    const struct sp_register *reg, void *arg)
{
    struct match *m = (struct match *)arg;
    char text[1024];
    struct sp_buf b;

    (void)t;
    sp_buf_init(&b, sizeof(text) - 1);
    for (uint32_t i = 0; i < reg->count; i++) {
        if (reg->sibling[i].value.size > 1) {
            sp_buf_reset(&b);
            sp_dictionary_format_value(
                f, reg->sibling[i].value, SP_TEXT_EXACT, &b);
        }
    }
    (void)cc_fold_text(sp_buf_slice(&b), text);
    if (b.err == SP_OK && strstr(text, m->folded) != NULL) {
        m->found = reg;
        m->count++;
    }
    sp_buf_free(&b);
    return SP_OK;
}

/* A member by a part of its text, when that is the only one. */
static sp_err remove_like(
    struct cc_typed *t, const struct sp_field *f, const char *text)
{
    struct match m = { .count = 0 };
    sp_err err = SP_OK;

    if (strlen(text) >= sizeof(m.folded)) {
        return SP_E_VALUE;
    }
    (void)cc_fold_text(sp_slice_text(text), m.folded);
    err = each_member(t, f, match_one, &m);
    if (err != SP_OK) {
        return err;
    }
    if (m.count != 1) {
        return cc_call_say(t->call,
            m.count == 0 ? SP_E_NOT_FOUND : SP_E_AMBIGUOUS,
            m.count == 0
                ? "%.*s: no member like \"%.100s\" stands there"
                : "%.*s: more than one member like \"%.100s\" stands there",
            (int)f->name.size, (const char *)f->name.data, text);
    }
    return remove_one(t, f, m.found, NULL);
}

static bool stands(
    struct cc_typed *t, const struct sp_field *f, struct sp_slice member)
{
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    struct sp_slice e =
        sp_slice_of(element, sp_dictionary_element(member, element));
    const struct sp_register *reg =
        t->view == NULL ? NULL : sp_record_find(t->view, f->number, e);

    return reg != NULL && sp_dictionary_member(reg);
}

/* first: of the inputs to this field. */
static sp_err add_to_set(struct cc_typed *t, const struct sp_field *f,
    const struct satchel_input *in, bool first, struct sp_buf *value)
{
    sp_err err = SP_OK;

    if (in->how == SATCHEL_SET && first) {
        err = each_member(t, f, remove_one, NULL);
    }
    if (err != SP_OK || (in->how != SATCHEL_REMOVE && in->text[0] == '\0')) {
        return err;
    }
    if (in->how == SATCHEL_REMOVE && in->text[0] == '\0') {
        return each_member(t, f, remove_one, NULL);
    }
    err = value_of(t, f, in->text, value);
    if (in->how == SATCHEL_REMOVE &&
        (err != SP_OK || !stands(t, f, sp_buf_slice(value)))) {
        return remove_like(t, f, in->text);
    }
    return err == SP_OK ? put_member(t, f, sp_buf_slice(value),
                              in->how != SATCHEL_REMOVE)
                        : err;
}

/* ---- counters ---------------------------------------------------------- */

/* "+3" or "-1" as typed; += and -= give the sign, and so does nothing else: a
 * bare number could be meant as the new total, which nobody can set. */
static sp_err add_increment(struct cc_typed *t, const struct sp_field *f,
    const struct satchel_input *in, struct sp_buf *value)
{
    bool sign = in->text[0] == '+' || in->text[0] == '-';
    char text[32];
    sp_err err;

    if (sign != (in->how == SATCHEL_SET) || strlen(in->text) > 24) {
        return cc_call_say(t->call, SP_E_VALUE,
            "%.*s counts: write %.*s=+3 or %.*s=-1 for what is added or taken",
            (int)f->name.size, (const char *)f->name.data, (int)f->name.size,
            (const char *)f->name.data, (int)f->name.size,
            (const char *)f->name.data);
    }
    (void)snprintf(text, sizeof(text), "%s%s",
        in->how == SATCHEL_REMOVE ? "-" : "", in->text);
    err = value_of(t, f, text, value);
    return err == SP_OK ? cc_typed_put(t, f->number, sp_buf_slice(value)) : err;
}

/* ---- inputs ------------------------------------------------------------ */

static sp_err say_unknown(struct cc_typed *t, const char *name)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 360);
    for (uint32_t i = 0; i < t->entity->field_count && b.err == SP_OK; i++) {
        if (!t->entity->field[i].retired) {
            sp_buf_put(&b, " ", 1);
            sp_buf_put(&b, t->entity->field[i].name.data,
                t->entity->field[i].name.size);
        }
    }
    err = cc_call_say(t->call, SP_E_UNKNOWN_FIELD,
        "%.*s has no field \"%.60s\"; it has%.*s%s", (int)t->entity->name.size,
        (const char *)t->entity->name.data, name, (int)b.size,
        b.data == NULL ? "" : (const char *)b.data,
        b.err == SP_OK ? "" : " ...");
    sp_buf_free(&b);
    return err;
}

/* Whether nothing before it is for the same field. */
static bool is_first(const struct satchel_input *input, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(input[i].field, input[at].field) == 0) {
            return false;
        }
    }
    return true;
}

static sp_err add_input(struct cc_typed *t, const struct satchel_input *input,
    size_t count, size_t at, struct sp_buf *value)
{
    const struct satchel_input *in = &input[at];
    bool first = is_first(input, at);
    const char *dot = strchr(in->field, '.');
    struct sp_slice name = { (const uint8_t *)in->field,
        dot == NULL ? strlen(in->field) : (size_t)(dot - in->field) };
    const struct sp_field *f = sp_dictionary_field_named(t->entity, name);
    sp_err err;

    while (f != NULL && f->retired) { /* typed by its old name */
        f = sp_dictionary_successor(t->entity, f->number);
    }
    if (f == NULL) {
        return say_unknown(t, in->field);
    }
    if (dot != NULL) {
        return first ? add_parts(t, f, input, count, at, value)
                     : cc_call_say(t->call, SP_E_ARGUMENT,
                           "%.40s was given twice", in->field);
    }
    if (f->set) {
        return add_to_set(t, f, in, first, value);
    }
    if (!first) {
        return cc_call_say(
            t->call, SP_E_ARGUMENT, "%.40s was given twice", in->field);
    }
    if (f->merge == SP_MERGE_CNT) {
        return add_increment(t, f, in, value);
    }
    if (in->how != SATCHEL_SET) {
        return cc_call_say(t->call, SP_E_ARGUMENT,
            "%.40s has one value: set it, nothing can be added or removed",
            in->field);
    }
    err = value_of(t, f, in->text, value);
    return err == SP_OK ? cc_typed_put(t, f->number, sp_buf_slice(value)) : err;
}

/* All text of a store is NFC: here is where it comes in. Text that is longer
 * than any value stays as it is, and is refused as such. */
static sp_err compose(struct cc_typed *t, struct satchel_input *in)
{
    struct sp_slice typed = sp_slice_text(in->text);
    struct sp_buf text;
    sp_err err;

    if (!cc_nfc_needed(typed)) {
        return SP_OK;
    }
    sp_buf_init(&text, COMPOSED_BYTES_MAX);
    err = cc_nfc_text(typed, &text);
    if (err == SP_OK && text.err == SP_OK) {
        in->text = cc_call_text(t->call, sp_buf_slice(&text));
        err = in->text == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&text);
    return err;
}

sp_err cc_typed_add(
    struct cc_typed *t, const struct satchel_input *input, size_t count)
{
    struct satchel_input *composed = (struct satchel_input *)sp_arena_take(
        &t->call->tx.arena, count + 1, sizeof(*composed));
    struct sp_buf value;
    sp_err err = composed == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        composed[i] = input[i];
        err = input[i].field == NULL || input[i].text == NULL
                  ? SP_E_ARGUMENT
                  : compose(t, &composed[i]);
    }
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = add_input(t, composed, count, i, &value);
    }
    sp_buf_wipe(&value);
    return err;
}

/* ---- what nobody typed ------------------------------------------------- */

static sp_err put_user(struct cc_typed *t, uint16_t field)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 16);
    sp_wr_uint(&b, t->call->s->replica.identity.self.user);
    err = b.err == SP_OK ? cc_typed_put(t, field, sp_buf_slice(&b)) : b.err;
    sp_buf_free(&b);
    return err;
}

/* A new record without a territory would be in nobody's scope but its owner's;
 * it goes where its author works. */
static sp_err put_territory(struct cc_typed *t)
{
    const struct sp_person *p = sp_rulebook_find_person(
        t->call->s->replica.book, t->call->s->replica.identity.self.user);
    struct sp_buf b;
    sp_err err;

    if (p == NULL || p->territory_count == 0) {
        return SP_OK;
    }
    sp_buf_init(&b, SP_ROSTER_CODE_MAX + 8u);
    sp_wr_str(&b, p->territory[0]);
    err = b.err == SP_OK
              ? cc_typed_put(t, t->entity->territory, sp_buf_slice(&b))
              : b.err;
    sp_buf_free(&b);
    return err;
}

sp_err cc_typed_defaults(struct cc_typed *t, const struct sp_ref *parent)
{
    const struct sp_entity *e = t->entity;
    struct sp_buf b;
    sp_err err = SP_OK;

    if (parent != NULL) {
        sp_buf_init(&b, 32);
        sp_wr_bin(&b, parent->id.b, sizeof(parent->id.b));
        err = b.err == SP_OK ? cc_typed_put(t, e->parent, sp_buf_slice(&b))
                             : b.err;
        sp_buf_free(&b);
    }
    if (err == SP_OK && e->author != 0 && !cc_typed_has(t, e->author)) {
        err = put_user(t, e->author);
    }
    if (err == SP_OK && e->territory != 0 && !cc_typed_has(t, e->territory)) {
        err = put_territory(t);
    }
    /* In a catalogue a record without an owner means everybody. */
    if (err == SP_OK && e->owner != 0 && e->territory == 0 && !e->catalogue &&
        !cc_typed_has(t, e->owner)) {
        err = put_user(t, e->owner);
    }
    return err;
}

/* ---- the commit -------------------------------------------------------- */

struct sp_id cc_typed_id(struct cc_call *c)
{
    return cc_replica_id(&c->s->replica);
}

static sp_err say_refused(
    struct cc_call *c, sp_err err, const struct sp_verdict *v)
{
    const struct sp_entity *e = sp_dictionary_entity(c->dictionary, v->type);
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field(e, v->field);

    if (e == NULL) {
        return cc_call_say(c, err, "nothing was saved");
    }
    if (f == NULL) {
        return cc_call_say(c, err, "%.*s: nothing was saved", (int)e->name.size,
            (const char *)e->name.data);
    }
    return cc_call_say(c, err, "%.*s.%.*s: nothing was saved",
        (int)e->name.size, (const char *)e->name.data, (int)f->name.size,
        (const char *)f->name.data);
}

sp_err cc_typed_save(struct cc_call *c, const struct sp_draft_change *change,
    uint32_t count, uint64_t *n)
{
    const struct cc_replica *r = &c->s->replica;
    struct sp_draft draft = { .user = r->identity.self.user,
        .authority = sp_rulebook_authority(r->book, r->identity.self.user),
        .count = count };
    struct sp_verdict verdict;
    uint64_t number = 0;
    sp_err err = cc_settled_add(c, change, count, &draft.change);

    memset(&verdict, 0, sizeof(verdict));
    if (err == SP_OK) {
        err = sp_commit_make(&c->tx, &draft, &verdict, &number);
    }
    if (err == SP_OK && n != NULL) {
        *n = number;
    }
    if (sp_err_class(err) == SP_CLASS_POLICY) {
        return say_refused(c, err, &verdict);
    }
    return err;
}
