/*
 * derive.c - records of before a dictionary get what it derives.
 *
 * What is derived is made where a commit is accepted (judge.c). That leaves
 * the records that stood before the dictionary said so. Head office makes it
 * for them, in steps, as changes like any other: a branch gets them with the
 * next exchange, and never has what head office lacks, so that both sides of
 * every proof count the same.
 */
#include "engine.h"

/* How far it is, for which dictionary: serial u32, type u16, id 16. */
#define AT_BYTES 22u

static struct sp_kb at_key(void)
{
    return sp_kb_text("derive-at");
}

static sp_err read_at(struct sp_tx *tx, uint32_t dictionary, struct sp_kb *from)
{
    struct sp_kb key = at_key();
    struct sp_slice value;
    struct sp_ref first = { .type = 0 };
    sp_err err = sp_tx_get(tx, SP_T_META, &key, &value);
    *from = sp_kb_ref(&first);
    if (err == SP_OK && value.size == AT_BYTES &&
        sp_get_u32be(value.data) == dictionary) {
        sp_kb_read_ref(value.data + 4, &first);
        *from = sp_kb_ref(&first);
        sp_kb_add_u8(from, 0); /* just behind it */
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err put_at(
    struct sp_tx *tx, uint32_t dictionary, const struct sp_ref *ref)
{
    struct sp_kb key = at_key(), at = sp_kb_u32(dictionary);
    sp_kb_add_ref(&at, ref);
    return sp_tx_put(tx, SP_T_META, &key, sp_kb_slice(&at));
}

static sp_err derive_one(struct sp_tx *tx, const struct sp_ref *ref)
{
    struct sp_record after;
    struct sp_scopes scopes;
    uint32_t made;
    sp_arena_reset(&tx->scratch);
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, &tx->scratch, s));
    sp_err err = tx->rules->derive(
        tx->rules->self, &s->record, SP_MAKE_ALL, &tx->scratch, &after, &made);
    if (err == SP_E_TOO_LARGE || (err == SP_OK && made == 0)) {
        return SP_OK; /* a record that is full stays as it is */
    }
    SP_TRY(err);
    sp_place_list(s, &scopes);
    return sp_place_store(tx, s, &after, &scopes, NULL);
}

/* The next record at or behind from whose type has derived fields. */
static sp_err next_one(struct sp_tx *tx, struct sp_kb *from, struct sp_ref *out)
{
    for (;;) {
        struct sp_slice key;
        SP_TRY(tx->node->store->seek(
            tx->txn, SP_T_RECORD, sp_kb_slice(from), false, &key, NULL));
        SP_ASSERT(key.size >= 18);
        sp_kb_read_ref(key.data, out);
        if (tx->rules->derives(tx->rules->self, out->type, 0)) {
            return SP_OK;
        }
        struct sp_ref next = { .type = (uint16_t)(out->type + 1u) };
        *from = sp_kb_ref(&next);
    }
}

sp_err sp_derive_records(struct sp_tx *tx, uint32_t budget, bool *more)
{
    uint32_t serial = tx->rules->serials(tx->rules->self).dictionary;
    struct sp_ref ref = { .type = 0 };
    struct sp_kb from;
    uint64_t done;
    *more = false;
    SP_TRY(sp_tx_get_u64(tx, "derived", &done));
    if (tx->node->tier != SP_TIER_HEAD_OFFICE || done == serial) {
        return SP_OK;
    }
    SP_TRY(read_at(tx, serial, &from));
    for (uint32_t i = 0; i < budget; i++) {
        sp_err err = next_one(tx, &from, &ref);
        if (err == SP_E_NOT_FOUND) {
            return sp_tx_put_u64(tx, "derived", serial);
        }
        SP_TRY(err);
        SP_TRY(derive_one(tx, &ref));
        from = sp_kb_ref(&ref);
        sp_kb_add_u8(&from, 0);
    }
    *more = true;
    return put_at(tx, serial, &ref);
}
