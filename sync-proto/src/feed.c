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
};

/* ---- one record -------------------------------------------------------- */

/* The grants under which the reader sees a record: one of each scope of it
 * that he holds. */
struct grants {
    uint32_t count;
    uint16_t grant[SP_PLACES_MAX];
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
            known = out->grant[k] == h->grant;
        }
        if (!known) {
            out->grant[out->count++] = h->grant;
        }
    }
}

static bool shows(const struct sp_reader *r, const struct grants *g,
    uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < g->count; i++) {
        if (r->rules->reads(r->rules->self, g->grant[i], type, field)) {
            return true;
        }
    }
    return false;
}

/* SYNC S4: only the reader's own dots, of commits above safe that a reply
 * reports as accepted. */
static bool all_own(const struct sp_reader *r, const struct sp_register *reg)
{
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_dot *d = &reg->sibling[i].stamp.dot;
        if (d->replica != r->replica || d->counter <= r->safe ||
            d->counter > r->frontier) {
            return false;
        }
    }
    return reg->count > 0;
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
        bool mine = all_own(p->reader, &r->reg[i]);
        *own = *own && mine;
        if (whole || (r->reg[i].seq > p->at->since && !mine)) {
            reg[n++] = r->reg[i];
        }
    }
    *out = (struct sp_record){ r->ref, n, reg };
    return SP_OK;
}

/* Whether this session has handed the record out already by way of another
 * scope, or the reader is known to be past it there. */
static bool delivered(
    const struct page *p, const struct sp_stored *s, const struct sp_page *out)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sp_place *place = &s->place[i];
        const struct sp_holding *h =
            place->left ? NULL : find_holding(p->reader, &place->scope);
        if (h == NULL || !h->served) {
            continue;
        }
        uint32_t index = (uint32_t)(h - p->reader->holding);
        if (index == p->index) {
            continue;
        }
        if (h->complete) {
            if (place->seq <= h->since) {
                return true;
            }
            continue;
        }
        for (uint32_t k = 0; k < out->count; k++) {
            const struct sp_position *o = &out->position[k].position;
            unsigned lane =
                p->tx->rules->lane(p->tx->rules->self, s->record.ref.type);
            if (o->index == index && o->mark != 0 && place->seq <= o->mark &&
                (o->lane > lane || (o->lane == lane && o->seq >= place->seq))) {
                return true;
            }
        }
    }
    return false;
}

static void put_have(struct page *p, const struct sp_record *shown)
{
    uint8_t digest[16];
    struct sp_item item = {
        .kind = SP_ITEM_HAVE, .index = p->index, .ref = shown->ref
    };
    sp_record_digest(shown, NULL, NULL, digest);
    memcpy(item.hash, digest, sizeof item.hash);
    sp_message_item(&item, p->items);
    p->count++;
}

static sp_err put_record(struct page *p, const struct sp_record *r)
{
    struct sp_buf *buf = &p->tx->buf;
    sp_buf_reset(buf);
    sp_record_encode(r, SP_RECORD_WIRE, buf);
    SP_TRY(buf->err);
    struct sp_item item = {
        .kind = SP_ITEM_RECORD, .index = p->index, .bytes = sp_buf_slice(buf)
    };
    sp_message_item(&item, p->items);
    p->count++;
    return SP_OK;
}

static sp_err put_entry(
    struct page *p, const struct sp_feed_entry *e, const struct sp_page *out)
{
    struct grants g;
    struct sp_record part;
    bool own;
    if (e->left) {
        struct sp_item item = {
            .kind = SP_ITEM_LEFT, .index = p->index, .ref = e->ref
        };
        if (p->at->since > 0) { /* a fresh reader never had it */
            sp_message_item(&item, p->items);
            p->count++;
        }
        return SP_OK;
    }
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
    collect_grants(p->reader, s, &g);
    bool whole = p->at->since == 0 || place->entry > p->at->since;
    SP_TRY(select_registers(p, s, &g, whole, &part, &own));
    if (part.count == 0) {
        return SP_OK;
    }
    bool origin = p->reader->server && s->origin == p->reader->peer;
    if (whole && (own || origin || delivered(p, s, out))) {
        put_have(p, &part);
        return SP_OK;
    }
    if (origin) {
        /* What a branch brought is what it has; the digest of all proves it. */
        SP_TRY(select_registers(p, s, &g, true, &part, &own));
        put_have(p, &part);
        return SP_OK;
    }
    return put_record(p, &part);
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
        p->err = put_entry(p, &e, w->out);
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
    /* The feed's head was reached in this very transaction: it is since. */
    struct sp_scope_state *scope;
    struct sp_holding *h = &p->reader->holding[p->index];
    SP_TRY(sp_tx_scope(p->tx, &h->scope, &scope));
    pos->complete = true;
    pos->position =
        (struct sp_position){ .index = p->index, .since = scope->head };
    sp_proof_total(p->tx, scope, h->grant, pos->sum);
    h->complete = true;
    h->since = scope->head;
    return SP_OK;
}

/* Takes over the positions asked for; one under the floor or beyond the head
 * counts as 0 (SYNC S3). */
static sp_err begin_scans(
    struct page *p, const struct sp_pull *pull, struct sp_page *out)
{
    for (uint32_t i = 0; i < pull->count; i++) {
        struct sp_position at = pull->position[i];
        struct sp_scope_state *scope;
        if (at.index >= p->reader->count ||
            !p->reader->holding[at.index].served) {
            return SP_E_NOT_SERVED;
        }
        SP_TRY(sp_tx_scope(p->tx, &p->reader->holding[at.index].scope, &scope));
        if (at.since > scope->head || at.since < scope->floor) {
            at.since = 0;
            at.mark = 0;
        }
        if (at.mark == 0 || at.mark > scope->head || at.seq < at.since) {
            at.mark = scope->head;
            at.lane = scope->head == at.since ? SP_LANES : 0;
            at.seq = at.since;
        }
        p->reader->holding[at.index].complete = false;
        out->position[i].position = at;
        out->position[i].complete = false;
        if (at.since == 0) {
            out->left += scope->members;
        }
    }
    out->count = pull->count;
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
            return part.count == 0 ? SP_OK : put_record(p, &part);
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
