#include "oracle_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 8u

/* ---- a device and its server -------------------------------------------- */

static bool same_register(
    const struct sp_register *a, const struct sp_register *b)
{
    if (b == NULL || a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (sp_dot_cmp(&a->sibling[i].stamp.dot, &b->sibling[i].stamp.dot) !=
                0 ||
            !sp_slice_equal(a->sibling[i].value, b->sibling[i].value)) {
            return false;
        }
    }
    return true;
}

static sp_err add_ref(void *arg, const struct sp_record *view)
{
    struct refs *r = arg;

    SP_ASSERT(r->count < REFS_MAX);
    r->ref[r->count++] = view->ref;
    return SP_OK;
}

struct refs *sim_oracle_refs(struct sim_party *p, struct sp_tx *tx)
{
    struct refs *r = calloc(1, sizeof(*r));

    SP_ASSERT(r != NULL);
    for (uint16_t type = 1; type < PLAIN_TYPES; type++) {
        sp_err err = sp_state_walk(tx, type, NULL, add_ref, r);
        SIM_CHECK(p->world, err == SP_OK, "walk of %u: %s", p->identity.device,
            sp_err_name(err));
    }
    return r;
}

/* Compares a record of the server with what the device has of it. */
static void compare_record(struct sim_party *device,
    const struct plain_edition *e, const struct sp_record *there,
    const struct sp_record *here)
{
    struct sim_world *w = device->world;
    uint32_t count = 0;

    for (uint32_t i = 0; i < there->count; i++) {
        const struct sp_register *g = &there->reg[i];
        if (!plain_may_read(w->oracle->policy, e, device->identity.user,
                there->ref.type, g->key.field)) {
            continue;
        }
        count++;
        SIM_CHECK(w,
            same_register(
                g, sp_record_find(here, g->key.field, g->key.element)),
            "%u differs from its server: type %u field %u",
            device->identity.device, there->ref.type, g->key.field);
    }
    SIM_CHECK(w, here->count == count,
        "%u has %u fields of a record of type %u, it may have %u",
        device->identity.device, here->count, there->ref.type, count);
}

/* By the documents that this server has: then the device holds nothing (SYNC
 * X8). */
static bool revoked_at(
    const struct sim_party *server, const struct sim_party *p)
{
    struct sp_certified c;

    return server->rules.device(server->rules.self, p->identity.device, &c) ==
               SP_OK &&
           c.revoked;
}

static const char *const all[] = { "H-1", "A-1", "A-2", "B-1", "B-2" };

static bool is_read(const struct sim_scopes *read, const struct sp_id *scope)
{
    for (uint32_t i = 0; i < read->count; i++) {
        if (sp_id_equal(&read->id[i], scope)) {
            return true;
        }
    }
    return false;
}

/* What of a place lies in scopes that have been read. */
static void place_read(const struct sim_scopes *read, struct plain_place *place)
{
    uint32_t kept = 0;

    for (unsigned t = 0; t < PLAIN_TERRITORIES && read != NULL; t++) {
        struct sp_id scope = test_org_territory(all[t]);
        if (!is_read(read, &scope)) {
            place->territory &= ~plain_policy_territory(sp_slice_text(all[t]));
        }
    }
    for (uint32_t i = 0; i < place->count && read != NULL; i++) {
        struct sp_id scope = sp_scope_person(place->person[i]);
        if (is_read(read, &scope)) {
            place->person[kept++] = place->person[i];
        }
    }
    place->count = read == NULL ? place->count : kept;
}

/* Whether the device has it in a scope that another server hands out: that one
 * alone says when it has left. */
static bool held_from_elsewhere(
    struct sim_party *server, struct sp_tx *here, const struct sp_ref *ref)
{
    const struct plain_policy *policy = server->world->oracle->policy;
    struct plain_edition e = sim_oracle_edition(server);
    struct sp_scopes scopes;

