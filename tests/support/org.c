#include "org.h"

#include "policy/dictionary.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX 268435456u

static struct sp_slice text(const char *s)
{
    return sp_slice_text(s);
}

/* ---- keys -------------------------------------------------------------- */

static struct sp_secret derive(
    uint32_t seed, const char *name, const char *what)
{
    struct sp_secret out;
    char all[96];

    int size = snprintf(all, sizeof(all), "test %u %s %s", seed, name, what);
    sp_hash(out.b, sizeof(out.b), sp_slice_of(all, (size_t)size), NULL);
    return out;
}

struct test_org_keys test_org_keys(uint32_t seed, const char *name)
{
    struct test_org_keys k;
    struct sp_secret sign = derive(seed, name, "sign");

    k.static_secret = derive(seed, name, "static");
    k.seal_secret = derive(seed, name, "seal");
    sp_x25519_public(&k.static_secret, k.static_public);
    sp_x25519_public(&k.seal_secret, k.seal_public);
    sp_sign_pair(&sign, k.sign_public, k.sign_secret);
    return k;
}

struct sp_id test_org_territory(const char *code)
{
    return sp_scope_make(SP_SCOPE_TERRITORY, text(code));
}

/* ---- documents --------------------------------------------------------- */

struct sp_slice test_org_sign(struct test_org *o, struct sp_document *d,
    const struct test_org_keys *signer)
{
    struct sp_buf out;

    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX + 1024u);
    sp_document_sign(d, &o->id, signer->sign_secret, &out);
    SP_ASSERT(out.err == SP_OK);
    struct sp_slice kept = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    SP_ASSERT(kept.data != NULL);
    sp_buf_free(&out);
    return kept;
}

/* Keeps it in place of the edition before. */
static struct sp_slice keep(
    struct test_org *o, const struct sp_document *d, struct sp_slice bytes)
{
    uint32_t i = 0;

    for (; i < o->document_count; i++) {
        if (o->document[i].kind == d->kind &&
            sp_slice_equal(text(o->document[i].unit), d->unit)) {
            break;
        }
    }
    if (i == o->document_count) {
        SP_ASSERT(i < sizeof(o->document) / sizeof(o->document[0]));
        SP_ASSERT(d->unit.size < sizeof(o->document[i].unit));
        o->document[i].kind = d->kind;
        if (d->unit.size > 0) {
            memcpy(o->document[i].unit, d->unit.data, d->unit.size);
        }
        o->document_count++;
    }
    o->document[i].bytes = bytes;
    return bytes;
}

struct sp_slice test_org_publish(
    struct test_org *o, enum test_org_unit_name unit)
{
    struct test_org_unit *u = &o->unit[unit];
    struct sp_buf body;

    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode(&u->roster, &body);
    SP_ASSERT(body.err == SP_OK);
    struct sp_document d = { .kind = SP_DOC_ROSTER,
        .unit = u->roster.unit,
        .serial = ++o->roster_serial,
        .issuer = o->unit[TEST_ORG_HEAD].roster.server,
        .body = sp_buf_slice(&body) };
    struct sp_slice bytes = test_org_sign(o, &d, &o->unit[TEST_ORG_HEAD].keys);
    sp_buf_free(&body);
    return keep(o, &d, bytes);
}

static struct sp_slice publish_body(struct test_org *o,
    enum sp_document_kind kind, uint32_t serial, struct sp_slice body)
{
    struct sp_document d = { .kind = kind,
        .unit = { NULL, 0 },
        .serial = serial,
        .issuer = o->unit[TEST_ORG_HEAD].roster.server,
        .body = body };

    return keep(o, &d, test_org_sign(o, &d, &o->unit[TEST_ORG_HEAD].keys));
}

struct sp_slice test_org_publish_dictionary(struct test_org *o)
{
    return publish_body(
        o, SP_DOC_DICTIONARY, ++o->dictionary_serial, o->dictionary_body);
}

