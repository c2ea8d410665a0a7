#include "book/coupon.h"

#include <string.h>

/* Crockford's: no I, L, O and U. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
#define BASE 32u

static int value_of(char c)
{
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);

    return at == NULL ? -1 : (int)(at - alphabet);
}

static unsigned step(unsigned p, unsigned value)
{
    unsigned s = (p + value) % BASE;

    return (s == 0 ? BASE : s) * 2 % (BASE + 1);
}

/* A number to the base, most significant first, at least width characters. */
static size_t put(char *out, uint32_t n, size_t width)
{
    char digits[8];
    size_t count = 0;

    while (n > 0 || count < width) {
        digits[count++] = alphabet[n % BASE];
        n /= BASE;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }
    return count;
}

void cc_coupon_serial(
    uint32_t device, uint32_t random, char out[CC_COUPON_BYTES])
{
    size_t n = put(out, device, 1);
    unsigned p = BASE;

    out[n++] = '-';
    n += put(out + n, random & 0x1ffffffu, 5);
    for (size_t i = 0; i < n; i++) {
        p = out[i] == '-' ? p : step(p, (unsigned)value_of(out[i]));
    }
    out[n++] = '-';
    out[n++] = alphabet[(BASE + 1 - p) % BASE];
    out[n] = '\0';
}

void cc_coupon_fold(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < room; text++) {
        char c =
            *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
        if (c == '-' || c == ' ') {
            continue;
        }
        out[n++] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    out[n] = '\0';
}

bool cc_coupon_checks(const char *folded)
{
    size_t n = strlen(folded);
    unsigned p = BASE;

    for (size_t i = 0; i < n; i++) {
        int value = value_of(folded[i]);
        if (value < 0) {
            return false;
        }
        if (i + 1 == n) {
            return (p + (unsigned)value) % BASE == 1;
        }
        p = step(p, (unsigned)value);
    }
    return false;
}
