/*
 * records.h - small records for tests, made by hand in an arena that never
 * runs full.
 */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H

#include <string.h>

#include "sp/merge.h"

#define DOT(r, n) ((struct sp_dot){ (r), (n) })
/* The canonical str of a short text. */
static inline struct sp_slice text_value(
    struct sp_arena *arena, const char *text)
{
    size_t size = strlen(text);
    uint8_t *bytes = sp_arena_take(arena, size + 1, 1);

    SP_ASSERT(bytes != NULL && size < 32);
    bytes[0] = (uint8_t)(0xa0 | size);
    memcpy(bytes + 1, text, size);
    return sp_slice_of(bytes, size + 1);
}

static inline struct sp_vector vector_of(
    struct sp_arena *arena, const struct sp_dot *dot, uint32_t count)
{
    struct sp_dot *copy = sp_arena_take(arena, count, sizeof *copy);

    SP_ASSERT(copy != NULL);
    if (count > 0) {
        memcpy(copy, dot, count * sizeof *dot);
    }
    return (struct sp_vector){ count, copy };
}

#define VECTOR(arena, ...)                                                     \
    vector_of(arena, (const struct sp_dot[]){ __VA_ARGS__ },                   \
        sizeof((const struct sp_dot[]){ __VA_ARGS__ }) /                       \
            sizeof(struct sp_dot))

/* Time: the counter in milliseconds; user: the device. */
static inline struct sp_stamp stamp_of(sp_replica replica, uint64_t counter)
{
    return (struct sp_stamp){ .dot = { replica, counter },
        .time = counter << 16,
        .user = sp_replica_device(replica) };
}

/* One value and its own dot. */
static inline struct sp_register plain_register(struct sp_arena *arena,
    uint16_t field, struct sp_stamp stamp, const char *text)
{
    struct sp_sibling *s = sp_arena_take(arena, 1, sizeof *s);

    SP_ASSERT(s != NULL);
    *s = (struct sp_sibling){ stamp, text_value(arena, text) };
    return (struct sp_register){ .key.field = field,
        .context = vector_of(arena, &stamp.dot, 1),
        .count = 1,
        .sibling = s };
}

/* Equal in ref, keys, contexts, siblings with stamps and values, and, when
 * asked, sequences. */
static inline bool records_equal(
    const struct sp_record *a, const struct sp_record *b, bool with_seq)
{
    if (!sp_ref_equal(&a->ref, &b->ref) || a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct sp_register *x = &a->reg[i], *y = &b->reg[i];

        if (sp_key_cmp(&x->key, &y->key) != 0 || x->count != y->count ||
            sp_vector_cmp(&x->context, &y->context) != SP_EQUAL ||
            (with_seq && x->seq != y->seq)) {
            return false;
        }
        for (uint32_t s = 0; s < x->count; s++) {
            const struct sp_sibling *p = &x->sibling[s], *q = &y->sibling[s];

            if (sp_dot_cmp(&p->stamp.dot, &q->stamp.dot) != 0 ||
                p->stamp.time != q->stamp.time ||
                p->stamp.user != q->stamp.user ||
                p->stamp.authority != q->stamp.authority ||
                !sp_slice_equal(p->value, q->value)) {
                return false;
            }
        }
    }
    return true;
}

#endif
