#include "policy/policy.h"

#include "ops/say.h"
#include "policy/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX 8388608u

struct draft {
    struct sv_conf *c;
    struct sp_arena *arena;
    const struct sp_dictionary *dictionary;
    struct sp_role *role;
    uint32_t role_count;
};

static void *take(struct draft *w, unsigned count, size_t size)
{
    void *p = sp_arena_take(w->arena, count == 0 ? 1u : count, size);

    if (p == NULL) {
        sv_conf_fail(w->c, NULL, "is too large for the memory");
    }
    return p;
}

static struct sp_slice keep(
    struct draft *w, const config_setting_t *at, const char *name, size_t max)
{
    const char *text = sv_conf_text(w->c, at, name, NULL);
    struct sp_slice s = sp_arena_copy(w->arena, sp_slice_text(text));

    if (strlen(text) > max) {
        sv_conf_fail(w->c, at, "\"%s\" is longer than %zu bytes", name, max);
    }
    if (s.data == NULL) {
        s.size = 0;
    }
    return s;
}

/* A list of words as bits of their indexes. */
static unsigned take_bits(struct draft *w, const config_setting_t *at,
    const char *name, const char *what, const char *const *words)
{
    const config_setting_t *list = sv_conf_list(w->c, at, name, false);
    unsigned bits = 0;

    for (unsigned i = 0; i < sv_conf_count(list); i++) {
        const char *text = sv_conf_text_at(w->c, list, i);
        bits |= 1u << sv_conf_word(w->c, list, what, text, words);
    }
    return bits;
}

/* ---- rules ------------------------------------------------------------- */

static int cmp_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* Field numbers of a list of names, sorted. */
static const uint16_t *take_fields(struct draft *w, const config_setting_t *at,
    const char *name, const struct sp_entity *e, bool written, uint32_t *count)
{
    const config_setting_t *list = sv_conf_list(w->c, at, name, false);
    unsigned n = sv_conf_count(list);
    uint16_t *out = take(w, n, sizeof(*out));

    *count = 0;
    for (unsigned i = 0; i < n && !w->c->failed; i++) {
        const char *field = sv_conf_text_at(w->c, list, i);
        const struct sp_field *f =
            sp_dictionary_field_named(e, sp_slice_text(field));
        if (f == NULL) {
            sv_conf_fail(w->c, list,
                "there is no field \"%.60s\" in %.*s; "
                "see dictionary.conf",
                field, (int)e->name.size, (const char *)e->name.data);
            return out;
        }
        /* A retired field may be named: commits of before still write it. */
        if (written && f->merge == SP_MERGE_DRV) {
            sv_conf_fail(w->c, list,
                "field \"%.60s\" is computed: nobody can write it", field);
        }
        out[(*count)++] = f->number;
    }
    if (*count > 1) {
        qsort(out, *count, sizeof(*out), cmp_number);
    }
    for (uint32_t i = 1; i < *count; i++) {
        if (out[i] == out[i - 1]) {
            sv_conf_fail(w->c, list, "\"%s\" names a field twice", name);
        }
    }
    return out;
}

/* What stands by a consent is read beside it: who does not see that it was
 * withdrawn would keep what is gone. */
static void check_consents(struct draft *w, const config_setting_t *at,
    const struct sp_entity *e, const struct sp_rule *r)
{
    for (uint32_t i = 0; i < r->read_count && !w->c->failed; i++) {
        const struct sp_field *f = sp_dictionary_field(e, r->read[i]);
        const struct sp_field *by =
            f->derive == SP_DERIVE_NONE ? NULL : sp_dictionary_consent(e, f);
        bool read = by == NULL;
        for (uint32_t k = 0; k < r->read_count && !read; k++) {
            read = r->read[k] == by->number;
        }
        if (!read) {
            sv_conf_fail(w->c, at,
                "reads \"%.*s\", which stands by the consent \"%.*s\"; add "
                "that to \"read\" too",
                (int)f->name.size, (const char *)f->name.data,
                (int)by->name.size, (const char *)by->name.data);
        }
    }
}

