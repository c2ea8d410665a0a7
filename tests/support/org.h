/*
 * org.h - a complete small organisation in memory, for tests.
 *
 *   unit   server  territories (region)      people (user: login, role)
 *   head   1       H-1 (centre)              1: admin, admin  2: hana, analyst
 *   A      2       A-1, A-2 (north)          10: mia, manager  11: anna, rep
 *                                            of A-1  12: ben, rep of A-2
 *                                            13: carl, rep of
 *   B      3       B-1, B-2 (south)          20: max, manager  21: dora, rep
 *                                            of B-1  22: emil, rep of B-2
 *
 * Each person has the device 100 + user. Dictionary and policy are the ones
 * that ship (server/policy/default under SATCHEL_SOURCE_ROOT). All keys follow
 * from the seed. Whatever fails here ends the test program.
 */
#ifndef TEST_ORG_H
#define TEST_ORG_H

#include "sp/rules.h"
#include "sp/seal.h"

enum test_org_unit_name { TEST_ORG_HEAD, TEST_ORG_A, TEST_ORG_B };
#define TEST_ORG_UNITS       3u
#define TEST_ORG_DEVICES_MAX 64u

enum test_org_role {
    TEST_ORG_REP = 1,
    TEST_ORG_MANAGER = 2,
    TEST_ORG_ANALYST = 3,
    TEST_ORG_ADMIN = 4
};

struct test_org_keys {
    struct sp_secret static_secret; /* X25519 */
    uint8_t static_public[32];
    uint8_t sign_secret[SP_SIGN_SECRET_BYTES]; /* Ed25519 */
    uint8_t sign_public[32];
    struct sp_secret seal_secret; /* X25519 */
    uint8_t seal_public[32];
};

/* roster's lists point to territory and person, which tests may change before
 * they publish again. */
struct test_org_unit {
    struct sp_roster roster;
    struct sp_territory territory[8];
    struct sp_person person[16];
    struct test_org_keys keys; /* of its server */
};

struct test_org_device {
    struct sp_device device;
    struct test_org_keys keys;
    uint32_t serial; /* of its certificate */
};

struct test_org_document {
    enum sp_document_kind kind;
    char unit[12];
    struct sp_slice bytes;
};

struct test_org {
    uint32_t seed;
    struct sp_id id;
    struct test_org_keys root; /* its signing key signs */
    struct sp_arena arena;     /* everything here; forgets nothing */
    struct test_org_unit unit[TEST_ORG_UNITS];
    uint32_t device_count;
    struct test_org_device device[TEST_ORG_DEVICES_MAX]; /* servers too */
    uint32_t roster_serial; /* one counter for all (roster.h) */
    uint32_t dictionary_serial;
    uint32_t policy_serial;
    struct sp_slice dictionary_body;
    struct sp_slice policy_body;
    uint32_t document_count; /* newest editions */
    struct test_org_document document[TEST_ORG_DEVICES_MAX + 16u];
};

/* An organisation of another shape. Everything pointed to lives on. */
struct test_org_unit_plan {
    const char *code;
    const char *name;
    uint32_t server; /* 1, 2, 3 */
    const char *address;
    const char *territory[4]; /* NULL after the last */
    const char *region;
};
struct test_org_person_plan {
    uint32_t user;
    const char *login;
    const char *name;
    enum test_org_unit_name unit;
    uint16_t role;
    uint32_t count;
    const char *territory[3];
};
struct test_org_plan {
    const struct test_org_unit_plan *unit; /* TEST_ORG_UNITS */
    uint32_t people;
    const struct test_org_person_plan *person;
    /* Fills in dictionary_body and policy_body, in o's arena. */
    void (*compile)(struct test_org *o);
};

struct test_org *test_org_new(uint32_t seed);
struct test_org *test_org_of(uint32_t seed, const struct test_org_plan *plan);
void test_org_free(struct test_org *o);

/* Signs the newest editions of everything; test_org_new has done so. The i-th
 * document; empty at the end. */
struct sp_slice test_org_document(const struct test_org *o, size_t i);
/* A fresh rulebook from all documents; lives as long as o. */
struct sp_rulebook *test_org_rulebook(struct test_org *o);

/* Publishes a unit's roster as it now stands, with the next serial, signed by
 * head office. The document. */
struct sp_slice test_org_publish(
    struct test_org *o, enum test_org_unit_name unit);
/* The next edition of dictionary or policy with the body as it now stands. */
struct sp_slice test_org_publish_dictionary(struct test_org *o);
/* The shipped dictionary with that many more fields of accounts, numbers
 * TEST_ORG_EXTRA and up, texts; not published yet. */
#define TEST_ORG_EXTRA 30u
void test_org_extend_dictionary(struct test_org *o, unsigned fields);
struct sp_slice test_org_publish_policy(struct test_org *o);
/* Lets a role read and write a field of a type, or takes that away, in every
 * rule of the role that reads the type; published. */
struct sp_slice test_org_grant(struct test_org *o, enum test_org_role role,
    uint16_t type, uint16_t field, bool granted);
/* The next edition of a device's certificate, signed by head office. */
struct sp_slice test_org_publish_device(struct test_org *o,
    struct test_org_device *d, enum sp_device_status status);
/* Any document, signed by a server or the root (issuer 0); not kept. */
struct sp_slice test_org_sign(struct test_org *o, struct sp_document *d,
    const struct test_org_keys *signer);

/* A further device of a person, certified by his unit's server. */
struct test_org_device *test_org_add_device(
    struct test_org *o, uint32_t number, uint32_t user);
/* By device number; ends the test when there is none. */
struct test_org_device *test_org_find(struct test_org *o, uint32_t number);
/* A person's roster entry and his unit. */
struct sp_person *test_org_person(
    struct test_org *o, uint32_t user, enum test_org_unit_name *unit);
/* Gives him these territories and no other; not published yet. */
void test_org_assign(struct test_org *o, uint32_t user, uint32_t count,
    const char *const *territory);

/* Keys that follow from seed and name. */
struct test_org_keys test_org_keys(uint32_t seed, const char *name);
/* Scope of a territory's code. */
struct sp_id test_org_territory(const char *code);

#endif
