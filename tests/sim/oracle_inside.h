/*
 * oracle_inside.h - what the files of the oracle share; nobody else includes
 * it.
 *
 * oracle.c   what he writes down, and the laws that hold at every moment
 * journal.c  what a device says of its own commits
 * outgoing.c what leaves a server, before it is sealed
 * trays.c    what was refused
 * waiting.c  what waits for a person
 * ending.c   replicas compared with each other, when all should be equal
 */
#ifndef SIM_ORACLE_INSIDE_H
#define SIM_ORACLE_INSIDE_H

#include "oracle.h"
#include "plain_state.h"

#define EDITIONS_MAX 96u
#define REFS_MAX     4096u

/* What is known of a party beside its commits. */
struct watch {
    uint32_t editions;
    struct plain_edition edition[EDITIONS_MAX]; /* it may hold by any */
    uint64_t heard;        /* highest own number that a reply named */
    uint64_t acknowledged; /* what its own status said last */
    uint64_t made;
    uint64_t commits; /* of a server's store when its log was looked at */
    struct sim_scopes read[SIM_SERVERS]; /* a device, there, the last time */
};

struct sim_oracle {
    struct sim_world *world;
    struct sp_arena arena;
    struct plain_policy *policy;
    struct plain_state *head;
    struct sim_made *made;
    size_t count, capacity;
    bool upheaval;
    uint64_t own[SIM_SERVERS]; /* servers' own commits that were replayed */
    uint64_t outgoing;         /* records that were seen on their way out */
    struct watch watch[SIM_PARTIES_MAX];
};

struct refs {
    uint32_t count;
    struct sp_ref ref[REFS_MAX];
};

struct watch *sim_oracle_watch(const struct sim_party *p);
/* What a server decides by. */
struct plain_edition sim_oracle_edition(const struct sim_party *p);
const char *sim_oracle_name(const struct sim_made *m);
/* All records of a store, what is only written there included; caller
 * frees. */
struct refs *sim_oracle_refs(struct sim_party *p, struct sp_tx *tx);
/* Where a stored record is, by the values stored beside it: where its account
 * is, or what that one is now. False: that is not here, and only its author is
 * known. */
bool sim_oracle_place(
    struct sp_tx *tx, const struct sp_record *r, struct plain_place *out);
/* A device that has just been served by its home, undisturbed, against that
 * server: in the scopes that it has read there (SYNC S7: who has been further
 * elsewhere keeps off); NULL: in all. */
void sim_oracle_compare(struct sim_party *device, struct sim_party *server,
    const struct sim_scopes *read);

/* Whether a party can meet nobody any more: its device was revoked, or its
 * person has left. */
bool sim_oracle_gone(const struct sim_party *p);
/* A person at a server decides what waits for one there; how many commits. */
uint32_t sim_oracle_decide_waiting(struct sim_party *p);
/* A device's own commits, one by one and counted, against its status line. */
void sim_oracle_journal(struct sim_party *p, struct sp_tx *tx);
/* At the end: every tray, on every device of its person. */
void sim_oracle_trays(struct sim_world *w);

#endif
