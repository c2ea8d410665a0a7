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
 * Rosters under change: each unit's is loaded once, changed in memory as often
 * as needed, and all are signed at the end, in one transaction. What is not
 * changed is shared with the rules and lives as long as they.
 */
#define SV_ISSUE_UNITS_MAX 64u
struct sv_issue_draft {
    struct sp_roster roster;
    struct sp_territory *territory; /* roster.territory; room for the maximum */
    struct sp_person *person;       /* roster.person; likewise */
};
struct sv_issue_edit {
    struct sp_tx *tx;
    unsigned count;
    struct sv_issue_draft draft[SV_ISSUE_UNITS_MAX];
};
void sv_issue_edit_begin(struct sv_issue_edit *e, struct sp_tx *tx);
/* The draft of a unit; valid until the edit ends.
 * SP_E_NOT_FOUND (no such unit), SP_E_TOO_LARGE, SP_E_NOMEM */
SP_MUST_USE sp_err sv_issue_edit_unit(
    struct sv_issue_edit *e, struct sp_slice unit, struct sv_issue_draft **out);
/* The draft of a new branch without server, territories and people.
 * SP_E_EXISTS. code and name must live until the end. */
SP_MUST_USE sp_err sv_issue_edit_branch(struct sv_issue_edit *e,
    struct sp_slice code, struct sp_slice name, struct sv_issue_draft **out);
/* SP_E_TOO_LARGE when the roster is full. */
SP_MUST_USE sp_err sv_issue_add_territory(
    struct sv_issue_draft *d, const struct sp_territory *t);
SP_MUST_USE sp_err sv_issue_add_person(
    struct sv_issue_draft *d, const struct sp_person *p);
void sv_issue_remove_territory(struct sv_issue_draft *d, struct sp_slice code);
void sv_issue_remove_person(struct sv_issue_draft *d, uint32_t user);
/* NULL when he is not there. */
struct sp_person *sv_issue_person(struct sv_issue_draft *d, uint32_t user);
/* Signs all drafts and stores them. */
SP_MUST_USE sp_err sv_issue_edit_sign(struct sv_issue_edit *e);

#endif
