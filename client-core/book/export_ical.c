#include "book/export_inside.h"

#include <stdio.h>

#include "book/address.h"
#include "book/card.h"
#include "book/day.h"

#define MINUTE_MS 60000
/* A calendar is of the years around now: so far back and ahead its zone's
 * changes of the clock are written out. */
#define ZONE_DAYS 3653
/* Of a whole day people want to hear in the morning, not at midnight. */
#define MORNING_HOUR 9

/* Field status of tasks. */
enum { TASK_OPEN = 1, TASK_DONE = 2, TASK_DROPPED = 3 };

static void put_line(const char *name, struct sp_slice text, struct sp_buf *out)
{
    struct sp_buf escaped;

    if (text.size == 0) {
        return;
    }
    sp_buf_init(&escaped, 2 * text.size + 1);
    cc_card_escape(text, &escaped);
    cc_card_put_line(name, sp_buf_slice(&escaped), out);
    sp_buf_free(&escaped);
}

static void put_word(const char *name, const char *word, struct sp_buf *out)
{
    cc_card_put_line(name, sp_slice_text(word), out);
}

static void put_day(const char *name, int32_t day, struct sp_buf *out)
{
    char text[40];
    struct cc_date d = cc_day_date(day);

    (void)snprintf(text, sizeof text, "%04d%02u%02u", d.year, d.month, d.day);
    put_word(name, text, out);
}

/* ---- the zone ----------------------------------------------------------- */

static int32_t offset_at(const struct cc_export_setup *s, int64_t minute)
{
    return s->zone == NULL ? 0 : s->zone->offset((uint64_t)minute * MINUTE_MS);
}

static void put_local(const char *name, int32_t day, unsigned minute,
    const struct cc_export_setup *s, struct sp_buf *out)
{
    char text[40], head[96];
    struct cc_date d = cc_day_date(day + (int32_t)(minute / CC_DAY_MINUTES));

    minute %= CC_DAY_MINUTES;
    (void)snprintf(text, sizeof text, "%04d%02u%02uT%02u%02u00", d.year,
        d.month, d.day, minute / 60, minute % 60);
    (void)snprintf(head, sizeof head, "%s%s%s", name,
        s->zone == NULL ? "" : ";TZID=", s->zone == NULL ? "" : s->zone->name);
    put_word(head, text, out);
}

static void put_offset(const char *name, int32_t minutes, struct sp_buf *out)
{
    char text[24];
    int32_t whole = minutes < 0 ? -minutes : minutes;

    (void)snprintf(text, sizeof text, "%c%02d%02d", minutes < 0 ? '-' : '+',
        (int)(whole / 60), (int)(whole % 60));
    put_word(name, text, out);
}

/* From a minute on, UTC, the clock shows another time; the minute is said as
 * the clock showed it before (RFC 5545, 3.6.5). */
static void put_observance(
    int64_t minute, int32_t from, int32_t to, bool daylight, struct sp_buf *out)
{
    const char *word = daylight ? "DAYLIGHT" : "STANDARD";
    uint64_t ms = (uint64_t)minute * MINUTE_MS;
    struct cc_date d = cc_day_date(cc_day_at(ms, from));
    unsigned at = cc_day_minute(ms, from);
    char text[40];

    (void)snprintf(text, sizeof text, "%04d%02u%02uT%02u%02u00", d.year,
        d.month, d.day, at / 60, at % 60);
    put_word("BEGIN", word, out);
    put_word("DTSTART", text, out);
    put_offset("TZOFFSETFROM", from, out);
    put_offset("TZOFFSETTO", to, out);
    put_word("END", word, out);
}

