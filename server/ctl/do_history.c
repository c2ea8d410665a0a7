/* do_history.c - all that was ever written to one record, from the log: values
 * that went out of sight are still there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/case.h"

#include "ctl/do.h"
#include "ctl/saw.h"
#include "ctl/seen.h"
#include "ops/say.h"

#define LINES_MAX 20000u

struct line {
    sp_hlc time;
    sp_replica replica;
    uint64_t n;
    json_t *row;
};

struct history {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen;
    struct sp_ref ref;
    const struct sp_entity *entity;
    struct line *line; /* LINES_MAX */
    size_t count;
    uint64_t limit;
};

static json_t *text_row(struct sp_buf *b)
{
    json_t *out =
        b->err == SP_OK ? sv_call_slice(sp_buf_slice(b)) : json_string("?");
    sp_buf_free(b);
    return out;
}

static json_t *value_text(
    bool screen, const struct sp_field *f, const struct sp_write *w)
{
    struct sp_buf b;
    bool yes = w->value.size == 1 && w->value.data[0] == 0xc3;
    bool nil = w->value.size == 1 && w->value.data[0] == 0xc0;
    sp_buf_init(&b, SP_RECORD_BYTES_MAX);
    if (f == NULL) {
        sp_buf_put(&b, yes ? "yes" : "no", yes ? 3 : 2);
    } else if (nil && f->set) {
        /* of a short member the key still says which */
        sp_buf_put(&b, "without ", 8);
        cc_say_value(f, w->key.element, sv_seen_text(screen), &b);
    } else {
        cc_say_value(f, w->value, sv_seen_text(screen), &b);
    }
    return text_row(&b);
}

static json_t *saw_text(struct history *h, const struct sp_write *w)
{
    struct sp_buf b;
    sp_buf_init(&b, 65536);
    sv_saw_put(h->tx, h->seen.book, h->call->screen, &w->context, &b);
    return text_row(&b);
}

static const char *verdict_word(const struct sp_verdict *v)
{
    return v->kind == SP_REFUSED    ? SV_SAY("refused")
           : v->kind == SP_DEFERRED ? SV_SAY("deferred")
                                    : SV_SAY("accepted");
}

static void add_write(
    struct history *h, const struct sp_logged *entry, const struct sp_write *w)
{
    const struct sp_commit *c = &entry->commit;
    const struct sp_field *f = sp_dictionary_field(h->entity, w->key.field);
    const struct sp_person *p = sp_rulebook_find_person(h->seen.book, c->user);
    bool deletion = w->key.field == SP_FIELD_DELETED;
    if ((f == NULL && !deletion) || h->count == LINES_MAX ||
        sp_case_is_key(f, &w->key) ||
        !sv_seen_field(&h->seen, h->ref.type, w->key.field)) {
        return;
    }
    h->line[h->count++] = (struct line){ c->time, c->replica, c->n,
        json_pack("[o,o,o,o,o,s]", sv_call_time(sp_hlc_ms(c->time)),
            p == NULL ? json_integer((json_int_t)c->user)
                      : sv_call_slice(p->login),
            deletion ? json_string(sv_call_word(h->call, SV_SAY("deleted")))
                     : sv_call_slice(sv_call_field(h->call, f)),
            value_text(h->call->screen, f, w), saw_text(h, w),
            verdict_word(&entry->verdict)) };
}

static sp_err take_commit(void *arg, const struct sp_logged *entry)
{
    struct history *h = arg;
    for (uint32_t i = 0; i < entry->commit.count; i++) {
        const struct sp_change *change = &entry->commit.change[i];
        for (uint32_t k = 0;
             sp_ref_equal(&change->ref, &h->ref) && k < change->count; k++) {
            add_write(h, entry, &change->write[k]);
        }
    }
    return SP_OK;
}

/* Whether the log that lies here has the commit of a value. */
static bool is_logged(struct history *h, const struct sp_dot *dot)
{
    struct sp_logged logged;
    struct sp_arena arena;
    sp_err err;
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    err = sp_log_get(h->tx, dot->replica, dot->counter, &arena, &logged);
    sp_arena_free(&arena);
    return err == SP_OK;
}

