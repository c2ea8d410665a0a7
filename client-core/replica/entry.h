/*
 * entry.h - what is kept of a record so that people find it: what it is
 * called, its number, telephones, place, where it belongs, whose it is, and how
 * often it is visited. Made of the record as its user sees it; packed for the
 * summary (replica/summary.h) and for memory (replica/index.h) alike.
 *
 *   packed   bytes u16 | flags u16 | id 16 | [parent 16] | [into 16] |
 *            [latitude i32, longitude i32 in 1e-7 degrees] | [owner u32] |
 *            [days u16] | title | number | territory | phone | [folded] | hay |
 *            [facts]
 *
 * big-endian; texts end with NUL; folded is left out when it is the title;
 * hay is of book/search.h, facts of replica/facts.h. A text is cut at
 * CC_ENTRY_TEXT_MAX bytes, hay at the last line that fits CC_ENTRY_HAY_MAX.
 *
 *   threads  any
 */
#ifndef CC_REPLICA_ENTRY_H
#define CC_REPLICA_ENTRY_H

#include "sp/dictionary.h"

#include "book/geo.h"

#define CC_ENTRY_VERSION   4u /* of the packed form */
#define CC_ENTRY_TEXT_MAX  1024u
#define CC_ENTRY_HAY_MAX   4096u
#define CC_ENTRY_BYTES_MAX 11264u /* packed */

/* Texts are offsets into the bytes that it was unpacked from. */
struct cc_entry {
    struct sp_id id;
    struct sp_id parent;
    struct sp_id into; /* merged into that one; zero: it is itself */
    int32_t latitude, longitude;
    uint32_t owner;      /* 0: nobody */
    uint16_t cycle_days; /* of its visits; 0: none of its own */
    uint32_t title, number, territory;
    uint32_t phone;  /* the first one */
    uint32_t folded; /* title, folded */
    uint32_t hay;    /* all that is searched */
    uint32_t facts;  /* no text, but facts_bytes of them; 0: none */
    uint16_t facts_bytes;
    bool deleted;
    bool conflict; /* a field, or whether it is deleted, has several values */
    bool placed;   /* it has a latitude and a longitude */
};

/* Records that people find by name have two entries, since a list of names
 * should not open what only a few ask: one with all but facts, and one with
 * facts alone. All others have one with both. */
enum cc_entry_form { CC_ENTRY_NAMED, CC_ENTRY_FACTS };

/* Makes entries of one entity; heap. */
struct cc_entry_maker;
struct cc_entry_maker *cc_entry_maker_new(
    const struct sp_entity *entity, enum cc_entry_form form);
void cc_entry_maker_free(struct cc_entry_maker *m);

/* Appends the packed entry of a record. SP_E_NOMEM; others latch in out. */
SP_MUST_USE sp_err cc_entry_pack(
    struct cc_entry_maker *m, const struct sp_record *view, struct sp_buf *out);
/*
 * Unpacks the entry at *at and moves *at behind it.
 *   errors   SP_E_CORRUPT
 */
SP_MUST_USE sp_err cc_entry_unpack(
    struct sp_slice packed, size_t *at, struct cc_entry *out);
/* The id of a packed entry, and its bytes; SP_E_CORRUPT. */
SP_MUST_USE sp_err cc_entry_peek(
    struct sp_slice packed, size_t at, struct sp_id *id, size_t *bytes);

/* The field that names a record of this entity, or NULL; its number field. */
const struct sp_field *cc_entry_title_field(const struct sp_entity *e);
const struct sp_field *cc_entry_number_field(const struct sp_entity *e);

#endif
