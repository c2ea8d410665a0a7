/*
 * carry.h - the open files that go along with a command to the server: it
 * reads and writes what the caller may, and a file of any size.
 *
 * What is to be written is made aside and gets its name when the command has
 * done its work (client-core/store/out.h).
 */
#ifndef SV_CARRY_H
#define SV_CARRY_H

#include <jansson.h>

#include "ctl/message.h"
#include "ctl/table.h"
#include "store/out.h"

struct sv_carry {
    json_t *names; /* of the arguments, in the order of file */
    unsigned count;
    int file[SV_MESSAGE_FILES_MAX];
    unsigned outs; /* the last ones of file */
    bool lists;    /* what is wrong with the input: kept in any case */
    struct cc_out out[SV_MESSAGE_FILES_MAX];
};

/*
 * Opens what the command's arguments name; none for most commands. Paths of
 * lists that nobody named are made up and put into args.
 *   error   what is wrong and what to do, SV_TABLE_ERROR_BYTES
 *   errors  SP_E_NOT_FOUND, SP_E_EXISTS, SP_E_IO, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_carry_open(struct sv_carry *c,
    const struct sv_table_command *command, json_t *args, char *error);
/* Whether this command's file goes along open. */
bool sv_carry_takes(const struct sv_table_command *command);
/*
 * Gives what was written its name, when good, and says so in the result; files
 * in which nothing was written leave no trace. Frees.
 */
SP_MUST_USE sp_err sv_carry_close(struct sv_carry *c, bool good,
    const json_t *args, json_t *result, char *error);

/* When there was no answer: nothing is kept. Frees. */
void sv_carry_drop(struct sv_carry *c);

#endif
