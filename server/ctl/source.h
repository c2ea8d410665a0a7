/*
 * source.h - the records of this server, for what the book makes of all of
 * them (book/quality.h), and records that the server writes by itself.
 */
#ifndef SV_SOURCE_H
#define SV_SOURCE_H

#include "book/quality.h"
#include "server.h"

/* Of the transaction; days by this server's zone. */
struct cc_quality_source sv_source_make(struct sp_tx *tx);

/* One new record or change, put together from texts as a person types them. */
#define SV_SOURCE_WRITES_MAX 16u
struct sv_source_draft {
    const struct sp_entity *entity;
    struct sp_draft_change change;
    struct sp_draft_write write[SV_SOURCE_WRITES_MAX];
};
void sv_source_begin(struct sv_source_draft *d, const struct sp_entity *entity,
    const struct sp_id *id, bool create);
/* Arena memory. SP_E_VALUE, SP_E_UNKNOWN_FIELD, SP_E_NOMEM. */
SP_MUST_USE sp_err sv_source_put(struct sv_source_draft *d,
    struct sp_arena *arena, const char *field, const char *text);
/* The same of an id and of a number. */
SP_MUST_USE sp_err sv_source_put_id(struct sv_source_draft *d,
    struct sp_arena *arena, const char *field, const struct sp_id *id);
SP_MUST_USE sp_err sv_source_put_number(struct sv_source_draft *d,
    struct sp_arena *arena, const char *field, uint64_t number);

SP_MUST_USE sp_err sv_source_put_time(struct sv_source_draft *d,
    struct sp_arena *arena, const char *field, uint64_t ms);

/* One commit of head office's own: accepted as made, no role is asked (SYNC
 * J7). user: whose word it is; 0 the server's. */
SP_MUST_USE sp_err sv_source_commit(struct sp_tx *tx, uint32_t user,
    const struct sp_draft_change *change, uint32_t count);
/* The same of any server, with the weight that this person's word has. */
SP_MUST_USE sp_err sv_source_commit_as(struct sp_tx *tx, uint32_t user,
    const struct sp_draft_change *change, uint32_t count);

#endif
