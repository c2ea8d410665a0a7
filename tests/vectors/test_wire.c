/* Commits and documents against tests/vectors/wire.json, which a second,
 * plain implementation made (plain_wire.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "sp/commit.h"
#include "sp/document.h"
#include "sp/seal.h"

#define BYTES_MAX 65536u

/* Everything that one vector is made of goes at its end. */
static struct sp_arena arena;

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    if (s == NULL) {
        fail_msg("%s is missing", name);
    }
    return s;
}

static uint64_t number_of(const json_t *v)
{
    assert_true(json_is_string(v));
    return strtoull(json_string_value(v), NULL, 16);
}

static uint64_t number(const json_t *o, const char *name)
{
    return number_of(json_object_get(o, name));
}

static struct sp_slice bytes(const json_t *o, const char *name)
{
    const char *s = text(o, name);
    size_t size = strlen(s) / 2;
    uint8_t *p = sp_arena_take(&arena, size + 1, 1);

    assert_non_null(p);
    assert_int_equal(sp_unhex(p, size, s), SP_OK);
    return sp_slice_of(p, size);
}

static void fixed(const json_t *o, const char *name, void *out, size_t size)
{
    assert_int_equal(sp_unhex(out, size, text(o, name)), SP_OK);
}

static void make_write(
    const json_t *o, const struct sp_commit *c, struct sp_write *w)
{
    const json_t *context = json_object_get(o, "context");
    const json_t *element = json_object_get(o, "element");
    size_t dots = json_array_size(context);
    struct sp_dot *dot = sp_arena_take(&arena, dots + 1, sizeof *dot);

    assert_non_null(dot);
    for (size_t i = 0; i < dots; i++) {
        const json_t *pair = json_array_get(context, i);

        dot[i].replica = number_of(json_array_get(pair, 0));
        dot[i].counter = number_of(json_array_get(pair, 1));
    }
    w->context = (struct sp_vector){ (uint32_t)dots, dot };
    w->key.field = (uint16_t)number(o, "field");
    w->value = bytes(o, "value");
    if (element != NULL && strcmp(json_string_value(element), "own") == 0) {
        w->key.element = SP_SLICE(c->content.b);
    } else if (element != NULL) {
        w->key.element = bytes(o, "element");
    }
}

static void make_commit(const json_t *vector, struct sp_commit *c)
{
    const json_t *o = json_object_get(vector, "commit");
    const json_t *changes = json_object_get(o, "changes");
    const json_t *carried = json_object_get(o, "carried");
    struct sp_change *change;

    memset(c, 0, sizeof *c);
    c->replica = number(vector, "replica");
    c->n = number(o, "n");
    c->time = number(o, "time");
    c->user = (uint32_t)number(o, "user");
    c->authority = (uint8_t)number(o, "authority");
    c->dictionary = (uint32_t)number(o, "dictionary");
    c->policy = (uint32_t)number(o, "policy");
    c->roster = (uint32_t)number(o, "roster");
    fixed(o, "nonce", c->nonce, sizeof c->nonce);
    if (carried != NULL) {
        fixed(carried, "content", c->carried.content.b, 16);
        c->carried.time = number(carried, "time");
        c->carried.authority = (uint8_t)number(carried, "authority");
    }
    c->count = (uint32_t)json_array_size(changes);
    change = sp_arena_take(&arena, c->count, sizeof *change);
    assert_non_null(change);
    for (uint32_t i = 0; i < c->count; i++) {
        const json_t *from = json_array_get(changes, i);
        const json_t *writes = json_object_get(from, "writes");
        struct sp_write *write;

        change[i].ref.type = (uint16_t)number(from, "type");
        fixed(from, "id", change[i].ref.id.b, 16);
        change[i].count = (uint32_t)json_array_size(writes);
        write = sp_arena_take(&arena, change[i].count, sizeof *write);
        assert_non_null(write);
        for (uint32_t j = 0; j < change[i].count; j++) {
            make_write(json_array_get(writes, j), c, &write[j]);
        }
        change[i].write = write;
    }
    c->change = change;
}

static void path_of(const char *name, char *out, size_t size)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");

    (void)snprintf(out, size, "%s/%s", root != NULL ? root : ".", name);
}

static json_t *vectors;

