/* do_freshness.c - head office's morning: which branches have come in. */
#include "ctl/do.h"
#include "ctl/fresh.h"
#include "ctl/org.h"
#include "ops/say.h"

static sp_err list(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    struct sv_fresh f;
    sp_err err = sv_fresh_load(tx, true, &f);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(call, "branch,last_sync,state,commits,missing,waiting,"
                          "devices,devices_24h");
    for (uint32_t i = 0; i < f.count; i++) {
        const struct sv_fresh_branch *b = &f.branch[i];
        sv_call_row(
            call, json_pack("[o,o,s,I,I,I,I,I]",
                      sv_org_unit_name(b->unit->unit), sv_call_time(b->last_ms),
                      b->in             ? SV_SAY("in")
                      : b->last_ms == 0 ? SV_SAY("never")
                                        : SV_SAY("late"),
                      (json_int_t)b->commits, (json_int_t)b->missing,
                      (json_int_t)b->waiting, (json_int_t)b->devices,
                      (json_int_t)b->devices_seen));
    }
    return SP_OK;
}

sp_err sv_do_freshness(struct sv_call *call)
{
    sp_err err = sv_org_head_office_only(call, "the freshness of branches");
    return err == SP_OK ? sv_call_read(call, list, call) : err;
}
