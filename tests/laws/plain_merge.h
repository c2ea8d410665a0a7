/*
 * plain_merge.h - join and write a second time, as plainly as SYNC M2 and M3
 * say them: sets as arrays of flags, nothing sorted, nothing shared, nothing
 * clever. The shipped merge is compared with it.
 */
#ifndef PLAIN_MERGE_H
#define PLAIN_MERGE_H

#include <stdbool.h>

enum { REPLICAS = 5, COUNTERS = 24, KEYS = 5 };

/* Dots by replica 0.. and counter 1..; counter 0 is not used. */
struct dot_set {
    bool dot[REPLICAS][COUNTERS];
};

struct plain_register {
    struct dot_set values; /* siblings, by their dots */
    struct dot_set seen;   /* every write ever seen for the key */
};

struct plain_record {
    struct plain_register key[KEYS];
};

/* Everything is false at first: nothing known. */
void plain_join(const struct plain_record *a, const struct plain_record *b,
    struct plain_record *out);
/* One write of replica r with number n to a key. */
void plain_write(struct plain_record *record, int key, int r, int n,
    const struct dot_set *context);
/* All dots of r up to n. */
void plain_see(struct dot_set *set, int r, int n);

#endif
