#include "replica/blob.h"

#include <string.h>

#include "sp/pack.h"
#include "sp/seal.h"

#include "store/lmdb_reserve.h"

#define VERSION        1u
#define NAME_BYTES     16u
#define HEAD_BYTES_MAX 160u
#define PREVIEW_HASH   16u

/* What an entry is; the first byte of its key, so that heads lie together. */
enum kind { HEAD = 1, CONTENTS = 2, PREVIEW = 3 };

/* kind u8 | name 16 | number u32 */
struct key {
    uint8_t b[1 + NAME_BYTES + 4];
};

struct head {
    uint64_t bytes, preview_bytes;
    uint8_t preview_hash[PREVIEW_HASH];
    bool to_go;
};

uint32_t cc_blob_pieces(uint64_t bytes)
{
    return (uint32_t)((bytes + CC_BLOB_PIECE_BYTES - 1) / CC_BLOB_PIECE_BYTES);
}

void cc_blob_hash(struct sp_slice bytes, uint8_t out[CC_BLOB_HASH_BYTES])
{
    sp_hash(out, CC_BLOB_HASH_BYTES, bytes, NULL);
}

void cc_blob_leave_reserve(bool leave)
{
    cc_lmdb_reserve_leave(leave);
}

/* ---- entries ------------------------------------------------------------- */

static void make_key(const struct cc_replica *r, enum kind kind,
    const uint8_t hash[CC_BLOB_HASH_BYTES], struct key *out)
{
    out->b[0] = (uint8_t)kind;
    sp_hash(out->b + 1, NAME_BYTES, sp_slice_of(hash, CC_BLOB_HASH_BYTES),
        &r->blob_key);
    memset(out->b + 1 + NAME_BYTES, 0, 4);
}

static struct sp_slice numbered(struct key *k, uint32_t n)
{
    uint8_t *at = k->b + 1 + NAME_BYTES;

    at[0] = (uint8_t)(n >> 24);
    at[1] = (uint8_t)(n >> 16);
    at[2] = (uint8_t)(n >> 8);
    at[3] = (uint8_t)n;
    return sp_slice_of(k->b, sizeof(k->b));
}

static sp_err put_pieces(struct cc_replica *r, struct sp_tx *tx,
    struct key *key, struct sp_slice bytes)
{
    sp_err err = SP_OK;

    for (uint32_t n = 0; bytes.size > 0 && err == SP_OK; n++) {
        size_t size =
            bytes.size < CC_BLOB_PIECE_BYTES ? bytes.size : CC_BLOB_PIECE_BYTES;

        err = r->store.put(tx->txn, CC_T_BLOB, numbered(key, n),
            sp_slice_of(bytes.data, size));
        bytes = sp_slice_of(bytes.data + size, bytes.size - size);
    }
    return err;
}

static sp_err put_head(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], const struct head *h)
{
    struct key key;
    struct sp_buf b;
    sp_err err;

    make_key(r, HEAD, hash, &key);
    sp_buf_init(&b, HEAD_BYTES_MAX);
    sp_wr_array(&b, 6);
    sp_wr_uint(&b, VERSION);
    sp_wr_bin(&b, hash, CC_BLOB_HASH_BYTES);
    sp_wr_uint(&b, h->bytes);
    sp_wr_uint(&b, h->preview_bytes);
    sp_wr_bin(&b, h->preview_hash, PREVIEW_HASH);
    sp_wr_uint(&b, h->to_go);
    err = b.err == SP_OK ? r->store.put(tx->txn, CC_T_BLOB, numbered(&key, 0),
                               sp_buf_slice(&b))
                         : b.err;
    sp_buf_free(&b);
    return err;
}

static sp_err read_head(
    struct sp_slice stored, const uint8_t *hash, struct head *out)
{
    struct sp_slice of, preview;
    struct sp_rd r;

    sp_rd_init(&r, stored);
    sp_rd_array_of(&r, 6);
    (void)sp_rd_uint(&r, VERSION, VERSION);
    of = sp_rd_bin(&r, CC_BLOB_HASH_BYTES);
    out->bytes = sp_rd_uint(&r, 1, CC_BLOB_BYTES_MAX);
    out->preview_bytes = sp_rd_uint(&r, 0, CC_BLOB_BYTES_MAX);
    preview = sp_rd_bin(&r, PREVIEW_HASH);
    out->to_go = sp_rd_uint(&r, 0, 1) == 1;
    if (sp_rd_done(&r) != SP_OK || of.size != CC_BLOB_HASH_BYTES ||
        preview.size != PREVIEW_HASH ||
        (hash != NULL && memcmp(of.data, hash, CC_BLOB_HASH_BYTES) != 0)) {
        return SP_E_CORRUPT;
    }
    memcpy(out->preview_hash, preview.data, PREVIEW_HASH);
    return SP_OK;
}

