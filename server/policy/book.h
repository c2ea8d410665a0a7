/*
 * book.h - the rulebook in force, shared by all threads of a server.
 *
 * A book is one immutable snapshot of the newest signed documents with the
 * arena that it lives in. Transactions keep the one they began with; a new
 * one is swapped in between, the old one goes with its last user.
 */
#ifndef SV_BOOK_H
#define SV_BOOK_H

#include "sp/node.h"
#include "sp/rules.h"

struct sv_book;  /* one snapshot; immutable, any thread */
struct sv_shelf; /* the place where the newest stands; any thread */

/*
 * Reads all documents of the store and builds a book from them.
 *   node     its identity's organisation and root key judge signatures
 *   errors   those of the store, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_book_load(
    const struct sp_node *node, struct sv_book **out);
/* From documents in memory (before there is a store). */
SP_MUST_USE sp_err sv_book_of(const struct sp_slice *documents, size_t count,
    const struct sp_id *org, const uint8_t root_public[32],
    struct sv_book **out);
/* From the documents as a tx sees them, those that it has just taken
 * included. */
SP_MUST_USE sp_err sv_book_after(struct sp_tx *tx, struct sv_book **out);
void sv_book_keep(struct sv_book *b); /* one more user */
void sv_book_drop(struct sv_book *b); /* one less; NULL is harmless */
const struct sp_rules *sv_book_rules(const struct sv_book *b);
const struct sp_rulebook *sv_book_rulebook(const struct sv_book *b);
/* Documents that are in the store but not in force, and the first reason. */
const struct sp_rulebook_report *sv_book_report(const struct sv_book *b);

/* Owns one use of first. NULL without memory (first stays the caller's). */
struct sv_shelf *sv_book_shelf(struct sv_book *first);
void sv_book_shelf_free(struct sv_shelf *shelf);
/* The newest, with one more user: drop it after use. */
struct sv_book *sv_book_take(struct sv_shelf *shelf);
/* Puts a newer one there, and takes over the caller's use of it. */
void sv_book_swap(struct sv_shelf *shelf, struct sv_book *newer);

#endif
