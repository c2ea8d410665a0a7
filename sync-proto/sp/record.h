/*
 * record.h - a record: a map of keys to registers (SYNC M1 to M4).
 *
 * A register holds the concurrent values of one key (siblings) and a context:
 * the version vector that covers every write ever seen for it. A key that is
 * absent is unknown, never removed; so any part of a record may be withheld
 * or come later.
 */
#ifndef SP_RECORD_H
#define SP_RECORD_H

#include "sp/hlc.h"
#include "sp/id.h"
#include "sp/vector.h"

/* Field 0 of every entity is deletion (SYNC M4): its value is true and its
 * context the vector of the whole record as the author saw it. */
#define SP_FIELD_DELETED 0u

/* A key: field number of the dictionary, and an element for set members and
 * counter increments (empty otherwise; at most SP_ELEMENT_BYTES_MAX). */
struct sp_key {
    uint16_t field;
    struct sp_slice element;
};

/* Who wrote when: one per commit, shared by all that the commit wrote. */
struct sp_stamp {
    struct sp_dot dot;
    sp_hlc time;
    uint32_t user;     /* user number of the roster */
    uint8_t authority; /* SYNC M7; enum sp_authority, checked by the judge */
};

enum sp_authority {
    SP_AUTHORITY_PERSON = 0,
    SP_AUTHORITY_BRANCH = 1,
    SP_AUTHORITY_HEAD_OFFICE = 2
};

struct sp_sibling {
    struct sp_stamp stamp;
    struct sp_slice value; /* canonical MessagePack, one value; nil is one */
};

/* At all times: context not empty; siblings sorted by dot, and the dot of each
 * is the context's entry of its replica (join and write keep it so: a write
 * takes its dot into the context and removes its replica's earlier value), so
 * a replica has at most one. */
struct sp_register {
    struct sp_key key;
    struct sp_vector context;
    uint32_t count;
    const struct sp_sibling *sibling;
    uint64_t
        seq; /* arrival sequence of the last change here; not on the wire */
};

/* At all times sorted by key (field, then element in memcmp order). */
struct sp_record {
    struct sp_ref ref;
    uint32_t count;
    const struct sp_register *reg;
};

int sp_key_cmp(const struct sp_key *a, const struct sp_key *b);
/* The register of a key, or NULL. Binary search. */
const struct sp_register *sp_record_find(
    const struct sp_record *r, uint16_t field, struct sp_slice element);
/* First register of a field (sets have several, in a row), or NULL. */
const struct sp_register *sp_record_field(
    const struct sp_record *r, uint16_t field);

enum sp_record_form {
    SP_RECORD_WIRE,  /* without sequences */
    SP_RECORD_STORED /* with the sequence of each register's last change */
};

/*
 * Canonical bytes of a record (PROTOCOL.md, "Record"): stamps stand once in a
 * table; a register whose context is just its only sibling's dot, the common
 * case, costs one index.
 *   errors   latched in out: SP_E_TOO_LARGE, SP_E_NOMEM; SP_E_ARGUMENT for a
 *            record that breaks an invariant above
 */
void sp_record_encode(
    const struct sp_record *r, enum sp_record_form form, struct sp_buf *out);

/*
 * Decodes exactly the canonical form; values and elements point into in.
 *   arena    holds registers, vectors, siblings
 *   errors   SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM
 */
SP_MUST_USE sp_err sp_record_decode(struct sp_slice in,
    enum sp_record_form form, struct sp_arena *arena, struct sp_record *out);

/* BLAKE2b-128 over ref, keys and sorted sibling dots: equal exactly when two
 * copies show the same values (contexts may differ). Only registers for which
 * keep(arg, field) holds count; keep NULL counts all. */
void sp_record_digest(const struct sp_record *r,
    bool (*keep)(const void *arg, uint16_t field), const void *arg,
    uint8_t out[16]);

/* A copy with only the registers for which keep holds; shares memory. */
SP_MUST_USE sp_err sp_record_filter(const struct sp_record *r,
    bool (*keep)(const void *arg, uint16_t field), const void *arg,
    struct sp_arena *arena, struct sp_record *out);

#endif
