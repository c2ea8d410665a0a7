#include "sp/dictionary.h"

#include "sp/pack.h"
#include "sp/tray.h"

#include <string.h>

/*
 * Body (PROTOCOL.md, "Bodies of documents"): [version, entity, ...]; entity:
 * [number, name, en, zh, lane, flags, parent, author, territory, owner,
 * team, forward, [field, ...]], then settings that few have, as a map; field:
 * see write_field. Options stand flat, four elements each, so that the whole
 * stays within SP_DEPTH_MAX.
 */
#define BODY_VERSION 1u
#define ENTITY_ITEMS 13u
#define FIELD_ITEMS  16u /* and settings that few have, as a map */
#define OPTION_ITEMS 4u

enum { FLAG_SET = 1, FLAG_REQUIRED = 2, FLAG_ONCE = 4, FLAG_LINES = 8 };
enum { FLAG_RETIRED = 16, FLAG_TREE = 32, FLAG_HIDDEN = 64 };
enum { FLAG_SHARE = 128, FLAGS_ALL = 255 };
enum { ENTITY_EVIDENCE = 1, ENTITY_REJECTED = 2, ENTITY_ASKED = 4 };
enum { ENTITY_CATALOGUE = 8, ENTITY_ALL = 15 };

/* Settings of a field that stand in its map, when they are not 0. A reader
 * skips those that it does not know: they came with a later program. */
enum { MORE_RETIRED = 1, MORE_REQUIRED = 2, MORE_WAS = 3 };
enum { MORE_DERIVE = 4, MORE_SOURCE = 5, MORE_ARGUMENT = 6, MORE_NEEDS = 7 };
enum { MORE_BRANCH = 1 }; /* of an entity */
#define MORE_MAX 64u

/* ---- encode ------------------------------------------------------------ */

static void write_names(struct sp_buf *b, const struct sp_slice name,
    struct sp_slice en, struct sp_slice zh)
{
    sp_wr_str(b, name);
    sp_wr_str(b, en);
    sp_wr_str(b, zh);
}

static void write_options(struct sp_buf *b, const struct sp_field *f)
{
    sp_wr_array(b, f->option_count * OPTION_ITEMS);
    for (uint32_t i = 0; i < f->option_count; i++) {
        const struct sp_option *o = &f->option[i];
        sp_wr_uint(b, o->number);
        write_names(b, o->name, o->label_en, o->label_zh);
    }
}

static uint32_t count_more(const struct sp_field *f)
{
    return (f->retired_since > 0 ? 1u : 0u) +
           (f->required_since > 0 ? 1u : 0u) + (f->was > 0 ? 1u : 0u) +
           (f->derive != SP_DERIVE_NONE ? 1u : 0u) + (f->source > 0 ? 1u : 0u) +
           (f->argument > 0 ? 1u : 0u) + (f->needs > 0 ? 1u : 0u);
}

static void write_setting(struct sp_buf *b, uint32_t key, uint32_t value)
{
    if (value > 0) {
        sp_wr_uint(b, key);
        sp_wr_uint(b, value);
    }
}

static void write_more(struct sp_buf *b, const struct sp_field *f)
{
    if (count_more(f) > 0) {
        sp_wr_map(b, count_more(f));
        write_setting(b, MORE_RETIRED, f->retired_since);
        write_setting(b, MORE_REQUIRED, f->required_since);
        write_setting(b, MORE_WAS, f->was);
        write_setting(b, MORE_DERIVE, (uint32_t)f->derive);
        write_setting(b, MORE_SOURCE, f->source);
        write_setting(b, MORE_ARGUMENT, f->argument);
        write_setting(b, MORE_NEEDS, f->needs);
    }
}

