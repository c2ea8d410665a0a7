#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/cells.h"
#include "book/nfc.h"
#include "book/sheet.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"

#define ARENA_BYTES (512u * 1024u * 1024u)
#define SAVED_BYTES 4000u /* of reconciliation.only_first and its like */
#define NAME_BYTES  128u
#define COLUMNS_MAX 256u

/* A column of the list that is a field: what both sides are compared by. */
struct column {
    size_t at; /* in the list */
    struct cc_sheet_column sheet;
    const char *name;
};

/* A line of the list, or a record. Texts are what the field understands. */
struct side {
    struct sp_slice key;
    size_t line; /* 0: a record */
    struct sp_id id;
    const char *const *text; /* by column */
};
struct sides {
    size_t count, room, without_key;
    struct side *side; /* heap */
};

struct work {
    struct cc_call *call;
    const struct satchel_reconcile_query *query;
    const struct sp_entity *entity;
    struct sp_arena arena; /* texts of both sides */
    struct sp_arena *a;    /* of the result */
    size_t columns, key;   /* key: index of the key's column */
    struct column column[COLUMNS_MAX];
    struct sides first, second;
    size_t row_room;
    struct satchel_reconcile_row *row; /* heap */
    struct satchel_reconciliation *out;
};

/* ---- columns ------------------------------------------------------------ */

static bool same_name(const struct cc_sheet_column *c, struct sp_slice name)
{
    struct sp_buf b;
    bool same;

    sp_buf_init(&b, NAME_BYTES);
    cc_sheet_name(c, NULL, &b);
    same = b.err == SP_OK && sp_slice_equal(sp_buf_slice(&b), name);
    sp_buf_free(&b);
    return same;
}

static const struct cc_sheet_column *column_named(
    const struct cc_sheet_column *sheet, size_t count, struct sp_slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (same_name(&sheet[i], name)) {
            return &sheet[i];
        }
    }
    return NULL;
}

static sp_err find_key(struct work *w)
{
    for (size_t i = 0; i < w->columns; i++) {
        if (strcmp(w->column[i].name, w->query->key) == 0) {
            w->key = i;
            return SP_OK;
        }
    }
    return cc_call_say(w->call, SP_E_ARGUMENT,
        "the list has no column \"%.60s\" that is a field of %.*s: its first "
        "row names the columns (satchel fields %.*s lists the fields)",
        w->query->key, (int)w->entity->name.size,
        (const char *)w->entity->name.data, (int)w->entity->name.size,
        (const char *)w->entity->name.data);
}

/* The first row: which columns are fields. */
static sp_err read_header(struct work *w, const struct cc_cells *cells)
{
    static const struct cc_sheet_view everything = { .reads = NULL };
    struct cc_sheet_column *sheet =
        (struct cc_sheet_column *)malloc(CC_SHEET_COLUMNS_MAX * sizeof(*sheet));
    const char **ignored =
        (const char **)sp_arena_take(w->a, cells->count + 1, sizeof(*ignored));
    size_t count;
    sp_err err = SP_OK;

    if (sheet == NULL || ignored == NULL) {
        free(sheet);
        return SP_E_NOMEM;
    }
    count = cc_sheet_columns(&everything, w->entity, sheet);
    for (size_t i = 0; i < cells->count && err == SP_OK; i++) {
        const struct cc_sheet_column *found =
            column_named(sheet, count, cells->cell[i]);
        const char *name = cc_result_text(w->a, cells->cell[i]);

        if (name == NULL) {
            err = SP_E_NOMEM;
        } else if (found == NULL || w->columns == COLUMNS_MAX) {
            ignored[w->out->ignored_count++] = name;
        } else {
            w->column[w->columns++] = (struct column){ i, *found, name };
        }
    }
    free(sheet);
    w->out->ignored = ignored;
    return err == SP_OK ? find_key(w) : err;
}

/* ---- one value ---------------------------------------------------------- */

