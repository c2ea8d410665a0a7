/* base_place.c - where the records of a device's decided commits lie, and what
 * a branch knows of one that head office does not. */
#include "engine.h"

#define DECIDED_BYTES_MAX                                                      \
    (4u * 1024u * 1024u) /* what is beyond is read again */

/* A logged commit, which stays for sp_base_decided while there is room. */
static sp_err decode(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_commit *out)
{
    struct sp_state_cache *k = tx->cache;
    struct sp_arena *arena = &k->decided_arena;
    if (arena->used > DECIDED_BYTES_MAX) {
        return sp_log_commit(tx, replica, n, &tx->scratch, out);
    }
    struct sp_commit *list =
        sp_arena_grow(arena, k->decided, k->decided_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    k->decided = list;
    SP_TRY(sp_log_commit(tx, replica, n, arena, out));
    k->decided[k->decided_count++] = *out;
    return SP_OK;
}

sp_err sp_base_decided(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_commit *out)
{
    struct sp_state_cache *k = tx->cache;
    const struct sp_commit *next = k->decided_next < k->decided_count
                                       ? &k->decided[k->decided_next]
                                       : NULL;
    if (next != NULL && next->replica == replica && next->n == n) {
        k->decided_next++;
        *out = *next;
        return SP_OK;
    }
    return sp_log_commit(tx, replica, n, &tx->scratch, out);
}

/* Whether the rules can tell here where the records of an accepted commit
 * belong that no server has sent. */
static sp_err commit_placed(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out)
{
    struct sp_commit c;
    sp_arena_reset(&tx->scratch);
    sp_err err = decode(tx, replica, n, &c);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err; /* erased */
    }
    for (uint32_t i = 0; i < c.count && *out; i++) {
        struct sp_stamp stamp = sp_commit_stamp(&c);
        struct sp_scopes scopes;
        struct sp_record after;
        struct sp_stored s;
        uint32_t changed;
        bool missing;
        SP_TRY(sp_place_load(tx, &c.change[i].ref, &tx->scratch, &s));
        sp_place_list(&s, &scopes);
        if (scopes.count > 0) {
            continue;
        }
        SP_TRY(sp_merge_write(
            &s.record, &c.change[i], &stamp, &tx->scratch, &after, &changed));
        SP_TRY(sp_place_scopes(tx, &after, &scopes, &missing));
        *out = !missing;
    }
    return SP_OK;
}

sp_err sp_base_placed(
    struct sp_tx *tx, sp_replica replica, uint64_t from, uint64_t to, bool *out)
{
    for (uint64_t n = from; n <= to && *out && !sp_tx_is_server(tx); n++) {
        bool accepted;
        SP_TRY(sp_base_accepted(tx, replica, n, &accepted));
        SP_TRY(accepted ? commit_placed(tx, replica, n, out) : SP_OK);
    }
    return SP_OK;
}

static sp_err change_scopes(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_change *change,
    void (*each)(void *arg, const struct sp_id *scope), void *arg)
{
    struct sp_stamp stamp = sp_commit_stamp(c);
    struct sp_scopes scopes = { .count = 0 };
    struct sp_record after;
    struct sp_stored s;
    uint32_t changed;
    bool missing;
    SP_TRY(sp_place_load(tx, &change->ref, &tx->scratch, &s));
    sp_place_list(&s, &scopes);
    if (scopes.count == 0) {
        SP_TRY(sp_merge_write(
            &s.record, change, &stamp, &tx->scratch, &after, &changed));
        SP_TRY(sp_place_scopes(tx, &after, &scopes, &missing));
    }
    for (uint32_t i = 0; i < scopes.count; i++) {
        each(arg, &scopes.id[i]);
    }
    return SP_OK;
}

sp_err sp_base_each_scope(struct sp_tx *tx, sp_replica replica, uint64_t from,
    uint64_t to, void (*each)(void *arg, const struct sp_id *scope), void *arg)
{
    for (uint64_t n = from; n <= to && !sp_tx_is_server(tx); n++) {
        bool accepted;
        struct sp_commit c;
        SP_TRY(sp_base_accepted(tx, replica, n, &accepted));
        sp_arena_reset(&tx->scratch);
        sp_err err = sp_log_commit(tx, replica, n, &tx->scratch, &c);
        if (err == SP_E_NOT_FOUND) {
            continue; /* erased */
        }
        SP_TRY(err);
        struct sp_id tray = sp_scope_person(c.user);
        for (uint32_t i = 0; i < c.count && accepted; i++) {
            SP_TRY(change_scopes(tx, &c, &c.change[i], each, arg));
        }
        if (!accepted) {
            each(arg, &tray);
        }
    }
    return SP_OK;
}

sp_err sp_base_ahead(struct sp_tx *tx, const struct sp_ref *ref, bool *out)
{
    struct sp_record r;
    *out = false;
    sp_err err = sp_tx_is_server(tx) ? sp_state_get(tx, ref, &tx->scratch, &r)
                                     : SP_E_NOT_FOUND;
    for (uint32_t i = 0; err == SP_OK && i < r.count; i++) {
        for (uint32_t k = 0; err == SP_OK && k < r.reg[i].count; k++) {
            struct sp_dot dot = r.reg[i].sibling[k].stamp.dot;
            struct sp_chain chain;
            err = sp_log_chain(tx, dot.replica, &chain);
            *out = *out || (err == SP_OK && dot.counter <= chain.n &&
                               dot.counter > chain.upper &&
                               dot.counter > chain.acknowledged);
        }
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}
