#include "api/said.h"

#include <string.h>
#include <time.h>

const char *cc_said_text(struct cc_call *c, const char *name, const char *text)
{
    const struct sp_env *env = &c->s->replica.env;
    time_t seconds = (time_t)(env->now_ms(env->self) / 1000u);
    const char *out = NULL;
    char now[32] = "";
    struct sp_buf b;
    struct tm utc;

    if (gmtime_r(&seconds, &utc) != NULL) {
        (void)strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    sp_buf_init(&b, SP_STRING_BYTES_MAX);
    sp_buf_put(&b, "at=", 3);
    sp_buf_put(&b, now, strlen(now));
    sp_buf_put(&b, "; ", 2);
    sp_buf_put(&b, name, strlen(name));
    sp_buf_put(&b, "=", 1);
    for (; *text != '\0'; text++) {
        if (strchr(";=\\", *text) != NULL) {
            sp_buf_put(&b, "\\", 1);
        }
        sp_buf_put(&b, text, 1);
    }
    if (b.err == SP_OK) {
        out = cc_call_text(c, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return out;
}
