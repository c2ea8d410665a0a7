/*
 * oracle.h - what an onlooker outside the system knows, and the laws that he
 * sees kept after every step.
 *
 * He writes down every commit that a person was told is saved, what each
 * reply told whom, and under which editions a device was served. He decides
 * who may hold what by tables of his own (plain_policy.h) and what accepted
 * commits add up to by a merge of his own (plain_state.h).
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "network.h"
#include "plain_policy.h"
#include "world.h"

/* What must become of a commit. */
enum sim_expect {
    SIM_EITHER, /* depends on who comes first */
    SIM_ACCEPTED,
    SIM_REFUSED
};

struct sim_made {
    struct sim_party *by;
    struct sp_commit commit;
    struct sp_hash hash;
    enum sim_expect expect;
    enum sp_verdict_kind at[SIM_SERVERS]; /* NONE: it is not there */
    bool logged[SIM_SERVERS]; /* by its chain; else it was passed down */
    bool was_refused;         /* somewhere, at some time */
    bool was_accepted;
    bool applied; /* to the oracle's own head office */
};

struct sim_oracle *sim_oracle_new(struct sim_world *w);
void sim_oracle_free(struct sim_oracle *o);
void sim_oracle_join(struct sim_oracle *o, struct sim_party *p);
struct plain_policy *sim_oracle_policy(struct sim_oracle *o);

/* A person was told that commit n of p is saved. */
const struct sim_made *sim_oracle_made(struct sim_oracle *o,
    struct sim_party *p, uint64_t n, enum sim_expect expect);
/* The ith commit made, NULL at the end. */
const struct sim_made *sim_oracle_commit(const struct sim_oracle *o, size_t i);
/* No longer sure what becomes of commits that nobody has judged yet. */
void sim_oracle_unsure(struct sim_oracle *o);
/* Who serves what changes: two servers may judge one commit, each by what it
 * knows, until accepted has won everywhere (SYNC J5). */
void sim_oracle_upheaval(struct sim_oracle *o);

/* From the network: a session begins; the responder has committed; the
 * initiator has, with the reply; the initiator came to the end. */
void sim_oracle_begun(struct sim_session *s);
void sim_oracle_answered(struct sim_session *s);
void sim_oracle_delivered(struct sim_session *s);
/* From the network, before it is sealed: a message of the responder's. The
 * law: nothing goes out that its receiver may not have then. */
void sim_oracle_outgoing(struct sim_session *s, struct sp_slice message);
void sim_oracle_completed(struct sim_session *s);

/*
 * The laws that hold at every moment, for one party, for all:
 *   no acknowledged commit is lost, and none changes its verdict, but that
 *   accepted wins where two servers judged (SYNC J5)
 *   a device holds nothing that its person may not have
 *   every typed value can be reached
 *   the status line is true
 *   each visit stands once
 */
void sim_oracle_check(struct sim_party *p);
void sim_oracle_check_all(struct sim_world *w);
/* Sums, members and feeds of a store against its records, and no alarm of the
 * proof; also without an oracle. */
void sim_oracle_books(struct sim_party *p);
/* Without faults, until all is quiet: devices at home, branches at head
 * office. Then every replica equals head office in what it may have, and one
 * more round is the handshakes and nothing else. */
void sim_oracle_settle(struct sim_world *w);

#endif
