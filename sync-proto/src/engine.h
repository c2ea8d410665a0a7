/*
 * engine.h - what the files of the engine share; nobody else includes it.
 *
 * tx.c      one transaction: sequence, clock, the cache of scopes
 * place.c   a record's place: scopes, feeds, sums (SYNC S1, P1)
 * carry.c   what goes on from an absorbed record to its survivor
 * tree.c    where records lead: parents, forwards (SYNC M7)
 * state.c   records: stored, seen by the user
 * log.c     commits, chains, verdicts (SYNC C, F)
 * commit_make.c  a user action becomes a commit (SYNC C1, F6)
 * judge.c   authorize, validate (SYNC J)
 * apply.c   logged commits take effect, once (SYNC J, M3)
 * apply_word.c  what another server says of them (SYNC J5)
 * erase.c   commits that speak of erased records alone
 * hidden.c  what its author may not know to be there
 * quarantine.c  what waits because of who sent it (SYNC X8)
 * words.c   verdicts that changed, between servers (SYNC J5)
 * passed.c  commits passed down to the branch that judges (SYNC J6)
 * contents.h  who served a scope before, how far its feeds are here (SYNC S7)
 * base.c    what a device or branch takes from a server (SYNC F6, S6)
 * purge.c   what is in no scope any more goes at the end (SYNC S6)
 * base_place.c    where the records of its decided commits lie
 * base_verdict.c  what it takes of verdicts, and of silence (SYNC F3, J5)
 * feed.c    what a server hands out of a scope (SYNC S2, S4)
 * grant.c   grants as sets of fields (SYNC S5)
 * held.c    what a device had of a scope when it made a commit (SYNC J4)
 * share.c   shares end
 * proof.c   sums and digest (SYNC P1)
 * deletion.c  what a deletion has seen (SYNC M4)
 * derive.c  what a new dictionary derives of records that stand
 * tray.c    refusals as records of their authors (SYNC F6)
 *
 * neighbours.h has what is kept of those one talks to (node.c).
 */
#ifndef SP_ENGINE_H
#define SP_ENGINE_H

#include <string.h>

#include "kb.h"
#include "neighbours.h"
#include "sp/limits.h"
#include "sp/message.h"
#include "sp/node.h"
#include "sp/pack.h"
#include "sp/tray.h"

#define SP_TRY(expression)                                                     \
    do {                                                                       \
        sp_err err_ = (expression);                                            \
        if (err_ != SP_OK) {                                                   \
            return err_;                                                       \
        }                                                                      \
    } while (0)

/* ---- tx ---------------------------------------------------------------- */

/* One scope's counters; of a server the feed's, of a device what it was told.
 * Stored in SP_T_SCOPE when dirty. */
struct sp_sum {
    uint16_t type;
    uint16_t field;
    uint8_t v[16]; /* little-endian number mod 2^128 */
};

/* Fields, type << 16 | field, sorted. grant.c */
struct sp_fields {
    bool everything; /* as servers hold it; the list is empty then */
    uint32_t count;
    uint32_t *key;
};

#define SP_SCOPE_DERIVED 12u
struct sp_scope_state {
    struct sp_scope_state *next; /* of the cache's bucket */
    struct sp_id id;
    uint64_t head;         /* sequence of the newest place in the feed */
    uint64_t floor;        /* SYNC S3 */
    uint64_t members;      /* records that are in it */
    uint8_t key[16];       /* of the sums */
    bool held;             /* device: granted at the last contact */
    uint8_t digest[8];     /* device: of the grant */
    struct sp_slice grant; /* device: array of [type, [fields]] */
    /* Device: a wider grant whose new keys are on their way (SYNC S5). It
     * holds from the moment on when they are all here. Empty: none. */
    struct sp_slice wider;
    uint8_t wider_digest[8];
    /* Both as sets; key NULL: not read yet; anew when they are replaced. */
    struct sp_fields shown, coming;
    uint32_t count;
    struct sp_sum *sum;
    uint32_t sum_at; /* where to look first */
    bool dirty;
    uint64_t head_before; /* when this tx first touched it */
    bool foreign;         /* more than plain new values came into the feed */
    /* Fields of the peer's records that were derived, each once; more than
     * fit: foreign. */
    struct sp_derived {
        uint16_t type, field;
    } derived[SP_SCOPE_DERIVED];
    uint32_t derived_count;
};

#define SP_PARENTS 256u
struct sp_parent_cache {
    struct sp_ref ref;
    bool known; /* record is valid (count may be 0: there is none) */
    bool base;  /* as stored, without a device's own writes that wait */
    struct sp_record record;
};

/* What is known of one replica's chain. */
struct sp_chain {
    sp_replica replica;
    uint64_t n; /* logged without gap up to here */
    struct sp_hash hash;
    uint64_t sent;         /* own: marked sent up to here (SYNC C2) */
    uint64_t acknowledged; /* own: highest told by any server */
    uint64_t upper;        /* received at head office */
    uint8_t upper_hash[16];
    uint64_t safe;
    uint8_t safe_hash[16];
    uint64_t unconfirmed; /* server: verdicts its author has not confirmed */
    uint64_t open;        /* server: verdicts other than accepted, all */
};

