/* csv_text.c - decoding and guessing of encodings, see csv_text.h */
#include "ctl/csv_text.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define RAW_BYTES 65536u
/* Two bytes become at most three, and every bad byte one. */
#define OUT_BYTES   (RAW_BYTES * 2u)
#define GUESS_BYTES 4096u

struct sv_csv_text {
    struct sv_csv_source source;
    enum sv_csv_encoding encoding;
    iconv_t converter;
    bool converting; /* the converter is open */
    bool started;    /* the byte order mark was looked for */
    bool ended;      /* the source has given its last byte */
    uint8_t raw[RAW_BYTES];
    size_t raw_size;
    uint8_t out[OUT_BYTES];
    size_t at, size; /* of out */
};

const char *sv_csv_text_encoding_name(enum sv_csv_encoding encoding)
{
    switch (encoding) {
    case SV_CSV_UTF16LE:
        return "UTF-16LE";
    case SV_CSV_UTF16BE:
        return "UTF-16BE";
    case SV_CSV_GB18030:
        return "GB18030";
    case SV_CSV_UTF8:
    case SV_CSV_DETECT:
        break;
    }
    return "UTF-8";
}

enum sv_csv_encoding sv_csv_text_encoding(const struct sv_csv_text *t)
{
    return t->encoding;
}

static sp_err set_encoding(struct sv_csv_text *t, enum sv_csv_encoding encoding)
{
    if (encoding != SV_CSV_UTF8 && encoding != SV_CSV_DETECT) {
        iconv_t opened =
            iconv_open("UTF-8", sv_csv_text_encoding_name(encoding));

        /* iconv_t is a pointer whose error value is (iconv_t)-1. */
        if ((intptr_t)opened == -1) {
            return SP_E_CONFIG;
        }
        t->converter = opened;
        t->converting = true;
    }
    t->encoding = encoding;
    return SP_OK;
}

sp_err sv_csv_text_new(struct sv_csv_text **out,
    const struct sv_csv_source *source, enum sv_csv_encoding encoding)
{
    struct sv_csv_text *t = calloc(1, sizeof(*t));
    sp_err err;

    if (t == NULL) {
        return SP_E_NOMEM;
    }
    t->source = *source;
    err = set_encoding(t, encoding);
    if (err != SP_OK) {
        sv_csv_text_free(t);
        return err;
    }
    *out = t;
    return SP_OK;
}

void sv_csv_text_free(struct sv_csv_text *t)
{
    if (t != NULL && t->converting) {
        iconv_close(t->converter);
    }
    free(t);
}

/* Fills raw up to its end or the source's. */
static sp_err read_raw(struct sv_csv_text *t)
{
    while (!t->ended && t->raw_size < RAW_BYTES) {
        size_t got = 0;
        sp_err err = t->source.read(t->source.self, t->raw + t->raw_size,
            RAW_BYTES - t->raw_size, &got);

        if (err != SP_OK) {
            return err;
        }
        t->ended = got == 0;
        t->raw_size += got;
    }
    return SP_OK;
}

static void drop_raw(struct sv_csv_text *t, size_t size)
{
    t->raw_size -= size;
    memmove(t->raw, t->raw + size, t->raw_size);
}

/* ---- guessing ---------------------------------------------------------- */

/* UTF-16 without a mark: zeros in an eighth of the units or more (commas and
 * newlines alone make that), all in the same half. One zero proves nothing. */
static enum sv_csv_encoding guess_wide(const uint8_t *p, size_t size)
{
    size_t zeros[2] = { 0, 0 };
    size_t end = (size < GUESS_BYTES ? size : GUESS_BYTES) & ~(size_t)1;

    for (size_t i = 0; i < end; i++) {
        zeros[i & 1] += p[i] == 0;
    }
    if (zeros[0] == 0 && zeros[1] > 1 && zeros[1] * 16 >= end) {
        return SV_CSV_UTF16LE;
    }
    if (zeros[1] == 0 && zeros[0] > 1 && zeros[0] * 16 >= end) {
        return SV_CSV_UTF16BE;
    }
    return SV_CSV_DETECT;
}

/* Length of the UTF-8 sequence that this byte starts, 0 for none. */
static size_t lead_bytes(uint8_t b)
{
    return b < 0x80u                 ? 1
           : b >= 0xc2u && b < 0xe0u ? 2
           : b >= 0xe0u && b < 0xf0u ? 3
           : b >= 0xf0u && b < 0xf5u ? 4
                                     : 0;
}

