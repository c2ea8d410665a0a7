#include "policy/issue.h"

#include <stdio.h>
#include <string.h>

#include "policy/number.h"

static const struct sp_rulebook *book(const struct sp_tx *tx)
{
    return tx->rules->self;
}

static sp_err sign_and_take(struct sp_tx *tx, enum sp_document_kind kind,
    struct sp_slice unit, uint32_t serial, const struct sp_buf *body,
    struct sp_slice *signed_bytes)
{
    const struct sp_identity *id = tx->node->identity;
    struct sp_buf out;
    struct sp_document d = { .kind = kind,
        .unit = unit,
        .serial = serial,
        .issuer = id->device,
        .body = sp_buf_slice(body) };
    if (body->err != SP_OK) {
        return body->err;
    }
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_document_sign(&d, &id->org, id->sign_secret, &out);
    sp_err err = out.err;
    if (err == SP_OK) {
        err = sp_node_take_document(tx, sp_buf_slice(&out));
    }
    if (err == SP_OK && signed_bytes != NULL) {
        *signed_bytes = sp_arena_copy(&tx->arena, sp_buf_slice(&out));
        err = signed_bytes->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&out);
    return err;
}

sp_err sv_issue_device(
    struct sp_tx *tx, const struct sp_device *d, struct sp_slice *signed_bytes)
{
    char number[12];
    struct sp_buf body;
    int size = snprintf(number, sizeof number, "%u", d->device);
    struct sp_slice unit = sp_slice_of(number, (size_t)size);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode_device(d, &body);
    sp_err err = sign_and_take(tx, SP_DOC_DEVICE, unit,
        sp_rulebook_find_serial(book(tx), SP_DOC_DEVICE, unit) + 1, &body,
        signed_bytes);
    sp_buf_free(&body);
    return err;
}

sp_err sv_issue_roster(struct sp_tx *tx, const struct sp_roster *r)
{
    struct sp_buf body;
    uint32_t serial = 0;
    sp_err err = sv_number_roster(tx, &serial);
    if (err != SP_OK) {
        return err;
    }
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode(r, &body);
    err = sign_and_take(tx, SP_DOC_ROSTER, r->unit, serial, &body, NULL);
    sp_buf_free(&body);
    return err;
}

sp_err sv_issue_body(
    struct sp_tx *tx, enum sp_document_kind kind, struct sp_slice body)
{
    struct sp_buf copy;
    struct sp_slice whole = { NULL, 0 };
    sp_buf_init(&copy, SP_DOCUMENT_BYTES_MAX);
    sp_buf_put(&copy, body.data, body.size);
    sp_err err = sign_and_take(tx, kind, whole,
        sp_rulebook_find_serial(book(tx), kind, whole) + 1, &copy, NULL);
    sp_buf_free(&copy);
    return err;
}

void sv_issue_edit_begin(struct sv_issue_edit *e, struct sp_tx *tx)
{
    e->tx = tx;
    e->count = 0;
}

static sp_err open_draft(struct sv_issue_edit *e, const struct sp_roster *r,
    struct sv_issue_draft **out)
{
    if (e->count == SV_ISSUE_UNITS_MAX) {
        return SP_E_TOO_LARGE;
    }
    struct sv_issue_draft *d = &e->draft[e->count];
    d->territory = sp_arena_take(
        &e->tx->arena, SP_ROSTER_TERRITORIES_MAX, sizeof *d->territory);
    d->person =
        sp_arena_take(&e->tx->arena, SP_ROSTER_PEOPLE_MAX, sizeof *d->person);
    if (d->territory == NULL || d->person == NULL) {
        return SP_E_NOMEM;
    }
    if (r->territory_count > 0) {
        memcpy(d->territory, r->territory,
            r->territory_count * sizeof *d->territory);
    }
    if (r->person_count > 0) {
        memcpy(d->person, r->person, r->person_count * sizeof *d->person);
    }
    d->roster = *r;
    d->roster.territory = d->territory;
    d->roster.person = d->person;
    e->count++;
    *out = d;
    return SP_OK;
}

sp_err sv_issue_edit_unit(
    struct sv_issue_edit *e, struct sp_slice unit, struct sv_issue_draft **out)
{
    for (unsigned i = 0; i < e->count; i++) {
        if (sp_slice_equal(e->draft[i].roster.unit, unit)) {
            *out = &e->draft[i];
            return SP_OK;
        }
    }
    const struct sp_roster *r = sp_rulebook_find_unit(book(e->tx), unit);
    return r == NULL ? SP_E_NOT_FOUND : open_draft(e, r, out);
}

sp_err sv_issue_edit_branch(struct sv_issue_edit *e, struct sp_slice code,
    struct sp_slice name, struct sv_issue_draft **out)
{
    struct sp_roster r = { .unit = code,
        .name = name,
        .kind = SP_UNIT_BRANCH,
        .term_days = SP_ROSTER_TERM_DAYS };
    if (sp_rulebook_find_unit(book(e->tx), code) != NULL) {
        return SP_E_EXISTS;
    }
    return open_draft(e, &r, out);
}

sp_err sv_issue_add_territory(
    struct sv_issue_draft *d, const struct sp_territory *t)
{
    if (d->roster.territory_count == SP_ROSTER_TERRITORIES_MAX) {
        return SP_E_TOO_LARGE;
    }
    d->territory[d->roster.territory_count++] = *t;
    return SP_OK;
}

sp_err sv_issue_add_person(struct sv_issue_draft *d, const struct sp_person *p)
{
    if (d->roster.person_count == SP_ROSTER_PEOPLE_MAX) {
        return SP_E_TOO_LARGE;
    }
    d->person[d->roster.person_count++] = *p;
    return SP_OK;
}

void sv_issue_remove_territory(struct sv_issue_draft *d, struct sp_slice code)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->roster.territory_count; i++) {
        if (!sp_slice_equal(d->territory[i].code, code)) {
            d->territory[kept++] = d->territory[i];
        }
    }
    d->roster.territory_count = kept;
}

void sv_issue_remove_person(struct sv_issue_draft *d, uint32_t user)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->roster.person_count; i++) {
        if (d->person[i].user != user) {
            d->person[kept++] = d->person[i];
        }
    }
    d->roster.person_count = kept;
}

struct sp_person *sv_issue_person(struct sv_issue_draft *d, uint32_t user)
{
    for (uint32_t i = 0; i < d->roster.person_count; i++) {
        if (d->person[i].user == user) {
            return &d->person[i];
        }
    }
    return NULL;
}

/* Documents hold territories by code and people by number. */
static void sort(struct sv_issue_draft *d)
{
    for (uint32_t i = 1; i < d->roster.territory_count; i++) {
        struct sp_territory t = d->territory[i];
        uint32_t j = i;
        for (; j > 0 && sp_slice_cmp(d->territory[j - 1].code, t.code) > 0;
             j--) {
            d->territory[j] = d->territory[j - 1];
        }
        d->territory[j] = t;
    }
    for (uint32_t i = 1; i < d->roster.person_count; i++) {
        struct sp_person p = d->person[i];
        uint32_t j = i;
        for (; j > 0 && d->person[j - 1].user > p.user; j--) {
            d->person[j] = d->person[j - 1];
        }
        d->person[j] = p;
    }
}

sp_err sv_issue_edit_sign(struct sv_issue_edit *e)
{
    sp_err err = SP_OK;
    for (unsigned i = 0; err == SP_OK && i < e->count; i++) {
        sort(&e->draft[i]);
        err = sv_issue_roster(e->tx, &e->draft[i].roster);
    }
    return err;
}
