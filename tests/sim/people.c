#include "people.h"

#include "sp/pack.h"

#include <stdio.h>
#include <string.h>

/* ---- drafts ------------------------------------------------------------ */

static void begin(struct sim_draft *d, struct sim_party *p)
{
    memset(d, 0, sizeof(*d));
    d->party = p;
    d->user = p->identity.user;
    d->authority = sp_rulebook_authority(sim_rulebook(p), d->user);
    d->expect = SIM_ACCEPTED;
}

void sim_draft_create(struct sim_draft *d, struct sim_party *p, uint16_t type)
{
    uint8_t random[10];

    begin(d, p);
    sim_random_fill(&p->random, random, sizeof(random));
    d->ref.type = type;
    d->ref.id = sp_id_make(p->world->now_ms, random);
    d->create = true;
}

void sim_draft_edit(
    struct sim_draft *d, struct sim_party *p, const struct sp_ref *ref)
{
    begin(d, p);
    d->ref = *ref;
}

/* Packs one value with what write puts into b. */
static struct sp_buf packer(void)
{
    struct sp_buf b;

    sp_buf_init(&b, sizeof(((struct sim_draft *)0)->bytes[0]));
    return b;
}

static struct sp_draft_write *add(
    struct sim_draft *d, uint16_t field, struct sp_buf *b)
{
    SP_ASSERT(b->err == SP_OK && d->count < SIM_WRITES_MAX);
    struct sp_draft_write *w = &d->write[d->count];
    uint8_t *bytes = d->bytes[d->count++];
    memcpy(bytes, b->data, b->size);
    w->key.field = field;
    w->value = sp_slice_of(bytes, b->size);
    sp_buf_free(b);
    return w;
}

void sim_draft_text(struct sim_draft *d, uint16_t field, const char *text)
{
    struct sp_buf b = packer();

    sp_wr_text(&b, text);
    (void)add(d, field, &b);
}

void sim_draft_uint(struct sim_draft *d, uint16_t field, uint64_t v)
{
    struct sp_buf b = packer();

    sp_wr_uint(&b, v);
    (void)add(d, field, &b);
}

void sim_draft_bool(struct sim_draft *d, uint16_t field, bool v)
{
    struct sp_buf b = packer();

    sp_wr_bool(&b, v);
    (void)add(d, field, &b);
}

void sim_draft_ref(
    struct sim_draft *d, uint16_t field, const struct sp_ref *ref)
{
    struct sp_buf b = packer();

    sp_wr_bin(&b, ref->id.b, sizeof(ref->id.b));
    (void)add(d, field, &b);
}

void sim_draft_nil(struct sim_draft *d, uint16_t field)
{
    struct sp_buf b = packer();

    sp_wr_nil(&b);
    (void)add(d, field, &b);
}

void sim_draft_now(struct sim_draft *d, uint16_t field)
{
    struct sp_buf b = packer();

    sp_wr_array(&b, 2);
    sp_wr_uint(&b, d->party->env.now_ms(d->party->env.self));
    sp_wr_text(&b, "Asia/Shanghai");
    (void)add(d, field, &b);
}

void sim_draft_consent(struct sim_draft *d, uint16_t field, bool given)
{
    struct sp_buf b = packer();

    sp_wr_array(&b, 2);
    sp_wr_uint(&b, given ? 1 : 2);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, d->party->env.now_ms(d->party->env.self));
    sp_wr_text(&b, "Asia/Shanghai");
    (void)add(d, field, &b);
}

void sim_draft_tag(
    struct sim_draft *d, uint16_t field, const char *text, bool in)
{
    struct sp_buf b = packer();

    sp_wr_text(&b, text);
    struct sp_draft_write *w = add(d, field, &b);
    w->key.element = w->value;
    if (!in) {
        static const uint8_t nil[] = { 0xc0 };
        w->value = SP_SLICE(nil);
    }
}

void sim_draft_member(
    struct sim_draft *d, uint16_t field, uint32_t user, bool in)
{
    struct sp_buf b = packer();

    sp_wr_uint(&b, user);
    struct sp_draft_write *w = add(d, field, &b);
    w->key.element = w->value;
    if (!in) {
        static const uint8_t nil[] = { 0xc0 };
        w->value = SP_SLICE(nil);
    }
}

