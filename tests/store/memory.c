#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define LENT_MAX  64u  /* the port's promise */
#define DEPTH_MAX 192u /* a treap of 2^32 entries stays far below */

/* One key with its value, shared by all nodes that stand for it. */
struct entry {
    uint32_t refs;
    uint32_t key_bytes;
    size_t value_bytes;
    uint8_t bytes[]; /* key, value */
};

/* At all times: keys of left < own key < keys of right, and no child has a
 * higher rank. A node with refs > 1 is never changed. */
struct node {
    uint32_t refs;
    uint32_t rank;
    struct entry *entry;
    struct node *left;
    struct node *right;
};

struct state {
    struct node *root[SP_T_COUNT];
    uint64_t count[SP_T_COUNT];
};

struct mem_store {
    struct state now; /* committed */
    struct sp_txn *open;
    struct sp_txn *writer;
    uint64_t calls;
    uint64_t commits;
    uint64_t rank_seed;
    uint64_t fail_at; /* number of the call; 0: no plan */
    struct mem_fault fault;
    bool failed;
};

struct sp_txn {
    struct mem_store *store;
    struct sp_txn *next;
    struct state at;
    bool write;
    unsigned walking;
    void *lent[LENT_MAX]; /* what the caller may still look at */
    unsigned lent_next;
};

static void *must(void *p)
{
    SP_ASSERT(p != NULL);
    return p;
}

/* ---- entries and nodes ------------------------------------------------- */

static struct sp_slice key_of(const struct entry *e)
{
    return (struct sp_slice){ e->bytes, e->key_bytes };
}

static struct sp_slice value_of(const struct entry *e)
{
    return (struct sp_slice){ e->bytes + e->key_bytes, e->value_bytes };
}

static struct entry *entry_new(struct sp_slice key, struct sp_slice value)
{
    struct entry *e = must(malloc(sizeof *e + key.size + value.size));

    e->refs = 1;
    e->key_bytes = (uint32_t)key.size;
    e->value_bytes = value.size;
    if (key.size > 0) {
        memcpy(e->bytes, key.data, key.size);
    }
    if (value.size > 0) {
        memcpy(e->bytes + key.size, value.data, value.size);
    }
    return e;
}

static void entry_drop(struct entry *e)
{
    if (--e->refs == 0) {
        free(e);
    }
}

static void node_keep(struct node *n)
{
    if (n != NULL) {
        n->refs++;
    }
}

/* Recursion is as deep as the treap: logarithmic. */
static void node_drop(struct node *n)
{
    while (n != NULL && --n->refs == 0) {
        struct node *right = n->right;
        node_drop(n->left);
        entry_drop(n->entry);
        free(n);
        n = right;
    }
}

/* Takes the caller's reference, gives back one that nobody shares. */
static struct node *own(struct node *n)
{
    struct node *copy;

    if (n->refs == 1) {
        return n;
    }
    copy = must(malloc(sizeof *copy));
    *copy = *n;
    copy->refs = 1;
    copy->entry->refs++;
    node_keep(copy->left);
    node_keep(copy->right);
    n->refs--;
    return copy;
}

static struct entry *find(const struct node *n, struct sp_slice key)
{
    while (n != NULL) {
        int order = sp_slice_cmp(key, key_of(n->entry));
        if (order == 0) {
            return n->entry;
        }
        n = order < 0 ? n->left : n->right;
    }
    return NULL;
}

/* Parts n at a key that it does not hold. */
static void split(struct node *n, struct sp_slice key, struct node **left,
    struct node **right)
{
    while (n != NULL) {
        n = own(n);
        if (sp_slice_cmp(key_of(n->entry), key) < 0) {
            *left = n;
            left = &n->right;
            n = n->right;
        } else {
            *right = n;
            right = &n->left;
            n = n->left;
        }
    }
    *left = NULL;
    *right = NULL;
}

/* Joins two treaps, all keys of left below those of right, into *at. */
static void join(struct node **at, struct node *left, struct node *right)
{
    while (left != NULL && right != NULL) {
        if (left->rank >= right->rank) {
            left = own(left);
            *at = left;
            at = &left->right;
            left = left->right;
        } else {
            right = own(right);
            *at = right;
            at = &right->left;
            right = right->left;
        }
    }
    *at = left != NULL ? left : right;
}

/* The link to the node that holds key, which must be there; the whole way to
 * it is made ours. */
