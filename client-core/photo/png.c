#include "photo/png.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#define CHUNK_BYTES_MAX (1u << 20) /* of a text or profile, decompressed */
#define CHUNKS_MAX      64u
#define LEVEL           3 /* zlib's; the default takes four times as long */

/* libpng leaves to here; err is what it means. */
struct fault {
    sp_err err;
};

static void leave(png_structp png, png_const_charp text)
{
    struct fault *f = (struct fault *)png_get_error_ptr(png);

    (void)text;
    if (f->err == SP_OK) {
        f->err = SP_E_CORRUPT;
    }
    png_longjmp(png, 1);
}

static void pass_over(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text; /* of a profile or text chunk; the picture itself has errors */
}

/* ---- reading ------------------------------------------------------------- */

struct reading {
    struct fault fault;
    struct sp_slice left;
    png_structp png;
    png_infop info;
    uint32_t width, height;
    uint8_t *pixels; /* four bytes each: a line, or all of it */
    uint8_t **lines; /* all of it: where each begins */
    uint8_t *rgb;
};

static void give(png_structp png, png_bytep out, size_t size)
{
    struct reading *r = (struct reading *)png_get_io_ptr(png);

    if (size > r->left.size) {
        png_error(png, "ends early");
    }
    memcpy(out, r->left.data, size);
    r->left = sp_slice_of(r->left.data + size, r->left.size - size);
}

static int set_up(struct reading *r)
{
    png_set_user_limits(r->png, CC_PICTURE_SIDE_MAX, CC_PICTURE_SIDE_MAX);
    png_set_chunk_malloc_max(r->png, CHUNK_BYTES_MAX);
    png_set_chunk_cache_max(r->png, CHUNKS_MAX);
    png_set_read_fn(r->png, r, give);
    png_read_info(r->png, r->info);
    png_set_expand(r->png);
    png_set_strip_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_add_alpha(r->png, 0xff, PNG_FILLER_AFTER);
    r->width = png_get_image_width(r->png, r->info);
    r->height = png_get_image_height(r->png, r->info);
    return png_set_interlace_handling(r->png);
}

static sp_err put_line(
    struct reading *r, const uint8_t *rgba, const struct cc_picture_sink *to)
{
    for (uint32_t x = 0; x < r->width; x++) {
        unsigned alpha = rgba[4 * x + 3];

        for (unsigned i = 0; i < 3; i++) {
            unsigned v = rgba[4 * x + i] * alpha + 255u * (255u - alpha);
            r->rgb[3 * x + i] = (uint8_t)((v + 127u) / 255u);
        }
    }
    return to->line(to->self, r->rgb);
}

/* A picture of several passes: each goes over all of it. */
static sp_err read_passes(struct reading *r, const struct cc_picture_sink *to)
{
    size_t size = (size_t)r->width * 4u;
    sp_err err = SP_OK;

    if ((uint64_t)r->width * r->height > CC_PICTURE_PASSES_PIXELS_MAX) {
        return SP_E_TOO_LARGE;
    }
    r->pixels = (uint8_t *)malloc(size * r->height);
    r->lines = (uint8_t **)malloc(r->height * sizeof(*r->lines));
    if (r->pixels == NULL || r->lines == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t y = 0; y < r->height; y++) {
        r->lines[y] = r->pixels + size * y;
    }
    png_read_image(r->png, r->lines);
    for (uint32_t y = 0; y < r->height && err == SP_OK; y++) {
        err = put_line(r, r->lines[y], to);
    }
    return err;
}

static sp_err read_lines(struct reading *r, const struct cc_picture_sink *to)
{
    sp_err err = SP_OK;

    r->pixels = (uint8_t *)malloc((size_t)r->width * 4u);
    if (r->pixels == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t y = 0; y < r->height && err == SP_OK; y++) {
        png_read_row(r->png, r->pixels, NULL);
        err = put_line(r, r->pixels, to);
    }
    return err;
}

