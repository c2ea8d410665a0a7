/*
 * branch.h - branch A of the test organisation as a server on loopback: the
 * shipped engine over the memory store, one thread, one request at a time.
 *
 * It enrols devices of one user under one code, can be told to lose replies,
 * and lets tests write at it. Whatever fails here ends the test program.
 */
#ifndef TEST_BRANCH_H
#define TEST_BRANCH_H

#include "org.h"

#include "sp/enrol.h"

struct test_branch;

/* Listens on a free port of 127.0.0.1 below 32768; org is borrowed. */
struct test_branch *test_branch_new(struct test_org *org);
/* Closes connections, ends the thread. */
void test_branch_free(struct test_branch *b);

/* "tcp://127.0.0.1:port" */
const char *test_branch_endpoint(const struct test_branch *b);
/* A code for one more device of a user; the text lives as long as b. */
const char *test_branch_code(struct test_branch *b, uint32_t user);
/* From now on each n-th request is done, and then the connection is closed
 * instead of replying; so many times. */
void test_branch_lose(struct test_branch *b, unsigned every, unsigned times);
/* How many requests came. */
unsigned test_branch_requests(struct test_branch *b);

/* Writes a text field of a record as a person, at the branch (SYNC J7); the
 * account whose name is title. "deleted" deletes it, "restored" brings it back.
 */
void test_branch_edit(struct test_branch *b, uint32_t user, const char *title,
    const char *field, const char *typed);
/* As if another server had accepted what the branch refused last (SYNC J5). */
void test_branch_accept_after_all(struct test_branch *b);
/* Number of records of an entity that the branch has. */
unsigned test_branch_count(struct test_branch *b, const char *entity);
/* The newest editions of the organisation's documents. */
void test_branch_documents(struct test_branch *b);

#endif
