/* sample.c - invented accounts and visits, see sample.h */
#include "ctl/sample.h"

#include "ctl/csv.h"

#include "book/csv.h"
#include "ctl/sample_words.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array)       (sizeof(array) / sizeof((array)[0]))
#define PICK(random, list) ((list)[below(random, COUNT(list))])

#define ROW_BYTES_MAX  8192u
#define CELL_BYTES_MAX 1024u
#define VISIT_DAYS     90u

/* ---- numbers ----------------------------------------------------------- */

/* SplitMix64: small, and the same everywhere.
 * source: Steele, Lea, Flood 2014 (splittable generators) */
static uint64_t draw(uint64_t *random)
{
    uint64_t z = *random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* 0 .. n-1; the slight unevenness does not matter here. */
static size_t below(uint64_t *random, size_t n)
{
    return (size_t)((draw(random) >> 32) % n);
}

static bool one_in(uint64_t *random, size_t n)
{
    return below(random, n) == 0;
}

/* A generator of its own for each row, so that rows do not depend on each
 * other. kind keeps accounts and visits apart. */
static uint64_t row_random(uint64_t seed, unsigned kind, uint32_t row)
{
    uint64_t mixed = seed ^ ((uint64_t)kind << 56) ^ ((uint64_t)row << 8);

    return draw(&mixed);
}

/* ---- text -------------------------------------------------------------- */

/* One cell being written; too long means that a word list is wrong. */
struct cell {
    char text[CELL_BYTES_MAX];
    size_t size;
};

static void put(struct cell *c, const char *text)
{
    size_t size = strlen(text);

    SP_ASSERT(size < sizeof(c->text) - c->size);
    memcpy(c->text + c->size, text, size + 1);
    c->size += size;
}

static void put_number(struct cell *c, uint64_t number, unsigned digits)
{
    char text[24];

    (void)snprintf(
        text, sizeof(text), "%0*llu", (int)digits, (unsigned long long)number);
    put(c, text);
}

static void put_digits(struct cell *c, uint64_t *random, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put_number(c, below(random, 10), 1);
    }
}

/* Gregorian date of a day since 1970-01-01.
 * source: Howard Hinnant, "chrono-compatible low-level date algorithms" */
static void put_date(struct cell *c, uint32_t day)
{
    uint32_t z = day + 719468u, era = z / 146097u, doe = z % 146097u;
    uint32_t yoe = (doe - doe / 1460u + doe / 36524u - doe / 146096u) / 365u;
    uint32_t doy = doe - (365u * yoe + yoe / 4u - yoe / 100u);
    uint32_t mp = (5u * doy + 2u) / 153u;
    uint32_t month = mp < 10u ? mp + 3u : mp - 9u;

    put_number(c, yoe + era * 400u + (month <= 2u ? 1u : 0u), 4);
    put(c, "-");
    put_number(c, month, 2);
    put(c, "-");
    put_number(c, doy - (153u * mp + 2u) / 5u + 1u, 2);
}

/* ---- people and places ------------------------------------------------- */

static void put_person(struct cell *c, uint64_t *random, bool chinese)
{
    if (!chinese) {
        put(c, PICK(random, la_first));
        put(c, " ");
        put(c, PICK(random, la_last));
        return;
    }
    put(c, PICK(random, zh_family));
    if (one_in(random, 12)) {
        put(c, PICK(random, zh_rare));
    } else {
        put(c, PICK(random, zh_given));
    }
}

static void put_shop(
    struct cell *c, uint64_t *random, const struct city *city, bool chinese)
{
    if (!chinese) {
        put(c, PICK(random, la_brand));
        put(c, " ");
        if (one_in(random, 3)) {
            put(c, PICK(random, la_last));
            put(c, " ");
        }
        put(c, PICK(random, la_trade));
        return;
    }
    if (one_in(random, 3)) {
        put(c, city->name);
    }
    put(c, one_in(random, 20) ? PICK(random, zh_rare) : "");
    put(c, PICK(random, zh_brand));
    put(c, PICK(random, zh_trade));
    if (one_in(random, 8)) {
        put(c, "（");
        put(c, PICK(random, zh_road));
        put(c, "店）");
    }
}

