/* The world of the stories: dictionary, policy, rosters, a judge. */
#include "history.h"

#include "policy/dictionary.h"
#include "sp/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_USER 10u

/* ---- the organisation -------------------------------------------------- */

static const char dictionary[] =
    "entities = (\n"
    "  { number = 1; name = \"account\"; en = \"a\"; zh = \"a\"; lane = 0;\n"
    "    territory = \"t\"; fields = (\n"
    "    { number = 1; name = \"t\"; en = \"t\"; zh = \"t\";\n"
    "      type = \"territory\"; merge = \"KEEP\"; sensitivity = 1;\n"
    "      required = true; },\n"
    "    { number = 3; name = \"n\"; en = \"n\"; zh = \"n\";\n"
    "      type = \"str(20)\"; merge = \"KEEP\"; sensitivity = 1; },\n"
    "    { number = 4; name = \"p\"; en = \"p\"; zh = \"p\";\n"
    "      type = \"str(20)\"; merge = \"KEEP\"; sensitivity = 1; },\n"
    "    { number = 5; name = \"o\"; en = \"o\"; zh = \"o\";\n"
    "      type = \"str(20)\"; merge = \"AUTH\"; sensitivity = 1;\n"
    "      authority = \"branch\"; }) },\n"
    "  { number = 2; name = \"visit\"; en = \"v\"; zh = \"v\"; lane = 0;\n"
    "    parent = \"a\"; author = \"u\"; fields = (\n"
    "    { number = 1; name = \"a\"; en = \"a\"; zh = \"a\";\n"
    "      type = \"ref(account)\"; merge = \"IMM\"; sensitivity = 1;\n"
    "      required = true; },\n"
    "    { number = 2; name = \"u\"; en = \"u\"; zh = \"u\";\n"
    "      type = \"user\"; merge = \"IMM\"; sensitivity = 1;\n"
    "      required = true; },\n"
    "    { number = 3; name = \"n\"; en = \"n\"; zh = \"n\";\n"
    "      type = \"str(20)\"; merge = \"KEEP\"; sensitivity = 1; },\n"
    "    { number = 4; name = \"p\"; en = \"p\"; zh = \"p\";\n"
    "      type = \"str(20)\"; merge = \"KEEP\"; sensitivity = 1; }) }\n"
    ");\n";

static const struct test_org_unit_plan units[TEST_ORG_UNITS] = {
    { "", "H", 1, "127.0.0.1:20001", { NULL }, "" },
    { "A", "A", 2, "127.0.0.1:20002", { "T1", "T3" }, "" },
    { "B", "B", 3, "127.0.0.1:20003", { "T2" }, "" },
};

static const char *const territory[HISTORY_TERRITORIES] = { "T1", "T2", "T3" };

/* Everybody has a role of his own: what is taken is taken from one person. */
static const struct test_org_person_plan people[HISTORY_USERS] = {
    { 10, "u0", "u0", TEST_ORG_A, 1, 1, { "T1" } },
    { 11, "u1", "u1", TEST_ORG_A, 2, 2, { "T1", "T3" } },
    { 12, "u2", "u2", TEST_ORG_B, 3, 1, { "T2" } },
    { 13, "u3", "u3", TEST_ORG_A, 4, 1, { "T3" } },
    { 14, "u4", "u4", TEST_ORG_B, 5, 1, { "T2" } },
};

/* ---- the policy -------------------------------------------------------- */

/* All fields of a type but for the taken ones, sorted; their number. */
static uint32_t fields_of(
    uint16_t type, const struct history_user *u, uint16_t out[8])
{
    uint16_t last = type == HISTORY_ACCOUNT ? HISTORY_O : HISTORY_P;
    uint32_t n = 0;

    for (uint16_t f = 1; f <= last; f++) {
        bool taken =
            (f == HISTORY_N && u->taken_n) || (f == HISTORY_P && u->taken_p);
        bool there = type == HISTORY_VISIT || f != 2;
        if (there && !taken) {
            out[n++] = f;
        }
    }
    return n;
}

static void encode_policy(
    struct test_org *o, const struct history_user user[HISTORY_USERS])
{
    struct sp_role role[HISTORY_USERS];
    struct sp_rule rule[HISTORY_USERS][2];
    uint16_t field[HISTORY_USERS][2][8];
    struct sp_policy policy = { HISTORY_USERS, role };
    struct sp_buf out;

