#include "replica/entry.h"

#include <stdlib.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "book/fold.h"
#include "book/search.h"

#include "replica/facts.h"

#define HEAD_BYTES 20u /* bytes, flags, id */

enum flags {
    DELETED = 1,
    CONFLICT = 2,
    HAS_PARENT = 4,
    HAS_INTO = 8,
    PLACED = 16,
    FOLDED = 32,
    HAS_CYCLE = 64,
    OWNED = 128,
    HAS_FACTS = 256,
    FLAGS_ALL = 511
};

/* What a field is to an entry. */
enum role {
    NOTHING,
    TITLE,
    NUMBER,
    TERRITORY,
    PHONE,
    PHONES, /* a group with a telephone in it */
    ALIAS,
    PLACE,
    PARENT,
    FORWARD,
    OWNER,
    CYCLE
};

struct cc_entry_maker {
    const struct sp_entity *entity;
    uint8_t role[SP_FIELD_MAX + 1];
    struct sp_buf value; /* text of one value */
    struct sp_buf title, number, territory, phone, hay, facts;
    bool keeps_facts;
    struct cc_entry entry;
};

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

const struct sp_field *cc_entry_title_field(const struct sp_entity *e)
{
    static const char *const names[] = { "name", "title", "subject" };

    return first_named(e, names, sizeof(names) / sizeof(names[0]));
}

const struct sp_field *cc_entry_number_field(const struct sp_entity *e)
{
    static const char *const names[] = { "number", "code" };

    return first_named(e, names, sizeof(names) / sizeof(names[0]));
}

/* The part of a group that is a telephone number, or part_count. */
static uint32_t phone_part(const struct sp_field *f)
{
    uint32_t i = 0;

    while (i < f->part_count && f->part[i].kind != SP_VALUE_PHONE) {
        i++;
    }
    return i;
}

static enum role role_of(const struct sp_entity *e, const struct sp_field *f)
{
    if (sp_dictionary_successor(e, f->number) != NULL) {
        return NOTHING; /* its successor shows what it holds */
    }
    if (f == cc_entry_title_field(e)) {
        return TITLE;
    }
    if (f == cc_entry_number_field(e)) {
        return NUMBER;
    }
    if (f->number == e->territory) {
        return TERRITORY;
    }
    if (f->number == e->parent) {
        return PARENT;
    }
    if (f->number == e->forward) {
        return FORWARD;
    }
    if (f->number == e->owner) {
        return OWNER;
    }
    if (f->kind == SP_VALUE_PHONE) {
        return PHONE;
    }
    if (f->kind == SP_VALUE_GROUP && phone_part(f) < f->part_count) {
        return PHONES;
    }
    if (f->kind == SP_VALUE_GEO && !f->set) {
        return PLACE;
    }
    if (f->kind == SP_VALUE_UINT &&
        sp_slice_equal(f->name, sp_slice_text("visit_cycle_days"))) {
        return CYCLE;
    }
    return sp_slice_equal(f->name, sp_slice_text("alias")) ? ALIAS : NOTHING;
}

struct cc_entry_maker *cc_entry_maker_new(
    const struct sp_entity *entity, enum cc_entry_form form)
{
    struct cc_entry_maker *m = (struct cc_entry_maker *)calloc(1, sizeof(*m));

    if (m == NULL) {
        return NULL;
    }
    m->entity = entity;
    for (uint32_t i = 0; form == CC_ENTRY_NAMED && i < entity->field_count;
         i++) {
        const struct sp_field *f = &entity->field[i];
        m->role[f->number] = (uint8_t)role_of(entity, f);
    }
    sp_buf_init(&m->value, SP_VALUE_BYTES_MAX * 4);
    sp_buf_init(&m->title, CC_ENTRY_TEXT_MAX);
    sp_buf_init(&m->number, CC_ENTRY_TEXT_MAX);
    sp_buf_init(&m->territory, CC_ENTRY_TEXT_MAX);
    sp_buf_init(&m->phone, CC_ENTRY_TEXT_MAX);
    sp_buf_init(&m->hay, SP_RECORD_BYTES_MAX);
    sp_buf_init(&m->facts, CC_FACTS_BYTES_MAX);
    m->keeps_facts = cc_facts_kept(entity) &&
                     cc_facts_apart(entity) == (form == CC_ENTRY_FACTS);
    return m;
}

void cc_entry_maker_free(struct cc_entry_maker *m)
{
    if (m != NULL) {
        sp_buf_wipe(&m->value);
        sp_buf_wipe(&m->title);
        sp_buf_wipe(&m->number);
        sp_buf_wipe(&m->territory);
        sp_buf_wipe(&m->phone);
        sp_buf_wipe(&m->hay);
        sp_buf_wipe(&m->facts);
        free(m);
    }
}

