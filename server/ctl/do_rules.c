/* do_rules.c - the policy: out as text, checked, put in force. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/preview.h"
#include "policy/dictionary.h"
#include "policy/policy.h"

#define READ_BYTES_MAX (64u * 1024u * 1024u)

#define SIGNED_WORD "satchel-document " /* then hexadecimal digits */

/* A text, or a signed document, on its way into force. */
struct edition {
    struct sv_call *call;
    struct sp_buf body;
    bool apply;
    struct sp_arena arena;
};

static sp_err complain(struct edition *e, const struct sv_conf_error *error)
{
    return sv_call_refuse(e->call, SP_E_CONFIG, "%s", error->text);
}

static sp_err keeps_administrator(
    struct edition *e, const struct sp_rulebook *b, struct sp_slice body)
{
    struct sv_conf_error error = { .line = 0 };
    struct sp_policy after;
    sp_err err = sp_policy_decode(body, &e->arena, &after);
    if (err == SP_OK) {
        err = sv_policy_leaves_administrator(&after, b, &error);
    }
    return err == SP_E_CONFIG ? complain(e, &error) : err;
}

static sp_err compile_policy(struct edition *e, const struct sp_rulebook *b)
{
    struct sv_conf_error error = { .line = 0 };
    sp_err err = sv_policy_compile(sv_call_file_name(e->call),
        e->call->attached, sp_rulebook_dictionary(b), &e->body, &error);
    return err == SP_OK ? keeps_administrator(e, b, sp_buf_slice(&e->body))
           : err == SP_E_CONFIG ? complain(e, &error)
                                : err;
}

static void tell(struct edition *e, uint32_t in_force, uint32_t serial)
{
    sv_call_set(e->call, "in_force", json_integer((json_int_t)in_force));
    sv_call_set(e->call, "bytes", json_integer((json_int_t)e->body.size));
    if (e->apply) {
        sv_call_set(e->call, "serial", json_integer((json_int_t)serial));
    }
}

static uint32_t serial_in_force(const struct sp_rulebook *b)
{
    return sp_rulebook_find_serial(
        b, SP_DOC_POLICY, (struct sp_slice){ NULL, 0 });
}

static sp_err take_text(struct edition *e, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    uint32_t serial = serial_in_force(b);
    sp_err err = compile_policy(e, b);
    if (err == SP_OK) {
        tell(e, serial, serial + 1);
    }
    return err == SP_OK && e->apply
               ? sv_issue_body(tx, SP_DOC_POLICY, sp_buf_slice(&e->body))
               : err;
}

