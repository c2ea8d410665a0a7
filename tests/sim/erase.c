/*
 * erase.c - when all is said, some customers are erased at head office; then
 * nobody keeps a commit that spoke of them alone, and all still agree.
 */
#include "day.h"
#include "engine.h"
#include "oracle_inside.h"

#include <stdlib.h>

#define ROUNDS  5u
#define ACCOUNT 1u
#define ONE_OF  3u /* accounts is erased */

struct erase {
    struct sim_world *w;
    struct sp_tx *tx;
    struct refs all, gone;
    uint32_t items; /* of trays, emptied in this walk */
};

static const uint8_t nil_byte = 0xc0, yes_byte = 0xc3;

/* ---- at head office ------------------------------------------------------ */

static sp_err take(void *arg, const struct sp_ref *ref)
{
    struct refs *r = (struct refs *)arg;

    SP_ASSERT(r->count < REFS_MAX);
    r->ref[r->count++] = *ref;
    return SP_OK;
}

static sp_err take_account(void *arg, const struct sp_record *view)
{
    return take(arg, &view->ref);
}

/* One account of three, and what belongs to it, to that... */
static void choose(struct erase *e)
{
    SP_ASSERT(
        sp_state_walk(e->tx, ACCOUNT, NULL, take_account, &e->all) == SP_OK);
    for (uint32_t i = 0; i < e->all.count; i += ONE_OF) {
        uint32_t from = e->gone.count;
        SP_ASSERT(take(&e->gone, &e->all.ref[i]) == SP_OK);
        for (uint32_t k = from; k < e->gone.count; k++) {
            struct sp_ref of = e->gone.ref[k];
            SP_ASSERT(sp_state_children(e->tx, &of, 0, false, take, &e->gone) ==
                      SP_OK);
        }
    }
}

static bool is_own(struct sp_tx *tx, uint16_t type, uint16_t field)
{
    const struct sp_rules *rules = tx->rules;

    return !rules->derives(rules->self, type, field) &&
           rules->merge_kind(rules->self, type, field) != SP_MERGE_CNT;
}

/* Empties a record as retention does; false: it is not here. */
static bool empty(struct sp_tx *tx, const struct sp_ref *ref)
{
    struct sp_draft_write write[SP_COMMIT_WRITES_MAX];
    struct sp_draft_change change = { *ref, false, 1, write };
    struct sp_draft draft = {
        .authority = SP_AUTHORITY_HEAD_OFFICE, .count = 1, .change = &change
    };
    struct sp_record r;
    struct sp_arena arena;

    sp_arena_init(&arena, 1u << 22);
    bool here = sp_state_get(tx, ref, &arena, &r) == SP_OK;
    write[0] = (struct sp_draft_write){ { SP_FIELD_DELETED, { NULL, 0 } },
        { &yes_byte, 1 } };
    for (uint32_t i = 0; here && i < r.count; i++) {
        uint16_t field = r.reg[i].key.field;
        if (field != SP_FIELD_DELETED && is_own(tx, ref->type, field)) {
            SP_ASSERT(change.count < SP_COMMIT_WRITES_MAX);
            write[change.count++] =
                (struct sp_draft_write){ r.reg[i].key, { &nil_byte, 1 } };
        }
    }
    SP_ASSERT(!here || sp_commit_make_own(tx, &draft, &arena) == SP_OK);
    sp_arena_free(&arena);
    return here;
}

static sp_err empty_items(
    void *arg, struct sp_tx *tx, const struct sp_id *content)
{
    struct erase *e = (struct erase *)arg;
    struct sp_tray_types types;

    tx->rules->tray(tx->rules->self, &types);
    struct sp_ref rejected = { types.rejected, *content },
                  asked = { types.asked, *content };
    e->items += empty(tx, &rejected) ? 1 : 0;
    e->items += empty(tx, &asked) ? 1 : 0;
    return SP_OK;
}

