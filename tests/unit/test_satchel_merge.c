/* Two accounts that are one, by the api: a manager's device merges them, a
 * rep's finds its way (client-core/api/merge.c, merge_case.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "branch.h"
#include "device.h"

#define ANNA 11u /* rep of A-1 */
#define MIA  10u /* manager of A */

struct world {
    char *dir;
    struct test_org *org;
    struct test_branch *branch;
    struct satchel *anna, *mia;
    struct satchel_error e;
    struct satchel_sync_report r;
    struct satchel_saved alpha, beta;
};

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static void sync_all(struct world *w)
{
    struct satchel *const all[] = { w->anna, w->mia, w->anna };

    for (size_t i = 0; i < 3; i++) {
        OK(w, satchel_sync(all[i], NULL, &w->r, &w->e));
        assert_true(w->r.complete);
        assert_int_equal(w->r.alarms, 0);
        assert_int_equal(w->r.refused, 0);
    }
}

static struct satchel *enrol(struct world *w, uint32_t user, const char *name)
{
    char *path = test_device_create(w->dir, name);
    struct satchel *s = NULL;

    OK(w, satchel_open(path, test_device_secret(), &s, &w->e));
    OK(w, satchel_enrol(s, test_branch_code(w->branch, user), name, 0, &w->e));
    OK(w, satchel_sync(s, NULL, &w->r, &w->e));
    free(path);
    return s;
}

/* Alpha and Beta, of which Anna has written a note each. */
static void add_both(struct world *w)
{
    const struct satchel_input a[] = { { "name", "Alpha", SATCHEL_SET },
        { "phone_main", "13811111111", SATCHEL_SET },
        { "tags", "north", SATCHEL_ADD } };
    const struct satchel_input b[] = { { "name", "Beta", SATCHEL_SET },
        { "phone_main", "13822222222", SATCHEL_SET },
        { "industry", "bread", SATCHEL_SET },
        { "tags", "south", SATCHEL_ADD } };

    OK(w, satchel_account_add(w->anna, a, 3, &w->alpha, &w->e));
    OK(w, satchel_account_add(w->anna, b, 4, &w->beta, &w->e));
    OK(w, satchel_note_add(w->anna, "Alpha", "of Alpha", NULL, 0, NULL, &w->e));
    OK(w, satchel_note_add(w->anna, "Beta", "of Beta", NULL, 0, NULL, &w->e));
    sync_all(w);
}

