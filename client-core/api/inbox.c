/* inbox.c - everything that waits for this person: kinds, order, keys. */
#include "api/inbox.h"
#include "api/here.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/seal.h"

#include "api/refer.h"
#include "api/result.h"
#include "api/standing.h"

#define MONEY_DAYS 365
#define KEY_BYTES  9u  /* 8 digits */
#define KEY_DIGITS 3u  /* of a beginning, at least */
#define ALONE_MAX  32u /* accounts that are read one by one */
#define DAY_MS     86400000u

#define END                                                                    \
    {                                                                          \
        NULL, { NULL, NULL }, false, false, NULL, NULL                         \
    }

// clang-format off
static const struct cc_inbox_kind kinds[] = {
    { "conflict", { "conflict", "冲突" }, cc_inbox_conflicts, {
        { "keep", { "keep what is shown", "保留显示的值" }, true, true,
          cc_inbox_keep, "satchel conflicts undo --entity {entity} {id} {field}" },
        { "take", { "take the other value", "采用另一个值" }, true, true,
          cc_inbox_take, "satchel conflicts undo --entity {entity} {id} {field}" },
        END } },
    { "asked", { "asked", "代录请求" }, cc_inbox_asked, {
        { "enter", { "enter it as my edit", "作为我的修改录入" }, false, false,
          cc_inbox_enter, "" },
        { "decline", { "say no", "不采纳" }, true, false,
          cc_inbox_decline, "" },
        END } },
    { "rejected", { "my refused edit", "我被拒的修改" }, cc_inbox_rejected, {
        { "resend", { "send it again", "重新提交" }, false, false,
          cc_inbox_resend, "" },
        { "ask", { "show it to my manager", "请经理处理" }, false, false,
          cc_inbox_ask, "" },
        { "discard", { "let it go", "丢弃" }, false, false,
          cc_inbox_discard, "" },
        END } },
    { "duplicate", { "duplicate", "重复" }, cc_inbox_duplicates, {
        { "merge", { "one customer: keep the older", "同一客户：保留较早的" },
          true, true, cc_inbox_merge, "satchel account unmerge {saved}" },
        { "not-same", { "two customers", "不是同一客户" }, true, false,
          cc_inbox_not_same,
          "satchel record edit quality_issue {saved} remark=" },
        END } },
    { "checkin", { "check-in", "签到" }, cc_inbox_checkins, {
        { "accept", { "take it as it is", "认可" }, true, false,
          cc_inbox_accept, "satchel visit edit {id} accepted=" },
        { "void", { "declare the visit void", "宣布拜访无效" }, true, false,
          cc_inbox_void, "" },
        END } },
    { "quality", { "quality", "质量" }, cc_inbox_quality, {
        { "cleared", { "it is looked after", "已处理" }, true, false,
          cc_inbox_cleared, "" },
        END } },
    { "task", { "task", "任务" }, cc_inbox_tasks, {
        { "accept", { "take it on", "接受" }, true, false,
          cc_inbox_comment, "" },
        { "done", { "it is done", "已完成" }, true, false,
          cc_inbox_finish, "" },
        END } },
    { "handover", { "handed over", "移交" }, cc_inbox_handovers, {
        { "taken", { "note the first contact", "记录首次联系" }, true, false,
          cc_inbox_note, "" },
        END } },
    { "export", { "export", "导出" }, cc_inbox_exports, {
        { "approve", { "it may leave", "同意导出" }, false, false,
          cc_inbox_approve, "satchel exports refuse {id} --reason ..." },
        { "refuse", { "it may not", "不同意" }, true, false,
          cc_inbox_refuse, "satchel record edit export_job {id} refused=" },
        END } },
    { NULL, { NULL, NULL }, NULL, { END } },
};
// clang-format on

/* ---- for the lists ------------------------------------------------------- */

const char *cc_inbox_slice(struct cc_inbox *box, struct sp_slice text)
{
    const char *out = cc_result_text(box->a, text);

    box->failed = box->failed || out == NULL;
    return out == NULL ? "" : out;
}

