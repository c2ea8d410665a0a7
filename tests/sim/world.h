/*
 * world.h - head office, two branches and their people's devices in one
 * thread and virtual time, on the shipped engine over stores in memory.
 *
 * The organisation is that of support/org.h. Each party has a store, a clock
 * that may be wrong, dice of its own and a rulebook built from the documents
 * in its store. Everything follows from the seed: the trace hash of a run is
 * the same for the same seed. Whatever fails prints the seed, the step and
 * the last steps, and fails the test.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "memory.h"
#include "org.h"
#include "random.h"
#include "sp/node.h"

#define SIM_PARTIES_MAX 24u
#define SIM_SERVERS     3u
#define SIM_LINES       80u
#define SIM_LINE_BYTES  160u

enum sim_server { SIM_HEAD, SIM_A, SIM_B };

struct sim_world;
struct sim_oracle;
struct sim_network;
struct sim_book;

struct sim_party {
    struct sim_world *world;
    unsigned index;         /* in world->party; servers come first */
    struct sim_party *home; /* whom it begins sessions with; NULL: nobody */
    struct sp_identity identity;
    struct sp_node node;
    struct sp_env env;
    struct sp_store port;
    struct mem_store *store;
    struct sim_random random;
    int64_t clock_ms;      /* its clock minus true time */
    struct sim_book *book; /* newest first; old ones live as long as it */
    struct sp_rules rules; /* of the newest */
    bool damaged; /* its store was touched from outside: may raise alarms */
    bool busy;    /* has begun a session: one at a time (SYNC X4) */
};

typedef void sim_judge(
    void *self, const struct sp_question *q, struct sp_verdict *out);

struct sim_world {
    uint64_t seed;
    uint64_t step;
    uint64_t now_ms;
    struct sim_random random;
    struct test_org *org;
    unsigned extras; /* fields that the dictionary has grown by */
    bool consents;   /* rights to what stands by consent come and go too */
    uint32_t count;
    struct sim_party *party[SIM_PARTIES_MAX];
    struct sim_oracle *oracle; /* NULL: nobody looks on */
    struct sim_network *network;
    sim_judge *judge; /* in place of the shipped one; NULL */
    uint64_t trace;   /* hash of all that happened */
    char line[SIM_LINES][SIM_LINE_BYTES];
    uint64_t lines;
};

/* Everybody of the organisation with one device each, enrolled, nothing
 * synced yet. */
struct sim_world *sim_world_new(uint64_t seed);
/* The same of another organisation, which it owns from now on, by another
 * judge (self is the rulebook), and without an onlooker. */
struct sim_world *sim_world_of(
    uint64_t seed, struct test_org *org, sim_judge *judge);
void sim_world_free(struct sim_world *w);

/* By device number; 1 to 3 are the servers. */
struct sim_party *sim_world_party(struct sim_world *w, uint32_t device);
/* A further device of a person. */
struct sim_party *sim_world_add(
    struct sim_world *w, uint32_t device, uint32_t user);
bool sim_is_server(const struct sim_party *p);
const struct sp_rulebook *sim_rulebook(const struct sim_party *p);

/* Begins and commits a transaction of a party; documents that came are in
 * force after the commit, and what waited for them is tried again. */
void sim_begin(struct sim_party *p, struct sp_tx *tx, bool write);
void sim_commit(struct sim_party *p, struct sp_tx *tx);
/* The process of a party dies and starts again from its store. Its sessions
 * are the network's to drop: call sim_network_crash. */
void sim_restart(struct sim_party *p);

/* Hands a signed document to a party, as an administrator does. */
void sim_give(struct sim_party *p, struct sp_slice document);
/* Head office publishes: territories of a person, readable and writable
 * fields of a role, the status of a device. The oracle hears of it too. */
void sim_assign(struct sim_world *w, uint32_t user, uint32_t count,
    const char *const *territory);
/* Which unit serves a territory; whom a person works for, and as what; units
 * that he reaches as if all there were his; that he has left. */
void sim_serve(
    struct sim_world *w, const char *territory, enum test_org_unit_name unit);
void sim_transfer(
    struct sim_world *w, uint32_t user, enum test_org_unit_name unit);
void sim_role(struct sim_world *w, uint32_t user, enum test_org_role role);
void sim_reach(struct sim_world *w, uint32_t user, unsigned units);
void sim_leave(struct sim_world *w, uint32_t user);
void sim_grant_field(struct sim_world *w, enum test_org_role role,
    uint16_t type, uint16_t field, bool granted);
/* The next edition of the dictionary, with a field more of accounts than the
 * one before (PLAIN_EXTRA and up), that reps and managers may write; up to
 * PLAIN_EXTRAS, then nothing. */
void sim_extend_dictionary(struct sim_world *w);
void sim_revoke(struct sim_world *w, uint32_t device);

/* One line of the trace, also hashed; no line ends in it. */
__attribute__((format(printf, 2, 3))) void sim_note(
    struct sim_world *w, const char *format, ...);
/* Bytes that belong to the trace. */
void sim_hash(struct sim_world *w, const void *data, size_t size);
/* Prints the seed, the step and the last steps, and fails the test. */
__attribute__((format(printf, 2, 3))) _Noreturn void sim_fail(
    struct sim_world *w, const char *format, ...);

#define SIM_CHECK(world, condition, ...)                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            sim_fail((world), __VA_ARGS__);                                    \
        }                                                                      \
    } while (0)

#endif
