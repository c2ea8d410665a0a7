#include "book/phone.h"

#include "book/fold.h"

#include "sp/phone.h"

#include <string.h>

#define DIGITS_MAX 15u
#define CHINA      "86"

bool cc_phone_like(struct sp_slice folded)
{
    for (size_t i = 0; i < folded.size; i++) {
        if (memchr("0123456789+-.()/ ", folded.data[i], 17) == NULL) {
            return false;
        }
    }
    return folded.size > 0;
}

/* Digits of a number in China are 10 or 11 behind the country code; shorter
 * ones that begin so may be anything. */
static bool has_country(const char *digits, size_t n)
{
    return n >= 5 && memcmp(digits, CHINA, 2) == 0 && digits[2] != '0';
}

size_t cc_phone_part(struct sp_slice digits, char *out)
{
    const char *from = (const char *)digits.data;
    size_t n = digits.size;

    if (n > 2 && from[0] == '0' && from[1] == '0') {
        from += 2;
        n -= 2;
    }
    if (has_country(from, n)) {
        from += 2;
        n -= 2;
    } else if (n > 1 && from[0] == '0') {
        from += 1;
        n -= 1;
    }
    memmove(out, from, n);
    out[n] = '\0';
    return n;
}

/* Up to what begins an extension: a letter or sign behind enough digits. */
static struct sp_slice without_extension(struct sp_slice folded)
{
    size_t digits = 0;

    for (size_t i = 0; i < folded.size; i++) {
        struct sp_slice one = { folded.data + i, 1 };
        digits += folded.data[i] >= '0' && folded.data[i] <= '9';
        if (digits >= CC_PHONE_DIGITS_MIN && !cc_phone_like(one)) {
            folded.size = i;
        }
    }
    return folded;
}

/* Digits, and signs of a country: most numbers are kept so, and need no
 * folding. False: there is something else in it. */
static bool plain_digits(struct sp_slice typed, char *out, size_t *count)
{
    size_t n = 0;

    for (size_t i = 0; i < typed.size; i++) {
        uint8_t c = typed.data[i];

        if (c >= '0' && c <= '9') {
            out[n++] = (char)c;
        } else if (c != '+') {
            return false;
        }
    }
    *count = n;
    return true;
}

size_t cc_phone_key(struct sp_slice typed, char out[CC_PHONE_KEY_BYTES])
{
    char folded[SP_PHONE_TYPED_MAX * 2 + 1], digits[SP_PHONE_TYPED_MAX * 2 + 1];
    char key[SP_PHONE_TYPED_MAX * 2 + 1];
    size_t n = 0;

    out[0] = '\0';
    if (typed.size >= sizeof(folded)) {
        return 0;
    }
    if (!plain_digits(typed, digits, &n)) {
        n = cc_fold_text(typed, folded);
        n = cc_fold_digits(
            without_extension((struct sp_slice){ (const uint8_t *)folded, n }),
            digits);
    }
    n = cc_phone_part((struct sp_slice){ (const uint8_t *)digits, n }, key);
    if (n < CC_PHONE_DIGITS_MIN || n > DIGITS_MAX) {
        return 0;
    }
    memcpy(out, key, n + 1);
    return n;
}
