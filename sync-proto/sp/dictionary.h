/*
 * dictionary.h - what entities and fields there are, and what a value of a
 * field may be. The engine knows no customer and no visit; all of that is
 * data: a signed document (SP_DOC_DICTIONARY) whose body is decoded here.
 *
 * Encoded values, by kind (canonical MessagePack; nil clears any field that is
 * not required, and removes a member of a set):
 *   str        str, trimmed, at most max characters, one line unless lines
 *   uint, int  integer in low..high
 *   bool       bool
 *   enum       uint, the option's number
 *   phone      str "+8613812345678" (E.164), or array [str] when it could not
 *              be normalised: kept as typed, and marked by that
 *   date       int, days since 1970-01-01 (proleptic Gregorian)
 *   ts         array [uint UTC ms since 1970, str IANA zone, "" when unknown]
 *   geo        array [int latitude, int longitude, uint accuracy m], in 1e-7
 *   money      array [int minor units, str ISO 4217 code]
 *   group      array of its parts' values in order, nil for an absent part,
 *              none at the end
 *   ref        bin 16, record id of an entity of type target (0: any)
 *   user       uint, user number of the roster
 *   territory  str, code of a territory of the roster
 *   bytes      bin of 1 to max bytes; programs write it, nobody types it
 *
 * A field that is a set (or APP: a set from which nothing is removed) has one
 * register a member. The key's element is sp_dictionary_element of the value,
 * the register's value is the member itself, or nil when it was removed. A
 * counter (CNT) has one register a commit, whose value is what that adds.
 */
#ifndef SP_DICTIONARY_H
#define SP_DICTIONARY_H

#include "sp/limits.h"
#include "sp/merge.h"

/* Append only: the numbers are in documents. */
enum sp_value_kind {
    SP_VALUE_STR = 1,
    SP_VALUE_UINT = 2,
    SP_VALUE_INT = 3,
    SP_VALUE_BOOL = 4,
    SP_VALUE_ENUM = 5,
    SP_VALUE_PHONE = 6,
    SP_VALUE_DATE = 7,
    SP_VALUE_TS = 8,
    SP_VALUE_GEO = 9,
    SP_VALUE_MONEY = 10,
    SP_VALUE_GROUP = 11,
    SP_VALUE_REF = 12,
    SP_VALUE_USER = 13,
    SP_VALUE_TERRITORY = 14,
    SP_VALUE_BYTES = 15
};

#define SP_DICTIONARY_NAME_MAX   40u /* bytes of an identifier */
#define SP_DICTIONARY_LABEL_MAX  120u
#define SP_DICTIONARY_FIELDS_MAX 512u /* of one entity; options of one enum */
#define SP_DICTIONARY_PARTS_MAX  16u
#define SP_DICTIONARY_TEAM_MAX   24u /* members of a field that makes scopes */
#define SP_DICTIONARY_REACH_MAX  29u /* members of team and shares together */
#define SP_DICTIONARY_BYTES_MAX  16000u /* of a field of kind bytes */

/* What an entity is to My rejected changes (sp/tray.h); at most one entity of
 * each in a dictionary. */
enum sp_tray_part {
    SP_TRAY_NONE = 0,
    SP_TRAY_REJECTED = 1, /* a refusal, with what was typed */
    SP_TRAY_ASKED = 2     /* what its author shows to a manager */
};

/* How a field that nobody writes (DRV) is made of another field of its
 * record. Append only: the numbers are in documents. */
enum sp_derive {
    SP_DERIVE_NONE = 0,
    SP_DERIVE_MASK_TAIL = 1, /* text with all but its last characters hidden */
    SP_DERIVE_PART = 2,      /* one part of a group */
    SP_DERIVE_YEAR = 3,      /* the year of a date or a time, as an integer */
    SP_DERIVE_COPY = 4       /* the value itself, while the consent stands */
};

struct sp_option {
    uint16_t number;
    struct sp_slice name;
    struct sp_slice label_en;
    struct sp_slice label_zh;
};

