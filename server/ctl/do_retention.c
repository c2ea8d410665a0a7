/*
 * do_retention.c - accounts that are past the time for which customers are
 * kept go, with all that belongs to them.
 *
 * What goes is emptied, field by field, and deleted, by commits of head
 * office's own. Emptied, a record says no more where it belongs, so it leaves
 * every scope: branches and devices drop it whole with their next exchange.
 * Then the commits that spoke of it leave the logs here and, as each hears of
 * it, everywhere (sp_erase_step).
 * What stays here is its id, which nothing revives, and a record that says who
 * did it, when, by which rule and whose order (entity erasure). One person
 * orders, another one runs the order.
 */
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/retention.h"
#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/order.h"
#include "ctl/org.h"
#include "ctl/source.h"
#include "ops/log.h"
#include "ops/say.h"

/* So many a transaction: others write in between. */
#define ACCOUNTS_A_TX 50u
#define COMMITS_A_TX  4096u
#define WHY_BYTES_MAX 200u

struct erasing {
    struct sv_call *call;
    struct sp_tx *tx;
    const struct sp_dictionary *dictionary;
    uint32_t user; /* who does it */
    uint64_t now_ms;
    const char *order_text; /* of the order that is run, as typed, or NULL */
    struct sv_order order;
    struct sp_id rule; /* that is in force */
    struct cc_retention kept;
    bool rows; /* list them */
    bool erase;
    uint64_t past, held, parts, accounts, records, commits;
    struct sp_erasing at; /* in the logs */
    uint32_t items;       /* of trays, emptied in this pass */
    size_t refs;          /* of one account; in tx->arena */
    struct sp_ref *ref;
    /* the next commit */
    uint32_t changes, writes;
    struct sp_draft_change change[SP_COMMIT_CHANGES_MAX];
    struct sp_draft_write write[SP_COMMIT_WRITES_MAX];
};

static const uint8_t nil_byte = 0xc0;
static const uint8_t yes_byte = 0xc3;

/* ---- one record -------------------------------------------------------- */

static sp_err flush(struct erasing *e)
{
    sp_err err = e->changes == 0
                     ? SP_OK
                     : sv_source_commit(e->tx, e->user, e->change, e->changes);
    e->changes = e->writes = 0;
    return err;
}

/* Whether a key says something that is anybody's to take away: what servers
 * derive goes with its source, and increments are numbers. */
static bool says_something(
    const struct sp_entity *entity, const struct sp_register *reg)
{
    const struct sp_field *f =
        entity == NULL ? NULL : sp_dictionary_field(entity, reg->key.field);
    if (reg->key.field == SP_FIELD_DELETED ||
        (f != NULL && (f->merge == SP_MERGE_DRV || f->merge == SP_MERGE_CNT))) {
        return false;
    }
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_slice v = reg->sibling[i].value;
        if (v.size != 1 || v.data[0] != nil_byte) {
            return true;
        }
    }
    return false;
}

/* Room for one more write to this record; else what there is goes out. */
static sp_err room_for(
    struct erasing *e, const struct sp_ref *ref, struct sp_draft_change **out)
{
    sp_err err = SP_OK;
    struct sp_draft_change *c =
        e->changes == 0 ? NULL : &e->change[e->changes - 1];
    if (c != NULL && sp_ref_equal(&c->ref, ref) &&
        e->writes < SP_COMMIT_WRITES_MAX) {
        *out = c;
        return SP_OK;
    }
    if (e->writes == SP_COMMIT_WRITES_MAX ||
        e->changes == SP_COMMIT_CHANGES_MAX) {
        err = flush(e);
    }
    if (err == SP_OK) {
        *out = &e->change[e->changes++];
        **out = (struct sp_draft_change){ .ref = *ref,
            .write = &e->write[e->writes] };
    }
    return err;
}

static sp_err put(struct erasing *e, const struct sp_ref *ref,
    const struct sp_key *key, struct sp_slice value)
{
    struct sp_draft_change *c;
    sp_err err = room_for(e, ref, &c);
    if (err == SP_OK) {
        e->write[e->writes++] =
            (struct sp_draft_write){ .key = *key, .value = value };
        c->count++;
    }
    return err;
}

