#include "book/search.h"

#include "book/fold.h"
#include "book/phone.h"

#include <string.h>

#define LINE_BYTES_MAX 1024u

void cc_search_add(
    struct sp_buf *hay, enum cc_search_line line, struct sp_slice text)
{
    char folded[LINE_BYTES_MAX + 1];
    size_t n;

    if (text.size > LINE_BYTES_MAX) {
        text.size = LINE_BYTES_MAX;
    }
    n = line == CC_SEARCH_PHONE ? cc_fold_digits(text, folded)
                                : cc_fold_text(text, folded);
    if (n > 0) {
        sp_buf_put_u8(hay, (uint8_t)line);
        sp_buf_put(hay, folded, n);
        sp_buf_put_u8(hay, '\n');
    }
}

/* ---- what was typed ----------------------------------------------------- */

static void fill_word(struct cc_search_word *w, const char *text)
{
    struct sp_slice folded = sp_slice_text(text);

    w->text = text;
    w->size = folded.size;
    (void)cc_pinyin_query(&w->pinyin, folded);
    w->digits[0] = w->part[0] = '\0';
    if (cc_phone_like(folded) &&
        cc_fold_digits(folded, w->digits) >= CC_PHONE_PART_MIN) {
        (void)cc_phone_part(sp_slice_text(w->digits), w->part);
    } else {
        w->digits[0] = '\0';
    }
    if (strlen(w->part) < CC_PHONE_PART_MIN) {
        w->part[0] = '\0';
    }
}

bool cc_search_init(struct cc_search *q, struct sp_slice text)
{
    char *at = q->split;

    q->count = 0;
    if (text.size > CC_SEARCH_TEXT_MAX) {
        return false;
    }
    if (cc_fold_text(text, q->text) == 0) {
        return true;
    }
    fill_word(&q->word[q->count++], q->text);
    if (strchr(q->text, ' ') == NULL) {
        return true;
    }
    memcpy(q->split, q->text, strlen(q->text) + 1);
    for (char *end = at; at != NULL; at = end) {
        end = strchr(at, ' ');
        if (end != NULL) {
            *end++ = '\0';
        }
        if (q->count > CC_SEARCH_WORDS_MAX) {
            return false;
        }
        fill_word(&q->word[q->count++], at);
    }
    return true;
}

/* ---- one line ----------------------------------------------------------- */

/* Whether a word begins here, behind the line's first character: behind a
 * blank or a sign. */
static bool begins_word(const char *at)
{
    uint8_t before = (uint8_t)at[-1];
    bool letter = (before >= 'a' && before <= 'z') || before >= 0x80;

    return !(letter || (before >= '0' && before <= '9'));
}

static enum cc_search_rank rank_text(
    const struct cc_search_word *w, const char *line, size_t size)
{
    enum cc_search_rank best = CC_SEARCH_NOT;
    const char *at = line, *end = line + size;

    while (best > CC_SEARCH_WORD && (at = strstr(at, w->text)) != NULL &&
           at < end) {
        enum cc_search_rank rank = at == line        ? CC_SEARCH_PREFIX
                                   : begins_word(at) ? CC_SEARCH_WORD
                                                     : CC_SEARCH_INSIDE;
        best = rank < best ? rank : best;
        at++;
    }
    return best == CC_SEARCH_PREFIX && w->size == size ? CC_SEARCH_EXACT : best;
}

static enum cc_search_rank rank_sound(
    const struct cc_search_word *w, const char *line, size_t size)
{
    static const enum cc_search_rank ranks[] = {
        [CC_PINYIN_WHOLE] = CC_SEARCH_EXACT_SOUND,
        [CC_PINYIN_PREFIX] = CC_SEARCH_PREFIX_SOUND,
        [CC_PINYIN_INSIDE] = CC_SEARCH_INSIDE_SOUND,
        [CC_PINYIN_NONE] = CC_SEARCH_NOT,
    };
    struct sp_slice name = { (const uint8_t *)line, size };

    return ranks[cc_pinyin_find(&w->pinyin, name)];
}

/* Whether text stands in a line that is followed by others. */
static bool stands_in(const char *text, const char *line, size_t size)
{
    const char *at = text[0] == '\0' ? NULL : strstr(line, text);

    return at != NULL && at < line + size;
}

static enum cc_search_rank rank_phone(
    const struct cc_search_word *w, const char *line, size_t size)
{
    if (strlen(w->digits) == size && memcmp(w->digits, line, size) == 0) {
        return CC_SEARCH_EXACT;
    }
    return stands_in(w->digits, line, size) || stands_in(w->part, line, size)
               ? CC_SEARCH_INSIDE
               : CC_SEARCH_NOT;
}

/* What is looked for in the lines of one record. */
struct look {
    const struct cc_search_word *w;
    bool written; /* letter by letter in one line or another */
};

static enum cc_search_rank rank_line(
    const struct look *l, char kind, const char *line, size_t size)
{
    const struct cc_search_word *w = l->w;
    enum cc_search_rank sound = CC_SEARCH_NOT, text;

    if (kind == CC_SEARCH_PHONE) {
        return rank_phone(w, line, size);
    }
    text = l->written ? rank_text(w, line, size) : CC_SEARCH_NOT;
    if (kind != CC_SEARCH_NUMBER && w->pinyin.count > 0) {
        sound = rank_sound(w, line, size);
    }
    return text < sound ? text : sound;
}

/* ---- all lines ---------------------------------------------------------- */

static enum cc_search_rank rank_word(
    const struct cc_search_word *w, const char *hay)
{
    enum cc_search_rank best = CC_SEARCH_NOT;
    const struct look l = { w, strstr(hay, w->text) != NULL };
    const char *end;

    /* Most records have nothing of it: one look says so. */
    if (w->pinyin.count == 0 && w->digits[0] == '\0' && !l.written) {
        return CC_SEARCH_NOT;
    }
    while (best > CC_SEARCH_EXACT && (end = strchr(hay, '\n')) != NULL) {
        enum cc_search_rank rank =
            rank_line(&l, hay[0], hay + 1, (size_t)(end - hay - 1));
        best = rank < best ? rank : best;
        hay = end + 1;
    }
    return best;
}

enum cc_search_rank cc_search_rank(const struct cc_search *q, const char *hay)
{
    enum cc_search_rank worst, rank;

    if (q->count == 0) {
        return CC_SEARCH_INSIDE;
    }
    rank = rank_word(&q->word[0], hay);
    if (rank != CC_SEARCH_NOT || q->count == 1) {
        return rank;
    }
    worst = CC_SEARCH_WORD; /* words here and there are no better */
    for (size_t i = 1; i < q->count && worst != CC_SEARCH_NOT; i++) {
        rank = rank_word(&q->word[i], hay);
        worst = rank > worst ? rank : worst;
    }
    return worst;
}
