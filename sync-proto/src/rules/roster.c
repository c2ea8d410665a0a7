#include "sp/roster.h"

#include "sp/pack.h"

/*
 * Bodies (PROTOCOL.md, "Bodies of documents").
 * Roster: [version, unit, name, kind, server, static, sign, address, term,
 * [territory, ...], [person, ...]]; territory: [code, name, region]; person:
 * [user, login, name, status, [role, ...], [territory, ...], [kind, code,
 * ...], [territory, serial, ...]], and, where there are any, two more: of each
 * extra reach its last day, 0 for none (or [] when none has one); [role,
 * serial, ...] of before.
 * Device: [version, device, user, unit, static, sign, seal, label, status].
 */
#define BODY_VERSION    1u
#define ROSTER_ITEMS    11u
#define TERRITORY_ITEMS 3u
#define PERSON_ITEMS    8u
#define DAYS_MAX        1000000u /* some 2,700 years */
#define DEVICE_ITEMS    9u
#define PAIRS_MAX       1024u
#define DEVICE_MAX      0x7FFFFFFFu /* SYNC X5 */

/* ---- encode ------------------------------------------------------------ */

static bool has_ends(const struct sp_person *p)
{
    for (uint32_t i = 0; i < p->extra_count; i++) {
        if (p->extra[i].until != 0) {
            return true;
        }
    }
    return false;
}

static void write_person(struct sp_buf *b, const struct sp_person *p)
{
    bool ends = has_ends(p);
    sp_wr_array(b, PERSON_ITEMS + (p->had_count > 0 ? 2u : ends ? 1u : 0u));
    sp_wr_uint(b, p->user);
    sp_wr_str(b, p->login);
    sp_wr_str(b, p->name);
    sp_wr_uint(b, (uint64_t)p->status);
    sp_wr_array(b, p->role_count);
    for (uint32_t i = 0; i < p->role_count; i++) {
        sp_wr_uint(b, p->role[i]);
    }
    sp_wr_array(b, p->territory_count);
    for (uint32_t i = 0; i < p->territory_count; i++) {
        sp_wr_str(b, p->territory[i]);
    }
    sp_wr_array(b, p->extra_count * 2u);
    for (uint32_t i = 0; i < p->extra_count; i++) {
        sp_wr_uint(b, (uint64_t)p->extra[i].kind);
        sp_wr_str(b, p->extra[i].code);
    }
    sp_wr_array(b, p->left_count * 2u);
    for (uint32_t i = 0; i < p->left_count; i++) {
        sp_wr_str(b, p->left[i].territory);
        sp_wr_uint(b, p->left[i].serial);
    }
    if (ends || p->had_count > 0) {
        sp_wr_array(b, ends ? p->extra_count : 0);
        for (uint32_t i = 0; ends && i < p->extra_count; i++) {
            sp_wr_uint(b, p->extra[i].until);
        }
    }
    if (p->had_count > 0) {
        sp_wr_array(b, p->had_count * 2u);
        for (uint32_t i = 0; i < p->had_count; i++) {
            sp_wr_uint(b, p->had[i].role);
            sp_wr_uint(b, p->had[i].serial);
        }
    }
}

void sp_roster_encode(const struct sp_roster *r, struct sp_buf *out)
{
    sp_wr_array(out, ROSTER_ITEMS);
    sp_wr_uint(out, BODY_VERSION);
    sp_wr_str(out, r->unit);
    sp_wr_str(out, r->name);
    sp_wr_uint(out, (uint64_t)r->kind);
    sp_wr_uint(out, r->server);
    sp_wr_bin(out, r->static_public, sizeof(r->static_public));
    sp_wr_bin(out, r->sign_public, sizeof(r->sign_public));
    sp_wr_str(out, r->address);
    sp_wr_uint(out, r->term_days);
    sp_wr_array(out, r->territory_count);
    for (uint32_t i = 0; i < r->territory_count; i++) {
        sp_wr_array(out, TERRITORY_ITEMS);
        sp_wr_str(out, r->territory[i].code);
        sp_wr_str(out, r->territory[i].name);
        sp_wr_str(out, r->territory[i].region);
    }
    sp_wr_array(out, r->person_count);
    for (uint32_t i = 0; i < r->person_count; i++) {
        write_person(out, &r->person[i]);
    }
}

