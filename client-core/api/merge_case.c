/* merge_case.c - merges that were made: listed, undone. */
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"

static const struct sp_slice none = { NULL, 0 };

static const struct sp_field *named(const struct sp_entity *e, const char *name)
{
    return sp_dictionary_field_named(e, sp_slice_text(name));
}

static bool read_id(struct sp_slice value, struct sp_id *out)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    sp_rd_fixed(&r, out->b, sizeof(out->b));
    return value.size > 0 && sp_rd_done(&r) == SP_OK;
}

static bool is_nil(struct sp_slice value)
{
    return value.size == 0 || (value.size == 1 && value.data[0] == 0xc0);
}

static uint64_t read_ms(struct sp_slice value)
{
    struct sp_rd r;

    if (is_nil(value)) {
        return 0;
    }
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 2);
    uint64_t ms = sp_rd_uint(&r, 0, UINT64_MAX);
    return r.err == SP_OK ? ms : 0;
}

/* ---- one case ------------------------------------------------------------ */

struct entities {
    const struct sp_entity *account;
    const struct sp_entity *merge_case;
};

static sp_err find_entities(struct cc_call *c, struct entities *out)
{
    sp_err err = cc_call_entity(c, "account", &out->account);

    return err == SP_OK ? cc_call_entity(c, "merge_case", &out->merge_case)
                        : err;
}

/* Calls each for the members of a set that stand. */
struct member {
    const struct sp_register *next, *end;
};

static struct sp_slice next_member(struct member *m, uint16_t field)
{
    while (m->next != NULL && m->next < m->end && m->next->key.field == field) {
        const struct sp_register *reg = m->next++;
        for (uint32_t i = 0; i < reg->count; i++) {
            if (!is_nil(reg->sibling[i].value)) {
                return reg->sibling[i].value;
            }
        }
    }
    return none;
}

static struct member members_of(
    const struct sp_record *r, const struct sp_field *f)
{
    return (struct member){ f == NULL ? NULL : sp_record_field(r, f->number),
        r->reg + r->count };
}