struct sp_slice test_org_publish_policy(struct test_org *o)
{
    return publish_body(o, SP_DOC_POLICY, ++o->policy_serial, o->policy_body);
}

/* The list with the field in it or without, sorted. */
static void set_field(struct sp_arena *arena, uint16_t field, bool granted,
    uint32_t *count, const uint16_t **list)
{
    uint16_t *now = sp_arena_take(arena, *count + 1u, sizeof *now);
    uint32_t n = 0;
    bool in = !granted;

    SP_ASSERT(now != NULL);
    for (uint32_t i = 0; i < *count; i++) {
        if (!in && (*list)[i] >= field) {
            now[n++] = field;
            in = true;
        }
        if ((*list)[i] != field) {
            now[n++] = (*list)[i];
        }
    }
    if (!in) {
        now[n++] = field;
    }
    *count = n;
    *list = now;
}

struct sp_slice test_org_grant(struct test_org *o, enum test_org_role role,
    uint16_t type, uint16_t field, bool granted)
{
    struct sp_policy policy;
    struct sp_buf out;

    SP_ASSERT(sp_policy_decode(o->policy_body, &o->arena, &policy) == SP_OK);
    for (uint32_t i = 0; i < policy.role_count; i++) {
        struct sp_role *r = (struct sp_role *)&policy.role[i];
        for (uint32_t k = 0; r->number == role && k < r->rule_count; k++) {
            struct sp_rule *rule = (struct sp_rule *)&r->rule[k];
            if (rule->type == type && rule->read_count > 0) {
                set_field(
                    &o->arena, field, granted, &rule->read_count, &rule->read);
                set_field(&o->arena, field, granted, &rule->write_count,
                    &rule->write);
            }
        }
    }
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_policy_encode(&policy, &out);
    SP_ASSERT(out.err == SP_OK);
    o->policy_body = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    return test_org_publish_policy(o);
}

static struct sp_slice certify(struct test_org *o, struct test_org_device *d,
    uint32_t issuer, const struct test_org_keys *signer)
{
    struct sp_buf body;
    char number[12];

    (void)snprintf(number, sizeof(number), "%u", d->device.device);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode_device(&d->device, &body);
    SP_ASSERT(body.err == SP_OK);
    struct sp_document doc = { .kind = SP_DOC_DEVICE,
        .unit = text(number),
        .serial = ++d->serial,
        .issuer = issuer,
        .body = sp_buf_slice(&body) };
    struct sp_slice bytes = test_org_sign(o, &doc, signer);
    sp_buf_free(&body);
    return keep(o, &doc, bytes);
}

struct sp_slice test_org_publish_device(
    struct test_org *o, struct test_org_device *d, enum sp_device_status status)
{
    d->device.status = status;
    return certify(o, d, o->unit[TEST_ORG_HEAD].roster.server,
        &o->unit[TEST_ORG_HEAD].keys);
}

/* ---- devices ----------------------------------------------------------- */

static struct test_org_device *new_device(struct test_org *o, uint32_t number,
    uint32_t user, const struct test_org_unit *unit,
    const struct test_org_keys *keys)
{
    SP_ASSERT(o->device_count < TEST_ORG_DEVICES_MAX);
    struct test_org_device *d = &o->device[o->device_count++];

    d->keys = *keys;
    d->device.device = number;
    d->device.user = user;
    d->device.unit = unit->roster.unit;
    memcpy(d->device.static_public, keys->static_public, 32);
    memcpy(d->device.sign_public, keys->sign_public, 32);
    memcpy(d->device.seal_public, keys->seal_public, 32);
    d->device.label = text(user == 0 ? "server" : "phone");
    d->device.status = SP_DEVICE_ACTIVE;
    return d;
}

struct test_org_device *test_org_add_device(
    struct test_org *o, uint32_t number, uint32_t user)
{
    enum test_org_unit_name name = TEST_ORG_HEAD;
    char key[24];

