/*
 * case.h - what settling a conflict put out of sight, so that anybody may take
 * it back.
 *
 * Whoever settles a field whose values a person has to choose from (KEEP,
 * AUTH) writes, in the same commit, a case beside it: the values that stood,
 * with their authors and times. The case is a register of the same field, so
 * who may read or write the field reads and writes its case, and it travels,
 * joins and is counted like any other. Its element is the one byte of nil,
 * which no member of a set can have. Form: PROTOCOL.md, "Cases".
 *
 * A case counts while its dot is that of the only value of its field: whatever
 * is written to the field later, knowing nothing of cases, ends it. It is the
 * word of who settled; the log has the proof of each value.
 *
 * owns nothing, keeps nothing     threads  any
 */
#ifndef SP_CASE_H
#define SP_CASE_H

#include "sp/dictionary.h"

struct sp_case {
    bool open; /* the settlement was taken back: a person decides again */
    uint32_t count;
    const struct sp_sibling *value; /* what was shown first, then the others */
};

/* Whether conflicts of the field leave a case. IMM does not: what is written
 * once is settled once. */
bool sp_case_kept(const struct sp_field *f);

/* The key of a field's case, and whether a key is one; f may be NULL. */
struct sp_key sp_case_key(uint16_t field);
bool sp_case_is_key(const struct sp_field *f, const struct sp_key *key);

/*
 * The value of a case. Of values that would pass SP_VALUE_BYTES_MAX the first
 * that fit are kept (the log has them all). Errors latch in out.
 */
void sp_case_encode(const struct sp_case *c, struct sp_buf *out);

/* Reads one; values point into in. SP_E_TRUNCATED, SP_E_MALFORMED,
 * SP_E_TOO_LARGE, SP_E_NOMEM */
SP_MUST_USE sp_err sp_case_decode(
    struct sp_slice in, struct sp_arena *arena, struct sp_case *out);

/* For the judge: whether it is a case with values that the field can hold.
 * SP_E_VALUE, SP_E_NOMEM */
SP_MUST_USE sp_err sp_case_check(const struct sp_field *f, struct sp_slice in);

/*
 * The case that counts of a field; values point into the record.
 *   errors  SP_E_NOT_FOUND; SP_E_CONFLICT: there is one, and the field was
 *           written since; as decode
 */
SP_MUST_USE sp_err sp_case_of(const struct sp_record *r, uint16_t field,
    struct sp_arena *arena, struct sp_case *out);

/* Whether the one that counts is open. Without memory. */
bool sp_case_is_open(const struct sp_record *r, uint16_t field);

/* Whether a person has to choose: sp_dictionary_conflict, or an open case. */
bool sp_case_conflict(const struct sp_field *f, const struct sp_record *r);

#endif