    SP_ASSERT(sp_state_scopes(here, ref, &scopes) == SP_OK);
    for (uint32_t i = 0; i < scopes.count; i++) {
        for (unsigned t = 0; t < PLAIN_TERRITORIES; t++) {
            struct plain_place there = { .territory = plain_policy_territory(
                                             sp_slice_text(all[t])) };
            struct sp_id scope = test_org_territory(all[t]);
            if (sp_id_equal(&scope, &scopes.id[i]) &&
                plain_judge(policy, &e, &there) != server->index) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the device has it by a scope of its person's that was not read here:
 * it has been further elsewhere, and what this server knows of the record (that
 * it was merged, say) comes when that one is read (SYNC S7). */
static bool held_unread(struct sim_party *device, struct sp_tx *here,
    const struct plain_edition *e, const struct sim_scopes *read,
    const struct sp_record *mine)
{
    struct plain_place own, seen;

    if (read == NULL || !sim_oracle_place(here, mine, &own)) {
        return false;
    }
    seen = own;
    place_read(read, &seen);
    own.territory &= ~seen.territory;
    own.count = 0; /* what is a person's own is read where he works */
    return plain_may_hold(
        device->world->oracle->policy, e, device->identity.user, &own);
}

/* What of a place the device has it by: what it has by way of another scope
 * only, the server of this one may have to hear of yet. */
static void place_held(
    struct sp_tx *here, const struct sp_ref *ref, struct plain_place *place)
{
    struct sp_scopes scopes;
    struct sim_scopes held;

    SP_ASSERT(sp_state_scopes(here, ref, &scopes) == SP_OK);
    held.count = scopes.count;
    memcpy(held.id, scopes.id, scopes.count * sizeof(*scopes.id));
    place_read(&held, place);
}

/* One record that the device has beyond what this server hands out: given to it
 * where that is served (SYNC S7). What both or one of them know of it must not
 * forbid it, and what is served here is here. */
static void check_one_beyond(struct sim_party *device, struct sim_party *server,
    const struct sim_scopes *read, struct sp_tx *here, struct sp_tx *there,
    const struct sp_record *mine)
{
    struct sim_world *w = device->world;
    struct plain_edition e = sim_oracle_edition(server);
    struct plain_place place, near;
    struct sp_record his;
    bool at_server =
        sp_state_get(there, &mine->ref, &there->arena, &his) == SP_OK;
    bool known = at_server && sim_oracle_place(there, &his, &place);

    if (!known && !sim_oracle_place(here, mine, &place)) {
        return; /* what it belongs to is neither here nor there */
    }
    SIM_CHECK(w,
        !revoked_at(server, device) &&
            (plain_may_hold(
                 w->oracle->policy, &e, device->identity.user, &place) ||
                held_from_elsewhere(server, here, &mine->ref) ||
                held_unread(device, here, &e, read, mine)),
        "%u still holds a record of type %u that is not its person's: "
        "territories %x, %u people, first %u, %s at its server",
        device->identity.device, mine->ref.type, place.territory, place.count,
        place.count > 0 ? place.person[0] : 0, known ? "known" : "unknown");
    near = place;
    plain_place_within(w->oracle->policy, &e, server->index, &near);
    place_read(read, &near);
    place_held(here, &mine->ref, &near);
    SIM_CHECK(w,
        at_server || !plain_may_hold(
                         w->oracle->policy, &e, device->identity.user, &near),
        "%u still holds a record of type %u that left its server",
        device->identity.device, mine->ref.type);
}

static void check_beyond(struct sim_party *device, struct sim_party *server,
    const struct sim_scopes *read, struct sp_tx *here, struct sp_tx *there)
{
    struct refs *refs = sim_oracle_refs(device, here);

    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record mine;
        sp_arena_reset(&here->arena);
        sp_arena_reset(&there->arena);
        if (sp_state_get(here, &refs->ref[i], &here->arena, &mine) == SP_OK) {
            check_one_beyond(device, server, read, here, there, &mine);
        }
    }
    free(refs);
}

static void compare_stores(struct sim_party *device, struct sim_party *server,
    const struct sim_scopes *read)
{
    struct sim_world *w = device->world;
    struct plain_edition e = sim_oracle_edition(server);
    struct sp_tx here, there;

    sim_begin(device, &here, false);
    sim_begin(server, &there, false);
    struct refs *refs = sim_oracle_refs(server, &there);
    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record mine = { .ref = refs->ref[i] }, his;
        struct plain_place place;
        sp_arena_reset(&here.arena);
        sp_arena_reset(&there.arena);
        SP_ASSERT(
            sp_state_get(&there, &refs->ref[i], &there.arena, &his) == SP_OK);
        (void)sim_oracle_place(&there, &his, &place);
        plain_place_within(w->oracle->policy, &e, server->index, &place);
        place_read(read, &place);
        sp_err err = sp_state_get(&here, &refs->ref[i], &here.arena, &mine);
        SIM_CHECK(w, err == SP_OK || err == SP_E_NOT_FOUND, "base of %u",
            device->identity.device);
        if (!revoked_at(server, device) && plain_may_hold(w->oracle->policy, &e,
                                               device->identity.user, &place)) {
            compare_record(device, &e, &his, &mine);
        }
    }
    free(refs);
    check_beyond(device, server, read, &here, &there);
    sp_tx_abort(&there);
    sp_tx_abort(&here);
}

/* Every verdict that the server has, the author has as well. */
static void compare_verdicts(struct sim_party *device, struct sim_party *server)
{
    struct sim_world *w = device->world;
    struct sp_tx tx;

    sim_begin(device, &tx, false);
    for (size_t i = 0; i < w->oracle->count; i++) {
        const struct sim_made *m = &w->oracle->made[i];
        struct sp_logged entry;
        if (m->by != device || m->at[server->index] == SP_VERDICT_NONE) {
            continue;
        }
        SP_ASSERT(sp_log_get(&tx, m->commit.replica, m->commit.n, &tx.arena,
                      &entry) == SP_OK);
        /* Elsewhere he may have heard more than his branch knows. */
        SIM_CHECK(w, entry.verdict.kind >= m->at[server->index],
            "%s is %d at %u, its author was told %d", sim_oracle_name(m),
            m->at[server->index], server->identity.device, entry.verdict.kind);
    }
    sp_tx_abort(&tx);
}

void sim_oracle_compare(struct sim_party *device, struct sim_party *server,
    const struct sim_scopes *read)
{
    compare_stores(device, server, read);
    compare_verdicts(device, server);
}

/* ---- the end ----------------------------------------------------------- */

static void compare_branch(struct sim_world *w, unsigned branch)
{
    struct plain_edition e = sim_oracle_edition(w->party[SIM_HEAD]);
    struct sp_tx here, there;
    uint32_t held = 0, expected = 0;

    sim_begin(w->party[branch], &here, false);
    sim_begin(w->party[SIM_HEAD], &there, false);
    struct refs *refs = sim_oracle_refs(w->party[SIM_HEAD], &there);
    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record mine = { .ref = refs->ref[i] }, his;
        struct plain_place place;
        uint16_t field = 0;
        SP_ASSERT(
            sp_state_get(&there, &refs->ref[i], &there.arena, &his) == SP_OK);
        (void)sim_oracle_place(&there, &his, &place);
        sp_err err = sp_state_get(&here, &refs->ref[i], &here.arena, &mine);
        bool may = plain_at_branch(w->oracle->policy, &e, branch, &place);
        SIM_CHECK(w, may == (err == SP_OK),
            "branch %u %s a record of type %u (territories %x, id ..%02x%02x)",
            branch, may ? "lacks" : "holds", refs->ref[i].type, place.territory,
            refs->ref[i].id.b[14], refs->ref[i].id.b[15]);
        if (may) {
            expected++;
            SIM_CHECK(w, plain_state_equal(w->oracle->head, &mine, &field),
                "branch %u differs from head office: type %u field %u", branch,
                mine.ref.type, field);
        }
    }
    free(refs);
    refs = sim_oracle_refs(w->party[branch], &here);
    held = refs->count;
    SIM_CHECK(w, held == expected, "branch %u has %u records, %u are its own",
        branch, held, expected);
    free(refs);
    sp_tx_abort(&there);
    sp_tx_abort(&here);
}

