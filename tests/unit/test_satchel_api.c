/* test_satchel_api.c - what a person does on a device without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

#define ANNA 111u /* rep of A-1 */

static int set_up(void **state)
{
    struct test_world *w = (struct test_world *)calloc(1, sizeof(*w));

    w->dir = test_device_dir();
    w->org = test_org_new(1);
    /* Nobody listens on port 1. */
    w->org->unit[TEST_ORG_A].roster.address = sp_slice_text("127.0.0.1:1");
    (void)test_org_publish(w->org, TEST_ORG_A);
    w->s = test_device_open(w->dir, "anna", w->org, ANNA);
    *state = w;
    return 0;
}

#define OK(w, call)                                                            \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

static struct satchel_saved add_account(
    struct test_world *w, const char *name, const char *phone)
{
    const struct satchel_input in[] = { { "name", name, SATCHEL_SET },
        { "phone_main", phone, SATCHEL_SET } };
    struct satchel_saved saved;

    OK(w, satchel_account_add(w->s, in, 2, &saved, &w->e));
    return saved;
}

static const struct satchel_field *field(
    const struct satchel_record *r, const char *name)
{
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, name) == 0) {
            return &r->field[i];
        }
    }
    return NULL;
}

static const char *text(const struct satchel_record *r, const char *name)
{
    const struct satchel_field *f = field(r, name);

    return f == NULL || f->value_count == 0 ? "" : f->value[0].text;
}

/* ---- saving and seeing ------------------------------------------------- */

static void account_made_offline_is_shown_as_typed(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved =
        add_account(w, "Laughing Bacchus", "13800138000");
    const struct satchel_field *f;
    struct satchel_record *r;

    OK(w, satchel_account_show(w->s, saved.id, &r, &w->e));
    assert_string_equal(r->title, "Laughing Bacchus");
    assert_string_equal(text(r, "phone_main"), "+8613800138000");
    assert_string_equal(text(r, "territory_id"), "A-1");
    assert_int_equal(r->waiting, 1);
    f = field(r, "name");
    assert_non_null(f);
    assert_true(f->value[0].mine);
    assert_true(f->value[0].waiting);
    assert_int_equal(f->value[0].user, 11);
    assert_int_equal(f->value[0].device, ANNA);
    assert_true(strlen(f->value[0].author) > 0);
    satchel_free(r);
}

