/*
 * help.h - help texts, made from the table of commands. One thread.
 */
#ifndef CC_CLI_HELP_H
#define CC_CLI_HELP_H

#include "cli/cli.h"

/* Of the command that was named, of a group's commands, or of everything.
 * With --json the same as data. */
void cc_help_print(struct cc_cli *cli);

#endif
