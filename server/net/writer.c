#include "net/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "ops/env.h"
#include "ops/log.h"

#define GROUP_JOBS_MAX 256u

struct sv_writer {
    struct sv_writer_setup setup;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct sv_job *first, *last;
    size_t waiting;
    bool stopping;
    bool failed;          /* a commit did; nothing is written any more */
    struct sv_job derive; /* waits or runs while derive_busy */
    bool derive_busy;
    bool derive_more;
};

/* The jobs of one transaction, in order of arrival. */
struct group {
    struct sv_job *first, *last;
    size_t count;
    size_t bytes;
};

static void append(struct group *g, struct sv_job *job)
{
    job->next = NULL;
    *(g->last == NULL ? &g->first : &g->last->next) = job;
    g->last = job;
    g->count++;
    g->bytes += job->bytes;
}

/* Waits a little for more company, at most the configured delay. */
static void linger(struct sv_writer *w)
{
    struct timespec until;
    uint64_t delay = w->setup.group_delay_ms;
    if (delay == 0 || w->stopping) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(delay % 1000) * 1000000;
    until.tv_sec += (time_t)(delay / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!w->stopping && w->waiting < GROUP_JOBS_MAX &&
           pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0) {
    }
}

/* Takes what goes into one transaction; false when it is time to stop. */
static bool next_group(struct sv_writer *w, struct group *g)
{
    *g = (struct group){ .first = NULL };
    pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->stopping) {
        pthread_cond_wait(&w->wake, &w->lock);
    }
    if (w->first != NULL && !w->first->alone) {
        linger(w);
    }
    while (w->first != NULL && g->count < GROUP_JOBS_MAX &&
           (g->count == 0 || (!w->first->alone && g->bytes + w->first->bytes <=
                                                      w->setup.group_bytes))) {
        struct sv_job *job = w->first;
        w->first = job->next;
        w->last = w->first == NULL ? NULL : w->last;
        w->waiting--;
        append(g, job);
        if (job->alone) {
            break;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return g->count > 0;
}

static void fail_for_good(struct sv_writer *w, sp_err err)
{
    pthread_mutex_lock(&w->lock);
    bool first = !w->failed;
    w->failed = true;
    pthread_mutex_unlock(&w->lock);
    sv_metrics_add(&w->setup.metrics->commits_failed, 1);
    if (first) {
        w->setup.fatal(w->setup.self, err);
    }
}

static void count_verdicts(struct sv_metrics *m, const struct sp_tx *tx)
{
    sv_metrics_add(&m->verdicts_accepted, tx->accepted);
    sv_metrics_add(&m->verdicts_refused, tx->refused);
    sv_metrics_add(&m->verdicts_deferred, tx->deferred);
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static sp_err commit(struct sv_writer *w, struct sp_tx *tx, size_t jobs)
{
    struct sv_metrics *m = w->setup.metrics;
    struct sp_tx counted = *tx; /* only its numbers are looked at */
    uint64_t from = now_us();
    sp_err err = sp_tx_commit(tx);
    if (err == SP_E_IO || err == SP_E_FULL || err == SP_E_CORRUPT) {
        fail_for_good(w, err);
    }
    if (err != SP_OK) {
        return err;
    }
    sv_metrics_add(&m->commit_us, now_us() - from);
    sv_metrics_add(&m->commits, 1);
    sv_metrics_add(&m->commits_grouped, jobs);
    count_verdicts(m, &counted);
    return SP_OK;
}

/* A fault of the peer's or of the policy: the same in any tx. */
static bool is_final(sp_err err)
{
    enum sp_class class = sp_err_class(err);
    return err != SP_OK && class != SP_CLASS_LOCAL && class != SP_CLASS_BUSY;
}

/* Runs one job alone; a job that fails leaves nothing behind. */
static sp_err run_alone(struct sv_writer *w, struct sv_job *job,
    const struct sp_rules *rules, bool *documents)
{
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, w->setup.node, rules, true);
    if (err != SP_OK) {
        return err;
    }
    err = job->run(job, &tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    bool brought = tx.documents;
    err = commit(w, &tx, 1);
    *documents = *documents || (brought && err == SP_OK);
    return err;
}

static void run_each(struct sv_writer *w, struct group *g,
    const struct sp_rules *rules, bool *documents)
{
    for (struct sv_job *job = g->first; job != NULL; job = job->next) {
        if (!is_final(job->err)) {
            job->err =
                w->failed ? SP_E_IO : run_alone(w, job, rules, documents);
        }
    }
}

/* All in one transaction; false when it had to be dropped. */
static bool run_together(struct sv_writer *w, struct group *g,
    const struct sp_rules *rules, bool *documents)
{
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, w->setup.node, rules, true);
    for (struct sv_job *job = g->first; err == SP_OK && job != NULL;
         job = job->next) {
        job->err = job->run(job, &tx);
        if (job->err != SP_OK) {
            /* It may have written before it failed. */
            sp_tx_abort(&tx);
            return false;
        }
    }
    bool brought = err == SP_OK && tx.documents;
    if (err == SP_OK) {
        err = commit(w, &tx, g->count);
    }
    for (struct sv_job *job = g->first; err != SP_OK && job != NULL;
         job = job->next) {
        job->err = err;
    }
    *documents = brought && err == SP_OK;
    return true;
}

static sp_err retry_waiting(struct sv_writer *w, const struct sp_rules *rules)
{
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, w->setup.node, rules, true);
    if (err != SP_OK) {
        return err;
    }
    err = sp_node_retry(&tx);
    if (err != SP_OK) {
        sp_tx_abort(&tx);
        return err;
    }
    return commit(w, &tx, 1);
}

