#include "text.h"

#include <stdio.h>
#include <string.h>

#define MS_PER_DAY 86400000ll

/* Bytes of the white space at p (forward) or before p + n (backward). */
static size_t space_at(const uint8_t *p, size_t n, bool backward)
{
    static const struct {
        const char *bytes;
        size_t size;
    } spaces[] = { { " ", 1 }, { "\t", 1 }, { "\n", 1 }, { "\r", 1 },
        { "\xC2\xA0", 2 }, { "\xE3\x80\x80", 3 } };

    uint8_t edge = n == 0 ? 'x' : p[backward ? n - 1 : 0];

    if (edge > ' ' && edge < 0x80) {
        return 0; /* most text: no space begins or ends so */
    }
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        size_t size = spaces[i].size;
        if (n >= size &&
            memcmp(backward ? p + n - size : p, spaces[i].bytes, size) == 0) {
            return size;
        }
    }
    return 0;
}

struct sp_slice sp_text_trim(struct sp_slice s)
{
    size_t size;

    while ((size = space_at(s.data, s.size, false)) > 0) {
        s.data += size;
        s.size -= size;
    }
    while ((size = space_at(s.data, s.size, true)) > 0) {
        s.size -= size;
    }
    return s;
}

uint32_t sp_text_characters(struct sp_slice s)
{
    uint32_t count = 0;

    for (size_t i = 0; i < s.size; i++) {
        count += (s.data[i] & 0xC0u) != 0x80u;
    }
    return count;
}

/* Characters that nobody sees, beside those that trimming takes away: blanks of
 * other widths, joiners and marks of direction, fillers, selectors of forms. */
static bool unseen(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } none[] = { { 0, 0x20 }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f },
        { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x1680, 0x1680 },
        { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f },
        { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 },
        { 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },
        { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
        { 0xe0000, 0xe0fff } };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (c >= none[i].first && c <= none[i].last) {
            return true;
        }
    }
    return false;
}

/* The character at p, of text that is UTF-8; its bytes. */
static size_t character(const uint8_t *p, uint32_t *out)
{
    size_t size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    *out = size == 1 ? p[0] : p[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        *out = *out << 6 | (p[i] & 0x3fu);
    }
    return size;
}

bool sp_text_seen(struct sp_slice s)
{
    for (size_t i = 0; i < s.size;) {
        uint32_t c = 0;
        size_t size = character(s.data + i, &c);
        if (size > s.size - i) {
            return true; /* no UTF-8: others judge that */
        }
        if (!unseen(c)) {
            return true;
        }
        i += size;
    }
    return false;
}

bool sp_text_one_line(struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\n' || s.data[i] == '\t') {
            return false;
        }
    }
    return true;
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool sp_text_zone(struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (!letter(c) && !digit(c) && c != '_' && c != '+' && c != '-' &&
            c != '/') {
            return false;
        }
    }
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool sp_text_same(struct sp_slice a, struct sp_slice b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

struct sp_slice sp_text_cut(struct sp_slice *s, char c)
{
    struct sp_slice head = *s;

    for (size_t i = 0; i < s->size; i++) {
        if (s->data[i] == (uint8_t)c) {
            head.size = i;
            s->data += i + 1;
            s->size -= i + 1;
            return head;
        }
    }
    s->size = 0;
    return head;
}

bool sp_text_digits(struct sp_slice *s, unsigned count, unsigned *out)
{
    unsigned v = 0;

    if (s->size < count) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!digit(s->data[i])) {
            return false;
        }
        v = v * 10u + (unsigned)(s->data[i] - '0');
    }
    s->data += count;
    s->size -= count;
    *out = v;
    return true;
}

bool sp_text_take(struct sp_slice *s, char c)
{
    if (s->size == 0 || s->data[0] != (uint8_t)c) {
        return false;
    }
    s->data += 1;
    s->size -= 1;
    return true;
}

/* v * 10 + d for a number that is kept negative, so that INT64_MIN fits. */
static bool push_digit(int64_t *v, uint8_t c)
{
    int64_t d = c - '0';

    if (*v < (INT64_MIN + d) / 10) {
        return false;
    }
    *v = *v * 10 - d;
    return true;
}

/* Whether a comma may stand here: behind one to three digits at first, then
 * behind each three; 1,23 is somebody's 1.23. */
