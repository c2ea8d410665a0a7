/* do_territory.c - a territory goes to another branch or to another person, or
 * is shared with one up to a day. */
#include <stdio.h>
#include <string.h>

#include "ctl/day.h"
#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/preview.h"

#define EXTRA_MAX 64u

struct change {
    struct sv_call *call;
    struct sp_slice code;
    const char *to, *from;
    uint32_t until; /* days since 1970 */
    uint32_t gave;  /* people who gave it up */
    struct sv_issue_edit edit;
};

static sp_err known(struct change *c, const struct sp_rulebook *b)
{
    if (sp_rulebook_find_territory(b, c->code) != NULL) {
        return SP_OK;
    }
    return sv_call_refuse(c->call, SP_E_NOT_FOUND,
        "there is no territory \"%.*s\"; satchelctl territory list shows them",
        (int)c->code.size, (const char *)c->code.data);
}

static sp_err run(struct change *c, const char *what,
    sp_err (*work)(void *arg, struct sp_tx *tx))
{
    sp_err err = sv_org_head_office_only(c->call, what);
    if (err == SP_OK) {
        err = sv_preview_run(c->call, work, c);
    }
    if (err == SP_OK) {
        sv_call_set(c->call, "territory", sv_call_slice(c->code));
    }
    return err;
}

/* ---- to another branch ------------------------------------------------- */

static sp_err move(void *arg, struct sp_tx *tx)
{
    struct change *c = arg;
    const struct sp_territory t = { .code = c->code };
    sp_err err = known(c, sv_call_book(tx));
    if (err != SP_OK) {
        return err;
    }
    sv_issue_edit_begin(&c->edit, tx);
    err = sv_org_give_territory(&c->edit, &t, sp_slice_text(c->to));
    if (err == SP_E_NOT_FOUND) {
        return sv_call_refuse(c->call, err,
            "there is no unit %.60s; satchelctl unit list shows them", c->to);
    }
    return err == SP_OK ? sv_issue_edit_sign(&c->edit) : err;
}

sp_err sv_do_territory_move(struct sv_call *call)
{
    struct change c = { .call = call,
        .code = sp_slice_text(sv_call_arg(call, "code")),
        .to = sv_call_arg(call, "to") };
    return run(&c, "territories", move);
}

/* ---- to another person ------------------------------------------------- */

static bool has(const struct sp_person *p, struct sp_slice code)
{
    for (uint32_t i = 0; i < p->territory_count; i++) {
        if (sp_slice_equal(p->territory[i], code)) {
            return true;
        }
    }
    return false;
}

/* The person in the draft of his unit. */
static sp_err open_person(
    struct change *c, uint32_t user, struct sp_person **out)
{
    const struct sp_rulebook *b = sv_call_book(c->edit.tx);
    struct sv_issue_draft *draft = NULL;
    const struct sp_roster *unit = sp_rulebook_find_unit_of(b, user);
    sp_err err = unit == NULL
                     ? SP_E_NOT_FOUND
                     : sv_issue_edit_unit(&c->edit, unit->unit, &draft);
    *out = err == SP_OK ? sv_issue_person(draft, user) : NULL;
    return err == SP_OK && *out == NULL ? SP_E_NOT_FOUND : err;
}

/* What he did there before still counts under the old assignment (SYNC J4). */
static sp_err take_from(struct change *c, const struct sp_person *who)
{
    struct sp_person *p;
    sp_err err = open_person(c, who->user, &p);
    if (err != SP_OK) {
        return err;
    }
    struct sp_slice *list = sp_arena_take(
        &c->edit.tx->arena, p->territory_count + 1u, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->territory_count; i++) {
        if (!sp_slice_equal(p->territory[i], c->code)) {
            list[count++] = p->territory[i];
        }
    }
    c->gave++;
    return sv_org_set_territories(c->edit.tx, p, list, count);
}

