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

sp_err sv_issue_draft(
    struct sp_tx *tx, struct sp_slice unit, struct sv_issue_draft *out)
{
    const struct sp_roster *r = sp_rulebook_find_unit(book(tx), unit);
    if (r == NULL) {
        return SP_E_NOT_FOUND;
    }
    struct sp_territory *territory =
        sp_arena_take(&tx->arena, r->territory_count + 1u, sizeof *territory);
    struct sp_person *person =
        sp_arena_take(&tx->arena, r->person_count + 1u, sizeof *person);
    if (territory == NULL || person == NULL) {
        return SP_E_NOMEM;
    }
    if (r->territory_count > 0) {
        memcpy(territory, r->territory, r->territory_count * sizeof *territory);
    }
    if (r->person_count > 0) {
        memcpy(person, r->person, r->person_count * sizeof *person);
    }
    out->roster = *r;
    out->roster.territory = out->territory = territory;
    out->roster.person = out->person = person;
    return SP_OK;
}
