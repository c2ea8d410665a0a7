/*
 * do_handover.c - a person leaves: every account of his goes to a successor,
 * his territories too, and his devices are refused from then on.
 *
 * One transaction: all of it or nothing, also when whoever asked is gone in
 * the middle. A second run places what came in meanwhile (a branch brings it
 * with its next exchange), and is harmless when there is nothing.
 *
 * His book is what he owns, and all accounts of his territories. What his
 * devices have not sent yet comes in for review (SYNC X8).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/assign.h"
#include "ctl/brief.h"
#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/log.h"
#include "ops/say.h"

#define SUCCESSORS_MAX 16u

struct successor {
    const struct sp_person *person;
    uint32_t code_count; /* 0: takes in turn what is left */
    struct sp_slice *code;
    uint32_t accounts;
};

/* One line of the list: this account goes to him. */
struct listed {
    struct sp_slice account; /* id or number */
    const struct sp_person *person;
    uint32_t line;
    bool used;
};

struct handover {
    struct sv_call *call;
    struct sv_assign assign;
    const struct sp_person *leaver;
    uint32_t count;
    struct successor successor[SUCCESSORS_MAX];
    uint32_t turn; /* whose it is */
    uint32_t listed_count;
    struct listed *listed;
    uint32_t unplaced;
    uint64_t briefs; /* records that successors get */
    bool dry_run, done;
    uint32_t user; /* who did it, for the log */
};

/* ---- who takes over ---------------------------------------------------- */

static sp_err refuse(
    struct handover *h, sp_err err, const char *what, struct sp_slice word)
{
    return sv_call_refuse(h->call, err, "%.*s: %s; nothing was changed",
        (int)(word.size > 60 ? 60 : word.size), (const char *)word.data,
        sv_say(what));
}

static sp_err find_successor(
    struct handover *h, struct sp_slice login, const struct sp_person **out)
{
    char text[SP_ROSTER_CODE_MAX + 1];
    const struct sp_slice his_own = { NULL, 0 };
    snprintf(
        text, sizeof text, "%.*s", (int)login.size, (const char *)login.data);
    sp_err err = sv_assign_person(&h->assign, text, out);
    if (err != SP_OK) {
        return err;
    }
    if (*out == h->leaver) {
        return refuse(h, SP_E_ARGUMENT,
            "cannot take over from himself; name somebody else", login);
    }
    if (!sv_assign_sees(&h->assign, *out, his_own)) {
        return refuse(h, SP_E_DENIED,
            "his roles do not show him accounts, so they would be nobody's",
            login);
    }
    return SP_OK;
}

static sp_err has_a_place(struct handover *h, const struct sp_person *p)
{
    return p->territory_count > 0
               ? SP_OK
               : refuse(h, SP_E_DENIED,
                     "works in no territory, so accounts would stay where he "
                     "does not see them; give him one (--to LOGIN=CODE, or "
                     "satchelctl user set)",
                     p->login);
}

static bool was_his(const struct sp_person *p, struct sp_slice code)
{
    for (uint32_t i = 0; i < p->left_count; i++) {
        if (sp_slice_equal(p->left[i].territory, code)) {
            return true;
        }
    }
    return sv_org_has_code(p->territory, p->territory_count, code);
}

static struct successor *given_to(struct handover *h, struct sp_slice code)
{
    for (uint32_t i = 0; i < h->count; i++) {
        struct successor *s = &h->successor[i];
        if (sv_org_has_code(s->code, s->code_count, code)) {
            return s;
        }
    }
    return NULL;
}

