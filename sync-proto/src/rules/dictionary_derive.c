/*
 * dictionary_derive.c - fields that nobody writes: the image of another field.
 *
 * An image has the dots and contexts of its source, and each sibling's value
 * mapped. So it joins, counts and travels as any other register, and the image
 * of a join is the join of the images: whoever makes it, in whatever order
 * things came, makes the same.
 *
 * An image that needs consent is there while the consent is, else there is no
 * register at all: neither value nor dots, so that sums of those who hold it
 * and those who do not tell. Of two such copies the join is not always the
 * image of the join, since the one may lack what the other withheld. So who
 * has source and consent, a server, makes it anew; who has only the consent, a
 * device, takes it away when that is lost, and gets it, when it is given, with
 * the consent: an image has never stood for longer than its consent.
 */
#include "sp/dictionary.h"

#include "sp/pack.h"
#include "text.h"

#include <string.h>

static const uint8_t nil_byte[1] = { 0xc0 };

/* ---- values ------------------------------------------------------------ */

static bool is_nil(struct sp_slice value)
{
    return value.size == 1 && value.data[0] == nil_byte[0];
}

/* The text of a str, or of a phone that was kept as typed. */
static struct sp_slice text_of(struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        sp_rd_array_of(&r, 1);
    }
    return sp_rd_str(&r, SP_STRING_BYTES_MAX);
}

/* The end of a text: so many characters, but never more than half of it. */
static struct sp_slice tail_of(struct sp_slice text, uint32_t characters)
{
    uint32_t half = sp_text_characters(text) / 2u;
    size_t at = text.size;

    for (uint32_t left = characters < half ? characters : half; left > 0;
         left--) {
        do {
            at--;
        } while (at > 0 && (text.data[at] & 0xc0) == 0x80);
    }
    return sp_slice_of(text.data + at, text.size - at);
}

/* Four stars whatever the length, which is none of the reader's business. */
static void mask_tail(
    const struct sp_field *f, struct sp_slice value, struct sp_buf *out)
{
    struct sp_slice tail = tail_of(text_of(value), f->argument);
    struct sp_buf text;

    sp_buf_init(&text, SP_STRING_BYTES_MAX);
    sp_buf_put(&text, "****", 4);
    sp_buf_put(&text, tail.data, tail.size);
    if (text.err != SP_OK) {
        out->err = text.err;
    } else {
        sp_wr_str(out, sp_buf_slice(&text));
    }
    sp_buf_free(&text);
}

static void part(
    const struct sp_field *f, struct sp_slice value, struct sp_buf *out)
{
    struct sp_rd r;
    struct sp_slice v = { nil_byte, 1 };

    sp_rd_init(&r, value);
    uint32_t count = sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX);
    for (uint32_t i = 0; i < f->argument && i < count; i++) {
        struct sp_slice next = sp_rd_value(&r);
        if (i + 1u == f->argument && r.err == SP_OK) {
            v = next;
        }
    }
    sp_buf_put(out, v.data, v.size);
}

static void year(
    const struct sp_field *source, struct sp_slice value, struct sp_buf *out)
{
    struct sp_slice text;
    struct sp_buf date;
    struct sp_rd r;
    unsigned y = 0;
    int64_t days;

    sp_rd_init(&r, value);
    if (source->kind == SP_VALUE_TS) {
        sp_rd_array_of(&r, 2);
        days = (int64_t)(sp_rd_uint(&r, 0, SP_TEXT_MS_MAX) / 86400000u);
    } else {
        days = sp_rd_int(&r, SP_TEXT_DAY_MIN, SP_TEXT_DAY_MAX);
    }
    sp_buf_init(&date, 16);
    sp_text_put_date(&date, days);
    text = sp_buf_slice(&date);
    if (r.err == SP_OK && date.err == SP_OK && sp_text_digits(&text, 4, &y)) {
        sp_wr_uint(out, y);
    } else {
        sp_wr_nil(out);
    }
    sp_buf_free(&date);
}

static void map_value(const struct sp_field *f, const struct sp_field *source,
    struct sp_slice value, struct sp_buf *out)
{
    if (is_nil(value) || sp_dictionary_check_value(source, value) != SP_OK) {
        sp_wr_nil(out);
        return;
    }
    switch (f->derive) {
    case SP_DERIVE_MASK_TAIL:
        mask_tail(f, value, out);
        break;
    case SP_DERIVE_PART:
        part(f, value, out);
        break;
    case SP_DERIVE_YEAR:
        year(source, value, out);
        break;
    case SP_DERIVE_COPY:
        sp_buf_put(out, value.data, value.size);
        break;
    case SP_DERIVE_NONE:
        sp_wr_nil(out);
    }
}

