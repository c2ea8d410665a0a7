/* do_assign.c - accounts go to another owner or territory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/assign.h"
#include "ctl/brief.h"
#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/log.h"

/* Numbers of accounts as they were typed, sorted; found by one walk. */
struct numbers {
    uint32_t count;
    struct sp_slice *word;
    bool *found;
};

struct work {
    struct sv_call *call;
    struct sv_assign assign;
    bool dry_run, done;
    uint32_t user;                  /* who did it; for the log */
    struct sp_slice from_territory; /* empty: any */
    uint32_t from_owner;            /* 0: any */
    struct numbers numbers;
    uint64_t briefs;
};

/* ---- which accounts ---------------------------------------------------- */

static bool from_there(void *arg, const struct sv_assign_account *account)
{
    const struct work *w = arg;
    return (w->from_territory.size == 0 ||
               sp_slice_equal(w->from_territory, account->territory)) &&
           (w->from_owner == 0 || w->from_owner == account->owner);
}

static int by_bytes(const void *a, const void *b)
{
    return sp_slice_cmp(
        *(const struct sp_slice *)a, *(const struct sp_slice *)b);
}

static bool has_number(void *arg, const struct sv_assign_account *account)
{
    struct numbers *n = &((struct work *)arg)->numbers;
    const struct sp_slice *hit =
        bsearch(&account->number, n->word, n->count, sizeof *n->word, by_bytes);
    if (hit != NULL) {
        n->found[hit - n->word] = true;
    }
    return hit != NULL;
}

static sp_err say_unknown(struct work *w, struct sp_slice word)
{
    return sv_call_refuse(w->call, SP_E_NOT_FOUND,
        "there is no account \"%.*s\" here (id, or number); nothing was "
        "changed",
        (int)(word.size > 60 ? 60 : word.size), (const char *)word.data);
}

static sp_err add_one(struct work *w, struct sp_slice word)
{
    char text[64];
    struct sp_id id;
    struct numbers *n = &w->numbers;
    snprintf(text, sizeof text, "%.*s", (int)(word.size > 60 ? 60 : word.size),
        (const char *)word.data);
    if (sp_id_parse(&id, text) == SP_OK) {
        sp_err err = sv_assign_add(&w->assign, &id);
        return err == SP_E_NOT_FOUND ? say_unknown(w, word) : err;
    }
    struct sp_slice *list =
        sp_arena_grow(&w->assign.tx->arena, n->word, n->count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    n->word = list;
    list[n->count++] = word;
    return SP_OK;
}

static sp_err add_numbers(struct work *w)
{
    struct numbers *n = &w->numbers;
    if (n->count == 0) {
        return SP_OK;
    }
    n->found = sp_arena_take(&w->assign.tx->arena, n->count, sizeof *n->found);
    if (n->found == NULL) {
        return SP_E_NOMEM;
    }
    qsort(n->word, n->count, sizeof *n->word, by_bytes);
    sp_err err = sv_assign_collect(&w->assign, has_number, w);
    for (uint32_t i = 0; err == SP_OK && i < n->count; i++) {
        bool same =
            i + 1 < n->count && sp_slice_equal(n->word[i], n->word[i + 1]);
        if (!n->found[i] && !same) {
            err = say_unknown(w, n->word[i]);
        }
    }
    return err;
}

static sp_err add_list(struct work *w, const char *list)
{
    struct sp_slice word;
    sp_err err = SP_OK;
    while (err == SP_OK && sv_call_piece(&list, &word)) {
        err = add_one(w, word);
    }
    return err;
}

/* One account a line: the first word, up to a comma, space or tab. */
static sp_err add_lines(struct work *w, struct sp_slice file)
{
    sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < file.size;) {
        const uint8_t *line = file.data + at;
        const uint8_t *end = memchr(line, '\n', file.size - at);
        size_t size = end == NULL ? file.size - at : (size_t)(end - line);
        size_t word = 0;
        while (word < size && strchr(", \t\r", line[word]) == NULL) {
            word++;
        }
        if (word > 0) {
            err = add_one(w, sp_slice_of(line, word));
        }
        at += size + 1;
    }
    return err;
}