/* What may leave by longjmp. */
static sp_err read_all(struct reading *r, const struct cc_picture_sink *to)
{
    int passes = set_up(r);
    sp_err err;

    if ((uint64_t)r->width * r->height > CC_PICTURE_PIXELS_MAX) {
        return SP_E_TOO_LARGE;
    }
    png_read_update_info(r->png, r->info);
    if (png_get_rowbytes(r->png, r->info) != (size_t)r->width * 4u) {
        return SP_E_CORRUPT;
    }
    r->rgb = (uint8_t *)malloc((size_t)r->width * 3u);
    err =
        r->rgb == NULL ? SP_E_NOMEM : to->begin(to->self, r->width, r->height);
    if (err == SP_OK) {
        err = passes > 1 ? read_passes(r, to) : read_lines(r, to);
    }
    if (err == SP_OK) {
        png_read_end(r->png, NULL); /* the last sums */
    }
    return err;
}

sp_err cc_png_read(struct sp_slice bytes, const struct cc_picture_sink *to)
{
    struct reading *r = (struct reading *)calloc(1, sizeof(*r));
    sp_err err = SP_E_NOMEM;

    if (r == NULL) {
        return err;
    }
    r->left = bytes;
    r->png = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, &r->fault, leave, pass_over);
    r->info = r->png == NULL ? NULL : png_create_info_struct(r->png);
    if (r->info != NULL) {
        if (setjmp(png_jmpbuf(r->png)) == 0) {
            err = read_all(r, to);
        } else {
            err = r->fault.err;
        }
    }
    png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->pixels);
    free(r->lines);
    free(r->rgb);
    free(r);
    return err;
}

/* ---- writing ------------------------------------------------------------- */

struct cc_png {
    struct fault fault;
    png_structp png;
    png_infop info;
    struct sp_buf *out;
};

static void take(png_structp png, png_bytep data, size_t size)
{
    struct cc_png *p = (struct cc_png *)png_get_io_ptr(png);

    sp_buf_put(p->out, data, size);
    if (p->out->err != SP_OK) {
        p->fault.err = p->out->err;
        png_error(png, "no room");
    }
}

static void flush(png_structp png)
{
    (void)png;
}

static void begin(struct cc_png *p, uint32_t width, uint32_t height, char *text)
{
    char key[] = "Description";
    png_text description = { .compression = PNG_ITXT_COMPRESSION_NONE,
        .key = key,
        .text = text,
        .itxt_length = strlen(text) };

    png_set_write_fn(p->png, p, take, flush);
    png_set_compression_level(p->png, LEVEL);
    png_set_IHDR(p->png, p->info, width, height, 8, PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_set_text(p->png, p->info, &description, 1);
    png_write_info(p->png, p->info);
}

sp_err cc_png_new(struct cc_png **out, uint32_t width, uint32_t height,
    const char *text, struct sp_buf *to)
{
    struct cc_png *p = (struct cc_png *)calloc(1, sizeof(*p));

    if (p == NULL) {
        return SP_E_NOMEM;
    }
    *out = p;
    p->out = to;
    p->png = png_create_write_struct(
        PNG_LIBPNG_VER_STRING, &p->fault, leave, pass_over);
    p->info = p->png == NULL ? NULL : png_create_info_struct(p->png);
    if (p->info == NULL) {
        return SP_E_NOMEM;
    }
    if (setjmp(png_jmpbuf(p->png)) != 0) {
        return p->fault.err;
    }
    /* The library writes nothing into it. */
    begin(p, width, height, (char *)(uintptr_t)text);
    return SP_OK;
}

sp_err cc_png_line(struct cc_png *p, const uint8_t *rgb)
{
    if (setjmp(png_jmpbuf(p->png)) != 0) {
        return p->fault.err;
    }
    png_write_row(p->png, rgb);
    return SP_OK;
}

sp_err cc_png_end(struct cc_png *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0) {
        return p->fault.err;
    }
    png_write_end(p->png, NULL);
    return SP_OK;
}

void cc_png_free(struct cc_png *p)
{
    if (p != NULL) {
        png_destroy_write_struct(&p->png, &p->info);
        free(p);
    }
}
