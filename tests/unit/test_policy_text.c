/* Administrators' text files: what is wrong is said with file, line and way
 * out; what is right comes back the same. */
#include "org.h"
#include "policy/dictionary.h"
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARENA_BYTES_MAX 33554432u
#define COUNT(a)        (sizeof(a) / sizeof((a)[0]))

struct fixture {
    struct sp_arena arena;
    struct sp_buf dictionary; /* body of the one that ships */
    struct sp_dictionary d;
};

static void path_of(char *out, size_t size, const char *file)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");

    (void)snprintf(out, size, "%s/server/policy/default/%s",
        root == NULL ? "." : root, file);
}

static int open_default(void **state)
{
    static struct fixture f;
    struct sv_conf_error error;
    char path[512];

    path_of(path, sizeof(path), "dictionary.conf");
    sp_arena_init(&f.arena, ARENA_BYTES_MAX);
    sp_buf_init(&f.dictionary, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(
        sv_dictionary_compile_file(path, &f.dictionary, &error), SP_OK);
    assert_int_equal(
        sp_dictionary_decode(sp_buf_slice(&f.dictionary), &f.arena, &f.d),
        SP_OK);
    *state = &f;
    return 0;
}

static int close_default(void **state)
{
    struct fixture *f = *state;

    sp_buf_free(&f->dictionary);
    sp_arena_free(&f->arena);
    return 0;
}

/* ---- round trips ------------------------------------------------------- */

static void the_default_dictionary_prints_to_what_compiles_to_it(void **state)
{
    struct fixture *f = *state;
    struct sv_conf_error error;
    struct sp_buf text, again;

    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    sv_dictionary_print(&f->d, &text);
    assert_int_equal(
        sv_dictionary_compile("printed", sp_buf_slice(&text), &again, &error),
        SP_OK);
    assert_true(
        sp_slice_equal(sp_buf_slice(&f->dictionary), sp_buf_slice(&again)));
    sp_buf_free(&text);
    sp_buf_free(&again);
}

static void the_default_policy_prints_to_what_compiles_to_it(void **state)
{
    struct fixture *f = *state;
    struct sv_conf_error error;
    struct sp_buf body, text, again;
    struct sp_policy p;
    char path[512];

    path_of(path, sizeof(path), "policy.conf");
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_buf_init(&again, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(sv_policy_compile_file(path, &f->d, &body, &error), SP_OK);
    assert_int_equal(
        sp_policy_decode(sp_buf_slice(&body), &f->arena, &p), SP_OK);
    sv_policy_print(&p, &f->d, &text);
    assert_int_equal(sv_policy_compile(
                         "printed", sp_buf_slice(&text), &f->d, &again, &error),
        SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&body), sp_buf_slice(&again)));
    sp_buf_free(&body);
    sp_buf_free(&text);
    sp_buf_free(&again);
}

/* ---- what is wrong ----------------------------------------------------- */

struct wrong {
    const char *text;
    unsigned line;
    const char *says;
};

#define SHOP(fields)                                                           \
    "entities = (\n"                                                           \
    " { number = 1; name = \"shop\"; en = \"Shop\"; zh = \"店\";\n"           \
    "   territory = \"place\";\n"                                              \
    "   fields = (\n" fields " { number = 9; name = \"place\"; en = \"P\"; "   \
    "zh = \"P\"; type = \"territory\"; merge = \"LWW\"; sensitivity = 1; }\n"  \
    " ) } );\n"
#define FIELD(more)                                                            \
    " { number = 1; name = \"name\"; en = \"N\"; zh = \"N\"; " more            \
    " sensitivity = 1; },\n"

#define SHARE(members)                                                         \
    "type = \"group\"; merge = \"SET\"; members = " members                    \
    "; shares = true; parts = ({ name = \"user\"; en = \"\"; zh = \"\"; "      \
    "type = \"user\"; required = true; }, { name = \"until\"; en = \"\"; "     \
    "zh = \"\"; type = \"date\"; required = true; });"

