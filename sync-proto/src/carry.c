/* carry.c - what is accepted about a record that is another one now goes to
 * that one as well, once, beside what stands there (PROTOCOL.md, "Forwards").
 *
 * Noted while commits take effect, done at the end of the tx: a push may bring
 * the same from another server, or a later value of the same author. */
#include "engine.h"

/* One change of an accepted commit; tx arena memory. */
struct sp_carry {
    struct sp_carry *next;
    struct sp_ref ref;
    struct sp_dot dot; /* of the commit, as the absorbed record shows it */
    struct sp_carried origin;
    uint32_t user;
    uint32_t count;
    struct sp_write *write; /* context: what of him was carried before, maybe */
};

/* ---- noting -------------------------------------------------------------- */

static bool is_forwarded(struct sp_tx *tx, const struct sp_record *r)
{
    struct sp_lead lead;
    return r->count > 0 && tx->rules->lead(tx->rules->self, r, 0, &lead) &&
           lead.forward;
}

static bool has_dot(const struct sp_register *reg, const struct sp_dot *dot)
{
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (sp_dot_cmp(&reg->sibling[i].stamp.dot, dot) == 0) {
            return true;
        }
    }
    return false;
}

/* The dot that a value of a commit is carried under. */
static sp_err carried_dot(
    struct sp_tx *tx, const struct sp_dot *dot, struct sp_dot *out, bool *known)
{
    struct sp_commit c;
    *known = true;
    if (sp_replica_device(dot->replica) > SP_DEVICE_MAX) {
        *out = *dot; /* was carried here itself */
        return SP_OK;
    }
    sp_err err = sp_log_commit(tx, dot->replica, dot->counter, &tx->arena, &c);
    if (err == SP_E_NOT_FOUND) {
        *known = false;
        return SP_OK;
    }
    SP_TRY(err);
    *out = sp_dot_of_content(&c.content);
    return SP_OK;
}

/* What a write took away at the absorbed record it takes away at the survivor,
 * where that was carried: an author who writes twice stands there once. */
static sp_err replaced(struct sp_tx *tx, const struct sp_work *w,
    const struct sp_key *key, struct sp_vector *out)
{
    const struct sp_register *was =
        sp_record_find(&w->before->record, key->field, key->element);
    const struct sp_register *is =
        sp_record_find(&w->after, key->field, key->element);
    uint32_t most = was == NULL ? 0 : was->count, count = 0;
    struct sp_dot *dot = sp_arena_take(&tx->arena, most + 1u, sizeof *dot);
    if (dot == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < most; i++) {
        bool known;
        if (has_dot(is, &was->sibling[i].stamp.dot)) {
            continue;
        }
        SP_TRY(
            carried_dot(tx, &was->sibling[i].stamp.dot, &dot[count], &known));
        count += known ? 1u : 0u;
    }
    *out = (struct sp_vector){ count, dot };
    return SP_OK;
}

static sp_err note_write(struct sp_tx *tx, const struct sp_work *w,
    const struct sp_write *from, struct sp_write *to)
{
    to->key.field = from->key.field;
    to->key.element = sp_arena_copy(&tx->arena, from->key.element);
    to->value = sp_arena_copy(&tx->arena, from->value);
    if (to->value.data == NULL ||
        (from->key.element.size > 0 && to->key.element.data == NULL)) {
        return SP_E_NOMEM;
    }
    return replaced(tx, w, &from->key, &to->context);
}

static struct sp_carry *new_item(struct sp_tx *tx, const struct sp_ref *ref,
    const struct sp_stamp *stamp, uint32_t writes)
{
    struct sp_carry *item = sp_arena_take(&tx->arena, 1, sizeof *item);
    struct sp_write *write =
        sp_arena_take(&tx->arena, writes + 1u, sizeof *write);
    if (item == NULL || write == NULL) {
        return NULL;
    }
    *item = (struct sp_carry){ .next = tx->cache->carry,
        .ref = *ref,
        .dot = stamp->dot,
        .origin = { .time = stamp->time, .authority = stamp->authority },
        .user = stamp->user,
        .write = write };
    return item;
}

