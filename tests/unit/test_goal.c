/* test_goal.c - the tree of goals: company, regions, branches, reps. Two
 * branches, north and south, with three and two reps (tests/support/org.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "book/day.h"
#include "book/goal.h"
#include "book/money.h"

#include "org.h"

#define FIELDS_MAX  8u
#define RECORDS_MAX 64u

static struct test_org *org;
static const struct sp_rulebook *book;
static const struct sp_dictionary *dictionary;
static struct sp_arena arena;
static struct cc_goal_board *board;

/* A record as texts: "name=text", NULL ends. */
struct made {
    uint16_t type;
    struct sp_record record;
};
static struct made made[RECORDS_MAX];
static size_t made_count;

static int set_up(void **state)
{
    (void)state;
    org = test_org_new(9);
    book = test_org_rulebook(org);
    dictionary = sp_rulebook_dictionary(book);
    sp_arena_init(&arena, 16u << 20);
    made_count = 0;
    board = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cc_goal_free(board);
    sp_arena_free(&arena);
    test_org_free(org);
    return 0;
}

static int32_t day(int year, unsigned month, unsigned d)
{
    return cc_day_of((struct cc_date){ year, month, d });
}

static int32_t day_of(uint64_t ms)
{
    return ms == 0 ? CC_DAY_NONE : cc_day_at(ms, 0);
}

/* ---- records ------------------------------------------------------------ */

static int by_field(const void *a, const void *b)
{
    return sp_key_cmp(&((const struct sp_register *)a)->key,
        &((const struct sp_register *)b)->key);
}

/* "field=text", as a person types it. */
static void put(const struct sp_entity *e, struct sp_record *r,
    struct sp_register *reg, const char *text)
{
    const char *is = strchr(text, '=');
    const struct sp_field *f;
    struct sp_sibling *s = sp_arena_take(&arena, 1, sizeof *s);
    struct sp_buf value;

    assert_non_null(is);
    assert_non_null(s);
    f = sp_dictionary_field_named(e, sp_slice_of(text, (size_t)(is - text)));
    assert_non_null(f);
    sp_buf_init(&value, 4096);
    assert_int_equal(
        sp_dictionary_parse_value(f, sp_slice_text(is + 1), &value), SP_OK);
    *s = (struct sp_sibling){ .stamp = { .dot = { 1, 1 } },
        .value = sp_arena_copy(&arena, sp_buf_slice(&value)) };
    sp_buf_free(&value);
    reg[r->count++] = (struct sp_register){
        .key.field = f->number, .count = 1, .sibling = s
    };
}

/* Of a set of groups: a member as it is typed. */
static void put_member(const struct sp_entity *e, struct sp_record *r,
    struct sp_register *reg, const char *field, const char *text)
{
    const struct sp_field *f =
        sp_dictionary_field_named(e, sp_slice_text(field));
    struct sp_sibling *s = sp_arena_take(&arena, 1, sizeof *s);
    struct sp_buf value;

    assert_non_null(f);
    assert_non_null(s);
    sp_buf_init(&value, 4096);
    assert_int_equal(
        sp_dictionary_parse_value(f, sp_slice_text(text), &value), SP_OK);
    *s = (struct sp_sibling){ .stamp = { .dot = { 1, 1 } },
        .value = { (const uint8_t *)"\xc3", 1 } };
    reg[r->count++] = (struct sp_register){
        .key = { f->number, sp_arena_copy(&arena, sp_buf_slice(&value)) },
        .count = 1,
        .sibling = s
    };
    sp_buf_free(&value);
}

static struct sp_id id_of(unsigned n)
{
    struct sp_id id = { { 0x01, 0x9c, 0, 0, 0, 0, 0x70 } };

    id.b[15] = (uint8_t)n;
    return id;
}

/* n: last byte of its id. */
static void add(const char *entity, unsigned n, const char *const *field)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(dictionary, sp_slice_text(entity));
    struct sp_register *reg = sp_arena_take(&arena, FIELDS_MAX, sizeof *reg);
    struct made *m = &made[made_count++];

    assert_non_null(e);
    assert_true(made_count <= RECORDS_MAX);
    *m = (struct made){ .type = e->number,
        .record = { .ref = { e->number, id_of(n) }, .reg = reg } };
    for (; *field != NULL; field++) {
        if (strncmp(*field, "void:", 5) == 0) {
            put_member(e, &m->record, reg, "void", *field + 5);
        } else {
            put(e, &m->record, reg, *field);
        }
    }
    qsort(reg, m->record.count, sizeof *reg, by_field);
}
#define ADD(entity, n, ...)                                                    \
    add(entity, n, (const char *const[]){ __VA_ARGS__, NULL })

static sp_err walk(void *self, uint16_t type,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    sp_err err = SP_OK;

    (void)self;
    for (size_t i = 0; i < made_count && err == SP_OK; i++) {
        if (made[i].type == type) {
            err = each(arg, &made[i].record);
        }
    }
    return err;
}

