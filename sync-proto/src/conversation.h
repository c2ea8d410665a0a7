/*
 * conversation.h - what the files of the link share; nobody else includes it.
 *
 * link.c        the three steps, handshake, sealing
 * initiator.c   who asks: states, and what each reply does
 * pull.c        who asks: feeds, and their proof
 * responder.c   who answers
 * push.c        batches out of the log, what was told about them
 * documents.c   signed documents, both sides
 * upper.c       head office's part, both sides
 * words.c       verdicts that changed, both sides
 */
#ifndef SP_CONVERSATION_H
#define SP_CONVERSATION_H

#include "engine.h"
#include "sp/frame.h"
#include "sp/link.h"

enum sp_conversation {
    SP_C_START,
    SP_C_HELLO, /* message 1 is out, or has come */
    SP_C_ENROL,
    SP_C_OPEN,
    SP_C_DOCUMENTS,
    SP_C_PUSH,
    SP_C_UPPER,
    SP_C_WORDS,
    SP_C_PULL,
    SP_C_FINISH,
    SP_C_DONE, /* initiator: the round is over; responder: at work */
    SP_C_FAILED
};

/* Initiator: one scope of the welcome. */
struct sp_pulled_scope {
    struct sp_id scope;
    bool read; /* pulled and proved here (SYNC S7) */
    bool complete;
    bool kept;   /* branch: something stays that left there, see pull.c */
    bool stayed; /* did not move along: nor with what comes, until it is read */
    bool again;  /* was read again already in this session (SYNC P2) */
    struct sp_position position;
    struct sp_position widening; /* of new keys (SYNC S5) */
};

/* Initiator: one chain that is being pushed. */
struct sp_outgoing {
    sp_replica replica;
    uint64_t next; /* first number not known to be there */
    uint64_t last; /* up to here in this round */
    uint64_t from; /* first and last number of the batch under way */
    uint64_t built;
    bool known;     /* the responder's log has next - 1 itself */
    uint32_t stuck; /* answers that brought nothing */
};

/* Initiator: own commits that a reply reports as decided. */
struct sp_told_range {
    sp_replica replica;
    uint64_t from, to;
};

/* A place in the order of documents (documents.c), kept over turns. */
struct sp_document_place {
    bool set;
    struct sp_document_name name; /* unit points into unit */
    uint8_t unit[SP_DOCUMENT_UNIT_BYTES_MAX];
};

struct sp_link {
    struct sp_link_setup setup;
    const struct sp_node *node;
    enum sp_conversation state;
    struct sp_link_report report;
    struct sp_progress progress;
    uint64_t started_ms;

    struct sp_handshake hs;
    struct sp_cipher send, receive;
    struct sp_window window;
    uint8_t session[8];
    uint8_t hash[32];
    bool keyed; /* send and receive are there */

    uint32_t peer;
    struct sp_buf in; /* the message or payload received */
    bool has_in;
    bool served;                         /* since the last receive or reply */
    struct sp_link_report report_before; /* of that serve */
    struct sp_buf out;                   /* the message to send */
    struct sp_buf frame;                 /* the same, sealed */
    struct sp_buf work;    /* items of a page, documents of a reply */
    struct sp_arena arena; /* of one turn */
    size_t budget; /* bytes of a message that will fit a frame, as it seems */

    /* initiator */
    struct sp_pulled_scope *scope;
    uint32_t scope_count;
    struct sp_id *drop; /* held, no longer granted (SYNC S6) */
    uint32_t drop_count;
    struct sp_outgoing *outgoing;
    uint32_t outgoing_count;
    bool unfinished; /* more is to be pushed once verdicts are confirmed */
    struct sp_point *there; /* own chains: the responder's frontiers */
    uint32_t there_count;
    /* The push after the one that is under way, sealed; empty: none. */
    struct sp_buf ahead;
    uint32_t ahead_of; /* index in outgoing */
    uint64_t ahead_from, ahead_last;
    bool under_way; /* sp_link_early has sent it */
    struct sp_ref *ask;
    uint32_t ask_count;
    bool asked_all;           /* by the pull under way */
    bool widening;            /* the pull under way is for new keys (SYNC S5) */
    struct sp_point *confirm; /* verdicts learnt, to be named */
    uint32_t confirm_count;
    struct sp_told_range *news; /* of the reply at work */
    uint32_t news_count;
    bool words_heard;     /* responder: words_first is set */
    uint64_t words_first; /* how far its words were known at the start */
    bool documents_differ;
    bool documents_only;  /* both sides: hello found nothing else to do */
    bool documents_gave;  /* the responder took something in */
    bool documents_taken; /* and we of its, since the list began */
    bool documents_first; /* this window: dictionary and policy alone */
    uint32_t documents_rounds;
    struct sp_document_place documents_from, documents_to; /* this window */
    struct sp_document_name *want; /* the responder lacks them */
    uint32_t want_count;
    sp_replica upper_after;
    bool upper_staged; /* all parts are here, and wait for their state */
    /* Words of the server above, kept aside like them (SYNC J5). */
    struct sp_told_verdict *word;
    uint32_t word_count;
    uint64_t words_taken; /* position that they reach */
    uint64_t words_sent;  /* own words that are under way reach so far */
    bool words_done;
    /* Branch: how far head office has the feeds of others, scope by scope as
     * in the welcome; kept when a scope is complete (SYNC S7). */
    struct sp_contents *said;    /* one a scope */
    struct sp_scope_place *told; /* under way in a finish */
    uint32_t told_count;
    bool settled; /* all is done but the last finish */
    /* An acceptance came when some scope had been read: its record may be in
     * no page of this exchange (SYNC F3). */
    bool late;
    /* The server says less of a commit than is known here: what it lacks would
     * be missing from its sums. */
    bool outrun;
    /* The page of waiting commits that the words under way name. */
    struct sp_dot held_after;
    struct sp_dot *held;
    uint32_t held_count;
    bool held_more;
    bool pulled_once;
    struct sp_buf enrolled;

