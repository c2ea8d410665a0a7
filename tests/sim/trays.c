/* What was refused is in its author's tray, as typed (SYNC F6). */
#include "oracle_inside.h"

#include "sp/tray.h"

static bool has_field(const struct sp_record *r, uint16_t field)
{
    const struct sp_register *g =
        sp_record_find(r, field, (struct sp_slice){ NULL, 0 });

    return g != NULL && g->count > 0;
}

/* One commit at one device of its author. */
static void check_tray(
    struct sim_party *p, struct sp_tx *tx, const struct sim_made *m)
{
    struct sim_world *w = p->world;
    struct sp_ref ref = { .type = PLAIN_REJECTED, .id = m->commit.content };
    struct sp_record r = { .ref = ref };
    struct sp_slice typed;

    sp_arena_reset(&tx->arena);
    sp_err err = sp_state_get(tx, &ref, &tx->arena, &r);
    if (m->at[SIM_HEAD] == SP_ACCEPTED) {
        SIM_CHECK(w, err == SP_E_NOT_FOUND || has_field(&r, SP_TRAY_WITHDRAWN),
            "%s is accepted and lies in the tray of %u", sim_oracle_name(m),
            p->identity.device);
        return;
    }
    if (m->at[SIM_HEAD] != SP_REFUSED) {
        return;
    }
    SIM_CHECK(w, err == SP_OK, "%s is refused and not in the tray of %u",
        sim_oracle_name(m), p->identity.device);
    SIM_CHECK(w, !has_field(&r, SP_TRAY_WITHDRAWN),
        "%s is refused and withdrawn from the tray of %u", sim_oracle_name(m),
        p->identity.device);
    SIM_CHECK(w, sp_tray_typed(&r, &tx->arena, &typed) == SP_OK,
        "what was typed in %s is not in the tray of %u", sim_oracle_name(m),
        p->identity.device);
}

void sim_oracle_trays(struct sim_world *w)
{
    struct plain_edition e = sim_oracle_edition(w->party[SIM_HEAD]);

    for (uint32_t i = SIM_SERVERS; i < w->count; i++) {
        struct sim_party *p = w->party[i];
        struct sp_tx tx;
        if (sim_oracle_gone(p) ||
            !plain_may_read(w->oracle->policy, &e, p->identity.user,
                PLAIN_REJECTED, PLAIN_REJECTED_AUTHOR)) {
            continue;
        }
        sim_begin(p, &tx, false);
        for (size_t k = 0; k < w->oracle->count; k++) {
            if (w->oracle->made[k].commit.user == p->identity.user) {
                check_tray(p, &tx, &w->oracle->made[k]);
            }
        }
        sp_tx_abort(&tx);
    }
}
