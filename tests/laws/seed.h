/*
 * seed.h - random numbers of the law tests: the same ones for the same seed.
 * SATCHEL_SEED chooses it; each binary prints what it ran with.
 */
#ifndef TEST_SEED_H
#define TEST_SEED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t seed_state;

static inline void seed_begin(void)
{
    const char *text = getenv("SATCHEL_SEED");

    seed_state = text == NULL ? 20260101 : strtoull(text, NULL, 10);
    (void)printf("# SATCHEL_SEED=%llu\n", (unsigned long long)seed_state);
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t seed_next(void)
{
    uint64_t z = seed_state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to below - 1 */
static inline uint32_t seed_below(uint32_t below)
{
    return (uint32_t)((seed_next() >> 32) * below >> 32);
}

#endif
