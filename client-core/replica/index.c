#include "replica/index.h"

#include <stdlib.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "book/fold.h"

#define POOL_BYTES_MAX  (256u << 20)
#define ENTRIES_START   1024u
#define TEXT_BYTES_MAX  1024u
#define REFERENCE_BYTES 256u
#define ID_DIGITS_MIN   4u

/* What a field is to the index. */
enum role {
    NOTHING,
    TITLE,
    NUMBER,
    TERRITORY,
    PHONE,
    SEARCHED,
    PARENT,
    FORWARD
};

struct load {
    struct cc_index *x;
    const struct sp_entity *entity;
    uint8_t role[SP_FIELD_MAX + 1];
    struct sp_buf text; /* of one value */
    struct sp_buf hay;  /* of one record */
};

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
    return offset == 0 ? "" : (const char *)x->pool.data + offset;
}

/* ---- which fields ------------------------------------------------------ */

static const struct sp_field *first_named(
    const struct sp_entity *e, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sp_field *f =
            sp_dictionary_field_named(e, sp_slice_text(names[i]));
        if (f != NULL && !f->set && !f->retired && f->kind == SP_VALUE_STR) {
            return f;
        }
    }
    return NULL;
}

const struct sp_field *cc_index_title_field(const struct sp_entity *e)
{
    static const char *const names[] = { "name", "title", "subject" };

    return first_named(e, names, sizeof(names) / sizeof(names[0]));
}

const struct sp_field *cc_index_number_field(const struct sp_entity *e)
{
    static const char *const names[] = { "number", "code" };

    return first_named(e, names, sizeof(names) / sizeof(names[0]));
}

static void find_roles(struct load *l)
{
    const struct sp_entity *e = l->entity;
    const struct sp_field *title = cc_index_title_field(e);
    const struct sp_field *number = cc_index_number_field(e);

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (sp_dictionary_successor(e, f->number) != NULL) {
            continue; /* its successor shows what it holds */
        }
        if (f == title) {
            l->role[f->number] = TITLE;
        } else if (f == number) {
            l->role[f->number] = NUMBER;
        } else if (f->number == e->territory) {
            l->role[f->number] = TERRITORY;
        } else if (f->number == e->parent) {
            l->role[f->number] = PARENT;
        } else if (f->number == e->forward) {
            l->role[f->number] = FORWARD;
        } else if (f->kind == SP_VALUE_PHONE) {
            l->role[f->number] = PHONE;
        } else if (sp_slice_equal(f->name, sp_slice_text("alias"))) {
            l->role[f->number] = SEARCHED;
        }
    }
}

/* ---- one record -------------------------------------------------------- */

static uint32_t keep(struct cc_index *x, const void *text, size_t size)
{
    uint32_t at = (uint32_t)x->pool.size;

    if (size == 0) {
        return 0;
    }
    sp_buf_put(&x->pool, text, size);
    sp_buf_put_u8(&x->pool, 0);
    return at;
}

static void add_hay(struct load *l, struct sp_slice text, bool digits)
{
    char folded[TEXT_BYTES_MAX + 1];
    size_t n;

    if (text.size > TEXT_BYTES_MAX) {
        text.size = TEXT_BYTES_MAX;
    }
    n = digits ? cc_fold_digits(text, folded) : cc_fold_text(text, folded);
    if (n > 0) {
        sp_buf_put(&l->hay, folded, n);
        sp_buf_put_u8(&l->hay, '\n');
    }
}

static void take_title(struct load *l, struct cc_entry *e, struct sp_slice text)
{
    char folded[TEXT_BYTES_MAX + 1];

    if (text.size > TEXT_BYTES_MAX) {
        text.size = TEXT_BYTES_MAX;
    }
    e->title = keep(l->x, text.data, text.size);
    e->folded = keep(l->x, folded, cc_fold_text(text, folded));
    add_hay(l, text, false);
}

/* The text of a value; valid until the next call. */
static struct sp_slice text_of(
    struct load *l, const struct sp_field *f, struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_STR) {
        return sp_rd_str(&r, SP_VALUE_BYTES_MAX); /* most of them */
    }
    sp_buf_reset(&l->text);
    sp_dictionary_format_value(f, value, SP_TEXT_EXACT, &l->text);
    return sp_buf_slice(&l->text);
}

static void take_id(struct sp_id *out, struct sp_slice value)
{
    struct sp_rd r;
    struct sp_id id;

    sp_rd_init(&r, value);
    sp_rd_fixed(&r, id.b, sizeof(id.b));
    if (sp_rd_done(&r) == SP_OK) {
        *out = id;
    }
}

