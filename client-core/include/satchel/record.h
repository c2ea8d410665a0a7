/*
 * record.h - records of every entity, and the calls named after some.
 */
#ifndef SATCHEL_RECORD_H
#define SATCHEL_RECORD_H

#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Amounts by currency, which are never added together. */
struct satchel_sum {
    char currency[4]; /* ISO 4217 */
    int64_t minor;
};
struct satchel_sums {
    size_t count;
    const struct satchel_sum *of; /* by code */
    const char *text;             /* "CNY 1,234.50 · USD 20.00"; "" */
};

/*
 * A record of any entity of the dictionary ("account", "contact", "visit",
 * "note"; entities that it learns later need nothing new here).
 *
 * A reference names a record as people do: its id or an unique beginning of it
 * (from 4 hex digits), its number, its exact title, or a beginning of the
 * title that only one record has; upper and lower case and full width count as
 * equal. SATCHEL_E_AMBIGUOUS lists the candidates in the error's detail. An
 * account that was merged into another names that one.
 */

#define SATCHEL_ID_BYTES 37 /* 8-4-4-4-12 and NUL */

/* One value of a field, with who wrote it when. */
struct satchel_value {
    const char *key;     /* names this value to satchel_conflict_choose */
    const char *text;    /* exact: typed again it gives the same value */
    const char *text_en; /* for people; titles of records, names of users,
                            local time */
    const char *text_zh;
    const char *author;       /* name, or the user's number */
    uint32_t user;            /* number */
    uint32_t device;          /* number of the device that wrote it */
    const char *device_label; /* of the device when known, else empty */
    /* In a list of conflicts: what the author had seen of this field when he
     * wrote, as far as this device knows (of its own edits); else "". */
    const char *seen_en;
    const char *seen_zh;
    uint64_t time_ms; /* the device's clock */
    bool mine;        /* written on this device */
    bool waiting;     /* ... and not yet accepted by a server */
};

struct satchel_field {
    const char *name;
    const char *label_en;
    const char *label_zh;
    const char *kind; /* "str", "phone", "ts", ...: see satchel_field_info */
    bool set;         /* value[] are its members */
    /* Several different values stand and somebody has to choose. Where a rule
     * of the dictionary chooses (the latest, the largest, the safest), others
     * may stand beside the shown value without a conflict. */
    bool conflict;
    /* Who took its settlement back (satchel_conflict_undo): value[] is what
     * stood before, with its authors. NULL otherwise. */
    const char *reopened_by;
    /* Where the value leads nowhere, why: it closes a circle, or the record is
     * not on this device. "" otherwise. */
    const char *note_en, *note_zh;
    size_t value_count; /* 1 or more; value[0] is shown, unless set */
    const struct satchel_value *value;
};

struct satchel_record {
    const char *id;
    const char *entity;
    const char *title;         /* name, or what stands for it; may be empty */
    const char *parent_entity; /* record that it belongs to; "" when none */
    const char *parent_id;
    const char *parent_title;
    uint64_t made_ms;
    bool deleted;
    bool conflict;      /* some field has one */
    uint32_t waiting;   /* own writes that no server has accepted yet */
    size_t field_count; /* fields that have a value, in dictionary order */
    const struct satchel_field *field;
    /* satchel_record_show: what was asked for was merged into it; else "" */
    const char *absorbed_id, *absorbed_title;
    /* satchel_record_list with a text: what of it was found, a contact of an
     * account; "" when it was found itself */
    const char *found_id, *found_title;
};

struct satchel_list {
    size_t count;
    size_t total; /* that fit, without the limit */
    const struct satchel_record *record;
};

/* A typed value. */
enum satchel_how {
    SATCHEL_SET = 0,   /* the value; of a set: exactly this member; of a
                          counter: "+3" or "-1" */
    SATCHEL_ADD = 1,   /* sets: one more member; counters: so much more */
    SATCHEL_REMOVE = 2 /* sets: this member goes; text "" : all of them;
                          counters: so much less */
};
struct satchel_input {
    const char *field; /* name; "address.city" is one part of a group */
    /* "" clears the field. References as above; users by number, login, name
     * or "me"; times also "now", dates "today". */
    const char *text;
    enum satchel_how how;
};

