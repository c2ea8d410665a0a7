#include "ops/say.h"

#include <stddef.h>
#include <string.h>

static _Thread_local enum cc_lang mine;

void sv_say_in(enum cc_lang language)
{
    mine = language;
}

enum cc_lang sv_say_language(void)
{
    return mine;
}

const char *sv_say(const char *english)
{
    /* A few hundred, looked through once for a text that a person reads. */
    for (const struct cc_words *w = sv_say_table;
         mine != CC_LANG_EN && w->en != NULL; w++) {
        if (strcmp(w->en, english) == 0) {
            return cc_words_pick(mine, *w);
        }
    }
    return english;
}
