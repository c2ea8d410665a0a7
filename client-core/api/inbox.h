/*
 * inbox.h - the kinds of things that wait for a person: how they are found and
 * what can be decided. Inside a call.
 */
#ifndef CC_API_INBOX_H
#define CC_API_INBOX_H

#include "book/money.h"

#include "book/value.h"
#include "book/words.h"

#include "api/call.h"

#define CC_INBOX_LINES_MAX 24u
#define CC_INBOX_TEXT      512u /* bytes of one text, cut */

struct cc_inbox_kind;

/* One thing that waits. Texts lie in the result's arena. */
struct cc_inbox_item {
    const struct cc_inbox_kind *kind;
    struct satchel_inbox_item shown;
    struct cc_money_sums money;
    int64_t rank; /* of the currency that most have; the largest is first */
    struct sp_ref ref;     /* the record; of a pair the older account */
    struct sp_ref account; /* type 0: none */
    struct sp_ref other;   /* of a pair the younger account */
    struct sp_ref issue;   /* that asks about the pair; type 0: none */
    const char *field;     /* in conflict */
    const char *value[2];  /* keys of what is shown and of the other value */
    size_t values;         /* how many there are */
    const char *tray;      /* key of a refused edit */
};

struct cc_inbox {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    uint64_t since_ms;  /* check-ins from here on */
    uint64_t asked_ms;  /* new accounts from here on; 0: nobody says */
    uint32_t user;
    size_t count, room;
    struct cc_inbox_item *item;                         /* heap */
    struct satchel_inbox_line line[CC_INBOX_LINES_MAX]; /* being made */
    size_t lines;
    bool failed;                  /* no memory for some text */
    const struct cc_index *names; /* of the accounts, where there are many */
};

/* What is being done to one. */
struct cc_inbox_deed {
    struct cc_call *call;
    const struct cc_inbox_item *item;
    const char *reason; /* may be NULL */
    struct satchel_saved *saved;
};

struct cc_inbox_decision {
    const char *name; /* NULL ends the list */
    struct cc_words label;
    bool reason; /* it needs one */
    bool note;   /* ... which becomes a note of the account */
    sp_err (*decide)(struct cc_inbox_deed *d);
    /* Command that takes it back; {entity} {id} {field} {saved}. "": none */
    const char *undo;
};

struct cc_inbox_kind {
    const char *name; /* NULL ends the list */
    struct cc_words label;
    sp_err (*list)(struct cc_inbox *box, const struct cc_inbox_kind *kind);
    struct cc_inbox_decision decision[4];
};

/* The lists, and what is decided: of what others wrote or want ... */
sp_err cc_inbox_conflicts(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_asked(struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_rejected(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_keep(struct cc_inbox_deed *d);
sp_err cc_inbox_take(struct cc_inbox_deed *d);
sp_err cc_inbox_enter(struct cc_inbox_deed *d);
sp_err cc_inbox_decline(struct cc_inbox_deed *d);
sp_err cc_inbox_resend(struct cc_inbox_deed *d);
sp_err cc_inbox_ask(struct cc_inbox_deed *d);
sp_err cc_inbox_discard(struct cc_inbox_deed *d);
/* ... and of records of the book. */
sp_err cc_inbox_duplicates(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_checkins(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_quality(struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_tasks(struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_handovers(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_exports(struct cc_inbox *box, const struct cc_inbox_kind *kind);
sp_err cc_inbox_merge(struct cc_inbox_deed *d);
sp_err cc_inbox_not_same(struct cc_inbox_deed *d);
sp_err cc_inbox_accept(struct cc_inbox_deed *d);
sp_err cc_inbox_void(struct cc_inbox_deed *d);
sp_err cc_inbox_cleared(struct cc_inbox_deed *d);
sp_err cc_inbox_comment(struct cc_inbox_deed *d);
sp_err cc_inbox_finish(struct cc_inbox_deed *d);
sp_err cc_inbox_note(struct cc_inbox_deed *d);
sp_err cc_inbox_approve(struct cc_inbox_deed *d);
sp_err cc_inbox_refuse(struct cc_inbox_deed *d);

/* Everything that waits, in order; days: as the query has them. The caller
 * frees box->item. */
SP_MUST_USE sp_err cc_inbox_make(
    struct cc_inbox *box, const char *kind, unsigned days);
/* The only one whose key begins so. SP_E_NOT_FOUND, SP_E_AMBIGUOUS. */
SP_MUST_USE sp_err cc_inbox_find(
    struct cc_inbox *box, const char *key, const struct cc_inbox_item **out);

/* ---- for the lists ------------------------------------------------------ */

/* A new item; NULL without memory. Lines that were put before are its. */
struct cc_inbox_item *cc_inbox_add(
    struct cc_inbox *box, const struct cc_inbox_kind *kind);
/* A line of the item that is added next; past the most they are left out. */
void cc_inbox_line(struct cc_inbox *box, struct cc_words label,
    const char *text_en, const char *text_zh);
/* Texts of the result; "" without memory, which fails the whole in the end. */
const char *cc_inbox_string(struct cc_inbox *box, const char *text);
const char *cc_inbox_slice(struct cc_inbox *box, struct sp_slice text);
const char *cc_inbox_text(struct cc_inbox *box, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether one of the user's roles may write that field, of whatever record. */
bool cc_inbox_may_write(
    const struct cc_inbox *box, const struct sp_entity *e, const char *field);
bool cc_inbox_may_remove(const struct cc_inbox *box, const struct sp_entity *e);
/* The account that a record is or belongs to; type 0: none. */
void cc_inbox_account_of(
    struct cc_inbox *box, const struct sp_record *view, struct sp_ref *out);

#endif
