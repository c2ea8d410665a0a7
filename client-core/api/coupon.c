/* coupon.c - coupons: issued, redeemed once, and what was redeemed twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/today.h"
#include "book/coupon.h"

#define SERIAL_BYTES 200u /* 40 characters of any script, folded */

/* ---- reading ------------------------------------------------------------- */

struct coupon {
    struct sp_ref ref, account;
    char folded[SERIAL_BYTES];
    const char *serial, *value, *gift; /* arena of the reading */
    int32_t from, until;               /* CC_DAY_NONE: open */
    bool cancelled, here;              /* here: the coupon's record is */
};

struct redeemed {
    struct sp_id id;
    char folded[SERIAL_BYTES];
    struct cc_tally_redemption tally;
    struct sp_ref account;
    uint32_t user;
    const char *document, *reason, *serial;
    int decision; /* -1: none, else whether it counts */
};

struct book {
    struct cc_call *call;
    struct sp_arena *a;
    const char *only; /* a folded serial; NULL: all */
    size_t coupons, redemptions;
    struct coupon *coupon;     /* arena */
    struct redeemed *redeemed; /* arena */
};

static bool fold_serial(const struct book *b, struct sp_slice text, char *out)
{
    char typed[SERIAL_BYTES];

    if (text.size == 0 || text.size >= sizeof(typed)) {
        return false;
    }
    memcpy(typed, text.data, text.size);
    typed[text.size] = '\0';
    cc_coupon_fold(typed, out, SERIAL_BYTES);
    return b->only == NULL || strcmp(b->only, out) == 0;
}

static const char *exact(
    struct book *b, const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));
    struct sp_slice v = f == NULL ? (struct sp_slice){ NULL, 0 }
                                  : cc_refer_shown(of->record, f);

    return v.size == 0 ? "" : cc_show_value(b->call, f, v, CC_SHOW_EXACT, b->a);
}

static sp_err take_coupon(void *arg, const struct cc_value_of *of)
{
    struct book *b = (struct book *)arg;
    struct sp_slice serial = cc_value_text(of, "serial");
    struct coupon *list, *c;
    char folded[SERIAL_BYTES];

    if (!fold_serial(b, serial, folded)) {
        return SP_OK;
    }
    list = (struct coupon *)sp_arena_grow(
        b->a, b->coupon, b->coupons, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->coupon = list;
    c = &list[b->coupons++];
    memset(c, 0, sizeof(*c));
    memcpy(c->folded, folded, sizeof(folded));
    c->ref = of->record->ref;
    c->here = true;
    (void)cc_refer_parent(b->call, of->record, &c->account);
    c->serial = cc_value_string(b->a, serial);
    c->value = exact(b, of, "value");
    c->gift = cc_value_string(b->a, cc_value_text(of, "gift"));
    c->from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE);
    c->until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE);
    c->cancelled = cc_value_bool(of, "cancelled", false);
    return c->serial == NULL || c->value == NULL || c->gift == NULL ? SP_E_NOMEM
                                                                    : SP_OK;
}