/* As people type it: with and without country, blanks, full width. */
static void put_mobile(struct cell *c, uint64_t *random)
{
    static const char *const prefix[] = { "", "", "+86 ", "0086", "+86-" };
    bool spaced = one_in(random, 3);

    if (one_in(random, 25)) {
        put(c, "１３８００１３");
        put_number(c, below(random, 10000), 4);
        return;
    }
    put(c, PICK(random, prefix));
    put(c, "1");
    put_number(c, 30 + below(random, 70), 2);
    put(c, spaced ? " " : "");
    put_digits(c, random, 4);
    put(c, spaced ? " " : "");
    put_digits(c, random, 4);
}

static void put_phone(
    struct cell *c, uint64_t *random, const struct city *city, bool chinese)
{
    if (one_in(random, 15)) {
        return; /* not everybody has one */
    }
    if (chinese && one_in(random, 2)) {
        put_mobile(c, random);
        return;
    }
    put(c, city->area);
    put(c, chinese ? "-" : " ");
    put_digits(c, random, chinese ? 8 : 6);
    if (one_in(random, 12)) {
        put(c, chinese ? "转" : " ext. ");
        put_number(c, 1 + below(random, 99), 1);
    }
}

static void put_street(struct cell *c, uint64_t *random, bool chinese)
{
    uint64_t number = 1 + below(random, 320);

    if (!chinese) {
        put_number(c, number, 1);
        put(c, one_in(random, 6) ? "b, " : " ");
        put(c, PICK(random, la_road));
        return;
    }
    put(c, PICK(random, zh_road));
    put_number(c, number, 1);
    put(c, "号");
    if (one_in(random, 5)) {
        put_number(c, 1 + below(random, 6), 1);
        put(c, "楼");
        put_number(c, 101 + below(random, 20), 1);
    }
}

static void put_tags(struct cell *c, uint64_t *random)
{
    size_t first = below(random, COUNT(tags)), count = below(random, 5);

    /* Steps of 5 through 16 never meet the same one twice. */
    for (size_t i = 0; i < count; i++) {
        put(c, i > 0 ? "|" : "");
        put(c, tags[(first + i * 5) % COUNT(tags)]);
    }
}

/* ---- rows -------------------------------------------------------------- */

static sp_err send_row(
    const struct cell *cell, size_t count, sv_sample_write *write, void *self)
{
    struct sp_slice cells[SV_SAMPLE_ACCOUNT_COLUMNS];
    struct sp_buf row;
    sp_err err;

    SP_ASSERT(count <= COUNT(cells));
    for (size_t i = 0; i < count; i++) {
        cells[i] = sp_slice_of(cell[i].text, cell[i].size);
    }
    sp_buf_init(&row, ROW_BYTES_MAX);
    cc_csv_put_row(&row, cells, count);
    err = row.err != SP_OK ? row.err : write(self, sp_buf_slice(&row));
    sp_buf_free(&row);
    return err;
}

static sp_err send_header(
    const char *const *names, size_t count, sv_sample_write *write, void *self)
{
    struct cell cells[SV_SAMPLE_ACCOUNT_COLUMNS] = { 0 };

    for (size_t i = 0; i < count; i++) {
        put(&cells[i], names[i]);
    }
    return send_row(cells, count, write, self);
}

static void put_account_number(struct cell *c, uint32_t index)
{
    put(c, "S");
    put_number(c, index + 1u, 6);
}

/* Two of three accounts are Chinese. */
static bool is_chinese(uint64_t *random)
{
    return !one_in(random, 3);
}

static sp_err send_account(const struct sv_sample_plan *plan, uint32_t index,
    sv_sample_write *write, void *self)
{
    struct cell cells[SV_SAMPLE_ACCOUNT_COLUMNS] = { 0 };
    uint64_t own = row_random(plan->seed, 1, index), *random = &own;
    bool chinese = is_chinese(random);
    const struct city *city =
        chinese ? &PICK(random, zh_city) : &PICK(random, la_city);
    struct cell *c = cells;

    put_account_number(c++, index);
    put_shop(c++, random, city, chinese);
    put(c++, PICK(random, kinds));
    put(c++, city->country);
    put(c++, city->province);
    put(c++, city->name);
    put(c++, PICK(random, city->district));
    put_street(c++, random, chinese);
    put(c, city->postcode);
    put_digits(c++, random, 2);
    put_phone(c++, random, city, chinese);
    put(c++, plan->territories[below(random, plan->territory_count)]);
    put_person(c++, random, chinese);
    put(c++, chinese ? PICK(random, zh_title) : PICK(random, la_title));
    if (chinese) {
        put_mobile(c++, random);
    } else {
        put_phone(c++, random, city, false);
    }
    put_tags(c++, random);
    SP_ASSERT((size_t)(c - cells) == COUNT(cells));
    return send_row(cells, COUNT(cells), write, self);
}

