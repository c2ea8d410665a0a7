#include "matrix.h"

#include "sp/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char *out, size_t size, const char *text)
{
    SP_ASSERT(strlen(text) < size);
    memcpy(out, text, strlen(text) + 1u);
}

static void take_role(struct test_matrix *m, char **word, size_t words)
{
    SP_ASSERT(words == 5 && m->role_count < TEST_MATRIX_ROLES);
    struct test_matrix_role *r = &m->role[m->role_count++];

    r->letter = word[1][0];
    copy(r->name, sizeof(r->name), word[2]);
    copy(r->reach, sizeof(r->reach), word[3]);
    copy(r->authority, sizeof(r->authority), word[4]);
}

static unsigned where(const char *text)
{
    static const char *const words[] = { "account", "person", "catalogue",
        "self", "manager", "auditor", "second" };
    unsigned at = 0;

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        at |= strstr(text, words[i]) != NULL ? 1u << i : 0;
    }
    SP_ASSERT(at != 0);
    return at;
}

static void take_cell(struct test_matrix_row *row, const char *word)
{
    const char *text = strchr(word, ':');

    SP_ASSERT(text != NULL);
    text++;
    if (strncmp(word, "at:", 3) == 0) {
        row->at = where(text);
        return;
    }
    switch (word[0]) {
    case 'r':
        copy(row->reads, sizeof(row->reads), text);
        return;
    case 'w':
        copy(row->writes, sizeof(row->writes), text);
        return;
    case 'o':
        copy(row->own, sizeof(row->own), text);
        return;
    case 'x':
        copy(row->others, sizeof(row->others), text);
        return;
    case 'i':
    case 'c':
        copy(row->initial, sizeof(row->initial), text);
        return;
    case 'd':
        copy(row->removes, sizeof(row->removes), text);
        return;
    default:
        SP_ASSERT(false && "letter of a cell");
    }
}

static void take_row(struct test_matrix *m, char **word, size_t words)
{
    SP_ASSERT(m->count < TEST_MATRIX_ROWS);
    struct test_matrix_row *row = &m->row[m->count++];
    char *dot = strchr(word[0], '.');

    if (dot != NULL) {
        *dot = '\0';
        copy(row->field, sizeof(row->field), dot + 1);
    }
    copy(row->entity, sizeof(row->entity), word[0]);
    for (size_t i = 1; i < words; i++) {
        take_cell(row, word[i]);
    }
    SP_ASSERT((dot == NULL) == (row->at != 0));
}

static void take_line(struct test_matrix *m, char *line)
{
    char *word[10];
    size_t words = 0;

    for (char *w = strtok(line, " \n"); w != NULL; w = strtok(NULL, " \n")) {
        SP_ASSERT(words < sizeof(word) / sizeof(word[0]));
        word[words++] = w;
    }
    if (words == 0 || word[0][0] == '#') {
        return;
    }
    if (strcmp(word[0], "role") == 0) {
        take_role(m, word, words);
    } else {
        take_row(m, word, words);
    }
}

const struct test_matrix *test_matrix(void)
{
    static struct test_matrix m;
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    char line[512];

    if (m.count > 0) {
        return &m;
    }
    (void)snprintf(line, sizeof(line), "%s/tests/unit/matrix.txt",
        root == NULL ? "." : root);
    FILE *in = fopen(line, "r");
    SP_ASSERT(in != NULL && "tests/unit/matrix.txt");
    while (fgets(line, sizeof(line), in) != NULL) {
        if (line[0] != '#') {
            take_line(&m, line);
        }
    }
    SP_ASSERT(!ferror(in) && m.count > 0);
    (void)fclose(in);
    return &m;
}

const struct test_matrix_row *test_matrix_entity(
    const struct test_matrix *m, const char *entity)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->row[i].at != 0 && strcmp(m->row[i].entity, entity) == 0) {
            return &m->row[i];
        }
    }
    return NULL;
}

bool test_matrix_may(const struct test_matrix *m, const char *cell, size_t role)
{
    return strchr(cell, m->role[role].letter) != NULL;
}
