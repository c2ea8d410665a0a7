#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"

#include "api/known.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"

#define WHY_BYTES 200u

static unsigned funnel_of(struct cc_call *c, const struct sp_record *r)
{
    struct cc_value_of of = {
        sp_dictionary_entity_named(c->dictionary, sp_slice_text("account")), r
    };

    return (unsigned)cc_value_int(&of, "funnel_status", 0);
}

/* ---- one customer ------------------------------------------------------- */

/* Numbers, amounts and days as they are typed. */
static const char *exact(struct sp_arena *a, const struct cc_known *k)
{
    char text[32];
    int64_t n = k->number;

    switch (k->kind) {
    case CC_SEGMENT_DAY:
        cc_day_format(text, (int32_t)n);
        break;
    case CC_SEGMENT_NUMBER:
        (void)snprintf(text, sizeof(text), "%" PRId64, n);
        break;
    case CC_SEGMENT_MONEY: /* by currency: put_spent */
    case CC_SEGMENT_UNKNOWN:
    case CC_SEGMENT_TEXT:
    case CC_SEGMENT_SET:
        return k->value;
    }
    return cc_result_string(a, text);
}

static sp_err say_why(const struct cc_standings *all,
    const struct cc_standing *of, enum cc_known_thing thing, struct sp_arena *a,
    struct satchel_label *out)
{
    struct cc_label_facts f = cc_standing_facts(all, of, 0);
    struct cc_tier_said said;
    char en[WHY_BYTES] = "", zh[WHY_BYTES] = "";
    int32_t since, usual;

    if (thing == CC_KNOWN_TIER) {
        cc_standing_tier(all, of, &said);
        (void)snprintf(en, sizeof(en), "%s", said.why_en);
        (void)snprintf(zh, sizeof(zh), "%s", said.why_zh);
    } else if (thing == CC_KNOWN_AT_RISK &&
               cc_label_at_risk(&f, all->today, &since, &usual)) {
        (void)snprintf(en, sizeof(en),
            "%" PRId32 " days since the last purchase, more than %" PRIu32
            "%% of the usual %.1f",
            since, f.rules.risk_percent, usual / 2.0);
        (void)snprintf(zh, sizeof(zh),
            "距上次消费 %" PRId32 " 天，超过通常 %.1f 天的 %" PRIu32 "%%",
            since, usual / 2.0, f.rules.risk_percent);
    } else if (thing == CC_KNOWN_ACTIVITY &&
               cc_label_away(&f, all->today) >= 0) {
        (void)snprintf(en, sizeof(en),
            "%" PRId32 " days since the last purchase: active up to %" PRIu32
            ", dormant up to %" PRIu32,
            cc_label_away(&f, all->today), f.rules.active_days,
            f.rules.lapse_days);
        (void)snprintf(zh, sizeof(zh),
            "距上次消费 %" PRId32 " 天：%" PRIu32 " 天内活跃，%" PRIu32
            " 天内沉睡",
            cc_label_away(&f, all->today), f.rules.active_days,
            f.rules.lapse_days);
    } else if (thing == CC_KNOWN_CLASS && f.count > 1) {
        size_t bought =
            cc_label_sum(&f, all->today, (int32_t)f.rules.fan_days, 0)
                .purchases;
        (void)snprintf(en, sizeof(en),
            "%zu purchases in %" PRIu32 " days, a fan from %" PRIu32, bought,
            f.rules.fan_days, f.rules.fan_from);
        (void)snprintf(zh, sizeof(zh),
            "%" PRIu32 " 天内消费 %zu 次，%" PRIu32 " 次起为粉丝",
            f.rules.fan_days, bought, f.rules.fan_from);
    }
    out->why_en = cc_result_string(a, en);
    out->why_zh = cc_result_string(a, zh);
    return out->why_en == NULL || out->why_zh == NULL ? SP_E_NOMEM : SP_OK;
}