/* ---- one record -------------------------------------------------------- */

/* The text of a value; valid until the next call. */
static struct sp_slice text_of(
    struct cc_entry_maker *m, const struct sp_field *f, struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) == SP_KIND_STR) {
        return sp_rd_str(&r, SP_VALUE_BYTES_MAX); /* most of them */
    }
    sp_buf_reset(&m->value);
    sp_dictionary_format_value(f, value, SP_TEXT_EXACT, &m->value);
    return sp_buf_slice(&m->value);
}

/* At most so many bytes, no NUL in them, no character cut in two. */
static struct sp_slice bounded(struct sp_slice text)
{
    const uint8_t *end = text.size == 0
                             ? NULL
                             : (const uint8_t *)memchr(text.data, 0, text.size);

    text.size = end == NULL ? text.size : (size_t)(end - text.data);
    if (text.size > CC_ENTRY_TEXT_MAX) {
        text.size = CC_ENTRY_TEXT_MAX;
        while (text.size > 0 && (text.data[text.size] & 0xc0) == 0x80) {
            text.size--;
        }
    }
    return text;
}

static void keep(struct sp_buf *b, struct sp_slice text)
{
    sp_buf_reset(b);
    sp_buf_put(b, text.data, text.size);
}

/* A line more, when there is room for it. */
static void add_line(
    struct cc_entry_maker *m, enum cc_search_line line, struct sp_slice text)
{
    if (m->hay.size + text.size + 2 <= CC_ENTRY_HAY_MAX) {
        cc_search_add(&m->hay, line, text);
    }
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

static void take_place(struct cc_entry *e, struct sp_slice value)
{
    struct sp_rd r;
    int64_t latitude, longitude;

    sp_rd_init(&r, value);
    (void)sp_rd_array(&r, 3);
    latitude = sp_rd_int(&r, -900000000, 900000000);
    longitude = sp_rd_int(&r, -1800000000, 1800000000);
    if (r.err == SP_OK) {
        e->placed = true;
        e->latitude = (int32_t)latitude;
        e->longitude = (int32_t)longitude;
    }
}

/* A number up to max; 0 when it is none. */
static uint32_t number_of(struct sp_slice value, uint32_t max)
{
    struct sp_rd r;
    uint64_t n;

    sp_rd_init(&r, value);
    n = sp_rd_uint(&r, 0, max);
    return r.err == SP_OK ? (uint32_t)n : 0;
}

static void take_phone(struct cc_entry_maker *m, struct sp_slice text)
{
    if (m->phone.size == 0) {
        keep(&m->phone, text);
    }
    add_line(m, CC_SEARCH_PHONE, text);
}

static void take_phone_part(
    struct cc_entry_maker *m, const struct sp_field *f, struct sp_slice value)
{
    uint32_t part = phone_part(f);
    struct sp_slice number = { NULL, 0 };
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) != SP_KIND_ARRAY ||
        sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX) <= part) {
        return;
    }
    for (uint32_t i = 0; i <= part; i++) {
        number = sp_rd_value(&r);
    }
    if (r.err == SP_OK) {
        take_phone(m, bounded(text_of(m, &f->part[part], number)));
    }
}

static void take_text(
    struct cc_entry_maker *m, enum role role, struct sp_slice text)
{
    switch (role) {
    case TITLE:
        keep(&m->title, text);
        add_line(m, CC_SEARCH_NAME, text);
        break;
    case NUMBER:
        keep(&m->number, text);
        add_line(m, CC_SEARCH_NUMBER, text);
        break;
    case TERRITORY:
        keep(&m->territory, text);
        break;
    case PHONE:
        take_phone(m, text);
        break;
    default:
        add_line(m, CC_SEARCH_ALIAS, text);
    }
}

static void take_value(struct cc_entry_maker *m, enum role role,
    const struct sp_field *f, struct sp_slice value)
{
    switch (role) {
    case PARENT:
        take_id(&m->entry.parent, value);
        break;
    case FORWARD:
        take_id(&m->entry.into, value);
        break;
    case PLACE:
        if (!m->entry.placed) {
            take_place(&m->entry, value);
        }
        break;
    case PHONES:
        take_phone_part(m, f, value);
        break;
    case CYCLE:
        m->entry.cycle_days = (uint16_t)number_of(value, UINT16_MAX);
        break;
    case OWNER:
        m->entry.owner = number_of(value, UINT32_MAX);
        break;
    default:
        take_text(m, role, bounded(text_of(m, f, value)));
    }
}

