#include "api/pair.h"

#include <stdlib.h>
#include <string.h>

#include "book/search.h"

#include "api/select.h"

#define HEADS    8192u
#define KEYS_MAX 16384u

/* A name or a telephone of one of the newest. */
struct key {
    uint64_t hash;
    uint32_t at;   /* in newest */
    uint32_t next; /* of the same head; 0: the last */
};

struct look {
    const struct cc_index *index, *people;
    const struct cc_entry *newest[CC_PAIR_NEW_MAX]; /* in the order of ids */
    size_t count;
    uint32_t head[HEADS]; /* place in key; 0: none */
    struct key key[KEYS_MAX];
    uint32_t keys; /* key[0] is not used */
    struct cc_pair_list *out;
};

/* ---- telephones ---------------------------------------------------------- */

static void add_phone(struct cc_pair_phones *phones,
    struct cc_duplicate_card *out, struct sp_slice text)
{
    char *key = phones->key[out->phones];

    if (out->phones == CC_DUPLICATE_PHONES_MAX ||
        cc_phone_key(text, key) == 0) {
        return;
    }
    for (size_t i = 0; i < out->phones; i++) {
        if (strcmp(out->phone[i], key) == 0) {
            return;
        }
    }
    out->phone[out->phones++] = key;
}

void cc_pair_phones(const struct cc_index *x, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out)
{
    const char *hay = cc_index_text(x, e->hay);

    out->phones = 0;
    add_phone(phones, out, sp_slice_text(cc_index_text(x, e->phone)));
    while (*hay != '\0') {
        size_t size = strcspn(hay + 1, "\n");

        if (*hay == CC_SEARCH_PHONE) {
            add_phone(phones, out, sp_slice_of(hay + 1, size));
        }
        hay += size + 2;
    }
}

static uint64_t phone_hash(const char *key)
{
    uint64_t hash = 0x9e3779b97f4a7c15u; /* apart from those of names */

    for (; *key != '\0'; key++) {
        hash = (hash ^ (uint8_t)*key) * 0x100000001b3u;
    }
    return hash | 1u;
}

/* ---- the newest ---------------------------------------------------------- */

static bool stands(const struct cc_index *x, const struct cc_entry *e)
{
    return !e->deleted && cc_index_survivor(x, e) == e;
}

static uint64_t name_hash(const struct look *l, const struct cc_entry *e)
{
    return cc_duplicate_hash(sp_slice_text(cc_index_text(l->index, e->folded)));
}

/* Entries are in the order of ids, which is that of their making. */
static void take_newest(struct look *l, uint64_t since_ms)
{
    for (size_t i = l->index->count; i > 0 && l->count < CC_PAIR_NEW_MAX; i--) {
        const struct cc_entry *e = &l->index->entry[i - 1];

        if (sp_id_time_ms(&e->id) < since_ms) {
            return;
        }
        if (stands(l->index, e)) {
            l->newest[l->count++] = e;
        }
    }
}

static void put(struct look *l, uint64_t hash, uint32_t at)
{
    uint32_t *head = &l->head[hash % HEADS];

    if (hash != 0 && l->keys + 1 < KEYS_MAX) {
        l->key[++l->keys] = (struct key){ hash, at, *head };
        *head = l->keys;
    }
}

static void put_entry(struct look *l, const struct cc_index *x,
    const struct cc_entry *e, uint32_t at)
{
    struct cc_pair_phones phones;
    struct cc_duplicate_card c;

    cc_pair_phones(x, e, &phones, &c);
    for (size_t i = 0; i < c.phones; i++) {
        put(l, phone_hash(c.phone[i]), at);
    }
}

static int by_id(const void *a, const void *b)
{
    const struct cc_entry *const *x = (const struct cc_entry *const *)a;
    const struct cc_entry *const *y = (const struct cc_entry *const *)b;

    return sp_id_cmp(&(*x)->id, &(*y)->id);
}