const char *cc_inbox_string(struct cc_inbox *box, const char *text)
{
    return cc_inbox_slice(box, sp_slice_text(text == NULL ? "" : text));
}

const char *cc_inbox_text(struct cc_inbox *box, const char *format, ...)
{
    char text[CC_INBOX_TEXT];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return cc_inbox_string(box, text);
}

void cc_inbox_line(struct cc_inbox *box, struct cc_words label,
    const char *text_en, const char *text_zh)
{
    if (box->lines < CC_INBOX_LINES_MAX) {
        box->line[box->lines++] =
            (struct satchel_inbox_line){ cc_inbox_string(box, label.en),
                cc_inbox_string(box, label.zh), cc_inbox_string(box, text_en),
                cc_inbox_string(box, text_zh) };
    }
}

static bool grow(struct cc_inbox *box)
{
    size_t room = box->room == 0 ? 64 : 2 * box->room;
    struct cc_inbox_item *more;

    if (box->count < box->room) {
        return true;
    }
    more = (struct cc_inbox_item *)realloc(box->item, room * sizeof(*more));
    if (more == NULL) {
        return false;
    }
    box->item = more;
    box->room = room;
    return true;
}

struct cc_inbox_item *cc_inbox_add(
    struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct satchel_inbox_line *line =
        (struct satchel_inbox_line *)sp_arena_take(
            box->a, box->lines + 1, sizeof(*line));
    struct cc_inbox_item *item;

    if (line == NULL || !grow(box)) {
        return NULL;
    }
    memcpy(line, box->line, box->lines * sizeof(*line));
    item = &box->item[box->count++];
    *item = (struct cc_inbox_item){ .kind = kind,
        .shown = { .entity = "",
            .what_en = "",
            .what_zh = "",
            .line_count = box->lines,
            .line = line } };
    box->lines = 0;
    return item;
}

static const struct sp_rule *next_rule(const struct cc_inbox *box,
    const struct sp_entity *e, uint32_t *role, uint32_t *rule)
{
    const struct sp_rulebook *b = box->call->s->replica.book;
    const struct sp_person *p = sp_rulebook_find_person(b, box->user);

    for (; p != NULL && *role < p->role_count; (*role)++, *rule = 0) {
        const struct sp_role *r =
            sp_policy_role(sp_rulebook_policy(b), p->role[*role]);

        while (r != NULL && *rule < r->rule_count) {
            const struct sp_rule *found = &r->rule[(*rule)++];

            if (found->type == e->number) {
                return found;
            }
        }
    }
    return NULL;
}

bool cc_inbox_may_write(
    const struct cc_inbox *box, const struct sp_entity *e, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(field));
    const struct sp_rule *r;
    uint32_t role = 0, rule = 0;

    while (f != NULL && (r = next_rule(box, e, &role, &rule)) != NULL) {
        for (uint32_t i = 0; i < r->write_count; i++) {
            if (r->write[i] == f->number) {
                return true;
            }
        }
    }
    return false;
}

bool cc_inbox_may_remove(const struct cc_inbox *box, const struct sp_entity *e)
{
    const struct sp_rule *r;
    uint32_t role = 0, rule = 0;

    while ((r = next_rule(box, e, &role, &rule)) != NULL) {
        if (r->remove) {
            return true;
        }
    }
    return false;
}

void cc_inbox_account_of(
    struct cc_inbox *box, const struct sp_record *view, struct sp_ref *out)
{
    const struct sp_entity *account = sp_dictionary_entity_named(
        box->call->dictionary, sp_slice_text("account"));

    *out = view->ref;
    if (account == NULL || (view->ref.type != account->number &&
                               (!cc_refer_parent(box->call, view, out) ||
                                   out->type != account->number))) {
        *out = (struct sp_ref){ .type = 0 };
    }
}

