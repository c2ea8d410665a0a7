#include "ctl/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "ctl/source.h"
#include "ops/log.h"
#include "ops/say.h"
#include "policy/table.h"

#define TASKS_A_TX 192u /* some tens of milliseconds */
#define DUE_DAYS   7    /* a task of a weekly look is due within a week */
#define LAST_SCAN  "quality_scan"
#define TASK_BYTES (1u << 20)
#define SCAN_BYTES (256u << 20)

enum status { OPEN = 1, DONE = 2 }; /* task.status */
enum kind { CHECK = 6 };            /* task.kind */

/* A task that a scan made and nobody has dealt with. */
struct standing {
    struct sp_id id;
    uint32_t owner;
    bool needed; /* its cause stands */
};

/* What is to be written of one task. */
struct work_item {
    enum { MAKE, MOVE, CLOSE } what;
    struct sp_id task, account, contact;
    uint32_t owner;
    char title[CC_SENTENCE_BYTES];
};

struct scan {
    struct sv_server *server;
    struct sv_scan_counts *counts;
    struct cc_quality quality;
    const struct sp_entity *task;
    struct sp_tx *tx;
    struct sp_arena arena; /* of both lists */
    size_t standing_count;
    struct standing *standing; /* in order of id */
    size_t items;
    struct work_item *item;
    size_t next; /* item to be written */
    int32_t due;
};

/* ---- what stands ------------------------------------------------------- */

/* Made by a server of its own accord: nobody's commit (user 0). */
static bool by_server(const struct scan *s, const struct sp_record *r)
{
    const struct sp_field *f =
        sp_dictionary_field_named(s->task, sp_slice_text("author"));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(r, f->number);
    return reg != NULL && reg->count > 0 && reg->sibling[0].stamp.user == 0;
}

