#include "policy/dictionary_field.h"

#include "ops/say.h"
#include "policy/words.h"

#include <stdlib.h>
#include <string.h>

/* ---- types ------------------------------------------------------------- */

/* "name(a, b)" taken apart; the arguments as text. */
struct type_text {
    char name[24];
    char argument[2][24];
    unsigned count;
};

static bool copy_word(char *out, size_t size, const char *from, size_t length)
{
    while (length > 0 && from[0] == ' ') {
        from++;
        length--;
    }
    while (length > 0 && from[length - 1] == ' ') {
        length--;
    }
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, from, length);
    out[length] = '\0';
    return true;
}

static bool split_type(const char *text, struct type_text *out)
{
    const char *open = strchr(text, '(');
    size_t size = strlen(text);

    memset(out, 0, sizeof(*out));
    if (open == NULL) {
        return copy_word(out->name, sizeof(out->name), text, size);
    }
    if (text[size - 1] != ')' ||
        !copy_word(out->name, sizeof(out->name), text, (size_t)(open - text))) {
        return false;
    }
    const char *at = open + 1, *end = text + size - 1;
    while (at < end && out->count < 2) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;
        if (!copy_word(out->argument[out->count], sizeof(out->argument[0]), at,
                (size_t)(stop - at))) {
            return false;
        }
        out->count++;
        at = comma == NULL ? end : comma + 1;
    }
    return at == end;
}

static bool number(const char *text, long long *out)
{
    char *end = NULL;
    long long v = strtoll(text, &end, 10);

    *out = v;
    return end != text && *end == '\0';
}

static uint16_t entity_number(struct sv_dictionary_draft *w, const char *name)
{
    struct sp_slice wanted = sp_slice_text(name);

    for (uint32_t i = 0; i < w->d.entity_count; i++) {
        if (sp_slice_equal(w->entity[i].name, wanted)) {
            return w->entity[i].number;
        }
    }
    return 0;
}

/* The bounds that stand in a type's brackets. */
static bool take_arguments(struct sv_dictionary_draft *w,
    const struct type_text *t, struct sp_field *f)
{
    long long a = 0, b = 0;
    bool numbers = t->count > 0 && number(t->argument[0], &a) &&
                   (t->count < 2 || number(t->argument[1], &b));

    switch (f->kind) {
    case SP_VALUE_STR:
        f->max = (uint32_t)a;
        return t->count == 1 && numbers && a >= 1 && a <= 4000;
    case SP_VALUE_BYTES:
        f->max = (uint32_t)a;
        return t->count == 1 && numbers && a >= 1 &&
               a <= SP_DICTIONARY_BYTES_MAX;
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
    case SP_VALUE_MONEY:
        f->low = t->count == 0 && f->kind != SP_VALUE_UINT ? INT64_MIN : a;
        f->high = t->count == 0 ? INT64_MAX : b;
        return t->count == 0 || (t->count == 2 && numbers && a <= b &&
                                    (f->kind != SP_VALUE_UINT || a >= 0));
    case SP_VALUE_REF:
        f->target = t->count == 1 ? entity_number(w, t->argument[0]) : 0;
        return t->count == 0 || (t->count == 1 && f->target != 0);
    default:
        return t->count == 0;
    }
}

static void take_type(struct sv_dictionary_draft *w, const config_setting_t *at,
    struct sp_field *f)
{
    const char *text = sv_conf_text(w->c, at, "type", NULL);
    struct type_text t;

    if (w->c->failed) {
        return;
    }
    if (!split_type(text, &t)) {
        sv_conf_fail(w->c, at,
            "type \"%.60s\" cannot be read; write for "
            "example \"str(80)\" or \"uint(1, 365)\"",
            text);
        return;
    }
    f->lines = strcmp(t.name, "text") == 0;
    unsigned kind = f->lines
                        ? SP_VALUE_STR
                        : sv_conf_word(w->c, at, "type", t.name, sv_words_kind);
    f->kind = (enum sp_value_kind)kind;
    if (!w->c->failed && !take_arguments(w, &t, f)) {
        sv_conf_fail(w->c, at,
            "type \"%.60s\" has wrong bounds in its "
            "brackets; see POLICY.md for what it takes",
            text);
    }
}