static sp_err get_head(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], struct head *out)
{
    struct sp_slice stored;
    struct key key;
    sp_err err;

    make_key(r, HEAD, hash, &key);
    err = r->store.get(tx->txn, CC_T_BLOB, numbered(&key, 0), &stored);
    return err == SP_OK ? read_head(stored, hash, out) : err;
}

/* ---- put ----------------------------------------------------------------- */

sp_err cc_blob_put(struct cc_replica *r, struct sp_tx *tx,
    struct sp_slice bytes, struct sp_slice preview)
{
    struct head h = { bytes.size, preview.size, { 0 }, true };
    uint8_t hash[CC_BLOB_HASH_BYTES];
    struct head there;
    struct key key;
    sp_err err;

    if (bytes.size == 0 || bytes.size > CC_BLOB_BYTES_MAX ||
        preview.size > CC_BLOB_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    cc_blob_hash(bytes, hash);
    err = get_head(r, tx, hash, &there);
    if (err != SP_E_NOT_FOUND) {
        return err;
    }
    sp_hash(h.preview_hash, PREVIEW_HASH, preview, NULL);
    make_key(r, CONTENTS, hash, &key);
    err = put_pieces(r, tx, &key, bytes);
    if (err == SP_OK) {
        make_key(r, PREVIEW, hash, &key);
        err = put_pieces(r, tx, &key, preview);
    }
    return err == SP_OK ? put_head(r, tx, hash, &h) : err;
}

/* ---- get ----------------------------------------------------------------- */

sp_err cc_blob_look(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], struct cc_blob_info *out)
{
    struct head h;
    sp_err err = get_head(r, tx, hash, &h);

    if (err == SP_OK) {
        *out = (struct cc_blob_info){ h.bytes, h.preview_bytes, h.to_go };
    }
    return err;
}

/* A piece that is missing is damage: they were put in one transaction. */
static sp_err get_pieces(struct cc_replica *r, struct sp_tx *tx,
    struct key *key, uint64_t bytes, struct sp_buf *out)
{
    struct sp_slice piece;
    sp_err err = SP_OK;

    for (uint32_t n = 0; bytes > 0 && err == SP_OK; n++) {
        err = r->store.get(tx->txn, CC_T_BLOB, numbered(key, n), &piece);
        if (err == SP_OK && (piece.size == 0 || piece.size > bytes)) {
            err = SP_E_CORRUPT;
        }
        if (err == SP_OK) {
            sp_buf_put(out, piece.data, piece.size);
            bytes -= piece.size;
            err = out->err;
        }
    }
    return err == SP_E_NOT_FOUND ? SP_E_CORRUPT : err;
}

sp_err cc_blob_get(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], enum cc_blob_part part,
    struct sp_buf *out)
{
    bool preview = part == CC_BLOB_PREVIEW;
    uint8_t found[CC_BLOB_HASH_BYTES];
    size_t size = preview ? PREVIEW_HASH : CC_BLOB_HASH_BYTES;
    struct sp_slice whole;
    struct key key;
    struct head h;
    sp_err err = get_head(r, tx, hash, &h);

    if (err != SP_OK) {
        return err;
    }
    make_key(r, preview ? PREVIEW : CONTENTS, hash, &key);
    err = get_pieces(r, tx, &key, preview ? h.preview_bytes : h.bytes, out);
    if (err != SP_OK) {
        return err;
    }
    whole = sp_buf_slice(out);
    sp_hash(found, size, whole, NULL);
    return memcmp(found, preview ? h.preview_hash : hash, size) == 0
               ? SP_OK
               : SP_E_CORRUPT;
}

struct sum {
    uint64_t count, bytes;
};

static sp_err add(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct sum *s = (struct sum *)arg;
    struct head h;
    sp_err err = read_head(value, NULL, &h);

    (void)key;
    if (err == SP_OK && h.to_go) {
        s->count++;
        s->bytes += h.bytes;
    }
    return err;
}

sp_err cc_blob_to_go(
    struct cc_replica *r, struct sp_tx *tx, uint64_t *count, uint64_t *bytes)
{
    static const uint8_t heads = HEAD;
    struct sum s = { 0, 0 };
    sp_err err = r->store.walk(tx->txn, CC_T_BLOB, sp_slice_of(&heads, 1),
        sp_slice_of(NULL, 0), true, add, &s);

    if (err == SP_OK) {
        *count = s.count;
        *bytes = s.bytes;
    }
    return err;
}