/* Fills the places of a note's text. */
static void put_note(
    struct cell *c, uint64_t *random, const char *text, bool chinese)
{
    for (; *text != '\0'; text++) {
        char one[2] = { *text, '\0' };

        if (*text != '%') {
            put(c, one);
            continue;
        }
        text++;
        switch (*text) {
        case 'p':
            put(c,
                chinese ? PICK(random, zh_product) : PICK(random, la_product));
            break;
        case 'n':
            put_number(c, 2 + below(random, 59), 1);
            break;
        case 'w':
            put(c, chinese ? PICK(random, zh_day) : PICK(random, la_day));
            break;
        case 'c':
            put_person(c, random, chinese);
            break;
        default:
            SP_ASSERT(false);
        }
    }
}

static sp_err send_visit(const struct sv_sample_plan *plan, uint32_t index,
    sv_sample_write *write, void *self)
{
    struct cell cells[SV_SAMPLE_VISIT_COLUMNS] = { 0 };
    uint64_t own = row_random(plan->seed, 2, index), *random = &own;
    uint32_t account = (uint32_t)below(random, plan->accounts);
    uint64_t of_account = row_random(plan->seed, 1, account);
    bool chinese = is_chinese(&of_account);
    uint32_t day = plan->first_day + (uint32_t)below(random, VISIT_DAYS);
    struct cell *c = cells;

    put_account_number(c++, account);
    put_date(c++, day);
    put_number(c, 8 + below(random, 10), 2);
    put(c, ":");
    put_number(c++, 5 * below(random, 12), 2);
    put_number(c++, 5 + below(random, 56), 1);
    put(c++, PICK(random, visit_types));
    put(c++, PICK(random, outcomes));
    if (one_in(random, 2)) {
        put(c++, chinese ? PICK(random, zh_step) : PICK(random, la_step));
        put_date(c++, day + 1u + (uint32_t)below(random, 21));
    } else {
        c += 2;
    }
    if (!one_in(random, 6)) {
        put_note(c, random,
            chinese ? PICK(random, zh_note) : PICK(random, la_note), chinese);
    }
    c++;
    SP_ASSERT((size_t)(c - cells) == COUNT(cells));
    return send_row(cells, COUNT(cells), write, self);
}

/* ---- files ------------------------------------------------------------- */

static bool is_plan(const struct sv_sample_plan *plan)
{
    return plan->accounts > 0 && plan->accounts <= SV_SAMPLE_ROWS_MAX &&
           plan->visits <= SV_SAMPLE_ROWS_MAX && plan->territory_count > 0;
}

sp_err sv_sample_accounts(
    const struct sv_sample_plan *plan, sv_sample_write *write, void *self)
{
    static const char *const names[SV_SAMPLE_ACCOUNT_COLUMNS] = { "number",
        "name", "kind", "country", "province", "city", "district", "street",
        "postcode", "phone", "territory", "contact_name", "contact_title",
        "contact_phone", "tags" };
    sp_err err = SP_E_ARGUMENT;

    if (is_plan(plan)) {
        err = send_header(names, COUNT(names), write, self);
    }
    for (uint32_t i = 0; err == SP_OK && i < plan->accounts; i++) {
        err = send_account(plan, i, write, self);
    }
    return err;
}

sp_err sv_sample_visits(
    const struct sv_sample_plan *plan, sv_sample_write *write, void *self)
{
    static const char *const names[SV_SAMPLE_VISIT_COLUMNS] = { "account",
        "date", "start", "minutes", "type", "outcome", "next_step", "next_date",
        "note" };
    sp_err err = SP_E_ARGUMENT;

    if (is_plan(plan)) {
        err = send_header(names, COUNT(names), write, self);
    }
    for (uint32_t i = 0; err == SP_OK && i < plan->visits; i++) {
        err = send_visit(plan, i, write, self);
    }
    return err;
}
