/*
 * files.h - records into files that other programs read, and contacts out of
 * them.
 */
#ifndef SATCHEL_FILES_H
#define SATCHEL_FILES_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct satchel_export {
    /* "csv" (one entity), "jsonl", "sqlite", "vcard" (3.0), "vcard4",
     * "geojson", "ical" */
    const char *format;
    const char *entity;     /* NULL: accounts for csv, else all that fit */
    const char *labels;     /* "zh" or "en": labels instead of names; NULL */
    bool no_bom;            /* csv without a byte order mark */
    bool force;             /* takes the place of a file that is there */
    unsigned alarm_minutes; /* ical: rings so long before what is this user's,
                               of whole days at 9; 0: never */
};

struct satchel_exported {
    uint64_t rows;
    uint64_t left;  /* that may still leave under this name today */
    bool sensitive; /* fields stayed here that leave only with a second person
                     */
};

/*
 * Writes what this device holds into a new file, made aside with mode 0600,
 * synced and renamed: there is a whole file or none. In the clear! What is
 * deleted, computed or sensitive is left out, and without a named entity also
 * what the policy lets this user's roles not take out. Each export leaves a
 * record (export_job: who, what, rows, hash) that goes up with the next sync;
 * its id, who and when stand in the file itself, save in CSV.
 *   path     "-" is standard output
 *   errors   SATCHEL_E_DENIED: the policy gives no right to take this out, or
 *            only with a second person (who is asked at a server), or more
 *            rows than may leave under this name today (UTC);
 *            SATCHEL_E_EXISTS such a file is there; SATCHEL_E_ARGUMENT; those
 *            of the disk
 */
SATCHEL_API int satchel_export(struct satchel *s, const char *path,
    const struct satchel_export *what, struct satchel_exported *out,
    struct satchel_error *e);

struct satchel_cards {
    uint64_t added;
    uint64_t known; /* a contact of this name is there already */
    uint64_t refused;
    uint64_t birthdays; /* left out for want of consent */
    uint64_t places;    /* accounts that got the address or place of a card */
};

struct satchel_cards_from {
    const char *path;    /* "-": standard input */
    const char *account; /* to which they belong; NULL: to the one that a
                            card's ORG names */
    const char *consent; /* how the people of the file agreed that their
                            birthdays are kept, an option of the consent's
                            channel, as "visit"; NULL: birthdays are left */
};

/*
 * Takes in contacts from a file of vCards, 3.0 or 4.0; each is saved when it
 * was read. Where a card's account has no address, or no place, it gets that
 * of the card.
 *   errors   SATCHEL_E_VALUE: no card is in it, or one does not end
 *   refused  told of each card that is left out: line of the file where it
 *            ends, and why; may be NULL
 */
SATCHEL_API int satchel_import_cards(struct satchel *s,
    const struct satchel_cards_from *from,
    void (*refused)(void *arg, uint64_t line, const char *why), void *arg,
    struct satchel_cards *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
