/* do_log.c - the log of commits, and why somebody sees a record or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/do.h"
#include "ctl/org.h"
#include "ctl/saw.h"
#include "ctl/seen.h"
#include "ops/say.h"

struct show {
    struct sv_call *call;
    const struct sp_rulebook *book;
    uint64_t limit, shown, from;
    sp_replica replica; /* 0: all */
    uint64_t last;      /* number of the last one kept of this replica */
};

static const char *verdict_word(const struct sp_verdict *v)
{
    switch (v->kind) {
    case SP_DEFERRED:
        return SV_SAY("deferred");
    case SP_REFUSED:
        return SV_SAY("refused");
    case SP_ACCEPTED:
        return SV_SAY("accepted");
    case SP_VERDICT_NONE:
        break;
    }
    return SV_SAY("none");
}

static sp_err show_commit(void *arg, const struct sp_logged *entry)
{
    struct show *s = arg;
    const struct sp_commit *c = &entry->commit;
    const struct sp_person *p = sp_rulebook_find_person(s->book, c->user);
    if (s->shown == s->limit) {
        return SP_E_NOT_FOUND;
    }
    s->shown++;
    uint32_t writes = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        writes += c->change[i].count;
    }
    sv_call_row(s->call,
        json_pack("[o,I,o,o,i,i,s,s]", sv_call_replica(c->replica),
            (json_int_t)c->n, sv_call_time(sp_hlc_ms(c->time)),
            p == NULL ? json_integer((json_int_t)c->user)
                      : sv_call_slice(p->login),
            (int)c->count, (int)writes, verdict_word(&entry->verdict),
            entry->verdict.code == SP_OK ? ""
                                         : sp_err_name(entry->verdict.code)));
    return SP_OK;
}

static sp_err show_log(void *arg, struct sp_tx *tx)
{
    struct show *s = arg;
    struct sv_saw_replicas *chains =
        sp_arena_take(&tx->arena, 1, sizeof *chains);
    if (chains == NULL) {
        return SP_E_NOMEM;
    }
    s->book = sv_call_book(tx);
    sv_call_columns(
        s->call, "replica,number,time,user,records,writes,verdict,why");
    if (s->replica != 0) {
        return sp_log_walk(tx, s->replica, s->from, show_commit, s);
    }
    sp_err err = sv_saw_replicas(tx, chains);
    uint64_t each = chains->count == 0 ? 0 : (s->limit - 1) / chains->count + 1;
    for (size_t i = 0; err == SP_OK && i < chains->count; i++) {
        uint64_t from = chains->last[i] > each ? chains->last[i] - each + 1 : 1;
        err = sp_log_walk(tx, chains->replica[i],
            from > s->from ? from : s->from, show_commit, s);
    }
    return err;
}

sp_err sv_do_log_show(struct sv_call *call)
{
    struct show s = { .call = call };
    const char *replica = sv_call_arg(call, "replica");
    uint8_t bytes[8];
    sp_err err = sv_call_number(call, "limit", 1, 100000, 50, &s.limit);
    if (err == SP_OK) {
        err = sv_call_number(call, "from", 1, INT64_MAX, 1, &s.from);
    }
    if (err == SP_OK && replica != NULL) {
        if (sp_unhex(bytes, sizeof bytes, replica) != SP_OK) {
            return sv_call_refuse(call, SP_E_ARGUMENT,
                "--replica: write 16 hex digits, as log show has them");
        }
        s.replica = sp_get_u64be(bytes);
    }
    return err == SP_OK ? sv_call_read(call, show_log, &s) : err;
}

struct why {
    struct sv_call *call;
    struct sv_seen seen;
};

static json_t *role_text(const struct sv_call *call, const struct sp_role *role)
{
    struct sp_slice label =
        cc_say_language() == CC_LANG_ZH ? role->label_zh : role->label_en;
    return sv_call_slice(call->screen && label.size > 0 ? label : role->name);
}

