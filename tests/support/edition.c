#include "edition.h"

#include "policy/dictionary.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct test_change test_edition_retire[] = {
    { "type = \"str(40)\"; merge = \"LWW\"; sensitivity = 1; },",
        "type = \"str(40)\"; merge = \"LWW\"; sensitivity = 1; "
        "retired = true; }," },
    { TEST_EDITION_LAST,
        ",\n{ number = 900; name = \"trade\"; en = \"Trade\"; zh = \"行当\"; "
        "type = \"str(60)\"; merge = \"KEEP\"; sensitivity = 1; "
        "was = \"industry\"; }" TEST_EDITION_AFTER },
};

const struct test_change test_edition_trade[] = {
    { "\"industry\"", "\"trade\"" },
    { "\"industry\"", "\"trade\"" },
    { "\"industry\"", "\"trade\"" },
    { "\"industry\"", "\"trade\"" },
    { "\"industry\"", "\"trade\"" },
};

static struct sp_slice replaced(
    struct test_org *o, struct sp_slice text, const struct test_change *c)
{
    const char *all = (const char *)text.data, *at = strstr(all, c->from);
    struct sp_buf out;

    if (at == NULL) {
        (void)fprintf(stderr, "there is no %s\n", c->from);
        SP_ASSERT(false && "text to be replaced");
    }
    sp_buf_init(&out, SV_CONF_BYTES_MAX);
    sp_buf_put(&out, all, (size_t)(at - all));
    sp_buf_put(&out, c->to, strlen(c->to));
    at += strlen(c->from);
    sp_buf_put(&out, at, strlen(at) + 1);
    text = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    SP_ASSERT(text.data != NULL);
    return text;
}

/* A text that comes along, changed; without its NUL. */
static struct sp_slice changed(struct test_org *o, const char *name,
    const struct test_change *change, size_t count)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    struct sv_conf_error error;
    struct sp_buf out;
    char path[512];

    (void)snprintf(path, sizeof path, "%s/server/policy/default/%s",
        root == NULL ? "." : root, name);
    sp_buf_init(&out, SV_CONF_BYTES_MAX);
    SP_ASSERT(sv_conf_read_file(path, &out, &error) == SP_OK);
    sp_buf_put_u8(&out, 0);
    struct sp_slice text = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    for (size_t i = 0; i < count; i++) {
        text = replaced(o, text, &change[i]);
    }
    text.size--;
    return text;
}

static void must(sp_err err, const struct sv_conf_error *error)
{
    if (err != SP_OK) {
        (void)fprintf(stderr, "%s\n", error->text);
        SP_ASSERT(false && "an edition that compiles");
    }
}

void test_edition_dictionary(
    struct test_org *o, const struct test_change *change, size_t count)
{
    struct sv_conf_error error = { 0 };
    struct sp_dictionary before;
    struct sp_buf body, stamped;

    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&stamped, SP_DOCUMENT_BYTES_MAX);
    SP_ASSERT(
        sp_dictionary_decode(o->dictionary_body, &o->arena, &before) == SP_OK);
    must(sv_dictionary_compile("changed",
             changed(o, "dictionary.conf", change, count), &body, &error),
        &error);
    SP_ASSERT(sv_dictionary_edition(&before, sp_buf_slice(&body),
                  o->dictionary_serial + 1, &o->arena, &stamped) == SP_OK);
    o->dictionary_body = sp_arena_copy(&o->arena, sp_buf_slice(&stamped));
    sp_buf_free(&body);
    sp_buf_free(&stamped);
    (void)test_org_publish_dictionary(o);
}

void test_edition_policy(
    struct test_org *o, const struct test_change *change, size_t count)
{
    struct sv_conf_error error = { 0 };
    struct sp_dictionary d;
    struct sp_buf body;

    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    SP_ASSERT(sp_dictionary_decode(o->dictionary_body, &o->arena, &d) == SP_OK);
    must(sv_policy_compile("changed", changed(o, "policy.conf", change, count),
             &d, &body, &error),
        &error);
    o->policy_body = sp_arena_copy(&o->arena, sp_buf_slice(&body));
    sp_buf_free(&body);
    (void)test_org_publish_policy(o);
}