static bool in_conflict(
    const struct sp_entity *e, const struct sp_register *reg)
{
    const struct sp_field *f =
        reg->count < 2 ? NULL : sp_dictionary_field(e, reg->key.field);

    return f != NULL && sp_dictionary_conflict(f, reg);
}

static void take_register(struct cc_entry_maker *m,
    const struct sp_record *view, const struct sp_register *reg)
{
    struct cc_entry *e = &m->entry;
    const struct sp_sibling *shown;
    const struct sp_field *f;
    enum role role;

    if (reg->key.field == SP_FIELD_DELETED) {
        shown = sp_merge_shown(reg, SP_MERGE_LWW);
        e->deleted = shown != NULL && shown->value.size == 1 &&
                     shown->value.data[0] == 0xc3; /* true */
        e->conflict = e->conflict || reg->count > 1;
        return;
    }
    if (reg->key.field > SP_FIELD_MAX) {
        return;
    }
    f = sp_dictionary_field(m->entity, reg->key.field);
    if (f != NULL && sp_case_is_key(f, &reg->key)) {
        e->conflict = e->conflict || sp_case_is_open(view, f->number);
        return;
    }
    e->conflict = e->conflict || in_conflict(m->entity, reg);
    role = (enum role)m->role[reg->key.field];
    if (role == NOTHING) {
        return;
    }
    shown = sp_merge_shown(reg, f->merge);
    if (shown != NULL) {
        take_value(m, role, f, shown->value);
    }
}

/* ---- packed ------------------------------------------------------------ */

static void put_text(struct sp_buf *out, const struct sp_buf *text)
{
    sp_buf_put(out, text->data, text->size);
    sp_buf_put_u8(out, 0);
}

static void put_body(
    struct cc_entry_maker *m, unsigned flags, struct sp_buf *out)
{
    const struct cc_entry *e = &m->entry;
    char folded[CC_ENTRY_TEXT_MAX + 1];
    size_t n = cc_fold_text(sp_buf_slice(&m->title), folded);
    struct sp_slice other = { (const uint8_t *)folded, n };

    if (!sp_slice_equal(other, sp_buf_slice(&m->title))) {
        flags |= FOLDED;
    }
    sp_buf_put_u16be(out, (uint16_t)flags);
    sp_buf_put(out, e->id.b, sizeof(e->id.b));
    if ((flags & HAS_PARENT) != 0) {
        sp_buf_put(out, e->parent.b, sizeof(e->parent.b));
    }
    if ((flags & HAS_INTO) != 0) {
        sp_buf_put(out, e->into.b, sizeof(e->into.b));
    }
    if (e->placed) {
        sp_buf_put_u32be(out, (uint32_t)e->latitude);
        sp_buf_put_u32be(out, (uint32_t)e->longitude);
    }
    if ((flags & OWNED) != 0) {
        sp_buf_put_u32be(out, e->owner);
    }
    if ((flags & HAS_CYCLE) != 0) {
        sp_buf_put_u16be(out, e->cycle_days);
    }
    put_text(out, &m->title);
    put_text(out, &m->number);
    put_text(out, &m->territory);
    put_text(out, &m->phone);
    if ((flags & FOLDED) != 0) {
        sp_buf_put(out, folded, n + 1);
    }
    put_text(out, &m->hay);
    sp_buf_put(out, m->facts.data, m->facts.size);
}

sp_err cc_entry_pack(
    struct cc_entry_maker *m, const struct sp_record *view, struct sp_buf *out)
{
    size_t from = out->size;
    unsigned flags = 0;

    memset(&m->entry, 0, sizeof(m->entry));
    m->entry.id = view->ref.id;
    sp_buf_reset(&m->title);
    sp_buf_reset(&m->number);
    sp_buf_reset(&m->territory);
    sp_buf_reset(&m->phone);
    sp_buf_reset(&m->hay);
    for (uint32_t i = 0; i < view->count; i++) {
        take_register(m, view, &view->reg[i]);
    }
    sp_buf_reset(&m->facts);
    if (m->keeps_facts) {
        cc_facts_pack(m->entity, view, &m->facts);
    }
    flags |= m->facts.size > 0 ? HAS_FACTS : 0;
    flags |= m->entry.deleted ? DELETED : 0;
    flags |= m->entry.conflict ? CONFLICT : 0;
    flags |= sp_id_is_zero(&m->entry.parent) ? 0 : HAS_PARENT;
    flags |= sp_id_is_zero(&m->entry.into) ? 0 : HAS_INTO;
    flags |= m->entry.placed ? PLACED : 0;
    flags |= m->entry.owner != 0 ? OWNED : 0;
    flags |= m->entry.cycle_days != 0 ? HAS_CYCLE : 0;
    sp_buf_put_u16be(out, 0);
    put_body(m, flags, out);
    if (out->err == SP_OK) {
        SP_ASSERT(out->size - from <= CC_ENTRY_BYTES_MAX);
        sp_set_u16be(out->data + from, (uint16_t)(out->size - from));
    }
    return m->hay.err != SP_OK     ? m->hay.err
           : m->facts.err != SP_OK ? m->facts.err
                                   : m->value.err;
}

