/*
 * cli.h - one run of the command: what was asked, where, and how to answer.
 *
 * Standard output carries the answer (with --json exactly one document, errors
 * included), standard error what a person should know beside it.
 *
 * threads  one
 */
#ifndef CC_CLI_CLI_H
#define CC_CLI_CLI_H

#include "satchel.h"

#include "cli/args.h"
#include "cli/exit.h"
#include "cli/json.h"

#include <stdio.h>

#define CC_CLI_PATH_BYTES 4096u

/* Words in both languages, for cc_cli_word. */
#define CC_W(en, zh) ((struct cc_words){ en, zh })

struct cc_cli {
    struct cc_args args;
    enum cc_lang lang;
    bool json;
    bool interrupted;   /* Ctrl-C, and stopped cleanly */
    bool answered;      /* the document of --json is written */
    bool told;          /* ... and has the error in it */
    size_t columns;     /* of the terminal on stdout; 0: no terminal */
    size_t err_columns; /* ... on stderr */
    const char *home;   /* country of the reader of tables; NULL with --json */
    char dir[CC_CLI_PATH_BYTES];
    FILE *out; /* on a terminal a screen, which breaks lines (say/screen.h) */
    FILE *err;
    struct satchel_error error;
};

/*
 * Finds language, form and directory; parses; runs; answers.
 *   argv  values of FIELD=VALUE are split in place
 */
enum cc_exit cc_cli_main(int argc, char **argv, FILE *out, FILE *err);

const char *cc_cli_word(const struct cc_cli *cli, struct cc_words words);

/* A line for the person, on standard error; not with --json. Both formats take
 * the same arguments. */
void cc_cli_say(const struct cc_cli *cli, const char *en, const char *zh, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* Leaves an error with a detail in cli->error and returns its code. For
 * mistakes on the command line: SATCHEL_E_ARGUMENT. */
int cc_cli_fail(struct cc_cli *cli, int code, const char *en, const char *zh,
    ...) __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* What the system says of an errno. Static, or strerror's. */
const char *cc_cli_errno(const struct cc_cli *cli, int number);

/* Opens the store: with the agent's key, or with the passphrase when that was
 * given in a file or the environment. 0 or cli->error. */
int cc_cli_open(struct cc_cli *cli, struct satchel **out);
/* What a call on the directory returned: words SATCHEL_E_NOT_FOUND as a store
 * that is not there. Returns code. */
int cc_cli_no_store(struct cc_cli *cli, int code);

/* Starts the document of an answer: an object, and j on it. */
void cc_cli_json(struct cc_cli *cli, struct cc_json *j);

/* With --json, the whole answer: one member, or where an edit went, its id
 * under that name. Nothing without. */
void cc_cli_done(struct cc_cli *cli, const char *key, bool value);
void cc_cli_saved(
    struct cc_cli *cli, const char *key, const struct satchel_saved *saved);

/* Foreign text on one line, cleaned. */
void cc_cli_put(const struct cc_cli *cli, const char *text);
/* ... of several lines, each behind a prefix. */
void cc_cli_put_lines(
    const struct cc_cli *cli, const char *prefix, const char *text);

#define CC_CLI_PHONE_BYTES 40u
/* A telephone as the reader's country writes it; else as it is stored. */
const char *cc_cli_phone(const struct cc_cli *cli, const char *stored,
    char room[CC_CLI_PHONE_BYTES]);

#define CC_CLI_TIME_BYTES 20u
/* "2025-03-01 14:05", local; "-" for 0. */
const char *cc_cli_time(uint64_t time_ms, char out[CC_CLI_TIME_BYTES]);

#endif