/* All but the parts, which only fields of an entity have. */
static void write_plain(struct sp_buf *b, const struct sp_field *f)
{
    unsigned flags =
        (f->set ? FLAG_SET : 0u) | (f->required ? FLAG_REQUIRED : 0u) |
        (f->once ? FLAG_ONCE : 0u) | (f->lines ? FLAG_LINES : 0u) |
        (f->retired ? FLAG_RETIRED : 0u) | (f->tree ? FLAG_TREE : 0u) |
        (f->hidden ? FLAG_HIDDEN : 0u) | (f->share ? FLAG_SHARE : 0u);

    sp_wr_array(b, FIELD_ITEMS + (count_more(f) > 0 ? 1u : 0u));
    sp_wr_uint(b, f->number);
    write_names(b, f->name, f->label_en, f->label_zh);
    sp_wr_uint(b, (uint64_t)f->kind);
    sp_wr_uint(b, (uint64_t)f->merge);
    sp_wr_uint(b, f->sensitivity);
    sp_wr_uint(b, flags);
    sp_wr_uint(b, f->authority);
    sp_wr_uint(b, f->max);
    sp_wr_uint(b, f->members_max);
    sp_wr_int(b, f->low);
    sp_wr_int(b, f->high);
    sp_wr_uint(b, f->target);
    write_options(b, f);
}

static void write_field(struct sp_buf *b, const struct sp_field *f)
{
    write_plain(b, f);
    sp_wr_array(b, f->part_count);
    for (uint32_t i = 0; i < f->part_count; i++) {
        write_plain(b, &f->part[i]);
        sp_wr_array(b, 0);
    }
    write_more(b, f);
}

static unsigned entity_flags(const struct sp_entity *e)
{
    return (e->evidence ? ENTITY_EVIDENCE : 0u) |
           (e->tray == SP_TRAY_REJECTED ? ENTITY_REJECTED : 0u) |
           (e->tray == SP_TRAY_ASKED ? ENTITY_ASKED : 0u) |
           (e->catalogue ? ENTITY_CATALOGUE : 0u);
}

void sp_dictionary_encode(const struct sp_dictionary *d, struct sp_buf *out)
{
    sp_wr_array(out, d->entity_count + 1u);
    sp_wr_uint(out, BODY_VERSION);
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        sp_wr_array(out, ENTITY_ITEMS + (e->branch > 0 ? 1u : 0u));
        sp_wr_uint(out, e->number);
        write_names(out, e->name, e->label_en, e->label_zh);
        sp_wr_uint(out, e->lane);
        sp_wr_uint(out, entity_flags(e));
        sp_wr_uint(out, e->parent);
        sp_wr_uint(out, e->author);
        sp_wr_uint(out, e->territory);
        sp_wr_uint(out, e->owner);
        sp_wr_uint(out, e->team);
        sp_wr_uint(out, e->forward);
        sp_wr_array(out, e->field_count);
        for (uint32_t j = 0; j < e->field_count; j++) {
            write_field(out, &e->field[j]);
        }
        if (e->branch > 0) {
            sp_wr_map(out, 1);
            write_setting(out, MORE_BRANCH, e->branch);
        }
    }
}

/* ---- decode ------------------------------------------------------------ */