/* Accounts 1 (Anna's), 2 (Ben's), 3 (nobody's, in A-2), 4 (Dora's). */
static void accounts(void)
{
    ADD("account", 1, "name=one", "territory_id=A-1", "owner_id=11");
    ADD("account", 2, "name=two", "territory_id=A-2", "owner_id=12");
    ADD("account", 3, "name=three", "territory_id=A-2");
    ADD("account", 4, "name=four", "territory_id=B-1", "owner_id=21");
}

static void goal(
    unsigned n, const char *whose, const char *metric, const char *value)
{
    ADD("target", n, whose, metric, value, "from=2026-03-01",
        "until=2026-03-31");
}

/* ---- the trees ---------------------------------------------------------- */

static const struct cc_goal_row *rows;
static size_t count;

/* As the store of a user, whose device exchanges with that unit. */
static void look(uint32_t user, const char *unit, bool whole)
{
    const struct cc_goal_source source = { .book = book,
        .dictionary = dictionary,
        .cover = { .book = book,
            .user = user,
            .unit = sp_slice_text(unit),
            .upper = unit[0] == '\0' },
        .today = day(2026, 3, 16),
        .day_of = day_of,
        .walk = walk };

    cc_goal_free(board);
    board = NULL;
    assert_int_equal(cc_goal_load(&source, &board), SP_OK);
    assert_int_equal(cc_goal_tree(board, whole, &rows, &count), SP_OK);
}

/* "1 north 7/20 part": depth, name, reached, target, and what it is. */
static void line_of(const struct cc_goal_row *r, char *out, size_t bytes)
{
    static const char *const level[] = { "company", "region", "branch", "rep" };
    struct sp_slice name = r->level == CC_GOAL_BRANCH   ? r->unit
                           : r->level == CC_GOAL_REGION ? r->region
                                                        : sp_slice_text("");
    char user[16] = "";

    if (r->level == CC_GOAL_REP) {
        (void)snprintf(user, sizeof user, "%u", (unsigned)r->user);
    }
    (void)snprintf(out, bytes, "%u %s%s%.*s%s %lld/%lld%s%s%s", r->depth,
        level[r->level], name.size > 0 || user[0] != '\0' ? " " : "",
        (int)name.size, (const char *)name.data, user, (long long)r->actual,
        (long long)r->target, r->part ? " part" : "", r->share ? " share" : "",
        r->summed ? " sum" : "");
}

static void expect(const char *const *line)
{
    size_t i = 0;

    for (; line[i] != NULL; i++) {
        char text[120] = "nothing";

        if (i < count) {
            line_of(&rows[i], text, sizeof text);
        }
        assert_string_equal(text, line[i]);
    }
    assert_int_equal(count, i);
}
#define EXPECT(...) expect((const char *const[]){ __VA_ARGS__, NULL })

static void visit(unsigned n, const char *account, const char *rep)
{
    ADD("visit", n, account, rep, "checkin=2026-03-05T08:00:00Z");
}

static char account_text[RECORDS_MAX][8 + SP_ID_TEXT_BYTES];

static const char *of_account(unsigned n)
{
    struct sp_id id = id_of(n);
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, &id);
    (void)snprintf(account_text[n], sizeof account_text[n], "account=%s", text);
    return account_text[n];
}

/* Anna 3, Ben 1, Dora 2; Carl and Emil none. */
static void visits(void)
{
    accounts();
    for (unsigned n = 0; n < 3; n++) {
        visit(20 + n, of_account(1), "rep=11");
    }
    visit(23, of_account(2), "rep=12");
    visit(24, of_account(4), "rep=21");
    visit(25, of_account(4), "rep=21");
}

static void cap_109_head_office_has_the_whole_tree_summed(void **state)
{
    (void)state;
    visits();
    goal(30, "metric=visits", "value=100", "rep=11");
    goal(31, "metric=visits", "value=50", "rep=12");
    goal(32, "metric=visits", "value=40", "unit=B");
    goal(33, "metric=visits", "value=160", "region=north");
    look(0, "", true);
    EXPECT("0 company 6/200 sum", "1 region centre 0/200 share",
        "1 region north 4/160", "2 branch A 4/150 sum", "3 rep 11 3/100",
        "3 rep 12 1/50", "3 rep 13 0/150 share", "1 region south 2/200 share",
        "2 branch B 2/40", "3 rep 21 2/40 share", "3 rep 22 0/40 share");
}

static void cap_109_a_rep_sees_his_own_and_what_is_only_a_part(void **state)
{
    (void)state;
    visits();
    goal(30, "metric=visits", "value=100", "rep=11");
    goal(31, "metric=visits", "value=300", "unit=A");
    ADD("target", 32, "metric=visits", "value=900", "from=2026-03-01",
        "until=2026-03-31");
    look(11, "A", false);
    /* What the device happens to hold of others is no share of theirs. */
    EXPECT("0 company 6/900 part", "1 branch A 4/300 part", "2 rep 11 3/100");
    assert_int_equal(rows[2].progress.percent, 3);
}

