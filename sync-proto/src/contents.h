/*
 * contents.h - servers and a scope: who served it before, and how far this
 * store has what they hand out.
 *
 * served.c    who served a scope before (SYNC J7, J9)
 * contents.c  how far each server's feed of a scope is here (SYNC S7)
 */
#ifndef SP_CONTENTS_H
#define SP_CONTENTS_H

#include "sp/message.h"
#include "sp/node.h"

/* Before an edition of a roster is replaced: what its server served goes on
 * record (SYNC J7, J9). */
SP_MUST_USE sp_err sp_served_note(
    struct sp_tx *tx, const struct sp_document *roster);
struct sp_served {
    uint32_t serial; /* of the last roster that said so; 0: never did */
    uint32_t term_days;
};
SP_MUST_USE sp_err sp_served_get(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t server, struct sp_served *out);
/* Whether another server's term for this scope has not ended (SYNC J9). */
SP_MUST_USE sp_err sp_served_term(
    struct sp_tx *tx, const struct sp_id *scope, bool *running);

/* Those that served it, serve it no longer, and are not heard of any more:
 * revoked, or their term has run out. */
struct sp_servers {
    uint32_t count;
    uint32_t *server; /* ascending */
};
SP_MUST_USE sp_err sp_served_ended(struct sp_tx *tx, const struct sp_id *scope,
    struct sp_arena *arena, struct sp_servers *out);

/* ---- how far it has what servers hand out (SYNC S7) --------------------- */

/* One scope, one server. At a server: everything up to that place of its feed
 * is here. At a device: nothing from beyond that place is here. */
struct sp_content {
    uint32_t server;
    struct sp_id history;
    uint64_t place;
};
#define SP_PLACE_ALL UINT64_MAX /* nothing more will come of it */
struct sp_contents {
    uint32_t count;
    struct sp_content *list; /* ascending by server */
};
/* place 0: nothing is known. */
SP_MUST_USE sp_err sp_contents_get(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t server, struct sp_content *out);
/* Never lowers a place of the same history. */
SP_MUST_USE sp_err sp_contents_raise(
    struct sp_tx *tx, const struct sp_id *scope, const struct sp_content *c);
SP_MUST_USE sp_err sp_contents_list(struct sp_tx *tx, const struct sp_id *scope,
    struct sp_arena *arena, struct sp_contents *out);
/* A branch has read all of a scope: what head office had, it has. What it has
 * told of itself stays. */
SP_MUST_USE sp_err sp_contents_replace(struct sp_tx *tx,
    const struct sp_id *scope, const struct sp_contents *with);
/* The scope is gone from here. */
SP_MUST_USE sp_err sp_contents_clear(
    struct sp_tx *tx, const struct sp_id *scope);
/* Whether a branch has read all of a scope once since it keeps it. */
SP_MUST_USE sp_err sp_contents_whole(
    struct sp_tx *tx, const struct sp_id *scope, bool *out);
/* What a server says to a peer. */
SP_MUST_USE sp_err sp_contents_tell(struct sp_tx *tx, const struct sp_id *scope,
    uint32_t peer, struct sp_arena *arena, struct sp_contents *out);
/* Whether who says that has what was read so far. served: by the one who says
 * it. */
bool sp_contents_cover(
    const struct sp_contents *told, const struct sp_content *c, bool served);
/* A branch: feeds that have moved since head office was told of their ends
 * (the content under its own number); at most SP_SCOPES_MAX. */
SP_MUST_USE sp_err sp_contents_any_news(struct sp_tx *tx, bool *out);
SP_MUST_USE sp_err sp_contents_news(struct sp_tx *tx, struct sp_arena *arena,
    struct sp_scope_place **out, uint32_t *count);
/* Head office has another history: it is to be told all again. */
SP_MUST_USE sp_err sp_contents_forget_told(struct sp_tx *tx);

#endif