#define SP_SCOPE_BUCKETS 128u
struct sp_carry;
struct sp_state_cache {
    struct sp_scope_state *bucket[SP_SCOPE_BUCKETS];
    uint64_t sequence;
    bool sequence_dirty;
    sp_hlc hlc;
    bool hlc_dirty;
    uint64_t now_ms; /* when this tx first asked; 0: not yet */
    uint64_t alarms;
    bool alarms_dirty;
    struct sp_parent_cache parent[SP_PARENTS]; /* by the end of the id */
    struct sp_arena parent_arena; /* theirs; emptied when it is full */
    /* What is stored is being placed: by what is stored (SYNC F6, P1). */
    bool places_base;
    struct sp_chain chain; /* the last that was looked at; replica 0: none */
    bool chain_dirty;      /* sp_log_flush writes it */
    struct sp_arena decided_arena; /* sp_base_placed keeps what it decoded */
    struct sp_commit *decided;     /* for sp_base_decided, in that order */
    uint32_t decided_count, decided_next;
    /* Refs accepted first in this tx: what waited for them is tried again. */
    struct sp_ref *created;
    uint32_t created_count;
    struct sp_carry *carry; /* to be carried at the end of this tx */
    /* Verdicts stored in this tx that the tray may have to show. */
    struct sp_dot *told;
    uint32_t told_count;
    struct sp_ref *tidy; /* items of the tray that were discarded, or accepted
                            after all */
    uint32_t tidy_count;
};

uint64_t sp_tx_next_sequence(struct sp_tx *tx);
/* Moves the own hybrid time past one seen (SYNC M5). */
void sp_tx_see_time(struct sp_tx *tx, sp_hlc seen);
sp_hlc sp_tx_tick(struct sp_tx *tx);
/* The cached state of a scope; a new one (count 0) when it is not stored. */
SP_MUST_USE sp_err sp_tx_scope(
    struct sp_tx *tx, const struct sp_id *id, struct sp_scope_state **out);
void sp_tx_trace(struct sp_tx *tx, const char *facility, const char *line);
SP_MUST_USE sp_err sp_tx_get_u64(
    struct sp_tx *tx, const char *name, uint64_t *out);
SP_MUST_USE sp_err sp_tx_put_u64(
    struct sp_tx *tx, const char *name, uint64_t v);
/* UTC milliseconds; one time for a whole tx. */
uint64_t sp_tx_now(const struct sp_tx *tx);
bool sp_tx_is_server(const struct sp_tx *tx);

/* Keys of a table that start with prefix (NULL: all), in arena memory: for
 * changing what a walk found, since nothing may be written inside one. */
struct sp_key_list {
    struct sp_arena *arena;
    struct sp_kb *key;
    size_t count;
};
SP_MUST_USE sp_err sp_tx_keys(struct sp_tx *tx, enum sp_table table,
    const struct sp_kb *prefix, struct sp_key_list *out);
/* Removes them all. */
SP_MUST_USE sp_err sp_tx_clear(
    struct sp_tx *tx, enum sp_table table, const struct sp_kb *prefix);

/* Shorthands for the store port. */
SP_MUST_USE sp_err sp_tx_get(struct sp_tx *tx, enum sp_table table,
    const struct sp_kb *key, struct sp_slice *out);
SP_MUST_USE sp_err sp_tx_put(struct sp_tx *tx, enum sp_table table,
    const struct sp_kb *key, struct sp_slice value);
SP_MUST_USE sp_err sp_tx_del(
    struct sp_tx *tx, enum sp_table table, const struct sp_kb *key);

/* What the present grants of these scopes show, of a field and of a record,
 * without keys that are still on their way (SYNC S5). On servers all of a
 * record. state.c */
SP_MUST_USE sp_err sp_state_shows(struct sp_tx *tx,
    const struct sp_scopes *scopes, uint16_t type, uint16_t field, bool *out);
SP_MUST_USE sp_err sp_state_shown(struct sp_tx *tx, struct sp_arena *arena,
    const struct sp_scopes *scopes, const struct sp_record *record,
    struct sp_record *out);

/* ---- places ------------------------------------------------------------ */

struct sp_place {
    struct sp_id scope;
    uint64_t seq;   /* of the newest place in the feed (servers) */
    uint64_t entry; /* sequence of its entry */
    bool left;      /* only the left mark stands in the feed */
};

#define SP_PLACES_MAX (2u * SP_RECORD_SCOPES_MAX)
/* A record as it is stored, with its memberships. */
struct sp_stored {
    struct sp_record record; /* count 0 and no places: there is none */
    uint32_t origin; /* peer that brought the newest change; 0: made here */
    uint32_t count;
    struct sp_place *place; /* up to SP_PLACES_MAX, memory of the record's */
};

SP_MUST_USE sp_err sp_place_load(struct sp_tx *tx, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_stored *out);
/* The same of a value of SP_T_RECORD that was read already. */
SP_MUST_USE sp_err sp_place_read(
    struct sp_slice stored, struct sp_arena *arena, struct sp_stored *out);
