/*
 * saw.h - what the log knows of a value: what its author had seen of the field
 * when he wrote, and which replicas have written at all.
 */
#ifndef SV_CTL_SAW_H
#define SV_CTL_SAW_H

#include "sp/node.h"
#include "sp/rules.h"

#define SV_SAW_REPLICAS_MAX 1024u

struct sv_saw_replicas {
    sp_replica replica[SV_SAW_REPLICAS_MAX];
    uint64_t last[SV_SAW_REPLICAS_MAX]; /* number of its last commit here */
    size_t count;
};
/* Each replica that this log has anything of. */
SP_MUST_USE sp_err sv_saw_replicas(
    struct sp_tx *tx, struct sv_saw_replicas *out);

/*
 * Whose writes to a field a context has, appended. A person reads who and when
 * ("ben (2026-03-04T05:06:07Z), anna"; without the time when the commit is not
 * logged here), a program whose up to which commit of theirs ("ben's 3, anna's
 * 12"), in one language; "nothing".
 *   screen  a person reads it
 */
void sv_saw_put(struct sp_tx *tx, const struct sp_rulebook *book, bool screen,
    const struct sp_vector *context, struct sp_buf *out);
/* The same for the write that made a value; "?" when its commit is not logged
 * here. */
void sv_saw_value(struct sp_tx *tx, const struct sp_rulebook *book, bool screen,
    const struct sp_ref *ref, const struct sp_key *key,
    const struct sp_dot *dot, struct sp_buf *out);

#endif