static struct node **own_path(struct node **at, struct sp_slice key)
{
    for (;;) {
        int order;
        SP_ASSERT(*at != NULL);
        *at = own(*at);
        order = sp_slice_cmp(key, key_of((*at)->entry));
        if (order == 0) {
            return at;
        }
        at = order < 0 ? &(*at)->left : &(*at)->right;
    }
}

static void replace(struct node **root, struct entry *e)
{
    struct node **at = own_path(root, key_of(e));

    entry_drop((*at)->entry);
    (*at)->entry = e;
}

static void insert(struct node **root, struct entry *e, uint32_t rank)
{
    struct node **at = root;
    struct node *fresh = must(malloc(sizeof *fresh));

    while (*at != NULL && (*at)->rank >= rank) {
        *at = own(*at);
        at = sp_slice_cmp(key_of(e), key_of((*at)->entry)) < 0 ? &(*at)->left
                                                               : &(*at)->right;
    }
    fresh->refs = 1;
    fresh->rank = rank;
    fresh->entry = e;
    split(*at, key_of(e), &fresh->left, &fresh->right);
    *at = fresh;
}

static void cut(struct node **root, struct sp_slice key)
{
    struct node **at = own_path(root, key);
    struct node *gone = *at;

    join(at, gone->left, gone->right);
    entry_drop(gone->entry);
    free(gone);
}

/* The first entry at or behind from, or the last at or before it. */
static const struct entry *nearest(
    const struct node *n, struct sp_slice from, bool backward)
{
    const struct entry *best = NULL;
    bool any = from.size == 0;

    while (n != NULL) {
        int order =
            any ? (backward ? -1 : 1) : sp_slice_cmp(key_of(n->entry), from);
        if (order == 0) {
            return n->entry;
        }
        if (backward ? order < 0 : order > 0) {
            best = n->entry;
        }
        n = order < 0 ? n->right : n->left;
    }
    return best;
}

/* ---- states ------------------------------------------------------------ */

static void state_keep(const struct state *s)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        node_keep(s->root[t]);
    }
}

static void state_drop(const struct state *s)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        node_drop(s->root[t]);
    }
}

static void state_set(struct state *s, const struct state *to)
{
    struct state old = *s;

    state_keep(to);
    *s = *to;
    state_drop(&old);
}

/* A way through one treap in key order. */
struct path {
    const struct node *node[DEPTH_MAX];
    unsigned depth;
};

static void path_down(struct path *p, const struct node *n)
{
    for (; n != NULL; n = n->left) {
        SP_ASSERT(p->depth < DEPTH_MAX);
        p->node[p->depth++] = n;
    }
}

static void path_seek(
    struct path *p, const struct node *n, struct sp_slice from)
{
    p->depth = 0;
    while (n != NULL) {
        if (sp_slice_cmp(key_of(n->entry), from) < 0) {
            n = n->right;
        } else {
            SP_ASSERT(p->depth < DEPTH_MAX);
            p->node[p->depth++] = n;
            n = n->left;
        }
    }
}

static const struct entry *path_next(struct path *p)
{
    const struct node *n;

    if (p->depth == 0) {
        return NULL;
    }
    n = p->node[--p->depth];
    path_down(p, n->right);
    return n->entry;
}

static bool same_table(const struct node *a, const struct node *b)
{
    struct path pa = { .depth = 0 }, pb = { .depth = 0 };
    const struct entry *ea, *eb;

    if (a == b) {
        return true;
    }
    path_down(&pa, a);
    path_down(&pb, b);
    do {
        ea = path_next(&pa);
        eb = path_next(&pb);
        if (ea == NULL || eb == NULL) {
            return ea == eb;
        }
    } while (ea == eb || (sp_slice_equal(key_of(ea), key_of(eb)) &&
                             sp_slice_equal(value_of(ea), value_of(eb))));
    return false;
}

/* ---- lending ----------------------------------------------------------- */

/* Copies what goes to the caller, and takes back what is 64 copies old. */
static struct sp_slice lend(struct sp_txn *txn, struct sp_slice s)
{
    void **slot = &txn->lent[txn->lent_next++ % LENT_MAX];

    free(*slot);
    *slot = must(malloc(s.size > 0 ? s.size : 1));
    if (s.size > 0) {
        memcpy(*slot, s.data, s.size);
    }
    return (struct sp_slice){ *slot, s.size };
}

