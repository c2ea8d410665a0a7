/*
 * metrics.h - counters of a running server, as Prometheus text.
 *
 * One list yields the counters, their names and their help. Counters only
 * rise, gauges are set by who reads them out.
 */
#ifndef SV_METRICS_H
#define SV_METRICS_H

#include <stdatomic.h>

#include "sp/bytes.h"

// clang-format off
#define SV_METRIC_LIST(X)                                                      \
    X(frames_in, counter, "frames received")                                   \
    X(frames_out, counter, "frames sent")                                      \
    X(bytes_in, counter, "bytes of frames received")                           \
    X(bytes_out, counter, "bytes of frames sent")                              \
    X(frames_bad, counter, "frames that were refused; the connection ended")   \
    X(errors_sent, counter, "error frames sent")                               \
    X(handshakes, counter, "handshakes begun")                                 \
    X(handshakes_rate, counter, "handshakes refused: too many from there")     \
    X(sessions_foreign, counter, "frames with a session of another connection") \
    X(sessions_ended, counter, "sessions that ended, whatever the reason")     \
    X(pipes_refused, counter, "connections over the cap of their address")     \
    X(pipes_silent, counter, "connections closed: no session in time")         \
    X(pipes_idle, counter, "connections closed: nothing said for long")        \
    X(queue_full, counter, "writes told to come again later")                  \
    X(commits, counter, "write transactions committed")                        \
    X(commits_grouped, counter, "writes that these transactions held")         \
    X(commits_retried, counter, "groups taken apart after a failure")          \
    X(commits_failed, counter, "write transactions that failed")               \
    X(commit_us, counter, "microseconds spent in committing")                  \
    X(read_serves, counter, "requests served from a snapshot")                 \
    X(verdicts_accepted, counter, "commits accepted")                          \
    X(verdicts_refused, counter, "commits refused")                            \
    X(verdicts_deferred, counter, "commits deferred")                          \
    X(enrolments, counter, "devices and branches enrolled")                    \
    X(uplink_runs, counter, "exchanges with head office begun")                \
    X(uplink_failures, counter, "exchanges with head office that failed")      \
    X(sessions_open, gauge, "open sessions")                                   \
    X(sessions_half_open, gauge, "handshakes without their first record")      \
    X(pipes_open, gauge, "open connections")                                   \
    X(queue_waiting, gauge, "writes that wait")                                \
    X(uplink_last_ok_ms, gauge, "time of the last exchange, UTC ms")
// clang-format on

struct sv_metrics {
#define SV_METRIC_FIELD(name, kind, help) _Atomic uint64_t name;
    SV_METRIC_LIST(SV_METRIC_FIELD)
#undef SV_METRIC_FIELD
};

/* any thread */
void sv_metrics_add(_Atomic uint64_t *counter, uint64_t n);
void sv_metrics_set(_Atomic uint64_t *gauge, uint64_t n);

/* Prometheus text exposition, version 0.0.4; errors latch in out. */
void sv_metrics_text(const struct sv_metrics *m, struct sp_buf *out);

#endif
