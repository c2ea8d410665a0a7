/*
 * rules.h - the rulebook: one immutable snapshot of the newest signed
 * documents, and the policy port (struct sp_rules) filled from it.
 *
 * Build one from all documents that the store has; build a new one when a
 * document was taken, swap the pointer, and free the old one's arena when
 * nobody looks at it any more. Nothing in it changes after the build: all
 * functions run on any thread, none allocates save in an arena given to it.
 */
#ifndef SP_RULES_H
#define SP_RULES_H

#include "sp/policy.h"
#include "sp/port.h"
#include "sp/roster.h"

struct sp_rulebook;

/* What became of the documents that were given. */
struct sp_rulebook_report {
    uint32_t taken;    /* in force */
    uint32_t older;    /* valid, a higher serial was there too */
    uint32_t rejected; /* not decodable, or not signed by who may sign it */
    uint32_t first;    /* index of the first rejected one */
    sp_err why;        /* its error */
};

/*
 * Builds a rulebook. Bad documents are left out and reported; without
 * dictionary, policy or rosters the rulebook denies what they would grant.
 *   documents  encoded signed documents, any order; copied into the arena
 *   arena      holds the rulebook and all it points to; not reset before the
 *              last use. About four times the documents' size
 *   report     may be NULL
 *   errors     SP_E_NOMEM, SP_E_TOO_LARGE (SP_DOCUMENTS_MAX of a kind that is
 *              not SP_DOC_DEVICE); out untouched
 */
SP_MUST_USE sp_err sp_rulebook_build(const struct sp_slice *documents,
    size_t count, const struct sp_id *org, const uint8_t root_public[32],
    struct sp_arena *arena, struct sp_rulebook **out,
    struct sp_rulebook_report *report);

/* The function table; self is the rulebook. */
struct sp_rules sp_rulebook_rules(struct sp_rulebook *b);

/* Never NULL: empty when no such document is there. */
const struct sp_dictionary *sp_rulebook_dictionary(const struct sp_rulebook *b);
const struct sp_policy *sp_rulebook_policy(const struct sp_rulebook *b);
struct sp_serials sp_rulebook_serials(const struct sp_rulebook *b);

/* Look-ups; NULL when there is none. Pointers live as long as the rulebook. */
const struct sp_person *sp_rulebook_find_person(
    const struct sp_rulebook *b, uint32_t user);
const struct sp_person *sp_rulebook_find_login(
    const struct sp_rulebook *b, struct sp_slice login);
/* The unit that a person works in, that serves a territory, by its code. */
const struct sp_roster *sp_rulebook_find_unit_of(
    const struct sp_rulebook *b, uint32_t user);
const struct sp_territory *sp_rulebook_find_territory(
    const struct sp_rulebook *b, struct sp_slice code);
const struct sp_roster *sp_rulebook_find_unit_serving(
    const struct sp_rulebook *b, struct sp_slice territory);
const struct sp_roster *sp_rulebook_find_unit(
    const struct sp_rulebook *b, struct sp_slice code);
const struct sp_roster *sp_rulebook_find_head_office(
    const struct sp_rulebook *b);
const struct sp_device *sp_rulebook_find_device(
    const struct sp_rulebook *b, uint32_t device);
/* By X25519 static key, as the handshake shows it. */
const struct sp_device *sp_rulebook_find_static(
    const struct sp_rulebook *b, const uint8_t static_public[32]);
/* The document in force, as signed; empty slice when there is none. */
struct sp_slice sp_rulebook_find_document(const struct sp_rulebook *b,
    enum sp_document_kind kind, struct sp_slice unit);
/* Its serial, 0 when there is none. */
uint32_t sp_rulebook_find_serial(const struct sp_rulebook *b,
    enum sp_document_kind kind, struct sp_slice unit);

/* Lists: the i-th, in order of code, user number, device number; NULL past the
 * end. Devices include servers. Documents come in order of kind and unit. */
const struct sp_roster *sp_rulebook_list_unit(
    const struct sp_rulebook *b, size_t i);
const struct sp_person *sp_rulebook_list_person(
    const struct sp_rulebook *b, size_t i);
const struct sp_territory *sp_rulebook_list_territory(
    const struct sp_rulebook *b, size_t i);
const struct sp_device *sp_rulebook_list_device(
    const struct sp_rulebook *b, size_t i);
struct sp_slice sp_rulebook_list_document(
    const struct sp_rulebook *b, size_t i);

/* Highest authority among a person's roles (what his commits claim); 0 for
 * people who are not known or have left. */
uint8_t sp_rulebook_authority(const struct sp_rulebook *b, uint32_t user);
/* Bits of enum sp_manages; 0 for people who are not known or have left. */
uint8_t sp_rulebook_manages(const struct sp_rulebook *b, uint32_t user);

/* How a scope lies to a person, and under which grant he sees it: for the
 * answer to "why do I (not) see this". grant 0: he sees nothing there. */
struct sp_standing {
    enum sp_reach reach; /* the nearest that covers it */
    uint16_t grant;
};
/*   now_ms  the server's clock: shares that have ended are none; 0 at a device,
 *           whose clock ends nothing */
struct sp_standing sp_rulebook_standing(const struct sp_rulebook *b,
    uint32_t user, const struct sp_id *scope, uint64_t now_ms);

/* What a person may hold at a moment, whatever the device: empty when he is not
 * there or has left. Arena memory. SP_E_NOMEM, SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sp_rulebook_entitled(const struct sp_rulebook *b,
    uint32_t user, uint64_t now_ms, struct sp_arena *arena,
    struct sp_entitlement *out);

/* Grants that are always there. */
#define SP_GRANT_NOTHING    0u
#define SP_GRANT_EVERYTHING 1u /* servers */

/* Readable name of a scope that the rosters name ("territory A-01", "person
 * 12 Anna"), else its hexadecimal id; appended to out, errors latch. */
void sp_rulebook_describe_scope(
    const struct sp_rulebook *b, const struct sp_id *scope, struct sp_buf *out);

#endif
