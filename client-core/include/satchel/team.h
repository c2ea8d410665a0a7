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

/*
 * A line of the tree of goals (company, regions, branches, reps), and what was
 * reached by now as far as this device knows. A line is a goal; or the sum of
 * the goals below it; or what one of the parts did of the goal above it.
 */
struct satchel_target {
    const char *id;      /* of the goal; "" where the line is none */
    const char *part_of; /* id of the goal that it says is above it; "" */
    const char *level;   /* company, region, branch, rep */
    unsigned depth;      /* 0: the top of its tree; below a line its parts */
    bool summed;         /* target is the sum of the goals below */
    bool share;          /* no goal: target is that of the goal above */
    /* Only a part of what counts is on this device: actual is that part, and
     * attainment says nothing. */
    bool part;
    const char *whose;  /* name of the rep, code of the branch, name of the
                           region; "" for the company, and of a rep for
                           what is nobody's in particular */
    const char *metric; /* option of target.metric */
    const char *metric_en;
    const char *metric_zh;
    const char *kind; /* of the events that count, option of event.kind; "" */
    const char *kind_en;
    const char *kind_zh;
    const char *from, *until; /* dates, both ends in */
    bool money;               /* target and actual are minor units ... */
    const char *currency;     /* ... of this currency; else "" */
    int64_t target;
    int64_t actual;
    /* The same for people: "40", "95 %", "CNY 1,234.50". */
    const char *target_text, *actual_text;
    int64_t percent;    /* of the whole target */
    int64_t attainment; /* of what was due by today, in percent */
    int64_t due;        /* percent of the target that was due by today */
    bool open;          /* still running */
};
struct satchel_targets {
    uint64_t as_of_ms; /* the last sync: nothing newer of others is in it */
    size_t count;      /* tree by tree, the newest days first */
    const struct satchel_target *target;
};
/*
 * All goals that this device knows.
 *   whole  every part of every goal down to the reps, as far as all of it is
 *          here; else of each goal the level below it
 */
SATCHEL_API int satchel_targets(struct satchel *s, bool whole,
    struct satchel_targets **out, struct satchel_error *e);

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

/* The same of all whom one person entered and whose account is here: the
 * numbers of satchel_quality_board, for contests. */
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

/* ---- contests ------------------------------------------------------------ */

/* A contest, and where everybody stands by what the records of this device say
 * of its days; asked again, it says the same of the same records. */
struct satchel_contest_row {
    size_t place; /* 1 first; those who tie share one, and the next is left out
                     as often; 0: unknown, or not all are known here */
    bool tied;
    bool known; /* what the person did is all on this device */
    uint32_t user;
    const char *name;
    int64_t value;   /* percent of completeness and validity */
    int64_t counted; /* records that it is made of */
};
struct satchel_contest {
    const char *id;
    const char *name;
    const char *unit; /* code of the branch; "" : the company */
    const char *metric;
    const char *metric_en;
    const char *metric_zh;
    const char *from, *until; /* dates, both ends in */
    const char *prize;        /* "" */
    bool percent;             /* values are percents */
    bool open;                /* still running, or to come */
    bool part; /* not all that counts is on this device, or may be read on it:
                  the order may be another one */
    size_t count; /* best first; 0 in satchel_contests */
    const struct satchel_contest_row *row;
};
struct satchel_contests {
    uint64_t as_of_ms; /* the last sync */
    size_t count;      /* those that end last first */
    const struct satchel_contest *contest;
};
SATCHEL_API int satchel_contests(
    struct satchel *s, struct satchel_contests **out, struct satchel_error *e);
/*
 * One with its table: everybody of the branch (of the company: of all) who has
 * customers of his own, with nothing done too, and who else did something.
 * Counted are: quantity - files of people that were begun
 * in these days; completeness - how complete the files are that were begun by
 * the last day, on average; validity - spot checks of these days that found
 * them right; contacts, callbacks - activities of these days.
 *   contest  id, name, or a beginning
 */
SATCHEL_API int satchel_contest(struct satchel *s, const char *contest,
    struct satchel_contests **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