static sp_err give_to(struct change *c, const struct sp_person *who)
{
    struct sp_person *p;
    sp_err err = open_person(c, who->user, &p);
    if (err != SP_OK || has(p, c->code)) {
        return err;
    }
    struct sp_slice *list = sp_arena_take(
        &c->edit.tx->arena, p->territory_count + 2u, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    uint32_t at = 0;
    while (at < p->territory_count &&
           sp_slice_cmp(p->territory[at], c->code) < 0) {
        list[at] = p->territory[at];
        at++;
    }
    list[at] = c->code;
    for (uint32_t i = at; i < p->territory_count; i++) {
        list[i + 1] = p->territory[i];
    }
    p->territory = list;
    p->territory_count++;
    return SP_OK;
}

static sp_err take_from_all(
    struct change *c, const struct sp_person *to, const struct sp_person *from)
{
    const struct sp_rulebook *b = sv_call_book(c->edit.tx);
    const struct sp_person *p;
    sp_err err = SP_OK;
    for (size_t i = 0;
         err == SP_OK && (p = sp_rulebook_list_person(b, i)) != NULL; i++) {
        if (p->user != to->user && has(p, c->code) &&
            (from == NULL || from->user == p->user)) {
            err = take_from(c, p);
        }
    }
    return err;
}

static sp_err give(void *arg, struct sp_tx *tx)
{
    struct change *c = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    sp_err err = known(c, b);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_person *to = sv_org_person(c->call, b, c->to);
    const struct sp_person *from = to == NULL || c->from == NULL
                                       ? NULL
                                       : sv_org_person(c->call, b, c->from);
    if (to == NULL || (c->from != NULL && from == NULL)) {
        return SP_E_NOT_FOUND;
    }
    if (to->status != SP_PERSON_ACTIVE) {
        return sv_call_refuse(
            c->call, SP_E_DENIED, "%s has left; name somebody else", c->to);
    }
    if (from != NULL && !has(from, c->code)) {
        return sv_call_refuse(c->call, SP_E_NOT_FOUND,
            "%s does not have this territory; satchelctl user list shows who "
            "does",
            c->from);
    }
    c->gave = 0;
    sv_issue_edit_begin(&c->edit, tx);
    err = take_from_all(c, to, from);
    if (err == SP_OK) {
        err = give_to(c, to);
    }
    return err == SP_OK ? sv_issue_edit_sign(&c->edit) : err;
}

sp_err sv_do_territory_give(struct sv_call *call)
{
    struct change c = { .call = call,
        .code = sp_slice_text(sv_call_arg(call, "code")),
        .to = sv_call_arg(call, "to"),
        .from = sv_call_arg(call, "from") };
    sp_err err = run(&c, "territories", give);
    if (err == SP_OK) {
        sv_call_set(call, "to", json_string(c.to));
        sv_call_set(call, "given_up_by", json_integer((json_int_t)c.gave));
    }
    return err;
}

/* ---- shared, up to a day ----------------------------------------------- */

static bool shares(const struct sp_extra *x, struct sp_slice code)
{
    return x->kind == SP_EXTRA_TERRITORY && sp_slice_equal(x->code, code);
}

static sp_err share(void *arg, struct sp_tx *tx)
{
    struct change *c = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    bool end = sv_call_flag(c->call, "end");
    struct sp_person *p = NULL;
    sp_err err = known(c, b);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_person *who = sv_org_person(c->call, b, c->to);
    if (who == NULL) {
        return SP_E_NOT_FOUND;
    }
    sv_issue_edit_begin(&c->edit, tx);
    err = open_person(c, who->user, &p);
    if (err != SP_OK) {
        return err;
    }
    struct sp_extra *list =
        sp_arena_take(&tx->arena, p->extra_count + 1u, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->extra_count; i++) {
        if (!shares(&p->extra[i], c->code)) {
            list[count++] = p->extra[i];
        }
    }
    if (end && count == p->extra_count) {
        return sv_call_refuse(c->call, SP_E_NOT_FOUND,
            "%s has no share of this territory", c->to);
    }
    if (!end && count == EXTRA_MAX) {
        return sv_call_refuse(c->call, SP_E_TOO_LARGE,
            "%s has %u shares already, which is the most; end one first", c->to,
            EXTRA_MAX);
    }
    if (!end) {
        list[count++] =
            (struct sp_extra){ SP_EXTRA_TERRITORY, c->code, c->until };
    }
    p->extra = list;
    p->extra_count = count;
    return sv_issue_edit_sign(&c->edit);
}

sp_err sv_do_user_share(struct sv_call *call)
{
    const char *until = sv_call_arg(call, "until");
    struct change c = { .call = call,
        .code = sp_slice_text(sv_call_arg(call, "territory")),
        .to = sv_call_arg(call, "login") };
    sp_err err = until == NULL ? SP_OK : sv_day_read(call, until, &c.until);
    if (err == SP_OK) {
        err = run(&c, "shares", share);
    }
    if (err == SP_OK) {
        sv_call_set(call, "login", json_string(c.to));
        sv_call_set(
            call, "until", json_string(until == NULL ? "taken back" : until));
    }
    return err;
}
