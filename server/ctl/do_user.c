/* do_user.c - people and roles. */
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/preview.h"
#include "ops/say.h"
#include "policy/number.h"
#include "policy/policy.h"

#define EXTRA_MAX 64u

/* What a command wants a person to be; NULL members stay as they are. */
struct change {
    struct sv_call *call;
    const char *login;
    const char *name, *roles, *unit, *territories, *extra;
    bool leave;
    uint32_t user; /* out */
    struct sv_issue_edit edit;
};

static sp_err set_roles(struct change *c, struct sp_tx *tx, struct sp_person *p)
{
    const struct sp_policy *policy = sp_rulebook_policy(sv_call_book(tx));
    const char *at = c->roles;
    struct sp_slice name;
    uint16_t *role =
        sp_arena_take(&tx->arena, SP_ROSTER_ROLES_MAX, sizeof *role);
    uint32_t count = 0;
    if (role == NULL) {
        return SP_E_NOMEM;
    }
    while (sv_call_piece(&at, &name) && count < SP_ROSTER_ROLES_MAX) {
        const struct sp_role *r = sp_policy_role_named(policy, name);
        if (r == NULL) {
            return sv_call_refuse(c->call, SP_E_NOT_FOUND,
                "there is no role \"%.*s\"; satchelctl role list shows them",
                (int)name.size, (const char *)name.data);
        }
        uint32_t i = count++;
        for (; i > 0 && role[i - 1] > r->number; i--) {
            role[i] = role[i - 1];
        }
        role[i] = r->number;
    }
    return sv_org_set_roles(tx, p, role, count);
}

static sp_err set_territories(
    struct change *c, struct sp_tx *tx, struct sp_person *p)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    const char *at = c->territories;
    struct sp_slice code;
    struct sp_slice *list =
        sp_arena_take(&tx->arena, SP_ROSTER_TERRITORIES_MAX, sizeof *list);
    uint32_t count = 0;
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    while (sv_call_piece(&at, &code) && count < SP_ROSTER_TERRITORIES_MAX) {
        if (sp_rulebook_find_territory(b, code) == NULL) {
            return sv_call_refuse(c->call, SP_E_NOT_FOUND,
                "there is no territory \"%.*s\"; satchelctl territory list "
                "shows them",
                (int)code.size, (const char *)code.data);
        }
        if (!sv_org_has_code(list, count, code)) {
            uint32_t i = count++;
            for (; i > 0 && sp_slice_cmp(list[i - 1], code) > 0; i--) {
                list[i] = list[i - 1];
            }
            list[i] = code;
        }
    }
    return sv_org_set_territories(tx, p, list, count);
}

static bool names_something(struct sp_tx *tx, const struct sp_extra *x)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_territory *t;
    bool found = x->kind == SP_EXTRA_TERRITORY
                     ? sp_rulebook_find_territory(b, x->code) != NULL
                     : x->kind == SP_EXTRA_UNIT &&
                           sp_rulebook_find_unit(b, x->code) != NULL;
    for (size_t i = 0; !found && x->kind == SP_EXTRA_REGION &&
                       (t = sp_rulebook_list_territory(b, i)) != NULL;
         i++) {
        found = sp_slice_equal(t->region, x->code);
    }
    return found;
}

static sp_err set_extra(struct change *c, struct sp_tx *tx, struct sp_person *p)
{
    static const struct {
        const char *word;
        enum sp_extra_kind kind;
    } kinds[] = { { "territory:", SP_EXTRA_TERRITORY },
        { "unit:", SP_EXTRA_UNIT }, { "region:", SP_EXTRA_REGION } };
    const char *at = c->extra;
    struct sp_slice piece;
    struct sp_extra *list = sp_arena_take(&tx->arena, EXTRA_MAX, sizeof *list);
    uint32_t count = 0;
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    while (sv_call_piece(&at, &piece) && count < EXTRA_MAX) {
        bool known = false;
        for (size_t i = 0; i < 3; i++) {
            size_t size = strlen(kinds[i].word);
            if (piece.size > size &&
                memcmp(piece.data, kinds[i].word, size) == 0) {
                list[count++] = (struct sp_extra){ kinds[i].kind,
                    sp_slice_of(piece.data + size, piece.size - size), 0 };
                known = names_something(tx, &list[count - 1]);
            }
        }
        if (!known) {
            return sv_call_refuse(c->call, SP_E_ARGUMENT,
                "--extra \"%.*s\": write territory:CODE, unit:CODE or "
                "region:NAME of one that is there (territory list, unit list)",
                (int)piece.size, (const char *)piece.data);
        }
    }
    p->extra = list;
    p->extra_count = count;
    return SP_OK;
}

