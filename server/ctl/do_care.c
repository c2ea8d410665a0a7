/* do_care.c - care rules, templates and windows from a text: checked, put in
 * force. */
#include <string.h>

#include "book/value.h"
#include "ctl/care_text.h"
#include "ctl/do.h"
#include "ctl/seen.h"
#include "ops/say.h"

#define READ_BYTES_MAX (16u * 1024u * 1024u)
#define FILE_NAME      "care.conf" /* as errors call it */

struct care {
    struct sv_call *call;
    bool apply;
    struct sp_tx *tx;
    struct sp_arena arena;
    struct sv_care_text text;
    struct sp_ref *standing_ref;
    uint32_t standing_count;
    uint32_t made, changed;
};

static const struct sp_slice nothing = { NULL, 0 };

/* ---- what stands ------------------------------------------------------- */

static sp_err take_ref(void *arg, const struct sp_record *view)
{
    struct care *c = arg;
    c->standing_ref = sp_arena_grow(
        &c->arena, c->standing_ref, c->standing_count, sizeof *c->standing_ref);
    if (c->standing_ref == NULL) {
        return SP_E_NOMEM;
    }
    c->standing_ref[c->standing_count++] = view->ref;
    return SP_OK;
}

static sp_err check(struct care *c, const struct sp_dictionary *d)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(d, sp_slice_text("care_rule"));
    struct sv_conf_error error = { .line = 0 };
    struct sp_record *standing;
    sp_err err = sv_care_text_read(
        FILE_NAME, c->call->attached, d, &c->arena, &c->text, &error);
    if (err == SP_OK && e != NULL) {
        err = sp_state_walk(c->tx, e->number, NULL, take_ref, c);
    }
    if (err == SP_OK) {
        standing =
            sp_arena_take(&c->arena, c->standing_count + 1u, sizeof *standing);
        err = standing == NULL ? SP_E_NOMEM : SP_OK;
        for (uint32_t i = 0; i < c->standing_count && err == SP_OK; i++) {
            err = sp_state_get(
                c->tx, &c->standing_ref[i], &c->arena, &standing[i]);
        }
        if (err == SP_OK) {
            err = sv_care_text_check(&c->text, standing, c->standing_count,
                &c->arena, FILE_NAME, &error);
        }
    }
    return err == SP_E_CONFIG ? sv_call_refuse(c->call, err, "%s", error.text)
                              : err;
}

static bool in_text(const struct care *c, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < c->text.count; i++) {
        if (sp_ref_equal(&c->text.record[i].ref, ref)) {
            return true;
        }
    }
    return false;
}

/* A reference to what is neither here nor in the text is a misspelt name. */
static sp_err check_references(struct care *c, const struct sv_care_record *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct sp_field *f =
            sp_dictionary_field(r->entity, r->write[i].key.field);
        const struct cc_value_of of = { r->entity, &r->record };
        struct sp_record found;
        struct sp_ref ref = { f->target, { { 0 } } };
        char name[SP_DICTIONARY_NAME_MAX + 1] = "";
        memcpy(name, f->name.data, f->name.size);
        if (f->kind != SP_VALUE_REF || f->target == 0 ||
            !cc_value_ref(&of, name, &ref.id) || in_text(c, &ref)) {
            continue;
        }
        sp_err err = sp_state_get(c->tx, &ref, &c->arena, &found);
        if (err == SP_E_NOT_FOUND) {
            return sv_call_refuse(c->call, SP_E_CONFIG,
                "%s:%u: \"%.60s\": there is no such %s; write it as it is "
                "called, "
                "or add it",
                FILE_NAME, r->line, r->name, name);
        }
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}

/* ---- changes ----------------------------------------------------------- */

struct change {
    struct care *care;
    const struct sv_care_record *wanted;
    const struct sp_record *now;
    struct sp_draft_write *write;
    uint32_t count;
};

static const struct sp_draft_write *wanted(
    const struct sv_care_record *r, const struct sp_key *key)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (sp_key_cmp(&r->write[i].key, key) == 0) {
            return &r->write[i];
        }
    }
    return NULL;
}

/* What a key shows; empty when nothing stands. */
static struct sp_slice shown(const struct sp_entity *e,
    const struct sp_record *r, const struct sp_key *k)
{
    const struct sp_field *f = sp_dictionary_field(e, k->field);
    const struct sp_sibling *s =
        f == NULL ? NULL : sp_dictionary_past_shown(e, r, f, k->element);
    return s == NULL || (s->value.size == 1 && s->value.data[0] == 0xc0)
               ? nothing
               : s->value;
}

/* What the text says and does not stand. */
static void add_wanted(struct change *x)
{
    for (uint32_t i = 0; i < x->wanted->count; i++) {
        const struct sp_draft_write *w = &x->wanted->write[i];
        if (!sp_slice_equal(
                shown(x->wanted->entity, x->now, &w->key), w->value)) {
            x->write[x->count++] = *w;
        }
    }
}

/* What stands and the text does not say goes. */
static void add_cleared(struct change *x)
{
    static const uint8_t nil[] = { 0xc0 };
    for (uint32_t i = 0; i < x->now->count; i++) {
        const struct sp_key *key = &x->now->reg[i].key;
        const struct sp_field *f =
            sp_dictionary_field(x->wanted->entity, key->field);
        if (f != NULL && !f->retired && f->merge != SP_MERGE_DRV &&
            !sv_care_text_kept(x->wanted->entity, f) &&
            wanted(x->wanted, key) == NULL &&
            shown(x->wanted->entity, x->now, key).size > 0) {
            x->write[x->count++] =
                (struct sp_draft_write){ *key, SP_SLICE(nil) };
        }
    }
}