// clang-format off
static const struct wrong dictionaries[] = {
    { "", 0, "\"entities\" is missing" },
    { "entities = ();", 0, "from 1 to" },
    { "entities = (\n{ number = 1;\n", 3, "look for a missing" },
    { "entities = 5;", 1, "must be a list" },
    { "entity = ();", 1, "\"entity\" is no setting here" },
    { "@include \"x\"\n", 0, "@include is not allowed" },
    { "# \xff\n", 0, "not valid UTF-8" },
    { "# ok\r\n", 0, "carriage returns" },
    { SHOP(FIELD("typ = \"str(80)\"; merge = \"LWW\";")), 5, "\"typ\" is no setting" },
    { SHOP(FIELD("merge = \"LWW\";")), 5, "\"type\" is missing" },
    { SHOP(FIELD("type = \"str(80)\"; merge = \"LWW\"; required = true; hidden = true;")), 5, "cannot be hidden" },
    { SHOP(FIELD("type = \"str(80)\"; merge = \"LWW\"; needs = \"place\";")), 5, "with merge DENY and type group" },
    { SHOP(FIELD("type = \"str(80)\"; merge = \"LWW\"; needs = \"leave\";")), 5, "needs = \"leave\"" },
    { "entities = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; fields = (\n" FIELD("type = \"str(8)\"; merge = \"LWW\";") " { number = 2; name = \"w\"; en = \"\"; zh = \"\"; type = \"user\"; merge = \"LWW\"; sensitivity = 1; } ); } );", 1, "\"catalogue\"; name one of them" },
    { "entities = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; owner = \"w\"; branch = \"name\"; fields = (\n" FIELD("type = \"str(8)\"; merge = \"LWW\";") " { number = 2; name = \"w\"; en = \"\"; zh = \"\"; type = \"user\"; merge = \"LWW\"; sensitivity = 1; } ); } );", 1, "needs catalogue = true" },
    { SHOP(FIELD("type = \"string\"; merge = \"LWW\";")), 5, "is no type; one of: " },
    { SHOP(FIELD("type = \"str\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"str(0)\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"str(4001)\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"str(80\"; merge = \"LWW\";")), 5, "cannot be read" },
    { SHOP(FIELD("type = \"uint(5, 4)\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"uint(-1, 4)\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"ref(town)\"; merge = \"LWW\";")), 5, "wrong bounds" },
    { SHOP(FIELD("type = \"\"; merge = \"LWW\";")), 5, "cannot be read" },
    { SHOP(FIELD("type = \"bool\"; merge = \"MINE\";")), 5, "is no merge rule" },
    { SHOP(FIELD("type = \"bool\"; merge = \"\";")), 5, "is no merge rule" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DENY\";")), 5, "need a type with an order" },
    { SHOP(FIELD("type = \"phone\"; merge = \"MAX\";")), 5, "need a type with an order" },
    { SHOP(FIELD("type = \"group\"; merge = \"DENY\"; parts = ({ name = \"x\"; en = \"\"; zh = \"\"; type = \"bool\"; });")), 5, "first part is required" },
    { SHOP(FIELD("type = \"group\"; merge = \"MAX\"; parts = ({ name = \"x\"; en = \"\"; zh = \"\"; type = \"money\"; required = true; });")), 5, "one of the first five" },
    { SHOP(FIELD("type = \"int\"; merge = \"CNT\";")), 5, "need \"members\"" },
    { SHOP(FIELD("type = \"money\"; merge = \"CNT\"; members = 9;")), 5, "a counter (CNT) is of type uint or int" },
    { SHOP(FIELD("type = \"int(1, 5)\"; merge = \"CNT\"; members = 9;")), 5, "have 0 within" },
    { SHOP(FIELD("type = \"int\"; merge = \"CNT\"; members = 9; required = true;")), 5, "a counter cannot be required" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\";")), 5, "DRV needs \"derive\"" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"LWW\"; derive = \"year(place)\";")), 5, "others have none" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\"; derive = \"sum(place)\";")), 5, "is no derive" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\"; derive = \"year(nowhere)\";")), 5, "with a field of this entity" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\"; derive = \"mask_tail(place, 0)\";")), 5, "with a field of this entity" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\"; derive = \"mask_tail(place, 4)\";")), 5, "does not fit" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"DRV\"; derive = \"mask_tail(name, 4)\";")), 5, "does not fit" },
    { SHOP(FIELD("type = \"territory\"; merge = \"DRV\"; derive = \"copy(place)\";")), 5, "copy (with \"needs\")" },
    { SHOP(FIELD("type = \"territory\"; merge = \"DRV\"; derive = \"copy(place, 4)\";")), 5, "or copy(FIELD)" },
    { SHOP(FIELD("type = \"territory\"; merge = \"DRV\"; derive = \"copy(place)\"; needs = \"place\";")), 5, "with merge DENY and type group" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"SET\";")), 5, "need \"members\"" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"LWW\"; members = 3;")), 5, "need \"members\"" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"SET\"; members = 3; required = true;")), 5, "cannot be required" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"AUTH\";")), 5, "AUTH needs" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"LWW\"; authority = \"branch\";")), 5, "AUTH needs" },
    { SHOP(FIELD("type = \"str(9)\"; merge = \"LWW\"; required = 1;")), 5, "true or false" },
    { SHOP(FIELD("type = \"enum\"; merge = \"LWW\";")), 5, "\"options\" is missing" },
    { SHOP(FIELD("type = \"enum\"; merge = \"LWW\"; options = ();")), 5, "options belong" },
    { SHOP(FIELD("type = \"enum\"; merge = \"LWW\"; options = ((1, \"a\", \"A\"));")), 5, "an option is written" },
    { SHOP(FIELD("type = \"enum\"; merge = \"LWW\"; options = ((2, \"a\", \"A\", \"A\"),\n (2, \"b\", \"B\", \"B\"));")), 0, "is a duplicate" },
    { SHOP(FIELD("type = \"group\"; merge = \"LWW\";")), 5, "\"parts\" is missing" },
    { SHOP(FIELD("type = \"group\"; merge = \"LWW\"; parts = ({ name = \"x\"; en = \"\"; zh = \"\"; type = \"group\"; });")), 5, "cannot be a group" },
    { SHOP(" { number = 9; name = \"a\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n"), 6, "field number 9 is a duplicate" },
    { SHOP(" { number = 1; name = \"place\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n"), 6, "a field \"place\" already" },
    { SHOP(" { number = 1; name = \"Bad\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n"), 5, "small letters" },
    { SHOP(" { number = 4096; name = \"a\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n"), 5, "from 1 to 4095" },
    { SHOP(" { number = 1; name = \"a\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 5; },\n"), 5, "from 0 to 4" },
    { SHOP(" { number = 7; name = \"a\"; en = \"Colour\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n { number = 8; name = \"b\"; en = \"Colour\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; },\n"), 6, "\"Colour\" is the label of a already" },
    { SHOP(" { number = 1; number = 2; },\n"), 5, "duplicate setting name" },
    { SHOP(FIELD("type = \"user\"; merge = \"SET\"; members = 9; shares = true;")), 2, "shares is for one SET of groups" },
    { SHOP(FIELD(SHARE("30"))), 2, "at most 29" },
    { SHOP(FIELD(SHARE("9")) " { number = 2; name = \"too\"; en = \"\"; zh = \"\"; " SHARE("9") " sensitivity = 1; },\n"), 2, "field \"too\": shares is for one SET" },
    { "entities = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\";\n fields = ( { number = 1; name = \"b\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; } ); } );", 1, "either from a \"parent\"" },
    { "entities = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; owner = \"b\";\n fields = ( { number = 1; name = \"b\"; en = \"\"; zh = \"\"; type = \"bool\"; merge = \"LWW\"; sensitivity = 1; } ); } );", 1, "no such field of type user" },
    { "entities = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; parent = \"b\";\n fields = ( { number = 1; name = \"b\"; en = \"\"; zh = \"\"; type = \"ref(a)\"; merge = \"LWW\"; sensitivity = 1; } ); } );", 1, "has no parent itself" },
};

