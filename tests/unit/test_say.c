/* test_say.c - each thread reads its own language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "book/fault.h"
#include "say/say.h"

static void a_text_comes_in_the_language_of_the_thread(void **state)
{
    (void)state;
    assert_string_equal(cc_say("no answer in time"), "no answer in time");
    cc_say_in(CC_LANG_ZH);
    assert_int_equal(cc_say_language(), CC_LANG_ZH);
    assert_string_equal(cc_say("no answer in time"), "未按时答复");
    assert_string_equal(cc_say("a text of nobody"), "a text of nobody");
    assert_string_equal(cc_say_err(SP_E_NOMEM), "内存不足");
    cc_say_in(CC_LANG_EN);
    assert_string_equal(cc_say_err(SP_E_NOMEM), "out of memory");
}

static void *language_of_another(void *arg)
{
    *(enum cc_lang *)arg = cc_say_language();
    cc_say_in(CC_LANG_EN);
    return NULL;
}

static void another_thread_has_a_language_of_its_own(void **state)
{
    (void)state;
    enum cc_lang theirs = CC_LANG_ZH;
    pthread_t thread;

    cc_say_in(CC_LANG_ZH);
    assert_int_equal(
        pthread_create(&thread, NULL, language_of_another, &theirs), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(theirs, CC_LANG_EN);
    assert_int_equal(cc_say_language(), CC_LANG_ZH);
    cc_say_in(CC_LANG_EN);
}

static void a_note_takes_the_arguments_of_its_original(void **state)
{
    (void)state;
    char note[64];

    cc_say_in(CC_LANG_ZH);
    cc_say_note(note, sizeof(note), "talking to %s", "tcp://a:1");
    assert_string_equal(note, "与 tcp://a:1 通信时");
    cc_say_note(note, 9, "talking to %s", "tcp://a:1");
    assert_string_equal(note, "与 tcp:");
    cc_say_in(CC_LANG_EN);
}

static void a_cut_inside_a_character_leaves_whole_ones(void **state)
{
    (void)state;
    char note[64];

    /* each Hanzi has three bytes; the precision cuts the second one */
    cc_say_note(note, sizeof(note), "\"%.5s\" (%s)", "王小明", "x");
    assert_string_equal(note, "\"王\" (x)");
    cc_say_note(note, 6, "%s", "王小明");
    assert_string_equal(note, "王");
    strcpy(note, "a\x80"
                 "b\xe7");
    cc_say_whole(note);
    assert_string_equal(note, "ab");
}

static void errnos_have_both_languages(void **state)
{
    (void)state;
    const int some[] = { ENOENT, EACCES, ENOSPC, ECONNREFUSED, EROFS, EIO,
        ETIMEDOUT, ENAMETOOLONG };

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        struct cc_words w = cc_fault_words(some[i]);
        assert_string_equal(w.en, strerror(some[i]));
        assert_string_not_equal(w.zh, w.en);
    }
    cc_say_in(CC_LANG_ZH);
    assert_string_equal(cc_say_errno(ENOENT), "没有该文件或目录");
    /* one that nobody meets: the C library's */
    assert_string_equal(cc_say_errno(EL3RST), strerror(EL3RST));
    cc_say_in(CC_LANG_EN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_comes_in_the_language_of_the_thread),
        cmocka_unit_test(another_thread_has_a_language_of_its_own),
        cmocka_unit_test(a_note_takes_the_arguments_of_its_original),
        cmocka_unit_test(a_cut_inside_a_character_leaves_whole_ones),
        cmocka_unit_test(errnos_have_both_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
