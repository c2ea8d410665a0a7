#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

/* ---- look-ups, all of them binary searches ----------------------------- */

static int order_kept(const void *key, const void *item)
{
    const struct sp_document *k = key;
    const struct sp_rulebook_document *d = item;

    if (k->kind != d->doc.kind) {
        return k->kind < d->doc.kind ? -1 : 1;
    }
    return sp_slice_cmp(k->unit, d->doc.unit);
}

static int order_person(const void *key, const void *item)
{
    uint32_t user = *(const uint32_t *)key;
    const struct sp_rulebook_person *p = item;

    return user == p->person->user ? 0 : user < p->person->user ? -1 : 1;
}

static int order_login(const void *key, const void *item)
{
    const struct sp_rulebook_person *const *p = item;

    return sp_slice_cmp(*(const struct sp_slice *)key, (*p)->person->login);
}

static int order_zone(const void *key, const void *item)
{
    const struct sp_rulebook_territory *t = item;

    return sp_slice_cmp(*(const struct sp_slice *)key, t->territory->code);
}

static int order_unit(const void *key, const void *item)
{
    const struct sp_roster *const *r = item;

    return sp_slice_cmp(*(const struct sp_slice *)key, (*r)->unit);
}

static int order_text(const void *key, const void *item)
{
    return sp_slice_cmp(
        *(const struct sp_slice *)key, *(const struct sp_slice *)item);
}

static int order_device(const void *key, const void *item)
{
    uint32_t device = *(const uint32_t *)key;
    const struct sp_device *const *d = item;

    return device == (*d)->device ? 0 : device < (*d)->device ? -1 : 1;
}

static int order_static(const void *key, const void *item)
{
    const struct sp_device *const *d = item;

    return memcmp(key, (*d)->static_public, 32);
}

static int order_place(const void *key, const void *item)
{
    const struct sp_rulebook_place *p = item;

    return sp_id_cmp(key, &p->id);
}

static const void *find(const void *key, const void *base, size_t count,
    size_t size, int (*order)(const void *, const void *))
{
    return count == 0 ? NULL : bsearch(key, base, count, size, order);
}

const struct sp_rulebook_document *sp_rulebook_find_kept(
    const struct sp_rulebook *b, enum sp_document_kind kind,
    struct sp_slice unit)
{
    struct sp_document key = { .kind = kind, .unit = unit };

    return find(
        &key, b->document, b->document_count, sizeof(*b->document), order_kept);
}

const struct sp_rulebook_person *sp_rulebook_find_entry(
    const struct sp_rulebook *b, uint32_t user)
{
    return find(
        &user, b->person, b->person_count, sizeof(*b->person), order_person);
}

const struct sp_rulebook_territory *sp_rulebook_find_zone(
    const struct sp_rulebook *b, struct sp_slice code)
{
    return find(&code, b->territory, b->territory_count, sizeof(*b->territory),
        order_zone);
}

uint32_t sp_rulebook_find_unit_index(
    const struct sp_rulebook *b, struct sp_slice code)
{
    const struct sp_roster *const *r =
        find(&code, b->unit, b->unit_count, sizeof(*b->unit), order_unit);

    return r == NULL ? SP_RULEBOOK_NONE
                     : (uint32_t)(r - (const struct sp_roster *const *)b->unit);
}

uint32_t sp_rulebook_find_region(
    const struct sp_rulebook *b, struct sp_slice name)
{
    const struct sp_slice *s =
        find(&name, b->region, b->region_count, sizeof(*b->region), order_text);

    return s == NULL ? SP_RULEBOOK_NONE : (uint32_t)(s - b->region);
}

uint32_t sp_rulebook_find_place(
    const struct sp_rulebook *b, const struct sp_id *scope)
{
    const struct sp_rulebook_place *p =
        find(scope, b->place, b->place_count, sizeof(*b->place), order_place);

    return p == NULL ? SP_RULEBOOK_NONE : (uint32_t)(p - b->place);
}

const struct sp_person *sp_rulebook_find_person(
    const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p == NULL ? NULL : p->person;
}

const struct sp_person *sp_rulebook_find_login(
    const struct sp_rulebook *b, struct sp_slice login)
{
    const struct sp_rulebook_person *const *p =
        find(&login, b->login, b->person_count, sizeof(*b->login), order_login);

    return p == NULL ? NULL : (*p)->person;
}

const struct sp_roster *sp_rulebook_find_unit_of(
    const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_rulebook_person *p = sp_rulebook_find_entry(b, user);

    return p == NULL ? NULL : b->unit[p->unit];
}

const struct sp_territory *sp_rulebook_find_territory(
    const struct sp_rulebook *b, struct sp_slice code)
{
    const struct sp_rulebook_territory *t = sp_rulebook_find_zone(b, code);

    return t == NULL ? NULL : t->territory;
}

const struct sp_roster *sp_rulebook_find_unit_serving(
    const struct sp_rulebook *b, struct sp_slice territory)
{
    const struct sp_rulebook_territory *t = sp_rulebook_find_zone(b, territory);

    return t == NULL ? NULL : b->unit[t->unit];
}

const struct sp_roster *sp_rulebook_find_unit(
    const struct sp_rulebook *b, struct sp_slice code)
{
    uint32_t i = sp_rulebook_find_unit_index(b, code);

    return i == SP_RULEBOOK_NONE ? NULL : b->unit[i];
}

const struct sp_roster *sp_rulebook_find_head_office(
    const struct sp_rulebook *b)
{
    return b->head_office == SP_RULEBOOK_NONE ? NULL : b->unit[b->head_office];
}

const struct sp_device *sp_rulebook_find_device(
    const struct sp_rulebook *b, uint32_t device)
{
    const struct sp_device *const *d = find(
        &device, b->device, b->device_count, sizeof(*b->device), order_device);

    return d == NULL ? NULL : *d;
}

const struct sp_device *sp_rulebook_find_static(
    const struct sp_rulebook *b, const uint8_t static_public[32])
{
    const struct sp_device *const *d = find(static_public, b->static_public,
        b->device_count, sizeof(*b->static_public), order_static);

    return d == NULL ? NULL : *d;
}

struct sp_slice sp_rulebook_find_document(const struct sp_rulebook *b,
    enum sp_document_kind kind, struct sp_slice unit)
{
    const struct sp_rulebook_document *d = sp_rulebook_find_kept(b, kind, unit);

    return d == NULL ? (struct sp_slice){ NULL, 0 } : d->doc.bytes;
}

uint32_t sp_rulebook_find_serial(const struct sp_rulebook *b,
    enum sp_document_kind kind, struct sp_slice unit)
{
    const struct sp_rulebook_document *d = sp_rulebook_find_kept(b, kind, unit);

    return d == NULL ? 0 : d->doc.serial;
}
