#include "rulebook.h"

#include "sp/pack.h"

#include <string.h>

/* ---- shown values (SYNC M7) -------------------------------------------- */

static const struct sp_sibling *shown_sibling(
    const struct sp_entity *e, const struct sp_record *r, uint16_t field)
{
    const struct sp_field *f =
        field == 0 ? NULL : sp_dictionary_field(e, field);

    return f == NULL ? NULL
                     : sp_dictionary_past_shown(
                           e, r, f, (struct sp_slice){ NULL, 0 });
}

static bool shown(const struct sp_entity *e, const struct sp_record *r,
    uint16_t field, struct sp_rd *out)
{
    const struct sp_sibling *s = shown_sibling(e, r, field);

    if (s == NULL) {
        return false;
    }
    sp_rd_init(out, s->value);
    return sp_rd_peek(out) != SP_KIND_NIL;
}

static bool shown_user(const struct sp_entity *e, const struct sp_record *r,
    uint16_t field, uint32_t *out)
{
    struct sp_rd rd;

    if (!shown(e, r, field, &rd)) {
        return false;
    }
    *out = (uint32_t)sp_rd_uint(&rd, 1, UINT32_MAX);
    return rd.err == SP_OK;
}

/* ---- building the set -------------------------------------------------- */

/* Keeps the first as it is and the others sorted, each once. What is more than
 * a record may have is left out, highest ids first: teams are bounded where
 * they are written (SP_DICTIONARY_TEAM_MAX), so only concurrent additions get
 * here, and every replica leaves out the same. */
static void add(struct sp_scopes *s, const struct sp_id *id)
{
    uint32_t at = s->count;

    if (s->count > 0 && sp_id_equal(&s->id[0], id)) {
        return;
    }
    while (at > 1 && sp_id_cmp(&s->id[at - 1u], id) > 0) {
        at--;
    }
    if (at > 1 && sp_id_equal(&s->id[at - 1u], id)) {
        return;
    }
    uint32_t last = s->count;
    if (s->count == SP_RECORD_SCOPES_MAX) {
        if (at == s->count) {
            return;
        }
        last--; /* the highest goes */
    } else {
        s->count++;
    }
    memmove(&s->id[at + 1u], &s->id[at], (last - at) * sizeof(s->id[0]));
    s->id[at] = *id;
}

/* Scope ids are known for all that the rosters name: no hash to make. */
static struct sp_id person_scope(const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p != NULL ? p->scope : sp_scope_person(user);
}

static bool own_scope(const struct sp_rulebook *b, const struct sp_entity *e,
    const struct sp_record *r, struct sp_id *out)
{
    struct sp_rd rd;
    uint32_t user = 0;

    if (shown(e, r, e->territory, &rd)) {
        struct sp_slice code = sp_rd_str(&rd, SP_ROSTER_CODE_MAX);
        if (rd.err == SP_OK && code.size > 0) {
            const struct sp_rulebook_territory *t =
                sp_rulebook_find_zone(b, code);
            *out =
                t != NULL ? t->scope : sp_scope_make(SP_SCOPE_TERRITORY, code);
            return true;
        }
    }
    if (!shown_user(e, r, e->owner, &user)) {
        return false;
    }
    *out = person_scope(b, user);
    return true;
}

struct team {
    const struct sp_rulebook *b;
    struct sp_scopes *out;
};

/* A user number is far below 64 bytes: the element is the value. */
static bool add_teammate(void *arg, struct sp_slice element)
{
    struct team *t = arg;
    struct sp_rd rd;

    sp_rd_init(&rd, element);
    uint32_t user = (uint32_t)sp_rd_uint(&rd, 1, UINT32_MAX);
    if (sp_rd_done(&rd) == SP_OK) {
        struct sp_id id = person_scope(t->b, user);
        add(t->out, &id);
    }
    return true;
}

static void add_team(const struct sp_rulebook *b, const struct sp_entity *e,
    const struct sp_record *r, struct sp_scopes *out)
{
    const struct sp_field *f =
        e->team == 0 ? NULL : sp_dictionary_field(e, e->team);
    struct team t = { b, out };

    if (f != NULL) {
        sp_dictionary_past_members(e, r, f, add_teammate, &t);
    }
}

/* Of a unit when the record names one, else the organisation's. */
static struct sp_id catalogue(
    const struct sp_entity *e, const struct sp_record *r)
{
    struct sp_slice code = { NULL, 0 };
    struct sp_rd rd;

    if (shown(e, r, e->branch, &rd)) {
        code = sp_rd_str(&rd, SP_ROSTER_CODE_MAX);
    }
    return sp_scope_make(SP_SCOPE_CATALOGUE, code);
}

struct sharing {
    sp_share_each each;
    void *arg;
};

static bool call_share(void *arg, struct sp_slice element)
{
    struct sharing *s = arg;
    uint32_t user;
    int64_t day;

    if (sp_dictionary_share_read(element, &user, &day)) {
        s->each(s->arg, element, user,
            day < 0 ? 0 : ((uint64_t)day + 1u) * SP_ROSTER_DAY_MS);
    }
    return true;
}

uint16_t sp_rulebook_scopes_shares(
    void *self, const struct sp_record *r, sp_share_each each, void *arg)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, r->ref.type);
    struct sharing s = { each, arg };

    if (e == NULL || e->share == 0) {
        return 0;
    }
    sp_dictionary_past_members(
        e, r, sp_dictionary_field(e, e->share), call_share, &s);
    return e->share;
}

