#include "rulebook_rights.h"

#include "sp/case.h"
#include "sp/hlc.h"
#include "sp/pack.h"

#include <string.h>

struct ruling {
    sp_err code;
    uint16_t field;
};

static const struct ruling granted = { SP_OK, 0 };

static struct ruling refused(sp_err code, uint16_t field)
{
    return (struct ruling){ code, field };
}

/* ---- values ------------------------------------------------------------ */

static bool is_nil(struct sp_slice value)
{
    struct sp_rd r;

    sp_rd_init(&r, value);
    return sp_rd_peek(&r) == SP_KIND_NIL;
}

/* What a plain value names must be in the rosters. */
static bool names_something(const struct sp_rulebook_trial *t,
    const struct sp_field *f, struct sp_slice value)
{
    const struct sp_rulebook *b = t->b;
    struct sp_rd r;

    uint32_t user;
    int64_t day;

    if (f->share) {
        return sp_dictionary_share_read(value, &user, &day) &&
               sp_rulebook_find_entry(b, user) != NULL;
    }
    sp_rd_init(&r, value);
    if (f->kind == SP_VALUE_USER) {
        return sp_rulebook_find_entry(
                   b, (uint32_t)sp_rd_uint(&r, 1, UINT32_MAX)) != NULL;
    }
    if (f->kind == SP_VALUE_TERRITORY) {
        return sp_rulebook_find_zone(b, sp_rd_str(&r, SP_ROSTER_CODE_MAX)) !=
               NULL;
    }
    return f->number != t->entity->branch ||
           sp_rulebook_find_unit_index(b, sp_rd_str(&r, SP_ROSTER_CODE_MAX)) !=
               SP_RULEBOOK_NONE;
}

static bool key_fits(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    uint8_t element[SP_ELEMENT_BYTES_MAX];

    if (f->merge == SP_MERGE_CNT) {
        /* One a commit, by its content id: sent again, it counts once. */
        return sp_slice_equal(
            w->key.element, SP_SLICE(t->q->commit->content.b));
    }
    if (!f->set) {
        return w->key.element.size == 0;
    }
    if (is_nil(w->value)) {
        return w->key.element.size > 0 &&
               w->key.element.size <= SP_ELEMENT_BYTES_MAX;
    }
    size_t size = sp_dictionary_element(w->value, element);
    return sp_slice_equal(w->key.element, sp_slice_of(element, size));
}

static bool count_member(void *arg, struct sp_slice element)
{
    uint32_t *count = arg;

    (void)element;
    (*count)++;
    return true;
}

static uint32_t members(
    const struct sp_rulebook_trial *t, const struct sp_field *f)
{
    uint32_t count = 0;

    sp_dictionary_past_members(t->entity, t->q->after, f, count_member, &count);
    return count;
}

/* Whether a field that is required now was so when the commit was made. */
static bool required_then(const struct sp_field *f, uint32_t dictionary)
{
    return f->required && !f->retired && dictionary >= f->required_since;
}

/* Where a counter stands after the commit: what people see as bounds they may
 * not cross, though commits that do not know of each other can (SYNC M7). */
static sp_err check_count(
    const struct sp_rulebook_trial *t, const struct sp_field *f)
{
    struct sp_field free = *f;
    uint32_t count;
    int64_t total;

    free.low = INT64_MIN;
    free.high = INT64_MAX;
    total = sp_dictionary_count(&free, t->q->after, &count);
    if (count > f->members_max) {
        return SP_E_MEMBERS;
    }
    return total < f->low || total > f->high ? SP_E_COUNTER : SP_OK;
}

static struct ruling check_value(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    sp_err err = SP_E_VALUE;

    /* Sizes first: what is over them is not even looked at. */
    if (w->value.size <= SP_VALUE_BYTES_MAX) {
        err = sp_dictionary_check_value(f, w->value);
    }
    if (err == SP_E_REQUIRED && !required_then(f, t->under.dictionary)) {
        err = SP_OK;
    }
    if (err == SP_OK && !key_fits(t, f, w)) {
        err = SP_E_VALUE;
    }
    if (err == SP_OK && !is_nil(w->value) && !names_something(t, f, w->value)) {
        err = SP_E_VALUE;
    }
    if (err == SP_OK && !is_nil(w->value) &&
        !sp_dictionary_consented(t->entity, t->q->after, f)) {
        err = SP_E_CONSENT;
    }
    if (err == SP_OK && f->set && !is_nil(w->value) &&
        members(t, f) > f->members_max) {
        err = SP_E_MEMBERS;
    }
    if (err == SP_OK && f->merge == SP_MERGE_CNT) {
        err = check_count(t, f);
    }
    return refused(err, f->number);
}

