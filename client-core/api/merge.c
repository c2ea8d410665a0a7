/* merge.c - one account out of two, and two out of one again. */
#include "api/merge.h"

#include <string.h>

#include "sp/pack.h"

#include "api/call.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/typed.h"

#define ACCOUNTS_MAX (SATCHEL_MERGE_MAX + 1u)

static const struct sp_slice none = { NULL, 0 };

/* What the entities are called here: the dictionary's, by these names. */
struct words {
    const struct sp_entity *account;
    const struct sp_entity *merge_case;
    uint16_t forward;
};

struct merging {
    struct cc_call *call;
    struct words words;
    struct satchel_merge *out;
    struct sp_arena *a; /* of out */
    uint32_t count;     /* accounts: the kept one first */
    struct sp_ref ref[ACCOUNTS_MAX];
    struct cc_record_view view[ACCOUNTS_MAX];
    struct satchel_merge_account *account; /* in a */
    struct satchel_merge_field *field;     /* in a */
    const struct satchel_input *take;
    size_t takes;
    struct cc_typed kept, made; /* writes to the kept one, and of the case */
};

static sp_err find_words(struct cc_call *c, struct words *w)
{
    sp_err err = cc_call_entity(c, "account", &w->account);

    if (err == SP_OK) {
        err = cc_call_entity(c, "merge_case", &w->merge_case);
    }
    if (err == SP_OK && w->account->forward == 0) {
        err = cc_call_say(c, SP_E_UNKNOWN_FIELD,
            "the dictionary does not let accounts be merged");
    }
    w->forward = err == SP_OK ? w->account->forward : 0;
    return err;
}

static const char *id_text(struct sp_arena *a, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return cc_result_string(a, text);
}

static uint64_t now_ms(const struct cc_call *c)
{
    const struct sp_env *env = &c->s->replica.env;

    return env->now_ms(env->self);
}

static bool is_nil(struct sp_slice value)
{
    return value.size == 0 || (value.size == 1 && value.data[0] == 0xc0);
}

/* ---- the accounts -------------------------------------------------------- */

static sp_err take_account(struct merging *m, const char *reference)
{
    struct cc_call *c = m->call;
    struct satchel_merge_account *shown = &m->account[m->count];
    struct sp_ref *ref = &m->ref[m->count];
    sp_err err = cc_refer_record(c, m->words.account, reference, ref);

    for (uint32_t i = 0; i < m->count && err == SP_OK; i++) {
        if (sp_ref_equal(ref, &m->ref[i])) {
            err = cc_call_say(c, SP_E_ARGUMENT,
                "\"%.100s\" and \"%.100s\" are one account already", reference,
                m->account[i].title);
        }
    }
    if (err == SP_OK) {
        err = cc_record_view(c, ref, &m->view[m->count]);
    }
    if (err != SP_OK) {
        return err;
    }
    const struct sp_record *view = &m->view[m->count++].record;
    shown->id = id_text(m->a, &ref->id);
    shown->title = cc_result_string(m->a, cc_refer_title_of(c, view));
    if (cc_refer_deleted(view)) {
        return cc_call_say(c, SP_E_NOT_FOUND,
            "%.100s was deleted; restore it first", shown->title);
    }
    return shown->id == NULL || shown->title == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err take_accounts(struct merging *m, const char *keep,
    const char *const *absorb, size_t count)
{
    sp_err err;

    m->account = (struct satchel_merge_account *)sp_arena_take(
        m->a, count + 1, sizeof(*m->account));
    if (m->account == NULL) {
        return SP_E_NOMEM;
    }
    err = take_account(m, keep);
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = take_account(m, absorb[i]);
    }
    if (err == SP_OK) {
        m->out->kept = m->account[0];
        m->out->absorbed_count = count;
        m->out->absorbed = &m->account[1];
    }
    return err;
}

/* ---- choosing ------------------------------------------------------------ */

/* What the new merge can decide: not what makes trees, is computed, counted or
 * written once. */
static bool is_choice(const struct sp_field *f)
{
    return !f->tree && !f->retired && !f->once && f->merge != SP_MERGE_DRV &&
           f->merge != SP_MERGE_CNT && f->merge != SP_MERGE_APP;
}

