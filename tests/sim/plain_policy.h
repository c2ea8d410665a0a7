/*
 * plain_policy.h - who may hold what, a second time and as plainly as the
 * product pages say it (tests/unit/matrix.txt): no policy document, no
 * rulebook, nothing of the shipped policy code. The world's devices are
 * compared with it.
 *
 * Every edition of a policy or roster is kept, as a server may know any of
 * them when a device meets it.
 */
#ifndef SIM_PLAIN_POLICY_H
#define SIM_PLAIN_POLICY_H

#include "org.h"
#include "sp/record.h"

enum { PLAIN_ACCOUNT = 1, PLAIN_CONTACT = 2, PLAIN_VISIT = 3, PLAIN_NOTE = 4 };
enum {
    PLAIN_REJECTED = 240
}; /* a refusal: its author's, read by nobody else */
enum { PLAIN_TYPES = 5, PLAIN_FIELDS = 80, PLAIN_TERRITORIES = 5 };

enum { PLAIN_EXTRAS = 4 }; /* fields that a dictionary may grow by */

/* Fields that decide where a record is. */
enum {
    PLAIN_ACCOUNT_OWNER = 11,
    PLAIN_ACCOUNT_TERRITORY = 12,
    PLAIN_ACCOUNT_TEAM = 13,
    PLAIN_ACCOUNT_MERGED = 60, /* the account that it is now */
    PLAIN_CHILD_ACCOUNT = 1,
    PLAIN_CHILD_AUTHOR = 2,
    PLAIN_REJECTED_AUTHOR = 1,
    PLAIN_REJECTED_LAST = 17
};

/* Serials under which somebody decides. */
struct plain_edition {
    uint32_t policy;
    uint32_t roster;
};

/* Where a record is: one territory or none, and people. */
struct plain_place {
    unsigned territory; /* bit of a territory, 0: none known */
    bool secret;        /* for the person himself only */
    uint32_t count;
    uint32_t person[32];
};

struct plain_policy;

/* What is derived of a contact stands by a consent, and is read by who reads
 * that; 0: it is none of these. */
uint16_t plain_consent_of(uint16_t type, uint16_t field);
/* Whether that consent stands in a record, and nobody has withdrawn it. */
bool plain_consented(const struct sp_record *r, uint16_t consent);

/* Of the organisation: serials, and the numbers of the fields that the matrix
 * names. */
struct plain_policy *plain_policy_new(const struct test_org *o);
void plain_policy_free(struct plain_policy *p);

/* A later edition: the one before with this change. */
void plain_policy_assign(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, uint32_t count, const char *const *territory);
void plain_policy_serve(struct plain_policy *p, uint32_t roster_serial,
    const char *territory, unsigned unit);
void plain_policy_transfer(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, unsigned unit);
void plain_policy_role(
    struct plain_policy *p, uint32_t roster_serial, uint32_t user, int role);
/* Units (bits) that he reaches as if all there were his. */
void plain_policy_reach(struct plain_policy *p, uint32_t roster_serial,
    uint32_t user, unsigned units);
void plain_policy_leave(
    struct plain_policy *p, uint32_t roster_serial, uint32_t user);
void plain_policy_grant(struct plain_policy *p, uint32_t policy_serial,
    int role, uint16_t type, uint16_t field, bool granted);

/* Bit of a territory's code, 0 for codes that nobody knows. */
unsigned plain_policy_territory(struct sp_slice code);

/* The value that all agree to look at: highest authority, then latest, then
 * highest dot. NULL: none. */
const struct sp_sibling *plain_shown(const struct sp_record *r, uint16_t field);
/* account: the one that a record is or belongs to, where that was merged the
 * one that it is now; NULL when it is not known. */
void plain_place_of(const struct sp_record *r, const struct sp_record *account,
    struct plain_place *out);

/* Whether a person may hold what is at that place, and that field of it. */
bool plain_may_hold(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, const struct plain_place *place);
bool plain_may_read(const struct plain_policy *p, const struct plain_edition *e,
    uint32_t user, uint16_t type, uint16_t field);
/* Leaves of a place what a unit (0 head office, 1 A, 2 B) serves. */
void plain_place_within(const struct plain_policy *p,
    const struct plain_edition *e, unsigned unit, struct plain_place *place);
/* Whether the branch (1 A, 2 B) serves anything of it. */
bool plain_at_branch(const struct plain_policy *p,
    const struct plain_edition *e, unsigned branch,
    const struct plain_place *place);
/* The unit that judges what is done to a record there (SYNC J1). */
unsigned plain_judge(const struct plain_policy *p,
    const struct plain_edition *e, const struct plain_place *place);

#endif
