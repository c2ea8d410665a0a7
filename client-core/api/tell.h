/*
 * tell.h - values in words that the dictionary does not have: times of here,
 * names of records and people, what a program wrote. Inside a call; results
 * lie in the arena given.
 */
#ifndef CC_API_TELL_H
#define CC_API_TELL_H

#include "api/show.h"

/* NULL: people read it as the dictionary has it. Not for CC_SHOW_EXACT. */
const char *cc_tell_value(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, enum cc_show_form form, struct sp_arena *a);

/* "2026-03-04 10:05" of here; "" of 0. */
#define CC_TELL_TIME_BYTES 32u
void cc_tell_time(char out[CC_TELL_TIME_BYTES], uint64_t ms);

#endif
