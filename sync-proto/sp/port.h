/*
 * port.h - all that the engine asks of the world: a store, rules, and an
 * environment. sync-proto includes nothing else.
 */
#ifndef SP_PORT_H
#define SP_PORT_H

#include "sp/commit.h"
#include "sp/limits.h"
#include "sp/merge.h"

/* ---- storage ----------------------------------------------------------- */

/*
 * An ordered key-value store with transactions: some tables, each a map from
 * up to SP_STORE_KEY_MAX bytes to bytes, in memcmp order of the keys.
 * Implementations: memory (tests), LMDB sealed at rest, PostgreSQL.
 */
#define SP_STORE_KEY_MAX 128u

/* Append only: the numbers are bound into the seal of every stored value. */
enum sp_table {
    SP_T_META = 0,      /* name -> value */
    SP_T_RECORD = 1,    /* type u16, id 16 -> stored record, memberships */
    SP_T_LOG = 2,       /* replica u64, n u64 -> logged commit */
    SP_T_CHAIN = 3,     /* replica u64 -> frontier, heads */
    SP_T_HEAD = 4,      /* replica u64, n u64 -> signature, who brought it */
    SP_T_VERDICT = 5,   /* replica u64, n u64 -> verdict other than accepted */
    SP_T_FEED = 6,      /* scope 16, seq u64 -> ref, flags */
    SP_T_SCOPE = 7,     /* scope 16 -> head, floor, key, sums, position */
    SP_T_CHILD = 8,     /* parent type, id, child type, id -> empty */
    SP_T_WAIT = 9,      /* what is waited for, replica u64, n u64 -> empty */
    SP_T_OWN = 10,      /* type u16, id 16, replica u64, n u64 -> empty */
    SP_T_PEER = 11,     /* device u32 -> what is known of a neighbour */
    SP_T_DOCUMENT = 12, /* kind u8, unit -> signed document */
    SP_T_RECEIPT = 13,  /* server u32 -> newest receipt */
    SP_T_UPPER = 14,    /* replica u64 -> head office's frontier, taken over */
    SP_T_UPPER_NEXT = 15, /* the same while an exchange brings it */
    SP_T_MEMBER = 16,     /* scope 16, type u16, id 16 -> empty (devices) */
    SP_T_REFUSED = 17,    /* content id 16 -> mark of a refusal */
    SP_T_POSITION = 18,   /* server u32, scope 16 -> position there */
    SP_T_WORD = 19,       /* seq u64 -> replica u64, n u64, by whom u32 */
    SP_T_PASSED = 20,     /* kind u8, replica u64, n u64 -> see passed.c */
    SP_T_WIDENING = 21,   /* server u32, scope 16 -> cursor of new keys */
    SP_T_CONTENT = 22,    /* scope 16, server u32 -> how far, see contents.c */
    SP_T_PAST = 23,       /* kind u8, serial u32 -> document of before */
    SP_T_ROOM_0 = 24,     /* 24..31: the rooms' own tables */
    SP_T_COUNT = 32
};

struct sp_txn; /* the implementation's own */

struct sp_store {
    void *self;
    /*
     * Begins a transaction. write: the only one at a time, waits for others.
     * A reader sees one snapshot and should end within 200 ms.
     *   errors  SP_E_NOMEM, SP_E_FULL, SP_E_IO, SP_E_BUSY (too many readers)
     */
    sp_err (*begin)(void *self, bool write, struct sp_txn **out);
    /*
     * Makes all writes durable, all or none, and ends the transaction, also
     * on failure. Returns SP_OK only after the sync.
     *   errors  SP_E_FULL, SP_E_IO, SP_E_NOMEM
     */
    sp_err (*commit)(struct sp_txn *txn);
    /* Ends it without effect. NULL is harmless. */
    void (*abort)(struct sp_txn *txn);
    /*
     * The value of a key.
     *   out     valid until the next write or the end of the transaction,
     *           and until 64 further gets or nexts in it
     *   errors  SP_E_NOT_FOUND, SP_E_CORRUPT, SP_E_IO, SP_E_NOMEM
     */
    sp_err (*get)(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
        struct sp_slice *out);
    /* Inserts or replaces. */
    sp_err (*put)(struct sp_txn *txn, enum sp_table table, struct sp_slice key,
        struct sp_slice value);
    /* Removes; SP_OK when there was none. */
    sp_err (*del)(struct sp_txn *txn, enum sp_table table, struct sp_slice key);
    /*
     * The first entry with key >= from (forward), or the last with key <= from
     * (backward); from empty means the very first or very last.
     *   key     out; valid like a value
     *   value   out; NULL when not wanted (then nothing is decrypted)
     *   errors  SP_E_NOT_FOUND at the end
     */
    sp_err (*seek)(struct sp_txn *txn, enum sp_table table,
        struct sp_slice from, bool backward, struct sp_slice *key,
        struct sp_slice *value);
    /*
     * A range, forward: calls each for every entry whose key starts with
     * prefix and is >= from (empty: from the prefix on), in order, until it
     * returns something other than SP_OK. SP_E_NOT_FOUND from each ends the
     * walk with SP_OK. Inside, gets of other keys are allowed, writes are not.
     */
    sp_err (*walk)(struct sp_txn *txn, enum sp_table table,
        struct sp_slice prefix, struct sp_slice from, bool values,
        sp_err (*each)(void *arg, struct sp_slice key, struct sp_slice value),
        void *arg);
    /* Number of entries of a table. */
    sp_err (*count)(struct sp_txn *txn, enum sp_table table, uint64_t *out);
};

