/*
 * geo.h - how far two places are from each other (WGS-84).
 *
 *   threads  any
 */
#ifndef CC_BOOK_GEO_H
#define CC_BOOK_GEO_H

#include <stdint.h>

/* In 1e-7 degrees, as the dictionary stores it. */
struct cc_geo {
    int64_t latitude, longitude;
};

/*
 * Metres between them, rounded. On a sphere, and as if flat: of 10 km wrong by
 * less than 1 in 200 outside the polar circles; sums and products alone, so
 * that every machine says the same.
 */
uint64_t cc_geo_metres(const struct cc_geo *a, const struct cc_geo *b);

#endif
