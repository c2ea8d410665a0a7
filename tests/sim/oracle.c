#include "oracle_inside.h"

#include "engine.h"
#include "parties.h"
#include "sp/pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX 268435456u

struct sim_oracle *sim_oracle_new(struct sim_world *w)
{
    struct sim_oracle *o = calloc(1, sizeof(*o));

    SP_ASSERT(o != NULL);
    o->world = w;
    sp_arena_init(&o->arena, ARENA_BYTES_MAX);
    o->policy = plain_policy_new(w->org);
    o->head = plain_state_new();
    return o;
}

void sim_oracle_free(struct sim_oracle *o)
{
    sp_arena_free(&o->arena);
    plain_policy_free(o->policy);
    plain_state_free(o->head);
    free(o->made);
    free(o);
}

struct plain_policy *sim_oracle_policy(struct sim_oracle *o)
{
    return o->policy;
}

struct watch *sim_oracle_watch(const struct sim_party *p)
{
    return &p->world->oracle->watch[p->index];
}

struct plain_edition sim_oracle_edition(const struct sim_party *p)
{
    struct sp_serials s = sp_rulebook_serials(sim_rulebook(p));

    return (struct plain_edition){ s.policy, s.roster };
}

static void add_edition(struct watch *w, struct plain_edition e)
{
    for (uint32_t i = 0; i < w->editions; i++) {
        if (w->edition[i].policy == e.policy &&
            w->edition[i].roster == e.roster) {
            return;
        }
    }
    SP_ASSERT(w->editions < EDITIONS_MAX);
    w->edition[w->editions++] = e;
}

void sim_oracle_join(struct sim_oracle *o, struct sim_party *p)
{
    (void)o;
    add_edition(sim_oracle_watch(p), sim_oracle_edition(p));
}

/* ---- commits ----------------------------------------------------------- */

/* A copy that lives as long as the oracle. */
static void keep_commit(
    struct sim_oracle *o, const struct sp_commit *from, struct sp_commit *out)
{
    struct sp_commit c = *from;
    struct sp_buf bytes;

    sp_buf_init(&bytes, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(&c, &bytes);
    SP_ASSERT(bytes.err == SP_OK);
    struct sp_slice kept = sp_arena_copy(&o->arena, sp_buf_slice(&bytes));
    sp_buf_free(&bytes);
    SP_ASSERT(sp_commit_decode(kept, from->replica, &o->arena, out) == SP_OK);
}

const struct sim_made *sim_oracle_made(struct sim_oracle *o,
    struct sim_party *p, uint64_t n, enum sim_expect expect)
{
    struct sp_logged entry;
    struct sp_tx tx;

