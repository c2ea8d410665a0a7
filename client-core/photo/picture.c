#include "photo/picture.h"

#include <string.h>

#include "photo/jpeg.h"
#include "photo/png.h"

/* Segments that stand before the picture's own; a real file has some twenty. */
#define SEGMENTS_MAX 512u

static const uint8_t png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a,
    '\n' };

static uint32_t be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
    return be16(at) << 16 | be16(at + 2);
}

/* ---- EXIF ---------------------------------------------------------------- */

static uint32_t tiff(const uint8_t *at, unsigned size, bool little)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < size; i++) {
        v = v << 8 | at[little ? size - 1 - i : i];
    }
    return v;
}

/* The orientation in the first directory of a TIFF block; 1 where there is
 * none, or none that makes sense. */
static unsigned tiff_turn(struct sp_slice in)
{
    enum { ENTRY_BYTES = 12, ORIENTATION = 0x0112 };
    bool little = in.size >= 8 && in.data[0] == 'I';
    size_t at, count;

    if (in.size < 8) {
        return 1;
    }
    at = tiff(in.data + 4, 4, little);
    if (at > in.size - 2) {
        return 1;
    }
    count = tiff(in.data + at, 2, little);
    for (at += 2; count > 0 && at + ENTRY_BYTES <= in.size; count--) {
        const uint8_t *entry = in.data + at;
        uint32_t turn = tiff(entry + 8, 2, little);

        if (tiff(entry, 2, little) == ORIENTATION) {
            return turn >= 1 && turn <= 8 ? turn : 1;
        }
        at += ENTRY_BYTES;
    }
    return 1;
}

static void take_exif(struct sp_slice segment, struct cc_picture *out)
{
    static const uint8_t mark[6] = { 'E', 'x', 'i', 'f', 0, 0 };

    if (segment.size > sizeof(mark) &&
        memcmp(segment.data, mark, sizeof(mark)) == 0) {
        out->turn = tiff_turn(sp_slice_of(
            segment.data + sizeof(mark), segment.size - sizeof(mark)));
    }
}

/* ---- heads --------------------------------------------------------------- */

/* Start of a frame: its kind of coding is the decoder's business. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
           marker != 0xc8 && marker != 0xcc;
}

static sp_err look_jpeg(struct sp_slice in, struct cc_picture *out)
{
    size_t at = 2;

    for (unsigned i = 0; i < SEGMENTS_MAX; i++) {
        size_t size;
        uint8_t marker;

        while (at < in.size && in.data[at] == 0xff) {
            at++; /* fill bytes too */
        }
        if (in.size - at < 3) {
            return SP_E_CORRUPT;
        }
        marker = in.data[at++];
        size = be16(in.data + at);
        if (size < 2 || size > in.size - at || marker == 0xda) {
            return SP_E_CORRUPT;
        }
        if (is_frame(marker)) {
            if (size < 7) {
                return SP_E_CORRUPT;
            }
            out->height = be16(in.data + at + 3);
            out->width = be16(in.data + at + 5);
            return SP_OK;
        }
        if (marker == 0xe1) {
            take_exif(sp_slice_of(in.data + at + 2, size - 2), out);
        }
        at += size;
    }
    return SP_E_CORRUPT;
}

static sp_err look_png(struct sp_slice in, struct cc_picture *out)
{
    if (in.size < 33 || be32(in.data + 8) != 13 ||
        memcmp(in.data + 12, "IHDR", 4) != 0) {
        return SP_E_CORRUPT;
    }
    out->width = be32(in.data + 16);
    out->height = be32(in.data + 20);
    return SP_OK;
}

sp_err cc_picture_look(struct sp_slice bytes, struct cc_picture *out)
{
    sp_err err;

    *out = (struct cc_picture){ .turn = 1 };
    if (bytes.size >= 3 && bytes.data[0] == 0xff && bytes.data[1] == 0xd8 &&
        bytes.data[2] == 0xff) {
        out->kind = CC_PICTURE_JPEG;
        err = look_jpeg(bytes, out);
    } else if (bytes.size >= sizeof(png_signature) &&
               memcmp(bytes.data, png_signature, sizeof(png_signature)) == 0) {
        out->kind = CC_PICTURE_PNG;
        err = look_png(bytes, out);
    } else {
        return SP_E_VALUE;
    }
    if (err == SP_OK && (out->width == 0 || out->height == 0)) {
        err = SP_E_CORRUPT;
    }
    if (err == SP_OK &&
        (out->width > CC_PICTURE_SIDE_MAX ||
            out->height > CC_PICTURE_SIDE_MAX ||
            (uint64_t)out->width * out->height > CC_PICTURE_PIXELS_MAX)) {
        err = SP_E_TOO_LARGE;
    }
    return err;
}

const char *cc_picture_mime(enum cc_picture_kind kind)
{
    return kind == CC_PICTURE_JPEG  ? "image/jpeg"
           : kind == CC_PICTURE_PNG ? "image/png"
                                    : "application/octet-stream";
}

sp_err cc_picture_read(const struct cc_picture *p, struct sp_slice bytes,
    uint32_t side, const struct cc_picture_sink *to)
{
    switch (p->kind) {
    case CC_PICTURE_JPEG:
        return cc_jpeg_read(bytes, side, to);
    case CC_PICTURE_PNG:
        return cc_png_read(bytes, to);
    case CC_PICTURE_NONE:
        break;
    }
    return SP_E_VALUE;
}
