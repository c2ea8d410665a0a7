/*
 * address.h - a postal address on one line, in the order in which people of
 * its country write it.
 *
 *   China and its neighbours, in ideographs: from large to small, without
 *           gaps; the post code at the end
 *   elsewhere: from small to large, with commas; the post code before the
 *           city, or behind city and province where that is the custom
 *   source  Universal Postal Union, addressing solutions by country
 *   threads any
 */
#ifndef CC_BOOK_ADDRESS_H
#define CC_BOOK_ADDRESS_H

#include "book/value.h"

/* Parts may be empty; country is of ISO 3166-1, two letters. */
struct cc_address {
    struct sp_slice country, province, city, district, street, post_code;
};

/* What a group of a record says, with parts of these names; borrowed. */
void cc_address_of(
    const struct cc_value_of *of, const char *field, struct cc_address *out);

/* Appends the line; nothing when all parts are empty. The country stands there
 * in ideographs only where it is not a Chinese one. */
void cc_address_line(const struct cc_address *a, struct sp_buf *out);

#endif