/* "territory east-1": the first words are ours, the rest is a name. */
static json_t *scope_text(const struct sv_call *call,
    const struct sp_rulebook *b, const struct sp_id *scope)
{
    static const char *const leads[] = { SV_SAY("territory "),
        SV_SAY("catalogue of "), SV_SAY("catalogue"), SV_SAY("person ") };
    struct sp_buf text;
    json_t *out = NULL;
    sp_buf_init(&text, 512);
    sp_rulebook_describe_scope(b, scope, &text);
    for (size_t i = 0; i < sizeof leads / sizeof leads[0] && out == NULL; i++) {
        size_t size = strlen(leads[i]);
        if (text.size >= size && memcmp(text.data, leads[i], size) == 0) {
            out = json_sprintf("%s%.*s", sv_call_word(call, leads[i]),
                (int)(text.size - size), (const char *)text.data + size);
        }
    }
    out = out == NULL ? sv_call_slice(sp_buf_slice(&text)) : out;
    sp_buf_free(&text);
    return out;
}

/* Names of the fields of the record that a grant shows. */
static json_t *fields_seen(const struct sv_call *call, const struct sv_seen *s,
    uint16_t grant, const struct sp_entity *e, const struct sp_record *r)
{
    json_t *list = json_array();
    uint16_t last = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        uint16_t field = r->reg[i].key.field;
        const struct sp_field *f =
            e == NULL ? NULL : sp_dictionary_field(e, field);
        if (f != NULL && field != last &&
            s->rules->reads(s->rules->self, grant, r->ref.type, field)) {
            (void)json_array_append_new(
                list, sv_call_slice(sv_call_field(call, f)));
        }
        last = field;
    }
    return list;
}

static void explain_scopes(
    struct why *w, struct sp_tx *tx, const struct sp_record *r)
{
    static const char *const reach[] = { SV_SAY("no reach"), SV_SAY("own"),
        SV_SAY("branch"), SV_SAY("region"), SV_SAY("all") };
    struct sv_seen *s = &w->seen;
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(s->book), r->ref.type);
    sv_call_columns(w->call, "scope,served_by,reach,sees");
    for (uint32_t i = 0; i < s->scopes.count; i++) {
        const struct sp_id *scope = &s->scopes.id[i];
        struct sp_standing st =
            sp_rulebook_standing(s->book, s->person->user, scope, s->now_ms);
        uint32_t server = tx->rules->server_of(tx->rules->self, scope);
        sv_call_row(
            w->call, json_pack("[o,I,s,o]", scope_text(w->call, s->book, scope),
                         (json_int_t)server,
                         reach[st.reach < SP_REACH_COUNT ? st.reach : 0],
                         st.grant == SP_GRANT_NOTHING
                             ? json_string(SV_SAY("nothing"))
                             : fields_seen(w->call, s, st.grant, e, r)));
    }
}

static sp_err explain(void *arg, struct sp_tx *tx)
{
    struct why *w = arg;
    struct sp_record r;
    sp_err err = sv_seen_begin(w->call, tx, "user", &w->seen);
    if (err == SP_OK) {
        err = sv_seen_find(w->call, tx, sv_call_arg(w->call, "record"), &r);
    }
    if (err == SP_OK) {
        err = sv_seen_record(&w->seen, tx, &r.ref);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct sp_entity *e =
        sp_dictionary_entity(sp_rulebook_dictionary(w->seen.book), r.ref.type);
    bool sees = sv_seen_any(&w->seen, &r);
    const struct sp_person *p = w->seen.person;
    json_t *roles = json_array();
    for (uint32_t i = 0; i < p->role_count; i++) {
        const struct sp_role *role =
            sp_policy_role(sp_rulebook_policy(w->seen.book), p->role[i]);
        (void)json_array_append_new(
            roles, role == NULL ? json_string("?") : role_text(w->call, role));
    }
    sv_call_set(w->call, "entity", sv_call_slice(sv_call_entity(w->call, e)));
    sv_call_set(w->call, "roles", roles);
    sv_call_set(w->call, "sees_it", json_boolean(sees));
    sv_call_set(w->call, "because",
        json_string(
            p->status != SP_PERSON_ACTIVE ? sv_say("the person has left")
            : sees
                ? sv_say(
                      "a role reaches one of its scopes and reads its fields")
                : sv_say("no role reaches any of its scopes, or none reads a "
                         "field of this entity there")));
    explain_scopes(w, tx, &r);
    return SP_OK;
}

sp_err sv_do_explain(struct sv_call *call)
{
    struct why w = { .call = call };
    return sv_call_read(call, explain, &w);
}
