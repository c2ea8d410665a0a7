#include "ctl/assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/org.h"
#include "ops/say.h"
#include "sp/pack.h"

static const struct sp_slice nothing = { NULL, 0 };

/* ---- who acts ---------------------------------------------------------- */

sp_err sv_assign_begin(
    struct sv_assign *a, struct sv_call *call, struct sp_tx *tx)
{
    memset(a, 0, sizeof *a);
    a->call = call;
    a->tx = tx;
    sp_err err = sv_seen_begin(call, tx, "as", &a->seen);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_person *p = a->seen.person;
    if (p->status != SP_PERSON_ACTIVE) {
        return sv_call_refuse(call, SP_E_DENIED,
            "%s has left; --as somebody who is here", sv_call_arg(call, "as"));
    }
    a->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(a->seen.book), sp_slice_text("account"));
    if (a->entity == NULL) {
        return sv_call_refuse(call, SP_E_NOT_FOUND,
            "the dictionary in force has no entity \"account\"");
    }
    a->everything =
        tx->node->tier == SP_TIER_HEAD_OFFICE &&
        (sp_rulebook_manages(a->seen.book, p->user) & SP_MANAGES_USERS) != 0;
    return SP_OK;
}

sp_err sv_assign_person(
    struct sv_assign *a, const char *login, const struct sp_person **out)
{
    const struct sp_person *p = sv_org_person(a->call, a->seen.book, login);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    if (p->status != SP_PERSON_ACTIVE) {
        return sv_call_refuse(a->call, SP_E_DENIED,
            "%.40s has left; name somebody who is here", login);
    }
    *out = p;
    return SP_OK;
}

sp_err sv_assign_territory(
    struct sv_assign *a, const char *code, struct sp_slice *out)
{
    const struct sp_territory *t =
        sp_rulebook_find_territory(a->seen.book, sp_slice_text(code));
    if (t == NULL) {
        return sv_call_refuse(a->call, SP_E_NOT_FOUND,
            "there is no territory \"%.40s\"; satchelctl territory list shows "
            "them",
            code);
    }
    *out = t->code;
    return SP_OK;
}

bool sv_assign_sees(const struct sv_assign *a, const struct sp_person *p,
    struct sp_slice territory)
{
    const struct sp_rules *rules = a->tx->rules;
    const struct sp_field *name =
        sp_dictionary_field_named(a->entity, sp_slice_text("name"));
    struct sp_id scope = territory.size > 0
                             ? sp_scope_make(SP_SCOPE_TERRITORY, territory)
                             : sp_scope_person(p->user);
    uint16_t grant =
        sp_rulebook_standing(a->seen.book, p->user, &scope, a->seen.now_ms)
            .grant;
    return name != NULL &&
           rules->reads(rules->self, grant, a->entity->number, name->number);
}

/* ---- accounts ---------------------------------------------------------- */

static struct sp_slice shown(
    const struct sp_entity *e, const struct sp_record *r, uint16_t field)
{
    const struct sp_field *f = sp_dictionary_field(e, field);
    const struct sp_register *reg =
        f == NULL ? NULL : sp_record_field(r, field);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, f->merge);
    return s == NULL ? nothing : s->value;
}

static struct sp_slice text_of(struct sp_slice value)
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    if (sp_rd_peek(&r) != SP_KIND_STR) {
        return nothing;
    }
    return sp_rd_str(&r, SP_VALUE_BYTES_MAX);
}

static uint32_t user_of(struct sp_slice value)
{
    struct sp_rd r;
    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_UINT
               ? (uint32_t)sp_rd_uint(&r, 1, UINT32_MAX)
               : 0;
}

static struct sp_slice named(
    const struct sp_entity *e, const struct sp_record *r, const char *name)
{
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(name));
    return f == NULL ? nothing : text_of(shown(e, r, f->number));
}

static void read_account(const struct sv_assign *a, const struct sp_record *r,
    struct sv_assign_account *out)
{
    *out = (struct sv_assign_account){ .ref = r->ref,
        .owner = user_of(shown(a->entity, r, a->entity->owner)),
        .territory = text_of(shown(a->entity, r, a->entity->territory)),
        .number = named(a->entity, r, "number"),
        .name = named(a->entity, r, "name") };
}

