#include "api/select.h"

#include <stdlib.h>
#include <string.h>

#include "book/collate.h"
#include "book/nfc.h"
#include "book/search.h"

#define KEYS_BYTES_MAX (256u << 20)
#define NFC_BYTES_MAX  (4u * CC_SEARCH_TEXT_MAX)
#define PREFIX_BYTES   16u

/* What an entry is put in order by. */
struct place {
    uint64_t prefix[2];      /* of its key, zeros behind a short one */
    uint32_t key, key_bytes; /* the rest, in keys */
    uint32_t rank;
    uint32_t entry; /* which one */
};

struct work {
    struct cc_call *call;
    const struct cc_select_query *q;
    struct cc_select *out;
    struct cc_search search;
    enum cc_collate order;
    uint8_t *rank; /* of each entry, twice; odd: found through found[] */
    const struct cc_entry **found;
    struct place *place; /* heap */
    size_t count;
    struct sp_buf keys;
};

void cc_select_free(struct cc_select *s)
{
    free(s->row);
    s->row = NULL;
    s->count = 0;
}

/* ---- what fits --------------------------------------------------------- */

/* Whether it belongs to the parent or to what was merged into that. */
static bool belongs(const struct cc_select_query *q, const struct cc_entry *e)
{
    bool yes = sp_id_equal(&e->parent, &q->parent);

    for (size_t i = 0; i < q->absorbed_count; i++) {
        yes = yes || sp_id_equal(&e->parent, &q->absorbed[i]);
    }
    return yes;
}

/* All but the text. */
static bool allowed(const struct work *w, const struct cc_entry *e)
{
    const struct satchel_query *q = w->q->query;
    const struct cc_index *x = w->out->index;

    return (!e->deleted || q->deleted) &&
           (!w->q->by_parent || belongs(w->q, e)) &&
           (q->territory == NULL ||
               strcmp(cc_index_text(x, e->territory), q->territory) == 0);
}

static size_t number_of(const struct work *w, const struct cc_entry *e)
{
    return (size_t)(e - w->out->index->entry);
}

/* Keeps the best fit of an entry; what was merged into another stands for
 * that one, found under either name. */
static void note(struct work *w, const struct cc_entry *e, unsigned rank,
    const struct cc_entry *found)
{
    const struct cc_entry *survivor = cc_index_survivor(w->out->index, e);
    size_t at = number_of(w, survivor);

    if ((survivor == e || allowed(w, survivor)) && rank < w->rank[at]) {
        w->rank[at] = (uint8_t)rank;
        w->found[at] = found;
    }
}

static void search_entries(struct work *w)
{
    const struct cc_index *x = w->out->index;

    for (size_t i = 0; i < x->count; i++) {
        const struct cc_entry *e = &x->entry[i];
        enum cc_search_rank rank;
        if (!allowed(w, e) ||
            (w->search.count == 0 && cc_index_survivor(x, e) != e)) {
            continue;
        }
        rank = cc_search_rank(&w->search, cc_index_text(x, e->hay));
        if (rank != CC_SEARCH_NOT) {
            note(w, e, 2u * (unsigned)rank, NULL);
        }
    }
}

static void search_people(struct work *w)
{
    const struct cc_index *people = w->out->people;

    for (size_t i = 0; i < people->count; i++) {
        const struct cc_entry *p = &people->entry[i], *e;
        enum cc_search_rank rank;
        if (p->deleted) {
            continue;
        }
        rank = cc_search_rank(&w->search, cc_index_text(people, p->hay));
        e = rank == CC_SEARCH_NOT ? NULL
                                  : cc_index_find(w->out->index, &p->parent);
        if (e != NULL && allowed(w, e)) {
            note(w, e, 2u * (unsigned)rank + 1u, p);
        }
    }
}

/* ---- order ------------------------------------------------------------- */

