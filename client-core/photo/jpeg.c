#include "photo/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

/* Coefficients of a picture in several scans are held as a whole; and a small
 * file can have thousands of scans, each read over all of the picture. */
#define READ_BYTES_MAX (256L << 20)
#define SCANS_MAX      100

/* Where the library leaves to. At all times set by setjmp in a function that
 * has not returned. */
struct fault {
    struct jpeg_error_mgr base; /* first: the library hands it back */
    jmp_buf back;
    sp_err err;
};

static void leave(j_common_ptr c)
{
    struct fault *f = (struct fault *)c->err;

    f->err = c->err->msg_code == JERR_OUT_OF_MEMORY      ? SP_E_NOMEM
             : c->err->msg_code == JERR_NO_BACKING_STORE ? SP_E_TOO_LARGE
                                                         : SP_E_CORRUPT;
    longjmp(f->back, 1);
}

/* A warning is damage that the decoder would paint over in grey. What stands
 * between two segments does no harm, and some cameras write it. */
static void on_message(j_common_ptr c, int level)
{
    if (level < 0 && c->err->msg_code != JWRN_EXTRANEOUS_DATA) {
        leave(c);
    }
}

static void say_nothing(j_common_ptr c)
{
    (void)c;
}

static struct jpeg_error_mgr *prepare(struct fault *f)
{
    (void)jpeg_std_error(&f->base);
    f->base.error_exit = leave;
    f->base.emit_message = on_message;
    f->base.output_message = say_nothing;
    return &f->base;
}

/* ---- reading ------------------------------------------------------------- */

struct reading {
    struct jpeg_decompress_struct d;
    struct fault fault;
    struct jpeg_progress_mgr progress;
    uint8_t *line;
};

static void on_progress(j_common_ptr c)
{
    j_decompress_ptr d = (j_decompress_ptr)c;

    if (d->input_scan_number > SCANS_MAX) {
        struct fault *f = (struct fault *)c->err;
        f->err = SP_E_TOO_LARGE;
        longjmp(f->back, 1);
    }
}

static void choose_size(struct jpeg_decompress_struct *d, uint32_t side)
{
    JDIMENSION longer =
        d->image_width > d->image_height ? d->image_width : d->image_height;
    unsigned smaller = 8;

    while (smaller > 1 && (side == 0 || longer / smaller < side)) {
        smaller /= 2;
    }
    d->scale_num = 1;
    d->scale_denom = smaller;
    d->out_color_space = JCS_RGB;
}

/* What may leave by longjmp. */
static sp_err read_all(struct reading *r, struct sp_slice bytes, uint32_t side,
    const struct cc_picture_sink *to)
{
    sp_err err;

    jpeg_create_decompress(&r->d);
    r->d.mem->max_memory_to_use = READ_BYTES_MAX;
    r->d.progress = &r->progress;
    r->progress.progress_monitor = on_progress;
    jpeg_mem_src(&r->d, bytes.data, (unsigned long)bytes.size);
    (void)jpeg_read_header(&r->d, TRUE);
    choose_size(&r->d, side);
    (void)jpeg_start_decompress(&r->d);
    if (r->d.output_components != 3) {
        return SP_E_CORRUPT;
    }
    r->line = (uint8_t *)malloc((size_t)r->d.output_width * 3u);
    err = r->line == NULL
              ? SP_E_NOMEM
              : to->begin(to->self, r->d.output_width, r->d.output_height);
    while (err == SP_OK && r->d.output_scanline < r->d.output_height) {
        JSAMPROW row = r->line;

        (void)jpeg_read_scanlines(&r->d, &row, 1);
        err = to->line(to->self, r->line);
    }
    if (err == SP_OK) {
        (void)jpeg_finish_decompress(&r->d);
    }
    return err;
}

sp_err cc_jpeg_read(
    struct sp_slice bytes, uint32_t side, const struct cc_picture_sink *to)
{
    struct reading *r = (struct reading *)calloc(1, sizeof(*r));
    sp_err err;

    if (r == NULL) {
        return SP_E_NOMEM;
    }
    r->d.err = prepare(&r->fault);
    if (setjmp(r->fault.back) == 0) {
        err = read_all(r, bytes, side, to);
    } else {
        err = r->fault.err;
    }
    jpeg_destroy_decompress(&r->d);
    free(r->line);
    free(r);
    return err;
}

/* ---- writing ------------------------------------------------------------- */

struct cc_jpeg {
    struct jpeg_compress_struct c;
    struct fault fault;
    unsigned char *bytes; /* malloc, by the library */
    unsigned long size;
};

static void begin(struct cc_jpeg *j, int quality, struct sp_slice exif)
{
    j->c.input_components = 3;
    j->c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j->c);
    jpeg_set_quality(&j->c, quality, TRUE);
    jpeg_mem_dest(&j->c, &j->bytes, &j->size);
    jpeg_start_compress(&j->c, TRUE);
    if (exif.size > 0) {
        jpeg_write_marker(&j->c, JPEG_APP0 + 1, exif.data, (unsigned)exif.size);
    }
}

sp_err cc_jpeg_new(struct cc_jpeg **out, uint32_t width, uint32_t height,
    int quality, struct sp_slice exif)
{
    struct cc_jpeg *j = (struct cc_jpeg *)calloc(1, sizeof(*j));

    if (j == NULL) {
        return SP_E_NOMEM;
    }
    j->c.err = prepare(&j->fault);
    *out = j;
    if (setjmp(j->fault.back) != 0) {
        return j->fault.err;
    }
    jpeg_create_compress(&j->c);
    j->c.image_width = width;
    j->c.image_height = height;
    begin(j, quality, exif);
    return SP_OK;
}

sp_err cc_jpeg_line(struct cc_jpeg *j, const uint8_t *rgb)
{
    /* The library writes nothing into it. */
    JSAMPROW row = (JSAMPROW)(uintptr_t)rgb;

    if (setjmp(j->fault.back) != 0) {
        return j->fault.err;
    }
    (void)jpeg_write_scanlines(&j->c, &row, 1);
    return SP_OK;
}

sp_err cc_jpeg_end(struct cc_jpeg *j, struct sp_buf *out)
{
    if (setjmp(j->fault.back) != 0) {
        return j->fault.err;
    }
    jpeg_finish_compress(&j->c);
    sp_buf_put(out, j->bytes, j->size);
    return out->err;
}

void cc_jpeg_free(struct cc_jpeg *j)
{
    if (j != NULL) {
        jpeg_destroy_compress(&j->c);
        free(j->bytes);
        free(j);
    }
}
