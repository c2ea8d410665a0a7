#include "policy/dictionary_field.h"

#include "ops/say.h"
#include "policy/words.h"
#include "sp/tray.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX 8388608u

/* ---- entities ---------------------------------------------------------- */

/* Number of the field that a setting of the entity names, 0 for none. */
static uint16_t named_field(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e, const char *setting,
    enum sp_value_kind kind)
{
    const char *name = sv_conf_text(w->c, at, setting, "");
    const struct sp_field *f = NULL;

    if (name[0] == '\0' || w->c->failed) {
        return 0;
    }
    f = sp_dictionary_field_named(e, sp_slice_text(name));
    bool team = strcmp(setting, "team") == 0;
    if (f == NULL || f->kind != kind || f->set != team) {
        sv_conf_fail(w->c, at,
            "%s = \"%.60s\": there is no such field of type "
            "%s%s in this entity",
            setting, name, team ? sv_say("set of ") : "", sv_words_kind[kind]);
        return 0;
    }
    if (team && f->members_max > SP_DICTIONARY_TEAM_MAX) {
        sv_conf_fail(
            w->c, at, "a team has at most %u members", SP_DICTIONARY_TEAM_MAX);
    }
    return f->number;
}

static void check_placed(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e)
{
    bool own = e->territory != 0 || e->owner != 0;
    bool alone = e->territory != 0 || e->catalogue;

    if (!w->c->failed && (e->parent != 0 ? alone : !own && !e->catalogue)) {
        sv_conf_fail(w->c, at,
            "an entity has its scopes either from a \"parent\" (and an "
            "\"owner\" beside it), or from \"territory\", \"owner\" and "
            "\"catalogue\"; name one of them");
    }
    if (!w->c->failed && e->team != 0 && !own) {
        sv_conf_fail(w->c, at, "\"team\" needs \"territory\", or \"owner\"");
    }
    if (!w->c->failed && e->branch != 0 && !e->catalogue) {
        sv_conf_fail(w->c, at, "\"branch\" needs catalogue = true");
    }
}

static void check_trees(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e)
{
    for (uint32_t i = 0; i < e->field_count && !w->c->failed; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->tree &&
            (f->kind != SP_VALUE_REF || f->set || f->target != e->number)) {
            sv_conf_fail(w->c, at,
                "field \"%.*s\": tree is for one ref to a record of the same "
                "entity",
                (int)f->name.size, (const char *)f->name.data);
        }
    }
    const struct sp_field *forward = sp_dictionary_field(e, e->forward);
    if (!w->c->failed && e->forward != 0 &&
        (e->parent != 0 || !forward->tree)) {
        sv_conf_fail(w->c, at,
            "\"forward\" names a field with tree = true, in an entity without "
            "a parent");
    }
}

static void check_shares(struct sv_dictionary_draft *w,
    const config_setting_t *at, const struct sp_entity *e)
{
    const struct sp_field *team = sp_dictionary_field(e, e->team);
    bool own = e->parent == 0 && (e->territory != 0 || e->owner != 0);
    bool one = false;

    for (uint32_t i = 0; i < e->field_count && !w->c->failed; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->share && (one || !own || !sp_dictionary_shares(f, team))) {
            sv_conf_fail(w->c, at,
                "field \"%.*s\": shares is for one SET of groups in an entity "
                "with \"territory\" or \"owner\" and no parent; the group has "
                "two required parts, a user and a date, and the members of "
                "team and shares together are at most %u",
                (int)f->name.size, (const char *)f->name.data,
                SP_DICTIONARY_REACH_MAX);
        }
        one = one || f->share;
    }
}

static const char *const entity_settings[] = { "number", "name", "en", "zh",
    "lane", "evidence", "tray", "parent", "author", "territory", "owner",
    "team", "forward", "catalogue", "branch", "fields", NULL };

/* What it is to My rejected changes; the fields are checked by take_rest. */
static void take_tray(struct sv_dictionary_draft *w, const config_setting_t *at,
    struct sp_entity *e)
{
    const char *word = sv_conf_text(w->c, at, "tray", "");

    if (word[0] == '\0' || w->c->failed) {
        return;
    }
    e->tray = (enum sp_tray_part)sv_conf_word(
        w->c, at, "part of the tray", word, sv_words_tray);
    for (const struct sp_entity *b = w->entity; b < e; b++) {
        if (b->tray == e->tray) {
            sv_conf_fail(w->c, at, "only one entity is tray = \"%s\"", word);
        }
    }
}

static void take_head(struct sv_dictionary_draft *w, const config_setting_t *at,
    struct sp_entity *e)
{
    sv_conf_known(w->c, at, entity_settings);
    e->number =
        (uint16_t)sv_conf_integer(w->c, at, "number", 1, SP_TYPE_MAX, 0);
    e->name = sv_dictionary_field_name(w, at);
    e->label_en = sv_dictionary_field_label(w, at, "en");
    e->label_zh = sv_dictionary_field_label(w, at, "zh");
    e->lane = (uint8_t)sv_conf_integer(w->c, at, "lane", 0, 7, 1);
    e->evidence = sv_conf_flag(w->c, at, "evidence");
    e->catalogue = sv_conf_flag(w->c, at, "catalogue");
    take_tray(w, at, e);
    if (!w->c->failed && e > w->entity && e->number <= e[-1].number) {
        sv_conf_fail(w->c, at,
            "entity number %u is a duplicate or out of "
            "order; numbers rise and are never reused",
            e->number);
    }
}