static const char *const rule_settings[] = { "rule", "entity", "scopes",
    "create", "remove", "own", "others", "read", "write", "initial", NULL };

static void take_rule(
    struct draft *w, const config_setting_t *at, struct sp_rule *r)
{
    sv_conf_known(w->c, at, rule_settings);
    r->number = (uint32_t)sv_conf_integer(w->c, at, "rule", 1, 999999, 0);
    const char *name = sv_conf_text(w->c, at, "entity", NULL);
    const struct sp_entity *e =
        sp_dictionary_entity_named(w->dictionary, sp_slice_text(name));
    if (e == NULL) {
        sv_conf_fail(w->c, at,
            "there is no entity \"%.60s\"; see "
            "dictionary.conf",
            name);
        return;
    }
    r->type = e->number;
    r->scopes = (uint8_t)take_bits(
        w, at, "scopes", SV_SAY("kind of scope"), sv_words_scope);
    if (r->scopes == 0) {
        r->scopes = 1u << SP_SCOPE_TERRITORY | 1u << SP_SCOPE_PERSON;
    }
    r->create = sv_conf_flag(w->c, at, "create");
    r->remove = sv_conf_flag(w->c, at, "remove");
    r->own = sv_conf_flag(w->c, at, "own");
    r->others = sv_conf_flag(w->c, at, "others");
    r->read = take_fields(w, at, "read", e, false, &r->read_count);
    r->write = take_fields(w, at, "write", e, true, &r->write_count);
    r->initial = take_fields(w, at, "initial", e, true, &r->initial_count);
    check_consents(w, at, e, r);
    if (r->create && e->tray == SP_TRAY_REJECTED) {
        sv_conf_fail(w->c, at,
            "refusals are recorded by servers: nobody creates %.60s", name);
    }
    if ((r->own || r->others) && e->author == 0) {
        sv_conf_fail(w->c, at,
            "%s = true, but the entity names no author in "
            "dictionary.conf: nobody could ever write",
            r->own ? "own" : "others");
    }
    if (r->own && r->others) {
        sv_conf_fail(w->c, at,
            "own = true and others = true: nobody could ever write; make two "
            "rules of it");
    }
}

/* ---- roles ------------------------------------------------------------- */

static bool among(const uint16_t *list, uint32_t count, uint16_t number)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == number) {
            return true;
        }
    }
    return false;
}

/* Whether some rule of the role lets it fill in a field of a new record. */
static bool fills_in(const struct sp_role *role, uint16_t type, uint16_t number)
{
    for (uint32_t i = 0; i < role->rule_count; i++) {
        const struct sp_rule *r = &role->rule[i];
        if (r->type == type &&
            (among(r->write, r->write_count, number) ||
                among(r->initial, r->initial_count, number))) {
            return true;
        }
    }
    return false;
}

static void check_creates(struct draft *w, const config_setting_t *at,
    const struct sp_role *role, const struct sp_rule *rule)
{
    const struct sp_entity *e = sp_dictionary_entity(w->dictionary, rule->type);
    bool placed = e->parent != 0 || e->catalogue ||
                  fills_in(role, e->number, e->territory) ||
                  fills_in(role, e->number, e->owner);

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->required && !f->retired &&
            !fills_in(role, e->number, f->number)) {
            sv_conf_fail(w->c, at,
                "may create %.*s but not write its required "
                "field \"%.*s\"; add it to write or initial",
                (int)e->name.size, (const char *)e->name.data,
                (int)f->name.size, (const char *)f->name.data);
        }
    }
    if (!placed) {
        sv_conf_fail(w->c, at,
            "may create %.*s but write neither territory "
            "nor owner, so that the record would be in no "
            "scope",
            (int)e->name.size, (const char *)e->name.data);
    }
}

static void take_rules(
    struct draft *w, const config_setting_t *at, struct sp_role *role)
{
    const config_setting_t *list = sv_conf_list(w->c, at, "rules", true);
    unsigned count = sv_conf_count(list);
    struct sp_rule *rule = take(w, count, sizeof(*rule));

