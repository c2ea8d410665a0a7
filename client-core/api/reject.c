#include "api/reject.h"

#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "api/again.h"
#include "api/record.h"
#include "api/refusal.h"
#include "api/result.h"
#include "api/typed.h"

#define REJECTS_START    16u
#define LOGGED_BYTES_MAX (32u * SP_COMMIT_BYTES_MAX)

/* ---- the list ---------------------------------------------------------- */

struct gather {
    struct cc_call *call;
    struct satchel_rejects *out;
    struct satchel_rejected *rejected;
    size_t capacity;
};

static sp_err take(void *arg, const struct cc_tray_item *item)
{
    struct gather *g = (struct gather *)arg;
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_rejected *more;
    sp_err err;

    if (!cc_tray_listed(item)) {
        return SP_OK;
    }
    if (g->out->count == g->capacity) {
        size_t capacity = g->capacity == 0 ? REJECTS_START : 2 * g->capacity;
        more = (struct satchel_rejected *)sp_arena_take(
            a, capacity, sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        if (g->out->count > 0) {
            memcpy(more, g->rejected, g->out->count * sizeof(*more));
        }
        g->rejected = more;
        g->capacity = capacity;
    }
    more = &g->rejected[g->out->count++];
    err = cc_refusal_fill(g->call, item, a, more);
    return err == SP_OK ? cc_again_sendable(g->call, item, &more->sendable)
                        : err;
}

static int newest_first(const void *a, const void *b)
{
    const struct satchel_rejected *x = (const struct satchel_rejected *)a;
    const struct satchel_rejected *y = (const struct satchel_rejected *)b;

    if (x->made_ms != y->made_ms) {
        return x->made_ms < y->made_ms ? 1 : -1;
    }
    return strcmp(y->key, x->key);
}

sp_err cc_reject_gather(
    struct cc_call *c, bool deferred, struct satchel_rejects *out)
{
    struct gather g = { .call = c, .out = out };
    const struct cc_tray_wanted wanted = { .deferred = deferred,
        .whole = true };
    sp_err err = cc_tray_walk(c, wanted, take, &g);

    out->rejected = g.rejected;
    if (err == SP_OK && out->count > 1) {
        qsort(g.rejected, out->count, sizeof(*g.rejected), newest_first);
    }
    return err;
}

int satchel_rejected_list(struct satchel *s, bool deferred,
    struct satchel_rejects **out, struct satchel_error *e)
{
    struct satchel_rejects *l;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_rejects *)cc_result_new(sizeof(*l));
    if (l != NULL) {
        err = cc_reject_gather(&c, deferred, l);
    }
    return cc_call_give(&c, err, l, out);
}

/* ---- discarding, sending again ----------------------------------------- */

sp_err cc_reject_discard(struct cc_call *c, const char *key)
{
    struct cc_tray_item item;
    struct sp_arena a;
    sp_err err;

    sp_arena_init(&a, LOGGED_BYTES_MAX);
    err = cc_tray_find(c, key, &a, &item);
    if (err == SP_OK) {
        err = cc_tray_dispose(c, &item, SP_TRAY_DISCARDED);
    }
    sp_arena_free(&a);
    return err;
}

int satchel_rejected_discard(
    struct satchel *s, const char *key, struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, cc_reject_discard(&c, key));
}

/* Two commits: that the old one is dealt with stays true when the new one is
 * refused in its turn. */
static sp_err resend(struct cc_again *g, struct satchel_saved *out)
{
    struct cc_call *c = g->call;
    uint32_t count = g->item->commit.count;
    struct sp_draft_change *change = (struct sp_draft_change *)sp_arena_take(
        &c->tx.arena, count + 1u, sizeof(*change));
    uint64_t n = 0;
    sp_err err;

    if (change == NULL) {
        return SP_E_NOMEM;
    }
    err = cc_again_changes(g, change);
    if (err == SP_OK) {
        err = cc_typed_save(c, change, count, &n);
    }
    if (err == SP_OK) {
        err = cc_tray_dispose(c, g->item, SP_TRAY_RESENT);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &change[0].ref.id, n);
    }
    return err;
}

static sp_err resend_by(
    struct cc_again *g, const char *key, struct satchel_saved *out)
{
    struct cc_tray_item item;
    struct sp_arena a;
    sp_err err;

    sp_arena_init(&a, LOGGED_BYTES_MAX);
    err = cc_tray_find(g->call, key, &a, &item);
    if (err == SP_OK) {
        g->item = &item;
        err = resend(g, out);
    }
    sp_arena_free(&a);
    return err;
}

sp_err cc_reject_resend(
    struct cc_call *c, const char *key, struct satchel_saved *out)
{
    struct cc_again g = { .call = c };

    return resend_by(&g, key, out);
}

int satchel_rejected_resend(struct satchel *s, const char *key, const char *id,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    struct cc_again g = {
        .call = &c, .id = id, .input = input, .count = count
    };
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, resend_by(&g, key, out));
}

/* ---- asking ------------------------------------------------------------ */

/* The record that shows it to a manager, under construction. */
struct sheet {
    struct cc_typed typed;
    struct sp_buf value; /* of the write at work */
    sp_err err;
};

static void put(struct sheet *s, uint16_t field)
{
    if (s->err == SP_OK) {
        s->err = s->value.err == SP_OK
                     ? cc_typed_put(&s->typed, field, sp_buf_slice(&s->value))
                     : s->value.err;
    }
    sp_buf_reset(&s->value);
}

