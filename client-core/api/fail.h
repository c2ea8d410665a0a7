/*
 * fail.h - fills the one error type of the api. Any thread.
 */
#ifndef CC_API_FAIL_H
#define CC_API_FAIL_H

#include "satchel.h"

#include "sp/err.h"

/* detail: in the thread's language already. Returns err as the api does; e may
 * be NULL. SP_OK empties it. */
int cc_fail_set(struct satchel_error *e, sp_err err, const char *detail);

#endif