static bool thousands(size_t commas, size_t group)
{
    return commas == 0 ? group > 0 && group <= 3 : group == 3;
}

static bool take_decimal(
    struct sp_slice s, unsigned digits, bool commas_too, int64_t *out)
{
    int64_t v = 0;
    bool minus = sp_text_take(&s, '-'), point = false, any = false;
    unsigned behind = 0;
    size_t commas = 0, group = 0; /* digits since the last comma */

    if (!minus) {
        (void)sp_text_take(&s, '+');
    }
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (c == '.' && !point && digits > 0 && (commas == 0 || group == 3)) {
            point = true;
        } else if (c == ',' && commas_too && !point &&
                   thousands(commas, group)) {
            commas++;
            group = 0;
        } else if (!digit(c) || (point && behind == digits) ||
                   !push_digit(&v, c)) {
            return false;
        } else {
            any = true;
            behind += point;
            group += !point;
        }
    }
    for (; behind < digits; behind++) {
        if (!push_digit(&v, '0')) {
            return false;
        }
    }
    if (!any || (!minus && v == INT64_MIN) || (commas > 0 && group != 3)) {
        return false;
    }
    *out = minus ? v : -v;
    return true;
}

bool sp_text_decimal(struct sp_slice s, unsigned digits, int64_t *out)
{
    return take_decimal(s, digits, true, out);
}

bool sp_text_integer(struct sp_slice s, int64_t *out)
{
    return take_decimal(s, 0, false, out);
}

/* ---- dates ------------------------------------------------------------- */

static bool leap(unsigned y)
{
    return (y % 4u == 0 && y % 100u != 0) || y % 400u == 0;
}

static unsigned month_days(unsigned y, unsigned m)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31 };

    return days[m - 1u] + (m == 2 && leap(y) ? 1u : 0u);
}

/* Days from 0001-01-01 to the first of January of year y. */
static int64_t days_before_year(unsigned y)
{
    int64_t p = (int64_t)y - 1;

    return p * 365 + p / 4 - p / 100 + p / 400;
}

static bool civil_days(unsigned y, unsigned m, unsigned d, int64_t *out)
{
    if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > month_days(y, m)) {
        return false;
    }
    int64_t days = days_before_year(y) + SP_TEXT_DAY_MIN;
    for (unsigned i = 1; i < m; i++) {
        days += month_days(y, i);
    }
    *out = days + d - 1;
    return true;
}

static void days_civil(int64_t days, unsigned *y, unsigned *m, unsigned *d)
{
    int64_t n = days - SP_TEXT_DAY_MIN;
    /* 400 years are 146097 days: at most one year too far. */
    unsigned year = (unsigned)(n * 400 / 146097) + 1u;

    while (days_before_year(year) > n) {
        year--;
    }
    while (days_before_year(year + 1u) <= n) {
        year++;
    }
    n -= days_before_year(year);
    unsigned month = 1;
    while (n >= (int64_t)month_days(year, month)) {
        n -= month_days(year, month++);
    }
    *y = year;
    *m = month;
    *d = (unsigned)n + 1u;
}

/* One or two digits. */
static bool short_number(struct sp_slice *s, unsigned *out)
{
    return sp_text_digits(s, 2, out) || sp_text_digits(s, 1, out);
}

static bool take_date(struct sp_slice *s, int64_t *days)
{
    unsigned y = 0, m = 0, d = 0;

    if (!sp_text_digits(s, 4, &y)) {
        return false;
    }
    if (sp_text_take(s, '-')) {
        return short_number(s, &m) && sp_text_take(s, '-') &&
               short_number(s, &d) && civil_days(y, m, d, days);
    }
    if (sp_text_take(s, '/')) {
        return short_number(s, &m) && sp_text_take(s, '/') &&
               short_number(s, &d) && civil_days(y, m, d, days);
    }
    return sp_text_digits(s, 2, &m) && sp_text_digits(s, 2, &d) &&
           civil_days(y, m, d, days);
}

bool sp_text_date(struct sp_slice s, int64_t *days)
{
    int64_t v = 0;

    if (!take_date(&s, &v) || s.size != 0) {
        return false;
    }
    *days = v;
    return true;
}

