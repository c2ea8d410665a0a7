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
    return letters;
}

/* ---- following letters through a name ----------------------------------- */

/* Bit n: n letters are used up. */
struct walk {
    const struct cc_pinyin *q;
    uint64_t at;   /* before this character */
    uint64_t next; /* behind it */
    bool found;    /* all letters are used up here or before */
};

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

static void read_syllable(struct walk *w, size_t from, const char *syllable)
{
    size_t n = common(w->q->letter + from, syllable);

    if (n == 0) {
        return;
    }
    w->next |= 1ull << (from + 1);
    if (n >= 2 && two_letters(syllable)) {
        w->next |= 1ull << (from + 2);
    }
    if (syllable[n] == '\0' || from + n == w->q->count) {
        w->next |= 1ull << (from + n);
    }
}

static void read_han(struct walk *w, const uint16_t *reading, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *syllable = cc_han_syllable(reading[i]);
        for (uint64_t rest = w->at; rest != 0; rest &= rest - 1) {
            size_t from = (size_t)__builtin_ctzll(rest);
            if (from < w->q->count) {
                read_syllable(w, from, syllable);
            }
        }
    }
}

static void read_plain(struct walk *w, char c)
{
    for (uint64_t rest = w->at; rest != 0; rest &= rest - 1) {
        size_t from = (size_t)__builtin_ctzll(rest);
        if (from < w->q->count && w->q->letter[from] == c) {
            w->next |= 1ull << (from + 1);
        }
    }
}

/* Whether the character counts; signs are passed over. */
static bool step(struct walk *w, uint32_t c)
{
    size_t count;
    const uint16_t *reading = cc_han_readings(c, &count);

    w->next = 0;
    if (count > 0) {
        read_han(w, reading, count);
    } else if (is_plain(c)) {
        read_plain(w, (char)c);
    } else if (c < 0x80 || c == 0xb7) {
        return false;
    }
    w->found = (w->next >> w->q->count & 1) != 0;
    w->at = w->next;
    return true;
}

enum cc_pinyin_fit cc_pinyin_find(
    const struct cc_pinyin *q, struct sp_slice name)
{
    struct walk first = { .q = q, .at = 1 }, later = { .q = q, .at = 0 };
    enum cc_pinyin_fit best = CC_PINYIN_NONE;

    for (size_t i = 0; q->count > 0 && i < name.size;) {
        uint32_t c;
        i += cc_utf8_take(name.data + i, name.size - i, &c);
        if (!step(&first, c)) {
            continue;
        }
        (void)step(&later, c);
        if (best > CC_PINYIN_PREFIX && (first.found || later.found)) {
            best = first.found ? CC_PINYIN_PREFIX : CC_PINYIN_INSIDE;
        }
        later.at |= 1;
    }
    return first.found ? CC_PINYIN_WHOLE : best;
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