#define ROLES(rules)                                                           \
    "roles = (\n { number = 1; name = \"boss\"; en = \"\"; zh = \"\"; "        \
    "reach = \"all\"; manages = [ \"users\", \"policy\" ];\n rules = (\n"      \
    rules ") } );\n"

static const struct wrong policies[] = {
    { "roles = ();", 1, "from 1 to" },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"all\"; rules = (); } );", 1, "nobody could ever change" },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"far\"; rules = (); } );", 1, "is no reach; one of: " },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"\"; rules = (); } );", 1, "is no reach; one of: own" },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"all\"; manages = [ \"users\", \"policy\" ]; rules = (); },\n { number = 1; name = \"b\"; en = \"\"; zh = \"\"; reach = \"all\"; rules = (); } );", 2, "role number 1 is a duplicate" },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"all\"; manages = [ \"users\", \"policy\" ]; rules = (); },\n { number = 2; name = \"a\"; en = \"\"; zh = \"\"; reach = \"all\"; rules = (); } );", 2, "a role of that name already" },
    { ROLES("{ rule = 1; entity = \"client\"; }"), 4, "no entity \"client\"" },
    { ROLES("{ rule = 1; entity = \"account\";\n read = [ \"nmae\" ]; }"), 5, "no field \"nmae\" in account" },
    { ROLES("{ rule = 1; entity = \"account\";\n read = [ \"name\", \"name\" ]; }"), 5, "names a field twice" },
    { ROLES("{ rule = 1; entity = \"account\";\n write = \"name\"; }"), 5, "must be a list" },
    { ROLES("{ rule = 1; entity = \"account\"; },\n { rule = 1; entity = \"visit\"; }"), 1, "rule number 1 is used 2 times" },
    { ROLES("{ rule = 1; entity = \"contact\";\n read = [ \"consent_calls\", \"message_name\" ]; }"), 4, "stands by the consent \"consent_messages\"" },
    { ROLES("{ rule = 1; entity = \"account\"; own = true; }"), 4, "names no author" },
    { ROLES("{ rule = 1; entity = \"account\"; others = true; }"), 4, "others = true, but the entity names no author" },
    { ROLES("{ rule = 1; entity = \"note\"; own = true; others = true; }"), 4, "make two rules of it" },
    { ROLES("{ rule = 1; entity = \"export_job\"; scopes = [ \"person\" ]; write = [ \"decision\" ]; }"), 2, "rule 1 writes export_job.decision without others" },
    { ROLES("{ rule = 1; entity = \"export_job\"; scopes = [ \"person\" ]; others = true; write = [ \"decision\" ]; }"), 2, "does not say approves = true" },
    { "roles = ( { number = 1; name = \"a\"; en = \"\"; zh = \"\"; reach = \"all\"; manages = [ \"users\", \"policy\" ];\n export = { approves = true; }; rules = (); } );", 1, "no rule of it writes export_job.decision" },
    { ROLES("{ rule = 1; entity = \"account\"; create = true;\n write = [ \"name\" ]; }"), 4, "neither territory nor owner" },
    { ROLES("{ rule = 1; entity = \"account\"; create = true;\n write = [ \"owner_id\" ]; }"), 4, "required field \"name\"" },
    { ROLES("{ rule = 1; entity = \"note\"; scopes = [ \"moon\" ]; }"), 4, "is no kind of scope" },
    { ROLES("{ rule = 1; entity = \"note\"; delete = true; }"), 4, "\"delete\" is no setting" },
    { ROLES("{ entity = \"note\"; }"), 4, "\"rule\" is missing" },
};
// clang-format on

