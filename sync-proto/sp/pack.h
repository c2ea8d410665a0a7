/*
 * pack.h - MessagePack in canonical form: a bounded reader that never
 * allocates, and a writer.
 *
 * Canonical form (PROTOCOL.md, "Bytes"): shortest integers (unsigned encoding
 * for values >= 0), shortest str, bin, array and map headers, map keys
 * ascending unsigned integers each once, no floats, no ext, strings valid
 * UTF-8 without U+0000 and control characters except newline and tab, depth
 * at most SP_DEPTH_MAX, nothing after the last value. Bytes from outside pass
 * this reader before anything else sees them.
 */
#ifndef SP_PACK_H
#define SP_PACK_H

#include "sp/bytes.h"

/* The first error latches; later reads give zeros and empty slices. */
struct sp_rd {
    const uint8_t *at;
    const uint8_t *end;
    sp_err err;
};

enum sp_kind {
    SP_KIND_END, /* nothing left, or an error latched */
    SP_KIND_NIL,
    SP_KIND_BOOL,
    SP_KIND_UINT,
    SP_KIND_INT, /* below zero */
    SP_KIND_STR,
    SP_KIND_BIN,
    SP_KIND_ARRAY,
    SP_KIND_MAP
};

void sp_rd_init(struct sp_rd *r, struct sp_slice in);
enum sp_kind sp_rd_peek(const struct sp_rd *r);
void sp_rd_nil(struct sp_rd *r);
bool sp_rd_bool(struct sp_rd *r);
/* Latches SP_E_MALFORMED outside min..max. */
uint64_t sp_rd_uint(struct sp_rd *r, uint64_t min, uint64_t max);
int64_t sp_rd_int(struct sp_rd *r, int64_t min, int64_t max);
/* Points into the input; valid as long as that. Over max: SP_E_TOO_LARGE. */
struct sp_slice sp_rd_str(struct sp_rd *r, size_t max);
struct sp_slice sp_rd_bin(struct sp_rd *r, size_t max);
/* Exactly size bytes into out (zeroed on error). */
void sp_rd_fixed(struct sp_rd *r, void *out, size_t size);
/* Element count, bounded by max and by the bytes that are left. */
uint32_t sp_rd_array(struct sp_rd *r, uint32_t max);
uint32_t sp_rd_map(struct sp_rd *r, uint32_t max);
/* Array of exactly count elements, else SP_E_MALFORMED. */
void sp_rd_array_of(struct sp_rd *r, uint32_t count);
/* One whole value of any kind, walked and checked; its bytes. No recursion. */
struct sp_slice sp_rd_value(struct sp_rd *r);
/* Latches err unless one is latched already. */
void sp_rd_fail(struct sp_rd *r, sp_err err);
/* The latched error, or SP_E_MALFORMED when bytes are left over. */
SP_MUST_USE sp_err sp_rd_done(const struct sp_rd *r);

/* Whether in is exactly one canonical value. SP_OK or the reader's error. */
SP_MUST_USE sp_err sp_pack_check(struct sp_slice in);

/* Writers append canonical form; errors latch in the buffer. */
void sp_wr_nil(struct sp_buf *b);
void sp_wr_bool(struct sp_buf *b, bool v);
void sp_wr_uint(struct sp_buf *b, uint64_t v);
void sp_wr_int(struct sp_buf *b, int64_t v);
void sp_wr_str(struct sp_buf *b, struct sp_slice s);
void sp_wr_text(struct sp_buf *b, const char *text);
void sp_wr_bin(struct sp_buf *b, const void *data, size_t size);
void sp_wr_array(struct sp_buf *b, uint32_t count);
void sp_wr_map(struct sp_buf *b, uint32_t count);
/* Bytes that are canonical already: appended as they are. */
void sp_wr_raw(struct sp_buf *b, struct sp_slice value);

/* Valid UTF-8 without U+0000, other controls than \n and \t, surrogates and
 * over-long forms. */
bool sp_utf8_valid(struct sp_slice s);

#endif
