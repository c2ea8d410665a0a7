/*
 * The histories of ../shared/histories that have no restore and no copied
 * device, one test each, named by id and rule.
 *
 * A story that is known to fail stands in `known` with the reason; when it
 * begins to pass, its test fails until it is struck from there.
 */
#include "history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STORIES_MAX 64u

/* Stories that fail today, and why. */
static const struct {
    json_int_t id;
    const char *why;
} known[] = { { 0, NULL } };

/* Stories in which another server judges than did in the model, and why: only
 * the laws hold for them. */
static const struct {
    json_int_t id;
    const char *why;
} otherwise[] = {
    { 8, "what is passed down is judged, and the verdict goes up, in one "
         "exchange: B has refused it before the roster gives it back to A" },
};

static const char *why_fails(json_int_t id)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].id == id) {
            return known[i].why;
        }
    }
    return NULL;
}

static const char *why_otherwise(json_int_t id)
{
    for (size_t i = 0; i < sizeof(otherwise) / sizeof(otherwise[0]); i++) {
        if (otherwise[i].id == id) {
            return otherwise[i].why;
        }
    }
    return NULL;
}

static json_int_t id_of(const json_t *story)
{
    return json_integer_value(json_object_get(story, "id"));
}

static void replay(const json_t *story)
{
    struct history *h = history_new(story);

    history_play(h);
    history_check_laws(h);
    if (why_otherwise(id_of(story)) == NULL) {
        history_check_outcome(h);
    }
    history_free(h);
}

static pid_t parent;

/* Whether a story passes, found out by a child that may fail: then it comes
 * to the next test, which ends it. */
static bool passes(const json_t *story)
{
    int status = 0;

    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (getenv("SATCHEL_SIM_TRACE") == NULL) {
            (void)!freopen("/dev/null", "w", stderr);
        }
        (void)!freopen("/dev/null", "w", stdout);
        replay(story);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void ends_as_it_should(void **state)
{
    const json_t *story = *state;
    const char *why = why_fails(id_of(story));

    if (getpid() != parent) {
        _exit(1);
    }
    if (why == NULL) {
        replay(story);
        return;
    }
    (void)printf("# expected to fail: %s\n", why);
    if (passes(story)) {
        fail_msg("passes now: strike it from the list of known failures");
    }
}

/* ---- which stories ----------------------------------------------------- */

static bool of_these_rules(const json_t *story)
{
    static const char *const rules[] = { "SYNC F1", "SYNC J2", "SYNC J5",
        "SYNC J8", "SYNC S5" };
    const char *rule = json_string_value(json_object_get(story, "rule"));

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(rule, rules[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool playable(const json_t *story)
{
    const json_t *steps = json_object_get(story, "steps");

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *what =
            json_string_value(json_object_get(json_array_get(steps, i), "do"));
        if (strcmp(what, "restore") == 0 || strcmp(what, "backup") == 0 ||
            strcmp(what, "copy the device") == 0) {
            return false;
        }
    }
    return of_these_rules(story);
}

static char names[STORIES_MAX][96];

static void add_test(struct CMUnitTest *t, size_t i, json_t *story)
{
    (void)snprintf(names[i], sizeof(names[i]), "history %d, %s: not \"%s\"",
        (int)id_of(story), json_string_value(json_object_get(story, "rule")),
        json_string_value(json_object_get(story, "fails_as")));
    *t = (struct CMUnitTest){
        .name = names[i], .test_func = ends_as_it_should, .initial_state = story
    };
}

int main(void)
{
    static struct CMUnitTest tests[STORIES_MAX];
    static json_t *stories[STORIES_MAX];
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    const char *only = getenv("SATCHEL_HISTORY");
    char path[512], line[16384];
    size_t count = 0;

    (void)snprintf(path, sizeof(path), "%s/../shared/histories/histories.jsonl",
        root == NULL ? "." : root);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        (void)printf("1..0 # SKIP ../shared/histories is not there\n");
        return 0;
    }
    while (fgets(line, sizeof(line), f) != NULL && count < STORIES_MAX) {
        json_t *story = json_loads(line, 0, NULL);
        SP_ASSERT(story != NULL);
        if (playable(story) && (only == NULL || atoi(only) == id_of(story))) {
            stories[count] = story;
            add_test(&tests[count], count, story);
            count++;
        } else {
            json_decref(story);
        }
    }
    (void)fclose(f);
    parent = getpid();
    int failed = _cmocka_run_group_tests("histories", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        json_decref(stories[i]);
    }
    return failed;
}
