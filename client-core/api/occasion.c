#include "api/occasion.h"

#include "sp/pack.h"

#include <stdio.h>
#include <string.h>

#include "book/day.h"
#include "book/lunar.h"
#include "book/value.h"

#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/today.h"

#define TEXT_BYTES   512u
#define PRODUCTS_MAX 64u /* different ones; later ones are not counted */

/* A walk over what belongs to an account, one entity at a time. */
struct walk {
    struct cc_call *call;
    const struct sp_entity *entity;
    int32_t today;
    void *found;
    sp_err (*take)(struct walk *w, const struct cc_value_of *of);
};

static sp_err take_child(void *arg, const struct sp_ref *ref)
{
    struct walk *w = (struct walk *)arg;
    struct cc_record_view view;
    sp_err err = cc_record_view(w->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    if (!cc_refer_deleted(&view.record)) {
        const struct cc_value_of of = { w->entity, &view.record };
        err = w->take(w, &of);
    }
    cc_record_view_free(&view);
    return err;
}

/* SP_E_NOT_FOUND from take ends the walk with SP_OK. */
static sp_err walk(struct walk *w, const struct sp_ref *account,
    const char *entity, bool newest,
    sp_err (*take)(struct walk *w, const struct cc_value_of *of))
{
    w->entity =
        sp_dictionary_entity_named(w->call->dictionary, sp_slice_text(entity));
    w->take = take;
    return w->entity == NULL ? SP_OK
                             : sp_state_children(&w->call->tx, account,
                                   w->entity->number, newest, take_child, w);
}

static sp_err tell(
    struct sp_arena *a, const char *en, const char *zh, struct cc_occasion *out)
{
    out->en = cc_result_string(a, en);
    out->zh = cc_result_string(a, zh);
    return out->en == NULL || out->zh == NULL ? SP_E_NOMEM : SP_OK;
}

/* ---- late ---------------------------------------------------------------- */

enum { TASK_OPEN = 1, TASK_PROMISE = 5 }; /* task.status, task.kind */

struct late {
    unsigned tasks;
    int32_t oldest;
    struct sp_id task;
};

static sp_err take_task(struct walk *w, const struct cc_value_of *of)
{
    struct late *l = (struct late *)w->found;
    int32_t due = (int32_t)cc_value_int(of, "due", CC_DAY_NONE);

    if (cc_value_int(of, "status", TASK_OPEN) != TASK_OPEN ||
        due == CC_DAY_NONE || due >= w->today) {
        return SP_OK;
    }
    if (l->tasks++ == 0 || due < l->oldest) {
        l->oldest = due;
        l->task = of->record->ref.id;
    }
    return SP_OK;
}

static sp_err tell_late(const struct late *l, int32_t visit_days,
    struct sp_arena *a, struct cc_occasion *out)
{
    char en[TEXT_BYTES] = "", zh[TEXT_BYTES] = "", day[CC_DAY_TEXT_BYTES];
    size_t in_en = 0, in_zh = 0;

    if (l->tasks > 0) {
        cc_day_format(day, l->oldest);
        in_en = (size_t)snprintf(en, sizeof(en), "%u %s, the oldest since %s",
            l->tasks, l->tasks == 1 ? "task" : "tasks", day);
        in_zh = (size_t)snprintf(
            zh, sizeof(zh), "%u 项任务，最早 %s 到期", l->tasks, day);
    }
    if (visit_days > 0) {
        (void)snprintf(en + in_en, sizeof(en) - in_en, "%sa visit, for %d %s",
            in_en > 0 ? " · " : "", (int)visit_days,
            visit_days == 1 ? "day" : "days");
        (void)snprintf(zh + in_zh, sizeof(zh) - in_zh, "%s拜访已逾期 %d 天",
            in_zh > 0 ? " · " : "", (int)visit_days);
    }
    return tell(a, en, zh, out);
}

int32_t cc_occasion_visit_due(const struct cc_standings *all,
    const struct cc_standing *of, int32_t own_cycle_days)
{
    int32_t cycle = own_cycle_days;
    int32_t last;

    if (cycle == 0) {
        struct cc_tier_said said;

        cc_standing_tier(all, of, &said);
        cycle = said.rule == NULL ? 0 : said.rule->cycle_days;
    }
    if (cycle == 0) {
        return CC_DAY_NONE;
    }
    last = of->visits > 0
               ? all->visited.event[of->first_visit + of->visits - 1].day
               : cc_today_of(sp_id_time_ms(&of->account));
    return last == CC_DAY_NONE ? CC_DAY_NONE : last + cycle;
}

sp_err cc_occasion_late(struct cc_call *c, const struct sp_record *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct late late = { 0 };
    struct walk w = { .call = c, .today = cc_today(c), .found = &late };
    const struct cc_value_of of = {
        sp_dictionary_entity(c->dictionary, account->ref.type), account
    };
    struct cc_standings all;
    int32_t due = CC_DAY_NONE;
    sp_err err = cc_standing_load(&all, c, &account->ref.id);

    if (err == SP_OK) {
        due = cc_occasion_visit_due(&all, &all.of[0],
            (int32_t)cc_value_int(&of, "visit_cycle_days", 0));
        err = walk(&w, &account->ref, "task", false, take_task);
    }
    cc_standing_free(&all);
    out->id = late.tasks > 0 ? late.task : account->ref.id;
    return err == SP_OK ? tell_late(&late,
                              due == CC_DAY_NONE ? 0 : w.today - due, a, out)
                        : err;
}

/* ---- birthday ------------------------------------------------------------ */

struct birthday {
    int32_t day; /* CC_DAY_NONE: none is near */
    bool lunar;
    struct sp_id contact;
    char name[TEXT_BYTES / 2];
};

bool cc_occasion_next_birthday(
    const struct cc_value_of *of, int32_t from, int32_t *out, bool *lunar)
{
    enum { LUNAR = 2 }; /* birthday.calendar */
    unsigned month = (unsigned)cc_value_part(of, "birthday", "month", 0);
    unsigned day = (unsigned)cc_value_part(of, "birthday", "day", 0);
    bool leap = cc_value_part(of, "birthday", "leap", 0) != 0;

    if (month == 0 || day == 0) {
        return false;
    }
    *lunar = cc_value_part(of, "birthday", "calendar", 0) == LUNAR;
    if (*lunar) {
        return cc_lunar_next(month, day, leap, from, out);
    }
    *out = cc_day_yearly(cc_day_date(from).year, month, day);
    if (*out < from) {
        *out = cc_day_yearly(cc_day_date(from).year + 1, month, day);
    }
    return true;
}

static sp_err take_birthday(struct walk *w, const struct cc_value_of *of)
{
    struct birthday *b = (struct birthday *)w->found;
    struct sp_slice name = cc_value_text(of, "name");
    int32_t day;
    bool lunar;

    if (cc_occasion_next_birthday(of, w->today, &day, &lunar) &&
        day - w->today <= CC_OCCASION_BIRTHDAY_DAYS &&
        (b->day == CC_DAY_NONE || day < b->day)) {
        b->day = day;
        b->lunar = lunar;
        b->contact = of->record->ref.id;
        (void)snprintf(b->name, sizeof(b->name), "%.*s", (int)name.size,
            (const char *)name.data);
    }
    return SP_OK;
}

sp_err cc_occasion_birthday(struct cc_call *c, const struct sp_ref *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct birthday b = { .day = CC_DAY_NONE };
    struct walk w = { .call = c, .today = cc_today(c), .found = &b };
    char en[TEXT_BYTES] = "", zh[TEXT_BYTES] = "", day[CC_DAY_TEXT_BYTES];
    sp_err err = walk(&w, account, "contact", false, take_birthday);

    if (err == SP_OK && b.day != CC_DAY_NONE) {
        int days = (int)(b.day - w.today);

        cc_day_format(day, b.day);
        (void)snprintf(en, sizeof(en), "%s, %s%s, in %d %s", b.name, day,
            b.lunar ? " (lunar)" : "", days, days == 1 ? "day" : "days");
        (void)snprintf(zh, sizeof(zh), "%s，%s%s，%d 天后", b.name, day,
            b.lunar ? "（农历）" : "", days);
        out->id = b.contact;
    }
    return err == SP_OK ? tell(a, en, zh, out) : err;
}

/* ---- usual order --------------------------------------------------------- */

struct product {
    struct sp_slice name; /* in the tx's arena */
    unsigned times;
};
struct order {
    struct cc_call *call;
    size_t count;
    struct product product[PRODUCTS_MAX];
    struct sp_id newest;
    bool failed; /* no memory */
};

static bool take_product(void *arg, struct sp_slice name)
{
    struct order *o = (struct order *)arg;
    const char *kept;

    for (size_t i = 0; i < o->count; i++) {
        if (sp_slice_equal(o->product[i].name, name)) {
            o->product[i].times++;
            return true;
        }
    }
    if (o->count == PRODUCTS_MAX) {
        return true;
    }
    kept = cc_call_text(o->call, name);
    o->failed = o->failed || kept == NULL;
    if (kept != NULL) {
        o->product[o->count++] = (struct product){ sp_slice_text(kept), 1 };
    }
    return kept != NULL;
}

static sp_err take_purchase(struct walk *w, const struct cc_value_of *of)
{
    struct order *o = (struct order *)w->found;

    o->newest = of->record->ref.id;
    cc_value_members(of, "products", take_product, o);
    return o->failed ? SP_E_NOMEM : SP_OK;
}

/* The most frequent one that was not taken yet; of equals the first by name. */
static struct product *next_product(struct order *o)
{
    struct product *best = NULL;

    for (size_t i = 0; i < o->count; i++) {
        struct product *p = &o->product[i];

        if (p->times > 0 && (best == NULL || p->times > best->times ||
                                (p->times == best->times &&
                                    sp_slice_cmp(p->name, best->name) < 0))) {
            best = p;
        }
    }
    return best;
}

sp_err cc_occasion_usual(struct cc_call *c, const struct sp_ref *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct order o = { .call = c };
    struct walk w = { .call = c, .found = &o };
    char text[TEXT_BYTES] = "";
    size_t used = 0;
    sp_err err = walk(&w, account, "purchase", false, take_purchase);

    for (unsigned i = 0; err == SP_OK && i < CC_OCCASION_PRODUCTS; i++) {
        struct product *p = next_product(&o);

        if (p == NULL || used + p->name.size + 24 > sizeof(text)) {
            break;
        }
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s ×%u",
            used > 0 ? " · " : "", (int)p->name.size,
            (const char *)p->name.data, p->times);
        p->times = 0;
    }
    out->id = o.newest;
    return err == SP_OK ? tell(a, text, text, out) : err;
}