sp_err cc_entry_peek(
    struct sp_slice packed, size_t at, struct sp_id *id, size_t *bytes)
{
    size_t left = at > packed.size ? 0 : packed.size - at, n;

    if (left < HEAD_BYTES) {
        return SP_E_CORRUPT;
    }
    n = sp_get_u16be(packed.data + at);
    if (n < HEAD_BYTES || n > left) {
        return SP_E_CORRUPT;
    }
    memcpy(id->b, packed.data + at + 4, sizeof(id->b));
    *bytes = n;
    return SP_OK;
}

/* Takes n bytes of an entry that ends at end; latches corrupt. */
struct unpack {
    const uint8_t *base, *at, *end;
    bool bad;
};

static const uint8_t *take(struct unpack *u, size_t n)
{
    static const uint8_t zeros[16];

    if (u->bad || n > (size_t)(u->end - u->at)) {
        u->bad = true;
        return zeros;
    }
    u->at += n;
    return u->at - n;
}

static uint32_t take_string(struct unpack *u)
{
    const uint8_t *from = u->at;
    const uint8_t *end =
        u->bad || u->at == u->end
            ? NULL
            : (const uint8_t *)memchr(from, 0, (size_t)(u->end - from));

    if (end == NULL) {
        u->bad = true;
        return 0;
    }
    u->at = end + 1;
    return (uint32_t)(from - u->base);
}

static void take_fixed(struct unpack *u, unsigned flags, struct cc_entry *e)
{
    memcpy(e->id.b, take(u, sizeof(e->id.b)), sizeof(e->id.b));
    if ((flags & HAS_PARENT) != 0) {
        memcpy(e->parent.b, take(u, sizeof(e->parent.b)), sizeof(e->parent.b));
    }
    if ((flags & HAS_INTO) != 0) {
        memcpy(e->into.b, take(u, sizeof(e->into.b)), sizeof(e->into.b));
    }
    if ((flags & PLACED) != 0) {
        e->placed = true;
        e->latitude = (int32_t)sp_get_u32be(take(u, 4));
        e->longitude = (int32_t)sp_get_u32be(take(u, 4));
    }
    if ((flags & OWNED) != 0) {
        e->owner = sp_get_u32be(take(u, 4));
    }
    if ((flags & HAS_CYCLE) != 0) {
        e->cycle_days = sp_get_u16be(take(u, 2));
    }
    e->deleted = (flags & DELETED) != 0;
    e->conflict = (flags & CONFLICT) != 0;
}

/* The rest of it. */
static void take_facts(struct unpack *u, struct cc_entry *e)
{
    size_t n = (size_t)(u->end - u->at);

    u->bad = u->bad || n == 0 || n > CC_FACTS_BYTES_MAX;
    e->facts_bytes = (uint16_t)n;
    e->facts = (uint32_t)(u->at - u->base);
    (void)take(u, n);
}

sp_err cc_entry_unpack(struct sp_slice packed, size_t *at, struct cc_entry *out)
{
    struct cc_entry e = { .title = 0 };
    struct unpack u;
    unsigned flags;
    size_t bytes;
    sp_err err = cc_entry_peek(packed, *at, &e.id, &bytes);

    if (err != SP_OK) {
        return err;
    }
    u = (struct unpack){ packed.data, packed.data + *at + 2,
        packed.data + *at + bytes, false };
    flags = sp_get_u16be(take(&u, 2));
    take_fixed(&u, flags, &e);
    e.title = take_string(&u);
    e.number = take_string(&u);
    e.territory = take_string(&u);
    e.phone = take_string(&u);
    e.folded = (flags & FOLDED) != 0 ? take_string(&u) : e.title;
    e.hay = take_string(&u);
    if ((flags & HAS_FACTS) != 0) {
        take_facts(&u, &e);
    }
    if (u.bad || u.at != u.end || (flags & ~(unsigned)FLAGS_ALL) != 0) {
        return SP_E_CORRUPT;
    }
    *at += bytes;
    *out = e;
    return SP_OK;
}