static bool identifier(struct sp_slice s)
{
    if (s.size == 0 || s.size > SP_DICTIONARY_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return true;
}

static struct sp_slice read_name(struct sp_rd *r)
{
    struct sp_slice s = sp_rd_str(r, SP_DICTIONARY_NAME_MAX);

    if (!identifier(s)) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    return s;
}

static struct sp_slice read_label(struct sp_rd *r)
{
    return sp_rd_str(r, SP_DICTIONARY_LABEL_MAX);
}

static void read_options(
    struct sp_rd *r, struct sp_arena *arena, struct sp_field *f)
{
    uint32_t items = sp_rd_array(r, SP_DICTIONARY_FIELDS_MAX * OPTION_ITEMS);
    uint32_t count = items / OPTION_ITEMS;
    uint16_t last = 0;

    if (items % OPTION_ITEMS != 0) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    if (r->err != SP_OK || count == 0) {
        return;
    }
    struct sp_option *o = sp_arena_take(arena, count, sizeof(*o));
    if (o == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
        return;
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        o[i].number = (uint16_t)sp_rd_uint(r, last + 1u, UINT16_MAX);
        last = o[i].number;
        /* Names of options need not be identifiers: they are what is typed. */
        o[i].name = sp_rd_str(r, SP_DICTIONARY_NAME_MAX);
        o[i].label_en = read_label(r);
        o[i].label_zh = read_label(r);
    }
    f->option_count = count;
    f->option = o;
}

/* A field up to its parts' header; returns whether a map follows the parts. */
static bool read_plain(
    struct sp_rd *r, struct sp_arena *arena, struct sp_field *f)
{
    uint32_t items = sp_rd_array(r, FIELD_ITEMS + 1u);
    if (r->err == SP_OK && items < FIELD_ITEMS) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    f->number = (uint16_t)sp_rd_uint(r, 1, SP_FIELD_MAX);
    f->name = read_name(r);
    f->label_en = read_label(r);
    f->label_zh = read_label(r);
    f->kind = (enum sp_value_kind)sp_rd_uint(r, SP_VALUE_STR, SP_VALUE_BYTES);
    f->merge = (enum sp_merge_kind)sp_rd_uint(r, SP_MERGE_LWW, SP_MERGE_DRV);
    f->sensitivity = (uint8_t)sp_rd_uint(r, 0, 4);
    unsigned flags = (unsigned)sp_rd_uint(r, 0, FLAGS_ALL);
    f->set = (flags & FLAG_SET) != 0;
    f->required = (flags & FLAG_REQUIRED) != 0;
    f->once = (flags & FLAG_ONCE) != 0;
    f->lines = (flags & FLAG_LINES) != 0;
    f->retired = (flags & FLAG_RETIRED) != 0;
    f->tree = (flags & FLAG_TREE) != 0;
    f->hidden = (flags & FLAG_HIDDEN) != 0;
    f->share = (flags & FLAG_SHARE) != 0;
    f->authority = (uint8_t)sp_rd_uint(r, 0, SP_AUTHORITY_HEAD_OFFICE);
    f->max = (uint32_t)sp_rd_uint(r, 0, SP_STRING_BYTES_MAX);
    f->members_max = (uint32_t)sp_rd_uint(r, 0, SP_RECORD_REGISTERS_MAX);
    f->low = sp_rd_int(r, INT64_MIN, INT64_MAX);
    f->high = sp_rd_int(r, f->low, INT64_MAX);
    f->target = (uint16_t)sp_rd_uint(r, 0, SP_TYPE_MAX);
    read_options(r, arena, f);
    return items > FIELD_ITEMS;
}

static void read_setting(struct sp_rd *r, uint64_t key, struct sp_field *f)
{
    switch (key) {
    case MORE_RETIRED:
        f->retired_since = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
        break;
    case MORE_REQUIRED:
        f->required_since = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
        break;
    case MORE_WAS:
        /* Below: so that no field takes over from itself by way of others. */
        f->was = (uint16_t)sp_rd_uint(r, 1, f->number - 1u);
        break;
    case MORE_DERIVE:
        f->derive =
            (enum sp_derive)sp_rd_uint(r, SP_DERIVE_MASK_TAIL, SP_DERIVE_COPY);
        break;
    case MORE_SOURCE:
        f->source = (uint16_t)sp_rd_uint(r, 1, SP_FIELD_MAX);
        break;
    case MORE_ARGUMENT:
        f->argument = (uint16_t)sp_rd_uint(r, 1, SP_FIELD_MAX);
        break;
    case MORE_NEEDS:
        f->needs = (uint16_t)sp_rd_uint(r, 1, SP_FIELD_MAX);
        break;
    default:
        (void)sp_rd_value(r);
    }
}

static void read_more(struct sp_rd *r, struct sp_field *f)
{
    uint32_t count = sp_rd_map(r, MORE_MAX);
    uint64_t last = 0;

    if (r->err == SP_OK && count == 0) {
        sp_rd_fail(r, SP_E_DOCUMENT); /* one form: no empty map */
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        last = sp_rd_uint(r, last + 1u, UINT16_MAX);
        read_setting(r, last, f);
    }
    if ((f->retired_since > 0 && !f->retired) ||
        (f->required_since > 0 && !f->required)) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
}

static bool plain_sound(const struct sp_field *f)
{
    switch (f->kind) {
    case SP_VALUE_STR:
        return f->max > 0;
    case SP_VALUE_BYTES:
        return f->max > 0 && f->max <= SP_DICTIONARY_BYTES_MAX;
    case SP_VALUE_UINT:
        return f->low >= 0;
    case SP_VALUE_ENUM:
        return f->option_count > 0;
    default:
        return true;
    }
}

bool sp_dictionary_ranked(const struct sp_field *f)
{
    bool group = f->kind == SP_VALUE_GROUP && f->part_count > 0;
    const struct sp_field *by = group ? f->part : f;

    switch (by->kind) {
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
    case SP_VALUE_BOOL:
    case SP_VALUE_ENUM:
    case SP_VALUE_DATE:
        return !group || by->required;
    case SP_VALUE_TS:
    case SP_VALUE_MONEY:
        return !group; /* they are lists themselves */
    default:
        return false;
    }
}

/* What the merge kind asks of a field. */
static bool merge_sound(const struct sp_field *f)
{
    switch (f->merge) {
    case SP_MERGE_CNT:
        return (f->kind == SP_VALUE_UINT || f->kind == SP_VALUE_INT) &&
               !f->required && f->low <= 0 && f->high >= 0;
    case SP_MERGE_MAX:
    case SP_MERGE_DENY:
        return sp_dictionary_ranked(f);
    case SP_MERGE_DRV:
        return !f->required;
    default:
        return true;
    }
}

static bool field_sound(const struct sp_field *f)
{
    bool set = f->merge == SP_MERGE_SET || f->merge == SP_MERGE_APP;
    bool many = set || f->merge == SP_MERGE_CNT;

    return plain_sound(f) && merge_sound(f) && f->set == set &&
           !(f->set && f->required) && (!many || f->members_max > 0) &&
           f->once == (f->merge == SP_MERGE_IMM) &&
           (!f->tree || (f->kind == SP_VALUE_REF && !f->set)) &&
           (f->derive != SP_DERIVE_NONE) == (f->merge == SP_MERGE_DRV) &&
           (f->kind == SP_VALUE_GROUP) == (f->part_count > 0);
}

static void read_field(
    struct sp_rd *r, struct sp_arena *arena, struct sp_field *f)
{
    bool more = read_plain(r, arena, f);
    uint32_t count = sp_rd_array(r, SP_DICTIONARY_PARTS_MAX);
    struct sp_field *part = NULL;

    if (r->err == SP_OK && count > 0) {
        part = sp_arena_take(arena, count, sizeof(*part));
        if (part == NULL) {
            sp_rd_fail(r, SP_E_NOMEM);
        }
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        bool part_more = read_plain(r, arena, &part[i]);
        sp_rd_array_of(r, 0);
        if (part_more || part[i].set || part[i].tree || part[i].share ||
            part[i].kind == SP_VALUE_GROUP || part[i].number != i + 1u ||
            !plain_sound(&part[i])) {
            sp_rd_fail(r, SP_E_DOCUMENT);
        }
    }
    f->part_count = count;
    f->part = part;
    if (more) {
        read_more(r, f);
    }
    if (r->err == SP_OK && !field_sound(f)) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
}

/* Whether a field that the entity names for its scopes is of the right kind;
 * 0 names none. */
static bool names(const struct sp_entity *e, uint16_t number,
    enum sp_value_kind kind, bool set)
{
    const struct sp_field *f = sp_dictionary_field(e, number);

    if (number == 0) {
        return true;
    }
    return f != NULL && f->kind == kind && f->set == set &&
           (!set || f->members_max <= SP_DICTIONARY_TEAM_MAX);
}

/* Trees are of one entity each; the forward is one of them. */
static bool trees_sound(const struct sp_entity *e)
{
    const struct sp_field *forward = sp_dictionary_field(e, e->forward);

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->field[i].tree && e->field[i].target != e->number) {
            return false;
        }
    }
    return e->forward == 0 ||
           (e->parent == 0 && forward != NULL && forward->tree);
}

