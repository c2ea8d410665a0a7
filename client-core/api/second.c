#include "api/second.h"

#include <stdio.h>
#include <string.h>

#include "book/words.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/typed.h"

#define KEY_DIGITS_MIN 4u
#define WHAT_BYTES     512u
#define HOUR_MS        3600000u
#define IDS_BYTES_MAX  (64u * 1024u * 1024u)

static uint64_t now_ms(const struct cc_call *c)
{
    const struct sp_env *env = &c->s->replica.env;

    return env->now_ms(env->self);
}

static uint32_t user_of(const struct cc_call *c)
{
    return c->s->replica.identity.self.user;
}

static const struct sp_entity *entity_of(const struct cc_call *c)
{
    return sp_dictionary_entity_named(
        c->dictionary, sp_slice_text(CC_JOB_ENTITY));
}

/* ---- looking ------------------------------------------------------------ */

struct look {
    struct cc_call *call;
    const struct sp_entity *entity;
    struct cc_taken taken;
    struct sp_buf requests; /* their ids */
};

/* Of most notes what they show is enough, which lies in pages. */
static sp_err take_note(void *arg, const struct sp_record *view)
{
    struct look *l = (struct look *)arg;
    struct cc_job_said said;

    cc_job_read(l->entity, view, &said);
    if (said.request) {
        sp_buf_put(&l->requests, &view->ref.id, sizeof(view->ref.id));
        return l->requests.err;
    }
    return cc_taken_add(&l->taken, &said);
}

/* The record itself says who wrote what, and all that stands. */
static sp_err look_at(struct look *l, const struct sp_id *id,
    sp_err (*each)(void *arg, const struct cc_second *one), void *arg)
{
    const struct sp_rulebook *b = l->call->s->replica.book;
    struct cc_second one = { .ref = { l->entity->number, *id } };
    struct cc_record_view view;
    sp_err err = cc_record_view(l->call, &one.ref, &view);

    if (err != SP_OK) {
        return err;
    }
    cc_job_read(l->entity, &view.record, &one.said);
    one.hours = cc_job_hours(b, one.said.user);
    one.state = cc_job_state(
        &one.said, cc_taken_used(&l->taken, id), one.hours, now_ms(l->call));
    one.decide = cc_job_bar(b, user_of(l->call), &one.said, one.state,
                     CC_JOB_SAY_YES) == CC_JOB_FREE;
    err = each(arg, &one);
    cc_record_view_free(&view);
    return err;
}

static sp_err look_at_all(struct look *l,
    sp_err (*each)(void *arg, const struct cc_second *one), void *arg)
{
    const struct sp_id *id =
        (const struct sp_id *)(const void *)l->requests.data;
    sp_err err = SP_OK;

    for (size_t i = 0; i < l->requests.size / sizeof(*id) && err == SP_OK;
         i++) {
        err = look_at(l, &id[i], each, arg);
    }
    return err;
}

sp_err cc_second_each(struct cc_call *c,
    sp_err (*each)(void *arg, const struct cc_second *one), void *arg)
{
    struct look l = { .call = c, .entity = entity_of(c) };
    sp_err err;

    if (l.entity == NULL) {
        return SP_OK;
    }
    cc_taken_begin(&l.taken);
    sp_buf_init(&l.requests, IDS_BYTES_MAX);
    err = cc_call_walk(c, l.entity, NULL, take_note, &l);
    cc_taken_end(&l.taken);
    if (err == SP_OK) {
        err = look_at_all(&l, each, arg);
    }
    sp_buf_free(&l.requests);
    cc_taken_free(&l.taken);
    return err;
}

/* ---- in words ----------------------------------------------------------- */

static size_t put(char *out, size_t used, const char *text, size_t size)
{
    size_t room = WHAT_BYTES - 1 - used;

    size = size < room ? size : room;
    memcpy(out + used, text, size);
    out[used + size] = '\0';
    return used + size;
}

