#include "book/quality.h"

#include <stdio.h>
#include <string.h>

#include "sp/phone.h"
#include "sp/seal.h"

#include "book/charge.h"
#include "book/data_rule.h"
#include "book/day.h"
#include "book/fold.h"
#include "book/profile.h"
#include "book/utf8.h"

#define NAME_BYTES_MAX 1024u
#define MERGES_MAX     64u /* one into another into another */

struct work {
    struct cc_quality *q;
    const struct cc_quality_source *source;
    const struct sp_entity *entity; /* of what is being read */
    struct cc_pairs pairs;
    bool board;
    /* contacts of the accounts, for the checks; in order of id */
    size_t people;
    struct person {
        struct sp_id id;
        uint32_t author;
    } * person;
};

static sp_err read(struct work *w, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    w->entity = sp_dictionary_entity_named(
        sp_rulebook_dictionary(w->source->book), sp_slice_text(entity));
    return w->entity == NULL /* an older dictionary: there are none */
               ? SP_OK
               : w->source->walk(w->source->self, w->entity->number, take, w);
}

/* ---- rules ------------------------------------------------------------- */

struct rules {
    const struct sp_entity *entity;
    struct cc_quality_rules *out;
};

static sp_err take_rule(void *arg, const struct sp_record *view)
{
    struct rules *r = (struct rules *)arg;
    struct cc_value_of of = { r->entity, view };

    switch (cc_data_rule_of(&of)) {
    case CC_DATA_STALE:
        (void)cc_data_rule_take(
            &of, "days", CC_DATA_FEWER, &r->out->stale_days);
        break;
    case CC_DATA_INCOMPLETE:
        (void)cc_data_rule_take(&of, "percent", CC_DATA_MORE, &r->out->percent);
        break;
    case CC_DATA_RETENTION:
        if (cc_data_rule_take(
                &of, "days", CC_DATA_MORE, &r->out->retention_days)) {
            r->out->retention = view->ref.id;
        }
        break;
    case CC_DATA_TASKS:
        (void)cc_data_rule_take(&of, "most", CC_DATA_FEWER, &r->out->tasks);
        break;
    case CC_DATA_PAIRS:
        (void)cc_data_rule_take(&of, "days", CC_DATA_MORE, &r->out->pair_days);
        (void)cc_data_rule_take(&of, "most", CC_DATA_MORE, &r->out->pairs);
        break;
    default: /* of labels, see label.h */
        break;
    }
    return SP_OK;
}

sp_err cc_quality_read_rules(
    const struct cc_quality_source *source, struct cc_quality_rules *out)
{
    struct rules r = { .entity = sp_dictionary_entity_named(
                           sp_rulebook_dictionary(source->book),
                           sp_slice_text("data_rule")),
        .out = out };
    sp_err err = SP_OK;

    *out = (struct cc_quality_rules){ .stale_days = 0 };
    if (r.entity != NULL) {
        err = source->walk(source->self, r.entity->number, take_rule, &r);
    }
    out->stale_days =
        out->stale_days == 0 ? CC_QUALITY_STALE_DAYS : out->stale_days;
    out->tasks = out->tasks == 0 ? CC_QUALITY_TASKS : out->tasks;
    out->pair_days =
        out->pair_days == 0 ? CC_QUALITY_PAIR_DAYS : out->pair_days;
    out->pairs = out->pairs == 0 ? CC_QUALITY_PAIRS : out->pairs;
    return err;
}

/* ---- issues ------------------------------------------------------------ */

static struct sp_id task_of(enum cc_quality_kind kind,
    const struct sp_id *account, const struct sp_id *about, const char *field,
    uint64_t fact)
{
    static const char domain[] = "satchel-quality";
    uint8_t digest[16], number = (uint8_t)kind, made_by[8];
    struct sp_hasher h;

    sp_set_u64be(made_by, fact);
    sp_hasher_init(&h, sizeof(digest), NULL);
    sp_hasher_add(&h, domain, sizeof(domain));
    sp_hasher_add(&h, &number, 1);
    sp_hasher_add(&h, account->b, sizeof(account->b));
    sp_hasher_add(&h, about->b, sizeof(about->b));
    sp_hasher_add(&h, field, strlen(field) + 1);
    sp_hasher_add(&h, made_by, sizeof(made_by));
    sp_hasher_end(&h, digest, sizeof(digest));
    return sp_id_make(sp_id_time_ms(account), digest);
}

