/* grant.c - grants as sets of fields: what two have in common, what one shows
 * more than the other (SYNC S5). */
#include "engine.h"

static uint32_t key_of(uint32_t type, uint32_t field)
{
    return type << 16 | field;
}

/* Keeps it sorted; lists mostly come so. */
static void add(struct sp_fields *f, uint32_t key)
{
    uint32_t at = f->count;
    while (at > 0 && f->key[at - 1] > key) {
        at--;
    }
    if (at > 0 && f->key[at - 1] == key) {
        return;
    }
    memmove(&f->key[at + 1], &f->key[at], (f->count - at) * sizeof *f->key);
    f->key[at] = key;
    f->count++;
}

static sp_err read_list(struct sp_slice list, bool deletions,
    struct sp_arena *arena, struct sp_fields *out)
{
    struct sp_rd r;
    struct sp_fields f = { .count = 0 };
    /* Its bytes bound how many fields it can name. */
    f.key = sp_arena_take(arena, list.size + 1u, sizeof *f.key);
    if (f.key == NULL) {
        return SP_E_NOMEM;
    }
    sp_rd_init(&r, list);
    if (sp_rd_peek(&r) == SP_KIND_BOOL) {
        f.everything = sp_rd_bool(&r);
        SP_TRY(sp_rd_done(&r));
        *out = f;
        return SP_OK;
    }
    uint32_t types = sp_rd_array(&r, SP_TYPE_MAX);
    for (uint32_t i = 0; i < types && r.err == SP_OK; i++) {
        sp_rd_array_of(&r, 2);
        uint32_t type = (uint32_t)sp_rd_uint(&r, 0, SP_TYPE_MAX);
        uint32_t fields = sp_rd_array(&r, SP_FIELD_MAX + 1u);
        if (r.err == SP_OK && deletions) {
            add(&f, key_of(type, SP_FIELD_DELETED));
        }
        for (uint32_t k = 0; k < fields && r.err == SP_OK; k++) {
            uint32_t field = (uint32_t)sp_rd_uint(&r, 0, SP_FIELD_MAX);
            if (r.err == SP_OK) {
                add(&f, key_of(type, field));
            }
        }
        if (f.count > SP_ITEMS_MAX) { /* as many as a scope counts sums of */
            return SP_E_TOO_LARGE;
        }
    }
    SP_TRY(sp_rd_done(&r));
    *out = f;
    return SP_OK;
}

sp_err sp_grant_read(
    struct sp_slice grant, struct sp_arena *arena, struct sp_fields *out)
{
    return read_list(grant, true, arena, out);
}

sp_err sp_grant_keys(
    struct sp_slice keys, struct sp_arena *arena, struct sp_fields *out)
{
    return read_list(keys, false, arena, out);
}

bool sp_grant_has(const struct sp_fields *f, uint16_t type, uint16_t field)
{
    uint32_t key = key_of(type, field), low = 0, high = f->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (f->key[mid] < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return f->everything || (low < f->count && f->key[low] == key);
}

bool sp_grant_has_type(const struct sp_fields *f, uint16_t type)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->key[i] >> 16 == type) {
            return true;
        }
    }
    return f->everything;
}

sp_err sp_grant_split(const struct sp_fields *a, const struct sp_fields *b,
    struct sp_arena *arena, struct sp_fields *both, struct sp_fields *more)
{
    *both = *more = (struct sp_fields){ .count = 0 };
    both->key = sp_arena_take(arena, a->count + 1u, sizeof *both->key);
    more->key = sp_arena_take(arena, a->count + 1u, sizeof *more->key);
    if (both->key == NULL || more->key == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        uint16_t type = (uint16_t)(a->key[i] >> 16);
        uint16_t field = (uint16_t)(a->key[i] & 0xffffu);
        struct sp_fields *to = sp_grant_has(b, type, field) ? both : more;
        to->key[to->count++] = a->key[i];
    }
    return SP_OK;
}

static uint32_t run(const struct sp_fields *f, uint32_t from)
{
    uint32_t end = from;
    while (end < f->count && f->key[end] >> 16 == f->key[from] >> 16) {
        end++;
    }
    return end;
}

void sp_grant_write(
    const struct sp_fields *f, bool deletions, struct sp_buf *out)
{
    uint32_t types = 0;
    for (uint32_t i = 0; i < f->count; i = run(f, i)) {
        types++;
    }
    sp_wr_array(out, types);
    for (uint32_t i = 0, end; i < f->count; i = end) {
        end = run(f, i);
        bool first = (f->key[i] & 0xffffu) == SP_FIELD_DELETED && !deletions;
        sp_wr_array(out, 2);
        sp_wr_uint(out, f->key[i] >> 16);
        sp_wr_array(out, end - i - (first ? 1u : 0u));
        for (uint32_t k = i + (first ? 1u : 0u); k < end; k++) {
            sp_wr_uint(out, f->key[k] & 0xffffu);
        }
    }
}
