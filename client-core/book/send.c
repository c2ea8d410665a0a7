#include "book/send.h"

static bool among(const int32_t *list, size_t count, int32_t day)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == day) {
            return true;
        }
    }
    return false;
}

unsigned cc_send_weekday(const struct cc_send_days *days, int32_t day)
{
    if (among(days->workday, days->workday_count, day)) {
        return 1;
    }
    return among(days->holiday, days->holiday_count, day) ? 7
                                                          : cc_day_weekday(day);
}

bool cc_send_parse_days(struct sp_slice text, uint8_t *out)
{
    unsigned bits = 0, last = 0;
    bool range = false;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c == ',' || c == ' ') {
            continue;
        }
        if (c == '-' && last != 0 && !range) {
            range = true;
            continue;
        }
        if (c < '1' || c > '7') {
            return false;
        }
        unsigned d = (unsigned)(c - '0');
        for (unsigned k = range ? last : d; k <= d; k++) {
            bits |= 1u << k;
        }
        range = false;
        last = d;
    }
    *out = (uint8_t)bits;
    return bits != 0 && !range;
}

/* ---- windows ----------------------------------------------------------- */

/* The first minute of [from, to) that is not before at and not at night. */
static bool first_minute(
    struct cc_send_window w, unsigned at, bool night, unsigned *out)
{
    unsigned from = w.from > at ? w.from : at;

    if (night && from < CC_SEND_NIGHT_TO) {
        from = CC_SEND_NIGHT_TO;
    }
    if (from >= w.to || (night && from >= CC_SEND_NIGHT_FROM)) {
        return false;
    }
    *out = from;
    return true;
}

static bool next_on_day(const struct cc_send_window *window, size_t count,
    unsigned weekday, unsigned at, bool night, unsigned *out)
{
    static const struct cc_send_window always = { 0xfe, 0, CC_DAY_MINUTES };
    bool found = false;
    unsigned minute = 0;

    if (count == 0) {
        return first_minute(always, at, night, out);
    }
    for (size_t i = 0; i < count; i++) {
        if ((window[i].weekdays >> weekday & 1u) != 0 &&
            first_minute(window[i], at, night, &minute) &&
            (!found || minute < *out)) {
            *out = minute;
            found = true;
        }
    }
    return found;
}

bool cc_send_next(const struct cc_send_window *window, size_t count,
    const struct cc_send_days *days, bool night, struct cc_send_at now,
    struct cc_send_at *out)
{
    unsigned minute = 0;

    for (int32_t i = 0; i <= CC_SEND_AHEAD_DAYS; i++) {
        int32_t day = now.day + i;
        if (next_on_day(window, count, cc_send_weekday(days, day),
                i == 0 ? now.minute : 0, night, &minute)) {
            *out = (struct cc_send_at){ day, minute };
            return true;
        }
    }
    return false;
}

/* ---- how often --------------------------------------------------------- */

/* The n-th newest (from 1) of those after a time; 0 when there are fewer. */
static uint64_t nth_newest(
    const uint64_t *sent_ms, size_t count, uint64_t after, uint32_t n)
{
    uint64_t bound = UINT64_MAX;
    uint32_t seen = 0;

    while (seen < n) {
        uint64_t best = 0;
        uint32_t same = 0;
        for (size_t i = 0; i < count; i++) {
            if (sent_ms[i] <= after || sent_ms[i] >= bound) {
                continue;
            }
            same = sent_ms[i] > best ? 1 : same + (sent_ms[i] == best);
            best = sent_ms[i] > best ? sent_ms[i] : best;
        }
        if (best == 0) {
            return 0;
        }
        seen += same;
        bound = best;
    }
    return bound;
}

bool cc_send_capped(const uint64_t *sent_ms, size_t count, uint32_t cap_count,
    uint32_t cap_days, uint64_t now_ms, uint64_t *until)
{
    uint64_t span = (uint64_t)cap_days * CC_DAY_MS;
    uint64_t after = now_ms > span ? now_ms - span : 0, blocking;

    if (cap_count == 0 || cap_days == 0) {
        return false;
    }
    blocking = nth_newest(sent_ms, count, after, cap_count);
    if (blocking == 0) {
        return false;
    }
    *until = blocking + span;
    return true;
}

/* ---- all of it --------------------------------------------------------- */

enum cc_send_word cc_send_decide(
    const struct cc_send_facts *f, uint64_t now_ms, uint64_t *at_ms)
{
    struct cc_send_at now = { cc_day_at(now_ms, f->offset_min),
        cc_day_minute(now_ms, f->offset_min) };
    struct cc_send_at at;

    *at_ms = 0;
    if (f->opted_out) {
        return CC_SEND_OPTED_OUT;
    }
    if (f->dnd == CC_DND_ALL) {
        return CC_SEND_DISTURBS;
    }
    if (f->blocked) {
        return CC_SEND_BLOCKED;
    }
    if (cc_send_capped(f->sent_ms, f->sent_count, f->cap_count, f->cap_days,
            now_ms, at_ms)) {
        return CC_SEND_CAPPED;
    }
    if (!cc_send_next(f->window, f->window_count, &f->days,
            f->dnd == CC_DND_NIGHT, now, &at)) {
        return CC_SEND_NO_WINDOW;
    }
    if (at.day == now.day && at.minute == now.minute) {
        *at_ms = now_ms;
        return CC_SEND_NOW;
    }
    *at_ms = cc_day_ms(at.day, at.minute, f->offset_min);
    return CC_SEND_LATER;
}

const char *cc_send_word_en(enum cc_send_word word)
{
    static const char *const text[] = { "may go now", "waits for its window",
        "the customer opted out", "do not disturb", "the account is blocked",
        "held: enough messages in these days",
        "no send window opens in the next 60 days" };

    return text[word];
}

const char *cc_send_word_zh(enum cc_send_word word)
{
    static const char *const text[] = { "现在可以发送", "等待发送时段",
        "客户已退订", "客户免打扰", "客户已停用", "暂缓：近期消息已达上限",
        "60天内没有发送时段" };

    return text[word];
}
