#include "replica/index.h"

#include <stdlib.h>
#include <string.h>

#include "book/fold.h"

#define POOL_BYTES_MAX  (256u << 20)
#define ENTRIES_START   1024u
#define REFERENCE_BYTES 256u
#define ID_DIGITS_MIN   4u

void cc_index_init(struct cc_index *x)
{
    memset(x, 0, sizeof(*x));
    sp_buf_init(&x->pool, POOL_BYTES_MAX);
}

void cc_index_free(struct cc_index *x)
{
    free(x->entry);
    sp_buf_wipe(&x->pool);
    cc_index_init(x);
}

const char *cc_index_text(const struct cc_index *x, uint32_t offset)
{
    return (const char *)x->pool.data + offset;
}

/* ---- loading ----------------------------------------------------------- */

struct load {
    struct cc_index *x;
    struct sp_tx *tx;
    uint16_t type;
    struct cc_entry_maker *maker;
    struct sp_id *stale; /* marked records, in order */
    size_t stale_count, stale_capacity;
};

static sp_err room(struct cc_index *x)
{
    size_t more = x->capacity == 0 ? ENTRIES_START : 2 * x->capacity;
    struct cc_entry *e;

    if (x->count < x->capacity) {
        return SP_OK;
    }
    e = (struct cc_entry *)realloc(x->entry, more * sizeof(*e));
    if (e == NULL) {
        return SP_E_NOMEM;
    }
    x->entry = e;
    x->capacity = more;
    return SP_OK;
}

/* Takes the entries at the end of the pool, from an offset on. */
static sp_err unpack(struct cc_index *x, size_t from)
{
    sp_err err = x->pool.err;

    while (err == SP_OK && from < x->pool.size) {
        err = room(x);
        if (err == SP_OK) {
            err = cc_entry_unpack(
                sp_buf_slice(&x->pool), &from, &x->entry[x->count]);
        }
        x->count += err == SP_OK;
    }
    return err;
}

/* An entry of the record as it is now. */
static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct load *l = (struct load *)arg;
    size_t from = l->x->pool.size;
    sp_err err = cc_entry_pack(l->maker, view, &l->x->pool);

    return err == SP_OK ? unpack(l->x, from) : err;
}

static sp_err take_page(void *arg, struct sp_slice packed)
{
    struct load *l = (struct load *)arg;
    size_t from = l->x->pool.size;

    sp_buf_put(&l->x->pool, packed.data, packed.size);
    return unpack(l->x, from);
}