static sp_err add_code(
    struct handover *h, struct successor *s, struct sp_slice code)
{
    if (!was_his(h->leaver, code)) {
        return refuse(h, SP_E_NOT_FOUND,
            "no territory of the one who leaves; satchelctl user list shows "
            "them",
            code);
    }
    if (given_to(h, code) != NULL) {
        return refuse(h, SP_E_ARGUMENT, "goes to two successors", code);
    }
    struct sp_slice *list = sp_arena_grow(
        &h->assign.tx->arena, s->code, s->code_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    s->code = list;
    list[s->code_count++] = code;
    return SP_OK;
}

/* "LOGIN" or "LOGIN=CODE,CODE" */
static sp_err add_successor(struct handover *h, const char *line, size_t size)
{
    const char *equals = memchr(line, '=', size);
    size_t login = equals == NULL ? size : (size_t)(equals - line);
    if (h->count == SUCCESSORS_MAX) {
        return sv_call_refuse(
            h->call, SP_E_TOO_LARGE, "at most %u successors", SUCCESSORS_MAX);
    }
    struct successor *s = &h->successor[h->count++];
    sp_err err = find_successor(h, sp_slice_of(line, login), &s->person);
    if (err != SP_OK || equals == NULL) {
        return err == SP_OK ? has_a_place(h, s->person) : err;
    }
    char *codes = sp_arena_take(&h->assign.tx->arena, size - login, 1);
    if (codes == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(codes, equals + 1, size - login - 1);
    codes[size - login - 1] = '\0';
    const char *at = codes;
    struct sp_slice code;
    while (err == SP_OK && sv_call_piece(&at, &code)) {
        err = add_code(h, s, code);
    }
    if (err == SP_OK && s->code_count == 0) {
        err = refuse(h, SP_E_ARGUMENT,
            "which territories? Without \"=\" he takes the rest in turn",
            sp_slice_of(line, size));
    }
    return err;
}

static sp_err add_successors(struct handover *h)
{
    const char *at = sv_call_arg(h->call, "to");
    sp_err err = SP_OK;
    if (at == NULL && h->call->attached.size == 0) {
        return sv_call_refuse(h->call, SP_E_ARGUMENT,
            "who takes over? --to LOGIN=TERRITORY,... and --to LOGIN for the "
            "rest, or --file");
    }
    while (at != NULL && *at != '\0' && err == SP_OK) {
        size_t size = strcspn(at, "\n");
        err = add_successor(h, at, size);
        at += size + (at[size] == '\n' ? 1 : 0);
    }
    return err;
}

/* ---- the list ---------------------------------------------------------- */

static struct sp_slice trimmed(const uint8_t *at, size_t size)
{
    while (size > 0 && strchr(" \t\r\"", at[0]) != NULL) {
        at++;
        size--;
    }
    while (size > 0 && strchr(" \t\r\"", at[size - 1]) != NULL) {
        size--;
    }
    return sp_slice_of(at, size);
}

/* Whether he gets a territory by this handover. */
static bool takes_codes(const struct handover *h, const struct sp_person *p)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->successor[i].person == p && h->successor[i].code_count > 0) {
            return true;
        }
    }
    return false;
}

static sp_err add_line(
    struct handover *h, uint32_t number, const uint8_t *line, size_t size)
{
    const uint8_t *comma = memchr(line, ',', size);
    const struct sp_person *p = NULL;
    if (trimmed(line, size).size == 0) {
        return SP_OK;
    }
    if (comma == NULL) {
        return sv_call_refuse(h->call, SP_E_VALUE,
            "line %u: write ACCOUNT,LOGIN; nothing was changed", number);
    }
    struct sp_slice account = trimmed(line, (size_t)(comma - line));
    struct sp_slice login =
        trimmed(comma + 1, size - (size_t)(comma - line) - 1);
    sp_err err = find_successor(h, login, &p);
    if (err == SP_OK && !takes_codes(h, p)) {
        err = has_a_place(h, p);
    }
    if (err != SP_OK) {
        return err;
    }
    struct listed *list = sp_arena_grow(
        &h->assign.tx->arena, h->listed, h->listed_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    h->listed = list;
    list[h->listed_count++] = (struct listed){ account, p, number, false };
    return SP_OK;
}

static int by_account(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    return sp_slice_cmp(x->account, y->account);
}

static sp_err add_lines(struct handover *h)
{
    struct sp_slice file = h->call->attached;
    uint32_t number = 0;
    sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < file.size;) {
        const uint8_t *line = file.data + at;
        const uint8_t *end = memchr(line, '\n', file.size - at);
        size_t size = end == NULL ? file.size - at : (size_t)(end - line);
        err = add_line(h, ++number, line, size);
        at += size + 1;
    }
    if (err == SP_OK && h->listed_count > 0) {
        qsort(h->listed, h->listed_count, sizeof *h->listed, by_account);
    }
    return err;
}

