/*
 * error.h - tells a person, or a program, what went wrong. One thread.
 *
 * What happened, to which thing, and what to do about it.
 */
#ifndef CC_CLI_ERROR_H
#define CC_CLI_ERROR_H

#include "cli/cli.h"

/* Fills e with the library's words for a code that arose here. */
void cc_error_set(struct satchel_error *e, int code);

/* cli->error, as text on standard error or as the document of --json. */
void cc_error_print(struct cc_cli *cli);

/* cli->error as a part of a document that says more; it is told then. */
void cc_error_json(struct cc_cli *cli, struct cc_json *j);

/* Turns what the parser found into cli->error. */
void cc_error_usage(struct cc_cli *cli, const struct cc_wrong *wrong);

#endif
