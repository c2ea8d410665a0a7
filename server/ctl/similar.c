#include "ctl/similar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/duplicate.h"
#include "book/fold.h"
#include "book/han.h"
#include "book/phone.h"
#include "book/sheet.h"
#include "book/utf8.h"
#include "ctl/import.h"
#include "ctl/keys.h"
#include "ctl/names.h"
#include "ops/say.h"
#include "sp/pack.h"
#include "sp/seal.h"

#define NAME_BYTES  1024u
#define SOUND_BYTES 2048u
/* A metre is about 90 of 1e-7 degrees of latitude. */
#define CELL_E7 ((int64_t)CC_DUPLICATE_METRES * 90)

enum kind { KIND_NAME = 1, KIND_SOUND, KIND_PHONE, KIND_PLACE, KIND_PERSON };

struct sv_similar {
    struct sv_keys *keys;
    const struct sp_entity *account, *contact; /* of the dictionary, or NULL */
    bool people;                               /* the file is of contacts */
    struct sp_tx *tx;                          /* while what is here is read */
    struct sv_keys *merged; /* customers that are another one by now */
    bool full;
    /* Hashes of the row that is looked at: kept when all of it was looked
     * for, so that it is not like itself. */
    struct sp_buf own;
};

/* A record that is here, or a row that is looked at. */
struct use {
    struct sv_similar *s;
    uint32_t line; /* 0: a record that is here */
    struct sp_id id;
    sp_err err;
    enum kind like; /* 0: nothing so far */
    uint32_t like_line;
    struct sp_id like_id;
};

/* Two that have one hash are taken to be alike, which asks somebody to look
 * and nothing else: no hash of cryptography is needed. */
static struct sv_keys_hash hash_of(
    enum kind kind, const void *data, size_t size)
{
    uint8_t key[16] = { (uint8_t)kind }, whole[16];
    struct sv_keys_hash out;

    sp_siphash(whole, sp_slice_of(data, size), key);
    memcpy(out.b, whole, sizeof out.b);
    return out;
}

static void look_for(
    struct use *u, enum kind kind, const struct sv_keys_hash *hash)
{
    /* what is nearby is the least that two can have in common */
    if (u->line > 0 && (u->like == 0 || u->like == KIND_PLACE) &&
        sv_keys_get(u->s->keys, hash, &u->like_line, &u->like_id)) {
        u->like = kind;
    }
}

static void keep_key(struct use *u, const struct sv_keys_hash *hash)
{
    sp_err err = sv_keys_put(u->s->keys, hash, u->line, &u->id);

    u->s->full = u->s->full || err == SP_E_TOO_LARGE;
    u->err = err == SP_E_NOMEM ? err : SP_OK;
}

/* What the customer is known by itself. */
static void own_key(struct use *u, const struct sv_keys_hash *hash)
{
    if (u->line == 0) {
        keep_key(u, hash);
    } else {
        sp_buf_put(&u->s->own, hash->b, sizeof hash->b);
        u->err = u->s->own.err;
    }
}

static void use_key(
    struct use *u, enum kind kind, const void *data, size_t size)
{
    if (size > 0 && u->err == SP_OK) {
        struct sv_keys_hash hash = hash_of(kind, data, size);

        look_for(u, kind, &hash);
        own_key(u, &hash);
    }
}

/* A name as its first readings sound; of two Chinese characters or more. */
static void use_sound(struct use *u, struct sp_slice folded)
{
    char sound[SOUND_BYTES];
    size_t at = 0, size = 0, chinese = 0;

    while (at < folded.size && size + 16 < sizeof sound) {
        uint32_t c = 0;
        size_t count = 0;
        size_t n = cc_utf8_take(folded.data + at, folded.size - at, &c);
        const uint16_t *reading = cc_han_readings(c, &count);
        if (count > 0) {
            const char *syllable = cc_han_syllable(reading[0]);
            size_t letters = strlen(syllable);
            memcpy(sound + size, syllable, letters);
            sound[size + letters] = ' ';
            size += letters + 1;
            chinese++;
        } else {
            memcpy(sound + size, folded.data + at, n);
            size += n;
        }
        at += n;
    }
    if (chinese > 1) {
        use_key(u, KIND_SOUND, sound, size);
    }
}

