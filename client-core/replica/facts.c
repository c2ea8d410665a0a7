#include "replica/facts.h"

#include <stdlib.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "replica/summary.h"

#define VIEW_BYTES     (8u * SP_RECORD_BYTES_MAX)
#define PAGE_BYTES_MAX (CC_SUMMARY_PAGE_BYTES + CC_ENTRY_BYTES_MAX)
#define STAMP_BYTES    13u /* 1 u8, time u64, user u32 */

/* ---- packed ------------------------------------------------------------ */

bool cc_facts_kept(const struct sp_entity *entity)
{
    return !entity->catalogue;
}

bool cc_facts_apart(const struct sp_entity *entity)
{
    return cc_entry_title_field(entity) != NULL;
}

/* Whether a register is no more than its key and its value. */
static bool is_plain(const struct sp_entity *e, const struct sp_register *reg)
{
    const struct sp_field *f = reg->key.field > SP_FIELD_MAX
                                   ? NULL
                                   : sp_dictionary_field(e, reg->key.field);

    return reg->count == 1 && reg->key.element.size <= UINT8_MAX &&
           reg->sibling[0].value.size <= CC_FACTS_BYTES_MAX &&
           !(f != NULL && sp_case_is_key(f, &reg->key)) &&
           !(e->succeeds && sp_dictionary_successor(e, reg->key.field) != NULL);
}

/* Whether a register has the stamp of the one before it. */
static bool stamped_alike(const struct sp_record *view, uint32_t i)
{
    const struct sp_stamp *now = &view->reg[i].sibling[0].stamp, *before;

    if (i == 0) {
        return false;
    }
    before = &view->reg[i - 1].sibling[0].stamp;
    return now->time == before->time && now->user == before->user;
}

static size_t stamp_bytes(const struct sp_record *view, uint32_t i)
{
    return stamped_alike(view, i) ? 1u : STAMP_BYTES;
}

static void put_stamp(
    const struct sp_record *view, uint32_t i, struct sp_buf *out)
{
    const struct sp_stamp *s = &view->reg[i].sibling[0].stamp;
    bool alike = stamped_alike(view, i);

    sp_buf_put_u8(out, alike ? 0 : 1);
    if (!alike) {
        sp_buf_put_u64be(out, s->time);
        sp_buf_put_u32be(out, s->user);
    }
}

void cc_facts_pack(const struct sp_entity *entity, const struct sp_record *view,
    struct sp_buf *out)
{
    size_t from = out->size, bytes = 0;
    bool apart = cc_facts_apart(entity);

    for (uint32_t i = 0; i < view->count; i++) {
        if (!is_plain(entity, &view->reg[i])) {
            return;
        }
        bytes += 5u + view->reg[i].key.element.size +
                 view->reg[i].sibling[0].value.size +
                 (apart ? stamp_bytes(view, i) : 0);
    }
    if (bytes > CC_FACTS_BYTES_MAX) {
        return;
    }
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_key *key = &view->reg[i].key;
        struct sp_slice value = view->reg[i].sibling[0].value;

        sp_buf_put_u16be(out, key->field);
        if (apart) {
            put_stamp(view, i, out);
        }
        sp_buf_put_u8(out, (uint8_t)key->element.size);
        sp_buf_put(out, key->element.data, key->element.size);
        sp_buf_put_u16be(out, (uint16_t)value.size);
        sp_buf_put(out, value.data, value.size);
    }
    SP_ASSERT(out->err != SP_OK || out->size - from == bytes);
}

/* Bytes at *at, which moves behind them; false when they are not there. */
static bool take(
    struct sp_slice in, size_t *at, size_t size, struct sp_slice *out)
{
    if (size > in.size - *at) {
        return false;
    }
    *out = sp_slice_of(in.data + *at, size);
    *at += size;
    return true;
}

/* before: the stamp of the register before it; NULL: there is none. */
static bool take_stamp(struct sp_slice in, size_t *at,
    const struct sp_stamp *before, struct sp_stamp *out)
{
    struct sp_slice form, stamp;

    if (!take(in, at, 1, &form)) {
        return false;
    }
    if (form.data[0] == 0 && before != NULL) {
        *out = *before;
        return true;
    }
    if (form.data[0] != 1 || !take(in, at, STAMP_BYTES - 1, &stamp)) {
        return false;
    }
    out->time = sp_get_u64be(stamp.data);
    out->user = sp_get_u32be(stamp.data + 8);
    return true;
}

static bool take_register(struct sp_slice in, size_t *at,
    struct sp_register *reg, struct sp_sibling *sibling)
{
    struct sp_slice size, bytes;

