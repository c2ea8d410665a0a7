/*
 * parts.h - the parts of a group as one text, as somebody would type it.
 */
#ifndef CC_API_PARTS_H
#define CC_API_PARTS_H

#include "api/call.h"

#define CC_PARTS_NOW_BYTES 32u

/* Now, as it is typed into a part of a group. SP_E_VALUE: no such time. */
SP_MUST_USE sp_err cc_parts_now(
    const struct cc_call *c, char out[CC_PARTS_NOW_BYTES]);
/* Appends "name=text", behind "; " when it is not the first; of text, what
 * separates parts is taken as it is. Errors latch in b. */
void cc_parts_add(struct sp_buf *b, const char *name, const char *text);

#endif
