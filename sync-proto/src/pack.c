#include "sp/pack.h"

#include <string.h>

#include <msgpack/pack.h>

#include "sp/limits.h"

/* ---- reader ------------------------------------------------------------ */

/* What one lead byte and the bytes of its argument say. */
struct head {
    enum sp_kind kind;
    uint32_t size; /* bytes of lead and argument */
    uint64_t n;    /* value, byte count or element count; for SP_KIND_INT the
                      value in two's complement */
};

/*
 * Lead bytes 0xc0 to 0xdf: kind, bytes of argument, and the least argument
 * for which this is the shortest form. Kind END stands for what is never
 * canonical: 0xc1, floats, ext.
 */
struct lead {
    uint8_t kind;
    uint8_t bytes;
    uint64_t least;
};

// clang-format off
static const struct lead LEAD[32] = {
    { SP_KIND_NIL, 0, 0 },        { SP_KIND_END, 0, 0 },
    { SP_KIND_BOOL, 0, 0 },       { SP_KIND_BOOL, 0, 0 },
    { SP_KIND_BIN, 1, 0 },        { SP_KIND_BIN, 2, 256 },
    { SP_KIND_BIN, 4, 65536 },    { SP_KIND_END, 0, 0 },
    { SP_KIND_END, 0, 0 },        { SP_KIND_END, 0, 0 },
    { SP_KIND_END, 0, 0 },        { SP_KIND_END, 0, 0 },
    { SP_KIND_UINT, 1, 128 },     { SP_KIND_UINT, 2, 256 },
    { SP_KIND_UINT, 4, 65536 },   { SP_KIND_UINT, 8, 1ull << 32 },
    { SP_KIND_INT, 1, 32 },       { SP_KIND_INT, 2, 128 },
    { SP_KIND_INT, 4, 32768 },    { SP_KIND_INT, 8, 1ull << 31 },
    { SP_KIND_END, 0, 0 },        { SP_KIND_END, 0, 0 },
    { SP_KIND_END, 0, 0 },        { SP_KIND_END, 0, 0 },
    { SP_KIND_END, 0, 0 },        { SP_KIND_STR, 1, 32 },
    { SP_KIND_STR, 2, 256 },      { SP_KIND_STR, 4, 65536 },
    { SP_KIND_ARRAY, 2, 16 },     { SP_KIND_ARRAY, 4, 65536 },
    { SP_KIND_MAP, 2, 16 },       { SP_KIND_MAP, 4, 65536 },
};
// clang-format on

void sp_rd_init(struct sp_rd *r, struct sp_slice in)
{
    static const uint8_t nothing[1];

    r->at = in.data != NULL ? in.data : nothing;
    r->end = r->at + in.size;
    r->err = SP_OK;
}

void sp_rd_fail(struct sp_rd *r, sp_err err)
{
    if (r->err == SP_OK) {
        r->err = err;
    }
}