/* At most one, in an entity that has scopes of its own. */
static bool shares_sound(struct sp_entity *e)
{
    const struct sp_field *team = sp_dictionary_field(e, e->team);
    bool own = e->parent == 0 && (e->territory != 0 || e->owner != 0);

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (!f->share) {
            continue;
        }
        if (e->share != 0 || !own || !sp_dictionary_shares(f, team)) {
            return false;
        }
        e->share = f->number;
    }
    return true;
}

/* Whether what one field was can be shown in its place. Numbers rise, so the
 * other one was read before. */
static bool takes_over(const struct sp_entity *e, const struct sp_field *f)
{
    const struct sp_field *old = sp_dictionary_field(e, f->was);

    return old != NULL && old->retired && old->kind == f->kind &&
           old->set == f->set && old->tree == f->tree &&
           old->share == f->share && old->part_count <= f->part_count &&
           f->merge != SP_MERGE_CNT && f->merge != SP_MERGE_DRV &&
           sp_dictionary_successor(e, f->was) == f;
}

static bool successors_sound(struct sp_entity *e)
{
    bool sound = true;

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->field[i].was != 0) {
            e->succeeds = true;
            sound = sound && takes_over(e, &e->field[i]);
        }
    }
    return sound;
}

bool sp_dictionary_derives(const struct sp_entity *e, const struct sp_field *f)
{
    const struct sp_field *s = sp_dictionary_field(e, f->source);

    if (f->derive == SP_DERIVE_NONE) {
        return true;
    }
    if (s == NULL || (s->merge != SP_MERGE_LWW && s->merge != SP_MERGE_KEEP)) {
        return false;
    }
    switch (f->derive) {
    case SP_DERIVE_MASK_TAIL:
        return f->kind == SP_VALUE_STR && f->argument > 0 && !s->lines &&
               (s->kind == SP_VALUE_STR || s->kind == SP_VALUE_PHONE);
    case SP_DERIVE_PART:
        return f->argument > 0 && f->argument <= s->part_count &&
               f->kind == s->part[f->argument - 1u].kind;
    case SP_DERIVE_COPY:
        return f->needs != 0 && f->kind == s->kind && f->target == s->target &&
               f->kind != SP_VALUE_GROUP && (f->lines || !s->lines);
    default:
        return (f->kind == SP_VALUE_INT || f->kind == SP_VALUE_UINT) &&
               (s->kind == SP_VALUE_DATE || s->kind == SP_VALUE_TS);
    }
}

