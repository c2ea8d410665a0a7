/*
 * commit.h - what one user action changed (SYNC C1 to C4).
 *
 * Numbered from 1 a replica, chained by hash, signed in batches. The encoded
 * form has two parts: the content (user, nonce, writes without contexts),
 * whose hash is the content id and survives renumbering, and the causal part
 * (number, time, serials, contexts), which a renumbered commit gets anew.
 */
#ifndef SP_COMMIT_H
#define SP_COMMIT_H

#include "sp/record.h"

#define SP_HASH_BYTES      32u /* BLAKE2b-256 of the chain */
#define SP_SIGNATURE_BYTES 64u
#define SP_NONCE_BYTES     8u

struct sp_hash {
    uint8_t b[SP_HASH_BYTES];
};

struct sp_write {
    struct sp_key key;
    struct sp_vector context; /* what the author saw for that key (SYNC M3) */
    struct sp_slice value;    /* canonical MessagePack */
};

/* The writes to one record; at all times sorted by key, each once. */
struct sp_change {
    struct sp_ref ref;
    uint32_t count;
    const struct sp_write *write;
};

/* A server's commit that hands on what a person wrote about a record that is
 * another one now (PROTOCOL.md, "Forwards"): its writes are stamped as his,
 * under the content dot of his commit, so however many servers hand it on, it
 * stands there once. */
struct sp_carried {
    struct sp_id content; /* of his commit; zero: nothing is handed on */
    sp_hlc time;
    uint8_t authority;
};

struct sp_commit {
    sp_replica replica;
    uint64_t n;
    sp_hlc time;
    uint32_t user;
    uint8_t authority;
    uint32_t dictionary; /* serials of the documents it was made under */
    uint32_t policy;
    uint32_t roster;
    uint8_t nonce[SP_NONCE_BYTES];
    uint32_t count;
    const struct sp_change *change; /* sorted by ref (type, then id) */
    struct sp_id content;      /* content id: made by encode and by decode */
    struct sp_carried carried; /* servers only; user is the person's */
};

/*
 * Encodes; fills in c->content. The replica is not in the bytes: a batch
 * names it once, and the chain hash covers it.
 *
 * A counter increment's element is its commit's content id (SYNC M1), which
 * is not known before: let the element be the 16 bytes c->content.b itself.
 * Encode takes an element that equals c->content as it stands for that, packs
 * nil for it, and then puts the new content id there. Zero c->content before
 * the first encode. Such an element stands alone among those of its field.
 *   errors   latched in out, among them SP_E_VECTOR, SP_E_TOO_LARGE and (out
 *            of order, empty) SP_E_ARGUMENT for what no decoder would take
 */
void sp_commit_encode(struct sp_commit *c, struct sp_buf *out);

/*
 * Decodes exactly the canonical form. Values and elements point into in.
 *   replica  whose commit it is
 *   errors   SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM,
 *            SP_E_VECTOR (a context at or above the commit's own dot)
 */
SP_MUST_USE sp_err sp_commit_decode(struct sp_slice in, sp_replica replica,
    struct sp_arena *arena, struct sp_commit *out);

/* The content part of a commit that was decoded before: what the content id
 * is a hash of. */
SP_MUST_USE sp_err sp_commit_content(
    struct sp_slice commit, struct sp_slice *out);
struct sp_id sp_commit_content_id(struct sp_slice content);
/* Decodes a content alone: replica, number, time, serials and contexts of out
 * are 0. Errors as above. */
SP_MUST_USE sp_err sp_commit_decode_content(
    struct sp_slice in, struct sp_arena *arena, struct sp_commit *out);

/* The stamp that all its writes get. */
struct sp_stamp sp_commit_stamp(const struct sp_commit *c);

/*
 * One step of the chain: BLAKE2b-256("satchel-commit" | prev | replica | n |
 * bytes). prev of commit 1 is 32 zero bytes.
 */
void sp_commit_chain(const struct sp_hash *prev, sp_replica replica, uint64_t n,
    struct sp_slice bytes, struct sp_hash *out);

/*
 * Signs or checks a chain's head (SYNC C3): Ed25519 over "satchel-head" |
 * organisation | replica | n | hash.
 *   secret   64-byte libsodium Ed25519 secret key
 *   errors   SP_E_FORGED
 */
void sp_commit_sign(const struct sp_id *org, sp_replica replica, uint64_t n,
    const struct sp_hash *hash, const uint8_t secret[64],
    uint8_t out[SP_SIGNATURE_BYTES]);
SP_MUST_USE sp_err sp_commit_verify(const struct sp_id *org, sp_replica replica,
    uint64_t n, const struct sp_hash *hash, const uint8_t public_key[32],
    const uint8_t signature[SP_SIGNATURE_BYTES]);

#endif