/*
 * Stores a record that changed or moved: numbers changed registers (seq 0),
 * moves its places, keeps sums and child index.
 *   before  as loaded; after: registers that changed have seq 0
 *   scopes  where it belongs now; on a device where it was delivered
 *   moved   out, may be NULL: whether it entered or left a scope, or leads
 *           elsewhere: what leads to it may have to follow
 */
SP_MUST_USE sp_err sp_place_store(struct sp_tx *tx,
    const struct sp_stored *before, const struct sp_record *after,
    const struct sp_scopes *scopes, bool *moved);
/* The same record with fewer registers (SYNC S5) or places; sums follow. */
SP_MUST_USE sp_err sp_place_replace(struct sp_tx *tx,
    const struct sp_stored *before, const struct sp_record *after);
/* Key of a feed entry, and the way back. */
struct sp_feed_entry {
    uint64_t seq;
    struct sp_ref ref;
    bool left;
};
#define SP_FEED_KEY_BYTES 43u
struct sp_kb sp_place_feed_key(const struct sp_id *scope, uint64_t seq,
    const struct sp_ref *ref, bool left);
void sp_place_read_feed(struct sp_slice key, struct sp_feed_entry *out);
/* A server's counters of a scope, made anew from the records in its feed. */
SP_MUST_USE sp_err sp_place_recount(
    struct sp_tx *tx, const struct sp_id *scope);
/* Takes it from the list of its parent's children. */
SP_MUST_USE sp_err sp_place_unlist(
    struct sp_tx *tx, const struct sp_record *record);
/* Removes it from here, without any left mark (device purge, SYNC S6). */
SP_MUST_USE sp_err sp_place_drop(
    struct sp_tx *tx, const struct sp_stored *stored);
/* A branch keeps records in the scopes that it serves, and in no other: it
 * does not hear what happens there (SYNC S1, T2). */
void sp_place_keep_served(const struct sp_tx *tx, struct sp_scopes *scopes);
/* The scopes by the rules, looking up the parent. missing: parent unknown. */
SP_MUST_USE sp_err sp_place_scopes(struct sp_tx *tx,
    const struct sp_record *record, struct sp_scopes *out, bool *missing);
/* A record that others lead to, by way of a cache; valid until the next call
 * or store. NULL: not here. */
SP_MUST_USE sp_err sp_place_cached(
    struct sp_tx *tx, const struct sp_ref *ref, const struct sp_record **out);
void sp_place_forget_parents(struct sp_tx *tx);
const struct sp_place *sp_place_find(
    const struct sp_stored *s, const struct sp_id *scope);
/* After a record's scopes changed, those of its children follow (SYNC S1). */
SP_MUST_USE sp_err sp_place_children(
    struct sp_tx *tx, const struct sp_ref *parent);
void sp_place_list(const struct sp_stored *s, struct sp_scopes *out);
bool sp_place_scopes_have(const struct sp_scopes *s, const struct sp_id *scope);

/* ---- trees --------------------------------------------------------------- */

struct sp_work;
/* What the commit at hand has made of records: looked at before the store. */
struct sp_known {
    const struct sp_work *work;
    uint32_t count;
};

/* The end of where a record leads: what places it. */
struct sp_root {
    bool leads;                     /* false: it places itself */
    struct sp_ref ref;              /* of the end, or of what is missing */
    const struct sp_record *record; /* NULL: leads nowhere, or not known here;
                                       valid like sp_place_cached's */
    bool merged;                    /* by way of a forward */
    struct sp_ref absorbed;         /* the first record with one on the way */
    sp_hlc merged_at;               /* when that was decided */
};
/* known may be NULL. */
SP_MUST_USE sp_err sp_tree_root(struct sp_tx *tx, const struct sp_known *known,
    const struct sp_record *record, struct sp_root *out);
struct sp_refs {
    struct sp_arena *arena;
    struct sp_ref *ref;
    size_t count;
};
/* A record and all that were merged into it, nearest first; appended. */
SP_MUST_USE sp_err sp_tree_absorbed(
    struct sp_tx *tx, const struct sp_ref *ref, struct sp_refs *out);
/* Whether a record comes back to itself by a tree field, or stands deeper than
 * SP_TREE_HOPS_MAX. */
SP_MUST_USE sp_err sp_tree_closes(struct sp_tx *tx,
    const struct sp_known *known, const struct sp_record *record, uint16_t tree,
    bool *circle, bool *deep);

/* ---- proof ------------------------------------------------------------- */

struct sp_holding;

/* Adds (or subtracts) a register's share of a scope's sums. */
SP_MUST_USE sp_err sp_proof_register(struct sp_tx *tx,
    struct sp_scope_state *scope, const struct sp_ref *ref,
    const struct sp_register *reg, bool add);
/* The total over the fields of a holding's grant (servers), without the keys
 * that the reader does not have yet or over them only; or of the list that the
 * device was given. */
void sp_proof_total(struct sp_tx *tx, const struct sp_scope_state *scope,
    const struct sp_holding *holding, bool only, uint8_t out[16]);
void sp_proof_total_held(const struct sp_scope_state *scope, uint8_t out[16]);
/* The same over the fields of a set alone. */
void sp_proof_total_of(const struct sp_scope_state *scope,
    const struct sp_fields *fields, uint8_t out[16]);
