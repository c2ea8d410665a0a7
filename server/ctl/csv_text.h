/*
 * csv_text.h - the bytes of a text file, whatever its encoding, as UTF-8.
 *
 * Spreadsheets save "CSV" as UTF-8 with or without a byte order mark, as
 * UTF-16, or in the code page of the country; nothing in the file says which.
 * This is the stage before csv.h, and used by it alone.
 *
 *     source -> decode -> csv.h: cells
 *
 * Bytes that are not valid in the encoding arrive as SV_CSV_BAD, a byte that
 * no UTF-8 text contains, so that the reader can name line and column.
 */
#ifndef SV_CSV_TEXT_H
#define SV_CSV_TEXT_H

#include "sp/bytes.h"

#define SV_CSV_BAD 0xffu

enum sv_csv_encoding {
    SV_CSV_DETECT = 0,
    SV_CSV_UTF8,
    SV_CSV_UTF16LE,
    SV_CSV_UTF16BE,
    SV_CSV_GB18030
};

/*
 * Where bytes come from.
 *   read     puts up to size bytes into out, their number into *got, 0 at the
 *            end; SP_E_IO
 */
struct sv_csv_source {
    void *self;
    sp_err (*read)(void *self, uint8_t *out, size_t size, size_t *got);
};

struct sv_csv_text;

/*
 * Starts decoding.
 *   encoding  SV_CSV_DETECT: by byte order mark, else by what the text looks
 *             like up to the first block (64 KiB) that is not plain ASCII
 *   source    borrowed function, self must outlive the text
 *   errors    SP_E_NOMEM; SP_E_IO; SP_E_CONFIG when this system's C library
 *             does not know the encoding
 */
SP_MUST_USE sp_err sv_csv_text_new(struct sv_csv_text **out,
    const struct sv_csv_source *source, enum sv_csv_encoding encoding);
void sv_csv_text_free(struct sv_csv_text *t);

/* What is decoded and not taken yet, at least a byte unless the end is
 * reached; valid until the next call. SP_E_IO, SP_E_CONFIG. */
SP_MUST_USE sp_err sv_csv_text_peek(
    struct sv_csv_text *t, struct sp_slice *out);
/* Takes size bytes of what peek showed. */
void sv_csv_text_take(struct sv_csv_text *t, size_t size);

/* SV_CSV_DETECT as long as everything was ASCII. */
enum sv_csv_encoding sv_csv_text_encoding(const struct sv_csv_text *t);
/* "UTF-8", "GB18030"... */
const char *sv_csv_text_encoding_name(enum sv_csv_encoding encoding);

#endif
