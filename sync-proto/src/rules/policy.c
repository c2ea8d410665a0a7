#include "sp/policy.h"

#include "sp/pack.h"

#include <string.h>

/*
 * Body (PROTOCOL.md, "Bodies of documents"): [version, role, ...]; role:
 * [number, name, en, zh, reach, authority, manages, [rule, ...]] and, of a role
 * that takes something out, [rows, alert, hours, flags, [type, ...]]; rule:
 * [number, type, scope kinds, flags, [read], [write], [initial]].
 */
#define BODY_VERSION 1u
#define ROLE_ITEMS   8u
#define RULE_ITEMS   7u
#define EXPORT_ITEMS 5u

enum {
    FLAG_CREATE = 1,
    FLAG_REMOVE = 2,
    FLAG_OWN = 4,
    FLAG_OTHERS = 8,
    FLAGS_ALL = 15
};

static const uint8_t scopes_all =
    (1u << SP_SCOPE_TERRITORY) | (1u << SP_SCOPE_PERSON) |
    (1u << SP_SCOPE_LEDGER) | (1u << SP_SCOPE_POOL) |
    (1u << SP_SCOPE_CATALOGUE) | (1u << SP_SCOPE_SELF);

/* ---- encode ------------------------------------------------------------ */

static void write_numbers(
    struct sp_buf *b, const uint16_t *number, uint32_t count)
{
    sp_wr_array(b, count);
    for (uint32_t i = 0; i < count; i++) {
        sp_wr_uint(b, number[i]);
    }
}

static void write_rule(struct sp_buf *b, const struct sp_rule *r)
{
    sp_wr_array(b, RULE_ITEMS);
    sp_wr_uint(b, r->number);
    sp_wr_uint(b, r->type);
    sp_wr_uint(b, r->scopes);
    sp_wr_uint(
        b, (r->create ? FLAG_CREATE : 0u) | (r->remove ? FLAG_REMOVE : 0u) |
               (r->own ? FLAG_OWN : 0u) | (r->others ? FLAG_OTHERS : 0u));
    write_numbers(b, r->read, r->read_count);
    write_numbers(b, r->write, r->write_count);
    write_numbers(b, r->initial, r->initial_count);
}

static bool takes_out(const struct sp_export *x)
{
    return x->rows != 0 || x->flags != 0;
}

static void write_export(struct sp_buf *b, const struct sp_export *x)
{
    sp_wr_array(b, EXPORT_ITEMS);
    sp_wr_uint(b, x->rows);
    sp_wr_uint(b, x->alert);
    sp_wr_uint(b, x->hours);
    sp_wr_uint(b, x->flags);
    write_numbers(b, x->type, x->count);
}

void sp_policy_encode(const struct sp_policy *p, struct sp_buf *out)
{
    sp_wr_array(out, p->role_count + 1u);
    sp_wr_uint(out, BODY_VERSION);
    for (uint32_t i = 0; i < p->role_count; i++) {
        const struct sp_role *role = &p->role[i];
        sp_wr_array(out, ROLE_ITEMS + (takes_out(&role->export) ? 1u : 0u));
        sp_wr_uint(out, role->number);
        sp_wr_str(out, role->name);
        sp_wr_str(out, role->label_en);
        sp_wr_str(out, role->label_zh);
        sp_wr_uint(out, (uint64_t)role->reach);
        sp_wr_uint(out, role->authority);
        sp_wr_uint(out, role->manages);
        sp_wr_array(out, role->rule_count);
        for (uint32_t j = 0; j < role->rule_count; j++) {
            write_rule(out, &role->rule[j]);
        }
        if (takes_out(&role->export)) {
            write_export(out, &role->export);
        }
    }
}

/* ---- decode ------------------------------------------------------------ */

/* An array of count elements, or NULL (count 0, or an error latched). */
static void *take(
    struct sp_rd *r, struct sp_arena *arena, uint32_t count, size_t size)
{
    if (r->err != SP_OK || count == 0) {
        return NULL;
    }
    void *p = sp_arena_take(arena, count, size);
    if (p == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
    }
    return p;
}

/* Rising numbers up to max. */
static const uint16_t *read_numbers(
    struct sp_rd *r, struct sp_arena *arena, uint16_t max, uint32_t *count)
{
    uint32_t n = sp_rd_array(r, SP_DICTIONARY_FIELDS_MAX);
    uint16_t *number = take(r, arena, n, sizeof(*number));
    uint32_t last = 0;

    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        number[i] = (uint16_t)sp_rd_uint(r, last + 1u, max);
        last = number[i];
    }
    *count = number == NULL ? 0 : n;
    return number;
}

