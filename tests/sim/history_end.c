/* What is true at the end of a story. */
#include "history.h"

#include "oracle.h"
#include "plain_policy.h"
#include "sp/pack.h"

#include <string.h>

#define REFS_MAX 64u

/* ---- looking ----------------------------------------------------------- */

struct list {
    uint32_t count;
    struct sp_ref ref[REFS_MAX];
};

static sp_err add_ref(void *arg, const struct sp_record *view)
{
    struct list *l = arg;

    SP_ASSERT(l->count < REFS_MAX);
    l->ref[l->count++] = view->ref;
    return SP_OK;
}

/* The records of a store, those left out that are only written here. */
static struct list base_of(struct sp_tx *tx)
{
    struct list all = { .count = 0 }, out = { .count = 0 };
    struct sp_record r;

    for (uint16_t type = HISTORY_ACCOUNT; type <= HISTORY_VISIT; type++) {
        SP_ASSERT(sp_state_walk(tx, type, NULL, add_ref, &all) == SP_OK);
    }
    for (uint32_t i = 0; i < all.count; i++) {
        sp_arena_reset(&tx->scratch);
        if (sp_state_get(tx, &all.ref[i], &tx->scratch, &r) == SP_OK) {
            out.ref[out.count++] = all.ref[i];
        }
    }
    return out;
}

static bool in_story(const struct history *h, const struct sim_party *p)
{
    char name[] = "d0";

    if (p->index < SIM_SERVERS) {
        return false;
    }
    name[1] = (char)('0' + p->index - SIM_SERVERS);
    return json_object_get(json_object_get(h->story, "devices"), name) != NULL;
}

static const char *name_of(const struct history *h, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < h->records; i++) {
        if (sp_ref_equal(&h->record[i].ref, ref)) {
            return h->record[i].name;
        }
    }
    return "?";
}

/* ---- laws -------------------------------------------------------------- */

static void check_decided(struct history *h)
{
    for (uint32_t i = 0; i < h->commits; i++) {
        const struct history_commit *c = &h->commit[i];
        struct sp_logged e;
        struct sp_tx tx;
        sim_begin(c->by, &tx, false);
        SP_ASSERT(sp_log_get(&tx, c->by->identity.replica, c->n, &tx.arena,
                      &e) == SP_OK);
        SIM_CHECK(h->w,
            c->at[SIM_HEAD] >= SP_REFUSED && e.verdict.kind == c->at[SIM_HEAD],
            "commit %d is %d at head office in the end, its author was told "
            "%d",
            (int)c->label, c->at[SIM_HEAD], e.verdict.kind);
        for (unsigned s = SIM_A; s <= SIM_B; s++) {
            SIM_CHECK(h->w,
                c->at[s] == SP_VERDICT_NONE || c->at[s] == c->at[SIM_HEAD],
                "commit %d is %d at head office and %d at %u", (int)c->label,
                c->at[SIM_HEAD], c->at[s], s + 1u);
        }
        sp_tx_abort(&tx);
    }
}

/* Of an account its territory, of a visit also its author: bits of
 * territories, and a user's index or HISTORY_USERS. */
struct place {
    unsigned territory;
    unsigned user;
};

static struct sp_rd shown(const struct sp_record *r, uint16_t field)
{
    const struct sp_sibling *s = plain_shown(r, field);
    struct sp_rd rd;

    SP_ASSERT(s != NULL);
    sp_rd_init(&rd, s->value);
    return rd;
}

static void place_of(
    struct sp_tx *head, const struct sp_record *r, struct place *out)
{
    struct sp_record account = *r;
    struct sp_ref ref = { .type = HISTORY_ACCOUNT };
    struct sp_rd rd;

    out->user = HISTORY_USERS;
    if (r->ref.type == HISTORY_VISIT) {
        rd = shown(r, HISTORY_U);
        out->user = (unsigned)sp_rd_uint(&rd, 10, 14) - 10u;
        rd = shown(r, HISTORY_A);
        sp_rd_fixed(&rd, ref.id.b, sizeof(ref.id.b));
        SP_ASSERT(rd.err == SP_OK &&
                  sp_state_get(head, &ref, &head->arena, &account) == SP_OK);
    }
    rd = shown(&account, HISTORY_T);
    struct sp_slice t = sp_rd_str(&rd, 8);
    SP_ASSERT(rd.err == SP_OK && t.size == 2);
    out->territory = 1u << (t.data[1] - '1');
}

/* Whether a device's person may have what is there; served: his home hands it
 * out. */
