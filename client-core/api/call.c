#include "api/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/fail.h"

int cc_call_begin(
    struct cc_call *c, struct satchel *s, bool write, struct satchel_error *e)
{
    sp_err err;

    memset(c, 0, sizeof(*c));
    c->s = s;
    c->e = e;
    c->write = write;
    err = cc_replica_begin(&s->replica, write, &c->tx);
    if (err != SP_OK) {
        return cc_fail_set(e, err, s->replica.path);
    }
    c->dictionary = cc_replica_dictionary(&s->replica);
    return 0;
}

int cc_call_end(struct cc_call *c, sp_err err)
{
    if (err == SP_OK && c->write) {
        err = cc_replica_commit(&c->s->replica, &c->tx);
        if (err != SP_OK) {
            cc_say_note(c->detail, sizeof(c->detail),
                "%.300s: nothing was saved", c->s->replica.path);
        }
    } else {
        cc_replica_abort(&c->s->replica, &c->tx);
    }
    return cc_fail_set(c->e, err, c->detail);
}

int cc_call_give(struct cc_call *c, sp_err err, void *result, void *out)
{
    int rc = cc_call_end(c, err);

    if (rc == 0) {
        memcpy(out, &result, sizeof(result));
    } else {
        satchel_free(result);
    }
    return rc;
}

sp_err cc_call_say(struct cc_call *c, sp_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(c->detail, sizeof(c->detail), cc_say(format), args);
    va_end(args);
    cc_say_whole(c->detail);
    return err;
}

static sp_err unknown_entity(struct cc_call *c, const char *name)
{
    struct sp_buf b;
    sp_err err;

    if (c->dictionary->entity_count == 0) {
        return c->s->replica.enrolled
                   ? SP_E_NOT_SYNCED
                   : cc_call_say(c, SP_E_NOT_ENROLLED,
                         "enrol %.300s with a code", c->s->replica.path);
    }
    sp_buf_init(&b, SATCHEL_DETAIL_BYTES);
    for (uint32_t i = 0; i < c->dictionary->entity_count; i++) {
        struct sp_slice known = c->dictionary->entity[i].name;
        if (c->dictionary->entity[i].tray != SP_TRAY_NONE) {
            continue; /* has calls of its own */
        }
        sp_buf_put(&b, " ", 1);
        sp_buf_put(&b, known.data, known.size);
    }
    err = cc_call_say(c, SP_E_UNKNOWN_FIELD,
        "there is no \"%.60s\"; there are:%.*s", name, (int)b.size,
        b.data == NULL ? "" : (const char *)b.data);
    sp_buf_free(&b);
    return err;
}

sp_err cc_call_entity(
    struct cc_call *c, const char *name, const struct sp_entity **out)
{
    const struct sp_entity *e;

    if (name == NULL) {
        return cc_call_say(c, SP_E_ARGUMENT, "no entity was named");
    }
    e = sp_dictionary_entity_named(c->dictionary, sp_slice_text(name));
    if (e == NULL) {
        return unknown_entity(c, name);
    }
    *out = e;
    return SP_OK;
}

struct sp_slice cc_call_named(const struct sp_entity *e)
{
    return cc_say_language() == CC_LANG_ZH && e->label_zh.size > 0 ? e->label_zh
                                                                   : e->name;
}

char *cc_call_text(struct cc_call *c, struct sp_slice text)
{
    char *out = (char *)sp_arena_take(&c->tx.arena, text.size + 1, 1);

    if (out != NULL && text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    return out;
}

sp_err cc_call_walk(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_id *after,
    sp_err (*each)(void *arg, const struct sp_record *view), void *arg)
{
    return cc_facts_walk(
        &c->s->replica.summary, &c->tx, entity, after, each, arg);
}
