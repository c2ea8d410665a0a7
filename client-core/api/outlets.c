/* outlets.c - which customers belong to another, and whom it supplies. */
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#include "satchel/people.h"

/* relationship.type */
enum { SUPPLIES = 2, BELONGS = 4 };

#define DEPTH_MAX 64u /* as deep as a tree of accounts may be */

/* An account and the one that it belongs to. */
struct link {
    struct sp_id above, id;
};

struct outlets {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    const struct sp_entity *account, *relation;
    const struct cc_index *index;
    struct sp_id top;
    size_t links, room;
    struct link *link; /* heap; by above, then id */
    size_t count;
    struct satchel_outlet *outlet;
};

/* ---- parts -------------------------------------------------------------- */

static sp_err take_account(void *arg, const struct sp_record *view)
{
    struct outlets *o = (struct outlets *)arg;
    struct cc_value_of of = { o->account, view };
    struct link one = { .id = view->ref.id };

    if (!cc_value_ref(&of, "parent_id", &one.above) || cc_value_deleted(&of)) {
        return SP_OK;
    }
    if (o->links == o->room) {
        size_t room = o->room == 0 ? 256 : 2 * o->room;
        struct link *more =
            (struct link *)realloc(o->link, room * sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        o->link = more;
        o->room = room;
    }
    o->link[o->links++] = one;
    return SP_OK;
}

static int by_above(const void *a, const void *b)
{
    const struct link *x = (const struct link *)a;
    const struct link *y = (const struct link *)b;
    int order = sp_id_cmp(&x->above, &y->above);

    return order != 0 ? order : sp_id_cmp(&x->id, &y->id);
}

static sp_err put(struct outlets *o, const struct sp_id *id, const char *how,
    const char *en, const char *zh, unsigned depth)
{
    const struct cc_entry *e = cc_index_find(o->index, id);
    struct satchel_outlet one = {
        .how = how, .how_en = en, .how_zh = zh, .depth = depth
    };
    char text[SP_ID_TEXT_BYTES];

    if (e == NULL || e->deleted || cc_index_survivor(o->index, e) != e) {
        return SP_OK;
    }
    sp_id_format(text, id);
    one.id = cc_result_string(o->a, text);
    one.title = cc_result_string(o->a, cc_index_text(o->index, e->title));
    one.number = cc_result_string(o->a, cc_index_text(o->index, e->number));
    o->outlet = (struct satchel_outlet *)sp_arena_grow(
        o->a, o->outlet, o->count, sizeof(one));
    if (o->outlet == NULL || one.id == NULL || one.title == NULL ||
        one.number == NULL) {
        return SP_E_NOMEM;
    }
    o->outlet[o->count++] = one;
    return SP_OK;
}

/* The place of the first link below an account. */
static size_t first_below(const struct outlets *o, const struct sp_id *above)
{
    size_t low = 0, high = o->links;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sp_id_cmp(&o->link[middle].above, above) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Each behind the one it belongs to: the way down is kept, no call calls
 * itself. A circle ends at the greatest depth, or at the top. */
static sp_err put_parts(struct outlets *o)
{
    size_t at[DEPTH_MAX];
    struct sp_id above[DEPTH_MAX];
    unsigned depth = 0;
    sp_err err = SP_OK;

    above[0] = o->top;
    at[0] = first_below(o, &o->top);
    while (err == SP_OK) {
        const struct link *l =
            at[depth] < o->links ? &o->link[at[depth]] : NULL;
        if (l == NULL || !sp_id_equal(&l->above, &above[depth])) {
            if (depth == 0) {
                break;
            }
            depth--;
            continue;
        }
        at[depth]++;
        if (sp_id_equal(&l->id, &o->top)) {
            continue;
        }
        err = put(o, &l->id, "part", "belongs to it", "下级", depth + 1);
        if (depth + 1 < DEPTH_MAX) {
            depth++;
            above[depth] = l->id;
            at[depth] = first_below(o, &l->id);
        }
    }
    return err;
}

/* ---- relations ---------------------------------------------------------- */

/* It supplies somebody, or somebody is written down as belonging to it. */
static sp_err take_relation(void *arg, const struct sp_record *view)
{
    struct outlets *o = (struct outlets *)arg;
    struct cc_value_of of = { o->relation, view };
    int64_t type = cc_value_int(&of, "type", 0);
    int64_t until = cc_value_int(&of, "until", CC_DAY_NONE);
    struct sp_id account, to;

    if (cc_value_deleted(&of) || !cc_value_ref(&of, "account", &account) ||
        !cc_value_ref(&of, "to", &to) ||
        (until != CC_DAY_NONE && until <= cc_today(o->call))) {
        return SP_OK;
    }
    if (type == SUPPLIES && sp_id_equal(&account, &o->top)) {
        return put(o, &to, "supplies", "supplied by it", "由其供货", 1);
    }
    return type == BELONGS && sp_id_equal(&to, &o->top)
               ? put(o, &account, "belongs", "said to belong to it", "隶属", 1)
               : SP_OK;
}

/* ---- the call ----------------------------------------------------------- */

static sp_err list(struct outlets *o, const char *account)
{
    struct sp_ref ref;
    sp_err err = cc_refer_named(o->call, "account", account, &o->account, &ref);

    if (err == SP_OK) {
        err = cc_call_entity(o->call, "relationship", &o->relation);
    }
    if (err == SP_OK) {
        o->top = ref.id;
        err = cc_replica_index(
            &o->call->s->replica, &o->call->tx, o->account, &o->index);
    }
    if (err == SP_OK) {
        err = sp_state_walk(
            &o->call->tx, o->account->number, NULL, take_account, o);
    }
    if (err == SP_OK && o->links > 0) {
        qsort(o->link, o->links, sizeof(*o->link), by_above);
    }
    if (err == SP_OK) {
        err = put_parts(o);
    }
    return err == SP_OK ? sp_state_walk(&o->call->tx, o->relation->number, NULL,
                              take_relation, o)
                        : err;
}

int satchel_account_outlets(struct satchel *s, const char *account,
    struct satchel_outlets **out, struct satchel_error *e)
{
    struct satchel_outlets *outlets;
    struct cc_call c;
    struct outlets o = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    outlets = (struct satchel_outlets *)cc_result_new(sizeof(*outlets));
    if (outlets != NULL) {
        o.a = cc_result_arena(outlets);
        err = list(&o, account);
        outlets->outlet = o.outlet;
        outlets->count = o.count;
    }
    free(o.link);
    return cc_call_give(&c, err, outlets, out);
}