static void each(const char *kind, void (*check)(const json_t *vector))
{
    const json_t *list = json_object_get(vectors, kind);

    assert_true(json_array_size(list) > 0);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *vector = json_array_get(list, i);

        sp_arena_init(&arena, 1u << 20);
        print_message("# %s\n", text(vector, "name"));
        check(vector);
        sp_arena_free(&arena);
    }
}

static void check_encode(const json_t *vector)
{
    struct sp_slice want = bytes(vector, "bytes");
    struct sp_slice content = bytes(vector, "content");
    struct sp_commit c;
    struct sp_buf b;

    make_commit(vector, &c);
    sp_buf_init(&b, BYTES_MAX);
    sp_commit_encode(&c, &b);
    assert_int_equal(b.err, SP_OK);
    assert_int_equal(b.size, want.size);
    assert_memory_equal(b.data, want.data, want.size);
    assert_memory_equal(c.content.b, content.data, sizeof c.content.b);
    sp_buf_free(&b);
}

static void check_decode(const json_t *vector)
{
    struct sp_slice in = bytes(vector, "bytes");
    struct sp_slice content = bytes(vector, "content");
    struct sp_commit made, c;
    struct sp_buf b;

    make_commit(vector, &made);
    memcpy(made.content.b, content.data, sizeof made.content.b);
    assert_int_equal(sp_commit_decode(in, made.replica, &arena, &c), SP_OK);
    assert_memory_equal(c.content.b, content.data, sizeof c.content.b);
    assert_true(c.n == made.n && c.time == made.time && c.user == made.user);
    assert_int_equal(c.authority, made.authority);
    assert_true(sp_id_equal(&c.carried.content, &made.carried.content));
    assert_true(c.carried.time == made.carried.time);
    assert_int_equal(c.carried.authority, made.carried.authority);
    assert_int_equal(c.count, made.count);
    for (uint32_t i = 0; i < c.count; i++) {
        assert_true(sp_ref_equal(&c.change[i].ref, &made.change[i].ref));
        assert_int_equal(c.change[i].count, made.change[i].count);
        for (uint32_t j = 0; j < c.change[i].count; j++) {
            const struct sp_write *a = &c.change[i].write[j];
            const struct sp_write *w = &made.change[i].write[j];

            assert_int_equal(a->key.field, w->key.field);
            assert_true(sp_slice_equal(a->key.element, w->key.element));
            assert_true(sp_slice_equal(a->value, w->value));
            assert_int_equal(a->context.count, w->context.count);
            for (uint32_t k = 0; k < a->context.count; k++) {
                assert_int_equal(
                    sp_dot_cmp(&a->context.dot[k], &w->context.dot[k]), 0);
            }
        }
    }
    sp_buf_init(&b, BYTES_MAX);
    sp_commit_encode(&c, &b);
    assert_true(sp_slice_equal(sp_buf_slice(&b), in));
    sp_buf_free(&b);
}

static void check_chain(const json_t *vector)
{
    struct sp_slice signature = bytes(vector, "signature");
    struct sp_secret seed;
    struct sp_hash prev, want, hash;
    struct sp_id org;
    uint8_t public_key[32], want_public[32], secret[64], out[64];
    uint64_t n = number(json_object_get(vector, "commit"), "n");
    sp_replica replica = number(vector, "replica");

    fixed(vector, "org", org.b, sizeof org.b);
    fixed(vector, "prev", prev.b, sizeof prev.b);
    fixed(vector, "hash", want.b, sizeof want.b);
    fixed(vector, "seed", seed.b, sizeof seed.b);
    fixed(vector, "public", want_public, sizeof want_public);
    sp_commit_chain(&prev, replica, n, bytes(vector, "bytes"), &hash);
    assert_memory_equal(hash.b, want.b, sizeof hash.b);
    sp_sign_pair(&seed, public_key, secret);
    assert_memory_equal(public_key, want_public, sizeof public_key);
    sp_commit_sign(&org, replica, n, &hash, secret, out);
    assert_memory_equal(out, signature.data, sizeof out);
    assert_int_equal(
        sp_commit_verify(&org, replica, n, &hash, public_key, out), SP_OK);
}