/* The first minute after low that has another offset than low; high has. */
static int64_t change_after(
    const struct cc_export_setup *s, int64_t low, int64_t high)
{
    int32_t before = offset_at(s, low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(s, middle) == before) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

/* The offsets themselves, change by change, and no rule: rules change, and
 * what the device's tables say is what it shows. */
static void put_zone(const struct cc_export_setup *s, struct sp_buf *out)
{
    int64_t now = (int64_t)(s->now_ms / MINUTE_MS);
    int64_t at = now - (int64_t)ZONE_DAYS * CC_DAY_MINUTES;
    int64_t end = now + (int64_t)ZONE_DAYS * CC_DAY_MINUTES;
    int32_t offset;

    at = at < CC_DAY_MINUTES ? CC_DAY_MINUTES : at;
    offset = offset_at(s, at);
    put_word("BEGIN", "VTIMEZONE", out);
    put_line("TZID", sp_slice_text(s->zone->name), out);
    put_observance(CC_DAY_MINUTES, offset, offset, false, out);
    for (; at < end; at += CC_DAY_MINUTES) {
        if (offset_at(s, at + CC_DAY_MINUTES) != offset) {
            int64_t when = change_after(s, at, at + CC_DAY_MINUTES);
            int32_t to = offset_at(s, when);
            put_observance(when, offset, to, to > offset, out);
            offset = to;
        }
    }
    put_word("END", "VTIMEZONE", out);
}

void cc_export_ical_begin(const struct cc_export_setup *s, struct sp_buf *out)
{
    put_word("BEGIN", "VCALENDAR", out);
    put_word("VERSION", "2.0", out);
    put_word("PRODID", "-//Satchel//Satchel//EN", out);
    put_word("CALSCALE", "GREGORIAN", out);
    if (s->mark != NULL) {
        cc_export_line_mark(s->mark, out);
    }
    if (s->zone != NULL) {
        put_zone(s, out);
    }
}

/* ---- what stands in it -------------------------------------------------- */

/* One entry as its record says it. */
struct entry {
    const struct cc_export_setup *s;
    struct cc_value_of of, account;
    bool known; /* the account is here */
    struct sp_record room;
};

static bool shows(const struct entry *e, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(e->of.entity, sp_slice_text(field));

    return f != NULL && cc_sheet_shows(&e->s->view, e->of.entity, f, NULL);
}

static void put_head(const struct entry *e, const char *kind,
    struct sp_slice summary, struct sp_slice otherwise, struct sp_buf *out)
{
    char uid[SP_ID_TEXT_BYTES], at[32];

    sp_id_format(uid, &e->of.record->ref.id);
    cc_export_put_time(at, e->s->now_ms, true);
    put_word("BEGIN", kind, out);
    put_word("UID", uid, out); /* a record's id: the same in every file */
    put_word("DTSTAMP", at, out);
    put_line("SUMMARY", summary.size > 0 ? summary : otherwise, out);
    if (summary.size > 0) {
        put_line("DESCRIPTION", otherwise, out);
    }
}

/* Where the customer is. */
static void put_where(const struct entry *e, struct sp_buf *out)
{
    struct cc_address address = { 0 };
    struct sp_slice *const part[] = { &address.country, &address.province,
        &address.city, &address.district, &address.street, &address.post_code };
    static const char *const name[] = { "country", "province", "city",
        "district", "street", "post_code" };
    struct sp_buf all;
    int64_t place[2];
    char text[64];

    if (!e->known) {
        return;
    }
    sp_buf_init(&all, CELL_BYTES_MAX);
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        *part[i] = cc_export_text(e->s, &e->account, "address", name[i]);
    }
    cc_address_line(&address, &all);
    put_line("LOCATION", sp_buf_slice(&all), out);
    sp_buf_free(&all);
    if (cc_export_place(e->s, &e->account, place)) {
        size_t used = cc_card_degrees(text, sizeof text, place[0]);
        text[used++] = ';';
        (void)cc_card_degrees(text + used, sizeof text - used, place[1]);
        put_word("GEO", text, out);
    }
}

/* For who exports, of what is his: others' alarms would ring at his. */
static void put_alarm(const struct entry *e, const char *who, bool whole_day,
    bool end, struct sp_buf *out)
{
    char text[32];

    if (e->s->alarm_minutes == 0 ||
        (uint32_t)cc_value_int(&e->of, who, 0) != e->s->user) {
        return;
    }
    if (whole_day) {
        (void)snprintf(text, sizeof text, "PT%dH", MORNING_HOUR);
    } else {
        (void)snprintf(text, sizeof text, "-PT%uM", e->s->alarm_minutes);
    }
    put_word("BEGIN", "VALARM", out);
    put_word("ACTION", "DISPLAY", out);
    put_word("DESCRIPTION", "Satchel", out);
    put_word(end ? "TRIGGER;RELATED=END" : "TRIGGER", text, out);
    put_word("END", "VALARM", out);
}

