#include "sp/describe.h"

#include "describe_line.h"
#include "sp/limits.h"
#include "sp/pack.h"

/* ---- values ------------------------------------------------------------ */

/* An open array or map of the value that is shown. */
struct level {
    uint32_t left; /* elements, or keys and values, still to come */
    bool map;
    bool later; /* something came before */
};

static void put_scalar(struct sp_rd *r, enum sp_kind kind, struct sp_buf *out)
{
    struct sp_slice s;

    switch (kind) {
    case SP_KIND_NIL:
        sp_rd_nil(r);
        put_text(out, "nil");
        break;
    case SP_KIND_BOOL:
        put_text(out, sp_rd_bool(r) ? "true" : "false");
        break;
    case SP_KIND_UINT:
        put_uint(out, sp_rd_uint(r, 0, UINT64_MAX));
        break;
    case SP_KIND_INT:
        put_int(out, sp_rd_int(r, INT64_MIN, -1));
        break;
    case SP_KIND_STR:
        put_quoted(out, sp_rd_str(r, SP_STRING_BYTES_MAX));
        break;
    default:
        s = sp_rd_bin(r, SP_STRING_BYTES_MAX);
        put_text(out, "0x");
        put_hex(out, s.data, s.size);
        break;
    }
}

/* What stands before the next element of a level. */
static void put_between(struct level *l, struct sp_buf *out)
{
    bool value = l->map && l->left % 2 != 0;

    if (value) {
        put_text(out, ":");
    } else if (l->later) {
        put_text(out, ",");
    }
    l->later = true;
    l->left--;
}

/* A value that passed sp_pack_check, so depth and reads cannot fail. */
static void put_checked(struct sp_slice value, struct sp_buf *out)
{
    struct level level[SP_DEPTH_MAX];
    unsigned open = 0;
    struct sp_rd r;

    sp_rd_init(&r, value);
    do {
        enum sp_kind kind = sp_rd_peek(&r);

        if (open > 0) {
            put_between(&level[open - 1], out);
        }
        if (kind == SP_KIND_ARRAY || kind == SP_KIND_MAP) {
            bool map = kind == SP_KIND_MAP;
            uint32_t count = map ? 2 * sp_rd_map(&r, SP_ITEMS_MAX)
                                 : sp_rd_array(&r, SP_ITEMS_MAX);

            put_text(out, map ? "{" : "[");
            level[open++] = (struct level){ count, map, false };
        } else {
            put_scalar(&r, kind, out);
        }
        while (open > 0 && level[open - 1].left == 0) {
            open--;
            put_text(out, level[open].map ? "}" : "]");
        }
    } while (open > 0);
}

static void put_value(const char *name, struct sp_slice value,
    enum sp_describe how, struct sp_buf *out)
{
    sp_err err = sp_pack_check(value);

    put_text(out, name);
    if (err != SP_OK || how == SP_DESCRIBE_SIZES) {
        number(out, "_bytes=", value.size);
    }
    if (err != SP_OK) {
        put_text(out, " error=");
        put_text(out, sp_err_name(err));
    } else if (how == SP_DESCRIBE_ALL) {
        put_text(out, "=");
        put_checked(value, out);
    }
}

void sp_describe_value(
    struct sp_slice value, enum sp_describe how, struct sp_buf *out)
{
    put_value("value", value, how, out);
    put_text(out, "\n");
}

/* ---- parts of records and commits -------------------------------------- */

/* A set's element is customer text, often canonical; shown as it is packed. */
static void put_key(
    const struct sp_key *key, enum sp_describe how, struct sp_buf *out)
{
    number(out, " field=", key->field);
    if (key->element.size == 0) {
        return;
    }
    if (how == SP_DESCRIBE_SIZES) {
        number(out, " element_bytes=", key->element.size);
        return;
    }
    put_text(out, " element=");
    if (sp_pack_check(key->element) == SP_OK) {
        put_checked(key->element, out);
    } else {
        put_text(out, "0x");
        put_hex(out, key->element.data, key->element.size);
    }
}

