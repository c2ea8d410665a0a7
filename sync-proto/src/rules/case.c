/* case.c - what settling a conflict put out of sight. */
#include "sp/case.h"

#include "sp/limits.h"
#include "sp/pack.h"

/* A member of a set is never nil (sp_dictionary_check_value). */
static const uint8_t nil_byte = 0xc0;

bool sp_case_kept(const struct sp_field *f)
{
    return !f->set && (f->merge == SP_MERGE_KEEP || f->merge == SP_MERGE_AUTH);
}

struct sp_key sp_case_key(uint16_t field)
{
    return (struct sp_key){ field, { &nil_byte, 1 } };
}

bool sp_case_is_key(const struct sp_field *f, const struct sp_key *key)
{
    return f != NULL && sp_case_kept(f) &&
           sp_slice_equal(key->element, sp_slice_of(&nil_byte, 1));
}

/* ---- bytes --------------------------------------------------------------
 */

static void put_value(const struct sp_sibling *s, struct sp_buf *out)
{
    sp_wr_array(out, 6);
    sp_wr_uint(out, s->stamp.dot.replica);
    sp_wr_uint(out, s->stamp.dot.counter);
    sp_wr_uint(out, s->stamp.time);
    sp_wr_uint(out, s->stamp.user);
    sp_wr_uint(out, s->stamp.authority);
    sp_buf_put(out, s->value.data, s->value.size);
}

/* Heads and stamps from above: array heads, five numbers, six at most each. */
#define HEAD_BYTES  8u
#define STAMP_BYTES 48u

void sp_case_encode(const struct sp_case *c, struct sp_buf *out)
{
    size_t bytes = HEAD_BYTES;
    uint32_t count = 0;

    while (count < c->count && count < SP_SIBLINGS_MAX &&
           bytes + STAMP_BYTES + c->value[count].value.size <=
               SP_VALUE_BYTES_MAX) {
        bytes += STAMP_BYTES + c->value[count++].value.size;
    }
    sp_wr_array(out, count + 1u);
    sp_wr_bool(out, c->open);
    for (uint32_t i = 0; i < count; i++) {
        put_value(&c->value[i], out);
    }
}

static void read_value(struct sp_rd *r, struct sp_sibling *out)
{
    sp_rd_array_of(r, 6);
    out->stamp.dot.replica = sp_rd_uint(r, 1, UINT64_MAX);
    out->stamp.dot.counter = sp_rd_uint(r, 1, SP_COUNTER_MAX);
    out->stamp.time = sp_rd_uint(r, 0, UINT64_MAX);
    out->stamp.user = (uint32_t)sp_rd_uint(r, 0, UINT32_MAX);
    out->stamp.authority = (uint8_t)sp_rd_uint(r, 0, SP_AUTHORITY_HEAD_OFFICE);
    out->value = sp_rd_value(r);
}

/* Head of a case: how many values follow. */
static uint32_t read_head(struct sp_rd *r, bool *open)
{
    uint32_t count = sp_rd_array(r, SP_SIBLINGS_MAX + 1u);

    *open = sp_rd_bool(r);
    if (count < 2 && r->err == SP_OK) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    return r->err == SP_OK ? count - 1u : 0;
}

sp_err sp_case_decode(
    struct sp_slice in, struct sp_arena *arena, struct sp_case *out)
{
    struct sp_case c = { false, 0, NULL };
    struct sp_sibling *value;
    struct sp_rd r;

    sp_rd_init(&r, in);
    c.count = read_head(&r, &c.open);
    value = sp_arena_take(arena, c.count + 1u, sizeof(*value));
    if (value == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < c.count; i++) {
        read_value(&r, &value[i]);
    }
    c.value = value;
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = c;
    }
    return err;
}

sp_err sp_case_check(const struct sp_field *f, struct sp_slice in)
{
    struct sp_field any = *f;
    struct sp_rd r;
    bool open, fits = true;

    any.required = false; /* "nothing" is among what can stand */
    sp_rd_init(&r, in);
    for (uint32_t i = read_head(&r, &open); i > 0 && r.err == SP_OK; i--) {
        struct sp_sibling s;
        read_value(&r, &s);
        fits = fits && r.err == SP_OK &&
               sp_dictionary_check_value(&any, s.value) == SP_OK;
    }
    return in.size <= SP_VALUE_BYTES_MAX && fits && sp_rd_done(&r) == SP_OK
               ? SP_OK
               : SP_E_VALUE;
}

/* ---- of a record --------------------------------------------------------
 */

/* The case written with the only value of the field; the field itself. */
static const struct sp_sibling *find(const struct sp_record *r, uint16_t field,
    const struct sp_register **reg, bool *any)
{
    const struct sp_key key = sp_case_key(field);
    const struct sp_register *kept = sp_record_find(r, field, key.element);

    *any = kept != NULL && kept->count > 0;
    *reg = !*any ? NULL : sp_record_find(r, field, (struct sp_slice){ 0 });
    if (*reg == NULL || (*reg)->count != 1) {
        return NULL;
    }
    for (uint32_t i = 0; i < kept->count; i++) {
        if (sp_dot_cmp(&kept->sibling[i].stamp.dot,
                &(*reg)->sibling[0].stamp.dot) == 0) {
            return &kept->sibling[i];
        }
    }
    return NULL;
}

sp_err sp_case_of(const struct sp_record *r, uint16_t field,
    struct sp_arena *arena, struct sp_case *out)
{
    const struct sp_register *reg;
    bool any;
    const struct sp_sibling *s = find(r, field, &reg, &any);

    return s != NULL ? sp_case_decode(s->value, arena, out)
           : any     ? SP_E_CONFLICT
                     : SP_E_NOT_FOUND;
}

bool sp_case_is_open(const struct sp_record *r, uint16_t field)
{
    const struct sp_register *reg;
    bool any, open = false;
    const struct sp_sibling *s = find(r, field, &reg, &any);
    struct sp_rd rd;

    if (s != NULL) {
        sp_rd_init(&rd, s->value);
        (void)read_head(&rd, &open);
        open = open && rd.err == SP_OK;
    }
    return open;
}

bool sp_case_conflict(const struct sp_field *f, const struct sp_record *r)
{
    const struct sp_register *reg =
        sp_record_find(r, f->number, (struct sp_slice){ 0 });

    return reg != NULL &&
           (sp_dictionary_conflict(f, reg) ||
               (sp_case_kept(f) && sp_case_is_open(r, f->number)));
}
