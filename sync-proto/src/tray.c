/* tray.c - refusals as records of their authors (SYNC F6). */
#include "sp/tray.h"

#include "engine.h"

#define ITEM_BYTES_MAX (64u * SP_COMMIT_BYTES_MAX)

/* ---- fields ------------------------------------------------------------ */

struct wanted {
    uint16_t number;
    enum sp_value_kind kind;
    uint8_t where; /* bit (1 << enum sp_tray_part) */
    uint8_t parts; /* groups */
    enum sp_value_kind part[4];
};

enum { BOTH = 1 << SP_TRAY_REJECTED | 1 << SP_TRAY_ASKED };

static const struct wanted wanted[] = {
    { SP_TRAY_AUTHOR, SP_VALUE_USER, BOTH, 0, { 0 } },
    { SP_TRAY_CREATED, SP_VALUE_BYTES, BOTH, 0, { 0 } },
    { SP_TRAY_MADE, SP_VALUE_TS, BOTH, 0, { 0 } },
    { SP_TRAY_JUDGED, SP_VALUE_TS, BOTH, 0, { 0 } },
    { SP_TRAY_CODE, SP_VALUE_UINT, BOTH, 0, { 0 } },
    { SP_TRAY_RULE, SP_VALUE_UINT, BOTH, 0, { 0 } },
    { SP_TRAY_ENTITY, SP_VALUE_UINT, BOTH, 0, { 0 } },
    { SP_TRAY_FIELD, SP_VALUE_UINT, BOTH, 0, { 0 } },
    { SP_TRAY_TYPED, SP_VALUE_BYTES, BOTH, 0, { 0 } },
    { SP_TRAY_TYPED + 1, SP_VALUE_BYTES, BOTH, 0, { 0 } },
    { SP_TRAY_TYPED + 2, SP_VALUE_BYTES, BOTH, 0, { 0 } },
    { SP_TRAY_TYPED + 3, SP_VALUE_BYTES, BOTH, 0, { 0 } },
    { SP_TRAY_JUDGE, SP_VALUE_UINT, 1 << SP_TRAY_REJECTED, 0, { 0 } },
    { SP_TRAY_REPLICA, SP_VALUE_UINT, 1 << SP_TRAY_REJECTED, 0, { 0 } },
    { SP_TRAY_NUMBER, SP_VALUE_UINT, 1 << SP_TRAY_REJECTED, 0, { 0 } },
    { SP_TRAY_DISPOSED, SP_VALUE_GROUP, 1 << SP_TRAY_REJECTED, 2,
        { SP_VALUE_TS, SP_VALUE_ENUM } },
    { SP_TRAY_WITHDRAWN, SP_VALUE_TS, 1 << SP_TRAY_REJECTED, 0, { 0 } },
    { SP_TRAY_ASKED_AT, SP_VALUE_TS, 1 << SP_TRAY_ASKED, 0, { 0 } },
    { SP_TRAY_NOTE, SP_VALUE_STR, 1 << SP_TRAY_ASKED, 0, { 0 } },
    { SP_TRAY_ANSWERED, SP_VALUE_GROUP, 1 << SP_TRAY_ASKED, 4,
        { SP_VALUE_TS, SP_VALUE_ENUM, SP_VALUE_TS, SP_VALUE_STR } },
};

static bool fits(const struct sp_field *f, const struct wanted *w)
{
    if (f == NULL || f->kind != w->kind || f->set || f->retired ||
        f->part_count < w->parts) {
        return false;
    }
    for (uint32_t i = 0; i < w->parts; i++) {
        if (f->part[i].kind != w->part[i]) {
            return false;
        }
    }
    return f->kind != SP_VALUE_BYTES || w->number == SP_TRAY_CREATED ||
           f->max == SP_DICTIONARY_BYTES_MAX;
}

bool sp_tray_sound(const struct sp_entity *e)
{
    if (e->tray == SP_TRAY_NONE) {
        return true;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct wanted *w = &wanted[i];
        if ((w->where >> e->tray & 1) != 0 &&
            !fits(sp_dictionary_field(e, w->number), w)) {
            return false;
        }
    }
    return e->author == SP_TRAY_AUTHOR && e->owner == SP_TRAY_AUTHOR &&
           e->parent == 0 && e->territory == 0 && e->team == 0 && !e->evidence;
}

