#include "ctl/org.h"
#include "ops/say.h"

#include <stdlib.h>
#include <string.h>

#define LEFT_MAX 64u /* territories that a person had, remembered */

sp_err sv_org_head_office_only(struct sv_call *call, const char *what)
{
    if (call->server->home.who.tier == SP_TIER_HEAD_OFFICE) {
        return SP_OK;
    }
    return sv_call_refuse(call, SP_E_DENIED,
        "%s: for head office alone; run this there. What it changes arrives "
        "here with the next exchange (satchelctl uplink now)",
        sv_say(what));
}

bool sv_org_is_code(const char *code)
{
    size_t size = strlen(code);
    return size > 0 && size <= SP_ROSTER_CODE_MAX &&
           strcspn(code, " ,:/\t\n\"\\") == size &&
           sp_utf8_valid(sp_slice_text(code));
}

sp_err sv_org_give_territory(struct sv_issue_edit *edit,
    const struct sp_territory *t, struct sp_slice unit)
{
    const struct sp_rulebook *b = sv_call_book(edit->tx);
    const struct sp_territory *known = sp_rulebook_find_territory(b, t->code);
    const struct sp_roster *from = sp_rulebook_find_unit_serving(b, t->code);
    struct sp_territory copy = known != NULL ? *known : *t;
    struct sv_issue_draft *draft = NULL;
    sp_err err = SP_OK;
    if (t->name.size > 0) {
        copy.name = t->name;
    }
    if (t->region.size > 0) {
        copy.region = t->region;
    }
    if (copy.name.size == 0) {
        copy.name = copy.code;
    }
    if (known != NULL && from != NULL) {
        err = sv_issue_edit_unit(edit, from->unit, &draft);
        if (err != SP_OK) {
            return err;
        }
        sv_issue_remove_territory(draft, t->code);
    }
    err = sv_issue_edit_unit(edit, unit, &draft);
    return err == SP_OK ? sv_issue_add_territory(draft, &copy) : err;
}

struct code {
    struct sv_call *call;
    struct sv_enrol_grant grant;
    const char *endpoint;
    char text[SP_ENROL_TEXT_BYTES_MAX];
};

static sp_err make_code(void *arg, struct sp_tx *tx)
{
    struct code *c = arg;
    return sv_enrol_make(tx, &c->grant, c->endpoint, c->text);
}

sp_err sv_org_make_code(
    struct sv_call *call, const struct sv_enrol_grant *grant)
{
    struct code c = {
        .call = call, .grant = *grant, .endpoint = sv_call_arg(call, "endpoint")
    };
    uint64_t minutes = 0;
    char fingerprint[10];
    sp_err err = sv_call_number(
        call, "minutes", 1, 1440, SV_ENROL_LIFE_MS / 60000u, &minutes);
    if (err != SP_OK) {
        return err;
    }
    if (c.endpoint == NULL) {
        c.endpoint = call->server->endpoint;
    }
    if (strncmp(c.endpoint, "tcp://", 6) != 0 ||
        strncmp(c.endpoint, "tcp://0.0.0.0:", 14) == 0 ||
        strncmp(c.endpoint, "tcp://*:", 8) == 0) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "%.120s is no address that a device can reach; set advertise, or "
            "give --endpoint tcp://HOST:PORT",
            c.endpoint);
    }
    c.grant.life_ms = minutes * 60000u;
    err = sv_call_write(call, make_code, &c);
    if (err == SP_OK) {
        sp_enrol_fingerprint(
            call->server->home.who.id.static_public, fingerprint);
        sv_call_set(call, "code", json_string(c.text));
        sv_call_set(call, "minutes", json_integer((json_int_t)minutes));
        sv_call_set(call, "server_key", json_string(fingerprint));
    }
    sp_wipe(c.text, sizeof c.text);
    return err;
}

json_t *sv_org_unit_name(struct sp_slice unit)
{
    return unit.size == 0 ? json_string(SV_SAY("head office"))
                          : sv_call_slice(unit);
}

const struct sp_person *sv_org_person(
    struct sv_call *call, const struct sp_rulebook *b, const char *login)
{
    const struct sp_person *p = sp_rulebook_find_login(b, sp_slice_text(login));
    char *end = NULL;
    if (p == NULL) {
        unsigned long number = strtoul(login, &end, 10);
        if (end != login && *end == '\0' && number <= UINT32_MAX) {
            p = sp_rulebook_find_person(b, (uint32_t)number);
        }
    }
    if (p == NULL) {
        (void)sv_call_refuse(call, SP_E_NOT_FOUND,
            "there is no person \"%.60s\"; satchelctl user list shows them",
            login);
    }
    return p;
}