    if (o->count == o->capacity) {
        o->capacity = o->capacity * 2u + 128u;
        o->made = realloc(o->made, o->capacity * sizeof(*o->made));
        SP_ASSERT(o->made != NULL);
    }
    struct sim_made *m = &o->made[o->count++];
    memset(m, 0, sizeof(*m));
    sim_begin(p, &tx, false);
    SIM_CHECK(o->world,
        sp_log_get(&tx, p->identity.replica, n, &tx.arena, &entry) == SP_OK,
        "commit %" PRIu64 " of %u is not in its journal", n,
        p->identity.device);
    keep_commit(o, &entry.commit, &m->commit);
    m->by = p;
    m->hash = entry.hash;
    m->expect = expect;
    sp_tx_abort(&tx);
    sim_oracle_watch(p)->made++;
    SIM_CHECK(o->world, sim_oracle_watch(p)->made == n,
        "commit %" PRIu64 " of %u is its %" PRIu64 "th", n, p->identity.device,
        sim_oracle_watch(p)->made);
    return m;
}

const struct sim_made *sim_oracle_commit(const struct sim_oracle *o, size_t i)
{
    return i < o->count ? &o->made[i] : NULL;
}

void sim_oracle_unsure(struct sim_oracle *o)
{
    for (size_t i = 0; i < o->count; i++) {
        bool open = true;
        for (unsigned s = 0; s < SIM_SERVERS; s++) {
            open = open && o->made[i].at[s] <= SP_DEFERRED;
        }
        if (open && o->made[i].expect == SIM_ACCEPTED) {
            o->made[i].expect = SIM_EITHER;
        }
    }
}

void sim_oracle_upheaval(struct sim_oracle *o)
{
    o->upheaval = true;
}

const char *sim_oracle_name(const struct sim_made *m)
{
    static char text[48];

    (void)snprintf(text, sizeof(text), "commit %" PRIu64 " of %u", m->commit.n,
        m->by->identity.device);
    return text;
}

/* ---- from the network -------------------------------------------------- */

void sim_oracle_begun(struct sim_session *s)
{
    if (s->from->world->oracle == NULL) {
        return;
    }
    add_edition(sim_oracle_watch(s->from), sim_oracle_edition(s->to));
}

/* The highest commit of a party that a server has. Those before it may be at
 * head office only (SYNC F1). */
static uint64_t logged_at(struct sim_party *server, const struct sim_party *by)
{
    const struct sim_oracle *o = server->world->oracle;
    struct sp_logged entry;
    struct sp_tx tx;
    uint64_t n = 0;

    sim_begin(server, &tx, false);
    for (size_t i = 0; i < o->count; i++) {
        const struct sim_made *m = &o->made[i];
        sp_arena_reset(&tx.scratch);
        if (m->by == by && sp_log_get(&tx, m->commit.replica, m->commit.n,
                               &tx.scratch, &entry) == SP_OK) {
            n = m->commit.n;
        }
    }
    sp_tx_abort(&tx);
    return n;
}

void sim_oracle_answered(struct sim_session *s)
{
    if (s->from->world->oracle == NULL) {
        return;
    }
    uint64_t there = logged_at(s->to, s->from);
    /* A frontier taken over from head office counts as well (SYNC F1). */
    uint64_t head = logged_at(s->from->world->party[SIM_HEAD], s->from);

    add_edition(sim_oracle_watch(s->from), sim_oracle_edition(s->to));
    s->answered = there > head ? there : head;
}

void sim_oracle_delivered(struct sim_session *s)
{
    if (s->from->world->oracle == NULL) {
        return;
    }
    struct watch *w = sim_oracle_watch(s->from);

    if (s->answered > w->heard) {
        w->heard = s->answered;
    }
}

/* ---- verdicts at servers ----------------------------------------------- */

static void check_verdict(struct sim_world *w, struct sim_made *m, unsigned s,
    enum sp_verdict_kind now, sp_err code)
{
    enum sp_verdict_kind had = m->at[s];

    bool wins = w->oracle->upheaval && now == SP_ACCEPTED;

    SIM_CHECK(w, had <= SP_DEFERRED || now == had || wins,
        "%s was %d at %u and is %d now", sim_oracle_name(m), had, s + 1u, now);
    SIM_CHECK(w,
        m->expect != SIM_ACCEPTED || now != SP_REFUSED || w->oracle->upheaval,
        "%s is refused at %u: %s", sim_oracle_name(m), s + 1u,
        sp_err_name(code));
    SIM_CHECK(w, m->expect != SIM_REFUSED || now != SP_ACCEPTED,
        "%s is accepted at %u", sim_oracle_name(m), s + 1u);
    m->at[s] = now;
    m->was_refused = m->was_refused || now == SP_REFUSED;
    m->was_accepted = m->was_accepted || now == SP_ACCEPTED;
    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        SIM_CHECK(w,
            m->at[i] <= SP_DEFERRED || now <= SP_DEFERRED || m->at[i] == now ||
                w->oracle->upheaval,
            "%s is %d at %u and %d at %u", sim_oracle_name(m), m->at[i], i + 1u,
            now, s + 1u);
    }
}

/* Whether a later accepted write by somebody who had seen it took its
 * place. */
