#include "book/calendar.h"

#include <string.h>

#define WEEK         7
#define WORKING_DAYS 5
#define DAYS_MAX     1000000

struct list {
    int32_t *day;
    size_t *count;
};

static bool take_day(void *arg, struct sp_slice text)
{
    struct list *l = (struct list *)arg;
    char date[CC_DAY_TEXT_BYTES] = "";
    int32_t day;

    if (text.size >= sizeof(date)) {
        return true;
    }
    memcpy(date, text.data, text.size);
    if (!cc_day_parse(date, &day)) {
        return true;
    }
    for (size_t i = 0; i < *l->count; i++) {
        if (l->day[i] == day) {
            return true;
        }
    }
    if (*l->count < CC_SEND_SPECIALS_MAX) {
        l->day[(*l->count)++] = day;
    }
    return true;
}

void cc_calendar_take(
    struct cc_calendar *c, const struct cc_value_of *send_window)
{
    struct list holidays = { c->holiday, &c->holiday_count };
    struct list workdays = { c->workday, &c->workday_count };

    if (!cc_value_deleted(send_window) &&
        cc_value_bool(send_window, "active", true)) {
        cc_value_members(send_window, "holidays", take_day, &holidays);
        cc_value_members(send_window, "workdays", take_day, &workdays);
    }
}

struct cc_send_days cc_calendar_days(const struct cc_calendar *c)
{
    return (struct cc_send_days){ c->holiday_count, c->workday_count,
        c->holiday, c->workday };
}

static bool is_weekday(int32_t day)
{
    return cc_day_weekday(day) <= WORKING_DAYS;
}

bool cc_calendar_works(const struct cc_send_days *days, int32_t day)
{
    return cc_send_weekday(days, day) <= WORKING_DAYS;
}

/* What the days that are not what their weekday says make of the count. A day
 * that is both is a make-up day. */
static int32_t corrected(
    const struct cc_send_days *days, int32_t from, int32_t until)
{
    int32_t more = 0;

    for (size_t i = 0; i < days->workday_count; i++) {
        int32_t d = days->workday[i];

        more += d >= from && d <= until && !is_weekday(d);
    }
    for (size_t i = 0; i < days->holiday_count; i++) {
        int32_t d = days->holiday[i];

        more -= d >= from && d <= until && is_weekday(d) &&
                !cc_calendar_works(days, d);
    }
    return more;
}

int32_t cc_calendar_working_days(
    const struct cc_send_days *days, int32_t from, int32_t until)
{
    int32_t length, count;

    if (until < from || (int64_t)until - from >= DAYS_MAX) {
        return 0;
    }
    length = until - from + 1;
    count = length / WEEK * WORKING_DAYS;
    for (int32_t d = until - length % WEEK + 1; d <= until; d++) {
        count += is_weekday(d);
    }
    return count + corrected(days, from, until);
}