static bool may_hold(const struct history *h, unsigned user,
    const struct place *place, bool *served)
{
    const struct history_user *u = &h->user[user];
    bool may = place->user == user;

    *served = may;
    for (unsigned t = 0; t < HISTORY_TERRITORIES; t++) {
        if ((place->territory & u->territory) >> t & 1u) {
            may = true;
            *served = *served || h->serves[t] == u->home;
        }
    }
    return may;
}

static bool may_read(const struct history *h, unsigned user, uint16_t field)
{
    return (field != HISTORY_N || !h->user[user].taken_n) &&
           (field != HISTORY_P || !h->user[user].taken_p);
}

static bool same_values(
    const struct sp_register *a, const struct sp_register *b)
{
    bool same = b != NULL && a->count == b->count;

    for (uint32_t i = 0; same && i < a->count; i++) {
        same = sp_dot_cmp(&a->sibling[i].stamp.dot, &b->sibling[i].stamp.dot) ==
                   0 &&
               sp_slice_equal(a->sibling[i].value, b->sibling[i].value);
    }
    return same;
}

static void check_record(struct history *h, struct sim_party *p,
    const struct sp_record *there, const struct sp_record *here, bool served)
{
    unsigned user = p->index - SIM_SERVERS;
    uint32_t readable = 0;

    for (uint32_t i = 0; i < here->count; i++) {
        SIM_CHECK(h->w, may_read(h, user, here->reg[i].key.field),
            "%u holds field %u of %s that its person may not read",
            p->identity.device, here->reg[i].key.field, name_of(h, &here->ref));
    }
    for (uint32_t i = 0; served && i < there->count; i++) {
        const struct sp_key *k = &there->reg[i].key;
        if (may_read(h, user, k->field)) {
            readable++;
            SIM_CHECK(h->w,
                same_values(
                    &there->reg[i], sp_record_find(here, k->field, k->element)),
                "%u differs from head office: %s field %u", p->identity.device,
                name_of(h, &here->ref), k->field);
        }
    }
    SIM_CHECK(h->w, !served || readable == here->count,
        "%u has %u fields of %s, it may have %u", p->identity.device,
        here->count, name_of(h, &here->ref), readable);
}

static void check_device(
    struct history *h, struct sim_party *p, struct sp_tx *head)
{
    struct list refs = base_of(head), held;
    uint32_t found = 0;
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    held = base_of(&tx);
    for (uint32_t i = 0; i < refs.count; i++) {
        struct sp_record there, here = { .ref = refs.ref[i] };
        struct place place;
        bool served;
        SP_ASSERT(
            sp_state_get(head, &refs.ref[i], &head->arena, &there) == SP_OK);
        place_of(head, &there, &place);
        bool may = may_hold(h, p->index - SIM_SERVERS, &place, &served);
        sp_err err = sp_state_get(&tx, &refs.ref[i], &tx.arena, &here);
        SIM_CHECK(h->w, err == SP_OK || !served, "%u lacks %s",
            p->identity.device, name_of(h, &refs.ref[i]));
        SIM_CHECK(h->w, err != SP_OK || may,
            "%u holds %s that is not its person's", p->identity.device,
            name_of(h, &refs.ref[i]));
        if (err == SP_OK) {
            found++;
            check_record(h, p, &there, &here, served);
        }
    }
    SIM_CHECK(h->w, found == held.count, "%u holds what head office lacks",
        p->identity.device);
    sp_tx_abort(&tx);
}

void history_check_laws(struct history *h)
{
    struct sp_tx head;

    check_decided(h);
    sim_begin(h->w->party[SIM_HEAD], &head, false);
    for (uint32_t i = SIM_SERVERS; i < h->w->count; i++) {
        if (in_story(h, h->w->party[i])) {
            check_device(h, h->w->party[i], &head);
        }
    }
    sp_tx_abort(&head);
    for (uint32_t i = 0; i < h->w->count; i++) {
        sim_oracle_books(h->w->party[i]);
    }
}

/* ---- what the story says ----------------------------------------------- */

/* The text that the commit of a dot wrote there, NULL: none. */
static const char *written(const struct history *h, struct sp_dot dot,
    const char *record, const char *key)
{
    for (uint32_t i = 0; i < h->commits; i++) {
        const struct history_commit *c = &h->commit[i];
        const json_t *writes = json_object_get(c->step, "writes");
        if (c->by->identity.replica != dot.replica || c->n != dot.counter) {
            continue;
        }
        for (size_t k = 0; k < json_array_size(writes); k++) {
            const json_t *w = json_array_get(writes, k);
            if (strcmp(json_string_value(json_array_get(w, 0)), record) == 0 &&
                strcmp(json_string_value(json_array_get(w, 1)), key) == 0) {
                return json_string_value(json_array_get(w, 2));
            }
        }
    }
    return NULL;
}

