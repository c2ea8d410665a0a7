#include "rulebook.h"

#include <stdio.h>
#include <string.h>

sp_err sp_rulebook_build(const struct sp_slice *documents, size_t count,
    const struct sp_id *org, const uint8_t root_public[32],
    struct sp_arena *arena, struct sp_rulebook **out,
    struct sp_rulebook_report *report)
{
    struct sp_rulebook *b = sp_arena_take(arena, 1, sizeof(*b));
    struct sp_rulebook_report what = { 0 };

    if (b == NULL) {
        return SP_E_NOMEM;
    }
    b->org = *org;
    memcpy(b->root_public, root_public, sizeof(b->root_public));
    sp_err err = sp_rulebook_trust(b, documents, count, arena, &what);
    if (err == SP_OK) {
        err = sp_rulebook_index(b, arena);
    }
    if (err == SP_OK) {
        err = sp_rulebook_grants(b, arena);
    }
    if (err != SP_OK) {
        return err;
    }
    if (report != NULL) {
        *report = what;
    }
    *out = b;
    return SP_OK;
}

const struct sp_dictionary *sp_rulebook_dictionary(const struct sp_rulebook *b)
{
    return b->dictionary;
}

const struct sp_policy *sp_rulebook_policy(const struct sp_rulebook *b)
{
    return b->policy;
}

struct sp_serials sp_rulebook_serials(const struct sp_rulebook *b)
{
    return b->serials;
}

uint8_t sp_rulebook_authority(const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p == NULL ? 0 : p->authority;
}

uint8_t sp_rulebook_manages(const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p == NULL ? 0 : p->manages;
}

struct sp_standing sp_rulebook_standing(const struct sp_rulebook *b,
    uint32_t user, const struct sp_id *scope, uint64_t now_ms)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p == NULL ? (struct sp_standing){ SP_REACH_ALL, SP_GRANT_NOTHING }
                     : sp_rulebook_reach_standing(b, p, scope, 0, now_ms);
}

static void put(struct sp_buf *b, const char *text)
{
    sp_buf_put(b, text, strlen(text));
}

void sp_rulebook_describe_scope(
    const struct sp_rulebook *b, const struct sp_id *scope, struct sp_buf *out)
{
    uint32_t place = sp_rulebook_find_place(b, scope);
    char text[40];

    if (place == SP_RULEBOOK_NONE) {
        sp_hex(text, scope->b, sizeof(scope->b));
        put(out, text);
        return;
    }
    uint32_t item = b->place[place].item;
    if (b->place[place].kind == SP_SCOPE_TERRITORY) {
        struct sp_slice code = b->territory[item].territory->code;
        put(out, "territory ");
        sp_buf_put(out, code.data, code.size);
        return;
    }
    if (b->place[place].kind == SP_SCOPE_CATALOGUE) {
        struct sp_slice code = item == SP_RULEBOOK_NONE
                                   ? (struct sp_slice){ NULL, 0 }
                                   : b->unit[item]->unit;
        put(out, code.size == 0 ? "catalogue" : "catalogue of ");
        sp_buf_put(out, code.data, code.size);
        return;
    }
    const struct sp_person *p = b->person[item].person;
    (void)snprintf(text, sizeof(text), "person %u ", p->user);
    put(out, text);
    sp_buf_put(out, p->name.data, p->name.size);
}

/* ---- the port ---------------------------------------------------------- */

static sp_err port_view(void *self, const struct sp_record *r,
    struct sp_arena *arena, struct sp_record *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, r->ref.type);

    if (e == NULL) {
        *out = *r;
        return SP_OK;
    }
    return sp_dictionary_past_view(e, r, arena, out);
}

static struct sp_serials port_serials(void *self)
{
    return sp_rulebook_serials(self);
}

static uint32_t port_server_of(void *self, const struct sp_id *scope)
{
    const struct sp_rulebook *b = self;
    const struct sp_roster *office = sp_rulebook_find_head_office(b);
    uint32_t place = sp_rulebook_find_place(b, scope);

    if (place != SP_RULEBOOK_NONE) {
        uint32_t server = b->unit[b->place[place].unit]->server;
        if (server != 0) {
            return server;
        }
    }
    return office == NULL ? 0 : office->server; /* SYNC J1 */
}