/* Key and value are one get: they take one slot. */
static void lend_entry(struct sp_txn *txn, const struct entry *e,
    struct sp_slice *key, struct sp_slice *value)
{
    struct sp_slice both = { e->bytes,
        e->key_bytes + (value != NULL ? e->value_bytes : 0) };
    struct sp_slice copy = lend(txn, both);

    *key = (struct sp_slice){ copy.data, e->key_bytes };
    if (value != NULL) {
        *value = (struct sp_slice){ copy.data + e->key_bytes, e->value_bytes };
    }
}

static void lent_drop(struct sp_txn *txn)
{
    for (unsigned i = 0; i < LENT_MAX; i++) {
        free(txn->lent[i]);
        txn->lent[i] = NULL;
    }
}

/* ---- the port ---------------------------------------------------------- */

static sp_err enter(struct mem_store *m)
{
    m->calls++;
    if (m->fail_at == 0 || m->calls < m->fail_at) {
        return SP_OK;
    }
    if (!m->fault.sticky) {
        m->fail_at = 0;
    }
    m->failed = true;
    return m->fault.err;
}

static sp_err begin(void *self, bool write, struct sp_txn **out)
{
    struct mem_store *m = self;
    struct sp_txn *txn;
    sp_err err = enter(m);

    if (err != SP_OK) {
        return err;
    }
    /* With one thread a second writer would wait for itself. */
    SP_ASSERT(!write || m->writer == NULL);
    txn = must(calloc(1, sizeof *txn));
    txn->store = m;
    txn->write = write;
    state_set(&txn->at, &m->now);
    txn->next = m->open;
    m->open = txn;
    if (write) {
        m->writer = txn;
    }
    *out = txn;
    return SP_OK;
}

