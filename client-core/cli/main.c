/*
 * satchel - what a rep's device shows and records, from a terminal.
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    static char buffer[65536];

    (void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    return (int)cc_cli_main(argc, argv, stdout, stderr);
}
