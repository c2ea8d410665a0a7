#include "ctl/preview.h"

#include <string.h>

#include "ctl/org.h"
#include "policy/book.h"

#define ARENA_BYTES_MAX (256u * 1024u * 1024u)
#define BUCKETS         4096u
#define FIELDS_TEXT_MAX 2048u

/* Records that stand in the same scopes, counted together: there are few such
 * sets however many records there are. */
struct group {
    struct group *next; /* of the bucket */
    struct group *all;
    uint16_t type;
    uint32_t count;
    struct sp_id *scope;
    uint64_t records;
};

/* Commits of one author that wait for a verdict here. */
struct waiting {
    uint32_t user;
    uint64_t commits;
};

struct preview {
    struct sv_call *call;
    sp_err (*work)(void *arg, struct sp_tx *tx);
    void *arg;
    bool done;
    struct sv_book *book;
    struct sp_tx *tx;
    const struct sp_rulebook *before, *after;
    struct sp_rules rules_before, rules_after;
    struct sp_arena arena;  /* groups */
    struct sp_arena person; /* of one person */
    struct group *bucket[BUCKETS];
    struct group *first;
    struct waiting *waiting;
    uint32_t waiting_count;
    uint32_t people;
    uint64_t now_ms;
};

/* ---- what there is ----------------------------------------------------- */

static bool fits(const struct group *g, const struct sp_ref *ref,
    const struct sp_scopes *scopes)
{
    return g->type == ref->type && g->count == scopes->count &&
           memcmp(g->scope, scopes->id, g->count * sizeof *g->scope) == 0;
}

