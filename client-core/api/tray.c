#include "api/tray.h"

#include <stdio.h>
#include <string.h>

#include "sp/pack.h"

#include "api/show.h"
#include "api/typed.h"

#define ITEM_BYTES_MAX (32u * SP_COMMIT_BYTES_MAX)

static const struct sp_slice whole = { NULL, 0 };

bool cc_tray_listed(const struct cc_tray_item *item)
{
    if (item->withdrawn) {
        return item->resent;
    }
    return !item->disposed;
}

bool cc_tray_only(const struct cc_call *c, const struct sp_commit *commit)
{
    for (uint32_t i = 0; i < commit->count; i++) {
        const struct sp_entity *e =
            sp_dictionary_entity(c->dictionary, commit->change[i].ref.type);
        if (e == NULL || e->tray == SP_TRAY_NONE) {
            return false;
        }
    }
    return true;
}

/* ---- values of the records --------------------------------------------- */

static const struct sp_sibling *shown(
    const struct sp_record *r, uint16_t field, enum sp_merge_kind kind)
{
    const struct sp_register *reg = sp_record_find(r, field, whole);

    return reg == NULL ? NULL : sp_merge_shown(reg, kind);
}

static uint64_t read_uint(const struct sp_record *r, uint16_t field)
{
    const struct sp_sibling *s = shown(r, field, SP_MERGE_IMM);
    struct sp_rd rd;
    uint64_t v;

    if (s == NULL) {
        return 0;
    }
    sp_rd_init(&rd, s->value);
    v = sp_rd_uint(&rd, 0, UINT64_MAX);
    return sp_rd_done(&rd) == SP_OK ? v : 0;
}

static uint64_t read_moment(struct sp_rd *rd)
{
    uint64_t ms;

    sp_rd_array_of(rd, 2);
    ms = sp_rd_uint(rd, 0, UINT64_MAX);
    (void)sp_rd_str(rd, SP_STRING_BYTES_MAX);
    return rd->err == SP_OK ? ms : 0;
}

static uint64_t read_time(
    const struct sp_record *r, uint16_t field, enum sp_merge_kind kind)
{
    const struct sp_sibling *s = shown(r, field, kind);
    struct sp_rd rd;

    if (s == NULL) {
        return 0;
    }
    sp_rd_init(&rd, s->value);
    return read_moment(&rd);
}

static uint64_t read_created(const struct sp_record *r)
{
    const struct sp_sibling *s = shown(r, SP_TRAY_CREATED, SP_MERGE_IMM);
    uint8_t bits[8];
    struct sp_rd rd;

    if (s == NULL) {
        return 0;
    }
    sp_rd_init(&rd, s->value);
    sp_rd_fixed(&rd, bits, sizeof(bits));
    return sp_rd_done(&rd) == SP_OK ? sp_get_u64be(bits) : 0;
}

/* What a record of either entity says of the edit itself. */
static sp_err read_edit(
    const struct sp_record *r, struct sp_arena *a, struct cc_tray_item *out)
{
    sp_err err = sp_tray_typed(r, a, &out->content);

    if (err == SP_OK) {
        err = sp_commit_decode_content(out->content, a, &out->commit);
    }
    if (err != SP_OK) {
        return err;
    }
    out->made_ms = read_time(r, SP_TRAY_MADE, SP_MERGE_IMM);
    out->created = read_created(r);
    out->verdict = (struct sp_verdict){ .kind = SP_REFUSED,
        .code = (sp_err)read_uint(r, SP_TRAY_CODE),
        .type = (uint16_t)read_uint(r, SP_TRAY_ENTITY),
        .field = (uint16_t)read_uint(r, SP_TRAY_FIELD),
        .rule = (uint32_t)read_uint(r, SP_TRAY_RULE),
        .judge = (uint32_t)read_uint(r, SP_TRAY_JUDGE),
        .at_ms = read_time(r, SP_TRAY_JUDGED, SP_MERGE_IMM) };
    return SP_OK;
}