/* A reference of a record to itself closes the shortest cycle there is. */
static bool refers_to_itself(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    struct sp_rd r;
    struct sp_id id;

    if (f->kind != SP_VALUE_REF || is_nil(w->value)) {
        return false;
    }
    sp_rd_init(&r, w->value);
    sp_rd_fixed(&r, id.b, sizeof(id.b));
    return (f->target == 0 || f->target == t->entity->number) &&
           sp_id_equal(&id, &t->q->change->ref.id);
}

/* ---- single writes ----------------------------------------------------- */

static struct ruling judge_removal(
    const struct sp_rulebook_trial *t, const struct sp_write *w)
{
    struct sp_rd r;

    sp_rd_init(&r, w->value);
    (void)sp_rd_bool(&r);
    if (sp_rd_done(&r) != SP_OK || w->key.element.size > 0) {
        return refused(SP_E_VALUE, SP_FIELD_DELETED);
    }
    if (t->create || !sp_rulebook_rights_remove(t, &t->before) ||
        !sp_rulebook_rights_remove(t, &t->after)) {
        return refused(SP_E_DENIED, SP_FIELD_DELETED);
    }
    return granted;
}

/* Two servers can accept a value each of what is written once. Taking one of
 * them, by a write that has seen them all, settles it. */
static bool settles_once(const struct sp_field *f,
    const struct sp_register *reg, const struct sp_write *w)
{
    bool one_of_them = false;

    if (!sp_dictionary_conflict(f, reg)) {
        return false;
    }
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];
        if (!sp_vector_covers(&w->context, s->stamp.dot)) {
            return false;
        }
        one_of_them = one_of_them || sp_slice_equal(s->value, w->value);
    }
    return one_of_them;
}

/* IMM is written once, or the same again; what was appended (APP) is not taken
 * away. */
static bool unchangeable(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    const struct sp_register *reg;

    if (f->merge == SP_MERGE_APP) {
        return is_nil(w->value);
    }
    reg = sp_record_find(t->q->before, f->number, w->key.element);
    return f->once &&
           sp_dictionary_past_stands(
               t->entity, t->q->before, f, w->key.element) &&
           !sp_rulebook_rights_again(t, w) &&
           (reg == NULL || !settles_once(f, reg, w));
}

/* A write with less authority than an AUTH field asks for is a proposal: it
 * may stand beside what those who decide have written, never replace it. */
static bool overrules(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    const struct sp_register *reg =
        f->merge != SP_MERGE_AUTH
            ? NULL
            : sp_record_find(t->q->before, f->number, w->key.element);

    if (reg == NULL || t->q->commit->authority >= f->authority) {
        return false;
    }
    for (uint32_t i = 0; i < reg->count; i++) {
        const struct sp_stamp *s = &reg->sibling[i].stamp;
        if (s->authority >= f->authority &&
            (sp_vector_covers(&w->context, s->dot) ||
                s->dot.replica == t->q->commit->replica)) {
            return true;
        }
    }
    return false;
}

static bool author_is_other(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    struct sp_rd r;

    if (f->number != t->entity->author) {
        return false;
    }
    sp_rd_init(&r, w->value);
    return sp_rd_uint(&r, 1, UINT32_MAX) != t->q->commit->user;
}

/* The highest among his roles. */
static uint8_t authority_of(const struct sp_rulebook_trial *t)
{
    uint8_t highest = t->past == NULL ? t->person->authority : 0;

    for (uint32_t i = 0; t->past != NULL && i < t->role_count; i++) {
        const struct sp_role *r = sp_policy_role(t->past, t->role[i]);
        if (r != NULL && r->authority > highest) {
            highest = r->authority;
        }
    }
    return highest;
}

