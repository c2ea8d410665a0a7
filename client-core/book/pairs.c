#include "book/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "sp/seal.h"

#include "book/phone.h"

#define HASH_START 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u
#define PHONE_TURN 0x9e3779b97f4a7c15u /* apart from those of names */

uint64_t cc_pairs_hash(struct sp_slice bytes)
{
    uint64_t h = HASH_START;

    for (size_t i = 0; i < bytes.size; i++) {
        h = (h ^ bytes.data[i]) * HASH_PRIME;
    }
    return h;
}

/* ---- keys ---------------------------------------------------------------- */

uint64_t cc_pairs_name_key(struct sp_slice folded)
{
    size_t characters;
    uint64_t hash = cc_duplicate_hash(folded, &characters);

    return characters > 1 ? hash : 0;
}

uint64_t cc_pairs_phone_key(struct sp_slice number)
{
    char key[CC_PHONE_KEY_BYTES];
    size_t size = cc_phone_key(number, key);

    return size == 0
               ? 0
               : (cc_pairs_hash(sp_slice_of(key, size)) ^ PHONE_TURN) | 1u;
}

static uint64_t *filter_word(
    const struct cc_pairs *p, uint64_t hash, uint64_t *bit)
{
    uint64_t at = (hash >> 8) % (CC_PAIRS_FILTER_WORDS * 64u);

    *bit = 1ull << (at % 64);
    return &p->filter[at / 64];
}

bool cc_pairs_wants(const struct cc_pairs *p, uint64_t hash)
{
    uint64_t bit;

    return hash != 0 &&
           (p->filter == NULL || (*filter_word(p, hash, &bit) & bit) != 0);
}

sp_err cc_pairs_since(struct cc_pairs *p, uint32_t at)
{
    p->since = at;
    p->filter = (uint64_t *)sp_arena_take(
        p->arena, CC_PAIRS_FILTER_WORDS, sizeof(*p->filter));
    if (p->filter == NULL) {
        return SP_E_NOMEM;
    }
    memset(p->filter, 0, CC_PAIRS_FILTER_WORDS * sizeof(*p->filter));
    return SP_OK;
}

sp_err cc_pairs_add(struct cc_pairs *p, uint32_t at,
    enum cc_duplicate_reason reason, uint64_t hash)
{
    if (hash != 0 && p->filter != NULL && at >= p->since) {
        uint64_t bit, *word = filter_word(p, hash, &bit);
        *word |= bit;
    }
    if (!cc_pairs_wants(p, hash)) {
        return SP_OK;
    }
    p->key = (struct cc_pairs_key *)sp_arena_grow(
        p->arena, p->key, p->keys, sizeof(*p->key));
    if (p->key == NULL) {
        return SP_E_NOMEM;
    }
    p->key[p->keys++] = (struct cc_pairs_key){ hash, at, (uint32_t)reason };
    return SP_OK;
}

/* ---- who was told apart -------------------------------------------------- */

static uint64_t two(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

sp_err cc_pairs_apart(struct cc_pairs *p, uint32_t a, uint32_t b)
{
    p->apart = (uint64_t *)sp_arena_grow(
        p->arena, p->apart, p->aparts, sizeof(*p->apart));
    if (p->apart == NULL) {
        return SP_E_NOMEM;
    }
    p->apart[p->aparts++] = two(a, b);
    return SP_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;

    return (*x > *y) - (*x < *y);
}

bool cc_pairs_are_two(const struct cc_pairs *p, uint32_t a, uint32_t b)
{
    uint64_t key = two(a, b);

    return p->aparts > 0 && bsearch(&key, p->apart, p->aparts,
                                sizeof(*p->apart), by_number) != NULL;
}

/* ---- pairs --------------------------------------------------------------- */

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

/* The oldest of key[first..i) that this one may be; false: none. */
static bool oldest_of(
    const struct cc_pairs *p, size_t first, size_t i, uint32_t *out)
{
    uint32_t at = p->key[i].at;

    /* Passed over are only those that somebody named: as many as answers. */
    while (first < i && cc_pairs_are_two(p, p->key[first].at, at)) {
        first++;
    }
    *out = p->key[first].at;
    return *out != at;
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
    if (p->aparts > 0) {
        qsort(p->apart, p->aparts, sizeof(*p->apart), by_number);
    }
    for (size_t i = 1; i < p->keys; i++) {
        const struct cc_pairs_key *k = &p->key[i];
        uint32_t older;
        if (k->hash != p->key[first].hash) {
            first = i;
        } else if (k->at >= p->since && oldest_of(p, first, i, &older)) {
            pair[n++] = (struct cc_pair){ older, k->at, k->reason };
        }
    }
    if (n > 0) {
        qsort(pair, n, sizeof(*pair), by_newer);
    }
    *out = pair;
    *count = once(pair, n);
    return SP_OK;
}

/* ---- what people say ----------------------------------------------------- */

enum cc_pairs_word cc_pairs_read(
    const struct cc_value_of *of, struct sp_id *a, struct sp_id *b)
{
    struct sp_id one, other;
    bool cleared = cc_value_ts(of, "cleared") != 0;

    if (cc_value_deleted(of) || !cc_value_is(of, "kind", "duplicate") ||
        (cleared && cc_value_text(of, "remark").size == 0) ||
        !cc_value_ref(of, "account", &one) ||
        !cc_value_ref(of, "other", &other)) {
        return CC_PAIRS_SILENT;
    }
    *a = one;
    *b = other;
    return cleared ? CC_PAIRS_TWO : CC_PAIRS_ASKED;
}

struct sp_id cc_pairs_issue(
    const struct sp_id *newer, const struct sp_id *older)
{
    static const char domain[] = "satchel-pair";
    uint8_t digest[16];
    struct sp_hasher h;

    sp_hasher_init(&h, sizeof(digest), NULL);
    sp_hasher_add(&h, domain, sizeof(domain));
    sp_hasher_add(&h, newer->b, sizeof(newer->b));
    sp_hasher_add(&h, older->b, sizeof(older->b));
    sp_hasher_end(&h, digest, sizeof(digest));
    return sp_id_make(sp_id_time_ms(newer), digest);
}
