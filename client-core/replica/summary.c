#include "replica/summary.h"

#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/fold.h"

#include "replica/facts.h"

#define KEY_BYTES     18u /* type u16, id 16 */
#define HEAD_BYTES    64u
#define TOUCHED_FIRST 64u
#define VIEW_BYTES    (8u * SP_RECORD_BYTES_MAX)
#define STEP_BYTES    (CC_SUMMARY_STEP * CC_ENTRY_BYTES_MAX)

_Static_assert(SP_TYPE_MAX < CC_SUMMARY_APART, "one bit tells them apart");

/* The entity whose records pages are of. */
static uint16_t entity_of(uint16_t type)
{
    return (uint16_t)(type & ~CC_SUMMARY_APART);
}

struct key {
    uint8_t b[KEY_BYTES];
};

static struct sp_slice key_of(
    struct key *k, uint16_t type, const struct sp_id *id)
{
    sp_set_u16be(k->b, type);
    memcpy(k->b + 2, id->b, sizeof(id->b));
    return sp_slice_of(k->b, KEY_BYTES);
}

static struct sp_slice type_key(struct key *k, uint16_t type)
{
    sp_set_u16be(k->b, type);
    return sp_slice_of(k->b, 2);
}

static sp_err put(struct sp_tx *tx, enum sp_table table, struct sp_slice key,
    struct sp_slice value)
{
    return tx->node->store->put(tx->txn, table, key, value);
}

static sp_err del(struct sp_tx *tx, enum sp_table table, struct sp_slice key)
{
    return tx->node->store->del(tx->txn, table, key);
}

/* ---- init and free ----------------------------------------------------- */

void cc_summary_init(struct cc_summary *s)
{
    memset(s, 0, sizeof(*s));
}

void cc_summary_free(struct cc_summary *s)
{
    free(s->touched);
    cc_summary_init(s);
}

void cc_summary_rules(
    struct cc_summary *s, const struct sp_dictionary *d, uint32_t serial)
{
    s->dictionary = d;
    s->serial = serial;
    memset(s->kept, 0, sizeof(s->kept));
    for (uint32_t type = 1; type <= SP_TYPE_MAX; type++) {
        const struct sp_entity *e = sp_dictionary_entity(d, (uint16_t)type);
        bool facts = e != NULL && cc_facts_kept(e);
        s->kept[type] = facts || (e != NULL && cc_facts_apart(e));
        s->kept[type | CC_SUMMARY_APART] = facts && cc_facts_apart(e);
    }
}

/* ---- the head ---------------------------------------------------------- */

sp_err cc_summary_head(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    struct cc_summary_head *out)
{
    struct cc_summary_head head;
    uint64_t entry, fold, serial;
    struct sp_slice v;
    struct key k;
    struct sp_rd r;
    sp_err err =
        tx->node->store->get(tx->txn, CC_T_PAGE, type_key(&k, type), &v);

    if (err != SP_OK) {
        return err;
    }
    sp_rd_init(&r, v);
    sp_rd_array_of(&r, 5);
    entry = sp_rd_uint(&r, 0, UINT32_MAX);
    fold = sp_rd_uint(&r, 0, UINT32_MAX);
    serial = sp_rd_uint(&r, 0, UINT32_MAX);
    head.done = sp_rd_bool(&r);
    sp_rd_fixed(&r, head.cursor.b, sizeof(head.cursor.b));
    if (sp_rd_done(&r) != SP_OK || entry != CC_ENTRY_VERSION ||
        fold != CC_FOLD_VERSION || serial != s->serial) {
        return SP_E_NOT_FOUND;
    }
    *out = head;
    return SP_OK;
}

