/*
 * writer.h - the one thread that writes: group commit.
 *
 * It takes the jobs that wait, runs them in one write transaction, commits
 * once and then tells each. When a job fails, it may have written before: the
 * whole transaction is dropped and each job is run again in one of its own,
 * save one that failed by the peer's fault, which would fail again. A commit
 * that fails is never tried again: nobody is told that it held, and the
 * process is asked to stop (a disk that failed once may lie next time).
 */
#ifndef SV_WRITER_H
#define SV_WRITER_H

#include "ops/metrics.h"
#include "policy/book.h"

/* One piece of work; the memory is the submitter's until done was called. */
struct sv_job {
    /* Works inside the tx; may run again in a new one, nothing kept. */
    sp_err (*run)(struct sv_job *job, struct sp_tx *tx);
    /* After the commit was durable, or with the error; on the writer's
     * thread, so quick. */
    void (*done)(struct sv_job *job, sp_err err);
    size_t bytes; /* of the request; a group has a ceiling */
    bool alone;   /* in a transaction of its own */
    sp_err err;   /* the writer's */
    struct sv_job *next;
};

struct sv_writer_setup {
    const struct sp_node *node;
    struct sv_shelf *shelf;
    struct sv_metrics *metrics;
    size_t queue_max;
    uint64_t group_delay_ms;
    size_t group_bytes;
    /* A commit failed: called once, on the writer's thread. */
    void (*fatal)(void *self, sp_err err);
    void *self;
};

struct sv_writer;

/* Starts the thread. NULL when that cannot be. */
struct sv_writer *sv_writer_start(const struct sv_writer_setup *setup);
/* Refuses new jobs, finishes those that wait, ends the thread, frees. */
void sv_writer_stop(struct sv_writer *w);
/* Changes what may change while it runs. */
void sv_writer_tune(struct sv_writer *w, size_t queue_max,
    uint64_t group_delay_ms, size_t group_bytes);

/* Makes what the dictionary derives for records that stood before it, in small
 * steps between other jobs; the writer itself does so when a dictionary comes.
 * Once after the start, before other threads submit. */
void sv_writer_derive(struct sv_writer *w);

/* Hands a job over. SP_E_BUSY when too many wait, SP_E_IO after a failed
 * commit; done is not called then. any thread */
SP_MUST_USE sp_err sv_writer_submit(struct sv_writer *w, struct sv_job *job);

/* Runs work in a transaction of its own and waits for it: commits when run
 * returns SP_OK, else nothing was changed. Not on the writer's thread. */
SP_MUST_USE sp_err sv_writer_run(
    struct sv_writer *w, sp_err (*run)(void *arg, struct sp_tx *tx), void *arg);

/* The same without waiting: the caller prepares the next piece meanwhile.
 *   out  its ticket, which sv_writer_wait takes back, always */
struct sv_writer_ticket;
SP_MUST_USE sp_err sv_writer_begin(struct sv_writer *w,
    sp_err (*run)(void *arg, struct sp_tx *tx), void *arg,
    struct sv_writer_ticket **out);
SP_MUST_USE sp_err sv_writer_wait(struct sv_writer_ticket *ticket);

uint64_t sv_writer_waiting(struct sv_writer *w);

#endif
