#include "ctl/care_text.h"

#include <stdio.h>
#include <string.h>

#include "sp/pack.h"
#include "sp/seal.h"

/* The same on every server; a record is as old as the first who names it. */
#define MADE_MS     1767225600000u /* 2026-01-01 */
#define TEXT_BYTES  8192u
#define PARTS_DEPTH 16u

struct reader {
    struct sv_conf conf;
    const struct sp_dictionary *dictionary;
    struct sp_arena *arena;
    struct sv_care_text *out;
    struct sp_buf value; /* one encoded value */
    sp_err err;          /* without memory */
};

static const char *const entities[] = { "care_rule", "message_template",
    "send_window", "playbook", "tier_rule", "tier_benefit", "segment",
    "campaign", "data_rule", NULL };

struct sp_id sv_care_text_id(struct sp_slice entity, struct sp_slice name)
{
    static const char domain[] = "satchel-care-record";
    uint8_t digest[16];
    struct sp_hasher h;
    sp_hasher_init(&h, sizeof digest, NULL);
    sp_hasher_add(&h, domain, sizeof domain);
    sp_hasher_add(&h, entity.data, entity.size);
    sp_hasher_add(&h, "", 1);
    sp_hasher_add(&h, name.data, name.size);
    sp_hasher_end(&h, digest, sizeof digest);
    return sp_id_make(MADE_MS, digest);
}

bool sv_care_text_kept(
    const struct sp_entity *entity, const struct sp_field *field)
{
    static const char *const kept[] = { "state", "frozen_at", "members_count" };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (sp_slice_equal(entity->name, sp_slice_text("campaign")) &&
            sp_slice_equal(field->name, sp_slice_text(kept[i]))) {
            return true;
        }
    }
    return false;
}

/* ---- values ------------------------------------------------------------ */

/* A number, a yes or a text, as somebody would type it. */
static const char *typed(
    struct reader *r, const config_setting_t *s, char room[32])
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_STRING:
        return config_setting_get_string(s);
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(room, 32, "%lld", config_setting_get_int64(s));
        return room;
    case CONFIG_TYPE_BOOL:
        return config_setting_get_bool(s) != 0 ? "true" : "false";
    default:
        sv_conf_fail(&r->conf, s,
            "\"%.40s\" must be text in quotes, a whole number, true or false",
            config_setting_name(s) == NULL ? "" : config_setting_name(s));
        return "";
    }
}

/* Names an item of the same text or a record that is there; its id says which
 * without looking. */
static sp_err parse_reference(
    struct reader *r, const struct sp_field *f, const char *text)
{
    const struct sp_entity *target =
        sp_dictionary_entity(r->dictionary, f->target);
    struct sp_id id;
    if (target == NULL || sp_id_parse(&id, text) == SP_OK) {
        return sp_dictionary_parse_value(f, sp_slice_text(text), &r->value);
    }
    id = sv_care_text_id(target->name, sp_slice_text(text));
    sp_wr_bin(&r->value, id.b, sizeof id.b);
    return r->value.err;
}

static sp_err parse_group(
    struct reader *r, const struct sp_field *f, const config_setting_t *s)
{
    struct sp_slice text[SP_DICTIONARY_PARTS_MAX] = { { NULL, 0 } };
    char room[SP_DICTIONARY_PARTS_MAX][32];
    for (unsigned i = 0; i < sv_conf_count(s); i++) {
        const config_setting_t *part = config_setting_get_elem(s, i);
        uint32_t at = 0;
        while (at < f->part_count &&
               !sp_slice_equal(f->part[at].name,
                   sp_slice_text(config_setting_name(part)))) {
            at++;
        }
        if (at == f->part_count) {
            sv_conf_fail(&r->conf, part, "\"%.40s\" is no part of %.*s",
                config_setting_name(part), (int)f->name.size,
                (const char *)f->name.data);
            return SP_E_CONFIG;
        }
        text[at] = sp_slice_text(typed(r, part, room[at]));
    }
    return sp_dictionary_parse_parts(f, text, f->part_count, &r->value);
}

