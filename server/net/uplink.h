/*
 * uplink.h - a branch's exchanges with head office: every night within a
 * window, spread by jitter, tried again with growing pauses; by day when
 * asked, or every so often. Devices never notice a failed one: only single
 * write transactions of the exchange share the writer with them.
 */
#ifndef SV_UPLINK_H
#define SV_UPLINK_H

#include "net/dial.h"
#include "net/writer.h"

struct sv_uplink_plan {
    char endpoint[SP_ENDPOINT_BYTES_MAX];
    unsigned from_minute, to_minute; /* local time of day; may pass midnight */
    uint64_t jitter_ms;
    uint64_t every_ms; /* 0: at night only */
    uint64_t rate_bytes;
    uint64_t retry_min_ms, retry_max_ms;
    unsigned retries;
    uint32_t timeout_ms;
};

/*
 * When the next nightly exchange starts: the window's next opening after now,
 * plus a share of jitter that keeps within the window.
 *   minute   of the day now, local; now_ms UTC
 *   random   any number, spreads the start
 */
uint64_t sv_uplink_next(const struct sv_uplink_plan *plan, uint64_t now_ms,
    unsigned minute, uint32_t random);
/* The pause before try number `tries` (from 1): full jitter in a doubling
 * bound. */
uint64_t sv_uplink_pause(
    const struct sv_uplink_plan *plan, unsigned tries, uint32_t random);

struct sv_uplink_setup {
    const struct sp_node *node;
    struct sv_shelf *shelf;
    struct sv_writer *writer;
    struct sv_metrics *metrics;
    uint32_t upper_device;
    uint8_t upper_static[32];
    struct sv_uplink_plan plan;
};

struct sv_uplink_state {
    bool running;
    uint64_t runs;                      /* exchanges that ended, good or bad */
    uint64_t next_ms;                   /* UTC; when the next one is due */
    uint64_t begun_ms, ended_ms, ok_ms; /* of the last one; 0 never */
    unsigned tries;                     /* failed in a row */
    struct sp_progress progress;
    struct sp_link_report report; /* of the last one */
    sp_err error;
    struct sv_dial_fault fault;
};

struct sv_uplink;

/* Starts the thread. NULL when that cannot be. */
struct sv_uplink *sv_uplink_start(const struct sv_uplink_setup *setup);
void sv_uplink_stop(struct sv_uplink *u); /* NULL is harmless */
void sv_uplink_tune(struct sv_uplink *u, const struct sv_uplink_plan *plan);
/* Asks for an exchange now; when one runs already, for that one. Returns the
 * number that state.runs must reach. any thread */
uint64_t sv_uplink_now(struct sv_uplink *u);
/* Waits up to ms for anything to change since the last look. any thread */
void sv_uplink_wait(
    struct sv_uplink *u, uint64_t ms, struct sv_uplink_state *out);
void sv_uplink_state(struct sv_uplink *u, struct sv_uplink_state *out);

/*
 * One conversation without a thread: what `branch join` does first. The
 * setup's plan gives endpoint and timeout.
 *   progress  may be NULL
 */
SP_MUST_USE sp_err sv_uplink_once(const struct sv_uplink_setup *setup,
    struct sp_link_report *report, struct sv_dial_fault *fault);

#endif
