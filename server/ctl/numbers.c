#include "ctl/numbers.h"

#include <stdlib.h>

#include "ctl/import.h"
#include "ctl/seen.h"
#include "sp/pack.h"

#include "book/sheet.h"

struct gathering {
    struct sv_call *call;
    const struct sp_entity *entity;
    const struct sp_field *field; /* NULL: the ids themselves */
    bool below;                   /* with the record that it belongs to */
    struct sv_seen *seen;         /* NULL: whatever there is */
    struct sp_tx *tx;
    struct sv_keys *keys;
};

/* Of two that have the same the older one is found. */
static sp_err put_key(struct gathering *g, const struct sv_keys_hash *hash,
    const struct sp_id *id)
{
    sp_err err = sv_keys_put(g->keys, hash, 0, id);
    return err == SP_E_EXISTS ? SP_OK : err;
}

/* Under the record that it names, and under the one that this is by now. */
static sp_err put_below(
    struct gathering *g, const struct sp_record *r, struct sp_slice value)
{
    const struct sp_field *f =
        sp_dictionary_field(g->entity, g->entity->parent);
    struct sp_slice named = cc_sheet_shown(g->entity, r, f);
    struct sp_ref now;
    struct sp_buf packed;
    bool has = false;
    struct sv_keys_hash hash = sv_import_key_below(named, value);
    sp_err err = put_key(g, &hash, &r->ref.id);
    if (err == SP_OK) {
        err = sp_tree_parent(g->tx, r, &now, &has);
    }
    if (err != SP_OK || !has) {
        return err;
    }
    sp_buf_init(&packed, 64);
    sp_wr_bin(&packed, now.id.b, sizeof now.id.b);
    hash = sv_import_key_below(sp_buf_slice(&packed), value);
    err = packed.err == SP_OK ? put_key(g, &hash, &r->ref.id) : packed.err;
    sp_buf_free(&packed);
    return err;
}

static sp_err is_seen(
    struct gathering *g, const struct sp_record *r, bool *seen)
{
    *seen = true;
    if (g->seen == NULL) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(g->seen, g->tx, &r->ref);
    *seen = g->field == NULL
                ? sv_seen_any(g->seen, r)
                : sv_seen_field(g->seen, r->ref.type, g->field->number);
    return err;
}

static sp_err gather_one(void *arg, const struct sp_record *r)
{
    struct gathering *g = arg;
    bool seen = false;
    if (cc_sheet_deleted(r)) {
        return SP_OK;
    }
    struct sp_slice value = g->field == NULL
                                ? sp_slice_of(r->ref.id.b, sizeof r->ref.id.b)
                                : cc_sheet_shown(g->entity, r, g->field);
    sp_err err = value.size == 0 ? SP_OK : is_seen(g, r, &seen);
    if (err != SP_OK || value.size == 0 || !seen) {
        return err;
    }
    struct sv_keys_hash hash = sv_keys_hash(value);
    return g->below ? put_below(g, r, value) : put_key(g, &hash, &r->ref.id);
}

static sp_err gather(void *arg, struct sp_tx *tx)
{
    struct gathering *g = arg;
    sp_err err = SP_OK;
    g->tx = tx;
    if (g->seen != NULL) {
        err = sv_seen_begin(g->call, tx, "as", g->seen);
    }
    return err == SP_OK
               ? sp_state_walk(tx, g->entity->number, NULL, gather_one, g)
               : err;
}

static sp_err read_keys(struct gathering *g, struct sv_keys **out)
{
    g->keys = sv_keys_new(true);
    sp_err err =
        g->keys == NULL ? SP_E_NOMEM : sv_call_read(g->call, gather, g);
    if (err == SP_OK) {
        *out = g->keys;
    } else {
        sv_keys_free(g->keys);
    }
    return err;
}

sp_err sv_numbers_read(struct sv_call *call, const struct sp_entity *e,
    const struct sp_field *f, struct sv_keys **out)
{
    struct gathering g = { .call = call, .entity = e, .field = f };
    return read_keys(&g, out);
}

sp_err sv_numbers_known(struct sv_call *call, const struct sv_columns *plan,
    bool seen, struct sv_keys **out)
{
    struct gathering g = { .call = call,
        .entity = plan->entity[0],
        .field = plan->key,
        .below = plan->key_below };
    if (plan->key == NULL && !plan->by_id) {
        return SP_OK;
    }
    g.seen = seen ? malloc(sizeof *g.seen) : NULL;
    sp_err err = seen && g.seen == NULL ? SP_E_NOMEM : read_keys(&g, out);
    free(g.seen);
    return err;
}

/* Place of an entity's numbers; -1: it has none, or they cannot be read. */
static int place_of(struct sv_numbers *n, uint16_t type)
{
    for (unsigned i = 0; i < n->count; i++) {
        if (n->entity[i].type == type) {
            return (int)i;
        }
    }
    const struct sp_entity *e = sp_dictionary_entity(n->dictionary, type);
    const struct sp_field *f =
        e == NULL ? NULL
                  : sp_dictionary_field_named(e, sp_slice_text("number"));
    if (f == NULL || n->count == SV_NUMBERS_MAX || n->err != SP_OK) {
        return -1;
    }
    n->err = sv_numbers_read(n->call, e, f, &n->entity[n->count].keys);
    if (n->err != SP_OK) {
        return -1;
    }
    n->entity[n->count].type = type;
    n->entity[n->count].number = f;
    return (int)n->count++;
}

bool sv_numbers_find(struct sv_numbers *n, uint16_t type,
    struct sp_slice number, struct sp_id *out)
{
    int at = place_of(n, type);
    struct sp_buf value;
    bool found = false;
    if (at < 0) {
        return false;
    }
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    if (sp_dictionary_parse_value(n->entity[at].number, number, &value) ==
            SP_OK &&
        value.err == SP_OK) {
        struct sv_keys_hash hash = sv_keys_hash(sp_buf_slice(&value));
        found = sv_keys_get(n->entity[at].keys, &hash, NULL, out);
    }
    sp_buf_free(&value);
    return found;
}

void sv_numbers_free(struct sv_numbers *n)
{
    for (unsigned i = 0; i < n->count; i++) {
        sv_keys_free(n->entity[i].keys);
    }
    n->count = 0;
}
