/*
 * refused.h - a refused edit for people and for programs. One thread.
 */
#ifndef CC_CLI_REFUSED_H
#define CC_CLI_REFUSED_H

#include "cli/cli.h"
#include "cli/json.h"

/* Its members, into the object that is open. */
void cc_refused_json(struct cc_json *j, const struct satchel_rejected *r);
/* Several lines. */
void cc_refused_put(struct cc_cli *cli, const struct satchel_rejected *r);

#endif
