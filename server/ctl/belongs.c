#include "ctl/belongs.h"

#include <stdio.h>

#include "ctl/import.h"
#include "ops/say.h"
#include "sp/pack.h"

bool sv_belongs_here(const struct sv_columns *plan,
    const struct sv_identity *who, const struct sp_draft *d,
    struct sv_csv_problem *problem)
{
    const struct sp_entity *e = plan->entity[0];
    const struct sp_draft_write *territory =
        sv_import_written(&d->change[0], e->territory);
    problem->code = "place";
    if (d->change[0].create && e->territory != 0 && territory == NULL &&
        sv_import_written(&d->change[0], e->owner) == NULL) {
        snprintf(problem->text, sizeof problem->text,
            sv_say(
                "no territory and no owner: nobody would see this record; fill "
                "in one of them"));
        return false;
    }
    if (territory == NULL || who->tier == SP_TIER_HEAD_OFFICE) {
        return true;
    }
    struct sp_rd r;
    sp_rd_init(&r, territory->value);
    struct sp_slice code = sp_rd_str(&r, SP_ROSTER_CODE_MAX);
    const struct sp_roster *unit =
        sp_rulebook_find_unit_serving(plan->book, code);
    if (unit != NULL && sp_slice_equal(unit->unit, sp_slice_text(who->unit))) {
        return true;
    }
    snprintf(problem->text, sizeof problem->text,
        sv_say("territory %.*s is served elsewhere; import this row there or "
               "at head "
               "office"),
        (int)code.size, (const char *)code.data);
    return false;
}
