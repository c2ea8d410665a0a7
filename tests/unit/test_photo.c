/* test_photo.c - what a picture says of itself, its preview, and the copy with
 * the watermark in the pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "photo/jpeg.h"
#include "photo/photo.h"
#include "photo/png.h"

#define BYTES_MAX (64u << 20)
#define MARK      "2026-11-22 21:42:50 +08:00 \xc2\xb7 中华商行 \xc2\xb7 ann"

static const struct cc_exif exif = { MARK, "ann", "2026:11:22 21:42:50",
    "+08:00", 1 };

/* ---- pictures -------------------------------------------------------------
 */

enum { GREY = 200 };

/* One even colour: whatever else a copy has was drawn. */
static void make(enum cc_picture_kind kind, uint32_t width, uint32_t height,
    struct sp_slice segment, struct sp_buf *out)
{
    uint8_t *line = (uint8_t *)malloc((size_t)width * 3u);
    struct cc_jpeg *j = NULL;
    struct cc_png *p = NULL;

    memset(line, GREY, (size_t)width * 3u);
    sp_buf_init(out, BYTES_MAX);
    if (kind == CC_PICTURE_JPEG) {
        assert_int_equal(cc_jpeg_new(&j, width, height, 95, segment), SP_OK);
    } else {
        assert_int_equal(cc_png_new(&p, width, height, "", out), SP_OK);
    }
    for (uint32_t y = 0; y < height; y++) {
        assert_int_equal(
            j != NULL ? cc_jpeg_line(j, line) : cc_png_line(p, line), SP_OK);
    }
    assert_int_equal(j != NULL ? cc_jpeg_end(j, out) : cc_png_end(p), SP_OK);
    cc_jpeg_free(j);
    cc_png_free(p);
    free(line);
}

/* All pixels of a picture. */
struct pixels {
    uint32_t width, height, y;
    uint8_t *rgb;
};

static sp_err take_begin(void *self, uint32_t width, uint32_t height)
{
    struct pixels *p = (struct pixels *)self;

    p->width = width;
    p->height = height;
    p->rgb = (uint8_t *)malloc((size_t)width * height * 3u);
    return SP_OK;
}

static sp_err take_line(void *self, uint8_t *rgb)
{
    struct pixels *p = (struct pixels *)self;

    memcpy(p->rgb + (size_t)p->width * 3u * p->y++, rgb, (size_t)p->width * 3u);
    return SP_OK;
}

static sp_err decode(struct sp_slice bytes, struct pixels *out)
{
    const struct cc_picture_sink sink = { out, take_begin, take_line };
    struct cc_picture p;
    sp_err err = cc_picture_look(bytes, &p);

    memset(out, 0, sizeof(*out));
    return err == SP_OK ? cc_picture_read(&p, bytes, 0, &sink) : err;
}

static unsigned grey_at(const struct pixels *p, uint32_t x, uint32_t y)
{
    return p->rgb[3u * ((size_t)y * p->width + x)];
}

static struct sp_slice left_of(const struct sp_buf *b, size_t size)
{
    return sp_slice_of(sp_buf_slice(b).data, size);
}

static struct sp_slice none(void)
{
    return sp_slice_of(NULL, 0);
}

/* ---- heads ----------------------------------------------------------------
 */

static void a_bomb_is_known_by_its_head_before_anything_is_decoded(void **state)
{
    /* 50,000 x 50,000 pixels in 45 bytes. */
    static const uint8_t png[45] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
                                   "\0\0\xc3\x50\0\0\xc3\x50\x08\2\0\0\0";
    static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0xff,
        0xff, 0xff, 0xff, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1 };
    struct cc_picture p;

    (void)state;
    assert_int_equal(
        cc_picture_look(sp_slice_of(png, sizeof(png)), &p), SP_E_TOO_LARGE);
    assert_int_equal(p.width, 50000);
    assert_int_equal(
        cc_picture_look(sp_slice_of(jpeg, sizeof(jpeg)), &p), SP_E_TOO_LARGE);
    assert_int_equal(p.height, 65535);
}

