#include "photo/mark.h"

#include <stdlib.h>
#include <string.h>

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include "book/utf8.h"

#define FACES_MAX      4u
#define CHARACTERS_MAX 400u
/* Of the shorter side; small pictures get what can still be read. */
#define SIZE_PART     32u
#define SIZE_PX_MIN   10u
#define SIZE_PX_MAX   200u
#define INK_BYTES_MAX (64u << 20)

struct setting {
    FT_Library library;
    FT_Face face[FACES_MAX];
    size_t faces;
    uint32_t character[CHARACTERS_MAX];
    size_t characters;
    uint32_t px, line_px, margin;
};

/* ---- fonts --------------------------------------------------------------- */

/* The first face that has it; NULL. */
static FT_Face face_of(const struct setting *s, uint32_t c)
{
    for (size_t i = 0; i < s->faces; i++) {
        if (FT_Get_Char_Index(s->face[i], c) != 0) {
            return s->face[i];
        }
    }
    return NULL;
}

/* Asks fontconfig for one font that has as many of the characters as any. */
static FcPattern *match(FcConfig *config, const FcCharSet *wanted)
{
    FcPattern *asked = FcPatternCreate();
    FcPattern *found = NULL;
    FcResult result;

    if (asked == NULL) {
        return NULL;
    }
    if (FcPatternAddString(asked, FC_FAMILY, (const FcChar8 *)"sans") &&
        FcPatternAddCharSet(asked, FC_CHARSET, wanted) &&
        FcPatternAddBool(asked, FC_SCALABLE, FcTrue) &&
        FcConfigSubstitute(config, asked, FcMatchPattern)) {
        FcDefaultSubstitute(asked);
        found = FcFontMatch(config, asked, &result);
    }
    FcPatternDestroy(asked);
    return found;
}

static bool open_face(struct setting *s, FcPattern *font)
{
    FcChar8 *file = NULL;
    int index = 0;
    FT_Face face;

    if (FcPatternGetString(font, FC_FILE, 0, &file) != FcResultMatch) {
        return false;
    }
    (void)FcPatternGetInteger(font, FC_INDEX, 0, &index);
    if (FT_New_Face(s->library, (const char *)file, index, &face) != 0) {
        return false;
    }
    if (FT_Set_Pixel_Sizes(face, 0, s->px) != 0) {
        (void)FT_Done_Face(face);
        return false;
    }
    s->face[s->faces++] = face;
    return true;
}

/* Characters that no open face has; NULL without memory. */
static FcCharSet *wanted(const struct setting *s, size_t *count)
{
    FcCharSet *set = FcCharSetCreate();

    *count = 0;
    for (size_t i = 0; set != NULL && i < s->characters; i++) {
        if (face_of(s, s->character[i]) == NULL) {
            (void)FcCharSetAddChar(set, s->character[i]);
            ++*count;
        }
    }
    return set;
}

/* One more font, as long as each has something that the ones before lack. */
static sp_err open_faces(struct setting *s)
{
    FcConfig *config = FcInitLoadConfigAndFonts();
    sp_err err = config == NULL ? SP_E_NOMEM : SP_OK;
    size_t before = SIZE_MAX;

    while (err == SP_OK && s->faces < FACES_MAX) {
        size_t left;
        FcCharSet *set = wanted(s, &left);
        FcPattern *font = NULL;

        if (set == NULL) {
            err = SP_E_NOMEM;
        } else if (left > 0 && left < before) {
            font = match(config, set);
            before = left;
        }
        if (set != NULL) {
            FcCharSetDestroy(set);
        }
        if (font == NULL) {
            break;
        }
        (void)open_face(s, font);
        FcPatternDestroy(font);
    }
    if (config != NULL) {
        FcConfigDestroy(config);
    }
    return err == SP_OK && s->faces == 0 ? SP_E_NOT_FOUND : err;
}

/* ---- lines --------------------------------------------------------------- */

static void take_characters(struct setting *s, const char *text)
{
    struct sp_slice left = sp_slice_text(text);

    while (left.size > 0 && s->characters < CHARACTERS_MAX) {
        uint32_t c = 0;
        size_t size = cc_utf8_take(left.data, left.size, &c);

        if (c >= 0x20 && c != CC_UTF8_NONE) {
            s->character[s->characters++] = c;
        }
        left = sp_slice_of(left.data + size, left.size - size);
    }
}