static void read_rule(
    struct sp_rd *r, struct sp_arena *arena, struct sp_rule *rule)
{
    sp_rd_array_of(r, RULE_ITEMS);
    rule->number = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    rule->type = (uint16_t)sp_rd_uint(r, 1, SP_TYPE_MAX);
    rule->scopes = (uint8_t)sp_rd_uint(r, 0, scopes_all);
    unsigned flags = (unsigned)sp_rd_uint(r, 0, FLAGS_ALL);
    rule->create = (flags & FLAG_CREATE) != 0;
    rule->remove = (flags & FLAG_REMOVE) != 0;
    rule->own = (flags & FLAG_OWN) != 0;
    rule->others = (flags & FLAG_OTHERS) != 0;
    if (rule->own && rule->others) {
        sp_rd_fail(r, SP_E_DOCUMENT); /* nobody could ever write by it */
    }
    rule->read = read_numbers(r, arena, SP_FIELD_MAX, &rule->read_count);
    rule->write = read_numbers(r, arena, SP_FIELD_MAX, &rule->write_count);
    rule->initial = read_numbers(r, arena, SP_FIELD_MAX, &rule->initial_count);
}

static void read_export(
    struct sp_rd *r, struct sp_arena *arena, struct sp_export *x)
{
    sp_rd_array_of(r, EXPORT_ITEMS);
    x->rows = sp_rd_uint(r, 0, UINT32_MAX);
    x->alert = sp_rd_uint(r, 0, UINT32_MAX);
    x->hours = (uint32_t)sp_rd_uint(r, 0, UINT16_MAX);
    x->flags = (uint8_t)sp_rd_uint(r, 0, SP_EXPORT_FLAGS_ALL);
    x->type = read_numbers(r, arena, SP_TYPE_MAX, &x->count);
    if (!takes_out(x)) {
        sp_rd_fail(r, SP_E_DOCUMENT); /* one spelling of nothing: absent */
    }
}

static void read_role(
    struct sp_rd *r, struct sp_arena *arena, struct sp_role *role)
{
    uint32_t items = sp_rd_array(r, ROLE_ITEMS + 1u);

    if (items < ROLE_ITEMS) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    role->number = (uint16_t)sp_rd_uint(r, 1, UINT16_MAX);
    role->name = sp_rd_str(r, SP_DICTIONARY_NAME_MAX);
    role->label_en = sp_rd_str(r, SP_DICTIONARY_LABEL_MAX);
    role->label_zh = sp_rd_str(r, SP_DICTIONARY_LABEL_MAX);
    role->reach = (enum sp_reach)sp_rd_uint(r, SP_REACH_OWN, SP_REACH_ALL);
    role->authority = (uint8_t)sp_rd_uint(r, 0, SP_AUTHORITY_HEAD_OFFICE);
    role->manages = (uint8_t)sp_rd_uint(r, 0, UINT8_MAX);
    uint32_t count = sp_rd_array(r, SP_POLICY_RULES_MAX);
    struct sp_rule *rule = take(r, arena, count, sizeof(*rule));
    for (uint32_t i = 0; i < count && r->err == SP_OK; i++) {
        read_rule(r, arena, &rule[i]);
    }
    role->rule_count = count;
    role->rule = rule;
    memset(&role->export, 0, sizeof(role->export));
    if (items > ROLE_ITEMS) {
        read_export(r, arena, &role->export);
    }
    if (role->name.size == 0) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
}

sp_err sp_policy_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_policy *out)
{
    struct sp_rd r;

    sp_rd_init(&r, body);
    uint32_t items = sp_rd_array(&r, SP_POLICY_ROLES_MAX + 1u);
    (void)sp_rd_uint(&r, BODY_VERSION, BODY_VERSION);
    uint32_t count = items > 0 ? items - 1u : 0;
    struct sp_role *role = take(&r, arena, count, sizeof(*role));
    for (uint32_t i = 0; i < count && r.err == SP_OK; i++) {
        read_role(&r, arena, &role[i]);
        if (i > 0 && role[i].number <= role[i - 1].number) {
            sp_rd_fail(&r, SP_E_DOCUMENT);
        }
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        out->role_count = count;
        out->role = role;
    }
    return err;
}

const struct sp_role *sp_policy_role(const struct sp_policy *p, uint16_t role)
{
    for (uint32_t i = 0; i < p->role_count; i++) {
        if (p->role[i].number == role) {
            return &p->role[i];
        }
    }
    return NULL;
}

const struct sp_role *sp_policy_role_named(
    const struct sp_policy *p, struct sp_slice name)
{
    for (uint32_t i = 0; i < p->role_count; i++) {
        if (sp_slice_equal(p->role[i].name, name)) {
            return &p->role[i];
        }
    }
    return NULL;
}

/* ---- rights ------------------------------------------------------------ */

/* A grant speaks of fields of the dictionary; what the dictionary lacks is
 * granted to nobody. */
static void set_bits(uint64_t *set, const struct sp_entity *entity,
    const uint16_t *number, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (sp_dictionary_field(entity, number[i]) != NULL) {
            set[number[i] / 64u] |= 1ull << (number[i] % 64u);
        }
    }
}