static sp_err take_task(void *arg, const struct sp_record *view)
{
    struct scan *s = arg;
    const struct cc_value_of of = { s->task, view };
    if (cc_value_deleted(&of) || cc_value_int(&of, "kind", 0) != CHECK ||
        cc_value_int(&of, "status", OPEN) != OPEN || !by_server(s, view)) {
        return SP_OK;
    }
    struct standing *list =
        sp_arena_grow(&s->arena, s->standing, s->standing_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    s->standing = list;
    list[s->standing_count++] = (struct standing){ .id = view->ref.id,
        .owner = (uint32_t)cc_value_int(&of, "owner", 0) };
    return SP_OK;
}

static int by_id(const void *key, const void *one)
{
    const struct sp_id *id = key;
    const struct standing *s = one;
    return sp_id_cmp(id, &s->id);
}

static struct standing *find(
    struct scan *s, const struct cc_quality_issue *issue)
{
    const struct sp_id id = cc_quality_task(&s->quality, issue);
    return s->standing_count == 0 ? NULL
                                  : bsearch(&id, s->standing, s->standing_count,
                                        sizeof *s->standing, by_id);
}

/* ---- what is to be done ------------------------------------------------ */

static struct work_item *add(struct scan *s)
{
    struct work_item *list =
        sp_arena_grow(&s->arena, s->item, s->items, sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    s->item = list;
    list[s->items] = (struct work_item){ .what = MAKE };
    return &list[s->items++];
}

/* Whether somebody has dealt with it: done, dropped or deleted. */
static sp_err dealt_with(
    struct scan *s, const struct cc_quality_issue *i, bool *out)
{
    struct sp_record record;
    const struct sp_ref ref = { s->task->number,
        cc_quality_task(&s->quality, i) };
    sp_arena_reset(&s->tx->arena);
    sp_err err = sp_state_get(s->tx, &ref, &s->tx->arena, &record);
    *out = err == SP_OK;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err make(struct scan *s, const struct cc_quality_issue *i)
{
    struct work_item *item = add(s);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    /* readers are told it again, each in his language */
    cc_quality_why(i, cc_say_language(), item->title);
    item->task = cc_quality_task(&s->quality, i);
    item->account = s->quality.account[i->at].id;
    item->contact = i->contact;
    item->owner = i->charge;
    s->counts->made++;
    return SP_OK;
}

static sp_err keep(
    struct scan *s, struct standing *t, const struct cc_quality_issue *i)
{
    t->needed = true;
    s->counts->open++;
    if (i->charge == 0 || i->charge == t->owner) {
        return SP_OK;
    }
    struct work_item *item = add(s);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->what = MOVE;
    item->task = cc_quality_task(&s->quality, i);
    item->owner = i->charge;
    s->counts->moved++;
    return SP_OK;
}

/* Whose, then the most urgent. */
static int by_charge(const void *a, const void *b)
{
    const struct cc_quality_issue *x = a, *y = b;
    return x->charge != y->charge ? (x->charge < y->charge ? -1 : 1)
                                  : cc_quality_cmp(a, b);
}

/* First those that are there: they count for how many a person has. */
static sp_err plan_person(
    struct scan *s, const struct cc_quality_issue *issue, size_t count)
{
    uint32_t has = 0;
    sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        struct standing *t = find(s, &issue[i]);
        if (t != NULL) {
            has++;
            err = keep(s, t, &issue[i]);
        }
    }
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        bool over = false;
        if (find(s, &issue[i]) != NULL) {
            continue;
        }
        if (issue[i].charge == 0) {
            s->counts->nobody++;
            continue;
        }
        err = dealt_with(s, &issue[i], &over);
        if (err != SP_OK || over) {
            continue;
        }
        if (has >= s->quality.rules.tasks) {
            s->counts->later++;
            continue;
        }
        has++;
        err = make(s, &issue[i]);
    }
    return err;
}

static sp_err plan_closing(struct scan *s)
{
    for (size_t i = 0; i < s->standing_count; i++) {
        if (s->standing[i].needed) {
            continue;
        }
        struct work_item *item = add(s);
        if (item == NULL) {
            return SP_E_NOMEM;
        }
        item->what = CLOSE;
        item->task = s->standing[i].id;
        s->counts->closed++;
    }
    return SP_OK;
}

static sp_err plan(struct scan *s)
{
    struct cc_quality *q = &s->quality;
    size_t from = 0;
    sp_err err = SP_OK;
    if (q->issues > 0) {
        qsort(q->issue, q->issues, sizeof *q->issue, by_charge);
    }
    for (size_t i = 1; err == SP_OK && i <= q->issues; i++) {
        if (i == q->issues || q->issue[i].charge != q->issue[from].charge) {
            err = plan_person(s, &q->issue[from], i - from);
            from = i;
        }
    }
    return err == SP_OK ? plan_closing(s) : err;
}

static sp_err look(struct scan *s, struct sp_tx *tx)
{
    struct cc_quality_source source = sv_source_make(tx);
    s->tx = tx;
    s->task = sp_dictionary_entity_named(
        sp_rulebook_dictionary(source.book), sp_slice_text("task"));
    s->due = source.today + DUE_DAYS;
    if (s->task == NULL) {
        return SP_E_NOT_FOUND;
    }
    sp_err err = cc_quality_load(&s->quality, &source, false);
    if (err == SP_OK) {
        err = sp_state_walk(tx, s->task->number, NULL, take_task, s);
    }
    for (size_t i = 0; err == SP_OK && i < s->quality.count; i++) {
        s->counts->accounts += !s->quality.account[i].gone;
    }
    s->counts->issues = s->quality.issues;
    return err == SP_OK ? plan(s) : err;
}

/* ---- writing ----------------------------------------------------------- */

static sp_err draft_new(const struct scan *s, const struct work_item *item,
    struct sp_arena *arena, struct sv_source_draft *d)
{
    char due[CC_DAY_TEXT_BYTES];
    cc_day_format(due, s->due);
    sp_err err = sv_source_put_id(d, arena, "account", &item->account);
    if (err == SP_OK && !sp_id_is_zero(&item->contact)) {
        err = sv_source_put_id(d, arena, "contact", &item->contact);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(d, arena, "author", item->owner);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(d, arena, "owner", item->owner);
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "title", item->title);
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "kind", "check");
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "due", due);
    }
    return err == SP_OK ? sv_source_put(d, arena, "status", "open") : err;
}

static sp_err draft_item(const struct scan *s, const struct work_item *item,
    const struct sp_entity *task, struct sp_arena *arena,
    struct sv_source_draft *d)
{
    sv_source_begin(d, task, &item->task, item->what == MAKE);
    if (item->what == MAKE) {
        return draft_new(s, item, arena, d);
    }
    return item->what == MOVE
               ? sv_source_put_number(d, arena, "owner", item->owner)
               : sv_source_put(d, arena, "status", "done");
}

/* The next items, a commit each: what speaks of one customer can go with him
 * (PROTOCOL.md, "Erasure"). What came in meanwhile under the same id is the
 * same task. */
