/*
 * phone.h - telephone numbers as they are compared and searched; what is valid
 * and how it is stored is the business of sp/phone.h.
 *
 *   threads  any
 */
#ifndef CC_BOOK_PHONE_H
#define CC_BOOK_PHONE_H

#include "sp/bytes.h"

#define CC_PHONE_KEY_BYTES  24u /* with NUL */
#define CC_PHONE_DIGITS_MIN 7u  /* of a number that tells one from another */
#define CC_PHONE_PART_MIN   3u  /* digits that are worth searching */

/*
 * What two ways of writing one number have in common: its digits without
 * international prefix, without China's country code and without the zero in
 * front of an area code; an extension is left out. "+86 21 6234 5678",
 * "0086-21-62345678" and "０２１ 6234 5678 转 3" are "2162345678".
 *
 *   typed    UTF-8, also a stored value's text
 *   returns  its digits; 0, and out empty, when it has fewer than
 *            CC_PHONE_DIGITS_MIN or more than 15
 */
size_t cc_phone_key(struct sp_slice typed, char out[CC_PHONE_KEY_BYTES]);

/* The same of digits alone, however many: a part of a number that somebody
 * searches. out: digits.size + 1 bytes. */
size_t cc_phone_part(struct sp_slice digits, char *out);

/* Whether a folded text is nothing but digits and the signs between them. */
bool cc_phone_like(struct sp_slice folded);

#endif