bool sv_org_has_code(
    const struct sp_slice *list, uint32_t count, struct sp_slice code)
{
    for (uint32_t i = 0; i < count; i++) {
        if (sp_slice_equal(list[i], code)) {
            return true;
        }
    }
    return false;
}

/* Visits made before still count under the old assignment (SYNC J4). */
static sp_err remember_left(struct sp_tx *tx, struct sp_person *p,
    const struct sp_slice *kept, uint32_t kept_count)
{
    uint32_t serial = sp_rulebook_serials(sv_call_book(tx)).roster;
    struct sp_left *left = sp_arena_take(&tx->arena, LEFT_MAX, sizeof *left);
    uint32_t count = 0;
    if (left == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < p->territory_count && count < LEFT_MAX; i++) {
        if (!sv_org_has_code(kept, kept_count, p->territory[i])) {
            left[count++] = (struct sp_left){ p->territory[i], serial };
        }
    }
    for (uint32_t i = 0; i < p->left_count && count < LEFT_MAX; i++) {
        bool again = sv_org_has_code(kept, kept_count, p->left[i].territory);
        for (uint32_t j = 0; j < count; j++) {
            again = again ||
                    sp_slice_equal(left[j].territory, p->left[i].territory);
        }
        if (!again) {
            left[count++] = p->left[i];
        }
    }
    p->left = left;
    p->left_count = count;
    return SP_OK;
}

sp_err sv_org_set_territories(struct sp_tx *tx, struct sp_person *p,
    const struct sp_slice *code, uint32_t count)
{
    sp_err err = remember_left(tx, p, code, count);
    p->territory = code;
    p->territory_count = count;
    return err;
}

static bool has_role(const uint16_t *list, uint32_t count, uint16_t role)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == role) {
            return true;
        }
    }
    return false;
}

/* The newest first: so many as are kept. */
static sp_err remember_had(struct sp_tx *tx, struct sp_person *p,
    const uint16_t *kept, uint32_t kept_count)
{
    uint32_t serial = sp_rulebook_serials(sv_call_book(tx)).roster;
    struct sp_had *had =
        sp_arena_take(&tx->arena, SP_ROSTER_ROLES_MAX, sizeof *had);
    uint32_t count = 0;
    if (had == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < p->role_count && count < SP_ROSTER_ROLES_MAX;
         i++) {
        if (!has_role(kept, kept_count, p->role[i])) {
            had[count++] = (struct sp_had){ p->role[i], serial };
        }
    }
    uint32_t now = count;
    for (uint32_t i = 0; i < p->had_count && count < SP_ROSTER_ROLES_MAX; i++) {
        bool again = has_role(kept, kept_count, p->had[i].role);
        for (uint32_t j = 0; j < now; j++) {
            again = again || had[j].role == p->had[i].role;
        }
        if (!again) {
            had[count++] = p->had[i];
        }
    }
    p->had = had;
    p->had_count = count;
    return SP_OK;
}

sp_err sv_org_set_roles(
    struct sp_tx *tx, struct sp_person *p, const uint16_t *role, uint32_t count)
{
    bool here = p->status == SP_PERSON_ACTIVE;
    sp_err err = here ? remember_had(tx, p, role, count) : SP_OK;
    p->role = role;
    p->role_count = count;
    return err;
}

sp_err sv_org_leave(struct sp_tx *tx, struct sp_person *p)
{
    bool here = p->status == SP_PERSON_ACTIVE;
    p->status = SP_PERSON_LEFT;
    return here ? remember_had(tx, p, NULL, 0) : SP_OK;
}

struct sessions_of {
    struct sv_call *call;
    const char *login;
};

static sp_err end_sessions(void *arg, struct sp_tx *tx)
{
    struct sessions_of *s = arg;
    const struct sp_rulebook *b = sv_call_book(tx);
    const struct sp_person *p = sv_org_person(s->call, b, s->login);
    const struct sp_device *d;
    for (size_t i = 0; p != NULL && (d = sp_rulebook_list_device(b, i)) != NULL;
         i++) {
        if (d->user == p->user) {
            sv_session_end_device(
                sv_listen_sessions(s->call->server->listen), d->device);
        }
    }
    return SP_OK;
}

sp_err sv_org_end_sessions(struct sv_call *call, const char *login)
{
    struct sessions_of s = { call, login };
    return sv_call_read(call, end_sessions, &s);
}