static sp_err port_device(void *self, uint32_t device, struct sp_certified *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_device *d = sp_rulebook_find_device(b, device);

    if (d == NULL) {
        return SP_E_UNKNOWN_DEVICE;
    }
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, d->user);
    out->device = d->device;
    out->user = d->user;
    out->revoked = d->status != SP_DEVICE_ACTIVE ||
                   (d->user != 0 && (p == NULL || !p->active));
    out->head_office = d->user == 0 && d->unit.size == 0;
    memcpy(out->static_public, d->static_public, sizeof(out->static_public));
    memcpy(out->sign_public, d->sign_public, sizeof(out->sign_public));
    memcpy(out->sealing_public, d->seal_public, sizeof(out->sealing_public));
    return SP_OK;
}

/* What the holder of a device sees at a place: servers all that they serve. */
static uint16_t grant_at(const struct sp_rulebook *b, uint32_t server_unit,
    const struct sp_rulebook_person *p, uint32_t place, uint64_t now_ms)
{
    if (p != NULL) {
        return sp_rulebook_reach_grant(b, p, place, now_ms);
    }
    const struct sp_rulebook_place *at = &b->place[place];
    bool everywhere =
        at->kind == SP_SCOPE_CATALOGUE && at->item == SP_RULEBOOK_NONE;
    return server_unit == b->head_office || server_unit == at->unit ||
                   everywhere
               ? SP_GRANT_EVERYTHING
               : SP_GRANT_NOTHING;
}

/* When the first of his shares ends, 0: none does. */
static uint64_t next_end(const struct sp_rulebook_person *p, uint64_t now_ms)
{
    uint64_t next = 0;

    for (uint32_t i = 0; p != NULL && i < p->share_count; i++) {
        uint64_t end = p->share[i].end_ms;
        if (end > now_ms && (next == 0 || end < next)) {
            next = end;
        }
    }
    return next;
}

static sp_err list_entitled(const struct sp_rulebook *b, uint32_t server_unit,
    const struct sp_rulebook_person *p, uint64_t now_ms, struct sp_arena *arena,
    struct sp_entitlement *out)
{
    struct sp_entitled *list =
        sp_arena_take(arena, b->place_count + 1u, sizeof(*list));
    uint32_t count = 0;

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < b->place_count; i++) {
        uint16_t grant = grant_at(b, server_unit, p, i, now_ms);
        if (grant == SP_GRANT_NOTHING) {
            continue;
        }
        list[count].scope = b->place[i].id;
        list[count].grant = grant;
        memcpy(list[count].digest, b->grant[grant].digest,
            sizeof(list[count].digest));
        count++;
    }
    if (count > SP_SCOPES_MAX) {
        return SP_E_TOO_LARGE;
    }
    out->count = count;
    out->scope = list;
    out->until_ms = next_end(p, now_ms);
    return SP_OK;
}

sp_err sp_rulebook_entitled(const struct sp_rulebook *b, uint32_t user,
    uint64_t now_ms, struct sp_arena *arena, struct sp_entitlement *out)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    *out = (struct sp_entitlement){ .count = 0 };
    return p == NULL || !p->active
               ? SP_OK
               : list_entitled(b, SP_RULEBOOK_NONE, p, now_ms, arena, out);
}

static sp_err port_entitle(void *self, uint32_t device, uint64_t now_ms,
    struct sp_arena *arena, struct sp_entitlement *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_device *d = sp_rulebook_find_device(b, device);

    if (d == NULL) {
        return SP_E_UNKNOWN_DEVICE;
    }
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, d->user);
    if (d->status != SP_DEVICE_ACTIVE ||
        (d->user != 0 && (p == NULL || !p->active))) {
        return SP_E_REVOKED;
    }
    uint32_t unit = sp_rulebook_find_unit_index(b, d->unit);
    if (d->user == 0 && unit == SP_RULEBOOK_NONE) {
        *out = (struct sp_entitlement){ .count = 0 }; /* no roster of it yet */
        return SP_OK;
    }
    return list_entitled(b, unit, d->user == 0 ? NULL : p, now_ms, arena, out);
}

static bool port_reads(
    void *self, uint16_t grant, uint16_t type, uint16_t field)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    if (grant == SP_GRANT_EVERYTHING) {
        return true;
    }
    if (grant >= b->grant_count || e == NULL ||
        b->grant[grant].rights == NULL) {
        return false;
    }
    const struct sp_rights *r =
        &b->grant[grant].rights[e - b->dictionary->entity];
    if (field != SP_FIELD_DELETED) {
        return sp_policy_bit(r->read, r->words, field);
    }
    for (uint16_t i = 0; i < r->words; i++) {
        if (r->read[i] != 0) {
            return true;
        }
    }
    return false;
}

