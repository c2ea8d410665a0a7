#include "book/width.h"

#include <stdbool.h>
#include <string.h>

struct range {
    uint32_t first, last;
};

// clang-format off
static const struct range zero[] = {
    { 0x0300, 0x036F }, { 0x0483, 0x0489 }, { 0x0591, 0x05BD },
    { 0x05BF, 0x05BF }, { 0x05C1, 0x05C2 }, { 0x05C4, 0x05C5 },
    { 0x0610, 0x061A }, { 0x064B, 0x065F }, { 0x0670, 0x0670 },
    { 0x06D6, 0x06DC }, { 0x06DF, 0x06E4 }, { 0x06E7, 0x06E8 },
    { 0x06EA, 0x06ED }, { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A },
    { 0x0E47, 0x0E4E }, { 0x1AB0, 0x1ACE }, { 0x1DC0, 0x1DFF },
    { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x2064 },
    { 0x2066, 0x206F }, { 0x20D0, 0x20F0 }, { 0x302A, 0x302D },
    { 0x3099, 0x309A }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
    { 0xFEFF, 0xFEFF }, { 0xE0100, 0xE01EF },
};
static const struct range wide[] = {
    { 0x1100, 0x115F }, { 0x231A, 0x231B }, { 0x2329, 0x232A },
    { 0x23E9, 0x23EC }, { 0x23F0, 0x23F0 }, { 0x23F3, 0x23F3 },
    { 0x25FD, 0x25FE }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 },
    { 0x267F, 0x267F }, { 0x2693, 0x2693 }, { 0x26A1, 0x26A1 },
    { 0x26AA, 0x26AB }, { 0x26BD, 0x26BE }, { 0x26C4, 0x26C5 },
    { 0x26CE, 0x26CE }, { 0x26D4, 0x26D4 }, { 0x26EA, 0x26EA },
    { 0x26F2, 0x26F3 }, { 0x26F5, 0x26F5 }, { 0x26FA, 0x26FA },
    { 0x26FD, 0x26FD }, { 0x2705, 0x2705 }, { 0x270A, 0x270B },
    { 0x2728, 0x2728 }, { 0x274C, 0x274C }, { 0x274E, 0x274E },
    { 0x2753, 0x2755 }, { 0x2757, 0x2757 }, { 0x2795, 0x2797 },
    { 0x27B0, 0x27B0 }, { 0x27BF, 0x27BF }, { 0x2B1B, 0x2B1C },
    { 0x2B50, 0x2B50 }, { 0x2B55, 0x2B55 }, { 0x2E80, 0x303E },
    { 0x3041, 0x3247 }, { 0x3250, 0x4DBF }, { 0x4E00, 0xA4CF },
    { 0xA960, 0xA97F }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
    { 0xFE10, 0xFE19 }, { 0xFE30, 0xFE6F }, { 0xFF01, 0xFF60 },
    { 0xFFE0, 0xFFE6 }, { 0x16FE0, 0x16FF1 }, { 0x17000, 0x18CD5 },
    { 0x18D00, 0x18D08 }, { 0x1AFF0, 0x1B2FB }, { 0x1F004, 0x1F004 },
    { 0x1F0CF, 0x1F0CF }, { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A },
    { 0x1F200, 0x1F320 }, { 0x1F32D, 0x1F335 }, { 0x1F337, 0x1F37C },
    { 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA }, { 0x1F3CF, 0x1F3D3 },
    { 0x1F3E0, 0x1F3F0 }, { 0x1F3F4, 0x1F3F4 }, { 0x1F3F8, 0x1F43E },
    { 0x1F440, 0x1F440 }, { 0x1F442, 0x1F4FC }, { 0x1F4FF, 0x1F53D },
    { 0x1F54B, 0x1F54E }, { 0x1F550, 0x1F567 }, { 0x1F57A, 0x1F57A },
    { 0x1F595, 0x1F596 }, { 0x1F5A4, 0x1F5A4 }, { 0x1F5FB, 0x1F64F },
    { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC }, { 0x1F6D0, 0x1F6D2 },
    { 0x1F6D5, 0x1F6D7 }, { 0x1F6DC, 0x1F6DF }, { 0x1F6EB, 0x1F6EC },
    { 0x1F6F4, 0x1F6FC }, { 0x1F7E0, 0x1F7EB }, { 0x1F7F0, 0x1F7F0 },
    { 0x1F90C, 0x1F93A }, { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF },
    { 0x1FA70, 0x1FAFF }, { 0x20000, 0x2FFFD }, { 0x30000, 0x3FFFD },
};
// clang-format on