/* ---- environment ------------------------------------------------------- */

struct sp_env {
    void *self;
    uint64_t (*now_ms)(void *self); /* UTC milliseconds since 1970 */
    void (*random)(void *self, void *out, size_t size);
    /* One trace line, key=value; may be NULL. No customer text. */
    void (*trace)(void *self, const char *facility, const char *line);
};

/* ---- rules ------------------------------------------------------------- */

/* Serials of the newest signed documents (SYNC T4). Rosters of all units take
 * theirs from one counter of head office's: roster is the highest. */
struct sp_serials {
    uint32_t dictionary;
    uint32_t policy;
    uint32_t roster;
};

struct sp_scopes {
    uint32_t count; /* sorted behind the first; [0] is the own scope (J1) */
    struct sp_id id[SP_RECORD_SCOPES_MAX];
};

/* What a peer may hold of one scope. grant numbers a set of readable keys;
 * equal digests mean equal sets, whatever the server. */
struct sp_entitled {
    struct sp_id scope;
    uint16_t grant;
    uint8_t digest[8];
};

struct sp_entitlement {
    uint32_t count; /* sorted by scope */
    const struct sp_entitled *scope;
    uint64_t until_ms; /* a share ends then, 0: none does */
};

enum sp_verdict_kind {
    SP_VERDICT_NONE = 0,
    SP_DEFERRED = 1,
    SP_REFUSED = 2,
    SP_ACCEPTED = 3
};

struct sp_verdict {
    enum sp_verdict_kind kind;
    sp_err code;   /* why, when not accepted */
    uint16_t type; /* of the offending write, 0 when it is the whole */
    uint16_t field;
    uint32_t rule;  /* number of the policy rule, 0 when none */
    uint32_t judge; /* device number of the server that judged */
    uint64_t at_ms; /* when */
    /* What it judged speaks of records alone that were erased since: whoever
     * keeps the commit lets it go (PROTOCOL.md, "Erasure"). */
    bool erased;
};

/* Where a record leads: to the record that it is now (a forward), else to the
 * one that it belongs to or, in a tree, stands under. */
struct sp_lead {
    struct sp_ref to;
    struct sp_stamp stamp; /* of the value that says so */
    bool forward;
};

/* One change of a commit, with all that the judge looks at (SYNC J4). */
struct sp_question {
    const struct sp_commit *commit;
    const struct sp_change *change;
    const struct sp_record *before; /* count 0: there is none */
    const struct sp_record *after;  /* joined */
    const struct sp_record *parent; /* NULL: it places itself */
    /* Where the record, or what it belongs to, was before it was found to be
     * another, for who cannot know of it yet. NULL: nothing of the kind. */
    const struct sp_scopes *bygone;
    /* Evidence: scopes that the record, or what it belongs to, had left since
     * its author's device last heard of them (SYNC J4). NULL: none. */
    const struct sp_scopes *left;
    const struct sp_scopes *scopes_before; /* count 0: none */
    const struct sp_scopes *scopes_after;
    /* What its device had confirmed when it was made (SYNC J4): it counts as
     * made under these at least, whatever it names. 0: nothing known. */
    struct sp_serials floor;
    bool at_server; /* false: the device checks its own draft */
    /* An audit asks: he reaches what he reached when he made it (SYNC J7). */
    bool looking_back;
    /* The server's clock: shares that have ended are none. 0 at a device, whose
     * clock refuses nothing (SYNC X7). */
    uint64_t now_ms;
};

/* A device or server as its signed certificate names it. */
struct sp_certified {
    uint32_t device;
    uint32_t user; /* 0: a server */
    bool revoked;
    bool head_office;           /* a server's tier */
    uint8_t static_public[32];  /* X25519: the handshake */
    uint8_t sign_public[32];    /* Ed25519: chains, receipts, documents */
    uint8_t sealing_public[32]; /* X25519: scope keys */
};

/* Numbers of the entities of My rejected changes, 0: there is none. Their
 * fields stand in sp/tray.h. */
struct sp_tray_types {
    uint16_t rejected;
    uint16_t asked;
};

/* A share that stands in a record: its member, with whom, and the first moment
 * at which it holds no more. */
typedef void (*sp_share_each)(
    void *arg, struct sp_slice element, uint32_t user, uint64_t end_ms);

/*
 * The policy port: what dictionary, policy and roster say. self is one
 * immutable snapshot of the newest documents; all functions may run on any
 * thread at once.
 */
