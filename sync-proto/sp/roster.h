/*
 * roster.h - who serves what, who works where, and which devices there are:
 * signed documents, one roster a unit (SP_DOC_ROSTER) and one certificate a
 * device (SP_DOC_DEVICE).
 *
 * Chain of trust: the organisation's root key signs (issuer 0) head office's
 * server certificate or roster; head office's server signs rosters, policy,
 * dictionary and the branches' server certificates; a branch's server signs
 * the certificates of devices of its own people. A serial never goes back.
 *
 * Head office numbers all rosters with one counter, so that "the roster of
 * serial n" (SYNC J4) means the same whatever the unit; each edition of any
 * roster takes the next number. Where two rosters name the same territory or
 * person (a move under way), the higher serial wins.
 */
#ifndef SP_ROSTER_H
#define SP_ROSTER_H

#include "sp/document.h"

enum sp_unit_kind { SP_UNIT_HEAD_OFFICE = 1, SP_UNIT_BRANCH = 2 };

enum sp_person_status {
    SP_PERSON_ACTIVE = 1,
    SP_PERSON_LEFT = 2 /* devices are treated as revoked */
};

enum sp_device_status {
    SP_DEVICE_ACTIVE = 1,
    SP_DEVICE_LOST = 2,
    SP_DEVICE_REVOKED = 3
};

#define SP_ROSTER_CODE_MAX        40u /* bytes of a unit's or territory's code */
#define SP_ROSTER_NAME_MAX        120u
#define SP_ROSTER_ADDRESS_MAX     200u
#define SP_ROSTER_PEOPLE_MAX      1024u /* of one unit */
#define SP_ROSTER_TERRITORIES_MAX 1024u /* of one unit, of one person */
#define SP_ROSTER_TERM_DAYS       14u   /* SYNC J9, when nothing is said */
#define SP_ROSTER_ROLES_MAX       32u   /* of one person; so many of before */

struct sp_territory {
    struct sp_slice code; /* unique in the organisation */
    struct sp_slice name;
    struct sp_slice region; /* name of a region, may be empty */
};

/* A territory that a person had until the roster of that serial, inclusive. */
struct sp_left {
    struct sp_slice territory;
    uint32_t serial;
};

/* A role that a person had until the roster of that serial, inclusive. */
struct sp_had {
    uint16_t role;
    uint32_t serial;
};

enum sp_extra_kind {
    SP_EXTRA_TERRITORY = 1,
    SP_EXTRA_UNIT = 2,  /* all territories and people of a unit */
    SP_EXTRA_REGION = 3 /* all territories of a region */
};

/* Scopes beyond his own that a person's roles reach as if they were: for good,
 * or shared with him up to a day. */
struct sp_extra {
    enum sp_extra_kind kind;
    struct sp_slice code;
    uint32_t until; /* last day, UTC, days since 1970; 0: no end */
};
#define SP_ROSTER_DAY_MS 86400000u

struct sp_person {
    uint32_t user; /* number, unique in the organisation, never reused */
    struct sp_slice login;
    struct sp_slice name;
    enum sp_person_status status;
    uint32_t role_count;
    const uint16_t
        *role; /* role numbers of the policy; of who left: his last */
    uint32_t territory_count;
    const struct sp_slice *territory;
    uint32_t extra_count;
    const struct sp_extra *extra;
    uint32_t left_count;
    const struct sp_left *left;
    uint32_t had_count; /* each role once */
    const struct sp_had *had;
};

struct sp_roster {
    struct sp_slice unit; /* "" is head office */
    struct sp_slice name;
    enum sp_unit_kind kind;
    uint32_t server; /* its server's device number; 0: none yet, head office
                        serves its scopes (SYNC J1) */
    uint8_t static_public[32]; /* X25519 of that server */
    uint8_t sign_public[32];   /* Ed25519 of that server */
    struct sp_slice address;   /* host:port, may be empty */
    uint16_t term_days;        /* serving term (SYNC J9) */
    uint32_t territory_count;
    const struct sp_territory *territory;
    uint32_t person_count;
    const struct sp_person *person;
};

struct sp_device {
    uint32_t device;           /* below 2^31; the document's unit in decimal */
    uint32_t user;             /* 0: a server */
    struct sp_slice unit;      /* a server's unit, or where it was enrolled */
    uint8_t static_public[32]; /* X25519, handshake */
    uint8_t sign_public[32];   /* Ed25519 */
    uint8_t seal_public[32];   /* X25519, sealed scope keys */
    struct sp_slice label;
    enum sp_device_status status;
};

/* Bodies of documents. Decoded slices point into body.
 * SP_E_DOCUMENT, SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM;
 * encoding latches in out. */
void sp_roster_encode(const struct sp_roster *r, struct sp_buf *out);
SP_MUST_USE sp_err sp_roster_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_roster *out);
void sp_roster_encode_device(const struct sp_device *d, struct sp_buf *out);
SP_MUST_USE sp_err sp_roster_decode_device(
    struct sp_slice body, struct sp_device *out);

#endif
