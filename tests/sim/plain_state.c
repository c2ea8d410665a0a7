#include "plain_state.h"

#include "plain_policy.h"

#include "sp/pack.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, VALUES = 48, SEEN = 128 };

struct value {
    struct sp_dot dot;
    struct sp_slice bytes;
};

struct reg {
    struct reg *next;
    struct sp_ref ref;
    struct sp_key key;
    uint32_t values, seens;
    struct value value[VALUES];
    struct sp_dot seen[SEEN]; /* every write up to there was seen */
};

struct plain_state {
    struct reg *bucket[BUCKETS];
    uint32_t records;
    struct sp_ref *ref;
    uint32_t capacity;
    struct sp_arena images; /* values that are made of others */
};

struct plain_state *plain_state_new(void)
{
    struct plain_state *s = calloc(1, sizeof(*s));

    SP_ASSERT(s != NULL);
    sp_arena_init(&s->images, 1u << 26);
    return s;
}

void plain_state_free(struct plain_state *s)
{
    for (unsigned i = 0; s != NULL && i < BUCKETS; i++) {
        while (s->bucket[i] != NULL) {
            struct reg *next = s->bucket[i]->next;
            free(s->bucket[i]);
            s->bucket[i] = next;
        }
    }
    if (s != NULL) {
        free(s->ref);
        sp_arena_free(&s->images);
    }
    free(s);
}

static unsigned bucket_of(const struct sp_ref *ref, uint16_t field)
{
    unsigned h = field;

    for (unsigned i = 0; i < sizeof(ref->id.b); i++) {
        h = h * 31u + ref->id.b[i];
    }
    return h % BUCKETS;
}

static struct reg *find(const struct plain_state *s, const struct sp_ref *ref,
    const struct sp_key *key)
{
    struct reg *g = s->bucket[bucket_of(ref, key->field)];

    while (g != NULL &&
           (!sp_ref_equal(&g->ref, ref) || sp_key_cmp(&g->key, key) != 0)) {
        g = g->next;
    }
    return g;
}

static void note_record(struct plain_state *s, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < s->records; i++) {
        if (sp_ref_equal(&s->ref[i], ref)) {
            return;
        }
    }
    if (s->records == s->capacity) {
        s->capacity = s->capacity * 2u + 64u;
        s->ref = realloc(s->ref, s->capacity * sizeof(*s->ref));
        SP_ASSERT(s->ref != NULL);
    }
    s->ref[s->records++] = *ref;
}

static struct reg *find_or_make(
    struct plain_state *s, const struct sp_ref *ref, const struct sp_key *key)
{
    struct reg *g = find(s, ref, key);

    if (g == NULL) {
        struct reg **bucket = &s->bucket[bucket_of(ref, key->field)];
        g = calloc(1, sizeof(*g));
        SP_ASSERT(g != NULL);
        g->ref = *ref;
        g->key = *key;
        g->next = *bucket;
        *bucket = g;
        note_record(s, ref);
    }
    return g;
}

static uint64_t seen_of(const struct reg *g, sp_replica replica)
{
    for (uint32_t i = 0; i < g->seens; i++) {
        if (g->seen[i].replica == replica) {
            return g->seen[i].counter;
        }
    }
    return 0;
}

static void see(struct reg *g, struct sp_dot dot)
{
    for (uint32_t i = 0; i < g->seens; i++) {
        if (g->seen[i].replica == dot.replica) {
            if (g->seen[i].counter < dot.counter) {
                g->seen[i].counter = dot.counter;
            }
            return;
        }
    }
    SP_ASSERT(g->seens < SEEN);
    g->seen[g->seens++] = dot;
}

