#include "replica/facts.h"

#include <stdlib.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "replica/summary.h"

#define VIEW_BYTES     (8u * SP_RECORD_BYTES_MAX)
#define PAGE_BYTES_MAX (CC_SUMMARY_PAGE_BYTES + CC_ENTRY_BYTES_MAX)

/* ---- packed ------------------------------------------------------------ */

bool cc_facts_kept(const struct sp_entity *entity)
{
    return cc_entry_title_field(entity) == NULL && !entity->catalogue;
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

void cc_facts_pack(const struct sp_entity *entity, const struct sp_record *view,
    struct sp_buf *out)
{
    size_t from = out->size, bytes = 0;

    for (uint32_t i = 0; i < view->count; i++) {
        if (!is_plain(entity, &view->reg[i])) {
            return;
        }
        bytes += 5u + view->reg[i].key.element.size +
                 view->reg[i].sibling[0].value.size;
    }
    if (bytes > CC_FACTS_BYTES_MAX) {
        return;
    }
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_key *key = &view->reg[i].key;
        struct sp_slice value = view->reg[i].sibling[0].value;

        sp_buf_put_u16be(out, key->field);
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

static bool take_register(struct sp_slice in, size_t *at,
    struct sp_register *reg, struct sp_sibling *sibling)
{
    struct sp_slice head, bytes;

    if (!take(in, at, 3, &head) ||
        !take(in, at, head.data[2], &reg->key.element) ||
        !take(in, at, 2, &bytes) ||
        !take(in, at, sp_get_u16be(bytes.data), &sibling->value) ||
        sibling->value.size == 0) {
        return false;
    }
    reg->key.field = sp_get_u16be(head.data);
    if (reg->key.element.size == 0) {
        reg->key.element.data = NULL;
    }
    reg->sibling = sibling;
    reg->count = 1;
    return true;
}

sp_err cc_facts_unpack(const struct sp_ref *ref, struct sp_slice facts,
    struct sp_arena *arena, struct sp_record *out)
{
    size_t most = facts.size / 6u + 1u, at = 0; /* six bytes at least each */
    struct sp_register *reg = sp_arena_take(arena, most, sizeof(*reg));
    struct sp_sibling *sibling = sp_arena_take(arena, most, sizeof(*sibling));
    uint32_t n = 0;

    if (reg == NULL || sibling == NULL) {
        return SP_E_NOMEM;
    }
    for (; at < facts.size; n++) {
        if (!take_register(facts, &at, &reg[n], &sibling[n]) ||
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
    err = cc_facts_unpack(&ref, facts, &w->arena, &view);
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
    sp_err err = cc_summary_stale(w->tx, w->entity->number, add_stale, w);

    if (err == SP_OK) {
        err = cc_summary_pages(w->tx, w->entity->number, take_page, w);
    }
    if (err == SP_OK && !w->ended) {
        err = give_stale(w, NULL);
    }
    if (err == SP_OK && !w->ended) {
        err = walk_rest(w);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err walk(struct walk *w)
{
    /* What a transaction has written is marked at its end. */
    sp_err err = w->tx->write ? SP_E_NOT_FOUND
                              : cc_summary_head(
                                    w->s, w->tx, w->entity->number, &w->head);

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
    struct walk w = { .s = s,
        .tx = tx,
        .entity = entity,
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
        .each = each,
        .arg = arg,
        .conflicts = true };

    return walk(&w);
}
