#include "rulebook.h"

#include "sp/seal.h"

#include <stdio.h>
#include <string.h>

/*
 * Who may sign what (roster.h): the root key anything; head office's server,
 * once the root has certified it, everything but its own certificate; a
 * branch's server the devices of its own people.
 */
enum level { LEVEL_NONE, LEVEL_BRANCH, LEVEL_HEAD_OFFICE, LEVEL_ROOT };

static const struct sp_dictionary no_dictionary;
static const struct sp_policy no_policy;

static int compare(const struct sp_document *a, const struct sp_document *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return sp_slice_cmp(a->unit, b->unit);
}

static bool server_certificate(const struct sp_rulebook_document *d)
{
    return d->doc.kind == SP_DOC_DEVICE && d->body.device->user == 0;
}

/* Copies a body into the arena's own terms; its slices point into the
 * document's bytes. */
static sp_err decode_body(struct sp_rulebook_document *d, struct sp_arena *a)
{
    struct sp_dictionary *dictionary = NULL;
    struct sp_policy *policy = NULL;
    struct sp_roster *roster = NULL;
    struct sp_device *device = NULL;

    switch (d->doc.kind) {
    case SP_DOC_DICTIONARY:
        d->body.dictionary = dictionary =
            sp_arena_take(a, 1, sizeof(*dictionary));
        return dictionary == NULL
                   ? SP_E_NOMEM
                   : sp_dictionary_decode(d->doc.body, a, dictionary);
    case SP_DOC_POLICY:
        d->body.policy = policy = sp_arena_take(a, 1, sizeof(*policy));
        return policy == NULL ? SP_E_NOMEM
                              : sp_policy_decode(d->doc.body, a, policy);
    case SP_DOC_ROSTER:
        d->body.roster = roster = sp_arena_take(a, 1, sizeof(*roster));
        return roster == NULL ? SP_E_NOMEM
                              : sp_roster_decode(d->doc.body, a, roster);
    case SP_DOC_DEVICE:
        d->body.device = device = sp_arena_take(a, 1, sizeof(*device));
        return device == NULL ? SP_E_NOMEM
                              : sp_roster_decode_device(d->doc.body, device);
    }
    return SP_E_DOCUMENT;
}

/* The unit that a document names must be the one that its body speaks of. */
static bool unit_fits(const struct sp_rulebook_document *d)
{
    char number[12];

    switch (d->doc.kind) {
    case SP_DOC_ROSTER:
        return sp_slice_equal(d->doc.unit, d->body.roster->unit);
    case SP_DOC_DEVICE:
        (void)snprintf(number, sizeof(number), "%u", d->body.device->device);
        return sp_slice_equal(d->doc.unit, sp_slice_text(number));
    default:
        return d->doc.unit.size == 0;
    }
}

/* ---- keys -------------------------------------------------------------- */

/* A certificate of this server that is in force and says it is no longer
 * trusted. */
static bool withdrawn(const struct sp_rulebook *b, uint32_t device)
{
    for (uint32_t i = 0; i < b->document_count; i++) {
        const struct sp_rulebook_document *d = &b->document[i];
        if (d->doc.kind == SP_DOC_DEVICE && d->body.device->device == device &&
            d->body.device->status != SP_DEVICE_ACTIVE) {
            return true;
        }
    }
    return false;
}

/*
 * The level and key that one document in force gives to a signing server;
 * LEVEL_NONE when it gives none. Head office's key comes from the root alone.
 */
static enum level key_in(const struct sp_rulebook_document *d, uint32_t issuer,
    const uint8_t **key, struct sp_slice *unit)
{
    if (server_certificate(d) && d->body.device->device == issuer) {
        *key = d->body.device->sign_public;
        *unit = d->body.device->unit;
    } else if (d->doc.kind == SP_DOC_ROSTER &&
               d->body.roster->server == issuer) {
        *key = d->body.roster->sign_public;
        *unit = d->body.roster->unit;
    } else {
        return LEVEL_NONE;
    }
    if (unit->size > 0) {
        return LEVEL_BRANCH;
    }
    return d->doc.issuer == 0 ? LEVEL_HEAD_OFFICE : LEVEL_NONE;
}