    (void)test_org_person(o, user, &name);
    (void)snprintf(key, sizeof(key), "device %u", number);
    struct test_org_unit *u = &o->unit[name];
    struct test_org_keys keys = test_org_keys(o->seed, key);
    struct test_org_device *d = new_device(o, number, user, u, &keys);
    (void)certify(o, d, u->roster.server, &u->keys);
    return d;
}

struct test_org_device *test_org_find(struct test_org *o, uint32_t number)
{
    for (uint32_t i = 0; i < o->device_count; i++) {
        if (o->device[i].device.device == number) {
            return &o->device[i];
        }
    }
    SP_ASSERT(false && "device of the organisation");
    return NULL;
}

/* ---- people ------------------------------------------------------------ */

struct sp_person *test_org_person(
    struct test_org *o, uint32_t user, enum test_org_unit_name *unit)
{
    for (unsigned u = 0; u < TEST_ORG_UNITS; u++) {
        for (uint32_t i = 0; i < o->unit[u].roster.person_count; i++) {
            if (o->unit[u].person[i].user == user) {
                if (unit != NULL) {
                    *unit = (enum test_org_unit_name)u;
                }
                return &o->unit[u].person[i];
            }
        }
    }
    SP_ASSERT(false && "person of the organisation");
    return NULL;
}

/* What he loses stays on record, as satchelctl keeps it (SYNC J4). */
static void remember_left(struct test_org *o, struct sp_person *p)
{
    struct sp_left *left = sp_arena_take(
        &o->arena, p->left_count + p->territory_count + 1u, sizeof(*left));
    uint32_t count = 0;

    SP_ASSERT(left != NULL);
    for (uint32_t i = 0; i < p->territory_count; i++) {
        left[count++] = (struct sp_left){ p->territory[i], o->roster_serial };
    }
    for (uint32_t i = 0; i < p->left_count; i++) {
        bool again = false;
        for (uint32_t k = 0; k < p->territory_count; k++) {
            again = again ||
                    sp_slice_equal(left[k].territory, p->left[i].territory);
        }
        if (!again) {
            left[count++] = p->left[i];
        }
    }
    p->left = left;
    p->left_count = count;
}

void test_org_assign(struct test_org *o, uint32_t user, uint32_t count,
    const char *const *territory)
{
    struct sp_person *p = test_org_person(o, user, NULL);
    struct sp_slice *list = sp_arena_take(&o->arena, count + 1u, sizeof(*list));

    SP_ASSERT(list != NULL);
    remember_left(o, p);
    for (uint32_t i = 0; i < count; i++) {
        list[i] = sp_arena_copy(&o->arena, text(territory[i]));
    }
    p->territory = list;
    p->territory_count = count;
}

/* ---- the organisation -------------------------------------------------- */

static const struct test_org_unit_plan units[TEST_ORG_UNITS] = {
    { "", "Head office", 1, "127.0.0.1:20001", { "H-1" }, "centre" },
    { "A", "Branch A", 2, "127.0.0.1:20002", { "A-1", "A-2" }, "north" },
    { "B", "Branch B", 3, "127.0.0.1:20003", { "B-1", "B-2" }, "south" },
};

static const struct test_org_person_plan people[] = {
    { 1, "admin", "Ada Admin", TEST_ORG_HEAD, TEST_ORG_ADMIN, 0, { NULL } },
    { 2, "hana", "Hana Hu", TEST_ORG_HEAD, TEST_ORG_ANALYST, 0, { NULL } },
    { 10, "mia", "Mia Ma", TEST_ORG_A, TEST_ORG_MANAGER, 0, { NULL } },
    { 11, "anna", "Anna An", TEST_ORG_A, TEST_ORG_REP, 1, { "A-1" } },
    { 12, "ben", "Ben Bai", TEST_ORG_A, TEST_ORG_REP, 1, { "A-2" } },
    { 13, "carl", "Carl Cao", TEST_ORG_A, TEST_ORG_REP, 2, { "A-1", "A-2" } },
    { 20, "max", "Max Mo", TEST_ORG_B, TEST_ORG_MANAGER, 0, { NULL } },
    { 21, "dora", "Dora Du", TEST_ORG_B, TEST_ORG_REP, 1, { "B-1" } },
    { 22, "emil", "Emil E", TEST_ORG_B, TEST_ORG_REP, 1, { "B-2" } },
};
#define PEOPLE (sizeof(people) / sizeof(people[0]))

