/*
 * seen.h - records as one person may see them, for the console: the grants of
 * all scopes that the record is in, nothing beyond. Each look is logged with
 * the person's name.
 */
#ifndef SV_SEEN_H
#define SV_SEEN_H

#include "ctl/call.h"

struct sv_seen {
    const struct sp_rules *rules;
    const struct sp_rulebook *book;
    const struct sp_person *person;
    uint64_t now_ms;         /* of the look */
    struct sp_scopes scopes; /* of the record at hand */
    uint16_t grant[SP_RECORD_SCOPES_MAX];
};

/* Finds the person of --as (or another option) and logs the look.
 * SP_E_NOT_FOUND (said so in the call). */
SP_MUST_USE sp_err sv_seen_begin(struct sv_call *call, struct sp_tx *tx,
    const char *option, struct sv_seen *out);
/* Looks up the scopes of a record and what the person has there. */
SP_MUST_USE sp_err sv_seen_record(
    struct sv_seen *s, struct sp_tx *tx, const struct sp_ref *ref);
bool sv_seen_field(const struct sv_seen *s, uint16_t type, uint16_t field);
/* Whether anything of it is seen at all. */
bool sv_seen_any(const struct sv_seen *s, const struct sp_record *r);

/* Whose labels values have: those of the thread's language where a person
 * reads, else the English ones, the same to every program. */
enum sp_text_form sv_seen_text(bool screen);

/* The shown value of a field as text (labels in that language), "" when it is
 * not seen or not there; sets are joined by commas. Appended to out. */
void sv_seen_value(const struct sv_seen *s, const struct sp_record *r,
    const struct sp_entity *e, uint16_t field, struct sp_buf *out);
json_t *sv_seen_json(const struct sv_seen *s, const struct sp_record *r,
    const struct sp_entity *e, const char *field);

/* A record by its id, whatever its type, or a customer by number or whole
 * name. SP_E_NOT_FOUND, SP_E_AMBIGUOUS, both said in the call. */
SP_MUST_USE sp_err sv_seen_find(struct sv_call *call, struct sp_tx *tx,
    const char *text, struct sp_record *out);
/* The record that the call names (`account`), as the person of --as may see it;
 * the log says who looked at which. Those errors, and SP_E_SCOPE, all said. */
SP_MUST_USE sp_err sv_seen_named(struct sv_call *call, struct sp_tx *tx,
    struct sv_seen *seen, struct sp_record *out);

#endif