static sp_err find_taken(struct merging *m, const char *account, uint32_t *out)
{
    struct sp_ref ref;
    sp_err err;

    if (strcmp(account, "keep") == 0) {
        *out = 0;
        return SP_OK;
    }
    if (strcmp(account, "absorb") == 0 && m->count == 2) {
        *out = 1;
        return SP_OK;
    }
    err = cc_refer_record(m->call, m->words.account, account, &ref);
    for (uint32_t i = 0; i < m->count && err == SP_OK; i++) {
        if (sp_ref_equal(&ref, &m->ref[i])) {
            *out = i;
            return SP_OK;
        }
    }
    return err != SP_OK ? err
                        : cc_call_say(m->call, SP_E_ARGUMENT,
                              "\"%.100s\" is none of these accounts", account);
}

/* Each field that somebody wants decided must be one that can be. */
static sp_err check_takes(struct merging *m)
{
    for (size_t i = 0; i < m->takes; i++) {
        const struct sp_field *f = sp_dictionary_field_named(
            m->words.account, sp_slice_text(m->take[i].field));
        uint32_t from;
        if (f == NULL || f->set || !is_choice(f)) {
            return cc_call_say(m->call, SP_E_UNKNOWN_FIELD,
                "\"%.60s\" is no field that a merge can choose",
                m->take[i].field);
        }
        sp_err err = find_taken(m, m->take[i].text, &from);
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}

/* Whose value will stand: as it was asked, else the kept one's, else the first
 * that there is. */
static sp_err choose(struct merging *m, const struct sp_field *f, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < m->takes; i++) {
        if (sp_slice_equal(f->name, sp_slice_text(m->take[i].field))) {
            return find_taken(m, m->take[i].text, out);
        }
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (!is_nil(cc_refer_shown(&m->view[i].record, f))) {
            *out = i;
            break;
        }
    }
    return SP_OK;
}

static const char *exact(
    struct merging *m, const struct sp_field *f, struct sp_slice value)
{
    return is_nil(value)
               ? ""
               : cc_show_value(m->call, f, value, CC_SHOW_EXACT, m->a);
}

/* Adds a choice to the case: [field, from, before, after]. */
static sp_err note_choice(
    struct merging *m, const struct satchel_merge_field *shown, uint32_t from)
{
    const struct sp_field *f = sp_dictionary_field_named(
        m->words.merge_case, sp_slice_text("changes"));
    uint8_t element[SP_ELEMENT_BYTES_MAX];
    struct sp_buf b;
    struct sp_key key;
    sp_err err;

    if (f == NULL) {
        return SP_OK;
    }
    sp_buf_init(&b, SP_VALUE_BYTES_MAX);
    sp_wr_array(&b, shown->after[0] != '\0' ? 4 : 3);
    sp_wr_str(&b, sp_slice_text(shown->name));
    sp_wr_bin(&b, m->ref[from].id.b, sizeof(m->ref[from].id.b));
    if (shown->before[0] != '\0') {
        sp_wr_str(&b, sp_slice_text(shown->before));
    } else {
        sp_wr_nil(&b);
    }
    if (shown->after[0] != '\0') {
        sp_wr_str(&b, sp_slice_text(shown->after));
    }
    key.field = f->number;
    key.element =
        sp_slice_of(element, sp_dictionary_element(sp_buf_slice(&b), element));
    err = b.err != SP_OK ? b.err
                         : cc_typed_put_key(&m->made, &key, sp_buf_slice(&b));
    sp_buf_free(&b);
    return err;
}

static struct satchel_merge_field *next_field(
    struct merging *m, const struct sp_field *f)
{
    struct satchel_merge_field *out =
        sp_arena_grow(m->a, m->field, m->out->field_count, sizeof(*m->field));

    if (out == NULL) {
        return NULL;
    }
    m->field = out;
    m->out->field = out;
    out += m->out->field_count++;
    memset(out, 0, sizeof(*out));
    out->name = cc_result_text(m->a, f->name);
    out->before = out->after = out->other = "";
    return out;
}

/* What else one of them says. */
static const char *find_other(
    struct merging *m, const struct sp_field *f, struct sp_slice stands)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct sp_slice value = cc_refer_shown(&m->view[i].record, f);
        if (!is_nil(value) && !sp_slice_equal(value, stands)) {
            return exact(m, f, value);
        }
    }
    return "";
}

static bool differs(const struct merging *m, const struct sp_field *f)
{
    struct sp_slice kept = cc_refer_shown(&m->view[0].record, f);

    for (uint32_t i = 1; i < m->count; i++) {
        struct sp_slice value = cc_refer_shown(&m->view[i].record, f);
        if (!is_nil(value) && !sp_slice_equal(value, kept)) {
            return true;
        }
    }
    return false;
}

