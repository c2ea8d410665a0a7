#include "ctl/saw.h"

#include "ops/say.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SAW_TIME_BYTES 32u

/* The keys of SP_T_LOG, one look a replica. */
sp_err sv_saw_replicas(struct sp_tx *tx, struct sv_saw_replicas *out)
{
    const struct sp_store *store = tx->node->store;
    uint8_t from[16] = { 0 };
    struct sp_slice key;
    out->count = 0;
    while (out->count < SV_SAW_REPLICAS_MAX) {
        sp_err err =
            store->seek(tx->txn, SP_T_LOG, SP_SLICE(from), false, &key, NULL);
        if (err == SP_E_NOT_FOUND || (err == SP_OK && key.size != 16)) {
            return SP_OK;
        }
        if (err != SP_OK) {
            return err;
        }
        sp_replica r = sp_get_u64be(key.data);
        sp_set_u64be(from, r);
        memset(from + 8, 0xff, 8);
        err = store->seek(tx->txn, SP_T_LOG, SP_SLICE(from), true, &key, NULL);
        if (err != SP_OK) {
            return err;
        }
        out->replica[out->count] = r;
        out->last[out->count++] = sp_get_u64be(key.data + 8);
        if (r == UINT64_MAX) {
            return SP_OK;
        }
        sp_set_u64be(from, r + 1);
        memset(from + 8, 0, 8);
    }
    return SP_OK;
}

static void put_text(struct sp_buf *out, const char *text)
{
    sp_buf_put(out, text, strlen(text));
}

/* " (2026-03-04T05:06:07Z)" of a commit; "" when it is not logged here. */
static void when_written(
    struct sp_tx *tx, const struct sp_dot *dot, char out[SAW_TIME_BYTES])
{
    struct sp_logged logged;
    struct sp_arena arena;
    struct tm t;
    out[0] = '\0';
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    if (sp_log_get(tx, dot->replica, dot->counter, &arena, &logged) == SP_OK) {
        time_t s = (time_t)(sp_hlc_ms(logged.commit.time) / 1000u);
        if (gmtime_r(&s, &t) != NULL) {
            (void)strftime(out, SAW_TIME_BYTES, " (%Y-%m-%dT%H:%M:%SZ)", &t);
        }
    }
    sp_arena_free(&arena);
}

static void put_seen(struct sp_tx *tx, const struct sp_rulebook *book,
    bool screen, const struct sp_dot *dot, struct sp_buf *out)
{
    char text[SP_ROSTER_NAME_MAX + 48], when[SAW_TIME_BYTES];
    uint32_t device = sp_replica_device(dot->replica);
    const struct sp_device *d = sp_rulebook_find_device(book, device);
    const struct sp_person *p =
        d == NULL ? NULL : sp_rulebook_find_person(book, d->user);
    unsigned long long n = dot->counter;
    if (p != NULL) {
        snprintf(text, sizeof text, "%.*s", (int)p->login.size,
            (const char *)p->login.data);
    } else {
        snprintf(text, sizeof text, screen ? sv_say("server %u") : "server %u",
            (unsigned)device);
    }
    put_text(out, text);
    if (screen) {
        when_written(tx, dot, when);
        put_text(out, when);
    } else {
        snprintf(text, sizeof text, "'s %llu", n);
        put_text(out, text);
    }
}

void sv_saw_put(struct sp_tx *tx, const struct sp_rulebook *book, bool screen,
    const struct sp_vector *context, struct sp_buf *out)
{
    if (context->count == 0) {
        put_text(out, screen ? sv_say("nothing") : "nothing");
    }
    for (uint32_t i = 0; i < context->count; i++) {
        put_text(out, i > 0 ? ", " : "");
        put_seen(tx, book, screen, &context->dot[i], out);
    }
}

static const struct sp_write *write_to(const struct sp_commit *c,
    const struct sp_ref *ref, const struct sp_key *key)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_change *change = &c->change[i];
        for (uint32_t k = 0;
             sp_ref_equal(&change->ref, ref) && k < change->count; k++) {
            if (sp_key_cmp(&change->write[k].key, key) == 0) {
                return &change->write[k];
            }
        }
    }
    return NULL;
}

void sv_saw_value(struct sp_tx *tx, const struct sp_rulebook *book, bool screen,
    const struct sp_ref *ref, const struct sp_key *key,
    const struct sp_dot *dot, struct sp_buf *out)
{
    const struct sp_write *w = NULL;
    struct sp_logged logged;
    struct sp_arena arena;
    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    if (sp_log_get(tx, dot->replica, dot->counter, &arena, &logged) == SP_OK) {
        w = write_to(&logged.commit, ref, key);
    }
    if (w != NULL) {
        sv_saw_put(tx, book, screen, &w->context, out);
    } else {
        put_text(out, "?");
    }
    sp_arena_free(&arena);
}