static void put_uint(struct sheet *s, uint16_t field, uint64_t v)
{
    if (v != 0) {
        sp_wr_uint(&s->value, v);
        put(s, field);
    }
}

static void put_time(struct sheet *s, uint16_t field, uint64_t ms)
{
    sp_wr_array(&s->value, 2);
    sp_wr_uint(&s->value, ms);
    sp_wr_text(&s->value, "");
    put(s, field);
}

static void put_why(struct sheet *s, const struct cc_tray_item *item)
{
    uint8_t bits[8];

    put_uint(s, SP_TRAY_AUTHOR, item->commit.user);
    if (item->created != 0) {
        sp_set_u64be(bits, item->created);
        sp_wr_bin(&s->value, bits, sizeof(bits));
        put(s, SP_TRAY_CREATED);
    }
    put_time(s, SP_TRAY_MADE, item->made_ms);
    put_time(s, SP_TRAY_JUDGED, item->verdict.at_ms);
    put_uint(s, SP_TRAY_CODE, (uint64_t)item->verdict.code);
    put_uint(s, SP_TRAY_RULE, item->verdict.rule);
    put_uint(s, SP_TRAY_ENTITY, item->verdict.type);
    put_uint(s, SP_TRAY_FIELD, item->verdict.field);
}

/* Half of the parts, from first on: so much fits a commit beside the rest. */
static void put_parts(
    struct sheet *s, const struct cc_tray_item *item, uint16_t first)
{
    struct sp_slice all = item->content;

    for (uint16_t i = first; i < first + SP_TRAY_PARTS / 2u; i++) {
        size_t from = (size_t)i * SP_DICTIONARY_BYTES_MAX;
        size_t left = from < all.size ? all.size - from : 0;
        if (left > 0) {
            sp_wr_bin(&s->value, all.data + from,
                left < SP_DICTIONARY_BYTES_MAX ? left
                                               : SP_DICTIONARY_BYTES_MAX);
            put(s, (uint16_t)(SP_TRAY_TYPED + i));
        }
    }
}

static void put_note(struct sheet *s, const char *note)
{
    struct satchel_input input = { .field = "", .text = note };
    const struct sp_field *f =
        sp_dictionary_field(s->typed.entity, SP_TRAY_NOTE);
    const char *name = f == NULL ? NULL : cc_call_text(s->typed.call, f->name);

    if (name == NULL) {
        s->err = SP_E_NOMEM;
    }
    input.field = name;
    if (s->err == SP_OK) {
        s->err = cc_typed_add(&s->typed, &input, 1);
    }
}

static sp_err save_sheet(
    struct sheet *s, const struct cc_tray_item *item, bool create)
{
    struct sp_draft_change change = { .ref = { s->typed.entity->number,
                                          item->id },
        .create = create,
        .count = s->typed.count,
        .write = s->typed.write };

    if (s->err != SP_OK || s->typed.count == 0) {
        return s->err;
    }
    return cc_typed_save(s->typed.call, &change, 1, NULL);
}

static sp_err show_it(struct sheet *s, const struct cc_tray_item *item,
    uint64_t now_ms, const char *note)
{
    bool create = item->asked_ms == 0;
    sp_err err;

    if (create) {
        put_why(s, item);
        put_parts(s, item, 0);
    }
    put_time(s, SP_TRAY_ASKED_AT, now_ms);
    put_note(s, note == NULL ? "" : note);
    err = save_sheet(s, item, create);
    s->typed.count = 0;
    if (err == SP_OK && create) {
        put_parts(s, item, SP_TRAY_PARTS / 2u);
        err = save_sheet(s, item, false);
    }
    return err;
}

static sp_err ask(
    struct cc_call *c, const struct cc_tray_item *item, const char *note)
{
    const struct cc_replica *r = &c->s->replica;
    const struct sp_entity *entity =
        sp_dictionary_entity_tray(c->dictionary, SP_TRAY_ASKED);
    struct sheet s = { .err = SP_OK };
    sp_err err;

    if (entity == NULL) {
        return cc_call_say(c, SP_E_UNKNOWN_FIELD,
            "the dictionary has no requests to managers");
    }
    if (item->withdrawn) {
        return cc_call_say(c, SP_E_STATE, "it was accepted after all");
    }
    if (item->asked_ms != 0 && item->answer == 0) {
        return cc_call_say(c, SP_E_EXISTS, "it was asked already, and waits");
    }
    sp_buf_init(&s.value, SP_VALUE_BYTES_MAX);
    err = cc_typed_init(&s.typed, c, entity, NULL);
    if (err == SP_OK) {
        err = show_it(&s, item, r->env.now_ms(r->env.self), note);
    }
    sp_buf_free(&s.value);
    return err;
}

sp_err cc_reject_ask(struct cc_call *c, const char *key, const char *note)
{
    struct cc_tray_item item;
    struct sp_arena a;
    sp_err err;

    sp_arena_init(&a, LOGGED_BYTES_MAX);
    err = cc_tray_find(c, key, &a, &item);
    if (err == SP_OK) {
        err = ask(c, &item, note);
    }
    sp_arena_free(&a);
    return err;
}

int satchel_rejected_ask(struct satchel *s, const char *key, const char *note,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, cc_reject_ask(&c, key, note));
}
