/*
 * passed.c - commits on their way down: handed in at head office, judged by
 * the branch that serves their records (SYNC J6).
 *
 * Keys of SP_T_PASSED, each with replica and number behind it:
 *   c  hash 32, then the commit: kept here though no frontier reaches it
 *   r  u8, enum sp_release: what a person said of it (SYNC J4, X8)
 *   w  empty: waits here for its verdict, which head office wants to hear
 */
#include "engine.h"

static struct sp_kb key_of(char what, sp_replica replica, uint64_t n)
{
    struct sp_kb k = { .size = 0 };
    sp_kb_add_u8(&k, (uint8_t)what);
    sp_kb_add_u64(&k, replica);
    sp_kb_add_u64(&k, n);
    return k;
}

static sp_err mark(struct sp_tx *tx, char what, sp_replica replica, uint64_t n)
{
    struct sp_kb key = key_of(what, replica, n);
    return sp_tx_put(tx, SP_T_PASSED, &key, (struct sp_slice){ 0 });
}

static sp_err unmark(
    struct sp_tx *tx, char what, sp_replica replica, uint64_t n)
{
    struct sp_kb key = key_of(what, replica, n);
    return sp_tx_del(tx, SP_T_PASSED, &key);
}

static sp_err marked(struct sp_tx *tx, char what, sp_replica replica,
    uint64_t n, struct sp_slice *value, bool *out)
{
    struct sp_kb key = key_of(what, replica, n);
    sp_err err = sp_tx_get(tx, SP_T_PASSED, &key, value);
    *out = err == SP_OK;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* ---- what is signed ---------------------------------------------------- */

/* "satchel-passed" | organisation | replica | n | hash | released: head office
 * has this commit under that number, and the chain up to it. */
#define SIGNED_BYTES (14u + 16u + 8u + 8u + SP_HASH_BYTES + 1u)

static struct sp_slice signed_part(const struct sp_tx *tx,
    const struct sp_passed *p, uint8_t out[SIGNED_BYTES], struct sp_hash *hash)
{
    struct sp_hash prev;
    uint8_t *at = out;
    memcpy(prev.b, p->prev, sizeof prev.b);
    sp_commit_chain(&prev, p->replica, p->n, p->commit, hash);
    memcpy(at, "satchel-passed", 14);
    at += 14;
    memcpy(at, tx->node->identity->org.b, 16);
    at += 16;
    sp_set_u64be(at, p->replica);
    sp_set_u64be(at + 8, p->n);
    at += 16;
    memcpy(at, hash->b, sizeof hash->b);
    at[sizeof hash->b] = p->released ? 1 : 0;
    return sp_slice_of(out, SIGNED_BYTES);
}

/* ---- the branch -------------------------------------------------------- */

sp_err sp_passed_commit(struct sp_tx *tx, sp_replica replica, uint64_t n,
    struct sp_arena *arena, struct sp_commit *out)
{
    struct sp_slice value;
    bool found;
    SP_TRY(marked(tx, 'c', replica, n, &value, &found));
    if (!found) {
        return SP_E_NOT_FOUND;
    }
    if (value.size <= SP_HASH_BYTES) {
        return SP_E_CORRUPT;
    }
    struct sp_slice copy = sp_arena_copy(arena,
        sp_slice_of(value.data + SP_HASH_BYTES, value.size - SP_HASH_BYTES));
    return copy.data == NULL ? SP_E_NOMEM
                             : sp_commit_decode(copy, replica, arena, out);
}

sp_err sp_passed_logged(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    return unmark(tx, 'c', replica, n);
}

sp_err sp_passed_decided(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    return unmark(tx, 'w', replica, n);
}

sp_err sp_passed_here(
    struct sp_tx *tx, sp_replica replica, uint64_t n, bool *out)
{
    struct sp_slice value;
    return marked(tx, 'w', replica, n, &value, out);
}

sp_err sp_passed_drop(struct sp_tx *tx, sp_replica replica, uint64_t n)
{
    struct sp_verdict_entry e;
    SP_TRY(sp_log_verdict(tx, replica, n, &e));
    SP_TRY(unmark(tx, 'w', replica, n));
    return e.verdict.kind > SP_DEFERRED ? SP_OK : unmark(tx, 'c', replica, n);
}

/* What is passed for the first time: kept whole, counted as deferred. */
static sp_err keep(struct sp_tx *tx, const struct sp_commit *c,
    const struct sp_passed *p, const struct sp_hash *hash)
{
    struct sp_kb key = key_of('c', p->replica, p->n);
    struct sp_verdict_entry e;
    struct sp_chain chain;
    sp_buf_reset(&tx->buf);
    sp_buf_put(&tx->buf, hash->b, sizeof hash->b);
    sp_buf_put(&tx->buf, p->commit.data, p->commit.size);
    SP_TRY(tx->buf.err);
    SP_TRY(sp_tx_put(tx, SP_T_PASSED, &key, sp_buf_slice(&tx->buf)));
    SP_TRY(sp_log_verdict(tx, p->replica, p->n, &e));
    if (e.verdict.kind != SP_VERDICT_NONE) {
        return SP_OK; /* named in head office's list (SYNC F1) */
    }
    e.content = c->content;
    e.verdict = (struct sp_verdict){ .kind = SP_DEFERRED,
        .code = SP_E_DEFERRED_JUDGE,
        .judge = tx->node->identity->device,
        .at_ms = sp_tx_now(tx) };
    SP_TRY(sp_log_chain(tx, p->replica, &chain));
    chain.open++;
    chain.unconfirmed++;
    SP_TRY(sp_log_put_chain(tx, &chain));
    return sp_log_put_verdict(tx, &e);
}

/* Here already, by its chain or passed before: another commit under that
 * number is not judged (SYNC X4), a verdict that stands is told once more if
 * nobody has been told. */
static sp_err known(struct sp_tx *tx, const struct sp_passed *p,
    const struct sp_commit *c, const struct sp_hash *here,
    const struct sp_hash *hash, bool *try)
{
    struct sp_verdict_entry e;
    struct sp_chain chain;
    *try = false;
    SP_TRY(sp_log_verdict(tx, c->replica, c->n, &e));
    if (memcmp(here->b, hash->b, sizeof hash->b) != 0) {
        return SP_OK;
    }
    if (e.verdict.kind == SP_DEFERRED) {
        *try = true;
        return SP_OK;
    }
    if (e.word != 0 && !p->released) {
        return SP_OK; /* head office may not have believed it before */
    }
    if (e.verdict.kind == SP_VERDICT_NONE) {
        e.content = c->content;
        e.verdict = (struct sp_verdict){ .kind = SP_ACCEPTED,
            .judge = tx->node->identity->device,
            .at_ms = sp_tx_now(tx) };
        SP_TRY(sp_log_chain(tx, c->replica, &chain));
        chain.unconfirmed++;
        SP_TRY(sp_log_put_chain(tx, &chain));
    }
    SP_TRY(sp_words_note(tx, &e, 0));
    return sp_log_put_verdict(tx, &e);
}

static sp_err find_here(struct sp_tx *tx, const struct sp_passed *p,
    struct sp_hash *out, bool *found)
{
    struct sp_slice value;
    sp_err err = sp_log_bytes(tx, p->replica, p->n, &value, out);
    *found = err == SP_OK;
    if (err != SP_E_NOT_FOUND) {
        return err;
    }
    SP_TRY(marked(tx, 'c', p->replica, p->n, &value, found));
    if (*found) {
        memcpy(out->b, value.data, sizeof out->b);
    }
    return SP_OK;
}

sp_err sp_passed_take(struct sp_tx *tx, const struct sp_certified *issuer,
    const struct sp_passed *p, uint32_t *fresh)
{
    uint8_t bytes[SIGNED_BYTES];
    struct sp_hash hash, here;
    struct sp_commit c;
    struct sp_dot dot = { p->replica, p->n };
    struct sp_slice waits;
    bool found, try = true, waiting;
    if (!issuer->head_office) {
        return SP_E_FORGED;
    }
    SP_TRY(sp_sign_check(
        signed_part(tx, p, bytes, &hash), issuer->sign_public, p->signature));
    sp_arena_reset(&tx->scratch);
    SP_TRY(sp_commit_decode(p->commit, p->replica, &tx->scratch, &c));
    if (c.n != p->n) {
        return SP_E_MALFORMED;
    }
    SP_TRY(find_here(tx, p, &here, &found));
    if (p->released) {
        SP_TRY(sp_passed_release(tx, p->replica, p->n, SP_RELEASED));
    }
    SP_TRY(
        found ? known(tx, p, &c, &here, &hash, &try) : keep(tx, &c, p, &hash));
    if (!try) {
        return SP_OK;
    }
    SP_TRY(marked(tx, 'w', p->replica, p->n, &waits, &waiting));
    *fresh += waiting ? 0 : 1;
    SP_TRY(mark(tx, 'w', p->replica, p->n));
    return sp_apply_try(tx, &dot);
}

sp_err sp_passed_held(
    struct sp_tx *tx, struct sp_arena *arena, struct sp_dots *out)
{
    struct sp_kb prefix = { .size = 0 };
    struct sp_key_list keys = { .arena = arena };
    sp_kb_add_u8(&prefix, 'w');
    SP_TRY(sp_tx_keys(tx, SP_T_PASSED, &prefix, &keys));
    out->count = 0;
    out->dot = sp_arena_take(arena, keys.count + 1u, sizeof *out->dot);
    if (out->dot == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < keys.count; i++) {
        out->dot[out->count++] =
            (struct sp_dot){ sp_get_u64be(keys.key[i].b + 1),
                sp_get_u64be(keys.key[i].b + 9) };
    }
    return SP_OK;
}

/* ---- a person's word (SYNC J4, X8) ------------------------------------- */

sp_err sp_passed_release(
    struct sp_tx *tx, sp_replica replica, uint64_t n, enum sp_release how)
{
    struct sp_kb key = key_of('r', replica, n);
    uint8_t value = (uint8_t)how;
    return sp_tx_put(tx, SP_T_PASSED, &key, sp_slice_of(&value, 1));
}

sp_err sp_passed_released(
    struct sp_tx *tx, sp_replica replica, uint64_t n, enum sp_release *out)
{
    struct sp_slice value;
    bool found;
    SP_TRY(marked(tx, 'r', replica, n, &value, &found));
    *out = !found || value.size != 1         ? SP_NOT_RELEASED
           : value.data[0] == SP_JUDGED_HERE ? SP_JUDGED_HERE
                                             : SP_RELEASED;
    return SP_OK;
}

/* ---- head office ------------------------------------------------------- */

static bool is_held(const struct sp_pass *p, const struct sp_dot *dot)
{
    uint32_t low = 0, high = p->held.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (sp_dot_cmp(&p->held.dot[mid], dot) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < p->held.count && sp_dot_cmp(&p->held.dot[low], dot) == 0;
}

static bool in_page(const struct sp_pass *p, const struct sp_dot *dot)
{
    return sp_dot_cmp(&p->after, dot) < 0 &&
           (p->until.replica == 0 || sp_dot_cmp(dot, &p->until) <= 0);
}

/* Whether the branch is the judge at this moment: nobody stores it (J3). */
static sp_err is_for(struct sp_tx *tx, const struct sp_pass *p,
    const struct sp_dot *dot, bool *out)
{
    struct sp_commit c;
    struct sp_work *work;
    struct sp_verdict_entry e;
    *out = false;
    SP_TRY(sp_log_verdict(tx, dot->replica, dot->counter, &e));
    if (e.verdict.kind != SP_DEFERRED) {
        return SP_OK;
    }
    sp_arena_reset(&tx->scratch);
    sp_err err =
        sp_log_commit(tx, dot->replica, dot->counter, &tx->scratch, &c);
    if (err == SP_OK) {
        err = sp_judge_prepare(tx, &c, &tx->scratch, &work);
    }
    *out = err == SP_OK && sp_judge_server(tx, work, c.count) == p->branch;
    return err == SP_E_NOT_FOUND || err == SP_E_TOO_LARGE ? SP_OK : err;
}

static sp_err add_passed(
    struct sp_tx *tx, struct sp_pass *p, const struct sp_dot *dot)
{
    uint8_t bytes[SIGNED_BYTES];
    struct sp_hash hash, prev;
    struct sp_slice commit;
    enum sp_release said;
    struct sp_passed *out = &p->passed[p->passed_count];
    SP_TRY(sp_log_bytes(tx, dot->replica, dot->counter, &commit, &hash));
    if (p->passed_count == SP_BATCH_COMMITS_MAX ||
        (p->passed_count > 0 && commit.size + 128 > p->budget)) {
        p->more = true;
        return SP_OK;
    }
    p->budget -= commit.size + 128 < p->budget ? commit.size + 128 : p->budget;
    *out = (struct sp_passed){ .replica = dot->replica, .n = dot->counter };
    out->commit = sp_arena_copy(p->arena, commit);
    if (out->commit.data == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_log_hash(tx, dot->replica, dot->counter - 1, &prev));
    memcpy(out->prev, prev.b, sizeof out->prev);
    SP_TRY(sp_passed_released(tx, dot->replica, dot->counter, &said));
    out->released = said != SP_NOT_RELEASED;
    sp_sign(signed_part(tx, out, bytes, &hash), tx->node->identity->sign_secret,
        out->signature);
    p->passed_count++;
    return SP_OK;
}

sp_err sp_passed_find(struct sp_tx *tx, struct sp_pass *p)
{
    struct sp_kb prefix = { .size = 0 };
    struct sp_key_list keys = { .arena = p->arena };
    sp_kb_add_u8(&prefix, 'J');
    SP_TRY(sp_tx_keys(tx, SP_T_WAIT, &prefix, &keys));
    p->found.dot =
        sp_arena_take(p->arena, keys.count + 1u, sizeof(struct sp_dot));
    if (p->found.dot == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < keys.count; i++) {
        struct sp_dot dot = { sp_get_u64be(keys.key[i].b + 1),
            sp_get_u64be(keys.key[i].b + 9) };
        bool yes = in_page(p, &dot);
        SP_TRY(yes ? is_for(tx, p, &dot, &yes) : SP_OK);
        if (!yes) {
            continue;
        }
        p->found.dot[p->found.count++] = dot;
        enum sp_release said;
        SP_TRY(sp_passed_released(tx, dot.replica, dot.counter, &said));
        bool again = said != SP_NOT_RELEASED;
        /* What a person released is said again to who may hold it back. */
        if (p->passed != NULL && !p->more && (again || !is_held(p, &dot))) {
            SP_TRY(add_passed(tx, p, &dot));
        }
    }
    return SP_OK;
}