static size_t put_text(char *out, size_t used, const char *text)
{
    return put(out, used, text, strlen(text));
}

/* "account, contact" by their labels; what is no entity here stays. */
static size_t put_entities(
    const struct cc_call *c, char *out, size_t used, struct sp_slice names)
{
    while (names.size > 0) {
        const char *text = (const char *)names.data;
        const char *comma = (const char *)memchr(text, ',', names.size);
        size_t size = comma == NULL ? names.size : (size_t)(comma - text);
        size_t next = comma == NULL ? size : size + 2;
        const struct sp_entity *e = sp_dictionary_entity_named(
            c->dictionary, sp_slice_of(names.data, size));

        used = e == NULL ? put(out, used, text, size)
                         : put(out, used, (const char *)e->label_zh.data,
                               e->label_zh.size);
        next = next < names.size ? next : names.size;
        names = sp_slice_of(names.data + next, names.size - next);
        used = names.size > 0 ? put_text(out, used, "、") : used;
    }
    return used;
}

const char *cc_second_what(
    struct cc_call *c, const struct cc_job_said *said, bool zh)
{
    char out[WHAT_BYTES] = "", rows[48];
    size_t used = 0;

    used = put(out, used, (const char *)said->format.data, said->format.size);
    used = put_text(out, used, zh ? "：" : ": ");
    used = zh ? put_entities(c, out, used, said->what)
              : put(out, used, (const char *)said->what.data, said->what.size);
    (void)snprintf(rows, sizeof(rows), zh ? "，%llu 行" : ", %llu rows",
        (unsigned long long)said->rows);
    used = put_text(out, used, rows);
    if (said->everything) {
        used = put_text(out, used, zh ? "，全部数据" : ", everything");
    }
    if (said->sensitive) {
        (void)put_text(
            out, used, zh ? "，含敏感字段" : ", with sensitive fields");
    }
    return cc_call_text(c, sp_slice_text(out));
}

/* ---- saying ------------------------------------------------------------- */

struct find {
    const char *key;
    unsigned found;
    struct cc_second one;
};

static sp_err match(void *arg, const struct cc_second *one)
{
    struct find *f = (struct find *)arg;
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &one->ref.id);
    if (strncmp(id, f->key, strlen(f->key)) == 0) {
        f->one = *one;
        f->found++;
    }
    return SP_OK;
}

static sp_err find(struct cc_call *c, const char *key, struct cc_second *out)
{
    struct find f = { .key = key };
    sp_err err =
        strlen(key) < KEY_DIGITS_MIN ? SP_OK : cc_second_each(c, match, &f);

    if (err != SP_OK) {
        return err;
    }
    *out = f.one;
    return f.found == 1 ? SP_OK
           : f.found > 1
               ? cc_call_say(c, SP_E_AMBIGUOUS,
                     "%u requests begin with \"%.60s\"; type more of it",
                     f.found, key)
               : cc_call_say(c, SP_E_NOT_FOUND,
                     "no request of an export here begins with \"%.60s\"; "
                     "satchel exports lists them",
                     key);
}

static sp_err say_past(struct cc_call *c, const struct cc_second *one)
{
    switch (one->state) {
    case CC_JOB_USED:
        return cc_call_say(c, SP_E_EXISTS,
            "that export has been made: what left cannot be called back");
    case CC_JOB_WITHDRAWN:
        return cc_call_say(c, SP_E_EXISTS, "who asked for it has withdrawn it");
    case CC_JOB_OVER:
        return cc_call_say(
            c, SP_E_EXISTS, "its time is over: who asked has to ask anew");
    default:
        return cc_call_say(c, SP_E_EXISTS, "%.60s has decided it already",
            cc_refer_user_name(c, one->state == CC_JOB_REFUSED
                                      ? one->said.no.by
                                      : one->said.yes.by));
    }
}

