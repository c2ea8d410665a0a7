#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/quality_board.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

struct look {
    struct cc_call *call;
    struct cc_quality quality;
    struct cc_quality_source source;
    struct sp_arena *a; /* of the result */
};

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;

    /* Asks by whom accounts were made, which facts of accounts say. */
    return cc_call_walk(
        c, sp_dictionary_entity(c->dictionary, type), NULL, each, arg);
}

/* cc_quality_free in any case. */
static sp_err load(struct look *l, bool board)
{
    struct cc_replica *r = &l->call->s->replica;

    l->source = (struct cc_quality_source){ .book = r->book,
        .today = cc_today(l->call),
        .offset_min = cc_today_offset(r->env.now_ms(r->env.self)),
        .self = l->call,
        .walk = walk };
    return cc_quality_load(&l->quality, &l->source, board);
}

/* ---- issues ------------------------------------------------------------- */

struct listing {
    struct look look;
    struct satchel_issues *out;
    struct satchel_issue *issue;
    const struct sp_entity *account, *contact, *task;
    size_t limit;
    bool all;
};

static const char *title_of(
    struct listing *l, const struct sp_entity *entity, const struct sp_id *id)
{
    const struct sp_ref ref = { entity->number, *id };

    return cc_result_string(l->look.a, cc_refer_title(l->look.call, &ref));
}

static const char *id_of(struct listing *l, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return cc_result_string(l->look.a, text);
}

/* Whether the task that asks for it is there and open, or was dropped. */
static sp_err look_at_task(struct listing *l, const struct cc_quality_issue *i,
    bool *open, bool *dropped)
{
    enum { OPEN = 1, DROPPED = 3 }; /* task.status */
    const struct sp_ref ref = { l->task->number,
        cc_quality_task(&l->look.quality, i) };
    struct cc_value_of of = { .entity = l->task };
    struct cc_record_view view;
    int64_t status;
    sp_err err = cc_record_view(l->look.call, &ref, &view);

    *open = *dropped = false;
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    status = cc_value_int(&of, "status", OPEN);
    *dropped = status == DROPPED || cc_value_deleted(&of);
    *open = status == OPEN && !*dropped;
    cc_record_view_free(&view);
    return SP_OK;
}

static const char *kind_of(enum cc_quality_kind kind)
{
    static const char *const name[] = { "", "stale", "duplicate", "invalid",
        "incomplete" };

    return name[kind];
}

