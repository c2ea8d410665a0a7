/*
 * tray.h - My rejected changes as ordinary records (SYNC F6).
 *
 * A refusal becomes a record of the entity that the dictionary marks
 * tray = "rejected". Its id is the refused commit's content id: whoever makes
 * it, and however often, makes the same record. It is in its author's person
 * scope and nowhere else, so every device of his has it, also one that he gets
 * next year. What he shows to a manager is a record of the entity marked
 * tray = "asked", under the same id, which he makes himself: of a refusal that
 * was not shown no manager's device has anything.
 *
 * Both entities have these fields, by number; the dictionary is refused
 * otherwise. Values are those of dictionary.h.
 */
#ifndef SP_TRAY_H
#define SP_TRAY_H

#include "sp/commit.h"
#include "sp/dictionary.h"

enum sp_tray_field {
    /* both */
    SP_TRAY_AUTHOR = 1,  /* user */
    SP_TRAY_CREATED = 2, /* bytes, 8: bit i (from the lowest): change i of the
                            commit made its record */
    SP_TRAY_MADE = 3,    /* ts: when it was typed */
    SP_TRAY_JUDGED = 4,  /* ts */
    SP_TRAY_CODE = 5,    /* uint: enum sp_err */
    SP_TRAY_RULE = 6,    /* uint, 0 none */
    SP_TRAY_ENTITY = 7,  /* uint: of the offending write, 0 the whole */
    SP_TRAY_FIELD = 8,   /* uint */
    SP_TRAY_TYPED = 9,   /* bytes: the commit's content, cut into up to
                            SP_TRAY_PARTS fields, from 9 on */
    /* rejected */
    SP_TRAY_JUDGE = 13,    /* uint: device number */
    SP_TRAY_REPLICA = 14,  /* uint: replica and number of the commit */
    SP_TRAY_NUMBER = 15,   /* uint */
    SP_TRAY_DISPOSED = 16, /* group [ts, enum sp_tray_disposed], the author's */
    SP_TRAY_WITHDRAWN = 17, /* ts: accepted after all (SYNC J5), a server's */
    /* asked */
    SP_TRAY_ASKED_AT = 20, /* ts: of the last time */
    SP_TRAY_NOTE = 21,     /* str */
    SP_TRAY_ANSWERED = 22  /* group [ts of the asking that it answers,
                              enum sp_tray_answer, ts, str], the manager's */
};

#define SP_TRAY_PARTS 4u /* of SP_DICTIONARY_BYTES_MAX: the largest commit */

enum sp_tray_disposed { SP_TRAY_DISCARDED = 1, SP_TRAY_RESENT = 2 };
enum sp_tray_answer { SP_TRAY_ENTERED = 1, SP_TRAY_DECLINED = 2 };

/* Whether an entity has the fields of its part of the tray; true for those
 * that have none. */
bool sp_tray_sound(const struct sp_entity *e);

/*
 * What was typed, put together from a record of either entity.
 *   out      arena memory: content of a commit (sp_commit_decode_content)
 *   errors   SP_E_NOT_FOUND when parts have not come yet, or do not make the
 *            content that the record's id names; SP_E_NOMEM
 */
SP_MUST_USE sp_err sp_tray_typed(
    const struct sp_record *r, struct sp_arena *arena, struct sp_slice *out);

#endif