static sp_err make_key(
    struct work *w, const struct cc_entry *e, struct place *out)
{
    uint8_t key[CC_COLLATE_BYTES] = { 0 };
    struct sp_slice folded =
        sp_slice_text(cc_index_text(w->out->index, e->folded));
    size_t n = cc_collate_key(w->order, folded, key);

    out->prefix[0] = sp_get_u64be(key);
    out->prefix[1] = sp_get_u64be(key + 8);
    out->key = (uint32_t)w->keys.size;
    out->key_bytes = n > PREFIX_BYTES ? (uint32_t)(n - PREFIX_BYTES) : 0;
    sp_buf_put(&w->keys, key + PREFIX_BYTES, out->key_bytes);
    return w->keys.err;
}

/* The newest first: the higher id. */
static void make_age(const struct cc_entry *e, struct place *out)
{
    out->prefix[0] = ~sp_get_u64be(e->id.b);
    out->prefix[1] = ~sp_get_u64be(e->id.b + 8);
    out->rank = 0;
}

/* Whether the rest of one key stands behind that of another. */
static bool rest_behind(
    const struct work *w, const struct place *a, const struct place *b)
{
    uint32_t n = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order =
        n == 0 ? 0 : memcmp(w->keys.data + a->key, w->keys.data + b->key, n);

    return order != 0 ? order > 0 : a->key_bytes > b->key_bytes;
}

/* Whether the first of two stands behind the second. */
static inline bool behind(
    const struct work *w, const struct place *a, const struct place *b)
{
    if (a->rank != b->rank) {
        return a->rank > b->rank;
    }
    if (a->prefix[0] != b->prefix[0]) {
        return a->prefix[0] > b->prefix[0];
    }
    if (a->prefix[1] != b->prefix[1]) {
        return a->prefix[1] > b->prefix[1];
    }
    return rest_behind(w, a, b);
}

static void merge_halves(const struct work *w, struct place *list, size_t half,
    size_t count, struct place *room)
{
    size_t a = 0, b = half, n = 0;

    memcpy(room, list, half * sizeof(*list));
    while (a < half) {
        list[n++] =
            b < count && behind(w, &room[a], &list[b]) ? list[b++] : room[a++];
    }
}

/* Equal ones stay as they are: in the order of ids, of their making. (qsort
 * has no argument for the keys, and does not promise that.) */
static void sort_places(
    const struct work *w, struct place *list, size_t count, struct place *room)
{
    size_t half = count / 2;

    if (count < 2) {
        return;
    }
    sort_places(w, list, half, room);
    sort_places(w, list + half, count - half, room);
    if (behind(w, &list[half - 1], &list[half])) {
        merge_halves(w, list, half, count, room);
    }
}

/* Those that fit, in the order of the index. */
static sp_err make_places(struct work *w)
{
    const struct cc_index *x = w->out->index;
    sp_err err = SP_OK;

    for (size_t i = 0; i < x->count && err == SP_OK; i++) {
        struct place *p = &w->place[w->count];
        if (w->rank[i] == UINT8_MAX) {
            continue;
        }
        p->entry = (uint32_t)i;
        p->rank = w->rank[i];
        if (w->q->query->newest) {
            make_age(&x->entry[i], p);
        } else {
            err = make_key(w, &x->entry[i], p);
        }
        w->count++;
    }
    return err;
}

static sp_err make_rows(struct work *w)
{
    struct cc_select *s = w->out;
    struct place *room = calloc(s->index->count / 2 + 1, sizeof(*room));
    sp_err err = SP_E_NOMEM;

    w->place = calloc(s->index->count + 1, sizeof(*w->place));
    if (room != NULL && w->place != NULL) {
        err = make_places(w);
    }
    if (err == SP_OK) {
        sort_places(w, w->place, w->count, room);
        s->row = malloc((w->count + 1) * sizeof(*s->row));
        err = s->row == NULL ? SP_E_NOMEM : SP_OK;
    }
    for (size_t i = 0; i < w->count && err == SP_OK; i++) {
        size_t entry = w->place[i].entry;
        s->row[i] =
            (struct cc_select_row){ &s->index->entry[entry], w->found[entry] };
    }
    s->count = err == SP_OK ? w->count : 0;
    free(room);
    return err;
}

