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

/* Whether its value is in quoted-printable, as telephones write vCard 2.1. */
static bool is_quoted(struct sp_slice line)
{
    static const char word[] = "QUOTED-PRINTABLE";
    const uint8_t *colon = memchr(line.data, ':', line.size);
    size_t head = colon == NULL ? 0 : (size_t)(colon - line.data);

    for (size_t i = 0; i + sizeof word - 1 <= head; i++) {
        if (same(sp_slice_of(line.data + i, sizeof word - 1), word)) {
            return true;
        }
    }
    return false;
}

/* As much of a piece as there is room for; false: that was not all. */
static bool put_piece(struct sp_slice piece, struct sp_buf *room)
{
    size_t left =
        room->size < CC_CARD_BYTES_MAX ? CC_CARD_BYTES_MAX - room->size : 0;
    size_t size = piece.size < left ? piece.size : left;

    sp_buf_put(room, piece.data, size);
    return size == piece.size;
}

/* Whether a line is one of 2.1 whose value goes on behind "=" at its end. */
static bool goes_on(struct sp_slice piece, bool quoted)
{
    return quoted && piece.size > 0 && piece.data[piece.size - 1] == '=';
}

/* A line and those that continue it, in room; whole: all of it is there. */
static struct sp_slice unfold(
    struct sp_slice *in, struct sp_buf *room, uint64_t *line, bool *whole)
{
    size_t start = room->size;
    struct sp_slice piece = cut_line(in);
    bool quoted = is_quoted(piece);

    (*line)++;
    *whole = true;
    for (;;) {
        bool soft = goes_on(piece, quoted);
        piece.size -= soft ? 1 : 0;
        *whole = put_piece(piece, room) && *whole;
        if (in->size == 0 ||
            (!soft && in->data[0] != ' ' && in->data[0] != '\t')) {
            break;
        }
        piece = cut_line(in);
        (*line)++;
        if (!soft) {
            piece = sp_slice_of(piece.data + 1, piece.size - 1);
        }
    }
    return room->err == SP_OK
               ? sp_slice_of(room->data + start, room->size - start)
               : sp_slice_of(NULL, 0);
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

static int hex_digit(uint8_t b)
{
    return b >= '0' && b <= '9'   ? b - '0'
           : b >= 'A' && b <= 'F' ? b - 'A' + 10
           : b >= 'a' && b <= 'f' ? b - 'a' + 10
                                  : -1;
}

/* Undoes "=E6" in place, behind what the line is called. */
static struct sp_slice unquote(struct sp_slice s)
{
    const uint8_t *colon = memchr(s.data, ':', s.size);
    uint8_t *start = (uint8_t *)(uintptr_t)s.data; /* room is ours */
    uint8_t *to = start + (colon - s.data);

    for (size_t i = (size_t)(colon - s.data); i < s.size; i++) {
        bool pair = s.data[i] == '=' && i + 2 < s.size &&
                    hex_digit(s.data[i + 1]) >= 0 &&
                    hex_digit(s.data[i + 2]) >= 0;
        if (pair) {
            *to++ = (uint8_t)(hex_digit(s.data[i + 1]) * 16 +
                              hex_digit(s.data[i + 2]));
            i += 2;
        } else {
            *to++ = s.data[i];
        }
    }
    return sp_slice_of(start, (size_t)(to - start));
}

/* The first TYPE among the parameters: TYPE=cell, TYPE="voice,cell", and as
 * 2.1 has it, CELL alone. */
static struct sp_slice type_of(struct sp_slice parameters)
{
    struct sp_slice type = { NULL, 0 };

    while (parameters.size > 0 && type.data == NULL) {
        const uint8_t *end = memchr(parameters.data, ';', parameters.size);
        size_t size =
            end == NULL ? parameters.size : (size_t)(end - parameters.data);
        struct sp_slice one = sp_slice_of(parameters.data, size);

        size += end == NULL ? 0 : 1;
        parameters =
            sp_slice_of(parameters.data + size, parameters.size - size);
        if (one.size > 5 && same(sp_slice_of(one.data, 5), "TYPE=")) {
            type = sp_slice_of(one.data + 5, one.size - 5);
        } else if (one.size > 0 && memchr(one.data, '=', one.size) == NULL) {
            type = one;
        }
    }
    if (type.size > 0 && type.data[0] == '"') {
        type = sp_slice_of(type.data + 1, type.size - 1);
    }
    for (size_t i = 0; i < type.size; i++) {
        if (type.data[i] == ',' || type.data[i] == '"') {
            type.size = i;
        }
    }
    return type;
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
    *type = type_of(rest);
    return name;
}

/* False: there are more than a card can have here. */
static bool add_value(struct cc_card_value *value, size_t *count,
    struct sp_slice text, struct sp_slice type)
{
    static const char tel[] = "tel:";

    if (text.size > 4 && memcmp(text.data, tel, 4) == 0) {
        text = sp_slice_of(text.data + 4, text.size - 4);
    }
    if (text.size > 0 && *count == CC_CARD_VALUES_MAX) {
        return false;
    }
    if (text.size > 0) {
        value[*count].text = text;
        value[*count].label = type;
        (*count)++;
    }
    return true;
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

enum taken { NOT_OURS, TAKEN, TOO_MUCH };

/* One property; what other programs keep there beside is passed over. */
static enum taken take_line(struct sp_slice line, struct cc_card *out)
{
    const uint8_t *colon = memchr(line.data, ':', line.size);
    struct sp_slice type;
    bool fits = true;