static struct listed *find_word(struct handover *h, struct sp_slice word)
{
    struct listed key = { .account = word };
    return h->listed_count == 0 || word.size == 0
               ? NULL
               : bsearch(
                     &key, h->listed, h->listed_count, sizeof key, by_account);
}

static struct listed *find_listed(
    struct handover *h, const struct sv_assign_account *a)
{
    char id[SP_ID_TEXT_BYTES];
    sp_id_format(id, &a->ref.id);
    struct listed *l = find_word(h, sp_slice_text(id));
    return l != NULL ? l : find_word(h, a->number);
}

/* ---- the plan ---------------------------------------------------------- */

static bool in_book(void *arg, const struct sv_assign_account *a)
{
    const struct handover *h = arg;
    return a->owner == h->leaver->user ||
           sv_org_has_code(
               h->leaver->territory, h->leaver->territory_count, a->territory);
}

/* Somebody else who works there. */
static const struct sp_person *holder_of(
    const struct handover *h, struct sp_slice territory)
{
    const struct sp_person *p;
    for (size_t i = 0;
         (p = sp_rulebook_list_person(h->assign.seen.book, i)) != NULL; i++) {
        if (p != h->leaver && p->status == SP_PERSON_ACTIVE &&
            sv_org_has_code(p->territory, p->territory_count, territory)) {
            return p;
        }
    }
    return NULL;
}

static const struct sp_person *next_in_turn(struct handover *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        struct successor *s = &h->successor[h->turn++ % h->count];
        if (s->code_count == 0) {
            return s->person;
        }
    }
    return NULL;
}

/* An owner who stays and sees it anyway: a manager, by his reach. */
static bool owner_sees(
    const struct handover *h, const struct sv_assign_account *a)
{
    const struct sp_person *p =
        sp_rulebook_find_person(h->assign.seen.book, a->owner);
    return p != NULL && p != h->leaver && p->status == SP_PERSON_ACTIVE &&
           sv_assign_sees(&h->assign, p, a->territory);
}

/* Where he works, also when only from now on. */
static struct sp_slice home_of(
    const struct handover *h, const struct sp_person *p)
{
    for (uint32_t i = 0; i < h->count && p->territory_count == 0; i++) {
        const struct successor *s = &h->successor[i];
        if (s->person == p && s->code_count > 0) {
            return s->code[0];
        }
    }
    return p->territory_count > 0 ? p->territory[0]
                                  : (struct sp_slice){ NULL, 0 };
}

/* Who sees an account sees it through its territory: where it is one that the
 * successor will not have, it moves to one of his. */
static void give(struct handover *h, struct sv_assign_account *a,
    const struct sp_person *p, const char *how)
{
    struct successor *given = given_to(h, a->territory);
    a->how = how;
    a->to_owner = p->user;
    if (a->territory.size > 0 && (given == NULL || given->person != p) &&
        !sv_org_has_code(p->territory, p->territory_count, a->territory)) {
        a->to_territory = home_of(h, p);
    }
}

static void count_for(struct handover *h, const struct sp_person *p)
{
    for (uint32_t i = 0; i < h->count; i++) {
        h->successor[i].accounts += h->successor[i].person == p;
    }
}

/* Where one account goes. */
static void place(struct handover *h, struct sv_assign_account *a)
{
    bool his = a->owner == h->leaver->user;
    struct listed *listed = find_listed(h, a);
    struct successor *given = given_to(h, a->territory);
    const struct sp_person *p =
        given != NULL ? given->person : holder_of(h, a->territory);
    if (listed != NULL) {
        listed->used = true;
        p = listed->person;
        give(h, a, p, "list");
    } else if (p != NULL) {
        a->to_owner = his ? p->user : 0;
        a->how = "territory";
    } else if (owner_sees(h, a)) {
        a->how = "stays";
    } else if ((p = next_in_turn(h)) != NULL) {
        give(h, a, p, "turn");
    } else {
        a->how = "nobody";
        h->unplaced++;
    }
    a->keeper = p == NULL ? 0 : p->user;
    count_for(h, p);
}