/* ---- fields ------------------------------------------------------------ */

static struct sp_slice keep(struct sv_dictionary_draft *w, const char *text)
{
    struct sp_slice s = sp_arena_copy(w->arena, sp_slice_text(text));

    if (s.data == NULL && s.size > 0) {
        sv_conf_fail(w->c, NULL, "is too large for the memory");
        s.size = 0;
    }
    return s;
}

struct sp_slice sv_dictionary_field_name(
    struct sv_dictionary_draft *w, const config_setting_t *at)
{
    const char *name = sv_conf_text(w->c, at, "name", NULL);
    size_t size = strlen(name);
    size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    bool digit = name[0] >= '0' && name[0] <= '9';

    if (!w->c->failed &&
        (size == 0 || size > SP_DICTIONARY_NAME_MAX || good != size || digit)) {
        sv_conf_fail(w->c, at,
            "name \"%.60s\": use at most %u small letters, "
            "digits and underscores, a letter first",
            name, SP_DICTIONARY_NAME_MAX);
    }
    return keep(w, name);
}

struct sp_slice sv_dictionary_field_label(struct sv_dictionary_draft *w,
    const config_setting_t *at, const char *which)
{
    const char *label = sv_conf_text(w->c, at, which, NULL);

    if (strlen(label) > SP_DICTIONARY_LABEL_MAX) {
        sv_conf_fail(w->c, at, "label \"%s\" is longer than %u bytes", which,
            SP_DICTIONARY_LABEL_MAX);
    }
    return keep(w, label);
}

static void take_option(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_option *o)
{
    if (at == NULL || sv_conf_count(at) != 4 ||
        config_setting_type(config_setting_get_elem(at, 0)) !=
            CONFIG_TYPE_INT) {
        sv_conf_fail(w->c, at,
            "an option is written (number, \"name\", "
            "\"English\", \"Chinese\")");
        return;
    }
    int n = config_setting_get_int_elem(at, 0);
    if (n < 1 || n > UINT16_MAX) {
        sv_conf_fail(w->c, at, "an option's number is from 1 to 65535");
    }
    o->number = (uint16_t)n;
    o->name = keep(w, sv_conf_text_at(w->c, at, 1));
    o->label_en = keep(w, sv_conf_text_at(w->c, at, 2));
    o->label_zh = keep(w, sv_conf_text_at(w->c, at, 3));
    if (o->name.size == 0 || o->name.size > SP_DICTIONARY_NAME_MAX ||
        o->label_en.size > SP_DICTIONARY_LABEL_MAX ||
        o->label_zh.size > SP_DICTIONARY_LABEL_MAX) {
        sv_conf_fail(w->c, at,
            "an option's name or label is empty or too "
            "long");
    }
}

static void take_options(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_field *f)
{
    const config_setting_t *list =
        sv_conf_list(w->c, at, "options", f->kind == SP_VALUE_ENUM);
    unsigned count = sv_conf_count(list);

    if (list == NULL) {
        return;
    }
    if (f->kind != SP_VALUE_ENUM || count == 0 ||
        count > SP_DICTIONARY_FIELDS_MAX) {
        sv_conf_fail(w->c, list,
            "options belong to a field of type enum, from "
            "1 to %u of them",
            SP_DICTIONARY_FIELDS_MAX);
        return;
    }
    struct sp_option *o = sp_arena_take(w->arena, count, sizeof(*o));
    if (o == NULL) {
        sv_conf_fail(w->c, list, "is too large for the memory");
        return;
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *item = config_setting_get_elem(list, i);
        take_option(w, item, &o[i]);
        if (!w->c->failed && i > 0 && o[i].number <= o[i - 1].number) {
            sv_conf_fail(w->c, item,
                "option %u is a duplicate or out of "
                "order; numbers rise and are never "
                "reused",
                o[i].number);
        }
    }
    f->option_count = count;
    f->option = o;
}

static const char *const part_settings[] = { "name", "en", "zh", "type",
    "options", "required", NULL };

