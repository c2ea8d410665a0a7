/* bytes.c - slices, buffers, the arena: all memory of sync-proto. */
#include "sp/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_BYTES_MIN   64u
#define BLOCK_BYTES_MIN 4096u
#define BLOCK_BYTES_MAX (1024u * 1024u) /* larger only for one large take */
#define ALIGN           16u

_Static_assert(_Alignof(max_align_t) <= ALIGN, "arena aligns for any type");

struct sp_slice sp_slice_of(const void *data, size_t size)
{
    return (struct sp_slice){ data, size };
}

struct sp_slice sp_slice_text(const char *text)
{
    return (struct sp_slice){ (const uint8_t *)text, strlen(text) };
}

bool sp_slice_equal(struct sp_slice a, struct sp_slice b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int sp_slice_cmp(struct sp_slice a, struct sp_slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    if (order != 0) {
        return order;
    }
    return a.size < b.size ? -1 : a.size > b.size;
}

void sp_buf_init(struct sp_buf *b, size_t ceiling)
{
    *b = (struct sp_buf){ .ceiling = ceiling };
}

void sp_buf_free(struct sp_buf *b)
{
    if (b != NULL) {
        free(b->data);
        sp_buf_init(b, b->ceiling);
    }
}

/* Through a volatile pointer: the compiler cannot see that nobody reads the
 * memory again. Not sp_wipe, because foundations stand below crypto. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

void sp_buf_wipe(struct sp_buf *b)
{
    if (b != NULL && b->data != NULL) {
        wipe(b->data, 0, b->capacity);
    }
    sp_buf_free(b);
}

void sp_buf_reset(struct sp_buf *b)
{
    b->size = 0;
    b->err = SP_OK;
}

static bool make_room(struct sp_buf *b, size_t size)
{
    size_t capacity = b->capacity < BUF_BYTES_MIN ? BUF_BYTES_MIN : b->capacity;
    size_t need = b->size + size;
    uint8_t *data;

    while (capacity < need && capacity <= b->ceiling / 2) {
        capacity *= 2;
    }
    if (capacity < need || capacity > b->ceiling) {
        capacity = b->ceiling;
    }
    data = realloc(b->data, capacity);
    if (data == NULL) {
        b->err = SP_E_NOMEM;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

uint8_t *sp_buf_grow(struct sp_buf *b, size_t size)
{
    uint8_t *at;

    if (b->err != SP_OK) {
        return NULL;
    }
    if (size > b->ceiling - b->size) {
        b->err = SP_E_TOO_LARGE;
        return NULL;
    }
    if (size > b->capacity - b->size && !make_room(b, size)) {
        return NULL;
    }
    at = b->data == NULL ? NULL : b->data + b->size;
    b->size += size;
    return at;
}

void sp_buf_put(struct sp_buf *b, const void *data, size_t size)
{
    uint8_t *at;

    /* Most of what is written are single bytes that there is room for. */
    if (b->err == SP_OK && size == 1 && b->size < b->capacity) {
        b->data[b->size++] = *(const uint8_t *)data;
        return;
    }
    if (b->err == SP_OK && size > 0 && size <= b->capacity - b->size) {
        memcpy(b->data + b->size, data, size);
        b->size += size;
        return;
    }
    at = sp_buf_grow(b, size);

    if (at != NULL && size > 0) {
        memcpy(at, data, size);
    }
}

void sp_buf_put_u8(struct sp_buf *b, uint8_t v)
{
    uint8_t *at = sp_buf_grow(b, 1);

    if (at != NULL) {
        *at = v;
    }
}

void sp_buf_put_u16be(struct sp_buf *b, uint16_t v)
{
    uint8_t *at = sp_buf_grow(b, 2);

    if (at != NULL) {
        sp_set_u16be(at, v);
    }
}

void sp_buf_put_u32be(struct sp_buf *b, uint32_t v)
{
    uint8_t *at = sp_buf_grow(b, 4);

    if (at != NULL) {
        sp_set_u32be(at, v);
    }
}

void sp_buf_put_u64be(struct sp_buf *b, uint64_t v)
{
    uint8_t *at = sp_buf_grow(b, 8);

    if (at != NULL) {
        sp_set_u64be(at, v);
    }
}

struct sp_slice sp_buf_slice(const struct sp_buf *b)
{
    return (struct sp_slice){ b->data, b->size };
}

/* Sizes and offsets are multiples of ALIGN. */
struct sp_arena_block {
    struct sp_arena_block *older;
    size_t size;
    size_t used;
    size_t reserved; /* makes the header a multiple of ALIGN on 64 bits */
    _Alignas(ALIGN) uint8_t data[];
};

void sp_arena_init(struct sp_arena *a, size_t ceiling)
{
    *a = (struct sp_arena){ .ceiling = ceiling };
}

static void free_blocks(struct sp_arena_block *block)
{
    while (block != NULL) {
        struct sp_arena_block *older = block->older;

        free(block);
        block = older;
    }
}