/* ---- saving ------------------------------------------------------------ */

/* A hand-made client asks nobody before it sends. */
static void say_yes(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    *out = (struct sp_verdict){ .kind = SP_ACCEPTED };
}

static sp_err make(struct sim_draft *d, const struct sp_rules *rules,
    struct sp_tx *tx, uint64_t *n)
{
    struct sim_party *p = d->party;
    struct sp_draft_change change = {
        .ref = d->ref, .create = d->create, .count = d->count, .write = d->write
    };
    struct sp_draft draft = { .user = d->user,
        .authority = d->authority,
        .count = 1,
        .change = &change };
    struct sp_verdict verdict;

    SP_ASSERT(sp_tx_begin(tx, &p->node, rules, true) == SP_OK);
    return sp_commit_make(tx, &draft, &verdict, n);
}

sp_err sim_save(struct sim_draft *d)
{
    struct sim_party *p = d->party;
    struct sp_rules rules = p->rules;
    struct sp_tx tx;
    uint64_t n = 0;

    if (d->unchecked) {
        rules.judge = say_yes;
    }
    sp_err err = make(d, &rules, &tx, &n);
    if (err != SP_OK) {
        SIM_CHECK(p->world, sp_err_class(err) != SP_CLASS_LOCAL,
            "%u cannot save: %s", p->identity.device, sp_err_name(err));
        sp_tx_abort(&tx);
        sim_note(p->world, "%u does not save: %s", p->identity.device,
            sp_err_name(err));
        return err;
    }
    sim_commit(p, &tx);
    sim_note(p->world, "%u saves commit %llu: %s type %u, %u fields%s",
        p->identity.device, (unsigned long long)n, d->create ? "new" : "edit",
        d->ref.type, d->count,
        d->expect == SIM_REFUSED ? ", to be refused" : "");
    (void)sim_oracle_made(p->world->oracle, p, n, d->expect);
    return SP_OK;
}

void sim_save_and_die(struct sim_draft *d)
{
    struct sp_tx tx;
    uint64_t n = 0;

    (void)!make(d, &d->party->rules, &tx, &n);
    sp_tx_abort(&tx);
    sim_network_crash(d->party);
}

/* ---- the common ones --------------------------------------------------- */

static void must_save(struct sim_draft *d)
{
    sp_err err = sim_save(d);

    SIM_CHECK(d->party->world, err == SP_OK, "%u may not do that: %s",
        d->party->identity.device, sp_err_name(err));
}

struct sp_ref sim_account(
    struct sim_party *p, const char *territory, const char *name)
{
    struct sim_draft d;

    sim_draft_create(&d, p, PLAIN_ACCOUNT);
    sim_draft_text(&d, SIM_NAME, name);
    sim_draft_text(&d, SIM_TERRITORY, territory);
    sim_draft_uint(&d, SIM_KIND, 1);
    must_save(&d);
    return d.ref;
}

/* A record that belongs to an account, by its author. */
static void create_about(struct sim_draft *d, struct sim_party *p,
    uint16_t type, const struct sp_ref *account)
{
    sim_draft_create(d, p, type);
    sim_draft_ref(d, PLAIN_CHILD_ACCOUNT, account);
    sim_draft_uint(d, PLAIN_CHILD_AUTHOR, d->user);
}

struct sp_ref sim_visit(
    struct sim_party *p, const struct sp_ref *account, const char *mark)
{
    struct sim_draft d;

    create_about(&d, p, PLAIN_VISIT, account);
    sim_draft_uint(&d, 4, 1);
    sim_draft_now(&d, 5);
    sim_draft_text(&d, SIM_VISIT_MARK, mark);
    must_save(&d);
    return d.ref;
}

struct sp_ref sim_note_about(
    struct sim_party *p, const struct sp_ref *account, const char *text)
{
    struct sim_draft d;

    create_about(&d, p, PLAIN_NOTE, account);
    sim_draft_text(&d, SIM_NOTE_TEXT, text);
    must_save(&d);
    return d.ref;
}

struct sp_ref sim_contact(
    struct sim_party *p, const struct sp_ref *account, const char *name)
{
    struct sim_draft d;