/* ---- all of it --------------------------------------------------------- */

static sp_err prepare_text(struct work *w)
{
    const char *typed = w->q->query->text;
    struct sp_buf nfc;
    sp_err err;

    sp_buf_init(&nfc, NFC_BYTES_MAX);
    err = cc_nfc_text(sp_slice_text(typed == NULL ? "" : typed), &nfc);
    if (err == SP_OK &&
        (nfc.err != SP_OK || !cc_search_init(&w->search, sp_buf_slice(&nfc)))) {
        err = cc_call_say(w->call, SP_E_ARGUMENT,
            "a text to search has at most %u bytes and %u words",
            CC_SEARCH_TEXT_MAX, CC_SEARCH_WORDS_MAX);
    }
    sp_buf_free(&nfc);
    return err;
}

static bool has_telephone(const struct sp_entity *e)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->kind == SP_VALUE_PHONE) {
            return true;
        }
        for (uint32_t k = 0; k < f->part_count; k++) {
            if (f->part[k].kind == SP_VALUE_PHONE) {
                return true;
            }
        }
    }
    return false;
}

sp_err cc_select_people(struct cc_call *c, const struct sp_entity *entity,
    const struct cc_index **out)
{
    *out = NULL;
    for (uint32_t type = 1; type <= SP_TYPE_MAX; type++) {
        const struct sp_entity *e =
            sp_dictionary_entity(c->dictionary, (uint16_t)type);
        const struct sp_field *parent =
            e == NULL ? NULL : sp_dictionary_field(e, e->parent);
        if (parent != NULL && parent->target == entity->number &&
            cc_entry_title_field(e) != NULL && has_telephone(e)) {
            return cc_replica_index(&c->s->replica, &c->tx, e, out);
        }
    }
    return SP_OK;
}

static sp_err search(struct work *w)
{
    struct cc_select *s = w->out;
    size_t room = s->index->count + 1;

    w->rank = (uint8_t *)malloc(room);
    w->found = (const struct cc_entry **)calloc(room, sizeof(*w->found));
    if (w->rank == NULL || w->found == NULL) {
        return SP_E_NOMEM;
    }
    memset(w->rank, UINT8_MAX, room);
    search_entries(w);
    if (s->people != NULL) {
        search_people(w);
    }
    return make_rows(w);
}

sp_err cc_select_make(
    struct cc_call *c, const struct cc_select_query *q, struct cc_select *out)
{
    static const enum cc_collate orders[] = {
        [SATCHEL_SORT_NAME] = CC_COLLATE_NAME,
        [SATCHEL_SORT_PINYIN] = CC_COLLATE_PINYIN,
        [SATCHEL_SORT_STROKE] = CC_COLLATE_STROKE,
    };
    struct work w = { .call = c, .q = q, .out = out };
    size_t sort = (size_t)q->query->sort;
    sp_err err;

    memset(out, 0, sizeof(*out));
    sp_buf_init(&w.keys, KEYS_BYTES_MAX);
    if (sort >= sizeof(orders) / sizeof(orders[0])) {
        return cc_call_say(c, SP_E_ARGUMENT, "there is no such order");
    }
    w.order = orders[sort];
    err = prepare_text(&w);
    if (err == SP_OK) {
        err = cc_replica_index(&c->s->replica, &c->tx, q->entity, &out->index);
    }
    if (err == SP_OK && w.search.count > 0) {
        err = cc_select_people(c, q->entity, &out->people);
    }
    if (err == SP_OK) {
        err = search(&w);
    }
    free(w.rank);
    free((void *)w.found);
    free(w.place);
    sp_buf_free(&w.keys);
    return err;
}