void sp_roster_encode_device(const struct sp_device *d, struct sp_buf *out)
{
    sp_wr_array(out, DEVICE_ITEMS);
    sp_wr_uint(out, BODY_VERSION);
    sp_wr_uint(out, d->device);
    sp_wr_uint(out, d->user);
    sp_wr_str(out, d->unit);
    sp_wr_bin(out, d->static_public, sizeof(d->static_public));
    sp_wr_bin(out, d->sign_public, sizeof(d->sign_public));
    sp_wr_bin(out, d->seal_public, sizeof(d->seal_public));
    sp_wr_str(out, d->label);
    sp_wr_uint(out, (uint64_t)d->status);
}

/* ---- decode ------------------------------------------------------------ */

static void *take(
    struct sp_rd *r, struct sp_arena *arena, uint32_t count, size_t size)
{
    if (r->err != SP_OK || count == 0) {
        return NULL;
    }
    void *p = sp_arena_take(arena, count, size);
    if (p == NULL) {
        sp_rd_fail(r, SP_E_NOMEM);
    }
    return p;
}

/* Length of a flat array of pairs. */
static uint32_t read_pairs(struct sp_rd *r)
{
    uint32_t items = sp_rd_array(r, PAIRS_MAX * 2u);

    if (items % 2u != 0) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    return items / 2u;
}

/* Text that names something. */
static struct sp_slice read_code(struct sp_rd *r)
{
    struct sp_slice s = sp_rd_str(r, SP_ROSTER_CODE_MAX);

    if (s.size == 0) {
        sp_rd_fail(r, SP_E_DOCUMENT);
    }
    return s;
}

static void read_assignments(
    struct sp_rd *r, struct sp_arena *arena, struct sp_person *p)
{
    uint32_t n = sp_rd_array(r, SP_ROSTER_ROLES_MAX);
    uint16_t *role = take(r, arena, n, sizeof(*role));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        role[i] = (uint16_t)sp_rd_uint(r, 1, UINT16_MAX);
    }
    p->role_count = n;
    p->role = role;

    n = sp_rd_array(r, SP_ROSTER_TERRITORIES_MAX);
    struct sp_slice *territory = take(r, arena, n, sizeof(*territory));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        territory[i] = read_code(r);
    }
    p->territory_count = n;
    p->territory = territory;
}

static void read_extras(
    struct sp_rd *r, struct sp_arena *arena, struct sp_person *p)
{
    uint32_t n = read_pairs(r);
    struct sp_extra *extra = take(r, arena, n, sizeof(*extra));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        extra[i].kind = (enum sp_extra_kind)sp_rd_uint(
            r, SP_EXTRA_TERRITORY, SP_EXTRA_REGION);
        extra[i].code = sp_rd_str(r, SP_ROSTER_NAME_MAX);
        extra[i].until = 0;
    }
    p->extra_count = n;
    p->extra = extra;

    n = read_pairs(r);
    struct sp_left *left = take(r, arena, n, sizeof(*left));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        left[i].territory = read_code(r);
        left[i].serial = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    }
    p->left_count = n;
    p->left = left;
}

/* In their canonical form some end is there, or the list is empty, which it
 * is only before something else. */
static void read_ends(struct sp_rd *r, struct sp_person *p, bool last)
{
    struct sp_extra *extra = (struct sp_extra *)(uintptr_t)p->extra;
    uint32_t n = sp_rd_array(r, p->extra_count);

    if (n != p->extra_count && n != 0) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        extra[i].until = (uint32_t)sp_rd_uint(r, 0, DAYS_MAX);
    }
    if (r->err == SP_OK && has_ends(p) != (n > 0 || last)) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
}

static void read_had(
    struct sp_rd *r, struct sp_arena *arena, struct sp_person *p)
{
    uint32_t n = read_pairs(r);
    if (n == 0 || n > SP_ROSTER_ROLES_MAX) {
        sp_rd_fail(r, n == 0 ? SP_E_MALFORMED : SP_E_TOO_LARGE);
    }
    struct sp_had *had = take(r, arena, n, sizeof(*had));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        had[i].role = (uint16_t)sp_rd_uint(r, 1, UINT16_MAX);
        had[i].serial = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    }
    p->had_count = n;
    p->had = had;
}

