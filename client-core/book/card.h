/*
 * card.h - a contact as a vCard, and vCards read.
 *
 * Lines end with CRLF and are folded at 75 bytes, between characters. Written:
 * FN, N, ORG, TITLE, TEL, EMAIL, ADR, GEO, UID, and how a Chinese name sounds
 * (X-PHONETIC-LAST-NAME, X-PHONETIC-FIRST-NAME; of a character with several
 * readings the first). A birthday is BDAY when other programs read it as it
 * is; by the lunar calendar it is no date of theirs and stands in
 * X-SATCHEL-LUNAR-BIRTHDAY ("1980-08-15", "--08-15", "1980-04-10;leap"), and
 * in 3.0, which has no date without a year, in X-SATCHEL-BIRTHDAY ("--02-29").
 *
 *   threads  any
 *   source   RFC 2426 (3.0), RFC 6350 (4.0)
 */
#ifndef CC_BOOK_CARD_H
#define CC_BOOK_CARD_H

#include "book/words.h"
#include "sp/id.h"

#define CC_CARD_LINE_BYTES 75u
#define CC_CARD_VALUES_MAX 10u  /* telephones, addresses of one card */
#define CC_CARD_TEXT_BYTES 512u /* of one value that is read */
#define CC_CARD_BYTES_MAX                                                      \
    65536u /* of one card, without what is passed over                         \
            */
#define CC_CARD_FILE_MAX (64u * 1024u * 1024u)

struct cc_card_value {
    struct sp_slice text;
    struct sp_slice label; /* "work"; may be empty */
};

struct cc_card_birthday {
    unsigned year, month, day; /* month 0: none; year 0: not known */
    bool lunar, leap;          /* leap: of the leap month */
};

/* What a card says; empty slices: nothing. Borrowed. */
struct cc_card {
    struct sp_slice uid, name, org, title;
    struct sp_slice street, city, province, post_code, country;
    struct sp_slice mark; /* X-SATCHEL-EXPORT: who took it out */
    struct cc_card_birthday birthday;
    bool placed;
    int64_t latitude_e7, longitude_e7;
    uint32_t accuracy_m; /* read alone, of 4.0 (RFC 5870, u=); 0: not known */
    size_t phones, emails;
    struct cc_card_value phone[CC_CARD_VALUES_MAX];
    struct cc_card_value email[CC_CARD_VALUES_MAX];
};

/* version: 3 or 4. Errors latch. */
void cc_card_put(const struct cc_card *card, int version, struct sp_buf *out);

/* Appends text of a line that may be long: escaped. Folding is of whole
 * lines. */
void cc_card_put_line(
    const char *name, struct sp_slice escaped, struct sp_buf *out);
void cc_card_escape(struct sp_slice text, struct sp_buf *out);
/* "-31.2304000" of 1e-7 degrees; returns how long it is. */
size_t cc_card_degrees(char *out, size_t room, int64_t e7);

/*
 * Reads the next card of a file. Pictures and whatever else is not kept are
 * passed over, however long; values in quoted-printable (2.1, as telephones
 * write them) are read too. A mark of UTF-8 at the beginning is skipped.
 *   in       what is left; moves behind the card
 *   room     holds its texts, unfolded and unescaped; ceiling
 *            2 * CC_CARD_BYTES_MAX
 *   line     of the file, counted on to the card's last
 *   out      of a refused card as much of it as was read
 *   errors   SP_E_NOT_FOUND (no more), SP_E_NOMEM. SP_E_MALFORMED (it does not
 *            end: the next begins, or the file is over), SP_E_TOO_LARGE (over
 *            CC_CARD_BYTES_MAX, or more than CC_CARD_VALUES_MAX of one kind),
 *            SP_E_VALUE (not UTF-8, no name): in is behind this card, so the
 *            next can be read
 */
SP_MUST_USE sp_err cc_card_read(struct sp_slice *in, struct sp_buf *room,
    uint64_t *line, struct cc_card *out);

/* What one of these three says of a card. Static. */
struct cc_words cc_card_fault(sp_err err);

#endif
