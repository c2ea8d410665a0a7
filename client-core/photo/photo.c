#include "photo/photo.h"

#include <stdlib.h>
#include <string.h>

#include "photo/jpeg.h"
#include "photo/png.h"

#define PREVIEW_QUALITY 75

/* ---- preview ------------------------------------------------------------- */

/* Means over rectangles of the picture, one each pixel of the preview. */
struct shrinking {
    unsigned turn;
    uint32_t width, height; /* of what comes */
    uint32_t small_width, small_height;
    uint32_t y;
    uint32_t *sum;   /* four a pixel of the line: red, green, blue, count */
    uint8_t *pixels; /* the preview, as stored */
};

static void end_line(struct shrinking *s, uint32_t y)
{
    for (uint32_t x = 0; x < s->small_width; x++) {
        uint32_t *sum = s->sum + 4u * x;

        for (unsigned i = 0; i < 3; i++) {
            s->pixels[3u * ((size_t)y * s->small_width + x) + i] =
                (uint8_t)(sum[3] == 0 ? 0 : sum[i] / sum[3]);
        }
    }
    memset(s->sum, 0, (size_t)s->small_width * 4u * sizeof(*s->sum));
}

static sp_err shrink_begin(void *self, uint32_t width, uint32_t height)
{
    struct shrinking *s = (struct shrinking *)self;
    uint32_t longer = width > height ? width : height;
    uint32_t side =
        longer < CC_PHOTO_PREVIEW_SIDE ? longer : CC_PHOTO_PREVIEW_SIDE;

    s->width = width;
    s->height = height;
    s->small_width = (uint32_t)((uint64_t)width * side / longer);
    s->small_height = (uint32_t)((uint64_t)height * side / longer);
    s->small_width += s->small_width == 0;
    s->small_height += s->small_height == 0;
    s->sum = (uint32_t *)calloc((size_t)s->small_width * 4u, sizeof(*s->sum));
    s->pixels = (uint8_t *)calloc((size_t)s->small_width * s->small_height, 3);
    return s->sum == NULL || s->pixels == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err shrink_line(void *self, uint8_t *rgb)
{
    struct shrinking *s = (struct shrinking *)self;
    uint32_t to = (uint32_t)((uint64_t)s->y * s->small_height / s->height);
    uint32_t next =
        (uint32_t)(((uint64_t)s->y + 1) * s->small_height / s->height);

    for (uint32_t x = 0; x < s->width; x++) {
        uint32_t *sum = s->sum + 4u * ((uint64_t)x * s->small_width / s->width);

        sum[0] += rgb[3 * x];
        sum[1] += rgb[3 * x + 1];
        sum[2] += rgb[3 * x + 2];
        sum[3]++;
    }
    s->y++;
    if (next != to) {
        end_line(s, to);
    }
    return SP_OK;
}

/* Pixels as they are seen: the preview stands upright by itself. */
static uint8_t *upright(const struct shrinking *s, uint32_t width)
{
    uint8_t *out =
        (uint8_t *)malloc((size_t)s->small_width * s->small_height * 3u);

    for (uint32_t y = 0; out != NULL && y < s->small_height; y++) {
        for (uint32_t x = 0; x < s->small_width; x++) {
            uint32_t at_x, at_y;

            cc_mark_turn(
                s->turn, s->small_width, s->small_height, x, y, &at_x, &at_y);
            memcpy(out + 3u * ((size_t)at_y * width + at_x),
                s->pixels + 3u * ((size_t)y * s->small_width + x), 3);
        }
    }
    return out;
}

static sp_err write_preview(const struct shrinking *s, struct sp_buf *out)
{
    bool lies = s->turn >= 5;
    uint32_t width = lies ? s->small_height : s->small_width;
    uint32_t height = lies ? s->small_width : s->small_height;
    uint8_t *pixels = upright(s, width);
    struct cc_jpeg *j = NULL;
    sp_err err = pixels == NULL ? SP_E_NOMEM
                                : cc_jpeg_new(&j, width, height,
                                      PREVIEW_QUALITY, sp_slice_of(NULL, 0));

    for (uint32_t y = 0; y < height && err == SP_OK; y++) {
        err = cc_jpeg_line(j, pixels + (size_t)y * width * 3u);
    }
    if (err == SP_OK) {
        err = cc_jpeg_end(j, out);
    }
    cc_jpeg_free(j);
    free(pixels);
    return err;
}

sp_err cc_photo_preview(
    const struct cc_picture *p, struct sp_slice bytes, struct sp_buf *out)
{
    struct shrinking s = { .turn = p->turn };
    const struct cc_picture_sink sink = { &s, shrink_begin, shrink_line };
    sp_err err = cc_picture_read(p, bytes, CC_PHOTO_PREVIEW_SIDE, &sink);

    if (err == SP_OK) {
        err = write_preview(&s, out);
    }
    free(s.sum);
    free(s.pixels);
    return err;
}

/* ---- copy ---------------------------------------------------------------- */

struct copying {
    const struct cc_picture *picture;
    const struct cc_exif *exif;
    struct sp_buf *out;
    struct cc_mark mark;
    struct cc_jpeg *jpeg; /* one of the two */
    struct cc_png *png;
    uint32_t width, height, y;
};

static sp_err begin_jpeg(struct copying *c)
{
    struct cc_exif exif = *c->exif;
    struct sp_buf b;
    sp_err err;

    exif.turn = c->picture->turn;
    sp_buf_init(&b, 65533);
    cc_exif_put(&exif, &b);
    err = b.err == SP_OK ? cc_jpeg_new(&c->jpeg, c->width, c->height,
                               CC_JPEG_QUALITY, sp_buf_slice(&b))
                         : b.err;
    sp_buf_free(&b);
    return err;
}

static sp_err copy_begin(void *self, uint32_t width, uint32_t height)
{
    struct copying *c = (struct copying *)self;
    bool lies = c->picture->turn >= 5;
    sp_err err = cc_mark_make(
        &c->mark, c->exif->text, lies ? height : width, lies ? width : height);

    c->width = width;
    c->height = height;
    if (err == SP_OK) {
        err = c->picture->kind == CC_PICTURE_JPEG
                  ? begin_jpeg(c)
                  : cc_png_new(&c->png, width, height, c->exif->text, c->out);
    }
    return err;
}

static sp_err copy_line(void *self, uint8_t *rgb)
{
    struct copying *c = (struct copying *)self;

    cc_mark_draw(&c->mark, rgb, c->picture->turn, c->width, c->height, c->y++);
    return c->jpeg != NULL ? cc_jpeg_line(c->jpeg, rgb)
                           : cc_png_line(c->png, rgb);
}

sp_err cc_photo_copy(const struct cc_picture *p, struct sp_slice bytes,
    const struct cc_exif *exif, struct sp_buf *out, struct cc_photo_said *said)
{
    struct copying c = { .picture = p, .exif = exif, .out = out };
    const struct cc_picture_sink sink = { &c, copy_begin, copy_line };
    sp_err err = cc_picture_read(p, bytes, 0, &sink);

    if (err == SP_OK) {
        err = c.jpeg != NULL ? cc_jpeg_end(c.jpeg, out) : cc_png_end(c.png);
    }
    said->cut = c.mark.cut;
    memcpy(said->missing, c.mark.missing, sizeof(said->missing));
    cc_jpeg_free(c.jpeg);
    cc_png_free(c.png);
    cc_mark_free(&c.mark);
    return err;
}