static void read_person(
    struct sp_rd *r, struct sp_arena *arena, struct sp_person *p)
{
    uint32_t items = sp_rd_array(r, PERSON_ITEMS + 2u);
    p->user = (uint32_t)sp_rd_uint(r, 1, UINT32_MAX);
    p->login = read_code(r);
    p->name = sp_rd_str(r, SP_ROSTER_NAME_MAX);
    p->status =
        (enum sp_person_status)sp_rd_uint(r, SP_PERSON_ACTIVE, SP_PERSON_LEFT);
    read_assignments(r, arena, p);
    read_extras(r, arena, p);
    if (items < PERSON_ITEMS) {
        sp_rd_fail(r, SP_E_MALFORMED);
    }
    if (items > PERSON_ITEMS) {
        read_ends(r, p, items == PERSON_ITEMS + 1u);
    }
    if (items > PERSON_ITEMS + 1u) {
        read_had(r, arena, p);
    }
}

static void read_lists(
    struct sp_rd *r, struct sp_arena *arena, struct sp_roster *out)
{
    uint32_t n = sp_rd_array(r, SP_ROSTER_TERRITORIES_MAX);
    struct sp_territory *territory = take(r, arena, n, sizeof(*territory));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        sp_rd_array_of(r, TERRITORY_ITEMS);
        territory[i].code = read_code(r);
        territory[i].name = sp_rd_str(r, SP_ROSTER_NAME_MAX);
        territory[i].region = sp_rd_str(r, SP_ROSTER_NAME_MAX);
    }
    out->territory_count = n;
    out->territory = territory;

    n = sp_rd_array(r, SP_ROSTER_PEOPLE_MAX);
    struct sp_person *person = take(r, arena, n, sizeof(*person));
    for (uint32_t i = 0; i < n && r->err == SP_OK; i++) {
        read_person(r, arena, &person[i]);
    }
    out->person_count = n;
    out->person = person;
}

sp_err sp_roster_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_roster *out)
{
    struct sp_roster d = { 0 };
    struct sp_rd r;

    sp_rd_init(&r, body);
    sp_rd_array_of(&r, ROSTER_ITEMS);
    (void)sp_rd_uint(&r, BODY_VERSION, BODY_VERSION);
    d.unit = sp_rd_str(&r, SP_ROSTER_CODE_MAX);
    d.name = sp_rd_str(&r, SP_ROSTER_NAME_MAX);
    d.kind =
        (enum sp_unit_kind)sp_rd_uint(&r, SP_UNIT_HEAD_OFFICE, SP_UNIT_BRANCH);
    d.server = (uint32_t)sp_rd_uint(&r, 0, DEVICE_MAX);
    sp_rd_fixed(&r, d.static_public, sizeof(d.static_public));
    sp_rd_fixed(&r, d.sign_public, sizeof(d.sign_public));
    d.address = sp_rd_str(&r, SP_ROSTER_ADDRESS_MAX);
    d.term_days = (uint16_t)sp_rd_uint(&r, 0, UINT16_MAX);
    read_lists(&r, arena, &d);
    if (r.err == SP_OK &&
        (d.unit.size == 0) != (d.kind == SP_UNIT_HEAD_OFFICE)) {
        sp_rd_fail(&r, SP_E_DOCUMENT);
    }
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = d;
    }
    return err;
}

sp_err sp_roster_decode_device(struct sp_slice body, struct sp_device *out)
{
    struct sp_device d = { 0 };
    struct sp_rd r;

    sp_rd_init(&r, body);
    sp_rd_array_of(&r, DEVICE_ITEMS);
    (void)sp_rd_uint(&r, BODY_VERSION, BODY_VERSION);
    d.device = (uint32_t)sp_rd_uint(&r, 1, DEVICE_MAX);
    d.user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    d.unit = sp_rd_str(&r, SP_ROSTER_CODE_MAX);
    sp_rd_fixed(&r, d.static_public, sizeof(d.static_public));
    sp_rd_fixed(&r, d.sign_public, sizeof(d.sign_public));
    sp_rd_fixed(&r, d.seal_public, sizeof(d.seal_public));
    d.label = sp_rd_str(&r, SP_ROSTER_NAME_MAX);
    d.status = (enum sp_device_status)sp_rd_uint(
        &r, SP_DEVICE_ACTIVE, SP_DEVICE_REVOKED);
    sp_err err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = d;
    }
    return err;
}