/* The place of an account among the newest; UINT32_MAX. */
static uint32_t find_newest(const struct look *l, const struct sp_id *account)
{
    size_t low = 0, high = l->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sp_id_cmp(&l->newest[middle]->id, account);

        if (order == 0) {
            return (uint32_t)middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return UINT32_MAX;
}

static void put_newest(struct look *l)
{
    qsort(l->newest, l->count, sizeof(*l->newest), by_id);
    for (size_t i = 0; i < l->count; i++) {
        const struct cc_entry *e = l->newest[i];

        put(l, name_hash(l, e), (uint32_t)i);
        put_entry(l, l->index, e, (uint32_t)i);
    }
    for (size_t i = 0; l->people != NULL && i < l->people->count; i++) {
        const struct cc_entry *p = &l->people->entry[i];
        uint32_t at = p->deleted ? UINT32_MAX : find_newest(l, &p->parent);

        if (at != UINT32_MAX) {
            put_entry(l, l->people, p, at);
        }
    }
}

/* ---- the others ---------------------------------------------------------- */

static void card_of(const struct look *l, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out)
{
    cc_pair_phones(l->index, e, phones, out);
    out->name = sp_slice_text(cc_index_text(l->index, e->folded));
    out->placed = e->placed;
    out->place = (struct cc_geo){ e->latitude, e->longitude };
}

static struct cc_pair_found *pair_of(
    struct look *l, const struct cc_entry *x, const struct cc_entry *y)
{
    bool first = sp_id_cmp(&x->id, &y->id) < 0;
    const struct sp_id *a = first ? &x->id : &y->id;
    const struct sp_id *b = first ? &y->id : &x->id;
    struct cc_pair_found *p;

    for (size_t i = 0; i < l->out->count; i++) {
        p = &l->out->pair[i];
        if (sp_id_equal(&p->a, a) && sp_id_equal(&p->b, b)) {
            return p;
        }
    }
    if (l->out->count == CC_PAIR_MAX) {
        return NULL;
    }
    p = &l->out->pair[l->out->count++];
    *p = (struct cc_pair_found){ .a = *a, .b = *b };
    return p;
}

/* The table says that they have a name or a telephone in common, or their
 * hashes; what they really have is compared. */
static void compare(struct look *l, const struct cc_entry *x,
    const struct cc_entry *y, bool by_phone)
{
    struct cc_pair_phones phones[2];
    struct cc_duplicate_card card[2];
    struct cc_duplicate reason;
    struct cc_pair_found *p;

    card_of(l, x, &phones[0], &card[0]);
    card_of(l, y, &phones[1], &card[1]);
    (void)cc_duplicate_compare(&card[0], &card[1], &reason);
    if (by_phone && (reason.reasons & CC_DUPLICATE_PHONE) == 0) {
        reason.reasons |= CC_DUPLICATE_PHONE; /* a contact's */
        reason.score += 4;
    }
    if ((reason.reasons & (CC_DUPLICATE_PHONE | CC_DUPLICATE_NAME)) == 0) {
        return;
    }
    p = pair_of(l, x, y);
    if (p != NULL && reason.score > p->reason.score) {
        p->reason = reason;
    }
}

/* The account of an entry; NULL: it has none that stands. Looked up only
 * when there is something to compare. */
static const struct cc_entry *account_of(
    const struct look *l, const struct cc_index *x, const struct cc_entry *e)
{
    e = x == l->index ? e : cc_index_find(l->index, &e->parent);
    e = e == NULL ? NULL : cc_index_survivor(l->index, e);
    return e == NULL || e->deleted ? NULL : e;
}

static void meet(struct look *l, uint64_t hash, const struct cc_index *x,
    const struct cc_entry *e, bool by_phone)
{
    uint32_t i = hash == 0 ? 0 : l->head[hash % HEADS];

    for (; i != 0 && l->out->count < CC_PAIR_MAX; i = l->key[i].next) {
        const struct cc_entry *account =
            l->key[i].hash == hash ? account_of(l, x, e) : NULL;

        if (account != NULL && l->newest[l->key[i].at] != account) {
            compare(l, l->newest[l->key[i].at], account, by_phone);
        }
    }
}

static void meet_all(struct look *l, const struct cc_index *x)
{
    for (size_t i = 0; i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];
        struct cc_pair_phones phones;
        struct cc_duplicate_card c;

        if (e->deleted) {
            continue;
        }
        if (x == l->index) {
            meet(l, name_hash(l, e), x, e, false);
        }
        cc_pair_phones(x, e, &phones, &c);
        for (size_t k = 0; k < c.phones; k++) {
            meet(l, phone_hash(c.phone[k]), x, e, true);
        }
    }
}

sp_err cc_pair_find(
    struct cc_call *c, uint64_t since_ms, struct cc_pair_list *out)
{
    const struct sp_entity *account;
    struct look *l = (struct look *)calloc(1, sizeof(*l));
    sp_err err =
        l == NULL ? SP_E_NOMEM : cc_call_entity(c, "account", &account);

    out->count = 0;
    if (err == SP_OK) {
        l->out = out;
        err = cc_replica_index(&c->s->replica, &c->tx, account, &l->index);
    }
    if (err == SP_OK) {
        take_newest(l, since_ms);
    }
    if (err == SP_OK && l->count > 0) {
        err = cc_select_people(c, account, &l->people);
    }
    if (err == SP_OK && l->count > 0) {
        put_newest(l);
        meet_all(l, l->index);
        if (l->people != NULL) {
            meet_all(l, l->people);
        }
    }
    free(l);
    return err;
}