static sp_err add_record(
    void *arg, const struct sp_ref *ref, const struct sp_scopes *scopes)
{
    struct preview *p = arg;
    uint32_t at = ref->type;
    for (uint32_t i = 0; i < scopes->count; i++) {
        at = at * 31u + sp_get_u32be(scopes->id[i].b + 12);
    }
    struct group **bucket = &p->bucket[at % BUCKETS];
    for (struct group *g = *bucket; g != NULL; g = g->next) {
        if (fits(g, ref, scopes)) {
            g->records++;
            return SP_OK;
        }
    }
    struct group *g = sp_arena_take(&p->arena, 1, sizeof *g);
    struct sp_id *id = sp_arena_take(&p->arena, scopes->count, sizeof *id);
    if (g == NULL || id == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(id, scopes->id, scopes->count * sizeof *id);
    *g = (struct group){ .next = *bucket,
        .all = p->first,
        .type = ref->type,
        .count = scopes->count,
        .scope = id,
        .records = 1 };
    *bucket = g;
    p->first = g;
    return SP_OK;
}

static sp_err add_waiting(void *arg, const struct sp_logged *entry)
{
    struct preview *p = arg;
    for (uint32_t i = 0; i < p->waiting_count; i++) {
        if (p->waiting[i].user == entry->commit.user) {
            p->waiting[i].commits++;
            return SP_OK;
        }
    }
    struct waiting *list =
        sp_arena_grow(&p->arena, p->waiting, p->waiting_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    p->waiting = list;
    list[p->waiting_count++] = (struct waiting){ entry->commit.user, 1 };
    return SP_OK;
}

/* ---- one person -------------------------------------------------------- */

/* What a person sees under one of the two rulebooks. */
struct sight {
    const struct sp_rules *rules;
    struct sp_entitlement e;
};

static const struct sp_entitled *find_scope(
    const struct sight *s, const struct sp_id *scope)
{
    uint32_t low = 0, high = s->e.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = sp_id_cmp(&s->e.scope[mid].scope, scope);
        if (c == 0) {
            return &s->e.scope[mid];
        }
        if (c < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

static bool sees(const struct sight *s, const struct sp_id *scope,
    uint32_t count, uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct sp_entitled *e = find_scope(s, &scope[i]);
        if (e != NULL &&
            s->rules->reads(s->rules->self, e->grant, type, field)) {
            return true;
        }
    }
    return false;
}

/* One direction, one entity: fields by index, and records. */
struct share {
    bool *field;
    bool any;
    uint64_t records;
};

static bool compare(const struct sight *had, const struct sight *has,
    const struct sp_entity *e, const struct sp_id *scope, uint32_t count,
    struct share *more)
{
    bool any = false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        uint16_t field = e->field[i].number;
        if (sees(has, scope, count, e->number, field) &&
            !sees(had, scope, count, e->number, field)) {
            more->field[i] = true;
            any = true;
        }
    }
    more->any = more->any || any;
    return any;
}

static bool same_sight(const struct sight *a, const struct sight *b)
{
    bool same = a->e.count == b->e.count;
    for (uint32_t i = 0; i < a->e.count && same; i++) {
        same = sp_id_equal(&a->e.scope[i].scope, &b->e.scope[i].scope) &&
               memcmp(a->e.scope[i].digest, b->e.scope[i].digest, 8) == 0;
    }
    return same;
}

static json_t *fields_text(const struct sv_call *call,
    const struct sp_entity *e, const struct share *s)
{
    char text[FIELDS_TEXT_MAX] = "";
    size_t at = 0;
    for (uint32_t i = 0; i < e->field_count; i++) {
        struct sp_slice name = sv_call_field(call, &e->field[i]);
        if (s->field[i] && at + name.size + 2 < sizeof text) {
            if (at > 0) {
                text[at++] = call->screen ? ',' : ' '; /* labels have spaces */
            }
            memcpy(text + at, name.data, name.size);
            at += name.size;
        }
    }
    return json_stringn(text, at);
}

struct contact {
    struct preview *p;
    uint32_t user;
    uint32_t devices;
    uint64_t last_ms;
};

static sp_err see_contact(void *arg, const struct sp_neighbour *n)
{
    struct contact *c = arg;
    const struct sp_device *d =
        sp_rulebook_find_device(c->p->before, n->device);
    if (d != NULL && d->user == c->user && n->last_contact_ms > c->last_ms) {
        c->last_ms = n->last_contact_ms;
    }
    return SP_OK;
}

/* What his devices may hold back: how many there are, when one was last here,
 * and what of his waits here for a verdict. */
static sp_err find_contact(struct contact *c, uint64_t *waits)
{
    const struct sp_device *d;
    for (size_t i = 0; (d = sp_rulebook_list_device(c->p->before, i)) != NULL;
         i++) {
        c->devices += d->user == c->user && d->status == SP_DEVICE_ACTIVE;
    }
    *waits = 0;
    for (uint32_t i = 0; i < c->p->waiting_count; i++) {
        if (c->p->waiting[i].user == c->user) {
            *waits = c->p->waiting[i].commits;
        }
    }
    return sp_node_neighbours(c->p->tx, see_contact, c);
}

static sp_err put_row(struct preview *p, const struct sp_person *person,
    const char *change, const struct sp_entity *e, const struct share *s)
{
    struct contact c = { .p = p, .user = person->user };
    uint64_t waits = 0;
    sp_err err = find_contact(&c, &waits);
    if (err == SP_OK) {
        sv_call_row(p->call,
            json_pack("[o,s,o,o,I,I,o,I]", sv_call_slice(person->login), change,
                sv_call_slice(sv_call_entity(p->call, e)),
                fields_text(p->call, e, s), (json_int_t)s->records,
                (json_int_t)c.devices, sv_call_time(c.last_ms),
                (json_int_t)waits));
    }
    return err;
}

static sp_err put_entity(struct preview *p, const struct sp_person *person,
    const struct sight *had, const struct sight *has, const char *change,
    const struct sp_entity *e)
{
    struct share s = { .field = sp_arena_take(
                           &p->person, e->field_count + 1u, sizeof *s.field) };
    if (s.field == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < has->e.count; i++) {
        (void)compare(had, has, e, &has->e.scope[i].scope, 1, &s);
    }
    if (!s.any) {
        return SP_OK;
    }
    /* A record of his that he sees by way of another scope as well stays. */
    for (const struct group *g = p->first; g != NULL; g = g->all) {
        if (g->type == e->number &&
            compare(had, has, e, g->scope, g->count, &s)) {
            s.records += g->records;
        }
    }
    return put_row(p, person, change, e, &s);
}

static sp_err put_person(struct preview *p, const struct sp_person *person)
{
    struct sight had = { .rules = &p->rules_before },
                 has = { .rules = &p->rules_after };
    const struct sp_dictionary *d = sp_rulebook_dictionary(p->after);
    sp_arena_reset(&p->person);
    sp_err err = sp_rulebook_entitled(
        p->before, person->user, p->now_ms, &p->person, &had.e);
    if (err == SP_OK) {
        err = sp_rulebook_entitled(
            p->after, person->user, p->now_ms, &p->person, &has.e);
    }
    if (err != SP_OK || same_sight(&had, &has)) {
        return err;
    }
    p->people++;
    for (uint32_t i = 0; err == SP_OK && i < d->entity_count; i++) {
        err = put_entity(p, person, &had, &has, "gains", &d->entity[i]);
        if (err == SP_OK) {
            err = put_entity(p, person, &has, &had, "loses", &d->entity[i]);
        }
    }
    return err;
}

/* ---- all --------------------------------------------------------------- */

/* Records that another server will serve. */
static uint64_t count_moves(const struct preview *p)
{
    uint64_t moves = 0;
    for (const struct group *g = p->first; g != NULL; g = g->all) {
        bool moved = false;
        for (uint32_t i = 0; i < g->count; i++) {
            moved =
                moved ||
                p->rules_before.server_of(p->rules_before.self, &g->scope[i]) !=
                    p->rules_after.server_of(p->rules_after.self, &g->scope[i]);
        }
        moves += moved ? g->records : 0;
    }
    return moves;
}

static sp_err show_people(struct preview *p)
{
    const struct sp_person *person;
    sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK &&
                       (person = sp_rulebook_list_person(p->after, i)) != NULL;
         i++) {
        err = put_person(p, person);
    }
    return err;
}

static sp_err show(void *arg, struct sp_tx *tx)
{
    struct preview *p = arg;
    p->tx = tx;
    p->now_ms = tx->node->env->now_ms(tx->node->env->self);
    p->before = sv_call_book(tx);
    p->after = sv_book_rulebook(p->book);
    p->rules_before = *tx->rules;
    p->rules_after = *sv_book_rules(p->book);
    sp_err err = sp_place_census(tx, add_record, p);
    if (err == SP_OK) {
        err = sp_log_verdicts(tx, 0, SP_DEFERRED, add_waiting, p);
    }
    sv_call_columns(p->call,
        "person,change,entity,fields,records,devices,last_contact,waiting");
    if (err == SP_OK) {
        err = show_people(p);
    }
    sv_call_set(p->call, "dry_run", json_true());
    sv_call_set(p->call, "people", json_integer((json_int_t)p->people));
    sv_call_set(p->call, "records_that_change_server",
        json_integer((json_int_t)count_moves(p)));
    return err;
}

static sp_err work_and_drop(void *arg, struct sp_tx *tx)
{
    struct preview *p = arg;
    p->done = false;
    sv_book_drop(p->book);
    p->book = NULL;
    sp_err err = p->work(p->arg, tx);
    if (err == SP_OK) {
        err = sv_book_after(tx, &p->book);
    }
    p->done = err == SP_OK;
    return p->done ? SP_E_BUSY : err; /* done, and dropped */
}

sp_err sv_preview_run(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg)
{
    struct preview p = { .call = call, .work = work, .arg = arg };
    if (!sv_call_flag(call, "dry-run")) {
        return sv_call_write(call, work, arg);
    }
    sp_arena_init(&p.arena, ARENA_BYTES_MAX);
    sp_arena_init(&p.person, ARENA_BYTES_MAX);
    sp_err err = sv_call_write(call, work_and_drop, &p);
    if (p.done) {
        call->text[0] = '\0';
        err = sv_call_read(call, show, &p);
    }
    sv_book_drop(p.book);
    sp_arena_free(&p.arena);
    sp_arena_free(&p.person);
    return err;
}
