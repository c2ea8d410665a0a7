#include "ctl/once.h"

#include <stdio.h>

#include "ctl/import.h"
#include "ctl/names.h"
#include "ops/say.h"
#include "sp/pack.h"

sp_err sv_once_begin(struct sv_once *o)
{
    sv_keys_free(o->seen);
    o->seen = sv_keys_new(false);
    return o->seen == NULL ? SP_E_NOMEM : SP_OK;
}

sp_err sv_once_meet(struct sv_once *o, struct sv_call *call)
{
    return o->met != NULL
               ? SP_OK
               : sv_names_read_below(call, o->plan->entity[0], &o->met);
}

void sv_once_free(struct sv_once *o)
{
    sv_keys_free(o->seen);
    sv_keys_free(o->met);
}

/* The contact of a card: of one customer, with one name. */
static struct sv_keys_hash card_key(
    const struct sv_columns *plan, const struct sp_draft *d)
{
    const struct sp_draft_write *w =
        sv_import_written(&d->change[0], plan->entity[0]->parent);
    const struct sp_field *f =
        sp_dictionary_field_named(plan->entity[0], sp_slice_text("name"));
    const struct sp_draft_write *name =
        f == NULL ? NULL : sv_import_written(&d->change[0], f->number);
    struct sp_id account = { { 0 } };
    struct sp_rd r;
    if (w != NULL) {
        sp_rd_init(&r, w->value);
        sp_rd_fixed(&r, account.b, sizeof account.b);
    }
    sp_rd_init(&r, name == NULL ? sp_slice_text("") : name->value);
    return sv_names_below(&account,
        name == NULL ? sp_slice_text("") : sp_rd_str(&r, SP_VALUE_BYTES_MAX));
}

/* Whether a card's contact is here: a book of telephones that is taken in
 * again makes nobody twice. */
static bool is_met(const struct sv_once *o, const struct sv_keys_hash *key,
    struct sv_csv_problem *p)
{
    struct sp_id id;
    char text[SP_ID_TEXT_BYTES];
    if (o->met == NULL || !sv_keys_get(o->met, key, NULL, &id)) {
        return false;
    }
    sp_id_format(text, &id);
    p->code = "duplicate";
    snprintf(p->text, sizeof p->text,
        sv_say("this contact is here as %s: left out; what is new in the card "
               "is to be edited there"),
        text);
    return true;
}

/* Whether the key, or without one the whole row, came before in this file. */
sp_err sv_once_look(struct sv_once *o, const struct sp_slice *cells,
    const struct sp_draft *d, struct sv_csv_problem *p, bool *twice)
{
    struct sv_keys_hash hash;
    uint32_t line = 0;
    *twice = false;
    bool named = sv_import_key(o->plan, cells, &d->change[0], &hash);
    if (named) {
        /* what it names comes in once */
    } else if (o->plan->key != NULL) {
        return SP_OK;
    } else if (o->keep_all) {
        return SP_OK;
    } else if (o->cards) {
        hash = card_key(o->plan, d);
        if (is_met(o, &hash, p)) {
            *twice = true;
            return SP_OK;
        }
    } else {
        hash = sv_import_cells_hash(o->plan, cells);
    }
    sp_err err = sv_keys_put(o->seen, &hash, (uint32_t)p->line, NULL);
    if (err == SP_E_EXISTS) {
        (void)sv_keys_get(o->seen, &hash, &line, NULL);
        *twice = true;
        p->code = "duplicate";
        snprintf(p->text, sizeof p->text,
            sv_say("the same %s as line %u: left out"),
            sv_say(named      ? "key"
                   : o->cards ? "contact"
                              : "row"),
            line);
        err = SP_OK;
    }
    return err;
}
