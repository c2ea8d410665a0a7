#include "policy/book.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Documents of one store, with room for what the rulebook makes of them. */
#define BOOK_BYTES_MAX (256u * 1024u * 1024u)
#define DOCUMENTS_MAX  262144u

struct sv_book {
    atomic_uint users;
    struct sp_arena arena;
    struct sp_rulebook *rulebook;
    struct sp_rules rules;
    struct sp_rulebook_report report;
};

struct sv_shelf {
    pthread_mutex_t lock;
    struct sv_book *book;
};

/* All documents of a store, copied: the walk's slices do not live. */
struct pile {
    struct sp_arena arena;
    struct sp_slice *document;
    size_t count, room;
};

sp_err sv_book_of(const struct sp_slice *documents, size_t count,
    const struct sp_id *org, const uint8_t root_public[32],
    struct sv_book **out)
{
    struct sv_book *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return SP_E_NOMEM;
    }
    atomic_init(&b->users, 1);
    sp_arena_init(&b->arena, BOOK_BYTES_MAX);
    sp_err err = sp_rulebook_build(documents, count, org, root_public,
        &b->arena, &b->rulebook, &b->report);
    if (err != SP_OK) {
        sv_book_drop(b);
        return err;
    }
    b->rules = sp_rulebook_rules(b->rulebook);
    *out = b;
    return SP_OK;
}

static sp_err add_document(void *arg, const struct sp_document *d)
{
    struct pile *pile = arg;
    if (pile->count == DOCUMENTS_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (pile->count == pile->room) {
        size_t room = pile->room == 0 ? 64 : 2 * pile->room;
        struct sp_slice *more =
            realloc(pile->document, room * sizeof pile->document[0]);
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        pile->document = more;
        pile->room = room;
    }
    struct sp_slice copy = sp_arena_copy(&pile->arena, d->bytes);
    if (copy.data == NULL) {
        return SP_E_NOMEM;
    }
    pile->document[pile->count++] = copy;
    return SP_OK;
}

static sp_err collect(
    const struct sp_node *node, const struct sv_book *empty, struct pile *pile)
{
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, node, sv_book_rules(empty), false);
    if (err != SP_OK) {
        return err;
    }
    err = sp_node_walk_documents(&tx, add_document, pile);
    if (err == SP_OK) {
        err = sp_node_walk_past(&tx, add_document, pile);
    }
    sp_tx_abort(&tx);
    return err;
}

sp_err sv_book_load(const struct sp_node *node, struct sv_book **out)
{
    const struct sp_identity *id = node->identity;
    struct sv_book *empty = NULL;
    struct pile pile = { .document = NULL };
    sp_arena_init(&pile.arena, BOOK_BYTES_MAX);
    sp_err err = sv_book_of(NULL, 0, &id->org, id->root_public, &empty);
    if (err == SP_OK) {
        err = collect(node, empty, &pile);
    }
    if (err == SP_OK) {
        err = sv_book_of(
            pile.document, pile.count, &id->org, id->root_public, out);
    }
    sv_book_drop(empty);
    free(pile.document);
    sp_arena_free(&pile.arena);
    return err;
}

sp_err sv_book_after(struct sp_tx *tx, struct sv_book **out)
{
    const struct sp_identity *id = tx->node->identity;
    struct pile pile = { .document = NULL };
    sp_arena_init(&pile.arena, BOOK_BYTES_MAX);
    sp_err err = sp_node_walk_documents(tx, add_document, &pile);
    if (err == SP_OK) {
        err = sv_book_of(
            pile.document, pile.count, &id->org, id->root_public, out);
    }
    free(pile.document);
    sp_arena_free(&pile.arena);
    return err;
}

void sv_book_keep(struct sv_book *b)
{
    atomic_fetch_add(&b->users, 1);
}

void sv_book_drop(struct sv_book *b)
{
    if (b != NULL && atomic_fetch_sub(&b->users, 1) == 1) {
        sp_arena_free(&b->arena);
        free(b);
    }
}

const struct sp_rules *sv_book_rules(const struct sv_book *b)
{
    return &b->rules;
}

const struct sp_rulebook *sv_book_rulebook(const struct sv_book *b)
{
    return b->rulebook;
}

const struct sp_rulebook_report *sv_book_report(const struct sv_book *b)
{
    return &b->report;
}

struct sv_shelf *sv_book_shelf(struct sv_book *first)
{
    struct sv_shelf *shelf = calloc(1, sizeof *shelf);
    if (shelf != NULL) {
        pthread_mutex_init(&shelf->lock, NULL);
        shelf->book = first;
    }
    return shelf;
}

void sv_book_shelf_free(struct sv_shelf *shelf)
{
    if (shelf != NULL) {
        sv_book_drop(shelf->book);
        pthread_mutex_destroy(&shelf->lock);
        free(shelf);
    }
}

struct sv_book *sv_book_take(struct sv_shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    struct sv_book *b = shelf->book;
    sv_book_keep(b);
    pthread_mutex_unlock(&shelf->lock);
    return b;
}

void sv_book_swap(struct sv_shelf *shelf, struct sv_book *newer)
{
    pthread_mutex_lock(&shelf->lock);
    struct sv_book *old = shelf->book;
    shelf->book = newer;
    pthread_mutex_unlock(&shelf->lock);
    sv_book_drop(old);
}
