/* inbox_book.c - what waits in the book itself: pairs of accounts, check-ins,
 * issues, tasks, accounts that were handed over. */
#include "api/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/sentence.h"
#include "book/tally.h"
#include "say/say.h"

#include "api/merge.h"
#include "api/pair.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/said.h"

enum { OUTSIDE = 2, UNVERIFIED = 3 }; /* visit.verify */
enum { TASK_OPEN = 1 };               /* task.status */

/* ---- walking ------------------------------------------------------------ */

struct walk {
    struct cc_inbox *box;
    const struct cc_inbox_kind *kind;
    const struct sp_entity *entity;
    sp_err (*take)(struct walk *w, const struct cc_value_of *of);
};

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct walk *w = (struct walk *)arg;
    const struct cc_value_of of = { w->entity, view };

    return cc_value_deleted(&of) ? SP_OK : w->take(w, &of);
}

/* A dictionary that lacks the entity has none of it. */
static sp_err walk(struct walk *w, const char *entity,
    sp_err (*take)(struct walk *w, const struct cc_value_of *of))
{
    struct cc_call *c = w->box->call;

    w->take = take;
    w->entity =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity));
    return w->entity == NULL ? SP_OK
                             : cc_call_walk(c, w->entity, NULL, take_record, w);
}

static struct cc_inbox_item *add(struct walk *w, const struct cc_value_of *of)
{
    struct cc_inbox_item *item = cc_inbox_add(w->box, w->kind);

    if (item != NULL) {
        item->ref = of->record->ref;
        item->shown.entity = cc_inbox_slice(w->box, w->entity->name);
        cc_inbox_account_of(w->box, of->record, &item->account);
    }
    return item;
}

static const char *text_of(
    struct cc_inbox *box, const struct cc_value_of *of, const char *field)
{
    return cc_inbox_slice(box, cc_value_text(of, field));
}

static const char *person(
    struct cc_inbox *box, const struct cc_value_of *of, const char *field)
{
    return cc_inbox_string(box,
        cc_refer_user_name(box->call, (uint32_t)cc_value_int(of, field, 0)));
}

/* ---- deciding ----------------------------------------------------------- */

static sp_err change(struct cc_inbox_deed *d, const struct sp_ref *ref,
    const struct satchel_input *input, size_t count)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(d->call->dictionary, ref->type);

    return cc_record_change(
        d->call, entity, ref, input, count, NULL, 0, d->saved);
}

/* A group of a time and what is said. */
static sp_err say(
    struct cc_inbox_deed *d, struct satchel_input input, const char *part)
{
    input.text = cc_said_text(d->call, part, d->reason);
    return input.text == NULL ? SP_E_NOMEM
                              : change(d, &d->item->ref, &input, 1);
}

/* ---- pairs -------------------------------------------------------------- */

static const char *reasons(
    struct cc_inbox *box, const struct cc_duplicate *d, bool zh)
{
    static const struct {
        unsigned bit;
        struct cc_words words;
    } known[] = {
        { CC_DUPLICATE_NAME, { "same name", "名称相同" } },
        { CC_DUPLICATE_SOUND, { "sounds the same", "拼音相同" } },
        { CC_DUPLICATE_PHONE, { "same phone", "电话相同" } },
        { CC_DUPLICATE_NEAR, { "within 100 m", "相距 100 米以内" } },
        { 0, { "somebody asks whether they are one",
                 "有人认为可能是同一客户" } },
    };
    char text[160] = "";
    size_t used = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if ((d->reasons & known[i].bit) != 0 ||
            (d->reasons | known[i].bit) == 0) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                used == 0 ? ""
                : zh      ? "、"
                          : ", ",
                zh ? known[i].words.zh : known[i].words.en);
        }
    }
    return cc_inbox_string(box, text);
}

/* What tells the two apart; ids, since names may be the same. */
static void put_account(struct cc_inbox *box, const struct cc_index *x,
    const struct cc_entry *e, struct cc_words which)
{
    char room[CC_PHONE_SHOWN_BYTES];
    const char *const part[] = { cc_index_text(x, e->title),
        cc_index_text(x, e->number),
        cc_say_phone(cc_index_text(x, e->phone), room),
        cc_index_text(x, e->territory) };
    char id[SP_ID_TEXT_BYTES], text[CC_INBOX_TEXT] = "";
    size_t used = 0;

    sp_id_format(id, &e->id);
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        if (part[i][0] != '\0' && used < sizeof(text) - 100) {
            used += (size_t)snprintf(
                text + used, sizeof(text) - used, "%.80s  ", part[i]);
        }
    }
    (void)snprintf(text + used, sizeof(text) - used, "%s", id);
    cc_inbox_line(
        box, which, cc_inbox_string(box, text), cc_inbox_string(box, text));
}

