#include "ctl/fresh.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/saw.h"
#include "ops/say.h"

/* ---- branches ----------------------------------------------------------- */

static bool is_branch(const struct sp_roster *unit)
{
    return unit->unit.size > 0 && unit->server != 0;
}

static sp_err make_list(
    const struct sp_rulebook *book, struct sp_tx *tx, struct sv_fresh *out)
{
    const struct sp_roster *unit;
    uint32_t count = 0;
    for (size_t i = 0; (unit = sp_rulebook_list_unit(book, i)) != NULL; i++) {
        count += is_branch(unit);
    }
    out->branch = sp_arena_take(&tx->arena, count + 1u, sizeof *out->branch);
    if (out->branch == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; (unit = sp_rulebook_list_unit(book, i)) != NULL; i++) {
        if (is_branch(unit)) {
            out->branch[out->count++] =
                (struct sv_fresh_branch){ .unit = unit };
        }
    }
    return SP_OK;
}

static sp_err take_neighbour(void *arg, const struct sp_neighbour *n)
{
    struct sv_fresh *f = arg;
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->branch[i].unit->server == n->device) {
            f->branch[i].last_ms = n->last_contact_ms;
        }
    }
    return SP_OK;
}

static void count_in(struct sv_fresh *f, uint64_t now)
{
    for (uint32_t i = 0; i < f->count; i++) {
        struct sv_fresh_branch *b = &f->branch[i];
        b->in = b->last_ms != 0 && b->last_ms + SV_FRESH_MS > now;
        f->in += b->in;
        if (b->in && (f->as_of_ms == 0 || b->last_ms < f->as_of_ms)) {
            f->as_of_ms = b->last_ms;
        }
    }
}

/* ---- their devices ------------------------------------------------------ */

static struct sv_fresh_branch *branch_of(
    const struct sp_rulebook *book, struct sv_fresh *f, uint32_t user)
{
    const struct sp_roster *unit =
        user == 0 ? NULL : sp_rulebook_find_unit_of(book, user);
    for (uint32_t i = 0; unit != NULL && i < f->count; i++) {
        if (sp_slice_equal(f->branch[i].unit->unit, unit->unit)) {
            return &f->branch[i];
        }
    }
    return NULL;
}

static void count_devices(const struct sp_rulebook *book, struct sv_fresh *f)
{
    const struct sp_device *d;
    for (size_t i = 0; (d = sp_rulebook_list_device(book, i)) != NULL; i++) {
        struct sv_fresh_branch *b = branch_of(book, f, d->user);
        if (b != NULL && d->status == SP_DEVICE_ACTIVE) {
            b->devices++;
        }
    }
}

struct chain {
    uint64_t next, missing, waiting;
    uint64_t made_ms; /* of the last one */
};

static sp_err take_entry(void *arg, const struct sp_logged *entry)
{
    struct chain *c = arg;
    c->missing += entry->commit.n - c->next;
    c->next = entry->commit.n + 1;
    c->waiting += entry->verdict.kind == SP_DEFERRED;
    c->made_ms = sp_hlc_ms(entry->commit.time);
    return SP_OK;
}

/* What one replica has handed in. */
static sp_err look_at(struct sp_tx *tx, struct sv_fresh *f, sp_replica replica,
    uint64_t last, uint64_t now)
{
    const struct sp_rulebook *book = sv_call_book(tx);
    const struct sp_device *d =
        sp_rulebook_find_device(book, sp_replica_device(replica));
    struct sv_fresh_branch *b = d == NULL ? NULL : branch_of(book, f, d->user);
    struct chain c = { .next = last > SV_FRESH_GAPS ? last - SV_FRESH_GAPS + 1
                                                    : 1 };
    if (b == NULL) {
        return SP_OK;
    }
    sp_err err = sp_log_walk(tx, replica, c.next, take_entry, &c);
    b->commits += last;
    b->missing += c.missing;
    b->waiting += c.waiting;
    b->devices_seen += d->status == SP_DEVICE_ACTIVE && c.made_ms != 0 &&
                       c.made_ms + SV_FRESH_MS > now;
    return err;
}

static sp_err look_at_all(struct sp_tx *tx, struct sv_fresh *f, uint64_t now)
{
    struct sv_saw_replicas *r =
        sp_arena_take(&tx->arena, 1, sizeof(struct sv_saw_replicas));
    sp_err err = r == NULL ? SP_E_NOMEM : sv_saw_replicas(tx, r);
    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        err = look_at(tx, f, r->replica[i], r->last[i], now);
    }
    return err;
}

sp_err sv_fresh_load(struct sp_tx *tx, bool gaps, struct sv_fresh *out)
{
    const struct sp_rulebook *book = sv_call_book(tx);
    uint64_t now = tx->node->env->now_ms(tx->node->env->self);
    *out = (struct sv_fresh){ .count = 0 };
    sp_err err = make_list(book, tx, out);
    if (err == SP_OK) {
        err = sp_node_neighbours(tx, take_neighbour, out);
    }
    if (err != SP_OK) {
        return err;
    }
    count_in(out, now);
    count_devices(book, out);
    return gaps ? look_at_all(tx, out, now) : SP_OK;
}

/* ---- on reports --------------------------------------------------------- */

static void put(struct sv_call *call, const struct sv_fresh *f)
{
    char text[160], when[32] = "";
    json_t *at = sv_call_time(f->as_of_ms);
    time_t seconds = (time_t)(f->as_of_ms / 1000);
    struct tm local;
    if (f->as_of_ms == 0 || localtime_r(&seconds, &local) == NULL ||
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local) == 0) {
        snprintf(when, sizeof when, "%s", sv_say("never"));
    }
    snprintf(text, sizeof text, sv_say("%u of %u branches, as of %s"), f->in,
        f->count, when);
    sv_call_set(call, "freshness", json_string(text));
    sv_call_set(call, "branches", json_integer((json_int_t)f->count));
    sv_call_set(call, "branches_in", json_integer((json_int_t)f->in));
    sv_call_set(call, "branches_as_of", at);
}

static sp_err stamp(void *arg, struct sp_tx *tx)
{
    struct sv_fresh f;
    sp_err err = sv_fresh_load(tx, false, &f);
    if (err == SP_OK) {
        put(arg, &f);
    }
    return err;
}

sp_err sv_fresh_stamp(struct sv_call *call)
{
    return call->server->home.who.tier == SP_TIER_HEAD_OFFICE
               ? sv_call_read(call, stamp, call)
               : SP_OK;
}