static sp_err account_named(struct cc_call *c, const struct sp_entity *account,
    const struct sp_id *id, struct sp_arena *a,
    struct satchel_merge_account *out)
{
    struct sp_ref ref = { account->number, *id };
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    out->id = cc_result_string(a, text);
    out->title = cc_result_string(a, cc_refer_title(c, &ref));
    return out->id == NULL || out->title == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_absorbed(struct cc_call *c, const struct entities *e,
    const struct sp_record *view, struct sp_arena *a, struct satchel_merge *out)
{
    const struct sp_field *f = named(e->merge_case, "absorbed");
    struct member m = members_of(view, f);
    struct sp_slice value;
    struct satchel_merge_account *list = NULL;
    sp_err err = SP_OK;

    while (f != NULL && err == SP_OK &&
           (value = next_member(&m, f->number)).size > 0) {
        struct sp_id id;
        if (!read_id(value, &id)) {
            continue;
        }
        list = sp_arena_grow(a, list, out->absorbed_count, sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        err =
            account_named(c, e->account, &id, a, &list[out->absorbed_count++]);
    }
    out->absorbed = list;
    return err;
}

static struct sp_slice read_text(struct sp_rd *r, uint32_t *left)
{
    if (*left == 0) {
        return none;
    }
    (*left)--;
    if (sp_rd_peek(r) == SP_KIND_NIL) {
        sp_rd_nil(r);
        return none;
    }
    return sp_rd_str(r, SP_VALUE_BYTES_MAX);
}

/* One of "changes": [field, from, before, after]. */
static sp_err fill_change(
    struct sp_slice value, struct sp_arena *a, struct satchel_merge_field *out)
{
    struct sp_rd r;
    struct sp_id from = { { 0 } };
    char text[SP_ID_TEXT_BYTES] = "";

    sp_rd_init(&r, value);
    uint32_t left = sp_rd_array(&r, 4);
    struct sp_slice name = read_text(&r, &left);
    if (left > 0 && sp_rd_peek(&r) != SP_KIND_NIL) {
        sp_rd_fixed(&r, from.b, sizeof(from.b));
        sp_id_format(text, &from);
        left--;
    } else {
        (void)read_text(&r, &left);
    }
    struct sp_slice before = read_text(&r, &left);
    struct sp_slice after = read_text(&r, &left);
    memset(out, 0, sizeof(*out));
    out->name = cc_result_text(a, name);
    out->from = cc_result_string(a, text);
    out->before = cc_result_text(a, before);
    out->after = cc_result_text(a, after);
    out->other = "";
    return out->name == NULL || out->from == NULL || out->before == NULL ||
                   out->after == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_changes(const struct entities *e,
    const struct sp_record *view, struct sp_arena *a, struct satchel_merge *out)
{
    const struct sp_field *f = named(e->merge_case, "changes");
    struct member m = members_of(view, f);
    struct sp_slice value;
    struct satchel_merge_field *list = NULL;
    sp_err err = SP_OK;

    while (f != NULL && err == SP_OK &&
           (value = next_member(&m, f->number)).size > 0) {
        list = sp_arena_grow(a, list, out->field_count, sizeof(*list));
        if (list == NULL) {
            return SP_E_NOMEM;
        }
        err = fill_change(value, a, &list[out->field_count++]);
    }
    out->field = list;
    return err;
}

static sp_err fill_case(struct cc_call *c, const struct entities *e,
    const struct sp_record *view, struct sp_arena *a, struct satchel_merge *out)
{
    const struct sp_entity *m = e->merge_case;
    struct sp_slice author = cc_refer_shown(view, named(m, "author"));
    char text[SP_ID_TEXT_BYTES];
    struct sp_id kept = { { 0 } };
    struct sp_rd r;
    sp_err err;

    memset(out, 0, sizeof(*out));
    sp_id_format(text, &view->ref.id);
    sp_rd_init(&r, author);
    uint32_t user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    out->id = cc_result_string(a, text);
    out->author = cc_result_string(a, cc_refer_user_name(c, user));
    out->made_ms = read_ms(cc_refer_shown(view, named(m, "at")));
    out->until_ms = out->made_ms + SP_UNDO_MS_MAX;
    out->undone_ms = read_ms(cc_refer_shown(view, named(m, "undone")));
    (void)read_id(cc_refer_shown(view, named(m, "account")), &kept);
    err = account_named(c, e->account, &kept, a, &out->kept);
    if (err == SP_OK) {
        err = fill_absorbed(c, e, view, a, out);
    }
    if (err == SP_OK) {
        err = fill_changes(e, view, a, out);
    }
    return out->id == NULL || out->author == NULL ? SP_E_NOMEM : err;
}

/* ---- list ---------------------------------------------------------------- */

struct gather {
    struct cc_call *call;
    struct entities e;
    struct satchel_merges *out;
    struct satchel_merge *merge;
    const char *account; /* id, or NULL: all */
};

static bool is_about(const struct satchel_merge *m, const char *id)
{
    bool yes = id == NULL || strcmp(m->kept.id, id) == 0;

    for (size_t i = 0; i < m->absorbed_count; i++) {
        yes = yes || strcmp(m->absorbed[i].id, id) == 0;
    }
    return yes;
}

static sp_err take_case(void *arg, const struct sp_record *view)
{
    struct gather *g = (struct gather *)arg;
    struct sp_arena *a = cc_result_arena(g->out);
    struct satchel_merge *list =
        sp_arena_grow(a, g->merge, g->out->count, sizeof(*list));
    sp_err err;

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    g->merge = list;
    g->out->merge = list;
    err = fill_case(g->call, &g->e, view, a, &list[g->out->count]);
    if (err == SP_OK && is_about(&list[g->out->count], g->account)) {
        g->out->count++;
    }
    return err;
}

/* The walk came in the order of their making. */
static void newest_first(struct gather *g)
{
    size_t count = g->out->count;

    for (size_t i = 0; i < count / 2; i++) {
        struct satchel_merge m = g->merge[i];
        g->merge[i] = g->merge[count - 1 - i];
        g->merge[count - 1 - i] = m;
    }
}

static sp_err list(struct gather *g, const char *account)
{
    struct cc_call *c = g->call;
    struct sp_ref ref;
    char id[SP_ID_TEXT_BYTES];
    sp_err err = find_entities(c, &g->e);

    if (err == SP_OK && account != NULL) {
        err = cc_refer_record(c, g->e.account, account, &ref);
        if (err == SP_OK) {
            sp_id_format(id, &ref.id);
            g->account = id;
        }
    }
    if (err == SP_OK) {
        err =
            sp_state_walk(&c->tx, g->e.merge_case->number, NULL, take_case, g);
    }
    newest_first(g);
    return err;
}

int satchel_account_merges(struct satchel *s, const char *account,
    struct satchel_merges **out, struct satchel_error *e)
{
    struct cc_call c;
    struct gather g = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    g.out = (struct satchel_merges *)cc_result_new(sizeof(*g.out));
    if (g.out != NULL) {
        err = list(&g, account);
    }
    return cc_call_give(&c, err, g.out, out);
}

/* ---- undo ---------------------------------------------------------------- */

#define LEVELS_MAX 8u

/* An account that the absorbed ones came to: the kept one first, then what
 * that went up into. */
struct level {
    const struct satchel_merge *by; /* NULL: what is being undone */
    bool stands;                    /* this merge and those below it */
    struct sp_ref ref;
    struct cc_record_view view;
    struct cc_typed typed; /* writes to it */
};

struct undoing {
    struct cc_call *call;
    struct entities e;
    struct sp_arena arena; /* of what is only looked at */
    struct satchel_merge merge;
    struct satchel_merges *all;
    struct sp_ref merge_case;
    uint32_t levels;
    struct level level[LEVELS_MAX];
    uint32_t count; /* absorbed ones that still lead to the kept one */
    struct sp_ref absorbed[SATCHEL_MERGE_MAX];
    struct cc_record_view was[SATCHEL_MERGE_MAX];
};

/* ---- what the absorbed ones came to -------------------------------------- */

static sp_err add_level(
    struct undoing *u, const struct satchel_merge *by, bool stands)
{
    struct level *l = &u->level[u->levels];
    const char *id = by == NULL ? u->merge.kept.id : by->kept.id;
    sp_err err;

    l->by = by;
    l->stands = stands;
    l->ref.type = u->e.account->number;
    if (sp_id_parse(&l->ref.id, id) != SP_OK) {
        return SP_E_CORRUPT;
    }
    err = cc_record_view(u->call, &l->ref, &l->view);
    if (err != SP_OK) {
        return err;
    }
    u->levels++;
    return cc_typed_init(&l->typed, u->call, u->e.account, &l->view.record);
}

static bool took_in(const struct satchel_merge *m, const struct level *l)
{
    char id[SP_ID_TEXT_BYTES];
    bool yes = false;

    sp_id_format(id, &l->ref.id);
    for (size_t i = 0; i < m->absorbed_count && !yes; i++) {
        yes = strcmp(m->absorbed[i].id, id) == 0;
    }
    return yes;
}

static bool leads_to(
    const struct undoing *u, const struct sp_record *view, const char *id)
{
    const struct sp_entity *e = u->e.account;
    struct sp_id to;
    char text[SP_ID_TEXT_BYTES];

    if (!read_id(
            cc_refer_shown(view, sp_dictionary_field(e, e->forward)), &to)) {
        return false;
    }
    sp_id_format(text, &to);
    return strcmp(text, id) == 0;
}

static struct level *find_level(struct undoing *u, const char *id)
{
    for (uint32_t i = 0; i < u->levels; i++) {
        char text[SP_ID_TEXT_BYTES];
        sp_id_format(text, &u->level[i].ref.id);
        if (strcmp(text, id) == 0) {
            return &u->level[i];
        }
    }
    return NULL;
}

/* A merge that was undone counts too: what servers carried by it may lie there
 * still. */
static sp_err find_levels(struct undoing *u)
{
    sp_err err = add_level(u, NULL, true);

    for (uint32_t i = 0; i < u->levels && err == SP_OK; i++) {
        for (size_t k = 0; k < u->all->count && err == SP_OK; k++) {
            const struct satchel_merge *m = &u->all->merge[k];
            struct level *below = &u->level[i], *known;
            bool stands = below->stands && m->undone_ms == 0 &&
                          leads_to(u, &below->view.record, m->kept.id);
            if (!took_in(m, below)) {
                continue;
            }
            known = find_level(u, m->kept.id);
            if (known == NULL && u->levels < LEVELS_MAX) {
                err = add_level(u, m, stands);
            } else if (known != NULL && stands && known->by != NULL) {
                known->by = m;
                known->stands = true;
            }
        }
    }
    return err;
}

/* ---- who leaves ---------------------------------------------------------- */

static sp_err find_absorbed(struct undoing *u)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < u->merge.absorbed_count && err == SP_OK; i++) {
        struct sp_ref ref = { .type = u->e.account->number };
        if (u->count == SATCHEL_MERGE_MAX ||
            sp_id_parse(&ref.id, u->merge.absorbed[i].id) != SP_OK) {
            continue;
        }
        err = cc_record_view(u->call, &ref, &u->was[u->count]);
        if (err != SP_OK) {
            return err;
        }
        if (leads_to(u, &u->was[u->count].record, u->merge.kept.id)) {
            u->absorbed[u->count++] = ref;
        } else {
            cc_record_view_free(&u->was[u->count]);
        }
    }
    if (err == SP_OK && (u->count == 0 || u->merge.undone_ms != 0)) {
        err = cc_call_say(u->call, SP_E_EXISTS,
            "the merge into %.100s was undone before", u->merge.kept.title);
    }
    return err;
}

static sp_err check_window(struct undoing *u)
{
    const struct sp_env *env = &u->call->s->replica.env;

    return env->now_ms(env->self) <= u->merge.until_ms
               ? SP_OK
               : cc_call_say(u->call, SP_E_UNDO_OVER,
                     "the merge into %.100s was made more than 30 days ago; "
                     "make the account anew if it is another",
                     u->merge.kept.title);
}

static bool says(struct undoing *u, const struct sp_field *f,
    struct sp_slice value, const char *text)
{
    const char *now = is_nil(value) ? ""
                                    : cc_show_value(u->call, f, value,
                                          CC_SHOW_EXACT, &u->arena);