/* Up to three digits behind the point as milliseconds; more are cut off. */
static bool take_fraction(struct sp_slice *s, unsigned *ms)
{
    unsigned unit = 100, d = 0;

    if (!sp_text_digits(s, 1, &d)) {
        return false;
    }
    do {
        *ms += d * unit;
        unit /= 10u;
    } while (sp_text_digits(s, 1, &d));
    return true;
}

/* Z, or +08:00, +0800, -05:30 as minutes east. */
static bool take_offset(struct sp_slice *s, int *minutes)
{
    unsigned h = 0, m = 0;
    int sign = 1;

    if (sp_text_take(s, 'Z')) {
        *minutes = 0;
        return true;
    }
    if (!sp_text_take(s, '+')) {
        if (!sp_text_take(s, '-')) {
            return false;
        }
        sign = -1;
    }
    if (!sp_text_digits(s, 2, &h)) {
        return false;
    }
    (void)sp_text_take(s, ':');
    if (!sp_text_digits(s, 2, &m) || h > 18 || m > 59) {
        return false;
    }
    *minutes = sign * (int)(h * 60u + m);
    return true;
}

static bool take_clock(struct sp_slice *s, int64_t *ms)
{
    unsigned h = 0, m = 0, sec = 0, part = 0;

    if (!sp_text_digits(s, 2, &h) || !sp_text_take(s, ':') ||
        !sp_text_digits(s, 2, &m)) {
        return false;
    }
    if (sp_text_take(s, ':')) {
        if (!sp_text_digits(s, 2, &sec) ||
            (sp_text_take(s, '.') && !take_fraction(s, &part))) {
            return false;
        }
    }
    if (h > 23 || m > 59 || sec > 59) {
        return false;
    }
    *ms = ((int64_t)h * 3600 + m * 60 + sec) * 1000 + part;
    return true;
}

bool sp_text_time(struct sp_slice s, int64_t *ms, struct sp_slice *zone)
{
    int64_t days = 0, clock = 0;
    int offset = 0;

    if (!take_date(&s, &days) ||
        (!sp_text_take(&s, 'T') && !sp_text_take(&s, ' ')) ||
        !take_clock(&s, &clock) || !take_offset(&s, &offset)) {
        return false;
    }
    if (s.size > 0 && (!sp_text_take(&s, ' ') || s.size == 0)) {
        return false;
    }
    int64_t v = days * MS_PER_DAY + clock - (int64_t)offset * 60000;
    if (v < 0 || v > SP_TEXT_MS_MAX) {
        return false;
    }
    *ms = v;
    *zone = s;
    return true;
}

/* ---- out --------------------------------------------------------------- */

static void put_text(struct sp_buf *b, const char *text)
{
    sp_buf_put(b, text, strlen(text));
}

void sp_text_put_integer(struct sp_buf *b, int64_t v)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)v);
    put_text(b, text);
}

void sp_text_put_decimal(struct sp_buf *b, int64_t v, unsigned digits)
{
    char text[32];
    uint64_t whole = v < 0 ? 0u - (uint64_t)v : (uint64_t)v;
    uint64_t unit = 1;

    for (unsigned i = 0; i < digits; i++) {
        unit *= 10u;
    }
    if (v < 0) {
        put_text(b, "-");
    }
    (void)snprintf(
        text, sizeof(text), "%llu", (unsigned long long)(whole / unit));
    put_text(b, text);
    if (digits > 0) {
        (void)snprintf(text, sizeof(text), ".%0*llu", (int)digits,
            (unsigned long long)(whole % unit));
        put_text(b, text);
    }
}

void sp_text_put_date(struct sp_buf *b, int64_t days)
{
    char text[40];
    unsigned y, m, d;

    days_civil(days, &y, &m, &d);
    (void)snprintf(text, sizeof(text), "%04u-%02u-%02u", y, m, d);
    put_text(b, text);
}

void sp_text_put_time(struct sp_buf *b, uint64_t ms, char separator)
{
    char text[40];
    unsigned rest = (unsigned)(ms % (uint64_t)MS_PER_DAY);

    sp_text_put_date(b, (int64_t)(ms / (uint64_t)MS_PER_DAY));
    (void)snprintf(text, sizeof(text), "%c%02u:%02u:%02u.%03uZ", separator,
        rest / 3600000u, rest / 60000u % 60u, rest / 1000u % 60u, rest % 1000u);
    put_text(b, text);
}