/* A forward carries the vector of the whole record as its author saw it: of
 * that he took his choice. */
static bool was_seen(
    const struct sp_record *r, uint16_t forward, const struct sp_dot *dot)
{
    const struct sp_register *reg = sp_record_field(r, forward);
    return reg != NULL &&
           sp_vector_get(&reg->context, dot->replica) >= dot->counter;
}

/* A write to a record that is another one already. */
static sp_err note_change(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *w, uint16_t forward)
{
    const struct sp_rules *rules = tx->rules;
    const struct sp_change *change = w->change;
    struct sp_stamp stamp = sp_commit_stamp(c);
    if (was_seen(&w->after, forward, &stamp.dot)) {
        return SP_OK;
    }
    struct sp_carry *item = new_item(tx, &change->ref, &stamp, change->count);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    item->origin.content = c->content;
    for (uint32_t i = 0; i < change->count; i++) {
        const struct sp_write *from = &change->write[i];
        if (rules->carried(rules->self, change->ref.type, from->key.field)) {
            SP_TRY(note_write(tx, w, from, &item->write[item->count++]));
        }
    }
    tx->cache->carry = item->count > 0 ? item : item->next;
    return SP_OK;
}

/* A value that its author wrote before, and that the merge had not seen. */
static sp_err note_sibling(struct sp_tx *tx, const struct sp_ref *ref,
    const struct sp_key *key, const struct sp_sibling *s)
{
    struct sp_dot dot;
    bool known;
    SP_TRY(carried_dot(tx, &s->stamp.dot, &dot, &known));
    if (!known) {
        return SP_OK; /* head office has its commit, and carries it */
    }
    struct sp_carry *item = new_item(tx, ref, &s->stamp, 1);
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    /* All of the content id that a content dot is made from. */
    sp_set_u64be(item->origin.content.b, dot.replica);
    item->count = 1;
    item->write[0] = (struct sp_write){ .key.field = key->field,
        .key.element = sp_arena_copy(&tx->arena, key->element),
        .value = sp_arena_copy(&tx->arena, s->value) };
    if (item->write[0].value.data == NULL) {
        return SP_E_NOMEM;
    }
    tx->cache->carry = item;
    return SP_OK;
}

static sp_err note_unseen(
    struct sp_tx *tx, const struct sp_record *r, uint16_t forward)
{
    const struct sp_rules *rules = tx->rules;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        bool carried = rules->carried(rules->self, r->ref.type, reg->key.field);
        for (uint32_t k = 0; carried && k < reg->count; k++) {
            if (!was_seen(r, forward, &reg->sibling[k].stamp.dot)) {
                SP_TRY(note_sibling(tx, &r->ref, &reg->key, &reg->sibling[k]));
            }
        }
    }
    return SP_OK;
}

sp_err sp_carry_note(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *w)
{
    uint16_t forward = tx->rules->forward(tx->rules->self, w->change->ref.type);
    if (forward == 0 || !sp_tx_is_server(tx) ||
        !sp_id_is_zero(&c->carried.content) || !is_forwarded(tx, &w->after)) {
        return SP_OK;
    }
    return is_forwarded(tx, &w->before->record)
               ? note_change(tx, c, w, forward)
               : note_unseen(tx, &w->after, forward);
}

/* ---- carrying ------------------------------------------------------------ */

/* Head office carries whatever it hears of, a branch what it serves. */
static sp_err is_mine(
    struct sp_tx *tx, const struct sp_record *survivor, bool *out)
{
    struct sp_scopes s;
    bool missing;
    SP_TRY(sp_place_scopes(tx, survivor, &s, &missing));
    *out = tx->node->tier == SP_TIER_HEAD_OFFICE ||
           (s.count > 0 && tx->rules->server_of(tx->rules->self, &s.id[0]) ==
                               tx->node->identity->device);
    return SP_OK;
}

