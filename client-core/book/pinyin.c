#include "book/pinyin.h"

#include "book/han.h"
#include "book/utf8.h"

#include <string.h>

_Static_assert(CC_PINYIN_LETTERS_MAX < 64, "a place is a bit of 64");

#define U_DOTS 0xfcu

static bool is_letter(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_plain(uint32_t c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

bool cc_pinyin_query(struct cc_pinyin *q, struct sp_slice folded)
{
    bool letters = false;
    size_t count = 0;

    q->count = 0;
    for (size_t i = 0; i < folded.size;) {
        uint32_t c;
        i += cc_utf8_take(folded.data + i, folded.size - i, &c);
        c = c == U_DOTS ? 'v' : c;
        if (c == ' ' || c == '\'' || c == '-' || c == 0x2019) {
            continue;
        }
        if (!is_plain(c) || count == CC_PINYIN_LETTERS_MAX) {
            return false;
        }
        letters = letters || is_letter(c);
        q->letter[count++] = (char)c;
    }
    q->letter[count] = '\0';
    q->count = letters ? count : 0;
    memset(q->places, 0, sizeof(q->places));
    for (size_t i = 0; i < q->count; i++) {
        q->places[(uint8_t)q->letter[i]] |= 1ull << i;
    }
    return letters;
}

/* ---- following letters through a name ----------------------------------- */

/* A set of places in what is typed. Bit n: n letters are used up. */
typedef uint64_t places;

/* Letters that a syllable and what is typed have in common from a place on. */
static size_t common(const char *typed, const char *syllable)
{
    size_t n = 0;

    while (
        syllable[n] != '\0' &&
        (typed[n] == syllable[n] || (typed[n] == 'u' && syllable[n] == 'v'))) {
        n++;
    }
    return n;
}

/* Letters that stand for the beginning of a syllable beside its first one. */
static bool two_letters(const char *syllable)
{
    return syllable[1] == 'h' &&
           (syllable[0] == 'z' || syllable[0] == 'c' || syllable[0] == 's');
}

/* Where one is behind a syllable that is read from a place on. */
static places read_syllable(
    const struct cc_pinyin *q, size_t from, const char *syllable)
{
    size_t n = common(q->letter + from, syllable);
    places next = 0;

    if (n == 0) {
        return 0;
    }
    next |= 1ull << (from + 1);
    if (n >= 2 && two_letters(syllable)) {
        next |= 1ull << (from + 2);
    }
    if (syllable[n] == '\0' || from + n == q->count) {
        next |= 1ull << (from + n);
    }
    return next;
}

/* Most characters begin with none of the letters that may come next: one look
 * at the first letter says so. */
static places read_han(
    const struct cc_pinyin *q, places at, const uint16_t *reading, size_t count)
{
    places next = 0;

    for (size_t i = 0; i < count; i++) {
        const char *syllable = cc_han_syllable(reading[i]);
        places rest = at & q->places[(uint8_t)syllable[0]];
        for (; rest != 0; rest &= rest - 1) {
            next |= read_syllable(q, (size_t)__builtin_ctzll(rest), syllable);
        }
    }
    return next;
}

/* A character of a name. */
struct sound {
    uint32_t c;
    const uint16_t *reading;
    size_t count; /* 0: it stands for itself */
};

/* The next character that counts; signs are passed over. */
static bool next_sound(struct sp_slice name, size_t *at, struct sound *out)
{
    while (*at < name.size) {
        out->reading = NULL;
        out->count = 0;
        *at += cc_utf8_take(name.data + *at, name.size - *at, &out->c);
        if (out->c >= 0x80) {
            out->reading = cc_han_readings(out->c, &out->count);
        }
        if (out->count > 0 || is_plain(out->c) ||
            (out->c >= 0x80 && out->c != 0xb7)) {
            return true;
        }
    }
    return false;
}

static places follow(
    const struct cc_pinyin *q, places at, const struct sound *s)
{
    if (at == 0) {
        return 0;
    }
    if (s->count > 0) {
        return read_han(q, at, s->reading, s->count);
    }
    return is_plain(s->c) ? (at & q->places[s->c]) << 1 : 0;
}

enum cc_pinyin_fit cc_pinyin_find(
    const struct cc_pinyin *q, struct sp_slice name)
{
    const places all = 1ull << q->count;
    places first = 1, later = 0; /* read from the beginning, or from inside */
    enum cc_pinyin_fit best = CC_PINYIN_NONE;
    struct sound s;
    size_t at = 0;

    if (q->count == 0) {
        return CC_PINYIN_NONE;
    }
    while (next_sound(name, &at, &s)) {
        first = follow(q, first, &s);
        later = follow(q, later, &s);
        if (best > CC_PINYIN_PREFIX && ((first | later) & all) != 0) {
            best = (first & all) != 0 ? CC_PINYIN_PREFIX : CC_PINYIN_INSIDE;
        }
        if (first == 0 && best != CC_PINYIN_NONE) {
            return best; /* what follows makes it no better */
        }
        later |= 1;
    }
    return (first & all) != 0 ? CC_PINYIN_WHOLE : best;
}

/* ---- two names ---------------------------------------------------------- */

/* The next character that counts; 0 at the end. */
static uint32_t next_counted(struct sp_slice *s)
{
    uint32_t c = 0;
    size_t readings;

    while (s->size > 0) {
        size_t n = cc_utf8_take(s->data, s->size, &c);
        s->data += n;
        s->size -= n;
        (void)cc_han_readings(c, &readings);
        if (readings > 0 || is_plain(c) || (c >= 0x80 && c != 0xb7)) {
            return c;
        }
    }
    return 0;
}

static bool share_reading(uint32_t a, uint32_t b, size_t *chinese)
{
    size_t m, n;
    const uint16_t *x = cc_han_readings(a, &m), *y = cc_han_readings(b, &n);

    *chinese += m > 0 && n > 0;
    if (a == b) {
        return true;
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < n; k++) {
            if (x[i] == y[k]) {
                return true;
            }
        }
    }
    return false;
}

bool cc_pinyin_same(struct sp_slice a, struct sp_slice b)
{
    size_t chinese = 0;
    uint32_t x, y;

    do {
        x = next_counted(&a);
        y = next_counted(&b);
        if (!share_reading(x, y, &chinese)) {
            return false;
        }
    } while (x != 0);
    return chinese >= 2;
}
