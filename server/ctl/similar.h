/*
 * similar.h - rows of a file that may be customers or contacts who are here
 * already, or who stand further up in the file. Customers: the same name, one
 * that can sound the same, the same telephone (theirs or a contact's), a place
 * within about a hundred metres (book/duplicate.h). Contacts: the same
 * telephone, or the same name at the same customer. They come in: each is a
 * reason to look, none is proof.
 *
 * By keys, not by comparing each with each: 32 bytes a key, up to SV_KEYS_MAX;
 * what a file has beyond that is not looked at any more, and full says so. Of
 * characters with several readings the first counts, and places are laid on a
 * grid of CC_DUPLICATE_METRES.
 *
 *   threads  one at a time
 */
#ifndef SV_SIMILAR_H
#define SV_SIMILAR_H

#include "ctl/call.h"
#include "ctl/csv.h"
#include "sp/node.h"

struct sv_similar;

/* Reads what is here beside a file of this entity. out: NULL where it is
 * neither account nor contact. Errors of the store, SP_E_NOMEM. */
SP_MUST_USE sp_err sv_similar_open(struct sv_call *call,
    const struct sp_dictionary *dictionary, const struct sp_entity *e,
    struct sv_similar **out);
void sv_similar_free(struct sv_similar *s);

/* What a row is like, where somebody is to decide whether the two are one
 * customer: who only has a place nearby is not asked about, in a street of
 * shops that is everybody. Of contacts nobody is asked: they are not merged. */
struct sv_likeness {
    struct sp_id older;
    const char *field; /* NULL: nothing of the kind */
};

/*
 * Looks for what the new record of a row is like, and keeps it for the next.
 *   p        code "similar", and like what: filled in when found
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_similar_look(struct sv_similar *s,
    const struct sp_dictionary *dictionary, const struct sp_draft *draft,
    struct sv_csv_problem *p, bool *found, struct sv_likeness *like);
bool sv_similar_full(const struct sv_similar *s);

#endif
