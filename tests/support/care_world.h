/*
 * care_world.h - one device whose user has every role, and a clock that the
 * test sets: rules of head office and what a rep does with them, in one place,
 * without a network. What fails ends the test.
 */
#ifndef TEST_CARE_WORLD_H
#define TEST_CARE_WORLD_H

#include "satchel.h"

#include "device.h"

#define CARE_SIGNATURE "Branch A Anna An" /* {shop} {rep} */

struct care_world {
    char *dir;
    struct test_org *org;
    struct satchel *s;
    struct satchel_error e;
    uint64_t now_ms; /* grows by one each time it is asked */
};

/* For cmocka; the state is the world. In Shanghai, on 2026-01-01 10:00. */
int care_begin(void **state);
int care_end(void **state);

#define CARE_OK(w, call)                                                       \
    do {                                                                       \
        int rc_ = (call);                                                      \
        if (rc_ != 0) {                                                        \
            fail_msg("%s: %s: %s", #call, (w)->e.name, (w)->e.detail);         \
        }                                                                      \
    } while (0)

/* The moment of a local day and hour; sets the clock to it. */
uint64_t care_ms(const char *day, unsigned hour);
void care_at(struct care_world *w, const char *day, unsigned hour);

/* A record of "FIELD=VALUE" and "FIELD+=MEMBER", up to NULL. */
struct satchel_saved care_add(
    struct care_world *w, const char *entity, const char *parent, ...);
void care_edit(
    struct care_world *w, const char *entity, const char *reference, ...);
void care_account(struct care_world *w, const char *name);

/* What is due, other people's and what is done left out. */
struct satchel_care_list *care_due(
    struct care_world *w, enum satchel_care_make make);
/* Records of an entity that are not deleted. */
size_t care_count(struct care_world *w, const char *entity);
/* The exact text of a field; "" when there is none. Returns out. */
const char *care_field(struct care_world *w, const char *entity,
    const char *reference, const char *field, char out[32]);

#endif