/* The number of a person whom a cell names; the cell where it names nobody. */
static struct sp_slice user_text(
    struct work *w, struct sp_slice cell, char room[16])
{
    uint32_t user;

    if (cell.size == 0 || cc_refer_user(w->call, cell, &user) != SP_OK) {
        w->call->detail[0] = '\0';
        return cell;
    }
    (void)snprintf(room, 16, "%lu", (unsigned long)user);
    return sp_slice_text(room);
}

/* As the field understands it, where it does. */
static sp_err understood(struct work *w, const struct cc_sheet_column *c,
    struct sp_slice cell, struct sp_buf *out)
{
    const struct sp_field *f = c->part != NULL ? c->part : c->field;
    struct sp_buf value;
    char number[16];

    if (f->kind == SP_VALUE_USER && !f->set) {
        cell = user_text(w, cell, number);
    }
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    if (!f->set && f->kind != SP_VALUE_GROUP && f->kind != SP_VALUE_REF &&
        sp_dictionary_parse_value(f, cell, &value) == SP_OK) {
        sp_dictionary_format_value(f, sp_buf_slice(&value), SP_TEXT_EXACT, out);
    } else {
        sp_buf_put(out, cell.data, cell.size);
    }
    sp_buf_free(&value);
    return out->err;
}

static sp_err keep_text(struct work *w, const struct cc_sheet_column *c,
    struct sp_slice cell, const char **out)
{
    struct sp_buf composed, b;
    sp_err err;

    sp_buf_init(&composed, CC_SHEET_CELL_BYTES);
    sp_buf_init(&b, CC_SHEET_CELL_BYTES);
    while (cell.size > 0 && cell.data[cell.size - 1] == ' ') {
        cell.size--;
    }
    err = cc_nfc_text(cell, &composed);
    if (err == SP_OK) {
        err = understood(w, c, sp_buf_slice(&composed), &b);
    }
    if (err == SP_OK) {
        *out = cc_value_string(&w->arena, sp_buf_slice(&b));
        err = *out == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&composed);
    sp_buf_free(&b);
    return err;
}

static sp_err add_side(struct sides *s, const struct side *one)
{
    if (one->key.size == 0) {
        s->without_key++;
        return SP_OK;
    }
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 1024 : 2 * s->room;
        struct side *more =
            (struct side *)realloc(s->side, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        s->side = more;
        s->room = room;
    }
    s->side[s->count++] = *one;
    return SP_OK;
}

/* ---- the list ----------------------------------------------------------- */

static sp_err read_line(struct work *w, const struct cc_cells *cells)
{
    const char **text =
        (const char **)sp_arena_take(&w->arena, w->columns, sizeof(*text));
    struct side one = { .line = cells->line, .text = text };
    sp_err err = text == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < w->columns && err == SP_OK; i++) {
        const struct column *c = &w->column[i];
        struct sp_slice none = { NULL, 0 };

        err = keep_text(w, &c->sheet,
            c->at < cells->count ? cells->cell[c->at] : none, &text[i]);
    }
    if (err == SP_OK) {
        one.key = sp_slice_text(text[w->key]);
        err = add_side(&w->first, &one);
    }
    return err == SP_OK && w->first.count > SATCHEL_RECONCILE_ROWS_MAX
               ? cc_call_say(w->call, SP_E_TOO_LARGE,
                     "a list has at most %u lines; split it",
                     SATCHEL_RECONCILE_ROWS_MAX)
               : err;
}

