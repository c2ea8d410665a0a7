/* care_send.c - messages on their way out: which may go, handed out, and what
 * became of them. */
#include <stdio.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#include "book/calendar.h"
#include "book/message.h"

#include "sp/pack.h"

#define SENT_MAX     256u /* messages of one account that are counted */
#define CHANNEL_MAIL 4

/* ---- send windows ------------------------------------------------------ */

/* Of all records of send_window, for one channel. */
struct windows {
    struct sp_arena *arena;
    int64_t channel;
    size_t count, domain_count;
    struct cc_send_window window[CC_SEND_WINDOWS_MAX];
    struct cc_calendar calendar;
    uint32_t cap_count, cap_days;
    struct sp_slice domain[CC_SEND_WINDOWS_MAX];
    struct sp_slice suffix;
};

static bool take_domain(void *arg, struct sp_slice member)
{
    struct windows *w = (struct windows *)arg;

    if (w->domain_count < CC_SEND_WINDOWS_MAX) {
        w->domain[w->domain_count++] = sp_arena_copy(w->arena, member);
    }
    return true;
}

static void take_hours(struct windows *w, const struct cc_value_of *of)
{
    struct cc_send_window one = { 0, 0, 0 };
    uint32_t cap = (uint32_t)cc_value_int(of, "cap_count", 0);

    if (cap != 0 && (w->cap_count == 0 || cap < w->cap_count)) {
        w->cap_count = cap;
        w->cap_days = (uint32_t)cc_value_int(of, "cap_days", 7);
    }
    if (w->count < CC_SEND_WINDOWS_MAX &&
        cc_send_parse_days(cc_value_text(of, "days"), &one.weekdays)) {
        one.from = (uint16_t)cc_value_int(of, "from", 0);
        one.to = (uint16_t)cc_value_int(of, "to", CC_DAY_MINUTES);
        w->window[w->count++] = one;
    }
}

static sp_err take_window(void *arg, const struct cc_value_of *of)
{
    struct windows *w = (struct windows *)arg;
    int64_t channel = cc_value_int(of, "channel", 0);

    if (!cc_value_bool(of, "active", true)) {
        return SP_OK;
    }
    cc_calendar_take(&w->calendar, of);
    cc_value_members(of, "domains", take_domain, w);
    if (cc_value_text(of, "title_suffix").size > 0) {
        w->suffix = sp_arena_copy(w->arena, cc_value_text(of, "title_suffix"));
    }
    if (channel == 0 || channel == w->channel) {
        take_hours(w, of);
    }
    return SP_OK;
}

static sp_err read_windows(
    struct cc_call *c, int64_t channel, struct windows *w)
{
    memset(w, 0, sizeof(*w));
    w->arena = &c->tx.arena;
    w->channel = channel;
    return cc_care_walk(c, "send_window", take_window, w);
}

/* ---- what is known of who gets it -------------------------------------- */

struct reach {
    struct cc_call *call;
    const struct sp_id *contact; /* NULL: the account as a whole */
    int64_t channel;
    bool opted_out;
    const char *to; /* arena of the tx; "" */
    size_t sent_count;
    uint64_t sent_ms[SENT_MAX];
};

/* A part of the first member of a set of groups, as text. */
static const char *first_part(
    struct reach *r, const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(of->record, f->number);
    const struct sp_record *record = of->record;

    for (; reg != NULL && reg < record->reg + record->count &&
           reg->key.field == f->number;
         reg++) {
        const struct sp_sibling *s = sp_merge_shown(reg, f->merge);
        struct sp_slice text;
        struct sp_rd rd;
        if (s == NULL || !sp_dictionary_member(reg)) {
            continue;
        }
        sp_rd_init(&rd, s->value);
        (void)sp_rd_array(&rd, SP_DICTIONARY_PARTS_MAX);
        if (sp_rd_peek(&rd) == SP_KIND_ARRAY) {
            sp_rd_array_of(&rd, 1); /* a phone as it was typed */
        }
        text = sp_rd_str(&rd, SP_STRING_BYTES_MAX);
        if (rd.err == SP_OK) {
            return cc_call_text(r->call, text);
        }
    }
    return "";
}

