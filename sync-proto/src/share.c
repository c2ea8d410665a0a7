/* share.c - shares end (meta "due": end u64, type u16, id). */
#include "share.h"

#define PREFIX     "due"
#define PREFIX_LEN 3u
#define KEY_BYTES  (PREFIX_LEN + 8u + 18u)

static struct sp_kb key_of(uint64_t end_ms, const struct sp_ref *ref)
{
    struct sp_kb k = sp_kb_text(PREFIX);
    sp_kb_add_u64(&k, end_ms);
    sp_kb_add_ref(&k, ref);
    return k;
}

/* ---- which end first --------------------------------------------------- */

static void earlier(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    uint64_t *first = arg;
    (void)element;
    (void)user;
    if (*first == 0 || end_ms < *first) {
        *first = end_ms == 0 ? 1 : end_ms; /* 0 says that there is none */
    }
}

static uint64_t first_end(const struct sp_tx *tx, const struct sp_record *r)
{
    uint64_t first = 0;
    if (r != NULL && r->count > 0) {
        (void)tx->rules->shares(tx->rules->self, r, earlier, &first);
    }
    return first;
}

sp_err sp_share_note(struct sp_tx *tx, const struct sp_record *before,
    const struct sp_record *after)
{
    uint64_t had = first_end(tx, before), has = first_end(tx, after);
    if (had == has || !sp_tx_is_server(tx)) {
        return SP_OK;
    }
    if (had != 0) {
        struct sp_kb key = key_of(had, &before->ref);
        SP_TRY(sp_tx_del(tx, SP_T_META, &key));
    }
    if (has != 0) {
        struct sp_kb key = key_of(has, &after->ref);
        SP_TRY(sp_tx_put(tx, SP_T_META, &key, (struct sp_slice){ 0 }));
    }
    return SP_OK;
}

/* ---- what has ended ---------------------------------------------------- */

/* The shares of one record that have ended and are this server's to end. */
struct ended {
    struct sp_tx *tx;
    uint64_t now_ms;
    bool served; /* the record is: all of them are */
    uint32_t count;
    struct sp_draft_write write[SP_RECORD_SCOPES_MAX];
};

static const uint8_t nil_byte = 0xc0;

static bool serves(const struct sp_tx *tx, const struct sp_id *scope)
{
    return tx->rules->server_of(tx->rules->self, scope) ==
           tx->node->identity->device;
}

static void take_ended(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms)
{
    struct ended *e = arg;
    struct sp_id scope = sp_scope_person(user);
    if (end_ms <= e->now_ms && e->count < SP_RECORD_SCOPES_MAX &&
        (e->served || serves(e->tx, &scope))) {
        e->write[e->count++] = (struct sp_draft_write){ .key = { 0, element },
            .value = { &nil_byte, 1 } };
    }
}

/* memory of the writes: the arena's. count 0: nothing to do. */
static sp_err find_ended(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct ended *out)
{
    struct sp_stored s;
    struct sp_scopes scopes;
    bool missing;
    *out = (struct ended){ .tx = tx, .now_ms = sp_tx_now(tx) };
    SP_TRY(sp_place_load(tx, ref, arena, &s));
    if (s.record.count == 0) {
        return SP_OK;
    }
    sp_err err =
        tx->rules->scopes(tx->rules->self, &s.record, &s.record, &scopes);
    missing = err != SP_OK || scopes.count == 0;
    out->served = !missing && serves(tx, &scopes.id[0]);
    uint16_t field =
        tx->rules->shares(tx->rules->self, &s.record, take_ended, out);
    for (uint32_t i = 0; i < out->count; i++) {
        out->write[i].key.field = field;
    }
    return SP_OK;
}

/* Calls each for every record with a share that has ended, until one of them
 * says SP_E_NOT_FOUND. */
static sp_err each_ended(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_ref *ref, struct ended *e,
        struct sp_arena *arena),
    void *arg)
{
    struct sp_kb from = sp_kb_text(PREFIX);
    const uint64_t now = sp_tx_now(tx);
    struct sp_arena arena;
    struct sp_slice key;
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX + SP_RECORD_BYTES_MAX);
    sp_err err = tx->node->store->seek(
        tx->txn, SP_T_META, sp_kb_slice(&from), false, &key, NULL);
    while (err == SP_OK && key.size == KEY_BYTES &&
           memcmp(key.data, PREFIX, PREFIX_LEN) == 0 &&
           sp_get_u64be(key.data + PREFIX_LEN) <= now) {
        struct ended e;
        struct sp_ref ref;
        memcpy(from.b, key.data, key.size);
        from.size = key.size;
        sp_kb_read_ref(from.b + PREFIX_LEN + 8u, &ref);
        sp_arena_reset(&arena);
        err = find_ended(tx, &ref, &arena, &e);
        if (err == SP_OK && e.count > 0) {
            err = each(arg, &ref, &e, &arena);
        }
        if (err == SP_OK) {
            sp_kb_add_u8(&from, 0); /* the next key */
            err = tx->node->store->seek(
                tx->txn, SP_T_META, sp_kb_slice(&from), false, &key, NULL);
        }
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err say_so(void *arg, const struct sp_ref *ref, struct ended *e,
    struct sp_arena *arena)
{
    bool *due = arg;
    (void)ref;
    (void)e;
    (void)arena;
    *due = true;
    return SP_E_NOT_FOUND;
}

sp_err sp_share_due(struct sp_tx *tx, bool *due)
{
    *due = false;
    return each_ended(tx, say_so, due);
}

static sp_err take_away(void *arg, const struct sp_ref *ref, struct ended *e,
    struct sp_arena *arena)
{
    struct sp_tx *tx = arg;
    const struct sp_draft_change change = {
        .ref = *ref, .count = e->count, .write = e->write
    };
    const struct sp_draft draft = { .count = 1, .change = &change };
    return sp_commit_make_own(tx, &draft, arena);
}

sp_err sp_share_sweep(struct sp_tx *tx)
{
    return each_ended(tx, take_away, tx);
}
