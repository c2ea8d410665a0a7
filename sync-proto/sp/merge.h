/*
 * merge.h - the one merge of the house (SYNC M2, M3): device, branch and head
 * office use it, nothing else merges anything.
 */
#ifndef SP_MERGE_H
#define SP_MERGE_H

#include "sp/commit.h"

/*
 * Joins two copies of a record: a sibling stays that both have or that the
 * other side's context does not cover; contexts take the maximum. Idempotent,
 * commutative, associative.
 *   a, b     same ref; either may have count 0
 *   out      registers in the arena; values shared with a and b. A register
 *            that did not change keeps a's seq, one that did gets seq 0
 *   changed  number of registers of out that differ from a's in siblings or
 *            context (so 0 means: nothing to store)
 *   errors   SP_E_NOMEM, SP_E_TOO_LARGE; out untouched
 *   source   Almeida et al. 2014 (dotted version vectors, DVVSet)
 */
SP_MUST_USE sp_err sp_merge_join(const struct sp_record *a,
    const struct sp_record *b, struct sp_arena *arena, struct sp_record *out,
    uint32_t *changed);

/*
 * Applies the writes of one commit to its record (SYNC M3): each removes the
 * siblings that its context covers and adds itself; a dot that the register's
 * context covers already adds no value, but its context still removes. A dot
 * (r, n) covers every earlier dot of r on that key.
 *   before   the record, or count 0 when there is none
 *   out, changed, errors   as in sp_merge_join
 */
SP_MUST_USE sp_err sp_merge_write(const struct sp_record *before,
    const struct sp_change *change, const struct sp_stamp *stamp,
    struct sp_arena *arena, struct sp_record *out, uint32_t *changed);

/* How the shown sibling is chosen (SYNC M5, M7); numbers are in dictionaries.
 */
enum sp_merge_kind {
    SP_MERGE_LWW = 1,
    SP_MERGE_KEEP = 2,
    SP_MERGE_SET = 3,
    SP_MERGE_CNT = 4,
    SP_MERGE_MAX = 5,
    SP_MERGE_DENY = 6,
    SP_MERGE_APP = 7,
    SP_MERGE_IMM = 8,
    SP_MERGE_AUTH = 9,
    SP_MERGE_DRV = 10
};

/* Of which sources sp_dictionary_derive makes the image. Whatever is made, an
 * image whose consent is not there goes, but for SP_MAKE_LOST. */
enum sp_make {
    SP_MAKE_CHANGED, /* of those that a commit changed (seq 0), or the consent
                        of whose image it changed */
    SP_MAKE_ALL,
    SP_MAKE_SHOWN,  /* whose image stands already */
    SP_MAKE_JOINED, /* those of SP_MAKE_CHANGED whose image stands already, and
                       asks for consent: the others join by themselves */
    SP_MAKE_NONE,
    SP_MAKE_LOST /* none; what goes is what lost its consent by a change */
};

/*
 * The order of MAX and DENY (SYNC M5): nothing below everything, false below
 * true, integers by size (an option by its number, so options rise with their
 * safety), a list by its first element. Values that have no such order, text
 * for example, are equal. Any thread.
 */
int sp_merge_rank_cmp(struct sp_slice a, struct sp_slice b);

/*
 * The sibling that is shown: latest hybrid time, ties by dot; AUTH looks at
 * the highest authority first, MAX and DENY at the highest rank, IMM at the
 * earliest time. NULL when there is none. Of a counter (CNT) this is one
 * increment: its value is sp_dictionary_count.
 */
const struct sp_sibling *sp_merge_shown(
    const struct sp_register *reg, enum sp_merge_kind kind);

/* The vector of a whole record: join of all contexts; what a deletion carries
 * (SYNC M4). */
SP_MUST_USE sp_err sp_merge_vector(
    const struct sp_record *r, struct sp_arena *arena, struct sp_vector *out);

#endif
