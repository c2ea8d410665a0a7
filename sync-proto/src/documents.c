/* documents.c - signed documents, carried by whoever meets whom (SYNC T4). */
#include "conversation.h"

#define DOCUMENT_ROUNDS_MAX 128u

/* ---- the side that asks ------------------------------------------------ */

struct document_list {
    struct sp_link *link;
    struct sp_tx *tx;
    struct sp_documents *m;
    size_t bytes;
};

static sp_err list_document(void *arg, const struct sp_document *d)
{
    struct document_list *o = arg;
    struct sp_documents *m = o->m;
    struct sp_link *l = o->link;
    if ((!sp_node_is_public(d) && !sp_tx_is_server(o->tx)) ||
        m->have_count == SP_DOCUMENTS_MAX) {
        return SP_OK;
    }
    struct sp_document_name *n = &m->have[m->have_count++];
    n->kind = (uint32_t)d->kind;
    n->serial = d->serial;
    n->unit = sp_arena_copy(&l->arena, d->unit);
    for (uint32_t i = 0; i < l->want_count; i++) {
        const struct sp_document_name *w = &l->want[i];
        if (w->kind != n->kind || !sp_slice_equal(w->unit, n->unit) ||
            (o->bytes > 0 && o->bytes + d->bytes.size > l->budget)) {
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

sp_err sp_documents_send(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_documents m = { 0 };
    struct document_list o = { l, tx, &m, 0 };
    m.have = sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *m.have);
    m.given = sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *m.given);
    if (m.have == NULL || m.given == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_node_walk_documents(tx, list_document, &o));
    sp_buf_reset(&l->out);
    sp_message_documents(&m, false, &l->out);
    l->state = SP_C_DOCUMENTS;
    return sp_link_seal(l);
}

/* Takes what checks out. A document whose signer is not known yet is asked
 * for again, once the roster that names him is in force. */
sp_err sp_documents_take(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_documents m;
    uint32_t taken = 0;
    sp_err first = SP_OK;
    SP_TRY(sp_message_read_documents(sp_buf_slice(&l->in), &l->arena, &m));
    for (uint32_t i = 0; i < m.given_count; i++) {
        sp_err err = sp_node_take_document(tx, m.given[i]);
        taken += err == SP_OK ? 1 : 0;
        if (err != SP_OK && err != SP_E_EXISTS && err != SP_E_DOCUMENT) {
            return err;
        }
        first = first == SP_OK && err == SP_E_DOCUMENT ? err : first;
    }
    l->documents_rounds++;
    l->want = m.want; /* arena memory: used in this turn only */
    l->want_count = m.want_count;
    if (taken == 0 && first != SP_OK && m.want_count == 0) {
        return first;
    }
    l->documents_differ = l->documents_rounds < DOCUMENT_ROUNDS_MAX &&
                          (m.given_count > 0 || m.want_count > 0 || m.more);
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
    for (uint32_t i = 0; i < o->asked->have_count; i++) {
        const struct sp_document_name *n = &o->asked->have[i];
        if (n->kind == (uint32_t)d->kind && sp_slice_equal(n->unit, d->unit)) {
            o->seen[i] = true;
            return n;
        }
    }
    return NULL;
}

static sp_err offer_document(void *arg, const struct sp_document *d)
{
    struct offer *o = arg;
    struct sp_link *l = o->link;
    if (part_of(d) != o->part) {
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
    if (o->reply->given_count > 0 && o->bytes + d->bytes.size > l->budget) {
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

sp_err sp_documents_serve(struct sp_link *l, struct sp_tx *tx)
{
    struct sp_documents asked, reply = { 0 };
    struct offer o = { .link = l, .asked = &asked, .reply = &reply };
    SP_TRY(sp_message_read_documents(sp_buf_slice(&l->in), &l->arena, &asked));
    SP_TRY(take_given(tx, &asked));
    o.seen = sp_arena_take(&l->arena, asked.have_count + 1u, sizeof *o.seen);
    reply.given =
        sp_arena_take(&l->arena, SP_DOCUMENTS_MAX, sizeof *reply.given);
    reply.want = sp_arena_take(
        &l->arena, asked.have_count + SP_DOCUMENTS_MAX, sizeof *reply.want);
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
    sp_buf_reset(&l->out);
    sp_message_documents(&reply, true, &l->out);
    return sp_link_seal(l);
}
