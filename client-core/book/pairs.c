#include "book/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "book/phone.h"
#include "book/utf8.h"

#define HASH_START 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u

static uint64_t hash_bytes(uint64_t h, const void *data, size_t size)
{
    const uint8_t *p = (const uint8_t *)data;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ p[i]) * HASH_PRIME;
    }
    return h;
}

uint64_t cc_pairs_hash(struct sp_slice bytes)
{
    return hash_bytes(HASH_START, bytes.data, bytes.size);
}

static sp_err add(
    struct cc_pairs *p, uint32_t at, enum cc_pairs_reason reason, uint64_t hash)
{
    p->key = (struct cc_pairs_key *)sp_arena_grow(
        p->arena, p->key, p->keys, sizeof(*p->key));
    if (p->key == NULL) {
        return SP_E_NOMEM;
    }
    p->key[p->keys++] = (struct cc_pairs_key){ hash, at, (uint32_t)reason };
    return SP_OK;
}

/* Blanks and signs of a folded text do not tell two names apart. */
static bool counts(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c >= 0x80 && c != 0xb7 && c != CC_UTF8_NONE);
}

sp_err cc_pairs_name(struct cc_pairs *p, uint32_t at, struct sp_slice folded)
{
    uint64_t h = hash_bytes(HASH_START, "name", 4);
    size_t characters = 0;

    while (folded.size > 0) {
        uint32_t c;
        size_t n = cc_utf8_take(folded.data, folded.size, &c);
        if (counts(c)) {
            h = hash_bytes(h, folded.data, n);
            characters++;
        }
        folded.data += n;
        folded.size -= n;
    }
    return characters > 1 ? add(p, at, CC_PAIRS_NAME, h) : SP_OK;
}

sp_err cc_pairs_phone(struct cc_pairs *p, uint32_t at, struct sp_slice number)
{
    char key[CC_PHONE_KEY_BYTES];
    size_t size = cc_phone_key(number, key);

    return size == 0
               ? SP_OK
               : add(p, at, CC_PAIRS_PHONE,
                     hash_bytes(hash_bytes(HASH_START, "phone", 5), key, size));
}

static int by_hash(const void *a, const void *b)
{
    const struct cc_pairs_key *x = (const struct cc_pairs_key *)a;
    const struct cc_pairs_key *y = (const struct cc_pairs_key *)b;

    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : (x->at > y->at) - (x->at < y->at);
}

static int by_newer(const void *a, const void *b)
{
    const struct cc_pair *x = (const struct cc_pair *)a;
    const struct cc_pair *y = (const struct cc_pair *)b;

    return x->newer != y->newer ? (x->newer > y->newer) - (x->newer < y->newer)
                                : (x->older > y->older) - (x->older < y->older);
}

/* One pair of a name and a telephone is one pair. */
static size_t once(struct cc_pair *pair, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (n > 0 && pair[n - 1].newer == pair[i].newer &&
            pair[n - 1].older == pair[i].older) {
            pair[n - 1].reasons |= pair[i].reasons;
        } else {
            pair[n++] = pair[i];
        }
    }
    return n;
}

sp_err cc_pairs_find(struct cc_pairs *p, struct cc_pair **out, size_t *count)
{
    struct cc_pair *pair =
        (struct cc_pair *)sp_arena_take(p->arena, p->keys + 1u, sizeof(*pair));
    size_t n = 0, first = 0;

    if (pair == NULL) {
        return SP_E_NOMEM;
    }
    if (p->keys > 0) {
        qsort(p->key, p->keys, sizeof(*p->key), by_hash);
    }
    for (size_t i = 1; i < p->keys; i++) {
        const struct cc_pairs_key *k = &p->key[i];
        if (k->hash != p->key[first].hash) {
            first = i;
        } else if (k->at != p->key[i - 1].at) {
            pair[n++] = (struct cc_pair){ p->key[first].at, k->at, k->reason };
        }
    }
    if (n > 0) {
        qsort(pair, n, sizeof(*pair), by_newer);
    }
    *out = pair;
    *count = once(pair, n);
    return SP_OK;
}
