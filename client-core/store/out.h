/*
 * out.h - a file that a person asked for: made aside, synced, then given its
 * name, so that there is a whole one or none.
 *
 * Made with mode 0600: it holds in the clear what the store keeps sealed.
 *
 *   threads  one at a time a file
 */
#ifndef CC_OUT_H
#define CC_OUT_H

#include "sp/bytes.h"

#define CC_OUT_PATH_BYTES 1024u

struct cc_out {
    int fd; /* to write to; -1: not open */
    bool force;
    char path[CC_OUT_PATH_BYTES]; /* "" for standard output */
    char aside[CC_OUT_PATH_BYTES + 24];
};

/*
 * Begins.
 *   path     "-" is standard output
 *   force    may take the place of a file that is there
 *   errors   SP_E_EXISTS, SP_E_NOT_FOUND (no such directory), SP_E_IO (errno
 *            says why), SP_E_ARGUMENT (path too long)
 */
SP_MUST_USE sp_err cc_out_begin(
    struct cc_out *out, const char *path, bool force);
/* All bytes, or SP_E_IO, SP_E_FULL. */
SP_MUST_USE sp_err cc_out_write(struct cc_out *out, struct sp_slice bytes);
/* Syncs and gives it its name. SP_E_EXISTS when somebody made one meanwhile;
 * dropped on failure. */
SP_MUST_USE sp_err cc_out_keep(struct cc_out *out);
/* Nothing is left of it. Harmless after keep. */
void cc_out_drop(struct cc_out *out);

#endif
