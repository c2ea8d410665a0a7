#include "sp/phone.h"

#include <string.h>

#define DIGITS_MIN 7u /* of an E.164 number, country code included */
#define DIGITS_MAX 15u

/*
 * Next character, with the full-width forms of digits, plus, brackets, hyphen
 * and space folded to ASCII. Anything else outside ASCII gives '?'.
 */
static char next_folded(struct sp_slice s, size_t *at)
{
    const uint8_t *p = s.data + *at;
    size_t left = s.size - *at;

    if (p[0] < 0x80) {
        *at += 1;
        return (char)p[0];
    }
    if (left >= 3 && p[0] == 0xEF && p[1] == 0xBC && p[2] >= 0x81) {
        /* U+FF01..U+FF3F are the forms of U+0021..U+005F. */
        *at += 3;
        return p[2] <= 0xBF ? (char)(p[2] - 0x60) : '?';
    }
    if (left >= 3 && p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80) {
        *at += 3; /* ideographic space */
        return ' ';
    }
    if (left >= 2 && p[0] == 0xC2 && p[1] == 0xA0) {
        *at += 2; /* no-break space */
        return ' ';
    }
    *at += 1;
    return '?';
}

static bool separator(char c)
{
    return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

/* Digits of the text, "+" kept at the front; 0 when it holds anything else, or
 * too much. A "(0)" is a trunk prefix for callers inside: not certain. */
static size_t collect(struct sp_slice text, char out[24])
{
    size_t count = 0, at = 0;
    char before[2] = { 0, 0 };

    while (at < text.size) {
        char c = next_folded(text, &at);
        if (c == ')' && before[1] == '0' && before[0] == '(') {
            return 0;
        }
        before[0] = before[1];
        before[1] = c;
        if (separator(c)) {
            continue;
        }
        bool digit = c >= '0' && c <= '9';
        if ((!digit && !(c == '+' && count == 0)) || count == 20) {
            return 0;
        }
        out[count++] = c;
    }
    return count;
}

static bool chinese_mobile(const char *digits, size_t count)
{
    return count == 11 && digits[0] == '1' && digits[1] >= '3';
}

bool sp_phone_normalise(struct sp_slice text, char out[SP_PHONE_BYTES])
{
    char typed[24];
    const char *digits = typed, *country = "";
    size_t count = collect(text, typed);

    if (count > 0 && typed[0] == '+') {
        digits += 1;
        count -= 1;
    } else if (count > 2 && typed[0] == '0' && typed[1] == '0') {
        digits += 2;
        count -= 2;
    } else if (chinese_mobile(typed, count)) {
        country = "86";
    } else {
        return false;
    }
    size_t prefix = strlen(country);
    if (count + prefix < DIGITS_MIN || count + prefix > DIGITS_MAX ||
        digits[0] == '0') {
        return false;
    }
    out[0] = '+';
    memcpy(out + 1, country, prefix);
    memcpy(out + 1 + prefix, digits, count);
    out[1 + prefix + count] = '\0';
    return true;
}

bool sp_phone_valid(struct sp_slice text)
{
    if (text.size < 1 + DIGITS_MIN || text.size > 1 + DIGITS_MAX ||
        text.data[0] != '+' || text.data[1] == '0') {
        return false;
    }
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}
