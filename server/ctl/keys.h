/*
 * keys.h - which record a key names, for a file with a million rows: 16 or 32
 * bytes a key, nothing of the values.
 *
 * A key is known by 12 bytes of its BLAKE2b hash: with 2^22 keys that two of
 * them are taken for one has a chance of 1 in 2^53.
 *
 *   threads  one at a time a table
 */
#ifndef SV_KEYS_H
#define SV_KEYS_H

#include "sp/id.h"

#define SV_KEYS_MAX 4194304u

struct sv_keys;

/* ids: each key has a record. NULL: no memory. */
struct sv_keys *sv_keys_new(bool ids);
void sv_keys_free(struct sv_keys *k);

/* Of a value, or of several parts of one. */
struct sv_keys_hash {
    uint8_t b[12];
};
struct sv_keys_hash sv_keys_hash(struct sp_slice value);

/*
 * Puts a key in, unless it is there.
 *   line     kept with it; 0: none
 *   id       of its record, when the table has ids
 *   errors   SP_E_EXISTS (nothing changed), SP_E_TOO_LARGE over SV_KEYS_MAX,
 *            SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_keys_put(struct sv_keys *k,
    const struct sv_keys_hash *hash, uint32_t line, const struct sp_id *id);
/* Whether it is there; line and id (NULL: not asked) are out. */
bool sv_keys_get(const struct sv_keys *k, const struct sv_keys_hash *hash,
    uint32_t *line, struct sp_id *id);
#endif
