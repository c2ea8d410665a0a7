/*
 * cover.h - of which part of the organisation a store has everything, so that
 * a figure can say whether it is the whole or what happens to be here.
 *
 * Asked of the rosters and the policy, field by field: who may not read a field
 * in all territories of a branch has only a part of what it counts for.
 *
 *   threads  any
 */
#ifndef CC_BOOK_COVER_H
#define CC_BOOK_COVER_H

#include "sp/rules.h"

/* Whose store it is. */
struct cc_cover {
    const struct sp_rulebook *book;
    uint32_t user;        /* a device's; 0: a server */
    struct sp_slice unit; /* that it exchanges with, or whose server it is */
    bool upper;           /* head office's own, or it exchanges with that */
};

/* What is asked for. */
struct cc_cover_field {
    uint16_t type, field; /* field 0: anything of the entity */
};

/* All that lies in the territories of a unit; where it has none, with its
 * people. Nothing of NULL. */
bool cc_cover_unit(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f);
/* All that lies with each of the unit's people who work here: their goals. */
bool cc_cover_people(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f);
/* All that one person has done or has. */
bool cc_cover_person(const struct cc_cover *c, const struct sp_person *person,
    struct cc_cover_field f);
/* All in the catalogue of a unit: what is of the branch as such. */
bool cc_cover_catalogue(const struct cc_cover *c, const struct sp_roster *unit,
    struct cc_cover_field f);

/* Any of it at all: in his own scope, or in some territory. Where it is no
 * scope that shows it, figures that are made of it would be wrong. */
bool cc_cover_somewhere(const struct cc_cover *c, struct cc_cover_field f);

/* Who has customers of his own, or may have: one of his roles reaches them
 * and no further. Such people are in contests and in the tree of goals with
 * nothing done yet, too. */
bool cc_cover_in_field(
    const struct sp_rulebook *book, const struct sp_person *person);

#endif