/* A case is written with the value that settles, or opens again. */
static struct ruling judge_case(const struct sp_rulebook_trial *t,
    const struct sp_field *f, const struct sp_write *w)
{
    const struct sp_change *change = t->q->change;
    bool beside = false;

    for (uint32_t i = 0; i < change->count; i++) {
        const struct sp_key *key = &change->write[i].key;
        beside = beside || (key->field == f->number && key->element.size == 0);
    }
    if (!beside || sp_case_check(f, w->value) != SP_OK) {
        return refused(SP_E_VALUE, f->number);
    }
    return overrules(t, f, w) ? refused(SP_E_AUTHORITY, f->number) : granted;
}

static struct ruling judge_write(
    const struct sp_rulebook_trial *t, const struct sp_write *w)
{
    if (w->key.field == SP_FIELD_DELETED) {
        return judge_removal(t, w);
    }
    const struct sp_field *f = sp_dictionary_field(t->entity, w->key.field);
    if (f == NULL) {
        return refused(SP_E_UNKNOWN_FIELD, w->key.field);
    }
    if (f->retired && t->under.dictionary >= f->retired_since) {
        return refused(SP_E_RETIRED, f->number);
    }
    if (f->merge == SP_MERGE_DRV ||
        !sp_rulebook_rights_write(t, &t->before, w) ||
        !sp_rulebook_rights_write(t, &t->after, w)) {
        return refused(SP_E_FIELD_DENIED, f->number);
    }
    if (sp_case_is_key(f, &w->key)) {
        return judge_case(t, f, w);
    }
    struct ruling value = check_value(t, f, w);
    if (value.code != SP_OK) {
        return value;
    }
    if (unchangeable(t, f, w)) {
        return refused(SP_E_IMMUTABLE, f->number);
    }
    /* What else he writes is none the worse for it: his role may have been
     * another when he typed it. */
    if (f->merge == SP_MERGE_AUTH &&
        t->q->commit->authority > authority_of(t)) {
        return refused(SP_E_AUTHORITY, f->number);
    }
    if (overrules(t, f, w)) {
        return refused(SP_E_AUTHORITY, f->number);
    }
    if (author_is_other(t, f, w)) {
        return refused(SP_E_FIELD_DENIED, f->number);
    }
    return !refers_to_itself(t, f, w)
               ? granted
               : refused(f->tree ? SP_E_CYCLE : SP_E_VALUE, f->number);
}

/* ---- the whole change -------------------------------------------------- */

static bool is_author(const struct sp_rulebook_trial *t)
{
    const struct sp_record *r = t->create ? t->q->after : t->q->before;
    const struct sp_field *f =
        sp_dictionary_field(t->entity, t->entity->author);
    const struct sp_sibling *s = f == NULL
                                     ? NULL
                                     : sp_dictionary_past_shown(t->entity, r, f,
                                           (struct sp_slice){ NULL, 0 });
    struct sp_rd rd;

    if (s == NULL) {
        return false;
    }
    sp_rd_init(&rd, s->value);
    return sp_rd_uint(&rd, 1, UINT32_MAX) == t->q->commit->user &&
           rd.err == SP_OK;
}

/* The first field that a record lacks and a new one had to have under that
 * dictionary, or 0. A record that a device made under an older one is not
 * refused for a field that nobody asked for there. */
static uint16_t lacks(
    const struct sp_entity *e, const struct sp_record *r, uint32_t dictionary)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct sp_field *f = &e->field[i];
        if (required_then(f, dictionary) &&
            !sp_dictionary_past_stands(e, r, f, (struct sp_slice){ NULL, 0 })) {
            return f->number;
        }
    }
    return 0;
}

static struct ruling judge_required(const struct sp_rulebook_trial *t)
{
    uint16_t field = lacks(t->entity, t->q->after, t->under.dictionary);

    return field == 0 ? granted : refused(SP_E_REQUIRED, field);
}

bool sp_rulebook_whole(
    void *self, const struct sp_record *r, uint32_t dictionary)
{
    const struct sp_rulebook *b = self;
    const struct sp_entity *e =
        sp_dictionary_entity(b->dictionary, r->ref.type);

    return e != NULL && lacks(e, r, dictionary) == 0;
}