    return now != NULL && strcmp(now, text) == 0;
}

/* Puts back what the merge changed, unless somebody changed it since. */
static sp_err put_back(struct undoing *u, struct level *l,
    const struct satchel_merge_field *change)
{
    const struct sp_field *f = named(u->e.account, change->name);
    struct satchel_input input = { .field = change->name,
        .text = change->before };

    if (f == NULL || f->retired) {
        return SP_OK;
    }
    if (f->set) {
        struct member m = members_of(&l->view.record, f);
        struct sp_slice value;
        while ((value = next_member(&m, f->number)).size > 0) {
            if (says(u, f, value, change->after)) {
                input.text = change->after;
                input.how = SATCHEL_REMOVE;
                return cc_typed_add(&l->typed, &input, 1);
            }
        }
        return SP_OK;
    }
    return says(u, f, cc_refer_shown(&l->view.record, f), change->after)
               ? cc_typed_add(&l->typed, &input, 1)
               : SP_OK;
}

/* How a change went on to a level: as that one's merge noted it. */
static const struct satchel_merge_field *change_at(
    const struct level *l, const struct satchel_merge_field *change)
{
    if (l->by == NULL) {
        return change;
    }
    for (size_t i = 0; i < l->by->field_count; i++) {
        const struct satchel_merge_field *on = &l->by->field[i];
        if (strcmp(on->name, change->name) == 0 &&
            strcmp(on->after, change->after) == 0) {
            return on;
        }
    }
    return NULL;
}

static bool is_carried(const struct sp_sibling *s)
{
    return sp_replica_device(s->stamp.dot.replica) > SP_DEVICE_MAX;
}

/* Whether an account that leaves says this itself. */
static bool is_theirs(const struct undoing *u, const struct sp_register *reg,
    const struct sp_sibling *s)
{
    for (uint32_t i = 0; i < u->count; i++) {
        const struct sp_register *own =
            sp_record_find(&u->was[i].record, reg->key.field, reg->key.element);
        for (uint32_t k = 0; own != NULL && k < own->count; k++) {
            if (sp_slice_equal(own->sibling[k].value, s->value)) {
                return true;
            }
        }
    }
    return false;
}

/* What was carried here and belongs to one that leaves goes with it: the
 * latest of the others is written again. */
static sp_err take_carried_out(
    struct undoing *u, struct level *l, const struct sp_register *reg)
{
    static const uint8_t nil = 0xc0;
    const struct sp_field *f =
        sp_dictionary_field(u->e.account, reg->key.field);
    const struct sp_sibling *rest = NULL;
    bool any = false;

    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        if (is_carried(s) && is_theirs(u, reg, s)) {
            any = true;
        } else if (rest == NULL || s->stamp.time > rest->stamp.time) {
            rest = s;
        }
    }
    if (!any || f == NULL || f->merge == SP_MERGE_CNT ||
        sp_case_is_key(f, &reg->key) || f->merge == SP_MERGE_APP ||
        (f->set && rest != NULL) ||
        (!f->set && cc_typed_has(&l->typed, f->number))) {
        return SP_OK;
    }
    return cc_typed_put_key(&l->typed, &reg->key,
        rest != NULL ? rest->value : sp_slice_of(&nil, 1));
}

