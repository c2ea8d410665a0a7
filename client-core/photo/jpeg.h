/*
 * jpeg.h - JPEG by libjpeg, line by line. The libraries leave by longjmp; it
 * ends inside these files.
 *
 *   threads  any
 */
#ifndef CC_PHOTO_JPEG_H
#define CC_PHOTO_JPEG_H

#include "photo/picture.h"

#define CC_JPEG_QUALITY 90

/* See cc_picture_read. */
SP_MUST_USE sp_err cc_jpeg_read(
    struct sp_slice bytes, uint32_t side, const struct cc_picture_sink *to);

struct cc_jpeg; /* one that is being written */

/*
 *   exif     body of its APP1 segment (exif.h), up to 65,533 bytes
 *   errors   SP_E_NOMEM
 */
SP_MUST_USE sp_err cc_jpeg_new(struct cc_jpeg **out, uint32_t width,
    uint32_t height, int quality, struct sp_slice exif);
SP_MUST_USE sp_err cc_jpeg_line(struct cc_jpeg *j, const uint8_t *rgb);
/* After all lines: appends the file. */
SP_MUST_USE sp_err cc_jpeg_end(struct cc_jpeg *j, struct sp_buf *out);
/* NULL is harmless. */
void cc_jpeg_free(struct cc_jpeg *j);

#endif