static sp_err take_redemption(void *arg, const struct cc_value_of *of)
{
    struct book *b = (struct book *)arg;
    struct sp_slice serial = cc_value_text(of, "serial");
    struct redeemed *list, *r;
    char folded[SERIAL_BYTES];

    if (!fold_serial(b, serial, folded)) {
        return SP_OK;
    }
    list = (struct redeemed *)sp_arena_grow(
        b->a, b->redeemed, b->redemptions, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->redeemed = list;
    r = &list[b->redemptions++];
    memset(r, 0, sizeof(*r));
    memcpy(r->folded, folded, sizeof(folded));
    r->id = r->tally.id = of->record->ref.id;
    r->tally.at_ms = cc_value_ts(of, "at");
    (void)cc_refer_parent(b->call, of->record, &r->account);
    r->user = (uint32_t)cc_value_int(of, "author", 0);
    r->decision = (int)cc_value_part(of, "decision", "counts", -1);
    r->serial = cc_value_string(b->a, serial);
    r->document = cc_value_string(b->a, cc_value_text(of, "document"));
    r->reason =
        cc_value_string(b->a, cc_value_part_text(of, "decision", "reason"));
    return r->serial == NULL || r->document == NULL || r->reason == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static int by_serial(const void *a, const void *b)
{
    const struct coupon *x = (const struct coupon *)a;
    const struct coupon *y = (const struct coupon *)b;

    return strcmp(x->folded, y->folded);
}

/* Of one serial side by side, the earliest first. */
static int by_time(const void *a, const void *b)
{
    const struct redeemed *x = (const struct redeemed *)a;
    const struct redeemed *y = (const struct redeemed *)b;
    int order = strcmp(x->folded, y->folded);

    return order != 0 ? order
           : x->tally.at_ms != y->tally.at_ms
               ? (x->tally.at_ms > y->tally.at_ms) * 2 - 1
               : sp_id_cmp(&x->id, &y->id);
}

static sp_err read(struct book *b)
{
    sp_err err = cc_care_walk(b->call, "coupon", take_coupon, b);

    if (err == SP_OK) {
        err = cc_care_walk(b->call, "redemption", take_redemption, b);
    }
    if (b->coupons > 1) {
        qsort(b->coupon, b->coupons, sizeof(*b->coupon), by_serial);
    }
    if (b->redemptions > 1) {
        qsort(b->redeemed, b->redemptions, sizeof(*b->redeemed), by_time);
    }
    return err;
}

/* Those of a serial: the first of them, and how many. */
static size_t redeemed_of(
    const struct book *b, const char *folded, struct redeemed **first)
{
    size_t count = 0;

    *first = NULL;
    for (size_t i = 0; i < b->redemptions; i++) {
        if (strcmp(b->redeemed[i].folded, folded) == 0) {
            *first = count == 0 ? &b->redeemed[i] : *first;
            count++;
        }
    }
    return count;
}

/* What finance refused took nothing: the coupon is as if it had not been. Of
 * count, how many stand; first: the earliest of them. */
static size_t standing_of(
    const struct redeemed *list, size_t count, const struct redeemed **first)
{
    size_t standing = 0;

    *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (list[i].decision != 0) {
            *first = standing == 0 ? &list[i] : *first;
            standing++;
        }
    }
    return standing;
}

/* ---- the list ------------------------------------------------------------ */

static const char *account_title(struct book *b, const struct sp_ref *account)
{
    return cc_result_string(
        b->a, account->type == 0 ? "" : cc_refer_title(b->call, account));
}

static sp_err fill_redemption(struct book *b, const struct redeemed *r,
    bool first, struct satchel_redemption *out)
{
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &r->id);
    *out = (struct satchel_redemption){ .id = cc_result_string(b->a, id),
        .account = account_title(b, &r->account),
        .by = cc_result_string(b->a, cc_refer_user_name(b->call, r->user)),
        .at_ms = r->tally.at_ms,
        .document = r->document,
        .counts = r->decision >= 0 ? r->decision != 0 : first,
        .flagged = !first,
        .decided = r->decision >= 0,
        .reason = r->reason };
    return out->id == NULL || out->account == NULL || out->by == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* Twice as long as a later one waits for a decision. */
static const char *state_of(struct book *b, const struct coupon *c,
    const struct satchel_redemption *r, size_t count, size_t standing)
{
    int32_t today = cc_today(b->call);

    for (size_t i = 0; i < count; i++) {
        if (r[i].flagged && !r[i].decided) {
            return "twice";
        }
    }
    return standing > 0                                  ? "redeemed"
           : c->cancelled                                ? "cancelled"
           : c->until != CC_DAY_NONE && today > c->until ? "expired"
           : c->from != CC_DAY_NONE && today < c->from   ? "not_yet"
                                                         : "open";
}

static const char *day_text(struct book *b, int32_t day)
{
    char text[CC_DAY_TEXT_BYTES] = "";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, day);
    }
    return cc_result_string(b->a, text);
}

static sp_err fill_coupon(
    struct book *b, const struct coupon *c, struct satchel_coupon *out)
{
    struct satchel_redemption *list;
    struct redeemed *first;
    size_t count = redeemed_of(b, c->folded, &first);
    const struct redeemed *counting;
    size_t standing = standing_of(first, count, &counting);
    char id[SP_ID_TEXT_BYTES] = "";
    sp_err err = SP_OK;