static struct sp_slice customer(const struct entry *e)
{
    return e->known ? cc_export_text(e->s, &e->account, "name", "")
                    : sp_slice_of(NULL, 0);
}

static void put_whole_day(int32_t day, struct sp_buf *out)
{
    put_day("DTSTART;VALUE=DATE", day, out);
    put_day("DTEND;VALUE=DATE", day + 1, out);
}

/* What a visit agreed on. */
static bool put_next(const struct entry *e, struct sp_buf *out)
{
    int64_t day = cc_value_int(&e->of, "next_date", CC_DAY_NONE);
    struct sp_slice step = cc_export_text(e->s, &e->of, "next_step", "");

    if (!shows(e, "next_date") || day == CC_DAY_NONE) {
        return false;
    }
    put_head(e, "VEVENT", customer(e), step, out);
    put_whole_day((int32_t)day, out);
    put_where(e, out);
    put_alarm(e, "rep", true, false, out);
    put_word("END", "VEVENT", out);
    return true;
}

static bool put_planned(const struct entry *e, struct sp_buf *out)
{
    int64_t day = cc_value_int(&e->of, "date", CC_DAY_NONE);
    int64_t from = cc_value_part(&e->of, "window", "from", -1);
    int64_t to = cc_value_part(&e->of, "window", "to", -1);
    bool timed = shows(e, "window") && from >= 0 && to > from;
    bool off = cc_value_part(&e->of, "cancelled", "yes", 0) != 0;

    if (!shows(e, "date") || day == CC_DAY_NONE) {
        return false;
    }
    put_head(e, "VEVENT", customer(e),
        cc_export_text(e->s, &e->of, "purpose", ""), out);
    if (timed) {
        put_local("DTSTART", (int32_t)day, (unsigned)from, e->s, out);
        put_local("DTEND", (int32_t)day, (unsigned)to, e->s, out);
    } else {
        put_whole_day((int32_t)day, out);
    }
    put_word("STATUS", off ? "CANCELLED" : "CONFIRMED", out);
    put_where(e, out);
    if (!off) {
        put_alarm(e, "rep", !timed, false, out);
    }
    put_word("END", "VEVENT", out);
    return true;
}

static void put_due(const struct entry *e, int32_t day, struct sp_buf *out)
{
    uint64_t at = shows(e, "due_at") ? cc_value_ts(&e->of, "due_at") : 0;

    if (at > 0) {
        int32_t offset = offset_at(e->s, (int64_t)(at / MINUTE_MS));
        put_local(
            "DUE", cc_day_at(at, offset), cc_day_minute(at, offset), e->s, out);
    } else {
        put_day("DUE;VALUE=DATE", day, out);
    }
}

static bool put_task(const struct entry *e, struct sp_buf *out)
{
    static const char *const words[] = { "NEEDS-ACTION", "NEEDS-ACTION",
        "COMPLETED", "CANCELLED" };
    static const char *const ranks[] = { NULL, "1", "3", "5", "9" };
    int64_t day = cc_value_int(&e->of, "due", CC_DAY_NONE);
    int64_t status = cc_value_int(&e->of, "status", TASK_OPEN);
    int64_t rank = cc_value_int(&e->of, "priority", 0);

    if (!shows(e, "due") || day == CC_DAY_NONE || status < TASK_OPEN ||
        status > TASK_DROPPED) {
        return false;
    }
    put_head(e, "VTODO", cc_export_text(e->s, &e->of, "title", ""), customer(e),
        out);
    put_due(e, (int32_t)day, out);
    put_word("STATUS", words[status], out);
    if (rank >= 1 && rank <= 4 && shows(e, "priority")) {
        put_word("PRIORITY", ranks[rank], out);
    }
    put_where(e, out);
    if (status == TASK_OPEN) {
        put_alarm(e, "owner", cc_value_ts(&e->of, "due_at") == 0, true, out);
    }
    put_word("END", "VTODO", out);
    return true;
}

bool cc_export_ical(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_arena *arena, struct sp_buf *out)
{
    struct entry entry = { .s = s, .of = { e, r } };

    entry.known = cc_export_parent(s, e, r, arena, &entry.account, &entry.room);
    return cc_export_is(e, "task")            ? put_task(&entry, out)
           : cc_export_is(e, "planned_visit") ? put_planned(&entry, out)
                                              : put_next(&entry, out);
}