static sp_err check(struct cc_call *c, const struct cc_second *one,
    const struct cc_second_wish *wish)
{
    switch (cc_job_bar(
        c->s->replica.book, user_of(c), &one->said, one->state, wish->step)) {
    case CC_JOB_FREE:
        return SP_OK;
    case CC_JOB_OWN:
        return cc_call_say(c, SP_E_DENIED,
            "that is your own request; the second person is another one "
            "(satchel exports withdraw takes it back)");
    case CC_JOB_OTHERS:
        return cc_call_say(c, SP_E_DENIED,
            "that is somebody else's request; satchel exports refuse says no "
            "to it");
    case CC_JOB_ROLE:
        return cc_call_say(c, SP_E_DENIED,
            "none of your roles is the second person for what %.60s takes out",
            cc_refer_user_name(c, one->said.user));
    case CC_JOB_PAST:
        break;
    }
    return say_past(c, one);
}

static sp_err check_reason(struct cc_call *c, const struct cc_second_wish *wish)
{
    bool none = wish->reason == NULL || wish->reason[0] == '\0';

    return (none && wish->step == CC_JOB_SAY_NO) ||
                   (!none && strlen(wish->reason) > CC_JOB_TEXT)
               ? cc_call_say(c, SP_E_ARGUMENT,
                     "say in 1 to %u bytes why: who asked reads it",
                     CC_JOB_TEXT)
               : SP_OK;
}

static int write_of(struct cc_call *c, const struct cc_second *one,
    const struct cc_second_wish *wish, struct sp_draft_write *out)
{
    uint64_t now = now_ms(c);
    const struct cc_job_word word = { .by = user_of(c),
        .at_ms = now,
        .until_ms = wish->step == CC_JOB_SAY_YES
                        ? now + (uint64_t)one->hours * HOUR_MS
                        : 0,
        .reason = wish->reason == NULL || wish->reason[0] == '\0'
                      ? NULL
                      : wish->reason };

    return wish->step == CC_JOB_WITHDRAW
               ? cc_job_withdraw(entity_of(c), &c->tx.arena, out)
               : cc_job_decide(entity_of(c), &word, &c->tx.arena, out);
}

sp_err cc_second_say(struct cc_call *c, const struct cc_second_wish *wish,
    struct satchel_saved *saved)
{
    struct cc_second one;
    struct sp_draft_write write;
    uint64_t n = 0;
    sp_err err = check_reason(c, wish);

    if (err == SP_OK) {
        err = find(c, wish->id, &one);
    }
    if (err == SP_OK) {
        err = check(c, &one, wish);
    }
    if (err != SP_OK) {
        return err;
    }
    int count = write_of(c, &one, wish, &write);
    if (count <= 0) {
        return count < 0 ? SP_E_NOMEM
                         : cc_call_say(c, SP_E_UNKNOWN_FIELD,
                               "the dictionary of this device has no field for "
                               "that yet: satchel sync");
    }
    const struct sp_draft_change change = {
        .ref = one.ref, .count = 1, .write = &write
    };
    err = cc_typed_save(c, &change, 1, &n);
    if (err == SP_OK && saved != NULL) {
        cc_record_saved(saved, &one.ref.id, n);
    }
    return err;
}

/* ---- the calls ---------------------------------------------------------- */

struct listing {
    struct cc_call *call;
    struct satchel_export_requests *out;
    struct satchel_export_request *request;
    size_t room;
};

static enum satchel_export_state state_of(enum cc_job_state state)
{
    static const enum satchel_export_state known[CC_JOB_STATES] = {
        [CC_JOB_WAITS] = SATCHEL_EXPORT_WAITS,
        [CC_JOB_AGREED] = SATCHEL_EXPORT_APPROVED,
        [CC_JOB_OVER] = SATCHEL_EXPORT_OVER,
        [CC_JOB_REFUSED] = SATCHEL_EXPORT_REFUSED,
        [CC_JOB_WITHDRAWN] = SATCHEL_EXPORT_WITHDRAWN,
        [CC_JOB_USED] = SATCHEL_EXPORT_USED,
    };

    return known[state];
}