/* The signed document out of its line of text. */
static sp_err read_signed(struct edition *e)
{
    struct sp_slice in = e->call->attached;
    size_t skip = sizeof SIGNED_WORD - 1;
    while (in.size > skip && in.data[in.size - 1] <= ' ') {
        in.size--;
    }
    size_t size = (in.size - skip) / 2;
    char *text = sp_arena_take(&e->arena, 2 * size + 1, 1);
    uint8_t *out = sp_arena_take(&e->arena, size + 1, 1);
    if (text == NULL || out == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(text, in.data + skip, 2 * size);
    if (in.size - skip != 2 * size || sp_unhex(out, size, text) != SP_OK) {
        return sv_call_refuse(e->call, SP_E_DOCUMENT,
            "this is no signed document: an odd or wrong digit; export it "
            "again (policy export --signed)");
    }
    sp_buf_put(&e->body, out, size);
    return e->body.err;
}

static sp_err check_signed(
    struct edition *e, const struct sp_rulebook *b, const struct sp_document *d)
{
    uint32_t serial = serial_in_force(b);
    if (d->kind != SP_DOC_POLICY) {
        return sv_call_refuse(
            e->call, SP_E_DOCUMENT, "this is a signed document, but no policy");
    }
    if (d->serial <= serial) {
        return sv_call_refuse(e->call, SP_E_DOCUMENT,
            "its serial %u is not newer than %u, which is in force; nothing "
            "was changed",
            d->serial, serial);
    }
    tell(e, serial, d->serial);
    return keeps_administrator(e, b, d->body);
}

static sp_err take_signed(struct edition *e, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    struct sp_document d;
    sp_err err = read_signed(e);
    if (err != SP_OK) {
        return err;
    }
    err = sp_document_decode(sp_buf_slice(&e->body), &d);
    if (err != SP_OK) {
        return sv_call_refuse(e->call, SP_E_DOCUMENT,
            "this is no signed document; export it again (policy export "
            "--signed)");
    }
    err = tx->rules->check_document(tx->rules->self, sp_buf_slice(&e->body));
    if (err == SP_E_DOCUMENT) {
        return sv_call_refuse(e->call, err,
            "it is not signed by the head office of this organisation, or "
            "cannot be read; nothing was changed");
    }
    err = check_signed(e, b, &d);
    return err == SP_OK && e->apply
               ? sp_node_take_document(tx, sp_buf_slice(&e->body))
               : err;
}

static bool is_signed(const struct sv_call *call)
{
    size_t size = sizeof SIGNED_WORD - 1;
    return call->attached.size > size &&
           memcmp(call->attached.data, SIGNED_WORD, size) == 0;
}

static sp_err work(void *arg, struct sp_tx *tx)
{
    struct edition *e = arg;
    sp_buf_reset(&e->body);
    sp_arena_reset(&e->arena);
    return is_signed(e->call) ? take_signed(e, tx) : take_text(e, tx);
}

static sp_err edit(struct sv_call *call, bool apply)
{
    struct edition e = { .call = call, .apply = apply };
    sp_err err = SP_OK;
    if (apply && !is_signed(call) &&
        call->server->home.who.tier != SP_TIER_HEAD_OFFICE) {
        return sv_call_refuse(call, SP_E_DENIED,
            "this text is not signed, and only head office signs; apply it "
            "there, or bring what policy export --signed gives there");
    }
    sp_buf_init(&e.body, SP_DOCUMENT_BYTES_MAX);
    sp_arena_init(&e.arena, READ_BYTES_MAX);
    err = apply ? sv_preview_run(call, work, &e) : sv_call_read(call, work, &e);
    sp_buf_free(&e.body);
    sp_arena_free(&e.arena);
    return err;
}

sp_err sv_do_policy_check(struct sv_call *call)
{
    return edit(call, false);
}

sp_err sv_do_policy_apply(struct sv_call *call)
{
    return edit(call, true);
}

static sp_err put_body(struct sv_call *call, struct sp_buf *out)
{
    sp_err err = out->err;
    if (err == SP_OK) {
        sv_call_set(
            call, "body", json_stringn((const char *)out->data, out->size));
    }
    sp_buf_free(out);
    return err;
}

/* One line that can be carried to a server that is cut off. */
static void print_signed(const struct sp_rulebook *b, struct sp_buf *out)
{
    struct sp_slice d = sp_rulebook_find_document(
        b, SP_DOC_POLICY, (struct sp_slice){ NULL, 0 });
    char digits[3];
    sp_buf_put(out, SIGNED_WORD, sizeof SIGNED_WORD - 1);
    for (size_t i = 0; i < d.size; i++) {
        sp_hex(digits, d.data + i, 1);
        sp_buf_put(out, digits, 2);
    }
    sp_buf_put(out, "\n", 1);
}

static sp_err export_policy(void *arg, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    struct sp_buf out;
    sp_buf_init(&out, SV_CONF_BYTES_MAX);
    if (sv_call_flag(arg, "signed")) {
        print_signed(b, &out);
        return put_body(arg, &out);
    }
    sv_policy_print(sp_rulebook_policy(b), sp_rulebook_dictionary(b), &out);
    return put_body(arg, &out);
}

sp_err sv_do_policy_export(struct sv_call *call)
{
    return sv_call_read(call, export_policy, call);
}
