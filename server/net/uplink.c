#include "net/uplink.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops/env.h"
#include "ops/log.h"

#define DAY_MINUTES 1440u
#define MINUTE_MS   60000u

struct sv_uplink {
    struct sv_uplink_setup setup;
    pthread_mutex_t lock;
    pthread_cond_t wake;    /* the thread: something to do */
    pthread_cond_t changed; /* who waits: state is new */
    pthread_t thread;
    struct sv_uplink_state state;
    bool asked;
    bool stopping;
};

/* What one conversation needs. */
struct run {
    const struct sv_uplink_setup *setup;
    struct sv_uplink *uplink; /* NULL without a thread */
};

uint64_t sv_uplink_next(const struct sv_uplink_plan *plan, uint64_t now_ms,
    unsigned minute, uint32_t random)
{
    unsigned wait = (plan->from_minute + DAY_MINUTES - minute) % DAY_MINUTES;
    if (wait == 0) {
        wait = DAY_MINUTES; /* tonight's has begun */
    }
    uint64_t width = (plan->to_minute + DAY_MINUTES - plan->from_minute) %
                     DAY_MINUTES * (uint64_t)MINUTE_MS;
    uint64_t spread = plan->jitter_ms < width ? plan->jitter_ms : width;
    return now_ms + wait * (uint64_t)MINUTE_MS +
           (spread == 0 ? 0 : random % spread);
}

uint64_t sv_uplink_pause(
    const struct sv_uplink_plan *plan, unsigned tries, uint32_t random)
{
    uint64_t bound = plan->retry_min_ms;
    for (unsigned i = 1; i < tries && bound < plan->retry_max_ms; i++) {
        bound *= 2;
    }
    bound = bound > plan->retry_max_ms ? plan->retry_max_ms : bound;
    return bound / 2 + (bound < 2 ? 0 : random % (bound / 2 + 1));
}

static uint32_t draw(void)
{
    uint32_t random;
    sv_env_random(&random, sizeof random);
    return random;
}

static unsigned minute_of_day(uint64_t now_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm local;
    localtime_r(&seconds, &local);
    return (unsigned)(local.tm_hour * 60 + local.tm_min);
}

/* Waits on a condition of the uplink's lock for at most ms. */
static int wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(cond, lock, &until);
}

static bool run_pause(void *self, uint64_t ms)
{
    struct run *r = self;
    struct sv_uplink *u = r->uplink;
    if (u == NULL) {
        struct timespec rest = { (time_t)(ms / 1000),
            (long)(ms % 1000) * 1000000 };
        while (ms > 0 && nanosleep(&rest, &rest) != 0 && errno == EINTR) {
        }
        return false;
    }
    pthread_mutex_lock(&u->lock);
    uint64_t until = sv_env_steady_ms() + ms;
    for (uint64_t now = sv_env_steady_ms(); !u->stopping && now < until;
         now = sv_env_steady_ms()) {
        (void)wait_ms(&u->wake, &u->lock, until - now);
    }
    bool stopping = u->stopping;
    pthread_mutex_unlock(&u->lock);
    return stopping;
}

static sp_err serve_in_tx(void *arg, struct sp_tx *tx)
{
    return sp_link_serve(arg, tx);
}

static sp_err run_serve(void *self, struct sp_link *link, enum sp_need need)
{
    struct run *r = self;
    const struct sv_uplink_setup *s = r->setup;
    struct sp_tx tx;
    if (need == SP_NEED_NOTHING) {
        return sp_link_serve(link, NULL);
    }
    if (need == SP_NEED_WRITE) {
        return sv_writer_run(s->writer, serve_in_tx, link);
    }
    struct sv_book *book = sv_book_take(s->shelf);
    sp_err err = sp_tx_begin(&tx, s->node, sv_book_rules(book), false);
    if (err == SP_OK) {
        err = sp_link_serve(link, &tx);
        sp_tx_abort(&tx);
    }
    sv_book_drop(book);
    return err;
}