bool sp_proof_grant_reads(struct sp_slice grant, uint16_t type, uint16_t field);
/* The same of a scope's present grant, for asking often. */
SP_MUST_USE sp_err sp_proof_shows(struct sp_tx *tx, struct sp_scope_state *s,
    uint16_t type, uint16_t field, bool *out);
/* Whether it may be stored here: shown now, or by the wider grant whose keys
 * are on their way. */
SP_MUST_USE sp_err sp_proof_keeps(struct sp_tx *tx, struct sp_scope_state *s,
    uint16_t type, uint16_t field, bool *out);

/* ---- grants ------------------------------------------------------------ */

/* A grant as it is sent: field 0 goes with every type that it names. */
SP_MUST_USE sp_err sp_grant_read(
    struct sp_slice grant, struct sp_arena *arena, struct sp_fields *out);
/* A list of keys: nothing goes without saying. SP_E_MALFORMED... */
SP_MUST_USE sp_err sp_grant_keys(
    struct sp_slice keys, struct sp_arena *arena, struct sp_fields *out);
bool sp_grant_has(const struct sp_fields *f, uint16_t type, uint16_t field);
bool sp_grant_has_type(const struct sp_fields *f, uint16_t type);
/* a as what b has too, and what it has more. a is not everything. */
SP_MUST_USE sp_err sp_grant_split(const struct sp_fields *a,
    const struct sp_fields *b, struct sp_arena *arena, struct sp_fields *both,
    struct sp_fields *more);
/* As a grant, or with deletions as a list of keys. Errors latch in out. */
void sp_grant_write(
    const struct sp_fields *f, bool deletions, struct sp_buf *out);

/* The digest of the handshake, as initiator and as responder, for the chain of
 * the initiator's present replica: all but the documents, whose digest goes
 * beside it. ready false: it cannot be the same whatever the other says. */
SP_MUST_USE sp_err sp_proof_initiator(
    struct sp_tx *tx, uint32_t server, uint8_t out[16], bool *ready);
SP_MUST_USE sp_err sp_proof_responder(struct sp_tx *tx, uint32_t peer,
    bool server, sp_replica replica, struct sp_arena *arena, uint8_t out[16],
    bool *ready);
/* Over head office's frontiers and verdicts (SYNC F1), as it would tell them
 * now, or as a branch has taken them over: part of the digest above between
 * servers. upper.c */
SP_MUST_USE sp_err sp_upper_digest(
    struct sp_tx *tx, struct sp_arena *arena, uint8_t out[16]);
/* What head office says of a commit, as a branch has taken it over (SYNC F1);
 * NONE: it is above its frontier. Resets the scratch. upper.c */
SP_MUST_USE sp_err sp_upper_verdict(struct sp_tx *tx, sp_replica replica,
    uint64_t n, enum sp_verdict_kind *out);
/* Whether a branch has what its server above has not heard of: commits, or
 * words (SYNC J5). upper.c */
SP_MUST_USE sp_err sp_upper_ahead(
    struct sp_tx *tx, uint32_t server, bool *ahead);
/* Whether this server hands a scope to such a peer (SYNC S7). */
SP_MUST_USE sp_err sp_proof_serves(struct sp_tx *tx, bool to_server,
    const struct sp_id *scope, enum sp_serves *out);

/* ---- log --------------------------------------------------------------- */

SP_MUST_USE sp_err sp_log_chain(
    struct sp_tx *tx, sp_replica replica, struct sp_chain *out);
SP_MUST_USE sp_err sp_log_put_chain(struct sp_tx *tx, const struct sp_chain *c);
SP_MUST_USE sp_err sp_log_flush(struct sp_tx *tx); /* the chain put last */
/* A chain that is logged here from c->n + 1 on: keeps the hash of c->n. */
SP_MUST_USE sp_err sp_log_put_base(struct sp_tx *tx, const struct sp_chain *c);
SP_MUST_USE sp_err sp_log_append(struct sp_tx *tx, struct sp_chain *c,
    struct sp_slice bytes, const struct sp_hash *hash);
/* The chain hash of number n (0: zeros). SP_E_NOT_FOUND. */
SP_MUST_USE sp_err sp_log_hash(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_hash *out);
/* The encoded commit; valid like a store value. SP_E_NOT_FOUND where it is not
 * here, though its hash may be: it lies at head office only, or was erased. */
SP_MUST_USE sp_err sp_log_bytes(struct sp_tx *tx, sp_replica replica,
    uint64_t n, struct sp_slice *bytes, struct sp_hash *hash);
/* The same as it is sent: of one that was erased the hash, by which the chain
 * goes on (PROTOCOL.md, "Erasure"). Valid like a store value, or as hash is. */
SP_MUST_USE sp_err sp_log_link(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_slice *bytes, struct sp_hash *hash);
/* Takes the commit away and keeps its hash. */
SP_MUST_USE sp_err sp_log_erase(
    struct sp_tx *tx, sp_replica replica, uint64_t n);

#define SP_TELLERS_MAX 8u
/* The same decoded; arena memory. */
SP_MUST_USE sp_err sp_log_commit(struct sp_tx *tx, sp_replica replica,
    uint64_t n, struct sp_arena *arena, struct sp_commit *out);

