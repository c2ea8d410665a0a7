#include "book/tally.h"

#include <stdlib.h>
#include <string.h>

bool cc_tally_add(
    struct cc_tally_count *list, size_t *count, size_t max, uint32_t user)
{
    for (size_t i = 0; i < *count; i++) {
        if (list[i].user == user) {
            list[i].count++;
            return true;
        }
    }
    if (*count == max) {
        return false;
    }
    list[(*count)++] = (struct cc_tally_count){ user, 1 };
    return true;
}

uint32_t cc_tally_closest(const struct cc_tally_count *list, size_t count)
{
    const struct cc_tally_count *best = NULL;

    for (size_t i = 0; i < count; i++) {
        if (best == NULL || list[i].count > best->count ||
            (list[i].count == best->count && list[i].user < best->user)) {
            best = &list[i];
        }
    }
    return best == NULL ? 0 : best->user;
}

static bool some(void *arg, struct sp_slice packed)
{
    (void)packed;
    *(bool *)arg = true;
    return false;
}

bool cc_tally_counts(const struct cc_value_of *of)
{
    bool is_void = false;

    cc_value_each(of, "void", some, &is_void);
    return !is_void && !cc_value_deleted(of);
}

/* Options of activity.channel and activity.direction. */
enum {
    CHANNEL_PHONE = 1,
    CHANNEL_MESSAGE = 2,
    CHANNEL_WECHAT = 3,
    CHANNEL_EMAIL = 4,
    CHANNEL_VISIT = 5,
    DIRECTION_OUT = 1
};

bool cc_tally_contact(
    const struct cc_value_of *activity, struct cc_tally_contact *out)
{
    int64_t channel = cc_value_int(activity, "channel", 0);

    *out = (struct cc_tally_contact){
        .user = (uint32_t)cc_value_int(activity, "author", 0),
        .at_ms = cc_value_ts(activity, "at"),
        .call = channel == CHANNEL_PHONE,
        .message = channel == CHANNEL_MESSAGE || channel == CHANNEL_WECHAT ||
                   channel == CHANNEL_EMAIL,
        .meeting = channel == CHANNEL_VISIT,
    };
    out->callback =
        out->call && cc_value_int(activity, "direction", 0) == DIRECTION_OUT;
    return !cc_value_deleted(activity) && out->user != 0 && out->at_ms != 0;
}

/* By territory, currency, then the largest amount first. */
static int by_place(const void *a, const void *b)
{
    const struct cc_tally_spend *x = (const struct cc_tally_spend *)a;
    const struct cc_tally_spend *y = (const struct cc_tally_spend *)b;
    int order = strcmp(x->territory, y->territory);

    if (order == 0 && x->money.currency != y->money.currency) {
        order = x->money.currency < y->money.currency ? -1 : 1;
    }
    return order != 0 ? order
                      : (x->money.minor < y->money.minor) -
                            (x->money.minor > y->money.minor);
}

/* How many of the list, from the first on, are of its territory and currency
 * (or of its territory alone). */
static size_t run(
    const struct cc_tally_spend *list, size_t count, bool any_currency)
{
    size_t n = 1;

    while (n < count && strcmp(list[n].territory, list->territory) == 0 &&
           (any_currency || list[n].money.currency == list->money.currency)) {
        n++;
    }
    return n;
}

/* The currency of a territory in which most of its accounts spent. */
static uint32_t usual(const struct cc_tally_spend *list, size_t count)
{
    uint32_t currency = 0;
    size_t most = 0;

    for (size_t i = 0, n; i < count; i += n) {
        size_t spent = 0;

        n = run(list + i, count - i, false);
        for (size_t k = i; k < i + n; k++) {
            spent += list[k].money.minor > 0;
        }
        if (spent > most) {
            most = spent;
            currency = list[i].money.currency;
        }
    }
    return currency;
}

size_t cc_tally_top(struct cc_tally_spend *list, size_t count)
{
    uint32_t currency = 0;
    size_t tops = 0;

    if (count > 1) {
        qsort(list, count, sizeof(*list), by_place);
    }
    for (size_t i = 0, n, left = 0; i < count; i += n) {
        if (left == 0) {
            left = run(list + i, count - i, true);
            currency = usual(list + i, left);
        }
        n = run(list + i, count - i, false);
        left -= n;
        for (size_t k = i; k < i + n; k++) {
            list[k].top = list[k].money.minor > 0 &&
                          list[k].money.minor == list[i].money.minor;
            list[k].usual = list[k].money.currency == currency;
            tops += list[k].top;
        }
    }
    return tops;
}

struct cc_tally_budget cc_tally_budget(
    uint64_t first_s, uint64_t second_s, unsigned target_percent)
{
    uint64_t all = first_s + second_s;
    struct cc_tally_budget out = { 0, 0, 0 };

    if (all == 0) {
        return out;
    }
    out.first_percent = (unsigned)((first_s * 100 + all / 2) / all);
    out.second_percent = 100 - out.first_percent;
    out.off_percent = (int)out.first_percent - (int)target_percent;
    return out;
}

static bool earlier(
    const struct cc_tally_redemption *a, const struct cc_tally_redemption *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms
                                : sp_id_cmp(&a->id, &b->id) < 0;
}

size_t cc_tally_flag(struct cc_tally_redemption *list, size_t count)
{
    size_t first = 0;

    for (size_t i = 1; i < count; i++) {
        if (earlier(&list[i], &list[first])) {
            first = i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        list[i].flagged = i != first;
    }
    return count == 0 ? 0 : count - 1;
}

bool cc_tally_behind(unsigned held, unsigned wanted, unsigned month)
{
    return held * 12u < wanted * month;
}

unsigned cc_tally_discount(
    unsigned discount, unsigned on_birthday, bool birthday)
{
    unsigned all = discount + (birthday ? on_birthday : 0);

    return all > 100 ? 100 : all;
}

enum cc_tally_daily cc_tally_daily(
    int32_t bought_day, int32_t paid_day, int32_t today)
{
    if (bought_day != today) {
        return CC_DAILY_NONE;
    }
    return paid_day == CC_DAY_NONE ? CC_DAILY_NUDGE : CC_DAILY_INVITE;
}