    memset(role, 0, sizeof(role));
    memset(rule, 0, sizeof(rule));
    for (unsigned u = 0; u < HISTORY_USERS; u++) {
        for (uint16_t type = HISTORY_ACCOUNT; type <= HISTORY_VISIT; type++) {
            struct sp_rule *r = &rule[u][type - 1u];
            r->number = 100u * (u + 1u) + type;
            r->type = type;
            r->scopes = 1u << SP_SCOPE_TERRITORY | 1u << SP_SCOPE_PERSON;
            r->create = r->remove = true;
            r->read = r->write = field[u][type - 1u];
            r->read_count = r->write_count =
                fields_of(type, &user[u], field[u][type - 1u]);
        }
        role[u].number = (uint16_t)(u + 1u);
        role[u].name = sp_slice_text(people[u].login);
        role[u].label_en = role[u].label_zh = role[u].name;
        role[u].reach = SP_REACH_OWN;
        role[u].authority = SP_AUTHORITY_PERSON;
        role[u].rule_count = 2;
        role[u].rule = rule[u];
    }
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_policy_encode(&policy, &out);
    SP_ASSERT(out.err == SP_OK);
    o->policy_body = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
}

static void compile(struct test_org *o)
{
    static const struct history_user nobody[HISTORY_USERS];
    struct sv_conf_error error;
    struct sp_buf out;

    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    if (sv_dictionary_compile(
            "history", sp_slice_text(dictionary), &out, &error) != SP_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        SP_ASSERT(false && "dictionary of the histories");
    }
    o->dictionary_body = sp_arena_copy(&o->arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    encode_policy(o, nobody);
}

/* ---- the judge --------------------------------------------------------- */

/* The rules know their rulebook only: whose it is, and in which story. */
static struct history *playing;

static const struct sim_party *judge_of(const void *self)
{
    for (uint32_t i = 0; i < playing->w->count; i++) {
        if (sim_rulebook(playing->w->party[i]) == self) {
            return playing->w->party[i];
        }
    }
    sp_assert_failed("a rulebook of the story", __FILE__, __LINE__);
}

static bool refuses(const json_t *by, const struct sim_party *p)
{
    static const char *const life[SIM_SERVERS] = { "H0", "A0", "B0" };

    for (size_t i = 0; i < json_array_size(by); i++) {
        const char *name = json_string_value(json_array_get(by, i));
        if (strcmp(name, life[p->index]) == 0) {
            return true;
        }
    }
    return false;
}

static void judge(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    *out = (struct sp_verdict){ .kind = SP_ACCEPTED };
    for (uint32_t i = 0; q->at_server && i < playing->commits; i++) {
        const struct history_commit *c = &playing->commit[i];
        if (sp_id_equal(&c->content, &q->commit->content) &&
            refuses(json_object_get(c->step, "refused_by"), judge_of(self))) {
            *out = (struct sp_verdict){ .kind = SP_REFUSED,
                .code = SP_E_DENIED,
                .rule = 1,
                .type = q->change->ref.type };
        }
    }
}

/* ---- the world --------------------------------------------------------- */

struct history *history_new(const json_t *story)
{
    static const struct test_org_plan plan = { units, HISTORY_USERS, people,
        compile };
    struct history *h = calloc(1, sizeof(*h));
    uint64_t id = (uint64_t)json_integer_value(json_object_get(story, "id"));

    SP_ASSERT(h != NULL);
    h->story = story;
    playing = h;
    for (unsigned u = 0; u < HISTORY_USERS; u++) {
        h->user[u].home = people[u].unit;
        for (uint32_t i = 0; i < people[u].count; i++) {
            h->user[u].territory |= 1u << (people[u].territory[i][1] - '1');
        }
    }
    h->serves[0] = h->serves[2] = SIM_A;
    h->serves[1] = SIM_B;
    h->w = sim_world_of(id, test_org_of((uint32_t)id, &plan), judge);
    /* Branches serve what they have read once (SYNC S7). */
    for (unsigned branch = SIM_A; branch <= SIM_B; branch++) {
        SP_ASSERT(sim_sync(h->w->party[branch], h->w->party[SIM_HEAD], NULL) ==
                  SP_OK);
    }
    return h;
}

void history_free(struct history *h)
{
    sim_world_free(h->w);
    free(h);
    playing = NULL;
}

unsigned history_unit(const char *name)
{
    return name[0] == 'H' ? SIM_HEAD : name[0] == 'A' ? SIM_A : SIM_B;
}

struct sim_party *history_party(struct history *h, const char *name)
{
    if (name[0] != 'd') {
        return h->w->party[history_unit(name)];
    }
    SP_ASSERT(name[1] >= '0' && name[1] <= '4' && name[2] == 0);
    return sim_world_party(h->w, 100u + FIRST_USER + (uint32_t)(name[1] - '0'));
}

const struct history_commit *history_labelled(
    const struct history *h, json_int_t label)
{
    for (uint32_t i = 0; i < h->commits; i++) {
        if (h->commit[i].label == label) {
            return &h->commit[i];
        }
    }
    return NULL;
}

const struct sp_ref *history_ref(const struct history *h, const char *name)
{
    for (uint32_t i = 0; i < h->records; i++) {
        if (strcmp(h->record[i].name, name) == 0) {
            return &h->record[i].ref;
        }
    }
    return NULL;
}

uint16_t history_field(uint16_t type, const char *key)
{
    switch (key[0]) {
    case 'd':
        return SP_FIELD_DELETED;
    case 'n':
        return HISTORY_N;
    case 'p':
        return HISTORY_P;
    case 'o':
        return HISTORY_O;
    default:
        return type == HISTORY_ACCOUNT ? HISTORY_T
               : key[0] == 'a'         ? HISTORY_A
                                       : HISTORY_U;
    }
}

void history_value(const struct history *h, uint16_t type, const char *key,
    const char *text, struct sp_buf *out)
{
    const struct sp_ref *ref;

    sp_buf_reset(out);
    if (key[0] == 'd') {
        sp_wr_bool(out, true);
    } else if (type == HISTORY_VISIT && key[0] == 'a') {
        ref = history_ref(h, text);
        SP_ASSERT(ref != NULL);
        sp_wr_bin(out, ref->id.b, sizeof(ref->id.b));
    } else if (type == HISTORY_VISIT && key[0] == 'u') {
        sp_wr_uint(out, FIRST_USER + (uint64_t)(text[1] - '0'));
    } else {
        sp_wr_text(out, text);
    }
    SP_ASSERT(out->err == SP_OK);
}

/* ---- what head office decides ------------------------------------------ */

static void fill_unit(struct history *h, unsigned unit)
{
    struct test_org_unit *u = &h->w->org->unit[unit];

    u->roster.territory_count = 0;
    for (unsigned t = 0; t < HISTORY_TERRITORIES; t++) {
        if (h->serves[t] == unit) {
            u->territory[u->roster.territory_count++] =
                (struct sp_territory){ .code = sp_slice_text(territory[t]),
                    .name = sp_slice_text(territory[t]) };
        }
    }
    u->roster.person_count = 0;
    for (unsigned i = 0; i < HISTORY_USERS; i++) {
        const char *his[HISTORY_TERRITORIES];
        uint32_t count = 0;
        if (h->user[i].home != unit) {
            continue;
        }
        u->person[u->roster.person_count++] =
            (struct sp_person){ .user = people[i].user,
                .login = sp_slice_text(people[i].login),
                .name = sp_slice_text(people[i].name),
                .status = SP_PERSON_ACTIVE,
                .role = &people[i].role,
                .role_count = 1 };
        for (unsigned t = 0; t < HISTORY_TERRITORIES; t++) {
            if ((h->user[i].territory >> t & 1u) != 0) {
                his[count++] = territory[t];
            }
        }
        test_org_assign(h->w->org, people[i].user, count, his);
    }
}

void history_publish(struct history *h, bool policy)
{
    struct test_org *o = h->w->org;

    for (unsigned unit = 0; unit < TEST_ORG_UNITS; unit++) {
        h->w->org->unit[unit].roster.person_count = 0;
    }
    for (unsigned unit = 0; unit < TEST_ORG_UNITS; unit++) {
        fill_unit(h, unit);
    }
    for (unsigned unit = 0; unit < TEST_ORG_UNITS; unit++) {
        sim_give(h->w->party[SIM_HEAD],
            test_org_publish(o, (enum test_org_unit_name)unit));
    }
    if (policy) {
        encode_policy(o, h->user);
        sim_give(h->w->party[SIM_HEAD], test_org_publish_policy(o));
    }
}
