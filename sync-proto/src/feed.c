/*
 * feed.c - what a server hands out of its scopes (SYNC S2, S4, S5).
 *
 * A page walks the feeds of the positions that were asked for, lane by lane
 * over all scopes, then what lies beyond each scan's mark, until it is full.
 */
#include "engine.h"

#define PAGE_ITEMS 1500u

struct page {
    struct sp_tx *tx;
    struct sp_reader *reader;
    struct sp_buf *items;
    size_t budget;
    uint32_t count;
    bool full;
    sp_err err;
    /* the scan at work */
    uint32_t index;
    struct sp_position *at;
    uint64_t until; /* last sequence of this part */
    bool lanes;     /* only entries of the lane at->lane */
    bool only;      /* only keys that a wider grant shows (SYNC S5) */
    bool untold;    /* verdicts of the reader's that he has not confirmed */
};

/* ---- one record -------------------------------------------------------- */

/* The holdings by way of which the reader sees a record, those that show the
 * same once. */
struct grants {
    uint32_t count;
    const struct sp_holding *by[SP_PLACES_MAX];
};

static const struct sp_holding *find_holding(
    const struct sp_reader *r, const struct sp_id *scope)
{
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = sp_id_cmp(&r->holding[mid].scope, scope);
        if (c == 0) {
            return &r->holding[mid];
        }
        if (c < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

static void collect_grants(
    const struct sp_reader *r, const struct sp_stored *s, struct grants *out)
{
    out->count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sp_holding *h =
            s->place[i].left ? NULL : find_holding(r, &s->place[i].scope);
        bool known = h == NULL;
        for (uint32_t k = 0; k < out->count && !known; k++) {
            known = out->by[k]->grant == h->grant &&
                    out->by[k]->keys.count == 0 && h->keys.count == 0;
        }
        if (!known) {
            out->by[out->count++] = h;
        }
    }
}

static bool shows(const struct sp_reader *r, const struct grants *g,
    uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < g->count; i++) {
        const struct sp_holding *h = g->by[i];
        if (!sp_grant_has(&h->keys, type, field) &&
            r->rules->reads(r->rules->self, h->grant, type, field)) {
            return true;
        }
    }
    return false;
}

/* SYNC S4: only the reader's own dots, of commits above safe that a reply
 * reports as accepted. What is derived has them too, but no device makes it. */
static bool all_own(
    const struct sp_reader *r, uint16_t type, const struct sp_register *reg)
{
    if (r->rules->derives(r->rules->self, type, reg->key.field)) {
        return false;
    }
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_dot *d = &reg->sibling[i].stamp.dot;
        if (d->replica != r->replica || d->counter <= r->safe ||
            d->counter > r->frontier) {
            return false;
        }
    }
    return reg->count > 0;
}

/* A deferral that has ended in acceptance since the last told: the reader does
 * not know it yet (SYNC S4). */
static sp_err all_told(
    const struct page *p, const struct sp_register *reg, bool *mine)
{
    for (uint32_t i = 0; i < reg->count && p->untold && *mine; i++) {
        const struct sp_dot *d = &reg->sibling[i].stamp.dot;
        struct sp_verdict_entry e;
        SP_TRY(sp_log_verdict(p->tx, d->replica, d->counter, &e));
        *mine = e.verdict.kind == SP_VERDICT_NONE || e.confirmed;
    }
    return SP_OK;
}

/* The registers to send: all that are shown (whole), or those that changed
 * after since and are not the reader's own. own: whether every shown register
 * is the reader's own. */
static sp_err select_registers(struct page *p, const struct sp_stored *s,
    const struct grants *g, bool whole, struct sp_record *out, bool *own)
{
    const struct sp_record *r = &s->record;
    struct sp_register *reg =
        sp_arena_take(&p->tx->scratch, r->count + 1u, sizeof *reg);
    uint32_t n = 0;
    *own = true;
    if (reg == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        if (!shows(p->reader, g, r->ref.type, r->reg[i].key.field)) {
            continue;
        }
        bool mine = all_own(p->reader, r->ref.type, &r->reg[i]);
        SP_TRY(all_told(p, &r->reg[i], &mine));
        *own = *own && mine;
        if (whole || (r->reg[i].seq > p->at->since && !mine)) {
            reg[n++] = r->reg[i];
        }
    }
    *out = (struct sp_record){ r->ref, n, reg };
    return SP_OK;
}