static sp_err apply(struct change *c, struct sp_tx *tx, struct sp_person *p)
{
    sp_err err = SP_OK;
    if (c->name != NULL) {
        p->name = sp_slice_text(c->name);
    }
    if (c->leave) {
        err = sv_org_leave(tx, p);
    }
    if (err == SP_OK && c->roles != NULL) {
        err = set_roles(c, tx, p);
    }
    if (err == SP_OK && c->territories != NULL) {
        err = set_territories(c, tx, p);
    }
    if (err == SP_OK && c->extra != NULL) {
        err = set_extra(c, tx, p);
    }
    return err;
}

static sp_err open_unit(
    struct change *c, struct sp_slice unit, struct sv_issue_draft **out)
{
    sp_err err = sv_issue_edit_unit(&c->edit, unit, out);
    if (err == SP_E_NOT_FOUND) {
        return sv_call_refuse(c->call, err,
            "there is no unit \"%.*s\"; satchelctl unit list shows them",
            (int)unit.size, (const char *)unit.data);
    }
    return err;
}

static sp_err user_add(void *arg, struct sp_tx *tx)
{
    struct change *c = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    struct sv_issue_draft *draft = NULL;
    struct sp_person p = { .login = sp_slice_text(c->login),
        .name = sp_slice_text(c->login),
        .status = SP_PERSON_ACTIVE };
    if (sp_rulebook_find_login(b, p.login) != NULL) {
        return sv_call_refuse(c->call, SP_E_EXISTS,
            "there is a person %s already; satchelctl user set changes them",
            c->login);
    }
    sv_issue_edit_begin(&c->edit, tx);
    sp_err err =
        open_unit(c, sp_slice_text(c->unit == NULL ? "" : c->unit), &draft);
    if (err == SP_OK) {
        err = apply(c, tx, &p);
    }
    if (err == SP_OK) {
        err = sv_number_user(tx, &p.user);
    }
    if (err == SP_OK) {
        err = sv_issue_add_person(draft, &p);
    }
    c->user = p.user;
    return err == SP_OK ? sv_issue_edit_sign(&c->edit) : err;
}

/* Whether somebody could still administer after this roster change. */
static sp_err keep_an_administrator(
    struct change *c, struct sp_tx *tx, uint32_t user)
{
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_person *p;
    if ((sp_rulebook_manages(b, user) & SP_MANAGES_USERS) == 0 ||
        (!c->leave && c->roles == NULL)) {
        return SP_OK;
    }
    for (size_t i = 0; (p = sp_rulebook_list_person(b, i)) != NULL; i++) {
        if (p->user != user &&
            (sp_rulebook_manages(b, p->user) & SP_MANAGES_USERS) != 0) {
            return SP_OK;
        }
    }
    struct sv_issue_draft *draft = NULL;
    const struct sp_roster *unit = sp_rulebook_find_unit_of(b, user);
    sp_err err = sv_issue_edit_unit(&c->edit, unit->unit, &draft);
    const struct sp_person *after =
        err == SP_OK ? sv_issue_person(draft, user) : NULL;
    const struct sp_policy *policy = sp_rulebook_policy(b);
    for (uint32_t i = 0; after != NULL && !c->leave && i < after->role_count;
         i++) {
        const struct sp_role *r = sp_policy_role(policy, after->role[i]);
        if (r != NULL && (r->manages & SP_MANAGES_USERS) != 0) {
            return SP_OK;
        }
    }
    return sv_call_refuse(c->call, SP_E_DENIED,
        "%s is the last person who may manage people; give somebody else such "
        "a role first",
        c->login);
}

static sp_err user_set(void *arg, struct sp_tx *tx)
{
    struct change *c = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    struct sv_issue_draft *draft = NULL;
    const struct sp_person *known = sv_org_person(c->call, b, c->login);
    const struct sp_roster *unit =
        known == NULL ? NULL : sp_rulebook_find_unit_of(b, known->user);
    if (known == NULL || unit == NULL) {
        return SP_E_NOT_FOUND;
    }
    c->user = known->user;
    sv_issue_edit_begin(&c->edit, tx);
    sp_err err = open_unit(c, unit->unit, &draft);
    struct sp_person *p =
        err == SP_OK ? sv_issue_person(draft, known->user) : NULL;
    if (p == NULL) {
        return err == SP_OK ? SP_E_NOT_FOUND : err;
    }
    err = apply(c, tx, p);
    if (err == SP_OK) {
        err = keep_an_administrator(c, tx, known->user);
    }
    if (err == SP_OK && c->unit != NULL &&
        !sp_slice_equal(sp_slice_text(c->unit), unit->unit)) {
        struct sp_person moved = *p;
        sv_issue_remove_person(draft, moved.user);
        err = open_unit(c, sp_slice_text(c->unit), &draft);
        if (err == SP_OK) {
            err = sv_issue_add_person(draft, &moved);
        }
    }
    return err == SP_OK ? sv_issue_edit_sign(&c->edit) : err;
}