/* One value into r->value. */
static void parse(
    struct reader *r, const struct sp_field *f, const config_setting_t *s)
{
    char room[32];
    const char *text = "";
    sp_err err;
    sp_buf_reset(&r->value);
    if (config_setting_type(s) == CONFIG_TYPE_GROUP) {
        err = f->kind == SP_VALUE_GROUP ? parse_group(r, f, s) : SP_E_VALUE;
    } else {
        text = typed(r, s, room);
        err = f->kind == SP_VALUE_REF ? parse_reference(r, f, text)
                                      : sp_dictionary_parse_value(
                                            f, sp_slice_text(text), &r->value);
    }
    if (err != SP_OK || r->value.err != SP_OK) {
        sv_conf_fail(&r->conf, s,
            f->kind == SP_VALUE_MONEY
                ? SV_SAY("%.*s: \"%.80s\" is no amount that it can have; write "
                         "one with its currency, as \"1234.50 CNY\"")
                : SV_SAY("%.*s: \"%.80s\" is no value for it"),
            (int)f->name.size, (const char *)f->name.data, text);
    }
}

/* ---- one record -------------------------------------------------------- */

static void put(struct reader *r, struct sv_care_record *out,
    const struct sp_field *f, const config_setting_t *at)
{
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    struct sp_draft_write *w = &out->write[out->count];
    struct sp_slice value = sp_buf_slice(&r->value);
    if (r->conf.failed) {
        return; /* it could not be read, and that was said */
    }
    if (out->count == SV_CARE_WRITES_MAX) {
        sv_conf_fail(
            &r->conf, at, "it has more than %u values", SV_CARE_WRITES_MAX);
        return;
    }
    w->key = (struct sp_key){ .field = f->number };
    if (f->set) {
        size_t size = sp_dictionary_element(value, element);
        w->key.element = sp_arena_copy(r->arena, sp_slice_of(element, size));
    }
    w->value = sp_arena_copy(r->arena, value);
    if (w->value.data == NULL || (f->set && w->key.element.data == NULL)) {
        r->err = SP_E_NOMEM;
        return;
    }
    out->count++;
}

static void read_field(
    struct reader *r, struct sv_care_record *out, const config_setting_t *s)
{
    const char *name = config_setting_name(s);
    const struct sp_field *f =
        sp_dictionary_field_named(out->entity, sp_slice_text(name));
    int type = config_setting_type(s);
    if (f != NULL && sv_care_text_kept(out->entity, f)) {
        sv_conf_fail(&r->conf, s,
            "%.40s is written when the campaign starts; leave it out", name);
        return;
    }
    if (f == NULL || f->retired || f->merge == SP_MERGE_DRV) {
        sv_conf_fail(&r->conf, s, "%.*s has no field \"%.40s\"",
            (int)out->entity->name.size, (const char *)out->entity->name.data,
            name);
        return;
    }
    if (!f->set) {
        parse(r, f, s);
        put(r, out, f, s);
        return;
    }
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) {
        sv_conf_fail(
            &r->conf, s, "\"%.40s\" must be a list in ( ) or [ ]", name);
        return;
    }
    for (unsigned i = 0; i < sv_conf_count(s); i++) {
        parse(r, f, config_setting_get_elem(s, i));
        put(r, out, f, s);
    }
}

static int by_key(
    const struct sp_draft_write *a, const struct sp_draft_write *b)
{
    return sp_key_cmp(&a->key, &b->key);
}

/* Sorted, and each key once. */
static void sort_writes(
    struct reader *r, struct sv_care_record *out, const config_setting_t *at)
{
    for (uint32_t i = 1; i < out->count; i++) {
        struct sp_draft_write w = out->write[i];
        uint32_t j = i;
        for (; j > 0 && by_key(&out->write[j - 1], &w) > 0; j--) {
            out->write[j] = out->write[j - 1];
        }
        out->write[j] = w;
    }
    for (uint32_t i = 1; i < out->count; i++) {
        if (by_key(&out->write[i - 1], &out->write[i]) == 0) {
            sv_conf_fail(&r->conf, at, "a value stands twice in a list");
        }
    }
}

/* The same as a record that nobody else wrote to. */
static void make_record(struct reader *r, struct sv_care_record *out)
{
    struct sp_register *reg =
        sp_arena_take(r->arena, out->count + 1u, sizeof *reg);
    struct sp_sibling *s = sp_arena_take(r->arena, out->count + 1u, sizeof *s);
    struct sp_dot *dot = sp_arena_take(r->arena, 1, sizeof *dot);
    if (reg == NULL || s == NULL || dot == NULL) {
        r->err = SP_E_NOMEM;
        return;
    }
    *dot = (struct sp_dot){ 1, 1 };
    for (uint32_t i = 0; i < out->count; i++) {
        s[i].stamp.dot = *dot;
        s[i].value = out->write[i].value;
        reg[i].key = out->write[i].key;
        reg[i].context.count = 1;
        reg[i].context.dot = dot;
        reg[i].count = 1;
        reg[i].sibling = &s[i];
    }
    out->record =
        (struct sp_record){ .ref = out->ref, .count = out->count, .reg = reg };
}

