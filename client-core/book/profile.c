#include "book/profile.h"

#include <stdlib.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Fields that fill an item; one of them is enough. NULL: the purchases. */
struct item {
    const char *field[2];
};

static const struct item hard[CC_PROFILE_HARD] = {
    { { "name", NULL } },
    { { "gender", NULL } },
    { { "ethnicity", NULL } },
    { { "age_band", "birthday" } },
    { { "emails", NULL } },
    { { "home_address", NULL } },
    { { "phones", NULL } },
    { { "size_profile", NULL } },
    { { NULL, NULL } },
    { { "style_codes", NULL } },
};
static const struct item soft[CC_PROFILE_SOFT] = {
    { { "soft_work", "soft_work_tags" } },
    { { "soft_family", "soft_family_tags" } },
    { { "soft_character", "soft_character_tags" } },
    { { "soft_spending", "soft_spending_tags" } },
    { { "soft_dress", "soft_dress_tags" } },
    { { "soft_leisure", "soft_leisure_tags" } },
    { { "soft_living", "soft_living_tags" } },
    { { "soft_service", "soft_service_tags" } },
    { { "soft_promotion", "soft_promotion_tags" } },
    { { "soft_values", "soft_values_tags" } },
};

static bool stop(void *arg, struct sp_slice member)
{
    (void)member;
    *(bool *)arg = true;
    return false;
}

static bool filled(const struct cc_value_of *of, const char *field)
{
    bool any = false;

    if (cc_value_shown(of, field).size > 0) {
        return true;
    }
    cc_value_each(of, field, stop, &any);
    return any;
}

/* Whether the dictionary asks for the item at all. */
static bool asked(const struct cc_value_of *of, const struct item *i)
{
    const struct sp_field *f;

    if (i->field[0] == NULL) {
        return true;
    }
    f = sp_dictionary_field_named(of->entity, sp_slice_text(i->field[0]));
    return f != NULL && !f->retired && !f->hidden;
}

static bool has(const struct cc_value_of *of, const struct item *i, bool bought)
{
    return i->field[0] == NULL
               ? bought
               : filled(of, i->field[0]) ||
                     (i->field[1] != NULL && filled(of, i->field[1]));
}

unsigned cc_profile_percent(
    unsigned hard_in, unsigned hard_of, unsigned soft_in, unsigned soft_of)
{
    /* In thousandths, so that halves are seen. */
    unsigned h =
        hard_of == 0 ? 0 : 1000u * CC_PROFILE_HARD_WEIGHT * hard_in / hard_of;
    unsigned s =
        soft_of == 0 ? 0 : 1000u * CC_PROFILE_SOFT_WEIGHT * soft_in / soft_of;

    return (h + s + 500u) / 1000u;
}

struct cc_profile cc_profile_of(const struct cc_value_of *contact, bool bought)
{
    struct cc_profile p = { 0 };

    for (size_t i = 0; i < COUNT(hard); i++) {
        if (asked(contact, &hard[i])) {
            p.hard_of++;
            p.hard += has(contact, &hard[i], bought);
        }
    }
    for (size_t i = 0; i < COUNT(soft); i++) {
        if (asked(contact, &soft[i])) {
            p.soft_of++;
            p.soft += has(contact, &soft[i], bought);
        }
    }
    p.percent = cc_profile_percent(p.hard, p.hard_of, p.soft, p.soft_of);
    return p;
}

const char *cc_profile_missing(
    const struct cc_value_of *contact, bool bought, size_t index)
{
    for (size_t i = 0; i < COUNT(hard) + COUNT(soft); i++) {
        const struct item *at =
            i < COUNT(hard) ? &hard[i] : &soft[i - COUNT(hard)];

        if (at->field[0] != NULL && asked(contact, at) &&
            !has(contact, at, bought) && index-- == 0) {
            return at->field[0];
        }
    }
    return NULL;
}

static int rising(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return (x > y) - (x < y);
}

struct cc_profile_spread cc_profile_spread(unsigned *percent, size_t count)
{
    struct cc_profile_spread s = { .count = count };
    uint64_t sum = 0, good = 0;

    if (count == 0) {
        return s;
    }
    qsort(percent, count, sizeof(*percent), rising);
    for (size_t i = 0; i < count; i++) {
        sum += percent[i];
        good += percent[i] >= CC_PROFILE_GOOD;
    }
    s.mean = (unsigned)((2 * sum + count) / (2 * count));
    s.median = (percent[(count - 1) / 2] + percent[count / 2] + 1) / 2;
    s.good = (unsigned)((200 * good + count) / (2 * count));
    return s;
}

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Below a bound, each as likely (Lemire 2019, with rejection). */
static uint64_t below(uint64_t *state, uint64_t bound)
{
    uint64_t least = (0 - bound) % bound, draw;

    do {
        draw = next(state);
    } while (draw < least);
    return draw % bound;
}

size_t cc_profile_sample(
    uint64_t seed, size_t count, size_t wanted, size_t *out)
{
    size_t taken = 0;

    for (size_t i = 0; i < count && taken < wanted; i++) {
        if (below(&seed, count - i) < wanted - taken) {
            out[taken++] = i;
        }
    }
    return taken;
}
