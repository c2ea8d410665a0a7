/*
 * plain_kinds.h - what each merge kind shows, a second time: from the writes
 * themselves and who had seen which, without registers, contexts, joins. A
 * copy is the set of writes that reached it.
 */
#ifndef PLAIN_KINDS_H
#define PLAIN_KINDS_H

#include <stdbool.h>
#include <stdint.h>

enum { WRITES_MAX = 48 };
enum { NOTHING = -9 }; /* nil, as a value; below all others */

enum plain_kind {
    PLAIN_LWW,
    PLAIN_KEEP,
    PLAIN_SET,
    PLAIN_CNT,
    PLAIN_MAX,
    PLAIN_DENY,
    PLAIN_APP,
    PLAIN_IMM,
    PLAIN_AUTH,
    PLAIN_KINDS
};

struct plain_one {
    enum plain_kind kind;
    int element; /* SET, APP: which member */
    int replica; /* in the order of their ids */
    int number;
    uint64_t time;
    int authority;
    int value;     /* NOTHING, 0, 1, ...; CNT: any but 0 */
    uint64_t seen; /* writes to the same key that its author knew of */
};

/* All that was ever written; bit i of a set is write[i]. */
struct plain_history {
    int count;
    struct plain_one write[WRITES_MAX];
};

/* Writes to a key that stand in a copy: no known one has seen them. */
uint64_t plain_standing(const struct plain_history *h, uint64_t copy,
    enum plain_kind kind, int element);
/* Of a copy: the write that is shown, -1 when there is none. Not for SET, APP
 * and CNT. */
int plain_shown(
    const struct plain_history *h, uint64_t copy, enum plain_kind kind);
bool plain_member(const struct plain_history *h, uint64_t copy,
    enum plain_kind kind, int element);
long plain_count(
    const struct plain_history *h, uint64_t copy, long low, long high);
bool plain_conflict(
    const struct plain_history *h, uint64_t copy, enum plain_kind kind);

#endif
