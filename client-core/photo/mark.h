/*
 * mark.h - a watermark as ink: text set into a band at the foot of a picture.
 *
 * Fonts are those that fontconfig finds on this device for the characters of
 * the text, set by FreeType. A character that none of them has is drawn as "?"
 * and named, so that a person can be told.
 *
 *   threads  one at a time (fontconfig's list of fonts is the process's)
 */
#ifndef CC_PHOTO_MARK_H
#define CC_PHOTO_MARK_H

#include "sp/bytes.h"
#include "sp/err.h"

#define CC_MARK_MISSING_BYTES 64u

struct cc_mark {
    uint32_t width, height; /* the band, as wide as the picture */
    uint8_t *ink;           /* 0 to 255 each, line by line; heap */
    bool cut;               /* the picture is too small for all of the text */
    char missing[CC_MARK_MISSING_BYTES]; /* characters without a font, as far
                                            as they fit; "" */
};

/*
 * Sets text, over as many lines as it needs, for a picture of that size.
 *   text     UTF-8; what is no text is passed over
 *   errors   SP_E_NOT_FOUND: no font at all is installed; SP_E_NOMEM, SP_E_IO
 */
SP_MUST_USE sp_err cc_mark_make(
    struct cc_mark *m, const char *text, uint32_t width, uint32_t height);
/* Harmless on a zeroed one. */
void cc_mark_free(struct cc_mark *m);

/*
 * Draws it into one line of the picture, which is stored turned (EXIF's
 * orientation): it stands upright for who looks at the turned picture.
 *   width, height  of the picture as stored
 *   y              which line
 */
void cc_mark_draw(const struct cc_mark *m, uint8_t *rgb, unsigned turn,
    uint32_t width, uint32_t height, uint32_t y);

/* Where a stored pixel is seen once the picture is turned. */
void cc_mark_turn(unsigned turn, uint32_t width, uint32_t height, uint32_t x,
    uint32_t y, uint32_t *seen_x, uint32_t *seen_y);

#endif