/* ---- all that waits ------------------------------------------------------ */

static sp_err unknown_kind(struct cc_inbox *box, const char *kind)
{
    char known[160] = "";
    size_t used = 0;

    for (size_t i = 0; kinds[i].name != NULL; i++) {
        used += (size_t)snprintf(
            known + used, sizeof(known) - used, " %s", kinds[i].name);
    }
    return cc_call_say(box->call, SP_E_ARGUMENT,
        "there is no kind \"%.40s\"; there are:%s", kind, known);
}

static sp_err gather(struct cc_inbox *box, const char *kind)
{
    bool any = false;
    sp_err err = SP_OK;

    for (size_t i = 0; kinds[i].name != NULL && err == SP_OK; i++) {
        if (kind == NULL || strcmp(kind, kinds[i].name) == 0) {
            any = true;
            err = kinds[i].list(box, &kinds[i]);
        }
    }
    return err == SP_OK && !any ? unknown_kind(box, kind) : err;
}

static void hash_id(struct sp_hasher *h, const struct sp_id *id)
{
    sp_hasher_add(h, id->b, sizeof(id->b));
}

/* Of what it is about, so that it stays the same from one look to the next. */
static const char *key_of(struct cc_inbox *box, const struct cc_inbox_item *i)
{
    struct sp_hasher h;
    uint8_t sum[16];
    char key[2 * sizeof(sum) + 1];

    sp_hasher_init(&h, sizeof(sum), NULL);
    sp_hasher_add(&h, i->kind->name, strlen(i->kind->name));
    hash_id(&h, &i->ref.id);
    hash_id(&h, &i->other.id);
    if (i->field != NULL) {
        sp_hasher_add(&h, i->field, strlen(i->field));
    }
    if (i->tray != NULL) {
        sp_hasher_add(&h, i->tray, strlen(i->tray));
    }
    sp_hasher_end(&h, sum, sizeof(sum));
    sp_hex(key, sum, (KEY_BYTES - 1) / 2);
    return cc_inbox_string(box, key);
}

static const char *id_of(struct cc_inbox *box, const struct sp_ref *ref)
{
    char text[SP_ID_TEXT_BYTES] = "";

    if (ref->type != 0) {
        sp_id_format(text, &ref->id);
    }
    return cc_inbox_string(box, text);
}

static sp_err put_decisions(struct cc_inbox *box, struct cc_inbox_item *item)
{
    const struct cc_inbox_decision *from = item->kind->decision;
    size_t count = 0;

    while (from[count].name != NULL) {
        count++;
    }
    struct satchel_inbox_decision *to =
        (struct satchel_inbox_decision *)sp_arena_take(
            box->a, count, sizeof(*to));
    for (size_t i = 0; to != NULL && i < count; i++) {
        to[i] = (struct satchel_inbox_decision){ from[i].name, from[i].label.en,
            from[i].label.zh, from[i].reason };
    }
    item->shown.decision_count = count;
    item->shown.decision = to;
    return to == NULL ? SP_E_NOMEM : SP_OK;
}

static const char *name_of(struct cc_inbox *box, const struct sp_ref *account)
{
    const struct cc_entry *e =
        box->names == NULL ? NULL : cc_index_find(box->names, &account->id);

    if (account->type == 0) {
        return "";
    }
    return cc_inbox_string(box, e != NULL ? cc_index_text(box->names, e->title)
                                          : cc_refer_title(box->call, account));
}

/* Many names are taken from memory, a few from their records. */
static sp_err load_names(struct cc_inbox *box)
{
    const struct sp_entity *account;
    sp_err err;

    if (box->count <= ALONE_MAX) {
        return SP_OK;
    }
    err = cc_call_entity(box->call, "account", &account);
    return err == SP_OK ? cc_replica_index(&box->call->s->replica,
                              &box->call->tx, account, &box->names)
                        : err;
}

