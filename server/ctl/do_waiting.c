/* do_waiting.c - what waits for a person (SYNC J4, X8): who is asked is who
 * manages devices, for the people of his unit; with reach all, for everybody.
 */
#include <stdio.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ops/log.h"
#include "ops/say.h"

/* ---- who may ------------------------------------------------------------ */

static bool manages_all(
    const struct sp_rulebook *b, const struct sp_person *person)
{
    for (uint32_t i = 0; i < person->role_count; i++) {
        const struct sp_role *r =
            sp_policy_role(sp_rulebook_policy(b), person->role[i]);
        if (r != NULL && r->reach == SP_REACH_ALL &&
            (r->manages & SP_MANAGES_DEVICES) != 0) {
            return true;
        }
    }
    return false;
}

static bool may_decide(const struct sp_rulebook *b,
    const struct sp_person *person, uint32_t author)
{
    if ((sp_rulebook_manages(b, person->user) & SP_MANAGES_DEVICES) == 0) {
        return false;
    }
    const struct sp_roster *own = sp_rulebook_find_unit_of(b, person->user);
    return manages_all(b, person) ||
           (own != NULL && own == sp_rulebook_find_unit_of(b, author));
}

struct waiting {
    struct sv_call *call;
    const struct sp_rulebook *book;
    const struct sp_person *person;
    sp_replica replica;
    uint64_t n, limit, shown, others;
    struct sp_verdict verdict;
};

static sp_err begin(struct waiting *w, struct sp_tx *tx)
{
    w->book = sv_call_book(tx);
    w->person = sv_org_person(w->call, w->book, sv_call_arg(w->call, "as"));
    if (w->person == NULL) {
        return SP_E_NOT_FOUND;
    }
    if ((sp_rulebook_manages(w->book, w->person->user) & SP_MANAGES_DEVICES) !=
        0) {
        return SP_OK;
    }
    return sv_call_refuse(w->call, SP_E_DENIED,
        "%s may not: none of the roles manages devices (satchelctl role list)",
        sv_call_arg(w->call, "as"));
}

/* ---- list --------------------------------------------------------------- */

static json_t *login(const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_person *p = sp_rulebook_find_person(b, user);
    return p != NULL ? sv_call_slice(p->login) : json_integer((json_int_t)user);
}

/* "account: name, territory_id; visit: text": names, never what was typed. */
static json_t *what(const struct sv_call *call, const struct sp_rulebook *b,
    const struct sp_commit *c)
{
    struct sp_buf text;
    sp_buf_init(&text, 4096);
    for (uint32_t i = 0; i < c->count && text.size < 512; i++) {
        const struct sp_change *change = &c->change[i];
        const struct sp_entity *e =
            sp_dictionary_entity(sp_rulebook_dictionary(b), change->ref.type);
        struct sp_slice name = sv_call_entity(call, e);
        sp_buf_put(&text, i == 0 ? "" : "; ", i == 0 ? 0 : 2);
        sp_buf_put(&text, name.data, name.size);
        for (uint32_t k = 0; k < change->count && text.size < 512; k++) {
            uint16_t number = change->write[k].key.field;
            const struct sp_field *f =
                e == NULL ? NULL : sp_dictionary_field(e, number);
            name = f == NULL && number == 0
                       ? sp_slice_text(sv_call_word(call, SV_SAY("(deleted)")))
                       : sv_call_field(call, f);
            sp_buf_put(&text, k == 0 ? ": " : ", ", 2);
            sp_buf_put(&text, name.data, name.size);
        }
    }
    json_t *out = sv_call_slice(sp_buf_slice(&text));
    sp_buf_free(&text);
    return out;
}

static sp_err show_one(void *arg, const struct sp_waiting *e)
{
    struct waiting *w = arg;
    if (!may_decide(w->book, w->person, e->commit.user)) {
        w->others++;
        return SP_OK;
    }
    if (w->shown == w->limit) {
        return SP_E_NOT_FOUND;
    }
    w->shown++;
    /* Who would judge it says where the record is that it waits for. */
    uint32_t judge = e->verdict.code == SP_E_DEFERRED_PARENT ? 0 : e->judge;
    sv_call_row(w->call,
        json_pack("[o,I,o,o,o,s,I,o,s,o,s,s]", sv_call_replica(e->replica),
            (json_int_t)e->n, login(w->book, e->commit.user),
            sv_call_time(sp_hlc_ms(e->commit.time)),
            sv_call_time(e->verdict.at_ms), sp_err_name(e->verdict.code),
            (json_int_t)judge, sv_call_time(e->due_ms),
            e->decidable ? "yes" : "no", what(w->call, w->book, &e->commit),
            sp_err_text_en(e->verdict.code), sp_err_text_zh(e->verdict.code)));
    return SP_OK;
}