struct sp_verdict_entry {
    sp_replica replica;
    uint64_t n;
    struct sp_verdict verdict;
    struct sp_id content;
    bool confirmed;
    bool disposed;
    /* Device: who has told of this deferral, and will end it by name (SYNC
     * F3). Another server's frontier ends it in silence. Full: nobody's. */
    uint32_t tellers;
    uint32_t teller[SP_TELLERS_MAX];
    uint64_t word; /* server: its place in the feed of verdicts, 0: none */
};
/* kind NONE when there is no entry. */
SP_MUST_USE sp_err sp_log_verdict(struct sp_tx *tx, sp_replica replica,
    uint64_t n, struct sp_verdict_entry *out);
SP_MUST_USE sp_err sp_log_put_verdict(
    struct sp_tx *tx, const struct sp_verdict_entry *e);
SP_MUST_USE sp_err sp_log_del_verdict(
    struct sp_tx *tx, sp_replica replica, uint64_t n);
SP_MUST_USE sp_err sp_log_each_verdict(struct sp_tx *tx, sp_replica replica,
    sp_err (*each)(void *arg, const struct sp_verdict_entry *e), void *arg);
/* The same of all chains of a device. */
SP_MUST_USE sp_err sp_log_each_verdict_of(struct sp_tx *tx, uint32_t device,
    sp_err (*each)(void *arg, const struct sp_verdict_entry *e), void *arg);
/* Where a batch may end: a signed head (SYNC C3). */
struct sp_head {
    uint64_t n;
    uint8_t signature[SP_SIGNATURE_BYTES];
    bool proven; /* the author's key had signed it when it came (SYNC X8) */
    uint32_t by; /* server that brought what is up to it first; 0: its author */
};
/* The one at n; the first at or above n. SP_E_NOT_FOUND */
SP_MUST_USE sp_err sp_log_head(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_head *out);
SP_MUST_USE sp_err sp_log_next_head(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_head *out);
SP_MUST_USE sp_err sp_log_put_head(
    struct sp_tx *tx, sp_replica replica, const struct sp_head *h);
SP_MUST_USE sp_err sp_log_each_chain(struct sp_tx *tx,
    sp_err (*each)(void *arg, const struct sp_chain *c), void *arg);

/* The frontier for its author: what is logged here, or lies under head
 * office's (SYNC F1). But what nobody has judged, and only head office has, he
 * sends here as well: this may be the server that judges it (J3). */
SP_MUST_USE sp_err sp_log_frontier(struct sp_tx *tx, const struct sp_chain *c,
    bool to_server, struct sp_point *out);

/* ---- judging and applying ---------------------------------------------- */

/* One change with all that judging and storing it needs. */
struct sp_work {
    const struct sp_change *change;
    struct sp_stored *before;
    struct sp_record after;
    uint32_t changed; /* registers, with the derived ones */
    uint32_t derived; /* of them (servers) */
    struct sp_scopes scopes_before, scopes_after;
};

/* Loads and joins every change of a commit; arena memory. */
SP_MUST_USE sp_err sp_judge_prepare(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_arena *arena, struct sp_work **out);
/* Whether a change makes a record, as far as this server knows: what does not
 * is an edit whose create has not come, or lies elsewhere. */
bool sp_judge_creates(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work);
/* SYNC J1, J3, J4, J8. proven: whether its author's key signed it (SYNC X8).
 * waits: what a deferral waits for (a key of SP_T_WAIT without the dot). */
SP_MUST_USE sp_err sp_judge_commit(struct sp_tx *tx, const struct sp_commit *c,
    bool proven, struct sp_work *work, struct sp_verdict *out,
    struct sp_kb *waits);
/* Whether a commit is about a record that exists, but that its author neither
 * reaches nor has reached: ref is then what is hidden from him. */
SP_MUST_USE sp_err sp_hidden_find(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_work *work, struct sp_ref *ref, bool *hidden);
/* Who judges a commit by what this server knows now (SYNC J1, J2, J3); 0: a
 * server of which the roster says nothing here. */
uint32_t sp_judge_server(
    struct sp_tx *tx, const struct sp_work *work, uint32_t count);
/* SYNC J7: whether a branch may have judged it: it serves, or served before, a
 * scope that each of its records is or was in. */
SP_MUST_USE sp_err sp_judge_vouches(struct sp_tx *tx, uint32_t server,
    const struct sp_work *work, uint32_t count, bool *out);
/* What the rules of this moment say of a commit that is in the state already:
 * its own values are taken out before (SYNC J7). at: the change objected to. */
SP_MUST_USE sp_err sp_judge_again(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_arena *arena, struct sp_work **out, struct sp_verdict *verdict,
    uint32_t *at);
/* Asks the rules about each change of an own draft. */
SP_MUST_USE sp_err sp_judge_draft(struct sp_tx *tx, const struct sp_commit *c,
    struct sp_work *work, struct sp_verdict *out);

