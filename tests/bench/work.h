/*
 * work.h - the sample work of the bench: accounts and visits as commits.
 *
 * The texts are invented and the same in every run. A visit has rep, type,
 * check-in and check-out with their places, outcome and a next step; its
 * commit is about 500 bytes.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "sp/node.h"

/* Up to so many writes; values lie in the arena that was given. */
struct bench_work {
    struct sp_draft_change change;
    struct sp_draft_write write[12];
};

/* random: 64 bits, moved on. NULL arena memory ends the program. */
void bench_work_account(struct bench_work *out, struct sp_arena *arena,
    uint64_t *random, uint64_t now_ms, const char *territory);
void bench_work_visit(struct bench_work *out, struct sp_arena *arena,
    uint64_t *random, uint64_t now_ms, const struct sp_ref *account,
    uint32_t rep);

/* Words, invented but not empty, about size bytes, ended by NUL. */
void bench_work_text(char *out, size_t size, uint64_t *random);
uint64_t bench_work_random(uint64_t *state);

#endif
