#define _POSIX_C_SOURCE 200809L /* setenv */

#include "care_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/call.h"
#include "book/day.h"

#define USER       11u
#define DEVICE     111u
#define INPUTS_MAX 20u
#define TEXT_BYTES 256u
#define ZONE_MIN   480 /* Shanghai */

/* The store's file is of this machine's clock, not of the test's. */
static sp_err look_nowhere(void *self, const char *path, struct cc_wake *out)
{
    (void)self;
    (void)path;
    memset(out, 0, sizeof(*out));
    return SP_OK;
}

int care_begin(void **state)
{
    static const uint16_t roles[] = { 1, 2, 4, 5, 6, 7 };
    struct care_world *w = (struct care_world *)calloc(1, sizeof(*w));
    enum test_org_unit_name unit;
    struct sp_person *p;

    assert_non_null(w);
    (void)setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    w->dir = test_device_dir();
    w->org = test_org_new(1);
    p = test_org_person(w->org, USER, &unit);
    p->role = roles;
    p->role_count = sizeof(roles) / sizeof(roles[0]);
    (void)test_org_publish(w->org, unit);
    w->s = test_device_open(w->dir, "anna", w->org, DEVICE);
    test_device_clock(w->s, &w->now_ms);
    w->s->replica.probe = (struct cc_wake_probe){ NULL, look_nowhere };
    care_at(w, "2026-01-01", 10);
    *state = w;
    return 0;
}

int care_end(void **state)
{
    struct care_world *w = (struct care_world *)*state;

    test_device_clock_back(w->s);
    satchel_close(w->s);
    test_org_free(w->org);
    test_device_remove(w->dir);
    free(w);
    return 0;
}

uint64_t care_ms(const char *day, unsigned hour)
{
    int32_t n = 0;

    assert_true(cc_day_parse(day, &n));
    return cc_day_ms(n, hour * 60, ZONE_MIN);
}

void care_at(struct care_world *w, const char *day, unsigned hour)
{
    w->now_ms = care_ms(day, hour);
}

/* "FIELD=VALUE", "FIELD+=VALUE" */
static size_t inputs(
    va_list args, char text[][TEXT_BYTES], struct satchel_input *in)
{
    size_t n = 0;

    for (const char *one = va_arg(args, const char *); one != NULL;
         one = va_arg(args, const char *)) {
        char *sign;
        assert_true(n < INPUTS_MAX && strlen(one) < TEXT_BYTES);
        (void)strcpy(text[n], one);
        sign = strchr(text[n], '=');
        assert_non_null(sign);
        in[n] = (struct satchel_input){ text[n], sign + 1, SATCHEL_SET };
        *sign = '\0';
        if (sign > text[n] && sign[-1] == '+') {
            sign[-1] = '\0';
            in[n].how = SATCHEL_ADD;
        }
        n++;
    }
    return n;
}

struct satchel_saved care_add(
    struct care_world *w, const char *entity, const char *parent, ...)
{
    char text[INPUTS_MAX][TEXT_BYTES];
    struct satchel_input in[INPUTS_MAX];
    struct satchel_saved saved;
    va_list args;
    size_t n;

    va_start(args, parent);
    n = inputs(args, text, in);
    va_end(args);
    CARE_OK(w, satchel_record_add(w->s, entity, parent, in, n, &saved, &w->e));
    return saved;
}

void care_edit(
    struct care_world *w, const char *entity, const char *reference, ...)
{
    char text[INPUTS_MAX][TEXT_BYTES];
    struct satchel_input in[INPUTS_MAX];
    va_list args;
    size_t n;

    va_start(args, reference);
    n = inputs(args, text, in);
    va_end(args);
    CARE_OK(
        w, satchel_record_edit(w->s, entity, reference, in, n, NULL, &w->e));
}

void care_account(struct care_world *w, const char *name)
{
    char text[TEXT_BYTES];

    (void)snprintf(text, sizeof(text), "name=%s", name);
    (void)care_add(w, "account", NULL, text, "phone_main=13812345678",
        "owner_id=me", "territory_id=A-1", NULL);
}

struct satchel_care_list *care_due(
    struct care_world *w, enum satchel_care_make make)
{
    struct satchel_care_list *l = NULL;

    CARE_OK(w, satchel_care_due(w->s, NULL, make, false, &l, &w->e));
    return l;
}

size_t care_count(struct care_world *w, const char *entity)
{
    const struct satchel_query q = { .entity = entity };
    struct satchel_list *l = NULL;
    size_t n;

    CARE_OK(w, satchel_record_list(w->s, &q, &l, &w->e));
    n = l->total;
    satchel_free(l);
    return n;
}

const char *care_field(struct care_world *w, const char *entity,
    const char *reference, const char *field, char out[32])
{
    struct satchel_record *r = NULL;

    out[0] = '\0';
    CARE_OK(w, satchel_record_show(w->s, entity, reference, &r, &w->e));
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, field) == 0) {
            (void)snprintf(out, 32, "%s", r->field[i].value[0].text);
        }
    }
    satchel_free(r);
    return out;
}