static void what_is_no_picture_is_told_from_a_damaged_one(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        sp_err err;
    } cases[] = {
        { "", 0, SP_E_VALUE },
        { "a shopping list", 15, SP_E_VALUE },
        { "GIF89a\1\0\1\0", 10, SP_E_VALUE },
        { "\xff\xd8\xff", 3, SP_E_CORRUPT },
        { "\xff\xd8\xff\xe0\x00\x01", 6, SP_E_CORRUPT },
        { "\xff\xd8\xff\xe0\xff\xff\x01", 7, SP_E_CORRUPT },
        { "\xff\xd8\xff\xda\x00\x02\x00\x00", 8, SP_E_CORRUPT },
        { "\x89PNG\r\n\x1a\n", 8, SP_E_CORRUPT },
        { "\x89PNG\r\n\x1a\n\0\0\0\rIDAT\0\0\0\1\0\0\0\1\1\1\1\1\1\1\1\1\1", 33,
            SP_E_CORRUPT },
    };
    struct cc_picture p;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            cc_picture_look(sp_slice_of(cases[i].bytes, cases[i].size), &p),
            cases[i].err);
    }
}

static void the_orientation_is_read_from_exif_and_written_there(void **state)
{
    (void)state;
    for (unsigned turn = 1; turn <= 8; turn++) {
        struct cc_exif e = exif;
        struct sp_buf segment, file;
        struct cc_picture p;

        e.turn = turn;
        sp_buf_init(&segment, 4096);
        cc_exif_put(&e, &segment);
        make(CC_PICTURE_JPEG, 64, 48, sp_buf_slice(&segment), &file);
        assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
        assert_int_equal(p.turn, turn);
        assert_int_equal(p.width, 64);
        assert_int_equal(p.height, 48);
        sp_buf_free(&segment);
        sp_buf_free(&file);
    }
}

/* ---- preview --------------------------------------------------------------
 */

static void a_preview_is_small_upright_and_of_the_same_colour(void **state)
{
    static const enum cc_picture_kind kinds[] = { CC_PICTURE_JPEG,
        CC_PICTURE_PNG };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cc_picture p;
        struct sp_buf file, small;
        struct pixels seen;

        make(kinds[i], 1300, 700, none(), &file);
        sp_buf_init(&small, CC_PHOTO_PREVIEW_BYTES_MAX);
        assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
        p.turn = 6;
        assert_int_equal(
            cc_photo_preview(&p, sp_buf_slice(&file), &small), SP_OK);
        assert_int_equal(decode(sp_buf_slice(&small), &seen), SP_OK);
        assert_int_equal(seen.height, CC_PHOTO_PREVIEW_SIDE);
        assert_in_range(seen.width, 257, 259);
        assert_in_range(grey_at(&seen, 100, 100), GREY - 2, GREY + 2);
        free(seen.rgb);
        sp_buf_free(&file);
        sp_buf_free(&small);
    }
}

static void a_picture_that_is_cut_off_anywhere_is_refused(void **state)
{
    static const enum cc_picture_kind kinds[] = { CC_PICTURE_JPEG,
        CC_PICTURE_PNG };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sp_buf file;
        size_t whole;

        make(kinds[i], 320, 200, none(), &file);
        whole = sp_buf_slice(&file).size;
        for (size_t size = 40; size + 2 < whole; size += 1 + whole / 40) {
            struct sp_buf small;
            struct cc_picture p;
            sp_err err = cc_picture_look(left_of(&file, size), &p);

            sp_buf_init(&small, CC_PHOTO_PREVIEW_BYTES_MAX);
            if (err == SP_OK) {
                err = cc_photo_preview(&p, left_of(&file, size), &small);
            }
            assert_int_equal(err, SP_E_CORRUPT);
            sp_buf_free(&small);
        }
        sp_buf_free(&file);
    }
}

/* ---- copy -----------------------------------------------------------------
 */

/* The side of the picture, as stored, on which somebody who sees it turned has
 * its foot: there the ground is darker. */