static void use_name(struct use *u, struct sp_slice name)
{
    char folded[NAME_BYTES + 1];
    uint8_t hash[8];

    if (name.size > NAME_BYTES) {
        return;
    }
    struct sp_slice text = sp_slice_of(folded, cc_fold_text(name, folded));
    uint64_t value = cc_duplicate_hash(text, NULL);
    sp_set_u64be(hash, value);
    use_key(u, KIND_NAME, hash, value == 0 ? 0 : sizeof hash);
    use_sound(u, text);
}

static void use_phone(
    struct use *u, const struct sp_field *f, struct sp_slice value)
{
    char key[CC_PHONE_KEY_BYTES];
    struct sp_buf text;

    sp_buf_init(&text, SP_VALUE_BYTES_MAX);
    sp_dictionary_format_value(f, value, SP_TEXT_EXACT, &text);
    use_key(u, KIND_PHONE, key, cc_phone_key(sp_buf_slice(&text), key));
    sp_buf_free(&text);
}

static int64_t cell_of(int64_t e7)
{
    return e7 < 0 ? -((-e7 + CELL_E7 - 1) / CELL_E7) : e7 / CELL_E7;
}

/* Kept under its own square, looked for in that and those around it. */
static void use_place(struct use *u, struct sp_slice value)
{
    struct sp_rd r;
    int64_t reach = u->line == 0 || u->like != 0 ? 0 : 1;

    sp_rd_init(&r, value);
    (void)sp_rd_array(&r, 3);
    int64_t latitude = cell_of(sp_rd_int(&r, INT64_MIN, INT64_MAX));
    int64_t longitude = cell_of(sp_rd_int(&r, INT64_MIN, INT64_MAX));
    for (int64_t i = -reach; r.err == SP_OK && i <= reach; i++) {
        for (int64_t k = -reach; u->err == SP_OK && k <= reach; k++) {
            uint8_t cell[16];
            sp_set_u64be(cell, (uint64_t)(latitude + i));
            sp_set_u64be(cell + 8, (uint64_t)(longitude + k));
            struct sv_keys_hash hash = hash_of(KIND_PLACE, cell, sizeof cell);
            look_for(u, KIND_PLACE, &hash);
            if (i == 0 && k == 0) {
                own_key(u, &hash);
            }
        }
    }
}

/* A group: of persons, whose telephone stands first. */
static bool tells_apart(const struct sp_field *f)
{
    return f->kind == SP_VALUE_PHONE || f->kind == SP_VALUE_GEO ||
           f->kind == SP_VALUE_GROUP ||
           (f->kind == SP_VALUE_STR &&
               sp_slice_equal(f->name, sp_slice_text("name")));
}

/* One value of a field, if it tells customers apart. */
static void use_value(
    struct use *u, const struct sp_field *f, struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    if (value.size == 0 || sp_rd_peek(&r) == SP_KIND_NIL) {
        return;
    }
    if (f->kind == SP_VALUE_STR && !f->set &&
        sp_slice_equal(f->name, sp_slice_text("name"))) {
        use_name(u, sp_rd_str(&r, SP_VALUE_BYTES_MAX));
    } else if (f->kind == SP_VALUE_PHONE && !f->set) {
        use_phone(u, f, value);
    } else if (f->kind == SP_VALUE_GEO && !f->set) {
        use_place(u, value);
    } else if (f->kind == SP_VALUE_GROUP && f->set &&
               f->part[0].kind == SP_VALUE_PHONE) {
        use_phone(u, &f->part[0], cc_sheet_part(value, 0));
    }
}

/* A contact's name, below the customer; value: as the field has it. */
static void use_person(
    struct use *u, const struct sp_id *account, struct sp_slice value)
{
    struct sp_rd r;
    struct sv_keys_hash hash;

    sp_rd_init(&r, value);
    if (value.size > 0 && sp_rd_peek(&r) == SP_KIND_STR) {
        hash = sv_names_below(account, sp_rd_str(&r, SP_VALUE_BYTES_MAX));
        use_key(u, KIND_PERSON, hash.b, sizeof hash.b);
    }
}

/* ---- what is here ------------------------------------------------------- */

static struct sv_keys_hash key_of(const struct sp_id *id)
{
    struct sv_keys_hash out;

    memcpy(out.b, id->b + sizeof id->b - sizeof out.b, sizeof out.b);
    return out;
}

