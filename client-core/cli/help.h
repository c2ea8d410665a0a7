/*
 * help.h - help texts, made from the table of commands. One thread.
 */
#ifndef CC_CLI_HELP_H
#define CC_CLI_HELP_H

#include "cli/cli.h"

/* Of the command that was named, of a group's commands, or of everything.
 * With --json the same as data. */
void cc_help_print(struct cc_cli *cli);

/* "satchel account show ACCOUNT [OPTION]...": how a command is typed. */
void cc_help_usage(const struct cc_cli *cli, const struct cc_command *c,
    char *out, size_t bytes);

/* The second words of a group, "add, edit, list, show", each line of them
 * begun anew. */
void cc_help_names(
    const struct cc_cli *cli, const char *group, char *out, size_t bytes);

#endif