/* Whether a scan that stands there has passed a place. */
static bool passed(const struct sp_position *at, unsigned lane, uint64_t seq)
{
    if (at->mark == 0) {
        return false;
    }
    if (seq > at->mark) { /* these come last, in one go */
        return at->lane == SP_LANES && at->seq >= seq;
    }
    return at->lane > lane || (at->lane == lane && at->seq >= seq);
}

/* What the reader knows of a record by way of another of its scopes. */
enum known {
    KNOWN_NOT,
    KNOWN_RECORD, /* has it, but may not know that it is in this scope too */
    KNOWN_ALL     /* got it whole in this session, this scope named with it */
};

static enum known known_of(const struct page *p, const struct sp_place *place,
    unsigned lane, const struct sp_page *out)
{
    const struct sp_holding *h =
        place->left ? NULL : find_holding(p->reader, &place->scope);
    if (h == NULL || !h->served) {
        return KNOWN_NOT;
    }
    uint32_t index = (uint32_t)(h - p->reader->holding);
    if (index == p->index) {
        return KNOWN_NOT;
    }
    if (h->complete) {
        return place->seq <= h->since ? KNOWN_RECORD : KNOWN_NOT;
    }
    for (uint32_t k = 0; k < out->count; k++) {
        const struct sp_position *o = &out->position[k].position;
        if (o->index != index) {
            continue;
        }
        if (!passed(o, lane, place->seq)) {
            return KNOWN_NOT;
        }
        /* Passed in an earlier session, this scope may not have been held. */
        return passed(&h->first, lane, place->seq)        ? KNOWN_RECORD
               : o->since == 0 || place->entry > o->since ? KNOWN_ALL
                                                          : KNOWN_RECORD;
    }
    return KNOWN_NOT;
}

static enum known delivered(
    const struct page *p, const struct sp_stored *s, const struct sp_page *out)
{
    enum known best = KNOWN_NOT;
    unsigned lane = p->tx->rules->lane(p->tx->rules->self, s->record.ref.type);
    for (uint32_t i = 0; i < s->count && best != KNOWN_ALL; i++) {
        enum known k = known_of(p, &s->place[i], lane, out);
        best = k > best ? k : best;
    }
    return best;
}

#define LOOK_MAX 8u

/* The same without the record, in the most common case: a scan from 0 has
 * passed it, and it stands in that feed under the same sequence (all places of
 * a record have one, that of its last change). */
static sp_err sent_already(struct page *p, const struct sp_feed_entry *e,
    const struct sp_page *out, bool *yes)
{
    unsigned lane = p->tx->rules->lane(p->tx->rules->self, e->ref.type);
    uint32_t looks = 0;
    *yes = false;
    for (uint32_t k = 0; k < out->count && looks < LOOK_MAX && !*yes; k++) {
        const struct sp_position *o = &out->position[k].position;
        const struct sp_holding *h = &p->reader->holding[o->index];
        struct sp_slice nothing;
        if (o->index == p->index || h->complete || o->since != 0 ||
            !passed(o, lane, e->seq) || passed(&h->first, lane, e->seq)) {
            continue;
        }
        struct sp_kb key = sp_place_feed_key(&h->scope, e->seq, &e->ref, false);
        sp_err err = sp_tx_get(p->tx, SP_T_FEED, &key, &nothing);
        if (err != SP_OK && err != SP_E_NOT_FOUND) {
            return err;
        }
        *yes = err == SP_OK;
        looks++;
    }
    return SP_OK;
}

/* The further scopes of the reader's that the record is in. */
static sp_err name_scopes(
    struct page *p, const struct sp_stored *s, struct sp_item *item)
{
    item->index = p->index;
    item->also =
        sp_arena_take(&p->tx->scratch, s->count + 1u, sizeof *item->also);
    if (item->also == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sp_holding *h =
            s->place[i].left ? NULL
                             : find_holding(p->reader, &s->place[i].scope);
        if (h == NULL || !h->served) {
            continue;
        }
        uint32_t index = (uint32_t)(h - p->reader->holding);
        if (index != p->index) {
            item->also[item->also_count++] = index;
        }
    }
    return SP_OK;
}