static void edits_survive_closing_and_opening(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved = add_account(w, "Alpha", "");
    const struct satchel_input in[] = { { "name", "Beta", SATCHEL_SET },
        { "address.city", "Xi'an", SATCHEL_SET },
        { "address.street", "1 Long Road", SATCHEL_SET },
        { "tags", "vip", SATCHEL_ADD }, { "tags", "new", SATCHEL_ADD } };
    const struct satchel_input part[] = { { "address.city", "西安",
        SATCHEL_SET } };
    struct satchel_record *r;
    char path[512];

    OK(w, satchel_account_edit(w->s, saved.id, in, 5, NULL, &w->e));
    OK(w, satchel_account_edit(w->s, "Beta", part, 1, NULL, &w->e));
    satchel_close(w->s);
    (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
    OK(w, satchel_open(path, test_device_secret(), &w->s, &w->e));
    OK(w, satchel_account_show(w->s, "beta", &r, &w->e));
    assert_string_equal(r->id, saved.id);
    assert_int_equal(r->waiting, 3);
    assert_non_null(strstr(text(r, "address"), "西安"));
    assert_non_null(strstr(text(r, "address"), "1 Long Road"));
    assert_non_null(field(r, "tags"));
    assert_true(field(r, "tags")->set);
    assert_int_equal(field(r, "tags")->value_count, 2);
    satchel_free(r);
}

static void members_of_a_set_are_added_removed_and_replaced(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved = add_account(w, "Alpha", "");
    const struct satchel_input add[] = { { "tags", "a", SATCHEL_ADD },
        { "tags", "b", SATCHEL_ADD }, { "tags", "c", SATCHEL_ADD } };
    const struct satchel_input drop[] = { { "tags", "b", SATCHEL_REMOVE } };
    const struct satchel_input set[] = { { "tags", "x", SATCHEL_SET },
        { "tags", "c", SATCHEL_SET } };
    const struct satchel_input none[] = { { "tags", "", SATCHEL_REMOVE } };
    struct satchel_record *r;

    OK(w, satchel_account_edit(w->s, saved.id, add, 3, NULL, &w->e));
    OK(w, satchel_account_edit(w->s, saved.id, drop, 1, NULL, &w->e));
    OK(w, satchel_account_show(w->s, saved.id, &r, &w->e));
    assert_int_equal(field(r, "tags")->value_count, 2);
    satchel_free(r);
    OK(w, satchel_account_edit(w->s, saved.id, set, 2, NULL, &w->e));
    OK(w, satchel_account_show(w->s, saved.id, &r, &w->e));
    assert_int_equal(field(r, "tags")->value_count, 2);
    assert_string_equal(field(r, "tags")->value[0].text, "c");
    assert_string_equal(field(r, "tags")->value[1].text, "x");
    satchel_free(r);
    OK(w, satchel_account_edit(w->s, saved.id, none, 1, NULL, &w->e));
    OK(w, satchel_account_show(w->s, saved.id, &r, &w->e));
    assert_null(field(r, "tags"));
    satchel_free(r);
}

static void refused_text_names_field_and_value_and_saves_nothing(void **state)
{
    static const struct {
        const char *name, *field, *text, *says;
        int code;
    } cases[] = {
        { "unknown field", "nmae", "x", "no field \"nmae\"",
            SATCHEL_E_UNKNOWN_FIELD },
        { "unknown option", "kind", "emperor", "customer", SATCHEL_E_VALUE },
        { "name too long", "name",
            "12345678901234567890123456789012345678901234567890123456789012345"
            "6789012345678901",
            "account.name", SATCHEL_E_VALUE },
        { "required field cleared", "name", "", "account.name",
            SATCHEL_E_REQUIRED },
        { "number out of range", "visit_cycle_days", "0", "visit_cycle_days",
            SATCHEL_E_VALUE },
        { "unknown part", "address.planet", "Mars", "planet",
            SATCHEL_E_UNKNOWN_FIELD },
        { "not in his grant", "visit_cycle_days", "7", "visit_cycle_days", 65 },
    };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved saved = add_account(w, "Alpha", "");
    struct satchel_status *before, *after;

    OK(w, satchel_status(w->s, &before, &w->e));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct satchel_input in = { cases[i].field, cases[i].text,
            SATCHEL_SET };
        int rc = satchel_account_edit(w->s, saved.id, &in, 1, NULL, &w->e);
        if (rc != cases[i].code || strstr(w->e.detail, cases[i].says) == NULL) {
            fail_msg(
                "%s: %d %s: %s", cases[i].name, rc, w->e.name, w->e.detail);
        }
    }
    OK(w, satchel_status(w->s, &after, &w->e));
    assert_int_equal(before->commits, after->commits);
    satchel_free(before);
    satchel_free(after);
}

/* ---- finding ----------------------------------------------------------- */