/* ---- preferences --------------------------------------------------------- */

struct tag {
    char text[TEXT_BYTES / 4];
    sp_hlc time;
    struct sp_id contact;
};
/* At all times: the newest first. */
struct tags {
    size_t count;
    struct tag tag[CC_OCCASION_PREFERENCES];
};

static void put_tag(struct tags *t, const struct tag *tag)
{
    size_t at = 0;

    while (at < t->count && t->tag[at].time >= tag->time) {
        at++;
    }
    if (at == CC_OCCASION_PREFERENCES) {
        return;
    }
    t->count += t->count < CC_OCCASION_PREFERENCES;
    for (size_t i = t->count - 1; i > at; i--) {
        t->tag[i] = t->tag[i - 1];
    }
    t->tag[at] = *tag;
}

static bool is_preference(const struct sp_field *f)
{
    static const char head[] = "soft_", tail[] = "_tags";
    size_t size = f->name.size;

    return f->set && f->kind == SP_VALUE_STR && !f->hidden &&
           size > sizeof(head) + sizeof(tail) &&
           memcmp(f->name.data, head, sizeof(head) - 1) == 0 &&
           memcmp(f->name.data + size - (sizeof(tail) - 1), tail,
               sizeof(tail) - 1) == 0;
}

static void take_member(
    struct tags *t, const struct cc_value_of *of, const struct sp_register *reg)
{
    struct tag tag = { .contact = of->record->ref.id };

