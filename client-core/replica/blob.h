/*
 * blob.h - bytes of photos and documents, beside the records that tell of
 * them: in pieces, sealed like every value, found by what they hold.
 *
 * At all times: a blob is there whole or not at all, and once, however often
 * and for however many records it was added; its name is a keyed hash of its
 * contents, which tells a finder of the disk nothing.
 *
 *   where    CC_T_BLOB, see STORAGE.md
 *   threads  inside a transaction of the replica
 */
#ifndef CC_REPLICA_BLOB_H
#define CC_REPLICA_BLOB_H

#include "replica/replica.h"

#define CC_T_BLOB ((enum sp_table)(SP_T_ROOM_0 + 3))

#define CC_BLOB_BYTES_MAX  20971520u
#define CC_BLOB_HASH_BYTES 32u
/* With seal and page head four pages of LMDB; and one bin of the protocol. */
#define CC_BLOB_PIECE_BYTES 16320u

/* Pieces of so many bytes. */
uint32_t cc_blob_pieces(uint64_t bytes);
/* BLAKE2b-256 of the contents. */
void cc_blob_hash(struct sp_slice bytes, uint8_t out[CC_BLOB_HASH_BYTES]);

/* Photos should leave the last room of the disk to what is typed: call before
 * the transaction begins, and again with false after. */
void cc_blob_leave_reserve(bool leave);

/*
 * Puts contents and a preview (may be empty); nothing where they are already.
 *   errors   SP_E_TOO_LARGE, SP_E_FULL, SP_E_IO
 */
SP_MUST_USE sp_err cc_blob_put(struct cc_replica *r, struct sp_tx *tx,
    struct sp_slice bytes, struct sp_slice preview);

enum cc_blob_part { CC_BLOB_CONTENTS, CC_BLOB_PREVIEW };
struct cc_blob_info {
    uint64_t bytes;
    uint64_t preview_bytes;
    bool to_go; /* no server has it */
};
/* SP_E_NOT_FOUND: not on this device; SP_E_CORRUPT. */
SP_MUST_USE sp_err cc_blob_look(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], struct cc_blob_info *out);
/*
 * Appends contents or preview, after all of them has been held against its
 * hash.
 *   errors   SP_E_NOT_FOUND; SP_E_CORRUPT: damaged; out is to be empty before,
 * and what it has then is of no use
 */
SP_MUST_USE sp_err cc_blob_get(struct cc_replica *r, struct sp_tx *tx,
    const uint8_t hash[CC_BLOB_HASH_BYTES], enum cc_blob_part part,
    struct sp_buf *out);
/* Those that no server has: how many, and their bytes. */
SP_MUST_USE sp_err cc_blob_to_go(
    struct cc_replica *r, struct sp_tx *tx, uint64_t *count, uint64_t *bytes);

#endif
