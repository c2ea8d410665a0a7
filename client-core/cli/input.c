#include "cli/input.h"

#include <stdlib.h>
#include <string.h>

void cc_input_put(struct cc_input *in, const char *field, const char *text)
{
    if (text == NULL) {
        return;
    }
    if (in->count == CC_INPUT_COUNT_MAX) {
        abort(); /* the table of commands has no such command */
    }
    in->input[in->count].field = field;
    in->input[in->count].text = text;
    in->input[in->count].how = SATCHEL_SET;
    in->count++;
}

static void take(char *word, struct cc_input *in)
{
    char *equals = strchr(word, '=');
    enum satchel_how how = equals[-1] == '+'   ? SATCHEL_ADD
                           : equals[-1] == '-' ? SATCHEL_REMOVE
                                               : SATCHEL_SET;

    if (how != SATCHEL_SET) {
        equals[-1] = '\0';
    }
    *equals = '\0';
    cc_input_put(in, word, equals + 1);
    in->input[in->count - 1].how = how;
}

int cc_input_take(struct cc_cli *cli, size_t from, struct cc_input *in)
{
    size_t i;

    for (i = from; i < cli->args.operand_count; i++) {
        char *word = cli->args.operand[i];
        if (!cc_args_is_assignment(word)) {
            return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
                "'%.200s' is not FIELD=VALUE; quote text that has spaces\n"
                "  satchel fields %s",
                "“%.200s”不是“字段=值”的形式；含空格的文字请加引号\n"
                "  satchel fields %s",
                word,
                cli->args.command->entity == NULL ? ""
                                                  : cli->args.command->entity);
        }
        take(word, in);
    }
    return 0;
}
