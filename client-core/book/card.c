#include "book/card.h"

#include <stdio.h>
#include <string.h>

#include "book/han.h"
#include "book/utf8.h"
#include "sp/pack.h"

/* ---- lines ------------------------------------------------------------- */

void cc_card_escape(struct sp_slice text, struct sp_buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t b = text.data[i];

        if (b == '\n') {
            sp_buf_put(out, "\\n", 2);
        } else if (b == ',' || b == ';' || b == '\\') {
            sp_buf_put(out, "\\", 1);
            sp_buf_put(out, &b, 1);
        } else {
            sp_buf_put(out, &b, 1);
        }
    }
}

/* Puts bytes of a line, and breaks it before a character that does not fit. */
static void put_folded(struct sp_slice s, size_t *used, struct sp_buf *out)
{
    while (s.size > 0) {
        uint32_t c;
        size_t n = cc_utf8_take(s.data, s.size, &c);

        if (*used + n > CC_CARD_LINE_BYTES) {
            sp_buf_put(out, "\r\n ", 3);
            *used = 1;
        }
        sp_buf_put(out, s.data, n);
        *used += n;
        s = sp_slice_of(s.data + n, s.size - n);
    }
}

void cc_card_put_line(
    const char *name, struct sp_slice escaped, struct sp_buf *out)
{
    size_t used = 0;

    put_folded(sp_slice_text(name), &used, out);
    put_folded(sp_slice_text(":"), &used, out);
    put_folded(escaped, &used, out);
    sp_buf_put(out, "\r\n", 2);
}

static void put_text(const char *name, struct sp_slice text, struct sp_buf *out)
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

/* ---- names ------------------------------------------------------------- */

/* The most usual reading of a character, with a capital; "" for none. */
static const char *sound(uint32_t c, char out[CC_HAN_SYLLABLE_BYTES])
{
    size_t count = 0;
    const uint16_t *reading = cc_han_readings(c, &count);

    out[0] = '\0';
    if (count > 0) {
        (void)snprintf(
            out, CC_HAN_SYLLABLE_BYTES, "%s", cc_han_syllable(reading[0]));
        out[0] = (char)(out[0] - 'a' + 'A');
    }
    return out;
}

/* The family name: of a Chinese name its first character, else the last word;
 * rest is what stands beside it. */
static struct sp_slice family(
    struct sp_slice name, struct sp_slice *rest, bool *chinese)
{
    uint32_t c = 0;
    size_t n = name.size == 0 ? 0 : cc_utf8_take(name.data, name.size, &c);
    size_t readings = 0;

    (void)cc_han_readings(c, &readings);
    *chinese = readings > 0;
    if (*chinese) {
        *rest = sp_slice_of(name.data + n, name.size - n);
        return sp_slice_of(name.data, n);
    }
    for (size_t i = name.size; i > 0; i--) {
        if (name.data[i - 1] == ' ') {
            *rest = sp_slice_of(name.data, i - 1);
            return sp_slice_of(name.data + i, name.size - i);
        }
    }
    *rest = sp_slice_of(name.data, 0);
    return name;
}

static void put_sound(
    const char *name, struct sp_slice text, struct sp_buf *out)
{
    char syllable[CC_HAN_SYLLABLE_BYTES];
    struct sp_buf all;
    size_t at = 0;

    sp_buf_init(&all, 4096);
    while (at < text.size) {
        uint32_t c;
        at += cc_utf8_take(text.data + at, text.size - at, &c);
        const char *s = sound(c, syllable);
        sp_buf_put(&all, s, strlen(s));
    }
    put_text(name, sp_buf_slice(&all), out);
    sp_buf_free(&all);
}

static void put_name(const struct cc_card *card, struct sp_buf *out)
{
    struct sp_slice given;
    bool chinese;
    struct sp_slice last = family(card->name, &given, &chinese);
    struct sp_buf n;

    sp_buf_init(&n, 4 * card->name.size + 16);
    cc_card_escape(last, &n);
    sp_buf_put(&n, ";", 1);
    cc_card_escape(given, &n);
    sp_buf_put(&n, ";;;", 3);
    put_text("FN", card->name, out);
    cc_card_put_line("N", sp_buf_slice(&n), out);
    sp_buf_free(&n);
    if (chinese) {
        put_sound("X-PHONETIC-LAST-NAME", last, out);
        put_sound("X-PHONETIC-FIRST-NAME", given, out);
    }
}

