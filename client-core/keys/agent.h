/*
 * agent.h - the process that remembers a store's root key after unlock.
 *
 * One small process a store and user (program satchel-agent, keys/main.c). It
 * holds 32 bytes in locked memory that goes into no core file, listens on a
 * socket of mode 0600, and gives the key to processes of the same user only
 * (SO_PEERCRED). It wipes the key and ends on request, or when nobody asked
 * for the key for the idle time; sleep of the machine counts as time.
 *
 * The socket lies in $XDG_RUNTIME_DIR/satchel, or else in a directory of mode
 * 0700 in $TMPDIR (/tmp), never in the store: a store may be copied, backed
 * up or lie on a disk that keeps no sockets.
 *
 *   request  one byte: 'G' give the key, 'P' are you there, 'E' end
 *   reply    one byte 'K', then for 'G' the 32 bytes of the key
 *
 * threads  any
 */
#ifndef CC_KEYS_AGENT_H
#define CC_KEYS_AGENT_H

#include "sp/seal.h"

#define CC_AGENT_PATH_BYTES 108u /* what a socket's address holds */
#define CC_AGENT_NOTE_BYTES 512u

#define CC_AGENT_GIVE  'G'
#define CC_AGENT_PING  'P'
#define CC_AGENT_END   'E'
#define CC_AGENT_REPLY 'K'

#define CC_AGENT_IDLE_NEVER UINT32_MAX

/*
 * Where the agent of a store listens; makes the directory.
 *   note    CC_AGENT_NOTE_BYTES: what is wrong and the way out
 *   errors  SP_E_NOT_FOUND (no such store), SP_E_IO (the directory belongs to
 *           somebody else, or its name is too long)
 */
SP_MUST_USE sp_err cc_agent_path(
    const char *store, char out[CC_AGENT_PATH_BYTES], char *note);

/*
 * Starts an agent, instead of one that listens there now; it listens when
 * this returns. The program is $SATCHEL_AGENT, else satchel-agent beside the
 * running program, else the installed one.
 *   errors  SP_E_NOT_FOUND (program), SP_E_IO, SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_agent_start(const char *path,
    const struct sp_secret *root, uint32_t idle_ms, char *note);

/* SP_E_LOCKED when no agent of this user listens there. */
SP_MUST_USE sp_err cc_agent_get(const char *path, struct sp_secret *out);
bool cc_agent_there(const char *path);
/* Ends it and waits, at most a second, until it has gone; SP_OK when there is
 * none. SP_E_IO */
SP_MUST_USE sp_err cc_agent_end(const char *path);

#endif
