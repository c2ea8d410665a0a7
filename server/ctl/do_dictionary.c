/* do_dictionary.c - the dictionary: out as text, checked, compared, put in
 * force. */
#include <stdio.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "policy/dictionary.h"

#define ARENA_BYTES_MAX (64u * 1024u * 1024u)

/* A text on its way to a signed document. */
struct edition {
    struct sv_call *call;
    const struct sp_rulebook *book;
    const struct sp_dictionary *before;
    uint32_t serial; /* in force */
    bool rows;       /* what changes is the result */
    bool sign;
    uint32_t changes;
    struct sp_buf body;
    struct sp_buf stamped;
    struct sp_arena arena;
};

static sp_err complain(struct edition *e, const struct sv_conf_error *error)
{
    return sv_call_refuse(e->call, SP_E_CONFIG, "%s", error->text);
}

/* A text that was made from another edition would take back what somebody
 * changed since. */
static sp_err check_made_from(struct edition *e, struct sv_conf_error *error)
{
    uint32_t from = 0;
    sp_err err = sv_dictionary_made_from(
        sv_call_file_name(e->call), e->call->attached, &from, error);

    if (err == SP_OK && from != 0 && from != e->serial) {
        return sv_call_refuse(e->call, SP_E_CONFIG,
            "this text was made from edition %u, and edition %u is in force: "
            "export that one and make the change there (or take the line "
            "\"edition\" out, to put this text in its place)",
            from, e->serial);
    }
    return err == SP_E_CONFIG ? complain(e, error) : err;
}

static sp_err compile(struct edition *e, struct sp_dictionary *after)
{
    struct sv_conf_error error = { .line = 0 };
    sp_err err = check_made_from(e, &error);

    if (err != SP_OK) {
        return err;
    }
    err = sv_dictionary_compile(
        sv_call_file_name(e->call), e->call->attached, &e->body, &error);
    if (err == SP_OK) {
        err = sv_dictionary_edition(e->before, sp_buf_slice(&e->body),
            e->serial + 1, &e->arena, &e->stamped);
    }
    if (err == SP_OK) {
        err = sp_dictionary_decode(sp_buf_slice(&e->stamped), &e->arena, after);
    }
    if (err == SP_OK) {
        err = sv_dictionary_follows(e->before, after, &error);
    }
    return err == SP_E_CONFIG ? complain(e, &error) : err;
}

static sp_err add_row(void *arg, const struct sp_entity *entity,
    const struct sp_field *f, const char *what)
{
    struct edition *e = arg;

    e->changes++;
    if (e->rows) {
        sv_call_row(e->call,
            json_pack("[o,o,s]", sv_call_slice(entity->name),
                f == NULL ? json_string("") : sv_call_slice(f->name), what));
    }
    return SP_OK;
}

static sp_err work(void *arg, struct sp_tx *tx)
{
    struct edition *e = arg;
    struct sp_dictionary after;
    const struct sp_slice whole = { NULL, 0 };

    e->book = sv_call_book(tx);
    e->before = sp_rulebook_dictionary(e->book);
    e->serial = sp_rulebook_find_serial(e->book, SP_DOC_DICTIONARY, whole);
    e->changes = 0;
    sp_buf_reset(&e->body);
    sp_buf_reset(&e->stamped);
    sp_arena_reset(&e->arena);
    sp_err err = compile(e, &after);
    if (err == SP_OK) {
        err = sv_dictionary_diff(e->before, &after, add_row, e);
    }
    if (err == SP_OK && e->sign) {
        err = sv_issue_body(tx, SP_DOC_DICTIONARY, sp_buf_slice(&e->stamped));
    }
    return err;
}

/* serial: of the edition that the text is, or would be. */
static void report(struct edition *e)
{
    sv_call_set(e->call, "in_force",
        json_integer((json_int_t)(e->sign ? e->serial + 1 : e->serial)));
    sv_call_set(e->call, "changes", json_integer((json_int_t)e->changes));
    sv_call_set(e->call, "bytes", json_integer((json_int_t)e->stamped.size));
}

static sp_err edit(struct sv_call *call, bool rows, bool sign)
{
    struct edition e = { .call = call, .rows = rows, .sign = sign };
    sp_err err = SP_OK;

    if (sign) {
        err = sv_org_head_office_only(call, "the dictionary");
    }
    if (err != SP_OK) {
        return err;
    }
    if (rows) {
        sv_call_columns(call, "entity,field,change");
    }
    sp_buf_init(&e.body, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&e.stamped, SP_DOCUMENT_BYTES_MAX);
    sp_arena_init(&e.arena, ARENA_BYTES_MAX);
    err = sign ? sv_call_write(call, work, &e) : sv_call_read(call, work, &e);
    if (err == SP_OK && !rows) {
        report(&e);
    }
    sp_buf_free(&e.body);
    sp_buf_free(&e.stamped);
    sp_arena_free(&e.arena);
    return err;
}

sp_err sv_do_dictionary_check(struct sv_call *call)
{
    return edit(call, false, false);
}

sp_err sv_do_dictionary_diff(struct sv_call *call)
{
    return edit(call, true, false);
}

sp_err sv_do_dictionary_apply(struct sv_call *call)
{
    bool dry = sv_call_flag(call, "dry-run");

    return edit(call, dry, !dry);
}

static sp_err export_text(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_slice whole = { NULL, 0 };
    char line[40];
    struct sp_buf out;
    int n = snprintf(line, sizeof line, "edition = %u;\n",
        sp_rulebook_find_serial(b, SP_DOC_DICTIONARY, whole));

    sp_buf_init(&out, SV_CONF_BYTES_MAX);
    sp_buf_put(&out, line, (size_t)n);
    sv_dictionary_print(sp_rulebook_dictionary(b), &out);
    sp_err err = out.err;
    if (err == SP_OK) {
        sv_call_set(
            call, "body", json_stringn((const char *)out.data, out.size));
    }
    sp_buf_free(&out);
    return err;
}

sp_err sv_do_dictionary_export(struct sv_call *call)
{
    return sv_call_read(call, export_text, call);
}