struct sp_field {
    uint16_t number; /* of the entity, never reused; parts: 1, 2, ... */
    struct sp_slice name;
    struct sp_slice label_en;
    struct sp_slice label_zh;
    enum sp_value_kind kind; /* of one member, when set */
    enum sp_merge_kind merge;
    uint8_t sensitivity; /* P0..P4 */
    bool set;            /* one register a member (SET, APP) */
    bool required;
    bool once;    /* written once only (IMM) */
    bool lines;   /* str: newlines allowed */
    bool retired; /* still readable, no longer written */
    bool tree;    /* ref to a record of its own entity: no record comes back to
                     itself that way (SYNC M7) */
    bool hidden;  /* no form asks for it and no page shows it; what stands in
                     it stays, and is synced as before */
    bool share;   /* set of groups, user and last day: the record is in that
                     person's scope up to then. One an entity */
    /* Serials of the editions since when it is retired, required; 0: it always
     * was. Commits of before are judged as of their day. */
    uint32_t retired_since;
    uint32_t required_since;
    uint16_t was;      /* the retired field that it takes over from, 0 none */
    uint16_t needs;    /* the consent without which no value is written, and
                          without which what is derived does not stand: a DENY
                          group of this entity that begins with an enum, whose
                          first option is the yes; 0 none */
    uint8_t authority; /* AUTH: who settles (enum sp_authority) */
    uint32_t max;      /* str: characters; bytes: bytes */
    uint32_t members_max; /* set: members; CNT: increments */
    int64_t low, high;    /* uint, int, money's minor units; CNT: the total */
    uint16_t target;      /* ref: entity number, 0 any */
    enum sp_derive derive;
    uint16_t source;   /* DRV: field that it is made of */
    uint16_t argument; /* MASK_TAIL: characters shown; PART: its number */
    uint32_t option_count;
    const struct sp_option *option; /* enum; sorted by number */
    uint32_t part_count;
    const struct sp_field *part; /* group; never set or group themselves */
};

struct sp_entity {
    uint16_t number;
    struct sp_slice name;
    struct sp_slice label_en;
    struct sp_slice label_zh;
    uint8_t lane;           /* 0 is sent first; below 8 */
    bool evidence;          /* SYNC J4 */
    enum sp_tray_part tray; /* its fields are those of sp/tray.h */
    uint16_t parent;    /* ref field to the record that it belongs to, or 0 */
    uint16_t author;    /* user field whose person scope it is in, or 0; it can
                           only be set to the commit's own user */
    uint16_t territory; /* territory field that makes the own scope, or 0 */
    uint16_t owner;     /* user field, own scope when there is no territory;
                           beside a parent its person scope comes in addition,
                           and is the own scope of a record without parent */
    uint16_t team;      /* set of users whose person scopes it is in, or 0;
                           beside a parent only with an owner */
    uint16_t forward;   /* tree field, or 0: while it names a record, this one
                           belongs to that one and has its scopes: two records
                           were found to be one */
    bool catalogue;     /* what no field gives a place is in the catalogue */
    uint16_t branch;    /* of a catalogue: str field with the unit whose
                           catalogue that is, or 0; else the organisation's */
    bool succeeds;      /* some field takes over from another */
    bool derives;       /* some field is derived */
    bool withholds;     /* some of them stands by consent alone */
    uint16_t share;     /* the field that shares it with people, or 0 */
    uint32_t field_count;
    const struct sp_field *field; /* sorted by number */
};

/* At all times: entities sorted by number, by_type[t] is an entity's index
 * plus one, 0 when there is no entity t. Immutable; any thread. */
struct sp_dictionary {
    uint32_t entity_count;
    const struct sp_entity *entity;
    uint16_t by_type[SP_TYPE_MAX + 1];
};

/*
 * Reads the body of a dictionary document.
 *   body    names and labels point into it: it must live as long as out
 *   arena   holds everything else
 *   errors  SP_E_DOCUMENT (numbers not ascending, unknown kind, a parent that
 *           is no ref field, ...), SP_E_TRUNCATED, SP_E_MALFORMED,
 *           SP_E_TOO_LARGE, SP_E_NOMEM; out untouched
 */