static uint64_t big_endian(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

/* Negative numbers: widens the argument and says whether it could not have
 * been written shorter. */
static bool widen(uint64_t *n, const struct lead *lead)
{
    unsigned shift = 64u - 8u * lead->bytes;
    uint64_t v = *n << shift;

    if (v >> 63 == 0) {
        return false; /* not below zero: has an unsigned form */
    }
    if (shift > 0) {
        v = v >> shift | ~(uint64_t)0 << (64u - shift);
    }
    *n = v;
    return ~v >= lead->least; /* ~v is -v - 1 */
}

/* The long forms, lead bytes 0xc0 to 0xdf. */
static bool long_head(struct sp_rd *r, struct head *out)
{
    const struct lead *lead = &LEAD[r->at[0] - 0xc0];
    size_t left = (size_t)(r->end - r->at);
    bool shortest;

    if (lead->kind == SP_KIND_END) {
        r->err = SP_E_MALFORMED;
        return false;
    }
    if (lead->bytes >= left) {
        r->err = SP_E_TRUNCATED;
        return false;
    }
    out->kind = (enum sp_kind)lead->kind;
    out->size = 1u + lead->bytes;
    out->n = big_endian(r->at + 1, lead->bytes);
    if (out->kind == SP_KIND_BOOL) {
        out->n = r->at[0] == 0xc3;
    }
    shortest =
        out->kind == SP_KIND_INT ? widen(&out->n, lead) : out->n >= lead->least;
    if (!shortest) {
        r->err = SP_E_MALFORMED;
    }
    return shortest;
}

/* Looks at the next head and checks that it is the shortest form; takes
 * nothing. False and an error latched otherwise. */
static inline bool look(struct sp_rd *r, struct head *out)
{
    unsigned lead;

    if (r->err != SP_OK) {
        return false;
    }
    if (r->at == r->end) {
        r->err = SP_E_TRUNCATED;
        return false;
    }
    lead = r->at[0];
    out->size = 1;
    if (lead < 0x80) {
        out->kind = SP_KIND_UINT;
        out->n = lead;
    } else if (lead < 0x90) {
        out->kind = SP_KIND_MAP;
        out->n = lead & 0x0f;
    } else if (lead < 0xa0) {
        out->kind = SP_KIND_ARRAY;
        out->n = lead & 0x0f;
    } else if (lead < 0xc0) {
        out->kind = SP_KIND_STR;
        out->n = lead & 0x1f;
    } else if (lead >= 0xe0) {
        out->kind = SP_KIND_INT;
        out->n = (uint64_t)(int64_t)(int8_t)lead;
    } else {
        return long_head(r, out);
    }
    return true;
}

static inline bool look_for(
    struct sp_rd *r, enum sp_kind kind, struct head *out)
{
    if (!look(r, out)) {
        return false;
    }
    if (out->kind != kind) {
        r->err = SP_E_MALFORMED;
        return false;
    }
    return true;
}

enum sp_kind sp_rd_peek(const struct sp_rd *r)
{
    unsigned lead;

    if (r->err != SP_OK || r->at == r->end) {
        return SP_KIND_END;
    }
    lead = r->at[0];
    return lead < 0x80   ? SP_KIND_UINT
           : lead < 0x90 ? SP_KIND_MAP
           : lead < 0xa0 ? SP_KIND_ARRAY
           : lead < 0xc0 ? SP_KIND_STR
           : lead < 0xe0 ? (enum sp_kind)LEAD[lead - 0xc0].kind
                         : SP_KIND_INT;
}

void sp_rd_nil(struct sp_rd *r)
{
    struct head h;

    if (look_for(r, SP_KIND_NIL, &h)) {
        r->at += h.size;
    }
}

bool sp_rd_bool(struct sp_rd *r)
{
    struct head h;

    if (!look_for(r, SP_KIND_BOOL, &h)) {
        return false;
    }
    r->at += h.size;
    return h.n != 0;
}

uint64_t sp_rd_uint(struct sp_rd *r, uint64_t min, uint64_t max)
{
    struct head h;

    if (!look_for(r, SP_KIND_UINT, &h)) {
        return 0;
    }
    if (h.n < min || h.n > max) {
        r->err = SP_E_MALFORMED;
        return 0;
    }
    r->at += h.size;
    return h.n;
}

int64_t sp_rd_int(struct sp_rd *r, int64_t min, int64_t max)
{
    struct head h;
    int64_t v;

    if (!look(r, &h)) {
        return 0;
    }
    if (h.kind == SP_KIND_UINT && h.n <= INT64_MAX) {
        v = (int64_t)h.n;
    } else if (h.kind == SP_KIND_INT) {
        v = -(int64_t)~h.n - 1;
    } else {
        r->err = SP_E_MALFORMED;
        return 0;
    }
    if (v < min || v > max) {
        r->err = SP_E_MALFORMED;
        return 0;
    }
    r->at += h.size;
    return v;
}

/* The body of a str or bin whose head was looked at. */
static struct sp_slice body(struct sp_rd *r, const struct head *h, size_t max)
{
    struct sp_slice s = { NULL, 0 };

    if (h->n > max) {
        r->err = SP_E_TOO_LARGE;
        return s;
    }
    if (h->n > (size_t)(r->end - r->at) - h->size) {
        r->err = SP_E_TRUNCATED; /* compared with what is left: cannot wrap */
        return s;
    }
    s.data = r->at + h->size;
    s.size = (size_t)h->n;
    if (h->kind == SP_KIND_STR && !sp_utf8_valid(s)) {
        r->err = SP_E_MALFORMED;
        return (struct sp_slice){ NULL, 0 };
    }
    r->at += h->size + s.size;
    return s;
}

struct sp_slice sp_rd_str(struct sp_rd *r, size_t max)
{
    struct head h;

    if (!look_for(r, SP_KIND_STR, &h)) {
        return (struct sp_slice){ NULL, 0 };
    }
    return body(r, &h, max);
}

struct sp_slice sp_rd_bin(struct sp_rd *r, size_t max)
{
    struct head h;

    if (!look_for(r, SP_KIND_BIN, &h)) {
        return (struct sp_slice){ NULL, 0 };
    }
    return body(r, &h, max);
}

void sp_rd_fixed(struct sp_rd *r, void *out, size_t size)
{
    struct head h;

    if (look_for(r, SP_KIND_BIN, &h)) {
        if (h.n != size) {
            r->err = SP_E_MALFORMED;
        } else {
            struct sp_slice s = body(r, &h, size);
            if (s.size == size && size > 0) {
                memcpy(out, s.data, size);
            }
        }
    }
    if (r->err != SP_OK && size > 0) {
        memset(out, 0, size);
    }
}

/* Takes the head of an array or map. Each element is a byte at least, so a
 * count that the rest cannot hold ends here, before anybody reserves for it. */
static uint32_t container(struct sp_rd *r, const struct head *h, uint32_t max)
{
    size_t left = (size_t)(r->end - r->at) - h->size;
    uint64_t least = h->kind == SP_KIND_MAP ? 2 * h->n : h->n;

    if (h->n > max) {
        r->err = SP_E_TOO_LARGE;
        return 0;
    }
    if (least > left) {
        r->err = SP_E_TRUNCATED;
        return 0;
    }
    r->at += h->size;
    return (uint32_t)h->n;
}

uint32_t sp_rd_array(struct sp_rd *r, uint32_t max)
{
    struct head h;

    return look_for(r, SP_KIND_ARRAY, &h) ? container(r, &h, max) : 0;
}

uint32_t sp_rd_map(struct sp_rd *r, uint32_t max)
{
    struct head h;

    return look_for(r, SP_KIND_MAP, &h) ? container(r, &h, max) : 0;
}

void sp_rd_array_of(struct sp_rd *r, uint32_t count)
{
    struct head h;

    if (!look_for(r, SP_KIND_ARRAY, &h)) {
        return;
    }
    if (h.n != count) {
        r->err = SP_E_MALFORMED;
        return;
    }
    (void)container(r, &h, count);
}

/* An open array or map during the walk over one value. */
struct level {
    uint32_t left; /* elements, or keys and values, still to come */
    bool map;
    bool key;       /* the next one is a key */
    bool later;     /* a key came before */
    uint64_t above; /* that key; the next must be greater */
};

/* A map key: an unsigned integer above the one before. */
static void walk_key(struct sp_rd *r, const struct head *h, struct level *l)
{
    if (h->kind != SP_KIND_UINT || (l->later && h->n <= l->above)) {
        r->err = SP_E_MALFORMED;
        return;
    }
    l->later = true;
    l->above = h->n;
}

/* Takes one item; opens a level below open when it is a container with
 * something inside. Returns the number of open levels. */
static unsigned walk_item(
    struct sp_rd *r, const struct head *h, struct level *level, unsigned open)
{
    uint32_t count;

    switch (h->kind) {
    case SP_KIND_STR:
    case SP_KIND_BIN:
        (void)body(r, h, SP_STRING_BYTES_MAX);
        return open;
    case SP_KIND_ARRAY:
    case SP_KIND_MAP:
        if (open == SP_DEPTH_MAX) {
            r->err = SP_E_TOO_LARGE;
            return open;
        }
        count = container(r, h, SP_ITEMS_MAX);
        if (r->err != SP_OK || count == 0) {
            return open;
        }
        level[open] = (struct level){ .left = count };
        if (h->kind == SP_KIND_MAP) {
            level[open].left = 2 * count;
            level[open].map = level[open].key = true;
        }
        return open + 1;
    default:
        r->at += h->size;
        return open;
    }
}

struct sp_slice sp_rd_value(struct sp_rd *r)
{
    struct level level[SP_DEPTH_MAX];
    unsigned open = 0;
    const uint8_t *from = r->at;

    do {
        struct head h;

        if (!look(r, &h)) {
            break;
        }
        if (open > 0) {
            struct level *l = &level[open - 1];
            if (l->map) {
                if (l->key) {
                    walk_key(r, &h, l);
                }
                l->key = !l->key;
            }
            l->left--;
        }
        if (r->err == SP_OK) {
            open = walk_item(r, &h, level, open);
        }
        while (open > 0 && level[open - 1].left == 0) {
            open--;
        }
    } while (open > 0 && r->err == SP_OK);
    if (r->err != SP_OK) {
        return (struct sp_slice){ NULL, 0 };
    }
    return (struct sp_slice){ from, (size_t)(r->at - from) };
}

sp_err sp_rd_done(const struct sp_rd *r)
{
    if (r->err != SP_OK) {
        return r->err;
    }
    return r->at == r->end ? SP_OK : SP_E_MALFORMED;
}

sp_err sp_pack_check(struct sp_slice in)
{
    struct sp_rd r;

    sp_rd_init(&r, in);
    (void)sp_rd_value(&r);
    return sp_rd_done(&r);
}

/* ---- text -------------------------------------------------------------- */

/* Whether each of eight bytes is from 0x20 to 0x7e: no top bit, none after
 * one more, all after 0x20 less (of one that is below, a bit is borrowed). */
static bool eight_plain(const uint8_t *p)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return ((v | (v + ones) | (v - 0x20 * ones)) & tops) == 0;
}