/* Loads a character's shape into its face; NULL when there is none. */
static FT_GlyphSlot shape_of(const struct setting *s, uint32_t c, int flags)
{
    FT_Face face = face_of(s, c);

    if (face == NULL) {
        c = '?';
        face = face_of(s, c);
    }
    return face != NULL && FT_Load_Char(face, c, flags) == 0 ? face->glyph
                                                             : NULL;
}

static uint32_t advance_of(const struct setting *s, uint32_t c)
{
    FT_GlyphSlot shape = shape_of(s, c, FT_LOAD_DEFAULT);

    return shape == NULL || shape->advance.x <= 0
               ? 0
               : (uint32_t)(shape->advance.x >> 6);
}

/* How many characters from here stand on one line, and with how many the next
 * one begins: broken behind a blank where there is one. */
static size_t fit_line(const struct setting *s, size_t from, uint32_t width)
{
    size_t blank = 0;
    uint32_t used = 2 * s->margin;

    for (size_t i = from; i < s->characters; i++) {
        used += advance_of(s, s->character[i]);
        if (used > width) {
            return blank > from ? blank : i > from ? i : from + 1;
        }
        if (s->character[i] == ' ') {
            blank = i + 1;
        }
    }
    return s->characters;
}

static size_t count_lines(const struct setting *s, uint32_t width)
{
    size_t lines = 0;

    for (size_t i = 0; i < s->characters; lines++) {
        i = fit_line(s, i, width);
    }
    return lines;
}

/* ---- ink ----------------------------------------------------------------- */

static void put_shape(
    struct cc_mark *m, const FT_Bitmap *b, int64_t left, int64_t top)
{
    for (unsigned y = 0; y < b->rows; y++) {
        int64_t to_y = top + (int64_t)y;

        for (unsigned x = 0; x < b->width; x++) {
            int64_t to_x = left + (int64_t)x;
            uint8_t ink = b->buffer[(size_t)y * (size_t)b->pitch + x];

            if (to_x >= 0 && to_x < (int64_t)m->width && to_y >= 0 &&
                to_y < (int64_t)m->height) {
                uint8_t *at = &m->ink[(size_t)to_y * m->width + (size_t)to_x];
                *at = ink > *at ? ink : *at;
            }
        }
    }
}

static void draw_line(const struct setting *s, struct cc_mark *m, size_t from,
    size_t to, size_t n)
{
    int64_t base = (int64_t)(s->margin / 2 + n * s->line_px + s->px);
    int64_t x = s->margin;

    for (size_t i = from; i < to; i++) {
        FT_GlyphSlot shape = shape_of(s, s->character[i], FT_LOAD_RENDER);

        if (shape == NULL) {
            continue;
        }
        if (shape->bitmap.pixel_mode == FT_PIXEL_MODE_GRAY &&
            shape->bitmap.pitch > 0) {
            put_shape(m, &shape->bitmap, x + shape->bitmap_left,
                base - shape->bitmap_top);
        }
        x += shape->advance.x >> 6;
    }
}

static void note_missing(const struct setting *s, struct cc_mark *m)
{
    size_t used = 0;

    for (size_t i = 0; i < s->characters; i++) {
        char text[CC_UTF8_BYTES_MAX];
        size_t size;

        if (face_of(s, s->character[i]) != NULL) {
            continue;
        }
        size = cc_utf8_put(s->character[i], text);
        if (used + size < sizeof(m->missing)) {
            memcpy(m->missing + used, text, size);
            used += size;
        }
    }
    m->missing[used] = '\0';
}

