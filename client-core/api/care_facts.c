#include "api/care.h"

#include <stdlib.h>
#include <string.h>

#include "api/record.h"
#include "api/refer.h"
#include "api/today.h"
#include "book/charge.h"
#include "book/tally.h"
#include "book/tier.h"

/* ---- time -------------------------------------------------------------- */

uint64_t cc_care_now(struct cc_call *c)
{
    struct cc_replica *r = &c->s->replica;

    return r->env.now_ms(r->env.self);
}

/* ---- walking ----------------------------------------------------------- */

struct walk {
    const struct sp_entity *entity;
    sp_err (*each)(void *arg, const struct cc_value_of *of);
    void *arg;
};

static sp_err take(void *arg, const struct sp_record *view)
{
    struct walk *w = (struct walk *)arg;
    const struct cc_value_of of = { w->entity, view };

    return cc_value_deleted(&of) ? SP_OK : w->each(w->arg, &of);
}

sp_err cc_care_walk(struct cc_call *c, const char *entity,
    sp_err (*each)(void *arg, const struct cc_value_of *of), void *arg)
{
    struct walk w = { sp_dictionary_entity_named(
                          c->dictionary, sp_slice_text(entity)),
        each, arg };

    return w.entity == NULL ? SP_OK : cc_call_walk(c, w.entity, NULL, take, &w);
}

/* ---- rules ------------------------------------------------------------- */

static sp_err take_rule(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;

    return g->rule_count == CC_RULES_MAX
               ? SP_E_TOO_LARGE
               : cc_rule_read(of, &g->arena, &g->rule[g->rule_count++]);
}

static sp_err take_playbook(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;

    return g->rule_count == CC_RULES_MAX ? SP_E_TOO_LARGE
                                         : cc_rule_read_playbook(of, &g->arena,
                                               &g->rule[g->rule_count++]);
}

/* Head office refuses rules that loop; what came in another way is left out
 * and said. */
static sp_err read_rules(struct cc_care *g)
{
    size_t at = 0;
    sp_err err;

    g->rule = (struct cc_rule *)sp_arena_take(
        &g->arena, CC_RULES_MAX, sizeof(*g->rule));
    if (g->rule == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_care_walk(g->call, "care_rule", take_rule, g);
    if (err == SP_OK) {
        err = cc_care_walk(g->call, "playbook", take_playbook, g);
    }
    if (err == SP_E_TOO_LARGE) {
        return cc_call_say(g->call, err,
            "more than %u care rules and playbooks", CC_RULES_MAX);
    }
    while (
        err == SP_OK && cc_rule_loops(g->rule, g->rule_count, g->loop, &at)) {
        g->rule[at] = g->rule[--g->rule_count];
    }
    cc_due_prepare(g->rule, g->rule_count, g->today);
    return err;
}

/* ---- accounts ---------------------------------------------------------- */

static struct cc_due_event *add_event(
    struct cc_care *g, struct cc_care_account *a)
{
    struct cc_due_event *list = (struct cc_due_event *)sp_arena_grow(&g->arena,
        (void *)(uintptr_t)a->facts.event, a->facts.event_count, sizeof(*list));

    if (list == NULL) {
        return NULL;
    }
    a->facts.event = list;
    memset(&list[a->facts.event_count], 0, sizeof(*list));
    return &list[a->facts.event_count++];
}

/* Coming to a status has no record of its own: the write of the field says
 * when, and is the same on all devices. */
static sp_err take_status(struct cc_care *g, const struct cc_value_of *of)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("funnel_status"));
    const struct sp_sibling *s =
        f == NULL ? NULL
                  : sp_dictionary_past_shown(of->entity, of->record, f,
                        (struct sp_slice){ NULL, 0 });
    struct cc_care_account *a = &g->account[g->count - 1];
    struct cc_due_event *e;

    if (s == NULL || a->facts.status == 0) {
        return SP_OK;
    }
    e = add_event(g, a);
    if (e == NULL) {
        return SP_E_NOMEM;
    }
    e->kind = CC_DUE_STATUS;
    e->id = cc_due_id(&a->facts.account, &a->facts.account, "status", s->value,
        sp_hlc_ms(s->stamp.time));
    e->day = cc_day_at(sp_hlc_ms(s->stamp.time), g->offset_min);
    return SP_OK;
}