static sp_err list(void *arg, struct sp_tx *tx)
{
    struct waiting *w = arg;
    sp_err err = begin(w, tx);
    if (err != SP_OK) {
        return err;
    }
    sv_call_columns(w->call, "replica,number,author,made,since,why,judge,due,"
                             "decide_now,what,text_en,text_zh");
    err = sp_waiting_list(tx, show_one, w);
    sv_call_set(w->call, "of_others", json_integer((json_int_t)w->others));
    return err;
}

sp_err sv_do_waiting_list(struct sv_call *call)
{
    struct waiting w = { .call = call };
    sp_err err = sv_call_number(call, "limit", 1, 100000, 100, &w.limit);
    return err == SP_OK ? sv_call_read(call, list, &w) : err;
}

/* ---- release and refuse ------------------------------------------------- */

static sp_err which(struct waiting *w)
{
    uint8_t bytes[8];
    if (sp_unhex(bytes, sizeof bytes, sv_call_arg(w->call, "replica")) !=
        SP_OK) {
        return sv_call_refuse(w->call, SP_E_ARGUMENT,
            "write the replica as 16 hex digits, as waiting list has it");
    }
    w->replica = sp_get_u64be(bytes);
    return sv_call_number(w->call, "number", 1, INT64_MAX, 0, &w->n);
}

static sp_err find(struct waiting *w, struct sp_tx *tx)
{
    struct sp_waiting e;
    sp_err err = begin(w, tx);
    if (err != SP_OK) {
        return err;
    }
    err = sp_waiting_get(tx, w->replica, w->n, &tx->arena, &e);
    if (err == SP_E_NOT_FOUND) {
        return sv_call_refuse(w->call, err,
            "no such commit waits here; satchelctl waiting list shows them");
    }
    if (err == SP_OK && !may_decide(w->book, w->person, e.commit.user)) {
        return sv_call_refuse(w->call, SP_E_DENIED,
            "its author works in another unit; a manager there decides, or "
            "who manages all devices");
    }
    return err;
}

static sp_err say(struct waiting *w, sp_err err)
{
    if (err == SP_E_NOT_SERVED) {
        return sv_call_refuse(w->call, err,
            "another server judges it; decide there, or at head office");
    }
    if (err == SP_E_NOT_DUE) {
        return sv_call_refuse(w->call, err,
            "it waits for its judge (waiting list: judge, due); a person "
            "decides from the due date on");
    }
    return err;
}

static sp_err release(void *arg, struct sp_tx *tx)
{
    struct waiting *w = arg;
    sp_err err = find(w, tx);
    return err != SP_OK
               ? err
               : say(w, sp_waiting_release(tx, w->replica, w->n, &w->verdict));
}

static sp_err refuse(void *arg, struct sp_tx *tx)
{
    struct waiting *w = arg;
    sp_err err = find(w, tx);
    w->verdict =
        (struct sp_verdict){ .kind = SP_REFUSED, .code = SP_E_DECLINED };
    return err != SP_OK ? err : say(w, sp_waiting_refuse(tx, w->replica, w->n));
}

static sp_err decide(
    struct sv_call *call, sp_err (*work)(void *arg, struct sp_tx *tx))
{
    static const char *const kinds[] = { SV_SAY("accepted"), SV_SAY("deferred"),
        SV_SAY("refused"), SV_SAY("accepted") };
    struct waiting w = { .call = call };
    sp_err err = which(&w);
    if (err == SP_OK) {
        err = sv_call_write(call, work, &w);
    }
    if (err != SP_OK) {
        return err;
    }
    sv_log(SV_LOG_INFO, "audit",
        "event=waiting_decided user=\"%s\" replica=%016llx n=%llu verdict=%s",
        sv_call_arg(call, "as"), (unsigned long long)w.replica,
        (unsigned long long)w.n, kinds[w.verdict.kind]);
    sv_call_set(call, "verdict", json_string(kinds[w.verdict.kind]));
    if (w.verdict.code != SP_OK) {
        sv_call_set(call, "why", json_string(sp_err_name(w.verdict.code)));
        sv_call_set(
            call, "text_en", json_string(sp_err_text_en(w.verdict.code)));
        sv_call_set(
            call, "text_zh", json_string(sp_err_text_zh(w.verdict.code)));
    }
    return SP_OK;
}

sp_err sv_do_waiting_release(struct sv_call *call)
{
    return decide(call, release);
}

sp_err sv_do_waiting_refuse(struct sv_call *call)
{
    return decide(call, refuse);
}