/* The write of the change that moves the record, for the reason shown. */
static uint16_t moving_field(const struct sp_rulebook_trial *t)
{
    const struct sp_change *c = t->q->change;

    for (uint32_t i = 0; i < c->count; i++) {
        if (sp_rulebook_scopes_routes(
                (void *)t->b, c->ref.type, c->write[i].key.field)) {
            return c->write[i].key.field;
        }
    }
    return 0;
}

/* The field that would give the record its own scope. */
static uint16_t placing_field(const struct sp_entity *e)
{
    return e->parent != 0      ? e->parent
           : e->territory != 0 ? e->territory
                               : e->owner;
}

static bool writes_field(const struct sp_change *c, uint16_t field)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->write[i].key.field == field) {
            return true;
        }
    }
    return false;
}

/*
 * Rights after the change. Who puts a record under a parent must reach that
 * parent: the author's own person scope, in which his record is anyway, would
 * let him write under everybody's. Who makes one without a parent must reach
 * where it belongs, for the same reason.
 */
static sp_err collect_after(struct sp_rulebook_trial *t)
{
    const struct sp_question *q = t->q;
    struct sp_scopes scopes;

    if (q->parent == NULL && t->create) {
        scopes = (struct sp_scopes){ 1, { q->scopes_after->id[0] } };
        sp_rulebook_rights_collect(t, &scopes, &t->after);
        return SP_OK;
    }
    if (q->parent == NULL ||
        (!t->create && !writes_field(q->change, t->entity->parent))) {
        sp_rulebook_rights_collect(t, q->scopes_after, &t->after);
        return SP_OK;
    }
    sp_err err =
        sp_rulebook_scopes((void *)t->b, q->parent, q->parent, &scopes);
    if (err == SP_OK) {
        sp_rulebook_rights_collect(t, &scopes, &t->after);
    }
    return err;
}

/* Where the record was, for who did not know that it had left: a territory is
 * an own scope; of person scopes his own alone, since others' may have been
 * members of its team. */
static void collect_left(
    struct sp_rulebook_trial *t, struct sp_rulebook_rights *out)
{
    const struct sp_scopes *left = t->q->left;

    for (uint32_t i = 0; left != NULL && i < left->count; i++) {
        const struct sp_scopes one = { 1, { left->id[i] } };
        if (sp_scope_kind_of(&left->id[i]) == SP_SCOPE_TERRITORY ||
            sp_id_equal(&left->id[i], &t->person->scope)) {
            sp_rulebook_rights_collect(t, &one, out);
        }
    }
}

static struct ruling judge_scopes(struct sp_rulebook_trial *t)
{
    const struct sp_question *q = t->q;

    if (q->scopes_after->count == 0) {
        return refused(SP_E_REQUIRED, placing_field(t->entity));
    }
    if (collect_after(t) != SP_OK) {
        return refused(SP_E_SCOPE, t->entity->parent);
    }
    if (t->create || q->scopes_before->count == 0) {
        t->before = t->after;
    } else {
        sp_rulebook_rights_collect(t, q->scopes_before, &t->before);
    }
    if (q->bygone != NULL) {
        sp_rulebook_rights_collect(t, q->bygone, &t->before);
        sp_rulebook_rights_collect(t, q->bygone, &t->after);
    }
    collect_left(t, &t->before);
    collect_left(t, &t->after);
    if (t->past == NULL && !sp_rulebook_rights_somewhere(t)) {
        return refused(SP_E_DENIED, 0);
    }
    if (t->before.count == 0 || t->after.count == 0) {
        return refused(SP_E_SCOPE,
            t->before.count == 0 && !t->create ? 0 : moving_field(t));
    }
    t->rule = t->before.set[0]->rule;
    return granted;
}

static struct ruling judge_change(struct sp_rulebook_trial *t)
{
    const struct sp_change *change = t->q->change;
    struct ruling r = judge_scopes(t);

    t->author = is_author(t);
    if (r.code == SP_OK && t->create && !sp_rulebook_rights_create(t)) {
        r = refused(SP_E_DENIED, 0);
    }
    for (uint32_t i = 0; i < change->count && r.code == SP_OK; i++) {
        r = judge_write(t, &change->write[i]);
    }
    if (r.code == SP_OK && t->create) {
        r = judge_required(t);
    }
    return r;
}

