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

/* What a test of one device has. */
struct test_world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct satchel_error e;
};
/* The device 111 of anna, a rep of A-1; set-up and tear-down of cmocka. */
int test_world_begin(void **state);
int test_world_end(void **state);

/*
 * From here on the device's clock is *now_ms, a millisecond later each time it
 * is asked, and its machine has run as long; randomness stays the machine's.
 * 0: begins at the machine's time. Of one store at a time; given back before
 * that is closed.
 */
void test_device_clock(struct satchel *s, uint64_t *now_ms);
void test_device_clock_back(struct satchel *s);

#endif