    if (!take(in, at, 1, &size) ||
        !take(in, at, size.data[0], &reg->key.element) ||
        !take(in, at, 2, &bytes) ||
        !take(in, at, sp_get_u16be(bytes.data), &sibling->value) ||
        sibling->value.size == 0) {
        return false;
    }
    if (reg->key.element.size == 0) {
        reg->key.element.data = NULL;
    }
    reg->sibling = sibling;
    reg->count = 1;
    return true;
}

/* How many there are, or begin: the arena zeroes what it gives, and records are
 * many. */
static size_t count_registers(struct sp_slice in, bool apart)
{
    size_t n = 0, at = 0;

    while (at < in.size) {
        n++;
        at += 2;
        at += !apart ? 0 : at < in.size && in.data[at] == 1 ? STAMP_BYTES : 1;
        at += at < in.size ? 1u + in.data[at] : 1u;
        at += at + 2 <= in.size ? 2u + sp_get_u16be(in.data + at) : 2u;
    }
    return n;
}

/* The next register, and the stamp that it has. */
static bool take_next(struct sp_slice in, size_t *at, bool apart,
    const struct sp_stamp *before, struct sp_register *reg,
    struct sp_sibling *sibling)
{
    struct sp_slice field;

    if (!take(in, at, 2, &field)) {
        return false;
    }
    reg->key.field = sp_get_u16be(field.data);
    return (!apart || take_stamp(in, at, before, &sibling->stamp)) &&
           take_register(in, at, reg, sibling);
}

sp_err cc_facts_unpack(const struct sp_ref *ref, struct sp_slice facts,
    bool apart, struct sp_arena *arena, struct sp_record *out)
{
    size_t most = count_registers(facts, apart), at = 0;
    struct sp_register *reg = sp_arena_take(arena, most + 1, sizeof(*reg));
    struct sp_sibling *sibling =
        sp_arena_take(arena, most + 1, sizeof(*sibling));
    uint32_t n = 0;

    if (reg == NULL || sibling == NULL) {
        return SP_E_NOMEM;
    }
    for (; at < facts.size; n++) {
        const struct sp_stamp *before = n == 0 ? NULL : &sibling[n - 1].stamp;
        if (!take_next(facts, &at, apart, before, &reg[n], &sibling[n]) ||
            (n > 0 && sp_key_cmp(&reg[n - 1].key, &reg[n].key) >= 0)) {
            return SP_E_CORRUPT;
        }
    }
    *out = (struct sp_record){ *ref, n, reg };
    return SP_OK;
}

/* ---- walking ----------------------------------------------------------- */

struct walk {
    struct cc_summary *s;
    struct sp_tx *tx;
    const struct sp_entity *entity;
    uint16_t pages; /* which ones have what is asked for */
    bool apart;
    sp_err (*each)(void *arg, const struct sp_record *view);
    void *arg;
    bool conflicts; /* only records that may hold one, themselves */
    bool ended;     /* each has enough */
    const struct sp_id *after;
    struct cc_summary_head head;
    struct sp_id *stale; /* marked records, in order */
    size_t stale_count, at;
    struct sp_buf page;    /* each may read something else meanwhile */
    struct sp_arena arena; /* of one view */
};

static bool wanted(const struct walk *w, const struct sp_id *id)
{
    return w->after == NULL || sp_id_cmp(id, w->after) > 0;
}

static sp_err add_stale(void *arg, const struct sp_id *id)
{
    struct walk *w = (struct walk *)arg;
    struct sp_id *list = sp_heap_grow(w->stale, w->stale_count, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->stale = list;
    w->stale[w->stale_count++] = *id;
    return SP_OK;
}

static sp_err give(struct walk *w, const struct sp_record *view)
{
    sp_err err = w->each(w->arg, view);

    w->ended = err == SP_E_NOT_FOUND;
    return err;
}

/* The record itself. */
static sp_err give_record(struct walk *w, const struct sp_id *id)
{
    struct sp_ref ref = { w->entity->number, *id };
    struct sp_record view;
    sp_err err;

    sp_arena_reset(&w->arena);
    err = sp_state_view(w->tx, &ref, &w->arena, &view, NULL);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK;
    }
    return err == SP_OK ? give(w, &view) : err;
}

/* Marked records before an id (NULL: all that the pages would have). */
static sp_err give_stale(struct walk *w, const struct sp_id *before)
{
    sp_err err = SP_OK;

    while (err == SP_OK && w->at < w->stale_count) {
        const struct sp_id *id = &w->stale[w->at];

        if ((before != NULL && sp_id_cmp(id, before) >= 0) ||
            (!w->head.done && sp_id_cmp(id, &w->head.cursor) > 0)) {
            break; /* read with those behind the cursor */
        }
        w->at++;
        if (wanted(w, id)) {
            err = give_record(w, id);
        }
    }
    return err;
}