static void take_contact(struct reach *r, const struct cc_value_of *of)
{
    bool his =
        r->contact != NULL && sp_id_equal(r->contact, &of->record->ref.id);
    const char *to;

    if (r->contact != NULL && !his) {
        return;
    }
    /* Of an account as a whole: one who said no speaks for it. */
    r->opted_out =
        r->opted_out || cc_value_part(of, "consent_messages", "state", 1) == 2;
    to = first_part(r, of, r->channel == CHANNEL_MAIL ? "emails" : "phones");
    if (to != NULL && (his || r->to[0] == '\0')) {
        r->to = to;
    }
}

static void take_sent(struct reach *r, const struct cc_value_of *of)
{
    int64_t state = cc_value_int(of, "state", 0);
    uint64_t ms = cc_value_ts(of, "due");

    if ((state == CC_STATE_EXPORTED || state == CC_STATE_CONFIRMED) &&
        ms != 0 && r->sent_count < SENT_MAX) {
        r->sent_ms[r->sent_count++] = ms;
    }
}

static sp_err take_child(void *arg, const struct sp_ref *ref)
{
    struct reach *r = (struct reach *)arg;
    const struct sp_entity *e =
        sp_dictionary_entity(r->call->dictionary, ref->type);
    bool contact =
        e != NULL && sp_slice_equal(e->name, sp_slice_text("contact"));
    bool message =
        e != NULL && sp_slice_equal(e->name, sp_slice_text("message"));
    struct cc_record_view view;
    sp_err err;

    if (!contact && !message) {
        return SP_OK;
    }
    err = cc_record_view(r->call, ref, &view);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    const struct cc_value_of of = { e, &view.record };
    if (!cc_value_deleted(&of) && contact) {
        take_contact(r, &of);
    } else if (!cc_value_deleted(&of)) {
        take_sent(r, &of);
    }
    cc_record_view_free(&view);
    return SP_OK;
}

static enum cc_send_dnd dnd_of(const struct cc_value_of *account, int32_t today)
{
    int64_t level = cc_value_part(account, "dnd", "level", CC_DND_NONE);
    int64_t until = cc_value_part(account, "dnd", "until", INT32_MAX);

    return level < CC_DND_NONE || level > CC_DND_ALL || today > until
               ? CC_DND_NONE
               : (enum cc_send_dnd)level;
}

/* ---- handing out ------------------------------------------------------- */

struct export
{
    struct cc_call *call;
    uint64_t now_ms;
    const struct satchel_care_sink *sink;
    struct satchel_care_outbox *out;
    struct satchel_care_message *message;
    struct sp_arena *a;
    struct sp_id *draft; /* of the user; arena of the tx */
    size_t draft_count;
};

