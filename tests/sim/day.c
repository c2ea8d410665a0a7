#include "day.h"

#include "decide.h"
#include "network.h"
#include "people.h"

#include "sp/pack.h"

#include <stdio.h>
#include <string.h>

#define SESSIONS    5u
#define KNOWN_MAX   512u
#define YEAR_MS     31536000000
#define FAULTS_SOFT (SIM_OLD_REQUEST + 1u)

/* What the hand at the dice knows of. */
struct day {
    struct sim_world *w;
    const struct sim_plan *plan;
    bool changed; /* rights or territories: verdicts depend on who is first */
    unsigned marks;
    uint32_t refused; /* accounts whose create is not going to be accepted */
    struct sp_ref refused_account[KNOWN_MAX];
    struct sim_party *refused_by[KNOWN_MAX];
    uint32_t sessions;
    struct sim_session *session[SESSIONS];
};

static uint32_t dice(struct day *d, uint32_t below)
{
    return sim_random_below(&d->w->random, below);
}

static bool chance(struct day *d, uint32_t percent)
{
    return sim_random_percent(&d->w->random, percent);
}

static struct sim_party *any_device(struct day *d)
{
    return d->w->party[SIM_SERVERS + dice(d, d->w->count - SIM_SERVERS)];
}

static bool is_refused(const struct day *d, const struct sp_ref *account)
{
    for (uint32_t i = 0; i < d->refused; i++) {
        if (sp_ref_equal(&d->refused_account[i], account)) {
            return true;
        }
    }
    return false;
}

/* ---- picking ----------------------------------------------------------- */

struct pick {
    struct day *day;
    struct sim_party *party;
    uint32_t seen;
    bool deleted_too;
    struct sp_ref ref;
};

static sp_err pick_one(void *arg, const struct sp_record *view)
{
    struct pick *p = arg;

    SIM_CHECK(p->day->w,
        p->day->changed || view->ref.type != PLAIN_ACCOUNT ||
            plain_shown(view, SIM_TERRITORY) != NULL ||
            is_refused(p->day, &view->ref),
        "%u shows an account that is nowhere", p->party->identity.device);
    p->seen++;
    if (dice(p->day, p->seen) == 0) {
        p->ref = view->ref;
    }
    return SP_OK;
}

/* A record of a type that the party shows. */
static bool pick(
    struct day *d, struct sim_party *p, uint16_t type, struct sp_ref *out)
{
    struct pick pick = { .day = d, .party = p };
    struct sp_tx tx;

    sim_begin(p, &tx, false);
    sp_err err = sp_state_walk(&tx, type, NULL, pick_one, &pick);
    sp_tx_abort(&tx);
    SIM_CHECK(d->w, err == SP_OK, "walk: %s", sp_err_name(err));
    *out = pick.ref;
    return pick.seen > 0;
}

static const char *own_territory(struct day *d, const struct sim_party *p)
{
    const struct sp_person *person =
        sp_rulebook_find_person(sim_rulebook(p), p->identity.user);
    static char code[16];
    static const char *const of_branch[][2] = { { "H-1", "H-1" },
        { "A-1", "A-2" }, { "B-1", "B-2" } };

    if (person->role[0] == TEST_ORG_MANAGER) {
        return of_branch[p->home->index][dice(d, 2)];
    }
    if (person->territory_count == 0) {
        return NULL;
    }
    struct sp_slice t = person->territory[dice(d, person->territory_count)];
    (void)snprintf(
        code, sizeof(code), "%.*s", (int)t.size, (const char *)t.data);
    return code;
}

static uint16_t role_of(const struct sim_party *p)
{
    return sp_rulebook_find_person(sim_rulebook(p), p->identity.user)->role[0];
}

/* ---- work -------------------------------------------------------------- */

static void text_of(struct day *d, char out[32], const char *what)
{
    (void)snprintf(out, 32, "%s %u", what, ++d->marks);
}

/* Honest work on an account that is not going to be accepted is refused with
 * it (SYNC J8); all else depends on who changes rights meanwhile. */
static void expect(
    struct day *d, struct sim_draft *draft, const struct sp_ref *account)
{
    if (account != NULL && is_refused(d, account)) {
        draft->expect = SIM_REFUSED;
        draft->unchecked = true;
    } else if (d->changed) {
        draft->expect = SIM_EITHER;
    }
}

