/*
 * id.h - names of records, replicas, scopes, and single writes.
 *
 * Record ids are UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then
 * random bits, so they sort by the time of their making and tell no more than
 * that. Scope ids are 16 bytes made from the scope's kind and name, equal on
 * every replica without asking anybody.
 */
#ifndef SP_ID_H
#define SP_ID_H

#include "sp/bytes.h"

struct sp_id {
    uint8_t b[16];
};

/* SYNC M8: 32-bit device number (below 2^31, from enrolment; servers have one
 * too) and a 32-bit incarnation that the replica draws itself. Top bit set:
 * a content dot (SYNC X5). 0 is no replica. */
typedef uint64_t sp_replica;

struct sp_dot {
    sp_replica replica;
    uint64_t counter; /* commit number, from 1 */
};

/* A record's place in the store and on the wire: type and id. */
struct sp_ref {
    uint16_t type; /* entity number of the dictionary, 1..SP_TYPE_MAX */
    struct sp_id id;
};

enum sp_scope_kind {
    SP_SCOPE_TERRITORY = 1, /* name: the territory's code, UTF-8 */
    SP_SCOPE_PERSON = 2,    /* name: user number, decimal digits */
    SP_SCOPE_LEDGER = 3,    /* name: branch code */
    SP_SCOPE_POOL = 4,      /* name: branch code */
    SP_SCOPE_CATALOGUE = 5, /* name: branch code, or empty for all */
    SP_SCOPE_SELF = 6       /* of rules only, never of an id: his own person
                               scope, as he himself stands to it */
};

/* Whether this is the organisation's catalogue: head office's to judge, and
 * every branch hands it on (SYNC S1, S7). */
bool sp_scope_is_everybodys(const struct sp_id *scope);

bool sp_id_equal(const struct sp_id *a, const struct sp_id *b);
int sp_id_cmp(const struct sp_id *a, const struct sp_id *b);
bool sp_id_is_zero(const struct sp_id *id);
bool sp_ref_equal(const struct sp_ref *a, const struct sp_ref *b);
int sp_dot_cmp(const struct sp_dot *a, const struct sp_dot *b);

/*
 * Makes a UUIDv7.
 *   now_ms   UTC milliseconds since 1970, below 2^48
 *   random   10 random bytes (version and variant bits are overwritten)
 *   source   RFC 9562 section 5.7
 */
struct sp_id sp_id_make(uint64_t now_ms, const uint8_t random[10]);
/*
 * The next one of a maker who makes several: above the last also within one
 * millisecond, and while a clock is up to SP_ID_BACK_MS behind it, so that
 * what came first has the lower id. Further back the clock was set right, and
 * ids begin anew there.
 *   last     its last one; zeros: none yet
 *   random   as above; within a millisecond 40 bits of them are the step
 *   source   RFC 9562 section 6.2, method 2 (monotonic random)
 */
#define SP_ID_BACK_MS 10000u
struct sp_id sp_id_next(
    const struct sp_id *last, uint64_t now_ms, const uint8_t random[10]);
/* UTC milliseconds of its making. */
uint64_t sp_id_time_ms(const struct sp_id *id);

#define SP_ID_TEXT_BYTES 37u /* 8-4-4-4-12 and NUL */
void sp_id_format(char out[SP_ID_TEXT_BYTES], const struct sp_id *id);
/* Reads the form with or without dashes; SP_E_ARGUMENT otherwise. */
SP_MUST_USE sp_err sp_id_parse(struct sp_id *out, const char *text);

sp_replica sp_replica_make(uint32_t device, uint32_t incarnation);
uint32_t sp_replica_device(sp_replica r);
/* Content dots count as devices above SP_DEVICE_MAX. */
#define SP_DEVICE_MAX 0x7fffffffu
/* SYNC X5: (first 8 bytes of a content id with the top bit set, 1). */
struct sp_dot sp_dot_of_content(const struct sp_id *content);

/* First byte the kind, then 15 bytes of BLAKE2b-128("satchel-scope" | kind |
 * name): the kind can be read back, the name cannot. */
struct sp_id sp_scope_make(enum sp_scope_kind kind, struct sp_slice name);
struct sp_id sp_scope_person(uint32_t user);
enum sp_scope_kind sp_scope_kind_of(const struct sp_id *scope);

#endif
