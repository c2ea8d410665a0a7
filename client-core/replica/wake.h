/*
 * wake.h - did this store wake up where it went to sleep (SYNC X3)?
 *
 * A copied phone, a restored backup of one, or a cloned disk would issue the
 * commit numbers of the first one again. Each transaction stores where and
 * when it was made; before a write that is compared with what is so now. A
 * false alarm costs a new incarnation and nothing else.
 *
 *   threads  any; nothing here keeps state
 */
#ifndef CC_REPLICA_WAKE_H
#define CC_REPLICA_WAKE_H

#include "sp/bytes.h"

#define CC_WAKE_BYTES_MAX 64u
#define CC_WAKE_SLACK_MS  10000u /* a commit's own write comes a bit later */

struct cc_wake {
    uint8_t machine[16]; /* hash of the machine's or platform's id; zeros when
                            there is none */
    uint64_t volume;     /* st_dev */
    uint64_t file;       /* st_ino */
    uint64_t at_ms;      /* looked at: modified; stored: time of the commit */
};

/* How it is found out; another one in tests. */
struct cc_wake_probe {
    void *self;
    /* path: of the data file. SP_E_IO. */
    sp_err (*look)(void *self, const char *path, struct cc_wake *out);
};
/* /etc/machine-id and stat. */
struct cc_wake_probe cc_wake_system(void);

/* Whether the store woke elsewhere, or was written by somebody else. */
bool cc_wake_elsewhere(const struct cc_wake *stored, const struct cc_wake *now);

/* Errors latch in out. */
void cc_wake_encode(const struct cc_wake *w, struct sp_buf *out);
SP_MUST_USE sp_err cc_wake_decode(struct sp_slice in, struct cc_wake *out);

#endif
