/*
 * matrix.h - tests/unit/matrix.txt: who may read and write what, as the product
 * says it. Whatever is wrong with the file ends the test program.
 */
#ifndef TEST_MATRIX_H
#define TEST_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#define TEST_MATRIX_ROLES 8u
#define TEST_MATRIX_ROWS  1024u

/* Where records of an entity lie; bits. */
enum test_matrix_at {
    TEST_AT_ACCOUNT = 1,
    TEST_AT_PERSON = 2,
    TEST_AT_CATALOGUE = 4,
    TEST_AT_SELF = 8,
    TEST_AT_MANAGER = 16,
    TEST_AT_AUDITOR = 32,
    TEST_AT_SECOND = 64
};

struct test_matrix_role {
    char letter;
    char name[24];
    char reach[12];
    char authority[16];
};

/* Letters of the roles that may, of a field or of an entity (field empty). */
struct test_matrix_row {
    char entity[32];
    char field[40];
    char reads[12];
    char writes[12];  /* anybody's record */
    char own[12];     /* his own */
    char others[12];  /* others', never his own */
    char initial[12]; /* of an entity: may make records */
    char removes[12]; /* of an entity */
    unsigned at;      /* of an entity */
};

struct test_matrix {
    size_t role_count;
    struct test_matrix_role role[TEST_MATRIX_ROLES];
    size_t count;
    struct test_matrix_row row[TEST_MATRIX_ROWS];
};

/* From tests/unit/matrix.txt under SATCHEL_SOURCE_ROOT. Read once, any caller
 * gets the same; one thread. */
const struct test_matrix *test_matrix(void);

/* The row of an entity; NULL when there is none. */
const struct test_matrix_row *test_matrix_entity(
    const struct test_matrix *m, const char *entity);

/* Whether a role (index) may; cell is one of the row's. */
bool test_matrix_may(
    const struct test_matrix *m, const char *cell, size_t role);

#endif