struct sp_id cc_quality_task(
    const struct cc_quality *q, const struct cc_quality_issue *issue)
{
    const struct sp_id *about = issue->other != CC_QUALITY_NONE
                                    ? &q->account[issue->other].id
                                    : &issue->contact;

    return task_of(issue->kind, &q->account[issue->at].id, about, issue->field,
        issue->fact);
}

/* Of the day on which it stands as verified. */
static uint64_t fact_of(int32_t day)
{
    char text[CC_DAY_TEXT_BYTES] = "never";

    if (day != CC_DAY_NONE) {
        cc_day_format(text, day);
    }
    return cc_pairs_hash(sp_slice_text(text));
}

struct sp_id cc_quality_verify_task(const struct sp_id *account, int32_t day)
{
    static const struct sp_id none;

    return task_of(
        CC_QUALITY_STALE, account, &none, "verified_at", fact_of(day));
}

int cc_quality_cmp(const void *a, const void *b)
{
    static const int place[] = { 9, 3, 0, 1, 2 };
    const struct cc_quality_issue *x = (const struct cc_quality_issue *)a;
    const struct cc_quality_issue *y = (const struct cc_quality_issue *)b;
    int order =
        (place[x->kind] > place[y->kind]) - (place[x->kind] < place[y->kind]);

    if (order == 0) {
        order = (x->days < y->days) - (x->days > y->days);
    }
    if (order == 0) {
        order = (x->at > y->at) - (x->at < y->at);
    }
    if (order == 0) {
        order = sp_id_cmp(&x->contact, &y->contact);
    }
    return order != 0 ? order : strcmp(x->field, y->field);
}

/* issue: kind, at, field and what else is known; fact: of what it is made. */
static sp_err found(
    struct work *w, struct cc_quality_issue issue, struct sp_slice fact)
{
    struct cc_quality *q = w->q;

    q->issue = (struct cc_quality_issue *)sp_arena_grow(
        &q->arena, q->issue, q->issues, sizeof(*q->issue));
    if (q->issue == NULL) {
        return SP_E_NOMEM;
    }
    issue.charge = q->account[issue.at].charge;
    issue.fact = cc_pairs_hash(fact);
    q->issue[q->issues++] = issue;
    return SP_OK;
}

/* ---- accounts ---------------------------------------------------------- */

/* A name that says nothing: no letter, digit or character at all, or one
 * letter or digit again and again. */
static bool says_nothing(struct sp_slice folded)
{
    uint32_t first = 0, c;
    size_t count = 0;
    bool same = true;

    while (folded.size > 0) {
        size_t n = cc_utf8_take(folded.data, folded.size, &c);
        folded.data += n;
        folded.size -= n;
        if (cc_duplicate_counts(c)) {
            first = count++ == 0 ? c : first;
            same = same && c == first;
        }
    }
    return count == 0 || (count > 1 && same && first < 0x80);
}

static uint32_t maker_of(const struct sp_record *r)
{
    sp_hlc first = UINT64_MAX;
    uint32_t user = 0;

    for (uint32_t i = 0; i < r->count; i++) {
        for (uint32_t k = 0; k < r->reg[i].count; k++) {
            const struct sp_stamp *s = &r->reg[i].sibling[k].stamp;
            if (s->time < first) {
                first = s->time;
                user = s->user;
            }
        }
    }
    return user;
}

static sp_err look_at_phone(struct work *w, uint32_t at, struct sp_slice number,
    const struct sp_id *contact, const char *field)
{
    struct cc_quality_account *a = &w->q->account[at];
    struct cc_quality_issue issue = { .kind = CC_QUALITY_INVALID,
        .at = at,
        .other = CC_QUALITY_NONE,
        .field = field };
    sp_err err = SP_OK;

    if (number.size == 0) {
        return SP_OK;
    }
    a->phones++;
    a->reachable = true;
    if (!sp_phone_valid(number)) { /* it was kept as typed */
        a->invalid++;
        if (contact != NULL) {
            issue.contact = *contact;
        }
        err = found(w, issue, number);
    }
    return err == SP_OK ? cc_pairs_add(&w->pairs, at, CC_DUPLICATE_PHONE,
                              cc_pairs_phone_key(number))
                        : err;
}

static sp_err look_at_name(struct work *w, uint32_t at, struct sp_slice name)
{
    char folded[NAME_BYTES_MAX + 1];
    struct sp_slice text = { (const uint8_t *)folded, 0 };

    name.size = name.size > NAME_BYTES_MAX ? NAME_BYTES_MAX : name.size;
    text.size = cc_fold_text(name, folded);
    if (says_nothing(text)) {
        return found(w,
            (struct cc_quality_issue){ .kind = CC_QUALITY_INVALID,
                .at = at,
                .other = CC_QUALITY_NONE,
                .field = "name" },
            name);
    }
    return cc_pairs_add(
        &w->pairs, at, CC_DUPLICATE_NAME, cc_pairs_name_key(text));
}

