/*
 * erase.c - commits that speak of erased records alone leave the logs and the
 * journals (PROTOCOL.md, "Erasure"). Their hashes stay, so every chain goes on
 * and its signed heads still prove it.
 */
#include "erase.h"

static const uint8_t nil_byte = 0xc0;

static bool is_nil(struct sp_slice value)
{
    return value.size == 1 && value.data[0] == nil_byte;
}

/* ---- one commit -------------------------------------------------------- */

/* Devices confirm what they are told of their commits; servers hear of theirs
 * by words, and this one need not be told. */
static sp_err has_to_confirm(struct sp_tx *tx, sp_replica replica, bool *out)
{
    struct sp_certified author;
    sp_err err =
        tx->rules->device(tx->rules->self, sp_replica_device(replica), &author);
    *out = err == SP_OK && author.user != 0;
    return err == SP_E_UNKNOWN_DEVICE ? SP_OK : err;
}

sp_err sp_erase_known(
    struct sp_tx *tx, struct sp_verdict_entry *e, uint32_t from)
{
    struct sp_chain chain;
    bool confirms;
    SP_ASSERT(sp_tx_is_server(tx));
    if (e->verdict.erased || e->verdict.kind == SP_DEFERRED) {
        return SP_OK;
    }
    SP_TRY(has_to_confirm(tx, e->replica, &confirms));
    SP_TRY(sp_log_chain(tx, e->replica, &chain));
    bool told = e->verdict.kind == SP_VERDICT_NONE || e->confirmed;
    if (confirms && told) {
        chain.unconfirmed++;
        SP_TRY(sp_log_put_chain(tx, &chain));
    }
    if (e->verdict.kind == SP_VERDICT_NONE) {
        e->verdict = (struct sp_verdict){ .kind = SP_ACCEPTED,
            .judge = tx->node->identity->device,
            .at_ms = sp_tx_now(tx) };
    }
    e->verdict.erased = true;
    e->confirmed = told && !confirms;
    SP_TRY(sp_words_note(tx, e, from));
    SP_TRY(sp_log_put_verdict(tx, e));
    SP_TRY(sp_passed_logged(tx, e->replica, e->n));
    sp_err err = sp_log_erase(tx, e->replica, e->n);
    return err == SP_E_NOT_FOUND ? SP_OK : err; /* it was passed down only */
}

sp_err sp_erase_heard(
    struct sp_tx *tx, const struct sp_verdict_entry *word, uint32_t from)
{
    struct sp_verdict_entry e = { .replica = word->replica,
        .n = word->n,
        .verdict = word->verdict,
        .content = word->content };
    struct sp_chain chain;
    bool confirms;
    SP_TRY(has_to_confirm(tx, word->replica, &confirms));
    if (!confirms) {
        return SP_OK;
    }
    SP_TRY(sp_log_chain(tx, word->replica, &chain));
    chain.unconfirmed++;
    chain.open += word->verdict.kind == SP_REFUSED ? 1 : 0;
    SP_TRY(sp_log_put_chain(tx, &chain));
    SP_TRY(sp_words_note(tx, &e, from));
    return sp_log_put_verdict(tx, &e);
}

/* Whether nothing is left of a record but that it was there: deleted, in no
 * scope, and without any value that a person wrote. */
static sp_err is_erased(struct sp_tx *tx, const struct sp_ref *ref, bool *out)
{
    const struct sp_rules *rules = tx->rules;
    struct sp_scopes scopes;
    struct sp_stored *s = sp_arena_take(&tx->scratch, 1, sizeof *s);
    bool deleted = false;
    *out = false;
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_place_load(tx, ref, &tx->scratch, s));
    sp_place_list(s, &scopes);
    if (scopes.count > 0) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < s->record.count; i++) {
        const struct sp_register *reg = &s->record.reg[i];
        uint16_t field = reg->key.field;
        if (field == SP_FIELD_DELETED) {
            deleted = reg->count > 0;
            continue;
        }
        if (rules->derives(rules->self, ref->type, field) ||
            rules->merge_kind(rules->self, ref->type, field) == SP_MERGE_CNT) {
            continue; /* follows its source; a number that says nothing */
        }
        for (uint32_t k = 0; k < reg->count; k++) {
            if (!is_nil(reg->sibling[k].value)) {
                return SP_OK;
            }
        }
    }
    *out = deleted;
    return SP_OK;
}

