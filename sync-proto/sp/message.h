/*
 * message.h - every message of the conversation (PROTOCOL.md, "Messages").
 *
 * A message is a canonical array whose first element is its type. Requests
 * have odd types, the reply is the next even one. Decoded slices and arrays
 * point into the message and the arena; both must outlive them.
 */
#ifndef SP_MESSAGE_H
#define SP_MESSAGE_H

#include "sp/commit.h"
#include "sp/port.h"

enum sp_message_type {
    SP_MSG_OPEN = 1,
    SP_MSG_WELCOME = 2,
    SP_MSG_DOCUMENTS = 3,
    SP_MSG_DOCUMENTS_REPLY = 4,
    SP_MSG_PUSH = 5,
    SP_MSG_PUSHED = 6,
    SP_MSG_PULL = 7,
    SP_MSG_PAGE = 8,
    SP_MSG_UPPER = 9,
    SP_MSG_UPPER_REPLY = 10,
    SP_MSG_FINISH = 11,
    SP_MSG_FINISHED = 12,
    SP_MSG_ENROL = 13,
    SP_MSG_ENROLLED = 14,
    SP_MSG_ERROR = 16,
    SP_MSG_WORDS = 17,
    SP_MSG_WORDS_REPLY = 18
};

/* A frontier or head: never a bare number (SYNC F2). In a reply to a push,
 * replica 0 is short for the head that the push itself brought: the receiver
 * puts replica and hash back before it looks at the signature. */
struct sp_point {
    sp_replica replica;
    uint64_t n;
    uint8_t hash[16]; /* first half of the chain hash of n */
};

/* Payload of handshake message 1. No edit travels here, no server changes
 * anything on it. */
struct sp_hello {
    uint32_t version;
    sp_replica replica;     /* present incarnation; 0 while it enrols */
    uint8_t digest[16];     /* of all but the documents (SYNC P1) */
    struct sp_id documents; /* digest over (kind, unit, serial) */
    uint8_t token[16];      /* of the last session (SYNC X4), zeros: none */
    uint64_t now_ms;
};

enum sp_hello_status {
    SP_HELLO_GO = 0,
    SP_HELLO_SAME = 1,     /* nothing to do, the exchange is over */
    SP_HELLO_NO = 2,       /* refused: code */
    SP_HELLO_DOCUMENTS = 3 /* nothing but documents to exchange */
};
struct sp_hello_reply {
    enum sp_hello_status status;
    sp_err code;
    uint64_t now_ms;
};

struct sp_position {
    uint32_t index; /* of the scope in the welcome's list */
    uint64_t since;
    uint64_t mark; /* 0: no scan under way */
    uint32_t lane; /* SP_LANES: the part beyond mark */
    uint64_t seq;  /* up to here within the lane */
};
#define SP_LANES 8u

/* A scope that is held here, read to the end of its feed as far as since. */
struct sp_held {
    struct sp_id scope;
    uint64_t since;
};

struct sp_open {
    struct sp_id history;   /* of the server, as last met; zeros: never */
    struct sp_id documents; /* digest as in hello */
    /* Where its present chain stood when the newest of dictionary, policy and
     * rosters came (SYNC J4); servers: 0. */
    uint64_t documents_n;
    uint32_t head_count;
    struct sp_point *head; /* own replicas, the present one first */
    uint32_t held_count;
    struct sp_held *held;
};

/* SYNC S7: whether a scope is pulled and proved here. */
enum sp_serves {
    SP_SERVES_NOT = 0,
    SP_SERVES = 1,
    SP_SERVES_TOO = 2 /* another serves it; it may be read here all the same */
};
struct sp_welcome_scope {
    struct sp_id scope;
    enum sp_serves served;
    uint32_t grant;  /* index into grants */
    uint8_t key[16]; /* of the sums */
};
/* What the responder has of another server: of which scopes, and up to which
 * place of its feed. UINT64_MAX: nothing more will come of it (history is
 * zeros then). A reader who has been further keeps off (SYNC S7). */
struct sp_welcome_place {
    uint32_t index; /* of the scope */
    uint64_t place;
};
struct sp_welcome_content {
    uint32_t server;
    struct sp_id history;
    uint32_t count;
    struct sp_welcome_place *place; /* ascending by index */
};
struct sp_welcome_grant {
    uint8_t digest[8];
    struct sp_slice list; /* array of [type, [fields]] */
};

/* What a server answers about commits (SYNC F3); signed, it is the receipt. */
struct sp_told_verdict {
    sp_replica replica;
    uint64_t n;
    struct sp_id content;
    struct sp_verdict verdict;
};
struct sp_upper {
    struct sp_point received;
    uint64_t safe;
    uint8_t safe_hash[16];
};
struct sp_told {
    uint32_t roster; /* serial under which the issuer served */
    uint32_t point_count;
    struct sp_point *point;
    uint32_t upper_count;
    struct sp_upper *upper;
    uint32_t verdict_count;
    struct sp_told_verdict *verdict;
    bool is_signed;
    uint8_t signature[SP_SIGNATURE_BYTES];
    struct sp_slice bytes; /* packed, as signed; set by decode */
};

