/* vCards: a reader that never stands still, and what it read written and read
 * again says the same. */
#include "book/card.h"

#include <string.h>

#include "sp/pack.h"
#include "target.h"

/* A line of a card holds no bare return: a writer cannot say one. */
static bool is_plain(struct sp_slice s)
{
    return s.size == 0 || memchr(s.data, '\r', s.size) == NULL;
}

static void check_again(const struct cc_card *card, int version)
{
    struct sp_buf out, room;
    struct cc_card back;
    uint64_t line = 0;

    if (!is_plain(card->name) || !is_plain(card->org) ||
        !is_plain(card->title)) {
        return;
    }
    sp_buf_init(&out, (size_t)16 * CC_CARD_BYTES_MAX);
    sp_buf_init(&room, (size_t)2 * CC_CARD_BYTES_MAX);
    cc_card_put(card, version, &out);
    struct sp_slice in = sp_buf_slice(&out);
    /* Folds and escapes can make a card longer than one may be. */
    if (out.err == SP_OK && out.size < CC_CARD_BYTES_MAX) {
        SP_ASSERT(cc_card_read(&in, &room, &line, &back) == SP_OK);
        SP_ASSERT(sp_slice_equal(back.name, card->name));
        SP_ASSERT(sp_slice_equal(back.org, card->org));
        SP_ASSERT(sp_slice_equal(back.title, card->title));
        SP_ASSERT(back.birthday.month == card->birthday.month);
        SP_ASSERT(back.birthday.day == card->birthday.day);
        SP_ASSERT(back.birthday.year == card->birthday.year);
        SP_ASSERT(back.birthday.leap == card->birthday.leap);
        SP_ASSERT(back.placed == card->placed);
        SP_ASSERT(!back.placed || (back.latitude_e7 == card->latitude_e7 &&
                                      back.longitude_e7 == card->longitude_e7));
    }
    sp_buf_free(&out);
    sp_buf_free(&room);
}

void fuzz_card(struct sp_slice in)
{
    struct sp_buf room;
    uint64_t line = 0;
    sp_err err = SP_OK;

    sp_buf_init(&room, (size_t)2 * CC_CARD_BYTES_MAX);
    while (err != SP_E_NOT_FOUND) {
        struct cc_card card;
        size_t before = in.size;
        err = cc_card_read(&in, &room, &line, &card);
        if (err == SP_OK) {
            SP_ASSERT(card.name.size > 0 && sp_utf8_valid(card.name));
            SP_ASSERT(card.phones <= CC_CARD_VALUES_MAX);
            check_again(&card, 3);
            check_again(&card, 4);
        }
        SP_ASSERT(err == SP_E_NOT_FOUND || in.size < before);
        SP_ASSERT(err == SP_OK || err == SP_E_NOT_FOUND ||
                  err == SP_E_MALFORMED || err == SP_E_VALUE ||
                  err == SP_E_TOO_LARGE);
    }
    sp_buf_free(&room);
}
