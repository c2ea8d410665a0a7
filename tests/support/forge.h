/*
 * forge.h - commits that no draft would let pass, chained and signed as their
 * author's device would, for who wants to see what a server says to them.
 */
#ifndef TEST_FORGE_H
#define TEST_FORGE_H

#include "parties.h"

#define TEST_FORGE_COMMITS_MAX 64u

/* One chain of a device. Memory is the party's arena. */
struct test_forge {
    struct test_party *party;
    sp_replica replica;
    uint64_t n; /* last number */
    struct sp_hash hash;
    /* since the last batch */
    uint64_t from;
    struct sp_hash prev;
    uint32_t count;
    struct sp_slice commit[TEST_FORGE_COMMITS_MAX];
};

/* A chain of a further incarnation of the party's device. */
struct test_forge test_forge_new(struct test_party *p, uint32_t incarnation);
/* What the commits carry when the test does not say: the party's user, its
 * serials, authority person. */
struct sp_commit test_forge_commit(const struct test_forge *f);
/* Adds a commit as it stands (number, hash and nonce are filled in). */
void test_forge_add(struct test_forge *f, struct sp_commit *c);
/* One change of one field of text, or a create of an account. */
void test_forge_text(struct test_forge *f, const struct sp_ref *ref,
    uint16_t field, const char *text);
struct sp_ref test_forge_account(
    struct test_forge *f, const char *name, const char *territory);
struct sp_ref test_forge_visit(
    struct test_forge *f, const struct sp_ref *account);
/* All since the last batch, signed. Its slices are borrowed from the arena. */
struct sp_batch test_forge_batch(struct test_forge *f);

/* Gives a server one batch in a tx of its own, committed when it was taken;
 * taken may be NULL. */
sp_err test_forge_push(struct test_party *server, struct test_party *peer,
    struct sp_batch *batch, uint64_t *taken);

#endif
