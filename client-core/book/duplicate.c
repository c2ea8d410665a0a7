#include "book/duplicate.h"

#include "book/pinyin.h"
#include "book/utf8.h"

#include <string.h>

bool cc_duplicate_counts(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c >= 0x80 && c != 0xb7 && c != CC_UTF8_NONE);
}

/* The next character that is no blank or sign; 0 at the end. */
static uint32_t next_counted(struct sp_slice *s)
{
    while (s->size > 0) {
        uint32_t c;
        size_t n = cc_utf8_take(s->data, s->size, &c);
        s->data += n;
        s->size -= n;
        if (cc_duplicate_counts(c)) {
            return c;
        }
    }
    return 0;
}

static bool same_name(struct sp_slice a, struct sp_slice b)
{
    size_t count = 0;
    uint32_t x, y;

    do {
        x = next_counted(&a);
        y = next_counted(&b);
        count++;
    } while (x == y && x != 0);
    return x == y && count > 1;
}

uint64_t cc_duplicate_hash(struct sp_slice name, size_t *characters)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, 64 bits */
    size_t count = 0;
    uint32_t c;

    while ((c = next_counted(&name)) != 0) {
        hash = (hash ^ c) * 0x100000001b3u;
        count++;
    }
    if (characters != NULL) {
        *characters = count;
    }
    return count == 0 ? 0 : hash | 1u;
}

static bool same_phone(
    const struct cc_duplicate_card *a, const struct cc_duplicate_card *b)
{
    for (size_t i = 0; i < a->phones; i++) {
        for (size_t k = 0; k < b->phones; k++) {
            if (strcmp(a->phone[i], b->phone[k]) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool cc_duplicate_compare(const struct cc_duplicate_card *a,
    const struct cc_duplicate_card *b, struct cc_duplicate *out)
{
    unsigned reasons = 0;

    *out = (struct cc_duplicate){ 0 };
    if (same_name(a->name, b->name)) {
        reasons |= CC_DUPLICATE_NAME;
    } else if (cc_pinyin_same(a->name, b->name)) {
        reasons |= CC_DUPLICATE_SOUND;
    }
    if (same_phone(a, b)) {
        reasons |= CC_DUPLICATE_PHONE;
    }
    if (a->placed && b->placed) {
        uint64_t metres = cc_geo_metres(&a->place, &b->place);
        if (metres <= CC_DUPLICATE_METRES) {
            reasons |= CC_DUPLICATE_NEAR;
            out->metres = metres;
        }
    }
    out->reasons = reasons;
    out->score = ((reasons & CC_DUPLICATE_PHONE) != 0 ? 4u : 0) +
                 ((reasons & CC_DUPLICATE_NAME) != 0 ? 4u : 0) +
                 ((reasons & CC_DUPLICATE_SOUND) != 0 ? 2u : 0) +
                 ((reasons & CC_DUPLICATE_NEAR) != 0 ? 1u : 0);
    return reasons != 0;
}
