#include "ctl/keys.h"

#include <stdlib.h>
#include <string.h>

#include "sp/seal.h"

#define FIRST_SLOTS 1024u

struct slot {
    struct sv_keys_hash hash;
    uint32_t line; /* plus one; 0: the slot is free */
};

/* At all times: slots is a power of two, at most 7/8 of them used. */
struct sv_keys {
    bool ids;
    size_t slots, used;
    struct slot *slot;
    struct sp_id *id;
};

static bool make_room(struct sv_keys *k, size_t slots)
{
    struct slot *slot = calloc(slots, sizeof *slot);
    struct sp_id *id = k->ids ? calloc(slots, sizeof *id) : NULL;
    if (slot == NULL || (k->ids && id == NULL)) {
        free(slot);
        free(id);
        return false;
    }
    free(k->slot);
    free(k->id);
    k->slot = slot;
    k->id = id;
    k->slots = slots;
    return true;
}

struct sv_keys *sv_keys_new(bool ids)
{
    struct sv_keys *k = calloc(1, sizeof *k);
    if (k != NULL) {
        k->ids = ids;
        if (!make_room(k, FIRST_SLOTS)) {
            free(k);
            k = NULL;
        }
    }
    return k;
}

void sv_keys_free(struct sv_keys *k)
{
    if (k != NULL) {
        free(k->slot);
        free(k->id);
    }
    free(k);
}

struct sv_keys_hash sv_keys_hash(struct sp_slice value)
{
    struct sv_keys_hash out;
    struct sp_hasher h;
    sp_hasher_init(&h, 16, NULL);
    sp_hasher_add(&h, value.data, value.size);
    uint8_t whole[16];
    sp_hasher_end(&h, whole, sizeof whole);
    memcpy(out.b, whole, sizeof out.b);
    return out;
}

/* Where a key is, or the free slot where it would be. */
static size_t find(const struct sv_keys *k, const struct sv_keys_hash *hash)
{
    size_t at = (size_t)sp_get_u64be(hash->b) & (k->slots - 1);
    while (k->slot[at].line != 0 &&
           memcmp(k->slot[at].hash.b, hash->b, sizeof hash->b) != 0) {
        at = (at + 1) & (k->slots - 1);
    }
    return at;
}

static bool grow(struct sv_keys *k)
{
    struct slot *slot = k->slot;
    struct sp_id *id = k->id;
    size_t slots = k->slots;
    k->slot = NULL;
    k->id = NULL;
    if (!make_room(k, slots * 2)) {
        k->slot = slot;
        k->id = id;
        return false;
    }
    for (size_t i = 0; i < slots; i++) {
        if (slot[i].line != 0) {
            size_t at = find(k, &slot[i].hash);
            k->slot[at] = slot[i];
            if (id != NULL) {
                k->id[at] = id[i];
            }
        }
    }
    free(slot);
    free(id);
    return true;
}

sp_err sv_keys_put(struct sv_keys *k, const struct sv_keys_hash *hash,
    uint32_t line, const struct sp_id *id)
{
    size_t at = find(k, hash);
    if (k->slot[at].line != 0) {
        return SP_E_EXISTS;
    }
    if (k->used == SV_KEYS_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (k->used + 1 > k->slots / 8 * 7) {
        if (!grow(k)) {
            return SP_E_NOMEM;
        }
        at = find(k, hash);
    }
    k->slot[at] = (struct slot){ *hash, line + 1 };
    if (k->ids) {
        k->id[at] = *id;
    }
    k->used++;
    return SP_OK;
}

bool sv_keys_get(const struct sv_keys *k, const struct sv_keys_hash *hash,
    uint32_t *line, struct sp_id *id)
{
    size_t at = find(k, hash);
    if (k->slot[at].line == 0) {
        return false;
    }
    if (line != NULL) {
        *line = k->slot[at].line - 1;
    }
    if (id != NULL) {
        *id = k->id[at];
    }
    return true;
}