static void add_shared(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    struct team *t = arg;
    struct sp_id id = person_scope(t->b, user);

    (void)element;
    (void)end_ms; /* who serves takes it away then (share.c): scopes do not
                     hang on a clock, or two servers would differ */
    add(t->out, &id);
}

/* Scopes that a record has by its own fields, author excepted. */
static void add_placed(const struct sp_rulebook *b, const struct sp_entity *e,
    const struct sp_record *r, struct sp_scopes *out)
{
    struct sp_id own;

    if (own_scope(b, e, r, &own)) {
        struct team t = { b, out };
        add(out, &own);
        add_team(b, e, r, out);
        (void)sp_rulebook_scopes_shares((void *)b, r, add_shared, &t);
    } else if (e->catalogue) {
        own = catalogue(e, r);
        add(out, &own);
    }
}

static void add_person(const struct sp_rulebook *b, const struct sp_entity *e,
    const struct sp_record *r, uint16_t field, struct sp_scopes *out)
{
    uint32_t user = 0;

    if (shown_user(e, r, field, &user)) {
        struct sp_id id = person_scope(b, user);
        add(out, &id);
    }
}

/* ---- the port ---------------------------------------------------------- */

static bool leads_by(const struct sp_entity *e, const struct sp_record *r,
    uint16_t field, struct sp_lead *out)
{
    struct sp_ref to;
    struct sp_rd rd;

    if (!shown(e, r, field, &rd)) {
        return false;
    }
    to.type = sp_dictionary_field(e, field)->target;
    sp_rd_fixed(&rd, to.id.b, sizeof(to.id.b));
    if (rd.err != SP_OK) {
        return false;
    }
    *out = (struct sp_lead){ .to = to,
        .stamp = shown_sibling(e, r, field)->stamp,
        .forward = field == e->forward };
    return true;
}

bool sp_rulebook_scopes_lead(
    void *self, const struct sp_record *r, uint16_t tree, struct sp_lead *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, r->ref.type);

    return e != NULL && (leads_by(e, r, e->forward, out) ||
                            leads_by(e, r, tree == 0 ? e->parent : tree, out));
}

bool sp_rulebook_scopes_parent(
    void *self, const struct sp_record *r, struct sp_ref *out)
{
    struct sp_lead lead;

    if (!sp_rulebook_scopes_lead(self, r, 0, &lead)) {
        return false;
    }
    *out = lead.to;
    return true;
}

/* SYNC S1, J1: the own scope first. */
sp_err sp_rulebook_scopes(void *self, const struct sp_record *r,
    const struct sp_record *parent, struct sp_scopes *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, r->ref.type);
    struct sp_scopes s = { .count = 0 };
    struct sp_ref belongs;
    sp_err err = SP_OK;

    if (e == NULL) {
        return SP_E_UNKNOWN_FIELD;
    }
    if (parent != NULL) {
        const struct sp_entity *pe =
            sp_dictionary_entity(b->dictionary, parent->ref.type);
        if (pe == NULL) {
            return SP_E_UNKNOWN_FIELD;
        }
        add_placed(b, pe, parent, &s);
    } else if (sp_rulebook_scopes_parent(self, r, &belongs)) {
        err = SP_E_DEFERRED_PARENT;
    } else if (e->parent == 0 || e->owner != 0) {
        add_placed(b, e, r, &s);
    }
    if (e->parent != 0 && (parent != NULL || err != SP_OK)) {
        add_person(b, e, r, e->owner, &s);
        add_team(b, e, r, &s);
    }
    add_person(b, e, r, e->author, &s);
    *out = s;
    return err;
}

/* Whether a field is one that the entity names, or what that one was. */
static bool was_among(const struct sp_entity *e, uint16_t named, uint16_t field)
{
    const struct sp_field *f = sp_dictionary_field(e, named);

    while (f != NULL && f->number != field && f->was != 0) {
        f = sp_dictionary_field(e, f->was);
    }
    return f != NULL && f->number == field;
}

bool sp_rulebook_scopes_routes(void *self, uint16_t type, uint16_t field)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    return e != NULL && field != 0 &&
           (was_among(e, e->parent, field) || was_among(e, e->author, field) ||
               was_among(e, e->territory, field) ||
               was_among(e, e->owner, field) || was_among(e, e->team, field) ||
               was_among(e, e->share, field) ||
               was_among(e, e->forward, field) ||
               was_among(e, e->branch, field));
}

bool sp_rulebook_scopes_carried(void *self, uint16_t type, uint16_t field)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);
    const struct sp_field *f = e == NULL ? NULL : sp_dictionary_field(e, field);

    if (f == NULL || f->tree || sp_rulebook_scopes_routes(self, type, field)) {
        return false;
    }
    switch (f->merge) {
    case SP_MERGE_LWW:
    case SP_MERGE_KEEP:
    case SP_MERGE_SET:
    case SP_MERGE_MAX:
    case SP_MERGE_DENY:
    case SP_MERGE_APP:
    case SP_MERGE_CNT: /* each increment counts once, whoever brings it */
        return true;
    case SP_MERGE_IMM:
    case SP_MERGE_AUTH:
    case SP_MERGE_DRV:
        break;
    }
    return false;
}
