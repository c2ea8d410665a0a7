/*
 * device.h - a device of the test organisation without any server: its store
 * is made as if it had enrolled and synced the documents. Whatever fails here
 * ends the test program.
 */
#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#include "org.h"
#include "satchel.h"

#include "replica/replica.h"

#define TEST_DEVICE_PASSPHRASE "correct horse"

/* A new directory in $TMPDIR; freed by test_device_remove, with all in it. */
char *test_device_dir(void);
void test_device_remove(char *dir);

/* Makes a store in dir/name with a cheap key slot; the path, to be freed. */
char *test_device_create(const char *dir, const char *name);
/* The secret of these stores. */
const struct satchel_secret *test_device_secret(void);
/* Gives an open store the keys of a device of the organisation, and all
 * documents. */
void test_device_enrol(
    struct satchel *s, struct test_org *org, uint32_t device);
/* Create, open, enrol. */
struct satchel *test_device_open(
    const char *dir, const char *name, struct test_org *org, uint32_t device);

#endif
