/*
 * report.h - reports on customers, sales, visits, care and the market, made of
 * what this device holds when somebody asks.
 *
 * Sums are of one currency: the one that is asked for, else the one in which
 * most was bought in the period. What else there is, is counted in a remark.
 */
#ifndef SATCHEL_REPORT_H
#define SATCHEL_REPORT_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct satchel_report_name {
    const char *name;
    const char *title_en, *title_zh;
};
/* The i-th report there is; false behind the last. Static. Any thread. */
SATCHEL_API bool satchel_report_list(size_t i, struct satchel_report_name *out);

struct satchel_report_column {
    const char *name; /* for programs */
    const char *title_en, *title_zh;
    bool number; /* count, share or amount */
    bool count;  /* a whole number */
    bool bar;    /* worth drawing: its cells are of one unit */
    double mark; /* a line in that drawing; 0: none */
};
/* Of what has nothing to say (a share of none) all texts are "". */
struct satchel_report_cell {
    const char *exact; /* for programs: "66.7", "12.50 CNY", "potential" */
    const char *text_en, *text_zh;
    double number; /* to draw; an amount in minor units */
};
struct satchel_report_table {
    const char *name;
    const char *title_en, *title_zh;
    bool heat;   /* counts of two things that cross */
    bool detail; /* long, for programs */
    size_t columns, rows;
    const struct satchel_report_column *column;
    const struct satchel_report_cell *cell; /* row after row */
};
struct satchel_report_remark {
    const char *name;
    const char *text_en, *text_zh;
};
struct satchel_report {
    const char *name;
    const char *title_en, *title_zh;
    const char *from, *until; /* both ends in */
    uint64_t as_of_ms;        /* last sync */
    size_t customers;         /* that this device holds */
    size_t tables;
    const struct satchel_report_table *table;
    size_t remarks;
    const struct satchel_report_remark *remark;
};

/* NULL and 0: what the report has of its own. */
struct satchel_report_ask {
    const char *from, *until; /* days, as 2026-12-31 or "today" */
    const char *currency;     /* "CNY" */
    const char *margin; /* percent, as 30 or 12.5: of ltv, for a forecast */
    unsigned days;      /* of campaigns: how long a purchase counts */
};

/*
 *   errors  SATCHEL_E_NOT_FOUND (no such report), SATCHEL_E_ARGUMENT (a day,
 *           currency or margin that is none; a period that ends before it
 *           begins or is longer than ten years)
 */
SATCHEL_API int satchel_report(struct satchel *s, const char *name,
    const struct satchel_report_ask *ask, struct satchel_report **out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