/* Its keys are the record's, in the tx's arena, which lives until the commit
 * is made. */
static sp_err empty(struct erasing *e, const struct sp_ref *ref)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(e->dictionary, ref->type);
    const struct sp_key deleted = { .field = SP_FIELD_DELETED };
    const struct sp_slice nil = { &nil_byte, 1 }, yes = { &yes_byte, 1 };
    struct sp_record r;
    sp_err err = sp_state_get(e->tx, ref, &e->tx->arena, &r);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    e->records++;
    err = put(e, ref, &deleted, yes);
    for (uint32_t i = 0; err == SP_OK && i < r.count; i++) {
        if (says_something(entity, &r.reg[i])) {
            err = put(e, ref, &r.reg[i].key, nil);
        }
    }
    return err;
}

/* ---- one account ------------------------------------------------------- */

static sp_err take_ref(void *arg, const struct sp_ref *ref)
{
    struct erasing *e = arg;
    struct sp_ref *list =
        sp_arena_grow(&e->tx->arena, e->ref, e->refs, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    e->ref = list;
    list[e->refs++] = *ref;
    return SP_OK;
}

/* All that belongs to it, and to that: what belongs comes behind. */
static sp_err collect(struct erasing *e, const struct sp_ref *account)
{
    e->ref = NULL;
    e->refs = 0;
    sp_err err = take_ref(e, account);
    for (size_t i = 0; err == SP_OK && i < e->refs; i++) {
        const struct sp_ref of = e->ref[i];
        err = sp_state_children(e->tx, &of, 0, false, take_ref, e);
    }
    return err;
}

/* Who ordered it, when, by which rule; nothing that it said. */
static sp_err note(
    struct erasing *e, const struct cc_retention_account *a, uint64_t records)
{
    const struct sp_entity *entity =
        sp_dictionary_entity_named(e->dictionary, sp_slice_text("erasure"));
    struct sp_arena *arena = &e->tx->arena;
    struct sv_source_draft d;
    char day[CC_DAY_TEXT_BYTES], account[SP_ID_TEXT_BYTES];
    uint8_t random[10];
    const struct sp_env *env = e->tx->node->env;
    env->random(env->self, random, sizeof random);
    struct sp_id id = sp_id_make(e->now_ms, random);
    sv_source_begin(&d, entity, &id, true);
    cc_day_format(day, a->last);
    sp_id_format(account, &a->id);
    sp_err err = sv_source_put_number(&d, arena, "author", e->user);
    if (err == SP_OK) {
        err = sv_source_put_time(&d, arena, "at", e->now_ms);
    }
    if (err == SP_OK) {
        err = sv_source_put_id(&d, arena, "rule", &e->rule);
    }
    if (err == SP_OK) {
        err = sv_source_put(&d, arena, "account", account);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(&d, arena, "records", records);
    }
    if (err == SP_OK) {
        err = sv_source_put(&d, arena, "last", day);
    }
    if (err == SP_OK) {
        err = sv_source_put_id(&d, arena, "order", &e->order.id);
    }
    return err == SP_OK ? sv_source_commit(e->tx, e->user, &d.change, 1) : err;
}

static sp_err erase(
    struct erasing *e, uint16_t type, const struct cc_retention_account *a)
{
    const struct sp_ref account = { type, a->id };
    uint64_t before = e->records;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = collect(e, &account);
    /* What belongs to it first, and each account by itself: when one leaves
     * its scopes, so does in the same moment whatever still belongs to it. */
    for (size_t i = e->refs; err == SP_OK && i > 0; i--) {
        bool alone = e->ref[i - 1].type == type;
        err = alone ? flush(e) : SP_OK;
        if (err == SP_OK) {
            err = empty(e, &e->ref[i - 1]);
        }
        if (err == SP_OK && alone) {
            err = flush(e);
        }
    }
    if (err == SP_OK) {
        err = flush(e);
    }
    if (err == SP_OK) {
        err = note(e, a, e->records - before);
    }
    if (err == SP_OK) {
        e->accounts++;
        sp_id_format(id, &a->id);
        sv_log(SV_LOG_INFO, "audit",
            "event=erased account=%s records=%llu user=%u", id,
            (unsigned long long)(e->records - before), e->user);
    }
    return err;
}

/* ---- the logs ---------------------------------------------------------- */

/* What was typed in a refused commit stands in the tray of its author, and with
 * a manager whom he has asked, under one id. */
static sp_err empty_items(
    void *arg, struct sp_tx *tx, const struct sp_id *content)
{
    struct erasing *e = arg;
    struct sp_tray_types types;
    sp_err err = SP_OK;
    tx->rules->tray(tx->rules->self, &types);
    const uint16_t type[] = { types.rejected, types.asked };
    for (unsigned i = 0; err == SP_OK && i < 2; i++) {
        const struct sp_ref item = { type[i], *content };
        uint64_t before = e->records;
        err = type[i] == 0 ? SP_OK : empty(e, &item);
        e->items += e->records > before ? 1 : 0;
        e->records = before; /* no record of the customer's */
    }
    return err == SP_OK ? flush(e) : err;
}

static sp_err step(void *arg, struct sp_tx *tx)
{
    struct erasing *e = arg;
    e->tx = tx;
    e->dictionary = sp_rulebook_dictionary(sv_call_book(tx));
    e->changes = e->writes = 0;
    e->at.refused = empty_items;
    e->at.arg = e;
    return sp_erase_step(tx, &e->at, COMMITS_A_TX);
}

/* An item is made by a commit too, which may stand before the place where it
 * was emptied: then once more from the beginning. A step that fails leaves all
 * to the next run, which looks at everything. */
static sp_err clear_logs(struct erasing *e)
{
    sp_err err = SP_OK;
    do {
        e->items = 0;
        e->at = (struct sp_erasing){ .erased = 0 };
        while (err == SP_OK && !e->at.done) {
            err = sv_call_write(e->call, step, e);
        }
        e->commits += e->at.erased;
    } while (err == SP_OK && e->items > 0);
    return err;
}

/* ---- the commands ------------------------------------------------------ */

/* What was erased before says nothing, not even where it belongs. */
static bool is_empty(struct erasing *e, const struct sp_ref *ref)
{
    struct sp_scopes scopes;
    return sp_state_scopes(e->tx, ref, &scopes) == SP_OK && scopes.count == 0;
}

static void put_row(struct erasing *e, const struct cc_retention_account *a)
{
    char id[SP_ID_TEXT_BYTES], day[CC_DAY_TEXT_BYTES];
    sp_id_format(id, &a->id);
    cc_day_format(day, a->last);
    sv_call_row(e->call,
        json_pack("[s,s,i]", id, day, (int)(e->kept.quality.today - a->last)));
}

/* Whether it was past its time when that was ordered: what came of age since is
 * for another order. */
static bool is_ordered(
    const struct erasing *e, const struct cc_retention_account *a)
{
    return e->order_text == NULL ||
           (int64_t)sv_day_local(e->order.at_ms) - a->last >
               (int64_t)e->kept.quality.rules.retention_days;
}

static sp_err look_at(
    struct erasing *e, uint16_t type, const struct cc_retention_account *a)
{
    const struct sp_ref ref = { type, a->id };
    bool old = (int64_t)e->kept.quality.today - a->last >
               (int64_t)e->kept.quality.rules.retention_days;
    e->held += old && a->held;
    e->parts += old && !a->held && a->has_part;
    if (!a->past || !is_ordered(e, a) || is_empty(e, &ref)) {
        return SP_OK;
    }
    e->past++;
    if (e->rows) {
        put_row(e, a);
    }
    return e->erase && e->past <= ACCOUNTS_A_TX ? erase(e, type, a) : SP_OK;
}

static sp_err find_person(struct erasing *e)
{
    const char *as = sv_call_arg(e->call, "as");
    const struct sp_rulebook *book = sv_call_book(e->tx);
    const struct sp_person *p = sv_org_person(e->call, book, as);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    e->user = p->user;
    return (sp_rulebook_manages(book, p->user) & SP_MANAGES_JOBS) != 0
               ? SP_OK
               : sv_call_refuse(e->call, SP_E_DENIED,
                     "%s may not: none of the roles manages %s (satchelctl "
                     "role list)",
                     as, sv_say("jobs"));
}

static sp_err look_at_all(struct erasing *e)
{
    const struct sp_entity *account =
        sp_dictionary_entity_named(e->dictionary, sp_slice_text("account"));
    struct cc_quality_source source = sv_source_make(e->tx);
    sp_err err = cc_retention_load(&e->kept, &source);
    e->rule = e->kept.quality.rules.retention;
    if (err == SP_OK && e->kept.quality.rules.retention_days == 0) {
        return sv_call_refuse(e->call, SP_E_NOT_FOUND,
            "no rule says how long customers are kept: write a data_rule of "
            "kind \"retention\" with days, and satchelctl care apply FILE");
    }
    if (err == SP_OK &&
        (account == NULL || sv_order_entity(sv_call_book(e->tx)) == NULL ||
            sp_dictionary_entity_named(
                e->dictionary, sp_slice_text("erasure")) == NULL)) {
        return sv_call_refuse(e->call, SP_E_NOT_FOUND,
            "the dictionary in force has no entity \"erasure\" or "
            "\"erasure_order\" for the record of what was erased: satchelctl "
            "dictionary apply puts the newer one in force");
    }
    for (size_t i = 0; err == SP_OK && i < e->kept.count; i++) {
        err = look_at(e, account->number, &e->kept.account[i]);
    }
    return err;
}

static sp_err work(void *arg, struct sp_tx *tx)
{
    struct erasing *e = arg;
    e->tx = tx;
    e->dictionary = sp_rulebook_dictionary(sv_call_book(tx));
    e->now_ms = tx->node->env->now_ms(tx->node->env->self);
    e->past = e->held = e->parts = 0;
    e->changes = e->writes = 0;
    sp_err err = find_person(e);
    if (err == SP_OK && e->order_text != NULL) {
        err = sv_order_find(e->call, tx, e->order_text, &e->order);
        if (err == SP_OK) {
            err =
                sv_order_may_run(e->call, sv_call_book(tx), &e->order, e->user);
        }
    }
    if (err == SP_OK && e->erase) {
        err = sv_order_approve(tx, &e->order, e->user, e->now_ms);
    }
    if (err == SP_OK) {
        err = look_at_all(e);
        cc_retention_free(&e->kept);
    }
    return err;
}

static void put_counts(const struct erasing *e)
{
    sv_call_set(e->call, "erased", json_integer((json_int_t)e->accounts));
    sv_call_set(e->call, "records", json_integer((json_int_t)e->records));
    sv_call_set(e->call, "held", json_integer((json_int_t)e->held));
    sv_call_set(e->call, "parts", json_integer((json_int_t)e->parts));
    if (e->erase) {
        sv_call_set(e->call, "commits", json_integer((json_int_t)e->commits));
        sv_call_set(e->call, "shared", json_integer((json_int_t)e->at.shared));
    }
}

/* In steps of their own; a run that is cut is completed by the next. */
static sp_err erase_all(struct erasing *e)
{
    uint64_t accounts, records;
    sp_err err;
    do {
        accounts = e->accounts;
        records = e->records;
        err = sv_call_write(e->call, work, e);
        if (err != SP_OK) {
            e->accounts = accounts; /* that step was dropped */
            e->records = records;
        }
    } while (err == SP_OK && e->past > ACCOUNTS_A_TX);
    return err;
}

static sp_err run(struct sv_call *call, const char *order, bool erase_them)
{
    struct erasing *e = calloc(1, sizeof *e);
    sp_err err = e == NULL ? SP_E_NOMEM
                           : sv_org_head_office_only(call, "erasing by age");
    if (err == SP_OK) {
        e->call = call;
        e->order_text = order;
        e->erase = erase_them;
        e->rows = !erase_them;
        if (e->rows) {
            sv_call_columns(call, "id,last,days");
        }
        err = erase_them ? erase_all(e) : sv_call_read(call, work, e);
    }
    if (err == SP_OK && erase_them) {
        err = clear_logs(e);
    }
    if (err == SP_OK) {
        sv_log(SV_LOG_INFO, "audit",
            "event=retention user=%u erase=%d accounts=%llu records=%llu",
            e->user, erase_them, (unsigned long long)e->accounts,
            (unsigned long long)e->records);
        put_counts(e);
    }
    free(e);
    return err;
}

sp_err sv_do_retention_check(struct sv_call *call)
{
    return run(call, NULL, false);
}

sp_err sv_do_retention_run(struct sv_call *call)
{
    return run(
        call, sv_call_arg(call, "order"), !sv_call_flag(call, "dry-run"));
}

/* ---- orders -------------------------------------------------------------- */

static sp_err make_order(void *arg, struct sp_tx *tx)
{
    struct erasing *e = arg;
    const char *why = sv_call_arg(e->call, "why");
    sp_err err = work(arg, tx);
    if (err == SP_OK && e->past == 0) {
        return sv_call_refuse(e->call, SP_E_NOT_FOUND,
            "nobody is past the time for which customers are kept: there is "
            "nothing to order");
    }
    e->order = (struct sv_order){ .author = e->user,
        .at_ms = e->now_ms,
        .accounts = e->past,
        .why = sp_slice_text(why == NULL ? "" : why) };
    return err == SP_OK ? sv_order_make(tx, &e->rule, &e->order) : err;
}

sp_err sv_do_retention_order(struct sv_call *call)
{
    struct erasing *e = calloc(1, sizeof *e);
    char id[SP_ID_TEXT_BYTES] = "-";
    const char *why = sv_call_arg(call, "why");
    sp_err err = e == NULL ? SP_E_NOMEM
                           : sv_org_head_office_only(call, "erasing by age");
    if (err == SP_OK && why != NULL && strlen(why) > WHY_BYTES_MAX) {
        err = sv_call_refuse(call, SP_E_ARGUMENT,
            "--why takes at most %u bytes; nothing was ordered", WHY_BYTES_MAX);
    }
    if (err == SP_OK) {
        e->call = call;
        err = sv_call_write(call, make_order, e);
    }
    if (err == SP_OK) {
        sp_id_format(id, &e->order.id);
        sv_call_set(call, SV_SAY("order"), json_string(id));
        sv_call_set(call, "accounts", json_integer((json_int_t)e->past));
        sv_log(SV_LOG_INFO, "audit",
            "event=retention_order user=%u order=%s accounts=%llu", e->user, id,
            (unsigned long long)e->past);
    }
    free(e);
    return err;
}

static sp_err show_order(void *arg, const struct sp_record *r)
{
    struct erasing *e = arg;
    const struct sp_rulebook *b = sv_call_book(e->tx);
    struct sv_order o;
    char id[SP_ID_TEXT_BYTES];
    sv_order_read(sv_order_entity(b), r, &o);
    const struct sp_person *by = sp_rulebook_find_person(b, o.author);
    const struct sp_person *run = sp_rulebook_find_person(b, o.approver);
    sp_id_format(id, &o.id);
    sv_call_row(e->call,
        json_pack("[o,o,I,o,o,o,s]", sv_call_time(o.at_ms),
            by == NULL ? json_string("?") : sv_call_slice(by->login),
            (json_int_t)o.accounts, sv_call_slice(o.why),
            run == NULL ? json_string("") : sv_call_slice(run->login),
            o.approved_ms == 0 ? json_string("") : sv_call_time(o.approved_ms),
            id));
    return SP_OK;
}

static sp_err list_orders(void *arg, struct sp_tx *tx)
{
    struct erasing *e = arg;
    const struct sp_entity *entity = sv_order_entity(sv_call_book(tx));
    e->tx = tx;
    sp_err err = find_person(e);
    return err == SP_OK && entity != NULL
               ? sp_state_walk(tx, entity->number, NULL, show_order, e)
               : err;
}

sp_err sv_do_retention_orders(struct sv_call *call)
{
    struct erasing *e = calloc(1, sizeof *e);
    sp_err err = e == NULL ? SP_E_NOMEM
                           : sv_org_head_office_only(call, "erasing by age");
    if (err == SP_OK) {
        e->call = call;
        sv_call_columns(call, "at,by,accounts,why,run_by,run_at,id");
        err = sv_call_read(call, list_orders, e);
    }
    free(e);
    return err;
}
