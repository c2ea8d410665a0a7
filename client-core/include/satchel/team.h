/*
 * team.h - goals, and how complete the files of people are. Made from the
 * records of this device when asked for, by its clock; of a manager's device
 * that is the whole branch.
 */
#ifndef SATCHEL_TEAM_H
#define SATCHEL_TEAM_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A goal, and what was reached by now as far as this device knows. */
struct satchel_target {
    const char *id;
    const char *part_of; /* id of the goal above it; "" */
    const char *whose;   /* name of the rep, code of the branch, or "" for the
                            company */
    const char *metric;  /* option of target.metric */
    const char *metric_en;
    const char *metric_zh;
    const char *from, *until; /* dates, both ends in */
    bool money;               /* target and actual are minor units */
    int64_t target;
    int64_t actual;
    int64_t percent;    /* of the whole */
    int64_t attainment; /* of what was due by today, in percent */
    bool open;          /* still running */
};
struct satchel_targets {
    uint64_t as_of_ms; /* the last sync: nothing newer of others is in it */
    size_t count;      /* the company's first, then branches, then reps */
    const struct satchel_target *target;
};
SATCHEL_API int satchel_targets(
    struct satchel *s, struct satchel_targets **out, struct satchel_error *e);

/* A field of a person that would help, and what people call it. */
struct satchel_missing {
    const char *field;
    const char *label_en, *label_zh;
};

/* How complete one person's file is. */
struct satchel_profile {
    const char *contact_id;
    const char *title;
    unsigned percent;
    unsigned hard, hard_of; /* plain facts that are known, of how many */
    unsigned soft, soft_of;
    size_t missing_count;
    const struct satchel_missing *missing;
};
SATCHEL_API int satchel_profile(struct satchel *s, const char *contact,
    struct satchel_profile **out, struct satchel_error *e);

/* The same of all whom one person entered, for contests. */
struct satchel_profile_row {
    uint32_t user;
    const char *name;
    size_t contacts;
    unsigned mean, median;   /* percent */
    unsigned good;           /* percent of them with 60 and more */
    size_t checked, correct; /* of spot checks */
};
struct satchel_profile_board {
    size_t count; /* the most complete first */
    const struct satchel_profile_row *row;
};
SATCHEL_API int satchel_profile_board(struct satchel *s,
    struct satchel_profile_board **out, struct satchel_error *e);

/* So many contacts drawn at random, to be asked whether what stands is right;
 * the same seed draws the same from the same contacts. */
SATCHEL_API int satchel_profile_sample(struct satchel *s, uint64_t seed,
    size_t count, struct satchel_list **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