    list = (struct satchel_redemption *)sp_arena_take(
        b->a, count + 1, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = fill_redemption(b, &first[i], &first[i] == counting, &list[i]);
    }
    if (c->here) {
        sp_id_format(id, &c->ref.id);
    }
    *out = (struct satchel_coupon){ .id = cc_result_string(b->a, id),
        .serial = c->serial,
        .account = account_title(b, &c->account),
        .value = c->value,
        .gift = c->gift,
        .from = day_text(b, c->from),
        .until = day_text(b, c->until),
        .state = state_of(b, c, list, count, standing),
        .count = count,
        .redemption = list };
    return err != SP_OK ? err
           : out->id == NULL || out->account == NULL || out->from == NULL ||
                   out->until == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

/* Redemptions whose coupon is not here are listed by their serial. */
static sp_err add_strangers(struct book *b)
{
    for (size_t i = 0; i < b->redemptions; i++) {
        const struct redeemed *r = &b->redeemed[i];
        struct coupon key, *list;

        memcpy(key.folded, r->folded, sizeof(key.folded));
        if ((i > 0 && strcmp(r->folded, r[-1].folded) == 0) ||
            (b->coupons > 0 && bsearch(&key, b->coupon, b->coupons, sizeof(key),
                                   by_serial) != NULL)) {
            continue;
        }
        list = (struct coupon *)sp_arena_grow(
            b->a, b->coupon, b->coupons, sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        b->coupon = list;
        memset(&list[b->coupons], 0, sizeof(*list));
        memcpy(list[b->coupons].folded, r->folded, sizeof(r->folded));
        list[b->coupons].serial = r->serial;
        list[b->coupons].value = list[b->coupons].gift = "";
        list[b->coupons].from = list[b->coupons].until = CC_DAY_NONE;
        list[b->coupons].account = r->account;
        b->coupons++;
        qsort(b->coupon, b->coupons, sizeof(*b->coupon), by_serial);
    }
    return SP_OK;
}

static sp_err list(struct cc_call *c, const char *account, bool flagged,
    struct satchel_coupon_list *out)
{
    struct book b = { .call = c, .a = cc_result_arena(out) };
    const struct sp_entity *entity;
    struct satchel_coupon *coupon;
    struct sp_ref only = { 0 };
    sp_err err = read(&b);

    if (err == SP_OK && account != NULL) {
        err = cc_refer_named(c, "account", account, &entity, &only);
    }
    if (err == SP_OK) {
        err = add_strangers(&b);
    }
    coupon = (struct satchel_coupon *)sp_arena_take(
        b.a, b.coupons + 1, sizeof(*coupon));
    if (err == SP_OK && coupon == NULL) {
        err = SP_E_NOMEM;
    }
    for (size_t i = 0; i < b.coupons && err == SP_OK; i++) {
        if (account != NULL && !sp_ref_equal(&b.coupon[i].account, &only)) {
            continue;
        }
        err = fill_coupon(&b, &b.coupon[i], &coupon[out->count]);
        out->count +=
            err == SP_OK &&
            (!flagged || strcmp(coupon[out->count].state, "twice") == 0);
    }
    out->coupon = coupon;
    return err;
}

int satchel_coupon_list(struct satchel *s, const char *account, bool flagged,
    struct satchel_coupon_list **out, struct satchel_error *e)
{
    struct satchel_coupon_list *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_coupon_list *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : list(&c, account, flagged, r), r, out);
}

/* ---- issue --------------------------------------------------------------- */

/* Whether somebody could ever get something for it. */
static sp_err check_worth(struct cc_call *c, const struct cc_value_of *of)
{
    int32_t from = (int32_t)cc_value_int(of, "from", CC_DAY_NONE);
    int32_t until = (int32_t)cc_value_int(of, "until", CC_DAY_NONE);
    char first[CC_DAY_TEXT_BYTES], last[CC_DAY_TEXT_BYTES];

    if (cc_money_of(of, "value").minor <= 0 &&
        cc_value_text(of, "gift").size == 0) {
        return cc_call_say(c, SP_E_REQUIRED,
            "a coupon is for something: give it a value above 0, as value=50 "
            "CNY, or a gift");
    }
    if (until != CC_DAY_NONE && until < cc_today(c)) {
        cc_day_format(last, until);
        return cc_call_say(c, SP_E_VALUE,
            "the coupon would be valid until %s, which is over", last);
    }
    if (until != CC_DAY_NONE && from != CC_DAY_NONE && until < from) {
        cc_day_format(first, from);
        cc_day_format(last, until);
        return cc_call_say(c, SP_E_VALUE,
            "the coupon would be valid from %s until %s, which is before",
            first, last);
    }
    return SP_OK;
}

/* Looks at what was made, before it is kept. */
static sp_err check_issued(struct cc_call *c, const struct sp_entity *entity,
    const struct satchel_saved *saved)
{
    struct sp_ref ref = { .type = entity->number };
    struct cc_record_view view;
    sp_err err = sp_id_parse(&ref.id, saved->id);

    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err == SP_OK) {
        const struct cc_value_of of = { entity, &view.record };

        err = check_worth(c, &of);
        cc_record_view_free(&view);
    }
    return err;
}