/* SYNC M3. */
static void apply_write(
    struct reg *g, const struct sp_write *w, struct sp_dot dot)
{
    bool covered = seen_of(g, dot.replica) >= dot.counter;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < g->values; i++) {
        struct sp_dot *d = &g->value[i].dot;
        bool removed = (d->replica == dot.replica && d->counter < dot.counter);
        for (uint32_t k = 0; k < w->context.count; k++) {
            removed = removed || (w->context.dot[k].replica == d->replica &&
                                     w->context.dot[k].counter >= d->counter);
        }
        if (!removed) {
            g->value[kept++] = g->value[i];
        }
    }
    g->values = kept;
    for (uint32_t k = 0; k < w->context.count; k++) {
        see(g, w->context.dot[k]);
    }
    see(g, dot);
    if (!covered) {
        SP_ASSERT(g->values < VALUES);
        g->value[g->values++] = (struct value){ dot, w->value };
    }
}

/* ---- what is derived --------------------------------------------------- */

/* Of accounts and contacts, as the dictionary that ships says it. */
enum { ADDRESS = 8, PHONE = 10, DISTRICT = 66, MASKED = 67 };
enum { CONTACT_NAME = 3, CONTACT_MASKED = 43 };
enum { CONSENT_MESSAGES = 48, CONSENT_CALLS = 49 };
enum { MESSAGE_NAME = 50, CALL_NAME = 53 };

static struct sp_slice kept(struct plain_state *s, struct sp_buf *b)
{
    struct sp_slice out = sp_arena_copy(&s->images, sp_buf_slice(b));

    SP_ASSERT(b->err == SP_OK && out.data != NULL);
    sp_buf_free(b);
    return out;
}

/* The fourth part of a list, or nothing. */
static struct sp_slice district_of(struct plain_state *s, struct sp_slice v)
{
    struct sp_slice part[6];
    uint32_t count = 0;
    struct sp_buf b;
    struct sp_rd r;

    sp_buf_init(&b, 4096);
    sp_rd_init(&r, v);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        count = sp_rd_array(&r, 6);
    }
    for (uint32_t i = 0; i < count; i++) {
        part[i] = sp_rd_value(&r);
    }
    if (count > 3) {
        sp_buf_put(&b, part[3].data, part[3].size);
    } else {
        sp_wr_nil(&b);
    }
    return kept(s, &b);
}

/* Stars and the last characters (names here are plain letters), never more
 * than half. */
static struct sp_slice masked(
    struct plain_state *s, struct sp_slice v, size_t shown)
{
    char text[64] = "****";
    struct sp_slice phone = { NULL, 0 };
    struct sp_buf b;
    struct sp_rd r;

    sp_buf_init(&b, 4096);
    sp_rd_init(&r, v);
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        (void)sp_rd_array(&r, 1);
    }
    if (sp_rd_peek(&r) == SP_KIND_STR) {
        phone = sp_rd_str(&r, 60);
    }
    if (phone.size > 0) {
        size_t tail = phone.size / 2 < shown ? phone.size / 2 : shown;
        memcpy(text + 4, phone.data + phone.size - tail, tail);
        sp_wr_text(&b, text);
    } else {
        sp_wr_nil(&b);
    }
    return kept(s, &b);
}

static void apply_image(struct plain_state *s, const struct sp_ref *ref,
    const struct sp_write *w, struct sp_dot dot)
{
    struct sp_write image = *w;
    uint16_t field = w->key.field;

    if (ref->type == PLAIN_ACCOUNT && field == ADDRESS) {
        image.key.field = DISTRICT;
        image.value = district_of(s, w->value);
    } else if (ref->type == PLAIN_ACCOUNT && field == PHONE) {
        image.key.field = MASKED;
        image.value = masked(s, w->value, 4);
    } else if (ref->type == PLAIN_CONTACT && field == CONTACT_NAME) {
        image.key.field = CONTACT_MASKED;
        image.value = masked(s, w->value, 1);
    } else {
        return;
    }
    apply_write(find_or_make(s, ref, &image.key), &image, dot);
}

