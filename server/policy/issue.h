/*
 * issue.h - signed documents that this server issues (SYNC T4): rosters and
 * branches' certificates at head office, devices' certificates anywhere.
 *
 * Each is signed with the server's own key, checked against the rules like
 * one that came from outside, and stored in the tx; the writer builds new
 * rules after the commit. Inside the tx the old rules still hold.
 */
#ifndef SV_ISSUE_H
#define SV_ISSUE_H

#include "sp/node.h"
#include "sp/rules.h"

/* A device's or server's certificate, the next serial of its number.
 *   signed_bytes  may be NULL; the document, in the tx's arena
 *   errors  SP_E_DOCUMENT when this server may not sign it; the store's */
SP_MUST_USE sp_err sv_issue_device(
    struct sp_tx *tx, const struct sp_device *d, struct sp_slice *signed_bytes);
/* A unit's roster, with the next serial of head office's counter. */
SP_MUST_USE sp_err sv_issue_roster(struct sp_tx *tx, const struct sp_roster *r);
/* A dictionary or policy from its body; serial one above the one in force. */
SP_MUST_USE sp_err sv_issue_body(
    struct sp_tx *tx, enum sp_document_kind kind, struct sp_slice body);

/*
 * A copy of a unit's roster to change, in the tx's arena: arrays have room
 * for one more territory and one more person; everything else is shared with
 * the rules and lives as long as they.
 *   errors  SP_E_NOT_FOUND (no such unit), SP_E_NOMEM
 */
struct sv_issue_draft {
    struct sp_roster roster;
    struct sp_territory *territory; /* = roster.territory */
    struct sp_person *person;       /* = roster.person */
};
SP_MUST_USE sp_err sv_issue_draft(
    struct sp_tx *tx, struct sp_slice unit, struct sv_issue_draft *out);

#endif
