/* share.c - one account is shared with a person, up to a day. */
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/typed.h"

#include "sp/pack.h"
#include "sp/roster.h"

struct sharing {
    struct cc_call *call;
    const struct sp_entity *entity;
    const struct sp_field *field;
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_typed typed;
    uint32_t user;
    uint32_t ended; /* shares of his that stood */
    sp_err err;
    struct satchel_shares *out;
    struct satchel_share *share;
};

/* The account and its field; the view is to be freed, also after a failure. */
static sp_err find(struct sharing *s, const char *account)
{
    sp_err err =
        cc_refer_named(s->call, "account", account, &s->entity, &s->ref);

    if (err == SP_OK && s->entity->share == 0) {
        return cc_call_say(s->call, SP_E_UNKNOWN_FIELD,
            "the dictionary has no field by which an account is shared");
    }
    if (err == SP_OK) {
        s->field = sp_dictionary_field(s->entity, s->entity->share);
        err = cc_record_view(s->call, &s->ref, &s->view);
    }
    return err;
}

/* ---- share and end ------------------------------------------------------ */

static void take_his(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    static const uint8_t nil = 0xc0;
    struct sharing *s = (struct sharing *)arg;
    const struct sp_key key = { s->field->number, element };

    (void)end_ms;
    if (user == s->user && s->err == SP_OK) {
        s->ended++;
        s->err =
            cc_typed_put_key(&s->typed, &key, (struct sp_slice){ &nil, 1 });
    }
}

/* A day is over when it is over here: nothing is refused for this clock, it
 * only asks again before something useless is saved. */
static sp_err check_day(struct sharing *s, const char *until)
{
    struct cc_replica *r = &s->call->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    uint32_t user;
    int64_t day = 0;

    for (uint32_t i = 0; i < s->typed.count; i++) {
        if (sp_dictionary_share_read(s->typed.write[i].value, &user, &day) &&
            (day + 1) * (int64_t)SP_ROSTER_DAY_MS <= (int64_t)now) {
            return cc_call_say(
                s->call, SP_E_VALUE, "%.40s: that day is over", until);
        }
    }
    return SP_OK;
}

static sp_err put_share(struct sharing *s, const char *until)
{
    char text[96];
    const char *name = cc_call_text(s->call, s->field->name);
    const struct satchel_input input = { name, text, SATCHEL_ADD };

    if (name == NULL) {
        return SP_E_NOMEM;
    }
    (void)snprintf(text, sizeof(text), "%u;%.60s", s->user, until);
    sp_err err = cc_typed_add(&s->typed, &input, 1);
    return err == SP_OK ? check_day(s, until) : err;
}

static sp_err change(struct sharing *s, const char *account, const char *user,
    const char *until, struct satchel_saved *out)
{
    const struct sp_rules *rules = s->call->tx.rules;
    uint64_t n = 0;
    sp_err err = find(s, account);

    if (err == SP_OK) {
        err = cc_refer_user(s->call, sp_slice_text(user), &s->user);
    }
    if (err == SP_OK) {
        err = cc_typed_init(&s->typed, s->call, s->entity, &s->view.record);
    }
    if (err != SP_OK) {
        return err;
    }
    (void)rules->shares(rules->self, &s->view.record, take_his, s);
    err = s->err;
    if (err == SP_OK && until == NULL && s->ended == 0) {
        return cc_call_say(s->call, SP_E_NOT_FOUND,
            "this account is not shared with %.60s", user);
    }
    if (err == SP_OK && until != NULL) {
        err = put_share(s, until);
    }
    const struct sp_draft_change c = {
        .ref = s->ref, .count = s->typed.count, .write = s->typed.write
    };
    if (err == SP_OK) {
        err = cc_typed_save(s->call, &c, 1, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &s->ref.id, n);
    }
    return err;
}

int satchel_account_share(struct satchel *s, const char *account,
    const char *user, const char *until, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    struct sharing work = { .call = &c };
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    sp_err err = change(&work, account, user, until, out);
    cc_record_view_free(&work.view);
    return cc_call_end(&c, err);
}

/* ---- list --------------------------------------------------------------- */

static void count_share(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    (void)element;
    (void)user;
    (void)end_ms;
    ((struct sharing *)arg)->ended++;
}

static void take_share(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    struct sharing *s = (struct sharing *)arg;
    struct sp_arena *a = cc_result_arena(s->out);
    const struct sp_person *p =
        sp_rulebook_find_person(s->call->s->replica.book, user);
    struct sp_buf day;
    uint32_t who;
    int64_t last_day = 0;

    (void)end_ms;
    (void)sp_dictionary_share_read(element, &who, &last_day);
    sp_buf_init(&day, 64);
    sp_wr_int(&day, last_day);
    struct sp_slice value = sp_arena_copy(a, sp_buf_slice(&day));
    sp_buf_reset(&day);
    sp_dictionary_format_value(&s->field->part[1], value, SP_TEXT_EXACT, &day);
    s->share[s->out->count++] = (struct satchel_share){
        .user = user,
        .login = p == NULL ? "" : cc_result_text(a, p->login),
        .name = cc_result_string(a, cc_refer_user_name(s->call, user)),
        .until = cc_result_text(a, sp_buf_slice(&day)),
    };
    sp_buf_free(&day);
}

static sp_err list(struct sharing *s, const char *account)
{
    const struct sp_rules *rules = s->call->tx.rules;
    sp_err err = find(s, account);

    if (err != SP_OK) {
        return err;
    }
    (void)rules->shares(rules->self, &s->view.record, count_share, s);
    s->share = (struct satchel_share *)sp_arena_take(
        cc_result_arena(s->out), s->ended + 1u, sizeof(*s->share));
    if (s->share == NULL) {
        return SP_E_NOMEM;
    }
    (void)rules->shares(rules->self, &s->view.record, take_share, s);
    s->out->share = s->share;
    return SP_OK;
}

int satchel_account_shares(struct satchel *s, const char *account,
    struct satchel_shares **out, struct satchel_error *e)
{
    struct cc_call c;
    struct sharing work = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    work.out = (struct satchel_shares *)cc_result_new(sizeof(*work.out));
    if (work.out != NULL) {
        err = list(&work, account);
    }
    cc_record_view_free(&work.view);
    return cc_call_give(&c, err, work.out, out);
}
