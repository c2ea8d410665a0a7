#include "api/people.h"
#include "satchel/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/day.h"
#include "book/sentence.h"
#include "book/value.h"
#include "say/say.h"
#include "sp/seal.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

/* of contact.name, 40 characters */
#define NAME_BYTES_MAX 160u

/* contact.decision_role */
enum { DECIDES = 1 };

/* ---- who is there ------------------------------------------------------- */

struct people {
    struct cc_call *call;
    struct sp_arena *a; /* of the result */
    const struct sp_entity *contact, *relation;
    size_t count;
    struct found {
        struct satchel_person person;
        struct sp_id id;
        int64_t rank; /* of the role; who has none comes last */
    } * found;
};

static const char *text_of(
    struct people *p, const struct cc_value_of *of, const char *field)
{
    return cc_result_text(p->a, cc_value_text(of, field));
}

static const char *id_of(struct sp_arena *a, const struct sp_id *id)
{
    char text[SP_ID_TEXT_BYTES];

    sp_id_format(text, id);
    return cc_result_string(a, text);
}

static const char *date_of(
    struct people *p, const struct cc_value_of *of, const char *field)
{
    int64_t day = cc_value_int(of, field, CC_DAY_NONE);
    char text[CC_DAY_TEXT_BYTES] = "";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, (int32_t)day);
    }
    return cc_result_string(p->a, text);
}

/* The options of a contact's role in words. */
static bool put_role(
    struct people *p, const struct cc_value_of *of, struct found *out)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("decision_role"));
    int64_t number = cc_value_int(of, "decision_role", 0);
    const struct sp_option *o = f == NULL || number <= 0
                                    ? NULL
                                    : sp_dictionary_option(f, (uint64_t)number);

    out->rank = o == NULL ? INT64_MAX : number;
    out->person.role = o == NULL ? "" : cc_result_text(p->a, o->name);
    out->person.role_en = o == NULL ? "" : cc_result_text(p->a, o->label_en);
    out->person.role_zh = o == NULL ? "" : cc_result_text(p->a, o->label_zh);
    return out->person.role != NULL && out->person.role_en != NULL &&
           out->person.role_zh != NULL;
}

static sp_err add(struct people *p, const struct cc_value_of *of)
{
    struct found one = { .id = of->record->ref.id };

    one.person.id = id_of(p->a, &one.id);
    one.person.name = text_of(p, of, "name");
    one.person.title = text_of(p, of, "role_title");
    one.person.relation = one.person.since = one.person.until =
        one.person.reason = "";
    if (one.person.id == NULL || one.person.name == NULL ||
        one.person.title == NULL || !put_role(p, of, &one)) {
        return SP_E_NOMEM;
    }
    p->found = (struct found *)sp_arena_grow(
        p->a, p->found, p->count, sizeof(*p->found));
    if (p->found == NULL) {
        return SP_E_NOMEM;
    }
    p->found[p->count++] = one;
    return SP_OK;
}