/* What has become of it. */
static void read_fate(const struct sp_record *r, struct cc_tray_item *out)
{
    const struct sp_sibling *s = shown(r, SP_TRAY_DISPOSED, SP_MERGE_LWW);
    struct sp_rd rd;

    out->recorded = true;
    out->withdrawn = read_time(r, SP_TRAY_WITHDRAWN, SP_MERGE_LWW) != 0;
    if (s == NULL) {
        return;
    }
    sp_rd_init(&rd, s->value);
    if (sp_rd_peek(&rd) == SP_KIND_ARRAY) {
        sp_rd_array_of(&rd, 2);
        (void)read_moment(&rd);
        out->resent = sp_rd_uint(&rd, 0, UINT16_MAX) == SP_TRAY_RESENT;
        out->disposed = rd.err == SP_OK;
    }
}

static void read_answer(
    const struct sp_sibling *s, struct sp_arena *a, struct cc_tray_item *out)
{
    struct sp_rd rd;
    uint32_t count;
    uint64_t asked_ms, how, at;

    sp_rd_init(&rd, s->value);
    if (sp_rd_peek(&rd) != SP_KIND_ARRAY) {
        return;
    }
    count = sp_rd_array(&rd, SP_DICTIONARY_PARTS_MAX);
    asked_ms = read_moment(&rd);
    how = sp_rd_uint(&rd, 0, UINT16_MAX);
    at = read_moment(&rd);
    if (rd.err != SP_OK || asked_ms != out->asked_ms) {
        return; /* to what was asked before */
    }
    out->answer = (enum sp_tray_answer)how;
    out->answered_ms = at;
    out->answered_by = s->stamp.user;
    if (count > 3 && sp_rd_peek(&rd) == SP_KIND_STR) {
        out->answer_note =
            sp_arena_copy(a, sp_rd_str(&rd, SP_STRING_BYTES_MAX));
    }
}

static void read_asked(
    const struct sp_record *r, struct sp_arena *a, struct cc_tray_item *out)
{
    const struct sp_sibling *answer = shown(r, SP_TRAY_ANSWERED, SP_MERGE_LWW);
    const struct sp_sibling *note = shown(r, SP_TRAY_NOTE, SP_MERGE_LWW);
    struct sp_rd rd;

    out->asked_ms = read_time(r, SP_TRAY_ASKED_AT, SP_MERGE_LWW);
    if (note != NULL) {
        sp_rd_init(&rd, note->value);
        if (sp_rd_peek(&rd) == SP_KIND_STR) {
            out->note = sp_arena_copy(a, sp_rd_str(&rd, SP_STRING_BYTES_MAX));
        }
    }
    if (answer != NULL && out->asked_ms != 0) {
        read_answer(answer, a, out);
    }
}

/* ---- joining ----------------------------------------------------------- */

static uint16_t type_of(const struct cc_call *c, enum sp_tray_part part)
{
    const struct sp_entity *e = sp_dictionary_entity_tray(c->dictionary, part);

    return e == NULL ? 0 : e->number;
}

/* A record of the tray, as the user sees it; count 0 when it is not here. */
static sp_err view(struct cc_call *c, enum sp_tray_part part,
    const struct sp_id *id, struct sp_arena *a, struct sp_record *out)
{
    struct sp_ref ref = { type_of(c, part), *id };
    sp_err err;

    memset(out, 0, sizeof(*out));
    if (ref.type == 0) {
        return SP_OK;
    }
    err = sp_state_view(&c->tx, &ref, a, out, NULL);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err add_asked(
    struct cc_call *c, struct sp_arena *a, struct cc_tray_item *item)
{
    struct sp_record r;
    sp_err err = view(c, SP_TRAY_ASKED, &item->id, a, &r);

    if (err == SP_OK && r.count > 0) {
        read_asked(&r, a, item);
    }
    return err;
}

/* The content of a decoded commit, packed again: the same bytes. */
static sp_err pack_content(
    struct sp_commit *commit, struct sp_arena *a, struct sp_slice *out)
{
    struct sp_slice content = whole;
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, SP_COMMIT_BYTES_MAX);
    sp_commit_encode(commit, &b);
    err = b.err;
    if (err == SP_OK) {
        err = sp_commit_content(sp_buf_slice(&b), &content);
    }
    if (err == SP_OK) {
        *out = sp_arena_copy(a, content);
        err = out->data == NULL ? SP_E_NOMEM : SP_OK;
    }
    sp_buf_free(&b);
    return err;
}