static sp_err add_pair(struct cc_inbox *box, const struct cc_inbox_kind *kind,
    const struct cc_index *x, const struct cc_pair_found *p)
{
    struct cc_inbox_item *item;
    const char *name;

    put_account(box, x, p->older, (struct cc_words){ "older", "较早" });
    put_account(box, x, p->newer, (struct cc_words){ "newer", "较新" });
    item = cc_inbox_add(box, kind);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->ref = (struct sp_ref){ x->type, p->older->id };
    item->account = item->ref;
    item->other = (struct sp_ref){ x->type, p->newer->id };
    item->issue = p->issue;
    item->shown.entity = "account";
    item->shown.since_ms = sp_id_time_ms(&p->newer->id);
    name = cc_index_text(x, p->newer->title);
    item->shown.what_en = cc_inbox_text(
        box, "and %.80s: %s", name, reasons(box, &p->reason, false));
    item->shown.what_zh =
        cc_inbox_text(box, "与%.80s：%s", name, reasons(box, &p->reason, true));
    return SP_OK;
}

sp_err cc_inbox_duplicates(
    struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    const struct cc_pair_wanted wanted = { .since_ms = box->asked_ms };
    struct cc_pair_list list;
    sp_err err = cc_pair_find(box->call, &wanted, &list);

    for (size_t i = 0; err == SP_OK && i < list.count; i++) {
        err = add_pair(box, kind, list.index, &list.pair[i]);
    }
    cc_pair_free(&list);
    return err;
}

/* The older one stays: others refer to it already. */
sp_err cc_inbox_merge(struct cc_inbox_deed *d)
{
    char keep[SP_ID_TEXT_BYTES], absorb[SP_ID_TEXT_BYTES];
    const char *const other = absorb;
    const struct cc_merge_wanted wanted = {
        .keep = keep, .absorb = &other, .count = 1
    };
    struct satchel_merge *m = (struct satchel_merge *)cc_result_new(sizeof(*m));
    sp_err err = SP_E_NOMEM;

    sp_id_format(keep, &d->item->ref.id);
    sp_id_format(absorb, &d->item->other.id);
    if (m != NULL) {
        err = cc_merge_make(d->call, &wanted, m);
    }
    if (err == SP_OK) {
        (void)snprintf(d->saved->id, sizeof(d->saved->id), "%s", m->id);
        d->saved->commit = m->commit;
    }
    satchel_free(m);
    return err;
}

sp_err cc_inbox_not_same(struct cc_inbox_deed *d)
{
    char other[SP_ID_TEXT_BYTES];
    const struct satchel_input input[] = {
        { "cleared", "now", SATCHEL_SET },
        { "remark", d->reason, SATCHEL_SET },
        { "kind", "duplicate", SATCHEL_SET },
        { "at", "now", SATCHEL_SET },
        { "other", other, SATCHEL_SET },
    };
    const struct sp_entity *issue;
    sp_err err = cc_call_entity(d->call, "quality_issue", &issue);

    if (err != SP_OK) {
        return err;
    }
    sp_id_format(other, &d->item->other.id);
    return d->item->issue.type != 0
               ? change(d, &d->item->issue, input, 2)
               : cc_record_make(d->call, issue, &d->item->ref, input, 5, NULL,
                     0, d->saved);
}

/* ---- check-ins ---------------------------------------------------------- */

static sp_err take_checkin(struct walk *w, const struct cc_value_of *of)
{
    int64_t verdict = cc_value_part(of, "verify", "verdict", 0);
    int64_t metres = cc_value_part(of, "verify", "distance_m", -1);
    uint64_t at = cc_value_ts(of, "checkin");
    struct cc_inbox_item *item;
    const char *rep;

    if ((verdict != OUTSIDE && verdict != UNVERIFIED) ||
        at < w->box->since_ms || cc_value_shown(of, "accepted").size > 1 ||
        !cc_tally_counts(of)) {
        return SP_OK;
    }
    rep = person(w->box, of, "rep");
    item = add(w, of);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->shown.since_ms = at;
    item->shown.what_en =
        verdict == UNVERIFIED
            ? cc_inbox_text(w->box, "%.60s's check-in is unverified", rep)
            : cc_inbox_text(w->box, "%.60s checked in %lld m away", rep,
                  (long long)metres);
    item->shown.what_zh = verdict == UNVERIFIED
                              ? cc_inbox_text(w->box, "%.60s的签到未核实", rep)
                              : cc_inbox_text(w->box, "%.60s签到相距 %lld 米",
                                    rep, (long long)metres);
    return SP_OK;
}

