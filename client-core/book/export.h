/*
 * export.h - records as text that other programs read.
 *
 *   csv      one entity; header row, UTF-8 (book/csv.h)
 *   jsonl    one record a line: {"type","id","fields":{name: text or [texts]}};
 *            the texts are exact, so nothing is lost
 *   sql      statements that make and fill a table an entity, one more a set,
 *            and views with what is referred to; for SQLite
 *   vcard    contacts (book/card.h), version 3.0; vcard4: 4.0
 *   geojson  a point for each account with a position, and for what belongs to
 *            one (a visit) the position of its account
 *   ical     VEVENT for planned visits and for what a visit agreed on (its
 *            next date), VTODO for tasks; a record's id is its UID
 *
 * Deleted records are left out, and what book/sheet.h leaves out.
 *
 *   threads  any      source  RFC 4180, 7946, 5545
 */
#ifndef CC_BOOK_EXPORT_H
#define CC_BOOK_EXPORT_H

#include "book/sheet.h"

enum cc_export_format {
    CC_EXPORT_CSV = 1,
    CC_EXPORT_JSONL,
    CC_EXPORT_SQL,
    CC_EXPORT_VCARD3,
    CC_EXPORT_VCARD4,
    CC_EXPORT_GEOJSON,
    CC_EXPORT_ICAL
};
/* "csv", "jsonl", "sqlite", "vcard", "vcard4", "geojson", "ical". */
bool cc_export_format(const char *name, enum cc_export_format *out);

/* Who took a file out, when, and the id of its note (book/job.h): in the file
 * itself where its format has room for it. CSV has none. */
struct cc_export_mark {
    const char *by; /* login */
    struct sp_id id;
    uint64_t at_ms;
};

/* A zone for times of day. */
struct cc_export_zone {
    const char *name;               /* may stand behind TZID= */
    int32_t (*offset)(uint64_t ms); /* minutes east of Greenwich */
};

struct cc_export_setup {
    enum cc_export_format format;
    const struct sp_dictionary *dictionary;
    struct cc_sheet_view view;
    const enum cc_lang *labels;        /* NULL: names of fields */
    bool bom;                          /* csv */
    uint64_t now_ms;                   /* stamp of calendars */
    const struct cc_export_mark *mark; /* NULL: none */
    const struct cc_export_zone *zone; /* ical; NULL: times of no zone */
    uint32_t user;                     /* whose alarms are set */
    unsigned alarm_minutes;            /* before; of whole days at 9; 0: none */
    /* Another record, for names and places; arena memory. May be NULL. */
    sp_err (*get)(void *self, const struct sp_ref *ref, struct sp_arena *arena,
        struct sp_record *out);
    void *self;
};

/* Whether a format has anything of an entity. */
bool cc_export_takes(
    const struct cc_export_setup *s, const struct sp_entity *e);
/* What stands before and behind everything; errors latch in out. count: of
 * records written. */
void cc_export_begin(const struct cc_export_setup *s,
    const struct sp_entity *const *entity, size_t entities, struct sp_buf *out);
void cc_export_end(
    const struct cc_export_setup *s, uint64_t count, struct sp_buf *out);
/*
 * Appends one record.
 *   count    how many came before
 *   arena    for records that are looked up; the caller resets it
 *   returns  whether it was written: not when it is deleted, or when the
 *            format has no place for it
 */
bool cc_export_record(const struct cc_export_setup *s,
    const struct sp_entity *e, const struct sp_record *r, uint64_t count,
    struct sp_arena *arena, struct sp_buf *out);

#endif
