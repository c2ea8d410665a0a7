/*
 * photo.h - the two pictures that are made of a photo: a small preview, and
 * the copy that is handed out, with its watermark in the pixels and in what
 * the file says of itself.
 *
 *   threads  cc_photo_copy one at a time (mark.h), the other any
 */
#ifndef CC_PHOTO_PHOTO_H
#define CC_PHOTO_PHOTO_H

#include "photo/exif.h"
#include "photo/mark.h"
#include "photo/picture.h"

#define CC_PHOTO_PREVIEW_SIDE      480u /* its longer side, pixels */
#define CC_PHOTO_PREVIEW_BYTES_MAX 131072u
#define CC_PHOTO_COPY_BYTES_MAX    (256u << 20)

/*
 * Decodes all of a picture and makes an upright JPEG of it, without a
 * watermark. A picture that gets through this one can be handed out.
 *   out      appended
 *   errors   those of cc_picture_read
 */
SP_MUST_USE sp_err cc_photo_preview(
    const struct cc_picture *p, struct sp_slice bytes, struct sp_buf *out);

/* What a person should know of a copy. */
struct cc_photo_said {
    bool cut; /* the picture is too small for all of the watermark */
    char missing[CC_MARK_MISSING_BYTES]; /* characters that no font has */
};
/*
 * The same kind of picture with the watermark drawn in.
 *   exif     its text is the watermark; turn is that of p, whatever it says
 *   out      appended
 *   errors   those of cc_picture_read and cc_mark_make
 */
SP_MUST_USE sp_err cc_photo_copy(const struct cc_picture *p,
    struct sp_slice bytes, const struct cc_exif *exif, struct sp_buf *out,
    struct cc_photo_said *said);

#endif
