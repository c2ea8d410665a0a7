/*
 * node.h - one party and what it does to its own store: the same code on
 * device, branch and head office.
 *
 * All work happens inside a tx: one transaction of the store with the rules
 * that hold for it. The owner swaps rules only between transactions. Several
 * read txs may run at once on several threads, one write tx at a time.
 */
#ifndef SP_NODE_H
#define SP_NODE_H

#include "sp/document.h"
#include "sp/port.h"
#include "sp/seal.h"

enum sp_tier {
    SP_TIER_DEVICE = 1,
    SP_TIER_BRANCH = 2,
    SP_TIER_HEAD_OFFICE = 3
};

/* Who the party is; made at enrolment, kept sealed by the room. */
struct sp_identity {
    struct sp_id org;
    uint32_t device;    /* own device number; servers have one too */
    uint32_t user;      /* whose device; 0 for servers */
    sp_replica replica; /* device number and present incarnation (SYNC M8) */
    struct sp_secret static_secret;
    uint8_t static_public[32];
    uint8_t sign_secret[SP_SIGN_SECRET_BYTES];
    uint8_t sign_public[32];
    uint8_t root_public[32];   /* the organisation's */
    struct sp_secret psk;      /* own, for sessions that it starts */
    struct sp_secret psk_root; /* servers: derives the psk of each peer */
};
void sp_identity_wipe(struct sp_identity *id);
/* The psk of a device number: servers derive it, enrolment hands it out. */
void sp_identity_psk(
    struct sp_secret *out, const struct sp_secret *psk_root, uint32_t device);

struct sp_tx;

/*
 * Told what a write transaction changes, in that transaction, for what a room
 * keeps of records: it may write its own tables (SP_T_ROOM_0 and up), and read
 * the record when the engine has returned. An error ends the transaction.
 */
struct sp_watch {
    void *self;
    /* What people see of this record may be other from now on. */
    sp_err (*record)(void *self, struct sp_tx *tx, const struct sp_ref *ref);
    /* Devices: and so may all records, because a grant changed. */
    sp_err (*grant)(void *self, struct sp_tx *tx);
};

struct sp_node {
    enum sp_tier tier;
    const struct sp_identity *identity;
    const struct sp_store *store;
    const struct sp_env *env;
    const struct sp_watch *watch; /* NULL: nobody wants to know */
};

#define SP_TX_SCOPES 64u
/* A transaction at work. Fields are the engine's own; the room reads `txn`
 * for its own tables (SP_T_ROOM_0 and up) and uses `arena` for results that
 * may live until commit or abort. */
struct sp_tx {
    const struct sp_node *node;
    const struct sp_rules *rules;
    struct sp_txn *txn;
    bool write;
    struct sp_arena arena;
    struct sp_arena made;    /* of the commit that is made now */
    struct sp_arena scratch; /* one record or commit at a time */
    struct sp_buf buf;
    struct sp_state_cache *cache; /* scope heads and sums; sync-proto/src */
    uint32_t peer;  /* device number that brings what is applied */
    bool documents; /* a document arrived: build new rules after commit */
    uint32_t accepted, refused, deferred; /* verdicts given in this tx */
};

/*
 * Begins; rules must stay valid until the end of the tx.
 *   errors  those of sp_store.begin
 */
SP_MUST_USE sp_err sp_tx_begin(struct sp_tx *tx, const struct sp_node *node,
    const struct sp_rules *rules, bool write);
/* Writes what is cached, commits, ends. After a failure nothing was changed.
 * Harmless on a zeroed tx. */
SP_MUST_USE sp_err sp_tx_commit(struct sp_tx *tx);
void sp_tx_abort(struct sp_tx *tx);

/* Once in the life of a store: draws history, scope key root; arrival
 * sequence 0. SP_E_EXISTS when done before. */
SP_MUST_USE sp_err sp_node_create(struct sp_tx *tx);
/* A new incarnation (SYNC X3): its number is drawn by the caller and stands in
 * the identity from the next tx on; resets nothing else. */

