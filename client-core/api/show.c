#include "api/show.h"

#include <stdio.h>
#include <string.h>

#include "sp/case.h"
#include "sp/pack.h"

#include "say/say.h"

#include "api/refer.h"
#include "api/result.h"
#include "api/tell.h"

#define TEXT_BYTES_MAX (4u * SP_VALUE_BYTES_MAX)

const char *cc_show_kind(enum sp_value_kind kind)
{
    static const char *const names[] = { "", "str", "uint", "int", "bool",
        "enum", "phone", "date", "ts", "geo", "money", "group", "ref", "user",
        "territory", "bytes" };
    size_t i = (size_t)kind;

    return i < sizeof(names) / sizeof(names[0]) ? names[i] : "";
}

void cc_show_key(char out[CC_SHOW_KEY_BYTES], const struct sp_dot *dot)
{
    (void)snprintf(out, CC_SHOW_KEY_BYTES, "%016llx-%llu",
        (unsigned long long)dot->replica, (unsigned long long)dot->counter);
}

/* ---- one value --------------------------------------------------------- */

static bool is_nil(struct sp_slice value)
{
    return value.size == 1 && value.data[0] == 0xc0;
}

const char *cc_show_value(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, enum cc_show_form form, struct sp_arena *a)
{
    static const enum sp_text_form forms[] = { SP_TEXT_EXACT, SP_TEXT_EN,
        SP_TEXT_ZH };
    const char *out = NULL;
    struct sp_buf b;

    if (is_nil(value)) {
        return "";
    }
    if (form != CC_SHOW_EXACT) {
        out = cc_tell_value(c, f, value, form, a);
    }
    if (out == NULL) {
        sp_buf_init(&b, TEXT_BYTES_MAX);
        cc_say_value(f, value, forms[form], &b);
        out = b.err == SP_OK ? cc_result_text(a, sp_buf_slice(&b)) : NULL;
        sp_buf_free(&b);
    }
    return out;
}

/* Whether an own write still waits for a server's word. */
static bool waits(struct cc_call *c, const struct sp_dot *dot)
{
    struct sp_logged logged;
    struct sp_arena arena;
    bool out = false;

    sp_arena_init(&arena, 16u * SP_COMMIT_BYTES_MAX);
    if (sp_log_get(&c->tx, dot->replica, dot->counter, &arena, &logged) ==
        SP_OK) {
        out =
            logged.where == SP_AT_DEVICE || logged.verdict.kind == SP_DEFERRED;
    }
    sp_arena_free(&arena);
    return out;
}

static const char *device_label(
    struct cc_call *c, uint32_t device, struct sp_arena *a)
{
    const struct sp_device *d =
        sp_rulebook_find_device(c->s->replica.book, device);

    return d == NULL ? "" : cc_result_text(a, d->label);
}

sp_err cc_show_stamp(struct cc_call *c, const struct sp_stamp *stamp,
    struct sp_arena *a, struct satchel_value *out)
{
    char key[CC_SHOW_KEY_BYTES];