static void take_part(struct sv_dictionary_draft *w, const config_setting_t *at,
    struct sp_field *f)
{
    sv_conf_known(w->c, at, part_settings);
    f->name = sv_dictionary_field_name(w, at);
    f->label_en = sv_dictionary_field_label(w, at, "en");
    f->label_zh = sv_dictionary_field_label(w, at, "zh");
    f->merge = SP_MERGE_LWW; /* the group's counts */
    f->required = sv_conf_flag(w->c, at, "required");
    take_type(w, at, f);
    take_options(w, at, f);
    if (f->kind == SP_VALUE_GROUP) {
        sv_conf_fail(w->c, at, "a part of a group cannot be a group");
    }
}

static void take_parts(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_field *f)
{
    const config_setting_t *list =
        sv_conf_list(w->c, at, "parts", f->kind == SP_VALUE_GROUP);
    unsigned count = sv_conf_count(list);

    if (list == NULL) {
        return;
    }
    if (f->kind != SP_VALUE_GROUP || count == 0 ||
        count > SP_DICTIONARY_PARTS_MAX) {
        sv_conf_fail(w->c, list,
            "parts belong to a field of type group, from "
            "1 to %u of them",
            SP_DICTIONARY_PARTS_MAX);
        return;
    }
    struct sp_field *part = sp_arena_take(w->arena, count, sizeof(*part));
    if (part == NULL) {
        sv_conf_fail(w->c, list, "is too large for the memory");
        return;
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *item = sv_conf_group_at(w->c, list, i);
        part[i].number = (uint16_t)(i + 1u);
        if (item != NULL) {
            take_part(w, item, &part[i]);
        }
    }
    f->part_count = count;
    f->part = part;
}

static void take_merge(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_field *f)
{
    const char *text = sv_conf_text(w->c, at, "merge", NULL);
    unsigned merge = w->c->failed ? 0
                                  : sv_conf_word(w->c, at, "merge rule", text,
                                        sv_words_merge);

    f->merge = (enum sp_merge_kind)merge;
    f->once = f->merge == SP_MERGE_IMM;
    f->members_max = (uint32_t)sv_conf_integer(
        w->c, at, "members", 0, SP_RECORD_REGISTERS_MAX, 0);
    f->set = f->merge == SP_MERGE_SET || f->merge == SP_MERGE_APP;
    bool many = f->set || f->merge == SP_MERGE_CNT;
    if (w->c->failed) {
        return;
    }
    if (many != (f->members_max > 0)) {
        sv_conf_fail(w->c, at,
            "merge SET, APP and CNT need \"members\" (how many members or "
            "increments at most), others have none");
    } else if ((many || f->merge == SP_MERGE_DRV) && f->required) {
        sv_conf_fail(w->c, at, "%s cannot be required",
            sv_say(f->set                     ? "a set"
                   : f->merge == SP_MERGE_CNT ? "a counter"
                                              : "what is derived"));
    }
}

/* What a merge rule asks of the type, once parts are known. */
static void check_merge(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_field *f)
{
    if (w->c->failed) {
        return;
    }
    if (f->merge == SP_MERGE_CNT &&
        ((f->kind != SP_VALUE_INT && f->kind != SP_VALUE_UINT) || f->low > 0 ||
            f->high < 0)) {
        sv_conf_fail(w->c, at,
            "a counter (CNT) is of type uint or int, its bounds are those of "
            "the total and have 0 within");
    }
    if ((f->merge == SP_MERGE_MAX || f->merge == SP_MERGE_DENY) &&
        !sp_dictionary_ranked(f)) {
        sv_conf_fail(w->c, at,
            "merge MAX and DENY need a type with an order: uint, int, bool, "
            "enum, date, ts, money, or a group whose first part is required "
            "and one of the first five");
    }
}

/* ---- derived fields ---------------------------------------------------- */

static const struct sp_field *field_called(
    const struct sp_entity *e, const char *name)
{
    return sp_dictionary_field_named(e, sp_slice_text(name));
}

/* The second argument: a number of characters, or a part by name. */
static bool take_derived_argument(const struct type_text *t,
    const struct sp_field *source, struct sp_field *f)
{
    long long n = 0;

    if (f->derive == SP_DERIVE_YEAR || f->derive == SP_DERIVE_COPY) {
        return t->count == 1;
    }
    if (t->count != 2) {
        return false;
    }
    if (f->derive == SP_DERIVE_MASK_TAIL) {
        f->argument =
            number(t->argument[1], &n) && n >= 1 && n <= 40 ? (uint16_t)n : 0;
        return f->argument > 0;
    }
    for (uint32_t i = 0; i < source->part_count; i++) {
        if (sp_slice_equal(
                source->part[i].name, sp_slice_text(t->argument[1]))) {
            f->argument = (uint16_t)(i + 1u);
        }
    }
    return f->argument > 0;
}