sp_err sp_tray_typed(
    const struct sp_record *r, struct sp_arena *arena, struct sp_slice *out)
{
    uint8_t *all = sp_arena_take(arena, SP_TRAY_PARTS, SP_DICTIONARY_BYTES_MAX);
    size_t size = 0;
    if (all == NULL) {
        return SP_E_NOMEM;
    }
    for (uint16_t i = 0; i < SP_TRAY_PARTS; i++) {
        const struct sp_register *reg = sp_record_find(
            r, (uint16_t)(SP_TRAY_TYPED + i), (struct sp_slice){ NULL, 0 });
        const struct sp_sibling *s =
            reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_IMM);
        if (s == NULL) {
            break;
        }
        struct sp_rd rd;
        sp_rd_init(&rd, s->value);
        struct sp_slice part = sp_rd_bin(&rd, SP_DICTIONARY_BYTES_MAX);
        if (sp_rd_done(&rd) != SP_OK) {
            return SP_E_NOT_FOUND;
        }
        memcpy(all + size, part.data, part.size);
        size += part.size;
    }
    struct sp_id id = sp_commit_content_id(sp_slice_of(all, size));
    if (!sp_id_equal(&id, &r->ref.id)) {
        return SP_E_NOT_FOUND;
    }
    *out = sp_slice_of(all, size);
    return SP_OK;
}

/* ---- noting ------------------------------------------------------------ */

static struct sp_tray_types types_of(const struct sp_tx *tx)
{
    struct sp_tray_types types;
    tx->rules->tray(tx->rules->self, &types);
    return types;
}

bool sp_tray_only(const struct sp_tx *tx, const struct sp_commit *c)
{
    struct sp_tray_types types = types_of(tx);
    for (uint32_t i = 0; i < c->count; i++) {
        uint16_t type = c->change[i].ref.type;
        if (type != types.rejected && type != types.asked) {
            return false;
        }
    }
    return true;
}

sp_err sp_tray_note(struct sp_tx *tx, const struct sp_verdict_entry *e)
{
    struct sp_state_cache *c = tx->cache;
    if (!sp_tx_is_server(tx) || e->verdict.kind == SP_DEFERRED) {
        return SP_OK;
    }
    struct sp_dot *list =
        sp_arena_grow(&tx->arena, c->told, c->told_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    c->told = list;
    list[c->told_count++] = (struct sp_dot){ e->replica, e->n };
    return SP_OK;
}

/* ---- one record -------------------------------------------------------- */

/* Writes under construction; an error of the buffer latches. */
struct sheet {
    struct sp_arena *arena;
    struct sp_buf value; /* of the write at work */
    uint32_t count;
    struct sp_draft_write write[24];
};

static void put(struct sheet *s, uint16_t field)
{
    SP_ASSERT(s->count < sizeof s->write / sizeof s->write[0]);
    struct sp_slice copy = sp_arena_copy(s->arena, sp_buf_slice(&s->value));
    if (copy.data == NULL && s->value.err == SP_OK) {
        s->value.err = SP_E_NOMEM;
    }
    if (s->value.err == SP_OK) {
        s->write[s->count++] =
            (struct sp_draft_write){ { field, { NULL, 0 } }, copy };
        sp_buf_reset(&s->value);
    }
}

static void put_uint(struct sheet *s, uint16_t field, uint64_t v)
{
    if (v != 0) {
        sp_wr_uint(&s->value, v);
        put(s, field);
    }
}

static void put_time(struct sheet *s, uint16_t field, uint64_t ms)
{
    sp_wr_array(&s->value, 2);
    sp_wr_uint(&s->value, ms);
    sp_wr_text(&s->value, "");
    put(s, field);
}

static sp_err write_sheet(
    struct sp_tx *tx, const struct sp_ref *ref, bool create, struct sheet *s)
{
    struct sp_draft_change change = { *ref, create, s->count, s->write };
    struct sp_draft draft = { .authority = tx->node->tier == SP_TIER_HEAD_OFFICE
                                               ? SP_AUTHORITY_HEAD_OFFICE
                                               : SP_AUTHORITY_BRANCH,
        .count = 1,
        .change = &change };
    SP_TRY(s->value.err);
    return sp_commit_make_own(tx, &draft, s->arena);
}

/* Which changes would have made their records: the mark of a refused create
 * names the commit (SYNC J8). */
static sp_err created_by(
    struct sp_tx *tx, const struct sp_commit *c, uint64_t *out)
{
    *out = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        struct sp_kb key = sp_kb_text("r");
        struct sp_slice dot;
        sp_kb_add_ref(&key, &c->change[i].ref);
        sp_err err = sp_tx_get(tx, SP_T_REFUSED, &key, &dot);
        if (err == SP_OK && sp_get_u64be(dot.data) == c->replica &&
            sp_get_u64be(dot.data + 8) == c->n) {
            *out |= 1ull << i;
        }
        SP_TRY(err == SP_E_NOT_FOUND ? SP_OK : err);
    }
    return SP_OK;
}

