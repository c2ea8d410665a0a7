/*
 * say.h - what the server's programs say to people: zh.po has the Chinese of
 * it. The language is that of the thread (say/say.h, cc_say_in).
 *
 *   threads  any
 */
#ifndef SV_OPS_SAY_H
#define SV_OPS_SAY_H

#include "say/say.h"

/* A text, or a format, in the thread's language; itself when it has none.
 * Static. */
const char *sv_say(const char *english) __attribute__((format_arg(1)));

/* Says a line into a note of so many bytes: format goes through sv_say; what
 * does not fit is cut between characters. */
void sv_say_note(char *note, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Marks a text that sv_say is given later, by another name. */
#define SV_SAY(english) (english)

/* Both languages, in the order of the English; made from zh.po. */
extern const struct cc_words sv_say_table[];

#endif