static sp_err fill(struct listing *l, const struct cc_quality_issue *i,
    bool open, struct satchel_issue *out)
{
    const struct cc_quality *q = &l->look.quality;
    char en[CC_SENTENCE_BYTES], zh[CC_SENTENCE_BYTES];
    bool other = i->other != CC_QUALITY_NONE;
    bool contact = !sp_id_is_zero(&i->contact);

    cc_quality_why(i, CC_LANG_EN, en);
    cc_quality_why(i, CC_LANG_ZH, zh);
    *out = (struct satchel_issue){ .kind = kind_of(i->kind),
        .kind_en = cc_quality_kind_en(i->kind),
        .kind_zh = cc_quality_kind_zh(i->kind),
        .why_en = cc_result_string(l->look.a, en),
        .why_zh = cc_result_string(l->look.a, zh),
        .field = i->field,
        .account_id = id_of(l, &q->account[i->at].id),
        .account = title_of(l, l->account, &q->account[i->at].id),
        .other_id = other ? id_of(l, &q->account[i->other].id) : "",
        .other = other ? title_of(l, l->account, &q->account[i->other].id) : "",
        .contact_id = contact ? id_of(l, &i->contact) : "",
        .contact = contact ? title_of(l, l->contact, &i->contact) : "",
        .charge = i->charge == 0
                      ? ""
                      : cc_result_string(l->look.a,
                            cc_refer_user_name(l->look.call, i->charge)),
        .days = i->days,
        .percent = i->percent,
        .task = "" };
    if (open) {
        const struct sp_id task = cc_quality_task(q, i);
        out->task = id_of(l, &task);
    }
    return out->why_en == NULL || out->why_zh == NULL ||
                   out->account_id == NULL || out->account == NULL ||
                   out->other_id == NULL || out->other == NULL ||
                   out->contact_id == NULL || out->contact == NULL ||
                   out->charge == NULL || out->task == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static bool is_his(const struct listing *l, const struct cc_quality_issue *i)
{
    return l->all || i->charge == l->look.call->s->replica.identity.self.user;
}

static sp_err take(struct listing *l, const struct cc_quality_issue *i)
{
    bool open, dropped;
    sp_err err;

    if (!is_his(l, i)) {
        return SP_OK;
    }
    if (l->out->count == l->limit) {
        l->out->total++;
        return SP_OK;
    }
    err = look_at_task(l, i, &open, &dropped);
    if (err != SP_OK || dropped) {
        return err;
    }
    err = fill(l, i, open, &l->issue[l->out->count]);
    l->out->total++;
    l->out->count += err == SP_OK;
    return err;
}

static sp_err list(struct listing *l)
{
    struct cc_quality *q = &l->look.quality;
    size_t room;
    sp_err err = load(&l->look, false);

    if (err == SP_OK) {
        err = cc_call_entity(l->look.call, "account", &l->account);
    }
    if (err == SP_OK) {
        err = cc_call_entity(l->look.call, "contact", &l->contact);
    }
    if (err == SP_OK) {
        err = cc_call_entity(l->look.call, "task", &l->task);
    }
    if (err != SP_OK) {
        return err;
    }
    if (q->issues > 0) {
        qsort(q->issue, q->issues, sizeof(*q->issue), cc_quality_cmp);
    }
    room = q->issues < l->limit ? q->issues : l->limit;
    l->issue = (struct satchel_issue *)sp_arena_take(
        l->look.a, room + 1, sizeof(*l->issue));
    err = l->issue == NULL ? SP_E_NOMEM : SP_OK;
    for (size_t i = 0; err == SP_OK && i < q->issues; i++) {
        err = take(l, &q->issue[i]);
    }
    l->out->issue = l->issue;
    return err;
}

int satchel_quality(struct satchel *s, bool all, size_t limit,
    struct satchel_issues **out, struct satchel_error *e)
{
    struct cc_call c;
    struct listing l = { .look.call = &c, .all = all };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l.limit =
        limit == 0 || limit > SATCHEL_ISSUES_MAX ? SATCHEL_ISSUES_MAX : limit;
    l.out = (struct satchel_issues *)cc_result_new(sizeof(*l.out));
    if (l.out != NULL) {
        l.look.a = cc_result_arena(l.out);
        err = list(&l);
        cc_quality_free(&l.look.quality);
    }
    return cc_call_give(&c, err, l.out, out);
}

/* ---- the board ---------------------------------------------------------- */

static sp_err fill_row(struct look *l, const char *of,
    const struct cc_quality_row *r, struct satchel_quality_row *out)
{
    *out = (struct satchel_quality_row){ .of = of,
        .name = r->user != 0 ? cc_result_string(
                                   l->a, cc_refer_user_name(l->call, r->user))
                             : cc_result_text(l->a, r->unit),
        .user = r->user,
        .accounts = r->accounts,
        .stale = r->stale,
        .phones = r->phones,
        .invalid = r->invalid,
        .duplicates = r->duplicates,
        .contacts = r->files,
        .mean = r->mean,
        .median = r->median,
        .good = r->good,
        .checked = r->checked,
        .correct = r->correct,
        .duplicate_percent =
            cc_quality_board_percent(r->duplicates, r->accounts),
        .invalid_percent = cc_quality_board_percent(r->invalid, r->phones),
        .stale_percent = cc_quality_board_percent(r->stale, r->accounts),
        .valid_percent = cc_quality_board_percent(r->correct, r->checked) };
    return out->name == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err add_rows(struct look *l, enum cc_quality_by by, const char *of,
    struct satchel_quality_row **list, size_t *count)
{
    struct cc_quality_row *row;
    size_t rows;
    sp_err err = cc_quality_board_make(
        &l->quality, l->call->s->replica.book, by, &row, &rows);

    for (size_t i = 0; err == SP_OK && i < rows; i++) {
        *list = (struct satchel_quality_row *)sp_arena_grow(
            l->a, *list, *count, sizeof(**list));
        err = *list == NULL ? SP_E_NOMEM
                            : fill_row(l, of, &row[i], &(*list)[*count]);
        *count += err == SP_OK;
    }
    return err;
}

static sp_err board(struct look *l, struct satchel_quality_board *out)
{
    struct satchel_quality_row *row = NULL;
    sp_err err = load(l, true);

    if (err == SP_OK) {
        err = add_rows(l, CC_QUALITY_BY_USER, "person", &row, &out->count);
    }
    if (err == SP_OK) {
        err = add_rows(l, CC_QUALITY_BY_UNIT, "branch", &row, &out->count);
    }
    if (err == SP_OK) {
        err = add_rows(l, CC_QUALITY_BY_ALL, "all", &row, &out->count);
    }
    out->row = row;
    return err;
}

int satchel_quality_board(struct satchel *s, struct satchel_quality_board **out,
    struct satchel_error *e)
{
    struct satchel_quality_board *b;
    struct cc_call c;
    struct look l = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    b = (struct satchel_quality_board *)cc_result_new(sizeof(*b));
    if (b != NULL) {
        l.a = cc_result_arena(b);
        err = board(&l, b);
        cc_quality_free(&l.quality);
    }
    return cc_call_give(&c, err, b, out);
}

/* ---- the board of files alone ------------------------------------------- */

static int best_first(const void *a, const void *b)
{
    const struct satchel_profile_row *x = (const struct satchel_profile_row *)a;
    const struct satchel_profile_row *y = (const struct satchel_profile_row *)b;

    return x->mean != y->mean           ? (x->mean < y->mean) * 2 - 1
           : x->contacts != y->contacts ? (x->contacts < y->contacts) * 2 - 1
                                        : (x->user > y->user) * 2 - 1;
}

static sp_err fill_files(struct look *l, const struct cc_quality_row *r,
    struct satchel_profile_row *out)
{
    *out = (struct satchel_profile_row){ .user = r->user,
        .name = cc_result_string(l->a, cc_refer_user_name(l->call, r->user)),
        .contacts = r->files,
        .mean = r->mean,
        .median = r->median,
        .good = r->good,
        .checked = r->checked,
        .correct = r->correct };
    return out->name == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err files_board(struct look *l, struct satchel_profile_board *out)
{
    struct satchel_profile_row *list;
    struct cc_quality_row *row;
    size_t rows;
    sp_err err = load(l, true);

    if (err == SP_OK) {
        err = cc_quality_board_make(&l->quality, l->call->s->replica.book,
            CC_QUALITY_BY_USER, &row, &rows);
    }
    if (err != SP_OK) {
        return err;
    }
    list = (struct satchel_profile_row *)sp_arena_take(
        l->a, rows + 1u, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; err == SP_OK && i < rows; i++) {
        if (row[i].files > 0) { /* others have nothing to be compared */
            err = fill_files(l, &row[i], &list[out->count]);
            out->count += err == SP_OK;
        }
    }
    qsort(list, out->count, sizeof(*list), best_first);
    out->row = list;
    return err;
}

int satchel_profile_board(struct satchel *s, struct satchel_profile_board **out,
    struct satchel_error *e)
{
    struct satchel_profile_board *b;
    struct cc_call c;
    struct look l = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    b = (struct satchel_profile_board *)cc_result_new(sizeof(*b));
    if (b != NULL) {
        l.a = cc_result_arena(b);
        err = files_board(&l, b);
        cc_quality_free(&l.quality);
    }
    return cc_call_give(&c, err, b, out);
}

/* ---- what puts it right ------------------------------------------------- */

/* The task that asked for it is done; one that somebody else dropped, or that
 * no scan made, is left as it is. */
static sp_err finish_task(
    struct cc_call *c, const struct sp_id *account, int32_t verified)
{
    enum { OPEN = 1 }; /* task.status */
    static const struct satchel_input done[] = {
        { "status", "done", SATCHEL_SET },
    };
    struct sp_ref ref = { 0, cc_quality_verify_task(account, verified) };
    struct cc_value_of of = { 0 };
    struct cc_record_view view;
    bool open;
    sp_err err = cc_call_entity(c, "task", &of.entity);

    if (err == SP_OK) {
        ref.type = of.entity->number;
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    open = cc_value_int(&of, "status", OPEN) == OPEN && !cc_value_deleted(&of);
    cc_record_view_free(&view);
    return open ? cc_record_change(c, of.entity, &ref, done, 1, NULL, 0, NULL)
                : SP_OK;
}

static sp_err verify(
    struct cc_call *c, const char *account, struct satchel_saved *out)
{
    char today[CC_DAY_TEXT_BYTES];
    const struct satchel_input now = { "verified_at", today, SATCHEL_SET };
    struct cc_value_of of = { 0 };
    struct cc_record_view view;
    struct sp_ref ref;
    int32_t before;
    sp_err err = cc_refer_named(c, "account", account, &of.entity, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of.record = &view.record;
    before = (int32_t)cc_value_int(&of, "verified_at", CC_DAY_NONE);
    cc_record_view_free(&view);
    cc_day_format(today, cc_today(c));
    err = cc_record_change(c, of.entity, &ref, &now, 1, NULL, 0, out);
    return err == SP_OK ? finish_task(c, &ref.id, before) : err;
}

int satchel_account_verify(struct satchel *s, const char *account,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, verify(&c, account, out));
}

struct check {
    struct cc_call *call;
    const struct sp_entity *contact, *entity;
    struct sp_ref ref, parent;
    bool correct;
    const char *sample;
};

static sp_err put_check(
    struct check *k, const char *field, struct satchel_saved *out)
{
    char at[SP_ID_TEXT_BYTES];
    struct satchel_input in[5] = {
        { "contact", at, SATCHEL_SET },
        { "at", "now", SATCHEL_SET },
        { "field", field, SATCHEL_SET },
        { "correct", k->correct ? "true" : "false", SATCHEL_SET },
        { "sample", k->sample, SATCHEL_SET },
    };

    sp_id_format(at, &k->ref.id);
    return cc_record_make(k->call, k->entity, &k->parent, in,
        k->sample == NULL ? 4 : 5, NULL, 0, out);
}

static sp_err find_checked(struct check *k, const char *contact)
{
    struct cc_record_view view;
    sp_err err =
        cc_refer_named(k->call, "contact", contact, &k->contact, &k->ref);

    if (err == SP_OK) {
        err = cc_call_entity(k->call, "spot_check", &k->entity);
    }
    if (err == SP_OK) {
        err = cc_record_view(k->call, &k->ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    if (!cc_refer_parent(k->call, &view.record, &k->parent)) {
        err = cc_call_say(k->call, SP_E_NOT_FOUND,
            "the account of this contact is not on this device");
    }
    cc_record_view_free(&view);
    return err;
}

static sp_err check(struct check *k, const char *contact,
    const char *const *field, size_t count, struct satchel_saved *out)
{
    sp_err err = find_checked(k, contact);

    if (err == SP_OK && count == 0 && !k->correct) {
        return cc_call_say(k->call, SP_E_REQUIRED,
            "what is wrong? Name the fields, as satchel fields contact lists "
            "them");
    }
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        if (sp_dictionary_field_named(k->contact, sp_slice_text(field[i])) ==
            NULL) {
            return cc_call_say(k->call, SP_E_UNKNOWN_FIELD,
                "a contact has no field \"%.40s\"; satchel fields contact "
                "lists them",
                field[i]);
        }
        err = put_check(k, field[i], out);
    }
    return err == SP_OK && count == 0 ? put_check(k, "all", out) : err;
}

int satchel_profile_check(struct satchel *s, const char *contact, bool correct,
    const char *const *field, size_t count, const char *sample,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    struct check k = { .call = &c, .correct = correct, .sample = sample };
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc
                   : cc_call_end(&c, check(&k, contact, field, count, out));
}
