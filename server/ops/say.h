/*
 * say.h - what people read, in their language.
 *
 * Texts stand in the sources in English; zh.po has their Chinese, and a test
 * sees to it that nothing is missing there. What programs read (names of
 * errors, keys of JSON, logs) is the same in all languages.
 *
 *   threads  each has a language of its own, English at first
 */
#ifndef SV_OPS_SAY_H
#define SV_OPS_SAY_H

#include "book/words.h"

/* For this thread, from now on. */
void sv_say_in(enum cc_lang language);
enum cc_lang sv_say_language(void);

/* A text, or a format, in the thread's language; itself when it has none.
 * Static. */
const char *sv_say(const char *english) __attribute__((format_arg(1)));

/* Marks a text that sv_say is given later, by another name. */
#define SV_SAY(english) (english)

/* Both languages, ended by { NULL, NULL }; made from zh.po. */
extern const struct cc_words sv_say_table[];

#endif
