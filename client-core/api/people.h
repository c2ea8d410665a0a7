/*
 * people.h - who belongs to an account, and what follows when somebody leaves.
 * Inside a call.
 */
#ifndef CC_API_PEOPLE_H
#define CC_API_PEOPLE_H

#include "api/call.h"

/*
 * Called behind every change of a record that somebody typed. When it ended a
 * relation with a decision maker of a key account, whoever owns that account
 * gets a task, one for each relation: its id is made of the relation.
 *   ended    whether the change wrote an end
 *   errors   those of making a record
 */
SP_MUST_USE sp_err cc_people_left(struct cc_call *c,
    const struct sp_entity *entity, const struct sp_ref *ref, bool ended);

#endif
