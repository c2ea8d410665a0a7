/* served.c - who served a scope before (SYNC J7, J9). */
#include "contents.h"

#include "engine.h"
#include "sp/roster.h"

#define DAY_MS 86400000u

static struct sp_kb key_of(const struct sp_id *scope)
{
    struct sp_kb k = sp_kb_text("served");
    sp_kb_add_id(&k, scope);
    return k;
}

#define KEY_BYTES (6u + 16u + 4u)

static sp_err put(struct sp_tx *tx, const struct sp_id *scope, uint32_t server,
    const struct sp_served *s)
{
    struct sp_kb key = key_of(scope);
    sp_kb_add_u32(&key, server);
    sp_buf_reset(&tx->buf);
    sp_wr_array(&tx->buf, 2);
    sp_wr_uint(&tx->buf, s->serial);
    sp_wr_uint(&tx->buf, s->term_days);
    SP_TRY(tx->buf.err);
    return sp_tx_put(tx, SP_T_META, &key, sp_buf_slice(&tx->buf));
}

static sp_err read(struct sp_slice value, struct sp_served *out)
{
    struct sp_rd r;
    struct sp_served s;
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 2);
    s.serial = (uint32_t)sp_rd_uint(&r, 1, UINT32_MAX);
    s.term_days = (uint32_t)sp_rd_uint(&r, 0, UINT16_MAX);
    if (sp_rd_done(&r) != SP_OK) {
        return SP_E_CORRUPT;
    }
    *out = s;
    return SP_OK;
}

sp_err sp_served_note(struct sp_tx *tx, const struct sp_document *roster)
{
    struct sp_roster r;
    struct sp_served s = { .serial = roster->serial };
    if (!sp_tx_is_server(tx)) {
        return SP_OK;
    }
    SP_TRY(sp_roster_decode(roster->body, &tx->arena, &r));
    s.term_days = r.term_days;
    for (uint32_t i = 0; i < r.territory_count && r.server != 0; i++) {
        struct sp_id scope =
            sp_scope_make(SP_SCOPE_TERRITORY, r.territory[i].code);
        SP_TRY(put(tx, &scope, r.server, &s));
    }
    for (uint32_t i = 0; i < r.person_count && r.server != 0; i++) {
        struct sp_id scope = sp_scope_person(r.person[i].user);
        SP_TRY(put(tx, &scope, r.server, &s));
    }
    return SP_OK;
}

sp_err sp_served_get(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t server, struct sp_served *out)
{
    struct sp_kb key = key_of(scope);
    struct sp_slice value;
    sp_kb_add_u32(&key, server);
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    if (err == SP_E_NOT_FOUND) {
        *out = (struct sp_served){ 0 };
        return SP_OK;
    }
    return err == SP_OK ? read(value, out) : err;
}

/* Whether nothing more is to be expected of one that served: it is revoked, or
 * its term has run out. */
static sp_err has_ended(
    struct sp_tx *tx, uint32_t server, const struct sp_served *s, bool *out)
{
    struct sp_peer_state peer;
    struct sp_certified c;
    sp_err err = tx->rules->device(tx->rules->self, server, &c);
    if (err != SP_OK && err != SP_E_UNKNOWN_DEVICE) {
        return err;
    }
    SP_TRY(sp_node_peer(tx, server, &peer));
    *out =
        (err == SP_OK && c.revoked) ||
        peer.last_contact_ms + (uint64_t)s->term_days * DAY_MS <= sp_tx_now(tx);
    return SP_OK;
}

struct ended_walk {
    struct sp_tx *tx;
    uint32_t now_serves;
    struct sp_arena *arena;
    struct sp_servers *out;
};

static sp_err walk_ended(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct ended_walk *w = arg;
    struct sp_served s;
    bool ended;
    if (key.size != KEY_BYTES) {
        return SP_E_CORRUPT;
    }
    uint32_t server = sp_get_u32be(key.data + KEY_BYTES - 4);
    if (server == w->now_serves || server == w->tx->node->identity->device) {
        return SP_OK;
    }
    SP_TRY(read(value, &s));
    SP_TRY(has_ended(w->tx, server, &s, &ended));
    if (!ended) {
        return SP_OK;
    }
    uint32_t *list =
        sp_arena_grow(w->arena, w->out->server, w->out->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->out->server = list;
    list[w->out->count++] = server;
    return SP_OK;
}

sp_err sp_served_ended(struct sp_tx *tx, const struct sp_id *scope,
    struct sp_arena *arena, struct sp_servers *out)
{
    struct sp_kb prefix = key_of(scope);
    struct ended_walk w = { .tx = tx,
        .now_serves = tx->rules->server_of(tx->rules->self, scope),
        .arena = arena,
        .out = out };
    *out = (struct sp_servers){ .count = 0 };
    return tx->node->store->walk(tx->txn, SP_T_META, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_ended, &w);
}

struct term_walk {
    struct sp_tx *tx;
    uint32_t now_serves;
    bool *running;
};

static sp_err walk_term(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct term_walk *w = arg;
    struct sp_peer_state peer;
    struct sp_served s;
    if (key.size != KEY_BYTES) {
        return SP_E_CORRUPT;
    }
    uint32_t server = sp_get_u32be(key.data + KEY_BYTES - 4);
    if (server == w->now_serves || server == w->tx->node->identity->device) {
        return SP_OK;
    }
    SP_TRY(read(value, &s));
    SP_TRY(sp_node_peer(w->tx, server, &peer));
    *w->running =
        *w->running || peer.last_contact_ms + (uint64_t)s.term_days * DAY_MS >
                           sp_tx_now(w->tx);
    return SP_OK;
}

sp_err sp_served_term(
    struct sp_tx *tx, const struct sp_id *scope, bool *running)
{
    struct sp_kb prefix = key_of(scope);
    struct term_walk w = { .tx = tx,
        .now_serves = tx->rules->server_of(tx->rules->self, scope),
        .running = running };
    *running = false;
    return tx->node->store->walk(tx->txn, SP_T_META, sp_kb_slice(&prefix),
        (struct sp_slice){ 0 }, true, walk_term, &w);
}
