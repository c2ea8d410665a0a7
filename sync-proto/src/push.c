/* push.c - commits on their way up, and what is told about them. */
#include "conversation.h"

/* ---- planning ---------------------------------------------------------- */

struct plan {
    struct sp_link *link;
    struct sp_tx *tx;
};

/* Up to where the other side has a chain: a device goes by what this server
 * says, not by what others have acknowledged (SYNC F1). */
static uint64_t find_there(
    const struct sp_link *l, const struct sp_tx *tx, const struct sp_chain *c)
{
    uint64_t there = c->n;
    if (sp_tx_is_server(tx)) {
        return c->upper;
    }
    for (uint32_t i = 0; i < l->there_count; i++) {
        if (l->there[i].replica == c->replica) {
            there = l->there[i].n;
        }
    }
    return there;
}

static sp_err note_there(struct sp_link *l, const struct sp_point *p)
{
    for (uint32_t i = 0; i < l->there_count; i++) {
        if (l->there[i].replica == p->replica) {
            l->there[i] = *p;
            return SP_OK;
        }
    }
    struct sp_point *list =
        sp_heap_grow(l->there, l->there_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    l->there = list;
    list[l->there_count++] = *p;
    return SP_OK;
}

static sp_err plan_chain(void *arg, const struct sp_chain *c)
{
    struct plan *p = arg;
    struct sp_link *l = p->link;
    uint64_t there = find_there(l, p->tx, c);
    if (c->n == 0 || c->n <= there) {
        return SP_OK;
    }
    struct sp_outgoing *list =
        sp_heap_grow(l->outgoing, l->outgoing_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    l->outgoing = list;
    list[l->outgoing_count++] = (struct sp_outgoing){
        .replica = c->replica, .next = there + 1, .last = c->n
    };
    l->progress.to_push += c->n - there;
    return SP_OK;
}

/* Durably, before the first sending (SYNC C2). */
static sp_err mark_sent(struct sp_link *l, struct sp_tx *tx)
{
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        struct sp_chain c;
        SP_TRY(sp_log_chain(tx, l->outgoing[i].replica, &c));
        if (sp_replica_device(c.replica) == tx->node->identity->device &&
            c.sent < l->outgoing[i].last) {
            c.sent = l->outgoing[i].last;
            SP_TRY(sp_log_put_chain(tx, &c));
        }
    }
    return SP_OK;
}

sp_err sp_push_plan(struct sp_link *l, struct sp_tx *tx)
{
    struct plan p = { l, tx };
    l->outgoing_count = 0;
    sp_buf_reset(&l->ahead);
    l->progress.to_push = l->progress.pushed;
    SP_TRY(sp_log_each_chain(tx, plan_chain, &p));
    return mark_sent(l, tx);
}

/* ---- batches ----------------------------------------------------------- */

/* A batch that starts at next: up to the last signed head within what fits,
 * or, for an own chain, whatever fits (it is signed here). */
struct extent {
    uint64_t last;
    struct sp_hash hash; /* of last */
    size_t bytes;
    struct sp_slice *commit; /* from next on, at least to last */
};

static bool is_own(const struct sp_tx *tx, sp_replica replica)
{
    return sp_replica_device(replica) == tx->node->identity->device;
}

/* Whether a batch may end at n, and whether that proves it. */
static sp_err may_end(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out, bool *proven)
{
    struct sp_head h;
    *proven = true;
    if (is_own(tx, replica)) {
        *out = true; /* signed when it is sent */
        return SP_OK;
    }
    sp_err err = sp_log_head(tx, replica, n, &h);
    *out = err == SP_OK;
    *proven = err != SP_OK || h.proven;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err gather(struct sp_link *l, struct sp_tx *tx,
    const struct sp_outgoing *o, size_t budget, struct extent *out)
{
    size_t bytes = 0;
    uint64_t most = o->last - o->next + 1;
    most = most < SP_BATCH_COMMITS_MAX ? most : SP_BATCH_COMMITS_MAX;
    *out = (struct extent){ .last = o->next - 1 };
    out->commit = sp_arena_take(&l->arena, most, sizeof *out->commit);
    if (out->commit == NULL) {
        return SP_E_NOMEM;
    }
    for (uint64_t i = 0; i < most; i++) {
        struct sp_slice commit;
        struct sp_hash hash;
        bool end, proven;
        SP_TRY(sp_log_link(tx, o->replica, o->next + i, &commit, &hash));
        bytes += commit.size + 4;
        if (bytes > budget && out->last >= o->next) {
            break;
        }
        out->commit[i] = sp_arena_copy(&l->arena, commit);
        if (out->commit[i].data == NULL) {
            return SP_E_NOMEM;
        }
        SP_TRY(may_end(tx, o->replica, o->next + i, &end, &proven));
        if (end && !proven && out->last >= o->next) {
            break; /* what another head proves stays apart from it */
        }
        if (end) {
            out->last = o->next + i;
            out->hash = hash;
            out->bytes = bytes;
        }
        if (!proven) {
            break;
        }
    }
    return SP_OK;
}

/* Signature of the head at n: kept, or made now for an own chain. */
static sp_err head_signature(struct sp_tx *tx, sp_replica replica, uint64_t n,
    const struct sp_hash *hash, uint8_t out[SP_SIGNATURE_BYTES])
{
    struct sp_head h = { .n = n, .proven = true };
    sp_err err = sp_log_head(tx, replica, n, &h);
    if (err == SP_E_NOT_FOUND) {
        sp_commit_sign(&tx->node->identity->org, replica, n, hash,
            tx->node->identity->sign_secret, h.signature);
        err = sp_log_put_head(tx, replica, &h);
    }
    memcpy(out, h.signature, sizeof h.signature);
    return err;
}

struct verdict_range {
    struct sp_arena *arena;
    uint64_t from, last;
    struct sp_told_verdict *list;
    uint32_t count;
};

static sp_err collect_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct verdict_range *r = arg;
    if (e->n < r->from || e->n > r->last || e->verdict.kind == SP_ACCEPTED ||
        r->count == SP_VERDICTS_MAX) {
        return SP_OK;
    }
    if (r->list == NULL) {
        r->list = sp_arena_take(r->arena, SP_VERDICTS_MAX, sizeof *r->list);
        if (r->list == NULL) {
            return SP_E_NOMEM;
        }
    }
    r->list[r->count++] =
        (struct sp_told_verdict){ e->replica, e->n, e->content, e->verdict };
    return SP_OK;
}

static sp_err fill_batch(struct sp_link *l, struct sp_tx *tx,
    struct sp_outgoing *o, const struct extent *e, struct sp_batch *b)
{
    struct sp_hash hash;
    SP_TRY(sp_log_hash(tx, o->replica, o->next - 1, &hash));
    struct sp_slice prev = sp_slice_of(hash.b, o->known ? 8 : sizeof hash.b);
    *b = (struct sp_batch){
        .replica = o->replica == tx->node->identity->replica ? 0 : o->replica,
        .from = o->next,
        .prev = sp_arena_copy(&l->arena, prev),
        .count = (uint32_t)(e->last - o->next + 1),
        .commit = e->commit
    };
    if (b->prev.data == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(head_signature(tx, o->replica, e->last, &e->hash, b->signature));
    o->from = o->next;
    o->built = e->last;
    if (sp_tx_is_server(tx)) {
        struct verdict_range r = {
            .arena = &l->arena, .from = o->next, .last = e->last
        };
        SP_TRY(sp_log_each_verdict(tx, o->replica, collect_verdict, &r));
        b->verdict = r.list;
        b->verdict_count = r.count;
    }
    return SP_OK;
}

static sp_err build_within(
    struct sp_link *l, struct sp_tx *tx, size_t budget, bool *any)
{
    struct sp_push push = { 0 };
    size_t bytes = 0;
    sp_arena_reset(&l->arena);
    push.batch = sp_arena_take(&l->arena, SP_REPLICAS_MAX, sizeof *push.batch);
    if (push.batch == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        struct sp_outgoing *o = &l->outgoing[i];
        struct extent e;
        o->built = 0;
        if (o->next > o->last || push.count == SP_REPLICAS_MAX ||
            (bytes > 0 && bytes + 512 > budget)) {
            continue;
        }
        SP_TRY(gather(l, tx, o, budget - bytes, &e));
        if (e.last < o->next) {
            o->next = o->last + 1; /* no signed head yet: another time */
            continue;
        }
        if (bytes > 0 && bytes + e.bytes > budget) {
            continue;
        }
        SP_TRY(fill_batch(l, tx, o, &e, &push.batch[push.count++]));
        bytes += e.bytes + 128;
    }
    *any = push.count > 0;
    sp_buf_reset(&l->out);
    if (*any) {
        sp_message_push(&push, &l->out);
    }
    return l->out.err;
}

static sp_err build_new(struct sp_link *l, struct sp_tx *tx, bool *any)
{
    size_t budget = l->budget;
    for (;;) {
        sp_err err = build_within(l, tx, budget, any);
        if (err == SP_OK && *any) {
            err = sp_link_seal(l);
        }
        if (err != SP_E_TOO_LARGE || budget < 1024) {
            return err;
        }
        budget /= 2;
    }
}

bool sp_push_early(struct sp_link *l)
{
    struct sp_outgoing *o = &l->outgoing[l->ahead_of];
    if (l->ahead.size == 0) {
        return false;
    }
    o->from = l->ahead_from;
    o->built = l->ahead_last;
    return true;
}

sp_err sp_push_build(struct sp_link *l, struct sp_tx *tx, bool *any)
{
    if (l->ahead.size > 0 && l->outgoing[l->ahead_of].next == l->ahead_from &&
        sp_push_early(l)) {
        struct sp_buf frame = l->frame;
        l->frame = l->ahead;
        l->ahead = frame;
        *any = true;
    } else {
        SP_TRY(build_new(l, tx, any));
    }
    return sp_push_ahead(l, tx);
}

/* The chain of which a batch is under way, and more to come; NULL when others
 * have something too. */
static struct sp_outgoing *sole_outgoing(struct sp_link *l)
{
    struct sp_outgoing *sole = NULL;
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        struct sp_outgoing *o = &l->outgoing[i];
        if (o->next > o->last) {
            continue;
        }
        if (sole != NULL || o->built < o->next) {
            return NULL;
        }
        sole = o;
    }
    return sole != NULL && sole->built < sole->last ? sole : NULL;
}

/* Forms and seals one batch as l->ahead. */
static sp_err seal_ahead(struct sp_link *l, struct sp_tx *tx,
    struct sp_outgoing *next, size_t budget)
{
    struct extent e;
    struct sp_batch batch;
    struct sp_push push = { .count = 1, .batch = &batch };
    struct sp_buf frame = l->frame;
    sp_arena_reset(&l->arena);
    SP_TRY(gather(l, tx, next, budget, &e));
    SP_TRY(fill_batch(l, tx, next, &e, &batch));
    sp_buf_reset(&l->out);
    sp_message_push(&push, &l->out);
    l->frame = l->ahead;
    sp_err err = sp_link_seal(l);
    l->ahead = l->frame;
    l->frame = frame;
    return err;
}

sp_err sp_push_ahead(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_outgoing *o = sole_outgoing(l);
    sp_err err = SP_E_TOO_LARGE;
    sp_buf_reset(&l->ahead);
    if (o == NULL || sp_tx_is_server(tx)) {
        return SP_OK;
    }
    struct sp_outgoing next = *o;
    next.next = o->built + 1;
    next.known = true; /* by the time that this arrives */
    for (size_t budget = l->budget; err == SP_E_TOO_LARGE && budget >= 1024;
         budget /= 2) {
        err = seal_ahead(l, tx, &next, budget);
    }
    if (err == SP_OK) {
        l->ahead_of = (uint32_t)(o - l->outgoing);
        l->ahead_from = next.from;
        l->ahead_last = next.built;
        return SP_OK;
    }
    sp_buf_reset(&l->ahead);
    return err == SP_E_TOO_LARGE ? SP_OK : err;
}

/* ---- what is told ------------------------------------------------------ */

struct tell {
    struct sp_told *told;
    struct sp_arena *arena;
    uint64_t left_out; /* number of the first that does not fit, 0: none */
};

static sp_err tell_verdict(void *arg, const struct sp_verdict_entry *e)
{
    struct tell *t = arg;
    struct sp_told *told = t->told;
    if (e->confirmed) {
        return SP_OK;
    }
    if (told->verdict_count == SP_VERDICTS_MAX) {
        if (e->verdict.kind == SP_ACCEPTED && e->verdict.erased) {
            return SP_OK; /* the frontier says the rest; told another time */
        }
        t->left_out = e->n;
        return SP_E_NOT_FOUND; /* enough */
    }
    if (told->verdict == NULL) {
        told->verdict =
            sp_arena_take(t->arena, SP_VERDICTS_MAX, sizeof *told->verdict);
        if (told->verdict == NULL) {
            return SP_E_NOMEM;
        }
    }
    told->verdict[told->verdict_count++] =
        (struct sp_told_verdict){ e->replica, e->n, e->content, e->verdict };
    return SP_OK;
}

/* The frontier stops before what does not fit (SYNC F3). */
static sp_err tell_verdicts(struct sp_link *l, struct sp_tx *tx,
    struct sp_told *told, struct sp_point *p)
{
    struct tell t = { .told = told, .arena = &l->arena };
    struct sp_hash hash;
    SP_TRY(sp_log_each_verdict(tx, p->replica, tell_verdict, &t));
    if (t.left_out == 0 || t.left_out > p->n) {
        return SP_OK;
    }
    p->n = t.left_out - 1;
    SP_TRY(sp_log_hash(tx, p->replica, p->n, &hash));
    memcpy(p->hash, hash.b, sizeof p->hash);
    if (told->upper_count > 0 &&
        told->upper[told->upper_count - 1].received.replica == p->replica) {
        told->upper_count--; /* nor does it say more from above */
    }
    return SP_OK;
}

static sp_err tell_chain(struct sp_link *l, struct sp_tx *tx,
    sp_replica replica, struct sp_told *told)
{
    struct sp_chain c;
    SP_TRY(sp_log_chain(tx, replica, &c));
    if (tx->node->tier == SP_TIER_HEAD_OFFICE) {
        c.upper = c.n;
        memcpy(c.upper_hash, c.hash.b, sizeof c.upper_hash);
    }
    struct sp_point *p = &told->point[told->point_count++];
    SP_TRY(sp_log_frontier(tx, &c, l->reader.server, p));
    if (c.upper > 0 && !l->reader.server) {
        struct sp_upper *u = &told->upper[told->upper_count++];
        u->received = (struct sp_point){ .replica = replica, .n = c.upper };
        memcpy(u->received.hash, c.upper_hash, sizeof u->received.hash);
        u->safe = c.safe;
        memcpy(u->safe_hash, c.safe_hash, sizeof u->safe_hash);
    }
    /* To servers head office's list goes whole, at the end (SYNC F1). */
    if (c.unconfirmed > 0 && !l->reader.server) {
        SP_TRY(tell_verdicts(l, tx, told, p));
    }
    if (replica == l->reader.replica) {
        l->reader.frontier = p->n;
        l->reader.safe = c.safe;
    }
    return SP_OK;
}

static bool was_pushed(const struct sp_push *push, sp_replica replica)
{
    for (uint32_t i = 0; i < push->count; i++) {
        if (push->batch[i].replica == replica) {
            return true;
        }
    }
    return false;
}

/* The head office's part is left out of a reply to a push: it moves once a
 * night, and the next welcome brings it. */
sp_err sp_push_tell(struct sp_link *l, struct sp_tx *tx,
    const struct sp_push *push, struct sp_told *out)
{
    uint32_t room = l->head_count + (push != NULL ? push->count : 0) + 1u;
    memset(out, 0, sizeof *out);
    out->roster = tx->rules->serials(tx->rules->self).roster;
    out->point = sp_arena_take(&l->arena, room, sizeof *out->point);
    out->upper = sp_arena_take(&l->arena, room, sizeof *out->upper);
    if (out->point == NULL || out->upper == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < l->head_count && push == NULL; i++) {
        SP_TRY(tell_chain(l, tx, l->heads[i], out));
    }
    for (uint32_t i = 0; push != NULL && i < push->count; i++) {
        SP_TRY(tell_chain(l, tx, push->batch[i].replica, out));
    }
    if (push != NULL) {
        out->upper_count = 0;
    }
    SP_ASSERT(push == NULL || out->point_count == 0 ||
              was_pushed(push, out->point[0].replica));
    return sp_receipt_sign(l, tx, out);
}

/* ---- taking it --------------------------------------------------------- */

static sp_err add_news(
    struct sp_link *l, sp_replica replica, uint64_t from, uint64_t to)
{
    struct sp_told_range *list =
        sp_heap_grow(l->news, l->news_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    l->news = list;
    list[l->news_count++] = (struct sp_told_range){ replica, from, to };
    return SP_OK;
}

/* Of commits that a frontier newly covers, those without another verdict. */
struct plain {
    uint64_t from, to;
    uint64_t others;
};

static sp_err count_other(void *arg, const struct sp_verdict_entry *e)
{
    struct plain *p = arg;
    p->others +=
        e->verdict.kind != SP_ACCEPTED && e->n >= p->from && e->n <= p->to;
    return SP_OK;
}

static sp_err report_accepted(
    struct sp_link *l, struct sp_tx *tx, const struct sp_chain *c, uint64_t to)
{
    struct plain p = { c->acknowledged + 1, to, 0 };
    if (!sp_tx_is_server(tx) || c->open > 0) {
        SP_TRY(sp_log_each_verdict(tx, c->replica, count_other, &p));
    }
    l->report.accepted += to - c->acknowledged - p.others;
    return SP_OK;
}

/* A device that talks to head office itself need not wait for word of it. */
static sp_err note_upper(
    struct sp_link *l, struct sp_tx *tx, struct sp_chain *c)
{
    struct sp_certified peer;
    if (sp_tx_is_server(tx) || c->acknowledged <= c->upper) {
        return SP_OK;
    }
    sp_err err = tx->rules->device(tx->rules->self, l->peer, &peer);
    if (err == SP_E_UNKNOWN_DEVICE || (err == SP_OK && !peer.head_office)) {
        return SP_OK;
    }
    SP_TRY(err);
    struct sp_hash hash;
    SP_TRY(sp_log_hash(tx, c->replica, c->acknowledged, &hash));
    c->upper = c->acknowledged;
    memcpy(c->upper_hash, hash.b, sizeof c->upper_hash);
    return sp_tx_put_u64(tx, "upper-moved", sp_tx_now(tx));
}

static sp_err end_outgoing(struct sp_link *l, sp_replica replica)
{
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        if (l->outgoing[i].replica == replica) {
            l->outgoing[i].next = l->outgoing[i].last + 1;
        }
    }
    return SP_OK;
}

static sp_err take_point(struct sp_link *l, struct sp_tx *tx,
    struct sp_chain *c, const struct sp_point *p)
{
    struct sp_hash hash;
    if (p->n > c->n) {
        /* Beyond the last own commit it is a fork (SYNC X4); of another's
         * chain the other side just has more. */
        return is_own(tx, p->replica) ? SP_E_FORK : end_outgoing(l, p->replica);
    }
    SP_TRY(sp_log_hash(tx, p->replica, p->n, &hash));
    if (p->n > 0 && memcmp(hash.b, p->hash, sizeof p->hash) != 0) {
        return SP_E_FORK; /* never "accepted" (SYNC F2) */
    }
    SP_TRY(note_there(l, p));
    uint64_t had = c->acknowledged;
    if (p->n > c->acknowledged) {
        SP_TRY(add_news(l, p->replica, c->acknowledged + 1, p->n));
        SP_TRY(report_accepted(l, tx, c, p->n));
        c->acknowledged = p->n;
        SP_TRY(note_upper(l, tx, c));
    }
    for (uint32_t i = 0; i < l->outgoing_count; i++) {
        struct sp_outgoing *o = &l->outgoing[i];
        if (o->replica != p->replica) {
            continue;
        }
        o->stuck = p->n + 1 > o->next ? 0 : o->stuck + 1;
        if (o->stuck > 3) {
            /* So many verdicts that its frontier cannot move before they are
             * confirmed: that comes first. Or no room (SYNC X8). */
            o->next = o->last + 1;
            l->unfinished = l->unfinished || l->confirm_count > 0;
            continue;
        }
        if (p->n + 1 > o->next) {
            l->progress.pushed += p->n + 1 - o->next;
            l->report.pushed += p->n + 1 - o->next;
            /* What another server has acknowledged is news here as well. */
            SP_TRY(add_news(l, p->replica, o->next, had < p->n ? had : p->n));
        }
        o->known = o->built != 0 && p->n == o->built;
        o->next = p->n + 1;
    }
    return SP_OK;
}

static sp_err take_upper(struct sp_link *l, struct sp_tx *tx,
    struct sp_chain *c, const struct sp_upper *u)
{
    struct sp_hash hash;
    if (u->received.n > c->n) {
        return SP_OK;
    }
    SP_TRY(sp_log_hash(tx, c->replica, u->received.n, &hash));
    if (u->received.n == 0 ||
        memcmp(hash.b, u->received.hash, sizeof u->received.hash) != 0) {
        return SP_OK;
    }
    if (u->received.n != c->upper) {
        SP_TRY(sp_tx_put_u64(tx, "upper-moved", sp_tx_now(tx)));
    }
    if (u->received.n > c->acknowledged) {
        /* By way of another server, whose reply was lost. */
        SP_TRY(add_news(l, c->replica, c->acknowledged + 1, u->received.n));
        SP_TRY(report_accepted(l, tx, c, u->received.n));
        c->acknowledged = u->received.n;
    }
    c->upper = u->received.n;
    memcpy(c->upper_hash, u->received.hash, sizeof c->upper_hash);
    c->safe = u->safe;
    memcpy(c->safe_hash, u->safe_hash, sizeof c->safe_hash);
    return SP_OK;
}

void sp_push_confirmation(const struct sp_verdict *v,
    const struct sp_id *content, struct sp_point *out)
{
    out->hash[0] = (uint8_t)(v->kind + (v->erased ? SP_ERASED_TOO : 0u));
    memcpy(out->hash + 1, content->b, sizeof out->hash - 1);
}

static sp_err take_verdict(
    struct sp_link *l, struct sp_tx *tx, const struct sp_told_verdict *v)
{
    struct sp_verdict_entry e = { .replica = v->replica,
        .n = v->n,
        .verdict = v->verdict,
        .content = v->content };
    struct sp_point *confirm;
    struct sp_chain chain;
    bool less;
    SP_TRY(sp_base_verdict_take(tx, &e, l->peer));
    SP_TRY(sp_log_chain(tx, v->replica, &chain));
    switch (v->verdict.erased ? SP_VERDICT_NONE : v->verdict.kind) {
    case SP_VERDICT_NONE:
        break; /* nothing that a person waits for */
    case SP_REFUSED:
        l->report.refused++;
        break;
    case SP_DEFERRED:
        l->report.deferred++;
        break;
    default:
        SP_TRY(add_news(l, v->replica, v->n, v->n));
        /* Else the frontier of the same reply counts it. */
        l->report.accepted += v->n <= chain.acknowledged ? 1 : 0;
        break;
    }
    SP_TRY(sp_base_verdict_less(tx, &e, &less));
    if (less) {
        l->outrun = true;
        return SP_OK; /* told again until it knows better */
    }
    SP_TRY(sp_base_verdict_put_off(tx, &e, &less));
    if (less) {
        return SP_OK; /* told again at the next exchange */
    }
    confirm = sp_heap_grow(l->confirm, l->confirm_count, sizeof *confirm);
    if (confirm == NULL) {
        return SP_E_NOMEM;
    }
    l->confirm = confirm;
    confirm += l->confirm_count++;
    *confirm = (struct sp_point){ .replica = v->replica, .n = v->n };
    sp_push_confirmation(&v->verdict, &v->content, confirm);
    return SP_OK;
}

/* A reply to a push names its first head in short (message.h, sp_point). */
static sp_err restore_short(struct sp_tx *tx, struct sp_told *told)
{
    for (uint32_t i = 0; i < told->point_count; i++) {
        struct sp_point *p = &told->point[i];
        if (p->replica != 0) {
            continue;
        }
        struct sp_hash hash;
        p->replica = tx->node->identity->replica;
        sp_err err = sp_log_hash(tx, p->replica, p->n, &hash);
        if (err != SP_OK) {
            return err == SP_E_NOT_FOUND ? SP_E_FORK : err;
        }
        memcpy(p->hash, hash.b, sizeof p->hash);
    }
    return SP_OK;
}

/* Deferrals elsewhere that this server's frontier ends (SYNC F3). */
static sp_err take_silence(
    struct sp_link *l, struct sp_tx *tx, const struct sp_point *p)
{
    struct sp_silence s = {
        .arena = &tx->arena, .server = l->peer, .upto = p->n
    };
    SP_TRY(sp_base_verdict_silence(tx, p->replica, &s));
    l->report.accepted += s.count;
    for (uint32_t i = 0; i < s.count; i++) {
        SP_TRY(add_news(l, p->replica, s.n[i], s.n[i]));
    }
    return SP_OK;
}

sp_err sp_push_told(struct sp_link *l, struct sp_tx *tx, struct sp_told *told)
{
    l->news_count = 0;
    SP_TRY(restore_short(tx, told));
    SP_TRY(sp_receipt_keep(l, tx, told));
    /* Refusals before the state of the same exchange (SYNC F3). */
    for (uint32_t i = 0; i < told->verdict_count; i++) {
        SP_TRY(take_verdict(l, tx, &told->verdict[i]));
    }
    for (uint32_t i = 0; i < told->point_count; i++) {
        struct sp_chain c;
        SP_TRY(sp_log_chain(tx, told->point[i].replica, &c));
        SP_TRY(take_point(l, tx, &c, &told->point[i]));
        SP_TRY(sp_log_put_chain(tx, &c));
        SP_TRY(take_silence(l, tx, &told->point[i]));
    }
    for (uint32_t i = 0; i < told->upper_count; i++) {
        struct sp_chain c;
        SP_TRY(sp_log_chain(tx, told->upper[i].received.replica, &c));
        SP_TRY(take_upper(l, tx, &c, &told->upper[i]));
        SP_TRY(sp_log_put_chain(tx, &c));
    }
    l->late = l->late || (l->news_count > 0 && sp_pull_any_read(l));
    return SP_OK;
}
