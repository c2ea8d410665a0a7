/*
 * memory.h - the storage port in memory, for tests and the simulated world.
 *
 * A state is one persistent treap a table: nodes are shared between states
 * and copied on the way down when a writer changes them. So a reader's
 * snapshot, an abort and a copy of a whole store each cost one reference, and
 * the restored backup or cloned phone of a simulation is a second store.
 *
 * Stricter than the port asks, so that a test run under AddressSanitizer finds
 * code that leans on more than is promised: each value handed out is a copy of
 * its own, freed by the next write, the end of the transaction or the 64th
 * further get or next. Writing inside a walk, a second writer, and calls on an
 * ended transaction are asserts. Nothing here waits: one thread only, and all
 * stores that stem from one another belong to that thread. Out of memory is
 * an assert too.
 *
 *   source  Aragon and Seidel 1989 (treaps); Driscoll, Sarnak, Sleator and
 *           Tarjan 1989 (path copying)
 */
#ifndef TESTS_STORE_MEMORY_H
#define TESTS_STORE_MEMORY_H

#include "sp/port.h"

struct mem_store;

struct mem_store *mem_store_new(void);
/* No transaction may be open. NULL is harmless. */
void mem_store_free(struct mem_store *m);
/* The port; valid as long as the store. */
struct sp_store mem_store_port(struct mem_store *m);

/* A second store with the committed state of m, in constant time; the faults
 * and counters of m do not come along. Caller frees. */
struct mem_store *mem_store_clone(const struct mem_store *m);
/* Puts the committed state of from in the place of that of m (a restore in
 * place). No transaction of m may be open. */
void mem_store_restore(struct mem_store *m, const struct mem_store *from);
/* Whether the committed states hold the same entries. */
bool mem_store_equal(const struct mem_store *a, const struct mem_store *b);

/*
 * Lets the nth call of the port from now on (1: the next one; begin, commit,
 * get, put, del, seek, walk and count are calls, the steps of a walk are not)
 * return err without effect; a failing commit ends its transaction. sticky:
 * also each call after it. nth 0 takes the plan back.
 */
struct mem_fault {
    uint64_t nth;
    sp_err err;
    bool sticky;
};
void mem_store_fail(struct mem_store *m, struct mem_fault fault);
/* Whether a planned fault has struck since mem_store_fail: a loop over nth
 * ends when its case got through without. */
bool mem_store_failed(const struct mem_store *m);
/* Calls of the port since the store was made. */
uint64_t mem_store_calls(const struct mem_store *m);
/* Commits of writers that succeeded. */
uint64_t mem_store_commits(const struct mem_store *m);

/* The process died: open transactions are gone as if never begun, faults are
 * forgotten. The caller drops whatever held such a transaction. */
void mem_store_crash(struct mem_store *m);

#endif