static sp_err take_account(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    struct cc_care_account *list, *a;
    struct cc_due_facts *f;
    struct sp_id into;

    if (cc_value_ref(of, "merged_into", &into) ||
        cc_value_part(of, "blocked", "yes", 0) != 0) {
        return SP_OK;
    }
    list = (struct cc_care_account *)sp_arena_grow(
        &g->arena, g->account, g->count, sizeof(*g->account));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    g->account = list;
    a = &list[g->count++];
    memset(a, 0, sizeof(*a));
    f = &a->facts;
    f->account = of->record->ref.id;
    f->name = cc_value_string(&g->arena, cc_value_text(of, "name"));
    a->territory =
        cc_value_string(&g->arena, cc_value_text(of, "territory_id"));
    f->tier = CC_TIER_STANDARD;
    f->status = (unsigned)cc_value_int(of, "funnel_status", 0);
    f->owner = cc_charge_of(g->call->s->replica.book,
        (uint32_t)cc_value_int(of, "owner_id", 0),
        cc_value_text(of, "territory_id"));
    f->cycle_days = (int32_t)cc_value_int(of, "visit_cycle_days", 0);
    f->since = cc_day_at(sp_id_time_ms(&f->account), g->offset_min);
    f->last_contact = CC_DAY_NONE;
    return f->name == NULL || a->territory == NULL ? SP_E_NOMEM
                                                   : take_status(g, of);
}

static int by_id(const void *a, const void *b)
{
    const struct cc_care_account *x = (const struct cc_care_account *)a;
    const struct cc_care_account *y = (const struct cc_care_account *)b;

    return sp_id_cmp(&x->facts.account, &y->facts.account);
}

static struct cc_care_account *account_named(
    struct cc_care *g, const struct sp_id *id)
{
    struct cc_care_account key;

    key.facts.account = *id;
    return g->count == 0 ? NULL
                         : (struct cc_care_account *)bsearch(
                               &key, g->account, g->count, sizeof(key), by_id);
}

/* The account that a record belongs to now; NULL when it is not here. What it
 * names is itself one of them but for the few that were merged: only of those
 * is the way asked record by record. */
static struct cc_care_account *account_of(
    struct cc_care *g, const struct cc_value_of *of)
{
    struct cc_care_account *a = NULL;
    struct sp_ref parent;

    if (cc_value_ref(of, "account", &parent.id)) {
        a = account_named(g, &parent.id);
    }
    if (a != NULL || g->count == 0) {
        return a;
    }
    return cc_refer_parent(g->call, of->record, &parent)
               ? account_named(g, &parent.id)
               : NULL;
}

/* ---- what happened ----------------------------------------------------- */

/* Somebody of ours had to do with the account. Most accounts have met nobody
 * yet: who did stands apart, so that tens of thousands stay small. */
static sp_err meet(
    struct cc_care *g, struct cc_care_account *a, uint64_t ms, int64_t user)
{
    int32_t day = cc_day_at(ms, g->offset_min);

    if (ms != 0 && day <= g->today && day > a->facts.last_contact) {
        a->facts.last_contact = day;
    }
    if (user > 0 && a->people == NULL) {
        a->people = (struct cc_tally_count *)sp_arena_take(
            &g->arena, CC_CARE_PEOPLE_MAX, sizeof(*a->people));
        if (a->people == NULL) {
            return SP_E_NOMEM;
        }
    }
    if (user > 0) {
        (void)cc_tally_add(
            a->people, &a->people_count, CC_CARE_PEOPLE_MAX, (uint32_t)user);
    }
    return SP_OK;
}

