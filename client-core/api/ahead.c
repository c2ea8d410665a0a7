#include "api/ahead.h"

#include <string.h>

#include "api/today.h"

#include "book/day.h"
#include "book/value.h"

#include "sp/pack.h"

/* Days that somebody means to keep. */
static const struct {
    const char *entity, *field;
    const char *part;    /* NULL: the field is the day */
    const char *outcome; /* what needs the day when it is "promise"; or NULL */
} ahead[] = {
    { "visit", "next_date", NULL, "outcome" },
    { "activity", "promise", "due", "outcome" },
    { "task", "due", NULL, NULL },
    { "planned_visit", "date", NULL, NULL },
};
#define AHEAD (sizeof(ahead) / sizeof(ahead[0]))

static const struct sp_field *field_of(
    const struct cc_typed *t, const char *name)
{
    return sp_dictionary_field_named(t->entity, sp_slice_text(name));
}

static bool is_about(const struct cc_typed *t, size_t row)
{
    return sp_slice_equal(t->entity->name, sp_slice_text(ahead[row].entity));
}

/* What is being written to a field; NULL: nothing is. */
static const struct sp_slice *written(
    const struct cc_typed *t, const struct sp_field *f)
{
    for (uint32_t i = 0; f != NULL && i < t->count; i++) {
        if (t->write[i].key.field == f->number) {
            return &t->write[i].value;
        }
    }
    return NULL;
}

/* What will stand. */
static struct sp_slice after(const struct cc_typed *t, const char *field)
{
    const struct cc_value_of of = { t->entity, t->view };
    const struct sp_slice *now = written(t, field_of(t, field));

    if (now != NULL) {
        return *now;
    }
    return t->view == NULL ? (struct sp_slice){ NULL, 0 }
                           : cc_value_shown(&of, field);
}

static int64_t day_of(
    const struct cc_typed *t, size_t row, struct sp_slice value)
{
    const struct cc_value_of of = { t->entity, t->view };
    struct sp_rd r;
    int64_t day;

    if (ahead[row].part != NULL) {
        return cc_value_group_int(
            &of, ahead[row].field, value, ahead[row].part, CC_DAY_NONE);
    }
    sp_rd_init(&r, value);
    day = sp_rd_int(&r, INT32_MIN, INT32_MAX);
    return r.err == SP_OK ? day : CC_DAY_NONE;
}

sp_err cc_ahead_days(const struct cc_typed *t)
{
    for (size_t i = 0; i < AHEAD; i++) {
        const struct sp_slice *now =
            is_about(t, i) ? written(t, field_of(t, ahead[i].field)) : NULL;
        int64_t day =
            now == NULL || now->size == 0 ? CC_DAY_NONE : day_of(t, i, *now);
        char text[CC_DAY_TEXT_BYTES];

        if (day != CC_DAY_NONE && day < cc_today(t->call)) {
            cc_day_format(text, (int32_t)day);
            return cc_call_say(t->call, SP_E_PAST,
                "%s.%s: %s is over; name today or a day to come",
                ahead[i].entity, ahead[i].field, text);
        }
    }
    return SP_OK;
}

static bool is_promise(const struct cc_typed *t, const char *outcome)
{
    const struct sp_field *f = field_of(t, outcome);
    const struct sp_option *o;
    struct sp_rd r;
    uint64_t number;

    if (f == NULL || f->kind != SP_VALUE_ENUM) {
        return false;
    }
    sp_rd_init(&r, after(t, outcome));
    number = sp_rd_uint(&r, 0, UINT32_MAX);
    o = r.err == SP_OK ? sp_dictionary_option(f, number) : NULL;
    return o != NULL && sp_slice_equal(o->name, sp_slice_text("promise"));
}

sp_err cc_ahead_promise(const struct cc_typed *t)
{
    for (size_t i = 0; i < AHEAD; i++) {
        if (ahead[i].outcome == NULL || !is_about(t, i) ||
            (written(t, field_of(t, ahead[i].outcome)) == NULL &&
                written(t, field_of(t, ahead[i].field)) == NULL)) {
            continue;
        }
        if (is_promise(t, ahead[i].outcome) &&
            after(t, ahead[i].field).size <= 1) {
            return cc_call_say(t->call, SP_E_REQUIRED,
                "%s.%s: a promise needs its date: when will it be kept?",
                ahead[i].entity, ahead[i].field);
        }
    }
    return SP_OK;
}