static bool has_value(const struct sp_register *reg, struct sp_slice value)
{
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (sp_slice_equal(reg->sibling[i].value, value)) {
            return true;
        }
    }
    return false;
}

static bool is_nil(struct sp_slice value)
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_NIL;
}

/* Leaves of a context what stands at the survivor. */
static void keep_standing(struct sp_vector *v, const struct sp_register *reg)
{
    struct sp_dot *dot = (struct sp_dot *)v->dot; /* own memory, see above */
    uint32_t count = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t at = count;
        struct sp_dot moving = dot[i];
        if (!has_dot(reg, &moving)) {
            continue;
        }
        for (; at > 0 && sp_dot_cmp(&dot[at - 1], &moving) > 0; at--) {
            dot[at] = dot[at - 1];
        }
        dot[at] = moving;
        count++;
    }
    v->count = count;
}

/* What of an item still stands where it was typed, and is news where it goes:
 * packs it to the front of its writes. */
static uint32_t choose(const struct sp_carry *item,
    const struct sp_record *absorbed, const struct sp_record *survivor)
{
    struct sp_dot dot = sp_dot_of_content(&item->origin.content);
    uint32_t count = 0;
    for (uint32_t i = 0; i < item->count; i++) {
        struct sp_write w = item->write[i];
        const struct sp_register *from =
            sp_record_find(absorbed, w.key.field, w.key.element);
        const struct sp_register *to =
            sp_record_find(survivor, w.key.field, w.key.element);
        if (!has_dot(from, &item->dot) || is_nil(w.value) ||
            has_value(to, w.value) ||
            (to != NULL &&
                sp_vector_get(&to->context, dot.replica) >= dot.counter)) {
            continue;
        }
        keep_standing(&w.context, to);
        item->write[count++] = w;
    }
    return count;
}

static sp_err carry_one(struct sp_tx *tx, const struct sp_carry *item)
{
    struct sp_stored *from = sp_arena_take(&tx->arena, 1, sizeof *from);
    struct sp_stored *to = sp_arena_take(&tx->arena, 1, sizeof *to);
    struct sp_root root;
    bool mine;
    if (from == NULL || to == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, &item->ref, &tx->arena, from));
    if (!is_forwarded(tx, &from->record)) {
        return SP_OK; /* undone in the same breath */
    }
    SP_TRY(sp_tree_root(tx, NULL, &from->record, &root));
    if (root.record == NULL || sp_ref_equal(&root.ref, &item->ref)) {
        return SP_OK;
    }
    SP_TRY(sp_place_load(tx, &root.ref, &tx->arena, to));
    SP_TRY(is_mine(tx, &to->record, &mine));
    uint32_t count = mine ? choose(item, &from->record, &to->record) : 0;
    if (count == 0) {
        return SP_OK;
    }
    struct sp_change change = { root.ref, count, item->write };
    struct sp_commit c = { .user = item->user,
        .authority = item->origin.authority,
        .count = 1,
        .change = &change,
        .carried = item->origin };
    sp_err err = sp_commit_make_carried(tx, &c);
    if (err == SP_E_TOO_LARGE) {
        /* It stays readable where it was typed. */
        sp_tx_trace(tx, "merge", "event=not_carried cause=survivor_full");
        return SP_OK;
    }
    return err;
}

sp_err sp_carry_flush(struct sp_tx *tx)
{
    struct sp_carry *item = tx->cache->carry, *first = NULL;
    tx->cache->carry = NULL;
    while (item != NULL) { /* in the order in which they were accepted */
        struct sp_carry *next = item->next;
        item->next = first;
        first = item;
        item = next;
    }
    for (; first != NULL; first = first->next) {
        SP_TRY(carry_one(tx, first));
    }
    return SP_OK;
}