static sp_err undo_fields(struct undoing *u, struct level *l)
{
    sp_err err = SP_OK;

    for (size_t i = 0; i < u->merge.field_count && l->stands && err == SP_OK;
         i++) {
        const struct satchel_merge_field *change =
            change_at(l, &u->merge.field[i]);
        if (change != NULL) {
            err = put_back(u, l, change);
        }
    }
    for (uint32_t i = 0; i < l->view.record.count && err == SP_OK; i++) {
        err = take_carried_out(u, l, &l->view.record.reg[i]);
    }
    return err;
}

static sp_err save_undo(struct undoing *u, struct satchel_saved *out)
{
    static const uint8_t nil = 0xc0;
    struct sp_draft_change change[SATCHEL_MERGE_MAX + LEVELS_MAX + 1u];
    struct sp_draft_write back = { { u->e.account->forward, { 0 } },
        sp_slice_of(&nil, 1) };
    const struct satchel_input undone = { .field = "undone", .text = "now" };
    struct cc_typed closed;
    uint32_t count = 0;
    uint64_t n = 0;
    sp_err err = cc_typed_init(&closed, u->call, u->e.merge_case, NULL);

    if (err == SP_OK) {
        err = cc_typed_add(&closed, &undone, 1);
    }
    for (uint32_t i = 0; i < u->count; i++) {
        change[count++] =
            (struct sp_draft_change){ u->absorbed[i], false, 1, &back };
    }
    for (uint32_t i = 0; i < u->levels; i++) {
        const struct level *l = &u->level[i];
        if (l->typed.count > 0) {
            change[count++] = (struct sp_draft_change){ l->ref, false,
                l->typed.count, l->typed.write };
        }
    }
    change[count++] = (struct sp_draft_change){ u->merge_case, false,
        closed.count, closed.write };
    if (err == SP_OK) {
        err = cc_typed_save(u->call, change, count, &n);
    }
    if (err == SP_OK) {
        cc_record_saved(out, &u->merge_case.id, n);
    }
    return err;
}

