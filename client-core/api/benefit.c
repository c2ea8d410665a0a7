/* benefit.c - what a customer's tier is entitled to, and more on a birthday. */
#include <stdio.h>
#include <string.h>

#include "api/benefit.h"
#include "api/care.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#define TEXT_BYTES 512u

struct benefits {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    int32_t day;
    struct cc_tier_said tier;
    bool birthday;
    const char *whose;
    unsigned today;
    size_t count;
    struct satchel_benefit *benefit;
    struct sp_id first; /* record of the first of them */
};

static sp_err take_contact(void *arg, const struct sp_ref *ref)
{
    struct benefits *b = (struct benefits *)arg;
    const struct sp_entity *e =
        sp_dictionary_entity(b->call->dictionary, ref->type);
    struct cc_record_view view;
    int32_t day;
    bool lunar;
    sp_err err = cc_record_view(b->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    const struct cc_value_of of = { e, &view.record };
    if (!b->birthday && !cc_value_deleted(&of) &&
        cc_occasion_next_birthday(&of, b->day, &day, &lunar) && day == b->day) {
        b->birthday = true;
        b->whose = cc_result_text(b->a, cc_value_text(&of, "name"));
        err = b->whose == NULL ? SP_E_NOMEM : SP_OK;
    }
    cc_record_view_free(&view);
    return err;
}

static bool in_force(const struct benefits *b, const struct cc_value_of *of)
{
    return b->tier.tier != 0 &&
           (unsigned)cc_value_int(of, "tier", 0) == b->tier.tier &&
           b->day >= (int32_t)cc_value_int(of, "from", INT32_MIN) &&
           b->day <= (int32_t)cc_value_int(of, "until", INT32_MAX);
}

static sp_err take_benefit(void *arg, const struct cc_value_of *of)
{
    struct benefits *b = (struct benefits *)arg;
    struct satchel_benefit *list, *one;

    if (!in_force(b, of)) {
        return SP_OK;
    }
    list = (struct satchel_benefit *)sp_arena_grow(
        b->a, b->benefit, b->count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    b->benefit = list;
    b->first = b->count == 0 ? of->record->ref.id : b->first;
    one = &list[b->count++];
    *one = (struct satchel_benefit){ .name = cc_result_text(
                                         b->a, cc_value_text(of, "name")),
        .discount = (unsigned)cc_value_int(of, "discount", 0),
        .birthday_discount = (unsigned)cc_value_int(of, "birthday_discount", 0),
        .gift = cc_result_text(b->a, cc_value_text(of, "gift")),
        .product = cc_result_text(b->a, cc_value_text(of, "product")) };
    if (one->name == NULL || one->gift == NULL || one->product == NULL) {
        return SP_E_NOMEM;
    }
    one->today =
        cc_tally_discount(one->discount, one->birthday_discount, b->birthday);
    if (one->product[0] == '\0' && one->today > b->today) {
        b->today = one->today;
    }
    return SP_OK;
}

static sp_err find(struct benefits *b, const struct sp_ref *account)
{
    const struct sp_entity *contact = sp_dictionary_entity_named(
        b->call->dictionary, sp_slice_text("contact"));
    struct cc_standings all;
    sp_err err = cc_standing_load(&all, b->call, &account->id);

    b->whose = "";
    if (err == SP_OK) {
        all.today = b->day;
        cc_standing_tier(&all, &all.of[0], &b->tier);
    }
    cc_standing_free(&all);
    if (err == SP_OK && contact != NULL) {
        err = sp_state_children(
            &b->call->tx, account, contact->number, false, take_contact, b);
    }
    return err == SP_OK ? cc_care_walk(b->call, "tier_benefit", take_benefit, b)
                        : err;
}

/* ---- the calls ----------------------------------------------------------- */

static sp_err benefits(struct cc_call *c, const char *account, const char *date,
    struct satchel_benefits *out)
{
    struct benefits b = { .call = c, .a = cc_result_arena(out) };
    const struct sp_entity *entity;
    char id[SP_ID_TEXT_BYTES];
    struct cc_words tier;
    struct sp_ref ref;
    sp_err err = cc_today_typed(c, date, &b.day);

    if (err == SP_OK) {
        err = cc_refer_named(c, "account", account, &entity, &ref);
    }
    if (err == SP_OK) {
        err = find(&b, &ref);
    }
    if (err != SP_OK) {
        return err;
    }
    tier = cc_tier_words(b.tier.tier);
    sp_id_format(id, &ref.id);
    *out = (struct satchel_benefits){ .account_id = cc_result_string(b.a, id),
        .account = cc_result_string(b.a, cc_refer_title(c, &ref)),
        .tier_en = tier.en,
        .tier_zh = tier.zh,
        .birthday = b.birthday,
        .whose = b.whose,
        .today = b.today,
        .count = b.count,
        .benefit = b.benefit };
    return out->account_id == NULL || out->account == NULL ? SP_E_NOMEM : SP_OK;
}

int satchel_benefits(struct satchel *s, const char *account, const char *date,
    struct satchel_benefits **out, struct satchel_error *e)
{
    struct satchel_benefits *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_benefits *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : benefits(&c, account, date, r), r, out);
}

/* "10 % off today, birthday of Wang Fang · Gift box" */
sp_err cc_benefit_today(struct cc_call *c, const struct sp_ref *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct benefits b = { .call = c, .a = a, .day = cc_today(c) };
    char en[TEXT_BYTES] = "", zh[TEXT_BYTES] = "";
    const char *gift = "", *between;
    sp_err err = find(&b, account);

    for (size_t i = 0; i < b.count && gift[0] == '\0'; i++) {
        gift = b.benefit[i].gift;
    }
    between = b.today > 0 && gift[0] != '\0' ? " · " : "";
    if (err == SP_OK && b.today > 0 && b.birthday) {
        (void)snprintf(en, sizeof(en),
            "%u %% off today, birthday of %.160s%s%.160s", b.today, b.whose,
            between, gift);
        (void)snprintf(zh, sizeof(zh), "今日优惠 %u%%（%.160s生日）%s%.160s",
            b.today, b.whose, between, gift);
    } else if (err == SP_OK && b.today > 0) {
        (void)snprintf(
            en, sizeof(en), "%u %% off%s%.160s", b.today, between, gift);
        (void)snprintf(
            zh, sizeof(zh), "优惠 %u%%%s%.160s", b.today, between, gift);
    } else if (err == SP_OK) {
        (void)snprintf(en, sizeof(en), "%.160s", gift);
        (void)snprintf(zh, sizeof(zh), "%.160s", gift);
    }
    out->id = b.first;
    out->en = cc_result_string(a, en);
    out->zh = cc_result_string(a, zh);
    return err != SP_OK                         ? err
           : out->en == NULL || out->zh == NULL ? SP_E_NOMEM
                                                : SP_OK;
}
