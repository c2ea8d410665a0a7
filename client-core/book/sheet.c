#include "book/sheet.h"

#include <string.h>

#include "sp/pack.h"
#include "sp/seal.h"

#include "book/csv.h"

static bool by_consent(const struct cc_sheet_view *view,
    const struct sp_entity *e, const struct sp_field *f)
{
    return view != NULL && view->consented && f->derive != SP_DERIVE_NONE &&
           f->needs != 0 &&
           (view->reads == NULL ||
               (view->reads(view->self, e->number, f->number) &&
                   !view->reads(view->self, e->number, f->source)));
}

bool cc_sheet_takes(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_record *r)
{
    bool asked = false;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (!by_consent(view, e, f)) {
            continue;
        }
        const struct sp_register *reg =
            sp_record_find(r, f->number, (struct sp_slice){ NULL, 0 });
        if (reg != NULL && sp_dictionary_member(reg)) {
            return true;
        }
        asked = true;
    }
    return !asked;
}

bool cc_sheet_shows(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_field *f, bool *hides)
{
    bool bytes = view != NULL && view->bytes;

    if ((f->kind == SP_VALUE_BYTES && !bytes) || f->retired ||
        (f->merge == SP_MERGE_DRV && !by_consent(view, e, f)) ||
        (view != NULL && view->reads != NULL &&
            !view->reads(view->self, e->number, f->number))) {
        return false;
    }
    bool agreed = view != NULL && view->sensitive;
    if (f->sensitivity >= (agreed ? CC_SHEET_SECRET : CC_SHEET_SENSITIVE)) {
        if (hides != NULL) {
            *hides = true;
        }
        return false;
    }
    return true;
}

size_t cc_sheet_columns(const struct cc_sheet_view *view,
    const struct sp_entity *e, struct cc_sheet_column out[CC_SHEET_COLUMNS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        uint32_t parts =
            f->kind == SP_VALUE_GROUP && !f->set ? f->part_count : 1;

        if (!cc_sheet_shows(view, e, f, NULL)) {
            continue;
        }
        for (uint32_t k = 0; k < parts && count < CC_SHEET_COLUMNS_MAX; k++) {
            out[count].field = f;
            out[count].part =
                f->kind == SP_VALUE_GROUP && !f->set ? &f->part[k] : NULL;
            count++;
        }
    }
    return count;
}

static void put_label(
    const struct sp_field *f, const enum cc_lang *labels, struct sp_buf *out)
{
    struct sp_slice s = labels == NULL          ? f->name
                        : *labels == CC_LANG_ZH ? f->label_zh
                                                : f->label_en;

    sp_buf_put(out, s.data, s.size);
}

void cc_sheet_name(const struct cc_sheet_column *c, const enum cc_lang *labels,
    struct sp_buf *out)
{
    put_label(c->field, labels, out);
    if (c->part != NULL) {
        sp_buf_put(out, ".", 1);
        put_label(c->part, labels, out);
    }
}

/* ---- values ------------------------------------------------------------ */

static bool is_nil(struct sp_slice value)
{
    return value.size == 0 || (value.size == 1 && value.data[0] == 0xc0u);
}

struct sp_slice cc_sheet_shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f)
{
    struct sp_slice none = { NULL, 0 };
    const struct sp_sibling *s = sp_dictionary_past_shown(e, r, f, none);

    return s == NULL || is_nil(s->value) ? none : s->value;
}

struct walk {
    const struct sp_entity *e;
    const struct sp_record *r;
    const struct sp_field *f;
    void (*each)(void *arg, struct sp_slice value);
    void *arg;
};

static bool member(void *arg, struct sp_slice element)
{
    const struct walk *w = (const struct walk *)arg;
    const struct sp_register *reg = sp_record_find(w->r, w->f->number, element);

    /* A member whose removal another did not know of stands: add wins. */
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (!is_nil(reg->sibling[i].value)) {
            w->each(w->arg, reg->sibling[i].value);
            break;
        }
    }
    return true;
}

void cc_sheet_members(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f, void (*each)(void *arg, struct sp_slice value),
    void *arg)
{
    struct walk w = { e, r, f, each, arg };

    sp_dictionary_past_members(e, r, f, member, &w);
}

bool cc_sheet_deleted(const struct sp_record *r)
{
    const struct sp_register *reg = sp_record_field(r, SP_FIELD_DELETED);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);

    return s != NULL && s->value.size == 1 && s->value.data[0] == 0xc3u;
}

/* ---- cells ------------------------------------------------------------- */

struct sp_slice cc_sheet_part(struct sp_slice group, size_t index)
{
    struct sp_rd r;
    struct sp_slice out = { NULL, 0 };
    uint32_t count;

    sp_rd_init(&r, group);
    if (sp_rd_peek(&r) != SP_KIND_ARRAY) {
        return out;
    }
    count = sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
    for (uint32_t i = 0; i < count && i <= index; i++) {
        struct sp_slice value = sp_rd_value(&r);
        out = i == index && !is_nil(value) ? value : out;
    }
    return out;
}