static sp_err give_entry(struct walk *w, const struct cc_entry *e)
{
    struct sp_ref ref = { w->entity->number, e->id };
    struct sp_slice facts;
    struct sp_record view;
    sp_err err;

    if (w->conflicts) {
        return e->conflict || e->deleted ? give_record(w, &e->id) : SP_OK;
    }
    if (e->facts_bytes == 0) {
        return give_record(w, &e->id);
    }
    facts = sp_slice_of(w->page.data + e->facts, e->facts_bytes);
    sp_arena_reset(&w->arena);
    err = cc_facts_unpack(&ref, facts, w->apart, &w->arena, &view);
    return err == SP_OK ? give(w, &view) : err;
}

/* An entry, unless its record is newer. */
static sp_err take_entry(struct walk *w, const struct cc_entry *e)
{
    sp_err err = give_stale(w, &e->id);

    if (err != SP_OK) {
        return err;
    }
    if (w->at < w->stale_count && sp_id_equal(&w->stale[w->at], &e->id)) {
        return SP_OK; /* given before the next one */
    }
    return wanted(w, &e->id) ? give_entry(w, e) : SP_OK;
}

static sp_err take_page(void *arg, struct sp_slice packed)
{
    struct walk *w = (struct walk *)arg;
    size_t at = 0;
    sp_err err;

    sp_buf_reset(&w->page);
    sp_buf_put(&w->page, packed.data, packed.size);
    err = w->page.err;
    while (err == SP_OK && at < w->page.size) {
        struct cc_entry e;

        err = cc_entry_unpack(sp_buf_slice(&w->page), &at, &e);
        if (err == SP_OK) {
            err = take_entry(w, &e);
        }
    }
    return err;
}

static sp_err walk_records(struct walk *w, const struct sp_id *after)
{
    return sp_state_walk(w->tx, w->entity->number, after, w->each, w->arg);
}

/* What lies behind the cursor is in no page yet. */
static sp_err walk_rest(struct walk *w)
{
    const struct sp_id *from =
        sp_id_is_zero(&w->head.cursor) ? NULL : &w->head.cursor;

    if (w->after != NULL && (from == NULL || sp_id_cmp(w->after, from) > 0)) {
        from = w->after;
    }
    return w->head.done ? SP_OK : walk_records(w, from);
}

/* The pages, and between their entries what is newer. */
static sp_err walk_pages(struct walk *w)
{
    sp_err err = cc_summary_stale(w->tx, w->pages, add_stale, w);

    if (err == SP_OK) {
        err = cc_summary_pages(w->tx, w->pages, take_page, w);
    }
    if (err == SP_OK && !w->ended) {
        err = give_stale(w, NULL);
    }
    if (err == SP_OK && !w->ended) {
        err = walk_rest(w);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* Whether this transaction has written to one of the entity already. */
static bool has_written(const struct walk *w)
{
    bool any = w->s->closing;

    for (size_t i = 0; i < w->s->count && !any; i++) {
        any = w->s->touched[i].type == w->entity->number;
    }
    return any;
}

static sp_err walk(struct walk *w)
{
    /* What a transaction has written is marked at its end. */
    sp_err err = w->tx->write && has_written(w)
                     ? SP_E_NOT_FOUND
                     : cc_summary_head(w->s, w->tx, w->pages, &w->head);

    if (err == SP_E_NOT_FOUND) {
        return walk_records(w, w->after);
    }
    if (err == SP_OK) {
        sp_buf_init(&w->page, PAGE_BYTES_MAX);
        sp_arena_init(&w->arena, VIEW_BYTES);
        err = walk_pages(w);
        sp_buf_wipe(&w->page);
        sp_arena_free(&w->arena);
        sp_heap_free(w->stale);
    }
    return err;
}

sp_err cc_facts_walk(struct cc_summary *s, struct sp_tx *tx,
    const struct sp_entity *entity, const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    bool apart = cc_facts_apart(entity);
    struct walk w = { .s = s,
        .tx = tx,
        .entity = entity,
        .pages = (uint16_t)(entity->number | (apart ? CC_SUMMARY_APART : 0u)),
        .apart = apart,
        .each = each,
        .arg = arg,
        .after = after };

    return cc_facts_kept(entity) ? walk(&w) : walk_records(&w, after);
}

sp_err cc_facts_walk_conflicts(struct cc_summary *s, struct sp_tx *tx,
    const struct sp_entity *entity,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct walk w = { .s = s,
        .tx = tx,
        .entity = entity,
        .pages = entity->number,
        .each = each,
        .arg = arg,
        .conflicts = true };

    return walk(&w);
}
