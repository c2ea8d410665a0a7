/* test_sample.c - the invented shops are the same everywhere */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/csv.h"
#include "ctl/sample.h"

#include <string.h>

#define FILE_BYTES_MAX (64u << 20)
#define ACCOUNTS_SUM   0x327265ba071c7af0u
#define VISITS_SUM     0xde61b4e23ddb5353u

static const char *const territories[] = { "north-1", "north-2", "south-1" };

static struct sv_sample_plan plan_of(uint64_t seed, uint32_t rows)
{
    return (struct sv_sample_plan){ .seed = seed,
        .accounts = rows,
        .visits = rows,
        .territories = territories,
        .territory_count = 3,
        .first_day = 20089 }; /* 2025-01-01 */
}

static sp_err keep(void *self, struct sp_slice bytes)
{
    struct sp_buf *out = self;

    sp_buf_put(out, bytes.data, bytes.size);
    return out->err;
}

typedef sp_err generator(
    const struct sv_sample_plan *plan, sv_sample_write *write, void *self);

static void make(
    struct sp_buf *out, generator *generate, const struct sv_sample_plan *plan)
{
    sp_buf_init(out, FILE_BYTES_MAX);
    assert_int_equal(generate(plan, keep, out), SP_OK);
}

static sp_err read_buf(void *self, uint8_t *out, size_t size, size_t *got)
{
    struct sp_slice *left = self;

    *got = left->size < size ? left->size : size;
    memcpy(out, left->data, *got);
    left->data += *got;
    left->size -= *got;
    return SP_OK;
}

/* Calls each for every row; all must be readable. */
static uint32_t each_row(struct sp_slice file,
    void (*each)(void *arg, const struct sp_slice *cells), void *arg)
{
    struct sv_csv_source source = { &file, read_buf };
    struct sv_csv_problem problem;
    const struct sp_slice *cells;
    struct sv_csv *csv;
    uint32_t rows = 0;
    sp_err err;

    assert_int_equal(
        sv_csv_open_source(&csv, &source, SV_CSV_DETECT, &problem), SP_OK);
    while ((err = sv_csv_next(csv, &cells, &problem)) == SP_OK) {
        rows++;
        each(arg, cells);
    }
    assert_int_equal(err, SP_E_NOT_FOUND);
    sv_csv_close(csv);
    return rows;
}

static uint64_t fnv(struct sp_slice s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.size; i++) {
        h = (h ^ s.data[i]) * 0x100000001b3u;
    }
    return h;
}

static void same_seed_gives_same_bytes(void **state)
{
    generator *const all[] = { sv_sample_accounts, sv_sample_visits };
    struct sv_sample_plan plan = plan_of(7, 200), other = plan_of(8, 200);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct sp_buf a, b, c;

        make(&a, all[i], &plan);
        make(&b, all[i], &plan);
        make(&c, all[i], &other);
        assert_true(sp_slice_equal(sp_buf_slice(&a), sp_buf_slice(&b)));
        assert_false(sp_slice_equal(sp_buf_slice(&a), sp_buf_slice(&c)));
        sp_buf_free(&a);
        sp_buf_free(&b);
        sp_buf_free(&c);
    }
}

/* Sums of what one machine made; others must make the same. They change only
 * when somebody changes the words or the order of the draws. */
static void bytes_are_the_same_on_every_platform(void **state)
{
    struct sv_sample_plan plan = plan_of(1, 500);
    struct sp_buf a, v;

    (void)state;
    make(&a, sv_sample_accounts, &plan);
    make(&v, sv_sample_visits, &plan);
    assert_int_equal(fnv(sp_buf_slice(&a)), ACCOUNTS_SUM);
    assert_int_equal(fnv(sp_buf_slice(&v)), VISITS_SUM);
    sp_buf_free(&a);
    sp_buf_free(&v);
}

static void row_does_not_depend_on_how_many_there_are(void **state)
{
    struct sv_sample_plan few = plan_of(3, 10), many = plan_of(3, 1000);
    struct sp_buf a, b;

    (void)state;
    make(&a, sv_sample_accounts, &few);
    make(&b, sv_sample_accounts, &many);
    assert_true(a.size < b.size);
    assert_memory_equal(a.data, b.data, a.size);
    sp_buf_free(&a);
    sp_buf_free(&b);
}

/* ---- variety ----------------------------------------------------------- */

struct variety {
    uint32_t territory[3], supplementary, latin, without_phone, formulas;
    uint32_t several_lines, empty_notes;
};

