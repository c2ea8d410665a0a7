/*
 * contents.c - how far a store has what other servers hand out of a scope
 * (SYNC S7). A server has everything up to that place of their feed; a device
 * may have something up to there, and has nothing from beyond.
 */
#include "contents.h"

#include "engine.h"

#define VALUE_BYTES 24u /* history 16, place u64 */

static struct sp_kb key_of(const struct sp_id *scope, uint32_t server)
{
    struct sp_kb k = sp_kb_id(scope);
    sp_kb_add_u32(&k, server);
    return k;
}

static sp_err read(
    struct sp_slice key, struct sp_slice value, struct sp_content *out)
{
    if (key.size != 20 || value.size != VALUE_BYTES) {
        return SP_E_CORRUPT;
    }
    out->server = sp_get_u32be(key.data + 16);
    memcpy(out->history.b, value.data, sizeof out->history.b);
    out->place = sp_get_u64be(value.data + 16);
    return SP_OK;
}

static sp_err put(
    struct sp_tx *tx, const struct sp_id *scope, const struct sp_content *c)
{
    struct sp_kb key = key_of(scope, c->server);
    uint8_t value[VALUE_BYTES];
    memcpy(value, c->history.b, sizeof c->history.b);
    sp_set_u64be(value + 16, c->place);
    return sp_tx_put(tx, SP_T_CONTENT, &key, SP_SLICE(value));
}

sp_err sp_contents_get(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t server, struct sp_content *out)
{
    struct sp_kb key = key_of(scope, server);
    struct sp_slice value;
    sp_err err = sp_tx_get(tx, SP_T_CONTENT, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        *out = (struct sp_content){ .server = server };
        return SP_OK;
    }
    return err == SP_OK ? read(sp_kb_slice(&key), value, out) : err;
}

sp_err sp_contents_raise(
    struct sp_tx *tx, const struct sp_id *scope, const struct sp_content *c)
{
    struct sp_content had;
    SP_TRY(sp_contents_get(tx, scope, c->server, &had));
    bool same = sp_id_equal(&had.history, &c->history);
    return same && had.place >= c->place && had.place > 0 ? SP_OK
                                                          : put(tx, scope, c);
}

struct list_walk {
    struct sp_arena *arena;
    struct sp_contents *out;
};

