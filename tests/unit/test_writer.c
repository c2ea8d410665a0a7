/* test_writer.c - group commit: one transaction for many, none for a failure.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"
#include "net/writer.h"
#include "ops/env.h"

#define JOBS 40u

/* What the memory store asks for: only the writer's thread touches it between
 * start and stop. */
static struct mem_store *mem;
static struct sp_store port;
static struct sp_identity identity;
static struct sp_node node;
static struct sv_shelf *shelf;
static struct sv_metrics metrics;
static struct sv_writer *writer;
static unsigned fatal_calls;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned finished;
static bool hold; /* jobs wait in run while this is set */

struct task {
    struct sv_job job;
    uint8_t key;
    sp_err once;    /* returned by the first run */
    sp_err after;   /* and by the later ones */
    bool last_call; /* the store fails after this job's own write */
    unsigned runs;
    sp_err result;
};

static void on_fatal(void *self, sp_err err)
{
    (void)self;
    (void)err;
    fatal_calls++;
}

static sp_err task_run(struct sv_job *job, struct sp_tx *tx)
{
    struct task *t = (struct task *)(void *)job;
    pthread_mutex_lock(&lock);
    while (hold) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    sp_err err = t->runs++ == 0 ? t->once : t->after;
    if (err != SP_OK) {
        return err;
    }
    if (t->last_call) {
        mem_store_fail(mem,
            (struct mem_fault){ .nth = 2, .err = SP_E_IO, .sticky = true });
    }
    return port.put(
        tx->txn, SP_T_ROOM_0, sp_slice_of(&t->key, 1), sp_slice_of(&t->key, 1));
}

