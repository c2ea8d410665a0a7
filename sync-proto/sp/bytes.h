/*
 * bytes.h - borrowed slices, owned buffers, one arena.
 *
 * A slice borrows and says nothing about how long; each function that returns
 * one says until when it is valid. A buffer owns, is created with its ceiling
 * and latches its first error, so that encoders are straight lines which ask
 * for `err` once at the end. An arena hands out memory that goes all at once:
 * a message decodes into one arena, dropped after the reply.
 */
#ifndef SP_BYTES_H
#define SP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sp/err.h"

struct sp_slice {
    const uint8_t *data; /* may be NULL when size is 0 */
    size_t size;
};

#define SP_SLICE(array) ((struct sp_slice){ (array), sizeof(array) })

struct sp_slice sp_slice_of(const void *data, size_t size);
struct sp_slice sp_slice_text(const char *text); /* without its NUL */
bool sp_slice_equal(struct sp_slice a, struct sp_slice b);
/* memcmp order, the shorter first: <0, 0, >0. */
int sp_slice_cmp(struct sp_slice a, struct sp_slice b);

/* At all times size <= capacity <= ceiling, and err != SP_OK means that some
 * append did not happen and the content must not be used. */
struct sp_buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t ceiling;
    sp_err err;
};

/* Never allocates; ceiling in bytes. */
void sp_buf_init(struct sp_buf *b, size_t ceiling);
/* Frees; the buffer may be initialised again. sp_buf_wipe zeroes first. */
void sp_buf_free(struct sp_buf *b);
void sp_buf_wipe(struct sp_buf *b);
/* Empties it and clears err, keeps the memory. */
void sp_buf_reset(struct sp_buf *b);
/* Append; latch SP_E_TOO_LARGE over the ceiling, SP_E_NOMEM without memory. */
void sp_buf_put(struct sp_buf *b, const void *data, size_t size);
void sp_buf_put_u8(struct sp_buf *b, uint8_t v);
void sp_buf_put_u16be(struct sp_buf *b, uint16_t v);
void sp_buf_put_u32be(struct sp_buf *b, uint32_t v);
void sp_buf_put_u64be(struct sp_buf *b, uint64_t v);
/* Reserves size bytes at the end and returns them, or NULL (err latched). */
uint8_t *sp_buf_grow(struct sp_buf *b, size_t size);
struct sp_slice sp_buf_slice(const struct sp_buf *b);

/*
 * Bump allocator with a ceiling. Pointers are valid until reset or free.
 * Memory is zeroed, aligned for any type.
 */
struct sp_arena {
    struct sp_arena_block *block; /* private */
    size_t used;                  /* bytes handed out since init or reset */
    size_t ceiling;
};

void sp_arena_init(struct sp_arena *a, size_t ceiling);
void sp_arena_free(struct sp_arena *a);
/* Forgets all allocations, keeps one block for reuse. */
void sp_arena_reset(struct sp_arena *a);
/* NULL when out of memory or over the ceiling, or count * size wraps. */
void *sp_arena_take(struct sp_arena *a, size_t count, size_t size);
/* A list of count elements with room for at least one more, moved when count
 * is 0 or a power of two (so no capacity need be kept; a list that did not
 * begin here has room for the next power of two). NULL as for take. */
void *sp_arena_grow(
    struct sp_arena *a, void *list, size_t count, size_t element);
/* Copies bytes into the arena; {NULL, n} on failure when n > 0. */
struct sp_slice sp_arena_copy(struct sp_arena *a, struct sp_slice s);

/* The heap, for what outlives an arena: only bytes.c knows malloc. Zeroed;
 * NULL without memory. sp_heap_grow moves count elements to room for at least
 * one more, doubling. sp_heap_free(NULL) is harmless. */
void *sp_heap_new(size_t size);
void *sp_heap_grow(void *list, size_t count, size_t element);
void sp_heap_free(void *p);

/* out gets 2 * size characters and a NUL. */
void sp_hex(char *out, const void *data, size_t size);
/* Decodes lower or upper case; SP_E_ARGUMENT unless exactly size bytes. */
SP_MUST_USE sp_err sp_unhex(uint8_t *out, size_t size, const char *text);

/* Numbers as bytes; here, because everything calls them and compilers make one
 * instruction of each. */
static inline uint16_t sp_get_u16be(const uint8_t *p)
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t sp_get_u32be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static inline uint64_t sp_get_u64be(const uint8_t *p)
{
    return (uint64_t)sp_get_u32be(p) << 32 | sp_get_u32be(p + 4);
}

static inline uint64_t sp_get_u64le(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
           (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static inline void sp_set_u16be(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void sp_set_u32be(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline void sp_set_u64be(uint8_t *p, uint64_t v)
{
    sp_set_u32be(p, (uint32_t)(v >> 32));
    sp_set_u32be(p + 4, (uint32_t)v);
}

static inline void sp_set_u64le(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++) {
        p[i] = (uint8_t)(v >> (8 * i));
    }
}

/* For our own mistakes only, never for bytes from outside; stays on in
 * release builds. Prints file, line and the expression, then traps. */
#define SP_ASSERT(x)                                                           \
    do {                                                                       \
        if (!(x)) {                                                            \
            sp_assert_failed(#x, __FILE__, __LINE__);                          \
        }                                                                      \
    } while (0)
_Noreturn void sp_assert_failed(const char *what, const char *file, int line);

#endif
