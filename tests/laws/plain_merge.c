#include "plain_merge.h"

#define EACH_DOT(r, n)                                                         \
    for (int r = 0; r < REPLICAS; r++)                                         \
        for (int n = 1; n < COUNTERS; n++)

void plain_see(struct dot_set *set, int r, int n)
{
    for (int i = 1; i <= n; i++) {
        set->dot[r][i] = true;
    }
}

/* SYNC M2: keeps a sibling that both sides have or that the other side's
 * context does not cover; contexts take the maximum. */
static void join_register(const struct plain_register *a,
    const struct plain_register *b, struct plain_register *out)
{
    EACH_DOT(r, n)
    {
        bool in_a = a->values.dot[r][n], in_b = b->values.dot[r][n];
        bool a_saw = a->seen.dot[r][n], b_saw = b->seen.dot[r][n];

        out->values.dot[r][n] =
            (in_a && in_b) || (in_a && !b_saw) || (in_b && !a_saw);
        out->seen.dot[r][n] = a_saw || b_saw;
    }
}

void plain_join(const struct plain_record *a, const struct plain_record *b,
    struct plain_record *out)
{
    for (int k = 0; k < KEYS; k++) {
        join_register(&a->key[k], &b->key[k], &out->key[k]);
    }
}

/* SYNC M3: removes the siblings that its context covers and adds itself; a
 * dot (r, n) covers every earlier dot of r on that key; a write whose dot is
 * already covered adds no value, but its context still removes. */
void plain_write(struct plain_record *record, int key, int r, int n,
    const struct dot_set *context)
{
    struct plain_register *g = &record->key[key];
    bool covered = g->seen.dot[r][n];

    EACH_DOT(q, m)
    {
        if (context->dot[q][m] || (q == r && m < n)) {
            g->values.dot[q][m] = false;
        }
        if (context->dot[q][m]) {
            g->seen.dot[q][m] = true;
        }
    }
    plain_see(&g->seen, r, n);
    if (!covered) {
        g->values.dot[r][n] = true;
    }
}