    for (uint32_t i = 0; i < reg->count; i++) {
        struct sp_slice text;
        struct sp_rd r;

        sp_rd_init(&r, reg->sibling[i].value);
        text = sp_rd_peek(&r) == SP_KIND_STR ? sp_rd_str(&r, TEXT_BYTES)
                                             : (struct sp_slice){ 0 };
        if (text.size > 0 && text.size < sizeof(tag.text) &&
            reg->sibling[i].stamp.time >= tag.time) {
            tag.time = reg->sibling[i].stamp.time;
            memcpy(tag.text, text.data, text.size);
            tag.text[text.size] = '\0';
        }
    }
    if (tag.text[0] != '\0') {
        put_tag(t, &tag);
    }
}

static sp_err take_tags(struct walk *w, const struct cc_value_of *of)
{
    for (uint32_t i = 0; i < of->record->count; i++) {
        const struct sp_register *reg = &of->record->reg[i];
        const struct sp_field *f =
            sp_dictionary_field(of->entity, reg->key.field);

        if (f != NULL && is_preference(f) && reg->key.element.size > 0 &&
            sp_dictionary_member(reg)) {
            take_member((struct tags *)w->found, of, reg);
        }
    }
    return SP_OK;
}

sp_err cc_occasion_preferences(struct cc_call *c, const struct sp_ref *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct tags t = { 0 };
    struct walk w = { .call = c, .found = &t };
    char text[TEXT_BYTES] = "";
    size_t used = 0;
    sp_err err = walk(&w, account, "contact", false, take_tags);

    for (size_t i = 0; i < t.count; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
            i > 0 ? " · " : "", t.tag[i].text);
    }
    if (t.count > 0) {
        out->id = t.tag[0].contact;
        out->time_ms = sp_hlc_ms(t.tag[0].time);
    }
    return err == SP_OK ? tell(a, text, text, out) : err;
}

