/*
 * published.h - vectors that others made, read from the folder beside the
 * project: SATCHEL_SOURCE_ROOT/../shared/vectors. Not needed to build; where
 * it is absent the tests of it are skipped.
 */
#ifndef PUBLISHED_H
#define PUBLISHED_H

#include <jansson.h>

#include "sp/bytes.h"

/* One file, say "noise/snow.json"; the caller json_decrefs it. NULL when it
 * is not there or not JSON. */
json_t *published_load(const char *name);
/* The program's exit when the folder is absent: prints TAP's skip of all. */
int published_skip(void);

/* Hex member of o in memory of its own, the caller's to free. Fails the test
 * when it is missing or not hex. */
struct sp_slice published_bytes(const json_t *o, const char *name);
void published_free(struct sp_slice s);
/* The same into a place of fixed size. */
void published_fixed(const json_t *o, const char *name, void *out, size_t size);

#endif
