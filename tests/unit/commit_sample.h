/*
 * commit_sample.h - commits to test with, and their bytes.
 */
#ifndef TEST_COMMIT_SAMPLE_H
#define TEST_COMMIT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "sp/commit.h"
#include "sp/limits.h"

#define ME         0x0000000a00000001ull
#define OTHER      0x0000000b00000002ull
#define ARENA_MAX  (4u << 20)
#define BUF_MAX    (1u << 20)
#define WRITES_TOP (SP_COMMIT_WRITES_MAX + 1)

/* A commit and the memory of its parts. */
struct sample {
    struct sp_commit commit;
    struct sp_change change[SP_COMMIT_CHANGES_MAX + 1];
    struct sp_write write[WRITES_TOP];
    struct sp_dot dot[SP_VECTOR_DOTS_MAX + 1];
};

static const uint8_t nil_value[] = { 0xc0 };

/* changes records with writes keys each, all new. */
static inline void sample_init(
    struct sample *s, uint32_t changes, uint32_t writes)
{
    memset(s, 0, sizeof *s);
    s->commit = (struct sp_commit){ .replica = ME,
        .n = 3,
        .time = 0x0193d5f0a1b20001,
        .user = 7,
        .dictionary = 1,
        .policy = 2,
        .roster = 3,
        .nonce = { 1, 2, 3, 4, 5, 6, 7, 8 },
        .count = changes,
        .change = s->change };
    for (uint32_t i = 0; i < changes; i++) {
        s->change[i].ref.type = 1;
        s->change[i].ref.id.b[0] = 1;
        s->change[i].ref.id.b[15] = (uint8_t)i;
        s->change[i].count = writes;
        s->change[i].write = &s->write[i * writes];
        for (uint32_t j = 0; j < writes; j++) {
            s->write[i * writes + j].key.field = (uint16_t)(j + 1);
            s->write[i * writes + j].value = SP_SLICE(nil_value);
        }
    }
}

static inline void see(
    struct sample *s, uint32_t write, sp_replica r, uint64_t n)
{
    s->dot[write] = (struct sp_dot){ r, n };
    s->write[write].context = (struct sp_vector){ 1, &s->dot[write] };
}

/* Encodes; the bytes are the caller's to drop. */
static inline struct sp_slice encoded(struct sp_commit *c)
{
    struct sp_buf b;
    struct sp_slice out;

    sp_buf_init(&b, BUF_MAX);
    sp_commit_encode(c, &b);
    assert_int_equal(b.err, SP_OK);
    out = exact_copy(sp_buf_slice(&b));
    sp_buf_free(&b);
    return out;
}

static inline sp_err encode_error(struct sp_commit *c)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, BUF_MAX);
    sp_commit_encode(c, &b);
    err = b.err;
    sp_buf_free(&b);
    return err;
}

static inline sp_err decode_error(struct sp_slice in)
{
    struct sp_arena arena;
    struct sp_commit c;
    sp_err err;

    sp_arena_init(&arena, ARENA_MAX);
    err = sp_commit_decode(in, ME, &arena, &c);
    sp_arena_free(&arena);
    return err;
}

/* Whether what is decoded encodes to the same bytes; its content id. */
static inline bool is_fixpoint(struct sp_slice in, struct sp_id *content)
{
    struct sp_arena arena;
    struct sp_commit c;
    struct sp_slice again;
    bool same;

    sp_arena_init(&arena, ARENA_MAX);
    assert_int_equal(sp_commit_decode(in, ME, &arena, &c), SP_OK);
    *content = c.content;
    again = encoded(&c);
    same = sp_slice_equal(in, again) && sp_id_equal(content, &c.content);
    drop(again);
    sp_arena_free(&arena);
    return same;
}

#endif