/*
 * Whether the text is UTF-8, perhaps with a few damaged places: taking such a
 * file for GB18030 would turn all of it into other characters in silence. By
 * chance text of other encodings has far more bad sequences than good ones.
 */
static bool looks_utf8(const uint8_t *p, size_t size)
{
    size_t good = 0, bad = 0, i = 0;

    while (i < size) {
        size_t n = lead_bytes(p[i]), k = 1;

        while (k < n && i + k < size && (p[i + k] & 0xc0u) == 0x80u) {
            k++;
        }
        if (n == 0 || (k < n && i + k < size)) {
            bad++;
        } else if (n > 1) {
            good++;
        }
        i += k;
    }
    return bad == 0 || good >= 4 * bad;
}

static sp_err guess(struct sv_csv_text *t)
{
    bool plain = true;

    for (size_t i = 0; i < t->raw_size && plain; i++) {
        plain = t->raw[i] < 0x80u;
    }
    if (plain) {
        return SP_OK; /* any of the encodings; a later block will tell */
    }
    return set_encoding(
        t, looks_utf8(t->raw, t->raw_size) ? SV_CSV_UTF8 : SV_CSV_GB18030);
}

static bool starts_with(
    const struct sv_csv_text *t, const void *mark, size_t size)
{
    return t->raw_size >= size && memcmp(t->raw, mark, size) == 0;
}

/* Looks for a byte order mark, which is no part of the text, and believes it
 * unless the encoding was given. */
static sp_err start(struct sv_csv_text *t)
{
    static const struct {
        uint8_t mark[3];
        size_t size;
        enum sv_csv_encoding encoding;
    } marks[] = {
        { { 0xefu, 0xbbu, 0xbfu }, 3, SV_CSV_UTF8 },
        { { 0xffu, 0xfeu }, 2, SV_CSV_UTF16LE },
        { { 0xfeu, 0xffu }, 2, SV_CSV_UTF16BE },
    };
    bool detect = t->encoding == SV_CSV_DETECT;

    t->started = true;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if ((detect || marks[i].encoding == t->encoding) &&
            starts_with(t, marks[i].mark, marks[i].size)) {
            drop_raw(t, marks[i].size);
            return detect ? set_encoding(t, marks[i].encoding) : SP_OK;
        }
    }
    return detect ? set_encoding(t, guess_wide(t->raw, t->raw_size)) : SP_OK;
}

/* ---- decoding ---------------------------------------------------------- */

/* Converts raw to out; keeps a sequence that the block cuts for the next. */
static void convert(struct sv_csv_text *t)
{
    size_t unit = t->encoding == SV_CSV_GB18030 ? 1 : 2;
    char *from = (char *)t->raw, *to = (char *)t->out;
    size_t left = t->raw_size, room = OUT_BYTES;

    while (left > 0 &&
           iconv(t->converter, &from, &left, &to, &room) == (size_t)-1) {
        size_t skip = unit < left ? unit : left;

        if (errno == E2BIG || room == 0 || (errno == EINVAL && !t->ended)) {
            break;
        }
        *to++ = (char)SV_CSV_BAD;
        room--;
        from += skip;
        left -= skip;
    }
    t->size = OUT_BYTES - room;
    drop_raw(t, t->raw_size - left);
}

static sp_err fill(struct sv_csv_text *t)
{
    sp_err err = read_raw(t);

    if (err == SP_OK && !t->started) {
        err = start(t);
    }
    if (err == SP_OK && t->encoding == SV_CSV_DETECT) {
        err = guess(t);
    }
    if (err != SP_OK) {
        return err;
    }
    t->at = t->size = 0;
    if (t->converting) {
        convert(t);
    } else {
        memcpy(t->out, t->raw, t->raw_size);
        t->size = t->raw_size;
        t->raw_size = 0;
    }
    return SP_OK;
}

sp_err sv_csv_text_peek(struct sv_csv_text *t, struct sp_slice *out)
{
    while (t->at == t->size && (!t->ended || t->raw_size > 0)) {
        sp_err err = fill(t);

        if (err != SP_OK) {
            return err;
        }
    }
    *out = sp_slice_of(t->out + t->at, t->size - t->at);
    return SP_OK;
}

void sv_csv_text_take(struct sv_csv_text *t, size_t size)
{
    SP_ASSERT(size <= t->size - t->at);
    t->at += size;
}