/* ---- writing ----------------------------------------------------------- */

/* A label as a type: letters, digits and hyphens alone. */
static void put_values(const char *name, const char *otherwise,
    const struct cc_card_value *value, size_t count, struct sp_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        char head[64];
        size_t used = (size_t)snprintf(head, sizeof head, "%s;TYPE=", name);
        size_t start = used;

        for (size_t k = 0; k < value[i].label.size && used < 40; k++) {
            uint8_t b = value[i].label.data[k];
            bool plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
                         (b >= '0' && b <= '9') || b == '-';
            if (plain) {
                head[used++] = (char)b;
            }
        }
        (void)snprintf(head + used, sizeof head - used, "%s",
            used == start ? otherwise : "");
        put_text(head, value[i].text, out);
    }
}

static void put_address(const struct cc_card *card, struct sp_buf *out)
{
    const struct sp_slice parts[] = { card->street, card->city, card->province,
        card->post_code, card->country };
    struct sp_buf all;
    bool any = false;

    sp_buf_init(&all, 8192);
    sp_buf_put(&all, ";;", 2); /* post box, extended address */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (i > 0) {
            sp_buf_put(&all, ";", 1);
        }
        cc_card_escape(parts[i], &all);
        any = any || parts[i].size > 0;
    }
    if (any) {
        cc_card_put_line("ADR;TYPE=WORK", sp_buf_slice(&all), out);
    }
    sp_buf_free(&all);
}

size_t cc_card_degrees(char *out, size_t room, int64_t e7)
{
    int64_t whole = e7 < 0 ? -e7 : e7;

    return (size_t)snprintf(out, room, "%s%lld.%07lld", e7 < 0 ? "-" : "",
        (long long)(whole / 10000000), (long long)(whole % 10000000));
}

static void put_place(
    const struct cc_card *card, int version, struct sp_buf *out)
{
    char text[64] = "";
    int used = version == 4 ? snprintf(text, sizeof text, "geo:") : 0;

    if (!card->placed) {
        return;
    }
    used += (int)cc_card_degrees(
        text + used, sizeof text - (size_t)used, card->latitude_e7);
    text[used++] = version == 4 ? ',' : ';';
    (void)cc_card_degrees(
        text + used, sizeof text - (size_t)used, card->longitude_e7);
    cc_card_put_line("GEO", sp_slice_text(text), out);
}

static void put_birthday(
    const struct cc_card_birthday *b, int version, struct sp_buf *out)
{
    char text[40], year[8] = "--";
    bool plain = !b->lunar && version == 4;
    const char *name = b->lunar       ? "X-SATCHEL-LUNAR-BIRTHDAY"
                       : version == 4 ? "BDAY"
                       : b->year > 0  ? "BDAY"
                                      : "X-SATCHEL-BIRTHDAY";

    if (b->month == 0) {
        return;
    }
    if (b->year > 0) {
        (void)snprintf(
            year, sizeof year, "%04u%s", b->year % 10000, plain ? "" : "-");
    }
    (void)snprintf(text, sizeof text, plain ? "%s%02u%02u%s" : "%s%02u-%02u%s",
        year, b->month, b->day, b->lunar && b->leap ? ";leap" : "");
    cc_card_put_line(name, sp_slice_text(text), out);
}

void cc_card_put(const struct cc_card *card, int version, struct sp_buf *out)
{
    cc_card_put_line("BEGIN", sp_slice_text("VCARD"), out);
    cc_card_put_line(
        "VERSION", sp_slice_text(version == 4 ? "4.0" : "3.0"), out);
    put_text("UID", card->uid, out);
    put_text("X-SATCHEL-EXPORT", card->mark, out);
    put_name(card, out);
    put_text("ORG", card->org, out);
    put_text("TITLE", card->title, out);
    put_values("TEL", "WORK", card->phone, card->phones, out);
    put_values("EMAIL", version == 4 ? "WORK" : "INTERNET", card->email,
        card->emails, out);
    put_address(card, out);
    put_place(card, version, out);
    put_birthday(&card->birthday, version, out);
    cc_card_put_line("END", sp_slice_text("VCARD"), out);
}

/* ---- reading ----------------------------------------------------------- */