static sp_err write_change(struct sv_call *call, bool new, bool leave)
{
    struct change c = { .call = call,
        .login = sv_call_arg(call, "login"),
        .name = sv_call_arg(call, "name"),
        .roles = sv_call_arg(call, "role"),
        .unit = sv_call_arg(call, "unit"),
        .territories = sv_call_arg(call, "territories"),
        .extra = sv_call_arg(call, "extra"),
        .leave = leave };
    sp_err err = sv_org_head_office_only(call, "people");
    if (err == SP_OK && new && !sv_org_is_code(c.login)) {
        err = sv_call_refuse(call, SP_E_ARGUMENT,
            "a login has 1 to %u bytes, without spaces and , : / \" \\",
            SP_ROSTER_CODE_MAX);
    }
    if (err == SP_OK && c.name != NULL &&
        c.name[strspn(c.name, " \t")] == '\0') {
        err = sv_call_refuse(call, SP_E_ARGUMENT,
            "a person's name is empty: others could not tell who he is; leave "
            "--name out, and the login stands for it");
    }
    if (err == SP_OK) {
        err = sv_preview_run(call, new ? user_add : user_set, &c);
    }
    if (err == SP_OK) {
        sv_call_set(call, "user", json_integer((json_int_t)c.user));
        sv_call_set(call, "login", json_string(c.login));
    }
    return err;
}

sp_err sv_do_user_add(struct sv_call *call)
{
    return write_change(call, true, false);
}

sp_err sv_do_user_set(struct sv_call *call)
{
    return write_change(call, false, false);
}

sp_err sv_do_user_revoke(struct sv_call *call)
{
    sp_err err = write_change(call, false, true);
    if (err == SP_OK) {
        err = sv_org_end_sessions(call, sv_call_arg(call, "login"));
        sv_call_set(call, "note",
            json_string(
                sv_say("the person's devices are refused here from now on, "
                       "at the branches after their next exchange")));
    }
    return err;
}

static json_t *roles_of(const struct sp_rulebook *b, const struct sp_person *p)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < p->role_count; i++) {
        const struct sp_role *r =
            sp_policy_role(sp_rulebook_policy(b), p->role[i]);
        (void)json_array_append_new(
            list, r == NULL ? json_string("?") : sv_call_slice(r->name));
    }
    return list;
}

static sp_err user_list(void *arg, struct sp_tx *tx)
{
    struct sv_call *call = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_person *p;
    sv_call_columns(call, "user,login,name,unit,roles,territories,status");
    for (size_t i = 0; (p = sp_rulebook_list_person(b, i)) != NULL; i++) {
        const struct sp_roster *r = sp_rulebook_find_unit_of(b, p->user);
        json_t *territories = json_array();
        for (uint32_t j = 0; j < p->territory_count; j++) {
            (void)json_array_append_new(
                territories, sv_call_slice(p->territory[j]));
        }
        sv_call_row(
            call, json_pack("[I,o,o,o,o,o,s]", (json_int_t)p->user,
                      sv_call_slice(p->login), sv_call_slice(p->name),
                      r == NULL ? json_string("?") : sv_org_unit_name(r->unit),
                      roles_of(b, p), territories,
                      p->status == SP_PERSON_ACTIVE ? SV_SAY("active")
                                                    : SV_SAY("left")));
    }
    return SP_OK;
}

sp_err sv_do_user_list(struct sv_call *call)
{
    return sv_call_read(call, user_list, call);
}

static sp_err role_list(void *arg, struct sp_tx *tx)
{
    static const char *const reach[] = { "?", SV_SAY("own"), SV_SAY("branch"),
        SV_SAY("region"), SV_SAY("all") };
    static const char *const manages[] = { SV_SAY("users"), SV_SAY("devices"),
        SV_SAY("policy"), SV_SAY("dictionary"), SV_SAY("jobs") };
    struct sv_call *call = arg;
    const struct sp_policy *policy = sp_rulebook_policy(sv_call_book(tx));
    sv_call_columns(call, "role,name,label,reach,manages,rules");
    for (uint32_t i = 0; i < policy->role_count; i++) {
        const struct sp_role *r = &policy->role[i];
        json_t *what = json_array();
        for (unsigned bit = 0; bit < 5; bit++) {
            if ((r->manages & 1u << bit) != 0) {
                (void)json_array_append_new(what, json_string(manages[bit]));
            }
        }
        sv_call_row(call,
            json_pack("[i,o,o,s,o,i]", (int)r->number, sv_call_slice(r->name),
                sv_call_slice(cc_say_language() == CC_LANG_ZH ? r->label_zh
                                                              : r->label_en),
                reach[r->reach < SP_REACH_COUNT ? r->reach : 0], what,
                (int)r->rule_count));
    }
    return SP_OK;
}

sp_err sv_do_role_list(struct sv_call *call)
{
    return sv_call_read(call, role_list, call);
}