static void run_progress(void *self, const struct sp_progress *p)
{
    struct run *r = self;
    struct sv_uplink *u = r->uplink;
    if (u != NULL) {
        pthread_mutex_lock(&u->lock);
        u->state.progress = *p;
        pthread_cond_broadcast(&u->changed);
        pthread_mutex_unlock(&u->lock);
    }
}

static sp_err converse(
    struct run *r, struct sp_link_report *report, struct sv_dial_fault *fault)
{
    const struct sv_uplink_setup *s = r->setup;
    struct sp_link_setup link_setup = { .node = s->node,
        .initiator = true,
        .peer = s->upper_device,
        .progress = run_progress,
        .progress_self = r };
    memcpy(link_setup.peer_static, s->upper_static, 32);
    struct sp_link *link = sp_link_new(&link_setup);
    if (link == NULL) {
        fault->err = SP_E_NOMEM;
        return SP_E_NOMEM;
    }
    struct sv_dial_setup dial = { .endpoint = s->plan.endpoint,
        .timeout_ms = s->plan.timeout_ms,
        .rate_bytes = s->plan.rate_bytes,
        .serve = run_serve,
        .pause = run_pause,
        .self = r };
    sp_err err = sv_dial_converse(link, &dial, fault);
    *report = *sp_link_report(link);
    sp_link_free(link);
    return err;
}

sp_err sv_uplink_once(const struct sv_uplink_setup *setup,
    struct sp_link_report *report, struct sv_dial_fault *fault)
{
    struct run r = { .setup = setup };
    return converse(&r, report, fault);
}

static void log_end(const struct sv_uplink_state *st)
{
    if (st->error == SP_OK) {
        sv_log(SV_LOG_INFO, "uplink",
            "event=done same=%d pushed=%llu pulled=%llu accepted=%llu "
            "refused=%llu deferred=%llu alarms=%llu bytes=%llu ms=%llu",
            st->report.same, (unsigned long long)st->report.pushed,
            (unsigned long long)st->report.pulled,
            (unsigned long long)st->report.accepted,
            (unsigned long long)st->report.refused,
            (unsigned long long)st->report.deferred,
            (unsigned long long)st->report.alarms,
            (unsigned long long)(st->report.bytes_sent +
                                 st->report.bytes_received),
            (unsigned long long)(st->ended_ms - st->begun_ms));
    } else {
        char text[SV_DIAL_NOTE_BYTES];
        sv_dial_say(&st->fault, text);
        sv_log(SV_LOG_WARN, "uplink",
            "event=failed tries=%u error=%s transport=%d text=\"%s\"",
            st->tries, sp_err_name(st->error), st->fault.code, text);
    }
}

/* When to try next; lock held. */
static void plan_next(struct sv_uplink *u, uint64_t now_ms)
{
    const struct sv_uplink_plan *plan = &u->setup.plan;
    struct sv_uplink_state *st = &u->state;
    uint64_t night =
        sv_uplink_next(plan, now_ms, minute_of_day(now_ms), draw());
    if (st->tries > 0 && st->tries <= plan->retries) {
        st->next_ms = now_ms + sv_uplink_pause(plan, st->tries, draw());
    } else {
        st->tries = 0;
        st->next_ms = night;
        if (plan->every_ms > 0 && now_ms + plan->every_ms < night) {
            st->next_ms = now_ms + plan->every_ms;
        }
    }
}

static void run_once(struct sv_uplink *u)
{
    struct sp_link_report report = { .same = false };
    struct sv_dial_fault fault = { .err = SP_OK };
    pthread_mutex_lock(&u->lock);
    struct sv_uplink_setup setup = u->setup;
    u->asked = false;
    u->state.running = true;
    u->state.begun_ms = sv_env_now_ms();
    u->state.progress = (struct sp_progress){ .pushed = 0 };
    pthread_cond_broadcast(&u->changed);
    pthread_mutex_unlock(&u->lock);
    sv_metrics_add(&setup.metrics->uplink_runs, 1);

    struct run r = { .setup = &setup, .uplink = u };
    sp_err err = converse(&r, &report, &fault);

    pthread_mutex_lock(&u->lock);
    struct sv_uplink_state *st = &u->state;
    st->running = false;
    st->ended_ms = sv_env_now_ms();
    st->report = report;
    st->error = err;
    st->fault = fault;
    if (err == SP_OK) {
        st->ok_ms = st->ended_ms;
        st->tries = 0;
        sv_metrics_set(&setup.metrics->uplink_last_ok_ms, st->ok_ms);
    } else {
        st->tries++;
        sv_metrics_add(&setup.metrics->uplink_failures, 1);
    }
    log_end(st);
    plan_next(u, st->ended_ms);
    st->runs++;
    pthread_cond_broadcast(&u->changed);
    pthread_mutex_unlock(&u->lock);
}