static sp_err complete(struct cc_inbox *box, struct cc_inbox_item *item)
{
    struct satchel_inbox_item *s = &item->shown;

    s->kind = item->kind->name;
    s->kind_en = item->kind->label.en;
    s->kind_zh = item->kind->label.zh;
    s->key = key_of(box, item);
    s->id = id_of(box, &item->ref);
    s->account_id = id_of(box, &item->account);
    s->account = name_of(box, &item->account);
    return put_decisions(box, item);
}

/* ---- money --------------------------------------------------------------- */

static int by_account(const void *a, const void *b)
{
    const struct cc_inbox_item *x = (const struct cc_inbox_item *)a;
    const struct cc_inbox_item *y = (const struct cc_inbox_item *)b;

    return sp_id_cmp(&x->account.id, &y->account.id);
}

static struct cc_money_sums spent(
    const struct cc_standings *all, const struct sp_id *account)
{
    const struct cc_standing *of = cc_standing_find(all, account);

    if (of == NULL) {
        return (struct cc_money_sums){ .count = 0 };
    }
    const struct cc_label_facts f = cc_standing_facts(all, of, 0);

    return cc_label_money(&f, all->today, MONEY_DAYS);
}

static sp_err spent_alone(struct cc_inbox *box, const struct sp_id *account,
    struct cc_money_sums *out)
{
    struct cc_standings one = { 0 };
    sp_err err = cc_standing_load(&one, box->call, account);

    if (err == SP_OK) {
        *out = spent(&one, account);
    }
    cc_standing_free(&one);
    return err;
}

/* Amounts of different currencies have no order: the one in which most of the
 * accounts buy says who comes first. */
static uint32_t main_currency(const struct cc_inbox *box)
{
    struct cc_money_sums used = { .count = 0 };
    struct cc_money most = { 0, 0 };

    for (size_t i = 0; i < box->count; i++) {
        for (size_t k = 0; k < box->item[i].money.count; k++) {
            cc_money_add(&used,
                (struct cc_money){ box->item[i].money.of[k].currency, 1 });
        }
    }
    for (size_t k = 0; k < used.count; k++) {
        most = used.of[k].minor > most.minor ? used.of[k] : most;
    }
    return most.currency;
}