static bool has_supplementary(struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] >= 0xf0) {
            return true;
        }
    }
    return false;
}

static void see_account(void *arg, const struct sp_slice *cells)
{
    struct variety *v = arg;
    bool known = false;

    for (unsigned i = 0; i < 3; i++) {
        if (sp_slice_equal(cells[10], sp_slice_text(territories[i]))) {
            v->territory[i]++;
            known = true;
        }
    }
    assert_true(known);
    for (size_t i = 0; i < SV_SAMPLE_ACCOUNT_COLUMNS; i++) {
        bool may_be_empty = i == 9 || i >= 13;

        assert_true(may_be_empty || cells[i].size > 0);
        assert_true(cells[i].size <= 240);
    }
    v->supplementary +=
        has_supplementary(cells[1]) || has_supplementary(cells[11]);
    v->latin += !sp_slice_equal(cells[3], sp_slice_text("CN"));
    v->without_phone += cells[9].size == 0;
    v->formulas += cells[9].size > 0 && cells[9].data[0] == '+';
}

static void accounts_are_readable_and_various(void **state)
{
    struct sv_sample_plan plan = plan_of(11, 10000);
    struct variety v = { 0 };
    struct sp_buf file;

    (void)state;
    make(&file, sv_sample_accounts, &plan);
    assert_int_equal(
        each_row(sp_buf_slice(&file), see_account, &v), plan.accounts);
    for (unsigned i = 0; i < 3; i++) {
        assert_in_range(v.territory[i], 3000, 3700);
    }
    assert_in_range(v.supplementary, 200, 1200);
    assert_in_range(v.latin, 3000, 3700);
    assert_in_range(v.without_phone, 300, 1200);
    assert_in_range(v.formulas, 500, 5000);
    sp_buf_free(&file);
}

static void see_visit(void *arg, const struct sp_slice *cells)
{
    struct variety *v = arg;
    struct sp_slice note = cells[8];

    assert_int_equal(cells[0].size, 7);
    assert_int_equal(cells[1].size, 10);
    assert_true(sp_slice_cmp(cells[1], sp_slice_text("2025-01-01")) >= 0);
    assert_true(sp_slice_cmp(cells[1], sp_slice_text("2025-03-31")) <= 0);
    assert_int_equal(cells[2].size, 5);
    assert_true((cells[6].size == 0) == (cells[7].size == 0));
    v->empty_notes += note.size == 0;
    v->several_lines +=
        note.size > 0 && memchr(note.data, '\n', note.size) != NULL;
    v->formulas += note.size > 0 && strchr("=+-", note.data[0]) != NULL;
}

static void visits_are_readable_and_various(void **state)
{
    struct sv_sample_plan plan = plan_of(12, 10000);
    struct variety v = { 0 };
    struct sp_buf file;

    (void)state;
    make(&file, sv_sample_visits, &plan);
    assert_int_equal(each_row(sp_buf_slice(&file), see_visit, &v), plan.visits);
    assert_in_range(v.empty_notes, 1000, 2500);
    assert_in_range(v.several_lines, 100, 2000);
    assert_in_range(v.formulas, 100, 3000);
    sp_buf_free(&file);
}

static sp_err full(void *self, struct sp_slice bytes)
{
    (void)self;
    (void)bytes;
    return SP_E_FULL;
}

static void errors_of_the_writer_and_bad_plans_are_told(void **state)
{
    struct sv_sample_plan plan = plan_of(1, 5);

    (void)state;
    assert_int_equal(sv_sample_accounts(&plan, full, NULL), SP_E_FULL);
    assert_int_equal(sv_sample_visits(&plan, full, NULL), SP_E_FULL);
    plan.accounts = 0;
    assert_int_equal(sv_sample_accounts(&plan, full, NULL), SP_E_ARGUMENT);
    plan.accounts = SV_SAMPLE_ROWS_MAX + 1;
    assert_int_equal(sv_sample_visits(&plan, full, NULL), SP_E_ARGUMENT);
    plan = plan_of(1, 5);
    plan.territory_count = 0;
    assert_int_equal(sv_sample_accounts(&plan, full, NULL), SP_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_same_bytes),
        cmocka_unit_test(bytes_are_the_same_on_every_platform),
        cmocka_unit_test(row_does_not_depend_on_how_many_there_are),
        cmocka_unit_test(accounts_are_readable_and_various),
        cmocka_unit_test(visits_are_readable_and_various),
        cmocka_unit_test(errors_of_the_writer_and_bad_plans_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
