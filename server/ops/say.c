#include "ops/say.h"

#include <stdarg.h>
#include <stdio.h>

const char *sv_say(const char *english)
{
    return cc_say_from(sv_say_table, english);
}

void sv_say_note(char *note, size_t bytes, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(note, bytes, sv_say(format), args);
    va_end(args);
    cc_say_whole(note);
}
