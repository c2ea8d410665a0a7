#include "book/fold.h"

#include "book/han.h"
#include "book/utf8.h"

#define HAN_FIRST 0x2e80u /* radicals, the first block of the script */

static uint32_t fold_latin(uint32_t c)
{
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) {
        return c + 0x20;
    }
    if (c == 0x130 || c == 0x131) {
        return 'i'; /* with and without its dot */
    }
    if (c == 0x178) {
        return 0xff;
    }
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) ||
        (c >= 0x1e00 && c <= 0x1e95) || (c >= 0x1ea0 && c <= 0x1eff)) {
        return c | 1;
    }
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) {
        return c + (c & 1);
    }
    return c;
}

static uint32_t fold(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e) {
        c -= 0xfee0; /* full-width form of an ASCII character */
    }
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
    }
    if (c >= HAN_FIRST) {
        return cc_han_fold(c);
    }
    if ((c >= 0x391 && c <= 0x3a9 && c != 0x3a2) ||
        (c >= 0x410 && c <= 0x42f)) {
        return c + 0x20;
    }
    if (c >= 0x400 && c <= 0x40f) {
        return c + 0x50;
    }
    if (c == 0x2022 || c == 0x2027 || c == 0x22c5) {
        return 0xb7; /* the dot in names such as those of Xinjiang */
    }
    return fold_latin(c);
}

static bool is_blank(uint32_t c)
{
    return c <= ' ' || c == 0xa0 || c == 0x3000;
}

size_t cc_fold_text(struct sp_slice in, char *out)
{
    bool blank = false;
    size_t used = 0;

    for (size_t i = 0; i < in.size;) {
        uint8_t byte = in.data[i];
        uint32_t c;
        size_t n = cc_utf8_take(in.data + i, in.size - i, &c);

        i += n;
        if (is_blank(c)) {
            blank = used > 0;
            continue;
        }
        if (blank) {
            out[used++] = ' ';
            blank = false;
        }
        if (c == CC_UTF8_NONE) {
            out[used++] = (char)byte;
        } else {
            used += cc_utf8_put(fold(c), out + used);
        }
    }
    out[used] = '\0';
    return used;
}

size_t cc_fold_digits(struct sp_slice in, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < in.size;) {
        uint32_t c;
        i += cc_utf8_take(in.data + i, in.size - i, &c);
        c = c == CC_UTF8_NONE ? c : fold(c);
        if (c >= '0' && c <= '9') {
            out[used++] = (char)c;
        }
    }
    out[used] = '\0';
    return used;
}
