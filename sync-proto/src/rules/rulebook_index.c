#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

/* While two rosters may name the same thing: the higher serial is kept. */
struct named_territory {
    struct sp_rulebook_territory t;
    uint32_t serial;
};

struct named_person {
    struct sp_rulebook_person p;
    uint32_t serial;
};

static int by_serial(uint32_t a, uint32_t b)
{
    return a == b ? 0 : a > b ? -1 : 1; /* highest first */
}

static int by_number(uint32_t a, uint32_t b)
{
    return a == b ? 0 : a < b ? -1 : 1;
}

static int cmp_text(const void *a, const void *b)
{
    return sp_slice_cmp(
        *(const struct sp_slice *)a, *(const struct sp_slice *)b);
}

static int cmp_named_territory(const void *a, const void *b)
{
    const struct named_territory *x = a, *y = b;
    int order = sp_slice_cmp(x->t.territory->code, y->t.territory->code);

    return order != 0 ? order : by_serial(x->serial, y->serial);
}

static int cmp_named_person(const void *a, const void *b)
{
    const struct named_person *x = a, *y = b;
    int order = by_number(x->p.person->user, y->p.person->user);

    return order != 0 ? order : by_serial(x->serial, y->serial);
}

static int cmp_login(const void *a, const void *b)
{
    const struct sp_rulebook_person *const *x = a, *const *y = b;
    int order = sp_slice_cmp((*x)->person->login, (*y)->person->login);

    return order != 0 ? order
                      : by_number((*x)->person->user, (*y)->person->user);
}

static int cmp_device(const void *a, const void *b)
{
    const struct sp_device *const *x = a, *const *y = b;

    return by_number((*x)->device, (*y)->device);
}

static int cmp_static(const void *a, const void *b)
{
    const struct sp_device *const *x = a, *const *y = b;
    int order = memcmp((*x)->static_public, (*y)->static_public, 32);

    return order != 0 ? order : by_number((*x)->device, (*y)->device);
}

static int cmp_place(const void *a, const void *b)
{
    const struct sp_rulebook_place *x = a, *y = b;

    return sp_id_cmp(&x->id, &y->id);
}

static int cmp_index(const void *a, const void *b)
{
    return by_number(*(const uint32_t *)a, *(const uint32_t *)b);
}

/* Sorts; nothing to do for none (and no NULL for qsort). */
static void sort(void *base, size_t count, size_t size,
    int (*cmp)(const void *, const void *))
{
    if (count > 1) {
        qsort(base, count, size, cmp);
    }
}

/* ---- units, regions ---------------------------------------------------- */

/* Documents stand in order of kind and unit, so units come sorted by code. */
static sp_err index_units(struct sp_rulebook *b, struct sp_arena *arena)
{
    b->unit = sp_arena_take(arena, b->document_count + 1u, sizeof(*b->unit));
    if (b->unit == NULL) {
        return SP_E_NOMEM;
    }
    b->head_office = SP_RULEBOOK_NONE;
    for (uint32_t i = 0; i < b->document_count; i++) {
        if (b->document[i].doc.kind != SP_DOC_ROSTER) {
            continue;
        }
        const struct sp_roster *r = b->document[i].body.roster;
        if (r->kind == SP_UNIT_HEAD_OFFICE) {
            b->head_office = b->unit_count;
        }
        b->unit[b->unit_count++] = r;
    }
    return SP_OK;
}

static uint32_t serial_of(const struct sp_rulebook *b, uint32_t unit)
{
    const struct sp_rulebook_document *d =
        sp_rulebook_find_kept(b, SP_DOC_ROSTER, b->unit[unit]->unit);

    return d->doc.serial;
}