static void put_value(const struct sp_field *f, struct sp_slice value,
    const enum cc_lang *labels, struct sp_buf *out)
{
    enum sp_text_form form = SP_TEXT_EXACT;

    if (labels != NULL && f->kind == SP_VALUE_ENUM) {
        form = *labels == CC_LANG_ZH ? SP_TEXT_ZH : SP_TEXT_EN;
    }
    sp_dictionary_format_value(f, value, form, out);
}

struct cell {
    size_t from; /* where it begins in out */
    const struct sp_field *f;
    const enum cc_lang *labels;
    struct sp_buf *out;
    size_t count;
};

/* "number=...", which a reader takes for the whole. */
static bool names_part(const struct sp_field *f, struct sp_slice text)
{
    struct sp_slice name = f->part[0].name;

    return text.size > name.size && text.data[name.size] == '=' &&
           memcmp(text.data, name.data, name.size) == 0;
}

/* Of a group the first part where that is all of it. */
static void put_group(const struct sp_field *f, struct sp_slice value,
    const enum cc_lang *labels, struct sp_buf *out)
{
    bool whole = false;

    for (size_t i = 1; i < f->part_count; i++) {
        whole = whole || cc_sheet_part(value, i).size > 0;
    }
    put_value(&f->part[0], cc_sheet_part(value, 0), labels, out);
    if (whole || names_part(f, sp_buf_slice(out))) {
        sp_buf_reset(out);
        put_value(f, value, labels, out);
    }
}

static void put_member(void *arg, struct sp_slice value)
{
    struct cell *c = (struct cell *)arg;
    struct sp_buf text;

    sp_buf_init(&text, CC_SHEET_CELL_BYTES);
    if (c->f->kind == SP_VALUE_GROUP) {
        put_group(c->f, value, c->labels, &text);
    } else {
        put_value(c->f, value, c->labels, &text);
    }
    cc_csv_put_member(c->out, c->from, sp_buf_slice(&text));
    c->count++;
    c->out->err = c->out->err == SP_OK ? text.err : c->out->err;
    sp_buf_free(&text);
}

static void put_sum(
    const struct sp_field *f, const struct sp_record *r, struct sp_buf *out)
{
    struct sp_buf packed;
    struct sp_field plain = *f;

    plain.merge = SP_MERGE_LWW;
    sp_buf_init(&packed, 16);
    sp_wr_int(&packed, sp_dictionary_count(f, r, NULL));
    sp_dictionary_format_value(
        &plain, sp_buf_slice(&packed), SP_TEXT_EXACT, out);
    sp_buf_free(&packed);
}

bool cc_sheet_cell(const struct sp_entity *e, const struct sp_record *r,
    const struct cc_sheet_column *c, const enum cc_lang *labels,
    struct sp_buf *out)
{
    const struct sp_field *f = c->field;
    struct sp_slice value;

    if (f->set) {
        struct cell cell = { out->size, f, labels, out, 0 };
        cc_sheet_members(e, r, f, put_member, &cell);
        return cell.count > 0;
    }
    if (f->merge == SP_MERGE_CNT) {
        uint32_t count = 0;
        (void)sp_dictionary_count(f, r, &count);
        if (count > 0) {
            put_sum(f, r, out);
        }
        return count > 0;
    }
    value = cc_sheet_shown(e, r, f);
    if (c->part != NULL) {
        value = cc_sheet_part(value, (size_t)(c->part - f->part));
    }
    if (value.size == 0) {
        return false;
    }
    put_value(c->part != NULL ? c->part : f, value, labels, out);
    return true;
}

/* ---- hash -------------------------------------------------------------- */

static void hash_slice(struct sp_hasher *h, struct sp_slice s)
{
    uint8_t size[4];

    sp_set_u32be(size, (uint32_t)s.size);
    sp_hasher_add(h, size, sizeof size);
    if (s.size > 0) {
        sp_hasher_add(h, s.data, s.size);
    }
}

static void hash_member(void *arg, struct sp_slice value)
{
    hash_slice((struct sp_hasher *)arg, value);
}

static void hash_field(struct sp_hasher *h, const struct sp_entity *e,
    const struct sp_record *r, const struct sp_field *f)
{
    uint8_t number[4];

    sp_set_u32be(number, f->number);
    sp_hasher_add(h, number, sizeof number);
    if (f->set) {
        cc_sheet_members(e, r, f, hash_member, h);
    } else if (f->merge == SP_MERGE_CNT) {
        uint8_t sum[8];
        sp_set_u64be(sum, (uint64_t)sp_dictionary_count(f, r, NULL));
        sp_hasher_add(h, sum, sizeof sum);
    } else {
        hash_slice(h, cc_sheet_shown(e, r, f));
    }
}

void cc_sheet_hash(const struct cc_sheet_view *view, const struct sp_entity *e,
    const struct sp_record *r, uint8_t out[CC_SHEET_HASH_BYTES])
{
    struct sp_hasher h;
    uint8_t type[4];

    sp_hasher_init(&h, CC_SHEET_HASH_BYTES, NULL);
    sp_set_u32be(type, r->ref.type);
    sp_hasher_add(&h, type, sizeof type);
    sp_hasher_add(&h, r->ref.id.b, sizeof r->ref.id.b);
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (cc_sheet_shows(view, e, &e->field[i], NULL)) {
            hash_field(&h, e, r, &e->field[i]);
        }
    }
    sp_hasher_end(&h, out, CC_SHEET_HASH_BYTES);
}