static const char *name_of(struct listing *l, uint32_t user)
{
    return cc_result_string(cc_result_arena(l->out),
        user == 0 ? "" : cc_refer_user_name(l->call, user));
}

static bool fill(struct listing *l, const struct cc_second *one,
    struct satchel_export_request *r)
{
    struct sp_arena *a = cc_result_arena(l->out);
    const struct cc_job_said *said = &one->said;
    const char *en = cc_second_what(l->call, said, false);
    const char *zh = cc_second_what(l->call, said, true);
    char id[SP_ID_TEXT_BYTES];

    sp_id_format(id, &one->ref.id);
    *r = (struct satchel_export_request){ .id = cc_result_string(a, id),
        .by = name_of(l, said->user),
        .mine = said->user == user_of(l->call),
        .decide = one->decide,
        .at_ms = said->at_ms,
        .format = cc_result_text(a, said->format),
        .what = cc_result_text(a, said->what),
        .what_en = en == NULL ? NULL : cc_result_string(a, en),
        .what_zh = zh == NULL ? NULL : cc_result_string(a, zh),
        .rows = said->rows,
        .sensitive = said->sensitive,
        .everything = said->everything,
        .why = cc_result_text(a, said->why),
        .state = state_of(one->state),
        .agreed = name_of(l, said->yes.by),
        .until_ms = said->yes.by == 0 ? 0 : cc_job_until(said, one->hours),
        .refused = name_of(l, said->no.by),
        .reason = cc_result_text(
            a, said->no.by != 0 ? said->no.reason : said->yes.reason) };
    return r->id != NULL && r->by != NULL && r->format != NULL &&
           r->what != NULL && r->what_en != NULL && r->what_zh != NULL &&
           r->why != NULL && r->agreed != NULL && r->refused != NULL &&
           r->reason != NULL;
}

static sp_err list_one(void *arg, const struct cc_second *one)
{
    struct listing *l = (struct listing *)arg;
    struct satchel_export_request *more;
    size_t room = l->room == 0 ? 16 : 2 * l->room;

    if (l->out->count == l->room) {
        more = (struct satchel_export_request *)sp_arena_take(
            cc_result_arena(l->out), room, sizeof(*more));
        if (more == NULL) {
            return SP_E_NOMEM;
        }
        if (l->room > 0) {
            memcpy(more, l->request, l->room * sizeof(*more));
        }
        l->request = more;
        l->room = room;
    }
    return fill(l, one, &l->request[l->out->count++]) ? SP_OK : SP_E_NOMEM;
}

/* Ids begin with the time at which they were made. */
static void newest_first(struct listing *l)
{
    for (size_t i = 0; i < l->out->count / 2; i++) {
        struct satchel_export_request *other =
            &l->request[l->out->count - 1 - i];
        const struct satchel_export_request one = l->request[i];

        l->request[i] = *other;
        *other = one;
    }
}

int satchel_export_requests(struct satchel *s,
    struct satchel_export_requests **out, struct satchel_error *e)
{
    struct satchel_export_requests *result;
    struct cc_call c;
    struct listing l = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    result = (struct satchel_export_requests *)cc_result_new(sizeof(*result));
    if (result != NULL) {
        l.out = result;
        err = cc_second_each(&c, list_one, &l);
        newest_first(&l);
        result->request = l.request;
    }
    return cc_call_give(&c, err, result, out);
}

int satchel_export_say(struct satchel *s, const char *id,
    enum satchel_export_word word, const char *reason,
    struct satchel_saved *out, struct satchel_error *e)
{
    const struct cc_second_wish wish = { .id = id == NULL ? "" : id,
        .step = word == SATCHEL_EXPORT_APPROVE  ? CC_JOB_SAY_YES
                : word == SATCHEL_EXPORT_REFUSE ? CC_JOB_SAY_NO
                                                : CC_JOB_WITHDRAW,
        .reason = reason };
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    return rc != 0 ? rc : cc_call_end(&c, cc_second_say(&c, &wish, out));
}