/* Whether a commit brought a value to a record, or took it away only. */
static bool says_something(const struct sp_change *change)
{
    for (uint32_t i = 0; i < change->count; i++) {
        const struct sp_write *w = &change->write[i];
        if (w->key.field != SP_FIELD_DELETED && !is_nil(w->value)) {
            return true;
        }
    }
    return false;
}

/* ---- all of them --------------------------------------------------------- */

/* What is to be done with a commit: nothing, or one of these. */
struct look {
    bool says;   /* of an erased record it says something */
    bool shared; /* and of another that stays, too */
};

static sp_err look_at(
    struct sp_tx *tx, const struct sp_commit *c, struct look *out)
{
    bool stays = false;
    *out = (struct look){ false, false };
    for (uint32_t i = 0; i < c->count; i++) {
        bool erased;
        SP_TRY(is_erased(tx, &c->change[i].ref, &erased));
        stays = stays || !erased;
        out->says = out->says || (erased && says_something(&c->change[i]));
    }
    out->shared = out->says && stays;
    return SP_OK;
}

static sp_err erase_one(
    struct sp_tx *tx, struct sp_erasing *at, sp_replica replica, uint64_t n)
{
    struct sp_verdict_entry e;
    struct sp_commit c;
    struct look found;
    sp_arena_reset(&tx->scratch);
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    if (e.verdict.kind == SP_DEFERRED || e.verdict.erased) {
        return SP_OK;
    }
    sp_err err = sp_log_commit(tx, replica, n, &tx->scratch, &c);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    e.content = c.content;
    SP_TRY(look_at(tx, &c, &found));
    if (!found.says || found.shared) {
        at->shared += found.shared ? 1 : 0;
        return SP_OK;
    }
    at->erased++;
    bool refused = e.verdict.kind == SP_REFUSED;
    SP_TRY(sp_erase_known(tx, &e, 0));
    return refused ? at->refused(at->arg, tx, &e.content) : SP_OK;
}

/* The first chain at or behind a replica; replica 0: there is none. */
static sp_err find_chain(
    struct sp_tx *tx, sp_replica from, struct sp_chain *out)
{
    struct sp_kb key = sp_kb_replica(from);
    struct sp_slice found;
    sp_err err = tx->node->store->seek(
        tx->txn, SP_T_CHAIN, sp_kb_slice(&key), false, &found, NULL);
    if (err != SP_OK) {
        *out = (struct sp_chain){ .replica = 0 };
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    return sp_log_chain(tx, sp_get_u64be(found.data), out);
}

sp_err sp_erase_step(struct sp_tx *tx, struct sp_erasing *at, uint32_t most)
{
    if (tx->node->tier != SP_TIER_HEAD_OFFICE) {
        return SP_E_DENIED;
    }
    for (uint32_t i = 0; i < most && !at->done;) {
        struct sp_chain chain;
        SP_TRY(find_chain(tx, at->replica, &chain));
        if (chain.replica == 0) {
            at->done = true;
            break;
        }
        if (chain.replica != at->replica) {
            at->replica = chain.replica;
            at->n = 1;
        }
        for (; i < most && at->n <= chain.n; i++) {
            SP_TRY(erase_one(tx, at, chain.replica, at->n++));
        }
        if (at->n > chain.n) {
            at->replica++;
            at->n = 1;
        }
    }
    return sp_apply_settle_down(tx);
}