static void check(const struct wrong *w, sp_err err,
    const struct sv_conf_error *error, const struct sp_buf *out)
{
    if (err != SP_E_CONFIG || strstr(error->text, w->says) == NULL ||
        (w->line > 0 && error->line != w->line) ||
        strncmp(error->text, "file", 4) != 0 || out->size > 0) {
        fail_msg("%s\n-> %s: line %u: %s (expected line %u: %s)", w->text,
            sp_err_name(err), error->line, error->text, w->line, w->says);
    }
}

static void what_is_wrong_in_a_dictionary_is_said_with_its_line(void **state)
{
    struct sv_conf_error error;
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    for (size_t i = 0; i < COUNT(dictionaries); i++) {
        memset(&error, 0, sizeof(error));
        sp_err err = sv_dictionary_compile(
            "file", sp_slice_text(dictionaries[i].text), &out, &error);
        check(&dictionaries[i], err, &error, &out);
    }
    /* The frame that the cases stand in is right itself. */
    assert_int_equal(
        sv_dictionary_compile("file",
            sp_slice_text(SHOP(FIELD("type = \"str(80)\"; merge = \"LWW\";"))),
            &out, &error),
        SP_OK);
    sp_buf_free(&out);
}

static void what_is_wrong_in_a_policy_is_said_with_its_line(void **state)
{
    struct fixture *f = *state;
    struct sv_conf_error error;
    struct sp_buf out;

    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    for (size_t i = 0; i < COUNT(policies); i++) {
        memset(&error, 0, sizeof(error));
        sp_err err = sv_policy_compile(
            "file", sp_slice_text(policies[i].text), &f->d, &out, &error);
        check(&policies[i], err, &error, &out);
    }
    assert_int_equal(
        sv_policy_compile("file",
            sp_slice_text(ROLES("{ rule = 1; entity = \"account\"; read = [ "
                                "\"name\" ]; }")),
            &f->d, &out, &error),
        SP_OK);
    sp_buf_free(&out);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct sv_conf_error error;
    struct sp_buf out;

    (void)state;
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(
        sv_dictionary_compile_file("/nowhere/x.conf", &out, &error),
        SP_E_CONFIG);
    assert_non_null(strstr(error.text, "/nowhere/x.conf: cannot be opened"));
    sp_buf_free(&out);
}

