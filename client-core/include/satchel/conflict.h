/*
 * conflict.h - several values that stand, and a person who decides.
 */
#ifndef SATCHEL_CONFLICT_H
#define SATCHEL_CONFLICT_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A field for which several concurrent values stand; or a record that one
 * person deleted while another wrote to it (field "deleted"). */
struct satchel_conflict {
    const char *entity;
    const char *id;
    const char *title;
    struct satchel_field field; /* value[0] is the one that is shown */
    const char *why_en;         /* why they stand beside each other */
    const char *why_zh;
};
struct satchel_conflicts {
    size_t count;
    const struct satchel_conflict *conflict;
};
/* entity and reference: only those of one record; NULL: all. */
SATCHEL_API int satchel_conflicts(struct satchel *s, const char *entity,
    const char *reference, struct satchel_conflicts **out,
    struct satchel_error *e);
/*
 * Settles one by taking a value that stands; typing another value is
 * satchel_record_edit. Both are ordinary edits, judged as such.
 *   key      of the chosen satchel_value
 *   errors   SATCHEL_E_NOT_FOUND when that value stands no more: list again
 */
SATCHEL_API int satchel_conflict_choose(struct satchel *s, const char *entity,
    const char *reference, const char *field, const char *key,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * Takes back how a field was settled, whoever did it and on whatever device:
 * the value that was shown before is written again, and the field is in
 * conflict again, with the values that stood then, until somebody writes it.
 * An edit like any other, for whom may write the field.
 *   errors   SATCHEL_E_NOT_FOUND: nothing was settled there, or it was taken
 *            back already; SATCHEL_E_CONFLICT: somebody has written the field
 *            since; SATCHEL_E_ARGUMENT: a deletion, see satchel_record_restore
 */
SATCHEL_API int satchel_conflict_undo(struct satchel *s, const char *entity,
    const char *reference, const char *field, struct satchel_saved *out,
    struct satchel_error *e);
/* A deleted record stands again, with all that was written to it meanwhile.
 *   errors   SATCHEL_E_NOT_FOUND when it is not deleted */
SATCHEL_API int satchel_record_restore(struct satchel *s, const char *entity,
    const char *reference, struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