static bool overwritten(const struct sim_oracle *o, const struct sim_made *m,
    const struct sp_ref *ref, const struct sp_write *w)
{
    struct sp_dot dot = { m->commit.replica, m->commit.n };

    for (size_t i = 0; i < o->count; i++) {
        const struct sp_commit *c = &o->made[i].commit;
        for (uint32_t k = 0; k < c->count; k++) {
            for (uint32_t j = 0;
                 sp_ref_equal(&c->change[k].ref, ref) && j < c->change[k].count;
                 j++) {
                const struct sp_write *v = &c->change[k].write[j];
                if (sp_key_cmp(&v->key, &w->key) == 0 &&
                    (sp_vector_covers(&v->context, dot) ||
                        (c->replica == dot.replica && c->n > dot.counter))) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* Whether a record that a branch has is where it serves. */
static bool is_served(
    struct sim_party *p, struct sp_tx *tx, const struct sp_record *r)
{
    struct plain_edition e = sim_oracle_edition(p);
    struct plain_place place;

    return sim_oracle_place(tx, r, &place) &&
           plain_at_branch(p->world->oracle->policy, &e, p->index, &place);
}

/* An accepted value is there, or somebody has seen it and wrote another. */
static void check_stands(
    struct sim_party *p, struct sp_tx *tx, const struct sim_made *m)
{
    struct sim_world *w = p->world;

    for (uint32_t i = 0; i < m->commit.count; i++) {
        const struct sp_change *c = &m->commit.change[i];
        struct sp_record r;
        sp_arena_reset(&tx->scratch);
        sp_err err = sp_state_get(tx, &c->ref, &tx->scratch, &r);
        if (p->index != SIM_HEAD && w->oracle->upheaval &&
            (err == SP_E_NOT_FOUND || !is_served(p, tx, &r))) {
            continue; /* the record has moved to another branch */
        }
        SIM_CHECK(w, err == SP_OK,
            "%s is accepted at %u, its record is not there", sim_oracle_name(m),
            p->identity.device);
        for (uint32_t k = 0; k < c->count; k++) {
            const struct sp_register *g = sp_record_find(
                &r, c->write[k].key.field, c->write[k].key.element);
            struct sp_dot dot = { m->commit.replica, m->commit.n };
            bool stands = false;
            SIM_CHECK(w, g != NULL && sp_vector_covers(&g->context, dot),
                "%s is accepted at %u, field %u does not know it",
                sim_oracle_name(m), p->identity.device, c->write[k].key.field);
            for (uint32_t j = 0; j < g->count && !stands; j++) {
                stands = sp_dot_cmp(&g->sibling[j].stamp.dot, &dot) == 0;
            }
            SIM_CHECK(w,
                stands || overwritten(w->oracle, m, &c->ref, &c->write[k]),
                "%s: field %u is gone at %u", sim_oracle_name(m),
                c->write[k].key.field, p->identity.device);
        }
    }
}

/* A commit at a server: by its chain, or passed down to be judged there (SYNC
 * J6). False: it is not there. */
static bool find_at(struct sim_party *p, struct sp_tx *tx, struct sim_made *m)
{
    struct sim_world *w = p->world;
    struct sp_logged entry;
    struct sp_verdict_entry e;
    struct sp_commit c;

    sp_arena_reset(&tx->scratch);
    sp_err err =
        sp_log_get(tx, m->commit.replica, m->commit.n, &tx->scratch, &entry);
    SIM_CHECK(w, err == SP_OK || err == SP_E_NOT_FOUND, "log of %u: %s",
        p->identity.device, sp_err_name(err));
    SIM_CHECK(w, err == SP_OK || !m->logged[p->index],
        "%s was in the log of %u and is gone", sim_oracle_name(m),
        p->identity.device);
    if (err == SP_OK) {
        SIM_CHECK(w, memcmp(&entry.hash, &m->hash, sizeof(m->hash)) == 0,
            "%s has another hash at %u", sim_oracle_name(m),
            p->identity.device);
        m->logged[p->index] = true;
        check_verdict(w, m, p->index, entry.verdict.kind, entry.verdict.code);
        return true;
    }
    err =
        sp_passed_commit(tx, m->commit.replica, m->commit.n, &tx->scratch, &c);
    if (err != SP_OK) {
        SIM_CHECK(w, m->at[p->index] <= SP_DEFERRED,
            "%s was decided at %u and is gone", sim_oracle_name(m),
            p->identity.device);
        m->at[p->index] = SP_VERDICT_NONE; /* another is to judge it now */
        return false;
    }
    SP_ASSERT(sp_log_verdict(tx, c.replica, c.n, &e) == SP_OK);
    check_verdict(w, m, p->index,
        e.verdict.kind == SP_VERDICT_NONE ? SP_ACCEPTED : e.verdict.kind,
        e.verdict.code);
    return true;
}

static sp_err replay_own(void *arg, const struct sp_logged *entry)
{
    struct sim_oracle *o = arg;
    struct sp_commit kept;

    keep_commit(o, &entry->commit, &kept);
    plain_state_apply(o->head, &kept);
    return SP_OK;
}

/* What servers write themselves is accepted as made (SYNC J7): a deletion that
 * has seen what its author could not, for one. */
static void replay_servers(struct sim_party *head, struct sp_tx *tx)
{
    struct sim_world *w = head->world;
    struct sim_oracle *o = w->oracle;

    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        sp_replica replica = w->party[i]->identity.replica;
        struct sp_chain chain;
        SP_ASSERT(sp_log_chain(tx, replica, &chain) == SP_OK);
        if (chain.n > o->own[i]) {
            SP_ASSERT(sp_log_walk(tx, replica, o->own[i] + 1u, replay_own, o) ==
                      SP_OK);
            o->own[i] = chain.n;
        }
    }
}

static void check_server_log(struct sim_party *p, struct sp_tx *tx)
{
    struct sim_world *w = p->world;
    struct sim_oracle *o = w->oracle;

    sim_oracle_watch(p)->commits = mem_store_commits(p->store);

    if (p->index == SIM_HEAD) {
        replay_servers(p, tx);
    }
    for (size_t i = 0; i < o->count; i++) {
        struct sim_made *m = &o->made[i];
        if (!find_at(p, tx, m)) {
            continue;
        }
        bool serves = p->index == SIM_HEAD || o->upheaval || m->by->home == p ||
                      m->by == p;
        if (m->at[p->index] == SP_ACCEPTED && serves) {
            check_stands(p, tx, m);
        }
        if (m->at[p->index] == SP_ACCEPTED && p->index == SIM_HEAD &&
            !m->applied) {
            plain_state_apply(o->head, &m->commit);
            m->applied = true;
        }
    }
}

/* What a device says is compared with servers as they are now. */
static void look_at_servers(struct sim_world *w)
{
    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        struct sim_party *p = w->party[i];
        struct sp_tx tx;
        if (sim_oracle_watch(p)->commits != mem_store_commits(p->store)) {
            sim_begin(p, &tx, false);
            check_server_log(p, &tx);
            sp_tx_abort(&tx);
        }
    }
}

/* ---- records of a store ------------------------------------------------ */

/* What a record belongs to, an account what it is now; by which write. */
static bool leads(
    const struct sp_record *r, struct sp_ref *to, struct sp_dot *by)
{
    const struct sp_sibling *s =
        plain_shown(r, r->ref.type == PLAIN_ACCOUNT ? PLAIN_ACCOUNT_MERGED
                                                    : PLAIN_CHILD_ACCOUNT);
    struct sp_rd rd;

    if (s == NULL) {
        return false;
    }
    sp_rd_init(&rd, s->value);
    to->type = PLAIN_ACCOUNT;
    sp_rd_fixed(&rd, to->id.b, sizeof(to->id.b));
    *by = s->stamp.dot;
    return rd.err == SP_OK;
}

struct way {
    uint32_t count;
    struct sp_ref at[SP_TREE_HOPS_MAX];
    struct sp_dot by[SP_TREE_HOPS_MAX];
};

/* In a circle whose link was written last, by dot, leads nowhere (SYNC M7). */
static bool circles(const struct way *w, struct sp_ref *to)
{
    uint32_t first = 0;

    while (first < w->count && !sp_ref_equal(&w->at[first], to)) {
        first++;
    }
    if (first == w->count) {
        return false;
    }
    uint32_t last = first;
    for (uint32_t i = first; i < w->count; i++) {
        last = sp_dot_cmp(&w->by[i], &w->by[last]) > 0 ? i : last;
    }
    *to = w->at[last];
    return true;
}

bool sim_oracle_place(
    struct sp_tx *tx, const struct sp_record *r, struct plain_place *out)
{
    struct sp_record at = *r;
    struct way way = { .count = 0 };
    struct sp_ref to;
    struct sp_dot by;
    bool known = true, broken = false;

    while (known && !broken && leads(&at, &to, &by)) {
        SP_ASSERT(way.count < SP_TREE_HOPS_MAX);
        way.at[way.count] = at.ref;
        way.by[way.count++] = by;
        broken = circles(&way, &to);
        known = sp_state_get(tx, &to, &tx->arena, &at) == SP_OK;
    }
    plain_place_of(r, known && at.ref.type == PLAIN_ACCOUNT ? &at : NULL, out);
    return known;
}

/* The text field by which the world knows a visit again. */
#define MARK_FIELD 10u

static void check_marks(
    struct sim_party *p, struct sp_tx *tx, const struct refs *refs)
{
    struct sp_slice *mark = calloc(refs->count + 1u, sizeof(*mark));
    uint32_t count = 0;

    SP_ASSERT(mark != NULL);
    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record r;
        if (refs->ref[i].type != PLAIN_VISIT ||
            sp_state_view(tx, &refs->ref[i], &tx->arena, &r, NULL) != SP_OK) {
            continue;
        }
        const struct sp_sibling *s = plain_shown(&r, MARK_FIELD);
        if (s == NULL) {
            continue;
        }
        for (uint32_t k = 0; k < count; k++) {
            SIM_CHECK(p->world, !sp_slice_equal(mark[k], s->value),
                "a visit stands twice at %u", p->identity.device);
        }
        mark[count++] = s->value;
    }
    free(mark);
}

/* Nobody is shown what stands by a consent that he sees withdrawn. */
static void check_consents(
    struct sim_party *p, struct sp_tx *tx, const struct refs *refs)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record r;
        if (refs->ref[i].type != PLAIN_CONTACT ||
            sp_state_view(tx, &refs->ref[i], &tx->arena, &r, NULL) != SP_OK) {
            continue;
        }
        for (uint32_t k = 0; k < r.count; k++) {
            uint16_t by = plain_consent_of(PLAIN_CONTACT, r.reg[k].key.field);
            SIM_CHECK(p->world, by == 0 || plain_consented(&r, by),
                "%u shows field %u without consent", p->identity.device,
                r.reg[k].key.field);
        }
    }
}

