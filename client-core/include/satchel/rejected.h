/*
 * rejected.h - my rejected changes, and what others ask a manager.
 *
 * A refused edit stays with what was typed until its author deals with it: it
 * stands in this device's journal, and in a record that the servers keep for
 * him, so that he finds it on his next device too. Nobody else has it, unless
 * he shows it to his manager.
 */
#ifndef SATCHEL_REJECTED_H
#define SATCHEL_REJECTED_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One write of a refused edit, as it was typed. */
struct satchel_typed {
    const char *field; /* name; its number when the dictionary lacks it */
    const char *label_en;
    const char *label_zh;
    const char *text;    /* exact */
    const char *text_en; /* for people */
    const char *text_zh;
    enum satchel_how how;
};
struct satchel_typed_record {
    const char *entity;
    const char *id;
    const char *title;
    bool created; /* the edit made this record */
    size_t count;
    const struct satchel_typed *typed;
};
enum satchel_tray_state {
    SATCHEL_TRAY_OPEN = 0,
    SATCHEL_TRAY_ASKED = 1,    /* shown to a manager, no answer yet */
    SATCHEL_TRAY_ENTERED = 2,  /* a manager made the edit, as his own */
    SATCHEL_TRAY_DECLINED = 3, /* a manager will not */
    /* Accepted after all, by another server, while it was sent again: it
     * may stand there twice. */
    SATCHEL_TRAY_ACCEPTED = 4
};
/* An edit that a server refused, or put off. */
struct satchel_rejected {
    const char *key; /* names it to the calls below */
    bool deferred;   /* not refused: waits; text says for what */
    uint64_t made_ms;
    uint64_t judged_ms;
    uint32_t judge; /* device number of the server */
    int code;       /* why */
    const char *name;
    const char *text_en;
    const char *text_zh;
    const char *entity; /* of the offending write; "" when it is the whole */
    const char *field;
    const char *field_label_en;
    const char *field_label_zh;
    uint32_t rule; /* number of the policy rule, 0 when none */
    enum satchel_tray_state state;
    /* It was refused only for the sake of another one, which is there by now:
     * sending it again may succeed. */
    bool sendable;
    bool here;         /* typed on this device */
    uint64_t asked_ms; /* 0: nobody was asked */
    const char *note;  /* of who asks */
    uint64_t answered_ms;
    const char *answered_by;
    const char *answer_note;
    size_t count;
    const struct satchel_typed_record *record;
};
struct satchel_rejects {
    size_t count;
    const struct satchel_rejected *rejected;
};
/* Newest first; deferred ones only when asked for. */
SATCHEL_API int satchel_rejected_list(struct satchel *s, bool deferred,
    struct satchel_rejects **out, struct satchel_error *e);
/* It disappears from the list. */
SATCHEL_API int satchel_rejected_discard(
    struct satchel *s, const char *key, struct satchel_error *e);
/*
 * Makes the same edit again, with some values typed anew, and takes it from
 * the list; both or neither.
 *   input    applies to the record with that id (NULL: to the only record of
 *            the edit); an empty text leaves out what was typed in that field.
 *            NULL to send it as it was
 */
SATCHEL_API int satchel_rejected_resend(struct satchel *s, const char *key,
    const char *id, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * Shows it to the managers who reach the user, with all that was typed: they
 * may enter it as their own edit, or decline. Both stay in the list (state)
 * until it is discarded. May be asked again after an answer.
 *   note     for the manager, up to 500 characters; may be NULL
 *   errors   SATCHEL_E_EXISTS when it is asked and not answered
 */
SATCHEL_API int satchel_rejected_ask(struct satchel *s, const char *key,
    const char *note, struct satchel_error *e);

/* What others ask this user, a manager: an edit that was refused to them. */
struct satchel_asked {
    uint32_t user; /* who asks */
    const char *author;
    /* key names it to the calls below, or a beginning of it (from 4 digits);
     * here and sendable are false. */
    struct satchel_rejected refusal;
};
struct satchel_asked_list {
    size_t count;
    const struct satchel_asked *asked;
};
/* Oldest first; all: answered ones too. */
SATCHEL_API int satchel_asked_list(struct satchel *s, bool all,
    struct satchel_asked_list **out, struct satchel_error *e);
/*
 * Makes the edit as the user's own, with some values typed anew, and answers,
 * both or neither; the refusal stands. Fields that name an author name him.
 *   id, input, count   as for satchel_rejected_resend
 *   note     for who asks; may be NULL
 *   errors   SATCHEL_E_EXISTS when somebody has answered; class policy when he
 *            may not either
 */
SATCHEL_API int satchel_asked_enter(struct satchel *s, const char *key,
    const char *id, const struct satchel_input *input, size_t count,
    const char *note, struct satchel_saved *out, struct satchel_error *e);
SATCHEL_API int satchel_asked_decline(struct satchel *s, const char *key,
    const char *note, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