static sp_err keep_account(
    struct sv_assign *a, const struct sv_assign_account *found)
{
    struct sp_arena *arena = &a->tx->arena;
    if (a->count == SV_ASSIGN_ACCOUNTS_MAX) {
        return sv_call_refuse(a->call, SP_E_TOO_LARGE,
            "more than %u accounts; take them in several steps, by territory "
            "or by list",
            SV_ASSIGN_ACCOUNTS_MAX);
    }
    struct sv_assign_account *list =
        sp_arena_grow(arena, a->account, a->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    a->account = list;
    struct sv_assign_account *o = &list[a->count++];
    *o = *found;
    o->territory = sp_arena_copy(arena, found->territory);
    o->number = sp_arena_copy(arena, found->number);
    o->name = sp_arena_copy(arena, found->name);
    return (found->territory.size > 0 && o->territory.data == NULL) ||
                   (found->name.size > 0 && o->name.data == NULL)
               ? SP_E_NOMEM
               : SP_OK;
}

static bool is_deleted(const struct sp_record *r)
{
    return sp_record_field(r, SP_FIELD_DELETED) != NULL;
}

struct collecting {
    struct sv_assign *assign;
    bool (*wanted)(void *arg, const struct sv_assign_account *account);
    void *arg;
};

static sp_err collect_one(void *arg, const struct sp_record *r)
{
    struct collecting *c = arg;
    struct sv_assign *a = c->assign;
    struct sv_assign_account found;
    if (is_deleted(r)) {
        return SP_OK;
    }
    read_account(a, r, &found);
    if (!c->wanted(c->arg, &found)) {
        return SP_OK;
    }
    sp_err err = sv_seen_record(&a->seen, a->tx, &r->ref);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_field *name =
        sp_dictionary_field_named(a->entity, sp_slice_text("name"));
    if (name == NULL || !sv_seen_field(&a->seen, r->ref.type, name->number)) {
        found.name = nothing;
    }
    return keep_account(a, &found);
}

sp_err sv_assign_collect(struct sv_assign *a,
    bool (*wanted)(void *arg, const struct sv_assign_account *account),
    void *arg)
{
    struct collecting c = { a, wanted, arg };
    return sp_state_walk(a->tx, a->entity->number, NULL, collect_one, &c);
}

static bool any(void *arg, const struct sv_assign_account *account)
{
    (void)arg;
    (void)account;
    return true;
}

sp_err sv_assign_add(struct sv_assign *a, const struct sp_id *id)
{
    struct collecting c = { a, any, NULL };
    struct sp_ref ref = { .type = a->entity->number, .id = *id };
    struct sp_record r;
    uint32_t before = a->count;
    sp_err err = sp_state_get(a->tx, &ref, &a->tx->arena, &r);
    if (err == SP_OK) {
        err = collect_one(&c, &r);
    }
    return err == SP_OK && a->count == before ? SP_E_NOT_FOUND : err;
}

static int by_id(const void *a, const void *b)
{
    const struct sv_assign_account *x = a, *y = b;
    return sp_id_cmp(&x->ref.id, &y->ref.id);
}

void sv_assign_once(struct sv_assign *a)
{
    uint32_t kept = 0;
    if (a->count > 0) {
        qsort(a->account, a->count, sizeof *a->account, by_id);
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (kept == 0 ||
            !sp_id_equal(&a->account[kept - 1].ref.id, &a->account[i].ref.id)) {
            a->account[kept++] = a->account[i];
        }
    }
    a->count = kept;
}

/* ---- commits ----------------------------------------------------------- */

/* Up to two writes to one account; none when all is so already. */
struct drafted {
    struct sp_draft_write write[2];
    uint8_t bytes[2][SP_ROSTER_CODE_MAX + 16];
};

static void put_write(struct sp_draft_change *change, struct drafted *d,
    uint16_t field, const struct sp_buf *value)
{
    struct sp_draft_write *w = &d->write[change->count];
    SP_ASSERT(value->size <= sizeof d->bytes[0]);
    memcpy(d->bytes[change->count], value->data, value->size);
    w->key = (struct sp_key){ field, nothing };
    w->value = sp_slice_of(d->bytes[change->count], value->size);
    change->count++;
}

static sp_err draft_one(const struct sv_assign *a,
    const struct sv_assign_account *account, struct drafted *d,
    struct sp_draft_change *change)
{
    struct sp_buf value;
    *change = (struct sp_draft_change){ .ref = account->ref };
    sp_buf_init(&value, sizeof d->bytes[0]);
    if (account->to_owner != 0 && account->to_owner != account->owner) {
        sp_wr_uint(&value, account->to_owner);
        put_write(change, d, a->entity->owner, &value);
    }
    sp_buf_reset(&value);
    if (account->to_territory.size > 0 &&
        !sp_slice_equal(account->to_territory, account->territory)) {
        sp_wr_str(&value, account->to_territory);
        put_write(change, d, a->entity->territory, &value);
    }
    sp_err err = value.err;
    sp_buf_free(&value);
    change->write = d->write;
    return err;
}

/* SYNC J7: what a branch writes it serves. */
static sp_err check_served(
    struct sv_assign *a, const struct sv_assign_account *account)
{
    struct sp_scopes scopes;
    const struct sp_rules *rules = a->tx->rules;
    if (a->tx->node->tier == SP_TIER_HEAD_OFFICE) {
        return SP_OK;
    }
    sp_err err = sp_state_scopes(a->tx, &account->ref, &scopes);
    if (err != SP_OK || scopes.count == 0 ||
        rules->server_of(rules->self, &scopes.id[0]) ==
            a->tx->node->identity->device) {
        return err;
    }
    char id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &account->ref.id);
    return sv_call_refuse(a->call, SP_E_SCOPE,
        "account %s is served elsewhere; assign it there or at head office",
        id);
}