/* Of a value that the derived field cannot hold nothing is shown. */
static sp_err derived_value(const struct sp_field *f,
    const struct sp_field *source, struct sp_slice value,
    struct sp_arena *arena, struct sp_slice *out)
{
    struct sp_buf b;

    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    map_value(f, source, value, &b);
    if (b.err == SP_OK &&
        sp_dictionary_check_value(f, sp_buf_slice(&b)) == SP_OK) {
        *out = sp_arena_copy(arena, sp_buf_slice(&b));
    } else {
        *out = (struct sp_slice){ nil_byte, 1 };
    }
    sp_buf_free(&b);
    return out->data == NULL ? SP_E_NOMEM : SP_OK;
}

/* ---- registers --------------------------------------------------------- */

static sp_err image_of(const struct sp_field *f, const struct sp_field *source,
    const struct sp_register *reg, struct sp_arena *arena,
    struct sp_register *out)
{
    struct sp_sibling *s = sp_arena_take(arena, reg->count + 1u, sizeof(*s));

    if (s == NULL) {
        return SP_E_NOMEM;
    }
    *out = (struct sp_register){ .key = { f->number, { NULL, 0 } },
        .context = reg->context,
        .count = reg->count,
        .sibling = s };
    for (uint32_t i = 0; i < reg->count; i++) {
        s[i].stamp = reg->sibling[i].stamp;
        sp_err err =
            derived_value(f, source, reg->sibling[i].value, arena, &s[i].value);
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}

static bool same_register(
    const struct sp_register *a, const struct sp_register *b)
{
    if (a->count != b->count ||
        sp_vector_cmp(&a->context, &b->context) != SP_EQUAL) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct sp_sibling *s = &a->sibling[i], *t = &b->sibling[i];
        if (sp_dot_cmp(&s->stamp.dot, &t->stamp.dot) != 0 ||
            !sp_slice_equal(s->value, t->value)) {
            return false;
        }
    }
    return true;
}

/* Registers with one more, or another, in the order of keys. */
static void put_register(struct sp_record *r, struct sp_register *reg,
    const struct sp_register *image)
{
    uint32_t at = r->count;

    while (at > 0 && sp_key_cmp(&reg[at - 1u].key, &image->key) >= 0) {
        at--;
    }
    if (at == r->count || sp_key_cmp(&reg[at].key, &image->key) != 0) {
        memmove(&reg[at + 1u], &reg[at], (r->count - at) * sizeof(*reg));
        r->count++;
    }
    reg[at] = *image;
}

static void take_register(
    struct sp_record *r, struct sp_register *reg, uint16_t field)
{
    uint32_t at = 0;

    while (reg[at].key.field != field) {
        at++;
    }
    r->count--;
    memmove(&reg[at], &reg[at + 1u], (r->count - at) * sizeof(*reg));
}

/* ---- sources that took over -------------------------------------------- */

/* Whether a commit changed the register of a field, or of one that it was. */
static bool has_changed(const struct sp_entity *e, const struct sp_record *r,
    const struct sp_field *f)
{
    bool changed = false;

    for (; f != NULL && !changed;
         f = f->was == 0 ? NULL : sp_dictionary_field(e, f->was)) {
        const struct sp_register *reg =
            sp_record_find(r, f->number, (struct sp_slice){ NULL, 0 });
        changed = reg != NULL && reg->seq == 0;
    }
    return changed;
}

/* An image is stored: each sibling is the context's entry of its replica. One
 * that its author overwrote under the old name, and another wrote over, has
 * gone. */
static sp_err drop_overwritten(struct sp_register *reg, struct sp_arena *arena)
{
    struct sp_sibling *s = sp_arena_take(arena, reg->count + 1u, sizeof(*s));
    uint32_t count = 0;

    if (s == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < reg->count; i++) {
        struct sp_dot dot = reg->sibling[i].stamp.dot;
        if (sp_vector_get(&reg->context, dot.replica) == dot.counter) {
            s[count++] = reg->sibling[i];
        }
    }
    reg->sibling = s;
    reg->count = count;
    return SP_OK;
}

/* What people see of a source: with the values of the fields that it was, as
 * far as nobody has written over them here. found false: nothing. */
static sp_err source_of(const struct sp_entity *e, const struct sp_record *in,
    const struct sp_field *f, struct sp_arena *arena, struct sp_register *out,
    bool *found)
{
    struct sp_record view = *in;
    sp_err err =
        f->was == 0 ? SP_OK : sp_dictionary_past_view(e, in, arena, &view);
    const struct sp_register *reg =
        sp_record_find(&view, f->number, (struct sp_slice){ NULL, 0 });

    *found = err == SP_OK && reg != NULL;
    if (!*found) {
        return err;
    }
    *out = *reg;
    out->seq = has_changed(e, in, f) ? 0 : 1;
    return f->was == 0 ? SP_OK : drop_overwritten(out, arena);
}

