/*
 * describe_line.h - the pieces of which lines for people are made; shared by
 * describe.c and describe_message.c, nobody else includes it. Errors latch in
 * the buffer.
 */
#ifndef SP_DESCRIBE_LINE_H
#define SP_DESCRIBE_LINE_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sp/id.h"

static inline void put_text(struct sp_buf *out, const char *text)
{
    sp_buf_put(out, text, strlen(text));
}

static inline void put_uint(struct sp_buf *out, uint64_t v)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, v);
    put_text(out, text);
}

static inline void put_int(struct sp_buf *out, int64_t v)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, v);
    put_text(out, text);
}

static inline void put_hex(struct sp_buf *out, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char text[3];

        sp_hex(text, data + i, 1);
        sp_buf_put(out, text, 2);
    }
}

static inline void put_replica(struct sp_buf *out, sp_replica r)
{
    char text[20];

    (void)snprintf(text, sizeof text, "%016" PRIx64, r);
    put_text(out, text);
}

static inline void number(struct sp_buf *out, const char *name, uint64_t v)
{
    put_text(out, name);
    put_uint(out, v);
}

/* In quotes, on one line: a line break in a note must not look like the next
 * item. */
static inline void put_quoted(struct sp_buf *out, struct sp_slice s)
{
    put_text(out, "\"");
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];

        if (c == '"' || c == '\\') {
            sp_buf_put_u8(out, '\\');
            sp_buf_put_u8(out, c);
        } else if (c == '\n' || c == '\t') {
            put_text(out, c == '\n' ? "\\n" : "\\t");
        } else {
            sp_buf_put_u8(out, c);
        }
    }
    put_text(out, "\"");
}

static inline void put_ref(const struct sp_ref *ref, struct sp_buf *out)
{
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &ref->id);
    number(out, " type=", ref->type);
    put_text(out, " id=");
    put_text(out, id);
}

#endif
