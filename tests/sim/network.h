/*
 * network.h - sessions between the parties of a world, turn by turn, with all
 * that can happen to a frame and to those who handle it.
 *
 * A turn is one round trip: the initiator's frame, the responder's work and
 * commit, its reply, the initiator's work and commit. Turns of many sessions
 * may be mixed in any order; a party begins one at a time.
 */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H

#include "sp/link.h"
#include "world.h"

/* What goes wrong in a turn. All but the first two and the repeats end the
 * session for the initiator. */
enum sim_fault {
    SIM_FINE,
    SIM_REQUEST_TWICE, /* the responder gets the frame once more */
    SIM_REPLY_TWICE,   /* the initiator does */
    SIM_OLD_REQUEST,   /* the responder gets an older frame first */
    SIM_REQUEST_LOST,
    SIM_REQUEST_LATE,   /* arrives when the initiator has long given up */
    SIM_REPLY_LOST,     /* the responder did everything */
    SIM_RESPONDER_DIES, /* before its commit */
    SIM_RESPONDER_DIED, /* after it: the reply is lost as well */
    SIM_INITIATOR_DIES, /* with the reply in hand, before its commit */
    SIM_INITIATOR_DIED, /* after it */
    SIM_FAULTS
};
const char *sim_fault_name(enum sim_fault fault);

#define SIM_SCOPES_MAX 64u
/* Scopes that a device has read to the end of their feed. */
struct sim_scopes {
    uint32_t count;
    struct sp_id id[SIM_SCOPES_MAX];
};

struct sim_session {
    struct sim_network *network;
    struct sim_session *next;
    struct sim_party *from;
    struct sim_party *to;
    struct sp_link *ask;    /* NULL: the initiator is gone */
    struct sp_link *answer; /* NULL: the responder is gone */
    struct sp_buf request;
    struct sp_buf reply;
    struct sp_buf old; /* the request before, for replays */
    unsigned turns;
    unsigned again; /* further rounds to have in the same session */
    bool resting;   /* a round is over, the session stays open */
    bool over;
    bool late;               /* given up, its last request still on its way */
    sp_err error;            /* that ended it */
    uint32_t policy, roster; /* serials under which it last handed out */
    uint64_t foreign;  /* commits at the responder by others, while it ran */
    uint64_t expected; /* of the responder, after its last own turn */
    uint64_t answered; /* the responder's frontier in the last reply */
    struct sim_scopes named;      /* by the welcome, in its order */
    struct sim_scopes read;       /* of them, to the end, in this session */
    struct sp_link_report report; /* the initiator's, when over */
};

struct sim_network *sim_network_new(struct sim_world *w);
void sim_network_free(struct sim_network *n);

/* Begins a session; NULL when the party has one under way. */
struct sim_session *sim_session_open(
    struct sim_party *from, struct sim_party *to);
/* One turn; whether the session goes on. */
bool sim_session_turn(struct sim_session *s, enum sim_fault fault);
/* The responder's next page holds one item. */
void sim_session_single_items(struct sim_session *s);
/* The initiator gives up, or is done; s is gone unless a late frame of it is
 * still on its way. */
void sim_session_close(struct sim_session *s);

/* A party dies at once: all its sessions end, it starts again. */
void sim_network_crash(struct sim_party *p);
/* Delivers what is still on its way (the nth late request), and whether there
 * was one. The reply reaches nobody. */
bool sim_network_late(struct sim_world *w, unsigned nth);
/* Sends a handshake of the past once more to the one it was meant for: the
 * store there must not change by it. Whether there was one. */
bool sim_network_replay(struct sim_world *w, unsigned nth);

/* A whole session without faults. */
sp_err sim_sync(struct sim_party *from, struct sim_party *to,
    struct sp_link_report *report);
/* A session that goes well until a turn (the first is 0) and has a fault
 * there. False: it was over before. */
bool sim_sync_cut(struct sim_party *from, struct sim_party *to, unsigned turn,
    enum sim_fault fault);

#endif
