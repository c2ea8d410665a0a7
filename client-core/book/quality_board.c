#include "book/quality_board.h"

#include <stdlib.h>
#include <string.h>

#include "book/profile.h"

struct board {
    struct cc_quality *q;
    const struct sp_rulebook *book;
    enum cc_quality_by by;
    size_t count;
    struct cc_quality_row *row;
    size_t last; /* whoever came last comes again */
};

unsigned cc_quality_board_percent(size_t of, size_t all)
{
    return all == 0 ? 0 : (unsigned)((200u * of + all) / (2u * all));
}

static struct sp_slice unit_of(const struct board *b, uint32_t user)
{
    const struct sp_roster *r = user == 0 || b->by == CC_QUALITY_BY_ALL
                                    ? NULL
                                    : sp_rulebook_find_unit_of(b->book, user);

    return r == NULL ? (struct sp_slice){ 0 } : r->unit;
}

static bool fits(const struct board *b, const struct cc_quality_row *r,
    uint32_t user, struct sp_slice unit)
{
    return b->by == CC_QUALITY_BY_ALL
               ? true
               : (b->by == CC_QUALITY_BY_USER ? r->user == user
                                              : sp_slice_equal(r->unit, unit));
}

/* The row of a person; NULL without memory. A book has some hundred people. */
static struct cc_quality_row *row_of(struct board *b, uint32_t user)
{
    struct sp_slice unit = { 0 };

    if (b->by == CC_QUALITY_BY_USER && b->last < b->count &&
        b->row[b->last].user == user) {
        return &b->row[b->last];
    }
    unit = unit_of(b, user);
    for (b->last = 0; b->last < b->count; b->last++) {
        if (fits(b, &b->row[b->last], user, unit)) {
            return &b->row[b->last];
        }
    }
    b->row = (struct cc_quality_row *)sp_arena_grow(
        &b->q->arena, b->row, b->count, sizeof(*b->row));
    if (b->row == NULL) {
        return NULL;
    }
    b->row[b->count] =
        (struct cc_quality_row){ .user = b->by == CC_QUALITY_BY_USER ? user : 0,
            .unit = unit };
    return &b->row[b->count++];
}

static sp_err count_accounts(struct board *b)
{
    const struct cc_quality *q = b->q;

    for (size_t i = 0; i < q->count; i++) {
        const struct cc_quality_account *a = &q->account[i];
        struct cc_quality_row *r = a->gone ? NULL : row_of(b, a->charge);

        if (r != NULL) {
            r->accounts++;
            r->phones += a->phones;
            r->invalid += a->invalid;
            r->stale +=
                (int64_t)q->today - a->verified > (int64_t)q->rules.stale_days;
        } else if (!a->gone) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

static sp_err count_pairs(struct board *b)
{
    for (size_t i = 0; i < b->q->pairs; i++) {
        struct cc_quality_row *r =
            row_of(b, b->q->account[b->q->pair[i].newer].maker);

        if (r == NULL) {
            return SP_E_NOMEM;
        }
        r->duplicates++;
    }
    return SP_OK;
}

static sp_err count_checks(struct board *b)
{
    for (size_t i = 0; i < b->q->checks; i++) {
        struct cc_quality_row *r = row_of(b, b->q->check[i].author);

        if (r == NULL) {
            return SP_E_NOMEM;
        }
        r->checked++;
        r->correct += b->q->check[i].correct;
    }
    return SP_OK;
}

/* ---- files -------------------------------------------------------------- */

struct place {
    size_t row;
    unsigned percent;
};

static int by_row(const void *a, const void *b)
{
    const struct place *x = (const struct place *)a;
    const struct place *y = (const struct place *)b;

    return (x->row > y->row) - (x->row < y->row);
}

/* How complete those of one row are; percent: room for them. */
static void fill_spread(struct cc_quality_row *r, const struct place *place,
    size_t count, unsigned *percent)
{
    struct cc_profile_spread s;

    for (size_t i = 0; i < count; i++) {
        percent[i] = place[i].percent;
    }
    s = cc_profile_spread(percent, count);
    r->files = count;
    r->mean = s.mean;
    r->median = s.median;
    r->good = s.good;
}

static sp_err spread(struct board *b)
{
    const struct cc_quality *q = b->q;
    struct sp_arena *a = &b->q->arena;
    struct place *place =
        (struct place *)sp_arena_take(a, q->files + 1u, sizeof(*place));
    unsigned *percent =
        (unsigned *)sp_arena_take(a, q->files + 1u, sizeof(*percent));
    size_t from = 0;

    if (place == NULL || percent == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < q->files; i++) {
        const struct cc_quality_row *r = row_of(b, q->file[i].author);
        if (r == NULL) {
            return SP_E_NOMEM;
        }
        place[i] = (struct place){ (size_t)(r - b->row), q->file[i].percent };
    }
    if (q->files > 0) {
        qsort(place, q->files, sizeof(*place), by_row);
    }
    for (size_t i = 1; i <= q->files; i++) {
        if (i == q->files || place[i].row != place[from].row) {
            fill_spread(
                &b->row[place[from].row], &place[from], i - from, percent);
            from = i;
        }
    }
    return SP_OK;
}

/* ---- all ---------------------------------------------------------------- */

static int in_order(const void *a, const void *b)
{
    const struct cc_quality_row *x = (const struct cc_quality_row *)a;
    const struct cc_quality_row *y = (const struct cc_quality_row *)b;

    return x->user != y->user ? (x->user > y->user) - (x->user < y->user)
                              : sp_slice_cmp(x->unit, y->unit);
}

sp_err cc_quality_board_make(struct cc_quality *q,
    const struct sp_rulebook *book, enum cc_quality_by by,
    struct cc_quality_row **out, size_t *count)
{
    struct board b = { .q = q, .book = book, .by = by };
    sp_err err = count_accounts(&b);

    if (err == SP_OK) {
        err = count_pairs(&b);
    }
    if (err == SP_OK) {
        err = count_checks(&b);
    }
    if (err == SP_OK) {
        err = spread(&b);
    }
    if (err == SP_OK && b.count > 0) {
        qsort(b.row, b.count, sizeof(*b.row), in_order);
    }
    *out = b.row;
    *count = b.count;
    return err;
}