static sp_err look_at_age(struct work *w, uint32_t at, int32_t verified)
{
    struct cc_quality_account *a = &w->q->account[at];
    struct cc_quality_issue issue = { .kind = CC_QUALITY_STALE,
        .at = at,
        .other = CC_QUALITY_NONE,
        .field = "verified_at" };
    sp_err err = SP_OK;

    a->verified = verified != CC_DAY_NONE
                      ? verified
                      : cc_day_at(sp_id_time_ms(&a->id), w->source->offset_min);
    if ((int64_t)w->q->today - a->verified > (int64_t)w->q->rules.stale_days) {
        issue.days = (uint32_t)(w->q->today - a->verified);
        err = found(w, issue, (struct sp_slice){ 0 });
        if (err == SP_OK) {
            w->q->issue[w->q->issues - 1].fact = fact_of(verified);
        }
    }
    return err;
}

static sp_err look_at_account(
    struct work *w, uint32_t at, const struct cc_value_of *of, bool vacant)
{
    sp_err err = SP_OK;

    if (vacant) {
        err = found(w,
            (struct cc_quality_issue){ .kind = CC_QUALITY_INVALID,
                .at = at,
                .other = CC_QUALITY_NONE,
                .field = "owner_id" },
            cc_value_shown(of, "owner_id"));
    }
    if (err == SP_OK) {
        err = look_at_age(
            w, at, (int32_t)cc_value_int(of, "verified_at", CC_DAY_NONE));
    }
    if (err == SP_OK) {
        err = look_at_name(w, at, cc_value_text(of, "name"));
    }
    return err == SP_OK ? look_at_phone(w, at, cc_value_text(of, "phone_main"),
                              NULL, "phone_main")
                        : err;
}

static sp_err take_account(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    struct cc_quality *q = w->q;
    struct cc_value_of of = { w->entity, view };
    struct cc_quality_account a = { .id = view->ref.id };
    uint32_t at = (uint32_t)q->count;
    bool vacant; /* its owner has left, or nobody is in charge */

    (void)cc_value_ref(&of, "merged_into", &a.into);
    a.gone = cc_value_deleted(&of) || !sp_id_is_zero(&a.into);
    a.owner = (uint32_t)cc_value_int(&of, "owner_id", 0);
    a.maker = maker_of(view);
    a.charge = cc_charge_of(
        w->source->book, a.owner, cc_value_text(&of, "territory_id"));
    vacant = a.charge == 0 || (a.owner != 0 && a.charge != a.owner);
    q->account = (struct cc_quality_account *)sp_arena_grow(
        &q->arena, q->account, q->count, sizeof(a));
    if (q->account == NULL) {
        return SP_E_NOMEM;
    }
    q->account[q->count++] = a;
    return a.gone ? SP_OK : look_at_account(w, at, &of, vacant);
}

static uint32_t place_of(const struct cc_quality *q, const struct sp_id *id)
{
    return cc_place_of(q->account, q->count, sizeof(*q->account), id);
}

uint32_t cc_quality_find(const struct cc_quality *q, const struct sp_id *id)
{
    uint32_t at = place_of(q, id);

    for (unsigned i = 0; i < MERGES_MAX && at != CC_QUALITY_NONE &&
                         !sp_id_is_zero(&q->account[at].into);
         i++) {
        at = place_of(q, &q->account[at].into);
    }
    return at;
}

/* Whose record this is; false when its account is not here, or gone. */
static bool account_of(
    struct work *w, const struct cc_value_of *of, uint32_t *at)
{
    struct sp_id id;

    *at = cc_value_ref(of, "account", &id) ? cc_quality_find(w->q, &id)
                                           : CC_QUALITY_NONE;
    return *at != CC_QUALITY_NONE && !w->q->account[*at].gone;
}

/* ---- contacts ---------------------------------------------------------- */

struct phones {
    struct work *w;
    const struct cc_value_of *of;
    uint32_t at;
    sp_err err;
};

static bool take_phone(void *arg, struct sp_slice packed)
{
    struct phones *p = (struct phones *)arg;

    p->err = look_at_phone(p->w, p->at,
        cc_value_group_text(p->of, "phones", packed, "number"),
        &p->of->record->ref.id, "phones");
    return p->err == SP_OK;
}