    if (count > SP_POLICY_RULES_MAX) {
        sv_conf_fail(w->c, list, "has more than %u rules", SP_POLICY_RULES_MAX);
    }
    role->rule = rule;
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *item = sv_conf_group_at(w->c, list, i);
        if (item != NULL) {
            take_rule(w, item, &rule[i]);
        }
        role->rule_count = i + 1u;
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        if (rule[i].create) {
            check_creates(w, config_setting_get_elem(list, i), role, &rule[i]);
        }
    }
}

static const char *const export_settings[] = { "rows", "alert", "hours", "asks",
    "sensitive", "approves", "entities", NULL };

static const uint16_t *take_entities(
    struct draft *w, const config_setting_t *at, uint32_t *count)
{
    const config_setting_t *list = sv_conf_list(w->c, at, "entities", false);
    unsigned n = sv_conf_count(list);
    uint16_t *out = take(w, n, sizeof(*out));

    *count = 0;
    for (unsigned i = 0; i < n && !w->c->failed; i++) {
        const char *name = sv_conf_text_at(w->c, list, i);
        const struct sp_entity *e =
            sp_dictionary_entity_named(w->dictionary, sp_slice_text(name));
        if (e == NULL) {
            sv_conf_fail(w->c, list,
                "there is no entity \"%.60s\"; see dictionary.conf", name);
            return out;
        }
        out[(*count)++] = e->number;
    }
    if (*count > 1) {
        qsort(out, *count, sizeof(*out), cmp_number);
    }
    for (uint32_t i = 1; i < *count; i++) {
        if (out[i] == out[i - 1]) {
            sv_conf_fail(w->c, list, "\"entities\" names one twice");
        }
    }
    return out;
}

/* What the role takes out of the system; without this nothing. */
static void take_export(struct draft *w, const config_setting_t *role,
    enum sp_reach reach, struct sp_export *x)
{
    const config_setting_t *at = config_setting_get_member(role, "export");

    if (at == NULL) {
        return;
    }
    if (!config_setting_is_group(at)) {
        sv_conf_fail(w->c, at, "\"export\" is a group: { rows = 200; ... }");
        return;
    }
    sv_conf_known(w->c, at, export_settings);
    x->rows = (uint64_t)sv_conf_integer(w->c, at, "rows", 0, UINT32_MAX, 0);
    x->alert = (uint64_t)sv_conf_integer(w->c, at, "alert", 0, UINT32_MAX, 500);
    x->hours = (uint32_t)sv_conf_integer(w->c, at, "hours", 1, 8760, 24);
    x->flags =
        (uint8_t)((sv_conf_flag(w->c, at, "asks") ? SP_EXPORT_ASKS : 0) |
                  (sv_conf_flag(w->c, at, "sensitive") ? SP_EXPORT_SENSITIVE
                                                       : 0) |
                  (sv_conf_flag(w->c, at, "approves") ? SP_EXPORT_APPROVES
                                                      : 0));
    x->type = take_entities(w, at, &x->count);
    if (x->rows == 0 && x->flags != SP_EXPORT_APPROVES) {
        sv_conf_fail(w->c, at,
            "takes out no rows a day and approves nothing; write rows = 200 "
            "or leave \"export\" out");
    }
    if ((x->flags & SP_EXPORT_APPROVES) != 0 && reach == SP_REACH_OWN) {
        sv_conf_fail(w->c, at,
            "approves what others take out, but reaches nobody else: give "
            "the role the reach of a branch or more");
    }
}

static const char *const role_settings[] = { "number", "name", "en", "zh",
    "reach", "authority", "manages", "export", "rules", NULL };

