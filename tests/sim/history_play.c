/* The steps of a story, one after the other. */
#include "history.h"

#include "sp/pack.h"

#include <string.h>

#define ROUNDS      8u
#define STEP_MS     60000u
#define WRITES_MAX  8u
#define CHANGES_MAX 4u

/* ---- writing ----------------------------------------------------------- */

struct action {
    struct history *h;
    const json_t *step;
    struct sim_party *party;
    uint32_t changes;
    struct sp_draft_change change[CHANGES_MAX];
    struct sp_draft_write write[CHANGES_MAX][WRITES_MAX];
    uint8_t bytes[CHANGES_MAX][WRITES_MAX][32];
};

static const char *text_of(const json_t *step, const char *key)
{
    const char *s = json_string_value(json_object_get(step, key));

    SP_ASSERT(s != NULL);
    return s;
}

/* A record that the story names for the first time is made. */
static const struct sp_ref *record_of(struct action *a, const char *name)
{
    struct history *h = a->h;
    const struct sp_ref *known = history_ref(h, name);
    uint8_t random[10];

    if (known != NULL) {
        return known;
    }
    SP_ASSERT(h->records < HISTORY_RECORDS_MAX);
    struct history_record *r = &h->record[h->records++];
    sim_random_fill(&a->party->random, random, sizeof(random));
    r->name = name;
    r->ref.type = name[0] == 'a' ? HISTORY_ACCOUNT : HISTORY_VISIT;
    r->ref.id = sp_id_make(h->w->now_ms, random);
    return &r->ref;
}

static struct sp_draft_change *change_of(struct action *a, const char *name)
{
    bool create = history_ref(a->h, name) == NULL;
    const struct sp_ref *ref = record_of(a, name);

    for (uint32_t i = 0; i < a->changes; i++) {
        if (sp_ref_equal(&a->change[i].ref, ref)) {
            return &a->change[i];
        }
    }
    SP_ASSERT(a->changes < CHANGES_MAX);
    struct sp_draft_change *c = &a->change[a->changes];
    c->ref = *ref;
    c->create = create;
    c->write = a->write[a->changes++];
    return c;
}

static void add_write(
    struct action *a, const char *record, const char *key, const char *text)
{
    struct sp_draft_change *c = change_of(a, record);
    size_t i = (size_t)(c - a->change);
    struct sp_buf b;

    SP_ASSERT(c->count < WRITES_MAX);
    sp_buf_init(&b, sizeof(a->bytes[0][0]));
    history_value(a->h, c->ref.type, key, text, &b);
    memcpy(a->bytes[i][c->count], b.data, b.size);
    a->write[i][c->count] =
        (struct sp_draft_write){ .key.field = history_field(c->ref.type, key),
            .value = sp_slice_of(a->bytes[i][c->count], b.size) };
    c->count++;
    sp_buf_free(&b);
}

static void note_commit(struct action *a, uint64_t n)
{
    struct history *h = a->h;
    struct sp_logged entry;
    struct sp_tx tx;

    SP_ASSERT(h->commits < HISTORY_COMMITS_MAX);
    sim_begin(a->party, &tx, false);
    SP_ASSERT(sp_log_get(&tx, a->party->identity.replica, n, &tx.arena,
                  &entry) == SP_OK);
    h->commit[h->commits++] = (struct history_commit){
        .label = json_integer_value(json_object_get(a->step, "commit")),
        .by = a->party,
        .n = n,
        .content = entry.commit.content,
        .step = a->step
    };
    sp_tx_abort(&tx);
}

static void write_commit(
    struct history *h, const json_t *step, struct sim_party *p)
{
    const json_t *writes = json_object_get(step, "writes");
    struct action a = { .h = h, .step = step, .party = p };
    struct sp_verdict verdict;
    struct sp_tx tx;
    uint64_t n = 0;