    if (colon == NULL) {
        return NOT_OURS;
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
        fits = add_value(out->phone, &out->phones, unescape(&value, 0), type);
    } else if (same(name, "EMAIL")) {
        fits = add_value(out->email, &out->emails, unescape(&value, 0), type);
    } else if (same(type, "HOME") && (same(name, "ADR") || same(name, "GEO"))) {
        return NOT_OURS; /* where a person lives is not where the customer is */
    } else if (same(name, "ADR")) {
        take_address(value, out);
    } else if (same(name, "GEO")) {
        take_place(unescape(&value, 0), out);
    } else if (same(name, "BDAY") || same(name, "X-SATCHEL-BIRTHDAY")) {
        take_birthday(value, false, out);
    } else if (same(name, "X-SATCHEL-LUNAR-BIRTHDAY")) {
        take_birthday(unescape(&value, 0), true, out);
    } else {
        return NOT_OURS;
    }
    return fits ? TAKEN : TOO_MUCH;
}

static bool is_line(struct sp_slice line, const char *text)
{
    while (line.size > 0 && line.data[line.size - 1] == ' ') {
        line.size--;
    }
    return same(line, text);
}

/* The byte order mark that some programs write. */
static void skip_mark(struct sp_slice *in)
{
    if (in->size >= 3 && memcmp(in->data, "\xef\xbb\xbf", 3) == 0) {
        *in = sp_slice_of(in->data + 3, in->size - 3);
    }
}

/* A line of a card; what is not kept gives its room back, as a picture of some
 * hundred kilobytes. */
static sp_err take_one(struct sp_slice one, bool whole, size_t start,
    struct sp_buf *room, struct cc_card *out)
{
    enum taken taken = NOT_OURS;

    if (is_quoted(one)) {
        one = unquote(one);
    }
    if (!whole && memchr(one.data, ':', one.size) == NULL) {
        return SP_E_TOO_LARGE; /* nobody knows whose value it is */
    }
    if (whole && one.size > 0 && !sp_utf8_valid(one)) {
        return SP_E_VALUE;
    }
    taken = take_line(one, out);
    if (taken == NOT_OURS) {
        room->size = start;
    }
    return taken == TOO_MUCH || (taken == TAKEN && !whole) ? SP_E_TOO_LARGE
                                                           : SP_OK;
}

/* Whether the next line is this one; it is not unfolded, because there may be
 * no room left. */
static bool is_next(struct sp_slice in, const char *text)
{
    return is_line(cut_line(&in), text);
}

/* Behind "BEGIN:VCARD"; in, line and room move on. */
static sp_err read_lines(struct sp_slice *in, struct sp_buf *room,
    uint64_t *line, struct cc_card *out)
{
    sp_err first = SP_OK;

    while (in->size > 0 && !is_next(*in, "BEGIN:VCARD")) {
        size_t start = room->size;
        bool last = is_next(*in, "END:VCARD"), whole;
        struct sp_slice one = unfold(in, room, line, &whole);

        if (room->err != SP_OK) {
            return room->err;
        }
        if (last) {
            return first != SP_OK        ? first
                   : out->name.size == 0 ? SP_E_VALUE
                                         : SP_OK;
        }
        sp_err err = take_one(one, whole, start, room, out);
        first = first == SP_OK ? err : first;
    }
    return SP_E_MALFORMED;
}

sp_err cc_card_read(struct sp_slice *in, struct sp_buf *room, uint64_t *line,
    struct cc_card *out)
{
    *out = (struct cc_card){ .placed = false };
    sp_buf_reset(room);
    skip_mark(in);
    /* At most as much as the file has: no line moves once it is read. */
    if (sp_buf_grow(room,
            in->size < CC_CARD_BYTES_MAX ? in->size : CC_CARD_BYTES_MAX) ==
            NULL &&
        in->size > 0) {
        return room->err;
    }
    while (in->size > 0) {
        bool whole;

        room->size = 0;
        struct sp_slice one = unfold(in, room, line, &whole);
        if (room->err != SP_OK) {
            return room->err;
        }
        if (is_line(one, "BEGIN:VCARD")) {
            room->size = 0;
            return read_lines(in, room, line, out);
        }
    }
    return SP_E_NOT_FOUND;
}

struct cc_words cc_card_fault(sp_err err)
{
    switch (err) {
    case SP_E_MALFORMED:
        return (struct cc_words){ "a card that does not end: END:VCARD is "
                                  "missing",
            "名片没有结束：缺少 END:VCARD" };
    case SP_E_TOO_LARGE:
        return (struct cc_words){ "a card with a text that is too long, or "
                                  "with more than 10 telephones or addresses",
            "名片中有文字过长，或电话、邮箱超过 10 个" };
    case SP_E_VALUE:
        return (struct cc_words){ "a card without a name, or bytes that are "
                                  "not UTF-8",
            "名片没有姓名，或含有不是 UTF-8 的字节" };
    default:
        return (struct cc_words){ sp_err_text_en(err), sp_err_text_zh(err) };
    }
}
