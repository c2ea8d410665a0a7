#include "api/pair.h"

#include <stdlib.h>
#include <string.h>

#include "book/pairs.h"
#include "book/quality.h"
#include "book/search.h"

#include "api/select.h"

#define BYTES_MAX (256u << 20)
#define NOBODY    UINT32_MAX
#define DAY_MS    86400000u

struct look {
    struct cc_call *call;
    const struct cc_index *index, *people;
    const struct sp_entity *issue;
    struct cc_pairs pairs;
    uint64_t since_ms;
    bool newest; /* their turn */
    size_t most; /* pairs that are found */
    struct cc_pair_list *out;
};

/* ---- telephones ---------------------------------------------------------- */

static void add_phone(struct cc_pair_phones *phones,
    struct cc_duplicate_card *out, struct sp_slice text)
{
    char *key = phones->key[out->phones];

    if (out->phones == CC_DUPLICATE_PHONES_MAX ||
        cc_phone_key(text, key) == 0) {
        return;
    }
    for (size_t i = 0; i < out->phones; i++) {
        if (strcmp(out->phone[i], key) == 0) {
            return;
        }
    }
    out->phone[out->phones++] = key;
}

void cc_pair_phones(const struct cc_index *x, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out)
{
    const char *hay = cc_index_text(x, e->hay);

    out->phones = 0;
    add_phone(phones, out, sp_slice_text(cc_index_text(x, e->phone)));
    while (*hay != '\0') {
        size_t size = strcspn(hay + 1, "\n");

        if (*hay == CC_SEARCH_PHONE) {
            add_phone(phones, out, sp_slice_of(hay + 1, size));
        }
        hay += size + 2;
    }
}

/* ---- who has which keys -------------------------------------------------- */

/* The place of the account of an entry, of a merged one that of what it is
 * now. Looked up only for keys that can make a pair. */
static uint32_t place_of(
    const struct look *l, const struct cc_index *x, const struct cc_entry *e)
{
    e = x == l->index ? e : cc_index_find(l->index, &e->parent);
    e = e == NULL ? NULL : cc_index_survivor(l->index, e);
    return e == NULL || e->deleted ? NOBODY : (uint32_t)(e - l->index->entry);
}

static sp_err put(struct look *l, const struct cc_index *x,
    const struct cc_entry *e, enum cc_duplicate_reason reason, uint64_t key)
{
    uint32_t at = key == 0 || (!l->newest && !cc_pairs_wants(&l->pairs, key))
                      ? NOBODY
                      : place_of(l, x, e);

    return at == NOBODY ? SP_OK : cc_pairs_add(&l->pairs, at, reason, key);
}

static sp_err put_entry(
    struct look *l, const struct cc_index *x, const struct cc_entry *e)
{
    const struct sp_id *account = x == l->index ? &e->id : &e->parent;
    struct cc_pair_phones phones;
    struct cc_duplicate_card c;
    sp_err err = SP_OK;

    if (e->deleted || (sp_id_time_ms(account) >= l->since_ms) != l->newest) {
        return SP_OK;
    }
    if (x == l->index) {
        err = put(l, x, e, CC_DUPLICATE_NAME,
            cc_pairs_name_key(sp_slice_text(cc_index_text(x, e->folded))));
    }
    cc_pair_phones(x, e, &phones, &c);
    for (size_t i = 0; i < c.phones && err == SP_OK; i++) {
        err = put(l, x, e, CC_DUPLICATE_PHONE,
            cc_pairs_phone_key(sp_slice_text(c.phone[i])));
    }
    return err;
}

static sp_err put_index(struct look *l, const struct cc_index *x)
{
    sp_err err = SP_OK;

    for (size_t i = 0; x != NULL && i < x->count && err == SP_OK; i++) {
        err = put_entry(l, x, &x->entry[i]);
    }
    return err;
}