static sp_err put_have(
    struct page *p, const struct sp_stored *s, const struct sp_record *shown)
{
    uint8_t digest[16];
    struct sp_item item = { .kind = SP_ITEM_HAVE, .ref = shown->ref };
    SP_TRY(name_scopes(p, s, &item));
    sp_record_digest(shown, NULL, NULL, digest);
    memcpy(item.hash, digest, sizeof item.hash);
    sp_message_item(&item, p->items);
    p->count++;
    return SP_OK;
}

/* whole: s names its other scopes; NULL: a part, for this scope only. */
static sp_err put_record(
    struct page *p, const struct sp_stored *s, const struct sp_record *r)
{
    struct sp_buf *buf = &p->tx->buf;
    struct sp_item item = { .kind = SP_ITEM_RECORD, .index = p->index };
    sp_buf_reset(buf);
    sp_record_encode(r, SP_RECORD_WIRE, buf);
    SP_TRY(buf->err);
    if (s != NULL) {
        SP_TRY(name_scopes(p, s, &item));
    }
    item.bytes = sp_buf_slice(buf);
    sp_message_item(&item, p->items);
    p->count++;
    return SP_OK;
}

/* The keys of a wider grant: the reader has the rest of the record, unless it
 * entered after his last scan. */
static sp_err put_keys(struct page *p, const struct sp_stored *s, bool has_rest)
{
    const struct sp_holding *h = &p->reader->holding[p->index];
    const struct sp_rules *rules = p->reader->rules;
    const struct sp_record *r = &s->record;
    struct sp_register *reg =
        sp_arena_take(&p->tx->scratch, r->count + 1u, sizeof *reg);
    uint32_t n = 0;
    if (reg == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        uint16_t field = r->reg[i].key.field;
        if ((!has_rest || sp_grant_has(&h->keys, r->ref.type, field)) &&
            rules->reads(rules->self, h->grant, r->ref.type, field)) {
            reg[n++] = r->reg[i]; /* own dots too (SYNC S4) */
        }
    }
    struct sp_record part = { r->ref, n, reg };
    return n == 0 ? SP_OK : put_record(p, NULL, &part);
}

static sp_err put_left(struct page *p, const struct sp_feed_entry *e)
{
    struct sp_item item = {
        .kind = SP_ITEM_LEFT, .index = p->index, .ref = e->ref
    };
    sp_message_item(&item, p->items);
    p->count++;
    return SP_OK;
}

static sp_err load_entry(
    struct page *p, const struct sp_feed_entry *e, struct sp_stored **out)
{
    sp_arena_reset(&p->tx->scratch);
    struct sp_stored *s = sp_arena_take(&p->tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(p->tx, &e->ref, &p->tx->scratch, s));
    const struct sp_place *place =
        sp_place_find(s, &p->reader->holding[p->index].scope);
    if (place == NULL || place->left) {
        return SP_E_CORRUPT; /* feed and record disagree */
    }
    *out = s;
    return SP_OK;
}

/* What left before the end of the reader's last scan he does not have. */
static sp_err put_entry_keys(struct page *p, const struct sp_feed_entry *e)
{
    const struct sp_holding *h = &p->reader->holding[p->index];
    struct sp_stored *s;
    if (e->left) {
        return h->complete && e->seq <= h->since ? SP_OK : put_left(p, e);
    }
    if (!sp_grant_has_type(&h->keys, e->ref.type)) {
        return SP_OK;
    }
    SP_TRY(load_entry(p, e, &s));
    const struct sp_place *place = sp_place_find(s, &h->scope);
    return put_keys(p, s, !h->complete || place->entry <= h->since);
}

static sp_err put_entry(
    struct page *p, const struct sp_feed_entry *e, const struct sp_page *out)
{
    struct grants g;
    struct sp_record part;
    struct sp_stored *s;
    bool own;
    if (e->left) {
        /* Also from 0: a reader who has met a new history still has what left
         * since. */
        return put_left(p, e);
    }
    bool sent;
    SP_TRY(sent_already(p, e, out, &sent));
    if (sent) {
        return SP_OK;
    }
    SP_TRY(load_entry(p, e, &s));
    const struct sp_place *place =
        sp_place_find(s, &p->reader->holding[p->index].scope);
    collect_grants(p->reader, s, &g);
    bool whole = p->at->since == 0 || place->entry > p->at->since;
    SP_TRY(select_registers(p, s, &g, whole, &part, &own));
    if (part.count == 0) {
        return SP_OK;
    }
    bool origin = p->reader->server && s->origin == p->reader->peer;
    enum known known = whole ? delivered(p, s, out) : KNOWN_NOT;
    if (known == KNOWN_ALL) {
        return SP_OK;
    }
    if (whole && (own || origin || known == KNOWN_RECORD)) {
        return put_have(p, s, &part);
    }
    if (origin) {
        /* What a branch brought is what it has; the digest of all proves it. */
        SP_TRY(select_registers(p, s, &g, true, &part, &own));
        return put_have(p, s, &part);
    }
    return put_record(p, whole ? s : NULL, &part);
}

