/*
 * say.h - what people read, in their language.
 *
 * Texts stand in the sources in English; zh.po has their Chinese, and a test
 * sees to it that nothing is missing there. What programs read (names of
 * errors, keys of JSON, logs, traces) is the same in all languages. Below
 * everything else of the device, and shared with the server, which has a
 * catalogue of its own (server/ops/say.h) and the same language.
 *
 *   threads  each has a language of its own, English at first
 */
#ifndef CC_SAY_SAY_H
#define CC_SAY_SAY_H

#include "sp/err.h"

#include "book/phone.h"
#include "book/words.h"

#include <stddef.h>

/* For this thread, from now on. */
void cc_say_in(enum cc_lang language);
enum cc_lang cc_say_language(void);

/* Which country's people read, of cc_phone_home; NULL, as every thread
 * begins: telephones are said as they are stored. Static. */
void cc_say_home(const char *country);

/* A stored value; in forms for people its telephones as this country writes
 * them (book/phone.h). Errors latch in out. */
void cc_say_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, struct sp_buf *out);

/* The same of a telephone's text; itself when it is no E.164 number. */
const char *cc_say_phone(const char *stored, char room[CC_PHONE_SHOWN_BYTES]);

/* A text, or a format, in the thread's language; itself when it has none.
 * Static. */
const char *cc_say(const char *english) __attribute__((format_arg(1)));

/* The same from another catalogue, which { NULL, NULL } ends. */
const char *cc_say_from(const struct cc_words *catalogue, const char *english)
    __attribute__((format_arg(2)));

/* Marks a text that cc_say is given later, by another name. */
#define CC_SAY(english) (english)

/* What the system says of an errno, in the thread's language. Static; of a
 * rare number the C library's, until its next strerror in this thread. */
const char *cc_say_errno(int number);

/* Its one line in the thread's language; static. */
const char *cc_say_err(sp_err err);

/*
 * Says a line into a note: format goes through cc_say.
 *   note   bytes large; what does not fit is cut between characters
 */
void cc_say_note(char *note, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes off what is half a character: a text that was cut at some byte, also
 * inside by a precision. In place. */
void cc_say_whole(char *text);

/* Both languages, in the order of the English; made from zh.po. */
extern const struct cc_words cc_say_table[];

#endif