/* ---- promise ------------------------------------------------------------- */

struct promise {
    char text[TEXT_BYTES];
    struct sp_id id;
};

static sp_err take_promise(struct walk *w, const struct cc_value_of *of)
{
    struct promise *p = (struct promise *)w->found;
    struct sp_slice what = cc_value_group_text(
        of, "promise", cc_value_shown(of, "promise"), "what");
    int32_t due = (int32_t)cc_value_part(of, "promise", "due", CC_DAY_NONE);
    char day[CC_DAY_TEXT_BYTES];

    if (what.size == 0 || due == CC_DAY_NONE) {
        return SP_OK;
    }
    cc_day_format(day, due);
    (void)snprintf(p->text, sizeof(p->text), "%.*s · %s",
        what.size > TEXT_BYTES / 2 ? (int)TEXT_BYTES / 2 : (int)what.size,
        (const char *)what.data, day);
    p->id = of->record->ref.id;
    return SP_E_NOT_FOUND;
}

sp_err cc_occasion_promise(struct cc_call *c, const struct sp_ref *account,
    struct sp_arena *a, struct cc_occasion *out)
{
    struct promise p = { 0 };
    struct walk w = { .call = c, .found = &p };
    sp_err err = walk(&w, account, "activity", true, take_promise);

    out->id = p.id;
    out->time_ms = p.text[0] == '\0' ? 0 : sp_id_time_ms(&p.id);
    return err == SP_OK ? tell(a, p.text, p.text, out) : err;
}
