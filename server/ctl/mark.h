/*
 * mark.h - how far a file that is taken in has come: one mark a file, written
 * with each batch in its transaction, and kept as the note of who took in what
 * (table SV_T_IMPORT; the key is a hash of the file, of how it was matched and
 * of the person).
 */
#ifndef SV_MARK_H
#define SV_MARK_H

#include "sp/node.h"

struct sv_mark_counts {
    uint64_t created, updated, unchanged, duplicate, refused;
    uint64_t as_typed; /* phone numbers that could not be normalised */
    uint64_t similar;  /* new ones that may be somebody who is here */
    uint64_t asked;    /* of them, left for a person to decide */
    uint64_t before;   /* rows that earlier runs have dealt with */
    uint64_t rows;     /* of the file, so far */
};

struct sv_mark {
    uint64_t at_ms;
    uint32_t user;
    struct sv_mark_counts
        counts;           /* as_typed, similar, asked, before are not kept */
    uint8_t hash[32];     /* BLAKE2b-256 of the file */
    struct sp_slice name; /* cut to 200 bytes; of a read mark in the
                             store's memory */
};

SP_MUST_USE sp_err sv_mark_put(
    struct sp_tx *tx, const uint8_t key[32], const struct sv_mark *mark);
/* SP_E_NOT_FOUND */
SP_MUST_USE sp_err sv_mark_get(
    struct sp_tx *tx, const uint8_t key[32], struct sv_mark *out);
/* All of them, in no order. */
SP_MUST_USE sp_err sv_mark_walk(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sv_mark *mark), void *arg);

#endif
