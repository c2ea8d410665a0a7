#include "book/collate.h"

#include "book/han.h"
#include "book/utf8.h"

#include <string.h>

#define OTHER 0x7fu /* scripts between ASCII and Chinese */
#define HAN   0x80u

/* Two bytes of weight; 0: no Chinese character. */
static unsigned weigh(enum cc_collate order, uint32_t c)
{
    const uint16_t *reading;
    size_t count;

    if (order == CC_COLLATE_STROKE) {
        unsigned strokes = cc_han_strokes(c);
        return strokes == 0 ? 0 : HAN << 8 | strokes;
    }
    reading = cc_han_readings(c, &count);
    return reading == NULL ? 0 : (HAN << 8) + reading[0];
}

/* At most 5 bytes. */
static size_t put(enum cc_collate order, uint32_t c, uint8_t *out)
{
    unsigned weight = c < 0x80 ? 0 : weigh(order, c);
    size_t n = 0;

    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (weight != 0) {
        out[n++] = (uint8_t)(weight >> 8);
        out[n++] = (uint8_t)weight;
    } else {
        out[n++] = OTHER;
    }
    out[n++] = (uint8_t)(c >> 16);
    out[n++] = (uint8_t)(c >> 8);
    out[n++] = (uint8_t)c;
    return n;
}

size_t cc_collate_key(enum cc_collate order, struct sp_slice folded,
    uint8_t out[CC_COLLATE_BYTES])
{
    size_t used = 0;

    if (order == CC_COLLATE_NAME) { /* UTF-8 is in the order of code points */
        used = folded.size < CC_COLLATE_BYTES ? folded.size : CC_COLLATE_BYTES;
        memcpy(out, folded.data, used);
        return used;
    }
    for (size_t i = 0; i < folded.size && used + 5 <= CC_COLLATE_BYTES;) {
        uint32_t c;
        i += cc_utf8_take(folded.data + i, folded.size - i, &c);
        used += put(order, c == CC_UTF8_NONE ? 0 : c, out + used);
    }
    return used;
}
