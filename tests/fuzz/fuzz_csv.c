/* CSV in any encoding: rows as wide as the header, of plain UTF-8, or a
 * problem that says where and what to do. */
#include "ctl/csv.h"

#include <string.h>

#include "sp/pack.h"
#include "target.h"

static sp_err read_some(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct sp_slice *left = self;

    *got = left->size < size ? left->size : size;
    if (*got > 0) {
        memcpy(out, left->data, *got);
    }
    *left = sp_slice_of(left->data + *got, left->size - *got);
    return SP_OK;
}

static void check_row(const struct sp_slice *cell, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        SP_ASSERT(cell[i].size <= SV_CSV_CELL_BYTES_MAX);
        SP_ASSERT(cell[i].size == 0 || sp_utf8_valid(cell[i]));
        for (size_t k = 0; k < cell[i].size; k++) {
            uint8_t b = cell[i].data[k];
            SP_ASSERT(b >= 0x20 || b == '\t' || b == '\n');
        }
    }
}

void fuzz_csv(struct sp_slice in)
{
    struct sv_csv_source source = { .self = &in, .read = read_some };
    struct sv_csv_problem problem = { .line = 0 };
    struct sv_csv *csv = NULL;
    sp_err err = sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem);
    uint64_t line = 0;
    size_t columns = 0;

    if (err != SP_OK) {
        SP_ASSERT(problem.text[0] != '\0');
        sv_csv_close(csv);
        return;
    }
    (void)sv_csv_header(csv, &columns);
    SP_ASSERT(columns > 0 && columns <= SV_CSV_COLUMNS_MAX);
    while (err == SP_OK || err == SP_E_VALUE) {
        const struct sp_slice *cell = NULL;
        err = sv_csv_next(csv, &cell, &problem);
        if (err == SP_OK) {
            check_row(cell, columns);
            SP_ASSERT(sv_csv_line(csv) > line);
            line = sv_csv_line(csv);
        } else if (err == SP_E_VALUE) {
            SP_ASSERT(problem.code != NULL && problem.text[0] != '\0');
        }
    }
    SP_ASSERT(err == SP_E_NOT_FOUND || err == SP_E_MALFORMED);
    sv_csv_close(csv);
}