static void the_watermark_stands_at_the_foot_however_it_is_turned(void **state)
{
    enum { WIDTH = 400, HEIGHT = 300, IN = 3, OUT = 60 };
    static const struct {
        uint32_t x, y; /* inside the band, at the edge that has no ink */
        uint32_t far_x, far_y;
    } foot[9] = { { 0, 0, 0, 0 }, { WIDTH - 1, HEIGHT - 1, WIDTH / 2, OUT },
        { WIDTH - 1, HEIGHT - 1, WIDTH / 2, OUT },
        { 0, 0, WIDTH / 2, HEIGHT - OUT },
        { WIDTH - 1, 0, WIDTH / 2, HEIGHT - OUT },
        { WIDTH - 1, 0, OUT, HEIGHT / 2 }, { WIDTH - 1, 0, OUT, HEIGHT / 2 },
        { 0, HEIGHT - 1, WIDTH - OUT, HEIGHT / 2 },
        { 0, HEIGHT - 1, WIDTH - OUT, HEIGHT / 2 } };

    (void)state;
    for (unsigned turn = 1; turn <= 8; turn++) {
        struct cc_picture p;
        struct cc_photo_said said;
        struct sp_buf file, copy;
        struct pixels seen;
        unsigned ink = 0;

        make(CC_PICTURE_PNG, WIDTH, HEIGHT, none(), &file);
        sp_buf_init(&copy, BYTES_MAX);
        assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
        p.turn = turn;
        assert_int_equal(
            cc_photo_copy(&p, sp_buf_slice(&file), &exif, &copy, &said), SP_OK);
        assert_int_equal(decode(sp_buf_slice(&copy), &seen), SP_OK);
        assert_int_equal(grey_at(&seen, foot[turn].x, foot[turn].y), GREY / 2);
        assert_int_equal(
            grey_at(&seen, foot[turn].far_x, foot[turn].far_y), GREY);
        for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
            unsigned v = grey_at(&seen, i % WIDTH, i / WIDTH);

            ink += v != GREY && v > GREY / 2 + 20;
        }
        assert_true(ink > 300);
        assert_true(ink < WIDTH * HEIGHT / 10);
        free(seen.rgb);
        sp_buf_free(&file);
        sp_buf_free(&copy);
    }
}

static bool holds(const struct sp_buf *b, const char *text)
{
    struct sp_slice s = sp_buf_slice(b);
    size_t size = strlen(text);

    for (size_t i = 0; i + size <= s.size; i++) {
        if (memcmp(s.data + i, text, size) == 0) {
            return true;
        }
    }
    return false;
}

static void a_copy_says_its_watermark_and_nothing_of_the_originals_own(
    void **state)
{
    struct cc_exif camera = exif;
    struct cc_photo_said said;
    struct cc_picture p;
    struct sp_buf segment, file, copy;

    (void)state;
    camera.text = "serial number 4711";
    camera.turn = 3;
    sp_buf_init(&segment, 4096);
    sp_buf_init(&copy, BYTES_MAX);
    cc_exif_put(&camera, &segment);
    make(CC_PICTURE_JPEG, 640, 480, sp_buf_slice(&segment), &file);
    assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
    assert_int_equal(
        cc_photo_copy(&p, sp_buf_slice(&file), &exif, &copy, &said), SP_OK);
    assert_true(holds(&file, "serial number 4711"));
    assert_false(holds(&copy, "serial number 4711"));
    assert_true(holds(&copy, MARK));
    assert_true(holds(&copy, "2026:11:22 21:42:50"));
    assert_int_equal(cc_picture_look(sp_buf_slice(&copy), &p), SP_OK);
    assert_int_equal(p.turn, 3); /* shown as the original was */
    sp_buf_free(&segment);
    sp_buf_free(&file);
    sp_buf_free(&copy);
}

