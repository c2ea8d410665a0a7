#include "say/say.h"

#include "book/fault.h"
#include "book/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local enum cc_lang mine;
static _Thread_local const char *home;

void cc_say_in(enum cc_lang language)
{
    mine = language;
}

enum cc_lang cc_say_language(void)
{
    return mine;
}

void cc_say_home(const char *country)
{
    home = country;
}

void cc_say_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, struct sp_buf *out)
{
    cc_phone_put_value(f, value, form, home, out);
}

const char *cc_say_phone(const char *stored, char room[CC_PHONE_SHOWN_BYTES])
{
    return home != NULL && cc_phone_show(sp_slice_text(stored), home, room) > 0
               ? room
               : stored;
}

const char *cc_say_from(const struct cc_words *catalogue, const char *english)
{
    /* A few hundred, looked through once for a text that a person reads. */
    for (const struct cc_words *w = catalogue;
         mine != CC_LANG_EN && w->en != NULL; w++) {
        if (strcmp(w->en, english) == 0) {
            return cc_words_pick(mine, *w);
        }
    }
    return english;
}

const char *cc_say(const char *english)
{
    return cc_say_from(cc_say_table, english);
}

const char *cc_say_errno(int number)
{
    const char *text = cc_words_pick(mine, cc_fault_words(number));

    return text != NULL ? text : strerror(number);
}

const char *cc_say_err(sp_err err)
{
    return mine == CC_LANG_ZH ? sp_err_text_zh(err) : sp_err_text_en(err);
}

void cc_say_note(char *note, size_t bytes, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(note, bytes, cc_say(format), args);
    va_end(args);
    cc_say_whole(note);
}

void cc_say_whole(char *text)
{
    size_t left = strlen(text), kept = 0;
    uint32_t c;

    for (const char *at = text; left > 0;) {
        size_t n = cc_utf8_take((const uint8_t *)at, left, &c);
        if (c != CC_UTF8_NONE) {
            memmove(text + kept, at, n);
            kept += n;
        }
        at += n;
        left -= n;
    }
    text[kept] = '\0';
}