/* What is wrong with the text, in words. */
static sp_err say_broken(
    struct work *w, const struct cc_cells *cells, sp_err err)
{
    switch (err) {
    case SP_E_VALUE:
        return cc_call_say(w->call, SP_E_ARGUMENT,
            "the list is not UTF-8 text: save it as CSV UTF-8");
    case SP_E_TRUNCATED:
        return cc_call_say(w->call, SP_E_ARGUMENT,
            "line %zu: a quote is opened and never closed", cells->line);
    case SP_E_TOO_LARGE:
        return cc_call_say(w->call, SP_E_ARGUMENT,
            "line %zu has more cells, or longer ones, than a list may have",
            cells->line);
    case SP_E_NOT_FOUND:
        return cc_call_say(w->call, SP_E_ARGUMENT,
            "the list is empty: its first row names the columns");
    default:
        return err;
    }
}

static sp_err read_list(struct work *w)
{
    const struct sp_slice text = { (const uint8_t *)w->query->text,
        w->query->bytes };
    struct cc_cells *cells = (struct cc_cells *)malloc(sizeof(*cells));
    sp_err err;

    if (cells == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_cells_begin(cells, text);
    if (err == SP_OK) {
        err = cc_cells_next(cells);
    }
    if (err != SP_OK) {
        err = say_broken(w, cells, err);
    } else {
        err = read_header(w, cells);
        while (err == SP_OK && (err = cc_cells_next(cells)) == SP_OK) {
            err = read_line(w, cells);
        }
        if (err == SP_E_NOT_FOUND) {
            err = SP_OK; /* behind the last line */
        } else if (w->call->detail[0] == '\0') {
            err = say_broken(w, cells, err);
        }
    }
    cc_cells_free(cells);
    free(cells);
    return err;
}

/* ---- the records -------------------------------------------------------- */

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    struct sp_ref now;
    const char **text;
    struct side one = { .id = view->ref.id };
    struct sp_buf cell;
    sp_err err = SP_OK;

    if (cc_sheet_deleted(view) ||
        (w->entity->forward != 0 &&
            sp_tree_survivor(&w->call->tx, view, &now) == SP_OK &&
            !sp_ref_equal(&now, &view->ref))) {
        return SP_OK; /* merged into another, which stands for it */
    }
    text = (const char **)sp_arena_take(&w->arena, w->columns, sizeof(*text));
    if (text == NULL) {
        return SP_E_NOMEM;
    }
    sp_buf_init(&cell, CC_SHEET_CELL_BYTES);
    for (size_t i = 0; i < w->columns && err == SP_OK; i++) {
        cell.size = 0;
        (void)cc_sheet_cell(w->entity, view, &w->column[i].sheet, NULL, &cell);
        text[i] = cc_value_string(&w->arena, sp_buf_slice(&cell));
        err = cell.err != SP_OK ? cell.err
              : text[i] == NULL ? SP_E_NOMEM
                                : SP_OK;
    }
    sp_buf_free(&cell);
    if (err != SP_OK) {
        return err;
    }
    one.text = text;
    one.key = sp_slice_text(text[w->key]);
    return add_side(&w->second, &one);
}

/* ---- held against each other -------------------------------------------- */