static void txn_end(struct sp_txn *txn)
{
    struct mem_store *m = txn->store;
    struct sp_txn **at = &m->open;

    while (*at != txn) {
        SP_ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = txn->next;
    if (m->writer == txn) {
        m->writer = NULL;
    }
    lent_drop(txn);
    state_drop(&txn->at);
    free(txn);
}

static sp_err commit(struct sp_txn *txn)
{
    struct mem_store *m = txn->store;
    sp_err err = enter(m);

    SP_ASSERT(txn->walking == 0);
    if (err == SP_OK && txn->write) {
        state_set(&m->now, &txn->at);
        m->commits++;
    }
    txn_end(txn);
    return err;
}

static void abort_txn(struct sp_txn *txn)
{
    if (txn != NULL) {
        SP_ASSERT(txn->walking == 0);
        txn_end(txn);
    }
}

static void check_key(enum sp_table table, struct sp_slice key)
{
    SP_ASSERT((unsigned)table < SP_T_COUNT);
    SP_ASSERT(key.size > 0 && key.size <= SP_STORE_KEY_MAX);
}

static sp_err get(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
    struct sp_slice *out)
{
    const struct entry *e;
    sp_err err = enter(txn->store);

    check_key(table, key);
    if (err != SP_OK) {
        return err;
    }
    e = find(txn->at.root[table], key);
    if (e == NULL) {
        return SP_E_NOT_FOUND;
    }
    *out = lend(txn, value_of(e));
    return SP_OK;
}

static uint32_t next_rank(struct mem_store *m)
{
    uint64_t x = m->rank_seed; /* Marsaglia 2003, xorshift64 */

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    m->rank_seed = x;
    return (uint32_t)(x >> 32);
}

static sp_err put(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
    struct sp_slice value)
{
    struct node **root;
    struct entry *e;
    sp_err err = enter(txn->store);

    check_key(table, key);
    SP_ASSERT(txn->write && txn->walking == 0);
    if (err != SP_OK) {
        return err;
    }
    root = &txn->at.root[table];
    e = entry_new(key, value); /* before lent_drop: value may be lent */
    lent_drop(txn);
    if (find(*root, key_of(e)) != NULL) {
        replace(root, e);
    } else {
        insert(root, e, next_rank(txn->store));
        txn->at.count[table]++;
    }
    return SP_OK;
}

static sp_err del(struct sp_txn *txn, enum sp_table table, struct sp_slice key)
{
    struct entry *e;
    sp_err err = enter(txn->store);

    check_key(table, key);
    SP_ASSERT(txn->write && txn->walking == 0);
    if (err != SP_OK) {
        return err;
    }
    e = find(txn->at.root[table], key);
    if (e != NULL) {
        e->refs++; /* key may be lent, or the entry's own */
        cut(&txn->at.root[table], key_of(e));
        entry_drop(e);
        txn->at.count[table]--;
    }
    lent_drop(txn);
    return SP_OK;
}

static sp_err seek(struct sp_txn *txn, enum sp_table table,
    struct sp_slice from, bool backward, struct sp_slice *key,
    struct sp_slice *value)
{
    const struct entry *e;
    sp_err err = enter(txn->store);

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    if (err != SP_OK) {
        return err;
    }
    e = nearest(txn->at.root[table], from, backward);
    if (e == NULL) {
        return SP_E_NOT_FOUND;
    }
    lend_entry(txn, e, key, value);
    return SP_OK;
}

static bool starts_with(struct sp_slice s, struct sp_slice prefix)
{
    return prefix.size == 0 ||
           (s.size >= prefix.size &&
               memcmp(s.data, prefix.data, prefix.size) == 0);
}

static sp_err walk(struct sp_txn *txn, enum sp_table table,
    struct sp_slice prefix, struct sp_slice from, bool values,
    sp_err (*each)(void *arg, struct sp_slice key, struct sp_slice value),
    void *arg)
{
    struct path p;
    const struct entry *e;
    sp_err err = enter(txn->store);

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    if (err != SP_OK) {
        return err;
    }
    txn->walking++;
    path_seek(&p, txn->at.root[table],
        sp_slice_cmp(from, prefix) > 0 ? from : prefix);
    while (err == SP_OK && (e = path_next(&p)) != NULL &&
           starts_with(key_of(e), prefix)) {
        struct sp_slice key, value = { NULL, 0 };
        lend_entry(txn, e, &key, values ? &value : NULL);
        err = each(arg, key, value);
    }
    txn->walking--;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err count(struct sp_txn *txn, enum sp_table table, uint64_t *out)
{
    sp_err err = enter(txn->store);

    SP_ASSERT((unsigned)table < SP_T_COUNT);
    if (err == SP_OK) {
        *out = txn->at.count[table];
    }
    return err;
}

/* ---- the store --------------------------------------------------------- */

struct mem_store *mem_store_new(void)
{
    struct mem_store *m = must(calloc(1, sizeof *m));

    m->rank_seed = 0x9e3779b97f4a7c15u; /* equal runs make equal treaps */
    return m;
}

void mem_store_free(struct mem_store *m)
{
    if (m != NULL) {
        SP_ASSERT(m->open == NULL);
        state_drop(&m->now);
        free(m);
    }
}

struct sp_store mem_store_port(struct mem_store *m)
{
    return (struct sp_store){ .self = m,
        .begin = begin,
        .commit = commit,
        .abort = abort_txn,
        .get = get,
        .put = put,
        .del = del,
        .seek = seek,
        .walk = walk,
        .count = count };
}

struct mem_store *mem_store_clone(const struct mem_store *m)
{
    struct mem_store *copy = mem_store_new();

    copy->rank_seed = m->rank_seed;
    state_set(&copy->now, &m->now);
    return copy;
}

void mem_store_restore(struct mem_store *m, const struct mem_store *from)
{
    SP_ASSERT(m->open == NULL);
    state_set(&m->now, &from->now);
}

bool mem_store_equal(const struct mem_store *a, const struct mem_store *b)
{
    for (unsigned t = 0; t < SP_T_COUNT; t++) {
        if (a->now.count[t] != b->now.count[t] ||
            !same_table(a->now.root[t], b->now.root[t])) {
            return false;
        }
    }
    return true;
}

void mem_store_fail(struct mem_store *m, struct mem_fault fault)
{
    m->fault = fault;
    m->fail_at = fault.nth > 0 ? m->calls + fault.nth : 0;
    m->failed = false;
}

bool mem_store_failed(const struct mem_store *m)
{
    return m->failed;
}

uint64_t mem_store_calls(const struct mem_store *m)
{
    return m->calls;
}

uint64_t mem_store_commits(const struct mem_store *m)
{
    return m->commits;
}

void mem_store_crash(struct mem_store *m)
{
    while (m->open != NULL) {
        txn_end(m->open);
    }
    m->fail_at = 0;
}