/* ---- what a new dictionary derives ------------------------------------- */

#define DERIVE_RECORDS 200u /* of one step: some tens of milliseconds */

static struct sv_writer *deriving(struct sv_job *job)
{
    return (struct sv_writer *)(void *)((char *)job -
                                        offsetof(struct sv_writer, derive));
}

static sp_err derive_run(struct sv_job *job, struct sp_tx *tx)
{
    return sp_derive_records(tx, DERIVE_RECORDS, &deriving(job)->derive_more);
}

/* One step after another, each behind the jobs that came meanwhile. */
static void derive_done(struct sv_job *job, sp_err err)
{
    struct sv_writer *w = deriving(job);
    w->derive_busy = false;
    if (err != SP_OK) {
        sv_log(SV_LOG_ERROR, "rules",
            "event=derive_failed error=%s text=\"%s\" (goes on after the next "
            "start)",
            sp_err_name(err), sp_err_text_en(err));
    } else if (w->derive_more) {
        sv_writer_derive(w);
    }
}

void sv_writer_derive(struct sv_writer *w)
{
    if (w->derive_busy) {
        return;
    }
    w->derive = (struct sv_job){
        .run = derive_run, .done = derive_done, .alone = true
    };
    w->derive_busy = true; /* before: the writer may be done at once */
    if (sv_writer_submit(w, &w->derive) != SP_OK) {
        w->derive_busy = false;
    }
}

/* Documents came: new rules for everybody, and another try for what waited
 * for them (SYNC J3). */
static void new_rules(struct sv_writer *w)
{
    struct sv_book *book = NULL;
    sp_err err = sv_book_load(w->setup.node, &book);
    if (err != SP_OK) {
        sv_log(SV_LOG_ERROR, "rules",
            "event=not_rebuilt error=%s text=\"%s\" (the old ones stay)",
            sp_err_name(err), sp_err_text_en(err));
        return;
    }
    struct sp_serials serials = sp_rulebook_serials(sv_book_rulebook(book));
    sv_log(SV_LOG_INFO, "rules",
        "event=new dictionary=%u policy=%u roster=%u taken=%u left_out=%u",
        serials.dictionary, serials.policy, serials.roster,
        sv_book_report(book)->taken, sv_book_report(book)->rejected);
    sv_book_keep(book);
    sv_book_swap(w->setup.shelf, book);
    sv_writer_derive(w);
    err = retry_waiting(w, sv_book_rules(book));
    if (err != SP_OK) {
        sv_log(SV_LOG_ERROR, "rules", "event=retry_failed error=%s text=\"%s\"",
            sp_err_name(err), sp_err_text_en(err));
    }
    sv_book_drop(book);
}