/* Plain ASCII: no control but \n and \t. */
static bool is_plain(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

/* How many of the next bytes, up to eight. */
static size_t few_plain(const uint8_t *p, size_t left)
{
    size_t n = 0;

    while (n < left && n < 8 && is_plain(p[n])) {
        n++;
    }
    return n;
}

static bool continues(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

/* Whether four bytes begin with a sequence of three, but one of those that
 * need a closer look: most of a Chinese text. */
static bool three_plain(const uint8_t *p)
{
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                 (uint32_t)p[3] << 24;

    return (v & 0xc0c0f0u) == 0x8080e0u && p[0] != 0xe0 && p[0] != 0xed;
}

/* Bytes of the well-formed sequence at p, 0 when it is none. RFC 3629 section
 * 4, without the C1 controls U+0080 to U+009F. */
static size_t sequence(const uint8_t *p, size_t left)
{
    uint8_t c = p[0];

    if (c >= 0xc2 && c <= 0xdf) {
        if (left < 2 || !continues(p[1]) || (c == 0xc2 && p[1] < 0xa0)) {
            return 0;
        }
        return 2;
    }
    if (c >= 0xe0 && c <= 0xef) {
        if (left < 3 || !continues(p[1]) || !continues(p[2]) ||
            (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f)) {
            return 0; /* cut short, over-long or a surrogate */
        }
        return 3;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        if (left < 4 || !continues(p[1]) || !continues(p[2]) ||
            !continues(p[3]) || (c == 0xf0 && p[1] < 0x90) ||
            (c == 0xf4 && p[1] > 0x8f)) {
            return 0; /* cut short, over-long or above U+10FFFF */
        }
        return 4;
    }
    return 0;
}

bool sp_utf8_valid(struct sp_slice s)
{
    const uint8_t *p = s.data;
    size_t left = s.size, n;

    for (; left > 0; p += n, left -= n) {
        if (is_plain(p[0])) {
            n = left >= 8 && eight_plain(p) ? 8 : few_plain(p, left);
        } else if (left >= 4 && three_plain(p)) {
            n = 3;
        } else if ((n = sequence(p, left)) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- writer ------------------------------------------------------------ */

static int append(void *data, const char *bytes, size_t size)
{
    sp_buf_put(data, bytes, size);
    return 0; /* the buffer latches its error itself */
}

static msgpack_packer packer(struct sp_buf *b)
{
    msgpack_packer p = { b, append };

    return p;
}

void sp_wr_nil(struct sp_buf *b)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_nil(&p);
}

void sp_wr_bool(struct sp_buf *b, bool v)
{
    msgpack_packer p = packer(b);

    (void)(v ? msgpack_pack_true(&p) : msgpack_pack_false(&p));
}

void sp_wr_uint(struct sp_buf *b, uint64_t v)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_uint64(&p, v);
}

void sp_wr_int(struct sp_buf *b, int64_t v)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_int64(&p, v);
}

void sp_wr_str(struct sp_buf *b, struct sp_slice s)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_str(&p, s.size);
    sp_buf_put(b, s.data, s.size);
}

void sp_wr_text(struct sp_buf *b, const char *text)
{
    sp_wr_str(b, sp_slice_text(text));
}

void sp_wr_bin(struct sp_buf *b, const void *data, size_t size)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_bin(&p, size);
    sp_buf_put(b, data, size);
}

void sp_wr_array(struct sp_buf *b, uint32_t count)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_array(&p, count);
}

void sp_wr_map(struct sp_buf *b, uint32_t count)
{
    msgpack_packer p = packer(b);

    (void)msgpack_pack_map(&p, count);
}

void sp_wr_raw(struct sp_buf *b, struct sp_slice value)
{
    sp_buf_put(b, value.data, value.size);
}
