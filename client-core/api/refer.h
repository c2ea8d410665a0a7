/*
 * refer.h - which record, person or title a person means. Inside a call.
 */
#ifndef CC_API_REFER_H
#define CC_API_REFER_H

#include "api/call.h"

/*
 * The record of an entity that a reference names (satchel.h, "records").
 *   errors  SP_E_NOT_FOUND, SP_E_AMBIGUOUS (the detail lists candidates)
 */
SP_MUST_USE sp_err cc_refer_record(struct cc_call *c,
    const struct sp_entity *entity, const char *text, struct sp_ref *out);

/* The same with the entity by its name. */
SP_MUST_USE sp_err cc_refer_named(struct cc_call *c, const char *entity,
    const char *text, const struct sp_entity **known, struct sp_ref *out);

/* The same, without going on from a record that was merged into another. */
SP_MUST_USE sp_err cc_refer_exact(struct cc_call *c,
    const struct sp_entity *entity, const char *text, struct sp_ref *out);

/* A user by number, login, name, or "me". SP_E_NOT_FOUND, SP_E_AMBIGUOUS. */
SP_MUST_USE sp_err cc_refer_user(
    struct cc_call *c, struct sp_slice text, uint32_t *out);

/* What a record is called: its title or number, else "". Valid until the next
 * call. */
const char *cc_refer_title(struct cc_call *c, const struct sp_ref *ref);
/* The same of a record at hand. */
const char *cc_refer_title_of(struct cc_call *c, const struct sp_record *r);
/* Name of a user, else the number; in the tx's arena. */
const char *cc_refer_user_name(struct cc_call *c, uint32_t user);

/* The value of a field that is shown; empty slice when there is none. */
struct sp_slice cc_refer_shown(
    const struct sp_record *r, const struct sp_field *f);
bool cc_refer_deleted(const struct sp_record *r);
/* The record that it belongs to, as that one is now; false when none is
 * named. */
bool cc_refer_parent(
    struct cc_call *c, const struct sp_record *r, struct sp_ref *out);

#endif