static void put_why(struct sheet *s, const struct sp_commit *c,
    const struct sp_verdict *v, uint64_t created)
{
    uint8_t bits[8];
    put_uint(s, SP_TRAY_AUTHOR, c->user);
    if (created != 0) {
        sp_set_u64be(bits, created);
        sp_wr_bin(&s->value, bits, sizeof bits);
        put(s, SP_TRAY_CREATED);
    }
    put_time(s, SP_TRAY_MADE, sp_hlc_ms(c->time));
    put_time(s, SP_TRAY_JUDGED, v->at_ms);
    put_uint(s, SP_TRAY_CODE, (uint64_t)v->code);
    put_uint(s, SP_TRAY_RULE, v->rule);
    put_uint(s, SP_TRAY_ENTITY, v->type);
    put_uint(s, SP_TRAY_FIELD, v->field);
    put_uint(s, SP_TRAY_JUDGE, v->judge);
    put_uint(s, SP_TRAY_REPLICA, c->replica);
    put_uint(s, SP_TRAY_NUMBER, c->n);
}

/* Parts from first on, as many as a commit takes beside the rest. */
static void put_parts(struct sheet *s, struct sp_slice content, uint16_t first)
{
    for (uint16_t i = first; i < first + SP_TRAY_PARTS / 2u; i++) {
        size_t from = (size_t)i * SP_DICTIONARY_BYTES_MAX;
        if (from < content.size) {
            size_t left = content.size - from;
            sp_wr_bin(&s->value, content.data + from,
                left < SP_DICTIONARY_BYTES_MAX ? left
                                               : SP_DICTIONARY_BYTES_MAX);
            put(s, (uint16_t)(SP_TRAY_TYPED + i));
        }
    }
}

static sp_err make_item(struct sp_tx *tx, const struct sp_ref *ref,
    const struct sp_commit *c, const struct sp_verdict *v,
    struct sp_slice content, struct sheet *s)
{
    uint64_t created;
    SP_TRY(created_by(tx, c, &created));
    put_why(s, c, v, created);
    put_parts(s, content, 0);
    SP_TRY(write_sheet(tx, ref, true, s));
    s->count = 0;
    put_parts(s, content, SP_TRAY_PARTS / 2u);
    return s->count == 0 ? SP_OK : write_sheet(tx, ref, false, s);
}

/* ---- when -------------------------------------------------------------- */

static bool serves(struct sp_tx *tx, uint32_t user)
{
    struct sp_id scope = sp_scope_person(user);
    return tx->rules->server_of(tx->rules->self, &scope) ==
           tx->node->identity->device;
}

/* The branch of the author makes it of its own refusals, so that he has it at
 * once; head office of all that it has not got by then: every commit comes
 * there, and no roster that changes on the way leaves one without a maker. */