    for (size_t i = 0; i < json_array_size(writes); i++) {
        const json_t *w = json_array_get(writes, i);
        add_write(&a, json_string_value(json_array_get(w, 0)),
            json_string_value(json_array_get(w, 1)),
            json_string_value(json_array_get(w, 2)));
    }
    struct sp_draft draft = { .user = p->identity.user,
        .authority = SP_AUTHORITY_PERSON,
        .count = a.changes,
        .change = a.change };
    sim_begin(p, &tx, true);
    sp_err err = sp_commit_make(&tx, &draft, &verdict, &n);
    SIM_CHECK(h->w, err == SP_OK, "%u cannot save: %s", p->identity.device,
        sp_err_name(err));
    sim_commit(p, &tx);
    note_commit(&a, n);
}

/* ---- meeting ----------------------------------------------------------- */

static bool about_to(const struct sim_session *s, const char *state)
{
    return s->ask != NULL && strcmp(sp_link_state(s->ask), state) == 0;
}

/* The server did everything, the reply never came: the last one that brings
 * commits, else the first that tells anything. */
static void meet_in_vain(struct sim_session *s)
{
    bool pushes = false;
    bool goes_on = sim_session_turn(s, SIM_FINE);

    if (goes_on && !sim_is_server(s->from)) {
        struct sp_status status;
        struct sp_tx tx;
        sim_begin(s->from, &tx, false);
        SP_ASSERT(sp_node_status(&tx, &status) == SP_OK);
        sp_tx_abort(&tx);
        pushes = status.pending > 0;
    }
    while (goes_on && pushes && !about_to(s, "push")) {
        goes_on = sim_session_turn(s, SIM_FINE);
    }
    while (goes_on && sim_is_server(s->from) && !about_to(s, "push") &&
           !about_to(s, "upper")) {
        goes_on = sim_session_turn(s, SIM_FINE);
    }
    if (goes_on) {
        (void)sim_session_turn(s, SIM_REPLY_LOST);
    }
}

/* The line breaks after so many items of the part that goes down: pages of
 * one item each. */
static void meet_in_part(struct sim_session *s, json_int_t items)
{
    bool goes_on = sim_session_turn(s, SIM_FINE);

    while (goes_on && !about_to(s, "pull")) {
        goes_on = sim_session_turn(s, SIM_FINE);
    }
    for (json_int_t i = 0; i < items && goes_on && about_to(s, "pull"); i++) {
        sim_session_single_items(s);
        goes_on = sim_session_turn(s, SIM_FINE);
    }
}

static void meet(struct history *h, struct sim_party *from,
    struct sim_party *to, const json_t *cut)
{
    struct sim_session *s = sim_session_open(from, to);

    SP_ASSERT(s != NULL);
    if (json_is_string(cut)) {
        meet_in_vain(s);
    } else if (json_is_integer(cut)) {
        meet_in_part(s, json_integer_value(cut));
    } else {
        while (sim_session_turn(s, SIM_FINE)) {
        }
        SIM_CHECK(h->w, s->error == SP_OK && s->report.complete, "%u -> %u: %s",
            from->identity.device, to->identity.device, sp_err_name(s->error));
    }
    SIM_CHECK(h->w, s->report.alarms == 0, "%u read a scope again",
        from->identity.device);
    sim_session_close(s);
}

/* ---- head office decides ----------------------------------------------- */

static unsigned territory_index(const char *name)
{
    SP_ASSERT(name[0] == 'T' && name[1] >= '1' && name[1] <= '3');
    return (unsigned)(name[1] - '1');
}

static void take_policy(struct history *h, const json_t *step)
{
    struct history_user *u = &h->user[text_of(step, "user")[1] - '0'];
    const json_t *territories = json_object_get(step, "territories");
    const json_t *taken = json_object_get(step, "fields_taken");

    u->home = history_unit(text_of(step, "home"));
    u->territory = 0;
    for (size_t i = 0; i < json_array_size(territories); i++) {
        u->territory |= 1u << territory_index(
                            json_string_value(json_array_get(territories, i)));
    }
    u->taken_n = u->taken_p = false;
    for (size_t i = 0; i < json_array_size(taken); i++) {
        const char *key = json_string_value(json_array_get(taken, i));
        u->taken_n = u->taken_n || strcmp(key, "n") == 0;
        u->taken_p = u->taken_p || strcmp(key, "p") == 0;
    }
    history_publish(h, true);
}