/* One line of the file without its end; in moves behind it. */
static struct sp_slice cut_line(struct sp_slice *in)
{
    const uint8_t *end = memchr(in->data, '\n', in->size);
    size_t size = end == NULL ? in->size : (size_t)(end - in->data);
    struct sp_slice line = sp_slice_of(in->data, size);

    size += end == NULL ? 0 : 1;
    *in = sp_slice_of(in->data + size, in->size - size);
    if (line.size > 0 && line.data[line.size - 1] == '\r') {
        line.size--;
    }
    return line;
}

/* A line and those that continue it, in room. */
static struct sp_slice unfold(
    struct sp_slice *in, struct sp_buf *room, uint64_t *line)
{
    size_t start = room->size;
    struct sp_slice first = cut_line(in);

    sp_buf_put(room, first.data, first.size);
    (*line)++;
    while (in->size > 0 && (in->data[0] == ' ' || in->data[0] == '\t')) {
        struct sp_slice more = cut_line(in);
        sp_buf_put(room, more.data + 1, more.size - 1);
        (*line)++;
    }
    return room->err == SP_OK
               ? sp_slice_of(room->data + start, room->size - start)
               : sp_slice_of(NULL, 0);
}

static bool same(struct sp_slice s, const char *word)
{
    size_t i = 0;

    for (; i < s.size && word[i] != '\0'; i++) {
        uint8_t b = s.data[i];
        b = b >= 'a' && b <= 'z' ? (uint8_t)(b - 'a' + 'A') : b;
        if (b != (uint8_t)word[i]) {
            return false;
        }
    }
    return i == s.size && word[i] == '\0';
}

/* Undoes escapes in place, up to an unescaped stop (0: none). */
static struct sp_slice unescape(struct sp_slice *s, uint8_t stop)
{
    uint8_t *to = (uint8_t *)(uintptr_t)s->data; /* room is ours */
    const uint8_t *start = to;
    size_t i = 0;

    while (i < s->size && (stop == 0 || s->data[i] != stop)) {
        uint8_t b = s->data[i++];
        if (b == '\\' && i < s->size) {
            b = s->data[i++];
            b = b == 'n' || b == 'N' ? (uint8_t)'\n' : b;
        }
        *to++ = b;
    }
    i += i < s->size ? 1 : 0;
    *s = sp_slice_of(s->data + i, s->size - i);
    return sp_slice_of(start, (size_t)(to - start));
}

/* The name of a property without its group ("item1.TEL"), and its first TYPE.
 */
static struct sp_slice head_of(struct sp_slice head, struct sp_slice *type)
{
    const uint8_t *semicolon = memchr(head.data, ';', head.size);
    struct sp_slice name = head;
    struct sp_slice rest = { NULL, 0 };

    if (semicolon != NULL) {
        name.size = (size_t)(semicolon - head.data);
        rest = sp_slice_of(semicolon + 1, head.size - name.size - 1);
    }
    const uint8_t *dot = memchr(name.data, '.', name.size);
    if (dot != NULL) {
        name.size -= (size_t)(dot - name.data) + 1;
        name.data = dot + 1;
    }
    *type = sp_slice_of(NULL, 0);
    if (rest.size > 5 && same(sp_slice_of(rest.data, 5), "TYPE=")) {
        type->data = rest.data + 5;
        while (type->size < rest.size - 5 && type->data[type->size] != ';' &&
               type->data[type->size] != ',') {
            type->size++;
        }
    }
    return name;
}

static void add_value(struct cc_card_value *value, size_t *count,
    struct sp_slice text, struct sp_slice type)
{
    static const char tel[] = "tel:";

    if (text.size > 4 && memcmp(text.data, tel, 4) == 0) {
        text = sp_slice_of(text.data + 4, text.size - 4);
    }
    if (text.size > 0 && *count < CC_CARD_VALUES_MAX) {
        value[*count].text = text;
        value[*count].label = type;
        (*count)++;
    }
}

static void take_address(struct sp_slice value, struct cc_card *out)
{
    (void)unescape(&value, ';');
    (void)unescape(&value, ';');
    out->street = unescape(&value, ';');
    out->city = unescape(&value, ';');
    out->province = unescape(&value, ';');
    out->post_code = unescape(&value, ';');
    out->country = unescape(&value, ';');
}