static sp_err issue(struct cc_call *c, const char *account,
    const struct satchel_input *input, size_t count,
    struct satchel_coupon_saved *out)
{
    struct cc_replica *r = &c->s->replica;
    struct satchel_input serial = { .field = "serial", .text = out->serial };
    struct book b = { .call = c, .a = &c->tx.arena };
    const struct sp_entity *entity, *above;
    struct sp_ref parent;
    uint32_t random;
    char folded[SERIAL_BYTES];
    sp_err err = cc_refer_named(c, "account", account, &above, &parent);

    if (err == SP_OK) {
        err = cc_call_entity(c, "coupon", &entity);
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = strcmp(input[i].field, "serial") != 0
                  ? SP_OK
                  : cc_call_say(c, SP_E_ARGUMENT,
                        "the serial is drawn by this device, so that no other "
                        "has it; leave it out");
    }
    /* Drawn again in the rare case that this device drew it before. */
    for (bool taken = true; taken && err == SP_OK;) {
        r->env.random(r->env.self, &random, sizeof(random));
        cc_coupon_serial(r->identity.self.device, random, out->serial);
        cc_coupon_fold(out->serial, folded, sizeof(folded));
        b.only = folded;
        b.coupons = 0;
        err = cc_care_walk(c, "coupon", take_coupon, &b);
        taken = b.coupons > 0;
    }
    if (err == SP_OK) {
        err = cc_record_make(
            c, entity, &parent, &serial, 1, input, count, &out->saved);
    }
    return err == SP_OK ? check_issued(c, entity, &out->saved) : err;
}

int satchel_coupon_issue(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count,
    struct satchel_coupon_saved *out, struct satchel_error *e)
{
    struct satchel_coupon_saved done = { 0 };
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    rc = cc_call_end(&c, issue(&c, account, input, count, &done));
    if (rc == 0) {
        *out = done;
    }
    return rc;
}

/* ---- redeem -------------------------------------------------------------- */

static sp_err may_redeem(struct book *b, const struct coupon *c)
{
    char day[CC_DAY_TEXT_BYTES];
    int32_t today = cc_today(b->call);
    struct redeemed *list;
    size_t count = redeemed_of(b, c->folded, &list);
    const struct redeemed *first;

    if (standing_of(list, count, &first) > 0) {
        cc_day_format(day, cc_today_of(first->tally.at_ms));
        return cc_call_say(b->call, SP_E_EXISTS,
            "coupon %.60s was redeemed on %s by %.80s", c->serial, day,
            cc_refer_user_name(b->call, first->user));
    }
    if (c->cancelled) {
        return cc_call_say(
            b->call, SP_E_VALUE, "coupon %.60s was cancelled", c->serial);
    }
    if (c->until != CC_DAY_NONE && today > c->until) {
        cc_day_format(day, c->until);
        return cc_call_say(b->call, SP_E_VALUE,
            "coupon %.60s was valid until %s", c->serial, day);
    }
    if (c->from != CC_DAY_NONE && today < c->from) {
        cc_day_format(day, c->from);
        return cc_call_say(b->call, SP_E_VALUE, "coupon %.60s is valid from %s",
            c->serial, day);
    }
    return SP_OK;
}

