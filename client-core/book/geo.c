#include "book/geo.h"

#define RADIUS_M  6371009.0 /* mean */
#define UNIT      (3.14159265358979323846 / 180.0 / 1e7)
#define FULL_TURN 3600000000ll

/* Taylor's, good to 3e-5 up to a right angle. */
static double cosine(double x)
{
    double s = x * x;

    return 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56)));
}

/* Newton's; a few steps more than needed. */
static double square_root(double v)
{
    double x = v < 1 ? 1 : v;

    for (unsigned i = 0; i < 64 && x * x > v; i++) {
        x = (x + v / x) / 2;
    }
    return x;
}

uint64_t cc_geo_metres(const struct cc_geo *a, const struct cc_geo *b)
{
    int64_t east = a->longitude - b->longitude;
    double middle = (double)(a->latitude + b->latitude) / 2 * UNIT;
    double x, y;

    east = east < 0 ? -east : east;
    east = east > FULL_TURN / 2 ? FULL_TURN - east : east;
    x = (double)east * UNIT * cosine(middle) * RADIUS_M;
    y = (double)(a->latitude - b->latitude) * UNIT * RADIUS_M;
    return (uint64_t)(square_root(x * x + y * y) + 0.5);
}
