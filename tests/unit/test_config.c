/* test_config.c - the settings of satcheld: one table, one clear error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

static struct sv_config config;
static struct sv_config_error error;

static sp_err parse(const char *text)
{
    sv_config_init(&config);
    error.text[0] = '\0';
    return sv_config_parse(&config, "a.conf", sp_slice_text(text), &error);
}

static void every_default_lies_within_its_row(void **state)
{
    (void)state;
    struct sv_config_row row;
    size_t rows = 0;
    sv_config_init(&config);
    for (; sv_config_row(&config, rows, &row); rows++) {
        assert_string_equal(row.value, row.fallback);
        assert_true(strlen(row.help) > 0 && strlen(row.unit) > 0);
    }
    assert_true(rows > 20);
    assert_int_equal(sv_config_finish(&config, &error), SP_OK);
    assert_string_equal(config.key_file, "/var/lib/satchel.key");
    assert_string_equal(config.control, "/var/lib/satchel/control");
}

static void lines_comments_and_spaces_are_read(void **state)
{
    (void)state;
    assert_int_equal(parse("# all\n\n  idle_s=7 # short\r\n"
                           "dir = /srv/a b\nuplink_window = 23:30-04:15"),
        SP_OK);
    assert_int_equal(config.idle_s, 7);
    assert_string_equal(config.dir, "/srv/a b");
    assert_string_equal(config.uplink_window, "23:30-04:15");
}

static void a_typo_is_refused_with_file_line_and_the_nearest_key(void **state)
{
    (void)state;
    assert_int_equal(parse("idle_s = 7\nqueue_mx = 9\n"), SP_E_CONFIG);
    assert_non_null(strstr(error.text, "a.conf:2"));
    assert_non_null(strstr(error.text, "\"queue_mx\""));
    assert_non_null(strstr(error.text, "\"queue_max\""));
}

static void what_does_not_fit_is_refused_and_says_what_would(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *says;
    } cases[] = {
        { "idle_s = 0", "from 1 to 86400" },
        { "idle_s = 86401", "from 1 to 86400" },
        { "idle_s = 5m", "whole number" },
        { "idle_s =", "whole number" },
        { "idle_s = 99999999999999999999", "whole number" },
        { "listen = 127.0.0.1:7600", "tcp://ADDRESS:PORT" },
        { "listen = tcp://127.0.0.1", "tcp://ADDRESS:PORT" },
        { "listen = tcp://127.0.0.1:65536", "tcp://ADDRESS:PORT" },
        { "listen =", "tcp://ADDRESS:PORT" },
        { "uplink_window = 24:00-05:00", "HH:MM-HH:MM" },
        { "uplink_window = 1:00-05:00", "HH:MM-HH:MM" },
        { "log_level = loud", "error|warn|info|debug" },
        { "idle_s", "has no =" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sv_config before;
        assert_int_equal(parse(cases[i].line), SP_E_CONFIG);
        if (strstr(error.text, cases[i].says) == NULL) {
            fail_msg("%s: %s", cases[i].line, error.text);
        }
        sv_config_init(&before);
        assert_memory_equal(&before, &config, sizeof before);
    }
}

static void limits_themselves_are_taken(void **state)
{
    (void)state;
    assert_int_equal(parse("idle_s = 1"), SP_OK);
    assert_int_equal(parse("idle_s = 86400"), SP_OK);
    assert_int_equal(parse("uplink ="), SP_OK);
    assert_int_equal(parse("listen = tcp://[::1]:1"), SP_OK);
}

static void the_command_line_wins_and_takes_both_forms(void **state)
{
    (void)state;
    char *args[] = { "--idle_s", "8", "--queue-max=9" };
    assert_int_equal(parse("idle_s = 7\nqueue_max = 7"), SP_OK);
    assert_int_equal(sv_config_args(&config, args, 3, &error), SP_OK);
    assert_int_equal(config.idle_s, 8);
    assert_int_equal(config.queue_max, 9);
    char *open[] = { "--idle_s" };
    assert_int_equal(sv_config_args(&config, open, 1, &error), SP_E_CONFIG);
    char *bare[] = { "idle_s" };
    assert_int_equal(sv_config_args(&config, bare, 1, &error), SP_E_CONFIG);
}

static void what_is_shown_is_read_back_the_same(void **state)
{
    (void)state;
    struct sv_config again;
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(
        parse("idle_s = 77\ndir = /srv/x\nadvertise = tcp://h:5"), SP_OK);
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    sv_config_show(&config, out);
    assert_int_equal(fclose(out), 0);
    sv_config_init(&again);
    assert_int_equal(
        sv_config_parse(&again, "b", sp_slice_of(text, size), &error), SP_OK);
    assert_memory_equal(&again, &config, sizeof again);
    free(text);
}

static void a_reload_takes_live_settings_and_tells_of_others(void **state)
{
    (void)state;
    struct sv_config fresh;
    assert_int_equal(parse("idle_s = 5"), SP_OK);
    fresh = config;
    fresh.idle_s = 6;
    assert_false(sv_config_reload(&config, &fresh));
    assert_int_equal(config.idle_s, 6);
    fresh.contexts = 3;
    assert_true(sv_config_reload(&config, &fresh));
    assert_int_not_equal(config.contexts, 3);
}

static void a_line_without_end_or_with_zeros_is_refused(void **state)
{
    (void)state;
    char text[2048];
    memset(text, 'a', sizeof text);
    sv_config_init(&config);
    assert_int_equal(sv_config_parse(&config, "a.conf",
                         sp_slice_of(text, sizeof text), &error),
        SP_E_CONFIG);
    assert_non_null(strstr(error.text, "a.conf:1"));
    memcpy(text, "idle_s\0= 3", 10);
    assert_int_equal(
        sv_config_parse(&config, "a.conf", sp_slice_of(text, 10), &error),
        SP_E_CONFIG);
}

static void settings_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    assert_int_equal(
        parse("uplink_retry_min_s = 9\nuplink_retry_max_s = 8"), SP_OK);
    assert_int_equal(sv_config_finish(&config, &error), SP_E_CONFIG);
    assert_non_null(strstr(error.text, "uplink_retry_min_s"));
    char path[201];
    memset(path, 'p', 200);
    path[200] = '\0';
    sv_config_init(&config);
    assert_int_equal(
        sv_config_set(&config, "control", path, "x", &error), SP_OK);
    assert_int_equal(sv_config_finish(&config, &error), SP_E_CONFIG);
    assert_non_null(strstr(error.text, "107"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_lies_within_its_row),
        cmocka_unit_test(lines_comments_and_spaces_are_read),
        cmocka_unit_test(a_typo_is_refused_with_file_line_and_the_nearest_key),
        cmocka_unit_test(what_does_not_fit_is_refused_and_says_what_would),
        cmocka_unit_test(limits_themselves_are_taken),
        cmocka_unit_test(the_command_line_wins_and_takes_both_forms),
        cmocka_unit_test(what_is_shown_is_read_back_the_same),
        cmocka_unit_test(a_reload_takes_live_settings_and_tells_of_others),
        cmocka_unit_test(a_line_without_end_or_with_zeros_is_refused),
        cmocka_unit_test(settings_that_contradict_each_other_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
