/*
 * care_text.h - a text with care rules, templates, send windows and the like,
 * as records of the catalogue.
 *
 *   care_rule = ( { name = "gold"; kind = "cycle"; tier = "gold"; ... }, ... );
 *   message_template = ( { name = "thanks"; ... } );
 *
 * A list is named as its entity, a setting as its field, and its text is read
 * as any typed value; so the dictionary alone says what there is. A reference
 * names another item of the text, or a record that is there, by its name.
 *
 * A record's id is made of entity and name: who applies a text again changes
 * what stands, and two servers would make the same.
 */
#ifndef SV_CTL_CARE_TEXT_H
#define SV_CTL_CARE_TEXT_H

#include "policy/conf.h"
#include "sp/dictionary.h"
#include "sp/node.h"

#define SV_CARE_RECORDS_MAX 400u
#define SV_CARE_WRITES_MAX  300u /* of one record */

struct sv_care_record {
    const struct sp_entity *entity;
    struct sp_ref ref;
    const char *name;
    unsigned line;
    uint32_t count;
    struct sp_draft_write *write;
    struct sp_record record; /* the same as a record, to be read */
};

struct sv_care_text {
    uint32_t count;
    struct sv_care_record *record;
};

/*
 * Reads a text; whatever is wrong is named with its line.
 *   arena   holds the result; the text is not needed afterwards
 *   errors  SP_E_CONFIG (error says what), SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_care_text_read(const char *name, struct sp_slice text,
    const struct sp_dictionary *dictionary, struct sp_arena *arena,
    struct sv_care_text *out, struct sv_conf_error *error);

/* Whether a field is no text's to say: what a campaign's start wrote. */
bool sv_care_text_kept(
    const struct sp_entity *entity, const struct sp_field *field);

/* The id of the record of an entity that has this name. */
struct sp_id sv_care_text_id(struct sp_slice entity, struct sp_slice name);

/*
 * Whether it can be put in force, on top of the rules that stand.
 *   standing  records of care_rule in the store; those that the text replaces
 *             are left out
 *   errors    SP_E_CONFIG: a rule that does nothing or sets itself off again,
 *             a template without signature or with a word that its class
 *             forbids, a window that never opens
 */
SP_MUST_USE sp_err sv_care_text_check(const struct sv_care_text *t,
    const struct sp_record *standing, uint32_t count, struct sp_arena *arena,
    const char *name, struct sv_conf_error *error);

#endif
