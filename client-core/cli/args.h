/*
 * args.h - what was typed, held against the table of commands.
 *
 * satchel [GLOBAL OPTION]... GROUP [COMMAND] [OPTION | OPERAND]...
 *
 * Options are --name VALUE, --name=VALUE or --flag, anywhere behind their
 * command; "--" ends them. Of an option given twice the last counts. Global
 * options may stand anywhere. A second word that is no command and is near none
 * is the first operand of the command that the group means by itself.
 *
 * threads  any
 */
#ifndef CC_CLI_ARGS_H
#define CC_CLI_ARGS_H

#include "book/words.h"

#include <stddef.h>
#include <stdint.h>

#define CC_ARGS_OPTIONS_MAX  16u
#define CC_ARGS_OPERANDS_MAX 128u

struct cc_cli;

enum cc_option_kind {
    CC_OPTION_FLAG = 0,
    CC_OPTION_TEXT = 1,
    CC_OPTION_COUNT = 2 /* 0 to 999,999,999 */
};
struct cc_option {
    const char *name; /* without dashes; NULL ends a list */
    char letter;      /* -h, or 0 */
    enum cc_option_kind kind;
    const char *value; /* what help calls it, "FILE"; NULL for flags */
    struct cc_words help;
};

struct cc_operand {
    const char *name; /* what help calls it, "ACCOUNT"; NULL ends a list */
    bool optional; /* left out when there are just enough words for the others
                    */
    bool many;     /* as often as one likes; the last of a list only */
    struct cc_words help;
};

struct cc_command {
    const char *group; /* first word; NULL ends the table */
    const char *name;  /* second word; NULL when there is only one */
    bool alone;        /* the group without this second word means this one */
    const char *entity;
    struct cc_words summary;
    const struct cc_operand *operand;
    const struct cc_option *option;
    /* 0 or the code that it left in cli->error */
    int (*run)(struct cc_cli *cli);
    const char *example; /* lines; NULL when there is none */
};

/* At all times: each part ends with a row without a group, and NULL ends the
 * parts. */
struct cc_commands {
    const struct cc_command *const *part;
    const struct cc_option *global;
};

/* All commands, one after the other; NULL behind the last. */
struct cc_commands_walk {
    const struct cc_command *const *part;
    const struct cc_command *row;
};
const struct cc_command *cc_args_first(
    const struct cc_commands *table, struct cc_commands_walk *walk);
const struct cc_command *cc_args_next(struct cc_commands_walk *walk);

struct cc_args {
    const struct cc_commands *table;
    const struct cc_command *command; /* NULL: no or half a command */
    const char *group;                /* NULL: none given */
    const char *guessed; /* the word that was no command of the group's, and
                            so was taken for the first operand; else NULL */
    const char *global[CC_ARGS_OPTIONS_MAX]; /* values; "" of a flag that is
                                                set; NULL: not given */
    const char *option[CC_ARGS_OPTIONS_MAX];
    char *operand[CC_ARGS_OPERANDS_MAX];
    size_t operand_count;
};

enum cc_wrong_kind {
    CC_WRONG_NOTHING = 0,
    CC_WRONG_COMMAND,    /* no such command (or none in that group) */
    CC_WRONG_OPTION,     /* no such option here */
    CC_WRONG_NO_VALUE,   /* the option needs one */
    CC_WRONG_VALUE,      /* the flag takes none */
    CC_WRONG_NUMBER,     /* the value is no number */
    CC_WRONG_MISSING,    /* operand */
    CC_WRONG_TOO_MANY,   /* operands */
    CC_WRONG_EARLY,      /* option of a command before the command */
    CC_WRONG_UNFINISHED, /* a group without its command */
};
struct cc_wrong {
    enum cc_wrong_kind kind;
    const char *what;     /* as typed, or the name of what is missing */
    const char *nearest;  /* what may be meant; NULL: nothing is near */
    char option_text[64]; /* what `what` points to for options */
};

/*
 * Parses; argv is kept and pointed into. False: wrong says why. Missing
 * operands are not looked for when --help or --version is given, nor is a
 * command.
 */
bool cc_args_parse(struct cc_args *a, const struct cc_commands *table, int argc,
    char **argv, struct cc_wrong *wrong);

/* Value of an option of the command or a global one: NULL when not given, ""
 * of a flag. Asking for one that the command does not have is a bug: abort. */
const char *cc_args_value(const struct cc_args *a, const char *name);
bool cc_args_flag(const struct cc_args *a, const char *name);
/* otherwise: the value when it is not given. */
uint64_t cc_args_count(
    const struct cc_args *a, const char *name, uint64_t otherwise);
/* NULL when there are not so many. */
char *cc_args_operand(const struct cc_args *a, size_t index);

/*
 * A global option's value before anything is parsed, so that even a wrong
 * command line is answered in the right language and form; NULL: not there.
 */
const char *cc_args_peek(
    const struct cc_commands *table, int argc, char **argv, const char *name);

/* "FIELD=VALUE", "FIELD+=VALUE" or "FIELD-=VALUE". */
bool cc_args_is_assignment(const char *word);

#endif
