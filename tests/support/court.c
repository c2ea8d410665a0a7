#include "court.h"

#include "sp/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX 67108864u

static const struct sp_slice none = { NULL, 0 };

void test_court_open(
    struct test_court *c, struct test_org *o, struct sp_rulebook *b)
{
    memset(c, 0, sizeof(*c));
    c->org = o;
    c->book = b;
    c->rules = sp_rulebook_rules(b);
    c->next = 1;
    sp_arena_init(&c->arena, ARENA_BYTES_MAX);
}

void test_court_close(struct test_court *c)
{
    sp_arena_free(&c->arena);
}

int test_court_setup(void **state)
{
    struct test_court *c = calloc(1, sizeof(*c));
    struct test_org *o = test_org_new(3);

    SP_ASSERT(c != NULL);
    test_court_open(c, o, test_org_rulebook(o));
    *state = c;
    return 0;
}

int test_court_teardown(void **state)
{
    struct test_court *c = *state;

    test_org_free(c->org);
    test_court_close(c);
    free(c);
    return 0;
}

void test_court_rebuild(struct test_court *c)
{
    c->book = test_org_rulebook(c->org);
    c->rules = sp_rulebook_rules(c->book);
    c->commit.roster = 0;
}

/* ---- records ----------------------------------------------------------- */

static void begin(struct test_court *c, struct test_court_record *r,
    const char *entity, uint8_t id)
{
    memset(r, 0, sizeof(*r));
    r->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(c->book), sp_slice_text(entity));
    SP_ASSERT(r->entity != NULL);
    r->record.ref.type = r->entity->number;
    r->record.ref.id.b[15] = id;
    r->record.reg = r->reg;
}

/* Inserts in order of keys, or replaces. */
static void put(struct test_court *c, struct test_court_record *r,
    struct sp_key key, struct sp_slice value, uint32_t user)
{
    struct sp_sibling *s = sp_arena_take(&c->arena, 1, sizeof(*s));
    struct sp_dot *dot = sp_arena_take(&c->arena, 1, sizeof(*dot));
    uint32_t at = 0;

    SP_ASSERT(s != NULL && dot != NULL);
    *dot = (struct sp_dot){ sp_replica_make(100u + user, 1), c->next++ };
    s->stamp = (struct sp_stamp){ .dot = *dot, .time = c->next, .user = user };
    s->value = value;
    while (at < r->record.count && sp_key_cmp(&r->reg[at].key, &key) < 0) {
        at++;
    }
    if (at == r->record.count || sp_key_cmp(&r->reg[at].key, &key) != 0) {
        SP_ASSERT(r->record.count < TEST_COURT_REGISTERS_MAX);
        memmove(&r->reg[at + 1u], &r->reg[at],
            (r->record.count - at) * sizeof(r->reg[0]));
        r->record.count++;
    }
    r->reg[at] = (struct sp_register){
        .key = key, .context = { 1, dot }, .count = 1, .sibling = s
    };
}

static struct sp_slice parse(
    struct test_court *c, const struct sp_field *f, const char *text)
{
    struct sp_buf out;

    sp_buf_init(&out, SP_VALUE_BYTES_MAX);
    sp_err err = SP_OK;
    if (text == NULL || text[0] == '\0') {
        sp_wr_nil(&out);
    } else {
        err = sp_dictionary_parse_value(f, sp_slice_text(text), &out);
    }
    if (err != SP_OK || out.err != SP_OK) {
        (void)fprintf(stderr, "\"%s\" is no value\n", text);
        SP_ASSERT(false && "value of the field");
    }
    struct sp_slice kept = sp_arena_copy(&c->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    return kept;
}

static struct sp_key key_of(
    struct test_court *c, const struct sp_field *f, struct sp_slice value)
{
    struct sp_key key = { f->number, none };
    uint8_t element[SP_ELEMENT_BYTES_MAX];

    if (f->set) {
        size_t size = sp_dictionary_element(value, element);
        key.element = sp_arena_copy(&c->arena, sp_slice_of(element, size));
    }
    if (f->merge == SP_MERGE_CNT) {
        key.element = sp_arena_copy(&c->arena, SP_SLICE(c->commit.content.b));
    }
    return key;
}

static const struct sp_field *named(
    const struct test_court_record *r, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(r->entity, sp_slice_text(field));

    if (f == NULL) {
        (void)fprintf(stderr, "there is no field %s\n", field);
        SP_ASSERT(false && "field of the entity");
    }
    return f;
}

void test_court_put(struct test_court *c, struct test_court_record *r,
    const char *field, const char *text)
{
    const struct sp_field *f = named(r, field);
    struct sp_slice value = parse(c, f, text);

    put(c, r, key_of(c, f, value), value, c->commit.user);
}

/* ---- a case ------------------------------------------------------------ */

void test_court_account(struct test_court *c, const char *territory)
{
    begin(c, &c->account, "account", 1);
    test_court_put(c, &c->account, "name", "Corner shop");
    if (territory != NULL) {
        test_court_put(c, &c->account, "territory_id", territory);
    }
}

void test_court_case(struct test_court *c, const char *entity)
{
    begin(c, &c->before, entity, 2);
    begin(c, &c->after, entity, 2);
    c->write_count = 0;
}

void test_court_stands(
    struct test_court *c, const char *field, const char *text)
{
    test_court_put(c, &c->before, field, text);
    test_court_put(c, &c->after, field, text);
}

void test_court_writes_raw(struct test_court *c, uint16_t field,
    struct sp_slice element, struct sp_slice value)
{
    struct sp_key key = { field, sp_arena_copy(&c->arena, element) };
    uint32_t at = c->write_count;