static sp_err append(struct list_walk *w, const struct sp_content *c)
{
    struct sp_content *list =
        sp_arena_grow(w->arena, w->out->list, w->out->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->out->list = list;
    list[w->out->count++] = *c;
    return SP_OK;
}

static sp_err walk_content(
    void *arg, struct sp_slice key, struct sp_slice value)
{
    struct sp_content c;
    SP_TRY(read(key, value, &c));
    return append(arg, &c);
}

sp_err sp_contents_list(struct sp_tx *tx, const struct sp_id *scope,
    struct sp_arena *arena, struct sp_contents *out)
{
    struct sp_kb prefix = sp_kb_id(scope);
    struct list_walk w = { arena, out };
    *out = (struct sp_contents){ .count = 0 };
    return tx->node->store->walk(tx->txn, SP_T_CONTENT, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_content, &w);
}

sp_err sp_contents_replace(
    struct sp_tx *tx, const struct sp_id *scope, const struct sp_contents *with)
{
    uint32_t self = tx->node->identity->device;
    struct sp_key_list l = { .arena = &tx->arena };
    struct sp_kb prefix = sp_kb_id(scope);
    SP_TRY(sp_tx_keys(tx, SP_T_CONTENT, &prefix, &l));
    for (size_t i = 0; i < l.count; i++) {
        if (sp_get_u32be(l.key[i].b + 16) != self) {
            SP_TRY(sp_tx_del(tx, SP_T_CONTENT, &l.key[i]));
        }
    }
    for (uint32_t i = 0; i < with->count; i++) {
        if (with->list[i].server != self) {
            SP_TRY(put(tx, scope, &with->list[i]));
        }
    }
    return SP_OK;
}

sp_err sp_contents_clear(struct sp_tx *tx, const struct sp_id *scope)
{
    struct sp_kb prefix = sp_kb_id(scope);
    return sp_tx_clear(tx, SP_T_CONTENT, &prefix);
}

sp_err sp_contents_whole(struct sp_tx *tx, const struct sp_id *scope, bool *out)
{
    struct sp_contents all;
    SP_TRY(sp_contents_list(tx, scope, &tx->arena, &all));
    *out = false;
    for (uint32_t i = 0; i < all.count; i++) {
        *out = *out || all.list[i].server != tx->node->identity->device;
    }
    return SP_OK;
}

/* ---- what is said of it ------------------------------------------------ */

/* Head office: servers of which nothing more is to be expected. */
static sp_err add_ended(struct sp_tx *tx, const struct sp_id *scope,
    struct sp_arena *arena, struct sp_contents *out)
{
    struct list_walk w = { arena, out };
    struct sp_servers ended;
    SP_TRY(sp_served_ended(tx, scope, arena, &ended));
    for (uint32_t i = 0; i < ended.count; i++) {
        struct sp_content c = { .server = ended.server[i],
            .place = SP_PLACE_ALL };
        uint32_t at = 0;
        while (at < out->count && out->list[at].server < c.server) {
            at++;
        }
        if (at == out->count || out->list[at].server != c.server) {
            SP_TRY(append(&w, &c));
            memmove(&out->list[at + 1], &out->list[at],
                (out->count - 1u - at) * sizeof *out->list);
        }
        out->list[at] = c;
    }
    return SP_OK;
}

sp_err sp_contents_tell(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t peer, struct sp_arena *arena, struct sp_contents *out)
{
    uint32_t kept = 0;
    SP_TRY(sp_contents_list(tx, scope, arena, out));
    if (tx->node->tier == SP_TIER_HEAD_OFFICE) {
        SP_TRY(add_ended(tx, scope, arena, out));
    }
    for (uint32_t i = 0; i < out->count; i++) {
        uint32_t server = out->list[i].server;
        if (server != peer && server != tx->node->identity->device &&
            out->list[i].place > 0) {
            out->list[kept++] = out->list[i];
        }
    }
    out->count = kept;
    return SP_OK;
}

bool sp_contents_cover(
    const struct sp_contents *told, const struct sp_content *c, bool served)
{
    bool another = false;
    for (uint32_t i = 0; i < told->count; i++) {
        const struct sp_content *t = &told->list[i];
        if (t->server != c->server) {
            continue;
        }
        if (t->place == SP_PLACE_ALL ||
            (sp_id_equal(&t->history, &c->history) && c->place <= t->place)) {
            return true;
        }
        another = another || !sp_id_equal(&t->history, &c->history);
    }
    /* Of another life of that server nobody can say; where the scope is served
     * now the device goes on (SYNC X1). */
    return another && served;
}

/* ---- what a branch tells head office ------------------------------------ */

struct news_walk {
    struct sp_tx *tx;
    struct sp_arena *arena;
    struct sp_scope_place *list; /* NULL: only whether there is any */
    uint32_t count, room;
};

static sp_err walk_scope(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct news_walk *w = arg;
    struct sp_scope_state *s;
    struct sp_content had;
    struct sp_id id;
    (void)value;
    memcpy(id.b, key.data, sizeof id.b);
    SP_TRY(sp_tx_scope(w->tx, &id, &s));
    SP_TRY(sp_contents_get(w->tx, &id, w->tx->node->identity->device, &had));
    if (s->head <= had.place) {
        return SP_OK;
    }
    if (w->list != NULL) {
        w->list[w->count] = (struct sp_scope_place){ id, s->head };
    }
    return ++w->count == w->room ? SP_E_NOT_FOUND : SP_OK; /* enough */
}

static sp_err find_news(struct news_walk *w)
{
    return w->tx->node->store->walk(w->tx->txn, SP_T_SCOPE,
        (struct sp_slice){ 0 }, (struct sp_slice){ 0 }, false, walk_scope, w);
}

sp_err sp_contents_any_news(struct sp_tx *tx, bool *out)
{
    struct news_walk w = { .tx = tx, .room = 1 };
    SP_TRY(find_news(&w));
    *out = w.count > 0;
    return SP_OK;
}

sp_err sp_contents_news(struct sp_tx *tx, struct sp_arena *arena,
    struct sp_scope_place **out, uint32_t *count)
{
    struct news_walk w = { .tx = tx, .room = SP_SCOPES_MAX };
    w.list = sp_arena_take(arena, SP_SCOPES_MAX, sizeof *w.list);
    if (w.list == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(find_news(&w));
    *out = w.list;
    *count = w.count;
    return SP_OK;
}

sp_err sp_contents_forget_told(struct sp_tx *tx)
{
    uint32_t self = tx->node->identity->device;
    struct sp_key_list l = { .arena = &tx->arena };
    SP_TRY(sp_tx_keys(tx, SP_T_CONTENT, NULL, &l));
    for (size_t i = 0; i < l.count; i++) {
        if (sp_get_u32be(l.key[i].b + 16) == self) {
            SP_TRY(sp_tx_del(tx, SP_T_CONTENT, &l.key[i]));
        }
    }
    return SP_OK;
}