static void forget(struct plain_state *s, struct reg *gone)
{
    struct reg **at = &s->bucket[bucket_of(&gone->ref, gone->key.field)];

    while (*at != gone) {
        at = &(*at)->next;
    }
    *at = gone->next;
    free(gone);
}

/* Whether somebody says yes (1), and nobody no (2). */
static bool says_yes(const struct reg *consent)
{
    uint64_t worst = 0;

    for (uint32_t i = 0; consent != NULL && i < consent->values; i++) {
        struct sp_rd r;
        sp_rd_init(&r, consent->value[i].bytes);
        (void)sp_rd_array(&r, 4);
        uint64_t said = sp_rd_uint(&r, 1, 2);
        worst = said > worst ? said : worst;
    }
    return worst == 1;
}

/* What stands by a consent is all that its source shows, or not there. */
static void apply_consent(struct plain_state *s, const struct sp_ref *ref,
    uint16_t field, uint16_t consent)
{
    struct sp_key key = { .field = field };
    struct sp_key from = { .field = CONTACT_NAME }, by = { .field = consent };
    struct reg *had = find(s, ref, &key);
    const struct reg *source = find(s, ref, &from);

    if (had != NULL) {
        forget(s, had);
    }
    if (source == NULL || !says_yes(find(s, ref, &by))) {
        return;
    }
    struct reg *image = find_or_make(s, ref, &key);
    image->values = source->values;
    image->seens = source->seens;
    memcpy(image->seen, source->seen, sizeof(image->seen));
    for (uint32_t i = 0; i < source->values; i++) {
        image->value[i].dot = source->value[i].dot;
        image->value[i].bytes = masked(s, source->value[i].bytes, 1);
    }
}

/* What a server hands on stands under its author's content (PROTOCOL.md,
 * "Carried"). */
static struct sp_dot dot_of(const struct sp_commit *c)
{
    return sp_id_is_zero(&c->carried.content)
               ? (struct sp_dot){ c->replica, c->n }
               : sp_dot_of_content(&c->carried.content);
}

void plain_state_apply(struct plain_state *s, const struct sp_commit *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_change *change = &c->change[i];
        for (uint32_t k = 0;
             k < change->count && change->ref.type < PLAIN_TYPES; k++) {
            apply_write(find_or_make(s, &change->ref, &change->write[k].key),
                &change->write[k], dot_of(c));
            apply_image(s, &change->ref, &change->write[k], dot_of(c));
        }
        if (change->ref.type == PLAIN_CONTACT) {
            apply_consent(s, &change->ref, MESSAGE_NAME, CONSENT_MESSAGES);
            apply_consent(s, &change->ref, CALL_NAME, CONSENT_CALLS);
        }
    }
}

static bool same_register(const struct reg *g, const struct sp_register *r)
{
    if (g == NULL || g->values != r->count || g->seens != r->context.count) {
        return false;
    }
    for (uint32_t i = 0; i < r->context.count; i++) {
        if (seen_of(g, r->context.dot[i].replica) !=
            r->context.dot[i].counter) {
            return false;
        }
    }
    for (uint32_t i = 0; i < r->count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < g->values; k++) {
            found =
                found ||
                (sp_dot_cmp(&g->value[k].dot, &r->sibling[i].stamp.dot) == 0 &&
                    sp_slice_equal(g->value[k].bytes, r->sibling[i].value));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

bool plain_state_equal(
    const struct plain_state *s, const struct sp_record *r, uint16_t *field)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < r->count; i++) {
        *field = r->reg[i].key.field;
        if (!same_register(find(s, &r->ref, &r->reg[i].key), &r->reg[i])) {
            return false;
        }
    }
    *field = 0;
    for (unsigned b = 0; b < BUCKETS; b++) {
        for (const struct reg *g = s->bucket[b]; g != NULL; g = g->next) {
            count += sp_ref_equal(&g->ref, &r->ref);
        }
    }
    return count == r->count;
}

uint32_t plain_state_records(const struct plain_state *s)
{
    return s->records;
}