/* Entries are in the order of ids, which is that of their making. */
static uint32_t first_since(const struct look *l)
{
    size_t low = 0, high = l->index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sp_id_time_ms(&l->index->entry[middle].id) < l->since_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

/* First the newest, so that of the others only what they have is kept. */
static sp_err put_all(struct look *l)
{
    sp_err err = SP_OK;

    for (unsigned turn = 0; turn < 2 && err == SP_OK; turn++) {
        l->newest = turn == 0;
        err = put_index(l, l->index);
        if (err == SP_OK) {
            err = put_index(l, l->people);
        }
    }
    return err;
}

/* ---- what people said ---------------------------------------------------- */

static const struct cc_entry *entry_of(
    const struct look *l, const struct sp_id *id)
{
    const struct cc_entry *e = cc_index_find(l->index, id);

    e = e == NULL ? NULL : cc_index_survivor(l->index, e);
    return e == NULL || e->deleted ? NULL : e;
}

static struct cc_pair_found *add_pair(
    struct look *l, const struct cc_entry *a, const struct cc_entry *b)
{
    struct cc_pair_list *out = l->out;

    out->pair = (struct cc_pair_found *)sp_arena_grow(
        &out->arena, out->pair, out->count, sizeof(*out->pair));
    if (out->pair == NULL) {
        return NULL;
    }
    out->pair[out->count] = (struct cc_pair_found){ .older = a < b ? a : b,
        .newer = a < b ? b : a };
    return &out->pair[out->count++];
}

static sp_err take_word(void *arg, const struct sp_record *view)
{
    struct look *l = (struct look *)arg;
    const struct cc_value_of of = { l->issue, view };
    struct cc_pair_found *p;
    struct sp_id one, other;
    const enum cc_pairs_word word = cc_pairs_read(&of, &one, &other);
    const struct cc_entry *a, *b;

    if (word == CC_PAIRS_SILENT) {
        return SP_OK;
    }
    a = entry_of(l, &one);
    b = entry_of(l, &other);
    if (a == NULL || b == NULL || a == b) {
        return SP_OK;
    }
    if (word == CC_PAIRS_TWO) {
        return cc_pairs_apart(&l->pairs, (uint32_t)(a - l->index->entry),
            (uint32_t)(b - l->index->entry));
    }
    p = add_pair(l, a, b);
    if (p == NULL) {
        return SP_E_NOMEM;
    }
    p->issue = view->ref;
    return SP_OK;
}

/* A dictionary that lacks the entity has none of it. */
static sp_err read_words(struct look *l)
{
    l->issue = sp_dictionary_entity_named(
        l->call->dictionary, sp_slice_text("quality_issue"));
    return l->issue == NULL
               ? SP_OK
               : cc_call_walk(l->call, l->issue, NULL, take_word, l);
}

/* ---- pairs --------------------------------------------------------------- */

static void card_of(const struct look *l, const struct cc_entry *e,
    struct cc_pair_phones *phones, struct cc_duplicate_card *out)
{
    cc_pair_phones(l->index, e, phones, out);
    out->name = sp_slice_text(cc_index_text(l->index, e->folded));
    out->placed = e->placed;
    out->place = (struct cc_geo){ e->latitude, e->longitude };
}

/* known: what the keys say, also of contacts, who are on no card. */
static void compare(
    const struct look *l, struct cc_pair_found *p, uint32_t known)
{
    struct cc_pair_phones phones[2];
    struct cc_duplicate_card card[2];

    card_of(l, p->older, &phones[0], &card[0]);
    card_of(l, p->newer, &phones[1], &card[1]);
    (void)cc_duplicate_compare(&card[0], &card[1], &p->reason);
    p->reason.reasons |= known;
}

static int newest_first(const void *a, const void *b)
{
    const struct cc_pair_found *x = (const struct cc_pair_found *)a;
    const struct cc_pair_found *y = (const struct cc_pair_found *)b;

    return x->newer != y->newer ? (x->newer < y->newer) - (x->newer > y->newer)
                                : (x->older < y->older) - (x->older > y->older);
}

/* Each once: two may ask about what became one pair by a merge. Those of whom
 * somebody said since that they are two were answered by another issue. */
static void settle_asked(struct look *l)
{
    struct cc_pair_list *out = l->out;
    size_t n = 0;

    if (out->count > 0) {
        qsort(out->pair, out->count, sizeof(*out->pair), newest_first);
    }
    for (size_t i = 0; i < out->count && n < l->most; i++) {
        struct cc_pair_found *p = &out->pair[i];

        if ((n > 0 && newest_first(&out->pair[n - 1], p) == 0) ||
            cc_pairs_are_two(&l->pairs, (uint32_t)(p->older - l->index->entry),
                (uint32_t)(p->newer - l->index->entry))) {
            continue;
        }
        compare(l, p, 0);
        out->pair[n++] = *p;
    }
    out->count = n;
}

static sp_err take_pairs(struct look *l)
{
    struct cc_pair_list *out = l->out;
    struct cc_pair *pair;
    size_t count, asked;
    sp_err err = cc_pairs_find(&l->pairs, &pair, &count);

    if (err == SP_OK) {
        settle_asked(l);
    }
    asked = out->count;
    for (size_t i = count; err == SP_OK && i > 0; i--) {
        const struct cc_pair_found key = {
            .older = &l->index->entry[pair[i - 1].older],
            .newer = &l->index->entry[pair[i - 1].newer]
        };
        struct cc_pair_found *p =
            asked == 0 ? NULL
                       : (struct cc_pair_found *)bsearch(
                             &key, out->pair, asked, sizeof(key), newest_first);

        if (p == NULL && out->count == l->most) {
            continue;
        }
        p = p == NULL ? add_pair(l, key.older, key.newer) : p;
        if (p == NULL) {
            return SP_E_NOMEM;
        }
        compare(l, p, pair[i - 1].reasons);
    }
    return err;
}

/* ---- the rules ----------------------------------------------------------- */

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    struct cc_call *c = (struct cc_call *)self;

    return sp_state_walk(&c->tx, type, NULL, each, arg);
}