    cc_show_key(key, &stamp->dot);
    out->key = cc_result_string(a, key);
    out->author = cc_result_string(a, cc_refer_user_name(c, stamp->user));
    out->seen_en = out->seen_zh = "";
    out->user = stamp->user;
    out->device = sp_replica_device(stamp->dot.replica);
    out->device_label = device_label(c, out->device, a);
    out->time_ms = sp_hlc_ms(stamp->time);
    out->mine = out->device == c->s->replica.identity.self.device;
    out->waiting = out->mine && waits(c, &stamp->dot);
    return out->key == NULL || out->author == NULL || out->device_label == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_value(struct cc_call *c, const struct sp_field *f,
    const struct sp_sibling *s, struct sp_arena *a, struct satchel_value *out)
{
    out->text = cc_show_value(c, f, s->value, CC_SHOW_EXACT, a);
    out->text_en = cc_show_value(c, f, s->value, CC_SHOW_EN, a);
    out->text_zh = cc_show_value(c, f, s->value, CC_SHOW_ZH, a);
    if (out->text == NULL || out->text_en == NULL || out->text_zh == NULL) {
        return SP_E_NOMEM;
    }
    return cc_show_stamp(c, &s->stamp, a, out);
}

/* ---- counters ---------------------------------------------------------- */

/* The increment that came last, whose author and time the total shows. */
static const struct sp_sibling *latest_increment(
    const struct sp_register *reg, const struct sp_register *end)
{
    const struct sp_sibling *best = NULL;

    for (; reg < end; reg++) {
        const struct sp_sibling *s = sp_merge_shown(reg, SP_MERGE_LWW);
        if (s != NULL &&
            (best == NULL || s->stamp.time > best->stamp.time ||
                (s->stamp.time == best->stamp.time &&
                    sp_dot_cmp(&s->stamp.dot, &best->stamp.dot) > 0))) {
            best = s;
        }
    }
    return best;
}

static sp_err fill_count(struct cc_call *c, const struct sp_record *view,
    const struct sp_register *first, const struct sp_register *end,
    const struct sp_field *f, struct sp_arena *a, struct satchel_field *out)
{
    const struct sp_sibling *last = latest_increment(first, end);
    struct satchel_value *v =
        (struct satchel_value *)sp_arena_take(a, 1, sizeof(*v));
    char text[24];

    if (v == NULL) {
        return SP_E_NOMEM;
    }
    if (last == NULL) {
        return SP_OK;
    }
    (void)snprintf(text, sizeof(text), "%lld",
        (long long)sp_dictionary_count(f, view, NULL));
    v->text = v->text_en = v->text_zh = cc_result_string(a, text);
    out->value = v;
    out->value_count = 1;
    return v->text == NULL ? SP_E_NOMEM : cc_show_stamp(c, &last->stamp, a, v);
}

/* ---- one field --------------------------------------------------------- */

/* Whether an earlier sibling, or the shown one, has the same value. */
static bool seen_before(
    const struct sp_register *reg, uint32_t i, const struct sp_sibling *shown)
{
    struct sp_slice v = reg->sibling[i].value;

    if (sp_slice_equal(v, shown->value)) {
        return true;
    }
    for (uint32_t j = 0; j < i; j++) {
        if (sp_slice_equal(v, reg->sibling[j].value)) {
            return true;
        }
    }
    return false;
}

/* Number of different values of a register's siblings. */
static uint32_t count_differing(const struct sp_register *reg)
{
    uint32_t count = reg->count > 0 ? 1 : 0;

    for (uint32_t i = 1; i < reg->count; i++) {
        count += !seen_before(reg, i, &reg->sibling[0]);
    }
    return count;
}

/* A settlement that was taken back: what stood then, with who wrote it, until
 * somebody decides. */
static sp_err fill_case(struct cc_call *c, const struct sp_record *view,
    const struct sp_field *f, struct sp_arena *a, struct satchel_field *out)
{
    const struct sp_register *reg = sp_record_field(view, f->number);
    struct satchel_value *v;
    struct sp_case kept;
    sp_err err = sp_case_of(view, f->number, a, &kept);

    if (err != SP_OK) {
        return err;
    }
    v = (struct satchel_value *)sp_arena_take(a, kept.count, sizeof(*v));
    out->reopened_by =
        cc_result_string(a, cc_refer_user_name(c, reg->sibling[0].stamp.user));
    if (v == NULL || out->reopened_by == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < kept.count && err == SP_OK; i++) {
        err = fill_value(c, f, &kept.value[i], a, &v[i]);
    }
    out->value = v;
    out->value_count = kept.count;
    out->conflict = true;
    return err;
}

static sp_err fill_single(struct cc_call *c, const struct sp_register *reg,
    const struct sp_field *f, struct sp_arena *a, struct satchel_field *out)
{
    const struct sp_sibling *shown = sp_merge_shown(reg, f->merge);
    uint32_t differing = count_differing(reg);
    struct satchel_value *v;
    sp_err err;

    if (shown == NULL || (differing == 1 && is_nil(shown->value))) {
        return SP_OK;
    }
    v = (struct satchel_value *)sp_arena_take(a, differing, sizeof(*v));
    if (v == NULL) {
        return SP_E_NOMEM;
    }
    out->value = v;
    out->conflict = sp_dictionary_conflict(f, reg);
    err = fill_value(c, f, shown, a, &v[out->value_count++]);
    for (uint32_t i = 0; i < reg->count && err == SP_OK; i++) {
        if (!seen_before(reg, i, shown)) {
            err = fill_value(c, f, &reg->sibling[i], a, &v[out->value_count++]);
        }
    }
    return err;
}

/* A member stands while any of its writes says so: the latest of those. */
static const struct sp_sibling *standing(const struct sp_register *reg)
{
    const struct sp_sibling *best = NULL;

    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        if (!is_nil(s->value) &&
            (best == NULL || s->stamp.time >= best->stamp.time)) {
            best = s;
        }
    }
    return best;
}

static sp_err fill_set(struct cc_call *c, const struct sp_register *first,
    const struct sp_register *end, const struct sp_field *f, struct sp_arena *a,
    struct satchel_field *out)
{
    size_t count = (size_t)(end - first);
    struct satchel_value *v =
        (struct satchel_value *)sp_arena_take(a, count, sizeof(*v));
    sp_err err = SP_OK;

