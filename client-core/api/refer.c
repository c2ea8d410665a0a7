#include "api/refer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "book/fold.h"
#include "book/sentence.h"
#include "say/say.h"

#define CANDIDATES 6u

/* ---- values at hand ---------------------------------------------------- */

struct sp_slice cc_refer_shown(
    const struct sp_record *r, const struct sp_field *f)
{
    struct sp_slice none = { NULL, 0 };
    const struct sp_register *reg;
    const struct sp_sibling *shown = NULL;

    if (f != NULL) {
        reg = sp_record_find(r, f->number, none);
        shown = reg == NULL ? NULL : sp_merge_shown(reg, f->merge);
    }
    if (shown == NULL ||
        (shown->value.size == 1 && shown->value.data[0] == 0xc0)) {
        return none; /* nil */
    }
    return shown->value;
}

bool cc_refer_deleted(const struct sp_record *r)
{
    struct sp_slice none = { NULL, 0 };
    const struct sp_register *reg = sp_record_find(r, SP_FIELD_DELETED, none);
    const struct sp_sibling *shown =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_LWW);

    return shown != NULL && shown->value.size == 1 &&
           shown->value.data[0] == 0xc3;
}

bool cc_refer_parent(
    struct cc_call *c, const struct sp_record *r, struct sp_ref *out)
{
    bool has;

    return sp_tree_parent(&c->tx, r, out, &has) == SP_OK && has;
}

/* ---- titles ------------------------------------------------------------ */

static struct sp_slice text_of(struct sp_slice value)
{
    struct sp_slice none = { NULL, 0 };
    struct sp_rd r;

    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_STR ? sp_rd_str(&r, SP_VALUE_BYTES_MAX)
                                         : none;
}

/* A task that a program made is called so in the reader's language. */
static bool is_told(const struct sp_entity *e, struct sp_slice title,
    char told[CC_SENTENCE_BYTES])
{
    return e != NULL && sp_slice_equal(e->name, sp_slice_text("task")) &&
           cc_sentence_tell(title, cc_say_language(), told);
}

const char *cc_refer_title_of(struct cc_call *c, const struct sp_record *r)
{
    char told[CC_SENTENCE_BYTES];
    const struct sp_entity *e =
        sp_dictionary_entity(c->dictionary, r->ref.type);
    struct sp_slice text = { NULL, 0 };
    const char *out;

    if (e != NULL) {
        text = text_of(cc_refer_shown(r, cc_entry_title_field(e)));
        if (text.size == 0) {
            text = text_of(cc_refer_shown(r, cc_entry_number_field(e)));
        }
    }
    out = cc_call_text(c, is_told(e, text, told) ? sp_slice_text(told) : text);
    return out == NULL ? "" : out;
}

/* In memory already, when an index of that entity was read in this call. */
static const char *title_in_index(struct cc_call *c, const struct sp_ref *ref)
{
    const struct cc_replica *r = &c->s->replica;

    for (size_t i = 0; i < CC_REPLICA_INDEXES; i++) {
        const struct cc_index *x = &r->index[i];
        const struct cc_entry *e;
        if (x->type != ref->type) {
            continue;
        }
        e = cc_index_find(x, &ref->id);
        return e == NULL ? NULL : cc_index_text(x, e->title);
    }
    return NULL;
}

const char *cc_refer_title(struct cc_call *c, const struct sp_ref *ref)
{
    const char *known = title_in_index(c, ref);
    struct sp_record view;
    struct sp_arena arena;

    if (known != NULL && known[0] != '\0') {
        return known;
    }
    if (c->title != NULL && sp_ref_equal(&c->titled, ref)) {
        return c->title;
    }
    c->titled = *ref;
    c->title = cc_call_text(c, sp_slice_text(""));
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    if (sp_state_view(&c->tx, ref, &arena, &view, NULL) == SP_OK) {
        c->title = cc_call_text(c, sp_slice_text(cc_refer_title_of(c, &view)));
    }
    sp_arena_free(&arena);
    return c->title == NULL ? "" : c->title;
}

/* ---- people ------------------------------------------------------------ */

const char *cc_refer_user_name(struct cc_call *c, uint32_t user)
{
    const struct sp_person *p =
        sp_rulebook_find_person(c->s->replica.book, user);
    char number[16];
    const char *out;

    if (p != NULL && p->name.size > 0) {
        out = cc_call_text(c, p->name);
    } else {
        (void)snprintf(number, sizeof(number), "%lu", (unsigned long)user);
        out = cc_call_text(c, sp_slice_text(number));
    }
    return out == NULL ? "" : out;
}

static bool all_digits(struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return s.size > 0 && s.size < 10;
}

static bool same_folded(struct sp_slice a, struct sp_slice b)
{
    char x[SP_ROSTER_NAME_MAX * 2 + 1], y[SP_ROSTER_NAME_MAX * 2 + 1];

    if (a.size >= sizeof(x) || b.size >= sizeof(y)) {
        return false;
    }
    (void)cc_fold_text(a, x);
    (void)cc_fold_text(b, y);
    return strcmp(x, y) == 0;
}