static void save_or_die(struct day *d, struct sim_draft *draft)
{
    if (d->plan->fault_percent > 0 && chance(d, 2)) {
        sim_save_and_die(draft);
    } else {
        sp_err err = sim_save(draft);
        SIM_CHECK(d->w, err == SP_OK || d->changed,
            "%u may not do honest work: %s", draft->party->identity.device,
            sp_err_name(err));
    }
}

static void new_account(struct day *d, struct sim_party *p)
{
    const char *territory = own_territory(d, p);
    struct sim_draft draft;
    char text[32];

    if (territory == NULL || role_of(p) == TEST_ORG_ANALYST) {
        return;
    }
    text_of(d, text, "shop");
    sim_draft_create(&draft, p, PLAIN_ACCOUNT);
    sim_draft_text(&draft, SIM_NAME, text);
    sim_draft_text(&draft, SIM_TERRITORY, territory);
    sim_draft_uint(&draft, SIM_KIND, 1 + dice(d, 5));
    expect(d, &draft, NULL);
    save_or_die(d, &draft);
}

static void new_child(struct day *d, struct sim_party *p, uint16_t type)
{
    struct sim_draft draft;
    struct sp_ref account;
    char text[32];

    if (!pick(d, p, PLAIN_ACCOUNT, &account) ||
        role_of(p) == TEST_ORG_ANALYST ||
        (role_of(p) == TEST_ORG_MANAGER && type != PLAIN_NOTE)) {
        return;
    }
    sim_draft_create(&draft, p, type);
    sim_draft_ref(&draft, PLAIN_CHILD_ACCOUNT, &account);
    sim_draft_uint(&draft, PLAIN_CHILD_AUTHOR, draft.user);
    text_of(d, text, "text");
    if (type == PLAIN_VISIT) {
        sim_draft_uint(&draft, 4, 1 + dice(d, 6));
        sim_draft_now(&draft, 5);
        sim_draft_text(&draft, SIM_VISIT_MARK, text);
    } else if (type == PLAIN_NOTE) {
        sim_draft_text(&draft, SIM_NOTE_TEXT, text);
    } else {
        sim_draft_text(&draft, SIM_CONTACT_NAME, text);
        sim_draft_text(&draft, SIM_CONTACT_TITLE, "buyer");
        if (d->plan->consents && chance(d, 50)) {
            sim_draft_consent(&draft, SIM_CONSENT_MESSAGES, true);
        }
    }
    expect(d, &draft, &account);
    save_or_die(d, &draft);
}

static void edit_account(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref account;
    char text[32];

    if (!pick(d, p, PLAIN_ACCOUNT, &account) ||
        role_of(p) == TEST_ORG_ANALYST) {
        return;
    }
    sim_draft_edit(&draft, p, &account);
    text_of(d, text, "name");
    switch (dice(d, d->w->extras > 0 ? 6 : 5)) {
    case 5: /* the device may not know that field yet */
        sim_draft_text(
            &draft, (uint16_t)(TEST_ORG_EXTRA + dice(d, d->w->extras)), text);
        break;
    case 0:
        sim_draft_text(&draft, SIM_NAME, text);
        break;
    case 1:
        sim_draft_uint(&draft, SIM_KIND, 1 + dice(d, 5));
        sim_draft_text(&draft, SIM_NAME, text);
        break;
    case 2:
        (void)snprintf(text, sizeof(text), "tag %u", dice(d, 4));
        sim_draft_tag(&draft, SIM_TAGS, text, chance(d, 70));
        break;
    case 3:
        (void)snprintf(text, sizeof(text), "+86138%08u", dice(d, 99999999));
        sim_draft_text(&draft, SIM_PHONE, text);
        break;
    default:
        sim_draft_uint(&draft, SIM_KIND, 1 + dice(d, 5));
        break;
    }
    expect(d, &draft, &account);
    save_or_die(d, &draft);
}

/* Who made what belongs to an account, and to which one; 0: nothing is here
 * but an edit that waits. */
static uint32_t author_of(
    struct sim_party *p, const struct sp_ref *ref, struct sp_ref *account)
{
    struct sp_arena arena;
    struct sp_record r;
    struct sp_rd rd;
    uint32_t author = 0;

    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    SP_ASSERT(sim_view(p, ref, &arena, &r) == SP_OK);
    const struct sp_sibling *by = plain_shown(&r, PLAIN_CHILD_AUTHOR);
    const struct sp_sibling *of = plain_shown(&r, PLAIN_CHILD_ACCOUNT);
    *account = (struct sp_ref){ .type = PLAIN_ACCOUNT };
    if (by != NULL && of != NULL) {
        sp_rd_init(&rd, by->value);
        author = (uint32_t)sp_rd_uint(&rd, 1, UINT32_MAX);
        sp_rd_init(&rd, of->value);
        sp_rd_fixed(&rd, account->id.b, sizeof(account->id.b));
    }
    sp_arena_free(&arena);
    return author;
}

