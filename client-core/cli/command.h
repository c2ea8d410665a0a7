/*
 * command.h - every command with its options and its help, in one table: it
 * yields the parser and --help. Any thread.
 */
#ifndef CC_CLI_COMMAND_H
#define CC_CLI_COMMAND_H

#include "cli/args.h"

extern const struct cc_commands cc_command_table;

#endif
