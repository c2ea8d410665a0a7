/*
 * vector.h - which replica has seen what.
 *
 * A version vector names every replica with the highest counter seen. Only
 * vectors order versions; wall time only picks which of several concurrent
 * values is shown first, because a phone's date can be wrong by years.
 */
#ifndef SP_VECTOR_H
#define SP_VECTOR_H

#include "sp/id.h"

/* At all times sorted by replica, each once, counters >= 1, at most
 * SP_VECTOR_DOTS_MAX. Immutable once made; the dots are borrowed from the
 * arena (or array) that it was made in. */
struct sp_vector {
    uint32_t count;
    const struct sp_dot *dot;
};

enum sp_order { SP_EQUAL, SP_BEFORE, SP_AFTER, SP_CONCURRENT };

/*
 * Compares what two replicas have seen.
 *   returns  SP_EQUAL, SP_BEFORE (b saw all of a), SP_AFTER or SP_CONCURRENT
 *   owns     nothing, keeps nothing      threads  any      cost  one pass
 *   source   Parker et al. 1983 (version vectors); Fidge 1988, Mattern 1989
 */
enum sp_order sp_vector_cmp(
    const struct sp_vector *a, const struct sp_vector *b);

/* The counter of a replica, 0 when it is not named. Binary search. */
uint64_t sp_vector_get(const struct sp_vector *v, sp_replica replica);
/* Whether the vector has seen the dot. */
bool sp_vector_covers(const struct sp_vector *v, struct sp_dot dot);

/*
 * Entry-wise maximum, and the same with one more dot.
 *   out      dots in the arena, or those of a or b when nothing was added
 *   errors   SP_E_NOMEM, SP_E_TOO_LARGE (SP_VECTOR_DOTS_MAX); out untouched
 */
SP_MUST_USE sp_err sp_vector_join(const struct sp_vector *a,
    const struct sp_vector *b, struct sp_arena *arena, struct sp_vector *out);
SP_MUST_USE sp_err sp_vector_add(const struct sp_vector *v, struct sp_dot dot,
    struct sp_arena *arena, struct sp_vector *out);
/* Whether the invariant above holds; for decoders. */
bool sp_vector_valid(const struct sp_vector *v);

#endif
