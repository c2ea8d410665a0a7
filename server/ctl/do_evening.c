/* do_evening.c - what waits at a branch, counted by kind, with the oldest of
 * each and who is to act: the evening's checklist. Of what a person alone may
 * see (his refused edits) nothing is counted here. */
#include <string.h>

#include "book/quality.h"
#include "book/tally.h"
#include "book/value.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/evening.h"
#include "ctl/job.h"
#include "ctl/source.h"
#include "ops/say.h"
#include "sp/case.h"
#include "sp/pack.h"
#include "sp/tray.h"

enum kind {
    WAITING,
    QUARANTINED,
    UNPROVEN,
    CONFLICT,
    ASKED,
    DUPLICATE,
    CHECKIN,
    EXPORT,
    KINDS
};
enum { OUTSIDE = 2, UNVERIFIED = 3 }; /* visit.verify */

struct counted {
    uint64_t count, oldest_ms;
};
struct inbox {
    struct sv_evening evening;
    struct sv_call *call;
    const struct sp_entity *entity; /* that is being read */
    struct counted of[KINDS];
    uint32_t asking; /* whose request of an export is the oldest */
};

static void note(struct inbox *b, enum kind kind, uint64_t since_ms)
{
    struct counted *c = &b->of[kind];
    c->count++;
    if (since_ms != 0 && (c->oldest_ms == 0 || since_ms < c->oldest_ms)) {
        c->oldest_ms = since_ms;
    }
}

/* ---- commits ------------------------------------------------------------ */

static bool is_ours(const struct inbox *b, uint32_t user)
{
    const struct sp_roster *unit =
        sp_rulebook_find_unit_of(b->evening.book, user);
    return b->evening.all ||
           (unit != NULL && sp_slice_equal(unit->unit, b->evening.unit));
}

static sp_err take_waiting(void *arg, const struct sp_waiting *w)
{
    struct inbox *b = arg;
    if (is_ours(b, w->commit.user)) {
        note(b,
            w->verdict.code == SP_E_UNPROVEN ? UNPROVEN
            : w->verdict.code == SP_E_DEFERRED_PARENT ||
                    w->verdict.code == SP_E_DEFERRED_DOCUMENT ||
                    w->verdict.code == SP_E_DEFERRED_JUDGE
                ? WAITING
                : QUARANTINED,
            w->verdict.at_ms);
    }
    return SP_OK;
}

/* ---- records ------------------------------------------------------------ */

static sp_err walk(struct inbox *b, struct sp_tx *tx,
    const struct sp_entity *entity,
    sp_err (*each)(void *arg, const struct sp_record *r))
{
    b->entity = entity;
    return entity == NULL ? SP_OK
                          : sp_state_walk(tx, entity->number, NULL, each, b);
}

/* A conflict is as old as the value that made it one. */
static sp_err take_record(void *arg, const struct sp_record *r)
{
    struct inbox *b = arg;
    const struct cc_value_of of = { b->entity, r };
    for (uint32_t i = 0; i < b->entity->field_count && !cc_value_deleted(&of);
         i++) {
        const struct sp_field *f = &b->entity->field[i];
        if (sp_case_conflict(f, r)) {
            note(b, CONFLICT,
                sv_evening_newest_ms(sp_record_field(r, f->number)));
        }
    }
    return SP_OK;
}

static sp_err take_all_records(struct inbox *b, struct sp_tx *tx)
{
    const struct sp_dictionary *d = b->evening.dictionary;
    sp_err err = SP_OK;
    for (uint32_t i = 0; err == SP_OK && i < d->entity_count; i++) {
        if (d->entity[i].tray == SP_TRAY_NONE) {
            err = walk(b, tx, &d->entity[i], take_record);
        }
    }
    return err;
}

/* A moment that stands in a field of the tray; 0. */
static uint64_t moment(struct sp_slice value, bool in_group)
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    if (in_group) {
        (void)sp_rd_array(&r, 16);
    }
    sp_rd_array_of(&r, 2);
    uint64_t ms = sp_rd_uint(&r, 0, UINT64_MAX);
    return r.err == SP_OK ? ms : 0;
}

static struct sp_slice shown(const struct sp_record *r, uint16_t field)
{
    const struct sp_register *reg = sp_record_field(r, field);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);
    return s == NULL ? (struct sp_slice){ NULL, 0 } : s->value;
}

/* Asked, and that asking not answered. */
static sp_err take_asked(void *arg, const struct sp_record *r)
{
    struct inbox *b = arg;
    uint64_t asked = moment(shown(r, SP_TRAY_ASKED_AT), false);
    if (asked != 0 && moment(shown(r, SP_TRAY_ANSWERED), true) != asked) {
        note(b, ASKED, asked);
    }
    return SP_OK;
}

static sp_err take_visit(void *arg, const struct sp_record *r)
{
    struct inbox *b = arg;
    const struct cc_value_of of = { b->entity, r };
    int64_t verdict = cc_value_part(&of, "verify", "verdict", 0);
    if ((verdict == OUTSIDE || verdict == UNVERIFIED) &&
        sv_day_local(cc_value_ts(&of, "checkin")) == b->evening.day &&
        cc_value_shown(&of, "accepted").size <= 1 && cc_tally_counts(&of)) {
        note(b, CHECKIN, cc_value_ts(&of, "checkin"));
    }
    return SP_OK;
}