SP_MUST_USE sp_err sp_dictionary_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_dictionary *out);
/* The body of a document; by_type is not looked at. Errors latch in out. */
void sp_dictionary_encode(const struct sp_dictionary *d, struct sp_buf *out);

/* Whether a field may be a share as it stands in an entity with this team
 * field (NULL: none). */
bool sp_dictionary_shares(
    const struct sp_field *f, const struct sp_field *team);
/* The person and the last day (UTC, since 1970) that a member of a share names.
 * False: the element is none. */
bool sp_dictionary_share_read(
    struct sp_slice element, uint32_t *user, int64_t *last_day);

/* NULL when there is none. Numbers: about 20 ns; names: one pass. */
const struct sp_entity *sp_dictionary_entity(
    const struct sp_dictionary *d, uint16_t type);
const struct sp_entity *sp_dictionary_entity_named(
    const struct sp_dictionary *d, struct sp_slice name);
/* The entity that plays this part (not NONE). */
const struct sp_entity *sp_dictionary_entity_tray(
    const struct sp_dictionary *d, enum sp_tray_part part);
const struct sp_field *sp_dictionary_field(
    const struct sp_entity *e, uint16_t number);
const struct sp_field *sp_dictionary_field_named(
    const struct sp_entity *e, struct sp_slice name);
/* NULL when the dictionary lacks the option; shown as its number then. */
const struct sp_option *sp_dictionary_option(
    const struct sp_field *f, uint64_t number);

/* Whether values of the field have the order that MAX and DENY need
 * (sp_merge_rank_cmp); of a group the first part has it. */
bool sp_dictionary_ranked(const struct sp_field *f);
/* Whether a derived field can be made of its source: one that has a single
 * register, which is shown by the latest time, as the image of it is. */
bool sp_dictionary_derives(const struct sp_entity *e, const struct sp_field *f);
/* Whether a field can say that another one may be written (needs). */
bool sp_dictionary_consents(const struct sp_field *f);

/*
 * Whether bytes are a value of the field (of one member, for a set): the same
 * check on device and server. nil is a value unless the field is required.
 *   errors  SP_E_VALUE, SP_E_REQUIRED (nil in a required field)
 */
SP_MUST_USE sp_err sp_dictionary_check_value(
    const struct sp_field *f, struct sp_slice value);

/*
 * The element of a set member's key (SYNC M1): its canonical value up to
 * SP_ELEMENT_BYTES_MAX bytes, else the BLAKE2b-128 of it.
 *   out      SP_ELEMENT_BYTES_MAX bytes
 *   returns  how many of them are used
 */
size_t sp_dictionary_element(
    struct sp_slice value, uint8_t out[SP_ELEMENT_BYTES_MAX]);

/*
 * Fields that took over from others. No migration rewrites a record: the old
 * register stays where it is, and a field that was another shows its own
 * siblings and those of the old one that its context does not cover. So it
 * shows the old value until somebody writes the new one, and what is written
 * to the old one beside that, by a device that was away, stands beside it.
 */

/* The field that takes over from this one, or NULL. */
const struct sp_field *sp_dictionary_successor(
    const struct sp_entity *e, uint16_t number);
/*
 * The record as people see it: under each such field what it shows, with the
 * context of both, so that a write made from it has seen both.
 *   out     in itself when no field took over; else registers in the arena
 *   errors  SP_E_NOMEM, SP_E_TOO_LARGE
 */
SP_MUST_USE sp_err sp_dictionary_past_view(const struct sp_entity *e,
    const struct sp_record *in, struct sp_arena *arena, struct sp_record *out);
/* The same for one key of a stored record, without memory: the shown sibling,
 * or NULL; whether some sibling is a value. */
const struct sp_sibling *sp_dictionary_past_shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    struct sp_slice element);
bool sp_dictionary_past_stands(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    struct sp_slice element);
/* Calls each once for every member of a set that stands; until it says false.
 */
void sp_dictionary_past_members(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f,
    bool (*each)(void *arg, struct sp_slice element), void *arg);