/* What the serial names: a coupon that is here, or the customer who brought
 * one that is not. */
static sp_err find(
    struct book *b, const char *serial, const char *account, struct coupon *out)
{
    const struct sp_entity *entity;

    memset(out, 0, sizeof(*out));
    if (b->coupons > 0) {
        *out = b->coupon[0];
        return SP_OK;
    }
    if (!cc_coupon_checks(b->only)) {
        return cc_call_say(b->call, SP_E_VALUE,
            "%.60s is no serial of a coupon; a character was misread", serial);
    }
    if (account == NULL) {
        return cc_call_say(b->call, SP_E_NOT_FOUND,
            "coupon %.60s is not on this device; name the customer who "
            "brought it to take it all the same",
            serial);
    }
    out->serial = serial;
    out->from = out->until = CC_DAY_NONE;
    memcpy(out->folded, b->only, strlen(b->only) + 1);
    return cc_refer_named(b->call, "account", account, &entity, &out->account);
}

static sp_err redeem(struct cc_call *c, const char *serial, const char *account,
    const char *document, struct satchel_saved *out)
{
    struct book b = { .call = c, .a = &c->tx.arena };
    struct satchel_input in[4] = { { .field = "serial" },
        { .field = "at", .text = "now" } };
    char folded[SERIAL_BYTES], id[SP_ID_TEXT_BYTES];
    const struct sp_entity *entity;
    struct coupon coupon;
    size_t n = 2;
    sp_err err;

    cc_coupon_fold(serial, folded, sizeof(folded));
    b.only = folded;
    err = read(&b);
    if (err == SP_OK) {
        err = find(&b, serial, account, &coupon);
    }
    if (err == SP_OK) {
        err = may_redeem(&b, &coupon);
    }
    if (err == SP_OK) {
        err = cc_call_entity(c, "redemption", &entity);
    }
    if (err != SP_OK) {
        return err;
    }
    in[0].text = coupon.serial;
    if (coupon.here) {
        sp_id_format(id, &coupon.ref.id);
        in[n++] = (struct satchel_input){ .field = "coupon", .text = id };
    }
    if (document != NULL) {
        in[n++] =
            (struct satchel_input){ .field = "document", .text = document };
    }
    return cc_record_make(c, entity, &coupon.account, in, n, NULL, 0, out);
}

int satchel_coupon_redeem(struct satchel *s, const char *serial,
    const char *account, const char *document, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, serial == NULL || strlen(serial) >= SERIAL_BYTES
                               ? SP_E_ARGUMENT
                               : redeem(&c, serial, account, document, out));
}

/* ---- decide -------------------------------------------------------------- */

static sp_err decide(struct cc_call *c, const char *redemption, bool counts,
    const char *reason, struct satchel_saved *out)
{
    struct satchel_input in = { .field = "decision" };
    const struct sp_entity *entity;
    struct sp_ref ref;
    struct sp_buf b;
    sp_err err = cc_refer_named(c, "redemption", redemption, &entity, &ref);

    if (err == SP_OK && (reason == NULL || reason[0] == '\0')) {
        err = cc_call_say(c, SP_E_REQUIRED,
            "a decision needs its reason: why does it count, or not?");
    }
    if (err != SP_OK) {
        return err;
    }
    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    cc_care_part(&b, "counts", counts ? "yes" : "no");
    cc_care_part(&b, "reason", reason);
    sp_buf_put(&b, "", 1);
    in.text = (const char *)b.data;
    err = b.err == SP_OK
              ? cc_record_change(c, entity, &ref, &in, 1, NULL, 0, out)
              : b.err;
    sp_buf_free(&b);
    return err;
}

int satchel_coupon_decide(struct satchel *s, const char *redemption,
    bool counts, const char *reason, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, decide(&c, redemption, counts, reason, out));
}