static sp_err take_pairs(struct inbox *b, struct sp_tx *tx)
{
    struct cc_quality q;
    const struct cc_quality_source source = sv_source_make(tx);
    sp_err err = cc_quality_load(&q, &source, false);
    for (size_t i = 0; err == SP_OK && i < q.issues; i++) {
        if (q.issue[i].kind == CC_QUALITY_DUPLICATE) {
            note(b, DUPLICATE, sp_id_time_ms(&q.account[q.issue[i].at].id));
        }
    }
    cc_quality_free(&q);
    return err;
}

static bool waits(const struct inbox *b, const struct cc_job_said *said)
{
    return said->request && is_ours(b, said->user) &&
           cc_job_state(said, false, cc_job_hours(b->evening.book, said->user),
               b->evening.now_ms) == CC_JOB_WAITS;
}

/* Requests that wait for a second person; none is used up before. */
static sp_err take_export(void *arg, const struct sp_record *r)
{
    struct inbox *b = arg;
    struct cc_job_said said;
    cc_job_read(b->entity, r, &said);
    if (waits(b, &said)) {
        uint64_t oldest = b->of[EXPORT].oldest_ms;
        b->asking = oldest == 0 || said.at_ms < oldest ? said.user : b->asking;
        note(b, EXPORT, said.at_ms);
    }
    return SP_OK;
}

/* Who may be the second person; nobody is his own. */
static json_t *approvers(const struct inbox *b)
{
    json_t *out = json_array();
    const struct sp_person *p;
    for (size_t i = 0; b->asking != 0 && (p = sp_rulebook_list_person(
                                              b->evening.book, i)) != NULL;
         i++) {
        if (cc_job_approves(b->evening.book, p->user, b->asking)) {
            (void)json_array_append_new(out, sv_call_slice(p->login));
        }
    }
    return out;
}

/* ---- the list ----------------------------------------------------------- */

static const struct {
    const char *name, *command;
    bool person; /* a person decides; else it waits for others */
} kinds[KINDS] = {
    [WAITING] = { SV_SAY("waiting"), "satchelctl waiting list", false },
    [QUARANTINED] = { SV_SAY("quarantined"), "satchelctl waiting list", true },
    [UNPROVEN] = { SV_SAY("unproven"), "satchelctl waiting list", true },
    [CONFLICT] = { SV_SAY("conflict"), "satchel inbox --kind conflict", true },
    [ASKED] = { SV_SAY("asked"), "satchel inbox --kind asked", true },
    [DUPLICATE] = { SV_SAY("duplicate"), "satchel inbox --kind duplicate",
        true },
    [CHECKIN] = { SV_SAY("checkin"), "satchel inbox --kind checkin", true },
    [EXPORT] = { SV_SAY("export"), "satchel inbox --kind export", true },
};

static void put_rows(struct inbox *b)
{
    json_t *who = sv_evening_deciders(&b->evening);
    uint64_t total = 0;
    sv_call_columns(b->call, "kind,count,oldest,days,who,command");
    for (size_t i = 0; i < KINDS; i++) {
        const struct counted *c = &b->of[i];
        uint64_t age = c->oldest_ms == 0 || c->oldest_ms > b->evening.now_ms
                           ? 0
                           : b->evening.now_ms - c->oldest_ms;
        total += c->count;
        sv_call_row(b->call,
            json_pack("[s,I,o,I,o,s]", kinds[i].name, (json_int_t)c->count,
                c->count == 0 ? json_null() : sv_call_time(c->oldest_ms),
                (json_int_t)(age / 86400000u),
                i == EXPORT       ? approvers(b)
                : kinds[i].person ? json_incref(who)
                                  : json_array(),
                kinds[i].command));
    }
    json_decref(who);
    sv_call_set(b->call, "total", json_integer((json_int_t)total));
    sv_call_set(b->call, "as_of", sv_call_time(b->evening.now_ms));
}

static sp_err inbox(void *arg, struct sp_tx *tx)
{
    struct inbox *b = arg;
    sp_err err = sv_evening_begin(&b->evening, b->call, tx);
    if (err == SP_OK) {
        err = sv_evening_here(&b->evening, tx);
    }
    if (err == SP_OK) {
        err = sp_waiting_list(tx, take_waiting, b);
    }
    if (err == SP_OK) {
        err = take_all_records(b, tx);
    }
    if (err == SP_OK) {
        err = walk(b, tx,
            sp_dictionary_entity_tray(b->evening.dictionary, SP_TRAY_ASKED),
            take_asked);
    }
    if (err == SP_OK) {
        err = walk(b, tx,
            sp_dictionary_entity_named(
                b->evening.dictionary, sp_slice_text("visit")),
            take_visit);
    }
    if (err == SP_OK) {
        err = walk(b, tx, sv_job_entity(b->evening.book), take_export);
    }
    if (err == SP_OK) {
        err = take_pairs(b, tx);
    }
    if (err == SP_OK) {
        put_rows(b);
    }
    return err;
}

sp_err sv_do_branch_inbox(struct sv_call *call)
{
    struct inbox b = { .call = call };
    return sv_call_read(call, inbox, &b);
}