/* All that a record must have, and nothing seen of it before. */
static bool looks_made(
    const struct sp_entity *entity, const struct sp_change *change)
{
    bool any = false;

    for (uint32_t i = 0; entity != NULL && i < entity->field_count; i++) {
        const struct sp_write *w = NULL;
        if (!entity->field[i].required) {
            continue;
        }
        for (uint32_t k = 0; k < change->count; k++) {
            w = change->write[k].key.field == entity->field[i].number
                    ? &change->write[k]
                    : w;
        }
        if (w == NULL || w->context.count > 0) {
            return false;
        }
        any = true;
    }
    return any;
}

struct earlier {
    const struct sp_ref *ref;
    uint64_t n;
    bool found;
};

static sp_err look_earlier(void *arg, const struct sp_logged *entry)
{
    struct earlier *l = (struct earlier *)arg;

    if (entry->commit.n >= l->n) {
        return SP_E_NOT_FOUND; /* ends the walk */
    }
    for (uint32_t i = 0; i < entry->commit.count; i++) {
        if (sp_ref_equal(&entry->commit.change[i].ref, l->ref)) {
            l->found = true;
            return SP_E_NOT_FOUND;
        }
    }
    return SP_OK;
}

/* Which changes made their records. What stands in the store cannot tell: the
 * record may have left this device since. Contexts leave out the replica's own
 * writes, so those are looked for in the journal. */
static sp_err find_created(
    struct cc_call *c, const struct sp_commit *commit, uint64_t *out)
{
    sp_err err = SP_OK;

    *out = 0;
    for (uint32_t i = 0; i < commit->count && err == SP_OK; i++) {
        const struct sp_change *change = &commit->change[i];
        struct earlier l = { .ref = &change->ref, .n = commit->n };
        if (looks_made(sp_dictionary_entity(c->dictionary, change->ref.type),
                change)) {
            err = sp_log_walk(&c->tx, commit->replica, 1, look_earlier, &l);
            *out |= l.found ? 0 : 1ull << i;
        }
    }
    return err;
}

static sp_err from_journal(struct cc_call *c, const struct sp_logged *entry,
    bool all, struct sp_arena *a, struct cc_tray_item *out)
{
    struct sp_record r;
    sp_err err;

    *out = (struct cc_tray_item){ .id = entry->commit.content,
        .commit = entry->commit,
        .made_ms = sp_hlc_ms(entry->commit.time),
        .dot = { entry->commit.replica, entry->commit.n },
        .verdict = entry->verdict,
        .local = true,
        .disposed = entry->disposed,
        .author = entry->commit.user };
    err = all ? pack_content(&out->commit, a, &out->content) : SP_OK;
    if (err == SP_OK) {
        err = view(c, SP_TRAY_REJECTED, &out->id, a, &r);
    }
    if (err == SP_OK && r.count > 0) {
        read_fate(&r, out);
        out->disposed = out->disposed || entry->disposed;
        out->created = read_created(&r);
    } else if (err == SP_OK && all) {
        err = find_created(c, &entry->commit, &out->created);
    }
    return err == SP_OK ? add_asked(c, a, out) : err;
}

static sp_err from_record(struct cc_call *c, const struct sp_record *r,
    struct sp_arena *a, struct cc_tray_item *out)
{
    sp_err err;

    *out = (struct cc_tray_item){ .id = r->ref.id,
        .dot = { read_uint(r, SP_TRAY_REPLICA), read_uint(r, SP_TRAY_NUMBER) },
        .author = (uint32_t)read_uint(r, SP_TRAY_AUTHOR) };
    err = read_edit(r, a, out);
    if (err == SP_OK) {
        read_fate(r, out);
        err = add_asked(c, a, out);
    }
    return err;
}

/* ---- walking ----------------------------------------------------------- */

struct walk {
    struct cc_call *call;
    struct cc_tray_wanted wanted;
    struct sp_arena arena; /* of the item at hand */
    struct sp_id *seen;    /* refused in the journal */
    uint32_t seen_count;
    sp_err (*each)(void *arg, const struct cc_tray_item *item);
    void *arg;
};

static sp_err note_seen(struct walk *w, const struct sp_id *id)
{
    struct sp_id *list = (struct sp_id *)sp_arena_grow(
        &w->call->tx.arena, w->seen, w->seen_count, sizeof(*list));

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->seen = list;
    list[w->seen_count++] = *id;
    return SP_OK;
}

