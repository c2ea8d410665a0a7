#include "world.h"

#include "network.h"
#include "oracle.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_MS        1772000000000u /* 2026-02-25 */
#define DOCUMENTS_MAX   128u
#define RULES_BYTES_MAX 16777216u
#define FNV_BASIS       14695981039346656037u
#define FNV_PRIME       1099511628211u

/* A rulebook and the memory that it lives in. */
struct sim_book {
    struct sim_book *older;
    struct sp_arena arena;
    struct sp_rulebook *book;
};

/* ---- trace ------------------------------------------------------------- */

void sim_hash(struct sim_world *w, const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i++) {
        w->trace = (w->trace ^ p[i]) * FNV_PRIME;
    }
}

void sim_note(struct sim_world *w, const char *format, ...)
{
    char *line = w->line[w->lines++ % SIM_LINES];
    va_list args;

    va_start(args, format);
    int head =
        snprintf(line, SIM_LINE_BYTES, "%llu ", (unsigned long long)w->step);
    (void)vsnprintf(line + head, SIM_LINE_BYTES - (size_t)head, format, args);
    va_end(args);
    sim_hash(w, line, strlen(line));
    if (getenv("SATCHEL_SIM_TRACE") != NULL) {
        (void)fprintf(stderr, "# %s\n", line);
    }
}

/* Whose story it is when the program is ended by an assert. */
static struct sim_world *at_work;

static void tell_story(const struct sim_world *w, const char *why)
{
    uint64_t first = w->lines > SIM_LINES ? w->lines - SIM_LINES : 0;

    (void)fprintf(stderr, "# failed: %s\n# SATCHEL_SEED=%llu step %llu\n", why,
        (unsigned long long)w->seed, (unsigned long long)w->step);
    for (uint64_t i = first; i < w->lines; i++) {
        (void)fprintf(stderr, "#   %s\n", w->line[i % SIM_LINES]);
    }
}

/* Not for a signal handler's strict rules, but the program is at its end. */
static void on_trap(int number)
{
    if (at_work != NULL) {
        tell_story(at_work, "an assert");
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void sim_fail(struct sim_world *w, const char *format, ...)
{
    char why[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    tell_story(w, why);
    fail_msg("%s", why);
    abort();
}

/* ---- environment ------------------------------------------------------- */

static uint64_t env_now(void *self)
{
    const struct sim_party *p = self;

    return (uint64_t)((int64_t)p->world->now_ms + p->clock_ms);
}

static void env_random(void *self, void *out, size_t size)
{
    struct sim_party *p = self;

    sim_random_fill(&p->random, out, size);
}

static void env_trace(void *self, const char *facility, const char *line)
{
    struct sim_party *p = self;

    sim_note(p->world, "%u %s: %s", p->identity.device, facility, line);
}

/* ---- rules ------------------------------------------------------------- */

struct pile {
    struct sp_arena arena;
    struct sp_slice list[DOCUMENTS_MAX];
    size_t count;
};

static sp_err add_document(void *arg, const struct sp_document *d)
{
    struct pile *pile = arg;

    SP_ASSERT(pile->count < DOCUMENTS_MAX);
    pile->list[pile->count++] = sp_arena_copy(&pile->arena, d->bytes);
    return SP_OK;
}

static void build_rules(struct sim_party *p, const struct pile *pile)
{
    struct sim_book *b = calloc(1, sizeof(*b));

    SP_ASSERT(b != NULL);
    sp_arena_init(&b->arena, RULES_BYTES_MAX);
    SP_ASSERT(sp_rulebook_build(pile->list, pile->count, &p->identity.org,
                  p->identity.root_public, &b->arena, &b->book, NULL) == SP_OK);
    b->older = p->book;
    p->book = b;
    p->rules = sp_rulebook_rules(b->book);
    if (p->world->judge != NULL) {
        p->rules.judge = p->world->judge;
    }
}

static void load_rules(struct sim_party *p)
{
    struct sp_tx tx;
    struct pile *pile = calloc(1, sizeof(*pile));

    SP_ASSERT(pile != NULL);
    sp_arena_init(&pile->arena, RULES_BYTES_MAX);
    SP_ASSERT(sp_tx_begin(&tx, &p->node, &p->rules, false) == SP_OK);
    SP_ASSERT(sp_node_walk_documents(&tx, add_document, pile) == SP_OK);
    sp_tx_abort(&tx);
    build_rules(p, pile);
    sp_arena_free(&pile->arena);
    free(pile);
}

const struct sp_rulebook *sim_rulebook(const struct sim_party *p)
{
    return p->book->book;
}

/* ---- transactions ------------------------------------------------------ */

void sim_begin(struct sim_party *p, struct sp_tx *tx, bool write)
{
    SP_ASSERT(sp_tx_begin(tx, &p->node, &p->rules, write) == SP_OK);
}

static void learn(struct sim_party *p)
{
    struct sp_tx tx;

    load_rules(p);
    if (!sim_is_server(p)) {
        return;
    }
    sim_begin(p, &tx, true);
    SP_ASSERT(sp_node_retry(&tx) == SP_OK);
    SP_ASSERT(sp_tx_commit(&tx) == SP_OK);
}

void sim_commit(struct sim_party *p, struct sp_tx *tx)
{
    bool documents = tx->documents;

    SP_ASSERT(sp_tx_commit(tx) == SP_OK);
    if (documents) {
        learn(p);
    }
}

void sim_restart(struct sim_party *p)
{
    mem_store_crash(p->store);
    p->busy = false;
    load_rules(p);
}

/* ---- parties ----------------------------------------------------------- */

bool sim_is_server(const struct sim_party *p)
{
    return p->identity.user == 0;
}

struct sim_party *sim_world_party(struct sim_world *w, uint32_t device)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->party[i]->identity.device == device) {
            return w->party[i];
        }
    }
    sp_assert_failed("party of the world", __FILE__, __LINE__);
}