    SP_ASSERT(at < TEST_COURT_REGISTERS_MAX);
    while (at > 0 && sp_key_cmp(&c->write[at - 1u].key, &key) > 0) {
        at--;
    }
    memmove(&c->write[at + 1u], &c->write[at],
        (c->write_count - at) * sizeof(c->write[0]));
    c->write_count++;
    c->write[at] = (struct sp_write){ .key = key,
        .value = sp_arena_copy(&c->arena, value) };
    put(c, &c->after, key, c->write[at].value, c->commit.user);
}

void test_court_writes(
    struct test_court *c, const char *field, const char *text)
{
    const struct sp_field *f = named(&c->after, field);
    struct sp_slice value = parse(c, f, text);
    struct sp_key key = key_of(c, f, value);

    test_court_writes_raw(c, key.field, key.element, value);
}

/* What places a record: its account; a forward leads to a like one. */
static const struct sp_record *places(
    const struct test_court *c, const struct test_court_record *r)
{
    struct sp_lead lead;

    return r->entity->parent != 0 ? &c->account.record
           : c->rules.lead(c->rules.self, &r->record, 0, &lead) ? &r->record
                                                                : NULL;
}

struct sp_verdict test_court_judge(
    struct test_court *c, uint32_t user, uint8_t authority)
{
    const struct sp_record *was = places(c, &c->before);
    const struct sp_record *is = places(c, &c->after);
    struct sp_scopes before = { .count = 0 }, after = { .count = 0 };
    struct sp_change change = { c->before.record.ref, c->write_count,
        c->write };
    struct sp_serials serials = sp_rulebook_serials(c->book);
    struct sp_verdict out;

    c->commit.user = user;
    c->commit.authority = authority;
    if (c->commit.roster == 0) {
        c->commit.roster = serials.roster;
    }
    if (c->before.record.count > 0) {
        SP_ASSERT(c->rules.scopes(
                      c->rules.self, &c->before.record, was, &before) == SP_OK);
    }
    SP_ASSERT(
        c->rules.scopes(c->rules.self, &c->after.record, is, &after) == SP_OK);
    struct sp_question q = { .commit = &c->commit,
        .change = &change,
        .before = &c->before.record,
        .after = &c->after.record,
        .parent = is,
        .scopes_before = &before,
        .scopes_after = &after,
        .floor = c->floor,
        .left = c->left.count > 0 ? &c->left : NULL,
        .at_server = true };
    c->rules.judge(c->rules.self, &q, &out);
    return out;
}

/* ---- samples ----------------------------------------------------------- */

/* A number that the field may have. */
static const char *sample_number(const struct sp_field *f)
{
    static char text[24]; /* the lowest of a field that begins above 7 */

    (void)snprintf(text, sizeof(text), "%lld", (long long)f->low);
    return f->high < 7 ? "1" : f->low > 7 ? text : "7";
}

static const char *sample_text(const struct sp_field *f)
{
    switch (f->kind) {
    case SP_VALUE_STR:
        return "word";
    case SP_VALUE_UINT:
    case SP_VALUE_INT:
        return sample_number(f);
    case SP_VALUE_BOOL:
        return "yes";
    case SP_VALUE_ENUM:
        return "1";
    case SP_VALUE_PHONE:
        return "+8613812345678";
    case SP_VALUE_DATE:
        return "2026-03-04";
    case SP_VALUE_TS:
        return "2026-03-04T05:06:07Z Asia/Shanghai";
    case SP_VALUE_GEO:
        return "31.2,121.4,12";
    case SP_VALUE_MONEY:
        return "12.50 CNY";
    case SP_VALUE_REF:
        return "01890a5d-ac96-774b-bcce-b302099a8057";
    case SP_VALUE_USER:
        return "11";
    case SP_VALUE_TERRITORY:
        return "A-1";
    case SP_VALUE_BYTES:
    case SP_VALUE_GROUP:
        break;
    }
    return "";
}

struct sp_slice test_court_sample(
    struct test_court *c, const struct sp_field *f)
{
    struct sp_slice text[SP_DICTIONARY_PARTS_MAX];
    struct sp_buf out;

    static const uint8_t bytes[] = { 0xc4, 1, 'x' };

    if (f->kind == SP_VALUE_BYTES) {
        return SP_SLICE(bytes);
    }
    if (f->kind != SP_VALUE_GROUP) {
        return parse(c, f, sample_text(f));
    }
    for (uint32_t i = 0; i < f->part_count; i++) {
        text[i] = sp_slice_text(sample_text(&f->part[i]));
    }
    sp_buf_init(&out, SP_VALUE_BYTES_MAX);
    SP_ASSERT(sp_dictionary_parse_parts(f, text, f->part_count, &out) == SP_OK);
    struct sp_slice kept = sp_arena_copy(&c->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    return kept;
}