static bool take_any(void *arg, struct sp_slice packed)
{
    bool *any = (bool *)arg;

    (void)packed;
    *any = true;
    return false;
}

static sp_err note_file(
    struct work *w, const struct cc_value_of *of, uint32_t at, unsigned percent)
{
    struct cc_quality *q = w->q;
    uint32_t author = (uint32_t)cc_value_int(of, "author", 0);

    q->file = (struct cc_quality_file *)sp_arena_grow(
        &q->arena, q->file, q->files, sizeof(*q->file));
    w->person = (struct person *)sp_arena_grow(
        &q->arena, w->person, w->people, sizeof(*w->person));
    if (q->file == NULL || w->person == NULL) {
        return SP_E_NOMEM;
    }
    q->file[q->files++] = (struct cc_quality_file){ author, at, percent };
    w->person[w->people++] = (struct person){ of->record->ref.id, author };
    return SP_OK;
}

static sp_err look_at_file(
    struct work *w, const struct cc_value_of *of, uint32_t at)
{
    unsigned percent = cc_profile_of(of, w->q->account[at].bought).percent;
    struct cc_quality_issue issue = { .kind = CC_QUALITY_INCOMPLETE,
        .at = at,
        .other = CC_QUALITY_NONE,
        .contact = of->record->ref.id,
        .field = "profile",
        .percent = percent };
    sp_err err = SP_OK;

    if (percent < w->q->rules.percent) {
        err = found(w, issue, (struct sp_slice){ 0 });
    }
    return err == SP_OK && w->board ? note_file(w, of, at, percent) : err;
}

static sp_err take_contact(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    struct cc_value_of of = { w->entity, view };
    struct phones p = { .w = w, .of = &of, .err = SP_OK };
    bool *reachable;

    if (cc_value_deleted(&of) || !account_of(w, &of, &p.at)) {
        return SP_OK;
    }
    cc_value_each(&of, "phones", take_phone, &p);
    if (p.err != SP_OK) {
        return p.err;
    }
    reachable = &w->q->account[p.at].reachable;
    cc_value_each(&of, "emails", take_any, reachable);
    cc_value_each(&of, "im", take_any, reachable);
    return w->board || w->q->rules.percent > 0 ? look_at_file(w, &of, p.at)
                                               : SP_OK;
}

static sp_err take_purchase(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    struct cc_value_of of = { w->entity, view };
    uint32_t at;

    if (!cc_value_deleted(&of) && account_of(w, &of, &at)) {
        w->q->account[at].bought = true;
    }
    return SP_OK;
}

static sp_err take_check(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    struct cc_quality *q = w->q;
    struct cc_value_of of = { w->entity, view };
    struct sp_id contact;
    uint32_t person;

    if (cc_value_deleted(&of) || !cc_value_ref(&of, "contact", &contact)) {
        return SP_OK;
    }
    person = cc_place_of(w->person, w->people, sizeof(*w->person), &contact);
    if (person == CC_PLACE_NONE) {
        return SP_OK; /* somebody who is not here */
    }
    q->check = (struct cc_quality_check *)sp_arena_grow(
        &q->arena, q->check, q->checks, sizeof(*q->check));
    if (q->check == NULL) {
        return SP_E_NOMEM;
    }
    q->check[q->checks++] = (struct cc_quality_check){ w->person[person].author,
        cc_value_bool(&of, "correct", false) };
    return SP_OK;
}

/* ---- all of it --------------------------------------------------------- */

static sp_err look_for_unreachable(struct work *w)
{
    struct cc_quality *q = w->q;
    sp_err err = SP_OK;

    for (size_t i = 0; err == SP_OK && i < q->count; i++) {
        if (!q->account[i].gone && !q->account[i].reachable) {
            err = found(w,
                (struct cc_quality_issue){ .kind = CC_QUALITY_INCOMPLETE,
                    .at = (uint32_t)i,
                    .other = CC_QUALITY_NONE,
                    .field = "phone_main" },
                (struct sp_slice){ 0 });
        }
    }
    return err;
}

/* Of accounts that were merged since, what was said counts for what they are
 * now. */
static sp_err take_answer(void *arg, const struct sp_record *view)
{
    struct work *w = (struct work *)arg;
    const struct cc_value_of of = { w->entity, view };
    struct sp_id a, b;
    uint32_t one, other;

    if (cc_pairs_read(&of, &a, &b) != CC_PAIRS_TWO) {
        return SP_OK;
    }
    one = cc_quality_find(w->q, &a);
    other = cc_quality_find(w->q, &b);
    return one == CC_QUALITY_NONE || other == CC_QUALITY_NONE
               ? SP_OK
               : cc_pairs_apart(&w->pairs, one, other);
}

