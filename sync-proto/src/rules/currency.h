/*
 * currency.h - the codes of ISO 4217: those of list one, and those that have
 * left it since 1999, in which older purchases stand. Not the two that mean no
 * currency (XTS, XXX). A table, not a file of the machine, so that a device and
 * a server that judge one amount say the same; a test holds it against Debian's
 * iso-codes.
 *
 *   threads  any      source  ISO 4217:2015, list one as of amendment 177
 */
#ifndef SP_RULES_CURRENCY_H
#define SP_RULES_CURRENCY_H

#include <stdbool.h>

#include "sp/bytes.h"

bool sp_currency_known(struct sp_slice code);
/* Digits behind the point; 2 for a code that is none. */
unsigned sp_currency_digits(struct sp_slice code);

#endif