/* ---- scans ------------------------------------------------------------- */

struct walk {
    struct page *page;
    const struct sp_page *out;
};

static sp_err walk_entry(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct walk *w = arg;
    struct page *p = w->page;
    struct sp_feed_entry e;
    (void)value;
    sp_place_read_feed(key, &e);
    if (e.seq > p->until) {
        return SP_E_NOT_FOUND; /* the end of this part */
    }
    if (p->count >= PAGE_ITEMS || p->items->size >= p->budget) {
        p->full = true;
        return SP_E_NOT_FOUND;
    }
    const struct sp_rules *rules = p->tx->rules;
    if (!p->lanes || rules->lane(rules->self, e.ref.type) == p->at->lane) {
        p->err = p->only ? put_entry_keys(p, &e) : put_entry(p, &e, w->out);
        if (p->err == SP_OK) {
            p->err = p->items->err;
        }
        if (p->err != SP_OK) {
            return p->err;
        }
    }
    p->at->seq = e.seq;
    return SP_OK;
}

/* Walks one part of a scan from at->seq on, until its end or a full page. */
static sp_err scan_part(struct page *p, const struct sp_page *out)
{
    struct walk w = { p, out };
    struct sp_kb prefix = sp_kb_id(&p->reader->holding[p->index].scope);
    struct sp_kb from = prefix;
    sp_kb_add_u64(&from, p->at->seq + 1);
    sp_err err = p->tx->node->store->walk(p->tx->txn, SP_T_FEED,
        sp_kb_slice(&prefix), sp_kb_slice(&from), false, walk_entry, &w);
    return p->err != SP_OK ? p->err : err;
}

/* The feed's head was reached in this very transaction: it is since. */
static sp_err complete_scan(struct page *p, struct sp_page_position *pos)
{
    struct sp_scope_state *scope;
    struct sp_holding *h = &p->reader->holding[pos->position.index];
    SP_TRY(sp_tx_scope(p->tx, &h->scope, &scope));
    pos->complete = true;
    pos->position = (struct sp_position){ .index = pos->position.index,
        .since = scope->head };
    sp_proof_total(p->tx, scope, h, p->only, pos->sum);
    if (!p->only) {
        h->complete = true;
        h->since = scope->head;
    }
    return SP_OK;
}

static sp_err scan_lane(struct page *p, struct sp_page_position *pos,
    uint32_t lane, const struct sp_page *out)
{
    p->at = &pos->position;
    p->index = pos->position.index;
    if (pos->complete || p->at->lane != lane || p->full) {
        return SP_OK;
    }
    p->lanes = lane < SP_LANES;
    p->until = p->lanes ? p->at->mark : UINT64_MAX;
    SP_TRY(scan_part(p, out));
    if (p->full) {
        return SP_OK;
    }
    if (p->lanes) {
        p->at->lane = lane + 1;
        p->at->seq = lane + 1 < SP_LANES ? p->at->since : p->at->mark;
        return SP_OK;
    }
    return complete_scan(p, pos);
}

static void begin_scan(
    const struct sp_scope_state *scope, struct sp_position *at, bool *anew)
{
    *anew = at->mark == 0;
    if (at->since > scope->head || at->since < scope->floor) {
        at->since = 0;
        at->mark = 0;
    }
    if (at->mark == 0 || at->mark > scope->head || at->seq < at->since) {
        at->mark = scope->head;
        at->lane = scope->head == at->since ? SP_LANES : 0;
        at->seq = at->since;
        *anew = true;
    }
}