/* Registers of the record that may be changed, with room for all images. */
static sp_err make_room(const struct sp_entity *e, const struct sp_record *in,
    struct sp_arena *arena, struct sp_register **out)
{
    size_t images = 0;

    if (*out != NULL) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < e->field_count; i++) {
        images += e->field[i].derive != SP_DERIVE_NONE;
    }
    *out = sp_arena_take(arena, (size_t)in->count + images, sizeof(**out));
    if (*out == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(*out, in->reg, in->count * sizeof(**out));
    return SP_OK;
}

/* ---- what a record gets ------------------------------------------------ */

/* One derived field of a record at work. */
struct making {
    const struct sp_entity *e;
    const struct sp_record *in;
    enum sp_make what;
    struct sp_arena *arena;
    struct sp_record r;      /* in, or with registers of its own */
    struct sp_register *reg; /* those; NULL: none yet */
    uint32_t made;
};

static sp_err put_image(
    struct making *m, const struct sp_field *f, const struct sp_register *image)
{
    sp_err err = make_room(m->e, m->in, m->arena, &m->reg);

    if (err != SP_OK) {
        return err;
    }
    if (image != NULL) {
        put_register(&m->r, m->reg, image);
    } else {
        take_register(&m->r, m->reg, f->number);
    }
    m->r.reg = m->reg;
    m->made++;
    return SP_OK;
}

/* changed: its source, or its consent. Behind SP_MAKE_ALL stand those that
 * look only at what stands. */
static bool wanted(enum sp_make what, bool changed)
{
    return what == SP_MAKE_ALL || what == SP_MAKE_SHOWN ||
           (changed && (what == SP_MAKE_CHANGED || what == SP_MAKE_JOINED));
}

/* Whether a source can have anything to make an image of. Most records have
 * few of the fields that images are made of, which is seen at once. */
static bool has_source(
    const struct sp_record *in, const struct sp_field *source)
{
    return source != NULL &&
           (source->was != 0 || sp_record_find(in, source->number,
                                    (struct sp_slice){ NULL, 0 }) != NULL);
}

static sp_err make_one(struct making *m, const struct sp_field *f)
{
    const struct sp_field *source = sp_dictionary_field(m->e, f->source);
    const struct sp_register *had =
        sp_record_find(&m->r, f->number, (struct sp_slice){ NULL, 0 });
    struct sp_register image, from;
    bool found = false;

    if (had == NULL && (m->what > SP_MAKE_ALL || !has_source(m->in, source))) {
        return SP_OK;
    }
    bool asked = has_changed(m->e, m->in, sp_dictionary_consent(m->e, f));
    if (!sp_dictionary_consented(m->e, m->in, f)) {
        return had == NULL || (m->what == SP_MAKE_LOST && !asked)
                   ? SP_OK
                   : put_image(m, f, NULL);
    }
    if (source == NULL || !wanted(m->what, true)) {
        return SP_OK;
    }
    sp_err err = source_of(m->e, m->in, source, m->arena, &from, &found);
    if (err != SP_OK || !found || !wanted(m->what, from.seq == 0 || asked)) {
        return err;
    }
    err = image_of(f, source, &from, m->arena, &image);
    if (err == SP_OK && had != NULL && same_register(had, &image) &&
        (!asked || m->what == SP_MAKE_SHOWN)) {
        return SP_OK;
    }
    return err == SP_OK ? put_image(m, f, &image) : err;
}

sp_err sp_dictionary_derive(const struct sp_entity *e,
    const struct sp_record *in, enum sp_make what, struct sp_arena *arena,
    struct sp_record *out, uint32_t *made)
{
    struct making m = {
        .e = e, .in = in, .what = what, .arena = arena, .r = *in
    };
    bool plain = what <= SP_MAKE_SHOWN;
    sp_err err = SP_OK;

    for (uint32_t i = 0; (plain ? e->derives : e->withholds) &&
                         i < e->field_count && err == SP_OK;
         i++) {
        const struct sp_field *f = &e->field[i];
        if (f->derive != SP_DERIVE_NONE && (plain || f->needs != 0)) {
            err = make_one(&m, f);
        }
    }
    if (err == SP_OK && m.r.count > SP_RECORD_REGISTERS_MAX) {
        err = SP_E_TOO_LARGE;
    }
    if (err == SP_OK) {
        *out = m.r;
        *made = m.made;
    }
    return err;
}
