/* record.c - records: keys, digest, filter. */
#include "sp/record.h"

#include "sp/seal.h"

int sp_key_cmp(const struct sp_key *a, const struct sp_key *b)
{
    if (a->field != b->field) {
        return a->field < b->field ? -1 : 1;
    }
    return sp_slice_cmp(a->element, b->element);
}

/* Index of the first register whose key is not below this one. */
static uint32_t place_of(const struct sp_record *r, const struct sp_key *key)
{
    uint32_t low = 0, high = r->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (sp_key_cmp(&r->reg[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct sp_register *sp_record_find(
    const struct sp_record *r, uint16_t field, struct sp_slice element)
{
    struct sp_key key = { field, element };
    uint32_t i = place_of(r, &key);

    return i < r->count && sp_key_cmp(&r->reg[i].key, &key) == 0 ? &r->reg[i]
                                                                 : NULL;
}

const struct sp_register *sp_record_field(
    const struct sp_record *r, uint16_t field)
{
    struct sp_key key = { field, { NULL, 0 } };
    uint32_t i = place_of(r, &key);

    return i < r->count && r->reg[i].key.field == field ? &r->reg[i] : NULL;
}

static void hash_register(struct sp_hasher *h, const struct sp_register *g)
{
    uint8_t bytes[16];

    sp_set_u16be(bytes, g->key.field);
    bytes[2] = (uint8_t)g->key.element.size;
    sp_hasher_add(h, bytes, 3);
    sp_hasher_add(h, g->key.element.data, g->key.element.size);
    sp_set_u16be(bytes, (uint16_t)g->count);
    sp_hasher_add(h, bytes, 2);
    for (uint32_t i = 0; i < g->count; i++) {
        sp_set_u64be(bytes, g->sibling[i].stamp.dot.replica);
        sp_set_u64be(bytes + 8, g->sibling[i].stamp.dot.counter);
        sp_hasher_add(h, bytes, 16);
    }
}

void sp_record_digest(const struct sp_record *r,
    bool (*keep)(const void *arg, uint16_t field), const void *arg,
    uint8_t out[16])
{
    struct sp_hasher h;
    uint8_t type[2];

    sp_set_u16be(type, r->ref.type);
    sp_hasher_init(&h, 16, NULL);
    sp_hasher_add(&h, type, sizeof type);
    sp_hasher_add(&h, r->ref.id.b, sizeof r->ref.id.b);
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *g = &r->reg[i];

        /* One without siblings shows nothing, just as one that is absent. */
        if (g->count > 0 && (keep == NULL || keep(arg, g->key.field))) {
            hash_register(&h, g);
        }
    }
    sp_hasher_end(&h, out, 16);
}

sp_err sp_record_filter(const struct sp_record *r,
    bool (*keep)(const void *arg, uint16_t field), const void *arg,
    struct sp_arena *arena, struct sp_record *out)
{
    struct sp_register *reg = sp_arena_take(arena, r->count, sizeof *reg);
    uint32_t count = 0;

    if (reg == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        if (keep(arg, r->reg[i].key.field)) {
            reg[count++] = r->reg[i];
        }
    }
    *out = (struct sp_record){ r->ref, count, reg };
    return SP_OK;
}