/* What he spent: as it is typed, and as people read it. */
static bool put_spent(const struct cc_standings *all,
    const struct cc_standing *of, struct sp_arena *a, struct satchel_label *l)
{
    struct cc_label_facts f = cc_standing_facts(all, of, 0);
    struct cc_money_sums sums = cc_label_money(&f, all->today, INT32_MAX);
    char text[CC_MONEY_TEXT_BYTES];

    cc_money_exact(text, &sums);
    l->value = cc_result_string(a, text);
    cc_money_text(text, &sums);
    l->text_en = l->text_zh = cc_result_string(a, text);
    return l->value != NULL && l->text_en != NULL;
}

static sp_err fill_labels(
    const struct cc_standings *all, unsigned funnel, struct satchel_labels *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct cc_known known[CC_KNOWN_COUNT];
    struct satchel_label *label = (struct satchel_label *)sp_arena_take(
        a, CC_KNOWN_COUNT, sizeof(*label));
    sp_err err = label == NULL ? SP_E_NOMEM : SP_OK;

    cc_known_say(all, &all->of[0], funnel, INT32_MAX, known);
    for (size_t i = 0; err == SP_OK && i < CC_KNOWN_COUNT; i++) {
        struct satchel_label *l = &label[out->count];
        const char *value = exact(a, &known[i]);

        if (known[i].kind == CC_SEGMENT_UNKNOWN) {
            continue;
        }
        *l = (struct satchel_label){ .name = cc_known_names[i].name,
            .label_en = cc_known_names[i].label.en,
            .label_zh = cc_known_names[i].label.zh,
            .value = value,
            .text_en = known[i].words.en != NULL ? known[i].words.en : value,
            .text_zh = known[i].words.zh != NULL ? known[i].words.zh : value };
        err = (i == CC_KNOWN_AMOUNT ? !put_spent(all, &all->of[0], a, l)
                                    : value == NULL)
                  ? SP_E_NOMEM
                  : say_why(all, &all->of[0], (enum cc_known_thing)i, a, l);
        out->count += err == SP_OK;
    }
    out->label = label;
    return err;
}

int satchel_labels(struct satchel *s, const char *account,
    struct satchel_labels **out, struct satchel_error *e)
{
    const struct sp_entity *entity;
    struct satchel_labels *l;
    struct cc_standings all = { 0 };
    struct cc_record_view view;
    struct cc_call c;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_labels *)cc_result_new(sizeof(*l));
    err = l == NULL ? SP_E_NOMEM
                    : cc_refer_named(&c, "account", account, &entity, &ref);
    if (err == SP_OK) {
        err = cc_standing_load(&all, &c, &ref.id);
    }
    if (err == SP_OK) {
        err = cc_record_view(&c, &ref, &view);
    }
    if (err == SP_OK) {
        sp_id_format(id, &ref.id);
        l->account_id = cc_result_string(cc_result_arena(l), id);
        l->title = cc_result_string(
            cc_result_arena(l), cc_refer_title_of(&c, &view.record));
        err = l->account_id == NULL || l->title == NULL
                  ? SP_E_NOMEM
                  : fill_labels(&all, funnel_of(&c, &view.record), l);
        cc_record_view_free(&view);
    }
    cc_standing_free(&all);
    return cc_call_give(&c, err, l, out);
}

/* ---- all of them -------------------------------------------------------- */

#define BOARD_VALUES 6u /* of one thing */

/* A place for each value of each thing that is counted. */
struct board {
    struct cc_standings all;
    size_t count[CC_KNOWN_COUNT][BOARD_VALUES];
    struct cc_known known[CC_KNOWN_COUNT][BOARD_VALUES];
};

static sp_err count_customer(void *arg, const struct sp_record *view)
{
    struct board *b = (struct board *)arg;
    const struct cc_standing *of = cc_standing_find(&b->all, &view->ref.id);
    struct cc_known known[CC_KNOWN_COUNT];

    if (of == NULL) {
        return SP_OK; /* deleted, or merged into another */
    }
    cc_known_say(&b->all, of, funnel_of(b->all.call, view), INT32_MAX, known);
    for (size_t i = 0; i < CC_KNOWN_COUNT; i++) {
        if (cc_known_names[i].board) {
            size_t at = (size_t)known[i].number % BOARD_VALUES;

            b->known[i][at] = known[i];
            b->count[i][at]++;
        }
    }
    return SP_OK;
}

