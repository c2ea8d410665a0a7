#include "ctl/rows.h"

sp_err sv_rows_open(struct sv_rows *out, const struct sv_csv_source *source,
    enum sv_csv_encoding encoding, const struct sv_cards_setup *cards,
    struct sv_csv_problem *problem)
{
    *out = (struct sv_rows){ .csv = NULL };
    return cards == NULL
               ? sv_csv_open_source(&out->csv, source, encoding, problem)
               : sv_cards_open(&out->cards, source, cards, problem);
}

void sv_rows_close(struct sv_rows *r)
{
    sv_csv_close(r->csv);
    sv_cards_close(r->cards);
    *r = (struct sv_rows){ .csv = NULL };
}

const struct sp_slice *sv_rows_header(const struct sv_rows *r, size_t *count)
{
    return r->csv != NULL ? sv_csv_header(r->csv, count)
                          : sv_cards_header(r->cards, count);
}

sp_err sv_rows_next(struct sv_rows *r, const struct sp_slice **cells,
    struct sv_csv_problem *problem)
{
    return r->csv != NULL ? sv_csv_next(r->csv, cells, problem)
                          : sv_cards_next(r->cards, cells, problem);
}

size_t sv_rows_cells(struct sv_rows *r, const struct sp_slice **cells)
{
    return r->csv != NULL ? sv_csv_cells(r->csv, cells)
                          : sv_cards_cells(r->cards, cells);
}

uint64_t sv_rows_line(const struct sv_rows *r)
{
    return r->csv != NULL ? sv_csv_line(r->csv) : sv_cards_line(r->cards);
}
