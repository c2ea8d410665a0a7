/*
 * conformance.h - what every implementation of the storage port has to keep.
 *
 * The cases know nothing of the implementation: they get a fresh store, and
 * may ask for it to be closed and opened again.
 */
#ifndef TESTS_STORE_CONFORMANCE_H
#define TESTS_STORE_CONFORMANCE_H

#include "sp/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* One implementation under test. self is made by open. */
struct conformance {
    const char *name;
    void *(*open)(void);        /* an empty store */
    void (*reopen)(void *self); /* as a process that starts again */
    void (*close)(void *self);  /* and away with it */
    struct sp_store (*port)(void *self);
};

/* Runs all cases, and count more of the implementation's own, as one group;
 * the number that failed. */
int conformance_run(
    const struct conformance *how, const struct CMUnitTest *more, size_t count);

#endif
