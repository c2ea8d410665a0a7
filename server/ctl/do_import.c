/* do_import.c - records from a file, and what was taken in before. */
#include <stdlib.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/lines.h"
#include "ctl/org.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"

static sp_err find_person(struct sv_call *call, struct sv_load_setup *out)
{
    struct sv_book *book = sv_book_take(call->server->shelf);
    const struct sp_rulebook *b = sv_book_rulebook(book);
    const char *login = sv_call_arg(call, "as");
    const struct sp_person *p = sv_org_person(call, b, login);
    sp_err err = p == NULL ? SP_E_NOT_FOUND : SP_OK;
    if (err == SP_OK && p->status != SP_PERSON_ACTIVE) {
        err = sv_call_refuse(call, SP_E_DENIED,
            "%s has left; import under the name of somebody who is here",
            login);
    }
    if (err == SP_OK) {
        out->user = p->user;
        out->everything =
            (sp_rulebook_manages(b, p->user) & SP_MANAGES_JOBS) != 0;
    }
    sv_book_drop(book);
    return err;
}

static sp_err find_encoding(struct sv_call *call, enum sv_csv_encoding *out)
{
    static const struct {
        const char *name;
        enum sv_csv_encoding encoding;
    } known[] = { { "utf-8", SV_CSV_UTF8 }, { "utf-16le", SV_CSV_UTF16LE },
        { "utf-16be", SV_CSV_UTF16BE }, { "gb18030", SV_CSV_GB18030 },
        { "gbk", SV_CSV_GB18030 } };
    const char *name = sv_call_arg(call, "encoding");
    *out = SV_CSV_DETECT;
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0];
         i++) {
        if (strcmp(known[i].name, name) == 0) {
            *out = known[i].encoding;
            return SP_OK;
        }
    }
    return name == NULL ? SP_OK
                        : sv_call_refuse(call, SP_E_ARGUMENT,
                              "--encoding: write utf-8, utf-16le, utf-16be or "
                              "gb18030");
}

static void set_count(struct sv_call *call, const char *key, uint64_t value)
{
    sv_call_set(call, key, json_integer((json_int_t)value));
}

static void put_result(struct sv_call *call, const struct sv_load_setup *setup,
    const struct sv_mark_counts *c, const char *unused)
{
    set_count(call,
        setup->dry_run ? SV_SAY("would_come_in") : SV_SAY("imported"),
        c->created + c->updated);
    set_count(call, SV_SAY("created"), c->created);
    set_count(call, SV_SAY("updated"), c->updated);
    set_count(call, SV_SAY("unchanged"), c->unchanged);
    set_count(call, SV_SAY("duplicate"), c->duplicate);
    set_count(call, SV_SAY("similar"), c->similar);
    set_count(call, SV_SAY("pairs_to_decide"), c->asked);
    set_count(call, SV_SAY("refused"), c->refused);
    if (c->before > 0) {
        set_count(call, SV_SAY("rows_of_an_earlier_run"), c->before);
    }
    set_count(call, SV_SAY("phones_kept_as_typed"), c->as_typed);
    if (unused[0] != '\0') {
        json_t *text = json_string(unused);
        sv_call_set(
            call, "columns_left_out", text == NULL ? json_string("?") : text);
    }
}

/* A vCard file: what speaks of columns says nothing of it. */
static sp_err read_cards(struct sv_call *call, struct sv_load_setup *setup,
    struct sv_cards_setup *out)
{
    static const char *const of_columns[] = { "map", "ignore", "key", "null",
        "currency", "encoding" };
    static const char *const of_cards[] = { "account", "consent" };
    bool cards = strcmp(setup->typed.entity, "vcard") == 0;
    const char *const *other = cards ? of_columns : of_cards;
    size_t count = cards ? sizeof of_columns / sizeof of_columns[0]
                         : sizeof of_cards / sizeof of_cards[0];
    for (size_t i = 0; i < count; i++) {
        if (sv_call_arg(call, other[i]) != NULL) {
            return sv_call_refuse(call, SP_E_ARGUMENT,
                cards ? "--%s: a vCard has no columns"
                      : "--%s: that is for import vcard",
                other[i]);
        }
    }
    if (cards) {
        *out = (struct sv_cards_setup){ sv_call_arg(call, "account"),
            sv_call_arg(call, "consent"), sv_env_now_ms() };
        setup->typed.entity = "contact";
        setup->cards = out;
    }
    return SP_OK;
}