sp_err cc_inbox_checkins(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct walk w = { .box = box, .kind = kind };
    const struct sp_entity *visit = sp_dictionary_entity_named(
        box->call->dictionary, sp_slice_text("visit"));

    return visit == NULL || !cc_inbox_may_write(box, visit, "accepted")
               ? SP_OK
               : walk(&w, "visit", take_checkin);
}

sp_err cc_inbox_accept(struct cc_inbox_deed *d)
{
    return say(
        d, (struct satchel_input){ "accepted", NULL, SATCHEL_SET }, "reason");
}

sp_err cc_inbox_void(struct cc_inbox_deed *d)
{
    return say(
        d, (struct satchel_input){ "void", NULL, SATCHEL_ADD }, "reason");
}

/* ---- issues ------------------------------------------------------------- */

static sp_err take_issue(struct walk *w, const struct cc_value_of *of)
{
    const struct sp_field *f =
        sp_dictionary_field_named(w->entity, sp_slice_text("kind"));
    const struct sp_option *o;
    struct cc_inbox_item *item;

    if (cc_value_is(of, "kind", "duplicate") ||
        cc_value_ts(of, "cleared") != 0) {
        return SP_OK;
    }
    o = f == NULL
            ? NULL
            : sp_dictionary_option(f, (uint64_t)cc_value_int(of, "kind", 0));
    item = add(w, of);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->shown.since_ms = cc_value_ts(of, "at");
    item->shown.what_en = cc_inbox_text(w->box, "%.60s %.40s",
        o == NULL ? "" : cc_inbox_slice(w->box, o->label_en),
        text_of(w->box, of, "field"));
    item->shown.what_zh = cc_inbox_text(w->box, "%.60s %.40s",
        o == NULL ? "" : cc_inbox_slice(w->box, o->label_zh),
        text_of(w->box, of, "field"));
    return SP_OK;
}

sp_err cc_inbox_quality(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct walk w = { .box = box, .kind = kind };

    return walk(&w, "quality_issue", take_issue);
}

sp_err cc_inbox_cleared(struct cc_inbox_deed *d)
{
    const struct satchel_input input[] = { { "cleared", "now", SATCHEL_SET },
        { "remark", d->reason, SATCHEL_SET } };

    return change(d, &d->item->ref, input, 2);
}

/* ---- tasks -------------------------------------------------------------- */

/* Who said whose it is, and when; false: nobody. */
static bool given_by(const struct cc_value_of *of, uint32_t *user, uint64_t *ms)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("owner"));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(of->record, f->number);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);

    if (s != NULL) {
        *user = s->stamp.user;
        *ms = sp_hlc_ms(s->stamp.time);
    }
    return s != NULL;
}

/* Whether this person has written to it since. */
static bool touched(const struct sp_record *r, uint32_t user, uint64_t since_ms)
{
    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->reg[i].count; k++) {
            const struct sp_stamp *s = &r->reg[i].sibling[k].stamp;

            if (s->user == user && sp_hlc_ms(s->time) >= since_ms) {
                return true;
            }
        }
    }
    return false;
}

static sp_err take_task(struct walk *w, const struct cc_value_of *of)
{
    uint32_t by = 0, me = w->box->user;
    uint64_t given_ms = 0;
    struct cc_inbox_item *item;
    const char *title, *from;
    char told[CC_SENTENCE_BYTES];

    if (cc_value_int(of, "owner", 0) != (int64_t)me ||
        cc_value_int(of, "status", TASK_OPEN) != TASK_OPEN ||
        !given_by(of, &by, &given_ms) || by == me ||
        touched(of->record, me, given_ms)) {
        return SP_OK;
    }
    title =
        cc_sentence_tell(cc_value_text(of, "title"), cc_say_language(), told)
            ? cc_inbox_string(w->box, told)
            : text_of(w->box, of, "title");
    from = cc_inbox_string(w->box, cc_refer_user_name(w->box->call, by));
    cc_inbox_line(
        w->box, (struct cc_words){ "given by", "分派人" }, from, from);
    item = add(w, of);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->shown.since_ms = given_ms;
    item->shown.what_en =
        cc_inbox_text(w->box, "%.120s (from %.60s)", title, from);
    item->shown.what_zh =
        cc_inbox_text(w->box, "%.120s（来自 %.60s）", title, from);
    return SP_OK;
}