static void take_role(
    struct draft *w, const config_setting_t *at, struct sp_role *role)
{
    sv_conf_known(w->c, at, role_settings);
    role->number =
        (uint16_t)sv_conf_integer(w->c, at, "number", 1, UINT16_MAX, 0);
    role->name = keep(w, at, "name", SP_DICTIONARY_NAME_MAX);
    role->label_en = keep(w, at, "en", SP_DICTIONARY_LABEL_MAX);
    role->label_zh = keep(w, at, "zh", SP_DICTIONARY_LABEL_MAX);
    role->reach = (enum sp_reach)sv_conf_word(w->c, at, "reach",
        sv_conf_text(w->c, at, "reach", NULL), sv_words_reach);
    role->authority = (uint8_t)sv_conf_word(w->c, at, "authority",
        sv_conf_text(w->c, at, "authority", "person"), sv_words_authority);
    role->manages = (uint8_t)take_bits(
        w, at, "manages", SV_SAY("thing to manage"), sv_words_manages);
    if (role->name.size == 0 || role->reach == 0) {
        sv_conf_fail(w->c, at, "a role needs a name and a reach");
    }
    take_export(w, at, role->reach, &role->export);
    take_rules(w, at, role);
}

/* Who may be the second person is said once: the flag by which people are
 * shown who may, the grant by which the judge decides. Each without the other
 * would promise what is refused, or let somebody decide whom nobody names. */
static void check_second(
    struct draft *w, const config_setting_t *at, const struct sp_role *role)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(w->dictionary, sp_slice_text("export_job"));
    const struct sp_field *f =
        e == NULL ? NULL
                  : sp_dictionary_field_named(e, sp_slice_text("decision"));
    bool approves = (role->export.flags & SP_EXPORT_APPROVES) != 0;
    bool writes = false;

    for (uint32_t i = 0; f != NULL && i < role->rule_count; i++) {
        const struct sp_rule *r = &role->rule[i];
        bool grants = r->type == e->number &&
                      (among(r->write, r->write_count, f->number) ||
                          among(r->initial, r->initial_count, f->number));
        if (grants && !r->others) {
            sv_conf_fail(w->c, at,
                "rule %u writes export_job.decision without others = true: "
                "nobody is the second person for himself",
                r->number);
        }
        writes = writes || grants;
    }
    if (f != NULL && writes != approves) {
        sv_conf_fail(w->c, at,
            approves ? "approves exports (approves = true), but no rule of it "
                       "writes export_job.decision"
                     : "writes export_job.decision, but its export does not "
                       "say approves = true");
    }
}

static void check_role(struct draft *w, const config_setting_t *at, uint32_t i)
{
    for (uint32_t j = 0; j < i && !w->c->failed; j++) {
        if (sp_slice_equal(w->role[j].name, w->role[i].name)) {
            sv_conf_fail(w->c, at, "there is a role of that name already");
        }
    }
    if (i > 0 && w->role[i].number <= w->role[i - 1].number) {
        sv_conf_fail(w->c, at,
            "role number %u is a duplicate or out of order; "
            "numbers rise and are never reused",
            w->role[i].number);
    }
}

/* Rule numbers are what a refusal shows: each once. */
static void check_rule_numbers(struct draft *w, const config_setting_t *at)
{
    for (uint32_t i = 0; i < w->role_count; i++) {
        for (uint32_t j = 0; j < w->role[i].rule_count; j++) {
            uint32_t number = w->role[i].rule[j].number, seen = 0;
            for (uint32_t k = 0; k < w->role_count; k++) {
                for (uint32_t l = 0; l < w->role[k].rule_count; l++) {
                    seen += w->role[k].rule[l].number == number;
                }
            }
            if (seen > 1) {
                sv_conf_fail(w->c, at,
                    "rule number %u is used %u times; give "
                    "each rule its own",
                    number, seen);
                return;
            }
        }
    }
}

static void check_manages(struct draft *w, const config_setting_t *at)
{
    unsigned all = 0;

    for (uint32_t i = 0; i < w->role_count; i++) {
        all |= w->role[i].manages;
    }
    if ((all & SP_MANAGES_USERS) == 0 || (all & SP_MANAGES_POLICY) == 0) {
        sv_conf_fail(w->c, at,
            "no role manages users and policy: nobody could "
            "ever change this again; add manages = "
            "[\"users\", \"policy\"] to a role");
    }
}