static sp_err port_grant_encode(void *self, uint16_t grant, struct sp_buf *out)
{
    return sp_rulebook_grants_encode(self, grant, out);
}

static enum sp_merge_kind port_merge_kind(
    void *self, uint16_t type, uint16_t field)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);
    const struct sp_field *f = e == NULL ? NULL : sp_dictionary_field(e, field);

    return f == NULL ? SP_MERGE_LWW : f->merge;
}

static uint16_t port_tree(void *self, uint16_t type, uint32_t i)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    for (uint32_t k = 0; e != NULL && k < e->field_count; k++) {
        if (e->field[k].tree && i-- == 0) {
            return e->field[k].number;
        }
    }
    return 0;
}

static uint16_t port_forward(void *self, uint16_t type)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    return e == NULL ? 0 : e->forward;
}

static bool port_derives(void *self, uint16_t type, uint16_t field)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    if (e == NULL || !e->derives || field == 0) {
        return e != NULL && e->derives;
    }
    const struct sp_field *f = sp_dictionary_field(e, field);
    return f != NULL && f->derive != SP_DERIVE_NONE;
}

static sp_err port_derive(void *self, const struct sp_record *in,
    enum sp_make what, struct sp_arena *arena, struct sp_record *out,
    uint32_t *made)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, in->ref.type);

    *out = *in;
    *made = 0;
    return e == NULL ? SP_OK
                     : sp_dictionary_derive(e, in, what, arena, out, made);
}

static bool port_evidence(void *self, uint16_t type)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    return e != NULL && e->evidence;
}

/* What the dictionary lacks is sent last. */
static unsigned port_lane(void *self, uint16_t type)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e = sp_dictionary_entity(b->dictionary, type);

    return e == NULL ? 7u : e->lane;
}

static void port_tray(void *self, struct sp_tray_types *out)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *rejected =
        sp_dictionary_entity_tray(b->dictionary, SP_TRAY_REJECTED);
    const struct sp_entity *asked =
        sp_dictionary_entity_tray(b->dictionary, SP_TRAY_ASKED);

    out->rejected = rejected == NULL ? 0 : rejected->number;
    out->asked = asked == NULL ? 0 : asked->number;
}

static sp_err port_check_document(void *self, struct sp_slice document)
{
    const struct sp_rulebook *b = self;
    struct sp_rulebook_document d = { 0 };
    struct sp_arena arena;
    sp_err err = sp_document_decode(document, &d.doc);

    if (err != SP_OK) {
        return SP_E_DOCUMENT;
    }
    const struct sp_rulebook_document *known =
        sp_rulebook_find_kept(b, d.doc.kind, d.doc.unit);
    if (known != NULL && d.doc.serial <= known->doc.serial) {
        return SP_E_EXISTS; /* no fault of who carries it */
    }
    sp_arena_init(&arena, 16u * SP_DOCUMENT_BYTES_MAX);
    err = sp_rulebook_trust_one(b, &d, &arena);
    if (err == SP_OK && !sp_rulebook_trust_newer(&d, known)) {
        err = SP_E_DOCUMENT;
    }
    sp_arena_free(&arena);
    return err == SP_OK || err == SP_E_NOMEM ? err : SP_E_DOCUMENT;
}

struct sp_rules sp_rulebook_rules(struct sp_rulebook *b)
{
    return (struct sp_rules){ .self = b,
        .serials = port_serials,
        .lead = sp_rulebook_scopes_lead,
        .parent = sp_rulebook_scopes_parent,
        .scopes = sp_rulebook_scopes,
        .tree = port_tree,
        .forward = port_forward,
        .carried = sp_rulebook_scopes_carried,
        .routes = sp_rulebook_scopes_routes,
        .shares = sp_rulebook_scopes_shares,
        .server_of = port_server_of,
        .entitle = port_entitle,
        .reads = port_reads,
        .grant_encode = port_grant_encode,
        .device = port_device,
        .judge = sp_rulebook_judge,
        .reached = sp_rulebook_reached,
        .whole = sp_rulebook_whole,
        .view = port_view,
        .merge_kind = port_merge_kind,
        .derives = port_derives,
        .derive = port_derive,
        .evidence = port_evidence,
        .lane = port_lane,
        .tray = port_tray,
        .check_document = port_check_document };
}