/* Waits for the next start; false when it is time to stop. */
static bool wait_for_work(struct sv_uplink *u)
{
    pthread_mutex_lock(&u->lock);
    while (!u->stopping && !u->asked) {
        uint64_t now = sv_env_now_ms();
        if (now >= u->state.next_ms) {
            break;
        }
        /* Wall clocks jump: look at them at least once a minute. */
        uint64_t rest = u->state.next_ms - now;
        (void)wait_ms(&u->wake, &u->lock, rest < MINUTE_MS ? rest : MINUTE_MS);
    }
    bool go = !u->stopping;
    pthread_mutex_unlock(&u->lock);
    return go;
}

static void *uplink_thread(void *arg)
{
    struct sv_uplink *u = arg;
    while (wait_for_work(u)) {
        run_once(u);
    }
    return NULL;
}

struct sv_uplink *sv_uplink_start(const struct sv_uplink_setup *setup)
{
    pthread_condattr_t attr;
    struct sv_uplink *u = calloc(1, sizeof *u);
    if (u == NULL) {
        return NULL;
    }
    u->setup = *setup;
    pthread_mutex_init(&u->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&u->wake, &attr);
    pthread_cond_init(&u->changed, &attr);
    pthread_condattr_destroy(&attr);
    plan_next(u, sv_env_now_ms());
    if (pthread_create(&u->thread, NULL, uplink_thread, u) != 0) {
        pthread_cond_destroy(&u->wake);
        pthread_cond_destroy(&u->changed);
        pthread_mutex_destroy(&u->lock);
        free(u);
        return NULL;
    }
    return u;
}

void sv_uplink_stop(struct sv_uplink *u)
{
    if (u == NULL) {
        return;
    }
    pthread_mutex_lock(&u->lock);
    u->stopping = true;
    pthread_cond_broadcast(&u->wake);
    pthread_cond_broadcast(&u->changed);
    pthread_mutex_unlock(&u->lock);
    pthread_join(u->thread, NULL);
    pthread_cond_destroy(&u->wake);
    pthread_cond_destroy(&u->changed);
    pthread_mutex_destroy(&u->lock);
    free(u);
}

void sv_uplink_tune(struct sv_uplink *u, const struct sv_uplink_plan *plan)
{
    pthread_mutex_lock(&u->lock);
    u->setup.plan = *plan;
    if (!u->state.running) {
        plan_next(u, sv_env_now_ms());
        pthread_cond_broadcast(&u->wake);
    }
    pthread_mutex_unlock(&u->lock);
}

uint64_t sv_uplink_now(struct sv_uplink *u)
{
    pthread_mutex_lock(&u->lock);
    u->asked = u->asked || !u->state.running;
    uint64_t number = u->state.runs + 1;
    pthread_cond_broadcast(&u->wake);
    pthread_mutex_unlock(&u->lock);
    return number;
}

void sv_uplink_wait(
    struct sv_uplink *u, uint64_t ms, struct sv_uplink_state *out)
{
    pthread_mutex_lock(&u->lock);
    (void)wait_ms(&u->changed, &u->lock, ms);
    *out = u->state;
    pthread_mutex_unlock(&u->lock);
}

void sv_uplink_state(struct sv_uplink *u, struct sv_uplink_state *out)
{
    pthread_mutex_lock(&u->lock);
    *out = u->state;
    pthread_mutex_unlock(&u->lock);
}