static sp_err take_visit(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    struct cc_care_account *a = account_of(g, of);
    uint64_t ms = cc_value_ts(of, "checkin");
    int32_t *list;

    if (a == NULL || !cc_tally_counts(of)) {
        return SP_OK;
    }
    list = (int32_t *)sp_arena_grow(
        &g->arena, a->visit, a->visit_count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    a->visit = list;
    list[a->visit_count++] = cc_day_at(ms, g->offset_min);
    return meet(g, a, ms, cc_value_int(of, "rep", 0));
}

static sp_err take_activity(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    struct cc_care_account *a = account_of(g, of);

    /* A call that nobody took was no contact. */
    return a != NULL && cc_value_int(of, "outcome", 0) != 3
               ? meet(
                     g, a, cc_value_ts(of, "at"), cc_value_int(of, "author", 0))
               : SP_OK;
}

struct products {
    struct cc_care *care;
    struct cc_care_account *account;
    sp_err err;
};

static bool take_product(void *arg, struct sp_slice member)
{
    struct products *p = (struct products *)arg;
    struct cc_care_product *one = (struct cc_care_product *)sp_arena_take(
        &p->care->arena, 1, sizeof(*one));

    if (one == NULL ||
        (one->code = cc_value_string(&p->care->arena, member)) == NULL) {
        p->err = SP_E_NOMEM;
        return false;
    }
    one->next = p->account->product;
    p->account->product = one;
    return true;
}

static bool bought(const void *arg, const char *product)
{
    const struct cc_care_account *a = (const struct cc_care_account *)arg;
    const struct cc_care_product *p = a->product;

    while (p != NULL && strcmp(p->code, product) != 0) {
        p = p->next;
    }
    return p != NULL;
}

static sp_err take_purchase(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    struct cc_care_account *a = account_of(g, of);
    struct products p = { g, a, SP_OK };
    struct cc_due_event *e = a == NULL ? NULL : add_event(g, a);

    if (a == NULL || e == NULL) {
        return a == NULL ? SP_OK : SP_E_NOMEM;
    }
    e->kind = CC_DUE_PURCHASE;
    e->id = of->record->ref.id;
    e->day = (int32_t)cc_value_int(
        of, "date", cc_day_at(sp_id_time_ms(&e->id), g->offset_min));
    e->money = cc_money_of(of, "amount");
    cc_value_members(of, "products", take_product, &p);
    return p.err;
}

/* Starts at who sent somebody and leads to who was sent. */
static sp_err take_relationship(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    struct cc_care_account *from = account_of(g, of), *to;
    struct cc_due_event *e;
    struct sp_id id;

    if (from == NULL || cc_value_int(of, "type", 0) != 3 ||
        !cc_value_ref(of, "to", &id) || (to = account_named(g, &id)) == NULL) {
        return SP_OK;
    }
    e = add_event(g, to);
    if (e == NULL) {
        return SP_E_NOMEM;
    }
    e->kind = CC_DUE_REFERRAL;
    e->id = of->record->ref.id;
    e->day = cc_day_at(sp_id_time_ms(&e->id), g->offset_min);
    e->day = (int32_t)cc_value_int(of, "since", e->day);
    e->other = from->facts.account;
    e->other_name = from->facts.name;
    e->other_owner = from->facts.owner;
    return SP_OK;
}

/* What rules made, once it is done. */
static sp_err take_done(struct cc_care *g, const struct cc_value_of *of,
    enum cc_due_kind kind, uint64_t ms)
{
    struct cc_care_account *a = account_of(g, of);
    struct cc_due_event *e = a == NULL ? NULL : add_event(g, a);

    if (a == NULL || e == NULL) {
        return a == NULL ? SP_OK : SP_E_NOMEM;
    }
    e->kind = kind;
    e->id = of->record->ref.id;
    e->day = cc_day_at(ms, g->offset_min);
    (void)cc_value_ref(of, "rule", &e->of);
    return SP_OK;
}

static sp_err take_task(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    int64_t due = cc_value_int(of, "due", 0);

    return cc_value_int(of, "status", 1) == 2
               ? take_done(g, of, CC_DUE_TASK_DONE,
                     cc_day_ms((int32_t)due, 0, g->offset_min))
               : SP_OK;
}

static sp_err take_message(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;

    return cc_value_int(of, "state", 0) == 4
               ? take_done(g, of, CC_DUE_SENT, cc_value_ts(of, "due"))
               : SP_OK;
}

static sp_err take_contact(void *arg, const struct cc_value_of *of)
{
    struct cc_care *g = (struct cc_care *)arg;
    int64_t month = cc_value_part(of, "birthday", "month", 0);
    /* Whose it is, is asked of those that have a birthday. */
    struct cc_care_account *a = month == 0 ? NULL : account_of(g, of);
    struct cc_due_birthday *list, *b;

    if (a == NULL) {
        return SP_OK;
    }
    list = (struct cc_due_birthday *)sp_arena_grow(&g->arena,
        (void *)(uintptr_t)a->facts.birthday, a->facts.birthday_count,
        sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    a->facts.birthday = list;
    b = &list[a->facts.birthday_count++];
    memset(b, 0, sizeof(*b));
    b->contact = of->record->ref.id;
    b->name = cc_value_string(&g->arena, cc_value_text(of, "name"));
    b->month = (unsigned)month;
    b->day = (unsigned)cc_value_part(of, "birthday", "day", 1);
    b->lunar = cc_value_part(of, "birthday", "calendar", 1) == 2;
    b->leap = cc_value_part(of, "birthday", "leap", 0) != 0;
    return b->name == NULL ? SP_E_NOMEM : SP_OK;
}

/* ---- all of it --------------------------------------------------------- */

static bool has_kind(const struct cc_care *g, enum cc_rule_kind kind)
{
    for (size_t i = 0; i < g->rule_count; i++) {
        if (g->rule[i].active && g->rule[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* What no rule looks at is not read: tens of thousands of records are. */
static sp_err gather_events(struct cc_care *g)
{
    static const struct {
        const char *entity;
        sp_err (*take)(void *arg, const struct cc_value_of *of);
        enum cc_rule_kind only_for; /* 0: for all */
    } all[] = { { "visit", take_visit, (enum cc_rule_kind)0 },
        { "activity", take_activity, (enum cc_rule_kind)0 },
        { "purchase", take_purchase, (enum cc_rule_kind)0 },
        { "relationship", take_relationship, CC_RULE_REFERRAL },
        { "task", take_task, CC_RULE_TASK_DONE },
        { "message", take_message, CC_RULE_SENT },
        { "contact", take_contact, CC_RULE_BIRTHDAY } };
    sp_err err = SP_OK;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && err == SP_OK; i++) {
        if (all[i].only_for == 0 || has_kind(g, all[i].only_for)) {
            err = cc_care_walk(g->call, all[i].entity, all[i].take, g);
        }
    }
    return err;
}

sp_err cc_care_gather(struct cc_care *g, struct cc_call *c, int32_t today)
{
    sp_err err;

    memset(g, 0, sizeof(*g));
    g->call = c;
    g->today = today;
    g->offset_min = cc_today_offset(cc_care_now(c));
    sp_arena_init(&g->arena, CC_CARE_ARENA_BYTES);
    err = read_rules(g);
    if (err == SP_OK) {
        err = cc_care_walk(c, "account", take_account, g);
    }
    if (err == SP_OK && g->count > 0) {
        qsort(g->account, g->count, sizeof(*g->account), by_id);
        err = gather_events(g);
    }
    if (err == SP_OK && has_kind(g, CC_RULE_TOP)) {
        err = cc_care_tops(g);
    }
    if (err == SP_OK) {
        err = cc_care_tiers(g);
    }
    for (size_t i = 0; i < g->count && err == SP_OK; i++) {
        struct cc_care_account *a = &g->account[i];
        a->facts.closest = cc_tally_closest(a->people, a->people_count);
        a->facts.bought = bought;
        a->facts.bought_arg = a;
    }
    return err;
}

void cc_care_free(struct cc_care *g)
{
    sp_arena_free(&g->arena);
}
