/*
 * exit.h - what a script learns from how the command ended. Any thread.
 */
#ifndef CC_CLI_EXIT_H
#define CC_CLI_EXIT_H

#include "satchel.h"

/* Part of the interface: never renumbered. */
enum cc_exit {
    CC_EXIT_OK = 0,
    CC_EXIT_REFUSED = 1,      /* by a rule, a role, or what is there */
    CC_EXIT_CONFLICT = 2,     /* other values stand: a person decides */
    CC_EXIT_OFFLINE = 3,      /* not now: try again later */
    CC_EXIT_USAGE = 64,       /* the command line is wrong */
    CC_EXIT_INTERNAL = 70,    /* our mistake, or no memory */
    CC_EXIT_DISK = 74,        /* full, failing or damaged */
    CC_EXIT_INTERRUPTED = 130 /* Ctrl-C, after a clean stop */
};

/* The one place where an error becomes an exit status. */
enum cc_exit cc_exit_of(const struct satchel_error *e);

#endif
