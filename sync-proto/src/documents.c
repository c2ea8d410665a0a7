/* documents.c - signed documents, carried by whoever meets whom (SYNC T4). */
#include "conversation.h"

/* Certificates come about a hundred in a message: enough for 200,000. */
#define DOCUMENT_ROUNDS_MAX 2048u
#define BUDGET_MIN          1024u

/* ---- order and windows ------------------------------------------------- */

/*
 * Documents have an order: what every device may have, then the certificates
 * of devices; within these by kind, then unit. A list that would be too long
 * for one message goes in windows of this order, one after the other: from the
 * first place up to the next, which is not in it. A place is a name whose
 * serial says which of the two halves it is in.
 */
enum { HALF_PUBLIC = 1, HALF_DEVICES = 2 };

static uint32_t half_of(const struct sp_document *d)
{
    return sp_node_is_public(d) ? HALF_PUBLIC : HALF_DEVICES;
}

static bool is_before(const struct sp_document *d, uint32_t half,
    const struct sp_document_name *place)
{
    if (half != place->serial) {
        return half < place->serial;
    }
    if ((uint32_t)d->kind != place->kind) {
        return (uint32_t)d->kind < place->kind;
    }
    return sp_slice_cmp(d->unit, place->unit) < 0;
}

/* ---- the side that asks ------------------------------------------------ */

struct document_list {
    struct sp_link *link;
    struct sp_tx *tx;
    struct sp_documents *m;
    uint32_t half;
    size_t budget;
    size_t bytes;      /* of what is given */
    size_t name_bytes; /* of the list, about */
};

/* The window starts again here: kept over turns, unit and all. */
static void keep_place(
    struct sp_document_place *p, const struct sp_document *d, uint32_t half)
{
    SP_ASSERT(d->unit.size <= sizeof p->unit);
    p->name.kind = (uint32_t)d->kind;
    p->name.serial = half;
    memcpy(p->unit, d->unit.data, d->unit.size);
    p->name.unit = sp_slice_of(p->unit, d->unit.size);
    p->set = true;
}

static sp_err give_wanted(struct document_list *o, const struct sp_document *d)
{
    struct sp_documents *m = o->m;
    struct sp_link *l = o->link;
    for (uint32_t i = 0; i < l->want_count; i++) {
        const struct sp_document_name *w = &l->want[i];
        if (w->kind != (uint32_t)d->kind || !sp_slice_equal(w->unit, d->unit) ||
            (o->bytes > 0 && o->bytes + d->bytes.size > o->budget)) {
            continue;
        }
        m->given[m->given_count] = sp_arena_copy(&l->arena, d->bytes);
        o->bytes += d->bytes.size;
        if (m->given[m->given_count++].data == NULL) {
            return SP_E_NOMEM;
        }
    }
    return SP_OK;
}

static sp_err list_document(void *arg, const struct sp_document *d)
{
    struct document_list *o = arg;
    struct sp_documents *m = o->m;
    struct sp_link *l = o->link;
    if (half_of(d) != o->half ||
        (l->documents_from.set &&
            is_before(d, o->half, &l->documents_from.name))) {
        return SP_OK;
    }
    if (m->have_count == SP_DOCUMENTS_MAX || o->name_bytes > o->budget / 2 ||
        (l->documents_first && d->kind >= SP_DOC_ROSTER)) {
        keep_place(&l->documents_to, d, o->half);
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    struct sp_document_name *n = &m->have[m->have_count++];
    n->kind = (uint32_t)d->kind;
    n->serial = d->serial;
    n->unit = sp_arena_copy(&l->arena, d->unit);
    o->name_bytes += 8u + d->unit.size;
    return give_wanted(o, d);
}

/* Element 4 of a request: nothing for a list of all, else the place where it
 * begins and, where more follow, that where it ends. */
static sp_err put_window(struct sp_link *l, struct sp_documents *m)
{
    if (!l->documents_from.set && !l->documents_to.set) {
        return SP_OK;
    }
    m->want = sp_arena_take(&l->arena, 2, sizeof *m->want);
    if (m->want == NULL) {
        return SP_E_NOMEM;
    }
    m->want[m->want_count++] =
        l->documents_from.set
            ? l->documents_from.name
            : (struct sp_document_name){ .kind = SP_DOC_DICTIONARY,
                  .serial = HALF_PUBLIC };
    if (l->documents_to.set) {
        m->want[m->want_count++] = l->documents_to.name;
    }
    return SP_OK;
}

static sp_err build_list(struct sp_link *l, struct sp_tx *tx, size_t budget)
{
    struct sp_documents m = { 0 };
    struct document_list o = { .link = l, .tx = tx, .m = &m, .budget = budget };
    uint32_t last = sp_tx_is_server(tx) ? HALF_DEVICES : HALF_PUBLIC;
    m.have = sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *m.have);
    m.given = sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *m.given);
    if (m.have == NULL || m.given == NULL) {
        return SP_E_NOMEM;
    }
    l->documents_to.set = false;
    for (o.half = HALF_PUBLIC; o.half <= last && !l->documents_to.set;
         o.half++) {
        SP_TRY(sp_node_walk_documents(tx, list_document, &o));
    }
    SP_TRY(put_window(l, &m));
    l->documents_gave = l->documents_gave || m.given_count > 0;
    sp_buf_reset(&l->out);
    sp_message_documents(&m, &l->out);
    return l->out.err;
}