static sp_err choose(struct work *w)
{
    struct sv_call *call = w->call;
    const char *accounts = sv_call_arg(call, "accounts");
    const char *territory = sv_call_arg(call, "from-territory");
    const char *owner = sv_call_arg(call, "from-owner");
    bool list = accounts != NULL || call->attached.size > 0;
    if (list == (territory != NULL || owner != NULL)) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "which accounts? Name them (ID,ID,... or --file), or all of "
            "--from-territory or --from-owner, not both");
    }
    if (territory != NULL) {
        sp_err err =
            sv_assign_territory(&w->assign, territory, &w->from_territory);
        if (err != SP_OK) {
            return err;
        }
    }
    if (owner != NULL) {
        const struct sp_person *p =
            sv_org_person(call, w->assign.seen.book, owner);
        if (p == NULL) {
            return SP_E_NOT_FOUND;
        }
        w->from_owner = p->user;
    }
    if (!list) {
        return sv_assign_collect(&w->assign, from_there, w);
    }
    sp_err err = accounts == NULL ? SP_OK : add_list(w, accounts);
    if (err == SP_OK) {
        err = add_lines(w, call->attached);
    }
    return err == SP_OK ? add_numbers(w) : err;
}

/* ---- where to ---------------------------------------------------------- */

/* Nobody gets an account that he would not see. */
static sp_err check_seen(struct work *w, const struct sp_person *p)
{
    char id[SP_ID_TEXT_BYTES];
    for (uint32_t i = 0; p != NULL && i < w->assign.count; i++) {
        const struct sv_assign_account *a = &w->assign.account[i];
        struct sp_slice there =
            a->to_territory.size > 0 ? a->to_territory : a->territory;
        if (sv_assign_sees(&w->assign, p, there)) {
            continue;
        }
        sp_id_format(id, &a->ref.id);
        return sv_call_refuse(w->call, SP_E_SCOPE,
            "%.*s would not see account %s: it is in territory %.*s; add "
            "--territory with one of his%s%.*s%s; nothing was changed",
            (int)p->login.size, (const char *)p->login.data, id,
            (int)there.size, (const char *)there.data,
            p->territory_count > 0 ? " (" : "",
            p->territory_count > 0 ? (int)p->territory[0].size : 0,
            p->territory_count > 0 ? (const char *)p->territory[0].data : "",
            p->territory_count > 0 ? ")" : "");
    }
    return SP_OK;
}

static sp_err direct(struct work *w)
{
    const char *territory = sv_call_arg(w->call, "territory");
    const char *owner = sv_call_arg(w->call, "owner");
    const struct sp_person *p = NULL;
    struct sp_slice code = { NULL, 0 };
    sp_err err = SP_OK;
    if (territory == NULL && owner == NULL) {
        return sv_call_refuse(w->call, SP_E_ARGUMENT,
            "where to? Name --territory, --owner or both");
    }
    if (territory != NULL) {
        err = sv_assign_territory(&w->assign, territory, &code);
    }
    if (err == SP_OK && owner != NULL) {
        err = sv_assign_person(&w->assign, owner, &p);
    }
    for (uint32_t i = 0; err == SP_OK && i < w->assign.count; i++) {
        w->assign.account[i].to_territory = code;
        w->assign.account[i].to_owner = p == NULL ? 0 : p->user;
        w->assign.account[i].keeper =
            p != NULL && p->user != w->assign.account[i].owner ? p->user : 0;
    }
    return err == SP_OK ? check_seen(w, p) : err;
}

static sp_err assign(void *arg, struct sp_tx *tx)
{
    struct work *w = arg;
    sp_err err = sv_assign_begin(&w->assign, w->call, tx);
    if (err == SP_OK) {
        w->user = w->assign.seen.person->user;
        err = choose(w);
    }
    if (err == SP_OK) {
        sv_assign_once(&w->assign);
    }
    if (err == SP_OK) {
        err = direct(w);
    }
    if (err == SP_OK) {
        err = sv_assign_write(&w->assign);
    }
    if (err == SP_OK) { /* who had it, and what the next one has to know */
        const struct sv_brief said = { 0,
            sv_call_arg(w->call, "territory") != NULL ? "territory" : "other",
            NULL };
        err = sv_brief_write(&w->assign, &said, &w->briefs);
    }
    if (err == SP_OK && w->dry_run) {
        sv_assign_rows(&w->assign);
    }
    w->done = err == SP_OK;
    return w->done && w->dry_run ? SP_E_BUSY : err; /* done, and dropped */
}

sp_err sv_do_account_assign(struct sv_call *call)
{
    struct work w = { .call = call, .dry_run = sv_call_flag(call, "dry-run") };
    sp_err err = sv_call_write(call, assign, &w);
    if (w.dry_run && w.done) {
        err = SP_OK;
    }
    if (err == SP_OK) {
        sv_call_set(call, w.dry_run ? "would_change" : "changed",
            json_integer((json_int_t)w.assign.changed));
        sv_call_set(call, "as_they_are",
            json_integer((json_int_t)(w.assign.count - w.assign.changed)));
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=assign user=%u dry_run=%d accounts=%u error=%s", w.user,
        w.dry_run, w.assign.changed, sp_err_name(err));
    return err;
}
