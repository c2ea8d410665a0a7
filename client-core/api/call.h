/*
 * call.h - what the files of the api share: the open store, and one call on
 * it.
 *
 * A call is one transaction. Functions below a call return sp_err and leave
 * words about it in the call's detail; cc_call_end commits or aborts, and
 * tells the caller.
 */
#ifndef CC_API_CALL_H
#define CC_API_CALL_H

#include "satchel.h"

#include "replica/replica.h"
#include "say/say.h"

struct satchel {
    struct cc_replica replica;
};

struct cc_call {
    struct satchel *s;
    struct satchel_error *e; /* may be NULL */
    struct sp_tx tx;
    bool write;
    const struct sp_dictionary *dictionary;
    char detail[SATCHEL_DETAIL_BYTES];
    /* the title that was looked up last; visits of one account follow */
    struct sp_ref titled;
    char *title; /* tx.arena */
};

/* Returns 0, or tells the caller why not. */
int cc_call_begin(
    struct cc_call *c, struct satchel *s, bool write, struct satchel_error *e);
/* err SP_OK: commits a write. Returns what the api function returns. */
int cc_call_end(struct cc_call *c, sp_err err);
/* The same, and hands a result over (out: address of the caller's pointer) or
 * frees it. */
int cc_call_give(struct cc_call *c, sp_err err, void *result, void *out);
/* Sets the detail, in the thread's language (say/say.h), and returns err. */
sp_err cc_call_say(struct cc_call *c, sp_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* By name; the detail lists those that there are. SP_E_UNKNOWN_FIELD. */
SP_MUST_USE sp_err cc_call_entity(
    struct cc_call *c, const char *name, const struct sp_entity **out);
/* What an entity is called in a sentence: in Chinese its label, in English its
 * name, which is a word there. Borrowed from the dictionary. */
struct sp_slice cc_call_named(const struct sp_entity *e);
/*
 * Views of all records of an entity, in id order, for who asks only what they
 * show: contexts and sequences may be zero, and stamps save user and time of
 * entities that have a title (replica/facts.h). Who asks by whom or when a
 * field of another one was written takes sp_state_walk. after    NULL, or the
 * id after which to go on errors   those of sp_state_walk; SP_E_NOT_FOUND from
 * each ends the walk
 */
SP_MUST_USE sp_err cc_call_walk(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg);
/* In the tx's arena. NULL without memory. */
char *cc_call_text(struct cc_call *c, struct sp_slice text);

#endif