static sp_err index_regions(struct sp_rulebook *b, struct sp_arena *arena)
{
    size_t most = 0;

    for (uint32_t u = 0; u < b->unit_count; u++) {
        most += b->unit[u]->territory_count;
    }
    struct sp_slice *name = sp_arena_take(arena, most + 1u, sizeof(*name));
    if (name == NULL) {
        return SP_E_NOMEM;
    }
    size_t count = 0;
    for (uint32_t u = 0; u < b->unit_count; u++) {
        for (uint32_t i = 0; i < b->unit[u]->territory_count; i++) {
            struct sp_slice region = b->unit[u]->territory[i].region;
            if (region.size > 0) {
                name[count++] = region;
            }
        }
    }
    sort(name, count, sizeof(*name), cmp_text);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !sp_slice_equal(name[i], name[b->region_count - 1u])) {
            name[b->region_count++] = name[i];
        }
    }
    b->region = name;
    return SP_OK;
}

/* ---- territories ------------------------------------------------------- */

static sp_err index_territories(struct sp_rulebook *b, struct sp_arena *arena)
{
    size_t most = 0, count = 0;

    for (uint32_t u = 0; u < b->unit_count; u++) {
        most += b->unit[u]->territory_count;
    }
    struct named_territory *named =
        sp_arena_take(arena, most + 1u, sizeof(*named));
    b->territory = sp_arena_take(arena, most + 1u, sizeof(*b->territory));
    if (named == NULL || b->territory == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t u = 0; u < b->unit_count; u++) {
        for (uint32_t i = 0; i < b->unit[u]->territory_count; i++) {
            const struct sp_territory *t = &b->unit[u]->territory[i];
            named[count].serial = serial_of(b, u);
            named[count++].t = (struct sp_rulebook_territory){ .territory = t,
                .unit = u,
                .region = sp_rulebook_find_region(b, t->region),
                .scope = sp_scope_make(SP_SCOPE_TERRITORY, t->code) };
        }
    }
    sort(named, count, sizeof(*named), cmp_named_territory);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !sp_slice_equal(named[i].t.territory->code,
                          named[i - 1].t.territory->code)) {
            b->territory[b->territory_count++] = named[i].t;
        }
    }
    return SP_OK;
}

/* ---- people ------------------------------------------------------------ */

static void take_roles(
    const struct sp_rulebook *b, struct sp_rulebook_person *p)
{
    for (uint32_t i = 0; i < p->person->role_count; i++) {
        const struct sp_role *role =
            sp_policy_role(b->policy, p->person->role[i]);
        if (role == NULL || !p->active) {
            continue;
        }
        p->manages = (uint8_t)(p->manages | role->manages);
        if (role->authority > p->authority) {
            p->authority = role->authority;
        }
        if ((uint8_t)role->reach > p->reach) {
            p->reach = (uint8_t)role->reach;
        }
    }
}

static sp_err index_people(struct sp_rulebook *b, struct sp_arena *arena)
{
    size_t most = 0, count = 0;

    for (uint32_t u = 0; u < b->unit_count; u++) {
        most += b->unit[u]->person_count;
    }
    struct named_person *named =
        sp_arena_take(arena, most + 1u, sizeof(*named));
    b->person = sp_arena_take(arena, most + 1u, sizeof(*b->person));
    b->login = sp_arena_take(arena, most + 1u, sizeof(*b->login));
    if (named == NULL || b->person == NULL || b->login == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t u = 0; u < b->unit_count; u++) {
        for (uint32_t i = 0; i < b->unit[u]->person_count; i++) {
            const struct sp_person *p = &b->unit[u]->person[i];
            named[count].serial = serial_of(b, u);
            named[count++].p = (struct sp_rulebook_person){ .person = p,
                .unit = u,
                .scope = sp_scope_person(p->user),
                .active = p->status == SP_PERSON_ACTIVE };
        }
    }
    sort(named, count, sizeof(*named), cmp_named_person);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || named[i].p.person->user != named[i - 1].p.person->user) {
            b->person[b->person_count] = named[i].p;
            take_roles(b, &b->person[b->person_count]);
            b->login[b->person_count] = &b->person[b->person_count];
            b->person_count++;
        }
    }
    sort(b->login, b->person_count, sizeof(*b->login), cmp_login);
    return SP_OK;
}

/* ---- places ------------------------------------------------------------ */

