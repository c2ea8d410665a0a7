#include "ctl/names.h"

#include <stdlib.h>
#include <string.h>

#include "book/fold.h"
#include "book/sheet.h"
#include "ctl/seen.h"
#include "sp/pack.h"

#define NAME_BYTES 1024u

/* The folded name; 0: there is none, or it is longer than a name is. */
static size_t fold(struct sp_slice name, char out[NAME_BYTES + 1])
{
    return name.size > NAME_BYTES ? 0 : cc_fold_text(name, out);
}

static const struct sp_field *name_of(const struct sp_entity *e)
{
    const struct sp_field *f =
        e == NULL ? NULL : sp_dictionary_field_named(e, sp_slice_text("name"));

    return f != NULL && f->kind == SP_VALUE_STR && !f->set ? f : NULL;
}

static struct sp_slice shown_name(
    const struct sp_entity *e, const struct sp_record *r)
{
    struct sp_rd rd;
    struct sp_slice value = cc_sheet_shown(e, r, name_of(e));

    sp_rd_init(&rd, value);
    return value.size > 0 && sp_rd_peek(&rd) == SP_KIND_STR
               ? sp_rd_str(&rd, SP_VALUE_BYTES_MAX)
               : sp_slice_of(NULL, 0);
}

/* ---- names of an entity -------------------------------------------------- */

struct reading {
    const struct sv_names *n;
    const struct sp_entity *entity;
    struct sv_keys *keys, *twice;
    struct sp_tx *tx;
    struct sv_seen *seen; /* NULL: all */
};

static sp_err keep(
    struct reading *w, const struct sv_keys_hash *hash, const struct sp_id *id)
{
    struct sp_id other;
    sp_err err = sv_keys_put(w->keys, hash, 0, id);

    if (err == SP_E_EXISTS && sv_keys_get(w->keys, hash, NULL, &other) &&
        !sp_id_equal(&other, id)) {
        err = sv_keys_put(w->twice, hash, 0, NULL);
    }
    return err == SP_E_EXISTS ? SP_OK : err;
}

static sp_err keep_name(void *arg, const struct sp_record *r)
{
    struct reading *w = arg;
    char folded[NAME_BYTES + 1];
    struct sp_ref now;
    size_t size =
        cc_sheet_deleted(r) ? 0 : fold(shown_name(w->entity, r), folded);

    if (size == 0) {
        return SP_OK;
    }
    if (w->seen != NULL) {
        sp_err err = sv_seen_record(w->seen, w->tx, &r->ref);
        if (err != SP_OK ||
            !sv_seen_field(w->seen, r->ref.type, name_of(w->entity)->number)) {
            return err;
        }
    }
    sp_err err = sp_tree_survivor(w->tx, r, &now);
    struct sv_keys_hash hash = sv_keys_hash(sp_slice_of(folded, size));
    return err == SP_OK ? keep(w, &hash, &now.id) : err;
}

static sp_err read_names(void *arg, struct sp_tx *tx)
{
    struct reading *w = arg;
    sp_err err = SP_OK;

    w->tx = tx;
    if (w->n->seen_only) {
        w->seen = malloc(sizeof *w->seen);
        err = w->seen == NULL ? SP_E_NOMEM
                              : sv_seen_begin(w->n->call, tx, "as", w->seen);
    }
    if (err == SP_OK) {
        err = sp_state_walk(tx, w->entity->number, NULL, keep_name, w);
    }
    free(w->seen);
    return err;
}

/* Place of an entity's names, reading them. */
static sp_err place_of(struct sv_names *n, uint16_t type, unsigned *at)
{
    for (*at = 0; *at < n->count; (*at)++) {
        if (n->entity[*at].type == type) {
            return SP_OK;
        }
    }
    struct reading w = { .n = n,
        .entity = sp_dictionary_entity(n->dictionary, type) };
    if (name_of(w.entity) == NULL || n->count == SV_NAMES_MAX) {
        return SP_E_NOT_FOUND;
    }
    w.keys = sv_keys_new(true);
    w.twice = sv_keys_new(false);
    sp_err err = w.keys == NULL || w.twice == NULL
                     ? SP_E_NOMEM
                     : sv_call_read(n->call, read_names, &w);
    if (err != SP_OK) {
        sv_keys_free(w.keys);
        sv_keys_free(w.twice);
        return err;
    }
    n->entity[n->count].type = type;
    n->entity[n->count].keys = w.keys;
    n->entity[n->count].twice = w.twice;
    n->count++;
    return SP_OK;
}

sp_err sv_names_find(
    struct sv_names *n, uint16_t type, struct sp_slice name, struct sp_id *out)
{
    char folded[NAME_BYTES + 1];
    unsigned at;
    size_t size = fold(name, folded);
    sp_err err = size == 0 ? SP_E_NOT_FOUND : place_of(n, type, &at);

    if (err != SP_OK) {
        return err;
    }
    struct sv_keys_hash hash = sv_keys_hash(sp_slice_of(folded, size));
    if (sv_keys_get(n->entity[at].twice, &hash, NULL, NULL)) {
        return SP_E_AMBIGUOUS;
    }
    return sv_keys_get(n->entity[at].keys, &hash, NULL, out) ? SP_OK
                                                             : SP_E_NOT_FOUND;
}

void sv_names_free(struct sv_names *n)
{
    for (unsigned i = 0; i < n->count; i++) {
        sv_keys_free(n->entity[i].keys);
        sv_keys_free(n->entity[i].twice);
    }
    n->count = 0;
}

/* ---- below a record ------------------------------------------------------ */

struct sv_keys_hash sv_names_below(
    const struct sp_id *parent, struct sp_slice name)
{
    uint8_t whole[sizeof parent->b + NAME_BYTES + 1];

    memcpy(whole, parent->b, sizeof parent->b);
    return sv_keys_hash(sp_slice_of(whole,
        sizeof parent->b + fold(name, (char *)whole + sizeof parent->b)));
}

static sp_err keep_below(void *arg, const struct sp_record *r)
{
    struct reading *w = arg;
    struct sp_slice name = shown_name(w->entity, r);
    struct sp_ref parent;
    bool has = false;
    sp_err err = SP_OK;

    if (name.size == 0 || cc_sheet_deleted(r)) {
        return SP_OK;
    }
    err = sp_tree_parent(w->tx, r, &parent, &has);
    if (err != SP_OK || !has) {
        return err;
    }
    struct sv_keys_hash hash = sv_names_below(&parent.id, name);
    err = sv_keys_put(w->keys, &hash, 0, &r->ref.id);
    return err == SP_E_EXISTS ? SP_OK : err;
}

static sp_err read_below(void *arg, struct sp_tx *tx)
{
    struct reading *w = arg;

    w->tx = tx;
    return sp_state_walk(tx, w->entity->number, NULL, keep_below, w);
}

sp_err sv_names_read_below(
    struct sv_call *call, const struct sp_entity *e, struct sv_keys **out)
{
    struct reading w = { .entity = e, .keys = sv_keys_new(true) };
    sp_err err = w.keys == NULL       ? SP_E_NOMEM
                 : name_of(e) == NULL ? SP_OK
                                      : sv_call_read(call, read_below, &w);

    if (err == SP_OK) {
        *out = w.keys;
    } else {
        sv_keys_free(w.keys);
    }
    return err;
}