struct sp_welcome {
    struct sp_id history;
    sp_replica replica; /* the server's own, present incarnation */
    struct sp_id documents;
    uint32_t scope_count;
    struct sp_welcome_scope *scope; /* sorted; what is not here is dropped */
    uint32_t grant_count;
    struct sp_welcome_grant *grant;
    struct sp_told told;
    uint32_t content_count;
    struct sp_welcome_content *content; /* by server, then history */
};

struct sp_document_name {
    uint32_t kind;
    struct sp_slice unit;
    uint32_t serial;
};
struct sp_documents { /* request and reply */
    uint32_t have_count;
    struct sp_document_name *have; /* request only */
    uint32_t given_count;
    struct sp_slice *given;
    uint32_t want_count;
    /* Reply: what the responder lacks. Request: the window of the list, see
     * PROTOCOL.md. */
    struct sp_document_name *want;
    /* Reply only: whether to ask again, and the digest over all that the peer
     * may have, as it is now. */
    bool more;
    struct sp_id digest;
};

struct sp_batch {
    sp_replica replica; /* 0: the first head of the open message */
    uint64_t from;      /* number of its first commit */
    /* Chain hash of from - 1: whole (32) where the responder may know it from
     * above only, else its first 8 bytes: a second chain shows early. */
    struct sp_slice prev;
    uint32_t count;
    struct sp_slice *commit;
    uint8_t signature[SP_SIGNATURE_BYTES]; /* of its last commit's hash */
    uint32_t verdict_count; /* servers: those other than accepted */
    struct sp_told_verdict *verdict;
};
struct sp_push {
    uint32_t count;
    struct sp_batch *batch;
};
struct sp_pushed {
    struct sp_told told;
    uint32_t moved_count;
    struct sp_position *moved; /* index, since: nothing else came between */
};

/* Keys that a wider grant shows and the reader does not have yet: [type,
 * [field, ...]], where field 0 does not go without saying. */
struct sp_widening {
    uint32_t index; /* of the scope */
    struct sp_slice keys;
};
struct sp_pull {
    uint32_t ask_count;
    struct sp_ref *ask; /* records whose digest differed: send whole */
    uint32_t count;
    struct sp_position *position;
    uint32_t widening_count;
    struct sp_widening *widening; /* sorted by index */
    bool only; /* positions walk these keys alone, else all but them */
};
enum sp_item_kind {
    SP_ITEM_RECORD = 1, /* whole or a part: join it */
    SP_ITEM_HAVE = 2,   /* you have it already: here is its digest */
    SP_ITEM_LEFT = 3    /* it left this scope */
};
struct sp_item {
    enum sp_item_kind kind;
    uint32_t index; /* scope */
    /* RECORD, HAVE: further scopes of the peer's that the record is in; their
     * scans leave it out. At most SP_RECORD_SCOPES_MAX - 1. */
    uint32_t also_count;
    uint32_t *also;
    struct sp_ref ref;     /* HAVE, LEFT */
    uint8_t hash[4];       /* HAVE */
    struct sp_slice bytes; /* RECORD: wire form */
};
struct sp_page_position {
    struct sp_position position;
    bool complete;
    uint8_t sum[16]; /* complete: the total over the granted fields */
};
struct sp_page {
    uint32_t item_count;
    struct sp_item *item;
    uint32_t count;
    struct sp_page_position *position;
    uint64_t left; /* about so many records to go, 0: not known */
};

/* Head office to branch: what F1 takes over, replica by replica. */
struct sp_upper_request {
    sp_replica after; /* 0: from the start */
};
struct sp_upper_entry {
    struct sp_upper point;
    uint32_t verdict_count;
    struct sp_told_verdict *verdict;
};
struct sp_upper_reply {
    uint32_t count;
    struct sp_upper_entry *entry;
    bool more;
};

/* Branch to head office and back: verdicts that changed (SYNC J5), and commits
 * that the branch is to judge (SYNC J6). */
struct sp_words_request {
    uint64_t position; /* the responder's words, taken up to here */
    uint32_t word_count;
    struct sp_told_verdict *word; /* that changed here */
    /* Passed down earlier and not decided yet, ascending: a page of them, from
     * behind a place (replica 0: the first) up to its last, or to the end. */
    struct sp_dot held_after;
    uint32_t held_count; /* up to SP_HELD_PAGE */
    struct sp_dot *held;
    bool held_more; /* another page follows */
};
struct sp_passed {
    sp_replica replica;
    uint64_t n;
    bool released;               /* from quarantine, by a person (SYNC X8) */
    uint8_t prev[SP_HASH_BYTES]; /* chain hash of n - 1 */
    struct sp_slice commit;
    uint8_t signature[SP_SIGNATURE_BYTES]; /* head office's, see passed.c */
};
struct sp_words_reply {
    uint64_t position; /* the words here reach this far */
    uint32_t word_count;
    struct sp_told_verdict *word;
    uint32_t passed_count;
    struct sp_passed *passed;
    uint32_t gone_count;
    uint32_t *gone; /* indices into held: no longer for the branch */
    bool more;      /* ask again */
};