/* Head office, whose code is empty, has the organisation's. */
static void add_catalogue(struct sp_rulebook *b, uint32_t unit)
{
    struct sp_slice code = b->unit[unit]->unit;

    b->place[b->place_count++] =
        (struct sp_rulebook_place){ .id =
                                        sp_scope_make(SP_SCOPE_CATALOGUE, code),
            .kind = SP_SCOPE_CATALOGUE,
            .unit = unit,
            .region = SP_RULEBOOK_NONE,
            .item = unit == b->head_office ? SP_RULEBOOK_NONE : unit };
}

static sp_err index_places(struct sp_rulebook *b, struct sp_arena *arena)
{
    size_t most = (size_t)b->territory_count + b->person_count + b->unit_count;
    struct sp_rulebook_place *place =
        sp_arena_take(arena, most + 1u, sizeof(*place));

    if (place == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < b->territory_count; i++) {
        place[b->place_count++] =
            (struct sp_rulebook_place){ .id = b->territory[i].scope,
                .kind = SP_SCOPE_TERRITORY,
                .unit = b->territory[i].unit,
                .region = b->territory[i].region,
                .item = i };
    }
    for (uint32_t i = 0; i < b->person_count; i++) {
        place[b->place_count++] =
            (struct sp_rulebook_place){ .id = b->person[i].scope,
                .kind = SP_SCOPE_PERSON,
                .unit = b->person[i].unit,
                .region = SP_RULEBOOK_NONE,
                .item = i };
    }
    b->place = place;
    for (uint32_t u = 0; u < b->unit_count; u++) {
        add_catalogue(b, u);
    }
    sort(place, b->place_count, sizeof(*place), cmp_place);
    return SP_OK;
}

/* Adds unless it is SP_RULEBOOK_NONE. */
static void add(struct sp_rulebook_list *list, uint32_t *item, uint32_t v)
{
    if (v != SP_RULEBOOK_NONE) {
        item[list->count++] = v;
    }
}

static uint32_t place_of_code(
    const struct sp_rulebook *b, struct sp_slice territory)
{
    const struct sp_rulebook_territory *t = sp_rulebook_find_zone(b, territory);

    return t == NULL ? SP_RULEBOOK_NONE : sp_rulebook_find_place(b, &t->scope);
}

static uint32_t region_of_code(
    const struct sp_rulebook *b, struct sp_slice territory)
{
    const struct sp_rulebook_territory *t = sp_rulebook_find_zone(b, territory);

    return t == NULL ? SP_RULEBOOK_NONE : t->region;
}

static void add_extras(const struct sp_rulebook *b,
    struct sp_rulebook_person *p, uint32_t *own, uint32_t *units,
    uint32_t *regions)
{
    for (uint32_t i = 0; i < p->person->extra_count; i++) {
        const struct sp_extra *x = &p->person->extra[i];
        if (x->until != 0) {
            continue; /* index_shares */
        }
        switch (x->kind) {
        case SP_EXTRA_TERRITORY:
            add(&p->own, own, place_of_code(b, x->code));
            break;
        case SP_EXTRA_UNIT:
            add(&p->more_units, units, sp_rulebook_find_unit_index(b, x->code));
            break;
        case SP_EXTRA_REGION:
            add(&p->more_regions, regions, sp_rulebook_find_region(b, x->code));
            break;
        }
    }
}

static uint32_t item_of(const struct sp_rulebook *b, const struct sp_extra *x)
{
    return x->kind == SP_EXTRA_TERRITORY ? place_of_code(b, x->code)
           : x->kind == SP_EXTRA_UNIT ? sp_rulebook_find_unit_index(b, x->code)
                                      : sp_rulebook_find_region(b, x->code);
}

static sp_err index_shares(const struct sp_rulebook *b,
    struct sp_rulebook_person *p, struct sp_arena *arena)
{
    struct sp_rulebook_share *share =
        sp_arena_take(arena, p->person->extra_count + 1u, sizeof(*share));

