/*
 * here.h - what this device holds of the organisation, and as of when. Inside
 * a call.
 */
#ifndef CC_API_HERE_H
#define CC_API_HERE_H

#include "book/cover.h"

#include "api/call.h"

struct cc_here {
    struct cc_cover cover;
    uint64_t as_of_ms; /* the last sync, with whatever server; 0: never */
};

/* Valid as long as the call. Those of sp_node_status. */
SP_MUST_USE sp_err cc_here(struct cc_call *c, struct cc_here *out);

/* as_of_ms alone. Those of sp_node_status. */
SP_MUST_USE sp_err cc_here_as_of(struct cc_call *c, uint64_t *out);

#endif
