#include <stdio.h>
#include <string.h>

#include "sp/case.h"

#include "api/benefit.h"
#include "api/call.h"
#include "api/occasion.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/tray.h"
#include "book/address.h"
#include "book/tally.h"

#define NOTE_CHARACTERS 80u
#define OPEN_VISITS_MAX 64u /* looked at, newest first */

/* Facts of one account; at all times count <= SATCHEL_BRIEF_LINES_MAX. */
struct brief {
    struct cc_call *call;
    struct satchel_brief *out;
    struct satchel_fact *fact;
    struct sp_arena *a;
    const struct sp_entity *visit;
    unsigned visits; /* looked at */
    bool has_visit, has_step, has_promise, has_open;
    uint64_t promised_ms; /* the visit's that has the newest promise */
    uint32_t waiting, conflicts;
};

/* ---- words ------------------------------------------------------------- */

struct line {
    const char *kind, *label_en, *label_zh;
    const char *en, *zh; /* NULL: nothing is known, and no line is made */
    const struct sp_id *id;
    uint64_t time_ms;
};

static sp_err add(struct brief *b, const struct line *l)
{
    struct satchel_fact *f;
    char id[SP_ID_TEXT_BYTES];

    if (l->en == NULL || l->zh == NULL || l->en[0] == '\0' ||
        b->out->count == SATCHEL_BRIEF_LINES_MAX) {
        return SP_OK;
    }
    f = &b->fact[b->out->count++];
    sp_id_format(id, l->id);
    f->kind = l->kind;
    f->label_en = l->label_en;
    f->label_zh = l->label_zh;
    f->text_en = cc_result_string(b->a, l->en);
    f->text_zh = cc_result_string(b->a, l->zh);
    f->id = cc_result_string(b->a, id);
    f->time_ms = l->time_ms;
    return f->text_en == NULL || f->text_zh == NULL || f->id == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* A field's shown text; "" when there is none. */
static const char *text_of(struct brief *b, const struct sp_entity *entity,
    const struct sp_record *r, const char *field, enum cc_show_form form)
{
    const struct sp_field *f =
        sp_dictionary_field_named(entity, sp_slice_text(field));
    struct sp_slice v = cc_refer_shown(r, f);
    const char *text = "";

    if (f != NULL && f->set) {
        struct satchel_field shown;
        if (cc_show_field(b->call, r, f, b->a, &shown) != SP_OK ||
            shown.value_count == 0) {
            return "";
        }
        return form == CC_SHOW_ZH ? shown.value[0].text_zh
                                  : shown.value[0].text_en;
    }
    if (v.size > 0) {
        text = cc_show_value(b->call, f, v, form, b->a);
    }
    return text == NULL ? "" : text;
}

/* Texts side by side, without the empty ones. */
static const char *join(
    struct brief *b, const char *const *part, size_t count, const char *between)
{
    struct sp_buf buf;
    const char *out;

    sp_buf_init(&buf, 4096);
    for (size_t i = 0; i < count; i++) {
        if (part[i][0] == '\0') {
            continue;
        }
        if (buf.size > 0) {
            sp_buf_put(&buf, between, strlen(between));
        }
        sp_buf_put(&buf, part[i], strlen(part[i]));
    }
    out = cc_result_text(b->a, sp_buf_slice(&buf));
    sp_buf_free(&buf);
    return out == NULL ? "" : out;
}

/* The same fields in both languages. */
static const char *fields(struct brief *b, const struct sp_entity *entity,
    const struct sp_record *r, const char *const *field, size_t count,
    enum cc_show_form form)
{
    const char *part[6];

    for (size_t i = 0; i < count; i++) {
        part[i] = text_of(b, entity, r, field[i], form);
    }
    return join(b, part, count, " · ");
}

static sp_err add_fields(struct brief *b, const struct line *as,
    const struct sp_entity *entity, const struct sp_record *r,
    const char *const *field, size_t count)
{
    struct line l = *as;

    l.id = &r->ref.id;
    l.en = fields(b, entity, r, field, count, CC_SHOW_EN);
    l.zh = fields(b, entity, r, field, count, CC_SHOW_ZH);
    return add(b, &l);
}

/* ---- visits ------------------------------------------------------------ */

static sp_err take_step(struct brief *b, const struct sp_record *r)
{
    static const char *const step[] = { "next_step", "next_date" };
    static const char *const outcome[] = { "outcome", "next_step",
        "next_date" };
    static const struct line next = {
        .kind = "next_step", .label_en = "Next step", .label_zh = "下一步"
    };
    static const struct line promise = {
        .kind = "promise", .label_en = "Promised", .label_zh = "承诺"
    };
    bool promised = strcmp(text_of(b, b->visit, r, "outcome", CC_SHOW_EXACT),
                        "promise") == 0;

    if (promised) {
        if (b->has_promise) {
            return SP_OK;
        }
        b->has_step = b->has_promise = true;
        b->promised_ms = sp_id_time_ms(&r->ref.id);
        return add_fields(b, &promise, b->visit, r, outcome, 3);
    }
    if (b->has_step ||
        (text_of(b, b->visit, r, "next_step", CC_SHOW_EN)[0] == '\0' &&
            text_of(b, b->visit, r, "next_date", CC_SHOW_EN)[0] == '\0')) {
        return SP_OK;
    }
    b->has_step = true;
    return add_fields(b, &next, b->visit, r, step, 2);
}

static sp_err take_visit(void *arg, const struct sp_ref *ref)
{
    static const char *const what[] = { "checkin", "type", "outcome", "rep" };
    static const struct line last = {
        .kind = "last_visit", .label_en = "Last visit", .label_zh = "上次拜访"
    };
    static const struct line open = { .kind = "open_visit",
        .label_en = "Visit under way",
        .label_zh = "拜访进行中" };
    struct brief *b = (struct brief *)arg;
    struct cc_record_view view;
    bool ended;
    sp_err err;

    if (b->visits++ == OPEN_VISITS_MAX || (b->has_visit && b->has_promise)) {
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    err = cc_record_view(b->call, ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    b->waiting += view.unresolved;
    ended =
        text_of(b, b->visit, &view.record, "checkout", CC_SHOW_EN)[0] != '\0';
    if (cc_tally_counts(&(struct cc_value_of){ b->visit, &view.record })) {
        if (!ended && !b->has_open) {
            b->has_open = true;
            err = add_fields(b, &open, b->visit, &view.record, what, 4);
        } else if (ended && !b->has_visit) {
            b->has_visit = true;
            err = add_fields(b, &last, b->visit, &view.record, what, 4);
        }
        if (err == SP_OK) {
            err = take_step(b, &view.record);
        }
    }
    cc_record_view_free(&view);
    return err;
}

/* ---- contacts and notes ------------------------------------------------ */

struct first {
    struct brief *b;
    const struct sp_entity *entity;
    const struct line *as;
    const char *const *field;
    size_t count, left;
};

/* Long text is cut at a character. */
static const char *cut(struct brief *b, const char *text)
{
    size_t characters = 0, i = 0;
    char *out;

    for (; text[i] != '\0' && text[i] != '\n'; i++) {
        characters += ((uint8_t)text[i] & 0xc0) != 0x80;
        if (characters > NOTE_CHARACTERS) {
            break;
        }
    }
    if (text[i] == '\0') {
        return text;
    }
    out = (char *)sp_arena_take(b->a, i + sizeof("…"), 1);
    if (out == NULL) {
        return "";
    }
    memcpy(out, text, i);
    memcpy(out + i, "…", sizeof("…"));
    return out;
}

static sp_err take_first(void *arg, const struct sp_ref *ref)
{
    struct first *f = (struct first *)arg;
    struct cc_record_view view;
    struct line l = *f->as;
    sp_err err;

    if (f->left == 0) {
        return SP_E_NOT_FOUND;
    }
    err = cc_record_view(f->b->call, ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    if (!cc_refer_deleted(&view.record)) {
        f->left--;
        l.id = &ref->id;
        l.time_ms = sp_id_time_ms(&ref->id);
        l.en = cut(f->b, fields(f->b, f->entity, &view.record, f->field,
                             f->count, CC_SHOW_EN));
        l.zh = cut(f->b, fields(f->b, f->entity, &view.record, f->field,
                             f->count, CC_SHOW_ZH));
        err = add(f->b, &l);
    }
    cc_record_view_free(&view);
    return err;
}

static sp_err take_children(struct brief *b, const struct sp_ref *account,
    const char *entity, struct first *f, bool newest)
{
    f->b = b;
    f->entity =
        sp_dictionary_entity_named(b->call->dictionary, sp_slice_text(entity));
    if (f->entity == NULL) {
        return SP_OK;
    }
    return sp_state_children(
        &b->call->tx, account, f->entity->number, newest, take_first, f);
}

/* ---- what is due and what is usual ----------------------------------------
 */

static sp_err add_occasion(
    struct brief *b, const struct line *as, const struct cc_occasion *o)
{
    struct line l = *as;

    l.en = o->en;
    l.zh = o->zh;
    l.id = &o->id;
    l.time_ms = o->time_ms;
    return add(b, &l);
}

/* What was promised on the telephone, unless a visit knows better. */
static sp_err add_promise(struct brief *b, const struct sp_ref *account)
{
    static const struct line promise = {
        .kind = "promise", .label_en = "Promised", .label_zh = "承诺"
    };
    struct cc_occasion o = { 0 };
    sp_err err = cc_occasion_promise(b->call, account, b->a, &o);

    return err != SP_OK || o.time_ms <= b->promised_ms
               ? err
               : add_occasion(b, &promise, &o);
}

static sp_err add_occasions(struct brief *b, const struct sp_ref *account)
{
    static const struct {
        struct line as;
        sp_err (*find)(struct cc_call *c, const struct sp_ref *account,
            struct sp_arena *a, struct cc_occasion *out);
    } each[] = {
        { { .kind = "birthday", .label_en = "Birthday", .label_zh = "生日" },
            cc_occasion_birthday },
        { { .kind = "benefit", .label_en = "Entitled to", .label_zh = "权益" },
            cc_benefit_today },
        { { .kind = "usual_order",
              .label_en = "Usual order",
              .label_zh = "常购产品" },
            cc_occasion_usual },
        { { .kind = "preference",
              .label_en = "Preferences",
              .label_zh = "偏好" },
            cc_occasion_preferences },
    };
    sp_err err = SP_OK;

    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]) && err == SP_OK;
         i++) {
        struct cc_occasion o = { 0 };

        err = each[i].find(b->call, account, b->a, &o);
        if (err == SP_OK) {
            err = add_occasion(b, &each[i].as, &o);
        }
    }
    return err;
}

static sp_err add_late(struct brief *b, const struct sp_record *account)
{
    static const struct line late = {
        .kind = "late", .label_en = "Overdue", .label_zh = "逾期"
    };
    struct cc_occasion o = { 0 };
    sp_err err = cc_occasion_late(b->call, account, b->a, &o);

    return err == SP_OK ? add_occasion(b, &late, &o) : err;
}

/* ---- what is open ------------------------------------------------------ */

struct mentions {
    const struct sp_ref *account;
    uint32_t count;
};

static sp_err take_refused(void *arg, const struct cc_tray_item *item)
{
    struct mentions *m = (struct mentions *)arg;

    for (uint32_t i = 0; cc_tray_listed(item) && i < item->commit.count; i++) {
        m->count += sp_ref_equal(&item->commit.change[i].ref, m->account);
    }
    return SP_OK;
}

static sp_err add_count(struct brief *b, struct line *l, uint32_t count,
    const char *en, const char *zh)
{
    char text_en[160], text_zh[160];

    if (count == 0) {
        return SP_OK;
    }
    (void)snprintf(text_en, sizeof(text_en), "%u %s", (unsigned)count, en);
    (void)snprintf(text_zh, sizeof(text_zh), "%u %s", (unsigned)count, zh);
    l->en = text_en;
    l->zh = text_zh;
    return add(b, l);
}

static uint32_t count_conflicts(struct brief *b, const struct sp_record *r)
{
    const struct sp_entity *e =
        sp_dictionary_entity(b->call->dictionary, r->ref.type);
    uint32_t count = 0;

    for (uint32_t i = 0; e != NULL && i < r->count; i++) {
        const struct sp_field *f = sp_dictionary_field(e, r->reg[i].key.field);
        count += f != NULL && r->reg[i].key.element.size == 0 &&
                 sp_case_conflict(f, r);
    }
    return count;
}

static sp_err add_open(struct brief *b, const struct sp_record *account)
{
    struct mentions m = { .account = &account->ref };
    struct line conflict = { .kind = "conflict",
        .label_en = "To settle",
        .label_zh = "待处理",
        .id = &account->ref.id };
    struct line rejected = { .kind = "rejected",
        .label_en = "Rejected",
        .label_zh = "被拒绝",
        .id = &account->ref.id };
    struct line waiting = { .kind = "waiting",
        .label_en = "Not yet accepted",
        .label_zh = "尚未确认",
        .id = &account->ref.id };
    sp_err err = cc_tray_walk(
        b->call, (struct cc_tray_wanted){ .whole = false }, take_refused, &m);

    if (err == SP_OK) {
        err = add_count(
            b, &rejected, m.count, "of your changes here", "项您的修改");
    }
    if (err == SP_OK) {
        err = add_count(b, &conflict, count_conflicts(b, account),
            count_conflicts(b, account) == 1 ? "field has several values"
                                             : "fields have several values",
            "个字段有多个值");
    }
    if (err == SP_OK) {
        err =
            add_count(b, &waiting, b->waiting, "of your changes", "项您的修改");
    }
    return err;
}

/* ---- all of it --------------------------------------------------------- */

static sp_err add_account(
    struct brief *b, const struct sp_entity *entity, const struct sp_record *r)
{
    static const char *const what[] = { "number", "kind", "funnel_status",
        "key_account", "territory_id" };
    static const char *const phone[] = { "phone_main" };
    const struct cc_value_of of = { entity, r };
    struct cc_address address;
    struct sp_buf where;
    static const struct line lines[] = {
        { .kind = "account", .label_en = "Account", .label_zh = "客户" },
        { .kind = "phone", .label_en = "Phone", .label_zh = "电话" },
        { .kind = "address", .label_en = "Address", .label_zh = "地址" }
    };
    sp_err err = add_fields(b, &lines[0], entity, r, what, 5);

    if (err == SP_OK) {
        err = add_fields(b, &lines[1], entity, r, phone, 1);
    }
    if (err == SP_OK) {
        struct line l = lines[2];
        cc_address_of(&of, "address", &address);
        sp_buf_init(&where, 4096);
        cc_address_line(&address, &where);
        l.id = &r->ref.id;
        l.en = cc_result_text(b->a, sp_buf_slice(&where));
        l.zh = l.en;
        err = l.en == NULL ? SP_E_NOMEM : add(b, &l);
        sp_buf_free(&where);
    }
    return err;
}

static sp_err gather(
    struct brief *b, const struct sp_entity *entity, const struct sp_record *r)
{
    static const char *const contact[] = { "name", "role_title",
        "decision_role", "phones" };
    static const char *const note[] = { "text" };
    static const struct line as_contact = {
        .kind = "contact", .label_en = "Contact", .label_zh = "联系人"
    };
    static const struct line as_note = {
        .kind = "note", .label_en = "Note", .label_zh = "记录"
    };
    struct first contacts = {
        .as = &as_contact, .field = contact, .count = 4, .left = 2
    };
    struct first notes = {
        .as = &as_note, .field = note, .count = 1, .left = 1
    };
    sp_err err = add_late(b, r);

    if (err == SP_OK && b->visit != NULL) {
        err = sp_state_children(
            &b->call->tx, &r->ref, b->visit->number, true, take_visit, b);
    }
    if (err == SP_OK) {
        err = add_promise(b, &r->ref);
    }
    if (err == SP_OK) {
        err = add_occasions(b, &r->ref);
    }
    if (err == SP_OK) {
        err = take_children(b, &r->ref, "note", &notes, true);
    }
    if (err == SP_OK) {
        err = add_open(b, r);
    }
    if (err == SP_OK) {
        err = take_children(b, &r->ref, "contact", &contacts, false);
    }
    return err == SP_OK ? add_account(b, entity, r) : err;
}

static sp_err brief(
    struct cc_call *c, const char *account, struct satchel_brief *out)
{
    struct brief b = { .call = c, .out = out, .a = cc_result_arena(out) };
    const struct sp_entity *entity;
    struct cc_record_view view;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = cc_call_entity(c, "account", &entity);

    if (err == SP_OK) {
        err = cc_refer_record(c, entity, account, &ref);
    }
    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    sp_id_format(id, &ref.id);
    b.visit = sp_dictionary_entity_named(c->dictionary, sp_slice_text("visit"));
    b.waiting = view.unresolved;
    b.fact = (struct satchel_fact *)sp_arena_take(
        b.a, SATCHEL_BRIEF_LINES_MAX, sizeof(*b.fact));
    out->fact = b.fact;
    out->account_id = cc_result_string(b.a, id);
    out->title = cc_result_string(b.a, cc_refer_title_of(c, &view.record));
    err = b.fact == NULL || out->account_id == NULL || out->title == NULL
              ? SP_E_NOMEM
              : gather(&b, entity, &view.record);
    cc_record_view_free(&view);
    return err;
}

int satchel_brief(struct satchel *s, const char *account,
    struct satchel_brief **out, struct satchel_error *e)
{
    struct satchel_brief *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_brief *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : brief(&c, account, r), r, out);
}