/* N where there is no FN: the parts in the order in which they are written. */
static void take_name(struct sp_slice value, struct cc_card *out)
{
    struct sp_slice last = unescape(&value, ';');
    struct sp_slice given = unescape(&value, ';');

    if (out->name.size == 0) {
        out->name = last.size > 0 ? last : given;
    }
}

/* So many digits, moving behind them and a hyphen; 0: others stand there. */
static unsigned take_digits(struct sp_slice *s, size_t count)
{
    unsigned n = 0;

    for (size_t i = 0; i < count; i++) {
        if (i >= s->size || s->data[i] < '0' || s->data[i] > '9') {
            return 0;
        }
        n = 10 * n + (unsigned)(s->data[i] - '0');
    }
    *s = sp_slice_of(s->data + count, s->size - count);
    if (s->size > 0 && s->data[0] == '-') {
        *s = sp_slice_of(s->data + 1, s->size - 1);
    }
    return n;
}

/* "1984-02-29", "19840229", "--0229", "--02-29", a time behind it or not.
 * Anything else says nothing: a guess would be a wrong date. */
static void take_birthday(
    struct sp_slice value, bool lunar, struct cc_card *out)
{
    static const char leap[] = ";leap";
    struct cc_card_birthday b = { .lunar = lunar };
    bool yearless =
        value.size > 2 && value.data[0] == '-' && value.data[1] == '-';

    if (yearless) {
        value = sp_slice_of(value.data + 2, value.size - 2);
    } else {
        b.year = take_digits(&value, 4);
    }
    b.month = take_digits(&value, 2);
    b.day = take_digits(&value, 2);
    b.leap = lunar && value.size == sizeof leap - 1 &&
             memcmp(value.data, leap, value.size) == 0;
    if ((value.size == 0 || b.leap || (!lunar && value.data[0] == 'T')) &&
        (yearless || b.year > 0) && b.month >= 1 && b.month <= 12 &&
        b.day >= 1 && b.day <= 31) {
        out->birthday = b;
    }
}

/* Degrees up to a separator, moving behind it; digits beyond the seventh of
 * the fraction are a centimetre, and fall away. */
static bool take_degrees(struct sp_slice *s, int64_t max, int64_t *out)
{
    size_t i = 0, digits = 0, behind = 0;
    int64_t e7 = 0;
    bool minus = s->size > 0 && s->data[0] == '-', point = false;

    i += minus || (s->size > 0 && s->data[0] == '+') ? 1 : 0;
    for (; i < s->size; i++) {
        uint8_t b = s->data[i];
        if (b == '.' && !point) {
            point = true;
        } else if (b < '0' || b > '9') {
            break;
        } else if (!point || behind < 7) {
            e7 = 10 * e7 + (b - '0');
            behind += point ? 1 : 0;
            digits++;
        }
        if (digits > 11) {
            return false;
        }
    }
    for (; behind < 7 && digits > 0; behind++) {
        e7 *= 10;
    }
    *s = sp_slice_of(s->data + i, s->size - i);
    *out = minus ? -e7 : e7;
    return digits > 0 && e7 <= max * 10000000;
}

/* RFC 5870: crs comes first; without it, it is WGS-84. */
static bool is_wgs84(struct sp_slice s)
{
    return s.size >= 5 && same(sp_slice_of(s.data, 5), "WGS84") &&
           (s.size == 5 || s.data[5] == ';');
}

/* Whole metres of ";u=15.5" among the parameters of a geo URI. */
static uint32_t take_accuracy(struct sp_slice s)
{
    uint32_t metres = 0;

    while (s.size > 3 && !same(sp_slice_of(s.data, 3), ";U=")) {
        s = sp_slice_of(s.data + 1, s.size - 1);
    }
    for (size_t i = 3;
         i < s.size && s.data[i] >= '0' && s.data[i] <= '9' && metres < 100000;
         i++) {
        metres = 10 * metres + (uint32_t)(s.data[i] - '0');
    }
    return metres;
}

/* "31.2304;121.4737" of 3.0, "geo:31.2304,121.4737;u=15" of 4.0. Of another
 * datum it would be another place: that says nothing. */
