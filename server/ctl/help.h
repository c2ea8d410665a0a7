/*
 * help.h - help texts of satchelctl, made from its table, in the language of
 * the thread (ops/say.h).
 */
#ifndef SV_HELP_H
#define SV_HELP_H

#include <jansson.h>
#include <stdio.h>

#include "ctl/table.h"

void sv_help_all(FILE *out);
void sv_help_one(FILE *out, const struct sv_table_command *c);

/* The same as data, in the shape of `satchel --help --json`: of all commands,
 * or of one. A new reference; NULL without memory. */
json_t *sv_help_json(const struct sv_table_command *only);

#endif
