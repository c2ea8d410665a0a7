/* test_agent.c - the process that holds the key between commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"

#include "keys/agent.h"

struct world {
    char *dir;
    char *store;
    char path[CC_AGENT_PATH_BYTES];
    char note[CC_AGENT_NOTE_BYTES];
    struct satchel_error e;
};

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    assert_int_equal(setenv("XDG_RUNTIME_DIR", w->dir, 1), 0);
    w->store = test_device_create(w->dir, "store");
    assert_int_equal(cc_agent_path(w->store, w->path, w->note), SP_OK);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    assert_int_equal(cc_agent_end(w->path), SP_OK);
    test_device_remove(w->dir);
    free(w->store);
    free(w);
    return 0;
}

static void unlocked_store_opens_without_the_passphrase(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_store_state look;
    struct satchel *s = NULL;

    assert_int_equal(satchel_open(w->store, NULL, &s, &w->e), SATCHEL_E_LOCKED);
    if (satchel_unlock(w->store, test_device_secret(), 0, &w->e) != 0) {
        fail_msg("%s: %s", w->e.name, w->e.detail);
    }
    assert_int_equal(satchel_look(w->store, &look, &w->e), 0);
    assert_true(look.unlocked);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(satchel_open(w->store, NULL, &s, &w->e), 0);
        satchel_close(s);
    }
    assert_int_equal(satchel_lock(w->store, &w->e), 0);
    assert_int_equal(satchel_open(w->store, NULL, &s, &w->e), SATCHEL_E_LOCKED);
    assert_int_equal(satchel_lock(w->store, &w->e), 0);
}

static void wrong_passphrase_starts_no_agent(void **state)
{
    const struct satchel_secret wrong = { "wrong horse", NULL, NULL };
    struct world *w = (struct world *)*state;

    assert_int_equal(
        satchel_unlock(w->store, &wrong, 0, &w->e), SATCHEL_E_SECRET);
    assert_false(cc_agent_there(w->path));
}

static void socket_is_for_its_user_and_outside_the_store(void **state)
{
    struct world *w = (struct world *)*state;
    char dir[CC_AGENT_PATH_BYTES];
    struct stat st;

    assert_int_equal(
        satchel_unlock(w->store, test_device_secret(), 0, &w->e), 0);
    assert_int_equal(lstat(w->path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_not_equal(strncmp(w->path, w->store, strlen(w->store)), 0);
    (void)snprintf(dir, sizeof(dir), "%s", w->path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(lstat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void directory_that_others_may_enter_is_not_used(void **state)
{
    struct world *w = (struct world *)*state;
    char dir[CC_AGENT_PATH_BYTES], path[CC_AGENT_PATH_BYTES];

    (void)snprintf(dir, sizeof(dir), "%s", w->path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(chmod(dir, 0755), 0);
    assert_int_equal(cc_agent_path(w->store, path, w->note), SP_E_IO);
    assert_non_null(strstr(w->note, "XDG_RUNTIME_DIR"));
    assert_int_equal(chmod(dir, 0700), 0);
}

static void second_unlock_replaces_the_first(void **state)
{
    struct world *w = (struct world *)*state;
    struct sp_secret one, two, got;

    memset(one.b, 1, sizeof(one.b));
    memset(two.b, 2, sizeof(two.b));
    assert_int_equal(
        cc_agent_start(w->path, &one, CC_AGENT_IDLE_NEVER, w->note), SP_OK);
    assert_int_equal(
        cc_agent_start(w->path, &two, CC_AGENT_IDLE_NEVER, w->note), SP_OK);
    assert_int_equal(cc_agent_get(w->path, &got), SP_OK);
    assert_memory_equal(got.b, two.b, sizeof(two.b));
}

static void agent_locks_itself_when_nobody_asks(void **state)
{
    struct world *w = (struct world *)*state;
    struct sp_secret key, got;
    bool there = true;

    memset(key.b, 3, sizeof(key.b));
    assert_int_equal(cc_agent_start(w->path, &key, 200, w->note), SP_OK);
    for (int i = 0; i < 500 && there; i++) {
        (void)poll(NULL, 0, 10);
        there = cc_agent_there(w->path); /* being looked at is not asking */
    }
    assert_false(there);
    assert_int_equal(cc_agent_get(w->path, &got), SP_E_LOCKED);
}

static void missing_program_is_named(void **state)
{
    struct world *w = (struct world *)*state;
    char *before = strdup(getenv("SATCHEL_AGENT"));

    assert_int_equal(setenv("SATCHEL_AGENT", "/nonexistent/agent", 1), 0);
    assert_int_equal(satchel_unlock(w->store, test_device_secret(), 0, &w->e),
        SATCHEL_E_CONFIG); /* not "no store": that one is there */
    assert_non_null(strstr(w->e.detail, "/nonexistent/agent"));
    assert_non_null(strstr(w->e.detail, "satchel-agent"));
    assert_int_equal(setenv("SATCHEL_AGENT", before, 1), 0);
    free(before);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(unlocked_store_opens_without_the_passphrase),
        CASE(wrong_passphrase_starts_no_agent),
        CASE(socket_is_for_its_user_and_outside_the_store),
        CASE(directory_that_others_may_enter_is_not_used),
        CASE(second_unlock_replaces_the_first),
        CASE(agent_locks_itself_when_nobody_asks),
        CASE(missing_program_is_named),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