static sp_err put_head(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    const struct cc_summary_head *head)
{
    struct sp_buf b;
    struct key k;
    sp_err err;

    sp_buf_init(&b, HEAD_BYTES);
    sp_wr_array(&b, 5);
    sp_wr_uint(&b, CC_ENTRY_VERSION);
    sp_wr_uint(&b, CC_FOLD_VERSION);
    sp_wr_uint(&b, s->serial);
    sp_wr_bool(&b, head->done);
    sp_wr_bin(&b, head->cursor.b, sizeof(head->cursor.b));
    err = b.err;
    if (err == SP_OK) {
        err = put(tx, CC_T_PAGE, type_key(&k, type), sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return err;
}

/* ---- ranges ------------------------------------------------------------ */

struct range {
    sp_err (*page)(void *arg, struct sp_slice packed);
    sp_err (*stale)(void *arg, const struct sp_id *id);
    void *arg;
};

static sp_err each_page(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct range *r = (struct range *)arg;

    return key.size == KEY_BYTES ? r->page(r->arg, value) : SP_OK;
}

sp_err cc_summary_pages(struct sp_tx *tx, uint16_t type,
    sp_err (*each)(void *arg, struct sp_slice packed), void *arg)
{
    struct range r = { .page = each, .arg = arg };
    struct sp_slice all = { NULL, 0 };
    struct key k;

    return tx->node->store->walk(
        tx->txn, CC_T_PAGE, type_key(&k, type), all, true, each_page, &r);
}

static sp_err each_stale(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct range *r = (struct range *)arg;
    struct sp_id id;

    (void)value;
    if (key.size != KEY_BYTES) {
        return SP_E_CORRUPT;
    }
    memcpy(id.b, key.data + 2, sizeof(id.b));
    return r->stale(r->arg, &id);
}

sp_err cc_summary_stale(struct sp_tx *tx, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_id *id), void *arg)
{
    struct range r = { .stale = each, .arg = arg };
    struct sp_slice all = { NULL, 0 };
    struct key k;

    return tx->node->store->walk(
        tx->txn, CC_T_STALE, type_key(&k, type), all, false, each_stale, &r);
}

/* The next key of a table and type, from one on; SP_E_NOT_FOUND. */
static sp_err next_key(struct sp_tx *tx, enum sp_table table, uint16_t type,
    struct sp_slice from, bool backward, struct key *out, size_t *bytes)
{
    struct sp_slice key;
    sp_err err =
        tx->node->store->seek(tx->txn, table, from, backward, &key, NULL);

    if (err == SP_OK && (key.size > KEY_BYTES || key.size < 2 ||
                            sp_get_u16be(key.data) != type)) {
        err = SP_E_NOT_FOUND;
    }
    if (err == SP_OK) {
        memcpy(out->b, key.data, key.size);
        *bytes = key.size;
    }
    return err;
}

/* Removes all of a type from a table. */
static sp_err clear(struct sp_tx *tx, enum sp_table table, uint16_t type)
{
    struct key from, at;
    size_t bytes = 0;
    sp_err err;

    for (;;) {
        err = next_key(
            tx, table, type, type_key(&from, type), false, &at, &bytes);
        if (err == SP_OK) {
            err = del(tx, table, sp_slice_of(at.b, bytes));
        }
        if (err != SP_OK) {
            return err == SP_E_NOT_FOUND ? SP_OK : err;
        }
    }
}

/* A type that begins anew: nothing is in pages, all lies behind the cursor. */
static sp_err forget(struct cc_summary *s, struct sp_tx *tx, uint16_t type)
{
    const struct cc_summary_head none = { .done = false };
    sp_err err = clear(tx, CC_T_PAGE, type);

    if (err == SP_OK) {
        err = clear(tx, CC_T_STALE, type);
    }
    return err == SP_OK ? put_head(s, tx, type, &none) : err;
}

/* ---- entries of records ------------------------------------------------ */

/* What turns records into packed entries. */
struct maker {
    struct sp_tx *tx;
    uint16_t type;
    struct cc_entry_maker *entry;
    struct sp_arena arena;
};

static sp_err maker_init(struct maker *m, const struct cc_summary *s,
    struct sp_tx *tx, uint16_t type)
{
    *m = (struct maker){ .tx = tx, .type = type };
    sp_arena_init(&m->arena, VIEW_BYTES);
    m->entry =
        cc_entry_maker_new(sp_dictionary_entity(s->dictionary, entity_of(type)),
            (type & CC_SUMMARY_APART) != 0 ? CC_ENTRY_FACTS : CC_ENTRY_NAMED);
    return m->entry == NULL ? SP_E_NOMEM : SP_OK;
}

static void maker_wipe(struct maker *m)
{
    cc_entry_maker_free(m->entry);
    sp_arena_free(&m->arena);
}

/* Appends the entry of a record as it is now; nothing when there is none. */
static sp_err pack_now(
    struct maker *m, const struct sp_id *id, struct sp_buf *out)
{
    struct sp_ref ref = { entity_of(m->type), *id };
    struct sp_record view;
    sp_err err;

    sp_arena_reset(&m->arena);
    err = sp_state_view(m->tx, &ref, &m->arena, &view, NULL);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    if (err == SP_OK) {
        err = cc_entry_pack(m->entry, &view, out);
    }
    return err == SP_OK ? out->err : err;
}

/* ---- pages ------------------------------------------------------------- */

/* Writes entries as pages; the first under a key that is given. */
static sp_err put_pages(struct sp_tx *tx, uint16_t type,
    const struct sp_id *first, struct sp_slice packed)
{
    size_t from = 0, at = 0, bytes = 0;
    struct sp_id id, page = *first;
    struct key k;
    sp_err err = SP_OK;

    if (packed.size == 0) {
        return del(tx, CC_T_PAGE, key_of(&k, type, first));
    }
    while (err == SP_OK && at < packed.size) {
        err = cc_entry_peek(packed, at, &id, &bytes);
        if (err == SP_OK && at > from &&
            at + bytes - from > CC_SUMMARY_PAGE_BYTES) {
            err = put(tx, CC_T_PAGE, key_of(&k, type, &page),
                sp_slice_of(packed.data + from, at - from));
            page = id;
            from = at;
        }
        at += bytes;
    }
    return err != SP_OK ? err
                        : put(tx, CC_T_PAGE, key_of(&k, type, &page),
                              sp_slice_of(packed.data + from, at - from));
}

/* The page that an id belongs to, and where the next one begins. */
struct place {
    struct sp_id first; /* zero when there is none yet */
    bool exists, bounded;
    struct sp_id next;
};

static sp_err find_page(
    struct sp_tx *tx, uint16_t type, const struct sp_id *id, struct place *out)
{
    struct key k, found;
    size_t bytes = 0;
    sp_err err = next_key(
        tx, CC_T_PAGE, type, key_of(&k, type, id), true, &found, &bytes);

    memset(out, 0, sizeof(*out));
    if (err == SP_OK && bytes == KEY_BYTES) {
        out->exists = true;
        memcpy(out->first.b, found.b + 2, sizeof(out->first.b));
    } else if (err != SP_OK && err != SP_E_NOT_FOUND) {
        return err;
    }
    /* The key behind it: no id is followed by another in one step. */
    (void)key_of(&k, type, out->exists ? &out->first : id);
    for (size_t i = KEY_BYTES; i > 2 && ++k.b[i - 1] == 0; i--) {
    }
    err = next_key(tx, CC_T_PAGE, type, sp_slice_of(k.b, KEY_BYTES), false,
        &found, &bytes);
    if (err == SP_OK) {
        out->bounded = true;
        memcpy(out->next.b, found.b + 2, sizeof(out->next.b));
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err read_page(struct sp_tx *tx, uint16_t type,
    const struct place *place, struct sp_buf *out)
{
    struct sp_slice v = { NULL, 0 };
    struct key k;
    sp_err err = SP_OK;

    sp_buf_reset(out);
    if (place->exists) {
        err = tx->node->store->get(
            tx->txn, CC_T_PAGE, key_of(&k, type, &place->first), &v);
    }
    if (err == SP_OK) {
        sp_buf_put(out, v.data, v.size);
        err = out->err;
    }
    return err;
}

/* Entries of old that stand before an id go over; those of the id go. */
static sp_err keep_before(
    struct sp_slice old, size_t *at, const struct sp_id *id, struct sp_buf *out)
{
    while (*at < old.size) {
        struct sp_id own;
        size_t bytes;
        sp_err err = cc_entry_peek(old, *at, &own, &bytes);
        if (err != SP_OK) {
            return err;
        }
        int order = id == NULL ? -1 : sp_id_cmp(&own, id);
        if (order > 0) {
            break;
        }
        if (order < 0) {
            sp_buf_put(out, old.data + *at, bytes);
        }
        *at += bytes;
    }
    return out->err;
}

/* Brings records that belong to one page into it. done: how many of the ids
 * did. */
static sp_err renew_page(struct maker *m, const struct sp_id *id, size_t count,
    struct sp_buf *old, struct sp_buf *made, size_t *done)
{
    struct place place;
    size_t at = 0, n = 0;
    sp_err err = find_page(m->tx, m->type, &id[0], &place);

    if (err == SP_OK) {
        err = read_page(m->tx, m->type, &place, old);
    }
    sp_buf_reset(made);
    while (err == SP_OK && n < count &&
           !(place.bounded && sp_id_cmp(&id[n], &place.next) >= 0)) {
        err = keep_before(sp_buf_slice(old), &at, &id[n], made);
        if (err == SP_OK) {
            err = pack_now(m, &id[n], made);
        }
        n++;
    }
    if (err == SP_OK) {
        err = keep_before(sp_buf_slice(old), &at, NULL, made);
    }
    if (err == SP_OK) {
        err = put_pages(m->tx, m->type, &place.first, sp_buf_slice(made));
    }
    *done = n;
    return err;
}

/* ids: in order, each once. */
static sp_err renew(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    const struct sp_id *id, size_t count)
{
    struct sp_buf old, made;
    struct maker m;
    size_t n = 0;
    sp_err err = maker_init(&m, s, tx, type);

    sp_buf_init(&old, STEP_BYTES);
    sp_buf_init(&made, STEP_BYTES);
    while (err == SP_OK && count > 0) {
        err = renew_page(&m, id, count, &old, &made, &n);
        id += n;
        count -= n;
    }
    sp_buf_wipe(&old);
    sp_buf_wipe(&made);
    maker_wipe(&m);
    return err;
}

/* ---- what a transaction changes ---------------------------------------- */

static int order_refs(const void *a, const void *b)
{
    const struct sp_ref *x = (const struct sp_ref *)a;
    const struct sp_ref *y = (const struct sp_ref *)b;

    return x->type != y->type ? (x->type < y->type ? -1 : 1)
                              : sp_id_cmp(&x->id, &y->id);
}

static sp_err mark(struct sp_tx *tx, uint16_t type, const struct sp_id *id)
{
    struct sp_slice empty = { NULL, 0 };
    struct key k;

    return put(tx, CC_T_STALE, key_of(&k, type, id), empty);
}

/* In all pages that have it. */
static sp_err mark_now(
    struct cc_summary *s, struct sp_tx *tx, const struct sp_ref *ref)
{
    uint16_t apart = (uint16_t)(ref->type | CC_SUMMARY_APART);
    sp_err err = mark(tx, ref->type, &ref->id);

    return err == SP_OK && s->kept[apart] ? mark(tx, apart, &ref->id) : err;
}

static sp_err on_record(void *self, struct sp_tx *tx, const struct sp_ref *ref)
{
    struct cc_summary *s = (struct cc_summary *)self;

    if (ref->type > SP_TYPE_MAX || !s->kept[ref->type]) {
        return SP_OK;
    }
    if (s->closing) {
        return mark_now(s, tx, ref);
    }
    if (s->count > 0 && sp_ref_equal(&s->touched[s->count - 1], ref)) {
        return SP_OK;
    }
    if (s->count == s->capacity) {
        size_t more = s->capacity == 0 ? TOUCHED_FIRST : 2 * s->capacity;
        struct sp_ref *list =
            (struct sp_ref *)realloc(s->touched, more * sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        s->touched = list;
        s->capacity = more;
    }
    s->touched[s->count++] = *ref;
    return SP_OK;
}

/* Own writes may show other fields now, and new keys become visible. */
static sp_err on_grant(void *self, struct sp_tx *tx)
{
    struct cc_summary *s = (struct cc_summary *)self;
    sp_err err = SP_OK;

    for (uint32_t type = 1; type < CC_SUMMARY_TYPES && err == SP_OK; type++) {
        if (s->kept[type]) {
            err = forget(s, tx, (uint16_t)type);
        }
    }
    return err;
}

struct sp_watch cc_summary_watch(struct cc_summary *s)
{
    return (struct sp_watch){ s, on_record, on_grant };
}

void cc_summary_begin(struct cc_summary *s)
{
    s->count = 0;
    s->closing = false;
}

struct ids {
    struct sp_id *id;
    size_t count, capacity;
};

static sp_err add_id(void *arg, const struct sp_id *id)
{
    struct ids *l = (struct ids *)arg;

    SP_ASSERT(l->count < l->capacity);
    l->id[l->count++] = *id;
    return SP_OK;
}

static int order_ids(const void *a, const void *b)
{
    return sp_id_cmp((const struct sp_id *)a, (const struct sp_id *)b);
}

static void each_once(struct ids *l)
{
    size_t n = 0;

    if (l->count > 1) {
        qsort(l->id, l->count, sizeof(*l->id), order_ids);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (i == 0 || !sp_id_equal(&l->id[i], &l->id[n - 1])) {
            l->id[n++] = l->id[i];
        }
    }
    l->count = n;
}

/* All that is marked, and what was touched, goes into the pages. */
static sp_err renew_all(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    const struct sp_ref *touched, size_t count, uint64_t marked)
{
    struct ids l = { .capacity = count + (size_t)marked };
    sp_err err = SP_OK;

    l.id = (struct sp_id *)malloc((l.capacity + 1) * sizeof(*l.id));
    if (l.id == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        l.id[l.count++] = touched[i].id;
    }
    err = cc_summary_stale(tx, type, add_id, &l);
    each_once(&l);
    if (err == SP_OK && l.count > 0) {
        err = renew(s, tx, type, l.id, l.count);
    }
    if (err == SP_OK) {
        err = clear(tx, CC_T_STALE, type);
    }
    free(l.id);
    return err;
}

static sp_err mark_all(struct sp_tx *tx, uint16_t type,
    const struct sp_ref *touched, size_t count,
    const struct cc_summary_head *head)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        if (head->done || sp_id_cmp(&touched[i].id, &head->cursor) <= 0) {
            err = mark(tx, type, &touched[i].id);
        }
    }
    return err;
}

/* What was touched of one type. */
static sp_err settle_type(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    const struct sp_ref *touched, size_t count)
{
    struct cc_summary_head head;
    uint64_t marked = 0;
    sp_err err = cc_summary_head(s, tx, type, &head);

    if (err == SP_E_NOT_FOUND) {
        return forget(s, tx, type); /* and cc_summary_tidy makes it */
    }
    if (err == SP_OK) {
        err = tx->node->store->count(tx->txn, CC_T_STALE, &marked);
    }
    if (err != SP_OK) {
        return err;
    }
    return head.done && marked + count >= CC_SUMMARY_STALE_MAX
               ? renew_all(s, tx, type, touched, count, marked)
               : mark_all(tx, type, touched, count, &head);
}

/* The same of all pages that have them. */
static sp_err settle(struct cc_summary *s, struct sp_tx *tx,
    const struct sp_ref *touched, size_t count)
{
    uint16_t type = touched[0].type,
             apart = (uint16_t)(type | CC_SUMMARY_APART);
    sp_err err = settle_type(s, tx, type, touched, count);

    return err == SP_OK && s->kept[apart]
               ? settle_type(s, tx, apart, touched, count)
               : err;
}

sp_err cc_summary_commit(struct cc_summary *s, struct sp_tx *tx)
{
    sp_err err = SP_OK;
    size_t from = 0;

    if (s->count > 1) {
        qsort(s->touched, s->count, sizeof(*s->touched), order_refs);
    }
    s->closing = true; /* what the engine writes at the end is marked */
    while (from < s->count && err == SP_OK) {
        size_t n = 1;
        while (from + n < s->count &&
               s->touched[from + n].type == s->touched[from].type) {
            n++;
        }
        err = settle(s, tx, s->touched + from, n);
        from += n;
    }
    s->count = 0;
    return err;
}

/* ---- making it --------------------------------------------------------- */

struct step {
    struct maker maker;
    struct sp_buf made;
    size_t count;
    struct sp_id last;
};

static sp_err step_record(void *arg, const struct sp_record *view)
{
    struct step *t = (struct step *)arg;
    sp_err err;

    if (t->count == CC_SUMMARY_STEP) {
        return SP_E_NOT_FOUND; /* enough for now */
    }
    err = cc_entry_pack(t->maker.entry, view, &t->made);
    t->count++;
    t->last = view->ref.id;
    return err == SP_OK ? t->made.err : err;
}

/* The next records behind the cursor; count: in this step, of all types. */
static sp_err build(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    struct cc_summary_head *head, size_t *count)
{
    struct sp_id from = head->cursor, first;
    struct step t = { .count = *count };
    size_t bytes;
    sp_err err = maker_init(&t.maker, s, tx, type);

    sp_buf_init(&t.made, STEP_BYTES);
    t.last = head->cursor;
    if (err == SP_OK) {
        err = sp_state_walk(tx, entity_of(type),
            sp_id_is_zero(&from) ? NULL : &from, step_record, &t);
    }
    if (err == SP_OK && t.made.size > 0) {
        err = cc_entry_peek(sp_buf_slice(&t.made), 0, &first, &bytes);
    }
    if (err == SP_OK && t.made.size > 0) {
        err = put_pages(tx, type, &first, sp_buf_slice(&t.made));
    }
    if (err == SP_OK) {
        head->done = t.count < CC_SUMMARY_STEP;
        head->cursor = t.last;
        err = put_head(s, tx, type, head);
    }
    *count = t.count;
    sp_buf_wipe(&t.made);
    maker_wipe(&t.maker);
    return err;
}

/* The head, or one of a summary that begins. */
static sp_err begun(struct cc_summary *s, struct sp_tx *tx, uint16_t type,
    struct cc_summary_head *head)
{
    sp_err err = cc_summary_head(s, tx, type, head);

    if (err == SP_E_NOT_FOUND) {
        memset(head, 0, sizeof(*head));
        err = forget(s, tx, type);
    }
    return err;
}

/* One type: the step goes on, or what is marked goes in. */
static sp_err tidy_type(
    struct cc_summary *s, struct sp_tx *tx, uint16_t type, size_t *count)
{
    struct cc_summary_head head;
    uint64_t marked = 0;
    sp_err err = begun(s, tx, type, &head);

    if (err == SP_OK && !head.done) {
        return build(s, tx, type, &head, count);
    }
    if (err == SP_OK) {
        err = tx->node->store->count(tx->txn, CC_T_STALE, &marked);
    }
    return err == SP_OK && marked > 0 ? renew_all(s, tx, type, NULL, 0, marked)
                                      : err;
}

sp_err cc_summary_tidy(struct cc_summary *s, struct sp_tx *tx)
{
    size_t count = 0;
    sp_err err = SP_OK;

    for (uint32_t type = 1;
         type < CC_SUMMARY_TYPES && err == SP_OK && count < CC_SUMMARY_STEP;
         type++) {
        if (s->kept[type]) {
            err = tidy_type(s, tx, (uint16_t)type, &count);
        }
    }
    return err;
}

sp_err cc_summary_behind(struct cc_summary *s, struct sp_tx *tx, bool *out)
{
    uint64_t marked = 0;
    sp_err err = tx->node->store->count(tx->txn, CC_T_STALE, &marked);

    *out = marked > 0;
    for (uint32_t type = 1; type < CC_SUMMARY_TYPES && err == SP_OK; type++) {
        struct cc_summary_head head;
        if (!s->kept[type]) {
            continue;
        }
        err = cc_summary_head(s, tx, (uint16_t)type, &head);
        *out = *out || err == SP_E_NOT_FOUND || (err == SP_OK && !head.done);
        err = err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    return err;
}
