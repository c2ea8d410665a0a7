#include "story.h"

void story_sync(struct sim_party *p)
{
    p->world->step++;
    sp_err err = sim_sync(p, p->home, NULL);
    SIM_CHECK(p->world, err == SP_OK, "sync: %s", sp_err_name(err));
    sim_oracle_check(p);
    sim_oracle_check(p->home);
}

struct story story_new(uint64_t seed)
{
    struct sim_world *w = sim_world_new(seed);
    struct story s = { .w = w,
        .head = w->party[SIM_HEAD],
        .a = w->party[SIM_A],
        .b = w->party[SIM_B],
        .anna = sim_world_party(w, ANNA),
        .ben = sim_world_party(w, BEN),
        .carl = sim_world_party(w, CARL),
        .mia = sim_world_party(w, MIA),
        .dora = sim_world_party(w, DORA) };

    for (uint32_t i = 1; i < w->count; i++) {
        story_sync(w->party[i]);
    }
    return s;
}

void story_end(struct story *s)
{
    sim_oracle_check_all(s->w);
    sim_oracle_settle(s->w);
    sim_world_free(s->w);
}