/* Finds who signed it: SP_E_FORGED when no key of that issuer fits. */
static sp_err signer(const struct sp_rulebook *b, const struct sp_document *doc,
    enum level *level, struct sp_slice *unit)
{
    if (doc->issuer == 0) {
        *level = LEVEL_ROOT;
        return sp_document_verify(doc, &b->org, b->root_public);
    }
    if (withdrawn(b, doc->issuer)) {
        return SP_E_REVOKED;
    }
    for (uint32_t i = 0; i < b->document_count; i++) {
        const uint8_t *key = NULL;
        *level = key_in(&b->document[i], doc->issuer, &key, unit);
        if (*level != LEVEL_NONE &&
            sp_document_verify(doc, &b->org, key) == SP_OK) {
            return SP_OK;
        }
    }
    return SP_E_FORGED;
}

static bool may_sign(const struct sp_rulebook_document *d, enum level level,
    struct sp_slice unit)
{
    bool own = server_certificate(d) && d->body.device->unit.size == 0;

    switch (level) {
    case LEVEL_ROOT:
        return true;
    case LEVEL_HEAD_OFFICE:
        return !own;
    case LEVEL_BRANCH:
        return d->doc.kind == SP_DOC_DEVICE && d->body.device->user != 0 &&
               sp_slice_equal(d->body.device->unit, unit);
    case LEVEL_NONE:
        break;
    }
    return false;
}

sp_err sp_rulebook_trust_one(const struct sp_rulebook *b,
    struct sp_rulebook_document *d, struct sp_arena *arena)
{
    enum level level = LEVEL_NONE;
    struct sp_slice unit = { NULL, 0 };
    sp_err err = signer(b, &d->doc, &level, &unit);

    if (err == SP_OK) {
        err = decode_body(d, arena);
    }
    if (err == SP_OK && (!unit_fits(d) || !may_sign(d, level, unit))) {
        err = SP_E_DOCUMENT;
    }
    d->by_branch = level == LEVEL_BRANCH;
    return err;
}

bool sp_rulebook_trust_newer(const struct sp_rulebook_document *d,
    const struct sp_rulebook_document *known)
{
    if (known == NULL) {
        return true;
    }
    /* What head office revoked, no branch brings back. */
    if (d->doc.kind == SP_DOC_DEVICE && d->by_branch && !known->by_branch &&
        known->body.device->status != SP_DEVICE_ACTIVE) {
        return false;
    }
    return d->doc.serial > known->doc.serial;
}

/* ---- the build --------------------------------------------------------- */

struct candidate {
    struct sp_rulebook_document d;
    uint32_t index;
    bool done;
    sp_err err;
};

/* A policy that is no longer in force still judges evidence of its day. */
static void keep_past(
    struct sp_rulebook *b, const struct sp_rulebook_document *d)
{
    if (d->doc.kind == SP_DOC_POLICY && b->past_count < SP_PAST_POLICIES_MAX) {
        b->past[b->past_count++] =
            (struct sp_rulebook_past){ d->doc.serial, d->body.policy };
    }
}

/* Puts a document in force, in place of an older one. */
static void enforce(struct sp_rulebook *b, const struct sp_rulebook_document *d,
    struct sp_rulebook_report *report)
{
    uint32_t at = 0;

    while (
        at < b->document_count && compare(&b->document[at].doc, &d->doc) < 0) {
        at++;
    }
    bool known =
        at < b->document_count && compare(&b->document[at].doc, &d->doc) == 0;
    if (known) {
        report->older++;
        bool newer = sp_rulebook_trust_newer(d, &b->document[at]);
        keep_past(b, newer ? &b->document[at] : d);
        if (newer) {
            b->document[at] = *d;
        }
        return;
    }
    memmove(&b->document[at + 1u], &b->document[at],
        (b->document_count - at) * sizeof(*b->document));
    b->document[at] = *d;
    b->document_count++;
    report->taken++;
}

