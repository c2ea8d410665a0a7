/*
 * again.h - a refused edit made again: by its author, or by somebody to whom
 * he showed it, with some values typed anew. Inside a call.
 */
#ifndef CC_API_AGAIN_H
#define CC_API_AGAIN_H

#include "api/tray.h"

struct cc_again {
    struct cc_call *call;
    const struct cc_tray_item *item;
    /* What is typed anew goes to the record with that id, or a beginning of
     * it; NULL: the only record of the edit. */
    const char *id;
    const struct satchel_input *input;
    size_t count;
    bool used; /* out: that record was there */
};

/*
 * The changes as they would be made now, by the user of this device: records
 * that the edit made get new ids (SYNC J8), references follow records that
 * were made anew before, author fields name the user.
 *   input   an empty value leaves the field out that the edit wrote
 *   out     item->commit.count of them, tx arena
 *   errors  SP_E_NOT_FOUND (a record is not here), SP_E_ARGUMENT (whose values
 *           were typed anew), those of cc_typed_add; with a detail
 */
SP_MUST_USE sp_err cc_again_changes(
    struct cc_again *g, struct sp_draft_change *out);
/* Whether a refusal for another one's sake would no longer be one: what it is
 * about is here now. */
SP_MUST_USE sp_err cc_again_sendable(
    struct cc_call *c, const struct cc_tray_item *item, bool *out);

#endif
