/*
 * story.h - where most single stories begin and how all of them end.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "network.h"
#include "people.h"

enum { ANNA = 111, BEN = 112, CARL = 113, MIA = 110, DORA = 121 };

/* A world in which everybody has met his branch once. */
struct story {
    struct sim_world *w;
    struct sim_party *head, *a, *b;
    struct sim_party *anna, *ben, *carl, *mia, *dora;
};

struct story story_new(uint64_t seed);
/* A party meets its home, without faults; the laws hold for both. */
void story_sync(struct sim_party *p);
/* The laws for all, then the end of sim_oracle_settle. */
void story_end(struct story *s);

#endif