static void references_are_ids_numbers_titles_and_beginnings(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved a = add_account(w, "Blue Lake Tea", "");
    struct satchel_saved b = add_account(w, "Blue Lake", "");
    struct satchel_saved c = add_account(w, "红海商行", "");
    const struct {
        const char *reference;
        const char *id; /* NULL: not one */
        int code;
    } cases[] = { { a.id, a.id, 0 }, { "blue lake tea", a.id, 0 },
        { "BLUE LAKE", b.id, 0 }, { "Ｂｌｕｅ　Ｌａｋｅ", b.id, 0 },
        { "红海", c.id, 0 }, { "blue lake t", a.id, 0 },
        { "blue", NULL, SATCHEL_E_AMBIGUOUS },
        { "lake", NULL, SATCHEL_E_NOT_FOUND },
        { "", NULL, SATCHEL_E_ARGUMENT } };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct satchel_record *r = NULL;
        int rc = satchel_account_show(w->s, cases[i].reference, &r, &w->e);
        if (rc != cases[i].code ||
            (rc == 0 && strcmp(r->id, cases[i].id) != 0)) {
            fail_msg("\"%s\": %d %s", cases[i].reference, rc, w->e.detail);
        }
        satchel_free(r);
    }
    assert_int_equal(
        satchel_account_show(w->s, "blue", NULL, &w->e), SATCHEL_E_AMBIGUOUS);
    assert_non_null(strstr(w->e.detail, a.id));
    assert_non_null(strstr(w->e.detail, b.id));
}

static void search_finds_parts_of_names_and_phones(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } cases[] = { { "lake", 2 }, { "LAKE t", 1 }, { "商行", 1 },
        { "138 0013", 1 }, { "1234567", 0 }, { "", 3 } };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_list *l;

    (void)add_account(w, "Blue Lake Tea", "");
    (void)add_account(w, "Blue Lake", "");
    (void)add_account(w, "红海商行", "13800138000");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        OK(w, satchel_account_search(w->s, cases[i].text, 0, &l, &w->e));
        if (l->count != cases[i].count) {
            fail_msg("\"%s\": %zu", cases[i].text, l->count);
        }
        satchel_free(l);
    }
}

static void list_is_in_order_of_names_and_in_pages(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_query q = { .limit = 2, .skip = 1 };
    struct satchel_list *l;

    (void)add_account(w, "delta", "");
    (void)add_account(w, "Bravo", "");
    (void)add_account(w, "alpha", "");
    (void)add_account(w, "Charlie", "");
    OK(w, satchel_account_list(w->s, &q, &l, &w->e));
    assert_int_equal(l->total, 4);
    assert_int_equal(l->count, 2);
    assert_string_equal(l->record[0].title, "Bravo");
    assert_string_equal(l->record[1].title, "Charlie");
    satchel_free(l);
    q = (struct satchel_query){ .territory = "A-2" };
    OK(w, satchel_account_list(w->s, &q, &l, &w->e));
    assert_int_equal(l->count, 0);
    satchel_free(l);
}

/* ---- visits, contacts, notes, brief ------------------------------------ */

static void visit_begins_ends_and_is_in_the_brief(void **state)
{
    const struct satchel_input outcome[] = { { "outcome", "promise",
                                                 SATCHEL_SET },
        { "next_step", "bring samples", SATCHEL_SET },
        { "next_date", "2027-01-02", SATCHEL_SET } };
    const struct satchel_input contact[] = { { "name", "李梅", SATCHEL_SET },
        { "phones", "13900139000; shop", SATCHEL_ADD } };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved started, ended;
    struct satchel_brief *brief;
    struct satchel_record *r;
    struct satchel_list *l;
    bool promise = false, last = false, who = false, note = false;

    (void)add_account(w, "Alpha", "13800138000");
    assert_int_equal(satchel_visit_end(w->s, NULL, NULL, 0, NULL, &w->e),
        SATCHEL_E_NOT_FOUND);
    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, &started, &w->e));
    OK(w, satchel_note_add(w->s, "alpha", "Owner away.\nBack on Monday.", NULL,
              0, NULL, &w->e));
    OK(w, satchel_contact_add(w->s, "alpha", contact, 2, NULL, &w->e));
    OK(w, satchel_visit_end(w->s, NULL, outcome, 3, &ended, &w->e));
    assert_string_equal(started.id, ended.id);
    OK(w, satchel_visit_show(w->s, started.id, &r, &w->e));
    assert_string_equal(text(r, "type"), "sales");
    assert_string_equal(r->parent_title, "Alpha");
    assert_true(text(r, "checkin")[0] != '\0');
    assert_true(text(r, "checkout")[0] != '\0');
    satchel_free(r);
    OK(w, satchel_visit_list(w->s, "alpha", 0, &l, &w->e));
    assert_int_equal(l->count, 1);
    satchel_free(l);
    OK(w, satchel_brief(w->s, "alpha", &brief, &w->e));
    assert_in_range(brief->count, 4, SATCHEL_BRIEF_LINES_MAX);
    for (size_t i = 0; i < brief->count; i++) {
        const struct satchel_fact *f = &brief->fact[i];
        promise = promise || (strcmp(f->kind, "promise") == 0 &&
                                 strstr(f->text_en, "bring samples") != NULL);
        last = last || strcmp(f->kind, "last_visit") == 0;
        who = who || (strcmp(f->kind, "contact") == 0 &&
                         strstr(f->text_zh, "李梅") != NULL);
        note = note || (strcmp(f->kind, "note") == 0 &&
                           strncmp(f->text_en, "Owner away.", 11) == 0);
    }
    assert_true(promise && last && who && note);
    satchel_free(brief);
}