static sp_err read_setup(struct sv_call *call, struct sv_load_setup *out,
    struct sv_cards_setup *cards)
{
    *out = (struct sv_load_setup){
        .typed = { .entity = sv_call_arg(call, "entity"),
            .map = sv_call_arg(call, "map"),
            .ignore = sv_call_arg(call, "ignore"),
            .key = sv_call_arg(call, "key") },
        .null = sv_call_arg(call, "null"),
        .currency = sv_call_arg(call, "currency"),
        .dry_run = sv_call_flag(call, "dry-run"),
        .again = sv_call_flag(call, "again"),
        .keep_duplicates = sv_call_flag(call, "keep-duplicates"),
        .file = sv_call_file(call, "file"),
        .errors = sv_call_file(call, "errors"),
        .phones = sv_call_file(call, "phones"),
        .similar = sv_call_file(call, "similar"),
    };
    if (out->typed.entity == NULL || out->file < 0) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "no file came along; is satchelctl of another version?");
    }
    sp_err err = find_encoding(call, &out->encoding);
    if (err == SP_OK) {
        err = read_cards(call, out, cards);
    }
    return err == SP_OK ? find_person(call, out) : err;
}

sp_err sv_do_import(struct sv_call *call)
{
    struct sv_load_setup setup;
    struct sv_cards_setup cards;
    struct sv_mark_counts c = { .rows = 0 };
    char unused[SV_COLUMNS_TEXT_BYTES];
    sp_err err = read_setup(call, &setup, &cards);
    if (err != SP_OK) {
        return err;
    }
    unused[0] = '\0';
    err = strcmp(setup.typed.entity, "jsonl") == 0
              ? sv_lines_run(call, &setup, &c)
              : sv_load_run(call, &setup, &c, unused);
    if (err == SP_OK || c.created + c.updated > 0) {
        put_result(call, &setup, &c, unused);
    }
    if (err == SP_OK && c.created + c.updated + c.unchanged == 0 &&
        c.refused > 0) {
        err = sv_call_refuse(call, SP_E_VALUE,
            "no row of this file can be taken in; the list says why");
    }
    if (err == SP_OK && c.refused > 0) {
        err = sv_call_refuse(call, SP_E_VALUE,
            setup.dry_run ? "%llu rows would be refused; the list says why"
                          : "%llu rows were refused, the others are in; mend "
                            "those in the list and import it",
            (unsigned long long)c.refused);
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=import user=%u entity=%s dry_run=%d rows=%llu created=%llu "
        "updated=%llu unchanged=%llu duplicate=%llu refused=%llu error=%s",
        setup.user, setup.typed.entity, setup.dry_run,
        (unsigned long long)c.rows, (unsigned long long)c.created,
        (unsigned long long)c.updated, (unsigned long long)c.unchanged,
        (unsigned long long)c.duplicate, (unsigned long long)c.refused,
        sp_err_name(err));
    return err;
}

/* ---- what was taken in ------------------------------------------------- */

struct taken {
    uint64_t at_ms;
    json_t *row;
};

struct listed {
    const struct sp_rulebook *book;
    struct taken *taken;
    size_t count, room;
};

static sp_err keep_row(struct listed *l, uint64_t at_ms, json_t *row)
{
    if (row == NULL) {
        return SP_E_NOMEM;
    }
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct taken *more = realloc(l->taken, room * sizeof *more);
        if (more == NULL) {
            json_decref(row);
            return SP_E_NOMEM;
        }
        l->taken = more;
        l->room = room;
    }
    l->taken[l->count++] = (struct taken){ at_ms, row };
    return SP_OK;
}

static int newest_first(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    return (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms);
}

static sp_err list_mark(void *arg, const struct sv_mark *m)
{
    struct listed *l = arg;
    char hash[17];
    const struct sp_person *p = sp_rulebook_find_person(l->book, m->user);
    sp_hex(hash, m->hash, 8);
    return keep_row(l, m->at_ms,
        json_pack("[o,o,o,I,I,I,I,I,I,s]", sv_call_time(m->at_ms),
            p == NULL ? json_string("?") : sv_call_slice(p->login),
            sv_call_slice(m->name), (json_int_t)m->counts.rows,
            (json_int_t)m->counts.created, (json_int_t)m->counts.updated,
            (json_int_t)m->counts.unchanged, (json_int_t)m->counts.duplicate,
            (json_int_t)m->counts.refused, hash));
}

static sp_err list_marks(void *arg, struct sp_tx *tx)
{
    struct listed *l = arg;
    l->book = sv_call_book(tx);
    return sv_mark_walk(tx, list_mark, l);
}

sp_err sv_do_import_list(struct sv_call *call)
{
    sv_call_columns(call, "at,by,file,rows,created,updated,unchanged,duplicate,"
                          "refused,hash");
    struct listed l = { .count = 0 };
    sp_err err = sv_call_read(call, list_marks, &l);
    if (l.count > 0) {
        qsort(l.taken, l.count, sizeof *l.taken, newest_first);
    }
    for (size_t i = 0; i < l.count; i++) {
        if (err == SP_OK) {
            sv_call_row(call, l.taken[i].row);
        } else {
            json_decref(l.taken[i].row);
        }
    }
    free(l.taken);
    return err;
}