/* ---- servers ----------------------------------------------------------- */

static void check_head(
    struct sim_party *p, struct sp_tx *tx, const struct refs *refs)
{
    struct sim_oracle *o = p->world->oracle;

    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record r;
        uint16_t field = 0;
        sp_arena_reset(&tx->scratch);
        SIM_CHECK(p->world,
            sp_state_get(tx, &refs->ref[i], &tx->scratch, &r) == SP_OK,
            "record of head office");
        SIM_CHECK(p->world, plain_state_equal(o->head, &r, &field),
            "head office differs from what it accepted: type %u field %u",
            r.ref.type, field);
    }
    SIM_CHECK(p->world, refs->count == plain_state_records(o->head),
        "head office has %u records, %u were accepted", refs->count,
        plain_state_records(o->head));
}

/* ---- devices ----------------------------------------------------------- */

static bool held_by(const struct sim_party *p, const struct plain_place *place)
{
    const struct watch *w = sim_oracle_watch(p);
    bool held = false;

    for (uint32_t i = 0; i < w->editions && !held; i++) {
        held = plain_may_hold(
            p->world->oracle->policy, &w->edition[i], p->identity.user, place);
    }
    return held;
}

static bool read_by(const struct sim_party *p, uint16_t type, uint16_t field)
{
    const struct watch *w = sim_oracle_watch(p);
    bool read = false;

    for (uint32_t i = 0; i < w->editions && !read; i++) {
        read = plain_may_read(p->world->oracle->policy, &w->edition[i],
            p->identity.user, type, field);
    }
    return read;
}