/* Who has to ask needs somebody to ask. */
static void check_approver(struct draft *w, const config_setting_t *at)
{
    unsigned asks = 0, approves = 0;

    for (uint32_t i = 0; i < w->role_count; i++) {
        const struct sp_export *x = &w->role[i].export;
        asks |= x->flags & (SP_EXPORT_ASKS | SP_EXPORT_SENSITIVE);
        approves |= x->flags & SP_EXPORT_APPROVES;
    }
    if (asks != 0 && approves == 0) {
        sv_conf_fail(w->c, at,
            "exports ask for a second person, but no role may be that: add "
            "approves = true to the export of one");
    }
}

static void take_all(struct draft *w)
{
    const config_setting_t *root = config_root_setting(&w->c->config);
    static const char *const known[] = { "roles", NULL };

    sv_conf_known(w->c, root, known);
    const config_setting_t *list = sv_conf_list(w->c, root, "roles", true);
    unsigned count = sv_conf_count(list);
    if (w->c->failed || count == 0 || count > SP_POLICY_ROLES_MAX) {
        sv_conf_fail(
            w->c, list, "needs from 1 to %u roles", SP_POLICY_ROLES_MAX);
        return;
    }
    w->role = take(w, count, sizeof(*w->role));
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        const config_setting_t *at = sv_conf_group_at(w->c, list, i);
        if (at != NULL) {
            take_role(w, at, &w->role[i]);
            check_role(w, at, i);
        }
        w->role_count = i + 1u;
    }
    if (!w->c->failed) {
        check_approver(w, list);
    }
    for (unsigned i = 0; i < count && !w->c->failed; i++) {
        check_second(w, sv_conf_group_at(w->c, list, i), &w->role[i]);
    }
    if (!w->c->failed) {
        check_rule_numbers(w, list);
        check_manages(w, list);
    }
}

/* What was written must be what every device can read. */
static sp_err write_body(struct draft *w, struct sp_buf *out)
{
    struct sp_policy p = { w->role_count, w->role }, check;
    size_t start = out->size;

    sp_policy_encode(&p, out);
    if (out->err != SP_OK) {
        return out->err;
    }
    if (out->size - start > SP_DOCUMENT_BYTES_MAX - 1024u ||
        sp_policy_decode(sp_slice_of(out->data + start, out->size - start),
            w->arena, &check) != SP_OK) {
        out->size = start;
        sv_conf_fail(w->c, NULL,
            "does not make a valid document: it is too "
            "large");
        return SP_E_CONFIG;
    }
    return SP_OK;
}

sp_err sv_policy_compile(const char *name, struct sp_slice text,
    const struct sp_dictionary *dictionary, struct sp_buf *out,
    struct sv_conf_error *error)
{
    struct sp_arena arena;
    struct sv_conf c;
    struct draft w = { .c = &c, .arena = &arena, .dictionary = dictionary };
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

sp_err sv_policy_compile_file(const char *path,
    const struct sp_dictionary *dictionary, struct sp_buf *out,
    struct sv_conf_error *error)
{
    struct sp_buf text;

    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_err err = sv_conf_read_file(path, &text, error);
    if (err == SP_OK) {
        err = sv_policy_compile(
            path, sp_buf_slice(&text), dictionary, out, error);
    }
    sp_buf_free(&text);
    return err;
}

sp_err sv_policy_leaves_administrator(const struct sp_policy *p,
    const struct sp_rulebook *rulebook, struct sv_conf_error *error)
{
    const struct sp_person *person;
    unsigned all = 0;

    for (size_t i = 0; (person = sp_rulebook_list_person(rulebook, i)) != NULL;
         i++) {
        for (uint32_t j = 0; j < person->role_count; j++) {
            const struct sp_role *role = sp_policy_role(p, person->role[j]);
            if (role != NULL && person->status == SP_PERSON_ACTIVE) {
                all |= role->manages;
            }
        }
    }
    if ((all & SP_MANAGES_USERS) != 0 && (all & SP_MANAGES_POLICY) != 0) {
        return SP_OK;
    }
    error->line = 0;
    (void)snprintf(error->text, sizeof(error->text),
        "this policy locks out every administrator: none of the active people "
        "has a role that manages users and policy; give one to somebody first");
    return SP_E_CONFIG;
}