static sp_err take_stale(void *arg, const struct sp_id *id)
{
    struct load *l = (struct load *)arg;

    if (l->stale_count == l->stale_capacity) {
        size_t more = l->stale_capacity == 0 ? 64 : 2 * l->stale_capacity;
        struct sp_id *list =
            (struct sp_id *)realloc(l->stale, more * sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        l->stale = list;
        l->stale_capacity = more;
    }
    l->stale[l->stale_count++] = *id;
    return SP_OK;
}

/* Drops the entries of marked records; their order stays. */
static void drop_stale(struct load *l)
{
    struct cc_index *x = l->x;
    size_t n = 0, at = 0;

    for (size_t i = 0; i < x->count && l->stale_count > 0; i++) {
        while (at < l->stale_count &&
               sp_id_cmp(&l->stale[at], &x->entry[i].id) < 0) {
            at++;
        }
        if (at < l->stale_count &&
            sp_id_equal(&l->stale[at], &x->entry[i].id)) {
            continue;
        }
        if (n != i) {
            x->entry[n] = x->entry[i];
        }
        n++;
    }
    x->count = l->stale_count > 0 ? n : x->count;
}

static sp_err read_stale(struct load *l, const struct cc_summary_head *head)
{
    struct sp_arena arena;
    sp_err err = SP_OK;

    sp_arena_init(&arena, 8u * SP_RECORD_BYTES_MAX);
    for (size_t i = 0; i < l->stale_count && err == SP_OK; i++) {
        struct sp_ref ref = { l->type, l->stale[i] };
        struct sp_record view;
        if (!head->done && sp_id_cmp(&ref.id, &head->cursor) > 0) {
            break; /* read with those behind the cursor */
        }
        sp_arena_reset(&arena);
        err = sp_state_view(l->tx, &ref, &arena, &view, NULL);
        if (err == SP_OK) {
            err = take_record(l, &view);
        } else if (err == SP_E_NOT_FOUND) {
            err = SP_OK;
        }
    }
    sp_arena_free(&arena);
    return err;
}

static int order_entries(const void *a, const void *b)
{
    return sp_id_cmp(
        &((const struct cc_entry *)a)->id, &((const struct cc_entry *)b)->id);
}

/* Pages, then what is newer than they are. */
static sp_err load_summary(
    struct load *l, struct cc_summary *s, struct cc_summary_head *head)
{
    size_t before;
    sp_err err = cc_summary_head(s, l->tx, l->type, head);

    if (err == SP_OK) {
        err = cc_summary_pages(l->tx, l->type, take_page, l);
    }
    if (err == SP_OK) {
        err = cc_summary_stale(l->tx, l->type, take_stale, l);
    }
    if (err != SP_OK) {
        return err;
    }
    drop_stale(l);
    before = l->x->count;
    err = read_stale(l, head);
    if (err == SP_OK && l->x->count > before) {
        qsort(l->x->entry, l->x->count, sizeof(*l->x->entry), order_entries);
    }
    return err;
}

static sp_err load(struct load *l, struct cc_summary *s)
{
    struct cc_summary_head head = { .done = false };
    sp_err err = s == NULL ? SP_E_NOT_FOUND : load_summary(l, s, &head);

    if ((err == SP_OK && head.done) ||
        (err != SP_OK && err != SP_E_NOT_FOUND)) {
        return err;
    }
    return sp_state_walk(l->tx, l->type,
        sp_id_is_zero(&head.cursor) ? NULL : &head.cursor, take_record, l);
}

sp_err cc_index_load(struct cc_index *x, struct cc_summary *s, struct sp_tx *tx,
    const struct sp_entity *entity)
{
    struct load l = { .x = x, .tx = tx, .type = entity->number };
    sp_err err = SP_E_NOMEM;

    x->count = 0;
    x->type = 0;
    sp_buf_reset(&x->pool);
    l.maker = cc_entry_maker_new(entity, CC_ENTRY_NAMED);
    if (l.maker != NULL) {
        err = load(&l, s);
    }
    if (err == SP_OK) {
        x->type = entity->number;
    } else {
        x->count = 0;
    }
    cc_entry_maker_free(l.maker);
    free(l.stale);
    return err;
}

/* ---- looking ----------------------------------------------------------- */

const struct cc_entry *cc_index_find(
    const struct cc_index *x, const struct sp_id *id)
{
    size_t low = 0, high = x->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sp_id_cmp(&x->entry[middle].id, id);
        if (order == 0) {
            return &x->entry[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct cc_entry *cc_index_survivor(
    const struct cc_index *x, const struct cc_entry *e)
{
    const struct cc_entry *at = e;

    for (unsigned hops = 0; hops < SP_TREE_HOPS_MAX; hops++) {
        const struct cc_entry *next =
            sp_id_is_zero(&at->into) ? NULL : cc_index_find(x, &at->into);
        if (next == NULL) {
            return at;
        }
        at = next;
    }
    return e; /* a circle; the engine says where it is broken */
}

/* Hexadecimal digits of an id's beginning; false when it is none. */
static bool id_digits(const char *text, char out[33])
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        char c = *text;
        if (c == '-') {
            continue;
        }
        c = c >= 'A' && c <= 'F' ? (char)(c + 0x20) : c;
        if (n == 32 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return n >= ID_DIGITS_MIN;
}

struct reference {
    char folded[REFERENCE_BYTES + 1];
    char digits[33]; /* "" when it cannot be an id */
    size_t size;
};

static bool fits_id(const struct cc_entry *e, const struct reference *r)
{
    char hex[33];

    if (r->digits[0] == '\0') {
        return false;
    }
    sp_hex(hex, e->id.b, sizeof(e->id.b));
    return strncmp(hex, r->digits, strlen(r->digits)) == 0;
}

static enum cc_fit fit_of(const struct cc_index *x, const struct cc_entry *e,
    const struct reference *r, const char *text)
{
    const char *title = cc_index_text(x, e->folded);

    if (!e->deleted && text[0] != '\0' &&
        strcmp(cc_index_text(x, e->number), text) == 0) {
        return CC_FIT_NUMBER;
    }
    if (!e->deleted && r->size > 0 && strcmp(title, r->folded) == 0) {
        return CC_FIT_TITLE;
    }
    if (fits_id(e, r)) {
        return CC_FIT_ID;
    }
    if (!e->deleted && r->size > 0 && strncmp(title, r->folded, r->size) == 0) {
        return CC_FIT_PREFIX;
    }
    return CC_FIT_NONE;
}

/* What was merged is what it is now: two of those that a name fits, of which
 * one went up into the other, are one. What stands itself is named then. */
static bool among(const struct cc_index *x, const struct cc_entry **out,
    size_t count, const struct cc_entry *e)
{
    const struct cc_entry *is = cc_index_survivor(x, e);

    for (size_t i = 0; i < count; i++) {
        if (cc_index_survivor(x, out[i]) == is) {
            out[i] = is == e ? e : out[i];
            return true;
        }
    }
    return false;
}

enum cc_fit cc_index_refer(const struct cc_index *x, const char *text,
    const struct cc_entry **out, size_t max, size_t *count)
{
    enum cc_fit best = CC_FIT_NONE;
    struct reference r = { .size = 0 };

    *count = 0;
    if (strlen(text) > REFERENCE_BYTES) {
        return CC_FIT_NONE;
    }
    r.size = cc_fold_text(sp_slice_text(text), r.folded);
    if (!id_digits(text, r.digits)) {
        r.digits[0] = '\0';
    }
    for (size_t i = 0; i < x->count; i++) {
        enum cc_fit fit = fit_of(x, &x->entry[i], &r, text);
        if (fit < best) {
            best = fit;
            *count = 0;
        }
        if (fit == best && fit != CC_FIT_NONE &&
            !among(x, out, *count < max ? *count : max, &x->entry[i])) {
            if (*count < max) {
                out[*count] = &x->entry[i];
            }
            (*count)++;
        }
    }
    return best;
}
