#include "cli/do.h"

#include "cli/table.h"

int cc_do_table(struct cc_cli *cli, struct cc_table *t)
{
    bool printed = cc_table_print(t, cli->out, cli->columns);

    cc_table_wipe(t);
    (void)fflush(cli->out);
    return printed ? 0
                   : cc_cli_fail(cli, SATCHEL_E_NOMEM,
                         "no memory for the table", "内存不足");
}
