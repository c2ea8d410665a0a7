/*
 * parties.h - devices, branches and head office of the small organisation
 * (org.h), each over a memory store, that talk in one thread.
 *
 * Time stands still but for what test_world_tick moves; each party's
 * randomness follows from its device number. Whatever fails here, and is not
 * an answer that the test asked for, ends the test program.
 */
#ifndef TEST_PARTIES_H
#define TEST_PARTIES_H

#include "memory.h"
#include "org.h"
#include "sp/link.h"
#include "sp/node.h"

struct test_party {
    struct test_world *world;
    struct sp_node node;
    struct sp_identity identity;
    struct mem_store *mem;
    struct sp_store store; /* the port of mem */
    struct sp_env env;
    struct sp_rulebook *book;
    struct sp_rules rules;
    struct sp_arena arena; /* rulebooks and values; forgets nothing */
    uint64_t random;
    size_t bytes; /* of frames, both ways, of the last conversation */
};

#define TEST_WORLD_PARTIES_MAX 16u
struct test_world {
    struct test_org *org;
    uint64_t now_ms;
    uint32_t count;
    struct test_party *party[TEST_WORLD_PARTIES_MAX];
};

/* A world with head office (server 1), which has all documents. */
struct test_world *test_world_new(uint32_t seed);
void test_world_free(struct test_world *w);
/* The party of a device number: servers 1 to 3, a person's device 100 + user.
 * Made at the first call, with an empty store. */
struct test_party *test_world_party(struct test_world *w, uint32_t device);
/* The same, after a first exchange with its server, and that one with its. */
struct test_party *test_world_ready(struct test_world *w, uint32_t device);

/* The same as cmocka's setup and teardown, state is the world: head office,
 * branch A and Anna's device are ready; at the end all books are checked. */
int test_world_setup(void **state);
int test_world_teardown(void **state);

/* Gives a server all documents of the organisation, as it stands now. */
void test_party_give_documents(struct test_party *p);
/* As under a dictionary from before derived fields; no: under its own again. */
void test_party_derives_nothing(struct test_party *p, bool yes);
/* Makes the rules anew from the stored documents; errors of the store. */
sp_err test_party_rebuild(struct test_party *p);
/* As after a restart: nothing but the store is left. Values that lived in the
 * party's arena are gone. */
void test_party_restart(struct test_party *p);

/* Begins a tx under the party's rules. */
void test_party_begin(struct test_party *p, struct sp_tx *tx, bool write);
/* Commits and, after documents came, rebuilds and tries again what waits. */
sp_err test_party_commit(struct test_party *p, struct sp_tx *tx);

/* ---- conversations ----------------------------------------------------- */

struct sp_link *test_party_dial(struct test_party *a, struct test_party *b);
struct sp_link *test_party_answer(struct test_party *b);
/* One turn: serve in a tx of its own, commit, reply into out. */
sp_err test_party_turn(
    struct test_party *p, struct sp_link *l, bool write, struct sp_buf *out);
/* Plays until a's link is done; the error that ended it, on either side. */
sp_err test_party_play(struct test_party *a, struct sp_link *la,
    struct test_party *b, struct sp_link *lb);
/* The same; before is called before b takes its turn (0, 1, 2...), when nothing
 * is under work: what happens meanwhile. */
sp_err test_party_play_with(struct test_party *a, struct sp_link *la,
    struct test_party *b, struct sp_link *lb,
    void (*before)(void *arg, unsigned turn), void *arg);
/* A conversation that is cut: b has served that many messages, and its last
 * reply is lost. */
void test_party_cut(
    struct test_party *a, struct test_party *b, unsigned served);
/* A whole conversation with links of its own; report may be NULL. */
sp_err test_party_talk(
    struct test_party *a, struct test_party *b, struct sp_link_report *report);
/* The same, which has to come to its end. */
struct sp_link_report test_party_sync(
    struct test_party *a, struct test_party *b);

/* ---- writing ----------------------------------------------------------- */

/* Encoded values in the party's arena. */
struct sp_slice test_party_text(struct test_party *p, const char *s);
struct sp_slice test_party_number(struct test_party *p, uint64_t v);
struct sp_slice test_party_bytes(struct test_party *p, const struct sp_id *id);
/* Now, as a field of type ts. */
struct sp_slice test_party_moment(struct test_party *p);
struct sp_ref test_party_ref(struct test_party *p, uint16_t type);

/* Makes a commit of one change as the party's person; what the rules said. */
sp_err test_party_make(
    struct test_party *p, const struct sp_draft_change *c, uint8_t authority);
/* An account with a name in a territory, made by a person. */
struct sp_ref test_party_account(
    struct test_party *p, const char *name, const char *territory);
sp_err test_party_rename(
    struct test_party *p, const struct sp_ref *account, const char *name);
/* Authority branch: a manager's. */
sp_err test_party_move(
    struct test_party *p, const struct sp_ref *account, const char *territory);
/* A visit to an account by the party's person. */
struct sp_ref test_party_visit(
    struct test_party *p, const struct sp_ref *account);

/* ---- looking ----------------------------------------------------------- */

/* What the user sees; count 0 when there is none. Party's arena. */
struct sp_record test_party_view(
    struct test_party *p, const struct sp_ref *ref);
/* Number of values that stand in a field of a view. */
uint32_t test_party_values(
    struct test_party *p, const struct sp_ref *ref, uint16_t field);
/* The shown name of an account (the highest dot's), or "". */
const char *test_party_name(struct test_party *p, const struct sp_ref *ref);
bool test_party_in_scope(
    struct test_party *p, const struct sp_ref *ref, const char *territory);
/* The verdict about an own commit; kind NONE when no word has come. */
struct sp_verdict test_party_verdict(
    struct test_party *p, sp_replica replica, uint64_t n);
struct sp_status test_party_status(struct test_party *p);
/* Every scope's sums and members agree with its records (SYNC P1), every
 * feed entry with its record (SYNC S1). Ends the program where not. */
void test_party_check(struct test_party *p);

#endif