/* Own accepted writes that a server said to be all of a record, and are not:
 * the rest has been asked for, and comes with the next page. */
static bool waits_for_rest(const struct sim_party *p, const struct sp_record *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->reg[i].count; k++) {
            if (r->reg[i].sibling[k].stamp.dot.replica != p->identity.replica) {
                return false;
            }
        }
    }
    return plain_shown(r, PLAIN_ACCOUNT_TERRITORY) == NULL &&
           plain_shown(r, PLAIN_ACCOUNT_OWNER) == NULL;
}

/* The scope law: what lies in the store beside the own journal. */
static void check_holdings(
    struct sim_party *p, struct sp_tx *tx, const struct refs *refs)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        struct sp_record r;
        struct plain_place place;
        sp_arena_reset(&tx->scratch);
        if (sp_state_get(tx, &refs->ref[i], &tx->scratch, &r) != SP_OK) {
            continue; /* only written here, not delivered by anybody */
        }
        /* Its account may have been taken a page before it is. */
        bool known = sim_oracle_place(tx, &r, &place);
        SIM_CHECK(p->world,
            held_by(p, &place) || !known || waits_for_rest(p, &r),
            "%u holds a record of type %u that its person may not have: "
            "territories %x, %u people, first %u",
            p->identity.device, r.ref.type, place.territory, place.count,
            place.count > 0 ? place.person[0] : 0);
        for (uint32_t k = 0; k < r.count; k++) {
            SIM_CHECK(p->world, read_by(p, r.ref.type, r.reg[k].key.field),
                "%u holds field %u of type %u that its person may not read",
                p->identity.device, r.reg[k].key.field, r.ref.type);
        }
    }
}