/*
 * Makes the derived registers of a record (DRV): dots and contexts of their
 * sources, values mapped. Of a field that needs consent there is a register
 * while that consent says yes, and none, not an empty one, while it does not.
 * A change of the consent makes the register new although it is the same: so
 * it goes along wherever the consent goes.
 *   out     in itself when nothing changed; else registers in the arena, those
 *           that changed with seq 0
 *   made    how many changed, with those that went
 *   errors  SP_E_NOMEM, SP_E_TOO_LARGE
 */
SP_MUST_USE sp_err sp_dictionary_derive(const struct sp_entity *e,
    const struct sp_record *in, enum sp_make what, struct sp_arena *arena,
    struct sp_record *out, uint32_t *made);

/* The consent that the field needs, or what took over from that; NULL. */
const struct sp_field *sp_dictionary_consent(
    const struct sp_entity *e, const struct sp_field *f);
/* Whether what the field needs stands in the record, and says yes; true when
 * it needs nothing. */
bool sp_dictionary_consented(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f);

/* Whether a member stands: some sibling is not nil (add wins). */
bool sp_dictionary_member(const struct sp_register *reg);

/*
 * What a counter shows: the sum of its increments, which no order of arrival
 * changes, drawn to low..high where increments that did not know of each other
 * left them (SYNC M6, M7).
 *   f        a field with merge CNT
 *   count    out, may be NULL: how many increments there are
 */
int64_t sp_dictionary_count(
    const struct sp_field *f, const struct sp_record *r, uint32_t *count);

/*
 * Whether people have to choose: several different values stand that no rule
 * puts in order. So KEEP, IMM (the earliest is shown), and AUTH among those of
 * the highest authority. LWW, MAX and DENY choose by themselves; members of a
 * set, increments and what is derived are never in conflict.
 */
bool sp_dictionary_conflict(
    const struct sp_field *f, const struct sp_register *reg);

/*
 * Typed text to an encoded value; for a set, one member. Trims; empty text is
 * nil. Text is NFC already. Forms:
 *   bool   true false yes no 1 0 on off, and Chinese yes and no
 *   enum   name, English or Chinese label, or number
 *   phone  + 00 0086, 11-digit Chinese mobiles, separators, full-width digits;
 *          anything else is kept as typed
 *   date   2026-03-04, 2026/3/4, 20260304
 *   ts     2026-03-04T05:06[:07[.123]] with Z or +08:00, then optionally a
 *          space and a zone
 *   geo    latitude,longitude[,accuracy in m]: decimals, at most 7 digits
 *   money  -1234.50 CNY (minor units by ISO 4217; commas between thousands)
 * An increment of a counter is an integer other than 0; empty text is none.
 *   group  name=text; name=text; ... or its parts' texts in order, separated
 *          by ";"; a backslash before ";", "=" and "\" takes them as they are
 *   ref    UUID; user: number; territory: code
 *   errors SP_E_VALUE, SP_E_REQUIRED; out untouched then. Others latch in out.
 */
SP_MUST_USE sp_err sp_dictionary_parse_value(
    const struct sp_field *f, struct sp_slice text, struct sp_buf *out);
/* A group from its parts' texts, in order; empty texts are absent parts. All
 * empty: nil. Errors as above. */
SP_MUST_USE sp_err sp_dictionary_parse_parts(const struct sp_field *f,
    const struct sp_slice *text, size_t count, struct sp_buf *out);

enum sp_text_form {
    SP_TEXT_EXACT, /* what parse_value reads back to the same bytes */
    SP_TEXT_EN,    /* for people: labels of options and parts, spaces */
    SP_TEXT_ZH
};

/* An encoded value as text, appended to out without a NUL; nil is empty text.
 * A value that does not fit the field (an older dictionary) is shown as
 * hexadecimal bytes. Errors latch in out. */
void sp_dictionary_format_value(const struct sp_field *f, struct sp_slice value,
    enum sp_text_form form, struct sp_buf *out);

/* Whether a phone value was kept as typed because it is no E.164 number. */
bool sp_dictionary_phone_as_typed(struct sp_slice value);

#endif
