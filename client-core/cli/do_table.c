#include "cli/do.h"

#include "say/table.h"

void cc_do_nothing(const struct cc_cli *cli)
{
    if (cli->columns > 0 || cli->err_columns > 0) {
        (void)fflush(cli->out);
        cc_cli_say(cli, "nothing found", "没有找到任何记录");
    }
}

int cc_do_table(struct cc_cli *cli, struct cc_table *t)
{
    bool empty = t->cell_count == 0 && !t->failed;
    bool printed = empty || cc_table_print(t, cli->out, cli->columns);

    if (empty) {
        cc_do_nothing(cli);
    }
    cc_table_wipe(t);
    (void)fflush(cli->out);
    return printed ? 0
                   : cc_cli_fail(cli, SATCHEL_E_NOMEM,
                         "no memory for the table", "内存不足");
}