static bool derives_sound(const struct sp_entity *e)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!sp_dictionary_derives(e, &e->field[i])) {
            return false;
        }
    }
    return true;
}

bool sp_dictionary_consents(const struct sp_field *f)
{
    return f->merge == SP_MERGE_DENY && f->kind == SP_VALUE_GROUP &&
           f->part[0].kind == SP_VALUE_ENUM;
}

static bool needs_sound(const struct sp_entity *e)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        const struct sp_field *yes = sp_dictionary_field(e, f->needs);
        if (f->needs != 0 && (yes == NULL || !sp_dictionary_consents(yes))) {
            return false;
        }
    }
    return true;
}

static bool entity_sound(const struct sp_entity *e)
{
    bool placed =
        e->parent != 0 || e->territory != 0 || e->owner != 0 || e->catalogue;
    bool alone =
        e->territory != 0 || e->catalogue || (e->team != 0 && e->owner == 0);

    return placed && !(e->parent != 0 && alone) && derives_sound(e) &&
           needs_sound(e) && (e->branch == 0 || e->catalogue) &&
           names(e, e->branch, SP_VALUE_STR, false) &&
           names(e, e->parent, SP_VALUE_REF, false) &&
           names(e, e->author, SP_VALUE_USER, false) &&
           names(e, e->territory, SP_VALUE_TERRITORY, false) &&
           names(e, e->owner, SP_VALUE_USER, false) &&
           names(e, e->team, SP_VALUE_USER, true) && trees_sound(e);
}