    /* responder */
    struct sp_certified certified;
    struct sp_id enrolment;
    bool enrolling;
    struct sp_reader reader;
    void *rules_self;        /* under which holdings were made */
    uint32_t dictionary;     /* that of these rules */
    uint64_t entitled_until; /* a share of the peer's ends then; 0: none */
    sp_replica heads[SP_REPLICAS_MAX];
    uint32_t head_count;
};

/* ---- initiator and responder ------------------------------------------- */

SP_MUST_USE sp_err sp_initiator_serve(struct sp_link *l, struct sp_tx *tx);
void sp_initiator_free(struct sp_link *l);
SP_MUST_USE sp_err sp_responder_serve(struct sp_link *l, struct sp_tx *tx);
/* Seals l->out into l->frame. SP_E_TOO_LARGE: build it smaller. */
SP_MUST_USE sp_err sp_link_seal(struct sp_link *l);

/* ---- pull.c ------------------------------------------------------------ */

/* Asks for the next page; any false: there is nothing left to ask for. */
/* Whether a scope was read to its head in this exchange, or an earlier round.
 */
bool sp_pull_any_read(const struct sp_link *l);
SP_MUST_USE sp_err sp_pull_send(struct sp_link *l, struct sp_tx *tx, bool *any);
SP_MUST_USE sp_err sp_pull_take(struct sp_link *l, struct sp_tx *tx);
/* Notes how far a feed has been read (SYNC S7). */
SP_MUST_USE sp_err sp_pull_reached(struct sp_link *l, struct sp_tx *tx,
    const struct sp_pulled_scope *s, const struct sp_position *p);

/* ---- documents.c, upper.c ---------------------------------------------- */

void sp_documents_begin(struct sp_link *l, const struct sp_tx *tx);
SP_MUST_USE sp_err sp_documents_send(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_documents_take(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_documents_serve(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_upper_send(struct sp_link *l);
SP_MUST_USE sp_err sp_upper_take(struct sp_link *l, struct sp_tx *tx);
/* The staged parts replace what stood (SYNC F1): with the state that was read
 * after them, at the end of the exchange. */
SP_MUST_USE sp_err sp_upper_swap(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_upper_serve(struct sp_link *l, struct sp_tx *tx);

/* ---- words.c ------------------------------------------------------------ */

SP_MUST_USE sp_err sp_words_send(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_words_take(struct sp_link *l, struct sp_tx *tx);
/* At the end of the exchange, after the state that they speak of. */
SP_MUST_USE sp_err sp_words_end(struct sp_link *l, struct sp_tx *tx);
SP_MUST_USE sp_err sp_words_serve(struct sp_link *l, struct sp_tx *tx);

/* ---- push.c ------------------------------------------------------------ */

/* What is to be pushed: own chains (a device), all chains that the upper tier
 * is not known to have (a branch). */
SP_MUST_USE sp_err sp_push_plan(struct sp_link *l, struct sp_tx *tx);
/* Fills l->out with the next batches; none: false. */
SP_MUST_USE sp_err sp_push_build(
    struct sp_link *l, struct sp_tx *tx, bool *any);
/* Builds what follows the batch under way into l->ahead, if the only chain
 * that is being pushed is a device's. */
SP_MUST_USE sp_err sp_push_ahead(struct sp_link *l, struct sp_tx *tx);
/* Takes l->ahead as what is under way now; false: it does not fit. */
bool sp_push_early(struct sp_link *l);
/* Takes a pushed or welcome's told: frontiers, verdicts, upper, receipt. */
SP_MUST_USE sp_err sp_push_told(
    struct sp_link *l, struct sp_tx *tx, struct sp_told *told);
/* Responder: composes it for the heads of the open message; short: the first
 * point goes without replica and hash. */
SP_MUST_USE sp_err sp_push_tell(struct sp_link *l, struct sp_tx *tx,
    const struct sp_push *push, struct sp_told *out);
/* What names a verdict when it is confirmed (message.h, sp_finish). */
#define SP_ERASED_TOO 16u /* added to the kind of one that says so */
void sp_push_confirmation(const struct sp_verdict *v,
    const struct sp_id *content, struct sp_point *out);

/* ---- receipts (SYNC F4) ------------------------------------------------ */

SP_MUST_USE sp_err sp_receipt_sign(
    struct sp_link *l, struct sp_tx *tx, struct sp_told *told);
/* Checks the receipt and keeps it, whatever becomes of the exchange. */
SP_MUST_USE sp_err sp_receipt_keep(
    struct sp_link *l, struct sp_tx *tx, const struct sp_told *told);

#endif
