/*
 * table.h - the command's tables are those of all programs (say/table.h).
 */
#ifndef CC_CLI_TABLE_H
#define CC_CLI_TABLE_H

#include "say/table.h"

#endif
