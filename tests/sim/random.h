/*
 * random.h - the simulated world's dice: the same ones for the same seed.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t sim_random_next(struct sim_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to below - 1 */
static inline uint32_t sim_random_below(struct sim_random *r, uint32_t below)
{
    return (uint32_t)((sim_random_next(r) >> 32) * below >> 32);
}

static inline bool sim_random_percent(struct sim_random *r, uint32_t percent)
{
    return sim_random_below(r, 100) < percent;
}

static inline void sim_random_fill(struct sim_random *r, void *out, size_t size)
{
    uint8_t *p = out;

    for (size_t i = 0; i < size; i++) {
        p[i] = (uint8_t)sim_random_next(r);
    }
}

#endif
