/* What a device says of its own commits: saved, shown, counted, and nobody's
 * word taken back (SYNC F6). */
#include "oracle_inside.h"

#include "engine.h"

#include <inttypes.h>
#include <string.h>

/* Whether the device's present grants leave a field of a record out: taken
 * away, or not complete yet. What waits there stays in the journal only. */
static bool left_out(struct sp_tx *tx, const struct sp_ref *ref, uint16_t field)
{
    struct sp_scopes scopes;
    bool shown = true;

    if (sp_state_scopes(tx, ref, &scopes) != SP_OK) {
        return false; /* only written here */
    }
    SP_ASSERT(scopes.count == 0 ||
              sp_state_shows(tx, &scopes, ref->type, field, &shown) == SP_OK);
    return !shown;
}

/* A value that waits is on the screen: or a later own one in its place. */
static void check_pending(
    struct sim_party *p, struct sp_tx *tx, const struct sim_made *m)
{
    for (uint32_t i = 0; i < m->commit.count; i++) {
        const struct sp_change *c = &m->commit.change[i];
        struct sp_dot dot = { m->commit.replica, m->commit.n };
        struct sp_record r;
        sp_arena_reset(&tx->scratch);
        SIM_CHECK(p->world,
            sp_state_view(tx, &c->ref, &tx->scratch, &r, NULL) == SP_OK,
            "%s waits, and its record is not shown", sim_oracle_name(m));
        for (uint32_t k = 0; k < c->count; k++) {
            const struct sp_register *g = sp_record_find(
                &r, c->write[k].key.field, c->write[k].key.element);
            SIM_CHECK(p->world,
                (g != NULL && sp_vector_covers(&g->context, dot)) ||
                    left_out(tx, &c->ref, c->write[k].key.field),
                "%s waits, and its field %u is not shown", sim_oracle_name(m),
                c->write[k].key.field);
        }
    }
}

/* A refusal drops just that write (SYNC F6). */
static void check_dropped(
    struct sim_party *p, struct sp_tx *tx, const struct sim_made *m)
{
    struct sp_dot dot = { m->commit.replica, m->commit.n };

    for (uint32_t i = 0; i < m->commit.count; i++) {
        struct sp_record r = { .count = 0 };
        sp_arena_reset(&tx->scratch);
        (void)!sp_state_view(
            tx, &m->commit.change[i].ref, &tx->scratch, &r, NULL);
        for (uint32_t k = 0; k < r.count; k++) {
            for (uint32_t j = 0; j < r.reg[k].count; j++) {
                SIM_CHECK(p->world,
                    sp_dot_cmp(&r.reg[k].sibling[j].stamp.dot, &dot) != 0,
                    "%s is refused, and field %u still shows it",
                    sim_oracle_name(m), r.reg[k].key.field);
            }
        }
    }
}

struct tally {
    uint64_t pending, refused, deferred, head;
};

static void check_own(struct sim_party *p, struct sp_tx *tx,
    const struct sim_made *m, struct tally *t)
{
    struct sim_world *w = p->world;
    struct sp_logged entry;
    bool somewhere = false, accepted = false;

    sp_arena_reset(&tx->scratch);
    SIM_CHECK(w,
        sp_log_get(tx, m->commit.replica, m->commit.n, &tx->scratch, &entry) ==
            SP_OK,
        "%s is not in its journal", sim_oracle_name(m));
    SIM_CHECK(w, memcmp(&entry.hash, &m->hash, sizeof(m->hash)) == 0,
        "%s has another hash in its journal", sim_oracle_name(m));
    for (unsigned s = 0; s < SIM_SERVERS; s++) {
        somewhere = somewhere || m->at[s] != SP_VERDICT_NONE;
        accepted = accepted || m->at[s] == SP_ACCEPTED;
    }
    SIM_CHECK(w, entry.where == SP_AT_DEVICE || somewhere,
        "%s counts as acknowledged, no server has it", sim_oracle_name(m));
    SIM_CHECK(w,
        entry.where != SP_AT_HEAD_OFFICE || m->at[SIM_HEAD] != SP_VERDICT_NONE,
        "%s counts as at head office and is not there", sim_oracle_name(m));
    SIM_CHECK(w, entry.verdict.kind != SP_ACCEPTED || accepted,
        "%s counts as accepted, nobody has accepted it", sim_oracle_name(m));
    SIM_CHECK(w, entry.verdict.kind != SP_REFUSED || m->was_refused,
        "%s counts as refused, nobody has refused it", sim_oracle_name(m));
    t->pending += entry.where == SP_AT_DEVICE;
    t->head += entry.where == SP_AT_HEAD_OFFICE;
    t->refused += entry.verdict.kind == SP_REFUSED && !entry.disposed;
    t->deferred += entry.verdict.kind == SP_DEFERRED;
    if (entry.verdict.kind < SP_REFUSED) {
        check_pending(p, tx, m);
    }
    if (entry.verdict.kind == SP_REFUSED) {
        check_dropped(p, tx, m);
    }
}

void sim_oracle_journal(struct sim_party *p, struct sp_tx *tx)
{
    struct sim_world *w = p->world;
    struct watch *watch = sim_oracle_watch(p);
    struct tally t = { 0 };
    struct sp_status s;

    for (size_t i = 0; i < w->oracle->count; i++) {
        if (w->oracle->made[i].by == p) {
            check_own(p, tx, &w->oracle->made[i], &t);
        }
    }
    SIM_CHECK(
        w, sp_node_status(tx, &s) == SP_OK, "status of %u", p->identity.device);
    uint64_t acknowledged = watch->made - s.pending;
    SIM_CHECK(w,
        s.commits == watch->made && s.pending == t.pending &&
            s.at_head_office == t.head && s.refused == t.refused &&
            s.deferred + s.quarantined == t.deferred,
        "status of %u: %" PRIu64 " commits, %" PRIu64 " pending, %" PRIu64
        " at head office, %" PRIu64 " refused, %" PRIu64 " deferred; known: "
        "%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64,
        p->identity.device, s.commits, s.pending, s.at_head_office, s.refused,
        s.deferred, watch->made, t.pending, t.head, t.refused, t.deferred);
    SIM_CHECK(w, acknowledged <= watch->heard,
        "%u counts %" PRIu64 " as acknowledged, it heard of %" PRIu64,
        p->identity.device, acknowledged, watch->heard);
    SIM_CHECK(w, acknowledged >= watch->acknowledged,
        "%u takes an acknowledgement back", p->identity.device);
    watch->acknowledged = acknowledged;
}