static sp_err merge_field(struct merging *m, const struct sp_field *f)
{
    struct sp_slice before = cc_refer_shown(&m->view[0].record, f), after;
    struct satchel_merge_field *out;
    uint32_t from;
    sp_err err = choose(m, f, &from);

    if (err != SP_OK || !differs(m, f)) {
        return err;
    }
    out = next_field(m, f);
    if (out == NULL) {
        return SP_E_NOMEM;
    }
    after = cc_refer_shown(&m->view[from].record, f);
    out->from = m->account[from].id;
    out->before = exact(m, f, before);
    out->after = exact(m, f, after);
    out->other = find_other(m, f, after);
    err = out->before == NULL || out->after == NULL || out->other == NULL
              ? SP_E_NOMEM
              : SP_OK;
    if (err == SP_OK && from != 0) {
        static const uint8_t nil = 0xc0;
        err = cc_typed_put(
            &m->kept, f->number, is_nil(after) ? sp_slice_of(&nil, 1) : after);
    }
    if (err == SP_OK && from != 0) {
        err = note_choice(m, out, from);
    }
    return err;
}

/* The value of a member that stands, none when it does not. */
static struct sp_slice member_of(const struct sp_register *reg)
{
    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        if (!is_nil(reg->sibling[i].value)) {
            return reg->sibling[i].value;
        }
    }
    return none;
}

/* Members that only absorbed accounts have come in addition. */
static sp_err merge_set(struct merging *m, const struct sp_field *f)
{
    sp_err err = SP_OK;

    for (uint32_t i = 1; i < m->count; i++) {
        const struct sp_record *r = &m->view[i].record;
        for (uint32_t k = 0; k < r->count && err == SP_OK; k++) {
            const struct sp_register *reg = &r->reg[k];
            struct sp_slice value = member_of(reg);
            struct satchel_merge_field *out;
            if (reg->key.field != f->number || is_nil(value) ||
                !is_nil(member_of(sp_record_find(
                    &m->view[0].record, reg->key.field, reg->key.element)))) {
                continue;
            }
            out = next_field(m, f);
            if (out == NULL) {
                return SP_E_NOMEM;
            }
            out->from = m->account[i].id;
            out->after = exact(m, f, value);
            err = cc_typed_put_key(&m->kept, &reg->key, value);
            if (err == SP_OK) {
                err = note_choice(m, out, i);
            }
        }
    }
    return err;
}

/* Whoever stood under one that goes up into it now would stand under himself:
 * the kept one lets go of it. */
static sp_err merge_tree(struct merging *m, const struct sp_field *f)
{
    static const uint8_t nil = 0xc0;
    struct sp_slice value = cc_refer_shown(&m->view[0].record, f);
    struct sp_rd r;
    struct sp_id id;

    if (is_nil(value)) {
        return SP_OK;
    }
    sp_rd_init(&r, value);
    sp_rd_fixed(&r, id.b, sizeof(id.b));
    for (uint32_t i = 1; i < m->count && r.err == SP_OK; i++) {
        struct satchel_merge_field *out;
        if (!sp_id_equal(&id, &m->ref[i].id)) {
            continue;
        }
        out = next_field(m, f);
        if (out == NULL) {
            return SP_E_NOMEM;
        }
        out->from = m->account[0].id;
        out->before = exact(m, f, value);
        sp_err err = cc_typed_put(&m->kept, f->number, sp_slice_of(&nil, 1));
        return err == SP_OK ? note_choice(m, out, 0) : err;
    }
    return SP_OK;
}

static sp_err merge_fields(struct merging *m)
{
    const struct sp_entity *e = m->words.account;
    sp_err err = check_takes(m);

    for (uint32_t i = 0; i < e->field_count && err == SP_OK; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->tree && f->number != m->words.forward) {
            err = merge_tree(m, f);
        } else if (is_choice(f) && f->set && f->number != e->team) {
            err = merge_set(m, f);
        } else if (is_choice(f) && !f->set) {
            err = merge_field(m, f);
        }
    }
    return err;
}

/* ---- the commit ---------------------------------------------------------- */