static void make_unit(
    struct test_org *o, unsigned i, const struct test_org_unit_plan *plan)
{
    struct test_org_unit *u = &o->unit[i];
    char key[24];

    (void)snprintf(key, sizeof(key), "server %u", plan->server);
    u->keys = test_org_keys(o->seed, key);
    u->roster.unit = text(plan->code);
    u->roster.name = text(plan->name);
    u->roster.kind = i == TEST_ORG_HEAD ? SP_UNIT_HEAD_OFFICE : SP_UNIT_BRANCH;
    u->roster.server = plan->server;
    memcpy(u->roster.static_public, u->keys.static_public, 32);
    memcpy(u->roster.sign_public, u->keys.sign_public, 32);
    u->roster.address = text(plan->address);
    u->roster.term_days = SP_ROSTER_TERM_DAYS;
    u->roster.territory = u->territory;
    u->roster.person = u->person;
    for (uint32_t j = 0; plan->territory[j] != NULL; j++) {
        u->territory[j].code = text(plan->territory[j]);
        u->territory[j].name = text(plan->territory[j]);
        u->territory[j].region = text(plan->region);
        u->roster.territory_count++;
    }
}

static void make_person(
    struct test_org *o, const struct test_org_person_plan *plan)
{
    struct test_org_unit *u = &o->unit[plan->unit];
    struct sp_person *p = &u->person[u->roster.person_count++];

    p->user = plan->user;
    p->login = text(plan->login);
    p->name = text(plan->name);
    p->status = SP_PERSON_ACTIVE;
    p->role = &plan->role;
    p->role_count = 1;
    test_org_assign(o, p->user, plan->count, plan->territory);
}

static void compile_shipped(struct test_org *o)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    struct sv_conf_error error;
    struct sp_dictionary dictionary;
    struct sp_buf out;
    char path[512];

    root = root == NULL ? "." : root;
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    (void)snprintf(
        path, sizeof(path), "%s/server/policy/default/dictionary.conf", root);
    if (sv_dictionary_compile_file(path, &out, &error) != SP_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        SP_ASSERT(false && "default dictionary");
    }
    o->dictionary_body = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_reset(&out);
    SP_ASSERT(sp_dictionary_decode(
                  o->dictionary_body, &o->arena, &dictionary) == SP_OK);
    (void)snprintf(
        path, sizeof(path), "%s/server/policy/default/policy.conf", root);
    if (sv_policy_compile_file(path, &dictionary, &out, &error) != SP_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        SP_ASSERT(false && "default policy");
    }
    o->policy_body = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
}

/* Puts the new fields before the first one with a higher number. */
static void extend(struct sp_slice text, unsigned fields, struct sp_buf *out)
{
    static const char before[] = "{ number = 60; name = \"merged_into\"";
    const char *at = NULL;
    char line[160];

    for (size_t i = 0; i + sizeof(before) <= text.size && at == NULL; i++) {
        if (memcmp(text.data + i, before, sizeof(before) - 1u) == 0) {
            at = (const char *)text.data + i;
        }
    }
    SP_ASSERT(at != NULL);
    size_t head = (size_t)(at - (const char *)text.data);
    sp_buf_put(out, text.data, head);
    for (unsigned i = 0; i < fields; i++) {
        int size = snprintf(line, sizeof(line),
            "{ number = %u; name = \"extra_%u\"; en = \"Extra %u\";"
            " zh = \"extra %u\"; type = \"str(40)\"; merge = \"LWW\";"
            " sensitivity = 1; },\n",
            TEST_ORG_EXTRA + i, i, i, i);
        sp_buf_put(out, line, (size_t)size);
    }
    sp_buf_put(out, at, text.size - head);
}

