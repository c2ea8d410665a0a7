/* campaign_start.c - who is in a campaign, frozen when it starts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/campaign.h"
#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/segment.h"
#include "api/today.h"

struct start {
    struct cc_call *call;
    const struct sp_entity *entity; /* campaign */
    struct cc_campaign campaign;
    struct cc_record_view view; /* of it */
    bool viewed;
    size_t products; /* that it names */
    size_t buyers, room;
    struct sp_id *buyer;  /* malloc'd */
    struct sp_id *chosen; /* malloc'd; of the segment */
    size_t count;
    struct cc_campaign_member *member; /* malloc'd */
};

/* ---- who bought ---------------------------------------------------------- */

static bool count_product(void *arg, struct sp_slice product)
{
    (void)product;
    ++*(size_t *)arg;
    return true;
}

struct bought {
    const struct cc_value_of *campaign;
    bool yes;
};

static bool is_wanted(void *arg, struct sp_slice product)
{
    struct bought *b = (struct bought *)arg;

    b->yes = cc_value_has(b->campaign, "products", product);
    return !b->yes;
}

static sp_err take_purchase(void *arg, const struct cc_value_of *of)
{
    struct start *s = (struct start *)arg;
    const struct cc_value_of campaign = { s->entity, &s->view.record };
    struct bought b = { &campaign, false };
    struct sp_ref account;

    cc_value_members(of, "products", is_wanted, &b);
    if (!b.yes || cc_value_money(of, "amount", 0) <= 0 ||
        !cc_refer_parent(s->call, of->record, &account)) {
        return SP_OK;
    }
    if (s->buyers == s->room) {
        size_t room = s->room == 0 ? 256 : 2 * s->room;
        struct sp_id *more =
            (struct sp_id *)realloc(s->buyer, room * sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        s->buyer = more;
        s->room = room;
    }
    s->buyer[s->buyers++] = account.id;
    return SP_OK;
}

static int by_id(const void *a, const void *b)
{
    return sp_id_cmp((const struct sp_id *)a, (const struct sp_id *)b);
}

static bool has_bought(const struct start *s, const struct sp_id *account)
{
    return s->products == 0 ||
           (s->buyers > 0 && bsearch(account, s->buyer, s->buyers,
                                 sizeof(*s->buyer), by_id) != NULL);
}

/* ---- members ------------------------------------------------------------- */

static sp_err choose(struct start *s)
{
    const struct cc_value_of campaign = { s->entity, &s->view.record };
    size_t chosen = 0;
    sp_err err = cc_segment_members(s->call,
        s->campaign.has_segment ? &s->campaign.segment : NULL, &s->chosen,
        &chosen);

    cc_value_members(&campaign, "products", count_product, &s->products);
    if (err == SP_OK && s->products > 0) {
        err = cc_care_walk(s->call, "purchase", take_purchase, s);
    }
    if (s->buyers > 1) {
        qsort(s->buyer, s->buyers, sizeof(*s->buyer), by_id);
    }
    if (err == SP_OK) {
        s->member =
            (struct cc_campaign_member *)calloc(chosen + 1, sizeof(*s->member));
        err = s->member == NULL ? SP_E_NOMEM : SP_OK;
    }
    for (size_t i = 0; i < chosen && err == SP_OK; i++) {
        if (has_bought(s, &s->chosen[i])) {
            s->member[s->count++].account = s->chosen[i];
        }
    }
    if (err == SP_OK && s->count == 0) {
        return cc_call_say(s->call, SP_E_NOT_FOUND,
            "nobody fits the campaign; look at its segment and products");
    }
    return err == SP_OK && s->count > CC_CAMPAIGN_MEMBERS_MAX
               ? cc_call_say(s->call, SP_E_TOO_LARGE,
                     "%zu customers fit, more than %u; narrow its segment",
                     s->count, CC_CAMPAIGN_MEMBERS_MAX)
               : err;
}

static sp_err check(struct start *s)
{
    char day[CC_DAY_TEXT_BYTES];

    if (s->campaign.frozen_at_ms != 0 ||
        s->campaign.state != CC_CAMPAIGN_DRAFT) {
        return cc_call_say(s->call, SP_E_EXISTS,
            "the campaign has started before; who is in it stays");
    }
    if (!s->campaign.has_template) {
        return cc_call_say(
            s->call, SP_E_REQUIRED, "the campaign has no template to write by");
    }
    if (s->campaign.event != CC_DAY_NONE &&
        s->campaign.event < cc_today(s->call)) {
        cc_day_format(day, s->campaign.event);
        return cc_call_say(s->call, SP_E_VALUE,
            "the campaign's day was %s; who is in it would stay for good, so "
            "give it another event_date first",
            day);
    }
    return SP_OK;
}

/* ---- planned messages ---------------------------------------------------- */

struct planned {
    const struct sp_entity *message, *account;
    char campaign[SP_ID_TEXT_BYTES], template[SP_ID_TEXT_BYTES];
    char channel[24], class[24], send_at[CC_CARE_TIME_BYTES];
};

/* Channel and class are the template's. */
static sp_err prepare(struct start *s, struct planned *p)
{
    const struct sp_entity *e;
    struct cc_record_view view;
    struct sp_ref ref = { 0, s->campaign.template };
    sp_err err = cc_call_entity(s->call, "message_template", &e);

    if (err == SP_OK) {
        ref.type = e->number;
        err = cc_record_view(s->call, &ref, &view);
    }
    if (err == SP_E_NOT_FOUND) {
        return cc_call_say(
            s->call, err, "the template of the campaign is not here");
    }
    if (err == SP_OK) {
        const struct cc_value_of of = { e, &view.record };
        (void)snprintf(p->channel, sizeof(p->channel), "%d",
            (int)cc_value_int(&of, "channel", 2));
        (void)snprintf(p->class, sizeof(p->class), "%d",
            (int)cc_value_int(&of, "class", 1));
        cc_record_view_free(&view);
        err = cc_call_entity(s->call, "message", &p->message);
    }
    if (err == SP_OK) {
        err = cc_call_entity(s->call, "account", &p->account);
    }
    sp_id_format(p->campaign, &s->campaign.id);
    sp_id_format(p->template, &s->campaign.template);
    cc_care_time(p->send_at, s->campaign.send_at_ms);
    return err;
}

static sp_err plan(struct start *s, const struct planned *p,
    const struct cc_campaign_member *m)
{
    struct satchel_input in[8] = { { .field = "channel", .text = p->channel },
        { .field = "class", .text = p->class },
        { .field = "template", .text = p->template },
        { .field = "campaign", .text = p->campaign },
        { .field = "state", .text = "planned" } };
    const struct sp_ref parent = { p->account->number, m->account };
    struct sp_id id = cc_campaign_planned(&s->campaign, &m->account);
    size_t n = 5;

    if (m->control) {
        in[n++] = (struct satchel_input){ .field = "control", .text = "yes" };
    }
    if (s->campaign.send_at_ms != 0) {
        in[n++] = (struct satchel_input){ .field = "due", .text = p->send_at };
    }
    return cc_record_make_as(
        s->call, p->message, &id, &parent, in, n, NULL, 0, NULL);
}

static sp_err freeze(struct start *s)
{
    char when[CC_CARE_TIME_BYTES], count[24];
    const struct satchel_input in[] = { { .field = "state", .text = "running" },
        { .field = "frozen_at", .text = when },
        { .field = "members_count", .text = count } };
    const struct sp_ref ref = { s->entity->number, s->campaign.id };

    cc_care_time(when, cc_care_now(s->call));
    (void)snprintf(count, sizeof(count), "%zu", s->count);
    return cc_record_change(s->call, s->entity, &ref, in, 3, NULL, 0, NULL);
}

static sp_err write_all(struct start *s)
{
    struct planned p = { .message = NULL };
    sp_err err = prepare(s, &p);

    for (size_t i = 0; i < s->count && err == SP_OK; i++) {
        err = plan(s, &p, &s->member[i]);
    }
    return err == SP_OK ? freeze(s) : err;
}

/* ---- the call ------------------------------------------------------------ */

static sp_err start(struct start *s, const char *campaign, bool dry_run,
    struct satchel_campaign_start *out)
{
    struct sp_ref ref;
    sp_err err = cc_campaign_find(s->call, campaign, &s->entity, &s->campaign);

    if (err == SP_OK) {
        err = check(s);
    }
    if (err == SP_OK) {
        ref = (struct sp_ref){ s->entity->number, s->campaign.id };
        err = cc_record_view(s->call, &ref, &s->view);
        s->viewed = err == SP_OK;
    }
    if (err == SP_OK) {
        err = choose(s);
    }
    if (err != SP_OK) {
        return err;
    }
    out->members = s->count;
    out->control = cc_campaign_draw(
        &s->campaign.id, s->campaign.control_share, s->member, s->count);
    return dry_run ? SP_OK : write_all(s);
}

int satchel_campaign_start(struct satchel *s, const char *campaign,
    bool dry_run, struct satchel_campaign_start *out, struct satchel_error *e)
{
    struct satchel_campaign_start done = { 0, 0 };
    struct cc_call c;
    struct start st = { .call = &c };
    sp_err err;
    int rc = cc_call_begin(&c, s, !dry_run, e);

    if (rc != 0) {
        return rc;
    }
    err = start(&st, campaign, dry_run, &done);
    if (st.viewed) {
        cc_record_view_free(&st.view);
    }
    free(st.buyer);
    free(st.chosen);
    free(st.member);
    rc = cc_call_end(&c, err);
    if (rc == 0) {
        *out = done;
    }
    return rc;
}
