#include "ctl/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "book/job.h"
#include "ctl/import.h"
#include "ops/say.h"
#include "sp/pack.h"

/* ---- what is wrong ----------------------------------------------------- */

sp_err sv_line_bad(
    struct sv_csv_problem *p, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    p->code = code;
    p->column = 0;
    vsnprintf(p->text, sizeof p->text, sv_say(format), args);
    va_end(args);
    return SP_E_VALUE;
}

/* ---- a line as a draft ------------------------------------------------- */

struct making {
    const struct sv_line *l;
    struct sv_csv_problem *p;
    const struct sp_entity *e;
    struct sp_draft_change change;
    struct sp_draft_write write[SV_IMPORT_WRITES_MAX];
};

/* Lower case alone, as it is written: one value has one text. */
static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Bytes that nobody types: an export has them as hexadecimal digits. */
static sp_err parse_bytes(
    const struct sp_field *f, const char *text, struct sp_buf *out)
{
    uint8_t bytes[SP_DICTIONARY_BYTES_MAX];
    size_t size = strlen(text) / 2;
    if (strlen(text) % 2 != 0 || size > sizeof bytes) {
        return SP_E_VALUE;
    }
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return SP_E_VALUE;
        }
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    sp_wr_bin(out, bytes, size);
    return out->err == SP_OK ? sp_dictionary_check_value(f, sp_buf_slice(out))
                             : out->err;
}

static sp_err parse(
    const struct sp_field *f, const char *text, struct sp_buf *out)
{
    sp_err err = text == NULL ? SP_E_VALUE
                 : f->kind == SP_VALUE_BYTES
                     ? parse_bytes(f, text, out)
                     : sp_dictionary_parse_value(f, sp_slice_text(text), out);
    return err == SP_OK ? out->err : err;
}

static sp_err add(struct making *m, const struct sp_field *f, const char *text)
{
    const struct sv_line *l = m->l;
    struct sp_draft_write w = { .key = { .field = f->number } };
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    sp_buf_reset(l->value);
    sp_err err = parse(f, text, l->value);
    if (err == SP_OK && m->change.count == SV_IMPORT_WRITES_MAX) {
        err = SP_E_TOO_LARGE;
    }
    if (err != SP_OK) {
        return sv_line_bad(m->p, "value",
            "%.*s \"%.60s\": this is no value of the field; correct it",
            (int)f->name.size, (const char *)f->name.data,
            text == NULL ? "" : text);
    }
    w.value = sp_arena_copy(l->arena, sp_buf_slice(l->value));
    if (f->set) {
        size_t size = sp_dictionary_element(w.value, element);
        w.key.element = sp_arena_copy(l->arena, sp_slice_of(element, size));
    } else if (f->merge == SP_MERGE_CNT) {
        w.key.element = sp_commit_make_element();
    }
    if (w.value.data == NULL || (f->set && w.key.element.data == NULL)) {
        return SP_E_NOMEM;
    }
    m->write[m->change.count++] = w;
    return SP_OK;
}

static sp_err add_field(struct making *m, const char *name, const json_t *value)
{
    const struct sp_field *f =
        sp_dictionary_field_named(m->e, sp_slice_text(name));
    sp_err err = SP_OK;
    if (f == NULL || f->merge == SP_MERGE_DRV || f->retired) {
        return sv_line_bad(m->p, "value",
            "\"%.60s\": there is no such field to write; is the dictionary "
            "another one?",
            name);
    }
    if (!json_is_array(value)) {
        return add(m, f, json_string_value(value));
    }
    for (size_t i = 0; i < json_array_size(value) && err == SP_OK; i++) {
        err = add(m, f, json_string_value(json_array_get(value, i)));
    }
    return err;
}

static sp_err add_fields(struct making *m, const json_t *fields)
{
    const char *name;
    json_t *value;
    sp_err err = SP_OK;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        if (err == SP_OK) {
            err = add_field(m, name, value);
        }
    }
    return err;
}

static sp_err find_record(struct making *m, const json_t *line)
{
    const char *type = json_string_value(json_object_get(line, "type"));
    const char *id = json_string_value(json_object_get(line, "id"));
    m->e = type == NULL ? NULL
                        : sp_dictionary_entity_named(
                              m->l->dictionary, sp_slice_text(type));
    if (m->e == NULL || m->e->tray != SP_TRAY_NONE) {
        return sv_line_bad(m->p, "value", "\"%.60s\": there is no such entity",
            type == NULL ? "" : type);
    }
    /* Who took the file out: its note stays where that was. */
    if (sp_slice_equal(m->e->name, sp_slice_text(CC_JOB_ENTITY))) {
        return SP_E_NOT_FOUND;
    }
    m->change = (struct sp_draft_change){
        .ref.type = m->e->number, .create = true, .write = m->write
    };
    if (id == NULL || sp_id_parse(&m->change.ref.id, id) != SP_OK) {
        return sv_line_bad(
            m->p, "value", "\"%.60s\" is no record id", id == NULL ? "" : id);
    }
    return SP_OK;
}

static sp_err keep(struct making *m, struct sp_draft *out)
{
    struct sp_draft_write *write =
        sp_arena_take(m->l->arena, m->change.count, sizeof *write);
    struct sp_draft_change *change =
        sp_arena_take(m->l->arena, 1, sizeof *change);
    if (write == NULL || change == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(write, m->write, m->change.count * sizeof *write);
    *change = m->change;
    change->write = write;
    *out = (struct sp_draft){ .count = 1, .change = change };
    return SP_OK;
}

sp_err sv_line_read(const struct sv_line *l, struct sp_slice text,
    struct sp_draft *out, struct sv_csv_problem *p)
{
    struct making m = { .l = l, .p = p };
    json_error_t error = { .text = "" };
    json_t *line = json_loadb(
        (const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    const json_t *fields = json_object_get(line, "fields");
    sp_err err = SP_OK;
    if (!json_is_object(fields)) {
        err = sv_line_bad(p, "json",
            "this is no record: {\"type\", \"id\", \"fields\"} (%.100s)",
            line == NULL ? error.text : "");
    }
    if (err == SP_OK) {
        err = find_record(&m, line);
    }
    if (err == SP_OK) {
        err = add_fields(&m, fields);
    }
    if (err == SP_OK) {
        err = keep(&m, out);
    }
    json_decref(line);
    return err;
}