static sp_err note_merged(struct sv_similar *s, const struct sp_record *r)
{
    const struct sp_rules *rules = s->tx->rules;
    const struct sv_keys_hash key = key_of(&r->ref.id);
    struct sp_lead lead;

    if (!rules->lead(rules->self, r, 0, &lead) || !lead.forward) {
        return SP_OK;
    }
    sp_err err = sv_keys_put(s->merged, &key, 0, NULL);
    return err == SP_E_EXISTS ? SP_OK : err;
}

static sp_err keep_account(void *arg, const struct sp_record *r)
{
    struct sv_similar *s = arg;
    struct use u = { .s = s, .id = r->ref.id };
    sp_err err = note_merged(s, r);

    if (err != SP_OK || cc_sheet_deleted(r)) {
        return err;
    }
    for (uint32_t i = 0; i < s->account->field_count; i++) {
        const struct sp_field *f = &s->account->field[i];
        if (!f->set && tells_apart(f)) {
            use_value(&u, f, cc_sheet_shown(s->account, r, f));
        }
    }
    return u.err;
}

struct member {
    struct use *use;
    const struct sp_field *field;
};

static void keep_member(void *arg, struct sp_slice value)
{
    struct member *m = arg;
    use_value(m->use, m->field, value);
}

/* The customer of a contact, or the one that this is by now. Where the
 * customers were read before, those who are themselves need no second look. */
static sp_err customer_of(struct sv_similar *s, const struct sp_record *r,
    struct sp_ref *out, bool *has)
{
    const struct sp_rules *rules = s->tx->rules;

    *has = rules->parent(rules->self, r, out);
    if (!*has) {
        return SP_OK;
    }
    const struct sv_keys_hash key = key_of(&out->id);
    return s->people || sv_keys_get(s->merged, &key, NULL, NULL)
               ? sp_tree_parent(s->tx, r, out, has)
               : SP_OK;
}

/* Telephones of a contact, for a file of customers under the customer's id;
 * for one of contacts also the name. */
static sp_err keep_contact(void *arg, const struct sp_record *r)
{
    struct sv_similar *s = arg;
    struct use u = { .s = s, .id = r->ref.id };
    const struct sp_field *name =
        sp_dictionary_field_named(s->contact, sp_slice_text("name"));
    struct sp_ref account;
    bool has = false;

    if (cc_sheet_deleted(r)) {
        return SP_OK;
    }
    sp_err err = customer_of(s, r, &account, &has);
    if (err != SP_OK || !has) {
        return err;
    }
    u.id = s->people ? r->ref.id : account.id;
    for (uint32_t i = 0; i < s->contact->field_count; i++) {
        struct member m = { &u, &s->contact->field[i] };
        if (m.field->set && m.field->kind == SP_VALUE_GROUP) {
            cc_sheet_members(s->contact, r, m.field, keep_member, &m);
        }
    }
    if (s->people && name != NULL) {
        use_person(&u, &account.id, cc_sheet_shown(s->contact, r, name));
    }
    return u.err;
}

/* A contact with the telephone of the shop is nobody's double. */
static sp_err keep_all(void *arg, struct sp_tx *tx)
{
    struct sv_similar *s = arg;
    sp_err err = SP_OK;

    s->tx = tx;
    if (!s->people) {
        err = sp_state_walk(tx, s->account->number, NULL, keep_account, s);
    }
    if (err == SP_OK && s->contact != NULL) {
        err = sp_state_walk(tx, s->contact->number, NULL, keep_contact, s);
    }
    s->tx = NULL;
    sv_keys_free(s->merged);
    s->merged = NULL;
    return err;
}

sp_err sv_similar_open(struct sv_call *call,
    const struct sp_dictionary *dictionary, const struct sp_entity *e,
    struct sv_similar **out)
{
    struct sv_similar *s = NULL;
    sp_err err = SP_OK;

    *out = NULL;
    if (!sp_slice_equal(e->name, sp_slice_text("account")) &&
        !sp_slice_equal(e->name, sp_slice_text("contact"))) {
        return SP_OK;
    }
    s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->account =
            sp_dictionary_entity_named(dictionary, sp_slice_text("account"));
        s->contact =
            sp_dictionary_entity_named(dictionary, sp_slice_text("contact"));
        s->people = e == s->contact;
        s->keys = sv_keys_new(true);
        s->merged = sv_keys_new(false);
        sp_buf_init(&s->own, SP_COMMIT_BYTES_MAX);
    }
    if (s == NULL || s->keys == NULL || s->merged == NULL) {
        sv_similar_free(s);
        return SP_E_NOMEM;
    }
    err = sv_call_read(call, keep_all, s);
    if (err == SP_OK) {
        *out = s;
    } else {
        sv_similar_free(s);
    }
    return err;
}

