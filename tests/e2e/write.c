/*
 * write.c - a rep who writes fast: COUNT visits with a note each, over the
 * accounts of an unlocked device, each save durable. Prints the ids of what it
 * made, as "visit ID" and "note ID".
 *
 *   write DIR COUNT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "satchel.h"

static int fail(const char *what, const struct satchel_error *e)
{
    fprintf(
        stderr, "write: %s: %s %s %s\n", what, e->name, e->text_en, e->detail);
    return 1;
}

static int write_one(
    struct satchel *s, const char *account, unsigned i, struct satchel_error *e)
{
    const struct satchel_visit_new what = { .account = account,
        .another = true };
    struct satchel_visit_begun *begun = NULL;
    struct satchel_saved visit, note;
    char text[64];

    if (satchel_visit_begin(s, &what, &begun, e) != 0) {
        return fail("visit", e);
    }
    visit = begun->saved;
    satchel_free(begun);
    snprintf(text, sizeof(text), "call number %u, 送货 %u 箱", i, i % 7);
    if (satchel_note_add(s, account, text, NULL, 0, &note, e) != 0) {
        return fail("note", e);
    }
    printf("visit %s\nnote %s\n", visit.id, note.id);
    return 0;
}

int main(int argc, char **argv)
{
    struct satchel_list *accounts = NULL;
    struct satchel *s = NULL;
    struct satchel_error e;
    unsigned count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    int status = 0;

    if (count == 0) {
        fprintf(stderr, "write DIR COUNT\n");
        return 64;
    }
    if (satchel_open(argv[1], NULL, &s, &e) != 0) {
        return fail(argv[1], &e);
    }
    if (satchel_account_list(s, NULL, &accounts, &e) != 0) {
        status = fail("accounts", &e);
    } else if (accounts->count == 0) {
        fprintf(stderr, "write: there are no accounts\n");
        status = 1;
    }
    for (unsigned i = 0; status == 0 && i < count; i++) {
        status = write_one(s, accounts->record[i % accounts->count].id, i, &e);
    }
    satchel_free(accounts);
    satchel_close(s);
    return status;
}