static sp_err take_draft(void *arg, const struct cc_value_of *of)
{
    struct export *x = (struct export *)arg;
    struct sp_id *list;

    if (cc_value_int(of, "state", 0) != CC_STATE_DRAFTED ||
        cc_value_int(of, "author", 0) !=
            x->call->s->replica.identity.self.user) {
        return SP_OK;
    }
    list = (struct sp_id *)sp_arena_grow(
        &x->call->tx.arena, x->draft, x->draft_count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    x->draft = list;
    list[x->draft_count++] = of->record->ref.id;
    return SP_OK;
}

static sp_err decide(struct export *x, const struct cc_value_of *account,
    const struct reach *r, const struct windows *w,
    struct satchel_care_message *m)
{
    struct cc_send_facts f = { .opted_out = r->opted_out,
        .blocked = cc_value_part(account, "blocked", "yes", 0) != 0,
        .cap_count = w->cap_count,
        .cap_days = w->cap_days,
        .sent_count = r->sent_count,
        .sent_ms = r->sent_ms,
        .window_count = w->count,
        .window = w->window,
        .days = cc_calendar_days(&w->calendar),
        .offset_min = cc_today_offset(x->now_ms) };
    uint64_t from = m->at_ms > x->now_ms ? m->at_ms : x->now_ms;
    enum cc_send_word word;

    f.dnd = dnd_of(account, cc_day_at(x->now_ms, f.offset_min));
    word = cc_send_decide(&f, from, &m->at_ms);
    if (word == CC_SEND_NOW && from > x->now_ms) {
        word = CC_SEND_LATER; /* a campaign says from when */
    }
    m->goes = word == CC_SEND_NOW;
    m->why_en = cc_send_word_en(word);
    m->why_zh = cc_send_word_zh(word);
    if (m->goes && r->to[0] == '\0') {
        m->goes = false;
        m->at_ms = 0;
        m->why_en = "no phone or address is known";
        m->why_zh = "没有电话或地址";
    }
    m->to = cc_result_string(x->a, r->to);
    return m->to == NULL ? SP_E_NOMEM : SP_OK;
}

/* What was edited by other means is looked at once more. */
static sp_err check_text(struct export *x, const struct cc_value_of *of,
    struct satchel_care_message *m)
{
    char en[CC_DUE_WHY_BYTES], zh[CC_DUE_WHY_BYTES];
    struct sp_id template = { { 0 } };
    sp_err err;

    (void)cc_value_ref(of, "template", &template);
    err = cc_care_problem(x->call, cc_value_int(of, "class", 0), &template,
        cc_value_text(of, "text"), en, zh);
    if (err == SP_OK && en[0] != '\0') {
        m->goes = false;
        m->at_ms = 0;
        m->why_en = cc_result_string(x->a, en);
        m->why_zh = cc_result_string(x->a, zh);
        err = m->why_en == NULL || m->why_zh == NULL ? SP_E_NOMEM : SP_OK;
    }
    return err;
}

static sp_err write_title(struct export *x, const struct cc_value_of *of,
    const struct reach *r, const struct windows *w,
    struct satchel_care_message *m)
{
    struct sp_slice title = cc_value_text(of, "title");
    struct sp_buf b;

    sp_buf_init(&b, CC_MESSAGE_BYTES_MAX);
    if (cc_value_int(of, "channel", 0) == CHANNEL_MAIL) {
        cc_message_title(title, sp_slice_text(r->to), w->domain,
            w->domain_count, w->suffix, &b);
    } else {
        sp_buf_put(&b, title.data, title.size);
    }
    m->title = b.err == SP_OK ? cc_result_text(x->a, sp_buf_slice(&b)) : NULL;
    sp_buf_free(&b);
    return m->title == NULL ? SP_E_NOMEM : SP_OK;
}

static const char *option_name(
    struct export *x, const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    const struct sp_option *o =
        f == NULL
            ? NULL
            : sp_dictionary_option(f, (uint64_t)cc_value_int(of, field, 0));

    return cc_result_text(x->a, o == NULL ? sp_slice_text("") : o->name);
}

/* Marks it exported; due becomes the moment, by which the cap counts. */
static sp_err mark(struct export *x, const struct cc_value_of *of)
{
    struct satchel_input in[] = { { .field = "state", .text = "exported" },
        { .field = "due" } };
    char when[40];

    cc_care_time(when, x->now_ms);
    in[1].text = when;
    return cc_record_change(
        x->call, of->entity, &of->record->ref, in, 2, NULL, 0, NULL);
}

static sp_err describe(struct export *x, const struct cc_value_of *of,
    const struct sp_ref *account, struct satchel_care_message *m)
{
    char id[SP_ID_TEXT_BYTES];

    memset(m, 0, sizeof(*m));
    sp_id_format(id, &of->record->ref.id);
    m->id = cc_result_string(x->a, id);
    sp_id_format(id, &account->id);
    m->account_id = cc_result_string(x->a, id);
    m->account = cc_result_string(x->a, cc_refer_title(x->call, account));
    m->channel = option_name(x, of, "channel");
    m->text = cc_result_text(x->a, cc_value_text(of, "text"));
    m->at_ms = cc_value_ts(of, "due"); /* not before */
    return m->id == NULL || m->account_id == NULL || m->account == NULL ||
                   m->channel == NULL || m->text == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* Looks at everything that speaks against it, the account's words first. */
static sp_err weigh(struct export *x, const struct cc_value_of *of,
    const struct sp_ref *account, struct satchel_care_message *m)
{
    struct sp_id contact;
    struct reach r = {
        .call = x->call, .channel = cc_value_int(of, "channel", 0), .to = ""
    };
    struct cc_record_view view;
    struct windows w;
    sp_err err = read_windows(x->call, r.channel, &w);

    r.contact = cc_value_ref(of, "contact", &contact) ? &contact : NULL;
    if (err == SP_OK) {
        err = cc_record_view(x->call, account, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct cc_value_of who = {
        sp_dictionary_entity(x->call->dictionary, account->type), &view.record
    };
    if (r.channel != CHANNEL_MAIL && r.contact == NULL) {
        r.to = cc_call_text(x->call, cc_value_text(&who, "phone_main"));
    }
    err = r.to == NULL ? SP_E_NOMEM
                       : sp_state_children(
                             &x->call->tx, account, 0, false, take_child, &r);
    if (err == SP_OK) {
        err = decide(x, &who, &r, &w, m);
    }
    if (err == SP_OK) {
        err = write_title(x, of, &r, &w, m);
    }
    cc_record_view_free(&view);
    return err == SP_OK ? check_text(x, of, m) : err;
}

static sp_err hand_out(struct export *x, const struct cc_value_of *of,
    const struct satchel_care_message *m)
{
    if (x->sink == NULL || !m->goes) {
        return SP_OK;
    }
    if (x->sink->put(x->sink->self, m) != 0) {
        return cc_call_say(x->call, SP_E_IO,
            "the message could not be written; nothing was exported");
    }
    return mark(x, of);
}

static sp_err export_one(
    struct export *x, const struct sp_entity *e, const struct sp_id *id)
{
    struct sp_ref ref = { e->number, *id }, account;
    struct satchel_care_message m;
    struct cc_record_view view;
    sp_err err = cc_record_view(x->call, &ref, &view);

    if (err != SP_OK) {
        return err;
    }
    const struct cc_value_of of = { e, &view.record };
    if (cc_refer_parent(x->call, &view.record, &account)) {
        err = describe(x, &of, &account, &m);
        if (err == SP_OK) {
            err = weigh(x, &of, &account, &m);
        }
        if (err == SP_OK) {
            err = hand_out(x, &of, &m);
        }
        if (err == SP_OK) {
            x->message[x->out->count++] = m;
            x->out->gone += m.goes;
        }
    }
    cc_record_view_free(&view);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err export_all(struct export *x)
{
    const struct sp_entity *e;
    sp_err err = cc_call_entity(x->call, "message", &e);

    if (err == SP_OK) {
        err = cc_care_walk(x->call, "message", take_draft, x);
    }
    if (err == SP_OK) {
        x->message = (struct satchel_care_message *)sp_arena_take(
            x->a, x->draft_count + 1, sizeof(*x->message));
        err = x->message == NULL ? SP_E_NOMEM : SP_OK;
    }
    for (size_t i = 0; i < x->draft_count && err == SP_OK; i++) {
        err = export_one(x, e, &x->draft[i]);
    }
    x->out->message = x->message;
    if (err == SP_OK && x->sink != NULL && x->out->gone > 0 &&
        x->sink->end(x->sink->self) != 0) {
        err = cc_call_say(x->call, SP_E_IO,
            "the messages could not be written; nothing was exported");
    }
    return err;
}

int satchel_care_export(struct satchel *s, uint64_t now_ms,
    const struct satchel_care_sink *sink, struct satchel_care_outbox **out,
    struct satchel_error *e)
{
    struct satchel_care_outbox *box;
    struct cc_call c;
    struct export x = { .call = &c, .sink = sink };
    int rc = cc_call_begin(&c, s, sink != NULL, e);

    if (rc != 0) {
        return rc;
    }
    x.now_ms = now_ms == 0 ? cc_care_now(&c) : now_ms;
    box = (struct satchel_care_outbox *)cc_result_new(sizeof(*box));
    x.out = box;
    if (box != NULL) {
        x.a = cc_result_arena(box);
    }
    return cc_call_give(
        &c, box == NULL ? SP_E_NOMEM : export_all(&x), box, out);
}

/* ---- what became of it ------------------------------------------------- */

static sp_err say_state(struct cc_call *c, int64_t state)
{
    static const char *const name[] = { CC_SAY("nothing"), CC_SAY("planned"),
        CC_SAY("drafted"), CC_SAY("exported"), CC_SAY("confirmed"),
        CC_SAY("failed"), CC_SAY("withdrawn") };

    return cc_call_say(c, SP_E_VALUE,
        "the message is %s; only what was exported can be confirmed",
        cc_say(name[state >= 0 && state <= 6 ? state : 0]));
}

static sp_err save_state(struct cc_call *c, const struct sp_entity *e,
    const struct sp_ref *ref, const char *state, const char *reason,
    struct satchel_saved *out)
{
    struct satchel_input in[] = { { .field = "state", .text = state },
        { .field = "events", .how = SATCHEL_ADD } };
    struct sp_buf event;
    char when[40];
    sp_err err;

    cc_care_time(when, cc_care_now(c));
    sp_buf_init(&event, SP_VALUE_BYTES_MAX);
    cc_care_part(&event, "at", when);
    cc_care_part(&event, "state", state);
    if (reason != NULL) {
        cc_care_part(&event, "reason", reason);
    }
    sp_buf_put(&event, "", 1);
    in[1].text = (const char *)event.data;
    err = event.err == SP_OK ? cc_record_change(c, e, ref, in, 2, NULL, 0, out)
                             : event.err;
    sp_buf_free(&event);
    return err;
}

static sp_err confirm(struct cc_call *c, const char *message, bool sent,
    const char *reason, struct satchel_saved *out)
{
    enum cc_message_state to = sent ? CC_STATE_CONFIRMED : CC_STATE_FAILED;
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref;
    int64_t state;
    sp_err err = cc_refer_named(c, "message", message, &e, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct cc_value_of of = { e, &view.record };
    state = cc_value_int(&of, "state", 0);
    cc_record_view_free(&view);
    return cc_message_step((enum cc_message_state)state, to)
               ? save_state(
                     c, e, &ref, sent ? "confirmed" : "failed", reason, out)
               : say_state(c, state);
}

int satchel_care_confirm(struct satchel *s, const char *message, bool sent,
    const char *reason, struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, confirm(&c, message, sent, reason, out));
}

static sp_err edit(struct cc_call *c, const char *message, const char *text,
    struct satchel_saved *out)
{
    const struct satchel_input in = { .field = "text", .text = text };
    char en[CC_DUE_WHY_BYTES], zh[CC_DUE_WHY_BYTES];
    struct sp_id template = { { 0 } };
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref;
    int64_t class, state;
    sp_err err = cc_refer_named(c, "message", message, &e, &ref);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct cc_value_of of = { e, &view.record };
    class = cc_value_int(&of, "class", 0);
    state = cc_value_int(&of, "state", 0);
    (void)cc_value_ref(&of, "template", &template);
    cc_record_view_free(&view);
    if (state != CC_STATE_DRAFTED) {
        return cc_call_say(c, SP_E_VALUE,
            "it is no draft any more: what was handed out stays as it is");
    }
    err = cc_care_problem(c, class, &template, sp_slice_text(text), en, zh);
    if (err == SP_OK && en[0] != '\0') {
        return cc_call_say(c, SP_E_VALUE, "%.300s",
            cc_words_pick(cc_say_language(), (struct cc_words){ en, zh }));
    }
    return err == SP_OK ? cc_record_change(c, e, &ref, &in, 1, NULL, 0, out)
                        : err;
}

int satchel_care_edit(struct satchel *s, const char *message, const char *text,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, edit(&c, message, text, out));
}