static void check_document(const json_t *vector)
{
    struct sp_slice want = bytes(vector, "bytes");
    struct sp_document d = { 0 }, split;
    struct sp_secret seed;
    struct sp_id org;
    uint8_t public_key[32], secret[64];
    struct sp_buf b;

    fixed(vector, "org", org.b, sizeof org.b);
    fixed(vector, "seed", seed.b, sizeof seed.b);
    sp_sign_pair(&seed, public_key, secret);
    d.kind = (enum sp_document_kind)number(vector, "kind");
    d.unit = sp_slice_text(text(vector, "unit"));
    d.serial = (uint32_t)number(vector, "serial");
    d.issuer = (uint32_t)number(vector, "issuer");
    d.body = bytes(vector, "body");
    sp_buf_init(&b, BYTES_MAX);
    sp_document_sign(&d, &org, secret, &b);
    assert_int_equal(b.err, SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&b), want));
    sp_buf_free(&b);
    assert_int_equal(sp_document_decode(want, &split), SP_OK);
    assert_int_equal(split.kind, d.kind);
    assert_true(sp_slice_equal(split.unit, d.unit));
    assert_int_equal(split.serial, d.serial);
    assert_int_equal(split.issuer, d.issuer);
    assert_true(sp_slice_equal(split.body, d.body));
    assert_int_equal(sp_document_verify(&split, &org, public_key), SP_OK);
}

static void commits_encode_as_the_plain_implementation_does(void **state)
{
    (void)state;
    each("commits", check_encode);
}

static void commits_of_the_plain_implementation_decode(void **state)
{
    (void)state;
    each("commits", check_decode);
}

static void chain_and_signatures_are_those_of_the_plain_implementation(
    void **state)
{
    (void)state;
    each("commits", check_chain);
}

static void documents_are_those_of_the_plain_implementation(void **state)
{
    (void)state;
    each("documents", check_document);
}

/* Appends the hex at the beginning of a sample's line; what follows two
 * spaces explains it. */
static void sample_line(const char *p, char *hex, size_t size)
{
    size_t at = strlen(hex);

    for (; *p != '\0' && *p != '\n' && !(p[0] == ' ' && p[1] == ' '); p++) {
        if (*p != ' ' && at + 1 < size) {
            hex[at++] = *p;
        }
    }
    hex[at] = '\0';
}

/* The hex of the indented block behind a title in PROTOCOL.md. */
static void sample(const char *title, char *hex, size_t size)
{
    char path[4096], line[256];
    bool found = false, inside = false;
    FILE *file;

    path_of("sync-proto/PROTOCOL.md", path, sizeof path);
    file = fopen(path, "r");
    assert_non_null(file);
    hex[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL) {
        bool indented = strncmp(line, "    ", 4) == 0;

        found = found || strstr(line, title) != NULL;
        if (inside && !indented) {
            break;
        }
        inside = found && indented;
        if (inside) {
            sample_line(line + 4, hex, size);
        }
    }
    (void)fclose(file);
}

static void samples_in_the_protocol_are_the_first_vectors(void **state)
{
    static const char *const kinds[] = { "commits", "documents" };
    static const char *const titles[] = { "**Sample commit.**",
        "**Sample document.**" };

    (void)state;
    for (int i = 0; i < 2; i++) {
        const json_t *list = json_object_get(vectors, kinds[i]);
        char hex[2048];

        sample(titles[i], hex, sizeof hex);
        assert_string_equal(hex, text(json_array_get(list, 0), "bytes"));
    }
}

static int open_vectors(void **state)
{
    char path[4096];
    json_error_t error;

    (void)state;
    path_of("tests/vectors/wire.json", path, sizeof path);
    vectors = json_load_file(path, 0, &error);
    return vectors == NULL || sp_crypto_init() != SP_OK;
}

static int close_vectors(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_encode_as_the_plain_implementation_does),
        cmocka_unit_test(commits_of_the_plain_implementation_decode),
        cmocka_unit_test(
            chain_and_signatures_are_those_of_the_plain_implementation),
        cmocka_unit_test(documents_are_those_of_the_plain_implementation),
        cmocka_unit_test(samples_in_the_protocol_are_the_first_vectors),
    };

    return cmocka_run_group_tests(tests, open_vectors, close_vectors);
}