static struct ruling judge(struct sp_rulebook_trial *t)
{
    const struct sp_commit *commit = t->q->commit;

    t->entity = sp_dictionary_entity(t->b->dictionary, t->q->change->ref.type);
    t->person = sp_rulebook_find_entry(t->b, commit->user);
    if (t->entity == NULL) {
        return refused(SP_E_UNKNOWN_FIELD, 0);
    }
    if (t->person == NULL || !t->person->active) {
        return refused(SP_E_DENIED, 0);
    }
    return judge_change(t);
}

/* Made under documents that have not come here yet: what looks wrong may be
 * right under those (SYNC J4). */
static bool documents_missing(
    const struct sp_rulebook *b, const struct sp_commit *c)
{
    return c->dictionary > b->serials.dictionary ||
           c->policy > b->serials.policy || c->roster > b->serials.roster;
}

/* The roles that he had when the commit was made: those of today, if he is
 * still here, and those that he had up to that roster. */
static void take_roles_then(struct sp_rulebook_trial *t)
{
    const struct sp_person *p = t->person->person;

    t->role_count = 0;
    for (uint32_t i = 0; t->person->active && i < p->role_count; i++) {
        t->role[t->role_count++] = p->role[i];
    }
    for (uint32_t i = 0; i < p->had_count; i++) {
        if (t->under.roster <= p->had[i].serial) {
            t->role[t->role_count++] = p->had[i].role;
        }
    }
}

/* Evidence that is refused by the policy and the roles of today is judged once
 * more by those of its day (SYNC J4); what stands there in the values stays
 * wrong. */
static struct ruling judge_evidence(
    struct sp_rulebook_trial *t, struct ruling r)
{
    struct sp_rights_room room[2];
    struct sp_rulebook_trial again = *t;
    bool by_policy = r.code == SP_E_DENIED || r.code == SP_E_FIELD_DENIED ||
                     r.code == SP_E_SCOPE || r.code == SP_E_AUTHORITY;

    if (!by_policy || t->entity == NULL || !t->entity->evidence ||
        t->person == NULL) {
        return r;
    }
    again.past = sp_rulebook_then_policy(t->b, t->under.policy);
    again.room = room;
    again.before.count = again.after.count = 0;
    sp_policy_begin_rights(t->entity, &room[0]);
    sp_policy_begin_rights(t->entity, &room[1]);
    take_roles_then(&again);
    if (again.role_count == 0 || judge_change(&again).code != SP_OK) {
        return r;
    }
    t->rule = again.rule;
    return granted;
}

/* What was done while a share held counts when it comes in late, though not
 * for ever: the time is the author's word (SYNC J4). */
static uint64_t moment(const struct sp_rulebook_trial *t)
{
    uint64_t made = sp_hlc_ms(t->q->commit->time), now = t->q->now_ms;
    const struct sp_entity *e =
        sp_dictionary_entity(t->b->dictionary, t->q->change->ref.type);
    bool evidence = e != NULL && e->evidence;

    return t->q->looking_back ||
                   (evidence && made < now && now - made <= SP_DEFER_MS_MAX)
               ? made
               : now;
}

void sp_rulebook_judge(
    void *self, const struct sp_question *q, struct sp_verdict *out)
{
    struct sp_rulebook_trial t = { .b = self,
        .q = q,
        .create = q->before->count == 0,
        .under = sp_rulebook_then_serials(q) };
    t.now_ms = moment(&t);
    struct ruling r = judge(&t);

    if (r.code != SP_OK) {
        r = judge_evidence(&t, r);
    }

    *out = (struct sp_verdict){ .kind = SP_ACCEPTED, .rule = t.rule };
    if (r.code == SP_OK) {
        return;
    }
    out->kind = SP_REFUSED;
    out->code = r.code;
    out->type = q->change->ref.type;
    out->field = r.field;
    if (documents_missing(t.b, q->commit)) {
        out->kind = SP_DEFERRED;
        out->code = SP_E_DEFERRED_DOCUMENT;
    }
}
