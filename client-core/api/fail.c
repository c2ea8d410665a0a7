#include "api/fail.h"

#include "say/say.h"

#include <stdio.h>
#include <string.h>

/* satchel.h names no type of the protocol, so the two lists are compared
 * here. */
_Static_assert((int)SATCHEL_CLASS_PEER == (int)SP_CLASS_PEER &&
                   (int)SATCHEL_CLASS_POLICY == (int)SP_CLASS_POLICY &&
                   (int)SATCHEL_CLASS_LOCAL == (int)SP_CLASS_LOCAL &&
                   (int)SATCHEL_CLASS_BUSY == (int)SP_CLASS_BUSY &&
                   (int)SATCHEL_CLASS_CALLER == (int)SP_CLASS_CALLER,
    "classes");
#define SAME(name) _Static_assert((int)SATCHEL_##name == (int)SP_##name, #name)
SAME(OK);
SAME(E_FULL);
SAME(E_BUSY);
SAME(E_REVOKED);
SAME(E_CODE);
SAME(E_NOMEM);
SAME(E_IO);
SAME(E_CORRUPT);
SAME(E_NOT_FOUND);
SAME(E_EXISTS);
SAME(E_LOCKED);
SAME(E_SECRET);
SAME(E_IN_USE);
SAME(E_ARGUMENT);
SAME(E_OFFLINE);
SAME(E_INTERNAL);
SAME(E_CONFIG);
SAME(E_CONFLICT);
SAME(E_AMBIGUOUS);
SAME(E_VALUE);
SAME(E_REQUIRED);
SAME(E_UNKNOWN_FIELD);

_Static_assert(
    (int)SATCHEL_EN == (int)CC_LANG_EN && (int)SATCHEL_ZH == (int)CC_LANG_ZH,
    "languages");

void satchel_speak(enum satchel_language language)
{
    cc_say_in(language == SATCHEL_ZH ? CC_LANG_ZH : CC_LANG_EN);
}

int satchel_home(const char *country)
{
    const char *home = country == NULL ? NULL : cc_phone_home(country);

    if (country != NULL && home == NULL) {
        return SATCHEL_E_ARGUMENT;
    }
    cc_say_home(home);
    return 0;
}

const char *satchel_homes(void)
{
    return cc_phone_homes();
}

int cc_fail_set(struct satchel_error *e, sp_err err, const char *detail)
{
    if (e != NULL) {
        memset(e, 0, sizeof(*e));
        e->code = (int)err;
        e->class_ = (enum satchel_class)sp_err_class(err);
        e->name = sp_err_name(err);
        e->text_en = sp_err_text_en(err);
        e->text_zh = sp_err_text_zh(err);
        if (err != SP_OK) {
            (void)snprintf(e->detail, sizeof(e->detail), "%s", detail);
            cc_say_whole(e->detail);
        }
    }
    return (int)err;
}
