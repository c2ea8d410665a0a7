/*
 * duplicate.h - whether two customers may be one, and why.
 *
 * The same on the device before saving, in an import, and in the weekly scan:
 * the same name (case, width, blanks, signs and traditional characters do not
 * count), a name that can sound the same, a telephone number in common, or
 * places within CC_DUPLICATE_METRES. Each is a reason to look, none is proof.
 *
 *   threads  any
 */
#ifndef CC_BOOK_DUPLICATE_H
#define CC_BOOK_DUPLICATE_H

#include "book/geo.h"
#include "book/phone.h"

#define CC_DUPLICATE_METRES     100u
#define CC_DUPLICATE_PHONES_MAX 16u

/* What is known of one; borrowed. */
struct cc_duplicate_card {
    struct sp_slice name; /* folded (book/fold.h); empty: not known */
    size_t phones;        /* at most CC_DUPLICATE_PHONES_MAX */
    const char *phone[CC_DUPLICATE_PHONES_MAX]; /* of cc_phone_key, none "" */
    bool placed;
    struct cc_geo place;
};

enum cc_duplicate_reason { /* bits */
    CC_DUPLICATE_NAME = 1,
    CC_DUPLICATE_SOUND = 2,
    CC_DUPLICATE_PHONE = 4,
    CC_DUPLICATE_NEAR = 8
};

struct cc_duplicate {
    unsigned reasons; /* 0: nothing in common */
    uint64_t metres;  /* between them, with CC_DUPLICATE_NEAR */
    unsigned score;   /* the more, the likelier; only for putting in order */
};

/* Whether a character of a folded text tells names apart: no blank or sign. */
bool cc_duplicate_counts(uint32_t character);
/* Names that count as the same have the same hash, most others another; 0: it
 * says nothing. name: folded; characters: how many counted, or NULL. */
uint64_t cc_duplicate_hash(struct sp_slice name, size_t *characters);

/* Compares two. Returns whether there is a reason. */
bool cc_duplicate_compare(const struct cc_duplicate_card *a,
    const struct cc_duplicate_card *b, struct cc_duplicate *out);

#endif