/* ---- records ----------------------------------------------------------- */

/*
 * A record as stored: a server's state, a device's base (SYNC F6).
 *   out     arena memory (values included)
 *   errors  SP_E_NOT_FOUND
 */
SP_MUST_USE sp_err sp_state_get(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out);
/* What the user sees: the base with his own unresolved writes replayed.
 * unresolved may be NULL. On servers the same as sp_state_get. */
SP_MUST_USE sp_err sp_state_view(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out, uint32_t *unresolved);
/*
 * Views of all records of a type in id order, those only written here
 * included. view is valid during the call. SP_E_NOT_FOUND from each ends the
 * walk with SP_OK.
 *   after  NULL, or the id after which to go on (paging)
 */
SP_MUST_USE sp_err sp_state_walk(struct sp_tx *tx, uint16_t type,
    const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg);
/* Refs of the records that belong to parent (visits of an account), id order,
 * of one type (0: all). backward: newest first. With those of the records that
 * were merged into it, and these themselves. */
SP_MUST_USE sp_err sp_state_children(struct sp_tx *tx,
    const struct sp_ref *parent, uint16_t type, bool backward,
    sp_err (*each)(void *arg, const struct sp_ref *child), void *arg);
/* The record that this one is now: itself, or what it was merged into; where
 * that is not known here, itself (SYNC M7). */
SP_MUST_USE sp_err sp_tree_survivor(
    struct sp_tx *tx, const struct sp_record *record, struct sp_ref *out);
/* The record that this one belongs to, after all merges; what it names itself
 * where that is not known here. has false: it belongs to none. */
SP_MUST_USE sp_err sp_tree_parent(struct sp_tx *tx,
    const struct sp_record *record, struct sp_ref *out, bool *has);
/* Whether a record's value in a tree field leads nowhere, because it closes a
 * circle and is the newest link of it. tree 0: its forward. */
SP_MUST_USE sp_err sp_tree_broken(
    struct sp_tx *tx, const struct sp_record *record, uint16_t tree, bool *out);
/* The scopes that a stored record is in here. */
SP_MUST_USE sp_err sp_state_scopes(
    struct sp_tx *tx, const struct sp_ref *ref, struct sp_scopes *out);

/* The scopes of every record that stands in any, in order of type and id;
 * nothing else of it is read. */
SP_MUST_USE sp_err sp_place_census(struct sp_tx *tx,
    sp_err (*each)(
        void *arg, const struct sp_ref *ref, const struct sp_scopes *scopes),
    void *arg);

/* ---- making commits ---------------------------------------------------- */

struct sp_draft_write {
    struct sp_key key;     /* of an increment: sp_commit_make_element */
    struct sp_slice value; /* canonical MessagePack */
};
/* The element that an increment has in a draft, whose content id nobody knows
 * yet: 16 zero bytes, which are no element of a set (SYNC M1). */
struct sp_slice sp_commit_make_element(void);
struct sp_draft_change {
    struct sp_ref ref;
    bool create; /* refused with SP_E_EXISTS when there is such a record */
    uint32_t count;
    const struct sp_draft_write *write; /* any order, each key once */
};
struct sp_draft {
    uint32_t user;
    uint8_t authority;
    uint32_t count;
    const struct sp_draft_change *change; /* any order, each record once */
};

/*
 * Makes one commit of a user action (SYNC C1) inside the tx: contexts from
 * what the user sees, checked by the rules, chained, logged. At a device it
 * waits in the journal; at a server it is accepted as made (SYNC J7).
 *   verdict  filled in when refused: code, type, field, rule
 *   n        its number
 *   errors   SP_E_DENIED, SP_E_SCOPE, SP_E_VALUE... (class policy: nothing was
 *            written, the tx may go on), SP_E_EXISTS, SP_E_NOT_FOUND
 */
SP_MUST_USE sp_err sp_commit_make(struct sp_tx *tx,
    const struct sp_draft *draft, struct sp_verdict *verdict, uint64_t *n);

/* ---- the journal or log ------------------------------------------------ */