static void edit_visit(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref ref, account;

    if (role_of(p) == TEST_ORG_REP && pick(d, p, PLAIN_VISIT, &ref) &&
        author_of(p, &ref, &account) == p->identity.user &&
        sim_shows(p, &account)) {
        sim_draft_edit(&draft, p, &ref);
        sim_draft_uint(&draft, SIM_VISIT_OUTCOME, 1 + dice(d, 5));
        expect(d, &draft, &account);
        save_or_die(d, &draft);
    }
}

/* A customer says yes or no, to both at times, and is called another name. */
static void edit_contact(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref ref, account;
    char text[32];

    if (role_of(p) != TEST_ORG_REP || !pick(d, p, PLAIN_CONTACT, &ref) ||
        author_of(p, &ref, &account) == 0 || !sim_shows(p, &account)) {
        return;
    }
    sim_draft_edit(&draft, p, &ref);
    uint32_t what = dice(d, 6);
    if (what < 3) {
        text_of(d, text, "called");
        sim_draft_text(&draft, SIM_CONTACT_NAME, text);
    }
    if (what > 1) {
        sim_draft_consent(&draft, SIM_CONSENT_MESSAGES, chance(d, 60));
    }
    if (what == 5) {
        sim_draft_consent(&draft, SIM_CONSENT_CALLS, chance(d, 60));
    }
    expect(d, &draft, &account);
    save_or_die(d, &draft);
}

/* A visit of an account that the device has not been sent yet. */
static void visit_by_hand(struct day *d, struct sim_party *p)
{
    struct sim_party *other = any_device(d);
    struct sim_draft draft;
    struct sp_ref account;
    char text[32];

    if (role_of(p) != TEST_ORG_REP || other->home != p->home ||
        role_of(other) != TEST_ORG_REP ||
        !pick(d, other, PLAIN_ACCOUNT, &account)) {
        return;
    }
    text_of(d, text, "by hand");
    sim_draft_create(&draft, p, PLAIN_VISIT);
    sim_draft_ref(&draft, PLAIN_CHILD_ACCOUNT, &account);
    sim_draft_uint(&draft, PLAIN_CHILD_AUTHOR, draft.user);
    sim_draft_uint(&draft, 4, 1);
    sim_draft_now(&draft, 5);
    sim_draft_text(&draft, SIM_VISIT_MARK, text);
    draft.unchecked = true;
    draft.expect = is_refused(d, &account) ? SIM_REFUSED : SIM_EITHER;
    SP_ASSERT(sim_save(&draft) == SP_OK);
}

/* ---- what only a manager does ------------------------------------------ */

/* A manager who reaches another branch moves accounts there as well. */
static const char *any_territory(struct day *d, const struct sim_party *p)
{
    static const char *const all[] = { "A-1", "A-2", "B-1", "B-2", "H-1" };
    const struct sp_person *person =
        sp_rulebook_find_person(sim_rulebook(p), p->identity.user);

    return person->extra_count > 0 ? all[dice(d, 5)] : own_territory(d, p);
}

static void share(struct day *d, struct sim_draft *draft)
{
    static const uint32_t who[] = { 11, 12, 13, 21, 22 };

    sim_draft_member(draft, SIM_TEAM, who[dice(d, 5)], chance(d, 70));
    d->changed = true;
    sim_oracle_unsure(d->w->oracle);
}

static void manage(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref account;

    if (role_of(p) != TEST_ORG_MANAGER ||
        !pick(d, p, PLAIN_ACCOUNT, &account)) {
        return;
    }
    sim_draft_edit(&draft, p, &account);
    if (d->plan->weather == SIM_CALM || chance(d, 50)) {
        sim_draft_uint(&draft, SIM_CYCLE, 1 + dice(d, 30));
    } else if (chance(d, 25)) {
        sim_draft_bool(&draft, SP_FIELD_DELETED, chance(d, 70));
    } else if (d->plan->weather == SIM_UPHEAVAL && chance(d, 40)) {
        share(d, &draft);
    } else {
        sim_draft_text(&draft, SIM_TERRITORY, any_territory(d, p));
        d->changed = true;
        sim_oracle_unsure(d->w->oracle);
    }
    expect(d, &draft, &account);
    save_or_die(d, &draft);
}

