#include <string.h>

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"

#include "sp/pack.h"

/* An open visit is looked for among these first. */
#define RECENT_MS 172800000u

/* A kind is demanded but seldom typed: the first of the list then. */
static const char *first_option(
    struct cc_call *c, const struct sp_entity *visit, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(visit, sp_slice_text(field));
    const char *name = NULL;

    if (f != NULL && f->option_count > 0) {
        name = cc_call_text(c, f->option[0].name);
    }
    return name == NULL ? "" : name;
}

static sp_err start(struct cc_call *c, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct sp_entity *visit, *above;
    struct satchel_input more[2] = { { .field = "checkin", .text = "now" },
        { .field = "type" } };
    struct sp_ref ref;
    sp_err err = cc_call_entity(c, "visit", &visit);

    if (err == SP_OK) {
        err = cc_call_entity(c, "account", &above);
    }
    if (err == SP_OK) {
        err = cc_refer_record(c, above, account, &ref);
    }
    if (err == SP_OK) {
        more[1].text = first_option(c, visit, "type");
        err = cc_record_make(c, visit, &ref, input, count, more, 2, out);
    }
    return err;
}

int satchel_visit_start(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, start(&c, account, input, count, out));
}

struct search {
    struct cc_call *call;
    const struct sp_field *checkout, *author;
    struct sp_ref newest;
    bool found;
};

static bool is_mine(const struct search *s, const struct sp_record *r)
{
    struct sp_slice v = cc_refer_shown(r, s->author);
    struct sp_rd rd;

    sp_rd_init(&rd, v);
    return sp_rd_uint(&rd, 0, UINT32_MAX) ==
               s->call->s->replica.identity.self.user &&
           rd.err == SP_OK;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct search *s = (struct search *)arg;

    if (cc_refer_shown(view, s->checkout).size == 0 &&
        !cc_refer_deleted(view) && is_mine(s, view)) {
        s->newest = view->ref; /* in order of their making: the last stays */
        s->found = true;
    }
    return SP_OK;
}

static sp_err find_open(
    struct cc_call *c, const struct sp_entity *visit, struct sp_ref *out)
{
    struct search s = { .call = c };
    struct cc_replica *r = &c->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    uint8_t lowest[10] = { 0 };
    struct sp_id after =
        sp_id_make(now > RECENT_MS ? now - RECENT_MS : 0, lowest);
    sp_err err;

    s.checkout = sp_dictionary_field_named(visit, sp_slice_text("checkout"));
    s.author = sp_dictionary_field(visit, visit->author);
    err = sp_state_walk(&c->tx, visit->number, &after, take, &s);
    if (err == SP_OK && !s.found) {
        err = sp_state_walk(&c->tx, visit->number, NULL, take, &s);
    }
    if (err == SP_OK && !s.found) {
        err = cc_call_say(c, SP_E_NOT_FOUND, "no visit of yours is open");
    }
    if (err == SP_OK) {
        *out = s.newest;
    }
    return err;
}

static sp_err end(struct cc_call *c, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out)
{
    const struct satchel_input more = { .field = "checkout", .text = "now" };
    const struct sp_entity *entity;
    struct sp_ref ref;
    sp_err err = cc_call_entity(c, "visit", &entity);

    if (err == SP_OK) {
        err = visit == NULL ? find_open(c, entity, &ref)
                            : cc_refer_record(c, entity, visit, &ref);
    }
    if (err == SP_OK) {
        err = cc_record_change(c, entity, &ref, input, count, &more, 1, out);
    }
    return err;
}

int satchel_visit_end(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct cc_call c;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    return cc_call_end(&c, end(&c, visit, input, count, out));
}