static int set_up(void **state)
{
    struct world *w = (struct world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    w->branch = test_branch_new(w->org);
    w->anna = enrol(w, ANNA, "anna");
    w->mia = enrol(w, MIA, "mia");
    add_both(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = (struct world *)*state;

    satchel_close(w->anna);
    satchel_close(w->mia);
    test_branch_free(w->branch);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

static int merge(struct world *w, struct satchel *s, const char *keep,
    const char *absorb, bool dry_run, struct satchel_merge **out)
{
    return satchel_account_merge(
        s, keep, &absorb, 1, NULL, 0, dry_run, out, &w->e);
}

/* Beta goes up into Alpha; the id of the case. */
static void merge_beta(struct world *w, char id[64])
{
    struct satchel_merge *m;

    OK(w, merge(w, w->mia, "Alpha", "Beta", false, &m));
    (void)snprintf(id, 64, "%s", m->id);
    satchel_free(m);
    sync_all(w);
}

/* Members of a set and single values, one after the other. */
static void shows(struct world *w, struct satchel *s, const char *account,
    const char *field, const char *texts)
{
    struct satchel_record *r;
    char all[256] = "";

    OK(w, satchel_account_show(s, account, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        const struct satchel_field *f = &r->field[i];
        for (size_t k = 0; strcmp(f->name, field) == 0 && k < f->value_count;
             k++) {
            (void)snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
                k == 0 ? "" : ", ", f->value[k].text);
        }
    }
    satchel_free(r);
    assert_string_equal(all, texts);
}

static size_t notes_of(struct world *w, struct satchel *s, const char *account)
{
    const struct satchel_query q = { .entity = "note", .parent = account };
    struct satchel_list *l;
    size_t count;

    OK(w, satchel_record_list(s, &q, &l, &w->e));
    count = l->count;
    satchel_free(l);
    return count;
}

static const struct satchel_merge_field *field_of(
    const struct satchel_merge *m, const char *name)
{
    for (size_t i = 0; i < m->field_count; i++) {
        if (strcmp(m->field[i].name, name) == 0) {
            return &m->field[i];
        }
    }
    fail_msg("%s is not in the list", name);
    return NULL;
}

static void a_dry_run_shows_what_would_stand_and_saves_nothing(void **state)
{
    struct world *w = (struct world *)*state;
    const struct satchel_merge_field *f;
    struct satchel_merge *m;
    struct satchel_status *before, *after;

    OK(w, satchel_status(w->mia, &before, &w->e));
    OK(w, merge(w, w->mia, "Alpha", "Beta", true, &m));
    assert_string_equal(m->kept.id, w->alpha.id);
    assert_int_equal(m->absorbed_count, 1);
    assert_string_equal(m->absorbed[0].id, w->beta.id);
    f = field_of(m, "phone_main"); /* both have one: the kept one's stands */
    assert_string_equal(f->from, w->alpha.id);
    assert_string_equal(f->after, "+8613811111111");
    assert_string_equal(f->other, "+8613822222222");
    f = field_of(m, "industry"); /* only the other has one */
    assert_string_equal(f->from, w->beta.id);
    assert_string_equal(f->after, "bread");
    assert_string_equal(field_of(m, "tags")->after, "south");
    satchel_free(m);
    OK(w, satchel_status(w->mia, &after, &w->e));
    assert_int_equal(after->commits, before->commits);
    satchel_free(before);
    satchel_free(after);
    shows(w, w->mia, "Beta", "name", "Beta");
}

static void what_was_merged_leads_to_the_one_that_is_kept(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *const both[] = { w->mia, w->anna };
    struct satchel_record *r;
    struct satchel_merges *l;
    char id[64];

    merge_beta(w, id);
    for (size_t i = 0; i < 2; i++) {
        OK(w, satchel_account_show(both[i], w->beta.id, &r, &w->e));
        assert_string_equal(r->id, w->alpha.id);
        assert_string_equal(r->absorbed_id, w->beta.id);
        assert_string_equal(r->absorbed_title, "Beta");
        satchel_free(r);
        shows(w, both[i], w->alpha.id, "phone_main", "+8613811111111");
        shows(w, both[i], w->alpha.id, "industry", "bread");
        shows(w, both[i], w->alpha.id, "tags", "north, south");
        assert_int_equal(notes_of(w, both[i], w->alpha.id), 2);
        assert_int_equal(notes_of(w, both[i], w->beta.id), 2);
        OK(w, satchel_account_merges(both[i], "Alpha", &l, &w->e));
        assert_int_equal(l->count, 1);
        assert_string_equal(l->merge[0].id, id);
        assert_int_equal(l->merge[0].undone_ms, 0);
        assert_true(l->merge[0].until_ms > l->merge[0].made_ms);
        satchel_free(l);
    }
}

static void a_manager_says_whose_value_stands(void **state)
{
    const struct satchel_input take[] = { { "phone_main", "absorb",
                                              SATCHEL_SET },
        { "industry", "keep", SATCHEL_SET } };
    const char *absorb = "Beta";
    struct world *w = (struct world *)*state;
    struct satchel_merge *m;

    OK(w, satchel_account_merge(
              w->mia, "Alpha", &absorb, 1, take, 2, false, &m, &w->e));
    assert_true(m->commit > 0);
    satchel_free(m);
    sync_all(w);
    shows(w, w->anna, "Alpha", "phone_main", "+8613822222222");
    shows(w, w->anna, "Alpha", "industry", "");
}

/* Values that people have changed since stay as they are. */
static void undone_both_are_as_they_were(void **state)
{
    const struct satchel_input since = { "source", "fair", SATCHEL_SET };
    struct world *w = (struct world *)*state;
    struct satchel_merges *l;
    char id[64];

    merge_beta(w, id);
    OK(w, satchel_account_edit(w->anna, "Alpha", &since, 1, NULL, &w->e));
    sync_all(w);
    OK(w, satchel_account_unmerge(w->mia, id, NULL, &w->e));
    sync_all(w);
    shows(w, w->anna, w->beta.id, "name", "Beta");
    shows(w, w->anna, w->beta.id, "phone_main", "+8613822222222");
    shows(w, w->anna, w->alpha.id, "industry", "");
    shows(w, w->anna, w->alpha.id, "tags", "north");
    shows(w, w->anna, w->alpha.id, "source", "fair");
    assert_int_equal(notes_of(w, w->anna, w->alpha.id), 1);
    assert_int_equal(notes_of(w, w->anna, w->beta.id), 1);
    OK(w, satchel_account_merges(w->anna, NULL, &l, &w->e));
    assert_int_equal(l->count, 1);
    assert_true(l->merge[0].undone_ms > 0);
    satchel_free(l);
    assert_int_equal(
        satchel_account_unmerge(w->mia, id, NULL, &w->e), SATCHEL_E_EXISTS);
}

static void what_cannot_be_merged_is_refused_and_nothing_is_saved(void **state)
{
    const struct satchel_input whose = { "phone_main", "Gamma", SATCHEL_SET },
                               what = { "points", "absorb", SATCHEL_SET };
    const char *beta = "Beta";
    struct world *w = (struct world *)*state;
    struct satchel_merge *m = NULL;
    char id[64];

    /* A rep may not. */
    assert_int_not_equal(merge(w, w->anna, "Alpha", "Beta", false, &m), 0);
    assert_int_equal(
        merge(w, w->mia, "Alpha", w->alpha.id, false, &m), SATCHEL_E_ARGUMENT);
    assert_int_equal(
        merge(w, w->mia, "Alpha", "Gamma", false, &m), SATCHEL_E_NOT_FOUND);
    assert_int_equal(satchel_account_merge(
                         w->mia, "Alpha", &beta, 0, NULL, 0, false, &m, &w->e),
        SATCHEL_E_ARGUMENT);
    assert_int_equal(satchel_account_merge(
                         w->mia, "Alpha", &beta, 1, &whose, 1, true, &m, &w->e),
        SATCHEL_E_NOT_FOUND);
    assert_int_equal(satchel_account_merge(
                         w->mia, "Alpha", &beta, 1, &what, 1, true, &m, &w->e),
        SATCHEL_E_UNKNOWN_FIELD);
    assert_null(m);
    shows(w, w->mia, "Beta", "name", "Beta");
    merge_beta(w, id);
    assert_int_equal(merge(w, w->mia, "Alpha", w->beta.id, false, &m),
        SATCHEL_E_ARGUMENT); /* one already */
    assert_int_not_equal(
        satchel_account_unmerge(w->mia, w->alpha.id, NULL, &w->e), 0);
}

/* ---- a merge of a merge -------------------------------------------------- */

/* Gamma, with a note, a tag and a telephone of its own. */
static void add_gamma(struct world *w, struct satchel_saved *out)
{
    const struct satchel_input in[] = { { "name", "Gamma", SATCHEL_SET },
        { "phone_main", "13833333333", SATCHEL_SET },
        { "source", "fair", SATCHEL_SET }, { "tags", "west", SATCHEL_ADD } };

    OK(w, satchel_account_add(w->anna, in, 4, out, &w->e));
    OK(w, satchel_note_add(w->anna, "Gamma", "of Gamma", NULL, 0, NULL, &w->e));
    sync_all(w);
}

static void goes_into(
    struct world *w, const char *absorb, const char *keep, char id[64])
{
    struct satchel_merge *m;

    OK(w, merge(w, w->mia, keep, absorb, false, &m));
    (void)snprintf(id, 64, "%s", m->id);
    satchel_free(m);
}

static void leads_to(struct world *w, const char *from, const char *to)
{
    struct satchel *const both[] = { w->mia, w->anna };

    for (size_t i = 0; i < 2; i++) {
        struct satchel_record *r;
        OK(w, satchel_account_show(both[i], from, &r, &w->e));
        assert_string_equal(r->id, to);
        assert_false(r->conflict);
        satchel_free(r);
    }
}

/* Everything that the three say stands where it was before any merge. */
static void all_are_whole(struct world *w, const struct satchel_saved *gamma)
{
    const char *const id[] = { w->alpha.id, w->beta.id, gamma->id };
    static const char *const phone[] = { "+8613811111111", "+8613822222222",
        "+8613833333333" };
    static const char *const tag[] = { "north", "south", "west" };
    static const char *const industry[] = { "", "bread", "" };
    static const char *const source[] = { "", "", "fair" };
    struct satchel *const both[] = { w->mia, w->anna };

    for (size_t i = 0; i < 3; i++) {
        leads_to(w, id[i], id[i]);
        for (size_t k = 0; k < 2; k++) {
            shows(w, both[k], id[i], "phone_main", phone[i]);
            shows(w, both[k], id[i], "tags", tag[i]);
            shows(w, both[k], id[i], "industry", industry[i]);
            shows(w, both[k], id[i], "source", source[i]);
            assert_int_equal(notes_of(w, both[k], id[i]), 1);
        }
    }
}

/* Gamma goes into Beta, and Beta, with what it has of Gamma, into Alpha. */
static void merge_in_a_chain(struct world *w, struct satchel_saved *gamma,
    char first[64], char second[64])
{
    add_gamma(w, gamma);
    goes_into(w, "Gamma", "Beta", first);
    goes_into(w, "Beta", "Alpha", second);
    sync_all(w);
}

static void a_merge_of_a_merge_leads_to_the_last_one(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *const both[] = { w->mia, w->anna };
    struct satchel_saved gamma;
    struct satchel_merge *m = NULL;
    char first[64], second[64];

    merge_in_a_chain(w, &gamma, first, second);
    leads_to(w, gamma.id, w->alpha.id);
    leads_to(w, w->beta.id, w->alpha.id);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(notes_of(w, both[i], gamma.id), 3);
        shows(w, both[i], gamma.id, "tags", "west, north, south");
        shows(w, both[i], gamma.id, "source", "fair");
        shows(w, both[i], gamma.id, "industry", "bread");
    }
    /* All names lead to one: there is nothing left to merge. */
    assert_int_equal(
        merge(w, w->mia, w->beta.id, gamma.id, false, &m), SATCHEL_E_ARGUMENT);
    assert_int_equal(
        merge(w, w->mia, gamma.id, w->alpha.id, false, &m), SATCHEL_E_ARGUMENT);
}

static void undone_from_the_last_all_are_as_they_were(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_saved gamma;
    char first[64], second[64];

    merge_in_a_chain(w, &gamma, first, second);
    OK(w, satchel_account_unmerge(w->mia, second, NULL, &w->e));
    sync_all(w);
    leads_to(w, gamma.id, w->beta.id);
    leads_to(w, w->alpha.id, w->alpha.id);
    shows(w, w->anna, w->beta.id, "tags", "west, south");
    shows(w, w->anna, w->alpha.id, "tags", "north");
    shows(w, w->anna, w->alpha.id, "source", "");
    assert_int_equal(notes_of(w, w->anna, w->beta.id), 2);
    OK(w, satchel_account_unmerge(w->mia, first, NULL, &w->e));
    sync_all(w);
    all_are_whole(w, &gamma);
}

/* What came to Alpha by way of Beta goes back with Gamma. */
static void undone_from_the_first_all_are_as_they_were(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel_saved gamma;
    char first[64], second[64];

    merge_in_a_chain(w, &gamma, first, second);
    OK(w, satchel_account_unmerge(w->mia, first, NULL, &w->e));
    sync_all(w);
    leads_to(w, gamma.id, gamma.id);
    leads_to(w, w->beta.id, w->alpha.id);
    shows(w, w->anna, gamma.id, "source", "fair");
    shows(w, w->anna, w->alpha.id, "source", "");
    shows(w, w->anna, w->alpha.id, "tags", "north, south");
    shows(w, w->anna, w->alpha.id, "industry", "bread");
    assert_int_equal(notes_of(w, w->anna, w->alpha.id), 2);
    OK(w, satchel_account_unmerge(w->mia, second, NULL, &w->e));
    sync_all(w);
    all_are_whole(w, &gamma);
}

/* Delta into Gamma, Beta into Alpha, then both that were kept into one. */
static void two_that_were_kept_become_one(void **state)
{
    const struct satchel_input in[] = { { "name", "Delta", SATCHEL_SET },
        { "tags", "east", SATCHEL_ADD } };
    struct world *w = (struct world *)*state;
    struct satchel_saved gamma, delta;
    char id[3][64];

    add_gamma(w, &gamma);
    OK(w, satchel_account_add(w->anna, in, 2, &delta, &w->e));
    sync_all(w);
    goes_into(w, "Delta", "Gamma", id[0]);
    goes_into(w, "Beta", "Alpha", id[1]);
    sync_all(w);
    goes_into(w, "Gamma", "Alpha", id[2]);
    sync_all(w);
    leads_to(w, delta.id, w->alpha.id);
    leads_to(w, w->beta.id, w->alpha.id);
    shows(w, w->anna, delta.id, "tags", "east, west, north, south");
    assert_int_equal(notes_of(w, w->anna, w->alpha.id), 3);
    /* The middle one first, then the last, then the first. */
    OK(w, satchel_account_unmerge(w->mia, id[1], NULL, &w->e));
    OK(w, satchel_account_unmerge(w->mia, id[2], NULL, &w->e));
    sync_all(w);
    leads_to(w, delta.id, gamma.id);
    OK(w, satchel_account_unmerge(w->mia, id[0], NULL, &w->e));
    sync_all(w);
    all_are_whole(w, &gamma);
    shows(w, w->anna, delta.id, "tags", "east");
}

/* Anna is away through both merges and changes what went up. Whichever is
 * undone first, in the end it is Gamma's again. */
static void away_through_both(struct world *w, bool first_first)
{
    const struct satchel_input phone = { "phone_main", "13844444444",
        SATCHEL_SET };
    struct satchel_saved gamma;
    char id[2][64];

    add_gamma(w, &gamma);
    goes_into(w, "Gamma", "Beta", id[0]);
    goes_into(w, "Beta", "Alpha", id[1]);
    OK(w, satchel_sync(w->mia, NULL, &w->r, &w->e));
    OK(w, satchel_account_edit(w->anna, "Gamma", &phone, 1, NULL, &w->e));
    OK(w, satchel_note_add(w->anna, "Gamma", "away", NULL, 0, NULL, &w->e));
    sync_all(w);
    shows(
        w, w->mia, w->alpha.id, "phone_main", "+8613844444444, +8613811111111");
    assert_int_equal(notes_of(w, w->mia, w->alpha.id), 4);
    OK(w, satchel_account_unmerge(w->mia, id[!first_first], NULL, &w->e));
    sync_all(w);
    OK(w, satchel_account_unmerge(w->mia, id[first_first], NULL, &w->e));
    sync_all(w);
    shows(w, w->anna, gamma.id, "phone_main", "+8613844444444");
    shows(w, w->anna, w->alpha.id, "phone_main", "+8613811111111");
    shows(w, w->anna, w->beta.id, "phone_main", "+8613822222222");
    assert_int_equal(notes_of(w, w->anna, gamma.id), 2);
    leads_to(w, w->beta.id, w->beta.id);
    leads_to(w, w->alpha.id, w->alpha.id);
}

static void who_was_away_through_both_loses_nothing(void **state)
{
    away_through_both((struct world *)*state, true);
}

static void nor_when_the_last_is_undone_first(void **state)
{
    away_through_both((struct world *)*state, false);
}

/* Two managers' devices that do not know of each other merge both ways: of a
 * circle the first link stands, the other comes back to its author. */
static void two_devices_that_merge_in_a_circle_keep_one(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *other = enrol(w, MIA, "mia's other");
    struct satchel_rejects *tray;
    struct satchel_merge *m;
    char id[64];

    goes_into(w, "Beta", "Alpha", id);
    OK(w, merge(w, other, "Beta", "Alpha", false, &m));
    satchel_free(m);
    sync_all(w);
    OK(w, satchel_sync(other, NULL, &w->r, &w->e));
    assert_int_equal(w->r.refused, 1);
    OK(w, satchel_rejected_list(other, false, &tray, &w->e));
    assert_int_equal(tray->count, 1);
    assert_int_equal(tray->rejected[0].code, SP_E_CYCLE);
    satchel_free(tray);
    sync_all(w);
    leads_to(w, w->beta.id, w->alpha.id);
    assert_int_equal(notes_of(w, other, w->beta.id), 2);
    satchel_close(other);
}

/* Two devices undo one merge: what the second says stands already. */
static void undone_on_two_devices_it_is_undone_once(void **state)
{
    struct world *w = (struct world *)*state;
    struct satchel *other = enrol(w, MIA, "mia's other");
    char id[64];

    merge_beta(w, id);
    OK(w, satchel_sync(other, NULL, &w->r, &w->e));
    OK(w, satchel_account_unmerge(w->mia, id, NULL, &w->e));
    OK(w, satchel_account_unmerge(other, id, NULL, &w->e));
    sync_all(w);
    OK(w, satchel_sync(other, NULL, &w->r, &w->e));
    assert_int_equal(w->r.alarms, 0);
    sync_all(w);
    leads_to(w, w->beta.id, w->beta.id);
    shows(w, other, w->alpha.id, "industry", "");
    shows(w, other, w->alpha.id, "tags", "north");
    shows(w, other, w->beta.id, "tags", "south");
    satchel_close(other);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_dry_run_shows_what_would_stand_and_saves_nothing),
        CASE(what_was_merged_leads_to_the_one_that_is_kept),
        CASE(a_manager_says_whose_value_stands),
        CASE(undone_both_are_as_they_were),
        CASE(what_cannot_be_merged_is_refused_and_nothing_is_saved),
        CASE(a_merge_of_a_merge_leads_to_the_last_one),
        CASE(undone_from_the_last_all_are_as_they_were),
        CASE(undone_from_the_first_all_are_as_they_were),
        CASE(two_that_were_kept_become_one),
        CASE(who_was_away_through_both_loses_nothing),
        CASE(nor_when_the_last_is_undone_first),
        CASE(two_devices_that_merge_in_a_circle_keep_one),
        CASE(undone_on_two_devices_it_is_undone_once),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
