/*
 * cards.h - a vCard file read as rows of contacts: each card is a row, whose
 * columns are fields of contact. What the device reads of a card (book/card.h)
 * is read here; of it the birthday only with the consent by which it may be
 * kept, address and place not at all, because they are the account's.
 *
 * The file is kept in memory, at most CC_CARD_FILE_MAX of it.
 *
 *   threads  one at a time a reader
 */
#ifndef SV_CARDS_H
#define SV_CARDS_H

#include "ctl/csv.h"

/* How a file of cards is taken. */
struct sv_cards_setup {
    const char
        *account; /* all belong to this one; NULL: to that of their ORG */
    const char *consent; /* how their people agreed; NULL: birthdays stay out */
    uint64_t now_ms;     /* when they did */
};

struct sv_cards;

/* As sv_csv_open_source; a file without any card is SP_E_MALFORMED too. */
SP_MUST_USE sp_err sv_cards_open(struct sv_cards **out,
    const struct sv_csv_source *source, const struct sv_cards_setup *setup,
    struct sv_csv_problem *problem);
/* NULL is harmless. */
void sv_cards_close(struct sv_cards *c);

/* "account", "name", ...; valid until close. */
const struct sp_slice *sv_cards_header(const struct sv_cards *c, size_t *count);
/* As sv_csv_next; a refused card has the code "card", and its cells as far as
 * they were read. */
SP_MUST_USE sp_err sv_cards_next(struct sv_cards *c,
    const struct sp_slice **cells, struct sv_csv_problem *problem);
size_t sv_cards_cells(struct sv_cards *c, const struct sp_slice **cells);
/* Of the file, where the card ends. */
uint64_t sv_cards_line(const struct sv_cards *c);

/* What stayed out so far of cards that were taken. */
struct sv_cards_left {
    uint64_t birthdays, places;
};
struct sv_cards_left sv_cards_left(const struct sv_cards *c);

#endif