/* Whether a record weighs more than it may, from above. */
bool sp_judge_too_large(const struct sp_record *r);
/* Whether every record would still be within its limits. */
bool sp_judge_fits(const struct sp_commit *c, const struct sp_work *work);
/* The effect of an accepted commit on the state. */
SP_MUST_USE sp_err sp_apply_accepted(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_work *work);
/* Takes batches from a peer: all checked first, then logged, judged, applied.
 * On a gap (SYNC F1) nothing of that batch is taken; the frontiers tell.
 * batch replicas are whole here (0 was put back).
 *   peer    whose session it is
 *   taken   out: commits that were new
 *   errors  class peer: nothing was written */
SP_MUST_USE sp_err sp_apply_push(struct sp_tx *tx,
    const struct sp_certified *peer, const struct sp_push *push,
    struct sp_arena *arena, uint64_t *taken);
/* Tries again what waits under a prefix of SP_T_WAIT's keys. */
SP_MUST_USE sp_err sp_apply_retry(struct sp_tx *tx, const struct sp_kb *waits);
SP_MUST_USE sp_err sp_apply_retry_all(struct sp_tx *tx);
/* A server above has decided otherwise (SYNC J5, J6): the higher word stands,
 * and goes to the author by name. An acceptance takes effect with the joined
 * records of the same exchange. Where the own word is the higher one, it is
 * told to the others. Writes the chain: none may be held.
 *   from  device number of that server */
SP_MUST_USE sp_err sp_apply_word(
    struct sp_tx *tx, const struct sp_verdict_entry *word, uint32_t from);
/* What is said of a commit; that it was accepted in silence has no entry. */
enum sp_verdict_kind sp_apply_kind(const struct sp_verdict_entry *e);
/* What is refused with it (SYNC J8), or no longer. */
SP_MUST_USE sp_err sp_apply_move_marks(
    struct sp_tx *tx, const struct sp_verdict_entry *e, bool refused);
/* A branch has decided what is logged here with a lower verdict: the effect is
 * made from the log (SYNC J5, J7). */
SP_MUST_USE sp_err sp_apply_said(struct sp_tx *tx,
    const struct sp_certified *branch, const struct sp_told_verdict *word);
/* A person refuses what waits. SP_E_NOT_FOUND */
SP_MUST_USE sp_err sp_apply_refuse(
    struct sp_tx *tx, const struct sp_dot *dot, const struct sp_verdict *v);
/* Tries one commit again. */
SP_MUST_USE sp_err sp_apply_try(struct sp_tx *tx, const struct sp_dot *dot);
/* What waited for records that this tx made or refused, and the records that
 * refusals make (SYNC F6), until nothing more comes of it. */
SP_MUST_USE sp_err sp_apply_settle_down(struct sp_tx *tx);
/* Notes what of a change that takes effect goes to the record that its record
 * is now, and carries all that this tx has noted. */
SP_MUST_USE sp_err sp_carry_note(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *w);
SP_MUST_USE sp_err sp_carry_flush(struct sp_tx *tx);
/* Makes an own commit of a server that carries another's writes; fills in the
 * rest of c. SP_E_TOO_LARGE: the record would become larger than one may be,
 * nothing was done. */
SP_MUST_USE sp_err sp_commit_make_carried(
    struct sp_tx *tx, struct sp_commit *c);
/* Own writes of a server: accepted as made (SYNC J7). */
SP_MUST_USE sp_err sp_apply_own(
    struct sp_tx *tx, const struct sp_commit *c, struct sp_work *work);

/* A server's own writes that no person made (SYNC J7): the rules are not
 * asked. draft as for sp_commit_make, user 0; arena holds what is at work.
 *   errors  SP_E_EXISTS, SP_E_NOT_FOUND, SP_E_TOO_LARGE as there */
SP_MUST_USE sp_err sp_commit_make_own(
    struct sp_tx *tx, const struct sp_draft *draft, struct sp_arena *arena);

/* SYNC M4: a deletion that was judged here has seen what its author may not
 * read. After its effect. */
SP_MUST_USE sp_err sp_deletion_complete(
    struct sp_tx *tx, const struct sp_commit *c, const struct sp_work *work);

/* ---- the tray (SYNC F6, sp/tray.h) ------------------------------------- */

/* A verdict is stored: at a server its author's tray may change for it. Only
 * notes it; nothing is written before the flush. */
SP_MUST_USE sp_err sp_tray_note(
    struct sp_tx *tx, const struct sp_verdict_entry *e);
/* A record was stored: what its author lets go is no longer kept (SYNC F6).
 * Only notes it. */
SP_MUST_USE sp_err sp_tray_stored(
    struct sp_tx *tx, const struct sp_record *after);
/* Makes, withdraws or empties the records of all that was noted. Called when a
 * server's tx has nothing under way: after a push, a retry, at the commit. */
SP_MUST_USE sp_err sp_tray_flush(struct sp_tx *tx);
/* Whether all changes of a commit are to the tray's own entities: such a
 * refusal makes no item, or they would never end. */
bool sp_tray_only(const struct sp_tx *tx, const struct sp_commit *c);

/* ---- verdicts and commits between servers ------------------------------ */

/* Puts a verdict that changed into the feed of words (SYNC J5), which says
 * each once, at its newest place; the caller stores the entry.
 *   from  the server that told it, and need not hear it again; 0: none */
SP_MUST_USE sp_err sp_words_note(
    struct sp_tx *tx, struct sp_verdict_entry *e, uint32_t from);