    if (v == NULL) {
        return SP_E_NOMEM;
    }
    out->set = true;
    out->value = v;
    for (; first < end && err == SP_OK; first++) {
        const struct sp_sibling *s = standing(first);
        if (s != NULL) {
            err = fill_value(c, f, s, a, &v[out->value_count++]);
        }
    }
    return err;
}

/* A field of a tree, or a forward: what several servers together made wrong is
 * shown broken at the newest link (SYNC M7); what is missing may still come,
 * or lie out of reach: nobody here can tell, and nobody says (absent and hidden
 * are one). */
static sp_err note_tree(struct cc_call *c, const struct sp_record *view,
    const struct sp_field *f, struct satchel_field *out)
{
    struct sp_ref to = { .type = f->target };
    struct sp_record there;
    struct sp_arena arena;
    struct sp_rd r;
    bool broken;
    sp_err err = sp_tree_broken(&c->tx, view, f->number, &broken);

    if (err != SP_OK) {
        return err;
    }
    if (broken) {
        out->note_en = "not counted: it would close a circle, and this is the "
                       "newest link of it; write the field again";
        out->note_zh =
            "不计入：它会形成循环，且是其中最新的一环；请重新填写该字段";
        return SP_OK;
    }
    sp_rd_init(&r, cc_refer_shown(view, f));
    sp_rd_fixed(&r, to.id.b, sizeof(to.id.b));
    if (sp_rd_done(&r) != SP_OK) {
        return SP_OK; /* nothing, or a value of another edition */
    }
    sp_arena_init(&arena, 4u * SP_RECORD_BYTES_MAX);
    err = sp_state_view(&c->tx, &to, &arena, &there, NULL);
    sp_arena_free(&arena);
    if (err == SP_E_NOT_FOUND) {
        out->note_en = "that record is not on this device: not here yet, or "
                       "not within your reach";
        out->note_zh = "该记录不在本设备上：尚未到达，或不在您的范围内";
        err = SP_OK;
    }
    return err;
}

sp_err cc_show_field(struct cc_call *c, const struct sp_record *view,
    const struct sp_field *f, struct sp_arena *a, struct satchel_field *out)
{
    const struct sp_register *first = sp_record_field(view, f->number);
    const struct sp_register *end = view->reg + view->count;
    const struct sp_register *last = first;

    memset(out, 0, sizeof(*out));
    out->name = cc_result_text(a, f->name);
    out->label_en = cc_result_text(a, f->label_en);
    out->label_zh = cc_result_text(a, f->label_zh);
    out->kind = cc_show_kind(f->kind);
    out->note_en = out->note_zh = "";
    if (out->name == NULL || out->label_en == NULL || out->label_zh == NULL) {
        return SP_E_NOMEM;
    }
    if (first == NULL) {
        return SP_OK;
    }
    while (last < end && last->key.field == f->number) {
        last++;
    }
    if (f->merge == SP_MERGE_CNT) {
        return fill_count(c, view, first, last, f, a, out);
    }
    if (f->set) {
        return fill_set(c, first, last, f, a, out);
    }
    if (f->tree) {
        sp_err err = note_tree(c, view, f, out);
        if (err != SP_OK) {
            return err;
        }
    }
    return sp_case_kept(f) && sp_case_is_open(view, f->number)
               ? fill_case(c, view, f, a, out)
               : fill_single(c, first, f, a, out);
}

/* ---- deletion ---------------------------------------------------------- */

/* A sibling of any key that the deletion has not seen. */
static const struct sp_sibling *edit_outside(
    const struct sp_record *view, const struct sp_register *deletion)
{
    for (uint32_t i = 0; i < view->count; i++) {
        const struct sp_register *reg = &view->reg[i];
        for (uint32_t j = 0;
             reg->key.field != SP_FIELD_DELETED && j < reg->count; j++) {
            if (!sp_vector_covers(
                    &deletion->context, reg->sibling[j].stamp.dot)) {
                return &reg->sibling[j];
            }
        }
    }
    return NULL;
}

sp_err cc_show_deletion(struct cc_call *c, const struct sp_record *view,
    struct sp_arena *a, struct satchel_field *out)
{
    struct sp_slice none = { NULL, 0 };
    const struct sp_register *reg =
        sp_record_find(view, SP_FIELD_DELETED, none);
    const struct sp_sibling *edit, *shown;
    struct satchel_value *v;
    sp_err err;

