/*
 * report.h - what a report says: tables of figures, and remarks to them, in
 * both languages; the same on a device, at a branch and at head office.
 *
 * Figures stand as numbers; cc_report_cell_text makes text of them. A cell that
 * has nothing to say (a share of none) is none and never 0. Errors latch: a
 * maker puts its cells one after the other, and err is asked once at the end.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_REPORT_H
#define CC_BOOK_REPORT_H

#include "book/money.h"
#include "book/words.h"

#define CC_REPORT_TABLES_MAX  8u
#define CC_REPORT_NOTES_MAX   12u
#define CC_REPORT_NOTE_BYTES  240u
#define CC_REPORT_CELL_BYTES  CC_MONEY_TEXT_BYTES
#define CC_REPORT_BYTES_MAX   (16u << 20)
#define CC_REPORT_PERCENT_ONE 10 /* percents have one digit: 12.5 % is 125 */

enum cc_report_kind {
    CC_REPORT_TEXT,  /* what somebody typed, or a name */
    CC_REPORT_WORDS, /* one of a few: its name, and words for people */
    CC_REPORT_COUNT,
    CC_REPORT_DECIMAL, /* with the digits of its column */
    CC_REPORT_MONEY,
    CC_REPORT_DAY
};

/* Static. */
struct cc_report_column {
    const char *name; /* for programs */
    struct cc_words title;
    enum cc_report_kind kind;
    unsigned digits; /* of a decimal */
    bool bar;        /* people see it drawn, too */
    int32_t mark;    /* a line in that drawing, as n of a cell; 0: none */
};
struct cc_report_cell {
    bool none;
    int64_t n; /* count; decimal without its point; minor units; day */
    uint32_t currency;
    const char *text;      /* of words their name */
    struct cc_words words; /* static */
};

/* At all times: cells is a multiple of columns, save while a row is put. */
struct cc_report_table {
    const char *name;
    struct cc_words title;
    const struct cc_report_column *column;
    size_t columns;
    bool heat;   /* counts, darker for people where there are more */
    bool detail; /* long: programs get it, people do not */
    size_t cells;
    struct cc_report_cell *cell; /* row after row */
};
struct cc_report_note {
    const char *name; /* for programs */
    char en[CC_REPORT_NOTE_BYTES], zh[CC_REPORT_NOTE_BYTES];
};

struct cc_report {
    struct sp_arena arena;
    sp_err err; /* the first: SP_E_NOMEM, SP_E_TOO_LARGE */
    int32_t from, until;
    size_t customers; /* that it is made of */
    size_t tables, notes;
    struct cc_report_table table[CC_REPORT_TABLES_MAX];
    struct cc_report_note note[CC_REPORT_NOTES_MAX];
};

void cc_report_init(struct cc_report *r, int32_t from, int32_t until);
void cc_report_free(struct cc_report *r);

/* Begins a table; what follows goes there. Its name, title and columns are
 * static. Never NULL: behind the last one it is the last, and err is set. */
struct cc_report_table *cc_report_begin(struct cc_report *r, const char *name,
    struct cc_words title, const struct cc_report_column *column,
    size_t columns);

/* The next cell. text is copied; words and their name are static. */
void cc_report_put_text(struct cc_report *r, struct sp_slice text);
void cc_report_put_words(
    struct cc_report *r, const char *name, struct cc_words words);
void cc_report_put_number(struct cc_report *r, int64_t n); /* count, decimal */
void cc_report_put_money(struct cc_report *r, struct cc_money money);
void cc_report_put_day(struct cc_report *r, int32_t day); /* NONE: none */
void cc_report_put_none(struct cc_report *r);
/* Of all so many: percent with one digit, rounded half up; none of 0. */
void cc_report_put_percent(struct cc_report *r, int64_t of, int64_t all);

/* A remark; both formats take the same arguments. */
void cc_report_say(
    struct cc_report *r, const char *name, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Stays at the ends of int64. */
int64_t cc_report_add(int64_t a, int64_t b);
/* of * scale / all, rounded half away from 0; 0 of none. */
int64_t cc_report_ratio(int64_t of, int64_t all, int64_t scale);

/* Whether the cells of a column can be drawn beside each other: amounts of
 * different currencies cannot. */
bool cc_report_draws(const struct cc_report_table *t, size_t column);

enum cc_report_form {
    CC_REPORT_EN,
    CC_REPORT_ZH,
    CC_REPORT_EXACT /* for programs: an amount as it is typed; words by name */
};
/* "" for none. */
void cc_report_cell_text(const struct cc_report_column *column,
    const struct cc_report_cell *cell, enum cc_report_form form,
    char out[CC_REPORT_CELL_BYTES]);

#endif