/* ---- one edition after another ----------------------------------------- */

/* The default text with one piece replaced. */
static void compile_changed(struct fixture *f, const char *from, const char *to,
    struct sp_dictionary *out)
{
    struct sv_conf_error error;
    struct sp_buf text, changed, body;
    char path[512];

    path_of(path, sizeof(path), "dictionary.conf");
    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_buf_init(&changed, SV_CONF_BYTES_MAX);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(sv_conf_read_file(path, &text, &error), SP_OK);
    sp_buf_put_u8(&text, 0);
    const char *all = (const char *)text.data, *at = strstr(all, from);
    assert_non_null(at);
    sp_buf_put(&changed, all, (size_t)(at - all));
    sp_buf_put(&changed, to, strlen(to));
    sp_buf_put(&changed, at + strlen(from), strlen(at + strlen(from)));
    if (sv_dictionary_compile(
            "changed", sp_buf_slice(&changed), &body, &error) != SP_OK) {
        fail_msg("%s", error.text);
    }
    struct sp_slice kept = sp_arena_copy(&f->arena, sp_buf_slice(&body));
    assert_int_equal(sp_dictionary_decode(kept, &f->arena, out), SP_OK);
    sp_buf_free(&text);
    sp_buf_free(&changed);
    sp_buf_free(&body);
}

static void an_edition_keeps_every_number_and_its_meaning(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        { "type = \"str(80)\"", "type = \"str(81)\"", NULL },
        { "type = \"str(80)\"", "type = \"str(79)\"", "narrower" },
        { "name = \"industry\"", "name = \"branch_of_trade\"", NULL },
        { "merge = \"LWW\"", "merge = \"KEEP\"", "merge rule" },
        { "number = 19;", "number = 20;", "is gone" },
        { "(5, \"loyal\"", "(6, \"loyal\"", "options is gone" },
        { "type = \"geo\"; merge = \"KEEP\"", "type = \"ts\"; merge = \"KEEP\"",
            "its type" },
        { "derive = \"mask_tail(name, 1)\"; needs = \"consent_messages\"",
            "derive = \"mask_tail(name, 1)\"; needs = \"consent_calls\"",
            "the consent that it stands by" },
        { "(1, \"given\", \"Given\", \"已同意\"),", "", "the yes, changed" },
        { "number = 37; name = \"audit_note\"",
            "number = 38; name = \"audit_note\"", "entity is gone" },
        { "type = \"phone\"; merge = \"KEEP\"; sensitivity = 2;",
            "type = \"phone\"; merge = \"KEEP\"; sensitivity = 2; "
            "retired = true;",
            NULL },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv_conf_error error = { 0 };
        struct sp_dictionary after;
        compile_changed(f, cases[i].from, cases[i].to, &after);
        sp_err err = sv_dictionary_follows(&f->d, &after, &error);
        if (cases[i].says == NULL) {
            assert_int_equal(err, SP_OK);
        } else if (err != SP_E_CONFIG ||
                   strstr(error.text, cases[i].says) == NULL) {
            fail_msg("%s -> %s", cases[i].to, error.text);
        }
    }
}

#define DERIVED                                                                \
    "derive = \"part(birthday, month)\"; needs = \"consent_birthday\";"
#define BESIDE                                                                 \
    "{ number = 4000; name = \"beside\"; en = \"Beside\"; zh = \"旁\"; "      \
    "sensitivity = 2; "

