/* do_quality.c - how well what is known of customers is kept: the scan that
 * makes tasks, and the board of people and branches. */
#include <string.h>

#include "book/quality_board.h"
#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/scan.h"
#include "ctl/source.h"
#include "ops/log.h"
#include "ops/say.h"

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* ---- the scan ---------------------------------------------------------- */

struct asked {
    struct sv_call *call;
    uint8_t manages; /* bits of enum sp_manages; any of them is enough */
    const char *what;
    uint32_t user;
};

static sp_err who_asks(void *arg, struct sp_tx *tx)
{
    struct asked *a = arg;
    const char *as = sv_call_arg(a->call, "as");
    const struct sp_person *p = sv_org_person(a->call, sv_call_book(tx), as);
    if (p == NULL) {
        return SP_E_NOT_FOUND;
    }
    a->user = p->user;
    return (sp_rulebook_manages(sv_call_book(tx), p->user) & a->manages) != 0
               ? SP_OK
               : sv_call_refuse(a->call, SP_E_DENIED,
                     "%s may not: none of the roles manages %s (satchelctl "
                     "role list)",
                     as, sv_say(a->what));
}

sp_err sv_do_quality_scan(struct sv_call *call)
{
    bool dry_run = sv_call_flag(call, "dry-run");
    struct asked a = { call, SP_MANAGES_JOBS, SV_SAY("jobs"), 0 };
    struct sv_scan_counts c;
    sp_err err = sv_org_head_office_only(call, "a scan of all customers");
    if (err == SP_OK) {
        err = sv_call_read(call, who_asks, &a);
    }
    if (err == SP_OK) {
        err = sv_scan_run(call->server, dry_run, &c);
    }
    if (err != SP_OK) {
        return err;
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=quality_scan user=%u dry_run=%d made=%llu closed=%llu", a.user,
        dry_run, (unsigned long long)c.made, (unsigned long long)c.closed);
    sv_call_set(call, "accounts", number(c.accounts));
    sv_call_set(call, "issues", number(c.issues));
    sv_call_set(call, "made", number(c.made));
    sv_call_set(call, "open", number(c.open));
    sv_call_set(call, "moved", number(c.moved));
    sv_call_set(call, "closed", number(c.closed));
    sv_call_set(call, "later", number(c.later));
    sv_call_set(call, "nobody", number(c.nobody));
    sv_call_set(call, "dry_run", json_boolean(dry_run));
    return SP_OK;
}

/* ---- the board --------------------------------------------------------- */

struct board {
    struct sv_call *call;
    const struct sp_rulebook *book;
    struct sp_slice unit; /* of who asks */
    bool all;             /* he works at head office */
    struct cc_quality quality;
};

/* A manager of a branch sees his own. */
static sp_err begin(struct board *b, struct sp_tx *tx)
{
    struct asked a = { b->call, SP_MANAGES_DEVICES | SP_MANAGES_JOBS,
        SV_SAY("devices or jobs"), 0 };
    sp_err err = who_asks(&a, tx);
    if (err != SP_OK) {
        return err;
    }
    b->book = sv_call_book(tx);
    const struct sp_roster *unit = sp_rulebook_find_unit_of(b->book, a.user);
    b->all = unit == NULL || unit->unit.size == 0;
    b->unit = b->all ? (struct sp_slice){ NULL, 0 } : unit->unit;
    return SP_OK;
}

static bool shown(const struct board *b, enum cc_quality_by by,
    const struct cc_quality_row *r)
{
    const struct sp_roster *unit;
    if (b->all) {
        return true;
    }
    unit = by == CC_QUALITY_BY_USER && r->user != 0
               ? sp_rulebook_find_unit_of(b->book, r->user)
               : NULL;
    return by == CC_QUALITY_BY_USER
               ? unit != NULL && sp_slice_equal(unit->unit, b->unit)
               : by == CC_QUALITY_BY_UNIT && sp_slice_equal(r->unit, b->unit);
}

static json_t *name_of(const struct board *b, enum cc_quality_by by,
    const struct cc_quality_row *r)
{
    const struct sp_person *p =
        r->user == 0 ? NULL : sp_rulebook_find_person(b->book, r->user);
    return by == CC_QUALITY_BY_UNIT  ? sv_org_unit_name(r->unit)
           : by == CC_QUALITY_BY_ALL ? json_string("-")
           : p != NULL               ? sv_call_slice(p->login)
                                     : number(r->user);
}

static void put_row(const struct board *b, enum cc_quality_by by,
    const struct cc_quality_row *r)
{
    static const char *const of[] = { SV_SAY("person"), SV_SAY("branch"),
        SV_SAY("all") };
    sv_call_row(b->call,
        json_pack("[s,o,o,o,i,i,o,i,i,i,o,i]", of[by], name_of(b, by, r),
            number(r->accounts), number(r->duplicates),
            (int)cc_quality_board_percent(r->invalid, r->phones),
            (int)cc_quality_board_percent(r->stale, r->accounts),
            number(r->files), (int)r->mean, (int)r->median, (int)r->good,
            number(r->checked),
            (int)cc_quality_board_percent(r->correct, r->checked)));
}

static sp_err put_rows(struct board *b, enum cc_quality_by by)
{
    struct cc_quality_row *row;
    size_t count = 0;
    sp_err err = cc_quality_board_make(&b->quality, b->book, by, &row, &count);
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        if (shown(b, by, &row[i])) {
            put_row(b, by, &row[i]);
        }
    }
    return err;
}

static sp_err board(void *arg, struct sp_tx *tx)
{
    struct board *b = arg;
    sp_err err = begin(b, tx);
    if (err != SP_OK) {
        return err;
    }
    struct cc_quality_source source = sv_source_make(tx);
    sv_call_columns(b->call,
        "of,name,accounts,duplicates,invalid_percent,stale_percent,contacts,"
        "mean,median,good,checked,valid_percent");
    err = cc_quality_load(&b->quality, &source, true);
    for (int by = CC_QUALITY_BY_USER; err == SP_OK && by <= CC_QUALITY_BY_ALL;
         by++) {
        err = put_rows(b, (enum cc_quality_by)by);
    }
    cc_quality_free(&b->quality);
    return err;
}

sp_err sv_do_quality_board(struct sv_call *call)
{
    struct board b = { .call = call };
    return sv_call_read(call, board, &b);
}