static void add_standing(struct history *h, const struct sp_register *reg,
    const struct sp_sibling *s)
{
    const struct sp_write w = { .key = reg->key, .value = s->value };
    const struct sp_field *f = sp_dictionary_field(h->entity, reg->key.field);
    const struct sp_person *p =
        sp_rulebook_find_person(h->seen.book, s->stamp.user);
    h->line[h->count++] = (struct line){ s->stamp.time, s->stamp.dot.replica,
        s->stamp.dot.counter,
        json_pack("[o,o,o,o,s,s]", sv_call_time(sp_hlc_ms(s->stamp.time)),
            p == NULL ? json_integer((json_int_t)s->stamp.user)
                      : sv_call_slice(p->login),
            sv_call_slice(sv_call_field(h->call, f)),
            value_text(h->call->screen, f, &w), "?", SV_SAY("accepted")) };
}

/* A branch gets what others wrote as records, without the commits: of that it
 * has what stands, and says that it has no more. */
static void add_unlogged(struct history *h, const struct sp_record *r)
{
    size_t before = h->count;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_register *reg = &r->reg[i];
        const struct sp_field *f =
            sp_dictionary_field(h->entity, reg->key.field);
        for (uint32_t j = 0; f != NULL && j < reg->count; j++) {
            if (h->count < LINES_MAX && !sp_case_is_key(f, &reg->key) &&
                sv_seen_field(&h->seen, h->ref.type, f->number) &&
                !is_logged(h, &reg->sibling[j].stamp.dot)) {
                add_standing(h, reg, &reg->sibling[j]);
            }
        }
    }
    if (h->count > before) {
        sv_call_set(h->call, "note",
            json_string(sv_say("of what was written elsewhere only what stands "
                               "is here; ask where it was written, or at head "
                               "office")));
    }
}

static int by_time(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    if (x->replica != y->replica) {
        return x->replica < y->replica ? -1 : 1;
    }
    return x->n < y->n ? -1 : x->n > y->n;
}

static sp_err walk_log(struct history *h, struct sp_tx *tx)
{
    struct sv_saw_replicas *r = sp_arena_take(&tx->arena, 1, sizeof *r);
    if (r == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = sv_saw_replicas(tx, r);
    for (size_t i = 0; err == SP_OK && i < r->count; i++) {
        err = sp_log_walk(tx, r->replica[i], 1, take_commit, h);
    }
    return err;
}

static void print_lines(struct history *h)
{
    size_t first = h->count > h->limit ? h->count - (size_t)h->limit : 0;
    qsort(h->line, h->count, sizeof *h->line, by_time);
    for (size_t i = 0; i < h->count; i++) {
        if (i < first) {
            json_decref(h->line[i].row);
        } else {
            sv_call_row(h->call, h->line[i].row);
        }
    }
}

static sp_err history(void *arg, struct sp_tx *tx)
{
    struct history *h = arg;
    struct sp_record r;
    h->tx = tx;
    h->count = 0;
    h->line = sp_arena_take(&tx->arena, LINES_MAX, sizeof *h->line);
    sp_err err =
        h->line == NULL ? SP_E_NOMEM : sv_seen_named(h->call, tx, &h->seen, &r);
    if (err != SP_OK) {
        return err;
    }
    h->ref = r.ref;
    h->entity =
        sp_dictionary_entity(sp_rulebook_dictionary(h->seen.book), r.ref.type);
    sv_call_columns(h->call, "time,user,field,value,saw,verdict");
    err = walk_log(h, tx);
    if (err == SP_OK) {
        add_unlogged(h, &r);
    }
    print_lines(h);
    return err;
}

sp_err sv_do_account_history(struct sv_call *call)
{
    struct history h = { .call = call };
    sp_err err = sv_call_number(call, "limit", 1, LINES_MAX, 1000, &h.limit);
    return err == SP_OK ? sv_call_read(call, history, &h) : err;
}