static void the_band_is_drawn_to_its_edges_and_no_further(void **state)
{
    enum { WIDTH = 90, HEIGHT = 70 };

    (void)state;
    for (unsigned turn = 1; turn <= 8; turn++) {
        uint32_t seen_width = turn >= 5 ? HEIGHT : WIDTH;
        uint32_t seen_height = turn >= 5 ? WIDTH : HEIGHT;
        struct cc_mark m;

        assert_int_equal(cc_mark_make(&m, MARK, seen_width, seen_height), 0);
        assert_in_range(m.height, 1, seen_height);
        for (uint32_t y = 0; y < HEIGHT; y++) {
            uint8_t line[3 * WIDTH];

            memset(line, GREY, sizeof(line));
            cc_mark_draw(&m, line, turn, WIDTH, HEIGHT, y);
            for (uint32_t x = 0; x < WIDTH; x++) {
                uint32_t at_x, at_y, top = seen_height - m.height;
                unsigned want = GREY;

                cc_mark_turn(turn, WIDTH, HEIGHT, x, y, &at_x, &at_y);
                if (at_y >= top) {
                    want = GREY / 2u +
                           (255u - GREY / 2u) *
                               m.ink[(at_y - top) * m.width + at_x] / 255u;
                }
                assert_int_equal(line[3 * x + 2], want);
            }
        }
        cc_mark_free(&m);
    }
}

static void characters_without_a_font_are_named(void **state)
{
    /* Private use: no font of a system has them. */
    const struct cc_exif odd = { "a \xee\x80\x81 b", "ann",
        "2026:11:22 21:42:50", "+08:00", 1 };
    struct cc_photo_said said;
    struct cc_picture p;
    struct sp_buf file, copy;

    (void)state;
    make(CC_PICTURE_PNG, 300, 200, none(), &file);
    sp_buf_init(&copy, BYTES_MAX);
    assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
    assert_int_equal(
        cc_photo_copy(&p, sp_buf_slice(&file), &odd, &copy, &said), SP_OK);
    assert_string_equal(said.missing, "\xee\x80\x81");
    assert_false(said.cut);
    assert_true(holds(&copy, "a \xee\x80\x81 b"));
    sp_buf_free(&file);
    sp_buf_free(&copy);
}

static void a_picture_too_small_for_the_text_is_told(void **state)
{
    struct cc_photo_said said;
    struct cc_picture p;
    struct sp_buf file, copy;

    (void)state;
    make(CC_PICTURE_PNG, 30, 20, none(), &file);
    sp_buf_init(&copy, BYTES_MAX);
    assert_int_equal(cc_picture_look(sp_buf_slice(&file), &p), SP_OK);
    assert_int_equal(
        cc_photo_copy(&p, sp_buf_slice(&file), &exif, &copy, &said), SP_OK);
    assert_true(said.cut);
    assert_true(holds(&copy, MARK));
    sp_buf_free(&file);
    sp_buf_free(&copy);
}

static void without_any_font_nothing_is_handed_out(void **state)
{
    static const char nothing[] =
        "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">"
        "<fontconfig><dir>/nowhere</dir></fontconfig>";
    char path[] = "/tmp/fonts.XXXXXX";
    int fd = mkstemp(path);
    struct cc_mark m;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(
        write(fd, nothing, sizeof(nothing) - 1), sizeof(nothing) - 1);
    (void)close(fd);
    (void)setenv("FONTCONFIG_FILE", path, 1);
    assert_int_equal(cc_mark_make(&m, MARK, 640, 480), SP_E_NOT_FOUND);
    cc_mark_free(&m);
    (void)unsetenv("FONTCONFIG_FILE");
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_bomb_is_known_by_its_head_before_anything_is_decoded),
        cmocka_unit_test(what_is_no_picture_is_told_from_a_damaged_one),
        cmocka_unit_test(the_orientation_is_read_from_exif_and_written_there),
        cmocka_unit_test(a_preview_is_small_upright_and_of_the_same_colour),
        cmocka_unit_test(a_picture_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(the_watermark_stands_at_the_foot_however_it_is_turned),
        cmocka_unit_test(the_band_is_drawn_to_its_edges_and_no_further),
        cmocka_unit_test(
            a_copy_says_its_watermark_and_nothing_of_the_originals_own),
        cmocka_unit_test(characters_without_a_font_are_named),
        cmocka_unit_test(a_picture_too_small_for_the_text_is_told),
        cmocka_unit_test(without_any_font_nothing_is_handed_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