static void work(struct sv_writer *w, struct group *g)
{
    bool documents = false;
    struct sv_book *book = sv_book_take(w->setup.shelf);
    const struct sp_rules *rules = sv_book_rules(book);
    if (w->failed || g->count == 1) {
        run_each(w, g, rules, &documents);
    } else if (!run_together(w, g, rules, &documents)) {
        sv_metrics_add(&w->setup.metrics->commits_retried, 1);
        documents = false;
        run_each(w, g, rules, &documents);
    }
    sv_book_drop(book);
    if (documents) {
        /* before the replies, so that the next turn finds the new rules */
        new_rules(w);
    }
    for (struct sv_job *job = g->first, *next; job != NULL; job = next) {
        next = job->next; /* done may free the job */
        job->done(job, job->err);
    }
}

static void *writer_thread(void *arg)
{
    struct sv_writer *w = arg;
    struct group g;
    while (next_group(w, &g)) {
        work(w, &g);
    }
    return NULL;
}

struct sv_writer *sv_writer_start(const struct sv_writer_setup *setup)
{
    pthread_condattr_t attr;
    struct sv_writer *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    w->setup = *setup;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, writer_thread, w) != 0) {
        pthread_cond_destroy(&w->wake);
        pthread_mutex_destroy(&w->lock);
        free(w);
        return NULL;
    }
    return w;
}

void sv_writer_stop(struct sv_writer *w)
{
    if (w == NULL) {
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void sv_writer_tune(struct sv_writer *w, size_t queue_max,
    uint64_t group_delay_ms, size_t group_bytes)
{
    pthread_mutex_lock(&w->lock);
    w->setup.queue_max = queue_max;
    w->setup.group_delay_ms = group_delay_ms;
    w->setup.group_bytes = group_bytes;
    pthread_mutex_unlock(&w->lock);
}

sp_err sv_writer_submit(struct sv_writer *w, struct sv_job *job)
{
    sp_err err = SP_OK;
    pthread_mutex_lock(&w->lock);
    if (w->failed) {
        err = SP_E_IO;
    } else if (w->stopping || w->waiting >= w->setup.queue_max) {
        err = SP_E_BUSY;
    } else {
        job->next = NULL;
        job->err = SP_OK;
        *(w->last == NULL ? &w->first : &w->last->next) = job;
        w->last = job;
        w->waiting++;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    if (err == SP_E_BUSY) {
        sv_metrics_add(&w->setup.metrics->queue_full, 1);
    }
    return err;
}

uint64_t sv_writer_waiting(struct sv_writer *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t waiting = w->waiting;
    pthread_mutex_unlock(&w->lock);
    return waiting;
}

/* A job whose submitter waits for it. */
struct sv_writer_ticket {
    struct sv_job job;
    sp_err (*run)(void *arg, struct sp_tx *tx);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    sp_err err;
};

static sp_err ticket_run(struct sv_job *job, struct sp_tx *tx)
{
    struct sv_writer_ticket *t = (struct sv_writer_ticket *)(void *)job;
    return t->run(t->arg, tx);
}

static void ticket_done(struct sv_job *job, sp_err err)
{
    struct sv_writer_ticket *t = (struct sv_writer_ticket *)(void *)job;
    pthread_mutex_lock(&t->lock);
    t->over = true;
    t->err = err;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

static void ticket_free(struct sv_writer_ticket *t)
{
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

sp_err sv_writer_begin(struct sv_writer *w,
    sp_err (*run)(void *arg, struct sp_tx *tx), void *arg,
    struct sv_writer_ticket **out)
{
    struct sv_writer_ticket *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return SP_E_NOMEM;
    }
    t->job = (struct sv_job){
        .run = ticket_run, .done = ticket_done, .alone = true
    };
    t->run = run;
    t->arg = arg;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    sp_err err = sv_writer_submit(w, &t->job);
    if (err != SP_OK) {
        ticket_free(t);
        return err;
    }
    *out = t;
    return SP_OK;
}

sp_err sv_writer_wait(struct sv_writer_ticket *t)
{
    pthread_mutex_lock(&t->lock);
    while (!t->over) {
        pthread_cond_wait(&t->wake, &t->lock);
    }
    sp_err err = t->err;
    pthread_mutex_unlock(&t->lock);
    ticket_free(t);
    return err;
}

sp_err sv_writer_run(
    struct sv_writer *w, sp_err (*run)(void *arg, struct sp_tx *tx), void *arg)
{
    struct sv_writer_ticket *t = NULL;
    sp_err err = sv_writer_begin(w, run, arg, &t);
    return err == SP_OK ? sv_writer_wait(t) : err;
}
