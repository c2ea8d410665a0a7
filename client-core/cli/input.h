/*
 * input.h - FIELD=VALUE words as typed values. One thread.
 */
#ifndef CC_CLI_INPUT_H
#define CC_CLI_INPUT_H

#include "cli/cli.h"

#define CC_INPUT_COUNT_MAX (CC_ARGS_OPERANDS_MAX + 8u)

struct cc_input {
    size_t count;
    struct satchel_input input[CC_INPUT_COUNT_MAX];
};

/* One more value; field and text are borrowed. text NULL: nothing. */
void cc_input_put(struct cc_input *in, const char *field, const char *text);

/*
 * Adds the operands from the given index on: FIELD=VALUE sets, FIELD+=VALUE
 * and FIELD-=VALUE add a member to a set and take one away. The words are
 * split in place. 0, or the code left in cli->error.
 */
int cc_input_take(struct cc_cli *cli, size_t from, struct cc_input *in);

#endif
