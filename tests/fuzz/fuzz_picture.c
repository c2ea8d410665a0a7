/* Pictures: what says that it is one is decoded to its end or refused, with no
 * more memory than its size is allowed. */
#include "photo/photo.h"

#include "target.h"

/* So that a mutation that says "large" does not take the run's time. */
#define PIXELS_MAX 100000u

void fuzz_picture(struct sp_slice in)
{
    struct cc_picture p;
    struct sp_buf out;
    sp_err err = cc_picture_look(in, &p);

    SP_ASSERT(p.turn >= 1 && p.turn <= 8);
    if (err != SP_OK || (uint64_t)p.width * p.height > PIXELS_MAX) {
        return;
    }
    sp_buf_init(&out, CC_PHOTO_PREVIEW_BYTES_MAX);
    err = cc_photo_preview(&p, in, &out);
    SP_ASSERT(err == SP_OK || err == SP_E_CORRUPT || err == SP_E_TOO_LARGE);
    if (err == SP_OK) {
        SP_ASSERT(cc_picture_look(sp_buf_slice(&out), &p) == SP_OK);
        SP_ASSERT(p.kind == CC_PICTURE_JPEG);
    }
    sp_buf_free(&out);
}