static void take_place(struct sp_slice value, struct cc_card *out)
{
    int64_t latitude, longitude;
    bool uri = value.size > 4 && same(sp_slice_of(value.data, 4), "GEO:");

    if (uri) {
        value = sp_slice_of(value.data + 4, value.size - 4);
    }
    if (!take_degrees(&value, 90, &latitude) || value.size == 0 ||
        (value.data[0] != ',' && value.data[0] != ';')) {
        return;
    }
    value = sp_slice_of(value.data + 1, value.size - 1);
    if (!take_degrees(&value, 180, &longitude)) {
        return;
    }
    if (value.size > 0 && value.data[0] == ',') { /* how high it is */
        int64_t height;
        value = sp_slice_of(value.data + 1, value.size - 1);
        if (!take_degrees(&value, 100000, &height)) {
            return;
        }
    }
    if ((value.size > 0 && (!uri || value.data[0] != ';')) ||
        (value.size > 5 && same(sp_slice_of(value.data, 5), ";CRS=") &&
            !is_wgs84(sp_slice_of(value.data + 5, value.size - 5)))) {
        return;
    }
    out->placed = true;
    out->latitude_e7 = latitude;
    out->longitude_e7 = longitude;
    out->accuracy_m = take_accuracy(value);
}

static void take_line(struct sp_slice line, struct cc_card *out)
{
    const uint8_t *colon = memchr(line.data, ':', line.size);
    struct sp_slice type;

    if (colon == NULL) {
        return;
    }
    size_t size = (size_t)(colon - line.data);
    struct sp_slice name = head_of(sp_slice_of(line.data, size), &type);
    struct sp_slice value = sp_slice_of(colon + 1, line.size - size - 1);

    if (same(name, "FN")) {
        out->name = unescape(&value, 0);
    } else if (same(name, "N")) {
        take_name(value, out);
    } else if (same(name, "ORG")) {
        out->org = unescape(&value, ';');
    } else if (same(name, "TITLE")) {
        out->title = unescape(&value, 0);
    } else if (same(name, "UID")) {
        out->uid = unescape(&value, 0);
    } else if (same(name, "TEL")) {
        add_value(out->phone, &out->phones, unescape(&value, 0), type);
    } else if (same(name, "EMAIL")) {
        add_value(out->email, &out->emails, unescape(&value, 0), type);
    } else if (same(type, "HOME") && (same(name, "ADR") || same(name, "GEO"))) {
        return; /* where a person lives is not where the customer is */
    } else if (same(name, "ADR")) {
        take_address(value, out);
    } else if (same(name, "GEO")) {
        take_place(unescape(&value, 0), out);
    } else if (same(name, "BDAY") || same(name, "X-SATCHEL-BIRTHDAY")) {
        take_birthday(value, false, out);
    } else if (same(name, "X-SATCHEL-LUNAR-BIRTHDAY")) {
        take_birthday(unescape(&value, 0), true, out);
    }
}

static bool is_line(struct sp_slice line, const char *text)
{
    while (line.size > 0 && line.data[line.size - 1] == ' ') {
        line.size--;
    }
    return same(line, text);
}

sp_err cc_card_read(struct sp_slice *in, struct sp_buf *room, uint64_t *line,
    struct cc_card *out)
{
    struct cc_card card = { .placed = false };
    bool begun = false, bad = false;
    size_t start = 0;

    sp_buf_reset(room);
    /* At most as much as the file has: no line moves once it is read. */
    if (sp_buf_grow(room,
            in->size < CC_CARD_BYTES_MAX ? in->size : CC_CARD_BYTES_MAX) ==
            NULL &&
        in->size > 0) {
        return room->err;
    }
    room->size = 0;
    while (in->size > 0) {
        size_t before = in->size;
        struct sp_slice one = unfold(in, room, line);

        start += before - in->size;
        if (room->err != SP_OK || (begun && start > CC_CARD_BYTES_MAX)) {
            return SP_E_MALFORMED;
        }
        if (!begun) {
            begun = is_line(one, "BEGIN:VCARD");
            start = 0;
            room->size = begun ? room->size : 0;
        } else if (is_line(one, "END:VCARD")) {
            if (bad || card.name.size == 0) {
                return SP_E_VALUE;
            }
            *out = card;
            return SP_OK;
        } else {
            bad = bad || (one.size > 0 && !sp_utf8_valid(one));
            if (!bad) {
                take_line(one, &card);
            }
        }
    }
    return begun ? SP_E_MALFORMED : SP_E_NOT_FOUND;
}