void sim_oracle_completed(struct sim_session *s)
{
    if (s->from->world->oracle == NULL) {
        return;
    }
    struct watch *w = sim_oracle_watch(s->from);
    bool quiet =
        s->foreign == 0 && mem_store_commits(s->to->store) == s->expected;

    if (sim_is_server(s->from)) {
        return;
    }
    struct plain_edition by = { s->policy, s->roster };
    w->editions = 0;
    /* When all was the same nothing was handed out. */
    add_edition(w, s->roster != 0 ? by : sim_oracle_edition(s->to));
    sim_oracle_check(s->to);
    if (!s->report.same) {
        w->read[s->to->index] = s->read;
    }
    if (quiet && s->from->home == s->to) {
        sim_oracle_compare(s->from, s->to, &w->read[s->to->index]);
    }
}

/* Sums, members and feeds against the records, counted again; and no proof
 * ever failed, which means a bug (SYNC P2). */
void sim_oracle_books(struct sim_party *p)
{
    struct sp_status s;
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    SP_ASSERT(sp_node_status(&tx, &s) == SP_OK);
    sp_tx_abort(&tx);
    SIM_CHECK(p->world, s.alarms == 0 || p->damaged,
        "%u had to read a scope again", p->identity.device);
    if (p->damaged) {
        return;
    }
    struct test_party books = { .node = p->node,
        .identity = p->identity,
        .mem = p->store,
        .store = p->port };

    test_party_check(&books);
}

/* ---- all laws ---------------------------------------------------------- */

void sim_oracle_check(struct sim_party *p)
{
    struct sp_tx tx;

    look_at_servers(p->world);
    sim_begin(p, &tx, false);
    struct refs *refs = sim_oracle_refs(p, &tx);
    if (sim_is_server(p)) {
        check_server_log(p, &tx);
    } else {
        sim_oracle_journal(p, &tx);
        check_holdings(p, &tx, refs);
    }
    if (p->index == SIM_HEAD) {
        check_head(p, &tx, refs);
    }
    check_marks(p, &tx, refs);
    check_consents(p, &tx, refs);
    free(refs);
    sp_tx_abort(&tx);
    sim_oracle_books(p);
}

void sim_oracle_check_all(struct sim_world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        sim_oracle_check(w->party[i]);
    }
}