static int slice_cmp(struct sp_slice a, struct sp_slice b)
{
    size_t both = a.size < b.size ? a.size : b.size;
    int order = both == 0 ? 0 : memcmp(a.data, b.data, both);

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_key(const void *a, const void *b)
{
    const struct side *x = (const struct side *)a;
    const struct side *y = (const struct side *)b;
    int order = slice_cmp(x->key, y->key);

    if (order != 0) {
        return order;
    }
    return x->line != y->line ? (x->line > y->line) * 2 - 1
                              : sp_id_cmp(&x->id, &y->id);
}

static sp_err add_row(struct work *w, const struct satchel_reconcile_row *row)
{
    if (w->out->count == w->row_room) {
        size_t room = w->row_room == 0 ? 256 : 2 * w->row_room;
        struct satchel_reconcile_row *more =
            (struct satchel_reconcile_row *)realloc(
                w->row, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        w->row = more;
        w->row_room = room;
    }
    w->row[w->out->count++] = *row;
    return SP_OK;
}

static sp_err name_record(
    struct work *w, const struct side *s, struct satchel_reconcile_row *out)
{
    struct sp_ref ref = { w->entity->number, s->id };
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &s->id);
    out->id = cc_result_string(w->a, id);
    out->title = cc_result_string(w->a, cc_refer_title(w->call, &ref));
    return out->id == NULL || out->title == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err only(
    struct work *w, enum satchel_reconcile_what what, const struct side *s)
{
    struct satchel_reconcile_row row = { .what = what,
        .key = cc_result_text(w->a, s->key),
        .line = s->line,
        .id = "",
        .title = "",
        .field = "",
        .first = "",
        .second = "" };
    sp_err err = row.key == NULL ? SP_E_NOMEM : SP_OK;

    if (err == SP_OK && what == SATCHEL_ONLY_SECOND) {
        err = name_record(w, s, &row);
    }
    w->out->first += what == SATCHEL_ONLY_FIRST;
    w->out->second += what == SATCHEL_ONLY_SECOND;
    return err == SP_OK ? add_row(w, &row) : err;
}

static sp_err compare(
    struct work *w, const struct side *x, const struct side *y)
{
    bool alike = true;
    sp_err err = SP_OK;

    for (size_t i = 0; i < w->columns && err == SP_OK; i++) {
        struct satchel_reconcile_row row = { .what = SATCHEL_DIFFERING,
            .line = x->line,
            .field = w->column[i].name };

        if (strcmp(x->text[i], y->text[i]) == 0) {
            continue;
        }
        alike = false;
        row.key = cc_result_text(w->a, x->key);
        row.first = cc_result_string(w->a, x->text[i]);
        row.second = cc_result_string(w->a, y->text[i]);
        err = row.key == NULL || row.first == NULL || row.second == NULL
                  ? SP_E_NOMEM
                  : name_record(w, y, &row);
        if (err == SP_OK) {
            err = add_row(w, &row);
        }
    }
    w->out->matched += alike;
    w->out->differing += !alike;
    return err;
}

static sp_err hold(struct work *w)
{
    struct sides *x = &w->first, *y = &w->second;
    size_t i = 0, k = 0;
    sp_err err = SP_OK;

    if (x->count > 0) {
        qsort(x->side, x->count, sizeof(*x->side), by_key);
    }
    if (y->count > 0) {
        qsort(y->side, y->count, sizeof(*y->side), by_key);
    }
    while (err == SP_OK && (i < x->count || k < y->count)) {
        int order = i == x->count   ? 1
                    : k == y->count ? -1
                                    : slice_cmp(x->side[i].key, y->side[k].key);

        if (order < 0) {
            err = only(w, SATCHEL_ONLY_FIRST, &x->side[i++]);
        } else if (order > 0) {
            err = only(w, SATCHEL_ONLY_SECOND, &y->side[k++]);
        } else {
            err = compare(w, &x->side[i++], &y->side[k++]);
        }
    }
    w->out->without_key_first = x->without_key;
    w->out->without_key_second = y->without_key;
    return err;
}

/* ---- what is saved ------------------------------------------------------ */

/* One key a line, as many as there is room for, whole; then how many more. */
static void list_keys(const struct work *w, enum satchel_reconcile_what what,
    char out[SAVED_BYTES])
{
    size_t used = 0, left = 0;

    out[0] = '\0';
    for (size_t i = 0; i < w->out->count; i++) {
        const struct satchel_reconcile_row *r = &w->row[i];
        int more;

        if (r->what != what) {
            continue;
        }
        /* A few bytes stay for the last line; a character has up to four, so
         * bytes are the smaller measure. */
        more = snprintf(out + used, SAVED_BYTES - 40 - used,
            what == SATCHEL_DIFFERING ? "%s%s: %s: %s / %s" : "%s%s",
            used > 0 ? "\n" : "", r->key, r->field, r->first, r->second);
        if (more < 0 || (size_t)more >= SAVED_BYTES - 40 - used) {
            out[used] = '\0';
            left++;
        } else {
            used += (size_t)more;
        }
    }
    if (left > 0) {
        (void)snprintf(out + used, SAVED_BYTES - used, "\n... +%zu", left);
    }
}

static sp_err save(struct work *w)
{
    char first[SAVED_BYTES], second[SAVED_BYTES], differing[SAVED_BYTES];
    char matched[24], counts[120];
    const struct satchel_input in[] = { { "at", "now", SATCHEL_SET },
        { "name", w->query->name, SATCHEL_SET },
        { "matched", matched, SATCHEL_SET }, { "counts", counts, SATCHEL_SET },
        { "only_first", first, SATCHEL_SET },
        { "only_second", second, SATCHEL_SET },
        { "differing", differing, SATCHEL_SET } };
    const struct sp_entity *entity;
    struct satchel_saved saved;
    sp_err err = cc_call_entity(w->call, "reconciliation", &entity);

    list_keys(w, SATCHEL_ONLY_FIRST, first);
    list_keys(w, SATCHEL_ONLY_SECOND, second);
    list_keys(w, SATCHEL_DIFFERING, differing);
    (void)snprintf(matched, sizeof(matched), "%zu", w->out->matched);
    (void)snprintf(counts, sizeof(counts),
        "first=%zu; second=%zu; differing=%zu", w->out->first, w->out->second,
        w->out->differing);
    if (err == SP_OK) {
        err = cc_record_make(w->call, entity, NULL, in,
            sizeof(in) / sizeof(in[0]), NULL, 0, &saved);
    }
    if (err == SP_OK) {
        memcpy(w->out->id, saved.id, sizeof(saved.id));
    }
    return err;
}

/* ---- the call ----------------------------------------------------------- */

static sp_err keep_rows(struct work *w)
{
    struct satchel_reconcile_row *row =
        (struct satchel_reconcile_row *)sp_arena_take(
            w->a, w->out->count + 1, sizeof(*row));

    if (row == NULL) {
        return SP_E_NOMEM;
    }
    if (w->out->count > 0) {
        memcpy(row, w->row, w->out->count * sizeof(*row));
    }
    w->out->row = row;
    return SP_OK;
}

static sp_err reconcile(struct work *w)
{
    sp_err err;

    w->a = cc_result_arena(w->out);
    err = w->query == NULL || w->query->key == NULL || w->query->text == NULL
              ? SP_E_ARGUMENT
              : cc_call_entity(w->call, w->query->entity, &w->entity);
    if (err == SP_OK) {
        err = read_list(w);
    }
    if (err == SP_OK) {
        err = sp_state_walk(
            &w->call->tx, w->entity->number, NULL, take_record, w);
    }
    if (err == SP_OK) {
        err = hold(w);
    }
    if (err == SP_OK && w->query->name != NULL) {
        err = save(w);
    }
    return err == SP_OK ? keep_rows(w) : err;
}

int satchel_reconcile(struct satchel *s,
    const struct satchel_reconcile_query *query,
    struct satchel_reconciliation **out, struct satchel_error *e)
{
    struct cc_call c;
    struct work *w;
    void *result;
    sp_err err;
    int rc = cc_call_begin(&c, s, query != NULL && query->name != NULL, e);

    if (rc != 0) {
        return rc;
    }
    w = (struct work *)calloc(1, sizeof(*w));
    result = cc_result_new(sizeof(struct satchel_reconciliation));
    err = w == NULL || result == NULL ? SP_E_NOMEM : SP_OK;
    if (err == SP_OK) {
        w->call = &c;
        w->query = query;
        w->out = (struct satchel_reconciliation *)result;
        sp_arena_init(&w->arena, ARENA_BYTES);
        err = reconcile(w);
        sp_arena_free(&w->arena);
        free(w->first.side);
        free(w->second.side);
        free(w->row);
    }
    free(w);
    return cc_call_give(&c, err, result, out);
}