void sim_give(struct sim_party *p, struct sp_slice document)
{
    struct sp_tx tx;

    sim_begin(p, &tx, true);
    sp_err err = sp_node_take_document(&tx, document);
    SIM_CHECK(p->world, err == SP_OK || err == SP_E_EXISTS,
        "party %u does not take a document: %s", p->identity.device,
        sp_err_name(err));
    sim_commit(p, &tx);
}

/* What enrolment hands out: to servers all, to a device what holds for all
 * and the certificates of the servers and its own. */
static bool handed_out(
    const struct sim_party *p, const struct test_org_document *d)
{
    uint32_t device =
        d->kind == SP_DOC_DEVICE ? (uint32_t)strtoul(d->unit, NULL, 10) : 0;

    return sim_is_server(p) || device <= SIM_SERVERS ||
           device == p->identity.device;
}

/* Each document is taken when who signed it is known: the root's word about
 * head office first. */
static void enrol(struct sim_party *p)
{
    const struct test_org *o = p->world->org;
    static const enum sp_document_kind order[] = { SP_DOC_DEVICE, SP_DOC_ROSTER,
        SP_DOC_DICTIONARY, SP_DOC_POLICY, SP_DOC_DEVICE };

    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
        struct sp_tx tx;
        sim_begin(p, &tx, true);
        for (uint32_t i = 0; i < o->document_count; i++) {
            const struct test_org_document *d = &o->document[i];
            bool first = k > 0 || strcmp(d->unit, "1") == 0;
            if (d->kind == order[k] && first && handed_out(p, d)) {
                sp_err err = sp_node_take_document(&tx, d->bytes);
                SIM_CHECK(p->world, err == SP_OK || err == SP_E_EXISTS,
                    "enrolment of %u: %s", p->identity.device,
                    sp_err_name(err));
            }
        }
        SP_ASSERT(sp_tx_commit(&tx) == SP_OK);
        load_rules(p);
    }
}

static void fill_identity(struct sim_party *p, const struct sp_device *d,
    const struct test_org_keys *keys)
{
    struct sim_world *w = p->world;
    struct test_org_keys hidden = test_org_keys(w->org->seed, "psk root");

    p->identity.org = w->org->id;
    p->identity.device = d->device;
    p->identity.user = d->user;
    p->identity.replica =
        sp_replica_make(d->device, (uint32_t)sim_random_next(&p->random));
    p->identity.static_secret = keys->static_secret;
    memcpy(p->identity.static_public, keys->static_public, 32);
    memcpy(p->identity.sign_secret, keys->sign_secret,
        sizeof(p->identity.sign_secret));
    memcpy(p->identity.sign_public, keys->sign_public, 32);
    memcpy(p->identity.root_public, w->org->root.sign_public, 32);
    sp_identity_psk(&p->identity.psk, &hidden.static_secret, d->device);
    if (d->user == 0) {
        p->identity.psk_root = hidden.static_secret;
    }
}

