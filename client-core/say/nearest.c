#include "say/nearest.h"

#include <stdint.h>
#include <string.h>

#define SIDE (CC_NEAREST_BYTES_MAX + 1u)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t cc_nearest_distance(const char *a, const char *b)
{
    size_t d[SIDE][SIDE];
    size_t m = strlen(a), n = strlen(b), i, j;

    if (m > CC_NEAREST_BYTES_MAX || n > CC_NEAREST_BYTES_MAX) {
        return SIZE_MAX;
    }
    for (i = 0; i <= m; i++) {
        d[i][0] = i;
    }
    for (j = 0; j <= n; j++) {
        d[0][j] = j;
    }
    for (i = 1; i <= m; i++) {
        for (j = 1; j <= n; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = least(
                least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[m][n];
}

void cc_nearest_init(struct cc_nearest *n, const char *typed)
{
    n->typed = typed;
    n->best = NULL;
    n->distance = SIZE_MAX;
}

void cc_nearest_offer(struct cc_nearest *n, const char *word)
{
    size_t distance = cc_nearest_distance(n->typed, word);
    size_t letters = strlen(word), typed = strlen(n->typed);

    if (typed > 1 && strncmp(n->typed, word, typed) == 0) {
        distance = 0;
    }
    if (distance < n->distance && distance <= (letters + 2) / 3) {
        n->best = word;
        n->distance = distance;
    }
}