/* Keys and signatures do not compress: what would not fit is built smaller. */
sp_err sp_documents_send(struct sp_link *l, struct sp_tx *tx)
{
    l->state = SP_C_DOCUMENTS;
    for (size_t budget = l->budget;; budget /= 2) {
        SP_TRY(build_list(l, tx, budget));
        sp_err err = sp_link_seal(l);
        if (err != SP_E_TOO_LARGE || budget < BUDGET_MIN) {
            return err;
        }
    }
}

/* Dictionary and policy come first: what changes for everybody costs nobody a
 * list of all branches. */
void sp_documents_begin(struct sp_link *l, const struct sp_tx *tx)
{
    struct sp_serials s = tx->rules->serials(tx->rules->self);
    l->documents_rounds = 0;
    l->want_count = 0;
    l->documents_gave = false;
    l->documents_taken = false;
    l->documents_first = s.dictionary > 0 && s.policy > 0;
    l->documents_from.set = false;
    l->documents_to.set = false;
}

static bool next_window(struct sp_link *l)
{
    struct sp_document_place *from = &l->documents_from;
    l->documents_first = false;
    if (l->documents_to.set) {
        *from = l->documents_to;
        from->name.unit = sp_slice_of(from->unit, from->name.unit.size);
        return true;
    }
    /* What could not be checked in an earlier window may be now. */
    bool again = from->set && l->documents_taken;
    from->set = false;
    l->documents_taken = false;
    return again;
}

/* What comes after a reply that leaves a difference: the same window again
 * while that brings anything, then the next one. left: what could not be
 * taken. */
static bool goes_on(struct sp_link *l, const struct sp_documents *m,
    uint32_t taken, uint32_t left)
{
    bool moved = taken > 0 || m->want_count != l->want_count;
    if (l->documents_rounds++ >= DOCUMENT_ROUNDS_MAX) {
        return false;
    }
    l->documents_taken = l->documents_taken || taken > 0;
    return (moved && (m->more || m->want_count > 0 || left > 0)) ||
           next_window(l);
}

/* Takes what checks out. A document whose signer is not known yet is asked
 * for again, once the roster that names him is in force; one that nobody here
 * can read (made by a later program) is left, and the exchange goes on under
 * the one before. */
sp_err sp_documents_take(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_documents m;
    struct sp_id own;
    uint32_t taken = 0, left = 0;
    SP_TRY(
        sp_message_read_documents_reply(sp_buf_slice(&l->in), &l->arena, &m));
    for (uint32_t i = 0; i < m.given_count; i++) {
        sp_err err = sp_node_take_document(tx, m.given[i]);
        taken += err == SP_OK ? 1 : 0;
        left += err == SP_E_DOCUMENT ? 1 : 0;
        if (err != SP_OK && err != SP_E_EXISTS && err != SP_E_DOCUMENT) {
            return err;
        }
    }
    if (left > 0 && taken == 0) {
        sp_tx_trace(tx, "link", "event=documents_left");
    }
    SP_TRY(sp_node_documents_digest(tx, sp_tx_is_server(tx), &own));
    l->documents_differ =
        !sp_id_equal(&own, &m.digest) && goes_on(l, &m, taken, left);
    l->want = m.want; /* arena memory: used in this turn only */
    l->want_count = m.want_count;
    return SP_OK;
}

/* ---- the side that answers --------------------------------------------- */

/* Documents go in this order, a later part only when nothing of an earlier one
 * is missing: who signs stands in what comes before. */
enum offer_part { OFFER_SERVERS, OFFER_RULES, OFFER_DEVICES };

struct offer {
    struct sp_link *link;
    const struct sp_documents *asked;
    struct sp_documents *reply;
    bool *seen; /* by index of asked->have */
    size_t budget;
    uint32_t near; /* where the last name was found: both go in one order */
    size_t bytes;
    enum offer_part part;
};