void sp_arena_free(struct sp_arena *a)
{
    if (a != NULL) {
        free_blocks(a->block);
        sp_arena_init(a, a->ceiling);
    }
}

void sp_arena_reset(struct sp_arena *a)
{
    a->used = 0;
    if (a->block != NULL) {
        /* The newest is the largest but for single large takes, so a loop of
         * equal rounds soon runs in one block. */
        free_blocks(a->block->older);
        a->block->older = NULL;
        a->block->used = 0;
    }
}

static bool add_block(struct sp_arena *a, size_t need)
{
    size_t size = a->block == NULL ? BLOCK_BYTES_MIN : a->block->size;
    size_t left = a->ceiling - a->used;
    struct sp_arena_block *block;

    if (a->block != NULL && size < BLOCK_BYTES_MAX) {
        size *= 2;
    }
    if (size > left) {
        size = left & ~(size_t)(ALIGN - 1);
    }
    if (size < need) {
        size = need;
    }
    if (size > SIZE_MAX - sizeof *block) {
        return false;
    }
    block = malloc(sizeof *block + size);
    if (block == NULL) {
        return false;
    }
    *block = (struct sp_arena_block){ .older = a->block, .size = size };
    a->block = block;
    return true;
}

/* As sp_arena_take, with whatever stands in the memory. */
static void *take_raw(
    struct sp_arena *a, size_t count, size_t size, size_t *taken)
{
    size_t need;
    void *out;

    if (size != 0 && count > (SIZE_MAX - ALIGN) / size) {
        return NULL;
    }
    need = (count * size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need > a->ceiling - a->used) {
        return NULL;
    }
    if ((a->block == NULL || need > a->block->size - a->block->used) &&
        !add_block(a, need)) {
        return NULL;
    }
    out = a->block->data + a->block->used;
    a->block->used += need;
    a->used += need;
    *taken = need;
    return out;
}

void *sp_arena_take(struct sp_arena *a, size_t count, size_t size)
{
    size_t taken = 0;
    void *out = take_raw(a, count, size, &taken);

    return out == NULL ? NULL : memset(out, 0, taken);
}

/* Lists grow when their count is 0 or a power of two, so that no capacity
 * needs to be kept beside them. 0: there is room; SIZE_MAX: too many. */
static size_t grown(size_t count, size_t element)
{
    if (count != 0 && (count & (count - 1)) != 0) {
        return 0;
    }
    size_t room = count == 0 ? 1 : 2 * count;
    return room < count || room > SIZE_MAX / element ? SIZE_MAX : room;
}

void *sp_arena_grow(
    struct sp_arena *a, void *list, size_t count, size_t element)
{
    size_t room = grown(count, element);
    if (room == 0) {
        return list;
    }
    void *moved = sp_arena_take(a, room, element);
    if (moved != NULL && count > 0) {
        memcpy(moved, list, count * element);
    }
    return moved;
}

struct sp_slice sp_arena_copy(struct sp_arena *a, struct sp_slice s)
{
    uint8_t *data;
    size_t taken = 0;

    if (s.size == 0) {
        return (struct sp_slice){ NULL, 0 };
    }
    data = take_raw(a, s.size, 1, &taken);
    if (data != NULL) {
        memcpy(data, s.data, s.size);
    }
    return (struct sp_slice){ data, s.size };
}

void sp_hex(char *out, const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = data;

    for (size_t i = 0; i < size; i++) {
        *out++ = digits[b[i] >> 4];
        *out++ = digits[b[i] & 15];
    }
    *out = '\0';
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

sp_err sp_unhex(uint8_t *out, size_t size, const char *text)
{
    /* Two passes: out stays as it was unless all is well. The first stops at
     * the NUL, which is no digit. */
    for (size_t i = 0; i < size; i++) {
        if (digit_of(text[2 * i]) < 0 || digit_of(text[2 * i + 1]) < 0) {
            return SP_E_ARGUMENT;
        }
    }
    if (text[2 * size] != '\0') {
        return SP_E_ARGUMENT;
    }
    for (size_t i = 0; i < size; i++) {
        int byte = digit_of(text[2 * i]) * 16 + digit_of(text[2 * i + 1]);

        out[i] = (uint8_t)byte;
    }
    return SP_OK;
}

void sp_assert_failed(const char *what, const char *file, int line)
{
    char at[16];

    (void)snprintf(at, sizeof at, ":%d: ", line);
    (void)fputs(file, stderr);
    (void)fputs(at, stderr);
    (void)fputs(what, stderr);
    (void)fputs(" does not hold\n", stderr);
    abort();
}

/* ---- heap -------------------------------------------------------------- */

void *sp_heap_new(size_t size)
{
    return calloc(1, size);
}

void *sp_heap_grow(void *list, size_t count, size_t element)
{
    size_t room = grown(count, element);
    return room == 0          ? list
           : room == SIZE_MAX ? NULL
                              : realloc(list, room * element);
}

void sp_heap_free(void *p)
{
    free(p);
}