static sp_err fill_board(const struct board *b, struct satchel_board *out)
{
    struct satchel_board_row *row = (struct satchel_board_row *)sp_arena_take(
        cc_result_arena(out), CC_KNOWN_COUNT * BOARD_VALUES, sizeof(*row));

    if (row == NULL) {
        return SP_E_NOMEM;
    }
    out->customers = b->all.count;
    for (size_t i = 0; i < CC_KNOWN_COUNT; i++) {
        for (size_t n = 0; n < BOARD_VALUES; n++) {
            const struct cc_known *k = &b->known[i][n];

            if (b->count[i][n] > 0) {
                row[out->count++] =
                    (struct satchel_board_row){ cc_known_names[i].name,
                        cc_known_names[i].label.en, cc_known_names[i].label.zh,
                        k->value, k->words.en, k->words.zh, b->count[i][n] };
            }
        }
    }
    out->row = row;
    return SP_OK;
}

int satchel_board(
    struct satchel *s, struct satchel_board **out, struct satchel_error *e)
{
    struct satchel_board *result;
    const struct sp_entity *account;
    struct board b = { 0 };
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    result = (struct satchel_board *)cc_result_new(sizeof(*result));
    err = result == NULL ? SP_E_NOMEM : cc_call_entity(&c, "account", &account);
    if (err == SP_OK) {
        err = cc_standing_load(&b.all, &c, NULL);
    }
    if (err == SP_OK) {
        err = sp_state_walk(&c.tx, account->number, NULL, count_customer, &b);
    }
    if (err == SP_OK) {
        err = fill_board(&b, result);
    }
    cc_standing_free(&b.all);
    return cc_call_give(&c, err, result, out);
}

/* ---- who may be leaving ------------------------------------------------- */

static int longest_first(const void *a, const void *b)
{
    const struct satchel_at_risk *x = (const struct satchel_at_risk *)a;
    const struct satchel_at_risk *y = (const struct satchel_at_risk *)b;

    return x->days != y->days ? (x->days < y->days) - (x->days > y->days)
                              : strcmp(x->id, y->id);
}

static sp_err fill_at_risk(
    const struct cc_standings *all, struct satchel_at_risk_list *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_at_risk *at =
        (struct satchel_at_risk *)sp_arena_take(a, all->count + 1, sizeof(*at));
    char id[SP_ID_TEXT_BYTES];

    if (at == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct cc_standing *of = &all->of[i];
        struct cc_label_facts f = cc_standing_facts(all, of, 0);
        struct sp_ref ref = { 0, of->account };
        struct satchel_at_risk *one = &at[out->count];
        const struct sp_entity *account = sp_dictionary_entity_named(
            all->call->dictionary, sp_slice_text("account"));
        int32_t usual;

        if (account == NULL ||
            !cc_label_at_risk(&f, all->today, &one->days, &usual)) {
            continue;
        }
        ref.type = account->number;
        sp_id_format(id, &of->account);
        one->usual_days = usual / 2.0;
        struct cc_money_sums spent = cc_label_money(&f, all->today, 365);

        one->id = cc_result_string(a, id);
        one->title = cc_result_string(a, cc_refer_title(all->call, &ref));
        if (one->id == NULL || one->title == NULL ||
            !cc_result_sums(a, &spent, &one->spent)) {
            return SP_E_NOMEM;
        }
        out->count++;
    }
    qsort(at, out->count, sizeof(*at), longest_first);
    out->customer = at;
    return SP_OK;
}

int satchel_at_risk(struct satchel *s, struct satchel_at_risk_list **out,
    struct satchel_error *e)
{
    struct satchel_at_risk_list *l;
    struct cc_standings all = { 0 };
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_at_risk_list *)cc_result_new(sizeof(*l));
    err = l == NULL ? SP_E_NOMEM : cc_standing_load(&all, &c, NULL);
    if (err == SP_OK) {
        err = fill_at_risk(&all, l);
    }
    cc_standing_free(&all);
    return cc_call_give(&c, err, l, out);
}