sp_err cc_refer_user(struct cc_call *c, struct sp_slice text, uint32_t *out)
{
    const struct sp_rulebook *book = c->s->replica.book;
    const struct sp_person *p, *found;
    bool several = false;

    if (all_digits(text)) {
        char digits[11] = { 0 };
        memcpy(digits, text.data, text.size);
        *out = (uint32_t)strtoul(digits, NULL, 10);
        return SP_OK;
    }
    if (sp_slice_equal(text, sp_slice_text("me"))) {
        *out = c->s->replica.identity.self.user;
        return SP_OK;
    }
    found = sp_rulebook_find_login(book, text);
    if (found == NULL) {
        for (size_t i = 0; (p = sp_rulebook_list_person(book, i)) != NULL;
             i++) {
            if (same_folded(p->name, text)) {
                several = found != NULL;
                found = p;
            }
        }
    }
    if (several) {
        return cc_call_say(c, SP_E_AMBIGUOUS,
            "several people are called \"%.*s\"; give the login or number",
            (int)(text.size < 60 ? text.size : 60), (const char *)text.data);
    }
    if (found == NULL) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "nobody here is called \"%.*s\"; give login, name or number",
            (int)(text.size < 60 ? text.size : 60), (const char *)text.data);
    }
    *out = found->user;
    return SP_OK;
}

/* ---- records ----------------------------------------------------------- */

/* Part of an id that tells it from others made at the same time. */
static void list_candidates(struct cc_call *c, const struct cc_index *x,
    const struct cc_entry *const *e, size_t count, struct sp_buf *b)
{
    char id[SP_ID_TEXT_BYTES], line[160];

    (void)c;
    for (size_t i = 0; i < count && i < CANDIDATES; i++) {
        sp_id_format(id, &e[i]->id);
        (void)snprintf(line, sizeof(line), "%s%.80s%s%.20s (%.*s)",
            i == 0 ? "" : "; ", cc_index_text(x, e[i]->title),
            cc_index_text(x, e[i]->number)[0] == '\0' ? "" : " ",
            cc_index_text(x, e[i]->number), (int)SP_ID_TEXT_BYTES - 1, id);
        if (b->size + strlen(line) < SATCHEL_DETAIL_BYTES - 16) {
            sp_buf_put(b, line, strlen(line));
        }
    }
    if (count > CANDIDATES) {
        sp_buf_put(b, "; ...", 5);
    }
}

static sp_err say_ambiguous(struct cc_call *c, const struct cc_index *x,
    const struct cc_entry *const *e, size_t count)
{
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, SATCHEL_DETAIL_BYTES);
    list_candidates(c, x, e, count, &b);
    err = cc_call_say(c, SP_E_AMBIGUOUS, "%.*s", (int)b.size,
        b.data == NULL ? "" : (const char *)b.data);
    sp_buf_free(&b);
    return err;
}

/* A whole id needs no names. */
static bool by_whole_id(struct cc_call *c, const struct sp_entity *entity,
    const char *text, struct sp_ref *out)
{
    struct sp_ref ref = { .type = entity->number };
    struct sp_record view;
    struct sp_arena arena;
    bool found;

    if (sp_id_parse(&ref.id, text) != SP_OK) {
        return false;
    }
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    found = sp_state_view(&c->tx, &ref, &arena, &view, NULL) == SP_OK;
    sp_arena_free(&arena);
    if (found) {
        *out = ref;
    }
    return found;
}

/* What was merged into another is that one now. */
static sp_err follow(
    struct cc_call *c, const struct sp_entity *entity, struct sp_ref *ref)
{
    struct sp_record view;
    struct sp_arena arena;
    sp_err err;

    if (entity->forward == 0) {
        return SP_OK;
    }
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    err = sp_state_view(&c->tx, ref, &arena, &view, NULL);
    if (err == SP_OK) {
        err = sp_tree_survivor(&c->tx, &view, ref);
    }
    sp_arena_free(&arena);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

sp_err cc_refer_record(struct cc_call *c, const struct sp_entity *entity,
    const char *text, struct sp_ref *out)
{
    sp_err err = cc_refer_exact(c, entity, text, out);

    return err == SP_OK ? follow(c, entity, out) : err;
}

sp_err cc_refer_named(struct cc_call *c, const char *entity, const char *text,
    const struct sp_entity **known, struct sp_ref *out)
{
    sp_err err = cc_call_entity(c, entity, known);

    return err == SP_OK ? cc_refer_record(c, *known, text, out) : err;
}

sp_err cc_refer_exact(struct cc_call *c, const struct sp_entity *entity,
    const char *text, struct sp_ref *out)
{
    const struct cc_entry *entry[CANDIDATES];
    const struct cc_index *x = NULL;
    size_t count = 0;
    sp_err err;

    if (text == NULL || text[0] == '\0') {
        return cc_call_say(c, SP_E_ARGUMENT, "no %.*s was named",
            (int)cc_call_named(entity).size,
            (const char *)cc_call_named(entity).data);
    }
    if (by_whole_id(c, entity, text, out)) {
        return SP_OK;
    }
    err = cc_replica_index(&c->s->replica, &c->tx, entity, &x);
    if (err != SP_OK) {
        return err;
    }
    if (cc_index_refer(x, text, entry, CANDIDATES, &count) == CC_FIT_NONE) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "no %.*s \"%.100s\" on this device; search for it by a part of "
            "its name",
            (int)cc_call_named(entity).size,
            (const char *)cc_call_named(entity).data, text);
    }
    if (count > 1) {
        return say_ambiguous(c, x, entry, count);
    }
    out->type = entity->number;
    out->id = entry[0]->id;
    return SP_OK;
}