void sv_similar_free(struct sv_similar *s)
{
    if (s != NULL) {
        sv_keys_free(s->keys);
        sv_keys_free(s->merged);
        sp_buf_free(&s->own);
        free(s);
    }
}

bool sv_similar_full(const struct sv_similar *s)
{
    return s->full;
}

/* ---- a row -------------------------------------------------------------- */

/* A row of a file of contacts. */
static void use_contact(
    struct use *u, const struct sp_entity *e, const struct sp_draft_change *c)
{
    const struct sp_field *name =
        sp_dictionary_field_named(e, sp_slice_text("name"));
    const struct sp_draft_write *parent = sv_import_written(c, e->parent);
    struct sp_id account = { { 0 } };
    struct sp_rd r;

    if (parent != NULL) {
        sp_rd_init(&r, parent->value);
        sp_rd_fixed(&r, account.b, sizeof account.b);
    }
    for (uint32_t k = 0; k < c->count; k++) {
        const struct sp_field *f =
            sp_dictionary_field(e, c->write[k].key.field);
        if (f != NULL && f == name) {
            use_person(u, &account, c->write[k].value);
        } else if (f != NULL && f->kind == SP_VALUE_GROUP) {
            use_value(u, f, c->write[k].value);
        }
    }
}

static void use_draft(struct use *u, const struct sp_dictionary *dictionary,
    const struct sp_draft *d)
{
    if (u->s->people) {
        use_contact(u, u->s->contact, &d->change[0]);
        return;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        const struct sp_draft_change *c = &d->change[i];
        const struct sp_entity *e =
            sp_dictionary_entity(dictionary, c->ref.type);
        for (uint32_t k = 0; e != NULL && k < c->count; k++) {
            const struct sp_field *f =
                sp_dictionary_field(e, c->write[k].key.field);
            /* Of a person beside it only the telephone is the customer's. */
            if (f != NULL && (i == 0 || f->kind == SP_VALUE_GROUP)) {
                use_value(u, f, c->write[k].value);
            }
        }
    }
}

static void say_like(const struct use *u, struct sv_csv_problem *p)
{
    static const char *const words[] = { "", SV_SAY("the same name"),
        SV_SAY("a name that can sound the same"), SV_SAY("the same telephone"),
        SV_SAY("a place within about 100 m"),
        SV_SAY("the same name at the same customer") };
    char id[SP_ID_TEXT_BYTES];

    p->code = "similar";
    p->column = 0;
    if (u->like_line > 0) {
        snprintf(p->text, sizeof p->text,
            sv_say("%s as line %u; it comes in, decide whether they are one"),
            sv_say(words[u->like]), u->like_line);
    } else {
        sp_id_format(id, &u->like_id);
        snprintf(p->text, sizeof p->text,
            sv_say("%s as %s, which is here; it comes in, decide whether they "
                   "are one"),
            sv_say(words[u->like]), id);
    }
}

static void put_likeness(const struct use *u, struct sv_likeness *out)
{
    const char *field = u->like == KIND_NAME || u->like == KIND_SOUND ? "name"
                        : u->like == KIND_PHONE ? "phone_main"
                                                : NULL;

    *out = (struct sv_likeness){ u->like_id, u->s->people ? NULL : field };
}

sp_err sv_similar_look(struct sv_similar *s,
    const struct sp_dictionary *dictionary, const struct sp_draft *draft,
    struct sv_csv_problem *p, bool *found, struct sv_likeness *like)
{
    struct use u = {
        .s = s, .line = (uint32_t)p->line, .id = draft->change[0].ref.id
    };

    sp_buf_reset(&s->own);
    use_draft(&u, dictionary, draft);
    *found = u.like != 0;
    put_likeness(&u, like);
    if (*found) {
        say_like(&u, p);
    }
    for (size_t at = 0; u.err == SP_OK && at < s->own.size;) {
        struct sv_keys_hash hash;
        memcpy(hash.b, s->own.data + at, sizeof hash.b);
        at += sizeof hash.b;
        keep_key(&u, &hash);
    }
    return u.err;
}
