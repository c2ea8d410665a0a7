/* apply_word.c - what another server says of a commit that is known here (SYNC
 * J5). */
#include "erase.h"

/* The own word is the higher one: the others are to hear it (SYNC J5). What
 * was accepted here as it came has no entry yet. */
static sp_err insist(struct sp_tx *tx, struct sp_verdict_entry *own)
{
    struct sp_chain chain;
    if (own->word != 0) {
        return SP_OK; /* on its way */
    }
    if (own->verdict.kind == SP_VERDICT_NONE) {
        own->verdict = (struct sp_verdict){ .kind = SP_ACCEPTED,
            .judge = tx->node->identity->device,
            .at_ms = sp_tx_now(tx) };
        SP_TRY(sp_log_chain(tx, own->replica, &chain));
        chain.unconfirmed++; /* he may have been told otherwise */
        SP_TRY(sp_log_put_chain(tx, &chain));
    }
    SP_TRY(sp_words_note(tx, own, 0));
    return sp_log_put_verdict(tx, own);
}

/* What this server says of a commit: its entry, or accepted in silence, for
 * which the content id is looked up. known false: nothing. */
static sp_err own_word(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_verdict_entry *out, bool *known)
{
    struct sp_commit c;
    SP_TRY(sp_log_verdict(tx, replica, n, out));
    *known = out->verdict.kind != SP_VERDICT_NONE;
    if (*known) {
        return SP_OK;
    }
    sp_arena_reset(&tx->scratch);
    sp_err err = sp_log_commit(tx, replica, n, &tx->scratch, &c);
    if (err == SP_OK) {
        *known = true;
        out->content = c.content;
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

enum sp_verdict_kind sp_apply_kind(const struct sp_verdict_entry *e)
{
    return e->verdict.kind == SP_VERDICT_NONE ? SP_ACCEPTED : e->verdict.kind;
}

/* A higher word than the own one counts from now on. */
static sp_err raise_own(struct sp_tx *tx, const struct sp_verdict_entry *word,
    struct sp_verdict_entry *e, uint32_t from)
{
    struct sp_chain chain;
    SP_TRY(sp_log_chain(tx, word->replica, &chain));
    chain.unconfirmed += e->confirmed ? 1 : 0;
    chain.open -= word->verdict.kind == SP_ACCEPTED ? 1 : 0;
    SP_TRY(sp_log_put_chain(tx, &chain));
    if (word->verdict.kind == SP_REFUSED || e->verdict.kind == SP_REFUSED) {
        SP_TRY(sp_apply_move_marks(tx, e, word->verdict.kind == SP_REFUSED));
    }
    bool erased = e->verdict.erased;
    e->verdict = word->verdict;
    e->verdict.erased = erased;
    e->confirmed = false; /* a deferral ends by name (SYNC F3) */
    SP_TRY(sp_words_note(tx, e, from));
    return sp_log_put_verdict(tx, e);
}

sp_err sp_apply_word(
    struct sp_tx *tx, const struct sp_verdict_entry *word, uint32_t from)
{
    struct sp_verdict_entry e;
    bool known;
    SP_TRY(own_word(tx, word->replica, word->n, &e, &known));
    if (!known) {
        return word->verdict.erased ? sp_erase_heard(tx, word, from) : SP_OK;
    }
    if (!sp_id_equal(&e.content, &word->content)) {
        return SP_OK;
    }
    SP_TRY(sp_apply_kind(&e) > word->verdict.kind ? insist(tx, &e)
           : sp_apply_kind(&e) < word->verdict.kind
               ? raise_own(tx, word, &e, from)
               : SP_OK);
    return word->verdict.erased ? sp_erase_known(tx, &e, from) : SP_OK;
}
