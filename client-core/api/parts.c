#include "api/parts.h"

#include <string.h>
#include <time.h>

sp_err cc_parts_now(const struct cc_call *c, char out[CC_PARTS_NOW_BYTES])
{
    const struct sp_env *env = &c->s->replica.env;
    time_t seconds = (time_t)(env->now_ms(env->self) / 1000u);
    struct tm utc;

    return gmtime_r(&seconds, &utc) != NULL &&
                   strftime(
                       out, CC_PARTS_NOW_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0
               ? SP_OK
               : SP_E_VALUE;
}

void cc_parts_add(struct sp_buf *b, const char *name, const char *text)
{
    if (sp_buf_slice(b).size > 0) {
        sp_buf_put(b, "; ", 2);
    }
    sp_buf_put(b, name, strlen(name));
    sp_buf_put(b, "=", 1);
    for (; *text != '\0'; text++) {
        if (strchr(";=\\", *text) != NULL) {
            sp_buf_put(b, "\\", 1);
        }
        sp_buf_put(b, text, 1);
    }
}
