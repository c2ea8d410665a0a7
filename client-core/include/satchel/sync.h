/*
 * sync.h - exchanges with a server.
 */
#ifndef SATCHEL_SYNC_H
#define SATCHEL_SYNC_H

#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct satchel_progress {
    uint64_t pushed, to_push; /* edits; to_*: 0 while not known */
    uint64_t pulled, to_pull; /* records */
    uint64_t bytes_sent, bytes_received;
};

struct satchel_sync_options {
    /* Code of the unit whose server is asked; NULL: the home server. */
    const char *unit;
    uint32_t deadline_ms; /* for all tries together; 0: 30,000. Every step
                             that brings something starts it anew. A server
                             that says nothing at all is given up after 3 s */
    /* May be NULL. Called on the caller's thread; not 0 ends the sync with
     * SATCHEL_E_BUSY (what came so far stays). Must not call this library. */
    int (*progress)(void *self, const struct satchel_progress *p);
    void *progress_self;
};

struct satchel_sync_report {
    bool same;     /* there was nothing to do */
    bool complete; /* came to its end; else the next sync goes on from here */
    uint64_t pushed;
    uint64_t accepted, refused, deferred; /* verdicts learnt */
    uint64_t pulled;
    uint64_t purged; /* records that this device may no longer hold */
    uint64_t alarms; /* scopes whose proof failed and that are read again */
    uint64_t round_trips, bytes_sent, bytes_received;
    uint64_t pending; /* edits that no server has yet */
    uint64_t tries;
    uint64_t elapsed_ms;
    int64_t clock_offset_ms; /* the server's clock minus ours */
    uint32_t server;         /* its device number */
};

/*
 * One whole exchange: own edits up, then news down, then the proof.
 *   options, report  may be NULL; the report is filled on failure too
 *   errors           SATCHEL_E_OFFLINE, SATCHEL_E_REVOKED, SATCHEL_E_IN_USE
 *                    (another process syncs this store), ...
 */
SATCHEL_API int satchel_sync(struct satchel *s,
    const struct satchel_sync_options *options,
    struct satchel_sync_report *report, struct satchel_error *e);

/*
 * A session that stays open, for a screen that follows: each round sends what
 * was written here since and brings what is new. One sync at a time: while it
 * is open satchel_sync is SATCHEL_E_IN_USE.
 */
struct satchel_live;
/* Opens and does the first round. */
SATCHEL_API int satchel_live_open(struct satchel *s,
    const struct satchel_sync_options *options, struct satchel_live **out,
    struct satchel_sync_report *report, struct satchel_error *e);
/* One round; the report counts this round alone. A session that has grown too
 * old is replaced by a new one within. Call it from one thread at a time. */
SATCHEL_API int satchel_live_round(struct satchel_live *live,
    struct satchel_sync_report *report, struct satchel_error *e);
/* Before satchel_close. NULL is harmless. */
SATCHEL_API void satchel_live_close(struct satchel_live *live);

#ifdef __cplusplus
}
#endif

#endif
