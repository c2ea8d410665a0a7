/*
 * phone.h - typed phone numbers to E.164.
 *
 * Only what is certain is changed: an international prefix, an 11-digit
 * Chinese mobile. Landlines without a country, service numbers and extensions
 * stay as they were typed, because a guessed country rings a stranger.
 */
#ifndef SP_PHONE_H
#define SP_PHONE_H

#include "sp/bytes.h"

#define SP_PHONE_TYPED_MAX  64u /* bytes of a number kept as typed */
#define SP_PHONE_DIGITS_MIN 3u  /* of such a number */
#define SP_PHONE_BYTES      17u /* "+", up to 15 digits, NUL */

/* Writes "+8613812345678" and NUL; false when the text is no such number. */
bool sp_phone_normalise(struct sp_slice text, char out[SP_PHONE_BYTES]);
/* Whether text is exactly "+" and 7 to 15 digits, the first not 0. */
bool sp_phone_valid(struct sp_slice text);

#endif