static void take_value(struct load *l, struct cc_entry *e, enum role role,
    const struct sp_field *f, struct sp_slice value)
{
    struct sp_slice text;

    if (role == PARENT || role == FORWARD) {
        take_id(role == PARENT ? &e->parent : &e->into, value);
        return;
    }
    text = text_of(l, f, value);
    if (text.size == 0) {
        return;
    }
    switch (role) {
    case TITLE:
        take_title(l, e, text);
        break;
    case NUMBER:
        e->number = keep(l->x, text.data, text.size);
        add_hay(l, text, false);
        break;
    case TERRITORY:
        e->territory = keep(l->x, text.data, text.size);
        break;
    case PHONE:
        if (e->phone == 0) {
            e->phone = keep(l->x, text.data, text.size);
        }
        add_hay(l, text, true);
        break;
    default:
        add_hay(l, text, false);
    }
}

static bool in_conflict(
    const struct sp_entity *e, const struct sp_register *reg)
{
    const struct sp_field *f =
        reg->count < 2 ? NULL : sp_dictionary_field(e, reg->key.field);

    return f != NULL && sp_dictionary_conflict(f, reg);
}

static void take_register(struct load *l, struct cc_entry *e,
    const struct sp_record *view, const struct sp_register *reg)
{
    enum role role = (enum role)l->role[reg->key.field];
    const struct sp_sibling *shown;
    const struct sp_field *f;

    if (sp_slice_equal(reg->key.element, sp_case_key(reg->key.field).element)) {
        e->conflict = e->conflict || sp_case_is_open(view, reg->key.field);
        return;
    }

    if (reg->key.field == SP_FIELD_DELETED) {
        shown = sp_merge_shown(reg, SP_MERGE_LWW);
        e->deleted = shown != NULL && shown->value.size == 1 &&
                     shown->value.data[0] == 0xc3; /* true */
        return;
    }
    e->conflict = e->conflict || in_conflict(l->entity, reg);
    if (role == NOTHING) {
        return;
    }
    f = sp_dictionary_field(l->entity, reg->key.field);
    shown = sp_merge_shown(reg, f->merge);
    if (shown != NULL) {
        take_value(l, e, role, f, shown->value);
    }
}

static sp_err take_record(void *arg, const struct sp_record *view)
{
    struct load *l = (struct load *)arg;
    struct cc_index *x = l->x;
    struct cc_entry *e;

    if (x->count == x->capacity) {
        size_t more = x->capacity == 0 ? ENTRIES_START : 2 * x->capacity;
        e = (struct cc_entry *)realloc(x->entry, more * sizeof(*e));
        if (e == NULL) {
            return SP_E_NOMEM;
        }
        x->entry = e;
        x->capacity = more;
    }
    e = &x->entry[x->count];
    memset(e, 0, sizeof(*e));
    e->id = view->ref.id;
    sp_buf_reset(&l->hay);
    for (uint32_t i = 0; i < view->count; i++) {
        if (view->reg[i].key.field <= SP_FIELD_MAX) {
            take_register(l, e, view, &view->reg[i]);
        }
    }
    e->hay = keep(x, l->hay.data, l->hay.size);
    x->count++;
    return x->pool.err != SP_OK ? x->pool.err : l->hay.err;
}

sp_err cc_index_load(
    struct cc_index *x, struct sp_tx *tx, const struct sp_entity *entity)
{
    struct load *l = (struct load *)calloc(1, sizeof(*l));
    sp_err err;

    if (l == NULL) {
        return SP_E_NOMEM;
    }
    x->count = 0;
    x->type = 0;
    sp_buf_reset(&x->pool);
    sp_buf_put_u8(&x->pool, 0); /* offset 0 is the empty text */
    l->x = x;
    l->entity = entity;
    sp_buf_init(&l->text, SP_VALUE_BYTES_MAX * 4);
    sp_buf_init(&l->hay, SP_RECORD_BYTES_MAX);
    find_roles(l);
    err = sp_state_walk(tx, entity->number, NULL, take_record, l);
    if (err == SP_OK) {
        x->type = entity->number;
    } else {
        x->count = 0;
    }
    sp_buf_wipe(&l->text);
    sp_buf_wipe(&l->hay);
    free(l);
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

bool cc_index_has(const struct cc_index *x, const struct cc_entry *e,
    const char *folded, const char *digits)
{
    const char *hay = cc_index_text(x, e->hay);

    return strstr(hay, folded) != NULL ||
           (strlen(digits) >= 3 && strstr(hay, digits) != NULL);
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

    if (!e->deleted && e->number != 0 &&
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
        if (fit == best && fit != CC_FIT_NONE) {
            if (*count < max) {
                out[*count] = &x->entry[i];
            }
            (*count)++;
        }
    }
    return best;
}
