/*
 * show.h - a record as the api gives it out: texts for people, who wrote what
 * when, conflicts. Inside a call; results lie in the arena given.
 */
#ifndef CC_API_SHOW_H
#define CC_API_SHOW_H

#include "api/call.h"

/* view: of sp_state_view, with its count of own unresolved writes.
 * SP_E_NOMEM, SP_E_IO. */
SP_MUST_USE sp_err cc_show_record(struct cc_call *c,
    const struct sp_record *view, uint32_t unresolved, struct sp_arena *a,
    struct satchel_record *out);

/* Records of what is in memory: number, title, first phone and territory. What
 * is the same for all of a list stands once. */
#define CC_SHOW_COLUMNS 4u
struct cc_show_brief {
    struct cc_call *call;
    const struct cc_index *index;
    struct sp_arena *arena; /* of the result */
    bool borrows; /* its texts are the index's: it ends before the call does */
    const struct sp_field *parent; /* or NULL */
    const char *entity;
    struct satchel_field column[CC_SHOW_COLUMNS]; /* name NULL: none */
};
SP_MUST_USE sp_err cc_show_brief(struct cc_call *c,
    const struct sp_entity *entity, const struct cc_index *x,
    struct sp_arena *a, struct cc_show_brief *out);
SP_MUST_USE sp_err cc_show_entry(const struct cc_show_brief *b,
    const struct cc_entry *e, struct satchel_record *out);

/* One field; count 0 when it has no value. */
SP_MUST_USE sp_err cc_show_field(struct cc_call *c,
    const struct sp_record *view, const struct sp_field *f, struct sp_arena *a,
    struct satchel_field *out);

/* The field "deleted" where somebody wrote to a record that another deleted
 * (SYNC M4): value[0] says which it is. count 0 when that is not so. */
SP_MUST_USE sp_err cc_show_deletion(struct cc_call *c,
    const struct sp_record *view, struct sp_arena *a,
    struct satchel_field *out);

/* Who wrote it, on which device, when, and whether a server has judged it:
 * all of a value but its texts. SP_E_NOMEM. */
SP_MUST_USE sp_err cc_show_stamp(struct cc_call *c,
    const struct sp_stamp *stamp, struct sp_arena *a,
    struct satchel_value *out);

enum cc_show_form { CC_SHOW_EXACT, CC_SHOW_EN, CC_SHOW_ZH };
/* A value as text; names for users, titles for references (not EXACT). NULL
 * without memory. */
const char *cc_show_value(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, enum cc_show_form form, struct sp_arena *a);

const char *cc_show_kind(enum sp_value_kind kind); /* "str" */

/* Names a sibling to satchel_conflict_choose. */
#define CC_SHOW_KEY_BYTES 40u
void cc_show_key(char out[CC_SHOW_KEY_BYTES], const struct sp_dot *dot);

#endif