static sp_err read_rules(struct look *l, const struct cc_pair_wanted *wanted)
{
    const struct cc_replica *r = &l->call->s->replica;
    const struct cc_quality_source source = {
        .book = r->book, .self = l->call, .walk = walk
    };
    uint64_t now = r->env.now_ms(r->env.self), back;
    struct cc_quality_rules rules;
    sp_err err = cc_quality_read_rules(&source, &rules);

    if (err == SP_OK) {
        back = (uint64_t)rules.pair_days * DAY_MS;
        l->most = rules.pairs;
        l->since_ms = wanted->since_ms != 0 ? wanted->since_ms
                      : now > back          ? now - back
                                            : 0;
    }
    return err;
}

sp_err cc_pair_find(struct cc_call *c, const struct cc_pair_wanted *wanted,
    struct cc_pair_list *out)
{
    const struct sp_entity *account;
    struct look l = { .call = c, .out = out };
    sp_err err;

    *out = (struct cc_pair_list){ .count = 0 };
    sp_arena_init(&out->arena, BYTES_MAX);
    l.pairs.arena = &out->arena;
    err = read_rules(&l, wanted);
    if (err == SP_OK) {
        err = cc_call_entity(c, "account", &account);
    }
    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, account, &l.index);
    }
    if (err == SP_OK) {
        out->index = l.index;
        err = cc_select_people(c, account, &l.people);
    }
    if (err == SP_OK) {
        err = cc_pairs_since(&l.pairs, first_since(&l));
    }
    if (err == SP_OK) {
        err = read_words(&l);
    }
    if (err == SP_OK) {
        err = put_all(&l);
    }
    return err == SP_OK ? take_pairs(&l) : err;
}

void cc_pair_free(struct cc_pair_list *list)
{
    sp_arena_free(&list->arena);
}