    memset(out, 0, sizeof(*out));
    out->name = "deleted";
    out->label_en = "Deleted";
    out->label_zh = "已删除";
    out->kind = "bool";
    out->note_en = out->note_zh = "";
    if (reg == NULL || !cc_refer_deleted(view)) {
        return SP_OK;
    }
    edit = edit_outside(view, reg);
    shown = sp_merge_shown(reg, SP_MERGE_LWW);
    if (edit == NULL || shown == NULL) {
        return SP_OK;
    }
    v = (struct satchel_value *)sp_arena_take(a, 2, sizeof(*v));
    if (v == NULL) {
        return SP_E_NOMEM;
    }
    v[0].text = v[0].text_en = "yes";
    v[0].text_zh = "是";
    v[1].text = v[1].text_en = "no";
    v[1].text_zh = "否";
    err = cc_show_stamp(c, &shown->stamp, a, &v[0]);
    if (err == SP_OK) {
        err = cc_show_stamp(c, &edit->stamp, a, &v[1]);
    }
    out->conflict = true;
    out->value_count = 2;
    out->value = v;
    return err;
}

/* ---- a record ---------------------------------------------------------- */

static void fill_plain(struct satchel_record *out)
{
    memset(out, 0, sizeof(*out));
    out->parent_entity = out->parent_id = out->parent_title = "";
    out->absorbed_id = out->absorbed_title = "";
    out->found_id = out->found_title = "";
}

/* NULL without memory. */
static const char *id_text(struct sp_arena *a, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return cc_result_string(a, text);
}

static sp_err fill_head(const struct sp_entity *entity, const struct sp_id *id,
    struct sp_arena *a, struct satchel_record *out)
{
    fill_plain(out);
    out->id = id_text(a, id);
    out->entity = cc_result_text(a, entity->name);
    out->made_ms = sp_id_time_ms(id);
    return out->id == NULL || out->entity == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err fill_parent(struct cc_call *c, const struct sp_ref *parent,
    struct sp_arena *a, struct satchel_record *out)
{
    const struct sp_entity *e =
        sp_dictionary_entity(c->dictionary, parent->type);
    char text[SP_ID_TEXT_BYTES];

    if (e == NULL) {
        return SP_OK;
    }
    sp_id_format(text, &parent->id);
    out->parent_entity = cc_result_text(a, e->name);
    out->parent_id = cc_result_string(a, text);
    out->parent_title = cc_result_string(a, cc_refer_title(c, parent));
    return out->parent_entity == NULL || out->parent_id == NULL ||
                   out->parent_title == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_fields(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_record *view, struct sp_arena *a,
    struct satchel_record *out)
{
    struct satchel_field *field = (struct satchel_field *)sp_arena_take(
        a, entity->field_count + 1u, sizeof(*field));
    sp_err err = SP_OK;

    if (field == NULL) {
        return SP_E_NOMEM;
    }
    out->field = field;
    for (uint32_t i = 0; i < entity->field_count && err == SP_OK; i++) {
        const struct sp_field *f = &entity->field[i];
        if (f->hidden || sp_record_field(view, f->number) == NULL ||
            sp_dictionary_successor(entity, f->number) != NULL) {
            continue; /* its successor shows what it holds */
        }
        err = cc_show_field(c, view, f, a, &field[out->field_count]);
        out->conflict = out->conflict || field[out->field_count].conflict;
        out->field_count += field[out->field_count].value_count > 0;
    }
    return err;
}

sp_err cc_show_record(struct cc_call *c, const struct sp_record *view,
    uint32_t unresolved, struct sp_arena *a, struct satchel_record *out)
{
    const struct sp_entity *entity =
        sp_dictionary_entity(c->dictionary, view->ref.type);
    struct sp_ref parent;
    sp_err err;

    if (entity == NULL) {
        return SP_E_UNKNOWN_FIELD;
    }
    err = fill_head(entity, &view->ref.id, a, out);
    if (err == SP_OK) {
        out->title = cc_result_string(a, cc_refer_title_of(c, view));
        out->deleted = cc_refer_deleted(view);
        out->waiting = unresolved;
        err = out->title == NULL ? SP_E_NOMEM : SP_OK;
    }
    if (err == SP_OK && cc_refer_parent(c, view, &parent)) {
        err = fill_parent(c, &parent, a, out);
    }
    return err == SP_OK ? fill_fields(c, entity, view, a, out) : err;
}

/* ---- a record of what is in memory ------------------------------------- */

static const struct sp_field *phone_field(const struct sp_entity *e)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->field[i].kind == SP_VALUE_PHONE) {
            return &e->field[i];
        }
    }
    return NULL;
}

