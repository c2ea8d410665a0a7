/* do_share.c - one account is shared with a person, up to a day. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/seen.h"
#include "ops/log.h"

struct work {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen; /* under whose name */
    struct sp_record account;
    uint32_t user; /* with whom */
    bool end;
    uint32_t last_day;
    uint16_t field;
    uint32_t ended; /* members that go */
    struct sp_draft_write write[SP_DICTIONARY_REACH_MAX + 1u];
};

static const uint8_t nil_byte = 0xc0;

static sp_err find(struct work *w)
{
    sp_err err = sv_seen_begin(w->call, w->tx, "as", &w->seen);
    if (err == SP_OK) {
        err = sv_seen_find(
            w->call, w->tx, sv_call_arg(w->call, "account"), &w->account);
    }
    if (err == SP_OK) {
        err = sv_seen_record(&w->seen, w->tx, &w->account.ref);
    }
    if (err == SP_OK && !sv_seen_any(&w->seen, &w->account)) {
        return sv_call_refuse(w->call, SP_E_DENIED,
            "%.*s may not see this record; satchelctl explain says why",
            (int)w->seen.person->login.size,
            (const char *)w->seen.person->login.data);
    }
    return err;
}

/* ---- share and end ----------------------------------------------------- */

static void take_his(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    struct work *w = arg;
    (void)end_ms;
    if (user == w->user && w->ended < SP_DICTIONARY_REACH_MAX) {
        w->write[w->ended++] = (struct sp_draft_write){ .key = { 0, element },
            .value = { &nil_byte, 1 } };
    }
}

/* His other ends go, so that he has one; the same end stays as it is. */
static uint32_t put_share(struct work *w, struct sp_slice member)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->ended; i++) {
        if (w->end || !sp_slice_equal(w->write[i].key.element, member)) {
            w->write[count++] = w->write[i];
        }
    }
    if (!w->end) {
        w->write[count++] =
            (struct sp_draft_write){ .key = { 0, member }, .value = member };
    }
    for (uint32_t i = 0; i < count; i++) {
        w->write[i].key.field = w->field;
    }
    return count;
}

static sp_err save(struct work *w, uint32_t count)
{
    const struct sp_draft_change change = {
        .ref = w->account.ref, .count = count, .write = w->write
    };
    const struct sp_draft draft = { .user = w->seen.person->user,
        .authority = sp_rulebook_authority(w->seen.book, w->seen.person->user),
        .count = 1,
        .change = &change };
    struct sp_verdict v;
    uint64_t n;
    sp_err err = sp_commit_make(w->tx, &draft, &v, &n);
    return sp_err_class(err) == SP_CLASS_POLICY
               ? sv_call_refuse(w->call, err,
                     "%.*s may not share this account (rule %u)",
                     (int)w->seen.person->login.size,
                     (const char *)w->seen.person->login.data, v.rule)
               : err;
}

/* SYNC J7: what a branch writes it serves. */
static sp_err check_served(struct work *w)
{
    const struct sp_rules *rules = w->tx->rules;
    return w->tx->node->tier == SP_TIER_HEAD_OFFICE ||
                   (w->seen.scopes.count > 0 &&
                       rules->server_of(rules->self, &w->seen.scopes.id[0]) ==
                           w->tx->node->identity->device)
               ? SP_OK
               : sv_call_refuse(w->call, SP_E_SCOPE,
                     "this account is served elsewhere; share it there or at "
                     "head office");
}

static sp_err share(void *arg, struct sp_tx *tx)
{
    struct work *w = arg;
    const char *login = sv_call_arg(w->call, "login");
    uint8_t bytes[16];
    struct sp_buf member;
    w->tx = tx;
    w->ended = 0;
    sp_err err = find(w);
    if (err == SP_OK) {
        err = check_served(w);
    }
    const struct sp_person *who =
        err == SP_OK ? sv_org_person(w->call, w->seen.book, login) : NULL;
    if (who == NULL) {
        return err == SP_OK ? SP_E_NOT_FOUND : err;
    }
    if (!w->end && who->status != SP_PERSON_ACTIVE) {
        return sv_call_refuse(w->call, SP_E_DENIED,
            "%.40s has left; name somebody who is here", login);
    }
    w->user = who->user;
    w->field = tx->rules->shares(tx->rules->self, &w->account, take_his, w);
    if (w->field == 0) {
        return sv_call_refuse(w->call, SP_E_UNKNOWN_FIELD,
            "the dictionary has no field by which such a record is shared");
    }
    if (w->end && w->ended == 0) {
        return sv_call_refuse(w->call, SP_E_NOT_FOUND,
            "this account is not shared with %s", login);
    }
    sp_buf_init(&member, sizeof bytes);
    sp_wr_array(&member, 2);
    sp_wr_uint(&member, w->user);
    sp_wr_uint(&member, w->last_day);
    SP_ASSERT(member.err == SP_OK);
    memcpy(bytes, member.data, member.size);
    struct sp_slice value = sp_slice_of(bytes, member.size);
    sp_buf_free(&member);
    return save(w, put_share(w, value));
}

sp_err sv_do_account_share(struct sv_call *call)
{
    const char *until = sv_call_arg(call, "until");
    struct work w = { .call = call, .end = sv_call_flag(call, "end") };
    sp_err err = SP_OK;
    if (w.end == (until != NULL)) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "up to when? Give --until YYYY-MM-DD, or --end to take it back");
    }
    if (until != NULL) {
        err = sv_day_read(call, until, &w.last_day);
    }
    if (err == SP_OK) {
        err = sv_call_write(call, share, &w);
    }
    if (err == SP_OK) {
        sv_call_set(call, "login", json_string(sv_call_arg(call, "login")));
        sv_call_set(
            call, "until", json_string(until == NULL ? "taken back" : until));
    }
    sv_log(SV_LOG_INFO, "audit", "event=account_share with=%u end=%d error=%s",
        w.user, w.end, sp_err_name(err));
    return err;
}

/* ---- list -------------------------------------------------------------- */

static void show_share(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    struct work *w = arg;
    const struct sp_person *p = sp_rulebook_find_person(w->seen.book, user);
    time_t last = (time_t)((end_ms - (end_ms > 0)) / 1000u);
    struct tm day;
    char text[16] = "?";
    (void)element;
    if (gmtime_r(&last, &day) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%d", &day);
    }
    sv_call_row(w->call,
        json_pack("[o,o,s]",
            p == NULL ? json_integer((json_int_t)user)
                      : sv_call_slice(p->login),
            p == NULL ? json_string("") : sv_call_slice(p->name), text));
}

static sp_err list(void *arg, struct sp_tx *tx)
{
    struct work *w = arg;
    w->tx = tx;
    sp_err err = find(w);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(w->call, "login,name,until");
    struct sp_record none = { .ref = w->account.ref };
    uint16_t field = tx->rules->shares(tx->rules->self, &none, show_share, w);
    if (sv_seen_field(&w->seen, w->account.ref.type, field)) {
        (void)tx->rules->shares(tx->rules->self, &w->account, show_share, w);
    }
    return SP_OK;
}

sp_err sv_do_account_shares(struct sv_call *call)
{
    struct work w = { .call = call };
    return sv_call_read(call, list, &w);
}