sp_err cc_inbox_tasks(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct walk w = { .box = box, .kind = kind };

    return walk(&w, "task", take_task);
}

sp_err cc_inbox_comment(struct cc_inbox_deed *d)
{
    return say(
        d, (struct satchel_input){ "comments", NULL, SATCHEL_ADD }, "text");
}

sp_err cc_inbox_finish(struct cc_inbox_deed *d)
{
    const struct satchel_input input[] = { { "status", "done", SATCHEL_SET },
        { "status_reason", d->reason, SATCHEL_SET } };

    return change(d, &d->item->ref, input, 2);
}

/* ---- handed over -------------------------------------------------------- */

struct looked {
    struct walk *walk;
    const struct sp_entity *entity;
    const char *author;
    uint64_t since_ms;
    bool found;
};

static sp_err look_at(void *arg, const struct sp_ref *ref)
{
    struct looked *l = (struct looked *)arg;
    struct cc_record_view view;
    sp_err err;

    if (sp_id_time_ms(&ref->id) < l->since_ms) {
        return SP_OK;
    }
    err = cc_record_view(l->walk->box->call, ref, &view);
    if (err == SP_OK) {
        const struct cc_value_of of = { l->entity, &view.record };

        l->found = l->found ||
                   (cc_tally_counts(&of) && cc_value_int(&of, l->author, 0) ==
                                                (int64_t)l->walk->box->user);
        cc_record_view_free(&view);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* Whether he has been there, called or noted something since. */
static sp_err met_since(
    struct walk *w, const struct sp_ref *account, uint64_t since_ms, bool *out)
{
    static const char *const entity[][2] = { { "note", "author" },
        { "visit", "rep" }, { "activity", "author" } };
    struct cc_call *c = w->box->call;
    struct looked l = { .walk = w, .since_ms = since_ms };
    sp_err err = SP_OK;

    for (size_t i = 0; i < 3 && err == SP_OK && !l.found; i++) {
        l.entity = sp_dictionary_entity_named(
            c->dictionary, sp_slice_text(entity[i][0]));
        l.author = entity[i][1];
        if (l.entity != NULL) {
            err = sp_state_children(
                &c->tx, account, l.entity->number, true, look_at, &l);
        }
    }
    *out = l.found;
    return err;
}

static void put_lines(struct cc_inbox *box, const char *text)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        const char *line = cc_inbox_slice(box, sp_slice_of(text, size));

        cc_inbox_line(
            box, (struct cc_words){ "brief", "交接说明" }, line, line);
        text += size + (text[size] == '\n');
    }
}

static sp_err take_handover(struct walk *w, const struct cc_value_of *of)
{
    uint64_t at = cc_value_ts(of, "effective_at");
    struct sp_ref account;
    struct cc_inbox_item *item;
    const char *from;
    bool met = false;
    sp_err err;

    if (cc_value_int(of, "to", 0) != (int64_t)w->box->user) {
        return SP_OK;
    }
    cc_inbox_account_of(w->box, of->record, &account);
    err = account.type == 0 ? SP_OK : met_since(w, &account, at, &met);
    if (err != SP_OK || met) {
        return err;
    }
    from = person(w->box, of, "from");
    put_lines(w->box, text_of(w->box, of, "brief"));
    item = add(w, of);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->shown.since_ms = at;
    item->shown.what_en = cc_inbox_text(
        w->box, "handed over to you by %.60s; no contact yet", from);
    item->shown.what_zh =
        cc_inbox_text(w->box, "由 %.60s 移交给您，尚未联系", from);
    return SP_OK;
}

sp_err cc_inbox_handovers(
    struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct walk w = { .box = box, .kind = kind };

    return walk(&w, "assignment", take_handover);
}

sp_err cc_inbox_note(struct cc_inbox_deed *d)
{
    const struct satchel_input input = { "text", d->reason, SATCHEL_SET };
    const struct sp_entity *note;
    sp_err err = cc_call_entity(d->call, "note", &note);

    return err == SP_OK ? cc_record_make(d->call, note, &d->item->account,
                              &input, 1, NULL, 0, d->saved)
                        : err;
}