static sp_err take_logged(void *arg, const struct sp_logged *entry)
{
    struct walk *w = (struct walk *)arg;
    struct cc_tray_item item;
    sp_err err;

    if (cc_tray_only(w->call, &entry->commit)) {
        return SP_OK;
    }
    sp_arena_reset(&w->arena);
    err = note_seen(w, &entry->commit.content);
    if (err == SP_OK) {
        err = from_journal(w->call, entry, w->wanted.whole, &w->arena, &item);
    }
    return err == SP_OK ? w->each(w->arg, &item) : err;
}

static sp_err take_record(void *arg, const struct sp_record *r)
{
    struct walk *w = (struct walk *)arg;
    struct cc_tray_item item;
    sp_err err;

    if (read_uint(r, SP_TRAY_AUTHOR) !=
        w->call->s->replica.identity.self.user) {
        return SP_OK;
    }
    for (uint32_t i = 0; i < w->seen_count; i++) {
        if (sp_id_equal(&w->seen[i], &r->ref.id)) {
            return SP_OK;
        }
    }
    sp_arena_reset(&w->arena);
    err = from_record(w->call, r, &w->arena, &item);
    if (err == SP_E_NOT_FOUND || sp_err_class(err) == SP_CLASS_PEER) {
        return SP_OK; /* part of it has not come yet */
    }
    return err == SP_OK ? w->each(w->arg, &item) : err;
}

sp_err cc_tray_walk(struct cc_call *c, struct cc_tray_wanted wanted,
    sp_err (*each)(void *arg, const struct cc_tray_item *item), void *arg)
{
    struct walk w = { .call = c, .wanted = wanted, .each = each, .arg = arg };
    uint16_t type = type_of(c, SP_TRAY_REJECTED);
    sp_err err;

    sp_arena_init(&w.arena, ITEM_BYTES_MAX);
    err = sp_log_verdicts(&c->tx, 0, SP_REFUSED, take_logged, &w);
    if (err == SP_OK && type != 0) {
        err = sp_state_walk(&c->tx, type, NULL, take_record, &w);
    }
    if (err == SP_OK && wanted.deferred) {
        err = sp_log_verdicts(&c->tx, 0, SP_DEFERRED, take_logged, &w);
    }
    sp_arena_free(&w.arena);
    return err;
}

static sp_err count_one(void *arg, const struct cc_tray_item *item)
{
    *(uint64_t *)arg += cc_tray_listed(item) ? 1u : 0u;
    return SP_OK;
}

sp_err cc_tray_count(struct cc_call *c, uint64_t *out)
{
    *out = 0;
    return cc_tray_walk(
        c, (struct cc_tray_wanted){ .whole = false }, count_one, out);
}

static sp_err take_asked(void *arg, const struct sp_record *r)
{
    struct walk *w = (struct walk *)arg;
    struct cc_tray_item item = { .id = r->ref.id, .recorded = true };
    sp_err err;

    item.author = (uint32_t)read_uint(r, SP_TRAY_AUTHOR);
    if (item.author == w->call->s->replica.identity.self.user) {
        return SP_OK;
    }
    sp_arena_reset(&w->arena);
    err = read_edit(r, &w->arena, &item);
    if (err == SP_E_NOT_FOUND || sp_err_class(err) == SP_CLASS_PEER) {
        return SP_OK;
    }
    if (err != SP_OK) {
        return err;
    }
    read_asked(r, &w->arena, &item);
    return item.asked_ms == 0 ? SP_OK : w->each(w->arg, &item);
}

sp_err cc_tray_asked_walk(struct cc_call *c,
    sp_err (*each)(void *arg, const struct cc_tray_item *item), void *arg)
{
    struct walk w = { .call = c, .each = each, .arg = arg };
    uint16_t type = type_of(c, SP_TRAY_ASKED);
    sp_err err = SP_OK;

    sp_arena_init(&w.arena, ITEM_BYTES_MAX);
    if (type != 0) {
        err = sp_state_walk(&c->tx, type, NULL, take_asked, &w);
    }
    sp_arena_free(&w.arena);
    return err;
}

/* ---- one by its name --------------------------------------------------- */

struct find {
    struct cc_call *call;
    const char *key;
    struct sp_id id;
    bool local;
    struct sp_dot dot;
    bool found;
};

