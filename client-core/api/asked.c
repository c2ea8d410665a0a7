#include "api/asked.h"

#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "api/again.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/refusal.h"
#include "api/result.h"
#include "api/typed.h"

#define ASKED_START    16u
#define KEY_DIGITS_MIN 4u
#define KEY_BYTES      (2u * sizeof(struct sp_id) + 1u)

static void put_key(char out[KEY_BYTES], const struct sp_id *id)
{
    sp_hex(out, id->b, sizeof(id->b));
}

/* ---- the list ---------------------------------------------------------- */

struct gather {
    struct cc_call *call;
    bool all;
    struct satchel_asked_list *out;
    struct satchel_asked *asked;
    size_t capacity;
};

static sp_err fill(struct cc_call *c, const struct cc_tray_item *item,
    struct sp_arena *a, struct satchel_asked *out)
{
    char key[KEY_BYTES];
    sp_err err = cc_refusal_fill(c, item, a, &out->refusal);

    put_key(key, &item->id);
    out->refusal.key = cc_result_string(a, key);
    out->user = item->author;
    out->author = cc_result_string(a, cc_refer_user_name(c, item->author));
    return err == SP_OK && (out->refusal.key == NULL || out->author == NULL)
               ? SP_E_NOMEM
               : err;
}

static sp_err take(void *arg, const struct cc_tray_item *item)
{
    struct gather *g = (struct gather *)arg;
    struct sp_arena *a = cc_result_arena(g->out);

    if (item->answer != 0 && !g->all) {
        return SP_OK;
    }
    if (g->out->count == g->capacity) {
        size_t capacity = g->capacity == 0 ? ASKED_START : 2 * g->capacity;
        struct satchel_asked *more =
            (struct satchel_asked *)sp_arena_take(a, capacity, sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        if (g->out->count > 0) {
            memcpy(more, g->asked, g->out->count * sizeof(*more));
        }
        g->asked = more;
        g->capacity = capacity;
    }
    return fill(g->call, item, a, &g->asked[g->out->count++]);
}

static int oldest_first(const void *a, const void *b)
{
    const struct satchel_asked *x = (const struct satchel_asked *)a;
    const struct satchel_asked *y = (const struct satchel_asked *)b;

    if (x->refusal.asked_ms != y->refusal.asked_ms) {
        return x->refusal.asked_ms > y->refusal.asked_ms ? 1 : -1;
    }
    return strcmp(x->refusal.key, y->refusal.key);
}

sp_err cc_asked_gather(
    struct cc_call *c, bool all, struct satchel_asked_list *out)
{
    struct gather g = { .call = c, .all = all, .out = out };
    sp_err err = cc_tray_asked_walk(c, take, &g);

    out->asked = g.asked;
    if (err == SP_OK && out->count > 1) {
        qsort(g.asked, out->count, sizeof(*g.asked), oldest_first);
    }
    return err;
}

int satchel_asked_list(struct satchel *s, bool all,
    struct satchel_asked_list **out, struct satchel_error *e)
{
    struct satchel_asked_list *l;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l = (struct satchel_asked_list *)cc_result_new(sizeof(*l));
    if (l != NULL) {
        err = cc_asked_gather(&c, all, l);
    }
    return cc_call_give(&c, err, l, out);
}

/* ---- one by its key ---------------------------------------------------- */

struct find {
    const char *key;
    unsigned found;
    struct sp_id id;
};

static sp_err match(void *arg, const struct cc_tray_item *item)
{
    struct find *f = (struct find *)arg;
    char key[KEY_BYTES];

    put_key(key, &item->id);
    if (strncmp(key, f->key, strlen(f->key)) == 0) {
        f->id = item->id;
        f->found++;
    }
    return SP_OK;
}

static sp_err find(struct cc_call *c, const char *key, struct sp_id *out)
{
    struct find f = { .key = key == NULL ? "" : key };
    sp_err err = SP_OK;

    if (strlen(f.key) >= KEY_DIGITS_MIN) {
        err = cc_tray_asked_walk(c, match, &f);
    }
    if (err != SP_OK) {
        return err;
    }
    if (f.found == 1) {
        *out = f.id;
        return SP_OK;
    }
    return f.found > 1
               ? cc_call_say(c, SP_E_AMBIGUOUS,
                     "%u requests begin with \"%.60s\"; type more of it",
                     f.found, f.key)
               : cc_call_say(c, SP_E_NOT_FOUND,
                     "nobody asks for \"%.60s\"; list them again", f.key);
}

/* ---- answering --------------------------------------------------------- */

struct answer {
    struct cc_call *call;
    const struct cc_asked_answer *said;
};

static void put_time(struct sp_buf *b, uint64_t ms)
{
    sp_wr_array(b, 2);
    sp_wr_uint(b, ms);
    sp_wr_text(b, "");
}

/* What was asked, how it is answered, when, and a note. */
static sp_err put_answer(
    const struct answer *w, const struct cc_tray_item *item, struct cc_typed *t)
{
    const struct cc_replica *r = &w->call->s->replica;
    bool note = w->said->note != NULL && w->said->note[0] != '\0';
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    sp_wr_array(&b, note ? 4 : 3);
    put_time(&b, item->asked_ms);
    sp_wr_uint(&b, (uint64_t)w->said->how);
    put_time(&b, r->env.now_ms(r->env.self));
    if (note) {
        sp_wr_text(&b, w->said->note);
    }
    err = b.err == SP_OK ? cc_typed_put(t, SP_TRAY_ANSWERED, sp_buf_slice(&b))
                         : b.err;
    sp_buf_free(&b);
    return err;
}

/* One commit: the answer stands if and only if the values do. */
static sp_err save_answer(struct answer *w, const struct cc_tray_item *item)
{
    const struct sp_entity *entity =
        sp_dictionary_entity_tray(w->call->dictionary, SP_TRAY_ASKED);
    uint32_t count = w->said->how == SP_TRAY_ENTERED ? item->commit.count : 0;
    struct cc_again again = { .call = w->call,
        .item = item,
        .id = w->said->id,
        .input = w->said->input,
        .count = w->said->count };
    struct sp_draft_change *change = (struct sp_draft_change *)sp_arena_take(
        &w->call->tx.arena, count + 1u, sizeof(*change));
    struct cc_typed t;
    uint64_t n = 0;
    sp_err err = cc_typed_init(&t, w->call, entity, NULL);

    if (change == NULL) {
        return SP_E_NOMEM;
    }
    if (err == SP_OK) {
        err = put_answer(w, item, &t);
    }
    if (err == SP_OK && count > 0) {
        err = cc_again_changes(&again, change);
    }
    change[count] = (struct sp_draft_change){
        .ref = { entity->number, item->id }, .count = t.count, .write = t.write
    };
    if (err == SP_OK) {
        err = cc_typed_save(w->call, change, count + 1u, &n);
    }
    if (err == SP_OK && w->said->saved != NULL && count > 0) {
        cc_record_saved(w->said->saved, &change[0].ref.id, n);
    }
    return err;
}

struct one {
    struct answer *answer;
    struct sp_id id;
    sp_err err;
};

/* Inside the walk an item lasts; its answer ends it. */
static sp_err take_one(void *arg, const struct cc_tray_item *item)
{
    struct one *o = (struct one *)arg;

    if (!sp_id_equal(&item->id, &o->id)) {
        return SP_OK;
    }
    if (item->answer != 0) {
        o->err = cc_call_say(o->answer->call, SP_E_EXISTS,
            "%.60s has answered it already",
            cc_refer_user_name(o->answer->call, item->answered_by));
    } else {
        o->err = save_answer(o->answer, item);
    }
    return SP_E_NOT_FOUND; /* enough */
}

sp_err cc_asked_answer(struct cc_call *c, const struct cc_asked_answer *said)
{
    struct answer w = { .call = c, .said = said };
    struct one o = { .answer = &w };
    sp_err err = find(c, said->key, &o.id);

    if (err == SP_OK) {
        err = cc_tray_asked_walk(c, take_one, &o);
    }
    return err == SP_OK ? o.err : err;
}

static int answer(struct satchel *s, const struct cc_asked_answer *said,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, cc_asked_answer(&c, said));
}

int satchel_asked_enter(struct satchel *s, const char *key, const char *id,
    const struct satchel_input *input, size_t count, const char *note,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct cc_asked_answer said = { .key = key,
        .how = SP_TRAY_ENTERED,
        .note = note,
        .id = id,
        .input = input,
        .count = count,
        .saved = out };

    return answer(s, &said, e);
}

int satchel_asked_decline(struct satchel *s, const char *key, const char *note,
    struct satchel_error *e)
{
    const struct cc_asked_answer said = {
        .key = key, .how = SP_TRAY_DECLINED, .note = note
    };

    return answer(s, &said, e);
}