static sp_err plan(struct handover *h)
{
    char id[SP_ID_TEXT_BYTES] = "";
    sp_err err = sv_assign_collect(&h->assign, in_book, h);
    for (uint32_t i = 0; err == SP_OK && i < h->assign.count; i++) {
        uint32_t before = h->unplaced;
        place(h, &h->assign.account[i]);
        if (before == 0 && h->unplaced == 1) {
            sp_id_format(id, &h->assign.account[i].ref.id);
        }
    }
    for (uint32_t i = 0; err == SP_OK && i < h->listed_count; i++) {
        if (!h->listed[i].used) {
            return sv_call_refuse(h->call, SP_E_NOT_FOUND,
                "line %u: %.*s is no account of his (or stands twice); nothing "
                "was changed",
                h->listed[i].line, (int)h->listed[i].account.size,
                (const char *)h->listed[i].account.data);
        }
    }
    if (err == SP_OK && h->unplaced > 0) {
        return sv_call_refuse(h->call, SP_E_REQUIRED,
            "%u of %u accounts would be nobody's (the first is %s); add --to "
            "LOGIN without territories for the rest; nothing was changed",
            h->unplaced, h->assign.count, id);
    }
    return err;
}

/* ---- the roster -------------------------------------------------------- */

static sp_err open_person(struct sv_issue_edit *edit,
    const struct sp_rulebook *b, const struct sp_person *who,
    struct sp_person **out)
{
    struct sv_issue_draft *draft = NULL;
    const struct sp_roster *unit = sp_rulebook_find_unit_of(b, who->user);
    if (unit == NULL) {
        return SP_E_NOT_FOUND;
    }
    sp_err err = sv_issue_edit_unit(edit, unit->unit, &draft);
    if (err == SP_OK) {
        *out = sv_issue_person(draft, who->user);
    }
    return err == SP_OK && *out == NULL ? SP_E_NOT_FOUND : err;
}