static sp_err write_some(
    struct scan *s, struct sp_tx *tx, const struct sp_entity *task)
{
    struct sv_source_draft *d = sp_arena_take(&tx->arena, 1, sizeof *d);
    sp_err err = d == NULL ? SP_E_NOMEM : SP_OK;
    for (uint32_t n = 0; err == SP_OK && n < TASKS_A_TX && s->next < s->items;
         s->next++) {
        struct sp_record record;
        const struct work_item *item = &s->item[s->next];
        const struct sp_ref ref = { task->number, item->task };
        sp_err there = sp_state_get(tx, &ref, &tx->arena, &record);
        if ((there == SP_OK) == (item->what == MAKE)) {
            continue;
        }
        err = draft_item(s, item, task, &tx->arena, d);
        err = err == SP_OK ? sv_source_commit(tx, 0, &d->change, 1) : err;
        n++;
    }
    return err;
}

static sp_err write_steps(void *arg, struct sp_tx *tx)
{
    struct scan *s = arg;
    const struct sp_entity *task = sp_dictionary_entity_named(
        sp_rulebook_dictionary(tx->rules->self), sp_slice_text("task"));
    size_t from = s->next;
    sp_err err = task == NULL ? SP_E_NOT_FOUND : SP_OK;
    if (err == SP_OK) {
        err = write_some(s, tx, task);
    }
    if (err != SP_OK) {
        s->next = from; /* nothing of it stays */
    }
    return err;
}

static sp_err remember(void *arg, struct sp_tx *tx)
{
    uint8_t bytes[8];
    (void)arg;
    sp_set_u64be(bytes, tx->node->env->now_ms(tx->node->env->self));
    return tx->node->store->put(
        tx->txn, SV_T_SERVER, sp_slice_text(LAST_SCAN), SP_SLICE(bytes));
}

/* ---- all --------------------------------------------------------------- */

static sp_err look_in_snapshot(struct scan *s)
{
    struct sv_book *book = sv_book_take(s->server->shelf);
    struct sp_tx tx;
    sp_err err =
        sp_tx_begin(&tx, &s->server->home.node, sv_book_rules(book), false);
    if (err == SP_OK) {
        err = look(s, &tx);
        sp_tx_abort(&tx);
    }
    sv_book_drop(book);
    return err;
}

sp_err sv_scan_run(
    struct sv_server *server, bool dry_run, struct sv_scan_counts *out)
{
    struct scan s = { .server = server, .counts = out };
    *out = (struct sv_scan_counts){ 0 };
    if (server->home.who.tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    sp_arena_init(&s.arena, SCAN_BYTES);
    sp_err err = look_in_snapshot(&s);
    while (err == SP_OK && !dry_run && s.next < s.items) {
        err = sv_writer_run(server->writer, write_steps, &s);
    }
    if (err == SP_OK && !dry_run) {
        err = sv_writer_run(server->writer, remember, NULL);
    }
    cc_quality_free(&s.quality);
    sp_arena_free(&s.arena);
    return err;
}

/* ---- by itself --------------------------------------------------------- */

static sp_err last_scan(struct sv_server *s, uint64_t *out)
{
    struct sv_book *book = sv_book_take(s->shelf);
    struct sp_slice value;
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, &s->home.node, sv_book_rules(book), false);
    *out = 0;
    if (err == SP_OK) {
        err = tx.node->store->get(
            tx.txn, SV_T_SERVER, sp_slice_text(LAST_SCAN), &value);
        if (err == SP_OK && value.size == 8) {
            *out = sp_get_u64be(value.data);
        }
        err = err == SP_E_NOT_FOUND ? SP_OK : err;
        sp_tx_abort(&tx);
    }
    sv_book_drop(book);
    return err;
}

void sv_scan_when_due(struct sv_server *s)
{
    const struct sp_env *env = s->home.node.env;
    uint64_t days = (uint64_t)s->config.quality_scan_days, last;
    struct sv_scan_counts c;
    if (days == 0 || s->home.who.tier != SP_TIER_HEAD_OFFICE) {
        return;
    }
    sp_err err = last_scan(s, &last);
    if (err == SP_OK &&
        env->now_ms(env->self) < last + days * (uint64_t)CC_DAY_MS) {
        return;
    }
    if (err == SP_OK) {
        err = sv_scan_run(s, false, &c);
    }
    if (err != SP_OK) {
        sv_log(SV_LOG_WARN, "quality",
            "event=scan_failed error=%s (tried again in an hour)",
            sp_err_name(err));
        return;
    }
    sv_log(SV_LOG_INFO, "quality",
        "event=scanned accounts=%llu issues=%llu made=%llu closed=%llu "
        "later=%llu",
        (unsigned long long)c.accounts, (unsigned long long)c.issues,
        (unsigned long long)c.made, (unsigned long long)c.closed,
        (unsigned long long)c.later);
}