bool sim_oracle_gone(const struct sim_party *p)
{
    return revoked_at(p->world->party[SIM_HEAD], p);
}

static void settle_one(struct sim_party *p, bool quiet)
{
    struct sp_link_report report;

    if (p->home == NULL || sim_oracle_gone(p)) {
        return;
    }
    p->world->step++;
    sp_err err = sim_sync(p, p->home, &report);
    SIM_CHECK(p->world, err == SP_OK, "the last syncs of %u: %s",
        p->identity.device, sp_err_name(err));
    SIM_CHECK(p->world, !quiet || (report.same && report.round_trips == 1),
        "%u has something to say when all is said: %" PRIu64 " round trips",
        p->identity.device, report.round_trips);
    sim_oracle_check(p);
    sim_oracle_check(p->home);
}

static void round_of_all(struct sim_world *w, bool quiet)
{
    for (unsigned branch = SIM_A; branch <= SIM_B; branch++) {
        settle_one(w->party[branch], quiet);
    }
    for (uint32_t i = SIM_SERVERS; i < w->count; i++) {
        settle_one(w->party[i], quiet);
    }
}

static void check_decided(struct sim_world *w)
{
    for (size_t i = 0; i < w->oracle->count; i++) {
        struct sim_made *m = &w->oracle->made[i];
        if (sim_oracle_gone(m->by) && m->at[SIM_HEAD] == SP_VERDICT_NONE) {
            continue; /* never handed in where it counts */
        }
        SIM_CHECK(w, m->at[SIM_HEAD] >= SP_REFUSED,
            "%s is %d at head office in the end", sim_oracle_name(m),
            m->at[SIM_HEAD]);
        SIM_CHECK(w, !m->was_accepted || m->at[SIM_HEAD] == SP_ACCEPTED,
            "%s was accepted, and is %d at head office in the end",
            sim_oracle_name(m), m->at[SIM_HEAD]);
        SIM_CHECK(w,
            m->expect != SIM_ACCEPTED || m->at[SIM_HEAD] == SP_ACCEPTED,
            "%s is not accepted in the end", sim_oracle_name(m));
        for (unsigned s = SIM_A; s <= SIM_B; s++) {
            SIM_CHECK(w,
                m->at[s] == SP_VERDICT_NONE || m->at[s] == m->at[SIM_HEAD],
                "%s is %d at head office and %d at %u", sim_oracle_name(m),
                m->at[SIM_HEAD], m->at[s], s + 1u);
        }
    }
}

