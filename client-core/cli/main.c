/*
 * satchel - what a rep's device shows and records, from a terminal.
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return (int)cc_cli_main(argc, argv, stdout, stderr);
}