static struct sim_party *new_party(
    struct sim_world *w, const struct test_org_device *d)
{
    struct sim_party *p = calloc(1, sizeof(*p));
    struct pile none = { .count = 0 };
    struct sp_tx tx;

    SP_ASSERT(p != NULL && w->count < SIM_PARTIES_MAX);
    p->world = w;
    p->index = w->count;
    w->party[w->count++] = p;
    p->random.state = w->seed * 1000003u + d->device.device;
    fill_identity(p, &d->device, &d->keys);
    p->store = mem_store_new();
    p->port = mem_store_port(p->store);
    p->env = (struct sp_env){ p, env_now, env_random, env_trace };
    p->node.tier = d->device.user != 0        ? SP_TIER_DEVICE
                   : d->device.unit.size == 0 ? SP_TIER_HEAD_OFFICE
                                              : SP_TIER_BRANCH;
    p->node.identity = &p->identity;
    p->node.store = &p->port;
    p->node.env = &p->env;
    build_rules(p, &none);
    sim_begin(p, &tx, true);
    SP_ASSERT(sp_node_create(&tx) == SP_OK);
    SP_ASSERT(sp_tx_commit(&tx) == SP_OK);
    enrol(p);
    return p;
}

static struct sim_party *home_of(
    struct sim_world *w, const struct test_org_device *d)
{
    enum test_org_unit_name unit = TEST_ORG_HEAD;

    if (d->device.user != 0) {
        (void)test_org_person(w->org, d->device.user, &unit);
        return w->party[unit];
    }
    return d->device.unit.size == 0 ? NULL : w->party[SIM_HEAD];
}

struct sim_party *sim_world_add(
    struct sim_world *w, uint32_t device, uint32_t user)
{
    const struct test_org_device *d = test_org_add_device(w->org, device, user);
    struct sp_slice certificate =
        w->org->document[w->org->document_count - 1u].bytes;

    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        sim_give(w->party[i], certificate);
    }
    struct sim_party *p = new_party(w, d);
    p->home = home_of(w, d);
    sim_oracle_join(w->oracle, p);
    return p;
}

static void free_party(struct sim_party *p)
{
    while (p->book != NULL) {
        struct sim_book *older = p->book->older;
        sp_arena_free(&p->book->arena);
        free(p->book);
        p->book = older;
    }
    mem_store_free(p->store);
    free(p);
}

static void make_parties(struct sim_world *w)
{
    for (uint32_t i = 0; i < w->org->device_count; i++) {
        struct sim_party *p = new_party(w, &w->org->device[i]);
        p->home = home_of(w, &w->org->device[i]);
        if (w->oracle != NULL) {
            sim_oracle_join(w->oracle, p);
        }
    }
}

static struct sim_world *begin_world(uint64_t seed, struct test_org *org)
{
    struct sim_world *w = calloc(1, sizeof(*w));

    SP_ASSERT(w != NULL);
    at_work = w;
    (void)signal(SIGILL, on_trap);
    (void)signal(SIGTRAP, on_trap);
    (void)signal(SIGABRT, on_trap);
    w->seed = seed;
    w->now_ms = START_MS;
    w->trace = FNV_BASIS;
    w->random.state = seed;
    w->org = org;
    w->network = sim_network_new(w);
    return w;
}

struct sim_world *sim_world_new(uint64_t seed)
{
    struct sim_world *w = begin_world(seed, test_org_new((uint32_t)seed));

    w->oracle = sim_oracle_new(w);
    make_parties(w);
    return w;
}

struct sim_world *sim_world_of(
    uint64_t seed, struct test_org *org, sim_judge *judge)
{
    struct sim_world *w = begin_world(seed, org);

    w->judge = judge;
    make_parties(w);
    return w;
}

void sim_world_free(struct sim_world *w)
{
    if (w == NULL) {
        return;
    }
    at_work = NULL;
    sim_network_free(w->network);
    if (w->oracle != NULL) {
        sim_oracle_free(w->oracle);
    }
    for (uint32_t i = 0; i < w->count; i++) {
        free_party(w->party[i]);
    }
    test_org_free(w->org);
    sp_frame_trim();
    free(w);
}

