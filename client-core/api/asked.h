/*
 * asked.h - refused edits that others show this user, as parts of a call.
 */
#ifndef CC_API_ASKED_H
#define CC_API_ASKED_H

#include "api/tray.h"

/* As satchel_asked_list gives them. out: of cc_result_new. */
SP_MUST_USE sp_err cc_asked_gather(
    struct cc_call *c, bool all, struct satchel_asked_list *out);

/* As satchel_asked_enter and satchel_asked_decline say. */
struct cc_asked_answer {
    const char *key;
    enum sp_tray_answer how;
    const char *note; /* may be NULL */
    const char *id;
    const struct satchel_input *input;
    size_t count;
    struct satchel_saved *saved; /* may be NULL */
};
SP_MUST_USE sp_err cc_asked_answer(
    struct cc_call *c, const struct cc_asked_answer *answer);

#endif