/* Whether any register of the scope has one of the new keys. */
static bool any_of(
    const struct sp_scope_state *scope, const struct sp_fields *keys)
{
    uint8_t total[16];
    const uint8_t none[16] = { 0 };
    sp_proof_total_of(scope, keys, total);
    return memcmp(total, none, sizeof none) != 0;
}

/* Takes over the positions asked for; one under the floor or beyond the head
 * counts as 0 (SYNC S3). */
static sp_err begin_scans(
    struct page *p, const struct sp_pull *pull, struct sp_page *out)
{
    for (uint32_t i = 0; i < pull->count; i++) {
        struct sp_position at = pull->position[i];
        struct sp_scope_state *scope;
        struct sp_holding *h;
        bool anew;
        if (at.index >= p->reader->count ||
            !p->reader->holding[at.index].served) {
            return SP_E_NOT_SERVED;
        }
        h = &p->reader->holding[at.index];
        SP_TRY(sp_tx_scope(p->tx, &h->scope, &scope));
        at.since = p->only ? 0 : at.since;
        begin_scan(scope, &at, &anew);
        out->position[i].position = at;
        out->position[i].complete = false;
        if (p->only) {
            if (anew && !any_of(scope, &h->keys)) {
                SP_TRY(complete_scan(p, &out->position[i]));
            }
            continue;
        }
        h->begun = h->begun && !anew;
        if (!h->begun) {
            h->first = at;
            h->begun = true;
        }
        h->complete = false;
        if (at.since == 0) {
            out->left += scope->members;
        }
    }
    out->count = pull->count;
    return SP_OK;
}

/* The keys that the reader does not have yet, by scope (SYNC S5). */
static sp_err take_widenings(struct page *p, const struct sp_pull *pull)
{
    for (uint32_t i = 0; i < p->reader->count; i++) {
        p->reader->holding[i].keys = (struct sp_fields){ .count = 0 };
    }
    for (uint32_t i = 0; i < pull->widening_count; i++) {
        const struct sp_widening *w = &pull->widening[i];
        if (w->index >= p->reader->count) {
            return SP_E_NOT_SERVED;
        }
        SP_TRY(sp_grant_keys(
            w->keys, &p->tx->arena, &p->reader->holding[w->index].keys));
    }
    p->only = pull->only;
    return SP_OK;
}

/* Records that the reader found different: whole, if he may have them. */
static sp_err put_asked(struct page *p, const struct sp_ref *ref)
{
    struct grants g;
    struct sp_record part;
    struct sp_position none = { 0 };
    bool own;
    sp_arena_reset(&p->tx->scratch);
    struct sp_stored *s = sp_arena_take(&p->tx->scratch, 1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(p->tx, ref, &p->tx->scratch, s));
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sp_holding *h =
            s->place[i].left ? NULL
                             : find_holding(p->reader, &s->place[i].scope);
        if (h != NULL && h->served) {
            p->index = (uint32_t)(h - p->reader->holding);
            p->at = &none;
            collect_grants(p->reader, s, &g);
            SP_TRY(select_registers(p, s, &g, true, &part, &own));
            return part.count == 0 ? SP_OK : put_record(p, s, &part);
        }
    }
    return SP_OK;
}

sp_err sp_feed_page(struct sp_tx *tx, struct sp_reader *reader,
    const struct sp_pull *pull, size_t budget, struct sp_arena *arena,
    struct sp_buf *items, struct sp_page *out)
{
    struct page p = {
        .tx = tx, .reader = reader, .items = items, .budget = budget
    };
    memset(out, 0, sizeof *out);
    out->position =
        sp_arena_take(arena, pull->count + 1u, sizeof *out->position);
    if (out->position == NULL) {
        return SP_E_NOMEM;
    }
    struct sp_chain chain;
    SP_TRY(sp_log_chain(tx, reader->replica, &chain));
    p.untold = chain.unconfirmed > 0;
    SP_TRY(take_widenings(&p, pull));
    SP_TRY(begin_scans(&p, pull, out));
    for (uint32_t i = 0; i < pull->ask_count; i++) {
        SP_TRY(put_asked(&p, &pull->ask[i]));
    }
    for (uint32_t lane = 0; lane <= SP_LANES && !p.full; lane++) {
        for (uint32_t i = 0; i < out->count && !p.full; i++) {
            SP_TRY(scan_lane(&p, &out->position[i], lane, out));
        }
    }
    out->item_count = p.count;
    return items->err;
}