enum sp_where {
    SP_AT_DEVICE = 1, /* pending: only this store has it */
    SP_AT_BRANCH = 2, /* acknowledged by the branch */
    SP_AT_HEAD_OFFICE = 3
};

struct sp_logged {
    struct sp_commit commit;
    struct sp_hash hash;
    struct sp_verdict verdict; /* NONE: no word yet (devices) */
    enum sp_where where;
    bool disposed; /* a refusal that its author has dealt with */
};

/* One entry; arena memory. SP_E_NOT_FOUND. */
SP_MUST_USE sp_err sp_log_get(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_logged *out);
/* Entries with a verdict other than accepted of kind (0: all kinds), of one
 * replica (0: all). entry is valid during the call. */
SP_MUST_USE sp_err sp_log_verdicts(struct sp_tx *tx, sp_replica replica,
    enum sp_verdict_kind kind,
    sp_err (*each)(void *arg, const struct sp_logged *entry), void *arg);
/* All commits of a replica from number n on. */
SP_MUST_USE sp_err sp_log_walk(struct sp_tx *tx, sp_replica replica, uint64_t n,
    sp_err (*each)(void *arg, const struct sp_logged *entry), void *arg);
/* Refusals that the author has dealt with disappear from the tray. */
SP_MUST_USE sp_err sp_log_dispose(
    struct sp_tx *tx, sp_replica replica, uint64_t n);

/* ---- what waits for a person (SYNC J4, X8) ----------------------------- */

/* A deferred commit. Whoever it waits for may still come, until due; a person
 * decides what is quarantined at once, and the rest from then on. */
struct sp_waiting {
    struct sp_commit commit;
    sp_replica replica;
    uint64_t n;
    struct sp_verdict verdict; /* code: why it waits; at_ms: since when */
    uint32_t judge; /* who judges by the roster of this moment, 0: not known */
    uint64_t due_ms;
    bool decidable; /* by a person, here and now */
};

/* All of this server; entry is valid during the call. SP_E_NOT_FOUND from each
 * ends the walk with SP_OK. */
SP_MUST_USE sp_err sp_waiting_list(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_waiting *entry), void *arg);
/* One of them. SP_E_NOT_FOUND */
SP_MUST_USE sp_err sp_waiting_get(struct sp_tx *tx, sp_replica replica,
    uint64_t n, struct sp_arena *arena, struct sp_waiting *out);
/*
 * Lets it out of quarantine, to its judge, who may be another server; what is
 * overdue head office judges in its judge's place. The judge decides as always
 * under the policy in force.
 *   out     what has become of it; may still be deferred, for another reason
 *   errors  SP_E_NOT_FOUND, SP_E_NOT_DUE, SP_E_NOT_SERVED (another server's)
 */
SP_MUST_USE sp_err sp_waiting_release(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_verdict *out);
/* Refuses it for good, code SP_E_DECLINED; what was typed is in its author's
 * tray. Errors as above. */
SP_MUST_USE sp_err sp_waiting_refuse(
    struct sp_tx *tx, sp_replica replica, uint64_t n);

/* ---- erasure ------------------------------------------------------------ */

/* Where a walk over all logs stands: zeros at its beginning. */
struct sp_erasing {
    sp_replica replica;
    uint64_t n;
    bool done;
    uint64_t erased; /* commits that are gone */
    uint64_t shared; /* that stay, since they speak of another record too */
    /* A refused one is gone, what its author typed is in the item of the tray
     * under its content id; errors end the step. */
    sp_err (*refused)(void *arg, struct sp_tx *tx, const struct sp_id *content);
    void *arg;
};

/*
 * Head office, after it has emptied and deleted records: takes the commits that
 * speak of such records alone from its log, as far as they are decided; every
 * branch and every device that has one is told, and does the same (PROTOCOL.md,
 * "Erasure").
 *   most    so many commits are looked at; call it again, in a transaction of
 *           its own, until done
 *   errors  SP_E_DENIED elsewhere
 */
