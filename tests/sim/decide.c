#include "decide.h"

#include "oracle.h"
#include "people.h"

static uint32_t dice(struct sim_world *w, uint32_t below)
{
    return sim_random_below(&w->random, below);
}

static const char *const all[] = { "A-1", "A-2", "B-1", "B-2" };

/* ---- within a branch --------------------------------------------------- */

static void assign(struct sim_world *w)
{
    uint32_t first = dice(w, 2);

    sim_assign(w, 11 + dice(w, 3), dice(w, 3 - first), &all[first]);
}

static void grant(struct sim_world *w)
{
    static const struct {
        uint16_t type, field;
    } fields[] = { { PLAIN_ACCOUNT, SIM_PHONE },
        { PLAIN_CONTACT, SIM_CONTACT_TITLE },
        { PLAIN_VISIT, SIM_VISIT_OUTCOME }, { PLAIN_NOTE, SIM_NOTE_TEXT },
        { PLAIN_ACCOUNT, SIM_TAGS }, { PLAIN_ACCOUNT, SIM_NAME },
        { PLAIN_CONTACT, SIM_CONSENT_MESSAGES },
        { PLAIN_CONTACT, SIM_MESSAGE_NAME }, { PLAIN_CONTACT, SIM_CALL_NAME } };
    uint32_t i = dice(w, w->consents ? 9 : 6);

    sim_grant_field(w, dice(w, 4) == 0 ? TEST_ORG_MANAGER : TEST_ORG_REP,
        fields[i].type, fields[i].field, dice(w, 2) == 0);
}

/* Two reps change their territories. */
static void swap(struct sim_world *w)
{
    uint32_t i = dice(w, 2), base = 2 * dice(w, 2);
    uint32_t first = base == 0 ? 11 : 21;

    sim_assign(w, first, 1, &all[base + i]);
    sim_assign(w, first + 1, 1, &all[base + 1 - i]);
}

/* ---- between branches -------------------------------------------------- */

static void serve(struct sim_world *w)
{
    sim_serve(w, all[dice(w, 4)], (enum test_org_unit_name)dice(w, 3));
}

/* A territory of another branch. */
static void assign_anywhere(struct sim_world *w)
{
    static const uint32_t reps[] = { 11, 12, 13, 21, 22 };
    uint32_t first = dice(w, 4);

    sim_assign(w, reps[dice(w, 5)], 1 + dice(w, 4 - first), &all[first]);
}

static void role(struct sim_world *w)
{
    static const uint32_t reps[] = { 13, 22 };

    sim_role(
        w, reps[dice(w, 2)], dice(w, 2) == 0 ? TEST_ORG_ANALYST : TEST_ORG_REP);
}

static void reach(struct sim_world *w)
{
    bool mia = dice(w, 2) == 0;

    sim_reach(w, mia ? 10 : 20, dice(w, 2) == 0 ? 0 : mia ? 4u : 2u);
}

static void transfer(struct sim_world *w)
{
    sim_transfer(w, 13, (enum test_org_unit_name)(1 + dice(w, 2)));
}

/* Ben leaves; his territory goes to two successors. */
static void leave(struct sim_world *w)
{
    sim_leave(w, 12);
    sim_assign(w, 11, 2, &all[0]);
    sim_assign(w, 13, 2, &all[0]);
}

typedef void decision(struct sim_world *w);

void sim_decide(struct sim_world *w, enum sim_weather weather)
{
    static decision *const within[] = { assign, assign, grant, grant, swap,
        sim_extend_dictionary };
    static decision *const between[] = { serve, assign_anywhere, role, reach,
        transfer };
    uint32_t what = dice(w, weather == SIM_UPHEAVAL ? 11 : 6);

    sim_oracle_unsure(w->oracle);
    if (weather == SIM_UPHEAVAL && dice(w, 25) == 0) {
        leave(w);
    } else if (weather == SIM_UPHEAVAL && dice(w, 25) == 0) {
        sim_revoke(w, 211);
    } else if (what < 6) {
        within[what](w);
    } else {
        between[what - 6u](w);
    }
}