static void read_fields(
    struct sp_rd *r, struct sp_arena *arena, struct sp_entity *e)
{
    uint32_t count = sp_rd_array(r, SP_DICTIONARY_FIELDS_MAX);
    struct sp_field *field = NULL;

    if (r->err == SP_OK && count > 0) {
        field = sp_arena_take(arena, count, sizeof(*field));
        if (field == NULL) {
            sp_rd_fail(r, SP_E_NOMEM);
        }
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        read_field(r, arena, &field[i]);
        e->derives = e->derives || field[i].derive != SP_DERIVE_NONE;
        e->withholds = e->withholds || (field[i].derive != SP_DERIVE_NONE &&
                                           field[i].needs != 0);
        if (i > 0 && field[i].number <= field[i - 1].number) {
            sp_rd_fail(r, SP_E_DOCUMENT);
        }
    }
    e->field_count = count;
    e->field = field;
}

static void read_flags(struct sp_rd *r, struct sp_entity *e)
{
    unsigned flags = (unsigned)sp_rd_uint(r, 0, ENTITY_ALL);

    e->evidence = (flags & ENTITY_EVIDENCE) != 0;
    e->catalogue = (flags & ENTITY_CATALOGUE) != 0;
    e->tray = (flags & ENTITY_REJECTED) != 0 ? SP_TRAY_REJECTED
              : (flags & ENTITY_ASKED) != 0  ? SP_TRAY_ASKED
                                             : SP_TRAY_NONE;
    if ((flags & ENTITY_REJECTED) != 0 && (flags & ENTITY_ASKED) != 0) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
}

static void read_entity_more(struct sp_rd *r, struct sp_entity *e)
{
    uint32_t count = sp_rd_map(r, MORE_MAX);
    uint64_t last = 0;

    if (r->err == SP_OK && count == 0) {
        sp_rd_fail(r, SP_E_DOCUMENT); /* one form: no empty map */
    }
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        last = sp_rd_uint(r, last + 1u, UINT16_MAX);
        if (last == MORE_BRANCH) {
            e->branch = (uint16_t)sp_rd_uint(r, 1, SP_FIELD_MAX);
        } else {
            (void)sp_rd_value(r);
        }
    }
}

static void read_entity(
    struct sp_rd *r, struct sp_arena *arena, struct sp_entity *e)
{
    uint32_t items = sp_rd_array(r, ENTITY_ITEMS + 1u);

    if (r->err == SP_OK && items < ENTITY_ITEMS) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    e->number = (uint16_t)sp_rd_uint(r, 1, SP_TYPE_MAX);
    e->name = read_name(r);
    e->label_en = read_label(r);
    e->label_zh = read_label(r);
    e->lane = (uint8_t)sp_rd_uint(r, 0, 7);
    read_flags(r, e);
    e->parent = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    e->author = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    e->territory = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    e->owner = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    e->team = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    e->forward = (uint16_t)sp_rd_uint(r, 0, SP_FIELD_MAX);
    read_fields(r, arena, e);
    if (items > ENTITY_ITEMS) {
        read_entity_more(r, e);
    }
    if (r->err == SP_OK && (!successors_sound(e) || !entity_sound(e) ||
                               !shares_sound(e) || !sp_tray_sound(e))) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
}

/* A parent has its scopes from its own fields: the port hands over one parent,
 * so there are no grandparents. */
static bool parents_sound(const struct sp_dictionary *d)
{
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        if (e->parent == 0) {
            continue;
        }
        const struct sp_field *f = sp_dictionary_field(e, e->parent);
        const struct sp_entity *p = sp_dictionary_entity(d, f->target);
        if (p == NULL || p->parent != 0) {
            return false;
        }
    }
    return true;
}

