/*
 * png.h - PNG by libpng, line by line. What is transparent lies on white.
 *
 *   threads  any
 */
#ifndef CC_PHOTO_PNG_H
#define CC_PHOTO_PNG_H

#include "photo/picture.h"

/* See cc_picture_read; always as large as it is. */
SP_MUST_USE sp_err cc_png_read(
    struct sp_slice bytes, const struct cc_picture_sink *to);

struct cc_png; /* one that is being written */

/*
 *   text     UTF-8, kept as its "Description" (an iTXt chunk)
 *   out      the file is appended; must outlive the writer
 */
SP_MUST_USE sp_err cc_png_new(struct cc_png **p, uint32_t width,
    uint32_t height, const char *text, struct sp_buf *out);
SP_MUST_USE sp_err cc_png_line(struct cc_png *p, const uint8_t *rgb);
SP_MUST_USE sp_err cc_png_end(struct cc_png *p);
/* NULL is harmless. */
void cc_png_free(struct cc_png *p);

#endif