static void add_restored(struct change *x)
{
    static const uint8_t no[] = { 0xc2 };
    const struct cc_value_of of = { x->wanted->entity, x->now };
    if (cc_value_deleted(&of)) {
        x->write[x->count++] =
            (struct sp_draft_write){ { SP_FIELD_DELETED, nothing },
                SP_SLICE(no) };
    }
}

static sp_err commit(struct care *c, const struct sv_seen *seen,
    const struct sv_care_record *r, const struct sp_draft_change *change)
{
    struct sp_draft draft = { .user = seen->person->user,
        .authority = sp_rulebook_authority(seen->book, seen->person->user),
        .count = 1,
        .change = change };
    struct sp_verdict v = { .kind = SP_VERDICT_NONE };
    uint64_t n = 0;
    sp_err err = sp_commit_make(c->tx, &draft, &v, &n);
    const struct sp_field *f = sp_dictionary_field(r->entity, v.field);
    if (sp_err_class(err) == SP_CLASS_POLICY) {
        return sv_call_refuse(c->call, err,
            "%s:%u: \"%.60s\"%s%.*s: %s; nothing was changed", FILE_NAME,
            r->line, r->name, f == NULL ? "" : ", ",
            f == NULL ? 0 : (int)f->name.size,
            f == NULL ? "" : (const char *)f->name.data, cc_say_err(err));
    }
    return err;
}

/* Who is in a campaign that has started was said by then. */
static sp_err check_frozen(const struct change *x)
{
    static const char *const frozen[] = { "segment", "products",
        "control_share" };
    const struct sv_care_record *r = x->wanted;
    const struct cc_value_of of = { r->entity, x->now };
    if (cc_value_ts(&of, "frozen_at") == 0) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < x->count; i++) {
        const struct sp_field *f =
            sp_dictionary_field(r->entity, x->write[i].key.field);
        for (size_t k = 0; f != NULL && k < 3; k++) {
            if (sp_slice_equal(f->name, sp_slice_text(frozen[k]))) {
                return sv_call_refuse(x->care->call, SP_E_EXISTS,
                    "%s:%u: \"%.60s\" has started: who is in it stays, so %s "
                    "does too; make another campaign. Nothing was changed",
                    FILE_NAME, r->line, r->name, frozen[k]);
            }
        }
    }
    return SP_OK;
}

static sp_err put(
    struct care *c, const struct sv_seen *seen, const struct sv_care_record *r)
{
    struct sp_record now = { .ref = r->ref };
    struct change x = { .care = c, .wanted = r, .now = &now };
    sp_err err = sp_state_get(c->tx, &r->ref, &c->arena, &now);
    bool create = err == SP_E_NOT_FOUND;
    if (err != SP_OK && !create) {
        return err;
    }
    x.write =
        sp_arena_take(&c->arena, r->count + now.count + 1u, sizeof *x.write);
    if (x.write == NULL) {
        return SP_E_NOMEM;
    }
    add_wanted(&x);
    add_cleared(&x);
    add_restored(&x);
    err = check_frozen(&x);
    if (err != SP_OK) {
        return err;
    }
    struct sp_draft_change change = { r->ref, create, x.count, x.write };
    c->made += create;
    c->changed += !create && x.count > 0;
    return x.count == 0 ? SP_OK : commit(c, seen, r, &change);
}

/* ---- the commands ------------------------------------------------------ */

static sp_err apply(struct care *c)
{
    struct sv_seen seen;
    sp_err err = sv_seen_begin(c->call, c->tx, "as", &seen);
    if (err == SP_OK && seen.person->status != SP_PERSON_ACTIVE) {
        err = sv_call_refuse(c->call, SP_E_DENIED,
            "%s has left; --as somebody who is here",
            sv_call_arg(c->call, "as"));
    }
    for (uint32_t i = 0; i < c->text.count && err == SP_OK; i++) {
        err = put(c, &seen, &c->text.record[i]);
    }
    return err;
}

static sp_err work(void *arg, struct sp_tx *tx)
{
    struct care *c = arg;
    sp_arena_reset(&c->arena);
    c->tx = tx;
    c->standing_ref = NULL;
    c->standing_count = c->made = c->changed = 0;
    sp_err err = check(c, sp_rulebook_dictionary(sv_call_book(tx)));
    for (uint32_t i = 0; i < c->text.count && err == SP_OK; i++) {
        err = check_references(c, &c->text.record[i]);
    }
    return err == SP_OK && c->apply ? apply(c) : err;
}

static sp_err run(struct sv_call *call, bool apply_it)
{
    struct care c = { .call = call, .apply = apply_it };
    if (apply_it && call->server->home.who.tier != SP_TIER_HEAD_OFFICE) {
        return sv_call_refuse(call, SP_E_DENIED,
            "care rules are for everybody: apply them at head office");
    }
    sp_arena_init(&c.arena, READ_BYTES_MAX);
    sp_err err =
        apply_it ? sv_call_write(call, work, &c) : sv_call_read(call, work, &c);
    if (err == SP_OK) {
        sv_call_set(call, "items", json_integer((json_int_t)c.text.count));
        if (apply_it) {
            sv_call_set(call, "new", json_integer((json_int_t)c.made));
            sv_call_set(call, "changed", json_integer((json_int_t)c.changed));
        }
    }
    sp_arena_free(&c.arena);
    return err;
}

sp_err sv_do_care_check(struct sv_call *call)
{
    return run(call, false);
}

sp_err sv_do_care_apply(struct sv_call *call)
{
    return run(call, true);
}