static sp_err read_case(struct undoing *u, const char *reference)
{
    struct cc_record_view v;
    sp_err err = find_entities(u->call, &u->e);

    if (err == SP_OK) {
        err = cc_refer_record(
            u->call, u->e.merge_case, reference, &u->merge_case);
    }
    if (err == SP_OK) {
        err = cc_record_view(u->call, &u->merge_case, &v);
    }
    if (err == SP_OK) {
        err = fill_case(u->call, &u->e, &v.record, &u->arena, &u->merge);
        cc_record_view_free(&v);
    }
    return err;
}

static sp_err read_all(struct undoing *u)
{
    struct gather g = { .call = u->call };

    u->all = g.out = (struct satchel_merges *)cc_result_new(sizeof(*g.out));
    return g.out == NULL ? SP_E_NOMEM : list(&g, NULL);
}

static sp_err undo(
    struct undoing *u, const char *reference, struct satchel_saved *out)
{
    sp_err err = read_case(u, reference);

    if (err == SP_OK) {
        err = find_absorbed(u);
    }
    if (err == SP_OK) {
        err = check_window(u);
    }
    if (err == SP_OK) {
        err = read_all(u);
    }
    if (err == SP_OK) {
        err = find_levels(u);
    }
    for (uint32_t i = 0; i < u->levels && err == SP_OK; i++) {
        err = undo_fields(u, &u->level[i]);
    }
    return err == SP_OK ? save_undo(u, out) : err;
}

int satchel_account_unmerge(struct satchel *s, const char *merge,
    struct satchel_saved *out, struct satchel_error *e)
{
    struct cc_call c;
    struct undoing u = { .call = &c };
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    sp_arena_init(&u.arena, 8u * SP_RECORD_BYTES_MAX);
    sp_err err = undo(&u, merge, out);
    for (uint32_t i = 0; i < u.count; i++) {
        cc_record_view_free(&u.was[i]);
    }
    for (uint32_t i = 0; i < u.levels; i++) {
        cc_record_view_free(&u.level[i].view);
    }
    satchel_free(u.all);
    sp_arena_free(&u.arena);
    return cc_call_end(&c, err);
}
