/*
 * attachment.h - what a photo or document belongs to, and how its time is
 * written. Inside a call.
 */
#ifndef CC_API_ATTACHMENT_H
#define CC_API_ATTACHMENT_H

#include "book/value.h"

#include "api/call.h"

struct cc_attachment_about {
    struct sp_ref account;
    bool part; /* it is about a part of it: a visit or note */
    struct sp_ref about;
};
/* text: see satchel_attachment_new. SP_E_NOT_FOUND, SP_E_AMBIGUOUS. */
SP_MUST_USE sp_err cc_attachment_refer(
    struct cc_call *c, const char *text, struct cc_attachment_about *out);

/* The hash that a record names; false: none. */
bool cc_attachment_hash(const struct cc_value_of *of, struct sp_slice *out);

#define CC_ATTACHMENT_WHEN_BYTES 32u
#define CC_ATTACHMENT_ZONE_BYTES 8u
/* "2026-11-22 13:40:05" of the device's zone, with that mark in the date. */
void cc_attachment_when(
    uint64_t ms, char mark, char out[CC_ATTACHMENT_WHEN_BYTES]);
/* "+08:00" */
void cc_attachment_zone(uint64_t ms, char out[CC_ATTACHMENT_ZONE_BYTES]);

#endif