/* "mask_tail(field, 4)", "part(group, name)", "year(field)", "copy(field)" */
static void take_derive(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e, struct sp_field *f)
{
    const char *text = sv_conf_text(w->c, at, "derive", "");
    struct type_text t;

    if (w->c->failed || (text[0] == '\0') != (f->merge != SP_MERGE_DRV)) {
        sv_conf_fail(w->c, at,
            "merge DRV needs \"derive\" (what it is made of), others have "
            "none");
        return;
    }
    if (text[0] == '\0') {
        return;
    }
    if (!split_type(text, &t)) {
        t.count = 0;
        t.name[0] = '\0';
    }
    f->derive = (enum sp_derive)sv_conf_word(
        w->c, at, "derive", t.name, sv_words_derive);
    const struct sp_field *source =
        w->c->failed || t.count == 0 ? NULL : field_called(e, t.argument[0]);
    if (!w->c->failed &&
        (source == NULL || !take_derived_argument(&t, source, f))) {
        sv_conf_fail(w->c, at,
            "derive = \"%.60s\": write mask_tail(FIELD, CHARACTERS), "
            "part(GROUP, PART), year(FIELD) or copy(FIELD), with a field of "
            "this entity",
            text);
        return;
    }
    f->source = w->c->failed ? 0 : source->number;
    if (!w->c->failed && !sp_dictionary_derives(e, f)) {
        sv_conf_fail(w->c, at,
            "derive = \"%.60s\" does not fit: the source has merge LWW or "
            "KEEP, and mask_tail makes str of str or phone, part the part's "
            "type, year uint or int of date or ts, copy (with \"needs\") the "
            "type of its source, a group excepted",
            text);
    }
}

/* needs = "consent_birthday": a field of this entity */
static void take_needs(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e, struct sp_field *f)
{
    const char *name = sv_conf_text(w->c, at, "needs", "");

    if (w->c->failed || name[0] == '\0') {
        return;
    }
    const struct sp_field *by = field_called(e, name);
    if (by == NULL || !sp_dictionary_consents(by)) {
        sv_conf_fail(w->c, at,
            "needs = \"%.60s\": name a field of this entity with merge DENY "
            "and type group, whose first part is an enum that begins with the "
            "yes",
            name);
        return;
    }
    f->needs = by->number;
}

static const char *const field_settings[] = { "number", "name", "en", "zh",
    "type", "merge", "members", "sensitivity", "required", "authority",
    "retired", "was", "tree", "shares", "options", "parts", "derive", "needs",
    "hidden", NULL };

static void take_field(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_field *f)
{
    sv_conf_known(w->c, at, field_settings);
    f->number =
        (uint16_t)sv_conf_integer(w->c, at, "number", 1, SP_FIELD_MAX, 0);
    f->name = sv_dictionary_field_name(w, at);
    f->label_en = sv_dictionary_field_label(w, at, "en");
    f->label_zh = sv_dictionary_field_label(w, at, "zh");
    f->sensitivity =
        (uint8_t)sv_conf_integer(w->c, at, "sensitivity", 0, 4, -1);
    f->required = sv_conf_flag(w->c, at, "required");
    f->retired = sv_conf_flag(w->c, at, "retired");
    f->tree = sv_conf_flag(w->c, at, "tree");
    f->share = sv_conf_flag(w->c, at, "shares");
    f->hidden = sv_conf_flag(w->c, at, "hidden");
    if (f->hidden && f->required) {
        sv_conf_fail(w->c, at, "what is required cannot be hidden");
    }
    take_type(w, at, f);
    take_merge(w, at, f);
    take_options(w, at, f);
    take_parts(w, at, f);
    check_merge(w, at, f);
    f->authority = (uint8_t)sv_conf_word(w->c, at, "authority",
        sv_conf_text(w->c, at, "authority", "person"), sv_words_authority);
    if ((f->authority > 0) != (f->merge == SP_MERGE_AUTH)) {
        sv_conf_fail(w->c, at,
            "merge AUTH needs \"authority\" (branch or "
            "head_office), others have none");
    }
}

