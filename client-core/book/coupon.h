/*
 * coupon.h - the serial of a coupon, made on a device without asking anybody.
 *
 * The device's number, five random characters and a check character, without
 * letters that look like digits: "2001-7KQ2M-X". Serials of two devices differ
 * in the number; a misread character is found before anything is looked up.
 *
 *   source   ISO 7064, the hybrid system for an alphabet of even size, here 32
 *   threads  any
 */
#ifndef CC_BOOK_COUPON_H
#define CC_BOOK_COUPON_H

#include "sp/bytes.h"

#define CC_COUPON_BYTES 24u /* with dashes and NUL */

/* random: the lower 25 bits count. */
void cc_coupon_serial(
    uint32_t device, uint32_t random, char out[CC_COUPON_BYTES]);

/* As typed, in capitals, without dashes and blanks, O and I as digits: what
 * serials are compared by. out: room for the text and a NUL. */
void cc_coupon_fold(const char *text, char *out, size_t room);
/* Whether the check character of a folded serial fits. */
bool cc_coupon_checks(const char *folded);

#endif