static sp_err show_money(struct cc_inbox *box)
{
    uint32_t currency = main_currency(box);

    for (size_t i = 0; i < box->count; i++) {
        struct cc_inbox_item *item = &box->item[i];

        item->rank = cc_money_in(&item->money, currency);
        if (!cc_result_sums(box->a, &item->money, &item->shown.money)) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

/* Few accounts are read one by one, many with all others in one go. */
static sp_err put_money(struct cc_inbox *box)
{
    struct cc_standings all = { 0 };
    size_t accounts = 0;
    bool alone;
    sp_err err = SP_OK;

    qsort(box->item, box->count, sizeof(*box->item), by_account);
    for (size_t i = 0; i < box->count; i++) {
        accounts +=
            box->item[i].account.type != 0 &&
            (i == 0 || by_account(&box->item[i - 1], &box->item[i]) != 0);
    }
    alone = accounts <= ALONE_MAX;
    if (!alone) {
        err = cc_standing_load(&all, box->call, NULL);
    }
    for (size_t i = 0; i < box->count && err == SP_OK; i++) {
        struct cc_inbox_item *item = &box->item[i];

        if (item->account.type == 0) {
            continue;
        }
        if (i > 0 && by_account(item - 1, item) == 0) {
            item->money = item[-1].money;
        } else if (alone) {
            err = spent_alone(box, &item->account.id, &item->money);
        } else {
            item->money = spent(&all, &item->account.id);
        }
    }
    cc_standing_free(&all);
    return err == SP_OK ? show_money(box) : err;
}

static int most_first(const void *a, const void *b)
{
    const struct cc_inbox_item *one = (const struct cc_inbox_item *)a;
    const struct cc_inbox_item *other = (const struct cc_inbox_item *)b;
    const struct satchel_inbox_item *x = &one->shown;
    const struct satchel_inbox_item *y = &other->shown;

    if (one->rank != other->rank) {
        return one->rank < other->rank ? 1 : -1;
    }
    if (x->since_ms != y->since_ms) {
        return x->since_ms > y->since_ms ? 1 : -1;
    }
    return strcmp(x->key, y->key);
}

/* ---- one by its key ------------------------------------------------------ */

sp_err cc_inbox_find(
    struct cc_inbox *box, const char *key, const struct cc_inbox_item **out)
{
    size_t found = 0;

    for (size_t i = 0; strlen(key) >= KEY_DIGITS && i < box->count; i++) {
        if (strncmp(box->item[i].shown.key, key, strlen(key)) == 0) {
            *out = &box->item[i];
            found++;
        }
    }
    if (found == 0) {
        return cc_call_say(box->call, SP_E_NOT_FOUND,
            "nothing waits as \"%.40s\"; satchel inbox lists the keys (%u "
            "digits or more)",
            key, KEY_DIGITS);
    }
    return found == 1 ? SP_OK
                      : cc_call_say(box->call, SP_E_AMBIGUOUS,
                            "%zu keys begin with \"%.40s\"", found, key);
}

/* ---- the list ------------------------------------------------------------ */

sp_err cc_inbox_make(struct cc_inbox *box, const char *kind, unsigned days)
{
    const struct cc_replica *r = &box->call->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    uint64_t back = (uint64_t)(days == 0 ? SATCHEL_INBOX_DAYS : days) * DAY_MS;
    sp_err err;

    box->since_ms = now > back ? now - back : 0;
    box->asked_ms = days == 0 ? 0 : box->since_ms;
    box->user = r->identity.self.user;
    err = gather(box, kind);
    if (err == SP_OK) {
        err = load_names(box);
    }
    for (size_t i = 0; i < box->count && err == SP_OK; i++) {
        err = complete(box, &box->item[i]);
    }
    if (err == SP_OK && box->failed) {
        err = SP_E_NOMEM;
    }
    if (err == SP_OK && box->count > 0) {
        err = put_money(box);
        qsort(box->item, box->count, sizeof(*box->item), most_first);
    }
    return err;
}

static sp_err give(struct cc_inbox *box, const struct satchel_inbox_query *q,
    struct satchel_inbox *out)
{
    size_t count =
        q->limit != 0 && q->limit < box->count ? q->limit : box->count;
    const struct cc_inbox_item *one = NULL;
    struct satchel_inbox_item *item =
        (struct satchel_inbox_item *)sp_arena_take(
            box->a, count + 1, sizeof(*item));
    sp_err err = item == NULL ? SP_E_NOMEM : SP_OK;

    if (err == SP_OK && q->key != NULL) {
        err = cc_inbox_find(box, q->key, &one);
    }
    if (err != SP_OK) {
        return err;
    }
    out->total = box->count;
    out->item = item;
    if (one != NULL) {
        item[out->count++] = one->shown;
        return SP_OK;
    }
    for (; out->count < count; out->count++) {
        item[out->count] = box->item[out->count].shown;
    }
    return SP_OK;
}

int satchel_inbox(struct satchel *s, const struct satchel_inbox_query *query,
    struct satchel_inbox **out, struct satchel_error *e)
{
    static const struct satchel_inbox_query all = { .kind = NULL };
    struct satchel_inbox *result;
    struct cc_call c;
    struct cc_inbox box = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    query = query == NULL ? &all : query;
    result = (struct satchel_inbox *)cc_result_new(sizeof(*result));
    if (result != NULL) {
        box.a = cc_result_arena(result);
        err = cc_inbox_make(&box, query->kind, query->days);
    }
    if (err == SP_OK) {
        err = give(&box, query, result);
    }
    if (err == SP_OK) {
        err = cc_here_as_of(&c, &result->as_of_ms);
    }
    free(box.item);
    return cc_call_give(&c, err, result, out);
}