static void newest_visit_comes_first(void **state)
{
    const struct satchel_input outcome[] = { { "outcome", "order",
        SATCHEL_SET } };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_saved first, second;
    struct satchel_list *l;

    (void)add_account(w, "Alpha", "");
    (void)add_account(w, "Beta", "");
    OK(w, satchel_visit_start(w->s, "alpha", NULL, 0, &first, &w->e));
    (void)poll(NULL, 0, 2); /* ids are ordered by the millisecond */
    OK(w, satchel_visit_start(w->s, "beta", NULL, 0, &second, &w->e));
    OK(w, satchel_visit_list(w->s, NULL, 0, &l, &w->e));
    assert_int_equal(l->count, 2);
    assert_string_equal(l->record[0].id, second.id);
    assert_string_equal(l->record[0].parent_title, "Beta");
    satchel_free(l);
    OK(w, satchel_visit_list(w->s, NULL, 1, &l, &w->e));
    assert_int_equal(l->count, 1);
    satchel_free(l);
    assert_int_equal(satchel_visit_end(w->s, NULL, NULL, 0, NULL, &w->e),
        SATCHEL_E_REQUIRED);
    OK(w, satchel_visit_end(w->s, NULL, outcome, 1, &first, &w->e));
    assert_string_equal(first.id, second.id);
}

/* ---- stores ------------------------------------------------------------ */