static void cap_109_a_manager_sees_the_branch_and_each_share(void **state)
{
    (void)state;
    visits();
    goal(31, "metric=visits", "value=300", "unit=A");
    ADD("target", 32, "metric=visits", "value=900", "from=2026-03-01",
        "until=2026-03-31");
    look(10, "A", false);
    EXPECT("0 company 6/900 part", "1 region north 4/900 share",
        "2 branch A 4/300", "3 rep 11 3/300 share", "3 rep 12 1/300 share",
        "3 rep 13 0/300 share");
}

static void amounts_of_different_currencies_have_trees_of_their_own(
    void **state)
{
    (void)state;
    accounts();
    ADD("purchase", 40, of_account(1), "date=2026-03-05", "amount=120.00 CNY");
    ADD("purchase", 41, of_account(1), "date=2026-03-06", "amount=7.00 USD");
    ADD("purchase", 42, of_account(2), "date=2026-03-06", "amount=80.00 CNY");
    /* Of the branch's account that nobody has. */
    ADD("purchase", 43, of_account(3), "date=2026-03-06", "amount=5.00 CNY");
    goal(30, "metric=revenue", "amount=1000.00 CNY", "unit=A");
    goal(31, "metric=revenue", "amount=50.00 USD", "unit=A");
    look(10, "A", false);
    EXPECT("0 branch A 20500/100000", "1 rep 11 12000/100000 share",
        "1 rep 12 8000/100000 share", "1 rep 13 0/100000 share",
        "1 rep 0 500/100000 share", "0 branch A 700/5000",
        "1 rep 11 700/5000 share", "1 rep 12 0/5000 share",
        "1 rep 13 0/5000 share");
    assert_int_equal(rows[0].currency, cc_money_currency(sp_slice_text("CNY")));
    assert_int_equal(rows[5].currency, cc_money_currency(sp_slice_text("USD")));
}

static void a_void_visit_counts_nowhere(void **state)
{
    (void)state;
    accounts();
    visit(20, of_account(1), "rep=11");
    ADD("visit", 21, of_account(1), "rep=11", "checkin=2026-03-06T08:00:00Z",
        "void:at=2026-03-06T20:00:00Z; reason=other shop");
    goal(30, "metric=visits", "value=10", "rep=11");
    look(11, "A", false);
    EXPECT("0 rep 11 1/10");
}

static void events_count_by_their_kind(void **state)
{
    (void)state;
    ADD("event", 20, "unit=A", "name=gala", "date=2026-03-02",
        "held=2026-03-02", "kind=vip");
    ADD("event", 21, "unit=A", "name=course", "date=2026-03-03",
        "held=2026-03-03", "kind=training");
    ADD("event", 22, "unit=A", "name=plan", "date=2026-03-20", "kind=vip");
    ADD("target", 30, "metric=events", "value=4", "unit=A", "from=2026-03-01",
        "until=2026-03-31", "event_kind=vip");
    ADD("target", 31, "metric=events", "value=6", "unit=A", "from=2026-03-01",
        "until=2026-03-31");
    /* Events are in the branch's catalogue, which a rep has too. */
    look(11, "A", false);
    EXPECT("0 branch A 2/6", "0 branch A 1/4");
}

static void shares_of_a_whole_are_not_summed(void **state)
{
    (void)state;
    ADD("account", 1, "name=one", "territory_id=A-1", "owner_id=11",
        "visit_cycle_days=30");
    ADD("account", 2, "name=two", "territory_id=A-1", "owner_id=11",
        "visit_cycle_days=30");
    ADD("account", 3, "name=three", "territory_id=A-2", "owner_id=12",
        "visit_cycle_days=5");
    visit(20, of_account(1), "rep=11");
    visit(21, of_account(3), "rep=12"); /* eleven days ago */
    goal(30, "metric=coverage", "value=90", "rep=11");
    goal(31, "metric=coverage", "value=80", "unit=A");
    look(10, "A", false);
    EXPECT("0 branch A 33/80", "1 rep 11 50/90", "1 rep 12 0/80 share",
        "1 rep 13 0/80 share");
}

static void a_goal_of_somebody_unknown_is_shown_and_counts_nothing(void **state)
{
    (void)state;
    visits();
    goal(30, "metric=visits", "value=10", "rep=99");
    goal(31, "metric=visits", "value=20", "unit=Z");
    look(0, "", true);
    EXPECT("0 rep 99 0/10 part", "0 branch Z 0/20 part");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(cap_109_head_office_has_the_whole_tree_summed),
        T(cap_109_a_rep_sees_his_own_and_what_is_only_a_part),
        T(cap_109_a_manager_sees_the_branch_and_each_share),
        T(amounts_of_different_currencies_have_trees_of_their_own),
        T(a_void_visit_counts_nowhere),
        T(events_count_by_their_kind),
        T(shares_of_a_whole_are_not_summed),
        T(a_goal_of_somebody_unknown_is_shown_and_counts_nothing),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
