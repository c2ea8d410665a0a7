/*
 * org.h - what the commands about units, people and devices share.
 */
#ifndef SV_ORG_H
#define SV_ORG_H

#include "ctl/call.h"
#include "policy/issue.h"
#include "sp/pack.h"

/* SP_OK at head office; else says where to go. */
SP_MUST_USE sp_err sv_org_head_office_only(
    struct sv_call *call, const char *what);
/* Codes of units and territories, logins. */
bool sv_org_is_code(const char *code);
/* Lets a unit serve a territory: a new one, or one of another unit (name and
 * region of t hold when they are not empty). SP_E_NOT_FOUND: no such unit. */
SP_MUST_USE sp_err sv_org_give_territory(struct sv_issue_edit *edit,
    const struct sp_territory *t, struct sp_slice unit);
/* Makes a code for --endpoint and --minutes and puts it into the result. */
SP_MUST_USE sp_err sv_org_make_code(
    struct sv_call *call, const struct sv_enrol_grant *grant);
json_t *sv_org_unit_name(struct sp_slice unit);

/* The person of a login, also given as a number; NULL after saying so. */
const struct sp_person *sv_org_person(
    struct sv_call *call, const struct sp_rulebook *b, const char *login);

bool sv_org_has_code(
    const struct sp_slice *list, uint32_t count, struct sp_slice code);
/* A person of a draft gets these territories, these roles, instead of his own,
 * which are remembered under the newest serial of any roster: all share one
 * counter, and commits name the highest (SYNC J4).
 *   code, role   sorted, each once; must live until the edit ends */
SP_MUST_USE sp_err sv_org_set_territories(struct sp_tx *tx, struct sp_person *p,
    const struct sp_slice *code, uint32_t count);
SP_MUST_USE sp_err sv_org_set_roles(struct sp_tx *tx, struct sp_person *p,
    const uint16_t *role, uint32_t count);
/* He has left: from now on he has no role, though the entry still shows which
 * he had. Harmless when he has. */
SP_MUST_USE sp_err sv_org_leave(struct sp_tx *tx, struct sp_person *p);
/* Whoever of this person is connected is hung up. */
SP_MUST_USE sp_err sv_org_end_sessions(struct sv_call *call, const char *login);

#endif