static sp_err give_codes(
    struct handover *h, struct sv_issue_edit *edit, const struct successor *s)
{
    struct sp_arena *arena = &h->assign.tx->arena;
    struct sp_person *p = NULL;
    sp_err err = open_person(edit, h->assign.seen.book, s->person, &p);
    if (err != SP_OK) {
        return err;
    }
    struct sp_slice *list = sp_arena_take(
        arena, p->territory_count + s->code_count + 1u, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    uint32_t count = p->territory_count;
    for (uint32_t i = 0; i < count; i++) {
        list[i] = p->territory[i];
    }
    for (uint32_t i = 0; i < s->code_count; i++) {
        uint32_t k = count;
        if (sv_org_has_code(list, count, s->code[i])) {
            continue;
        }
        for (; k > 0 && sp_slice_cmp(list[k - 1], s->code[i]) > 0; k--) {
            list[k] = list[k - 1];
        }
        list[k] = s->code[i];
        count++;
    }
    if (count > SP_ROSTER_TERRITORIES_MAX) {
        return refuse(h, SP_E_TOO_LARGE, "more territories than one person has",
            s->person->login);
    }
    return sv_org_set_territories(h->assign.tx, p, list, count);
}

static bool has_all(const struct successor *s)
{
    bool all = true;
    for (uint32_t i = 0; i < s->code_count; i++) {
        all = all && sv_org_has_code(s->person->territory,
                         s->person->territory_count, s->code[i]);
    }
    return all;
}

static sp_err change_roster(struct handover *h)
{
    struct sv_issue_edit edit;
    struct sp_person *p = NULL;
    sp_err err = SP_OK;
    bool changed = false;
    sv_issue_edit_begin(&edit, h->assign.tx);
    if (h->leaver->status != SP_PERSON_LEFT || h->leaver->territory_count > 0) {
        err = open_person(&edit, h->assign.seen.book, h->leaver, &p);
        if (err == SP_OK) {
            err = sv_org_leave(h->assign.tx, p);
        }
        if (err == SP_OK) {
            err = sv_org_set_territories(h->assign.tx, p, NULL, 0);
        }
        changed = true;
    }
    for (uint32_t i = 0; err == SP_OK && i < h->count; i++) {
        if (!has_all(&h->successor[i])) {
            err = give_codes(h, &edit, &h->successor[i]);
            changed = true;
        }
    }
    return err == SP_OK && changed ? sv_issue_edit_sign(&edit) : err;
}

/* ---- all of it --------------------------------------------------------- */

static void put_result(struct handover *h)
{
    struct sv_call *call = h->call;
    json_t *successors = json_object(), *alone = json_array();
    const struct sp_person *l = h->leaver;
    sv_call_set(call, "accounts", json_integer((json_int_t)h->assign.count));
    sv_call_set(call, "placed", json_integer((json_int_t)h->assign.count));
    sv_call_set(call, h->dry_run ? "would_get_another_owner" : "other_owner",
        json_integer((json_int_t)h->assign.changed));
    sv_call_set(call, "briefs", json_integer((json_int_t)h->briefs));
    for (uint32_t i = 0; i < h->count; i++) {
        char login[SP_ROSTER_CODE_MAX + 1];
        const struct successor *s = &h->successor[i];
        snprintf(login, sizeof login, "%.*s", (int)s->person->login.size,
            (const char *)s->person->login.data);
        (void)json_object_set_new(
            successors, login, json_integer((json_int_t)s->accounts));
    }
    for (uint32_t i = 0; i < l->territory_count; i++) {
        if (given_to(h, l->territory[i]) == NULL &&
            holder_of(h, l->territory[i]) == NULL) {
            (void)json_array_append_new(alone, sv_call_slice(l->territory[i]));
        }
    }
    sv_call_set(call, "accounts_by_successor", successors);
    sv_call_set(call, "territories_without_rep", alone);
    if (h->dry_run) {
        sv_assign_rows(&h->assign);
    } else {
        sv_call_set(call, "note",
            json_string(
                sv_say("his devices are refused here from now on, at the "
                       "branches after their next exchange; what these bring "
                       "then, the same command places")));
    }
}

static sp_err begin(struct handover *h, struct sp_tx *tx)
{
    const char *login = sv_call_arg(h->call, "login");
    sp_err err = sv_assign_begin(&h->assign, h->call, tx);
    if (err != SP_OK) {
        return err;
    }
    h->user = h->assign.seen.person->user;
    if (!h->assign.everything) {
        return sv_call_refuse(h->call, SP_E_DENIED,
            "%s does not manage people; --as somebody who does",
            sv_call_arg(h->call, "as"));
    }
    h->leaver = sv_org_person(h->call, h->assign.seen.book, login);
    if (h->leaver == NULL) {
        return SP_E_NOT_FOUND;
    }
    if (h->leaver == h->assign.seen.person) {
        return sv_call_refuse(h->call, SP_E_ARGUMENT,
            "nobody hands over himself; --as somebody who stays");
    }
    return SP_OK;
}

static sp_err hand_over(void *arg, struct sp_tx *tx)
{
    struct handover *h = arg;
    sp_err err = begin(h, tx);
    if (err == SP_OK) {
        err = add_successors(h);
    }
    if (err == SP_OK) {
        err = add_lines(h);
    }
    if (err == SP_OK) {
        err = plan(h);
    }
    if (err == SP_OK) {
        err = sv_assign_write(&h->assign);
    }
    if (err == SP_OK) {
        const struct sv_brief said = { h->leaver->user, "leave",
            sv_call_arg(h->call, "brief") };
        err = sv_brief_write(&h->assign, &said, &h->briefs);
    }
    if (err == SP_OK) {
        err = change_roster(h);
    }
    if (err == SP_OK) {
        put_result(h);
    }
    h->done = err == SP_OK;
    return h->done && h->dry_run ? SP_E_BUSY : err; /* done, and dropped */
}

sp_err sv_do_handover(struct sv_call *call)
{
    sp_err err = sv_org_head_office_only(call, "people");
    struct handover *h = err == SP_OK ? calloc(1, sizeof *h) : NULL;
    if (h == NULL) {
        return err == SP_OK ? SP_E_NOMEM : err;
    }
    h->call = call;
    h->dry_run = sv_call_flag(call, "dry-run");
    err = sv_call_write(call, hand_over, h);
    if (h->done && h->dry_run) {
        err = SP_OK;
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=handover user=%u dry_run=%d accounts=%u changed=%u error=%s",
        h->user, h->dry_run, h->assign.count, h->assign.changed,
        sp_err_name(err));
    if (err == SP_OK && !h->dry_run) {
        err = sv_org_end_sessions(call, sv_call_arg(call, "login"));
    }
    free(h);
    return err;
}
