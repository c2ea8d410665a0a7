/*
 * said.h - what somebody says now, as a group of a time and a text is typed.
 */
#ifndef CC_API_SAID_H
#define CC_API_SAID_H

#include "api/call.h"

/* "at=2026-03-04T05:06:07Z; NAME=TEXT"; signs of that form are kept as text.
 * Valid until the tx ends; NULL without memory. */
const char *cc_said_text(struct cc_call *c, const char *name, const char *text);

#endif