static sp_err note_absorbed(struct merging *m)
{
    const struct sp_field *f = sp_dictionary_field_named(
        m->words.merge_case, sp_slice_text("absorbed"));
    const struct satchel_input at = { .field = "at", .text = "now" };
    sp_err err = cc_typed_add(&m->made, &at, 1);

    for (uint32_t i = 1; i < m->count && err == SP_OK && f != NULL; i++) {
        uint8_t value[18] = { 0xc4, 16 }, element[SP_ELEMENT_BYTES_MAX];
        struct sp_key key = { .field = f->number };
        struct sp_slice v = sp_slice_of(value, sizeof(value));
        memcpy(value + 2, m->ref[i].id.b, 16);
        key.element = sp_slice_of(element, sp_dictionary_element(v, element));
        err = cc_typed_put_key(&m->made, &key, v);
    }
    return err == SP_OK ? cc_typed_defaults(&m->made, &m->ref[0]) : err;
}

static sp_err save_merge(struct merging *m)
{
    struct sp_draft_change change[ACCOUNTS_MAX + 1];
    struct sp_draft_write forward;
    uint8_t kept[18] = { 0xc4, 16 };
    uint32_t count = 0;
    sp_err err = note_absorbed(m);

    if (err != SP_OK) {
        return err;
    }
    memcpy(kept + 2, m->ref[0].id.b, 16);
    forward.key = (struct sp_key){ .field = m->words.forward };
    forward.value = sp_slice_of(kept, sizeof(kept));
    if (m->kept.count > 0) {
        change[count++] = (struct sp_draft_change){ m->ref[0], false,
            m->kept.count, m->kept.write };
    }
    for (uint32_t i = 1; i < m->count; i++) {
        change[count++] =
            (struct sp_draft_change){ m->ref[i], false, 1, &forward };
    }
    change[count] = (struct sp_draft_change){ { m->words.merge_case->number,
                                                  cc_typed_id(m->call) },
        true, m->made.count, m->made.write };
    m->out->id = id_text(m->a, &change[count].ref.id);
    count++;
    return cc_typed_save(m->call, change, count, &m->out->commit);
}

static sp_err merge(struct merging *m, const char *keep,
    const char *const *absorb, size_t count)
{
    struct cc_call *c = m->call;
    sp_err err = find_words(c, &m->words);

    if (err == SP_OK && (count == 0 || count > SATCHEL_MERGE_MAX)) {
        err = cc_call_say(c, SP_E_ARGUMENT,
            "name the account to keep and 1 to %u that are the same",
            SATCHEL_MERGE_MAX);
    }
    if (err == SP_OK) {
        err = take_accounts(m, keep, absorb, count);
    }
    if (err == SP_OK) {
        err = cc_typed_init(&m->kept, c, m->words.account, &m->view[0].record);
    }
    if (err == SP_OK) {
        err = cc_typed_init(&m->made, c, m->words.merge_case, NULL);
    }
    if (err == SP_OK) {
        err = merge_fields(m);
    }
    if (err == SP_OK) {
        m->out->made_ms = now_ms(c);
        m->out->until_ms = m->out->made_ms + SP_UNDO_MS_MAX;
        m->out->author = cc_result_string(
            m->a, cc_refer_user_name(c, c->s->replica.identity.self.user));
        err = save_merge(m);
    }
    return err;
}

sp_err cc_merge_make(struct cc_call *c, const struct cc_merge_wanted *wanted,
    struct satchel_merge *out)
{
    struct merging m = { .call = c,
        .out = out,
        .a = cc_result_arena(out),
        .take = wanted->take,
        .takes = wanted->takes };
    sp_err err = merge(&m, wanted->keep, wanted->absorb, wanted->count);

    for (uint32_t i = 0; i < m.count; i++) {
        cc_record_view_free(&m.view[i]);
    }
    return err;
}

int satchel_account_merge(struct satchel *s, const char *keep,
    const char *const *absorb, size_t count, const struct satchel_input *take,
    size_t takes, bool dry_run, struct satchel_merge **out,
    struct satchel_error *e)
{
    const struct cc_merge_wanted wanted = { .keep = keep,
        .absorb = absorb,
        .count = count,
        .take = take,
        .takes = takes };
    struct satchel_merge *result;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    result = (struct satchel_merge *)cc_result_new(sizeof(*result));
    if (result != NULL) {
        err = cc_merge_make(&c, &wanted, result);
    }
    c.write = !dry_run; /* all was tried; now it is dropped */
    return cc_call_give(&c, err, result, out);
}