/* One key: the values that stand are those of the list. */
static void check_values(struct history *h, const struct sim_party *p,
    const struct sp_record *r, const char *record, const char *key,
    const json_t *values)
{
    const struct sp_register *g = sp_record_find(
        r, history_field(r->ref.type, key), (struct sp_slice){ NULL, 0 });
    struct sp_buf value;

    SIM_CHECK(h->w, g != NULL && g->count == json_array_size(values),
        "%u: %s.%s has %u values instead of %u", p->identity.device, record,
        key, g == NULL ? 0 : g->count, (unsigned)json_array_size(values));
    sp_buf_init(&value, 64);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const char *text = json_string_value(json_array_get(values, i));
        bool found = false;
        history_value(h, r->ref.type, key, text, &value);
        for (uint32_t k = 0; k < g->count && !found; k++) {
            const char *by = written(h, g->sibling[k].stamp.dot, record, key);
            found = by != NULL && strcmp(by, text) == 0 &&
                    sp_slice_equal(g->sibling[k].value, sp_buf_slice(&value));
        }
        SIM_CHECK(h->w, found, "%u: %s.%s lacks %s", p->identity.device, record,
            key, text);
    }
    sp_buf_free(&value);
}

static void check_store(
    struct history *h, struct sim_party *p, const json_t *records)
{
    const char *record, *key;
    json_t *keys, *values;
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    struct list held = base_of(&tx);
    for (uint32_t i = 0; i < held.count; i++) {
        SIM_CHECK(h->w,
            json_object_get(records, name_of(h, &held.ref[i])) != NULL,
            "%u holds %s, the story says no", p->identity.device,
            name_of(h, &held.ref[i]));
    }
    json_object_foreach((json_t *)records, record, keys)
    {
        struct sp_record r;
        const struct sp_ref *ref = history_ref(h, record);
        SIM_CHECK(h->w,
            ref != NULL && sp_state_get(&tx, ref, &tx.arena, &r) == SP_OK,
            "%u lacks %s", p->identity.device, record);
        json_object_foreach(keys, key, values)
        {
            check_values(h, p, &r, record, key, values);
        }
        SIM_CHECK(h->w, r.count == json_object_size(keys),
            "%u holds %u keys of %s instead of %u", p->identity.device, r.count,
            record, (unsigned)json_object_size(keys));
    }
    sp_tx_abort(&tx);
}

static bool lists(const json_t *labels, json_int_t label)
{
    for (size_t i = 0; i < json_array_size(labels); i++) {
        if (json_integer_value(json_array_get(labels, i)) == label) {
            return true;
        }
    }
    return false;
}

static void check_verdicts(struct history *h, const json_t *outcome)
{
    const json_t *accepted = json_object_get(outcome, "accepted");
    const json_t *trays = json_object_get(outcome, "trays");

    for (uint32_t i = 0; i < h->commits; i++) {
        const struct history_commit *c = &h->commit[i];
        char name[] = "d0";
        struct sp_logged e;
        struct sp_tx tx;
        name[1] = (char)('0' + c->by->index - SIM_SERVERS);
        sim_begin(c->by, &tx, false);
        SP_ASSERT(sp_log_get(&tx, c->by->identity.replica, c->n, &tx.arena,
                      &e) == SP_OK);
        bool tray = e.verdict.kind == SP_REFUSED && !e.disposed;
        sp_tx_abort(&tx);
        SIM_CHECK(h->w, tray == lists(json_object_get(trays, name), c->label),
            "commit %d is %sin the tray of %s", (int)c->label,
            tray ? "" : "not ", name);
        SIM_CHECK(h->w,
            (c->at[SIM_HEAD] == SP_ACCEPTED) == lists(accepted, c->label),
            "commit %d is %d at head office", (int)c->label, c->at[SIM_HEAD]);
    }
}

void history_check_outcome(struct history *h)
{
    const json_t *outcome = json_object_get(h->story, "outcome");
    json_t *records;
    const char *name;

    check_verdicts(h, outcome);
    check_store(
        h, h->w->party[SIM_HEAD], json_object_get(outcome, "head_office"));
    json_object_foreach(json_object_get(outcome, "devices"), name, records)
    {
        check_store(h, history_party(h, name), records);
    }
}
