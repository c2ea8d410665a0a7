/*
 * secret.h - the passphrase: from a file, the environment or the terminal,
 * never from the command line, which every user of the machine can read.
 *
 * threads  one; the terminal's mode is restored on each way out
 */
#ifndef CC_CLI_SECRET_H
#define CC_CLI_SECRET_H

#include "cli/cli.h"

#define CC_SECRET_PASSPHRASE_BYTES 4097u /* with the NUL */
#define CC_SECRET_KEY_BYTES        32u

/* At all times wiped by cc_secret_wipe before it is left. */
struct cc_secret {
    char passphrase[CC_SECRET_PASSPHRASE_BYTES];
    uint8_t key[CC_SECRET_KEY_BYTES]; /* of --key-file */
    struct satchel_secret secret;     /* points to the above */
};

enum cc_secret_ask {
    CC_SECRET_NEVER, /* files and environment only */
    CC_SECRET_ONCE,  /* the terminal too */
    CC_SECRET_TWICE  /* ... and again, for a new one */
};

/*
 * Looks at --passphrase-file, then at SATCHEL_PASSPHRASE (which it removes
 * from the environment, so that no child inherits it), then asks.
 *   returns  0, or the code left in cli->error; SATCHEL_E_LOCKED when there
 *            is none and it may not ask
 */
int cc_secret_get(
    struct cc_cli *cli, enum cc_secret_ask ask, struct cc_secret *out);
/* The passphrase that replaces it: --new-passphrase-file,
 * SATCHEL_NEW_PASSPHRASE, the terminal. The key stays that of --key-file. */
int cc_secret_get_new(struct cc_cli *cli, struct cc_secret *out);
void cc_secret_wipe(struct cc_secret *s);

/* Asks yes or no on the terminal; yes when there is no terminal to ask on. */
bool cc_secret_confirm(const struct cc_cli *cli, struct cc_words question);

#endif