static void task_done(struct sv_job *job, sp_err err)
{
    struct task *t = (struct task *)(void *)job;
    pthread_mutex_lock(&lock);
    t->result = err;
    finished++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void set_hold(bool to)
{
    pthread_mutex_lock(&lock);
    hold = to;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for(unsigned count)
{
    pthread_mutex_lock(&lock);
    while (finished < count) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static int set_up(void **state)
{
    (void)state;
    struct sv_book *book = NULL;
    mem = mem_store_new();
    port = mem_store_port(mem);
    node = (struct sp_node){ SP_TIER_BRANCH, &identity, &port, sv_env_real(),
        NULL };
    identity.replica = sp_replica_make(2, 1);
    if (sv_book_of(NULL, 0, &identity.org, identity.root_public, &book) !=
        SP_OK) {
        return -1;
    }
    shelf = sv_book_shelf(book);
    memset(&metrics, 0, sizeof metrics);
    finished = fatal_calls = 0;
    hold = false;
    struct sv_writer_setup setup = { .node = &node,
        .shelf = shelf,
        .metrics = &metrics,
        .queue_max = JOBS,
        .group_bytes = 1000000,
        .fatal = on_fatal };
    writer = sv_writer_start(&setup);
    return writer == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    set_hold(false);
    sv_writer_stop(writer);
    sv_book_shelf_free(shelf);
    mem_store_free(mem);
    return 0;
}

static void submit(struct task *t, uint8_t key, sp_err once, sp_err after)
{
    *t = (struct task){
        .job = { .run = task_run, .done = task_done, .bytes = 10 },
        .key = key,
        .once = once,
        .after = after
    };
    assert_int_equal(sv_writer_submit(writer, &t->job), SP_OK);
}

/* Whether the store has the key; the writer is stopped. */
static bool stored(uint8_t key)
{
    struct sp_txn *txn = NULL;
    struct sp_slice value;
    assert_int_equal(port.begin(port.self, false, &txn), SP_OK);
    sp_err err = port.get(txn, SP_T_ROOM_0, sp_slice_of(&key, 1), &value);
    port.abort(txn);
    return err == SP_OK;
}

static void stop(void)
{
    sv_writer_stop(writer);
    writer = NULL;
}

/* Lets one job hold the writer, so that all that follow are one group. */
static void fill_group(
    struct task *task, unsigned count, unsigned bad, sp_err once, sp_err after)
{
    set_hold(true);
    submit(&task[0], 0, SP_OK, SP_OK);
    while (sv_writer_waiting(writer) > 0) {
        sched_yield();
    }
    for (unsigned i = 1; i < count; i++) {
        submit(&task[i], (uint8_t)i, i == bad ? once : SP_OK,
            i == bad ? after : SP_OK);
    }
    set_hold(false);
    wait_for(count);
}

static void jobs_that_wait_share_one_commit(void **state)
{
    (void)state;
    struct task task[21];
    fill_group(task, 21, 99, SP_OK, SP_OK);
    for (unsigned i = 0; i < 21; i++) {
        assert_int_equal(task[i].result, SP_OK);
        assert_int_equal(task[i].runs, 1);
    }
    stop();
    assert_int_equal(mem_store_commits(mem), 2);
    assert_int_equal(metrics.commits_grouped, 21);
    assert_true(stored(20));
}

static void one_busy_job_makes_each_run_again_alone(void **state)
{
    (void)state;
    struct task task[6];
    fill_group(task, 6, 3, SP_E_BUSY, SP_E_BUSY);
    for (unsigned i = 1; i < 6; i++) {
        assert_int_equal(task[i].result, i == 3 ? SP_E_BUSY : SP_OK);
        assert_true(task[i].runs >= 1 && task[i].runs <= 2);
    }
    stop();
    assert_int_equal(metrics.commits_retried, 1);
    assert_true(stored(1) && stored(2) && stored(4) && stored(5));
    assert_false(stored(3));
    assert_int_equal(fatal_calls, 0);
}

static void a_peers_fault_spoils_nothing_for_the_others(void **state)
{
    (void)state;
    struct task task[4];
    fill_group(task, 4, 2, SP_E_AUTHOR, SP_E_AUTHOR);
    assert_int_equal(task[1].result, SP_OK);
    assert_int_equal(task[2].result, SP_E_AUTHOR);
    assert_int_equal(task[3].result, SP_OK);
    assert_int_equal(task[2].runs, 1); /* it would fail the same way again */
    stop();
    assert_true(stored(1) && stored(3));
    assert_false(stored(2));
}

static void a_failed_commit_is_acknowledged_to_nobody_and_ends_writing(
    void **state)
{
    (void)state;
    struct task task[4], late;
    set_hold(true);
    submit(&task[0], 0, SP_OK, SP_OK);
    while (sv_writer_waiting(writer) > 0) {
        sched_yield();
    }
    for (unsigned i = 1; i < 4; i++) {
        submit(&task[i], (uint8_t)i, SP_OK, SP_OK);
    }
    task[3].last_call = true;
    set_hold(false);
    wait_for(4);
    assert_int_equal(task[0].result, SP_OK);
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal(task[i].result, SP_E_IO);
    }
    assert_int_equal(fatal_calls, 1);
    late = (struct task){ .job = { .run = task_run, .done = task_done } };
    assert_int_equal(sv_writer_submit(writer, &late.job), SP_E_IO);
    stop();
    mem_store_fail(mem, (struct mem_fault){ .nth = 0 });
    assert_true(stored(0));
    assert_false(stored(1) || stored(2) || stored(3));
}

static void a_full_queue_says_busy(void **state)
{
    (void)state;
    struct task task[JOBS + 1], late;
    set_hold(true);
    submit(&task[0], 0, SP_OK, SP_OK);
    while (sv_writer_waiting(writer) > 0) {
        sched_yield();
    }
    for (unsigned i = 1; i <= JOBS; i++) {
        submit(&task[i], (uint8_t)i, SP_OK, SP_OK);
    }
    late = (struct task){ .job = { .run = task_run, .done = task_done } };
    assert_int_equal(sv_writer_submit(writer, &late.job), SP_E_BUSY);
    assert_int_equal(metrics.queue_full, 1);
    set_hold(false);
    wait_for(JOBS + 1);
}

static sp_err refuse_after_writing(void *arg, struct sp_tx *tx)
{
    uint8_t key = *(uint8_t *)arg;
    sp_err err = port.put(
        tx->txn, SP_T_ROOM_0, sp_slice_of(&key, 1), sp_slice_of(&key, 1));
    return err == SP_OK ? SP_E_DENIED : err;
}

static void a_refused_command_leaves_nothing_behind(void **state)
{
    (void)state;
    uint8_t key = 9;
    assert_int_equal(
        sv_writer_run(writer, refuse_after_writing, &key), SP_E_DENIED);
    stop();
    assert_false(stored(9));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(jobs_that_wait_share_one_commit),
        CASE(one_busy_job_makes_each_run_again_alone),
        CASE(a_peers_fault_spoils_nothing_for_the_others),
        CASE(a_failed_commit_is_acknowledged_to_nobody_and_ends_writing),
        CASE(a_full_queue_says_busy),
        CASE(a_refused_command_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