/* Where a saved edit went. */
struct satchel_saved {
    char id[SATCHEL_ID_BYTES];
    uint64_t commit; /* its number in the journal */
};

/*
 * Makes a record; durable when it returns 0.
 *   parent   reference to the record that it belongs to (an account, for a
 *            contact), NULL when the entity has none
 *   input    each field once, members of a set several times with SATCHEL_ADD
 *   errors   SATCHEL_E_VALUE, SATCHEL_E_REQUIRED, SATCHEL_E_UNKNOWN_FIELD
 *            and others of class policy: detail names field and value, nothing
 *            was written
 */
SATCHEL_API int satchel_record_add(struct satchel *s, const char *entity,
    const char *parent, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);
/* Changes fields of one record, all or none. A field in conflict is settled by
 * it: what is typed replaces all values that stand. out may be NULL. */
SATCHEL_API int satchel_record_edit(struct satchel *s, const char *entity,
    const char *reference, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

#define SATCHEL_MANY_MAX 10000u /* records of one call */

struct satchel_many_record {
    const char *id;
    const char *title;
    bool changed;              /* it was not so before */
    const char *const *before; /* for people, in the order of input; "" */
};
struct satchel_many {
    size_t count; /* each record once */
    size_t changed;
    const struct satchel_many_record *record;
};
/*
 * The same change to many records, all or none, in as few edits as hold them.
 *   dry_run  nothing is saved; the result and the errors are the same
 *   out      may be NULL
 *   errors   as of satchel_record_edit; detail names the record
 */
SATCHEL_API int satchel_record_edit_many(struct satchel *s, const char *entity,
    const char *const *reference, size_t count,
    const struct satchel_input *input, size_t inputs, bool dry_run,
    struct satchel_many **out, struct satchel_error *e);
SATCHEL_API int satchel_record_remove(struct satchel *s, const char *entity,
    const char *reference, struct satchel_saved *out, struct satchel_error *e);

/* What the user sees: his own writes that wait included. */
SATCHEL_API int satchel_record_show(struct satchel *s, const char *entity,
    const char *reference, struct satchel_record **out,
    struct satchel_error *e);

enum satchel_sort {
    SATCHEL_SORT_NAME = 0,   /* by letters and code points */
    SATCHEL_SORT_PINYIN = 1, /* Chinese names by how they sound */
    SATCHEL_SORT_STROKE = 2  /* ... by the strokes of their characters */
};

struct satchel_query {
    const char *entity;
    const char *parent; /* reference: only records that belong to it */
    /* Part of a title or alias, its pinyin (whole, first letters, or mixed),
     * beginning of a number, three digits or more of a phone; several words
     * have to be there each. Best first: exact, beginning, beginning of a word,
     * inside. An account is found by its contacts too. */
    const char *text;
    const char *territory; /* code */
    size_t limit;          /* 0: all */
    size_t skip;
    enum satchel_sort sort; /* titles; by time when they have none */
    bool newest;            /* newest first, whatever fits better */
    bool brief;   /* only number, title, first phone and territory in field[],
                     waiting 0: much faster for long lists */
    bool deleted; /* deleted ones too */
};
/* No match is 0 with count 0. */
SATCHEL_API int satchel_record_list(struct satchel *s,
    const struct satchel_query *query, struct satchel_list **out,
    struct satchel_error *e);

/* Takes the rows of a list; not 0 stops it. The record is valid during the
 * call, which must not call this library. */
struct satchel_record_sink {
    void *self;
    int (*put)(void *self, const struct satchel_record *record);
};
/*
 * The same rows one after the other, none of them kept: for long lists, whose
 * result would be some 800 bytes a row. Other processes can write meanwhile,
 * but the store grows while a list is being taken: copy what you need, and
 * show it afterwards.
 *   total   as in satchel_list; may be NULL
 *   errors  SATCHEL_E_IO when the sink stops
 */
SATCHEL_API int satchel_record_each(struct satchel *s,
    const struct satchel_query *query, const struct satchel_record_sink *sink,
    size_t *total, struct satchel_error *e);

/* ---- the named calls, thin over the above ------------------------------ */

SATCHEL_API int satchel_account_list(struct satchel *s,
    const struct satchel_query *query, struct satchel_list **out,
    struct satchel_error *e); /* query->entity is not looked at; may be NULL */
SATCHEL_API int satchel_account_search(struct satchel *s, const char *text,
    size_t limit, struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_account_show(struct satchel *s, const char *account,
    struct satchel_record **out, struct satchel_error *e);
SATCHEL_API int satchel_account_add(struct satchel *s,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
SATCHEL_API int satchel_account_edit(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);

/* Another owner, another territory, or both (NULL: as it is) for one account
 * or many, as satchel_record_edit_many. before[] is in this order. Refused when
 * the new owner would not see an account: it has to be in a territory of his.
 */
SATCHEL_API int satchel_account_assign(struct satchel *s,
    const char *const *account, size_t count, const char *owner,
    const char *territory, bool dry_run, struct satchel_many **out,
    struct satchel_error *e);

/*
 * Shares an account, with all that belongs to it, with a person up to a day: it
 * comes to his devices, and goes from them at their first contact after it.
 *   user    number, login, name
 *   until   last day, UTC, as 2026-12-31; in place of an end that he had.
 *           NULL: the share is taken back
 *   errors  SATCHEL_E_NOT_FOUND (nothing to take back), SATCHEL_E_VALUE,
 *           class policy: who has it only by a share may not pass it on
 */
SATCHEL_API int satchel_account_share(struct satchel *s, const char *account,
    const char *user, const char *until, struct satchel_saved *out,
    struct satchel_error *e);
struct satchel_share {
    uint32_t user;
    const char *login; /* "": not in the rosters known here */
    const char *name;
    const char *until; /* last day, UTC, as 2026-12-31 */
};
struct satchel_shares {
    size_t count;
    const struct satchel_share *share;
};
SATCHEL_API int satchel_account_shares(struct satchel *s, const char *account,
    struct satchel_shares **out, struct satchel_error *e);

SATCHEL_API int satchel_contact_list(struct satchel *s, const char *account,
    struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_contact_add(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);

/*
 * A visit begins and ends now, by this device's clock, and is of the first
 * type in the dictionary, unless input says otherwise. With checkin_place.geo
 * the device says whether that is at the account (verify: within 200 m, both
 * places known to 200 m); it refuses nothing. A visit that was planned for
 * today names its plan. Ending takes the user's newest open visit when visit is
 * NULL; SATCHEL_E_NOT_FOUND when none is open, SATCHEL_E_REQUIRED without an
 * outcome. It notes how long the visit took. While one of the user's is under
 * way at that account another is SATCHEL_E_EXISTS (satchel_visit_begin begins
 * it all the same). The outcome promise asks for next_date
 * (SATCHEL_E_REQUIRED), and what is to come is not over: SATCHEL_E_PAST of a
 * next date, a task's due, a promise's or a planned visit's day that is.
 */
SATCHEL_API int satchel_visit_start(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
SATCHEL_API int satchel_visit_end(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
/* Newest first. account NULL: all; limit 0: all. */
SATCHEL_API int satchel_visit_list(struct satchel *s, const char *account,
    size_t limit, struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_visit_show(struct satchel *s, const char *visit,
    struct satchel_record **out, struct satchel_error *e);

/* text becomes the note's text; input may add fields. */
SATCHEL_API int satchel_note_add(struct satchel *s, const char *account,
    const char *text, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);
/* Newest first. */
SATCHEL_API int satchel_note_list(struct satchel *s, const char *account,
    size_t limit, struct satchel_list **out, struct satchel_error *e);

/* ---- brief ------------------------------------------------------------- */

#define SATCHEL_BRIEF_LINES_MAX 12

/* One fact to know before walking in. */
struct satchel_fact {
    const char *kind; /* "account", "phone", "address", "last_visit",
                         "promise", "next_step", "contact", "note",
                         "open_visit", "conflict", "waiting", "rejected",
                         "late", "birthday", "benefit", "usual_order",
                         "preference" */
    const char *label_en;
    const char *label_zh;
    const char *text_en;
    const char *text_zh;
    const char *id;   /* record that says so */
    uint64_t time_ms; /* when it was so */
};
struct satchel_brief {
    const char *account_id;
    const char *title;
    size_t count; /* at most SATCHEL_BRIEF_LINES_MAX, most urgent first */
    const struct satchel_fact *fact;
};
SATCHEL_API int satchel_brief(struct satchel *s, const char *account,
    struct satchel_brief **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
