#include "book/tally.h"

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

size_t cc_tally_top(struct cc_tally_spend *list, size_t count)
{
    int64_t best = 0;
    size_t tops = 0;

    for (size_t i = 0; i < count; i++) {
        best = list[i].amount > best ? list[i].amount : best;
    }
    for (size_t i = 0; i < count; i++) {
        list[i].top = best > 0 && list[i].amount == best;
        tops += list[i].top;
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