/* Whoever asks for the entity of the tray means one. */
static bool trays_single(const struct sp_dictionary *d)
{
    for (uint32_t i = 0; i < d->entity_count; i++) {
        enum sp_tray_part part = d->entity[i].tray;
        if (part != SP_TRAY_NONE &&
            sp_dictionary_entity_tray(d, part) != &d->entity[i]) {
            return false;
        }
    }
    return true;
}

sp_err sp_dictionary_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_dictionary *out)
{
    struct sp_dictionary d = { 0 };
    struct sp_entity *entity = NULL;
    struct sp_rd r;

    sp_rd_init(&r, body);
    uint32_t items = sp_rd_array(&r, SP_TYPE_MAX + 1u);
    if (r.err == SP_OK && items == 0) {
        sp_rd_fail(&r, SP_E_DOCUMENT);
    }
    (void)sp_rd_uint(&r, BODY_VERSION, BODY_VERSION);
    if (r.err == SP_OK && items > 1) {
        entity = sp_arena_take(arena, items - 1u, sizeof(*entity));
        if (entity == NULL) {
            sp_rd_fail(&r, SP_E_NOMEM);
        }
    }
    for (uint32_t i = 0; i + 1u < items && r.err == SP_OK; i++) {
        read_entity(&r, arena, &entity[i]);
        if (i > 0 && entity[i].number <= entity[i - 1].number) {
            sp_rd_fail(&r, SP_E_DOCUMENT);
        }
        d.by_type[entity[i].number] = (uint16_t)(i + 1u);
        d.entity_count++;
    }
    d.entity = entity;
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK && (!parents_sound(&d) || !trays_single(&d))) {
        err = SP_E_DOCUMENT;
    }
    if (err == SP_OK) {
        *out = d;
    }
    return err;
}

/* ---- look-ups ---------------------------------------------------------- */

const struct sp_entity *sp_dictionary_entity(
    const struct sp_dictionary *d, uint16_t type)
{
    if (type > SP_TYPE_MAX || d->by_type[type] == 0) {
        return NULL;
    }
    return &d->entity[d->by_type[type] - 1u];
}

const struct sp_entity *sp_dictionary_entity_named(
    const struct sp_dictionary *d, struct sp_slice name)
{
    for (uint32_t i = 0; i < d->entity_count; i++) {
        if (sp_slice_equal(d->entity[i].name, name)) {
            return &d->entity[i];
        }
    }
    return NULL;
}

const struct sp_entity *sp_dictionary_entity_tray(
    const struct sp_dictionary *d, enum sp_tray_part part)
{
    for (uint32_t i = 0; i < d->entity_count; i++) {
        if (d->entity[i].tray == part) {
            return &d->entity[i];
        }
    }
    return NULL;
}

const struct sp_field *sp_dictionary_field(
    const struct sp_entity *e, uint16_t number)
{
    uint32_t low = 0, high = e->field_count;

    /* Mostly they are numbered without gaps. */
    if (number != 0 && number <= high &&
        e->field[number - 1u].number == number) {
        return &e->field[number - 1u];
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2u;
        if (e->field[middle].number < number) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low < e->field_count && e->field[low].number == number
               ? &e->field[low]
               : NULL;
}

const struct sp_field *sp_dictionary_successor(
    const struct sp_entity *e, uint16_t number)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->field[i].was == number && number != 0) {
            return &e->field[i];
        }
    }
    return NULL;
}

const struct sp_field *sp_dictionary_field_named(
    const struct sp_entity *e, struct sp_slice name)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        /* Few names are of one size: asked here, as every value that is read
         * by name of every record in a walk comes by. */
        if (e->field[i].name.size == name.size &&
            sp_slice_equal(e->field[i].name, name)) {
            return &e->field[i];
        }
    }
    return NULL;
}

const struct sp_option *sp_dictionary_option(
    const struct sp_field *f, uint64_t number)
{
    for (uint32_t i = 0; i < f->option_count; i++) {
        if (f->option[i].number == number) {
            return &f->option[i];
        }
    }
    return NULL;
}