/* What tells it from others: its name, where the entity has one; else the
 * tier. */
static const char *name_of(
    struct reader *r, const struct sp_entity *e, const config_setting_t *group)
{
    const char *key =
        sp_dictionary_field_named(e, sp_slice_text("name")) != NULL ? "name"
                                                                    : "tier";
    const char *text = sv_conf_text(&r->conf, group, key, NULL);
    const char *copy = text;
    struct sp_slice kept =
        sp_arena_copy(r->arena, sp_slice_of(text, strlen(text) + 1));
    copy = (const char *)kept.data;
    if (text[0] == '\0') {
        sv_conf_fail(&r->conf, group, "\"%s\" is empty", key);
    }
    if (copy == NULL) {
        r->err = SP_E_NOMEM;
        return "";
    }
    return copy;
}

static bool stands_twice(const struct sv_care_text *t, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (sp_ref_equal(&t->record[i].ref, ref)) {
            return true;
        }
    }
    return false;
}

static void read_record(
    struct reader *r, const struct sp_entity *e, const config_setting_t *group)
{
    struct sv_care_record *out = &r->out->record[r->out->count];
    if (r->out->count == SV_CARE_RECORDS_MAX) {
        sv_conf_fail(
            &r->conf, group, "more than %u items", SV_CARE_RECORDS_MAX);
        return;
    }
    out->entity = e;
    out->line = config_setting_source_line(group);
    out->name = name_of(r, e, group);
    out->ref.type = e->number;
    out->ref.id = sv_care_text_id(e->name, sp_slice_text(out->name));
    out->write =
        sp_arena_take(r->arena, SV_CARE_WRITES_MAX, sizeof *out->write);
    if (out->write == NULL) {
        r->err = SP_E_NOMEM;
    }
    if (r->err == SP_OK && stands_twice(r->out, &out->ref)) {
        sv_conf_fail(&r->conf, group, "\"%.60s\" stands here twice", out->name);
    }
    for (unsigned i = 0;
         i < sv_conf_count(group) && r->err == SP_OK && !r->conf.failed; i++) {
        read_field(r, out, config_setting_get_elem(group, i));
    }
    if (r->err == SP_OK && !r->conf.failed) {
        sort_writes(r, out, group);
        make_record(r, out);
        r->out->count++;
    }
}

static void read_list(struct reader *r, const config_setting_t *list)
{
    const char *name = entities[sv_conf_word(&r->conf, list,
        "list of a care file", config_setting_name(list), entities)];
    const struct sp_entity *e =
        sp_dictionary_entity_named(r->dictionary, sp_slice_text(name));
    if (!r->conf.failed && e == NULL) {
        sv_conf_fail(
            &r->conf, list, "the dictionary in force has no \"%s\"", name);
    }
    for (unsigned i = 0;
         i < sv_conf_count(list) && r->err == SP_OK && !r->conf.failed; i++) {
        const config_setting_t *group = sv_conf_group_at(&r->conf, list, i);
        if (group != NULL) {
            read_record(r, e, group);
        }
    }
}

sp_err sv_care_text_read(const char *name, struct sp_slice text,
    const struct sp_dictionary *dictionary, struct sp_arena *arena,
    struct sv_care_text *out, struct sv_conf_error *error)
{
    struct sv_care_text t = { 0, NULL };
    struct reader r = { .dictionary = dictionary, .arena = arena, .out = &t };
    sp_err err = sv_conf_open(&r.conf, name, text, error);
    t.record = sp_arena_take(arena, SV_CARE_RECORDS_MAX, sizeof *t.record);
    sp_buf_init(&r.value, TEXT_BYTES);
    if (err == SP_OK && t.record == NULL) {
        err = SP_E_NOMEM;
    }
    if (err == SP_OK) {
        const config_setting_t *root = config_root_setting(&r.conf.config);
        for (unsigned i = 0;
             i < sv_conf_count(root) && r.err == SP_OK && !r.conf.failed; i++) {
            read_list(&r, config_setting_get_elem(root, i));
        }
        err = r.err != SP_OK ? r.err : r.conf.failed ? SP_E_CONFIG : SP_OK;
    }
    sp_buf_free(&r.value);
    sv_conf_close(&r.conf);
    if (err == SP_OK) {
        *out = t;
    }
    return err;
}
