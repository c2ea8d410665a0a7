#include "ctl/brief.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/tally.h"
#include "book/value.h"
#include "ctl/day.h"
#include "ctl/source.h"
#include "ops/say.h"
#include "sp/pack.h"

#define WORDS_BYTES_MAX 1000u
#define BRIEF_BYTES     2500u

enum { TASK_OPEN = 1 }; /* task.status */

/* What there is to know of one account. */
struct known {
    struct sp_tx *tx;
    const struct sp_entity *entity; /* that is being read */
    uint64_t last_ms;               /* of the last visit; 0: never */
    char next_step[1024];           /* more than the field holds */
    uint64_t tasks, contacts;
};

/* ---- facts -------------------------------------------------------------- */

static sp_err take_visit(struct known *k, const struct cc_value_of *of)
{
    uint64_t at = cc_value_ts(of, "checkin");
    struct sp_slice next = cc_value_text(of, "next_step");
    if (at > k->last_ms) {
        k->last_ms = at;
        snprintf(k->next_step, sizeof k->next_step, "%.*s", (int)next.size,
            (const char *)next.data);
    }
    return SP_OK;
}

static sp_err take_task(struct known *k, const struct cc_value_of *of)
{
    k->tasks += cc_value_int(of, "status", TASK_OPEN) == TASK_OPEN;
    return SP_OK;
}

static sp_err take_contact(struct known *k, const struct cc_value_of *of)
{
    (void)of;
    k->contacts++;
    return SP_OK;
}

struct reading {
    struct known *known;
    sp_err (*take)(struct known *k, const struct cc_value_of *of);
};

static sp_err take_child(void *arg, const struct sp_ref *ref)
{
    struct reading *r = arg;
    struct sp_record record;
    struct sp_arena arena;
    sp_arena_init(&arena, 4u << 20);
    sp_err err = sp_state_get(r->known->tx, ref, &arena, &record);
    if (err == SP_OK) {
        const struct cc_value_of of = { r->known->entity, &record };
        err = cc_tally_counts(&of) ? r->take(r->known, &of) : SP_OK;
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err learn(
    const struct sv_assign *a, const struct sp_ref *account, struct known *k)
{
    static const struct {
        const char *entity;
        sp_err (*take)(struct known *k, const struct cc_value_of *of);
    } each[] = { { "visit", take_visit }, { "task", take_task },
        { "contact", take_contact } };
    sp_err err = SP_OK;
    *k = (struct known){ .tx = a->tx };
    for (size_t i = 0; err == SP_OK && i < 3; i++) {
        struct reading r = { k, each[i].take };
        k->entity =
            sp_dictionary_entity_named(sp_rulebook_dictionary(a->seen.book),
                sp_slice_text(each[i].entity));
        if (k->entity != NULL) {
            err = sp_state_children(
                a->tx, account, k->entity->number, false, take_child, &r);
        }
    }
    return err;
}

/* In the language of who hands over. */
static void put_brief(
    const struct known *k, const char *words, char out[BRIEF_BYTES])
{
    char day[CC_DAY_TEXT_BYTES] = "";
    size_t used = 0;
    out[0] = '\0';
    if (words != NULL && words[0] != '\0') {
        used += (size_t)snprintf(out, BRIEF_BYTES, "%s\n", words);
    }
    if (k->last_ms != 0) {
        cc_day_format(day, sv_day_local(k->last_ms));
        used += (size_t)snprintf(
            out + used, BRIEF_BYTES - used, sv_say("Last visit: %s"), day);
        used += (size_t)snprintf(out + used, BRIEF_BYTES - used, "%s%s\n",
            k->next_step[0] == '\0' ? "" : "; ", k->next_step);
    } else {
        used += (size_t)snprintf(
            out + used, BRIEF_BYTES - used, "%s\n", sv_say("Never visited"));
    }
    (void)snprintf(out + used, BRIEF_BYTES - used,
        sv_say("Open tasks: %llu; contacts: %llu"),
        (unsigned long long)k->tasks, (unsigned long long)k->contacts);
}

/* ---- records ------------------------------------------------------------ */

static struct sp_id new_id(const struct sp_tx *tx)
{
    const struct sp_env *env = tx->node->env;
    uint8_t random[16];
    env->random(env->self, random, sizeof random);
    return sp_id_make(env->now_ms(env->self), random);
}

static sp_err draft_one(const struct sv_assign *a,
    const struct sv_assign_account *account, const struct sv_brief *said,
    struct sv_source_draft *d)
{
    uint32_t from = said->from != 0 ? said->from : account->owner;
    struct sp_arena *arena = &a->tx->arena;
    char brief[BRIEF_BYTES], now[32];
    struct known k;
    json_t *at = sv_call_time(a->seen.now_ms);
    snprintf(now, sizeof now, "%s", json_string_value(at));
    json_decref(at);
    sp_err err = learn(a, &account->ref, &k);
    put_brief(&k, said->words, brief);
    if (err == SP_OK) {
        err = sv_source_put_id(d, arena, "account", &account->ref.id);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(d, arena, "author", a->seen.person->user);
    }
    if (err == SP_OK && from != 0) {
        err = sv_source_put_number(d, arena, "from", from);
    }
    if (err == SP_OK) {
        err = sv_source_put_number(d, arena, "to", account->keeper);
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "reason", said->reason);
    }
    if (err == SP_OK) {
        err = sv_source_put(d, arena, "effective_at", now);
    }
    return err == SP_OK ? sv_source_put(d, arena, "brief", brief) : err;
}

/* A commit of its own, as all that speaks of one customer: it can go with him
 * (PROTOCOL.md, "Erasure"). */
static sp_err write_one(const struct sv_assign *a,
    const struct sp_entity *entity, const struct sv_assign_account *account,
    const struct sv_brief *said, struct sv_source_draft *d)
{
    const struct sp_id id = new_id(a->tx);
    sv_source_begin(d, entity, &id, true);
    sp_err err = draft_one(a, account, said, d);
    return err == SP_OK
               ? sv_source_commit(a->tx, a->seen.person->user, &d->change, 1)
               : err;
}

sp_err sv_brief_write(
    const struct sv_assign *a, const struct sv_brief *said, uint64_t *made)
{
    const struct sp_entity *entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(a->seen.book), sp_slice_text("assignment"));
    sp_err err = SP_OK;
    *made = 0;
    if (said->words != NULL && strlen(said->words) > WORDS_BYTES_MAX) {
        return sv_call_refuse(a->call, SP_E_VALUE,
            "--brief takes at most %u bytes; nothing was changed",
            WORDS_BYTES_MAX);
    }
    struct sv_source_draft *d =
        entity == NULL ? NULL : sp_arena_take(&a->tx->arena, 1, sizeof *d);
    if (d == NULL) {
        return entity == NULL ? SP_OK : SP_E_NOMEM;
    }
    for (uint32_t i = 0; err == SP_OK && i < a->count; i++) {
        if (a->account[i].keeper != 0) {
            err = write_one(a, entity, &a->account[i], said, d);
            *made += err == SP_OK;
        }
    }
    return err;
}