/* What is refused says what is accepted: "was" where values fit alone. */
static void the_way_out_that_is_named_is_accepted(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *from, *refused, *advice, *instead;
    } cases[] = {
        { DERIVED " }",
            "derive = \"part(birthday, month)\"; needs = "
            "\"consent_messages\"; }",
            "another name and number",
            DERIVED " retired = true; },\n" BESIDE
                    "type = \"uint(1, 12)\"; merge = \"DRV\"; derive = "
                    "\"part(birthday, month)\"; needs = "
                    "\"consent_messages\"; }" },
        { "type = \"bool\"; merge = \"DENY\"; sensitivity = 1; }\n    ) },",
            "type = \"bool\"; merge = \"LWW\"; sensitivity = 1; }\n    ) },",
            "was = \"its name\"",
            "type = \"bool\"; merge = \"DENY\"; sensitivity = 1; retired = "
            "true; },\n" BESIDE
            "type = \"bool\"; merge = \"LWW\"; was = \"cancelled\"; }\n    "
            ") }," },
        { "type = \"uint(1, 100000)\"; merge = \"LWW\"; sensitivity = 1; }",
            "type = \"uint(1, 100)\"; merge = \"LWW\"; sensitivity = 1; }",
            "another name and number",
            "type = \"uint(1, 100000)\"; merge = \"LWW\"; sensitivity = 1; "
            "retired = true; },\n" BESIDE
            "type = \"uint(1, 100)\"; merge = \"LWW\"; }" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sv_conf_error error = { 0 };
        struct sp_dictionary after;

        compile_changed(f, cases[i].from, cases[i].refused, &after);
        assert_int_equal(
            sv_dictionary_follows(&f->d, &after, &error), SP_E_CONFIG);
        if (strstr(error.text, cases[i].advice) == NULL) {
            fail_msg("%s", error.text);
        }
        compile_changed(f, cases[i].from, cases[i].instead, &after);
        assert_int_equal(sv_dictionary_follows(&f->d, &after, &error), SP_OK);
    }
}

/* ---- shares ------------------------------------------------------------ */

static void team_and_shares_together_fit_the_scopes_of_a_record(void **state)
{
    struct fixture *f = *state;
    const struct sp_entity *e = sp_dictionary_entity(&f->d, 1);
    struct sp_field shared = *sp_dictionary_field(e, e->share);
    struct sp_field team = *sp_dictionary_field(e, e->team);

    for (uint32_t members = 28; members <= 30; members++) {
        shared.members_max = members;
        assert_int_equal(sp_dictionary_shares(&shared, NULL), members <= 29);
        shared.members_max = members - 20;
        team.members_max = 20;
        assert_int_equal(sp_dictionary_shares(&shared, &team), members <= 29);
    }
    /* Beside those: the own scope, the author, the owner of what belongs. */
    assert_int_equal(SP_DICTIONARY_REACH_MAX + 3u, SP_RECORD_SCOPES_MAX);
}

/* ---- who administers --------------------------------------------------- */

static void a_policy_may_not_lock_out_every_administrator(void **state)
{
    struct fixture *f = *state;
    struct test_org *o = test_org_new(5);
    struct sv_conf_error error;
    struct sp_buf body;
    struct sp_policy p;
    char path[512];

    path_of(path, sizeof(path), "policy.conf");
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    assert_int_equal(sv_policy_compile_file(path, &f->d, &body, &error), SP_OK);
    assert_int_equal(
        sp_policy_decode(sp_buf_slice(&body), &f->arena, &p), SP_OK);
    assert_int_equal(
        sv_policy_leaves_administrator(&p, test_org_rulebook(o), &error),
        SP_OK);
    test_org_person(o, 1, NULL)->status = SP_PERSON_LEFT;
    (void)test_org_publish(o, TEST_ORG_HEAD);
    assert_int_equal(
        sv_policy_leaves_administrator(&p, test_org_rulebook(o), &error),
        SP_E_CONFIG);
    assert_non_null(strstr(error.text, "locks out every administrator"));
    sp_buf_free(&body);
    test_org_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_dictionary_prints_to_what_compiles_to_it),
        cmocka_unit_test(the_default_policy_prints_to_what_compiles_to_it),
        cmocka_unit_test(what_is_wrong_in_a_dictionary_is_said_with_its_line),
        cmocka_unit_test(what_is_wrong_in_a_policy_is_said_with_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(an_edition_keeps_every_number_and_its_meaning),
        cmocka_unit_test(the_way_out_that_is_named_is_accepted),
        cmocka_unit_test(team_and_shares_together_fit_the_scopes_of_a_record),
        cmocka_unit_test(a_policy_may_not_lock_out_every_administrator),
    };
    return cmocka_run_group_tests(tests, open_default, close_default);
}