/* Two accounts were one all along, or after all they were not. */
static void merge(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref absorbed, kept;

    if (role_of(p) != TEST_ORG_MANAGER ||
        !pick(d, p, PLAIN_ACCOUNT, &absorbed) ||
        !pick(d, p, PLAIN_ACCOUNT, &kept)) {
        return;
    }
    sim_draft_edit(&draft, p, &absorbed);
    if (sp_ref_equal(&absorbed, &kept) || chance(d, 20)) {
        sim_draft_nil(&draft, PLAIN_ACCOUNT_MERGED);
    } else {
        sim_draft_ref(&draft, PLAIN_ACCOUNT_MERGED, &kept);
    }
    d->changed = true;
    sim_oracle_unsure(d->w->oracle);
    expect(d, &draft, &absorbed);
    save_or_die(d, &draft);
}

/* ---- hand-made clients ------------------------------------------------- */

/* An account where its person has nothing to say: served at home, or by head
 * office only. */
static void account_elsewhere(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    char text[32];

    if (d->refused == KNOWN_MAX) {
        return;
    }
    text_of(d, text, "elsewhere");
    sim_draft_create(&draft, p, PLAIN_ACCOUNT);
    sim_draft_text(&draft, SIM_NAME, text);
    sim_draft_text(&draft, SIM_TERRITORY, "H-1");
    draft.unchecked = true;
    draft.expect = SIM_REFUSED;
    SP_ASSERT(sim_save(&draft) == SP_OK);
    d->refused_account[d->refused] = draft.ref;
    d->refused_by[d->refused++] = p;
}

static void visit_of_refused(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    char text[32];

    for (uint32_t i = 0; i < d->refused; i++) {
        if (d->refused_by[i] != p) {
            continue;
        }
        text_of(d, text, "in vain");
        sim_draft_create(&draft, p, PLAIN_VISIT);
        sim_draft_ref(&draft, PLAIN_CHILD_ACCOUNT, &d->refused_account[i]);
        sim_draft_uint(&draft, PLAIN_CHILD_AUTHOR, draft.user);
        sim_draft_uint(&draft, 4, 1);
        sim_draft_now(&draft, 5);
        sim_draft_text(&draft, SIM_VISIT_MARK, text);
        draft.unchecked = true;
        draft.expect = SIM_REFUSED;
        SP_ASSERT(sim_save(&draft) == SP_OK);
        return;
    }
}

static void forge(struct day *d, struct sim_party *p)
{
    struct sim_draft draft;
    struct sp_ref account;

    if (role_of(p) != TEST_ORG_REP) {
        return;
    }
    switch (dice(d, 4)) {
    case 0:
        account_elsewhere(d, p);
        return;
    case 1:
        visit_of_refused(d, p);
        return;
    default:
        break;
    }
    if (!pick(d, p, PLAIN_ACCOUNT, &account)) {
        return;
    }
    sim_draft_edit(&draft, p, &account);
    if (chance(d, 50)) {
        sim_draft_uint(&draft, SIM_OWNER, p->identity.user);
    } else {
        sim_draft_uint(&draft, SIM_KIND, 99); /* no such option */
    }
    draft.unchecked = true;
    draft.expect = SIM_REFUSED;
    SP_ASSERT(sim_save(&draft) == SP_OK);
}

/* ---- the line ---------------------------------------------------------- */

/* An analyst at a branch would be served there what head office does not
 * serve: allowed, and nothing that head office could be compared with. */
static bool roams(const struct sim_party *p)
{
    return role_of(p) == TEST_ORG_REP || role_of(p) == TEST_ORG_MANAGER;
}

static void open_session(struct day *d)
{
    struct sim_party *p =
        chance(d, 25) ? d->w->party[SIM_A + dice(d, 2)] : any_device(d);

    if (d->sessions < SESSIONS && !p->busy) {
        /* Now and then somebody comes by another branch or head office. */
        struct sim_party *to = !sim_is_server(p) && roams(p) && chance(d, 15)
                                   ? d->w->party[dice(d, SIM_SERVERS)]
                                   : p->home;
        struct sim_session *s = sim_session_open(p, to);
        s->again = chance(d, 30) ? 1 + dice(d, 3) : 0;
        d->session[d->sessions++] = s;
    }
}

