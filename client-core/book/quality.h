/*
 * quality.h - what is wrong with what is known of customers, and how well each
 * person keeps it: the same on a device, which looks over its own book, and at
 * a server, which looks over all.
 *
 * Everything is made of the records that stand, each time somebody asks: what
 * was put right is no issue any more, without anybody writing so.
 *
 *   stale       not verified for the days of the rule (CC_QUALITY_STALE_DAYS);
 *               what never was counts from the day it was made
 *   duplicate   has name or telephone in common with an older account
 *               (book/pairs.h), and nobody has said that they are two
 *   invalid     a telephone number that was kept as typed, a name without
 *               letters, an owner who has left, nobody in charge: an account
 *               without an owner is whoever has its territory's
 *   incomplete  nobody there can be reached; and, where a rule says how
 *               complete the file of a person is to be, one that is less
 *
 * How many days, how complete: records of the entity data_rule; of several of
 * one kind the strictest counts, of those that erase the one that keeps
 * longest.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_QUALITY_H
#define CC_BOOK_QUALITY_H

#include "sp/rules.h"

#include "book/pairs.h"
#include "book/place.h"
#include "book/sentence.h"
#include "book/value.h"

/* Where no rule says otherwise. */
#define CC_QUALITY_STALE_DAYS 180u
#define CC_QUALITY_TASKS      20u  /* that one person gets of a scan */
#define CC_QUALITY_PAIR_DAYS  30u  /* whom a device compares with all others */
#define CC_QUALITY_PAIRS      200u /* that an inbox shows, the newest first */

#define CC_QUALITY_BYTES_MAX (512u << 20)  /* of what is kept of the book */
#define CC_QUALITY_NONE      CC_PLACE_NONE /* no account */

/* data_rule */
struct cc_quality_rules {
    uint32_t stale_days;
    uint32_t percent; /* 0: whatever it is */
    uint32_t tasks;
    uint32_t pair_days;      /* accounts that are as new are looked at */
    uint32_t pairs;          /* that are shown at most */
    uint32_t retention_days; /* 0: nothing is erased by age */
    struct sp_id retention;  /* that rule */
};

/* Where the records come from. */
struct cc_quality_source {
    const struct sp_rulebook *book;
    int32_t today;      /* book/day.h */
    int32_t offset_min; /* east of Greenwich, of the days that are counted */
    void *self;
    /* Views of all records of a type, in order of their ids. */
    sp_err (*walk)(void *self, uint16_t type,
        sp_err (*each)(void *arg, const struct sp_record *view), void *arg);
};

/* Options of quality_issue.kind. */
enum cc_quality_kind {
    CC_QUALITY_STALE = 1,
    CC_QUALITY_DUPLICATE = 2,
    CC_QUALITY_INVALID = 3,
    CC_QUALITY_INCOMPLETE = 4
};

struct cc_quality_account {
    struct sp_id id;
    struct sp_id into; /* merged into that one; zero: stands for itself */
    uint32_t owner;    /* 0: nobody */
    uint32_t charge;   /* its owner, else who has its territory; 0: nobody */
    uint32_t maker;    /* who wrote the oldest value that stands */
    uint32_t phones;   /* with those of its contacts */
    uint32_t invalid;  /* of them */
    int32_t verified;  /* day; of one that never was, that it was made */
    bool gone;         /* deleted, or merged into another */
    bool bought;       /* read for boards, and where a rule needs it */
    bool reachable;    /* somebody there has a telephone, mail, messenger */
};

struct cc_quality_issue {
    enum cc_quality_kind kind;
    uint32_t at;          /* place of the account */
    uint32_t other;       /* the older one of two; CC_QUALITY_NONE */
    struct sp_id contact; /* zero: the account itself */
    const char *field;    /* that it is about; static */
    uint32_t charge;      /* whose it is to put right; 0: nobody's */
    uint32_t days;        /* since it was verified */
    uint32_t percent;     /* how complete */
    uint64_t fact;        /* what made it, so that the same again is another */
};

/* The file of one person, for boards. */
struct cc_quality_file {
    uint32_t author;
    uint32_t at; /* place of the account, or CC_QUALITY_NONE */
    unsigned percent;
};
/* A spot check counts for whoever entered the contact. */
struct cc_quality_check {
    uint32_t author;
    bool correct;
};

/* At all times, after cc_quality_load: account in order of id, so the older
 * come first. */
struct cc_quality {
    struct sp_arena arena;
    struct cc_quality_rules rules;
    int32_t today;
    size_t count;
    struct cc_quality_account *account;
    size_t issues;
    struct cc_quality_issue *issue;
    size_t pairs;
    struct cc_pair *pair;
    size_t files; /* the following for boards only */
    struct cc_quality_file *file;
    size_t checks;
    struct cc_quality_check *check;
};

/*
 * Looks at all there is.
 *   board    also files, checks and who bought
 *   errors   those of walk, SP_E_NOMEM; cc_quality_free in any case
 *   cost     reads accounts and contacts once, sorts names and numbers
 */
SP_MUST_USE sp_err cc_quality_load(
    struct cc_quality *q, const struct cc_quality_source *source, bool board);
void cc_quality_free(struct cc_quality *q);

/* The rules alone. */
SP_MUST_USE sp_err cc_quality_read_rules(
    const struct cc_quality_source *source, struct cc_quality_rules *out);

/* The place of an account, of one that was merged that of what it is now;
 * CC_QUALITY_NONE. */
uint32_t cc_quality_find(const struct cc_quality *q, const struct sp_id *id);

/* Id of the task that asks to put it right: made of the issue and what made it
 * alone, so that two who make it make one. */
struct sp_id cc_quality_task(
    const struct cc_quality *q, const struct cc_quality_issue *issue);
/* The same of one to verify an account which stands as verified on
 * that day (CC_DAY_NONE: never). */
struct sp_id cc_quality_verify_task(const struct sp_id *account, int32_t day);

/* Puts issues in order: what hides another first, then what is wrong, missing,
 * and of what is stale the oldest. For qsort. */
int cc_quality_cmp(const void *a, const void *b);

/* What people call a kind. */
const char *cc_quality_kind_en(enum cc_quality_kind kind);
const char *cc_quality_kind_zh(enum cc_quality_kind kind);

/* What is wrong, in one short sentence without text of the customer. */
void cc_quality_why(const struct cc_quality_issue *issue, enum cc_lang language,
    char out[CC_SENTENCE_BYTES]);

#endif