static sp_err refused(struct sp_tx *tx, const struct sp_verdict_entry *e,
    const struct sp_ref *ref, struct sheet *s)
{
    struct sp_slice bytes, content;
    struct sp_hash hash;
    struct sp_commit c;
    bool office = tx->node->tier == SP_TIER_HEAD_OFFICE;
    if (!office && e->verdict.judge != tx->node->identity->device) {
        return SP_OK;
    }
    sp_err err = sp_log_bytes(tx, e->replica, e->n, &bytes, &hash);
    if (err == SP_E_NOT_FOUND) {
        return SP_OK; /* a verdict taken over: who has the commit makes it */
    }
    SP_TRY(err);
    bytes = sp_arena_copy(s->arena, bytes);
    if (bytes.data == NULL) {
        return SP_E_NOMEM;
    }
    SP_TRY(sp_commit_decode(bytes, e->replica, s->arena, &c));
    if (c.user == 0 || sp_tray_only(tx, &c) ||
        (!office && !serves(tx, c.user))) {
        return SP_OK;
    }
    SP_TRY(sp_commit_content(bytes, &content));
    return make_item(tx, ref, &c, &e->verdict, content, s);
}

static bool number_of(
    const struct sp_record *item, uint16_t field, uint64_t max, uint64_t *out)
{
    const struct sp_register *reg = sp_record_field(item, field);
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_IMM);
    struct sp_rd r;
    if (s == NULL) {
        return false;
    }
    sp_rd_init(&r, s->value);
    *out = sp_rd_uint(&r, 1, max);
    return sp_rd_done(&r) == SP_OK;
}

static bool author_of(const struct sp_record *item, uint32_t *user)
{
    uint64_t number = 0;
    bool is = number_of(item, SP_TRAY_AUTHOR, UINT32_MAX, &number);
    *user = (uint32_t)number;
    return is;
}

/* Accepted after all (SYNC J5). */
static sp_err withdraw(struct sp_tx *tx, uint64_t at_ms,
    const struct sp_record *item, struct sheet *s)
{
    uint32_t user;
    if (!author_of(item, &user) || sp_record_find(item, SP_TRAY_WITHDRAWN,
                                       (struct sp_slice){ NULL, 0 }) != NULL) {
        return SP_OK;
    }
    if (tx->node->tier != SP_TIER_HEAD_OFFICE && !serves(tx, user)) {
        return SP_OK;
    }
    put_time(s, SP_TRAY_WITHDRAWN, at_ms);
    return write_sheet(tx, &item->ref, false, s);
}

static sp_err flush_one(
    struct sp_tx *tx, const struct sp_dot *dot, struct sheet *s)
{
    struct sp_ref ref = { .type = types_of(tx).rejected };
    struct sp_verdict_entry e;
    struct sp_record item;
    if (ref.type == 0) {
        return SP_OK;
    }
    SP_TRY(sp_log_verdict(tx, dot->replica, dot->counter, &e));
    ref.id = e.content;
    sp_err err = sp_state_get(tx, &ref, s->arena, &item);
    if (err == SP_E_NOT_FOUND) {
        return e.verdict.kind == SP_REFUSED ? refused(tx, &e, &ref, s) : SP_OK;
    }
    SP_TRY(err);
    return e.verdict.kind == SP_ACCEPTED
               ? withdraw(tx, e.verdict.at_ms, &item, s)
               : SP_OK;
}

/* ---- letting go -------------------------------------------------------- */

static bool is_discarded(const struct sp_record *r)
{
    const struct sp_register *reg =
        sp_record_find(r, SP_TRAY_DISPOSED, (struct sp_slice){ NULL, 0 });
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);
    struct sp_rd rd;
    if (s == NULL) {
        return false;
    }
    sp_rd_init(&rd, s->value);
    if (sp_rd_peek(&rd) != SP_KIND_ARRAY) {
        return false;
    }
    sp_rd_array_of(&rd, 2);
    (void)sp_rd_value(&rd);
    return sp_rd_uint(&rd, 0, UINT16_MAX) == SP_TRAY_DISCARDED &&
           rd.err == SP_OK;
}

static bool has_part(const struct sp_record *r, uint16_t part)
{
    const struct sp_register *reg = sp_record_find(
        r, (uint16_t)(SP_TRAY_TYPED + part), (struct sp_slice){ NULL, 0 });
    return reg != NULL && sp_dictionary_member(reg);
}