/* Whether there are words that a server above has not confirmed. */
SP_MUST_USE sp_err sp_words_ahead(
    struct sp_tx *tx, uint32_t server, bool *ahead);
/* Into the digest of the handshake: how far the words of the server above are
 * known, and which commits wait at the branch. peer: the other side. */
SP_MUST_USE sp_err sp_words_digest(
    struct sp_tx *tx, uint32_t peer, uint8_t out[16]);

/* SYNC J6. A branch takes a commit that head office passed down: checked, kept
 * by number and hash, judged; it moves no frontier.
 *   fresh  counts those that were not known here */
SP_MUST_USE sp_err sp_passed_take(struct sp_tx *tx,
    const struct sp_certified *issuer, const struct sp_passed *p,
    uint32_t *fresh);
/* A commit that is kept so; arena memory. SP_E_NOT_FOUND */
SP_MUST_USE sp_err sp_passed_commit(struct sp_tx *tx, sp_replica replica,
    uint64_t n, struct sp_arena *arena, struct sp_commit *out);
/* It has come by its chain as well. */
SP_MUST_USE sp_err sp_passed_logged(
    struct sp_tx *tx, sp_replica replica, uint64_t n);
/* It is decided: nobody need pass it again. */
SP_MUST_USE sp_err sp_passed_decided(
    struct sp_tx *tx, sp_replica replica, uint64_t n);
/* It is no longer for this branch: forgotten unless decided. */
SP_MUST_USE sp_err sp_passed_drop(
    struct sp_tx *tx, sp_replica replica, uint64_t n);
/* Those that wait here for a verdict, in order; arena memory. */
struct sp_dots {
    uint32_t count;
    struct sp_dot *dot;
};
SP_MUST_USE sp_err sp_passed_held(
    struct sp_tx *tx, struct sp_arena *arena, struct sp_dots *out);
/* Head office: what a branch is to judge by the roster of this moment, whole
 * (NULL: only which), without what it holds.
 *   budget  stops after that many bytes
 *   more    out: there was more */
struct sp_pass {
    uint32_t branch;
    /* Of which commits: those behind a place, up to another; replica 0: from
     * the first, to the last. */
    struct sp_dot after, until;
    struct sp_dots held; /* what it has of them */
    size_t budget;
    struct sp_arena *arena;
    struct sp_dots found;     /* out: those of them that wait for it */
    struct sp_passed *passed; /* room for SP_BATCH_COMMITS_MAX, or NULL */
    uint32_t passed_count;
    bool more;
};
SP_MUST_USE sp_err sp_passed_find(struct sp_tx *tx, struct sp_pass *p);
/* What a person has said of a commit that waits. */
enum sp_release {
    SP_NOT_RELEASED,
    SP_RELEASED,   /* from quarantine, to the judge (SYNC X8) */
    SP_JUDGED_HERE /* head office is to judge it in its judge's place (J4) */
};
SP_MUST_USE sp_err sp_passed_release(
    struct sp_tx *tx, sp_replica replica, uint64_t n, enum sp_release how);
/* Whether head office has passed it down to be judged here. */
SP_MUST_USE sp_err sp_passed_here(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out);
SP_MUST_USE sp_err sp_passed_released(
    struct sp_tx *tx, sp_replica replica, uint64_t n, enum sp_release *out);

/* ---- what is taken from a server --------------------------------------- */

/*
 * A server says what a held scope shows now (SYNC S5), whoever serves it:
 * what it no longer shows goes at once, from the file too; what it shows more
 * is to be fetched (sp_base_coming), and holds when it is here.
 */
SP_MUST_USE sp_err sp_base_regrant(struct sp_tx *tx, struct sp_scope_state *s,
    const uint8_t digest[8], struct sp_slice grant);
/* The keys that are on their way; none: count 0. */
SP_MUST_USE sp_err sp_base_coming(const struct sp_scope_state *s,
    struct sp_arena *arena, struct sp_fields *out);
/* They are all here, from that server: the wider grant holds. What other
 * servers have of them was never read: their positions go. */
SP_MUST_USE sp_err sp_base_widened(
    struct sp_tx *tx, struct sp_scope_state *s, uint32_t server);

/* delivered: for which of the own scopes it came. */
SP_MUST_USE sp_err sp_base_take(struct sp_tx *tx,
    const struct sp_scopes *delivered, const struct sp_record *part);
/* Whether the record held here has that digest; own accepted writes to it are
 * applied first (SYNC S4). */
SP_MUST_USE sp_err sp_base_have(struct sp_tx *tx,
    const struct sp_scopes *delivered, const struct sp_ref *ref,
    const uint8_t hash[4], bool *same);
/* A server says that it left this scope: what others say of the scope is read
 * again from 0 (SYNC S6). On a device the record stays until sp_purge_end. */
SP_MUST_USE sp_err sp_base_left(struct sp_tx *tx, const struct sp_id *scope,
    const struct sp_ref *ref, uint32_t server);
/* Notes a record that is in no scope any more; and at the end of an exchange
 * takes away those that still are not (SYNC S6). */
