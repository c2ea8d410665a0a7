#include "photo/exif.h"

#include <string.h>

#define MAKER        "satchel"
#define ENTRY_BYTES  12u
#define HEAD_BYTES   8u /* of the TIFF block */
#define ENTRIES_MAX  8u
#define INLINE_BYTES 4u

enum type { ASCII = 2, SHORT = 3, LONG = 4, UNDEFINED = 7 };
enum tag {
    DESCRIPTION = 0x010e,
    ORIENTATION = 0x0112,
    SOFTWARE = 0x0131,
    DATE_TIME = 0x0132,
    ARTIST = 0x013b,
    EXIF_DIRECTORY = 0x8769,
    VERSION = 0x9000,
    DATE_TIME_ORIGINAL = 0x9003,
    OFFSET_TIME_ORIGINAL = 0x9011
};

struct entry {
    enum tag tag;
    enum type type;
    const char *text; /* NULL: number */
    size_t count;     /* of text */
    uint32_t number;
};

static void put_u16(struct sp_buf *b, uint32_t v)
{
    sp_buf_put_u8(b, (uint8_t)v);
    sp_buf_put_u8(b, (uint8_t)(v >> 8));
}

static void put_u32(struct sp_buf *b, uint32_t v)
{
    put_u16(b, v & 0xffffu);
    put_u16(b, v >> 16);
}

static size_t directory_bytes(size_t count)
{
    return 2 + count * ENTRY_BYTES + 4;
}

/* What does not fit into an entry stands behind the directory. */
static size_t behind(const struct entry *e)
{
    return e->text != NULL && e->count > INLINE_BYTES ? (e->count + 1) & ~1u
                                                      : 0;
}

static void put_inline(struct sp_buf *b, const struct entry *e)
{
    uint8_t text[INLINE_BYTES] = { 0 };

    memcpy(text, e->text, e->count);
    sp_buf_put(b, text, sizeof(text));
}

/* A directory that begins at that place of the block. */
static void put_directory(
    struct sp_buf *b, const struct entry *e, size_t count, size_t at)
{
    size_t next = at + directory_bytes(count);

    put_u16(b, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_u16(b, e[i].tag);
        put_u16(b, e[i].type);
        put_u32(b, e[i].text == NULL ? 1 : (uint32_t)e[i].count);
        if (e[i].text == NULL) {
            put_u32(b, e[i].number); /* little endian: a short comes first */
        } else if (behind(&e[i]) == 0) {
            put_inline(b, &e[i]);
        } else {
            put_u32(b, (uint32_t)next);
            next += behind(&e[i]);
        }
    }
    put_u32(b, 0);
    for (size_t i = 0; i < count; i++) {
        if (behind(&e[i]) > 0) {
            sp_buf_put(b, e[i].text, e[i].count);
            sp_buf_put(b, "", behind(&e[i]) - e[i].count);
        }
    }
}

static struct entry text_entry(enum tag tag, const char *text)
{
    return (struct entry){ tag, ASCII, text, strlen(text) + 1, 0 };
}

void cc_exif_put(const struct cc_exif *e, struct sp_buf *out)
{
    struct entry first[] = { text_entry(DESCRIPTION, e->text),
        { ORIENTATION, SHORT, NULL, 0, e->turn }, text_entry(SOFTWARE, MAKER),
        text_entry(DATE_TIME, e->taken), text_entry(ARTIST, e->author),
        { EXIF_DIRECTORY, LONG, NULL, 0, 0 } };
    const struct entry second[] = { { VERSION, UNDEFINED, "0231", 4, 0 },
        text_entry(DATE_TIME_ORIGINAL, e->taken),
        text_entry(OFFSET_TIME_ORIGINAL, e->zone) };
    const size_t firsts = sizeof(first) / sizeof(first[0]);
    size_t at = HEAD_BYTES + directory_bytes(firsts);

    for (size_t i = 0; i < firsts; i++) {
        at += behind(&first[i]);
    }
    first[firsts - 1].number = (uint32_t)at;
    sp_buf_put(out, "Exif\0\0", 6);
    sp_buf_put(out, "II*\0", 4);
    put_u32(out, HEAD_BYTES);
    put_directory(out, first, firsts, HEAD_BYTES);
    put_directory(out, second, sizeof(second) / sizeof(second[0]), at);
}