static enum offer_part part_of(const struct sp_document *d)
{
    return d->kind != SP_DOC_DEVICE ? OFFER_RULES
           : sp_node_is_public(d)   ? OFFER_SERVERS
                                    : OFFER_DEVICES;
}

static const struct sp_document_name *asked_name(
    struct offer *o, const struct sp_document *d)
{
    uint32_t count = o->asked->have_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (o->near + i) % count;
        const struct sp_document_name *n = &o->asked->have[at];
        if (n->kind == (uint32_t)d->kind && sp_slice_equal(n->unit, d->unit)) {
            o->seen[at] = true;
            o->near = at + 1u;
            return n;
        }
    }
    return NULL;
}

/* Whether the list that was sent would have the document. */
static bool in_window(const struct offer *o, const struct sp_document *d)
{
    uint32_t half = half_of(d), places = o->asked->want_count;
    return (places < 1 || !is_before(d, half, &o->asked->want[0])) &&
           (places < 2 || is_before(d, half, &o->asked->want[1]));
}

static sp_err offer_document(void *arg, const struct sp_document *d)
{
    struct offer *o = arg;
    struct sp_link *l = o->link;
    if (part_of(d) != o->part || !in_window(o, d)) {
        return SP_OK;
    }
    const struct sp_document_name *have = asked_name(o, d);
    if (have != NULL && have->serial == d->serial) {
        return SP_OK;
    }
    if (have != NULL && have->serial > d->serial) {
        o->reply->want[o->reply->want_count++] = *have;
        return SP_OK;
    }
    if (o->reply->given_count == SP_DOCUMENTS_MAX ||
        (o->reply->given_count > 0 && o->bytes + d->bytes.size > o->budget)) {
        o->reply->more = true;
        return SP_OK;
    }
    o->bytes += d->bytes.size;
    o->reply->given[o->reply->given_count] = sp_arena_copy(&l->arena, d->bytes);
    return o->reply->given[o->reply->given_count++].data == NULL ? SP_E_NOMEM
                                                                 : SP_OK;
}

/* What the peer named and we have not seen; before the last part was looked at
 * nothing can be said about it. */
static void want_rest(struct offer *o)
{
    for (uint32_t i = 0; i < o->asked->have_count; i++) {
        if (!o->seen[i]) {
            o->reply->want[o->reply->want_count++] = o->asked->have[i];
        }
    }
}

static sp_err take_given(struct sp_tx *tx, const struct sp_documents *m)
{
    for (uint32_t i = 0; i < m->given_count; i++) {
        sp_err err = sp_node_take_document(tx, m->given[i]);
        if (err != SP_OK && err != SP_E_EXISTS && err != SP_E_DOCUMENT) {
            return err;
        }
    }
    return SP_OK;
}

static sp_err build_offer(struct sp_link *l, struct sp_tx *tx,
    const struct sp_documents *asked, size_t budget)
{
    struct sp_documents reply = { 0 };
    struct offer o = {
        .link = l, .asked = asked, .reply = &reply, .budget = budget
    };
    o.seen = sp_arena_take(&l->arena, asked->have_count + 1u, sizeof *o.seen);
    reply.given =
        sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *reply.given);
    reply.want =
        sp_arena_take(&l->arena, asked->have_count + 1u, sizeof *reply.want);
    if (o.seen == NULL || reply.given == NULL || reply.want == NULL) {
        return SP_E_NOMEM;
    }
    enum offer_part last = l->reader.server ? OFFER_DEVICES : OFFER_RULES;
    for (o.part = OFFER_SERVERS; o.part <= last; o.part++) {
        if (reply.given_count > 0) {
            reply.more = true;
        } else {
            SP_TRY(sp_node_walk_documents(tx, offer_document, &o));
        }
    }
    if (!reply.more) {
        want_rest(&o);
    }
    SP_TRY(sp_node_documents_digest(tx, l->reader.server, &reply.digest));
    sp_buf_reset(&l->out);
    sp_message_documents_reply(&reply, &l->out);
    return l->out.err;
}

sp_err sp_documents_serve(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_documents asked;
    SP_TRY(sp_message_read_documents(sp_buf_slice(&l->in), &l->arena, &asked));
    SP_TRY(take_given(tx, &asked));
    l->documents_gave = l->documents_gave || asked.given_count > 0;
    for (size_t budget = l->budget;; budget /= 2) {
        SP_TRY(build_offer(l, tx, &asked, budget));
        sp_err err = sp_link_seal(l);
        if (err != SP_E_TOO_LARGE || budget < BUDGET_MIN) {
            return err;
        }
    }
}
