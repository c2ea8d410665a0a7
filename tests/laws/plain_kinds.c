#include "plain_kinds.h"

static bool has(uint64_t set, int i)
{
    return (set >> i & 1) != 0;
}

static bool same_key(const struct plain_one *a, const struct plain_one *b)
{
    return a->kind == b->kind && a->element == b->element;
}

/* Whether a write takes another away: it had seen it, or it is a later one of
 * the same replica. */
static bool takes_away(
    const struct plain_history *h, const struct plain_one *later, int i)
{
    const struct plain_one *w = &h->write[i];

    return has(later->seen, i) ||
           (w->replica == later->replica && w->number < later->number);
}

uint64_t plain_standing(const struct plain_history *h, uint64_t copy,
    enum plain_kind kind, int element)
{
    const struct plain_one key = { .kind = kind, .element = element };
    uint64_t out = 0;

    for (int i = 0; i < h->count; i++) {
        bool stands = has(copy, i) && same_key(&h->write[i], &key);

        for (int j = 0; j < h->count && stands; j++) {
            stands = !(has(copy, j) && j != i && same_key(&h->write[j], &key) &&
                       takes_away(h, &h->write[j], i));
        }
        out |= stands ? 1ull << i : 0;
    }
    return out;
}

/* a before b by time, then replica, then number. */
static bool earlier(const struct plain_one *a, const struct plain_one *b)
{
    if (a->time != b->time) {
        return a->time < b->time;
    }
    return a->replica != b->replica ? a->replica < b->replica
                                    : a->number < b->number;
}

static bool better(const struct plain_one *a, const struct plain_one *b)
{
    switch (a->kind) {
    case PLAIN_MAX:
    case PLAIN_DENY:
        return a->value != b->value ? a->value > b->value : earlier(b, a);
    case PLAIN_AUTH:
        return a->authority != b->authority ? a->authority > b->authority
                                            : earlier(b, a);
    case PLAIN_IMM:
        return earlier(a, b);
    default:
        return earlier(b, a);
    }
}

int plain_shown(
    const struct plain_history *h, uint64_t copy, enum plain_kind kind)
{
    uint64_t standing = plain_standing(h, copy, kind, 0);
    int best = -1;

    for (int i = 0; i < h->count; i++) {
        if (has(standing, i) &&
            (best < 0 || better(&h->write[i], &h->write[best]))) {
            best = i;
        }
    }
    return best;
}

bool plain_member(const struct plain_history *h, uint64_t copy,
    enum plain_kind kind, int element)
{
    uint64_t standing = plain_standing(h, copy, kind, element);

    for (int i = 0; i < h->count; i++) {
        if (has(standing, i) && h->write[i].value != NOTHING) {
            return true;
        }
    }
    return false;
}

long plain_count(
    const struct plain_history *h, uint64_t copy, long low, long high)
{
    long sum = 0;

    for (int i = 0; i < h->count; i++) {
        if (has(copy, i) && h->write[i].kind == PLAIN_CNT) {
            sum += h->write[i].value;
        }
    }
    return sum < low ? low : sum > high ? high : sum;
}

bool plain_conflict(
    const struct plain_history *h, uint64_t copy, enum plain_kind kind)
{
    uint64_t standing = plain_standing(h, copy, kind, 0);
    int shown = plain_shown(h, copy, kind);

    if (kind != PLAIN_KEEP && kind != PLAIN_IMM && kind != PLAIN_AUTH) {
        return false;
    }
    for (int i = 0; i < h->count; i++) {
        if (has(standing, i) && h->write[i].value != h->write[shown].value &&
            (kind != PLAIN_AUTH ||
                h->write[i].authority == h->write[shown].authority)) {
            return true;
        }
    }
    return false;
}
