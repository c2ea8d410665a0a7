/*
 * court.h - one change brought before the judge: tests say what stands and
 * what is written as field names and typed text.
 */
#ifndef TEST_COURT_H
#define TEST_COURT_H

#include "org.h"

#define TEST_COURT_REGISTERS_MAX 256u

/* A record of registers with one sibling each. */
struct test_court_record {
    const struct sp_entity *entity;
    struct sp_record record;
    struct sp_register reg[TEST_COURT_REGISTERS_MAX];
};

struct test_court {
    struct test_org *org; /* borrowed */
    struct sp_rulebook *book;
    struct sp_rules rules;
    struct sp_arena arena;
    uint64_t next;                    /* number of the next write */
    struct test_court_record account; /* the parent of the others */
    struct test_court_record before;
    struct test_court_record after;
    uint32_t write_count;
    struct sp_write write[TEST_COURT_REGISTERS_MAX];
    struct sp_commit commit; /* serials: the rulebook's */
    struct sp_serials floor; /* what its device had confirmed */
    struct sp_scopes left;   /* of which it still had the record */
};

void test_court_open(
    struct test_court *c, struct test_org *o, struct sp_rulebook *b);
void test_court_close(struct test_court *c);

/* Setup and teardown of a cmocka test: *state is a court over an organisation
 * of its own. */
int test_court_setup(void **state);
int test_court_teardown(void **state);
/* Takes the organisation's documents as they now stand. */
void test_court_rebuild(struct test_court *c);

/* The account that other records belong to: in a territory. */
void test_court_account(struct test_court *c, const char *territory);
/* Begins a new case about a record of an entity; nothing stands yet. A record
 * with a parent belongs to the account. */
void test_court_case(struct test_court *c, const char *entity);
/* What stands before; text as typed. */
void test_court_stands(
    struct test_court *c, const char *field, const char *text);
/* What the commit writes; text as typed, NULL or "" is nil. */
void test_court_writes(
    struct test_court *c, const char *field, const char *text);
/* The same with key and value as they are. */
void test_court_writes_raw(struct test_court *c, uint16_t field,
    struct sp_slice element, struct sp_slice value);
/* The verdict; authority is what the commit claims. */
struct sp_verdict test_court_judge(
    struct test_court *c, uint32_t user, uint8_t authority);

/* Puts a value (typed text) into any record. */
void test_court_put(struct test_court *c, struct test_court_record *r,
    const char *field, const char *text);
/* An encoded value of the field that the validator accepts. */
struct sp_slice test_court_sample(
    struct test_court *c, const struct sp_field *f);

#endif
