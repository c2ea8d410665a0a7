/*
 * keyfile.h - a 32-byte secret in a file of its own, mode 0600.
 *
 *   "satchel-KIND-1 " and 64 hex digits and a newline
 *
 * The store's key stands outside the store, so that a copy of the store alone
 * is worth nothing; the organisation's root key may be carried away.
 */
#ifndef SV_KEYFILE_H
#define SV_KEYFILE_H

#include "sp/seal.h"

#define SV_KEYFILE_NOTE_BYTES 512u

/*
 * Writes a new file, synced with its directory; never over an old one.
 *   kind    "store" or "root"
 *   note    SV_KEYFILE_NOTE_BYTES; what is wrong and the way out
 *   errors  SP_E_EXISTS, SP_E_IO, SP_E_FULL
 */
SP_MUST_USE sp_err sv_keyfile_write(const char *path, const char *kind,
    const struct sp_secret *secret, char *note);
/*
 * Reads one. A file that others can read is refused: its secret may be known.
 *   errors  SP_E_NOT_FOUND, SP_E_SECRET (mode, form or kind), SP_E_IO
 */
SP_MUST_USE sp_err sv_keyfile_read(
    const char *path, const char *kind, struct sp_secret *out, char *note);

#endif