struct sp_rules {
    void *self;
    struct sp_serials (*serials)(void *self);
    /* Where it leads. tree: a field of its entity that makes a tree, or 0 for
     * what places it: the record that it is now, else the one that it belongs
     * to. False: nowhere. */
    bool (*lead)(void *self, const struct sp_record *r, uint16_t tree,
        struct sp_lead *out);
    /* lead with tree 0, where to. */
    bool (*parent)(void *self, const struct sp_record *r, struct sp_ref *out);
    /* The scopes of a record (SYNC S1). parent: the record at the end of where
     * it leads, NULL when it leads nowhere; the record itself where a circle
     * is broken at it. SP_E_DEFERRED_PARENT: it leads to one that is not here;
     * out has what its own fields say. */
    sp_err (*scopes)(void *self, const struct sp_record *r,
        const struct sp_record *parent, struct sp_scopes *out);
    /* Whether it has all that a new record of its type had to have under that
     * edition of the dictionary. A change that leaves something out is an edit
     * (SYNC J8). */
    bool (*whole)(void *self, const struct sp_record *r, uint32_t dictionary);
    /* The record as people see it, and write from: fields that took over from
     * retired ones show what those hold. SP_E_NOMEM, SP_E_TOO_LARGE */
    sp_err (*view)(void *self, const struct sp_record *r,
        struct sp_arena *arena, struct sp_record *out);
    /* The fields of an entity that make trees (a forward, a parent company), in
     * order; 0 past the last. */
    uint16_t (*tree)(void *self, uint16_t type, uint32_t i);
    /* The field of an entity that says which record this one is now, or 0. */
    uint16_t (*forward)(void *self, uint16_t type);
    /* Whether a write of this field to a record that is another one now is
     * carried there: what people say of a customer, not where he belongs or
     * what is written once. */
    bool (*carried)(void *self, uint16_t type, uint16_t field);
    /* Whether a change of this field can change scopes of the record. */
    bool (*routes)(void *self, uint16_t type, uint16_t field);
    /* Calls each for every share of a record that stands; the field that has
     * them, or 0: records of this type are not shared. */
    uint16_t (*shares)(
        void *self, const struct sp_record *r, sp_share_each each, void *arg);
    /* Device number of the server that serves a scope (SYNC J1). */
    uint32_t (*server_of)(void *self, const struct sp_id *scope);
    /* What the holder of this device may have at now_ms, the server's clock
     * (SYNC S5). For a branch:
     * everything of the scopes that it serves. Arena memory.
     * SP_E_UNKNOWN_DEVICE, SP_E_REVOKED. */
    sp_err (*entitle)(void *self, uint32_t device, uint64_t now_ms,
        struct sp_arena *arena, struct sp_entitlement *out);
    /* Whether a grant shows a field. Field 0 (deletion) is in every grant
     * that shows anything of the type. */
    bool (*reads)(void *self, uint16_t grant, uint16_t type, uint16_t field);
    /* The grant as data, for the device that will live under it: canonical
     * MessagePack, array of [type, [fields...]]. */
    sp_err (*grant_encode)(void *self, uint16_t grant, struct sp_buf *out);
    /* What its certificate says of a device, and whether it still counts.
     * SP_E_UNKNOWN_DEVICE; a revoked one is SP_OK with revoked set. */
    sp_err (*device)(void *self, uint32_t device, struct sp_certified *out);
    /* Authorizes and validates one change: accepted, or refused with code,
     * rule, type and field. Looks at nothing but its arguments and self. */
    void (*judge)(
        void *self, const struct sp_question *q, struct sp_verdict *out);
    /* Whether the author of a commit reaches a scope, or did so by the roster
     * that it names (at least floor's) or a share of its day: may he know what
     * is there? */
    bool (*reached)(void *self, const struct sp_commit *c,
        const struct sp_serials *floor, const struct sp_id *scope);
    enum sp_merge_kind (*merge_kind)(void *self, uint16_t type, uint16_t field);
    /* Whether a field is derived; field 0: whether any of the type is. */
    bool (*derives)(void *self, uint16_t type, uint16_t field);
    /* Makes the derived registers of a record: sp_dictionary_derive. */
    sp_err (*derive)(void *self, const struct sp_record *in, enum sp_make what,
        struct sp_arena *arena, struct sp_record *out, uint32_t *made);
    bool (*evidence)(void *self, uint16_t type); /* SYNC J4 */
    unsigned (*lane)(void *self, uint16_t type); /* 0 first; below 8 */
    void (*tray)(void *self, struct sp_tray_types *out);
    /*
     * Takes a signed document if it is valid and newer than what is known;
     * the engine stores it in SP_T_DOCUMENT and the owner builds a new
     * snapshot after the commit.
     *   errors  SP_E_DOCUMENT; SP_E_EXISTS when the same serial is known
     */
    sp_err (*check_document)(void *self, struct sp_slice document);
};

#endif
