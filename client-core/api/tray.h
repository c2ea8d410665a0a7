/*
 * tray.h - refused edits as this device knows them: from its own journal, and
 * from the records that servers make of them (sp/tray.h), each edit once.
 * Inside a call.
 */
#ifndef CC_API_TRAY_H
#define CC_API_TRAY_H

#include "api/call.h"

#include "sp/tray.h"

/* One refusal. Everything lies in the arena that it was loaded into. */
struct cc_tray_item {
    struct sp_id id; /* the commit's content id: of the records too */
    /* replica, n, time and contexts are the journal's, else 0 and empty. */
    struct sp_commit commit;
    uint64_t made_ms; /* when it was typed */
    struct sp_slice content;
    struct sp_dot dot; /* names it: replica and number */
    struct sp_verdict verdict;
    uint64_t created; /* bit i: change i made its record */
    bool local;       /* it stands in this device's journal */
    bool recorded;    /* its record is here */
    bool disposed;
    bool resent;    /* disposed of by sending it again */
    bool withdrawn; /* accepted after all */
    /* What was asked and answered; asked_ms 0: nothing. */
    uint32_t author;
    uint64_t asked_ms;
    struct sp_slice note;
    enum sp_tray_answer answer; /* to the asking of asked_ms; 0: none */
    uint64_t answered_ms;
    uint32_t answered_by;
    struct sp_slice answer_note;
};

/* Whether it is to be shown: not dealt with, or accepted after all although it
 * was sent again. */
bool cc_tray_listed(const struct cc_tray_item *item);
/* Whether all changes of a commit are to the tray's own entities. */
bool cc_tray_only(const struct cc_call *c, const struct sp_commit *commit);

struct cc_tray_wanted {
    bool deferred; /* also what was put off */
    bool whole;    /* content and created too, which take some looking */
};
/* The user's own refusals, listed or not, each once. item is valid during the
 * call. */
SP_MUST_USE sp_err cc_tray_walk(struct cc_call *c, struct cc_tray_wanted wanted,
    sp_err (*each)(void *arg, const struct cc_tray_item *item), void *arg);
/* One that is refused and listed, by the text of its dot (cc_show_key).
 * SP_E_NOT_FOUND with a detail. */
SP_MUST_USE sp_err cc_tray_find(struct cc_call *c, const char *key,
    struct sp_arena *a, struct cc_tray_item *out);
/* How many of the user's refusals are listed. */
SP_MUST_USE sp_err cc_tray_count(struct cc_call *c, uint64_t *out);

/* What others ask this user, answered or not. */
SP_MUST_USE sp_err cc_tray_asked_walk(struct cc_call *c,
    sp_err (*each)(void *arg, const struct cc_tray_item *item), void *arg);

/* Says that its author has dealt with it: here, and in its record. */
SP_MUST_USE sp_err cc_tray_dispose(struct cc_call *c,
    const struct cc_tray_item *item, enum sp_tray_disposed how);
/* Says it in records that came after the author had; any: there are some. In a
 * call that only reads nothing is written. */
SP_MUST_USE sp_err cc_tray_dispose_late(struct cc_call *c, bool *any);

#endif