void test_org_extend_dictionary(struct test_org *o, unsigned fields)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    struct sv_conf_error error;
    struct sp_buf file, text, body;
    char path[512];

    sp_buf_init(&file, SV_CONF_BYTES_MAX);
    sp_buf_init(&text, SV_CONF_BYTES_MAX);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    (void)snprintf(path, sizeof(path),
        "%s/server/policy/default/dictionary.conf", root == NULL ? "." : root);
    SP_ASSERT(sv_conf_read_file(path, &file, &error) == SP_OK);
    extend(sp_buf_slice(&file), fields, &text);
    if (sv_dictionary_compile(path, sp_buf_slice(&text), &body, &error) !=
        SP_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        SP_ASSERT(false && "extended dictionary");
    }
    o->dictionary_body = sp_arena_copy(&o->arena, sp_buf_slice(&body));
    sp_buf_free(&body);
    sp_buf_free(&text);
    sp_buf_free(&file);
}

static void publish_all(struct test_org *o, const struct test_org_plan *plan)
{
    for (unsigned i = 0; i < TEST_ORG_UNITS; i++) {
        struct test_org_unit *u = &o->unit[i];
        struct test_org_device *d =
            new_device(o, u->roster.server, 0, u, &u->keys);
        /* Head office's own certificate comes from the root, and all others
         * from head office. */
        if (i == TEST_ORG_HEAD) {
            (void)certify(o, d, 0, &o->root);
        } else {
            (void)test_org_publish_device(o, d, SP_DEVICE_ACTIVE);
        }
        (void)test_org_publish(o, (enum test_org_unit_name)i);
    }
    (void)test_org_publish_dictionary(o);
    (void)test_org_publish_policy(o);
    for (uint32_t i = 0; i < plan->people; i++) {
        uint32_t user = plan->person[i].user;
        (void)test_org_add_device(o, 100u + user, user);
    }
}

struct test_org *test_org_of(uint32_t seed, const struct test_org_plan *plan)
{
    struct test_org *o = calloc(1, sizeof(*o));

    SP_ASSERT(o != NULL);
    SP_ASSERT(sp_crypto_init() == SP_OK);
    sp_arena_init(&o->arena, ARENA_BYTES_MAX);
    o->seed = seed;
    o->root = test_org_keys(seed, "root");
    struct sp_secret id = derive(seed, "organisation", "id");
    memcpy(o->id.b, id.b, sizeof(o->id.b));
    for (unsigned i = 0; i < TEST_ORG_UNITS; i++) {
        make_unit(o, i, &plan->unit[i]);
    }
    for (uint32_t i = 0; i < plan->people; i++) {
        make_person(o, &plan->person[i]);
    }
    plan->compile(o);
    publish_all(o, plan);
    return o;
}

struct test_org *test_org_new(uint32_t seed)
{
    const struct test_org_plan plan = { units, PEOPLE, people,
        compile_shipped };

    return test_org_of(seed, &plan);
}

void test_org_free(struct test_org *o)
{
    if (o != NULL) {
        sp_arena_free(&o->arena);
        free(o);
    }
}

struct sp_slice test_org_document(const struct test_org *o, size_t i)
{
    return i < o->document_count ? o->document[i].bytes
                                 : (struct sp_slice){ NULL, 0 };
}

struct sp_rulebook *test_org_rulebook(struct test_org *o)
{
    struct sp_slice all[sizeof(o->document) / sizeof(o->document[0])];
    struct sp_rulebook_report report;
    struct sp_rulebook *b = NULL;

    for (uint32_t i = 0; i < o->document_count; i++) {
        all[i] = o->document[i].bytes;
    }
    SP_ASSERT(sp_rulebook_build(all, o->document_count, &o->id,
                  o->root.sign_public, &o->arena, &b, &report) == SP_OK);
    SP_ASSERT(report.rejected == 0);
    return b;
}
