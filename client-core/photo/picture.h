/*
 * picture.h - what a JPEG or PNG says of itself, and how large a picture this
 * house takes.
 *
 * Everything is read from the first segments, before a decoder sees the bytes:
 * a file of some kilobytes can say that it is a picture of gigabytes, and is
 * refused by that number.
 *
 *   threads  any
 */
#ifndef CC_PHOTO_PICTURE_H
#define CC_PHOTO_PICTURE_H

#include "sp/bytes.h"
#include "sp/err.h"

#define CC_PICTURE_SIDE_MAX   16384u
#define CC_PICTURE_PIXELS_MAX 64000000u
/* One whose lines come in several passes has to be held as a whole. */
#define CC_PICTURE_PASSES_PIXELS_MAX 24000000u

enum cc_picture_kind {
    CC_PICTURE_NONE = 0,
    CC_PICTURE_JPEG = 1,
    CC_PICTURE_PNG = 2
};

struct cc_picture {
    enum cc_picture_kind kind;
    uint32_t width, height; /* as stored, before it is turned */
    unsigned turn;          /* EXIF's orientation, 1 to 8 */
};

/*
 * Looks at the head of a file.
 *   errors   SP_E_VALUE: neither JPEG nor PNG; SP_E_CORRUPT: one of them, and
 *            damaged; SP_E_TOO_LARGE: more pixels than above (out says how
 *            many). out->kind is set where it is known
 */
SP_MUST_USE sp_err cc_picture_look(
    struct sp_slice bytes, struct cc_picture *out);
/* "image/jpeg"; static. */
const char *cc_picture_mime(enum cc_picture_kind kind);

/* A picture that comes line by line, as three bytes a pixel. */
struct cc_picture_sink {
    void *self;
    /* Once, before the first line; both as they will come. */
    sp_err (*begin)(void *self, uint32_t width, uint32_t height);
    /* May change the line; anything but SP_OK ends the reading. */
    sp_err (*line)(void *self, uint8_t *rgb);
};

/*
 * Decodes all of it into a sink.
 *   side     0: as it is; else the picture may come smaller, its longer side
 *            still at least so long
 *   memory   some lines; a picture of several passes as a whole
 *   errors   SP_E_CORRUPT (damaged, or of a rare kind: CMYK, 12 bit),
 *            SP_E_TOO_LARGE, SP_E_NOMEM; those of the sink
 */
SP_MUST_USE sp_err cc_picture_read(const struct cc_picture *p,
    struct sp_slice bytes, uint32_t side, const struct cc_picture_sink *to);

#endif