/* What is quarantined, and after its time what waits for what never comes, is
 * for a person at head office; then all have to hear of it. */
static void let_people_decide(struct sim_world *w)
{
    uint32_t decided = sim_oracle_decide_waiting(w->party[SIM_HEAD]);

    for (unsigned i = 0; i < ROUNDS && decided > 0; i++) {
        w->now_ms += 60000;
        round_of_all(w, false);
    }
}

void sim_oracle_settle(struct sim_world *w)
{
    sim_note(w, "faults end");
    while (sim_network_late(w, 0)) {
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        w->now_ms += 60000;
        round_of_all(w, false);
    }
    let_people_decide(w);
    w->now_ms += SP_DEFER_MS_MAX + 1u;
    let_people_decide(w);
    /* Serving terms have run out meanwhile (SYNC J9), and run again when all
     * have met. */
    round_of_all(w, false);
    round_of_all(w, false);
    check_decided(w);
    compare_branch(w, SIM_A);
    compare_branch(w, SIM_B);
    for (uint32_t i = SIM_SERVERS; i < w->count; i++) {
        if (!sim_oracle_gone(w->party[i])) {
            sim_oracle_compare(w->party[i], w->party[i]->home, NULL);
        }
    }
    sim_oracle_trays(w);
    round_of_all(w, true);
    SIM_CHECK(w, w->oracle->outgoing > 0 || w->oracle->count < 50,
        "nobody has seen anything go out");
}