static void put_vector(const struct sp_vector *v, struct sp_buf *out)
{
    put_text(out, " context=");
    for (uint32_t i = 0; i < v->count; i++) {
        put_text(out, i > 0 ? "," : "");
        put_replica(out, v->dot[i].replica);
        number(out, ":", v->dot[i].counter);
    }
}

static void put_stamp(const struct sp_stamp *s, struct sp_buf *out)
{
    put_text(out, " replica=");
    put_replica(out, s->dot.replica);
    number(out, " n=", s->dot.counter);
    number(out, " time_ms=", sp_hlc_ms(s->time));
    number(out, " tick=", s->time & 0xffff);
    number(out, " user=", s->user);
    number(out, " authority=", s->authority);
}

/* ---- whole things ------------------------------------------------------ */

void sp_describe_record(
    const struct sp_record *r, enum sp_describe how, struct sp_buf *out)
{
    put_text(out, "record");
    put_ref(&r->ref, out);
    number(out, " registers=", r->count);
    put_text(out, "\n");
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];

        put_text(out, "register");
        put_key(&reg->key, how, out);
        put_vector(&reg->context, out);
        number(out, " siblings=", reg->count);
        number(out, " seq=", reg->seq);
        put_text(out, "\n");
        for (uint32_t j = 0; j < reg->count; j++) {
            put_text(out, "sibling");
            put_stamp(&reg->sibling[j].stamp, out);
            put_value(" value", reg->sibling[j].value, how, out);
            put_text(out, "\n");
        }
    }
}

void sp_describe_commit(
    const struct sp_commit *c, enum sp_describe how, struct sp_buf *out)
{
    struct sp_stamp stamp = sp_commit_stamp(c);

    put_text(out, "commit");
    put_stamp(&stamp, out);
    number(out, " dictionary=", c->dictionary);
    number(out, " policy=", c->policy);
    number(out, " roster=", c->roster);
    put_text(out, " content=");
    put_hex(out, c->content.b, sizeof c->content.b);
    if (!sp_id_is_zero(&c->carried.content)) {
        put_text(out, " carries=");
        put_hex(out, c->carried.content.b, sizeof c->carried.content.b);
    }
    number(out, " changes=", c->count);
    put_text(out, "\n");
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_change *change = &c->change[i];

        put_text(out, "change");
        put_ref(&change->ref, out);
        number(out, " writes=", change->count);
        put_text(out, "\n");
        for (uint32_t j = 0; j < change->count; j++) {
            put_text(out, "write");
            put_key(&change->write[j].key, how, out);
            put_vector(&change->write[j].context, out);
            put_value(" value", change->write[j].value, how, out);
            put_text(out, "\n");
        }
    }
}

static const char *document_kind(enum sp_document_kind kind)
{
    switch (kind) {
    case SP_DOC_DICTIONARY:
        return "dictionary";
    case SP_DOC_POLICY:
        return "policy";
    case SP_DOC_ROSTER:
        return "roster";
    case SP_DOC_DEVICE:
        return "device";
    }
    return "?";
}

void sp_describe_document(
    const struct sp_document *d, enum sp_describe how, struct sp_buf *out)
{
    put_text(out, "document kind=");
    put_text(out, document_kind(d->kind));
    put_text(out, " unit=");
    put_quoted(out, d->unit);
    number(out, " serial=", d->serial);
    number(out, " issuer=", d->issuer);
    put_value(" body", d->body, how, out);
    put_text(out, " signature=");
    put_hex(out, d->signature, sizeof d->signature);
    put_text(out, "\n");
}

static const char *frame_type(enum sp_frame_type type)
{
    switch (type) {
    case SP_FRAME_HELLO:
        return "hello";
    case SP_FRAME_HELLO_REPLY:
        return "hello_reply";
    case SP_FRAME_ENROL:
        return "enrol";
    case SP_FRAME_RECORD:
        return "record";
    case SP_FRAME_ERROR:
        return "error";
    }
    return "?";
}

void sp_describe_frame(const struct sp_frame *f, struct sp_buf *out)
{
    put_text(out, "frame type=");
    put_text(out, frame_type(f->type));
    put_text(out, " session=");
    put_hex(out, f->session, sizeof f->session);
    number(out, " counter=", f->counter);
    number(out, " body_bytes=", f->body.size);
    put_text(out, "\n");
}
