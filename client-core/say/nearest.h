/*
 * nearest.h - which known word a mistyped one may be. Any thread.
 */
#ifndef CC_SAY_NEAREST_H
#define CC_SAY_NEAREST_H

#include <stddef.h>

#define CC_NEAREST_BYTES_MAX 31u

/* Letters to add, drop, change or swap with their neighbour; SIZE_MAX when one
 * is longer than CC_NEAREST_BYTES_MAX.
 *   source  Damerau 1964, in the restricted form (optimal string alignment) */
size_t cc_nearest_distance(const char *a, const char *b);

struct cc_nearest {
    const char *typed;
    const char *best; /* NULL: none is near enough */
    size_t distance;
};
void cc_nearest_init(struct cc_nearest *n, const char *typed);
/* Offers a word; it is borrowed. Near enough is a third of its letters, or one
 * of two; or that the typed word is its beginning. */
void cc_nearest_offer(struct cc_nearest *n, const char *word);

#endif