SP_MUST_USE sp_err sp_erase_step(
    struct sp_tx *tx, struct sp_erasing *at, uint32_t most);

/* ---- looking back (SYNC J7) -------------------------------------------- */

/* An accepted commit that the policy in force would refuse. */
struct sp_finding {
    const struct sp_commit *commit;
    sp_replica replica;
    uint64_t n;
    uint32_t judge;          /* who accepted it; 0: not on record */
    struct sp_verdict would; /* code, type, field, rule of today */
    struct sp_ref ref;       /* of the change that it objects to */
    bool stands;             /* what it wrote there is still shown or beside */
};

/*
 * Head office: asks the rules of this moment about each accepted commit of a
 * person in its log, as he stood on the day of the commit: by the roster that
 * it names, and by every place where the record has been. Policy and dictionary
 * are those in force. What this server wrote itself is accepted as made (SYNC
 * J7). Changes nothing: what is to be corrected is
 * corrected by an ordinary write.
 *   each     finding is valid during the call; SP_E_NOT_FOUND ends the walk
 *   looked   out: commits that were looked at
 *   errors   SP_E_DENIED elsewhere
 */
SP_MUST_USE sp_err sp_audit_policy(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_finding *finding), void *arg,
    uint64_t *looked);

/* Computed in one transaction (R13): what the status line shows. */
struct sp_status {
    uint64_t commits;   /* made here, all incarnations (server: logged) */
    uint64_t pending;   /* not acknowledged by any server */
    uint64_t at_branch; /* acknowledged, not yet at head office */
    uint64_t at_head_office;
    uint64_t deferred, refused, quarantined; /* refused: not disposed of */
    uint64_t records;
    uint64_t scopes;
    uint64_t alarms;       /* SYNC P2: scopes that had to be read again */
    uint64_t photos_to_go; /* none are taken yet: 0 */
    /* Last complete exchange: with any peer, with a branch's server, with head
     * office's, with a device (servers); 0 never. */
    uint64_t last_sync_ms;
    uint64_t last_branch_ms;
    uint64_t last_head_office_ms;
    uint64_t last_device_ms;
    uint64_t last_upper_ms;  /* device: head office's received last moved */
    int64_t clock_offset_ms; /* clock of the server that we last turned to,
                                minus ours, at the handshake */
    struct sp_serials serials;
    struct sp_id history;
    uint64_t sequence; /* arrival sequence of this store */
};
SP_MUST_USE sp_err sp_node_status(struct sp_tx *tx, struct sp_status *out);

/* ---- documents --------------------------------------------------------- */

/* Checks against the rules and stores; SP_E_DOCUMENT, SP_E_EXISTS (same or
 * older serial: nothing done). Sets tx->documents. */
SP_MUST_USE sp_err sp_node_take_document(
    struct sp_tx *tx, struct sp_slice bytes);
SP_MUST_USE sp_err sp_node_walk_documents(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_document *d), void *arg);
/* Servers: policies of before, for who builds the rules (SYNC J4). */
SP_MUST_USE sp_err sp_node_walk_past(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_document *d), void *arg);
/* Commits that wait for documents are tried again; call in a write tx under
 * the new rules (SYNC J3). Servers only. */
SP_MUST_USE sp_err sp_node_retry(struct sp_tx *tx);

/*
 * Gives records that stood before the dictionary in force what it derives of
 * them (DRV): up to budget records, from where the last call stopped. Head
 * office's alone; branches get it with their records. Write tx.
 *   more    out: call again; false also where there is nothing to do
 */
SP_MUST_USE sp_err sp_derive_records(
    struct sp_tx *tx, uint32_t budget, bool *more);

/* ---- neighbours -------------------------------------------------------- */

struct sp_neighbour {
    uint32_t device;
    uint64_t last_contact_ms; /* last completed exchange */
    int64_t clock_offset_ms;
    uint64_t sent; /* commits ever taken from it (servers) */
};
SP_MUST_USE sp_err sp_node_neighbours(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_neighbour *n), void *arg);

#endif
