/*
 * sync.h - exchanges with a server: rounds of a conversation, tries, and the
 * time that all of it may take.
 *
 * One at a time a store, whichever process (SYNC X4): the file sync.lock in
 * the store directory is locked from open to close. Each turn of the
 * conversation is one transaction of the replica, so that other calls and
 * processes get in between.
 *
 *   retry    ours: a new session after a pause that is drawn between 0 and a
 *            bound that doubles, until the deadline; each page that came
 *            starts the deadline anew
 *   threads  one at a time
 */
#ifndef CC_SYNC_SYNC_H
#define CC_SYNC_SYNC_H

#include "sp/link.h"

#include "replica/replica.h"

#define CC_SYNC_NOTE_BYTES 512u
#define CC_SYNC_LOCK_FILE  "sync.lock"

struct cc_sync_options {
    const char *unit;     /* whose server; NULL: the home server */
    uint32_t deadline_ms; /* not 0 */
    /* May be NULL; not 0 stops. Called inside a transaction. */
    int (*progress)(void *self, const struct sp_progress *p);
    void *progress_self;
};

/* Of one call; sums over its tries. */
struct cc_sync_outcome {
    struct sp_link_report report;
    uint64_t tries;
    uint64_t elapsed_ms;
    uint32_t server;
    char note[CC_SYNC_NOTE_BYTES];
};

struct cc_sync;

/*
 * Takes the lock and finds the server; nothing is sent.
 *   options  copied, what it points to is not
 *   note     CC_SYNC_NOTE_BYTES
 *   errors   SP_E_IN_USE, SP_E_NOT_FOUND (unit), SP_E_STATE (not enrolled),
 *            SP_E_NOMEM, SP_E_IO
 */
SP_MUST_USE sp_err cc_sync_open(struct cc_sync **out, struct cc_replica *r,
    const struct cc_sync_options *options, char *note);
/* One whole exchange, in the open session where there is one. out is filled on
 * failure too. SP_E_OFFLINE, SP_E_BUSY (stopped), and what ends a
 * conversation. */
SP_MUST_USE sp_err cc_sync_round(
    struct cc_sync *s, struct cc_sync_outcome *out);
void cc_sync_close(struct cc_sync *s);

/* Whether some process syncs this store now. */
bool cc_sync_running(const char *path);

/*
 * Enrols: makes and keeps keys, shows the code, keeps the answer.
 *   label   up to SP_LABEL_BYTES_MAX
 *   errors  SP_E_CODE, SP_E_EXISTS (is enrolled), SP_E_OFFLINE, ...
 */
SP_MUST_USE sp_err cc_sync_enrol(struct cc_replica *r,
    const struct sp_enrol_code *code, struct sp_slice label,
    uint32_t deadline_ms, char *note);

#endif