static void take_roster(struct history *h, const json_t *step)
{
    json_t *serves = json_object_get(step, "serves");
    json_t *unit;
    const char *name;

    json_object_foreach(serves, name, unit)
    {
        h->serves[territory_index(name)] =
            history_unit(json_string_value(unit));
    }
    history_publish(h, false);
}

/* ---- verdicts on the way ----------------------------------------------- */

/* SYNC J5: deferred < refused < accepted, and never back. */
static void watch_verdicts(struct history *h)
{
    for (unsigned s = 0; s < SIM_SERVERS; s++) {
        struct sp_tx tx;
        sim_begin(h->w->party[s], &tx, false);
        for (uint32_t i = 0; i < h->commits; i++) {
            struct history_commit *c = &h->commit[i];
            struct sp_logged e = { .verdict = { .kind = SP_VERDICT_NONE } };
            sp_arena_reset(&tx.scratch);
            (void)!sp_log_get(
                &tx, c->by->identity.replica, c->n, &tx.scratch, &e);
            SIM_CHECK(h->w, e.verdict.kind >= c->at[s],
                "commit %d was %d at %u and is %d", (int)c->label, c->at[s],
                s + 1u, e.verdict.kind);
            c->at[s] = e.verdict.kind;
        }
        sp_tx_abort(&tx);
    }
}

/* ---- the story --------------------------------------------------------- */

static void play_step(struct history *h, const json_t *step)
{
    const char *what = text_of(step, "do");
    struct sim_party *who = history_party(h, text_of(step, "who"));
    const json_t *cut = json_object_get(step, "cut");

    h->w->step++;
    h->w->now_ms += STEP_MS;
    sim_note(h->w, "%s: %s", text_of(step, "who"), what);
    if (strcmp(what, "sync") == 0) {
        meet(h, who, history_party(h, text_of(step, "server")), cut);
    } else if (strcmp(what, "exchange with head office") == 0) {
        meet(h, who, h->w->party[SIM_HEAD], cut);
    } else if (strcmp(what, "policy") == 0) {
        take_policy(h, step);
    } else if (strcmp(what, "roster") == 0) {
        take_roster(h, step);
    } else if (json_object_get(step, "writes") != NULL) {
        write_commit(h, step, who);
    } else {
        sim_fail(h->w, "nobody knows how to %s", what);
    }
    watch_verdicts(h);
}

static void round_of_all(struct history *h, bool quiet)
{
    struct sim_world *w = h->w;

    for (uint32_t i = SIM_A; i < w->count; i++) {
        struct sp_link_report report;
        struct sim_party *p = w->party[i];
        char name[] = "d0";
        struct sim_party *to = w->party[SIM_HEAD];
        if (i >= SIM_SERVERS) {
            name[1] = (char)('0' + i - SIM_SERVERS);
            to = w->party[h->user[i - SIM_SERVERS].home];
            if (json_object_get(json_object_get(h->story, "devices"), name) ==
                NULL) {
                continue;
            }
        }
        w->step++;
        w->now_ms += STEP_MS;
        sp_err err = sim_sync(p, to, &report);
        SIM_CHECK(w, err == SP_OK && report.alarms == 0,
            "the last syncs of %u: %s, %u alarms", p->identity.device,
            sp_err_name(err), (unsigned)report.alarms);
        SIM_CHECK(w, !quiet || (report.same && report.round_trips == 1),
            "%u has something to say when all is said", p->identity.device);
        watch_verdicts(h);
    }
}

void history_play(struct history *h)
{
    const json_t *steps = json_object_get(h->story, "steps");

    for (size_t i = 0; i < json_array_size(steps); i++) {
        play_step(h, json_array_get(steps, i));
    }
    sim_note(h->w, "the end");
    for (unsigned i = 0; i < ROUNDS; i++) {
        round_of_all(h, false);
    }
    round_of_all(h, true);
}