static void add_rule(struct sp_rights *to, const struct sp_entity *entity,
    const struct sp_rule *rule, uint64_t *sets)
{
    uint64_t *read = sets, *write = read + to->words;
    uint64_t *write_own = write + to->words;
    uint64_t *write_others = write_own + to->words;
    uint64_t *initial = write_others + to->words;

    to->rule = to->rule == 0 ? rule->number : to->rule;
    to->create = to->create || rule->create;
    to->remove = to->remove || (rule->remove && !rule->own && !rule->others);
    to->remove_own = to->remove_own || (rule->remove && !rule->others);
    to->remove_others = to->remove_others || (rule->remove && !rule->own);
    set_bits(read, entity, rule->read, rule->read_count);
    set_bits(rule->own      ? write_own
             : rule->others ? write_others
                            : write,
        entity, rule->write, rule->write_count);
    set_bits(initial, entity, rule->initial, rule->initial_count);
}

/* Who may read or write a field may do so with the one that it took over from:
 * it is the same thing under its old number. */
static void hand_back(
    const struct sp_entity *entity, uint64_t *sets, uint16_t words)
{
    for (uint32_t i = entity->field_count; entity->succeeds && i-- > 0;) {
        const struct sp_field *f = &entity->field[i];
        for (unsigned k = 0; f->was != 0 && k < SP_POLICY_SETS; k++) {
            uint64_t *set = sets + k * words;
            uint64_t bit = set[f->number / 64u] >> (f->number % 64u) & 1u;
            set[f->was / 64u] |= bit << (f->was % 64u);
        }
    }
}

/* What stands by a consent is read with it alone: who has no consent to look
 * at would not see that it was withdrawn. */
static void hold_back(
    const struct sp_entity *entity, uint64_t *read, uint16_t words)
{
    for (uint32_t i = 0; entity->withholds && i < entity->field_count; i++) {
        const struct sp_field *f = &entity->field[i];
        const struct sp_field *by = f->derive == SP_DERIVE_NONE
                                        ? NULL
                                        : sp_dictionary_consent(entity, f);
        if (by != NULL && !sp_policy_bit(read, words, by->number)) {
            read[f->number / 64u] &= ~(UINT64_C(1) << (f->number % 64u));
        }
    }
}

/* In his own person scope hold the rules for person scopes too. */
static bool holds(const struct sp_rule *rule, enum sp_scope_kind kind)
{
    return (rule->scopes >> kind & 1u) != 0 ||
           (kind == SP_SCOPE_SELF && (rule->scopes >> SP_SCOPE_PERSON & 1u));
}

/* Nothing granted; words is there. */
static void begin(struct sp_rights *out, uint64_t *sets)
{
    uint16_t words = out->words;

    memset(out, 0, sizeof(*out));
    memset(sets, 0, SP_POLICY_SETS * words * sizeof(*sets));
    out->words = words;
    out->read = sets;
    out->write = sets + words;
    out->write_own = sets + 2u * words;
    out->write_others = sets + 3u * words;
    out->initial = sets + 4u * words;
}

static uint16_t words_of(const struct sp_entity *entity)
{
    uint16_t highest = entity->field_count == 0
                           ? 0
                           : entity->field[entity->field_count - 1u].number;

    return (uint16_t)(highest / 64u + 1u);
}

static void add_role(struct sp_rights *to, const struct sp_role *role,
    const struct sp_entity *entity, enum sp_scope_kind kind, uint64_t *sets)
{
    for (uint32_t i = 0; i < role->rule_count; i++) {
        const struct sp_rule *rule = &role->rule[i];
        if (rule->type == entity->number && holds(rule, kind)) {
            add_rule(to, entity, rule, sets);
        }
    }
}

sp_err sp_policy_rights(const struct sp_policy *p, uint32_t roles,
    const struct sp_entity *entity, enum sp_scope_kind kind,
    struct sp_arena *arena, struct sp_rights *out)
{
    struct sp_rights rights = { .words = words_of(entity) };
    uint64_t *sets =
        sp_arena_take(arena, SP_POLICY_SETS * rights.words, sizeof(*sets));

    if (sets == NULL) {
        return SP_E_NOMEM;
    }
    begin(&rights, sets);
    for (uint32_t i = 0; i < p->role_count; i++) {
        if ((roles >> i & 1u) != 0) {
            add_role(&rights, &p->role[i], entity, kind, sets);
        }
    }
    hand_back(entity, sets, rights.words);
    hold_back(entity, sets, rights.words);
    *out = rights;
    return SP_OK;
}

void sp_policy_begin_rights(
    const struct sp_entity *entity, struct sp_rights_room *room)
{
    room->rights.words = words_of(entity);
    begin(&room->rights, room->set);
}

void sp_policy_add_rights(const struct sp_policy *p, const uint16_t *role,
    uint32_t role_count, enum sp_reach distance, const struct sp_entity *entity,
    enum sp_scope_kind kind, struct sp_rights_room *room)
{
    for (uint32_t i = 0; i < role_count; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        if (r != NULL && r->reach >= distance) {
            add_role(&room->rights, r, entity, kind, room->set);
        }
    }
    hand_back(entity, room->set, room->rights.words);
    hold_back(entity, room->set, room->rights.words);
}

bool sp_policy_bit(const uint64_t *set, uint16_t words, uint16_t field)
{
    return field / 64u < words && (set[field / 64u] >> (field % 64u) & 1u) != 0;
}