static bool make_column(
    struct satchel_field *out, const struct sp_field *f, struct sp_arena *a)
{
    out->name = cc_result_text(a, f->name);
    out->label_en = cc_result_text(a, f->label_en);
    out->label_zh = cc_result_text(a, f->label_zh);
    out->kind = cc_show_kind(f->kind);
    out->note_en = out->note_zh = "";
    out->value_count = 1;
    return out->name != NULL && out->label_en != NULL && out->label_zh != NULL;
}

sp_err cc_show_brief(struct cc_call *c, const struct sp_entity *entity,
    const struct cc_index *x, struct sp_arena *a, struct cc_show_brief *out)
{
    const struct sp_field *field[] = { cc_entry_number_field(entity),
        cc_entry_title_field(entity), phone_field(entity),
        sp_dictionary_field(entity, entity->territory) };
    bool ok;

    _Static_assert(
        sizeof(field) / sizeof(field[0]) == CC_SHOW_COLUMNS, "one each");
    memset(out, 0, sizeof(*out));
    out->call = c;
    out->index = x;
    out->arena = a;
    out->parent = sp_dictionary_field(entity, entity->parent);
    out->entity = cc_result_text(a, entity->name);
    ok = out->entity != NULL;
    for (size_t i = 0; i < CC_SHOW_COLUMNS && ok; i++) {
        ok = field[i] == NULL || make_column(&out->column[i], field[i], a);
    }
    return ok ? SP_OK : SP_E_NOMEM;
}

/* A text of the index, in the result. NULL without memory. */
static const char *keep(const struct cc_show_brief *b, const char *text)
{
    return b->borrows ? text : cc_result_string(b->arena, text);
}

/* As people write it. NULL without memory. */
static const char *shown_phone(
    const struct cc_show_brief *b, const char *stored)
{
    char room[CC_PHONE_SHOWN_BYTES];
    const char *shown = cc_say_phone(stored, room);

    return shown == room ? cc_result_string(b->arena, room) : stored;
}

/* Fields of the texts that are not empty. Lists are long: exactly as many. */
static sp_err fill_brief(const struct cc_show_brief *b,
    const struct cc_entry *e, struct satchel_record *out)
{
    const uint32_t text[] = { e->number, e->title, e->phone, e->territory };
    const char *from[CC_SHOW_COLUMNS];
    struct satchel_field *f;
    struct satchel_value *v;
    size_t count = 0, n = 0;

    for (size_t i = 0; i < CC_SHOW_COLUMNS; i++) {
        from[i] =
            b->column[i].name == NULL ? "" : cc_index_text(b->index, text[i]);
        count += from[i][0] != '\0';
    }
    f = (struct satchel_field *)sp_arena_take(b->arena, count + 1, sizeof(*f));
    v = (struct satchel_value *)sp_arena_take(b->arena, count + 1, sizeof(*v));
    if (f == NULL || v == NULL) {
        return SP_E_NOMEM;
    }
    for (size_t i = 0; i < CC_SHOW_COLUMNS; i++) {
        if (from[i][0] == '\0') {
            continue;
        }
        f[n] = b->column[i];
        f[n].value = &v[n];
        v[n].text = text[i] == e->title ? out->title : keep(b, from[i]);
        v[n].text_en = text[i] == e->phone && v[n].text != NULL
                           ? shown_phone(b, v[n].text)
                           : v[n].text;
        v[n].text_zh = v[n].text_en;
        v[n].key = v[n].author = v[n].device_label = "";
        v[n].seen_en = v[n].seen_zh = "";
        if (v[n].text == NULL || v[n].text_en == NULL) {
            return SP_E_NOMEM;
        }
        n++;
    }
    out->field = f;
    out->field_count = n;
    return SP_OK;
}

sp_err cc_show_entry(const struct cc_show_brief *b, const struct cc_entry *e,
    struct satchel_record *out)
{
    const char *title = cc_index_text(b->index, e->title);
    sp_err err;

    fill_plain(out);
    out->entity = b->entity;
    out->made_ms = sp_id_time_ms(&e->id);
    out->id = id_text(b->arena, &e->id);
    out->title =
        keep(b, title[0] != '\0' ? title : cc_index_text(b->index, e->number));
    out->deleted = e->deleted;
    out->conflict = e->conflict;
    if (out->id == NULL || out->title == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_brief(b, e, out);
    if (err == SP_OK && b->parent != NULL && !sp_id_is_zero(&e->parent)) {
        struct sp_ref ref = { b->parent->target, e->parent };
        err = fill_parent(b->call, &ref, b->arena, out);
    }
    return err;
}