    create_about(&d, p, PLAIN_CONTACT, account);
    sim_draft_text(&d, SIM_CONTACT_NAME, name);
    sim_draft_text(&d, SIM_CONTACT_TITLE, "buyer");
    must_save(&d);
    return d.ref;
}

void sim_edit(struct sim_party *p, const struct sp_ref *ref, uint16_t field,
    const char *text)
{
    struct sim_draft d;

    sim_draft_edit(&d, p, ref);
    sim_draft_text(&d, field, text);
    must_save(&d);
}

void sim_consent(struct sim_party *p, const struct sp_ref *contact, bool given)
{
    struct sim_draft d;

    sim_draft_edit(&d, p, contact);
    sim_draft_consent(&d, SIM_CONSENT_MESSAGES, given);
    must_save(&d);
}

void sim_grant_consented(struct sim_world *w)
{
    static const uint16_t field[] = { SIM_CONSENT_MESSAGES, SIM_CONSENT_CALLS,
        SIM_MESSAGE_NAME, SIM_CALL_NAME };

    for (unsigned i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
        sim_grant_field(w, TEST_ORG_ANALYST, PLAIN_CONTACT, field[i], true);
        sim_grant_field(w, TEST_ORG_REP, PLAIN_CONTACT, field[i], true);
    }
}

/* ---- looking ----------------------------------------------------------- */

uint64_t sim_last(struct sim_party *p)
{
    uint64_t last = 0;
    const struct sim_made *m;

    for (size_t i = 0; (m = sim_oracle_commit(p->world->oracle, i)) != NULL;
         i++) {
        last = m->by == p ? m->commit.n : last;
    }
    return last;
}

enum sp_verdict_kind sim_verdict(
    struct sim_party *at, struct sim_party *by, uint64_t n, sp_err *code)
{
    struct sp_logged entry = { .verdict = { .kind = SP_VERDICT_NONE } };
    struct sp_tx tx;

    sim_begin(at, &tx, false);
    (void)!sp_log_get(&tx, by->identity.replica, n, &tx.arena, &entry);
    if (code != NULL) {
        *code = entry.verdict.code;
    }
    sp_tx_abort(&tx);
    return entry.verdict.kind;
}

sp_err sim_view(struct sim_party *p, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out)
{
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    sp_err err = sp_state_view(&tx, ref, arena, out, NULL);
    sp_tx_abort(&tx);
    return err;
}

bool sim_shows(struct sim_party *p, const struct sp_ref *ref)
{
    struct sp_arena arena;
    struct sp_record r;

    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    bool shown = sim_view(p, ref, &arena, &r) == SP_OK;
    sp_arena_free(&arena);
    return shown;
}

bool sim_shows_text(struct sim_party *p, const struct sp_ref *ref,
    uint16_t field, const char *text)
{
    struct sp_buf b = packer();
    struct sp_arena arena;
    struct sp_record r = { .count = 0 };
    bool shown = false;

    sp_wr_text(&b, text);
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    (void)!sim_view(p, ref, &arena, &r);
    for (uint32_t i = 0; i < r.count; i++) {
        for (uint32_t k = 0; r.reg[i].key.field == field && k < r.reg[i].count;
             k++) {
            shown = shown ||
                    sp_slice_equal(sp_buf_slice(&b), r.reg[i].sibling[k].value);
        }
    }
    sp_arena_free(&arena);
    sp_buf_free(&b);
    return shown;
}

uint32_t sim_values(
    struct sim_party *p, const struct sp_ref *ref, uint16_t field)
{
    struct sp_arena arena;
    struct sp_record r = { .count = 0 };
    uint32_t count = 0;

    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    (void)!sim_view(p, ref, &arena, &r);
    for (uint32_t i = 0; i < r.count; i++) {
        count += r.reg[i].key.field == field ? r.reg[i].count : 0;
    }
    sp_arena_free(&arena);
    return count;
}

struct sp_status sim_status(struct sim_party *p)
{
    struct sp_status s;
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    SP_ASSERT(sp_node_status(&tx, &s) == SP_OK);
    sp_tx_abort(&tx);
    return s;
}