static bool within(const struct range *r, size_t count, uint32_t code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > r[middle].last) {
            low = middle + 1;
        } else if (code < r[middle].first) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

unsigned cc_width_of(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
        return 0;
    }
    if (code < 0x300) {
        return 1;
    }
    if (within(zero, sizeof(zero) / sizeof(zero[0]), code)) {
        return 0;
    }
    return within(wide, sizeof(wide) / sizeof(wide[0]), code) ? 2 : 1;
}

uint32_t cc_width_next(const char **text)
{
    static const uint32_t least[4] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = (const unsigned char *)*text;
    unsigned more, i;
    uint32_t code;

    *text += 1;
    if (p[0] < 0x80) {
        return p[0];
    }
    more = p[0] >= 0xF0 ? 3u : p[0] >= 0xE0 ? 2u : 1u;
    if (p[0] < 0xC2 || p[0] > 0xF4) {
        return 0xFFFD;
    }
    code = p[0] & (0x3Fu >> more);
    for (i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) { /* the ending NUL too */
            return 0xFFFD;
        }
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if (code < least[more] || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000)) {
        return 0xFFFD;
    }
    *text += more;
    return code;
}

/* What a code point is shown as: itself, or what does no harm. */
static uint32_t harmless(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 ||
        code == 0x2029) {
        return ' ';
    }
    /* Turned writing direction can make a value look like another. */
    if ((code >= 0x202A && code <= 0x202E) ||
        (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
        code == 0x200F || code == 0x061C) {
        return 0xFFFD;
    }
    return code;
}

size_t cc_width_text(const char *text)
{
    size_t columns = 0;

    while (*text != '\0') {
        columns += cc_width_of(harmless(cc_width_next(&text)));
    }
    return columns;
}

size_t cc_width_fit(const char *text, size_t columns)
{
    const char *at = text;

    while (*at != '\0') {
        const char *next = at;
        unsigned w = cc_width_of(harmless(cc_width_next(&next)));
        if (w > columns) {
            break;
        }
        columns -= w;
        at = next;
    }
    return (size_t)(at - text);
}

/* How many bytes from here on, at most so many, are shown as they are: plain
 * ASCII, and characters of the blocks that nearly all Chinese is written in. */
static size_t plain(const char *text, size_t most)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + most;

    while (p < end) {
        if (p[0] >= ' ' && p[0] < 0x7F) {
            p++;
        } else if (end - p >= 3 && p[0] >= 0xE4 && p[0] <= 0xE9 &&
                   (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
            p += 3; /* U+4000 to U+9FFF */
        } else {
            break;
        }
    }
    return (size_t)(p - (const unsigned char *)text);
}

size_t cc_width_clean(const char *text, char *out, size_t out_bytes)
{
    size_t used = 0;

    while (*text != '\0') {
        const char *from = text;
        size_t n = plain(text, out_bytes - used - 1);
        uint32_t shown;
        if (n > 0) { /* most text */
            memcpy(out + used, from, n);
            used += n;
            text += n;
            continue;
        }
        shown = harmless(cc_width_next(&text));
        n = (size_t)(text - from);
        if (shown == ' ') {
            from = " ";
            n = 1;
        } else if (shown == 0xFFFD) {
            from = "\xEF\xBF\xBD";
            n = 3;
        }
        if (used + n >= out_bytes) {
            break;
        }
        memcpy(out + used, from, n);
        used += n;
    }
    out[used] = '\0';
    return used;
}