/* ---- what head office decides ------------------------------------------ */

void sim_assign(struct sim_world *w, uint32_t user, uint32_t count,
    const char *const *territory)
{
    enum test_org_unit_name unit = TEST_ORG_HEAD;

    (void)test_org_person(w->org, user, &unit);
    test_org_assign(w->org, user, count, territory);
    struct sp_slice document = test_org_publish(w->org, unit);
    plain_policy_assign(sim_oracle_policy(w->oracle), w->org->roster_serial,
        user, count, territory);
    sim_note(w, "publish roster %u: user %u has %u territories",
        w->org->roster_serial, user, count);
    sim_give(w->party[SIM_HEAD], document);
}

static enum test_org_unit_name unit_of(struct sim_world *w, uint32_t user)
{
    enum test_org_unit_name unit = TEST_ORG_HEAD;

    (void)test_org_person(w->org, user, &unit);
    return unit;
}

static void publish_unit(struct sim_world *w, enum test_org_unit_name unit)
{
    sim_give(w->party[SIM_HEAD], test_org_publish(w->org, unit));
}

void sim_serve(
    struct sim_world *w, const char *territory, enum test_org_unit_name unit)
{
    struct test_org_unit *to = &w->org->unit[unit];

    for (unsigned i = 0; i < TEST_ORG_UNITS; i++) {
        struct test_org_unit *from = &w->org->unit[i];
        uint32_t *count = &from->roster.territory_count;
        for (uint32_t k = 0; k < *count && i != (unsigned)unit; k++) {
            if (sp_slice_equal(
                    from->territory[k].code, sp_slice_text(territory))) {
                SP_ASSERT(to->roster.territory_count < 8);
                to->territory[to->roster.territory_count++] =
                    from->territory[k];
                from->territory[k] = from->territory[--*count];
                publish_unit(w, (enum test_org_unit_name)i);
                publish_unit(w, unit);
                plain_policy_serve(sim_oracle_policy(w->oracle),
                    w->org->roster_serial, territory, unit);
                sim_note(w, "publish roster %u: %s is served by %u",
                    w->org->roster_serial, territory, to->roster.server);
                return;
            }
        }
    }
}

void sim_transfer(
    struct sim_world *w, uint32_t user, enum test_org_unit_name unit)
{
    enum test_org_unit_name from = unit_of(w, user);
    struct test_org_unit *a = &w->org->unit[from], *b = &w->org->unit[unit];
    struct sp_person *p = test_org_person(w->org, user, NULL);

    if (from == unit) {
        return;
    }
    SP_ASSERT(b->roster.person_count < 16);
    b->person[b->roster.person_count++] = *p;
    *p = a->person[--a->roster.person_count];
    publish_unit(w, from);
    publish_unit(w, unit);
    plain_policy_transfer(
        sim_oracle_policy(w->oracle), w->org->roster_serial, user, unit);
    for (uint32_t i = SIM_SERVERS; i < w->count; i++) {
        if (w->party[i]->identity.user == user) {
            w->party[i]->home = w->party[unit];
        }
    }
    sim_note(w, "publish roster %u: user %u works for unit %u",
        w->org->roster_serial, user, (unsigned)unit);
}

void sim_role(struct sim_world *w, uint32_t user, enum test_org_role role)
{
    struct sp_person *p = test_org_person(w->org, user, NULL);
    uint16_t *list = sp_arena_take(&w->org->arena, 1, sizeof(*list));

    SP_ASSERT(list != NULL);
    *list = (uint16_t)role;
    p->role = list;
    publish_unit(w, unit_of(w, user));
    plain_policy_role(
        sim_oracle_policy(w->oracle), w->org->roster_serial, user, (int)role);
    sim_note(w, "publish roster %u: user %u has role %d", w->org->roster_serial,
        user, (int)role);
}

