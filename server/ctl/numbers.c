#include "ctl/numbers.h"

struct gathering {
    const struct sp_entity *entity;
    const struct sp_field *field;
    struct sv_keys *keys;
};

static sp_err gather_one(void *arg, const struct sp_record *r)
{
    struct gathering *g = arg;
    const struct sp_register *gone = sp_record_field(r, SP_FIELD_DELETED);
    const struct sp_sibling *s =
        gone == NULL ? NULL : sp_merge_shown(gone, SP_MERGE_LWW);
    if (s != NULL && s->value.size == 1 && s->value.data[0] == 0xc3u) {
        return SP_OK;
    }
    s = sp_dictionary_past_shown(g->entity, r, g->field, sp_slice_of(NULL, 0));
    if (s == NULL || s->value.size == 0 || s->value.data[0] == 0xc0u) {
        return SP_OK;
    }
    struct sv_keys_hash hash = sv_keys_hash(s->value);
    sp_err err = sv_keys_put(g->keys, &hash, 0, &r->ref.id);
    return err == SP_E_EXISTS ? SP_OK : err; /* two have it: the older one */
}

static sp_err gather(void *arg, struct sp_tx *tx)
{
    struct gathering *g = arg;
    return sp_state_walk(tx, g->entity->number, NULL, gather_one, g);
}

sp_err sv_numbers_read(struct sv_call *call, const struct sp_entity *e,
    const struct sp_field *f, struct sv_keys **out)
{
    struct gathering g = { e, f, sv_keys_new(true) };
    sp_err err = g.keys == NULL ? SP_E_NOMEM : SP_OK;
    if (err == SP_OK) {
        err = sv_call_read(call, gather, &g);
    }
    if (err == SP_OK) {
        *out = g.keys;
    } else {
        sv_keys_free(g.keys);
    }
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