/* The end of a scope's feed. */
struct sp_scope_place {
    struct sp_id scope;
    uint64_t place;
};

struct sp_finish {
    uint32_t count;
    /* Verdicts that are stored now. hash: the verdict's kind, then the first
     * 15 bytes of the content id; another verdict or commit under that number
     * is not confirmed by it. */
    struct sp_point *confirmed;
    /* A branch: head office has all that it hands out, up to these places
     * (SYNC S7). */
    struct sp_id history; /* the branch's */
    uint32_t told_count;
    struct sp_scope_place *told;
};

/* Encoders append one message; errors latch in out. */
void sp_message_hello(const struct sp_hello *m, struct sp_buf *out);
void sp_message_hello_reply(const struct sp_hello_reply *m, struct sp_buf *out);
void sp_message_open(const struct sp_open *m, struct sp_buf *out);
void sp_message_welcome(const struct sp_welcome *m, struct sp_buf *out);
void sp_message_documents(const struct sp_documents *m, struct sp_buf *out);
void sp_message_documents_reply(
    const struct sp_documents *m, struct sp_buf *out);
void sp_message_push(const struct sp_push *m, struct sp_buf *out);
void sp_message_pushed(const struct sp_pushed *m, struct sp_buf *out);
void sp_message_pull(const struct sp_pull *m, struct sp_buf *out);
void sp_message_page(const struct sp_page *m, struct sp_slice items,
    struct sp_buf *out); /* items packed by sp_message_item */
void sp_message_item(const struct sp_item *i, struct sp_buf *out);
void sp_message_upper(const struct sp_upper_request *m, struct sp_buf *out);
void sp_message_upper_reply(const struct sp_upper_reply *m, struct sp_buf *out);
void sp_message_words(const struct sp_words_request *m, struct sp_buf *out);
void sp_message_words_reply(const struct sp_words_reply *m, struct sp_buf *out);
void sp_message_finish(const struct sp_finish *m, struct sp_buf *out);
void sp_message_finished(struct sp_buf *out);
/* ENROL and ENROLLED carry one bin that the rooms understand. */
void sp_message_enrol(
    enum sp_message_type type, struct sp_slice body, struct sp_buf *out);
void sp_message_error(sp_err code, struct sp_buf *out);
/* The signed part of a told: packed without signature. */
void sp_message_told(const struct sp_told *t, struct sp_buf *out);

/* Type of a message; SP_E_MALFORMED. */
SP_MUST_USE sp_err sp_message_type(
    struct sp_slice in, enum sp_message_type *out);
/* Decoders take exactly the canonical form; errors SP_E_TRUNCATED,
 * SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM. */
SP_MUST_USE sp_err sp_message_read_hello(
    struct sp_slice in, struct sp_hello *m);
SP_MUST_USE sp_err sp_message_read_hello_reply(
    struct sp_slice in, struct sp_hello_reply *m);
SP_MUST_USE sp_err sp_message_read_open(
    struct sp_slice in, struct sp_arena *a, struct sp_open *m);
SP_MUST_USE sp_err sp_message_read_welcome(
    struct sp_slice in, struct sp_arena *a, struct sp_welcome *m);
SP_MUST_USE sp_err sp_message_read_documents(
    struct sp_slice in, struct sp_arena *a, struct sp_documents *m);
SP_MUST_USE sp_err sp_message_read_documents_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_documents *m);
SP_MUST_USE sp_err sp_message_read_push(
    struct sp_slice in, struct sp_arena *a, struct sp_push *m);
SP_MUST_USE sp_err sp_message_read_pushed(
    struct sp_slice in, struct sp_arena *a, struct sp_pushed *m);
SP_MUST_USE sp_err sp_message_read_pull(
    struct sp_slice in, struct sp_arena *a, struct sp_pull *m);
SP_MUST_USE sp_err sp_message_read_page(
    struct sp_slice in, struct sp_arena *a, struct sp_page *m);
SP_MUST_USE sp_err sp_message_read_upper(
    struct sp_slice in, struct sp_upper_request *m);
SP_MUST_USE sp_err sp_message_read_upper_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_upper_reply *m);
SP_MUST_USE sp_err sp_message_read_words(
    struct sp_slice in, struct sp_arena *a, struct sp_words_request *m);
SP_MUST_USE sp_err sp_message_read_words_reply(
    struct sp_slice in, struct sp_arena *a, struct sp_words_reply *m);
SP_MUST_USE sp_err sp_message_read_finish(
    struct sp_slice in, struct sp_arena *a, struct sp_finish *m);
SP_MUST_USE sp_err sp_message_read_finished(struct sp_slice in);
SP_MUST_USE sp_err sp_message_read_enrol(
    struct sp_slice in, struct sp_slice *body);
SP_MUST_USE sp_err sp_message_read_error(struct sp_slice in, sp_err *code);

#endif