static void a_store_is_made_whole_and_once(void **state)
{
    static const struct satchel_create_options cheap = { 1, 8 };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_store_state look;
    char path[512];
    struct stat st;

    (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
    assert_int_equal(satchel_create(path, test_device_secret(), &cheap, &w->e),
        SATCHEL_E_EXISTS);
    (void)snprintf(path, sizeof(path), "%s/empty", w->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    OK(w, satchel_look(path, &look, &w->e));
    assert_false(look.exists);
    OK(w, satchel_create(path, test_device_secret(), &cheap, &w->e));
    OK(w, satchel_look(path, &look, &w->e));
    assert_true(look.exists);
    assert_false(look.unlocked);
    (void)snprintf(path, sizeof(path), "%s/no/such/parent", w->dir);
    assert_int_equal(satchel_create(path, test_device_secret(), &cheap, &w->e),
        SATCHEL_E_IO);
    (void)snprintf(path, sizeof(path), "%s/empty.new", w->dir);
    assert_int_not_equal(stat(path, &st), 0);
}

static void wrong_passphrase_opens_nothing(void **state)
{
    const struct satchel_secret wrong = { "wrong horse", NULL, NULL };
    struct test_world *w = (struct test_world *)*state;
    struct satchel *s = NULL;
    char path[512];

    satchel_close(w->s);
    w->s = NULL;
    (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
    assert_int_equal(satchel_open(path, &wrong, &s, &w->e), SATCHEL_E_SECRET);
    assert_null(s);
    assert_int_equal(satchel_open(path, NULL, &s, &w->e), SATCHEL_E_LOCKED);
    OK(w, satchel_open(path, test_device_secret(), &w->s, &w->e));
}

static void a_store_that_is_not_enrolled_says_so(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    char *path = test_device_create(w->dir, "new");
    const struct satchel_input in = { "name", "x", SATCHEL_SET };
    struct satchel_status *status;
    struct satchel *s = NULL;

    OK(w, satchel_open(path, test_device_secret(), &s, &w->e));
    OK(w, satchel_status(s, &status, &w->e));
    assert_false(status->enrolled);
    satchel_free(status);
    assert_int_not_equal(satchel_account_add(s, &in, 1, NULL, &w->e), 0);
    assert_non_null(strstr(w->e.detail, "enrol"));
    assert_int_not_equal(satchel_sync(s, NULL, NULL, &w->e), 0);
    assert_non_null(strstr(w->e.detail, "enrol"));
    assert_int_equal(
        satchel_enrol(s, "SATCHEL1:NONSENSE", "x", 0, &w->e), SATCHEL_E_CODE);
    satchel_close(s);
    free(path);
}

static void two_processes_share_one_store(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_list *l;
    char path[512];
    int status = 0;
    pid_t pid;

    (void)add_account(w, "Alpha", "");
    (void)snprintf(path, sizeof(path), "%s/anna", w->dir);
    satchel_close(w->s); /* no store may be open over a fork */
    w->s = NULL;
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        const struct satchel_input in = { "name", "Beta", SATCHEL_SET };
        struct satchel *s = NULL;
        int rc = satchel_open(path, test_device_secret(), &s, NULL);
        for (int i = 0; i < 20 && rc == 0; i++) {
            rc = satchel_account_add(s, &in, 1, NULL, NULL);
        }
        satchel_close(s);
        _exit(rc == 0 ? 0 : 1);
    }
    OK(w, satchel_open(path, test_device_secret(), &w->s, &w->e));
    for (int i = 0; i < 20; i++) {
        (void)add_account(w, "Gamma", "");
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    OK(w, satchel_account_list(w->s, NULL, &l, &w->e));
    assert_int_equal(l->count, 41);
    satchel_free(l);
}

static void offline_sync_says_which_server_and_keeps_everything(void **state)
{
    const struct satchel_sync_options options = { .deadline_ms = 300 };
    struct test_world *w = (struct test_world *)*state;
    struct satchel_sync_report report;

    (void)add_account(w, "Alpha", "");
    assert_int_equal(
        satchel_sync(w->s, &options, &report, &w->e), SATCHEL_E_OFFLINE);
    assert_non_null(strstr(w->e.detail, "127.0.0.1:1"));
    assert_false(report.complete);
    assert_int_equal(report.pending, 1);
    assert_true(report.tries >= 1);
}

/* More records than one commit holds, so several commits. */
static void many_records_are_changed_all_or_none(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    enum { MANY = 70 };
    const struct satchel_input vip = { "tags", "vip", SATCHEL_ADD };
    const struct satchel_input owner = { "owner_id", "me", SATCHEL_SET };
    const char *reference[MANY + 1];
    static char id[MANY][SATCHEL_ID_BYTES];
    struct satchel_many *m;
    struct satchel_record *r;

    for (int i = 0; i < MANY; i++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "Shop %02d", i);
        memcpy(id[i], add_account(w, name, "").id, sizeof(id[i]));
        reference[i] = id[i];
    }
    reference[MANY] = "Shop 00"; /* named twice */
    OK(w, satchel_account_edit(w->s, id[3], &vip, 1, NULL, &w->e));

    OK(w, satchel_record_edit_many(
              w->s, "account", reference, MANY + 1, &vip, 1, true, &m, &w->e));
    assert_int_equal(m->count, MANY);
    assert_int_equal(m->changed, MANY - 1);
    assert_false(m->record[3].changed);
    assert_string_equal(m->record[69].title, "Shop 69");
    satchel_free(m);
    OK(w, satchel_account_show(w->s, id[69], &r, &w->e));
    assert_null(field(r, "tags"));
    satchel_free(r);

    OK(w, satchel_record_edit_many(
              w->s, "account", reference, MANY, &vip, 1, false, NULL, &w->e));
    OK(w, satchel_account_show(w->s, id[69], &r, &w->e));
    assert_string_equal(text(r, "tags"), "vip");
    satchel_free(r);

    /* A rep may not say who has an account: the first one is named. */
    assert_int_not_equal(satchel_record_edit_many(w->s, "account", reference,
                             MANY, &owner, 1, false, NULL, &w->e),
        0);
    assert_int_equal(w->e.class_, SATCHEL_CLASS_POLICY);
    assert_non_null(strstr(w->e.detail, "Shop 00"));
    reference[5] = "no such shop";
    assert_int_equal(satchel_record_edit_many(w->s, "account", reference, MANY,
                         &vip, 1, false, NULL, &w->e),
        SATCHEL_E_NOT_FOUND);
}

static void dictionary_tells_fields_parts_and_options(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    struct satchel_dictionary *d;
    bool city = false, kind = false;

    OK(w, satchel_dictionary(w->s, &d, &w->e));
    assert_true(d->count > 5);
    assert_string_equal(d->entity[0].name, "account");
    for (size_t i = 0; i < d->entity[0].field_count; i++) {
        const struct satchel_field_info *f = &d->entity[0].field[i];
        city = city || strcmp(f->name, "address.city") == 0;
        kind = kind || (strcmp(f->name, "kind") == 0 && f->option_count == 5);
    }
    assert_true(city && kind);
    assert_string_equal(d->entity[2].parent, "account");
    satchel_free(d);
}

static void a_detail_speaks_the_language_of_the_thread(void **state)
{
    struct test_world *w = (struct test_world *)*state;
    const struct satchel_input name[] = { { "name", "Alpha", SATCHEL_SET },
        { "colour", "red", SATCHEL_SET } };

    struct satchel_record *r;

    satchel_speak(SATCHEL_ZH);
    assert_int_equal(
        satchel_account_show(w->s, "nobody", &r, &w->e), SATCHEL_E_NOT_FOUND);
    assert_string_equal(w->e.name, "SP_E_NOT_FOUND");
    assert_non_null(strstr(w->e.detail, "本设备上没有"));
    assert_int_equal(satchel_account_add(w->s, name, 2, NULL, &w->e),
        SATCHEL_E_UNKNOWN_FIELD);
    assert_non_null(strstr(w->e.detail, "没有字段“colour”"));
    satchel_speak(SATCHEL_EN);
    assert_int_equal(satchel_account_add(w->s, name, 2, NULL, &w->e),
        SATCHEL_E_UNKNOWN_FIELD);
    assert_non_null(strstr(w->e.detail, "has no field \"colour\""));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, test_world_end)
    const struct CMUnitTest tests[] = {
        CASE(account_made_offline_is_shown_as_typed),
        CASE(edits_survive_closing_and_opening),
        CASE(members_of_a_set_are_added_removed_and_replaced),
        CASE(refused_text_names_field_and_value_and_saves_nothing),
        CASE(references_are_ids_numbers_titles_and_beginnings),
        CASE(search_finds_parts_of_names_and_phones),
        CASE(list_is_in_order_of_names_and_in_pages),
        CASE(visit_begins_ends_and_is_in_the_brief),
        CASE(newest_visit_comes_first),
        CASE(a_store_is_made_whole_and_once),
        CASE(wrong_passphrase_opens_nothing),
        CASE(a_store_that_is_not_enrolled_says_so),
        CASE(two_processes_share_one_store),
        CASE(offline_sync_says_which_server_and_keeps_everything),
        CASE(many_records_are_changed_all_or_none),
        CASE(dictionary_tells_fields_parts_and_options),
        CASE(a_detail_speaks_the_language_of_the_thread),
    };

    if (sp_crypto_init() != SP_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
