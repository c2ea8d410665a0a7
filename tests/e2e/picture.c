/*
 * picture.c - makes pictures for the end-to-end tests: noise, as large as asked
 * for, so that a JPEG of twelve megapixels has the size of a camera's.
 *
 *   e2e-picture jpeg|png WIDTH HEIGHT QUALITY >FILE
 */
#include "photo/jpeg.h"
#include "photo/png.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A soft ground with grain on it. */
static void fill(uint8_t *line, uint32_t width, uint32_t y, uint32_t *seed)
{
    for (uint32_t x = 0; x < width; x++) {
        *seed = *seed * 1664525u + 1013904223u;
        for (unsigned i = 0; i < 3; i++) {
            line[3 * x + i] =
                (uint8_t)(60 + (x >> (4 + i)) % 80 + (y >> 5) % 60 +
                          (*seed >> (8 * i + 4)) % 24);
        }
    }
}

static sp_err make(bool jpeg, uint32_t width, uint32_t height, int quality,
    uint8_t *line, struct sp_buf *out)
{
    struct cc_jpeg *j = NULL;
    struct cc_png *p = NULL;
    uint32_t seed = width;
    sp_err err =
        jpeg ? cc_jpeg_new(&j, width, height, quality, sp_slice_of(NULL, 0))
             : cc_png_new(&p, width, height, "", out);

    for (uint32_t y = 0; y < height && err == SP_OK; y++) {
        fill(line, width, y, &seed);
        err = jpeg ? cc_jpeg_line(j, line) : cc_png_line(p, line);
    }
    if (err == SP_OK) {
        err = jpeg ? cc_jpeg_end(j, out) : cc_png_end(p);
    }
    cc_jpeg_free(j);
    cc_png_free(p);
    return err;
}

int main(int argc, char **argv)
{
    uint32_t width = argc == 5 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    uint32_t height = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    uint8_t *line;
    struct sp_buf out;
    struct sp_slice bytes;
    bool done;

    if (width == 0 || width > 20000 || height == 0 || height > 20000) {
        (void)fprintf(stderr, "e2e-picture jpeg|png WIDTH HEIGHT QUALITY\n");
        return 64;
    }
    line = (uint8_t *)malloc((size_t)width * 3u);
    sp_buf_init(&out, 512u << 20);
    done = line != NULL && make(strcmp(argv[1], "jpeg") == 0, width, height,
                               atoi(argv[4]), line, &out) == SP_OK;
    bytes = sp_buf_slice(&out);
    done = done && fwrite(bytes.data, 1, bytes.size, stdout) == bytes.size &&
           fflush(stdout) == 0;
    sp_buf_free(&out);
    free(line);
    return done ? 0 : 1;
}
