/* do_rules.c - the policy: out as text, checked, put in force. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "policy/dictionary.h"
#include "policy/policy.h"

#define READ_BYTES_MAX (64u * 1024u * 1024u)

/* A text on its way to a signed document. */
struct edition {
    struct sv_call *call;
    enum sp_document_kind kind;
    struct sp_buf body;
    bool sign;
    struct sp_arena arena;
};

static sp_err complain(struct edition *e, const struct sv_conf_error *error)
{
    return sv_call_refuse(e->call, SP_E_CONFIG, "%s", error->text);
}

static sp_err compile_policy(struct edition *e, const struct sp_rulebook *b)
{
    struct sv_conf_error error = { .line = 0 };
    struct sp_policy after;
    sp_err err = sv_policy_compile("policy.conf", e->call->attached,
        sp_rulebook_dictionary(b), &e->body, &error);
    if (err == SP_OK) {
        err = sp_policy_decode(sp_buf_slice(&e->body), &e->arena, &after);
    }
    if (err == SP_OK) {
        err = sv_policy_leaves_administrator(&after, b, &error);
    }
    return err == SP_E_CONFIG ? complain(e, &error) : err;
}

static sp_err work(void *arg, struct sp_tx *tx)
{
    struct edition *e = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    sp_buf_reset(&e->body);
    sp_arena_reset(&e->arena);
    sp_err err = compile_policy(e, b);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_slice whole = { NULL, 0 };
    uint32_t serial = sp_rulebook_find_serial(b, e->kind, whole);
    sv_call_set(e->call, "in_force", json_integer((json_int_t)serial));
    sv_call_set(e->call, "bytes", json_integer((json_int_t)e->body.size));
    if (e->sign) {
        sv_call_set(e->call, "serial", json_integer((json_int_t)serial + 1));
        err = sv_issue_body(tx, e->kind, sp_buf_slice(&e->body));
    }
    return err;
}

static sp_err edit(struct sv_call *call, enum sp_document_kind kind, bool sign)
{
    struct edition e = { .call = call, .kind = kind, .sign = sign };
    sp_err err = SP_OK;
    if (sign) {
        err = sv_org_head_office_only(call, "the policy");
    }
    if (err != SP_OK) {
        return err;
    }
    sp_buf_init(&e.body, SP_DOCUMENT_BYTES_MAX);
    sp_arena_init(&e.arena, READ_BYTES_MAX);
    err = sign ? sv_call_write(call, work, &e) : sv_call_read(call, work, &e);
    sp_buf_free(&e.body);
    sp_arena_free(&e.arena);
    return err;
}

sp_err sv_do_policy_check(struct sv_call *call)
{
    return edit(call, SP_DOC_POLICY, false);
}

sp_err sv_do_policy_set(struct sv_call *call)
{
    return edit(call, SP_DOC_POLICY, true);
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

static sp_err export_policy(void *arg, struct sp_tx *tx)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    struct sp_buf out;
    sp_buf_init(&out, SV_CONF_BYTES_MAX);
    sv_policy_print(sp_rulebook_policy(b), sp_rulebook_dictionary(b), &out);
    return put_body(arg, &out);
}

sp_err sv_do_policy_export(struct sv_call *call)
{
    return sv_call_read(call, export_policy, call);
}