/* Calls take with the record of a ref, when it is here and not deleted. */
static sp_err with(struct people *p, const struct sp_ref *ref,
    const struct sp_entity *entity,
    sp_err (*take)(struct people *p, const struct cc_value_of *of))
{
    struct cc_value_of of = { .entity = entity };
    struct cc_record_view view;
    sp_err err = cc_record_view(p->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    err = cc_value_deleted(&of) ? SP_OK : take(p, &of);
    cc_record_view_free(&view);
    return err;
}

static sp_err take_contact(void *arg, const struct sp_ref *ref)
{
    struct people *p = (struct people *)arg;

    return with(p, ref, p->contact, add);
}

static struct found *find(struct people *p, const struct sp_id *contact)
{
    for (size_t i = 0; i < p->count; i++) {
        if (sp_id_equal(&p->found[i].id, contact)) {
            return &p->found[i];
        }
    }
    return NULL;
}

/* A relation that goes on says more than one that has ended: who left and came
 * back is there. */
static sp_err relate(struct people *p, const struct cc_value_of *of)
{
    int64_t until = cc_value_int(of, "until", CC_DAY_NONE);
    bool past = until != CC_DAY_NONE && until <= cc_today(p->call);
    struct sp_ref ref = { p->contact->number, { { 0 } } };
    struct satchel_person *person;
    struct found *f;
    sp_err err;

    if (!cc_value_ref(of, "contact", &ref.id)) {
        return SP_OK;
    }
    f = find(p, &ref.id);
    if (f == NULL) {
        err = with(p, &ref, p->contact, add);
        f = find(p, &ref.id);
        if (err != SP_OK || f == NULL) {
            return err; /* nobody whom this device knows */
        }
    } else if (f->person.relation[0] != '\0' && (past || !f->person.past)) {
        return SP_OK;
    }
    person = &f->person;
    person->relation = id_of(p->a, &of->record->ref.id);
    person->since = date_of(p, of, "since");
    person->until = date_of(p, of, "until");
    person->reason = text_of(p, of, "reason");
    person->past = past;
    return person->relation == NULL || person->since == NULL ||
                   person->until == NULL || person->reason == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err take_relation(void *arg, const struct sp_ref *ref)
{
    struct people *p = (struct people *)arg;

    return with(p, ref, p->relation, relate);
}

static int first_who_decides(const void *a, const void *b)
{
    const struct found *x = (const struct found *)a;
    const struct found *y = (const struct found *)b;

    if (x->person.past != y->person.past) {
        return x->person.past ? 1 : -1;
    }
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    return sp_id_cmp(&x->id, &y->id);
}

static bool is_key(const struct cc_value_of *account)
{
    return cc_value_part(account, "key_account", "yes", 0) == 1;
}

static sp_err give(struct people *p, struct satchel_people *out)
{
    struct satchel_person *person = (struct satchel_person *)sp_arena_take(
        p->a, p->count + 1u, sizeof(*person));

    if (person == NULL) {
        return SP_E_NOMEM;
    }
    if (p->count > 0) {
        qsort(p->found, p->count, sizeof(*p->found), first_who_decides);
    }
    for (size_t i = 0; i < p->count; i++) {
        person[i] = p->found[i].person;
    }
    out->person = person;
    out->count = p->count;
    return SP_OK;
}

static sp_err list_people(
    struct people *p, const char *account, struct satchel_people *out)
{
    struct cc_value_of of = { 0 };
    struct cc_record_view view;
    struct sp_ref ref;
    sp_err err = cc_refer_named(p->call, "account", account, &of.entity, &ref);

    if (err == SP_OK) {
        err = cc_call_entity(p->call, "contact", &p->contact);
    }
    if (err == SP_OK) {
        err = cc_call_entity(p->call, "relationship", &p->relation);
    }
    if (err == SP_OK) {
        err = cc_record_view(p->call, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of.record = &view.record;
    out->key_account = is_key(&of);
    cc_record_view_free(&view);
    err = sp_state_children(
        &p->call->tx, &ref, p->contact->number, false, take_contact, p);
    if (err == SP_OK) {
        err = sp_state_children(
            &p->call->tx, &ref, p->relation->number, false, take_relation, p);
    }
    return err == SP_OK ? give(p, out) : err;
}

int satchel_account_people(struct satchel *s, const char *account,
    struct satchel_people **out, struct satchel_error *e)
{
    struct satchel_people *people;
    struct cc_call c;
    struct people p = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    people = (struct satchel_people *)cc_result_new(sizeof(*people));
    if (people != NULL) {
        p.a = cc_result_arena(people);
        err = list_people(&p, account, people);
    }
    return cc_call_give(&c, err, people, out);
}

/* ---- who has left ------------------------------------------------------- */

struct leaving {
    struct cc_call *call;
    const struct sp_entity *account_entity, *contact_entity;
    struct sp_ref relation, account, contact;
    uint32_t owner;
    char name[NAME_BYTES_MAX + 1]; /* of who left */
};

static struct sp_id task_of(const struct sp_id *relation)
{
    static const char domain[] = "satchel-left";
    uint8_t digest[16];
    struct sp_hasher h;

    sp_hasher_init(&h, sizeof(digest), NULL);
    sp_hasher_add(&h, domain, sizeof(domain));
    sp_hasher_add(&h, relation->b, sizeof(relation->b));
    sp_hasher_end(&h, digest, sizeof(digest));
    return sp_id_make(sp_id_time_ms(relation), digest);
}

/* Whom the relation is about; false when it names none or has not ended. */
static sp_err read_relation(
    struct leaving *l, const struct sp_entity *entity, bool *about)
{
    struct cc_value_of of = { .entity = entity };
    struct cc_record_view view;
    sp_err err = cc_record_view(l->call, &l->relation, &view);

    if (err != SP_OK) {
        return err;
    }
    of.record = &view.record;
    *about = cc_value_int(&of, "until", CC_DAY_NONE) != CC_DAY_NONE &&
             cc_value_ref(&of, "contact", &l->contact.id) &&
             cc_refer_parent(l->call, &view.record, &l->account);
    cc_record_view_free(&view);
    return SP_OK;
}

static sp_err read_contact(struct leaving *l, bool *decides)
{
    struct cc_value_of of = { .entity = l->contact_entity };
    struct cc_record_view view;
    struct sp_slice name;
    sp_err err = cc_record_view(l->call, &l->contact, &view);

    *decides = false;
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    *decides = cc_value_int(&of, "decision_role", 0) == DECIDES;
    name = cc_value_text(&of, "name");
    name.size = name.size > NAME_BYTES_MAX ? NAME_BYTES_MAX : name.size;
    if (name.size > 0) {
        memcpy(l->name, name.data, name.size);
    }
    l->name[name.size] = '\0';
    cc_record_view_free(&view);
    return SP_OK;
}

static sp_err read_account(struct leaving *l, bool *key)
{
    struct cc_value_of of = { .entity = l->account_entity };
    struct cc_record_view view;
    sp_err err = cc_record_view(l->call, &l->account, &view);

    *key = false;
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    *key = is_key(&of) && !cc_value_deleted(&of);
    l->owner = (uint32_t)cc_value_int(&of, "owner_id", 0);
    cc_record_view_free(&view);
    return SP_OK;
}

static sp_err alert(struct leaving *l)
{
    const struct sp_entity *task;
    const struct sp_id id = task_of(&l->relation.id);
    struct sp_ref there = { 0, id };
    char owner[24], due[CC_DAY_TEXT_BYTES], contact[SP_ID_TEXT_BYTES],
        title[CC_SENTENCE_BYTES];
    const struct satchel_input in[] = { { "title", title, SATCHEL_SET },
        { "kind", "follow_up", SATCHEL_SET }, { "due", due, SATCHEL_SET },
        { "owner", owner, SATCHEL_SET }, { "priority", "1", SATCHEL_SET },
        { "status", "open", SATCHEL_SET },
        { "contact", contact, SATCHEL_SET } };
    struct cc_record_view view;
    sp_err err = cc_call_entity(l->call, "task", &task);

    if (err != SP_OK) {
        return err;
    }
    there.type = task->number;
    err = cc_record_view(l->call, &there, &view);
    if (err != SP_E_NOT_FOUND) {
        if (err == SP_OK) {
            cc_record_view_free(&view); /* it was made before */
        }
        return err;
    }
    (void)snprintf(owner, sizeof(owner), "%u",
        l->owner != 0 ? l->owner : l->call->s->replica.identity.self.user);
    cc_sentence_write(
        CC_SENTENCE_DECIDER_LEFT, cc_say_language(), l->name, title);
    cc_day_format(due, cc_today(l->call));
    sp_id_format(contact, &l->contact.id);
    return cc_record_make_as(l->call, task, &id, &l->account, in,
        sizeof(in) / sizeof(*in), NULL, 0, NULL);
}

sp_err cc_people_left(struct cc_call *c, const struct sp_entity *entity,
    const struct sp_ref *ref, bool ended)
{
    struct leaving l = { .call = c, .relation = *ref };
    bool goes_on = false;
    sp_err err;

    if (!ended ||
        !sp_slice_equal(entity->name, sp_slice_text("relationship"))) {
        return SP_OK;
    }
    err = cc_call_entity(c, "account", &l.account_entity);
    if (err == SP_OK) {
        err = cc_call_entity(c, "contact", &l.contact_entity);
    }
    if (err == SP_OK) {
        l.contact.type = l.contact_entity->number;
        err = read_relation(&l, entity, &goes_on);
    }
    if (err == SP_OK && goes_on) {
        err = read_contact(&l, &goes_on);
    }
    if (err == SP_OK && goes_on) {
        err = read_account(&l, &goes_on);
    }
    return err == SP_OK && goes_on ? alert(&l) : err;
}
