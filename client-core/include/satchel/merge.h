/*
 * merge.h - one account out of two.
 */
#ifndef SATCHEL_MERGE_H
#define SATCHEL_MERGE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Accounts found to be one: the absorbed ones stay as they are and lead to the
 * one that is kept, with all that belongs to them and is written there later.
 */
#define SATCHEL_MERGE_MAX 20u /* absorbed at once */

struct satchel_merge_account {
    const char *id, *title;
};
/* A field for which they differ; of a set, a member that the kept one gets. */
struct satchel_merge_field {
    const char *name;
    const char *from;           /* id of the account whose value stands */
    const char *before, *after; /* of the kept one; exact texts */
    const char *other;          /* what else one of them says */
};
struct satchel_merge {
    const char *id; /* names it to satchel_account_unmerge */
    struct satchel_merge_account kept;
    size_t absorbed_count;
    const struct satchel_merge_account *absorbed;
    size_t field_count; /* later on: those that changed, and may be seen */
    const struct satchel_merge_field *field;
    const char *author;
    uint64_t made_ms, until_ms; /* so long it can be undone: 30 days */
    uint64_t undone_ms;         /* 0: it holds */
    uint64_t commit; /* its number in the journal; 0 of one made before */
};
struct satchel_merges {
    size_t count;
    const struct satchel_merge *merge;
};
/*
 * Merges; one edit. Where take says nothing, the kept account's value stands,
 * and where it has none the first that there is; sets are joined, teams not.
 *   take     fields, and as text whose value shall stand: a reference, "keep",
 *            or "absorb" when there is one
 *   dry_run  shows what would stand, saves nothing; errors are the same
 */
SATCHEL_API int satchel_account_merge(struct satchel *s, const char *keep,
    const char *const *absorb, size_t count, const struct satchel_input *take,
    size_t takes, bool dry_run, struct satchel_merge **out,
    struct satchel_error *e);
/* Newest first; account NULL: all. */
SATCHEL_API int satchel_account_merges(struct satchel *s, const char *account,
    struct satchel_merges **out, struct satchel_error *e);
/* Accounts and what belongs to them are as they were, save for values that
 * people have changed since. SP_E_UNDO_OVER after 30 days by the server's
 * clock, SATCHEL_E_EXISTS when it was undone before. */
SATCHEL_API int satchel_account_unmerge(struct satchel *s, const char *merge,
    struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
