#include "rulebook.h"

#include "sp/pack.h"
#include "sp/seal.h"

#include <string.h>

/*
 * A grant is what a set of roles may do in scopes of one kind. There are as
 * many as there are different sets of roles among the people, times scope
 * kinds: few. They are numbered here, anew in each rulebook; what compares
 * them between servers is the digest.
 */

#define GRANT_BYTES_MAX 65536u

/* [type, [fields]] for what can be read; field 0 goes without saying. */
static uint32_t write_entity(const struct sp_entity *e,
    const struct sp_rights *rights, struct sp_buf *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        count += sp_policy_bit(rights->read, rights->words, e->field[i].number);
    }
    if (count == 0 || out == NULL) {
        return count;
    }
    sp_wr_array(out, 2);
    sp_wr_uint(out, e->number);
    sp_wr_array(out, count);
    for (uint32_t i = 0; i < e->field_count; i++) {
        uint16_t number = e->field[i].number;
        if (sp_policy_bit(rights->read, rights->words, number)) {
            sp_wr_uint(out, number);
        }
    }
    return count;
}

sp_err sp_rulebook_grants_encode(
    const struct sp_rulebook *b, uint16_t grant, struct sp_buf *out)
{
    uint32_t entities = 0;

    if (grant >= b->grant_count) {
        return SP_E_ARGUMENT;
    }
    if (grant == SP_GRANT_EVERYTHING) {
        sp_wr_bool(out, true);
        return out->err;
    }
    const struct sp_rights *rights = b->grant[grant].rights;
    for (uint32_t i = 0; rights != NULL && i < b->dictionary->entity_count;
         i++) {
        entities +=
            write_entity(&b->dictionary->entity[i], &rights[i], NULL) > 0;
    }
    sp_wr_array(out, entities);
    for (uint32_t i = 0; rights != NULL && i < b->dictionary->entity_count;
         i++) {
        (void)write_entity(&b->dictionary->entity[i], &rights[i], out);
    }
    return out->err;
}

static sp_err make_digest(struct sp_rulebook *b, uint16_t grant)
{
    struct sp_buf bytes;
    uint8_t hash[16];

    sp_buf_init(&bytes, GRANT_BYTES_MAX);
    sp_err err = sp_rulebook_grants_encode(b, grant, &bytes);
    if (err == SP_OK) {
        sp_hash(hash, sizeof(hash), sp_buf_slice(&bytes), NULL);
        memcpy(b->grant[grant].digest, hash, sizeof(b->grant[grant].digest));
    }
    sp_buf_free(&bytes);
    return err;
}

/* Rights of a set of roles over all entities; *any: whether there are some. */
static sp_err make_rights(const struct sp_rulebook *b, uint32_t roles,
    enum sp_scope_kind kind, struct sp_arena *arena,
    const struct sp_rights **out, bool *any)
{
    uint32_t count = b->dictionary->entity_count;
    struct sp_rights *rights =
        sp_arena_take(arena, count + 1u, sizeof(*rights));

    if (rights == NULL) {
        return SP_E_NOMEM;
    }
    *any = false;
    for (uint32_t i = 0; i < count; i++) {
        sp_err err = sp_policy_rights(b->policy, roles,
            &b->dictionary->entity[i], kind, arena, &rights[i]);
        if (err != SP_OK) {
            return err;
        }
        *any = *any || rights[i].rule != 0;
    }
    *out = rights;
    return SP_OK;
}

/* The number of a grant; a new one when no person before had these roles. */
static sp_err number_of(struct sp_rulebook *b, uint32_t capacity,
    uint32_t roles, enum sp_scope_kind kind, struct sp_arena *arena,
    uint16_t *out)
{
    const struct sp_rights *rights = NULL;
    bool any = false;

    if (roles == 0) {
        *out = SP_GRANT_NOTHING;
        return SP_OK;
    }
    for (uint32_t i = SP_GRANT_EVERYTHING + 1u; i < b->grant_count; i++) {
        if (b->grant[i].roles == roles && b->grant[i].kind == kind) {
            *out =
                (uint16_t)(b->grant[i].rights == NULL ? SP_GRANT_NOTHING : i);
            return SP_OK;
        }
    }
    if (b->grant_count == capacity) {
        return SP_E_TOO_LARGE;
    }
    sp_err err = make_rights(b, roles, kind, arena, &rights, &any);
    if (err != SP_OK) {
        return err;
    }
    uint16_t number = (uint16_t)b->grant_count;
    b->grant[number] = (struct sp_rulebook_grant){
        .roles = roles, .kind = kind, .rights = any ? rights : NULL
    };
    b->grant_count++;
    *out = any ? number : SP_GRANT_NOTHING;
    return make_digest(b, number);
}

/* Bits of those of his roles whose reach covers a scope so far away. */
static uint32_t roles_within(const struct sp_rulebook *b,
    const struct sp_person *p, enum sp_reach distance)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < b->policy->role_count; i++) {
        for (uint32_t j = 0; j < p->role_count; j++) {
            if (b->policy->role[i].number == p->role[j] &&
                b->policy->role[i].reach >= distance) {
                bits |= 1u << i;
            }
        }
    }
    return bits;
}

static sp_err grants_of(struct sp_rulebook *b, uint32_t capacity,
    struct sp_rulebook_person *p, struct sp_arena *arena)
{
    for (int reach = SP_REACH_OWN; reach <= SP_REACH_ALL && p->active;
         reach++) {
        uint32_t roles = roles_within(b, p->person, (enum sp_reach)reach);
        for (int kind = SP_SCOPE_TERRITORY; kind <= SP_SCOPE_SELF; kind++) {
            sp_err err = number_of(b, capacity, roles, (enum sp_scope_kind)kind,
                arena, &p->grant[reach][kind]);
            if (err != SP_OK) {
                return err;
            }
        }
    }
    return SP_OK;
}

sp_err sp_rulebook_grants(struct sp_rulebook *b, struct sp_arena *arena)
{
    /* Four distances and six kinds a person is more than can be needed. */
    uint32_t capacity =
        2u + 24u * (b->person_count < 2048u ? b->person_count : 2048u);

    b->grant = sp_arena_take(arena, capacity, sizeof(*b->grant));
    if (b->grant == NULL) {
        return SP_E_NOMEM;
    }
    b->grant_count = 2;
    sp_err err = make_digest(b, SP_GRANT_NOTHING);
    if (err == SP_OK) {
        err = make_digest(b, SP_GRANT_EVERYTHING);
    }
    for (uint32_t i = 0; i < b->person_count && err == SP_OK; i++) {
        err = grants_of(b, capacity, &b->person[i], arena);
    }
    return err;
}