/* Whether the commit of an item was accepted, here or elsewhere, and the item
 * does not say so. */
static sp_err is_overtaken(
    struct sp_tx *tx, const struct sp_record *item, bool *out)
{
    struct sp_arena arena;
    struct sp_logged entry;
    uint64_t replica, n;
    *out = false;
    if (!number_of(item, SP_TRAY_REPLICA, UINT64_MAX, &replica) ||
        !number_of(item, SP_TRAY_NUMBER, UINT64_MAX, &n) ||
        sp_record_field(item, SP_TRAY_WITHDRAWN) != NULL) {
        return SP_OK;
    }
    sp_arena_init(&arena, ITEM_BYTES_MAX);
    sp_err err = sp_log_get(tx, replica, n, &arena, &entry);
    *out = err == SP_OK && entry.verdict.kind == SP_ACCEPTED;
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

sp_err sp_tray_stored(struct sp_tx *tx, const struct sp_record *after)
{
    struct sp_state_cache *c = tx->cache;
    if (!sp_tx_is_server(tx) || after->ref.type != types_of(tx).rejected) {
        return SP_OK;
    }
    bool overtaken;
    SP_TRY(is_overtaken(tx, after, &overtaken));
    if (!overtaken && (!has_part(after, 0) || !is_discarded(after))) {
        return SP_OK;
    }
    struct sp_ref *list =
        sp_arena_grow(&tx->arena, c->tidy, c->tidy_count, sizeof *list);
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    c->tidy = list;
    list[c->tidy_count++] = after->ref;
    return SP_OK;
}

/* One server does it, the one that serves the author. */
static sp_err let_go(
    struct sp_tx *tx, const struct sp_record *item, struct sheet *s)
{
    uint32_t user;
    if (!author_of(item, &user) || !serves(tx, user)) {
        return SP_OK;
    }
    for (uint16_t i = 0; i < SP_TRAY_PARTS; i++) {
        if (has_part(item, i)) {
            sp_wr_nil(&s->value);
            put(s, (uint16_t)(SP_TRAY_TYPED + i));
        }
    }
    return s->count == 0 ? SP_OK : write_sheet(tx, &item->ref, false, s);
}

static void clear(struct sheet *s)
{
    sp_arena_reset(s->arena);
    s->count = 0;
    sp_buf_reset(&s->value);
}

/* An item that came after the word that its commit was accepted is withdrawn
 * as well: who made it may serve its author no more (SYNC J5). */
static sp_err tidy(struct sp_tx *tx, const struct sp_ref *ref, struct sheet *s)
{
    struct sp_record item;
    bool overtaken;
    SP_TRY(sp_state_get(tx, ref, s->arena, &item));
    SP_TRY(is_overtaken(tx, &item, &overtaken));
    if (overtaken) {
        SP_TRY(withdraw(tx, sp_tx_now(tx), &item, s));
        s->count = 0;
    }
    return has_part(&item, 0) && is_discarded(&item) ? let_go(tx, &item, s)
                                                     : SP_OK;
}

sp_err sp_tray_flush(struct sp_tx *tx)
{
    struct sp_state_cache *cache = tx->cache;
    struct sp_arena arena;
    struct sheet s = { .arena = &arena };
    sp_err err = SP_OK;
    if (cache->told_count + cache->tidy_count == 0) {
        return SP_OK;
    }
    sp_arena_init(&arena, ITEM_BYTES_MAX);
    sp_buf_init(&s.value, SP_VALUE_BYTES_MAX);
    for (uint32_t i = 0; i < cache->told_count && err == SP_OK; i++) {
        clear(&s);
        err = flush_one(tx, &cache->told[i], &s);
        if (sp_err_class(err) == SP_CLASS_PEER) {
            err = SP_OK; /* not readable: holds up nobody else's */
        }
    }
    for (uint32_t i = 0; i < cache->tidy_count && err == SP_OK; i++) {
        clear(&s);
        err = tidy(tx, &cache->tidy[i], &s);
    }
    cache->told_count = 0;
    cache->tidy_count = 0;
    sp_buf_free(&s.value);
    sp_arena_free(&arena);
    return err;
}