void sim_reach(struct sim_world *w, uint32_t user, unsigned units)
{
    struct sp_person *p = test_org_person(w->org, user, NULL);
    struct sp_extra *extra =
        sp_arena_take(&w->org->arena, TEST_ORG_UNITS, sizeof(*extra));

    SP_ASSERT(extra != NULL);
    p->extra = extra;
    p->extra_count = 0;
    for (unsigned i = 0; i < TEST_ORG_UNITS; i++) {
        if ((units >> i & 1u) != 0) {
            extra[p->extra_count++] = (struct sp_extra){ .kind = SP_EXTRA_UNIT,
                .code = w->org->unit[i].roster.unit };
        }
    }
    publish_unit(w, unit_of(w, user));
    plain_policy_reach(
        sim_oracle_policy(w->oracle), w->org->roster_serial, user, units);
    sim_note(w, "publish roster %u: user %u reaches units %x",
        w->org->roster_serial, user, units);
}

void sim_leave(struct sim_world *w, uint32_t user)
{
    test_org_person(w->org, user, NULL)->status = SP_PERSON_LEFT;
    publish_unit(w, unit_of(w, user));
    plain_policy_leave(
        sim_oracle_policy(w->oracle), w->org->roster_serial, user);
    sim_note(
        w, "publish roster %u: user %u has left", w->org->roster_serial, user);
}

/* A list of fields with one more or one less; arena memory. */
static void set_field(struct sp_arena *arena, uint16_t field, bool granted,
    uint32_t *count, const uint16_t **list)
{
    uint16_t *out = sp_arena_take(arena, *count + 1u, sizeof(*out));
    uint32_t n = 0;
    bool done = !granted;

    SP_ASSERT(out != NULL);
    for (uint32_t i = 0; i < *count; i++) {
        uint16_t f = (*list)[i];
        if (f == field) {
            continue;
        }
        if (!done && f > field) {
            out[n++] = field;
            done = true;
        }
        out[n++] = f;
    }
    if (!done) {
        out[n++] = field;
    }
    *count = n;
    *list = out;
}

void sim_grant_field(struct sim_world *w, enum test_org_role role,
    uint16_t type, uint16_t field, bool granted)
{
    struct sp_arena *arena = &w->org->arena;
    struct sp_policy policy;
    struct sp_buf out;

    SP_ASSERT(sp_policy_decode(w->org->policy_body, arena, &policy) == SP_OK);
    for (uint32_t i = 0; i < policy.role_count; i++) {
        struct sp_role *r = (struct sp_role *)&policy.role[i];
        for (uint32_t k = 0; r->number == role && k < r->rule_count; k++) {
            struct sp_rule *rule = (struct sp_rule *)&r->rule[k];
            if (rule->type == type && rule->read_count > 0) {
                set_field(
                    arena, field, granted, &rule->read_count, &rule->read);
                set_field(
                    arena, field, granted, &rule->write_count, &rule->write);
            }
        }
    }
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_policy_encode(&policy, &out);
    SP_ASSERT(out.err == SP_OK);
    w->org->policy_body = sp_arena_copy(arena, sp_buf_slice(&out));
    sp_buf_free(&out);
    struct sp_slice document = test_org_publish_policy(w->org);
    plain_policy_grant(sim_oracle_policy(w->oracle), w->org->policy_serial,
        (int)role, type, field, granted);
    sim_note(w, "publish policy %u: role %d type %u field %u %s",
        w->org->policy_serial, (int)role, type, field,
        granted ? "granted" : "taken away");
    sim_give(w->party[SIM_HEAD], document);
}

void sim_extend_dictionary(struct sim_world *w)
{
    uint16_t field = (uint16_t)(TEST_ORG_EXTRA + w->extras);

    if (w->extras == PLAIN_EXTRAS) {
        return;
    }
    test_org_extend_dictionary(w->org, ++w->extras);
    sim_note(w, "publish dictionary: %u fields more", w->extras);
    sim_give(w->party[SIM_HEAD], test_org_publish_dictionary(w->org));
    sim_grant_field(w, TEST_ORG_REP, PLAIN_ACCOUNT, field, true);
    sim_grant_field(w, TEST_ORG_MANAGER, PLAIN_ACCOUNT, field, true);
}

void sim_revoke(struct sim_world *w, uint32_t device)
{
    struct sp_slice document = test_org_publish_device(
        w->org, test_org_find(w->org, device), SP_DEVICE_REVOKED);

    sim_note(w, "revoke device %u", device);
    sim_give(w->party[SIM_HEAD], document);
}