static sp_err set_text(
    const struct setting *s, struct cc_mark *m, uint32_t width, uint32_t height)
{
    size_t lines = count_lines(s, width);
    size_t room = height > s->margin ? (height - s->margin) / s->line_px : 0;

    m->cut = lines > room;
    lines = m->cut ? room : lines;
    m->width = width;
    m->height = (uint32_t)(lines * s->line_px) + s->margin;
    m->height = m->height > height ? height : m->height;
    if ((uint64_t)m->width * m->height > INK_BYTES_MAX) {
        return SP_E_NOMEM;
    }
    m->ink = (uint8_t *)calloc((size_t)m->width * m->height + 1u, 1);
    if (m->ink == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t n = 0, i = 0; n < lines; n++) {
        size_t next = fit_line(s, i, width);

        draw_line(s, m, i, next, n);
        i = next;
    }
    note_missing(s, m);
    return SP_OK;
}

sp_err cc_mark_make(
    struct cc_mark *m, const char *text, uint32_t width, uint32_t height)
{
    struct setting *s = (struct setting *)calloc(1, sizeof(*s));
    uint32_t px = (width < height ? width : height) / SIZE_PART;
    sp_err err;

    memset(m, 0, sizeof(*m));
    if (s == NULL || FT_Init_FreeType(&s->library) != 0) {
        free(s);
        return SP_E_NOMEM;
    }
    s->px = px < SIZE_PX_MIN   ? SIZE_PX_MIN
            : px > SIZE_PX_MAX ? SIZE_PX_MAX
                               : px;
    s->line_px = s->px + s->px / 3;
    s->margin = s->px / 2;
    take_characters(s, text);
    err = open_faces(s);
    if (err == SP_OK) {
        err = set_text(s, m, width, height);
    }
    (void)FT_Done_FreeType(s->library); /* its faces too */
    free(s);
    return err;
}

void cc_mark_free(struct cc_mark *m)
{
    free(m->ink);
    m->ink = NULL;
}

/* ---- drawing ------------------------------------------------------------- */

void cc_mark_turn(unsigned turn, uint32_t width, uint32_t height, uint32_t x,
    uint32_t y, uint32_t *seen_x, uint32_t *seen_y)
{
    uint32_t right = width - 1 - x, below = height - 1 - y;

    switch (turn) {
    case 2:
        *seen_x = right, *seen_y = y;
        break;
    case 3:
        *seen_x = right, *seen_y = below;
        break;
    case 4:
        *seen_x = x, *seen_y = below;
        break;
    case 5:
        *seen_x = y, *seen_y = x;
        break;
    case 6:
        *seen_x = below, *seen_y = x;
        break;
    case 7:
        *seen_x = below, *seen_y = right;
        break;
    case 8:
        *seen_x = y, *seen_y = right;
        break;
    default:
        *seen_x = x, *seen_y = y;
        break;
    }
}

/* White on what is there at half its brightness, so it is read on any ground.
 */
static uint8_t inked(uint8_t v, uint8_t ink)
{
    unsigned dark = v / 2u;

    return (uint8_t)(dark + (255u - dark) * ink / 255u);
}

/* Which pixels of a stored line lie in the band: along it the seen height goes
 * up or down by one a pixel, or stays. Most lines have none. */
static void cross(const struct cc_mark *m, unsigned turn, uint32_t width,
    uint32_t height, uint32_t y, uint32_t *from, uint32_t *until)
{
    uint32_t top = (turn >= 5 ? width : height) - m->height;
    uint32_t first, last, x;

    cc_mark_turn(turn, width, height, 0, y, &x, &first);
    cc_mark_turn(turn, width, height, width - 1, y, &x, &last);
    *from = first < top ? top - first : 0;
    *until = last < top ? width - (top - last) : width;
    if (first < top && last < top) {
        *until = *from;
    }
}

void cc_mark_draw(const struct cc_mark *m, uint8_t *rgb, unsigned turn,
    uint32_t width, uint32_t height, uint32_t y)
{
    uint32_t top = (turn >= 5 ? width : height) - m->height;
    uint32_t from, until;

    cross(m, turn, width, height, y, &from, &until);
    for (uint32_t x = from; x < until; x++) {
        uint32_t at_x, at_y;
        uint8_t ink;

        cc_mark_turn(turn, width, height, x, y, &at_x, &at_y);
        ink = m->ink[(size_t)(at_y - top) * m->width + at_x];
        for (unsigned i = 0; i < 3; i++) {
            rgb[3 * x + i] = inked(rgb[3 * x + i], ink);
        }
    }
}