/* ---- all fields of an entity -------------------------------------------- */

static bool same_label(struct sp_slice a, struct sp_slice b)
{
    return a.size > 0 && sp_slice_equal(a, b);
}

/* A column of a file and a line of a form go by their label: of two that have
 * the same nobody could tell which is meant. A field that took over from
 * another one may have its label. */
static void check_labels(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e, uint32_t i)
{
    const struct sp_field *f = &e->field[i];

    for (uint32_t j = 0; j < i && !w->c->failed; j++) {
        const struct sp_field *o = &e->field[j];
        bool en = same_label(o->label_en, f->label_en);
        if (!o->retired && !f->retired &&
            (en || same_label(o->label_zh, f->label_zh))) {
            struct sp_slice label = en ? f->label_en : f->label_zh;
            sv_conf_fail(w->c, at,
                "\"%.*s\" is the label of %.*s already; choose another one",
                (int)label.size, (const char *)label.data, (int)o->name.size,
                (const char *)o->name.data);
        }
    }
}

static void check_unique(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e, uint32_t i)
{
    for (uint32_t j = 0; j < i && !w->c->failed; j++) {
        if (sp_slice_equal(e->field[j].name, e->field[i].name)) {
            sv_conf_fail(w->c, at,
                "there is a field \"%.*s\" already; choose "
                "another name",
                (int)e->field[i].name.size,
                (const char *)e->field[i].name.data);
        }
    }
    check_labels(w, at, e, i);
    if (i > 0 && e->field[i].number <= e->field[i - 1].number) {
        sv_conf_fail(w->c, at,
            "field number %u is a duplicate or out of "
            "order; numbers rise and are never reused",
            e->field[i].number);
    }
}

/* The retired field that the i-th takes over from; it stands further up,
 * because numbers rise. */
static void take_was(struct sv_dictionary_draft *w, const config_setting_t *at,
    const struct sp_entity *e, struct sp_field *f)
{
    const char *name = sv_conf_text(w->c, at, "was", "");
    struct sv_conf_error why;

    if (w->c->failed || name[0] == '\0') {
        return;
    }
    const struct sp_field *old = field_called(e, name);
    if (old == NULL || old == f) {
        sv_conf_fail(w->c, at,
            "was = \"%.60s\": no field of that name stands above this one",
            name);
    } else if (!old->retired) {
        sv_conf_fail(w->c, at,
            "was = \"%.60s\": that field is still in use; give it retired = "
            "true, and another name if this one takes its name",
            name);
    } else if (sp_dictionary_successor(e, old->number) != NULL) {
        sv_conf_fail(w->c, at,
            "was = \"%.60s\": another field took over from it already", name);
    } else if (!sv_dictionary_takes_over(old, f, &why)) {
        sv_conf_fail(w->c, at, "was = \"%.60s\": %.200s", name, why.text);
    } else {
        f->was = old->number;
    }
}

void sv_dictionary_field_all(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_entity *e)
{
    const config_setting_t *list = sv_conf_list(w->c, at, "fields", true);
    unsigned count = sv_conf_count(list);

    if (list == NULL || count == 0 || count > SP_DICTIONARY_FIELDS_MAX) {
        sv_conf_fail(w->c, at, "an entity has from 1 to %u fields",
            SP_DICTIONARY_FIELDS_MAX);
        return;
    }
    struct sp_field *f = sp_arena_take(w->arena, count, sizeof(*f));
    if (f == NULL) {
        sv_conf_fail(w->c, list, "is too large for the memory");
        return;
    }
    e->field = f;
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *item = sv_conf_group_at(w->c, list, i);
        if (item != NULL) {
            take_field(w, item, &f[i]);
            e->field_count = i + 1u;
            check_unique(w, item, e, i);
            take_was(w, item, e, &f[i]);
        }
    }
    /* Last: what they name may stand further down. */
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        take_needs(w, config_setting_get_elem(list, i), e, &f[i]);
        take_derive(w, config_setting_get_elem(list, i), e, &f[i]);
    }
}
