/*
 * rulebook_rights.h - what the author of a change may do where its record is;
 * only for the judge.
 */
#ifndef SP_RULES_RULEBOOK_RIGHTS_H
#define SP_RULES_RULEBOOK_RIGHTS_H

#include "rulebook.h"

/* Rights for one entity over all scopes of a record, each set once. */
struct sp_rulebook_rights {
    uint32_t count;
    uint32_t own;   /* the first of them: those of the own scope */
    bool collected; /* once: what comes after is not of the record as it is */
    const struct sp_rights *set[3u * SP_RECORD_SCOPES_MAX];
};

/* What a change is judged with; lives for one question. */
struct sp_rulebook_trial {
    const struct sp_rulebook *b;
    const struct sp_question *q;
    const struct sp_entity *entity;
    const struct sp_rulebook_person *person;
    bool create;
    bool author;     /* the record is the commit's user's own */
    uint64_t now_ms; /* for shares: evidence counts when it was made */
    struct sp_rulebook_rights before; /* of a create: those after */
    struct sp_rulebook_rights after;
    uint32_t rule;           /* the first that says anything here */
    struct sp_serials under; /* the commit counts as made under these */
    /* Evidence, once more under policy and roles of its day; else NULL. */
    const struct sp_policy *past;
    uint32_t role_count;
    uint16_t role[2u * SP_ROSTER_ROLES_MAX];
    struct sp_rights_room *room; /* two: before, after */
};

/* Adds what the author may do in those scopes of a record, the own one first.
 * A role reaches further than its holder by that one only. The first call is
 * about the record as it is; later ones about where it was. */
void sp_rulebook_rights_collect(struct sp_rulebook_trial *t,
    const struct sp_scopes *scopes, struct sp_rulebook_rights *out);

/* Whether he may make the record (after the change), write, delete it. */
bool sp_rulebook_rights_create(const struct sp_rulebook_trial *t);
bool sp_rulebook_rights_write(const struct sp_rulebook_trial *t,
    const struct sp_rulebook_rights *r, const struct sp_write *w);
bool sp_rulebook_rights_remove(
    const struct sp_rulebook_trial *t, const struct sp_rulebook_rights *r);

/* Whether any grant of his speaks of the entity, wherever it is. */
bool sp_rulebook_rights_somewhere(const struct sp_rulebook_trial *t);

/* Whether a write says what stands there already, and nothing else does. Two
 * devices that saw the same event make one and the same record: the second one
 * makes nothing new, and is no reason to trouble its author. */
bool sp_rulebook_rights_again(
    const struct sp_rulebook_trial *t, const struct sp_write *w);

#endif
