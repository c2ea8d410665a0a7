#include "ctl/sync_counts.h"

#include "book/value.h"
#include "ctl/saw.h"
#include "sp/case.h"

struct device {
    uint32_t number;
    bool seen;
};

struct counting {
    const struct sv_evening *evening;
    struct sp_tx *tx;
    struct sp_arena *arena; /* walks take that of the tx for themselves */
    uint64_t from_ms, until_ms;
    const struct sp_entity *entity; /* that is being read */
    struct cc_report_sync_counts *out;
    size_t devices;
    struct device *device;
    struct device *at; /* whose log is being read */
};

static bool is_ours(const struct counting *c, uint32_t user)
{
    const struct sp_roster *unit =
        user == 0 ? NULL : sp_rulebook_find_unit_of(c->evening->book, user);
    return unit != NULL &&
           (c->evening->all || sp_slice_equal(unit->unit, c->evening->unit));
}

static sp_err add_age(struct counting *c, struct cc_report_ages *list,
    uint64_t since_ms, uint64_t until_ms)
{
    uint64_t *ms =
        sp_arena_grow(c->arena, list->ms, list->count, sizeof *list->ms);
    if (ms == NULL) {
        return SP_E_NOMEM;
    }
    list->ms = ms;
    ms[list->count++] = until_ms > since_ms ? until_ms - since_ms : 0;
    return SP_OK;
}

/* ---- devices ------------------------------------------------------------ */

static struct device *find(struct counting *c, uint32_t number)
{
    for (size_t i = 0; i < c->devices; i++) {
        if (c->device[i].number == number) {
            return &c->device[i];
        }
    }
    return NULL;
}

static sp_err list_devices(struct counting *c)
{
    const struct sp_device *d;
    for (size_t i = 0;
         (d = sp_rulebook_list_device(c->evening->book, i)) != NULL; i++) {
        if (d->status != SP_DEVICE_ACTIVE || !is_ours(c, d->user)) {
            continue;
        }
        struct device *list =
            sp_arena_grow(c->arena, c->device, c->devices, sizeof *list);
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        c->device = list;
        list[c->devices++] = (struct device){ d->device, false };
    }
    return SP_OK;
}

static bool is_fresh(const struct counting *c, uint64_t ms)
{
    return ms != 0 && ms + SV_SYNC_SEEN_MS > c->evening->now_ms;
}

static sp_err take_neighbour(void *arg, const struct sp_neighbour *n)
{
    struct counting *c = arg;
    struct device *d = find(c, n->device);
    if (d != NULL) {
        d->seen = d->seen || is_fresh(c, n->last_contact_ms);
    }
    return SP_OK;
}

/* ---- their changes ------------------------------------------------------ */

/* By when it was made: of what was accepted the log has no other time. */
static sp_err take_entry(void *arg, const struct sp_logged *entry)
{
    struct counting *c = arg;
    uint64_t made = sp_hlc_ms(entry->commit.time);
    c->at->seen = c->at->seen || is_fresh(c, made);
    if (made >= c->from_ms && made < c->until_ms) {
        c->out->offered++;
        c->out->refused += entry->verdict.kind == SP_REFUSED;
    }
    return SP_OK;
}

static sp_err read_logs(struct counting *c)
{
    struct sv_saw_replicas *r =
        sp_arena_take(c->arena, 1, sizeof(struct sv_saw_replicas));
    sp_err err = r == NULL ? SP_E_NOMEM : sv_saw_replicas(c->tx, r);
    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        uint64_t last = r->last[i];
        c->at = find(c, sp_replica_device(r->replica[i]));
        if (c->at != NULL) {
            err = sp_log_walk(c->tx, r->replica[i],
                last > SV_SYNC_COMMITS ? last - SV_SYNC_COMMITS + 1 : 1,
                take_entry, c);
        }
    }
    return err;
}

/* ---- what is open ------------------------------------------------------- */

static sp_err take_waiting(void *arg, const struct sp_waiting *w)
{
    struct counting *c = arg;
    return w->verdict.code == SP_E_QUARANTINED && is_ours(c, w->commit.user)
               ? add_age(c, &c->out->quarantine, w->verdict.at_ms,
                     c->evening->now_ms)
               : SP_OK;
}

/* A conflict is as old as the value that made it one. */
static sp_err take_record(void *arg, const struct sp_record *r)
{
    struct counting *c = arg;
    const struct cc_value_of of = { c->entity, r };
    sp_err err = SP_OK;
    for (uint32_t i = 0;
         err == SP_OK && i < c->entity->field_count && !cc_value_deleted(&of);
         i++) {
        const struct sp_field *f = &c->entity->field[i];
        if (sp_case_conflict(f, r)) {
            err = add_age(c, &c->out->conflicts,
                sv_evening_newest_ms(sp_record_field(r, f->number)),
                c->evening->now_ms);
        }
    }
    return err;
}

static sp_err read_records(struct counting *c)
{
    const struct sp_dictionary *d = c->evening->dictionary;
    sp_err err = SP_OK;
    for (uint32_t i = 0; err == SP_OK && i < d->entity_count; i++) {
        c->entity = &d->entity[i];
        if (c->entity->tray == SP_TRAY_NONE) {
            err = sp_state_walk(c->tx, c->entity->number, NULL, take_record, c);
        }
    }
    return err;
}

sp_err sv_sync_counts(const struct sv_evening *e, struct sp_tx *tx,
    uint64_t from_ms, uint64_t until_ms, struct sp_arena *arena,
    struct cc_report_sync_counts *out)
{
    struct counting c = { .evening = e,
        .tx = tx,
        .arena = arena,
        .from_ms = from_ms,
        .until_ms = until_ms,
        .out = out };
    *out = (struct cc_report_sync_counts){ .active = 0 };
    sp_err err = list_devices(&c);
    if (err == SP_OK) {
        err = sp_node_neighbours(tx, take_neighbour, &c);
    }
    if (err == SP_OK) {
        err = read_logs(&c);
    }
    if (err == SP_OK) {
        err = sp_waiting_list(tx, take_waiting, &c);
    }
    if (err == SP_OK) {
        err = read_records(&c);
    }
    out->active = c.devices;
    for (size_t i = 0; i < c.devices; i++) {
        out->seen += c.device[i].seen;
    }
    return err;
}
