#include "ctl/evening.h"

#include <string.h>

#include "book/day.h"
#include "ctl/day.h"
#include "ctl/org.h"
#include "ctl/saw.h"

#define LOOK_BACK 10000u /* commits of a replica that are looked at */

sp_err sv_evening_begin(
    struct sv_evening *e, struct sv_call *call, struct sp_tx *tx)
{
    const char *as = sv_call_arg(call, "as");
    const char *date = sv_call_arg(call, "date");
    memset(e, 0, sizeof *e);
    e->call = call;
    e->book = sv_call_book(tx);
    e->dictionary = sp_rulebook_dictionary(e->book);
    e->person = sv_org_person(call, e->book, as);
    if (e->person == NULL) {
        return SP_E_NOT_FOUND;
    }
    const struct sp_roster *unit =
        sp_rulebook_find_unit_of(e->book, e->person->user);
    if ((sp_rulebook_manages(e->book, e->person->user) & SP_MANAGES_DEVICES) ==
            0 ||
        unit == NULL) {
        return sv_call_refuse(call, SP_E_DENIED,
            "%s may not: none of the roles manages devices (satchelctl role "
            "list)",
            as);
    }
    e->unit = unit->unit;
    e->all = unit->unit.size == 0;
    e->now_ms = tx->node->env->now_ms(tx->node->env->self);
    e->day = sv_day_local(e->now_ms);
    if (date != NULL && !cc_day_parse(date, &e->day)) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "--date \"%.40s\": write a day as 2026-12-31", date);
    }
    return SP_OK;
}

sp_err sv_evening_here(const struct sv_evening *e, const struct sp_tx *tx)
{
    return e->all || tx->node->tier == SP_TIER_BRANCH
               ? SP_OK
               : sv_call_refuse(e->call, SP_E_DENIED,
                     "here are the records of all branches; ask the server of "
                     "the branch");
}

json_t *sv_evening_deciders(const struct sv_evening *e)
{
    json_t *out = json_array();
    const struct sp_person *p;
    for (size_t i = 0; (p = sp_rulebook_list_person(e->book, i)) != NULL; i++) {
        const struct sp_roster *unit =
            sp_rulebook_find_unit_of(e->book, p->user);
        if (p->status == SP_PERSON_ACTIVE && unit != NULL &&
            sp_slice_equal(unit->unit, e->unit) &&
            (sp_rulebook_manages(e->book, p->user) & SP_MANAGES_DEVICES) != 0) {
            (void)json_array_append_new(out, sv_call_slice(p->login));
        }
    }
    return out;
}

/* ---- devices ------------------------------------------------------------ */

struct looking {
    struct sv_evening *e;
    struct sv_evening_device at;
    struct sv_saw_replicas *replicas; /* read when they are asked for */
};

static sp_err take_neighbour(void *arg, const struct sp_neighbour *n)
{
    struct looking *l = arg;
    if (n->device == l->at.device->device) {
        l->at.last_contact_ms = n->last_contact_ms;
        l->at.clock_offset_ms = n->clock_offset_ms;
        l->at.sent = n->sent;
    }
    return SP_OK;
}

/* Whether a commit of the replica was judged here on that day: the newest
 * first, down to the day before. */
static sp_err handed_in(
    struct sp_tx *tx, sp_replica r, uint64_t last, int32_t day, bool *out)
{
    sp_err err = SP_OK;
    int32_t seen = day + 1;
    struct sp_arena arena;
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    for (uint64_t n = last;
         err == SP_OK && n > 0 && last - n < LOOK_BACK && seen >= day && !*out;
         n--) {
        struct sp_logged entry;
        sp_arena_free(&arena);
        sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
        err = sp_log_get(tx, r, n, &arena, &entry);
        if (err == SP_E_NOT_FOUND) {
            err = SP_OK;
            continue; /* a gap */
        }
        seen = err == SP_OK ? sv_day_local(entry.verdict.at_ms) : seen;
        *out = err == SP_OK && seen == day;
    }
    sp_arena_free(&arena);
    return err;
}

/* A server notes the last contact alone. */
static sp_err look_back(struct looking *l, struct sp_tx *tx)
{
    bool in = false;
    sp_err err = SP_OK;
    if (l->replicas == NULL) {
        l->replicas = sp_arena_take(&tx->arena, 1, sizeof *l->replicas);
        err =
            l->replicas == NULL ? SP_E_NOMEM : sv_saw_replicas(tx, l->replicas);
    }
    for (size_t i = 0; err == SP_OK && !in && i < l->replicas->count; i++) {
        if (sp_replica_device(l->replicas->replica[i]) ==
            l->at.device->device) {
            err = handed_in(tx, l->replicas->replica[i], l->replicas->last[i],
                l->e->day, &in);
        }
    }
    l->at.state = in ? SV_EVENING_IN : SV_EVENING_UNKNOWN;
    return err;
}

static sp_err look_at(struct looking *l, struct sp_tx *tx)
{
    sp_err err = sp_node_neighbours(tx, take_neighbour, l);
    int32_t seen = sv_day_local(l->at.last_contact_ms);
    if (l->at.device->status == SP_DEVICE_LOST) {
        l->at.state = SV_EVENING_LOST;
    } else if (seen == l->e->day) {
        l->at.state = SV_EVENING_IN;
    } else if (seen == CC_DAY_NONE || seen < l->e->day) {
        l->at.state = SV_EVENING_MISSING;
    } else if (err == SP_OK) {
        err = look_back(l, tx);
    }
    return err;
}

static bool is_ours(const struct sv_evening *e, const struct sp_device *d)
{
    const struct sp_roster *unit =
        d->user == 0 ? NULL : sp_rulebook_find_unit_of(e->book, d->user);
    return (d->status == SP_DEVICE_ACTIVE || d->status == SP_DEVICE_LOST) &&
           unit != NULL && (e->all || sp_slice_equal(unit->unit, e->unit));
}

sp_err sv_evening_devices(struct sv_evening *e, struct sp_tx *tx,
    void (*each)(void *arg, const struct sv_evening_device *d), void *arg)
{
    struct looking l = { .e = e };
    const struct sp_device *d;
    sp_err err = SP_OK;
    for (size_t i = 0;
         err == SP_OK && (d = sp_rulebook_list_device(e->book, i)) != NULL;
         i++) {
        const struct sp_person *p =
            is_ours(e, d) ? sp_rulebook_find_person(e->book, d->user) : NULL;
        if (p == NULL) {
            continue;
        }
        l.at = (struct sv_evening_device){ .device = d, .person = p };
        err = look_at(&l, tx);
        if (err == SP_OK) {
            each(arg, &l.at);
        }
    }
    return err;
}

uint64_t sv_evening_newest_ms(const struct sp_register *reg)
{
    uint64_t newest = 0;
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        uint64_t at = sp_hlc_ms(reg->sibling[i].stamp.time);
        newest = at > newest ? at : newest;
    }
    return newest;
}