static void accept_all(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    (void)self;
    (void)q;
    out->kind = SP_ACCEPTED;
    out->code = SP_OK;
}

static sp_err make(struct sv_assign *a, const struct sp_draft_change *change,
    uint32_t count, struct sp_verdict *verdict)
{
    struct sp_draft draft = { .user = a->seen.person->user,
        .authority = sp_rulebook_authority(a->seen.book, a->seen.person->user),
        .count = count,
        .change = change };
    uint64_t n = 0;
    *verdict = (struct sp_verdict){ .kind = SP_VERDICT_NONE };
    return sp_commit_make(a->tx, &draft, verdict, &n);
}

/* One of them is why: each alone shows which. */
static sp_err say_which(
    struct sv_assign *a, const struct sp_draft_change *change, uint32_t count)
{
    struct sp_verdict v;
    sp_err err = SP_OK;
    uint32_t i = 0;
    for (; i < count && err == SP_OK; i++) {
        err = make(a, &change[i], 1, &v);
    }
    if (sp_err_class(err) != SP_CLASS_POLICY) {
        return err == SP_OK ? SP_E_INTERNAL : err;
    }
    char id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &change[i - 1].ref.id);
    const struct sp_field *f = sp_dictionary_field(a->entity, v.field);
    char rule[32] = "";
    if (v.rule != 0) {
        snprintf(rule, sizeof rule, " (rule %u)", v.rule);
    }
    return sv_call_refuse(a->call, err,
        "account %s: %.*s%s%s%s; nothing was changed", id,
        f == NULL ? 0 : (int)f->name.size,
        f == NULL ? "" : (const char *)f->name.data, f == NULL ? "" : ": ",
        cc_say_err(err), rule);
}

static sp_err make_batch(
    struct sv_assign *a, const struct sp_draft_change *change, uint32_t count)
{
    struct sp_verdict v;
    if (count == 0) {
        return SP_OK;
    }
    sp_err err = make(a, change, count, &v);
    return sp_err_class(err) == SP_CLASS_POLICY ? say_which(a, change, count)
                                                : err;
}

static sp_err write_all(struct sv_assign *a)
{
    struct sp_arena *arena = &a->tx->arena;
    struct drafted *d = sp_arena_take(arena, SP_COMMIT_CHANGES_MAX, sizeof *d);
    struct sp_draft_change *change =
        sp_arena_take(arena, SP_COMMIT_CHANGES_MAX, sizeof *change);
    uint32_t n = 0;
    sp_err err = d == NULL || change == NULL ? SP_E_NOMEM : SP_OK;
    for (uint32_t i = 0; err == SP_OK && i < a->count; i++) {
        err = draft_one(a, &a->account[i], &d[n], &change[n]);
        if (err == SP_OK && change[n].count > 0) {
            err = check_served(a, &a->account[i]);
            a->changed++;
            n++;
        }
        if (err == SP_OK && n == SP_COMMIT_CHANGES_MAX) {
            err = make_batch(a, change, n);
            n = 0;
        }
    }
    return err == SP_OK ? make_batch(a, change, n) : err;
}

sp_err sv_assign_write(struct sv_assign *a)
{
    const struct sp_rules *strict = a->tx->rules;
    struct sp_rules lenient = *strict;
    a->changed = 0;
    if (a->everything) {
        lenient.judge = accept_all;
        a->tx->rules = &lenient;
    }
    sp_err err = write_all(a);
    a->tx->rules = strict;
    return err;
}

/* ---- the result -------------------------------------------------------- */

static json_t *login_of(const struct sv_assign *a, uint32_t user)
{
    const struct sp_person *p = sp_rulebook_find_person(a->seen.book, user);
    char number[16];
    if (user == 0) {
        return json_string("-");
    }
    if (p != NULL) {
        return sv_call_slice(p->login);
    }
    snprintf(number, sizeof number, "%u", user);
    return json_string(number);
}

static json_t *code_of(struct sp_slice code)
{
    return code.size == 0 ? json_string("-") : sv_call_slice(code);
}

void sv_assign_rows(const struct sv_assign *a)
{
    char id[SP_ID_TEXT_BYTES];
    sv_call_columns(
        a->call, "id,name,territory,owner,to_territory,to_owner,how");
    for (uint32_t i = 0; i < a->count; i++) {
        const struct sv_assign_account *o = &a->account[i];
        sp_id_format(id, &o->ref.id);
        sv_call_row(a->call,
            json_pack("[s,o,o,o,o,o,s]", id, sv_call_slice(o->name),
                code_of(o->territory), login_of(a, o->owner),
                code_of(
                    o->to_territory.size > 0 ? o->to_territory : o->territory),
                login_of(a, o->to_owner != 0 ? o->to_owner : o->owner),
                o->how == NULL ? "" : o->how));
    }
}
