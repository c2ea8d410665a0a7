#include "store/lmdb_record.h"

#include <string.h>

/* Numbers of the sub-keys of a store's root key; 2 to 5 are named for others
 * in STORAGE.md. */
enum {
    KEY_VALUE = 1,
    KEY_STATE_ROOT = 6,
    KEY_RECORD = 7,
    KEY_CHECK = 8,
    KEY_CHECKED = 9
};
static const char context[8] = "SVstore1";

static const uint8_t record_name[3] = { 'S', 'C', '1' };
static const uint8_t value_name[3] = { 'S', 'V', '1' };

void cc_lmdb_record_keys_init(
    struct cc_lmdb_record_keys *k, const struct sp_secret *root, uint32_t epoch)
{
    struct sp_secret part;

    sp_subkey(&k->value, KEY_VALUE, context, root);
    sp_subkey(&k->record, KEY_RECORD, context, root);
    sp_subkey(&k->checked, KEY_CHECKED, context, root);
    sp_subkey(&part, KEY_STATE_ROOT, context, root);
    memcpy(k->hash, part.b, sizeof k->hash);
    sp_subkey(&part, KEY_CHECK, context, root);
    memcpy(k->check, part.b, sizeof k->check);
    sp_secret_wipe(&part);
    k->epoch = epoch;
}

void cc_lmdb_record_keys_wipe(struct cc_lmdb_record_keys *k)
{
    sp_wipe(k, sizeof *k);
}

void cc_lmdb_record_bind(
    struct cc_lmdb_record_bound *b, enum sp_table table, struct sp_slice key)
{
    SP_ASSERT(key.size > 0 && key.size <= SP_STORE_KEY_MAX);
    memcpy(b->bytes, value_name, sizeof value_name);
    sp_set_u16be(b->bytes + 3, (uint16_t)table);
    sp_set_u16be(b->bytes + 5, (uint16_t)key.size);
    memcpy(b->bytes + 7, key.data, key.size);
    b->size = 7 + key.size;
}

static void hash_entry(uint64_t *high, uint64_t *low,
    const struct cc_lmdb_record_keys *k, struct cc_lmdb_record_bound *b,
    struct sp_slice stored)
{
    uint8_t hash[16];
    size_t size = b->size;

    if (stored.size >= CC_LMDB_RECORD_TAG_BYTES) {
        memcpy(b->bytes + size,
            stored.data + stored.size - CC_LMDB_RECORD_TAG_BYTES,
            CC_LMDB_RECORD_TAG_BYTES);
        size += CC_LMDB_RECORD_TAG_BYTES;
    }
    sp_siphash(hash, sp_slice_of(b->bytes, size), k->hash);
    *high = sp_get_u64be(hash);
    *low = sp_get_u64be(hash + 8);
}

void cc_lmdb_record_add(struct cc_lmdb_record *r,
    const struct cc_lmdb_record_keys *k, struct cc_lmdb_record_bound *b,
    struct sp_slice stored)
{
    uint64_t high, low;

    hash_entry(&high, &low, k, b, stored);
    r->root_low += low;
    r->root_high += high + (r->root_low < low);
}

void cc_lmdb_record_take(struct cc_lmdb_record *r,
    const struct cc_lmdb_record_keys *k, struct cc_lmdb_record_bound *b,
    struct sp_slice stored)
{
    uint64_t high, low;

    hash_entry(&high, &low, k, b, stored);
    r->root_high -= high + (r->root_low < low);
    r->root_low -= low;
}

void cc_lmdb_record_encode(uint8_t out[CC_LMDB_RECORD_BYTES],
    const struct cc_lmdb_record *r, const struct cc_lmdb_record_keys *k,
    const uint8_t nonce[SP_SEAL_NONCE_BYTES])
{
    uint8_t plain[CC_LMDB_RECORD_PLAIN_BYTES], *at = plain;
    const size_t head = sizeof record_name + sizeof k->check;

    memcpy(out, record_name, sizeof record_name);
    memcpy(out + sizeof record_name, k->check, sizeof k->check);
    sp_set_u64be(at, r->commit);
    at += 8;
    for (unsigned t = 0; t < SP_T_COUNT; t++, at += 8) {
        sp_set_u64be(at, r->count[t]);
    }
    sp_set_u64be(at, r->root_high);
    sp_set_u64be(at + 8, r->root_low);
    sp_seal(out + head, SP_SLICE(plain), sp_slice_of(out, head), k->epoch,
        nonce, &k->record);
    sp_wipe(plain, sizeof plain);
}

sp_err cc_lmdb_record_decode(struct cc_lmdb_record *r, struct sp_slice in,
    const struct cc_lmdb_record_keys *k)
{
    uint8_t plain[CC_LMDB_RECORD_PLAIN_BYTES];
    const uint8_t *at = plain;
    const size_t head = sizeof record_name + sizeof k->check;

    if (in.size < head || memcmp(in.data, record_name, 2) != 0) {
        return SP_E_CORRUPT;
    }
    if (in.data[2] != record_name[2]) {
        return SP_E_VERSION;
    }
    if (in.size != CC_LMDB_RECORD_BYTES) {
        return SP_E_CORRUPT;
    }
    if (memcmp(in.data + sizeof record_name, k->check, sizeof k->check) != 0) {
        return SP_E_SECRET;
    }
    if (sp_unseal(plain, sp_slice_of(in.data + head, in.size - head),
            sp_slice_of(in.data, head), &k->record) != SP_OK) {
        return SP_E_CORRUPT;
    }
    r->commit = sp_get_u64be(at);
    at += 8;
    for (unsigned t = 0; t < SP_T_COUNT; t++, at += 8) {
        r->count[t] = sp_get_u64be(at);
    }
    r->root_high = sp_get_u64be(at);
    r->root_low = sp_get_u64be(at + 8);
    sp_wipe(plain, sizeof plain);
    return SP_OK;
}
