/*
 * quality.h - what is wrong with what is known of customers, who keeps it how
 * well, and what puts it right. Made from the records of this device when
 * asked for, by its clock: what was put right is not there any more.
 */
#ifndef SATCHEL_QUALITY_H
#define SATCHEL_QUALITY_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_ISSUES_MAX 10000u /* of one call */

struct satchel_issue {
    const char *kind; /* "stale", "duplicate", "invalid", "incomplete" */
    const char *kind_en, *kind_zh;
    const char *why_en, *why_zh;
    const char *field; /* that it is about */
    const char *account_id, *account;
    const char *other_id, *other;     /* the older one of two; "" */
    const char *contact_id, *contact; /* "": the account itself */
    const char *charge; /* name of whose it is to put right; "" nobody's */
    uint32_t days;      /* since it was verified; of other kinds 0 */
    uint32_t percent;   /* how complete a contact's file is; else 0 */
    const char *task;   /* id of the open task that asks for it; "" */
};
struct satchel_issues {
    size_t count;
    size_t total;                      /* without the limit */
    const struct satchel_issue *issue; /* pairs and what is invalid first, of
                                          stale ones the oldest */
};
/*
 * What is the user's to put right; what he dropped the task of is no issue to
 * him.
 *   all      of everybody, also of nobody
 *   limit    at most so many; 0: SATCHEL_ISSUES_MAX
 */
SATCHEL_API int satchel_quality(struct satchel *s, bool all, size_t limit,
    struct satchel_issues **out, struct satchel_error *e);

/* Of a person, of a branch, or of all. */
struct satchel_quality_row {
    const char *name; /* "" of all, and of nobody */
    const char *of;   /* "person", "branch", "all" */
    uint32_t user;    /* of a person; 0: accounts that are nobody's */
    size_t accounts, stale;
    size_t phones, invalid;
    size_t duplicates;           /* pairs of which he made the newer one */
    size_t contacts;             /* that he entered */
    unsigned mean, median, good; /* how complete: percent; good: the share
                                    with 60 and more */
    size_t checked, correct;     /* of spot checks */
    /* Percent, rounded: of accounts, of phones, of accounts, of checks. */
    unsigned duplicate_percent, invalid_percent, stale_percent, valid_percent;
};
struct satchel_quality_board {
    size_t count; /* people by number, then branches by code, then all */
    const struct satchel_quality_row *row;
};
SATCHEL_API int satchel_quality_board(struct satchel *s,
    struct satchel_quality_board **out, struct satchel_error *e);

/* Somebody looked, and what stands of the account is right: today. The task
 * that asked for it is done, if it is the user's to write. */
SATCHEL_API int satchel_account_verify(struct satchel *s, const char *account,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * What a spot check of a contact found.
 *   field    the fields that were asked about; none: "all", which only a
 *            correct file may be
 *   sample   which sample it was drawn in, or NULL
 *   errors   SATCHEL_E_UNKNOWN_FIELD, SATCHEL_E_REQUIRED (wrong, and no field
 *            says what); nothing was written then
 */
SATCHEL_API int satchel_profile_check(struct satchel *s, const char *contact,
    bool correct, const char *const *field, size_t count, const char *sample,
    struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