/* One round over the candidates of one kind that nobody has judged yet. */
static sp_err round_of(struct sp_rulebook *b, struct candidate *c, size_t count,
    bool (*mine)(const struct sp_rulebook *, const struct candidate *),
    struct sp_arena *arena, struct sp_rulebook_report *report)
{
    for (size_t i = 0; i < count; i++) {
        if (c[i].done || !mine(b, &c[i])) {
            continue;
        }
        c[i].err = sp_rulebook_trust_one(b, &c[i].d, arena);
        if (c[i].err == SP_E_NOMEM) {
            return SP_E_NOMEM;
        }
        c[i].done = c[i].err == SP_OK;
        if (c[i].done) {
            enforce(b, &c[i].d, report);
        }
    }
    return SP_OK;
}

static bool by_root(const struct sp_rulebook *b, const struct candidate *c)
{
    (void)b;
    return c->d.doc.issuer == 0;
}

/* After the root's own: rosters first, for they bring branches' keys. */
static bool rosters(const struct sp_rulebook *b, const struct candidate *c)
{
    (void)b;
    return c->d.doc.kind == SP_DOC_ROSTER;
}

static bool by_head_office(
    const struct sp_rulebook *b, const struct candidate *c)
{
    for (uint32_t i = 0; i < b->document_count; i++) {
        const uint8_t *key = NULL;
        struct sp_slice unit = { NULL, 0 };
        if (key_in(&b->document[i], c->d.doc.issuer, &key, &unit) ==
            LEVEL_HEAD_OFFICE) {
            return true;
        }
    }
    return false;
}

static bool all_others(const struct sp_rulebook *b, const struct candidate *c)
{
    (void)b;
    (void)c;
    return true;
}

static sp_err split_all(const struct sp_slice *documents, size_t count,
    struct sp_arena *arena, struct candidate *c)
{
    for (size_t i = 0; i < count; i++) {
        struct sp_slice copy = sp_arena_copy(arena, documents[i]);
        if (documents[i].size > 0 && copy.data == NULL) {
            return SP_E_NOMEM;
        }
        c[i].index = (uint32_t)i;
        c[i].err = sp_document_decode(copy, &c[i].d.doc);
        c[i].done = c[i].err != SP_OK;
    }
    return SP_OK;
}

static void report_rejected(
    const struct candidate *c, size_t count, struct sp_rulebook_report *report)
{
    for (size_t i = 0; i < count; i++) {
        if (c[i].err == SP_OK) {
            continue;
        }
        if (report->rejected == 0) {
            report->first = c[i].index;
            report->why = c[i].err;
        }
        report->rejected++;
    }
}

static void take_serials(struct sp_rulebook *b)
{
    b->dictionary = &no_dictionary;
    b->policy = &no_policy;
    for (uint32_t i = 0; i < b->document_count; i++) {
        const struct sp_rulebook_document *d = &b->document[i];
        if (d->doc.kind == SP_DOC_DICTIONARY) {
            b->dictionary = d->body.dictionary;
            b->serials.dictionary = d->doc.serial;
        } else if (d->doc.kind == SP_DOC_POLICY) {
            b->policy = d->body.policy;
            b->serials.policy = d->doc.serial;
        } else if (d->doc.kind == SP_DOC_ROSTER &&
                   d->doc.serial > b->serials.roster) {
            b->serials.roster = d->doc.serial;
        }
    }
}

sp_err sp_rulebook_trust(struct sp_rulebook *b,
    const struct sp_slice *documents, size_t count, struct sp_arena *arena,
    struct sp_rulebook_report *report)
{
    bool (*const order[])(
        const struct sp_rulebook *, const struct candidate *) = { by_root,
        rosters, by_head_office, all_others };
    struct candidate *c = sp_arena_take(arena, count + 1u, sizeof(*c));
    sp_err err = SP_OK;

    b->document = sp_arena_take(arena, count + 1u, sizeof(*b->document));
    if (c == NULL || b->document == NULL) {
        return SP_E_NOMEM;
    }
    err = split_all(documents, count, arena, c);
    for (size_t i = 0; i < 4 && err == SP_OK; i++) {
        err = round_of(b, c, count, order[i], arena, report);
    }
    if (err != SP_OK) {
        return err;
    }
    report_rejected(c, count, report);
    take_serials(b);
    return SP_OK;
}