static enum sim_fault any_fault(struct day *d)
{
    if (!chance(d, d->plan->fault_percent)) {
        return SIM_FINE;
    }
    return chance(d, 40) ? (enum sim_fault)(1u + dice(d, FAULTS_SOFT - 1u))
                         : (enum sim_fault)(1u + dice(d, SIM_FAULTS - 1u));
}

static void turn(struct day *d)
{
    if (d->sessions == 0) {
        return;
    }
    uint32_t i = dice(d, d->sessions);
    struct sim_session *s = d->session[i];
    struct sim_party *from = s->from, *to = s->to;
    bool goes_on = sim_session_turn(s, any_fault(d));
    sim_oracle_check(to);
    sim_oracle_check(from);
    if (!goes_on) {
        sim_session_close(s);
        d->session[i] = d->session[--d->sessions];
    }
}

/* ---- steps ------------------------------------------------------------- */

static void work(struct day *d)
{
    struct sim_party *p = any_device(d);

    if (role_of(p) == TEST_ORG_ADMIN || role_of(p) == TEST_ORG_ANALYST) {
        return;
    }
    if (d->plan->weather == SIM_STORMY && chance(d, 10)) {
        p = sim_world_party(d->w, chance(d, 50) ? 110 : 120);
        merge(d, p);
        sim_oracle_check(p);
        return;
    }
    if (d->plan->consents && chance(d, 35)) {
        if (chance(d, 20)) {
            new_child(d, p, PLAIN_CONTACT);
        } else {
            edit_contact(d, p);
        }
        sim_oracle_check(p);
        return;
    }
    switch (dice(d, 10)) {
    case 0:
    case 1:
        new_account(d, p);
        break;
    case 2:
    case 3:
        new_child(d, p, PLAIN_VISIT);
        break;
    case 4:
        new_child(d, p, chance(d, 50) ? PLAIN_NOTE : PLAIN_CONTACT);
        break;
    case 5:
        edit_visit(d, p);
        break;
    case 6:
        if (chance(d, 30)) {
            visit_by_hand(d, p);
        } else {
            manage(d, sim_world_party(d->w, chance(d, 50) ? 110 : 120));
        }
        break;
    case 7:
        forge(d, p);
        break;
    default:
        edit_account(d, p);
        break;
    }
    sim_oracle_check(p);
}

static void trouble(struct day *d)
{
    struct sim_party *p = d->w->party[dice(d, d->w->count)];

    switch (dice(d, 5)) {
    case 0:
        sim_network_crash(p);
        sim_oracle_check(p);
        break;
    case 1:
        if (sim_network_late(d->w, dice(d, 3))) {
            sim_oracle_check_all(d->w);
        }
        break;
    case 2:
        (void)sim_network_replay(d->w, dice(d, 32));
        break;
    case 3:
        if (!sim_is_server(p)) {
            p->clock_ms = (int64_t)dice(d, 20) * YEAR_MS - 10 * YEAR_MS;
            sim_note(d->w, "clock of %u is wrong", p->identity.device);
        }
        break;
    default:
        d->w->now_ms += 3600000u * (uint64_t)dice(d, 72); /* nobody works */
        break;
    }
}

static void step(struct day *d)
{
    uint32_t what = dice(d, 100);

    d->w->step++;
    d->w->now_ms += dice(d, 5000);
    if (what < 35) {
        work(d);
    } else if (what < 50) {
        open_session(d);
    } else if (what < 95 || d->plan->fault_percent == 0) {
        turn(d);
    } else if (what < (d->plan->weather == SIM_UPHEAVAL ? 97u : 99u) ||
               d->plan->weather == SIM_CALM) {
        trouble(d);
    } else {
        d->changed = true;
        sim_decide(d->w, d->plan->weather);
    }
}

void sim_day(struct sim_world *w, const struct sim_plan *plan)
{
    struct day d = { .w = w, .plan = plan };

    if (plan->weather == SIM_UPHEAVAL) {
        sim_oracle_upheaval(w->oracle);
    }
    w->consents = plan->consents;
    if (plan->consents) {
        sim_grant_consented(w);
    }
    for (unsigned i = 0; i < plan->steps; i++) {
        step(&d);
    }
    while (d.sessions > 0) {
        sim_session_close(d.session[--d.sessions]);
    }
    sim_oracle_settle(w);
    sim_erase(w);
}
