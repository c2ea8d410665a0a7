/*
 * table.h - every command of satchelctl, in one table.
 *
 * The table yields the parser, `--help`, man pages and completion (ctl/help.h),
 * and what is asked of the server: a
 * command that is not local goes there with its arguments as they are. Words
 * of the server's answer are its own business.
 */
#ifndef SV_TABLE_COMMANDS_H
#define SV_TABLE_COMMANDS_H

#include <jansson.h>

#include "sp/bytes.h"

#define SV_TABLE_ERROR_BYTES 512u

struct sv_table_option {
    const char *name;  /* without dashes; "" ends the list */
    const char *value; /* word for its value; NULL: a switch. One that ends in
                          " ..." may be given several times: lines */
    const char *help;
    bool required;
};

struct sv_table_command {
    const char *name; /* "user add" */
    const char
        *arguments; /* "LOGIN [NAME]", "" none; the last may end in ... */
    const char *help;
    const struct sv_table_option *options;
    bool local; /* needs no running server */
};

/* The i-th, NULL past the end. Static. */
const struct sv_table_command *sv_table_at(size_t i);
const struct sv_table_command *sv_table_find(const char *name);

/*
 * Reads a command line behind the program's own options: command words,
 * arguments, --option value or --option=value, in any order.
 *   args    object: argument names in lower case and option names to text
 *           (true for switches); a new reference
 *   error   one line that names what is wrong and the way out
 *   errors  SP_E_ARGUMENT, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_table_parse(int count, char *const *words,
    const struct sv_table_command **out, json_t **args,
    char error[SV_TABLE_ERROR_BYTES]);

/* Options of the program itself, which stand anywhere. */
extern const struct sv_table_option sv_table_everywhere[];

#endif