    if (share == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < p->person->extra_count; i++) {
        const struct sp_extra *x = &p->person->extra[i];
        uint32_t item = x->until == 0 ? SP_RULEBOOK_NONE : item_of(b, x);
        if (item != SP_RULEBOOK_NONE) {
            share[p->share_count++] = (struct sp_rulebook_share){ x->kind, item,
                ((uint64_t)x->until + 1u) * SP_ROSTER_DAY_MS };
        }
    }
    p->share = share;
    return SP_OK;
}

static sp_err index_left(const struct sp_rulebook *b,
    struct sp_rulebook_person *p, struct sp_arena *arena)
{
    struct sp_rulebook_left *left =
        sp_arena_take(arena, p->person->left_count + 1u, sizeof(*left));

    if (left == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < p->person->left_count; i++) {
        uint32_t place = place_of_code(b, p->person->left[i].territory);
        if (place != SP_RULEBOOK_NONE) {
            left[p->left_count].place = place;
            left[p->left_count++].serial = p->person->left[i].serial;
        }
    }
    p->left = left;
    return SP_OK;
}

/* What stands in his roster entry, as indexes. */
static sp_err index_one(const struct sp_rulebook *b,
    struct sp_rulebook_person *p, struct sp_arena *arena)
{
    uint32_t territories = p->person->territory_count;
    uint32_t extras = p->person->extra_count;
    uint32_t *own =
        sp_arena_take(arena, territories + extras + 1u, sizeof(*own));
    uint32_t *regions = sp_arena_take(arena, territories + 1u, sizeof(*own));
    uint32_t *more_units = sp_arena_take(arena, extras + 1u, sizeof(*own));
    uint32_t *more_regions = sp_arena_take(arena, extras + 1u, sizeof(*own));

    if (own == NULL || regions == NULL || more_units == NULL ||
        more_regions == NULL) {
        return SP_E_NOMEM;
    }
    add(&p->own, own, sp_rulebook_find_place(b, &p->scope));
    for (uint32_t i = 0; i < territories; i++) {
        struct sp_slice code = p->person->territory[i];
        add(&p->own, own, place_of_code(b, code));
        add(&p->regions, regions, region_of_code(b, code));
    }
    add_extras(b, p, own, more_units, more_regions);
    sort(own, p->own.count, sizeof(*own), cmp_index);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->own.count; i++) {
        if (i == 0 || own[i] != own[i - 1]) {
            own[kept++] = own[i];
        }
    }
    p->own = (struct sp_rulebook_list){ kept, own };
    p->regions.item = regions;
    p->more_units.item = more_units;
    p->more_regions.item = more_regions;
    sp_err err = index_shares(b, p, arena);
    return err == SP_OK ? index_left(b, p, arena) : err;
}

/* ---- devices ----------------------------------------------------------- */

static sp_err index_devices(struct sp_rulebook *b, struct sp_arena *arena)
{
    b->device =
        sp_arena_take(arena, b->document_count + 1u, sizeof(*b->device));
    b->static_public =
        sp_arena_take(arena, b->document_count + 1u, sizeof(*b->static_public));
    if (b->device == NULL || b->static_public == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < b->document_count; i++) {
        if (b->document[i].doc.kind == SP_DOC_DEVICE) {
            b->static_public[b->device_count] = b->document[i].body.device;
            b->device[b->device_count++] = b->document[i].body.device;
        }
    }
    sort(b->device, b->device_count, sizeof(*b->device), cmp_device);
    sort(b->static_public, b->device_count, sizeof(*b->static_public),
        cmp_static);
    return SP_OK;
}

sp_err sp_rulebook_index(struct sp_rulebook *b, struct sp_arena *arena)
{
    sp_err (*const steps[])(
        struct sp_rulebook *, struct sp_arena *) = { index_units, index_regions,
        index_territories, index_people, index_places, index_devices };
    sp_err err = SP_OK;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        err = steps[i](b, arena);
        if (err != SP_OK) {
            return err;
        }
    }
    for (uint32_t i = 0; i < b->person_count && err == SP_OK; i++) {
        err = index_one(b, &b->person[i], arena);
    }
    return err;
}
