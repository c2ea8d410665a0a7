/*
 * phone.h - telephone numbers as they are compared, searched and shown; what
 * is valid and how it is stored is the business of sp/phone.h.
 *
 *   threads  any
 *   source   ITU-T E.123 (how numbers are written), E.164 (country codes)
 */
#ifndef CC_BOOK_PHONE_H
#define CC_BOOK_PHONE_H

#include "sp/dictionary.h"

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

/* ---- for people ---------------------------------------------------------- */

/* Whose numbers people type without a prefix (sp/phone.h). */
#define CC_PHONE_HOME        "CN"
#define CC_PHONE_SHOWN_BYTES 40u

/* A country as whose numbers can be shown, of ISO 3166-1 ("CN"), static; NULL
 * when how it writes them is not known here. */
const char *cc_phone_home(const char *country);
/* Those countries, "CN, DE, ..."; static. */
const char *cc_phone_homes(void);

/*
 * An E.164 number as people in a country write it: there "138 1234 5678",
 * "010-6234 5678", "0755-8234 5678", "400-820-8820", elsewhere
 * "+86 138 1234 5678". What national numbering plan a country has is known of
 * some; of others the country code is set apart alone.
 *   home     of cc_phone_home
 *   returns  bytes in out; 0, and out empty, when it is no E.164 number: that
 *            one stays as it was typed
 */
size_t cc_phone_show(
    struct sp_slice stored, const char *home, char out[CC_PHONE_SHOWN_BYTES]);

/* A value as sp_dictionary_format_value writes it, in forms for people its
 * telephones as cc_phone_show does, in groups too. home NULL: as stored. */
void cc_phone_put_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, const char *home, struct sp_buf *out);

#endif