static void erase_them(struct erase *e)
{
    struct sim_party *head = e->w->party[SIM_HEAD];
    struct sp_tx tx;

    sim_begin(head, &tx, true);
    e->tx = &tx;
    choose(e);
    for (uint32_t i = e->gone.count; i > 0; i--) {
        (void)empty(&tx, &e->gone.ref[i - 1]);
    }
    sim_commit(head, &tx);
    do {
        struct sp_erasing at = { .refused = empty_items, .arg = e };
        e->items = 0;
        while (!at.done) {
            sim_begin(head, &tx, true);
            SP_ASSERT(sp_erase_step(&tx, &at, 50) == SP_OK);
            sim_commit(head, &tx);
        }
    } while (e->items > 0);
}

/* ---- afterwards ------------------------------------------------------------
 */

static void meet(struct sim_party *p, bool quiet)
{
    struct sp_link_report report;

    if (p->home == NULL || sim_oracle_gone(p)) {
        return;
    }
    sp_err err = sim_sync(p, p->home, &report);
    SIM_CHECK(p->world, err == SP_OK, "%u after the erasure: %s",
        p->identity.device, sp_err_name(err));
    SIM_CHECK(p->world, !quiet || report.same,
        "%u still has something to say after the erasure", p->identity.device);
}

static bool is_gone(const struct erase *e, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < e->gone.count; i++) {
        if (sp_ref_equal(&e->gone.ref[i], ref)) {
            return true;
        }
    }
    return false;
}

/* It brought a value to what is erased, and speaks of nothing else. */
static bool should_be_gone(const struct erase *e, const struct sp_commit *c)
{
    bool says = false;

    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_change *change = &c->change[i];
        if (!is_gone(e, &change->ref)) {
            return false;
        }
        for (uint32_t k = 0; k < change->count; k++) {
            const struct sp_write *w = &change->write[k];
            says = says ||
                   (w->key.field != SP_FIELD_DELETED &&
                       (w->value.size != 1 || w->value.data[0] != nil_byte));
        }
    }
    return says;
}

static void check_log(struct sim_party *p, const struct sim_made *m)
{
    struct sp_commit c;
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    sp_err err =
        sp_log_commit(&tx, m->commit.replica, m->commit.n, &tx.arena, &c);
    if (err == SP_E_NOT_FOUND) {
        err = sp_passed_commit(
            &tx, m->commit.replica, m->commit.n, &tx.arena, &c);
    }
    SIM_CHECK(p->world,
        err == SP_E_NOT_FOUND || !sp_id_equal(&c.content, &m->commit.content),
        "%u still has %s, of which all is erased", p->identity.device,
        sim_oracle_name(m));
    sp_tx_abort(&tx);
}

void sim_erase(struct sim_world *w)
{
    struct sim_oracle *oracle = w->oracle;
    struct erase *e = (struct erase *)calloc(1, sizeof(*e));

    SP_ASSERT(e != NULL);
    e->w = w;
    sim_note(w, "some are erased");
    w->oracle = NULL; /* it remembers what nobody has now */
    erase_them(e);
    for (unsigned i = 0; i < ROUNDS; i++) {
        w->now_ms += 60000;
        for (unsigned branch = SIM_A; branch <= SIM_B; branch++) {
            meet(w->party[branch], i == ROUNDS - 1);
        }
        for (uint32_t k = SIM_SERVERS; k < w->count; k++) {
            meet(w->party[k], i == ROUNDS - 1);
        }
    }
    w->oracle = oracle;
    for (size_t i = 0; i < oracle->count; i++) {
        const struct sim_made *m = &oracle->made[i];
        if (m->at[SIM_HEAD] == SP_VERDICT_NONE ||
            !should_be_gone(e, &m->commit)) {
            continue;
        }
        for (unsigned s = SIM_HEAD; s <= SIM_B; s++) {
            check_log(w->party[s], m);
        }
        if (!sim_oracle_gone(m->by)) {
            check_log(m->by, m);
        }
    }
    free(e);
}
