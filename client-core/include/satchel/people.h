/*
 * people.h - who decides at a customer, and which customers belong together.
 * Made from the records of this device when asked for.
 */
#ifndef SATCHEL_PEOPLE_H
#define SATCHEL_PEOPLE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A contact of an account, or a relation with one who is a contact of
 * another. */
struct satchel_person {
    const char *id; /* of the contact */
    const char *name;
    const char *title; /* what he is there; "" */
    const char *role;  /* option of contact.decision_role; "" */
    const char *role_en, *role_zh;
    const char *relation; /* id of the relationship that says since when; "" */
    const char *since, *until; /* dates; "" */
    const char *reason;        /* why it ended; "" */
    bool past;                 /* it has ended */
};
struct satchel_people {
    bool key_account;
    size_t count; /* who is there before who was; who decides first */
    const struct satchel_person *person;
};
/* All who are and were there: an ended relation stays. */
SATCHEL_API int satchel_account_people(struct satchel *s, const char *account,
    struct satchel_people **out, struct satchel_error *e);

/* A customer that belongs to another: by its field "belongs to", also through
 * others, or by a relation that somebody wrote down and that has not ended. */
struct satchel_outlet {
    const char *id, *title, *number;
    const char *how; /* "part", "supplies", "belongs" */
    const char *how_en, *how_zh;
    unsigned depth; /* 1: directly */
};
struct satchel_outlets {
    size_t count; /* parts first, each behind the one it belongs to */
    const struct satchel_outlet *outlet;
};
SATCHEL_API int satchel_account_outlets(struct satchel *s, const char *account,
    struct satchel_outlets **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