static sp_err match(void *arg, const struct cc_tray_item *item)
{
    struct find *f = (struct find *)arg;
    char key[CC_SHOW_KEY_BYTES];

    cc_show_key(key, &item->dot);
    if (strcmp(key, f->key) != 0 || !cc_tray_listed(item)) {
        return SP_OK;
    }
    f->id = item->id;
    f->local = item->local;
    f->dot = item->dot;
    f->found = true;
    return SP_E_NOT_FOUND; /* enough */
}

sp_err cc_tray_find(struct cc_call *c, const char *key, struct sp_arena *a,
    struct cc_tray_item *out)
{
    struct find f = { .call = c, .key = key == NULL ? "" : key };
    struct sp_logged logged;
    struct sp_record r;
    sp_err err =
        cc_tray_walk(c, (struct cc_tray_wanted){ .whole = false }, match, &f);

    if (err != SP_OK && err != SP_E_NOT_FOUND) {
        return err;
    }
    if (!f.found) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "no rejected change \"%.60s\"; list them again", f.key);
    }
    if (f.local) {
        err = sp_log_get(&c->tx, f.dot.replica, f.dot.counter, a, &logged);
        return err == SP_OK ? from_journal(c, &logged, true, a, out) : err;
    }
    err = view(c, SP_TRAY_REJECTED, &f.id, a, &r);
    return err == SP_OK ? from_record(c, &r, a, out) : err;
}

/* ---- dealing with it --------------------------------------------------- */

static sp_err write_disposed(
    struct cc_call *c, const struct sp_id *id, enum sp_tray_disposed how)
{
    struct cc_replica *replica = &c->s->replica;
    struct sp_draft_write w = { .key = { SP_TRAY_DISPOSED, whole } };
    struct sp_draft_change change = {
        .ref = { type_of(c, SP_TRAY_REJECTED), *id }, .count = 1, .write = &w
    };
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, 64);
    sp_wr_array(&b, 2);
    sp_wr_array(&b, 2);
    sp_wr_uint(&b, replica->env.now_ms(replica->env.self));
    sp_wr_text(&b, "");
    sp_wr_uint(&b, (uint64_t)how);
    w.value = sp_buf_slice(&b);
    err = b.err == SP_OK ? cc_typed_save(c, &change, 1, NULL) : b.err;
    sp_buf_free(&b);
    return err;
}

sp_err cc_tray_dispose(struct cc_call *c, const struct cc_tray_item *item,
    enum sp_tray_disposed how)
{
    sp_err err = SP_OK;

    if (item->local) {
        err = sp_log_dispose(&c->tx, item->dot.replica, item->dot.counter);
    }
    return err == SP_OK && item->recorded ? write_disposed(c, &item->id, how)
                                          : err;
}

struct late {
    struct cc_call *call;
    struct sp_id *id;
    uint32_t count;
};

static sp_err take_late(void *arg, const struct sp_logged *entry)
{
    struct late *l = (struct late *)arg;
    struct cc_tray_item item = { .local = true };
    struct sp_arena a;
    struct sp_record r;
    sp_err err;

    if (!entry->disposed) {
        return SP_OK;
    }
    sp_arena_init(&a, ITEM_BYTES_MAX);
    err = view(l->call, SP_TRAY_REJECTED, &entry->commit.content, &a, &r);
    if (err == SP_OK && r.count > 0) {
        read_fate(&r, &item);
    }
    sp_arena_free(&a);
    if (err != SP_OK || !item.recorded || item.disposed) {
        return err;
    }
    struct sp_id *list = (struct sp_id *)sp_arena_grow(
        &l->call->tx.arena, l->id, l->count, sizeof(*list));
    if (list == NULL) {
        return SP_E_NOMEM;
    }
    l->id = list;
    list[l->count++] = entry->commit.content;
    return SP_OK;
}

sp_err cc_tray_dispose_late(struct cc_call *c, bool *any)
{
    struct late l = { .call = c };
    sp_err err = sp_log_verdicts(&c->tx, 0, SP_REFUSED, take_late, &l);

    for (uint32_t i = 0; i < l.count && err == SP_OK && c->write; i++) {
        err = write_disposed(c, &l.id[i], SP_TRAY_DISCARDED);
    }
    *any = l.count > 0;
    return err;
}
