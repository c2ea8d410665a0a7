/* commit_chain.c - commits as a chain with signed heads (SYNC C3). */
#include "sp/commit.h"

#include <string.h>

#include "sp/seal.h"

void sp_commit_chain(const struct sp_hash *prev, sp_replica replica, uint64_t n,
    struct sp_slice bytes, struct sp_hash *out)
{
    static const char domain[] = "satchel-commit";
    struct sp_hasher h;
    uint8_t place[16];

    sp_set_u64be(place, replica);
    sp_set_u64be(place + 8, n);
    sp_hasher_init(&h, sizeof out->b, NULL);
    sp_hasher_add(&h, domain, sizeof domain - 1);
    sp_hasher_add(&h, prev->b, sizeof prev->b);
    sp_hasher_add(&h, place, sizeof place);
    sp_hasher_add(&h, bytes.data, bytes.size);
    sp_hasher_end(&h, out->b, sizeof out->b);
}

#define HEAD_DOMAIN "satchel-head"
#define HEAD_BYTES  (sizeof HEAD_DOMAIN - 1 + 16 + 8 + 8 + SP_HASH_BYTES)

/* What a signed head says (SYNC C3). */
static void head_message(uint8_t out[HEAD_BYTES], const struct sp_id *org,
    sp_replica replica, uint64_t n, const struct sp_hash *hash)
{
    memcpy(out, HEAD_DOMAIN, sizeof HEAD_DOMAIN - 1);
    out += sizeof HEAD_DOMAIN - 1;
    memcpy(out, org->b, sizeof org->b);
    sp_set_u64be(out + 16, replica);
    sp_set_u64be(out + 24, n);
    memcpy(out + 32, hash->b, sizeof hash->b);
}

void sp_commit_sign(const struct sp_id *org, sp_replica replica, uint64_t n,
    const struct sp_hash *hash, const uint8_t secret[64],
    uint8_t out[SP_SIGNATURE_BYTES])
{
    uint8_t message[HEAD_BYTES];

    head_message(message, org, replica, n, hash);
    sp_sign(SP_SLICE(message), secret, out);
}

sp_err sp_commit_verify(const struct sp_id *org, sp_replica replica, uint64_t n,
    const struct sp_hash *hash, const uint8_t public_key[32],
    const uint8_t signature[SP_SIGNATURE_BYTES])
{
    uint8_t message[HEAD_BYTES];

    head_message(message, org, replica, n, hash);
    return sp_sign_check(SP_SLICE(message), public_key, signature);
}