SP_MUST_USE sp_err sp_purge_note(struct sp_tx *tx, const struct sp_ref *ref);
SP_MUST_USE sp_err sp_purge_end(struct sp_tx *tx, uint64_t *purged);
/* Which accepted own writes are applied to the base (SYNC F3). */
enum sp_accept {
    SP_ACCEPT_MEMBERS, /* to records that stand in the base */
    SP_ACCEPT_ALL      /* the same, and the rest is no longer unresolved:
                          every scope is complete, none has the record */
};
SP_MUST_USE sp_err sp_base_accept(struct sp_tx *tx, enum sp_accept how);
/* Whether a branch knows a write to a record that head office does not. */
SP_MUST_USE sp_err sp_base_ahead(
    struct sp_tx *tx, const struct sp_ref *ref, bool *out);
/* Whether an own commit is acknowledged, and nothing else than accepted is
 * known of it. */
SP_MUST_USE sp_err sp_base_accepted(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out);
/* Whether the rules say where the records belong that own commits from to to,
 * just decided, have made: *out becomes false when what one belongs to is not
 * here (any more). */
SP_MUST_USE sp_err sp_base_placed(struct sp_tx *tx, sp_replica replica,
    uint64_t from, uint64_t to, bool *out);
/* One of them, as it was decoded there, or from the log into tx->scratch. */
SP_MUST_USE sp_err sp_base_decided(
    struct sp_tx *tx, sp_replica replica, uint64_t n, struct sp_commit *out);
/* Calls each for every scope that the records of own commits from to to, just
 * decided, lie in here, or by the rules; what was not accepted comes to its
 * author's tray. More than once, where several lie in one. */
SP_MUST_USE sp_err sp_base_each_scope(struct sp_tx *tx, sp_replica replica,
    uint64_t from, uint64_t to,
    void (*each)(void *arg, const struct sp_id *scope), void *arg);
/* Of the own commits from to to, just decided, applies the accepted ones to
 * records in scopes whose since just moved with nothing else in between: the
 * rules say which those are. */
SP_MUST_USE sp_err sp_base_accept_moved(struct sp_tx *tx, sp_replica replica,
    uint64_t from, uint64_t to, const struct sp_scopes *moved);
/* SYNC P2: counts and traces a proof that failed. */
void sp_base_alarm(struct sp_tx *tx);
/* SYNC P2: forgets the records of a scope, wherever else they are, and lets
 * every scope that had one be read again from 0. */
SP_MUST_USE sp_err sp_base_reset_scope(
    struct sp_tx *tx, const struct sp_id *scope);
/* Drops a scope: its records go unless another held scope has them. */
SP_MUST_USE sp_err sp_base_drop_scope(
    struct sp_tx *tx, const struct sp_id *scope, uint64_t *purged);
/* Verdicts told by a server, by name; and what its frontier says of those that
 * it does not name (SYNC F3). */
SP_MUST_USE sp_err sp_base_verdict_take(
    struct sp_tx *tx, const struct sp_verdict_entry *e, uint32_t server);
/* Whether a server says less of an own commit than is known here: accepted by
 * another's word, and not there yet (SYNC J5). Its sums are without it. */
SP_MUST_USE sp_err sp_base_verdict_less(
    struct sp_tx *tx, const struct sp_verdict_entry *told, bool *out);
/* Whether what a verdict names as erased is still in the journal, so that it
 * is to be told again. */
SP_MUST_USE sp_err sp_base_verdict_put_off(
    struct sp_tx *tx, const struct sp_verdict_entry *told, bool *out);
struct sp_silence {
    struct sp_arena *arena;
    uint32_t server;
    uint64_t upto;
    uint64_t *n; /* out: commits that are accepted by it */
    uint32_t count;
};
SP_MUST_USE sp_err sp_base_verdict_silence(
    struct sp_tx *tx, sp_replica replica, struct sp_silence *s);

/* ---- what a server hands out ------------------------------------------- */

/* One scope of a conversation, on the responder's side. */
struct sp_holding {
    struct sp_id scope;
    uint16_t grant;
    uint8_t digest[8];
    enum sp_serves served;
    bool complete; /* in this session: the peer is at since */
    uint64_t since;
    uint64_t moved; /* since, once the tx at work is durable; 0: as it is */
    bool begun;
    struct sp_position first; /* where this session's scan began, or took up
                                 what an earlier session had begun */
    struct sp_fields keys;    /* of the page at work: the reader does not have
                                 them yet (SYNC S5) */
};

struct sp_reader {
    const struct sp_rules *rules;
    sp_replica replica; /* the peer's present one: own dots (SYNC S4) */
    uint32_t peer;
    bool server;             /* the peer is a server: origin counts as own */
    uint64_t safe, frontier; /* of that replica */
    uint32_t count;
    struct sp_holding *holding; /* sorted by scope */
};

/*
 * Fills a page from the positions that were asked for.
 *   budget  stops after that many bytes of items (one record may go over)
 *   items   appended, packed; out's positions are arena memory
 *   errors  SP_E_NOT_SERVED for a position that is not the reader's
 */
SP_MUST_USE sp_err sp_feed_page(struct sp_tx *tx, struct sp_reader *reader,
    const struct sp_pull *pull, size_t budget, struct sp_arena *arena,
    struct sp_buf *items, struct sp_page *out);

#endif