static void take_rest(struct sv_dictionary_draft *w, const config_setting_t *at,
    struct sp_entity *e)
{
    sv_dictionary_field_all(w, at, e);
    if (w->c->failed) {
        return;
    }
    e->parent = named_field(w, at, e, "parent", SP_VALUE_REF);
    e->author = named_field(w, at, e, "author", SP_VALUE_USER);
    e->territory = named_field(w, at, e, "territory", SP_VALUE_TERRITORY);
    e->owner = named_field(w, at, e, "owner", SP_VALUE_USER);
    e->team = named_field(w, at, e, "team", SP_VALUE_USER);
    e->forward = named_field(w, at, e, "forward", SP_VALUE_REF);
    e->branch = named_field(w, at, e, "branch", SP_VALUE_STR);
    check_placed(w, at, e);
    check_trees(w, at, e);
    check_shares(w, at, e);
    if (!w->c->failed && !sp_tray_sound(e)) {
        sv_conf_fail(w->c, at,
            "tray = \"%s\" wants the fields of the dictionary that ships, "
            "by number and type, and owner = author; see POLICY.md",
            sv_words_tray[e->tray]);
    }
}

static void check_parents(struct sv_dictionary_draft *w)
{
    for (uint32_t i = 0; i < w->d.entity_count && !w->c->failed; i++) {
        const struct sp_entity *e = &w->entity[i];
        if (e->parent == 0) {
            continue;
        }
        uint16_t target = sp_dictionary_field(e, e->parent)->target;
        const struct sp_entity *p = NULL;
        for (uint32_t j = 0; j < w->d.entity_count; j++) {
            p = w->entity[j].number == target ? &w->entity[j] : p;
        }
        if (p == NULL || p->parent != 0) {
            sv_conf_fail(w->c, config_setting_get_elem(w->entities, i),
                "the parent must be a ref(...) to an entity that has no parent "
                "itself");
        }
    }
}

/* Heads first: a ref may name an entity that stands further down. */
static void take_all(struct sv_dictionary_draft *w)
{
    const config_setting_t *root = config_root_setting(&w->c->config);
    static const char *const known[] = { "edition", "entities", NULL };

    sv_conf_known(w->c, root, known);
    w->entities = sv_conf_list(w->c, root, "entities", true);
    unsigned count = sv_conf_count(w->entities);
    if (w->c->failed || count == 0 || count > SP_TYPE_MAX) {
        sv_conf_fail(w->c, NULL, "needs from 1 to %u entities", SP_TYPE_MAX);
        return;
    }
    w->entity = sp_arena_take(w->arena, count, sizeof(*w->entity));
    if (w->entity == NULL) {
        sv_conf_fail(w->c, NULL, "is too large for the memory");
        return;
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *at = sv_conf_group_at(w->c, w->entities, i);
        if (at != NULL) {
            take_head(w, at, &w->entity[i]);
        }
        if (!w->c->failed &&
            sp_dictionary_entity_named(&w->d, w->entity[i].name) != NULL) {
            sv_conf_fail(w->c, at, "there is an entity of that name already");
        }
        w->d.entity = w->entity;
        w->d.entity_count = i + 1u;
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        take_rest(w, config_setting_get_elem(w->entities, i), &w->entity[i]);
    }
    check_parents(w);
}

/* What was written must be what every device can read. */
static sp_err write_body(struct sv_dictionary_draft *w, struct sp_buf *out)
{
    struct sp_dictionary check;
    size_t start = out->size;

    sp_dictionary_encode(&w->d, out);
    if (out->err != SP_OK) {
        return out->err;
    }
    if (out->size - start > SP_DOCUMENT_BYTES_MAX - 1024u ||
        sp_dictionary_decode(sp_slice_of(out->data + start, out->size - start),
            w->arena, &check) != SP_OK) {
        out->size = start;
        sv_conf_fail(w->c, NULL,
            "does not make a valid document: it is too "
            "large, or a text is not valid UTF-8");
        return SP_E_CONFIG;
    }
    return SP_OK;
}

sp_err sv_dictionary_compile(const char *name, struct sp_slice text,
    struct sp_buf *out, struct sv_conf_error *error)
{
    struct sp_arena arena;
    struct sv_conf c;
    struct sv_dictionary_draft w = { .c = &c, .arena = &arena };
    sp_err err = sv_conf_open(&c, name, text, error);

    sp_arena_init(&arena, ARENA_BYTES_MAX);
    if (err == SP_OK) {
        take_all(&w);
        err = c.failed ? SP_E_CONFIG : write_body(&w, out);
    }
    sp_arena_free(&arena);
    sv_conf_close(&c);
    return err;
}

sp_err sv_dictionary_compile_file(
    const char *path, struct sp_buf *out, struct sv_conf_error *error)
{
    struct sp_buf text;

    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_err err = sv_conf_read_file(path, &text, error);
    if (err == SP_OK) {
        err = sv_dictionary_compile(path, sp_buf_slice(&text), out, error);
    }
    sp_buf_free(&text);
    return err;
}
