/* vector.c - which replica has seen what. */
#include "sp/vector.h"

#include <string.h>

#include "sp/limits.h"

enum sp_order sp_vector_cmp(
    const struct sp_vector *a, const struct sp_vector *b)
{
    bool a_ahead = false, b_ahead = false;
    uint32_t i = 0, j = 0;

    while (i < a->count || j < b->count) {
        if (j == b->count ||
            (i < a->count && a->dot[i].replica < b->dot[j].replica)) {
            a_ahead = true; /* b has never heard of this replica */
            i++;
        } else if (i == a->count || b->dot[j].replica < a->dot[i].replica) {
            b_ahead = true;
            j++;
        } else {
            a_ahead = a_ahead || a->dot[i].counter > b->dot[j].counter;
            b_ahead = b_ahead || b->dot[j].counter > a->dot[i].counter;
            i++;
            j++;
        }
    }
    if (a_ahead && b_ahead) {
        return SP_CONCURRENT;
    }
    return a_ahead ? SP_AFTER : b_ahead ? SP_BEFORE : SP_EQUAL;
}

/* Index of the first dot whose replica is not below this one. */
static uint32_t place_of(const struct sp_vector *v, sp_replica replica)
{
    uint32_t low = 0, high = v->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (v->dot[middle].replica < replica) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t sp_vector_get(const struct sp_vector *v, sp_replica replica)
{
    uint32_t i = place_of(v, replica);

    return i < v->count && v->dot[i].replica == replica ? v->dot[i].counter : 0;
}

bool sp_vector_covers(const struct sp_vector *v, struct sp_dot dot)
{
    return sp_vector_get(v, dot.replica) >= dot.counter;
}

/* Replicas that either names. */
static uint32_t count_union(
    const struct sp_vector *a, const struct sp_vector *b)
{
    uint32_t i = 0, j = 0, count = 0;

    while (i < a->count && j < b->count) {
        sp_replica x = a->dot[i].replica, y = b->dot[j].replica;

        i += x <= y;
        j += y <= x;
        count++;
    }
    return count + (a->count - i) + (b->count - j);
}

static void fill_union(
    const struct sp_vector *a, const struct sp_vector *b, struct sp_dot *out)
{
    uint32_t i = 0, j = 0;

    while (i < a->count || j < b->count) {
        if (j == b->count ||
            (i < a->count && a->dot[i].replica < b->dot[j].replica)) {
            *out++ = a->dot[i++];
        } else if (i == a->count || b->dot[j].replica < a->dot[i].replica) {
            *out++ = b->dot[j++];
        } else {
            *out++ =
                a->dot[i].counter > b->dot[j].counter ? a->dot[i] : b->dot[j];
            i++;
            j++;
        }
    }
}

sp_err sp_vector_join(const struct sp_vector *a, const struct sp_vector *b,
    struct sp_arena *arena, struct sp_vector *out)
{
    enum sp_order order = sp_vector_cmp(a, b);
    struct sp_dot *dot;
    uint32_t count;

    if (order != SP_CONCURRENT) {
        *out = order == SP_BEFORE ? *b : *a;
        return SP_OK;
    }
    count = count_union(a, b);
    if (count > SP_VECTOR_DOTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    dot = sp_arena_take(arena, count, sizeof *dot);
    if (dot == NULL) {
        return SP_E_NOMEM;
    }
    fill_union(a, b, dot);
    *out = (struct sp_vector){ count, dot };
    return SP_OK;
}

sp_err sp_vector_add(const struct sp_vector *v, struct sp_dot dot,
    struct sp_arena *arena, struct sp_vector *out)
{
    uint32_t at = place_of(v, dot.replica);
    bool named = at < v->count && v->dot[at].replica == dot.replica;
    uint32_t count = v->count + !named;
    struct sp_dot *copy;

    if (named && v->dot[at].counter >= dot.counter) {
        *out = *v;
        return SP_OK;
    }
    if (count > SP_VECTOR_DOTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    copy = sp_arena_take(arena, count, sizeof *copy);
    if (copy == NULL) {
        return SP_E_NOMEM;
    }
    if (v->count > 0) {
        uint32_t after = v->count - at - named;

        memcpy(copy, v->dot, at * sizeof *copy);
        memcpy(copy + at + 1, v->dot + at + named, after * sizeof *copy);
    }
    copy[at] = dot;
    *out = (struct sp_vector){ count, copy };
    return SP_OK;
}

bool sp_vector_valid(const struct sp_vector *v)
{
    if (v->count > SP_VECTOR_DOTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < v->count; i++) {
        sp_replica before = i == 0 ? 0 : v->dot[i - 1].replica;

        if (v->dot[i].replica <= before || v->dot[i].counter == 0 ||
            v->dot[i].counter > SP_COUNTER_MAX) {
            return false;
        }
    }
    return true;
}