static sp_err look_for_pairs(struct work *w)
{
    struct cc_quality *q = w->q;
    sp_err err = cc_pairs_find(&w->pairs, &q->pair, &q->pairs);

    for (size_t i = 0; err == SP_OK && i < q->pairs; i++) {
        const struct cc_pair *p = &q->pair[i];
        err = found(w,
            (struct cc_quality_issue){ .kind = CC_QUALITY_DUPLICATE,
                .at = p->newer,
                .other = p->older,
                .field = (p->reasons & CC_DUPLICATE_NAME) != 0 ? "name"
                                                               : "phone_main" },
            (struct sp_slice){ 0 });
    }
    return err;
}

sp_err cc_quality_load(
    struct cc_quality *q, const struct cc_quality_source *source, bool board)
{
    struct work w = { .q = q, .source = source, .board = board };
    sp_err err;

    memset(q, 0, sizeof(*q));
    sp_arena_init(&q->arena, CC_QUALITY_BYTES_MAX);
    q->today = source->today;
    w.pairs.arena = &q->arena;
    err = cc_quality_read_rules(source, &q->rules);
    if (err == SP_OK) {
        err = read(&w, "account", take_account);
    }
    if (err == SP_OK && (board || q->rules.percent > 0)) {
        err = read(&w, "purchase", take_purchase);
    }
    if (err == SP_OK) {
        err = read(&w, "contact", take_contact);
    }
    if (err == SP_OK && board) {
        err = read(&w, "spot_check", take_check);
    }
    if (err == SP_OK) {
        err = read(&w, "quality_issue", take_answer);
    }
    if (err == SP_OK) {
        err = look_for_unreachable(&w);
    }
    return err == SP_OK ? look_for_pairs(&w) : err;
}

void cc_quality_free(struct cc_quality *q)
{
    sp_arena_free(&q->arena);
}

/* ---- for people -------------------------------------------------------- */

static const struct {
    const char *en, *zh;
} kinds[] = { { "", "" }, { "not verified", "久未核实" },
    { "duplicate", "重复" }, { "invalid", "无效" },
    { "incomplete", "不完整" } };

const char *cc_quality_kind_en(enum cc_quality_kind kind)
{
    size_t i = (size_t)kind;

    return i < sizeof(kinds) / sizeof(kinds[0]) ? kinds[i].en : "";
}

const char *cc_quality_kind_zh(enum cc_quality_kind kind)
{
    size_t i = (size_t)kind;

    return i < sizeof(kinds) / sizeof(kinds[0]) ? kinds[i].zh : "";
}

static bool about(const struct cc_quality_issue *issue, const char *field)
{
    return strcmp(issue->field, field) == 0;
}

static enum cc_sentence sentence_of(const struct cc_quality_issue *issue)
{
    switch (issue->kind) {
    case CC_QUALITY_STALE:
        return CC_SENTENCE_STALE;
    case CC_QUALITY_DUPLICATE:
        return about(issue, "name") ? CC_SENTENCE_SAME_NAME
                                    : CC_SENTENCE_SAME_PHONE;
    default:
        break;
    }
    return about(issue, "profile")             ? CC_SENTENCE_INCOMPLETE
           : about(issue, "name")              ? CC_SENTENCE_NO_NAME
           : about(issue, "owner_id")          ? CC_SENTENCE_NO_OWNER
           : about(issue, "phones")            ? CC_SENTENCE_BAD_CONTACT_PHONE
           : !about(issue, "phone_main")       ? CC_SENTENCE_NONE
           : issue->kind == CC_QUALITY_INVALID ? CC_SENTENCE_BAD_PHONE
                                               : CC_SENTENCE_UNREACHABLE;
}

void cc_quality_why(const struct cc_quality_issue *issue, enum cc_lang language,
    char out[CC_SENTENCE_BYTES])
{
    enum cc_sentence sentence = sentence_of(issue);
    char number[16] = "";

    if (sentence == CC_SENTENCE_STALE || sentence == CC_SENTENCE_INCOMPLETE) {
        (void)snprintf(number, sizeof(number), "%u",
            sentence == CC_SENTENCE_STALE ? issue->days : issue->percent);
    }
    cc_sentence_write(sentence, language, number, out);
}
