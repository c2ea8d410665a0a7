/*
 * neighbours.h - what the engine keeps of those it talks to: last contact,
 * documents that a device has confirmed, positions in a server's feeds, and
 * the documents themselves. node.c; engine.h includes it, nobody else.
 *
 * Store errors pass through; out-parameters are untouched then. A tx is used
 * by one thread.
 */
#ifndef SP_NEIGHBOURS_H
#define SP_NEIGHBOURS_H

#include "sp/commit.h"
#include "sp/document.h"
#include "sp/message.h"
#include "sp/port.h"

struct sp_tx;

/* The documents that a device had when its chain stood at n: its later commits
 * count as made under these (SYNC J4). */
struct sp_confirmed {
    struct sp_serials had;
    sp_replica replica; /* 0: nothing is known */
    uint64_t n;
};

struct sp_peer_state {
    uint32_t device;
    uint64_t last_contact_ms;
    int64_t clock_offset_ms;
    uint64_t taken;       /* commits taken from it (servers) */
    struct sp_id history; /* initiator: of that server */
    uint8_t token[16];    /* newest issued (SYNC X4) */
    uint8_t token_shown[16];
    uint64_t frontier; /* initiator: of the present replica, there */
    uint8_t frontier_hash[16];
    bool complete; /* the last exchange came to its end */
    /* Responder: what a device has confirmed, and what before that, for what
     * it made in between. */
    struct sp_confirmed confirmed, before;
};
SP_MUST_USE sp_err sp_node_peer(
    struct sp_tx *tx, uint32_t device, struct sp_peer_state *out);
SP_MUST_USE sp_err sp_node_put_peer(
    struct sp_tx *tx, const struct sp_peer_state *p);
/* The serials that a commit counts as made under at least; zeros where
 * nothing is known of its device, or where that changes nothing. */
SP_MUST_USE sp_err sp_node_floor(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_serials *out);
SP_MUST_USE sp_err sp_node_history(struct sp_tx *tx, struct sp_id *out);
SP_MUST_USE sp_err sp_node_position(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, struct sp_position *out);
SP_MUST_USE sp_err sp_node_put_position(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, const struct sp_position *p);
/* As if it had never been read there; harmless when it was not. */
SP_MUST_USE sp_err sp_node_forget_position(
    struct sp_tx *tx, uint32_t server, const struct sp_id *scope);
/* How far the new keys of a wider grant have come (SYNC S5); since is 0. */
SP_MUST_USE sp_err sp_node_widening(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, struct sp_position *out);
SP_MUST_USE sp_err sp_node_put_widening(struct sp_tx *tx, uint32_t server,
    const struct sp_id *scope, const struct sp_position *p);
bool sp_node_is_public(const struct sp_document *d);
/* Devices: where the present chain stood when the newest of dictionary, policy
 * and rosters came (SYNC J4); its head when that was another chain. */
SP_MUST_USE sp_err sp_node_documents_at(struct sp_tx *tx, uint64_t *n);
/* What hello, open and welcome compare: over what a device or a server may
 * have. */
SP_MUST_USE sp_err sp_node_documents_digest(
    struct sp_tx *tx, bool for_server, struct sp_id *out);

#endif
