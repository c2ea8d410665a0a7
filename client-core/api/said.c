#include "api/said.h"

#include "api/parts.h"

const char *cc_said_text(struct cc_call *c, const char *name, const char *text)
{
    char now[CC_PARTS_NOW_BYTES] = "";
    const char *out = NULL;
    struct sp_buf b;

    if (cc_parts_now(c, now) != SP_OK) {
        now[0] = '\0'; /* saving it says that this is no time */
    }
    sp_buf_init(&b, SP_STRING_BYTES_MAX);
    cc_parts_add(&b, "at", now);
    cc_parts_add(&b, name, text);
    if (b.err == SP_OK) {
        out = cc_call_text(c, sp_buf_slice(&b));
    }
    sp_buf_free(&b);
    return out;
}
