/*
 * report_facts.h - what reports are made of: customers, and what happened with
 * them, read once from the records as plain lists.
 *
 * What was merged counts for what it was merged into. What is deleted, and what
 * belongs to a customer that is not here, is left out.
 *
 *   threads  one at a time
 */
#ifndef CC_BOOK_REPORT_FACTS_H
#define CC_BOOK_REPORT_FACTS_H

#include "book/calendar.h"
#include "book/data_rule.h"
#include "book/label.h"
#include "book/place.h"
#include "book/quality.h"
#include "book/report.h"

#define CC_REPORT_FACTS_BYTES (512u << 20)
#define CC_REPORT_NOBODY      CC_PLACE_NONE

struct cc_report_customer {
    struct sp_id id;
    struct sp_id into; /* merged into that one; zero: stands for itself */
    const char *name;
    uint32_t charge;      /* who looks after it (book/charge.h); 0: nobody */
    int32_t cycle_days;   /* 0: none is set */
    bool gone;            /* deleted, or merged into another */
    bool placed;          /* its position is a reference for check-ins */
    size_t first, bought; /* its purchases, oldest first */
};

/* In all: at is the place of the customer. */
struct cc_report_purchase {
    uint32_t at;
    int32_t day;
    int32_t paid; /* CC_DAY_NONE: not yet */
    struct cc_money money;
};
struct cc_report_visit {
    uint32_t at, rep;
    int32_t day;
    uint64_t from_ms, until_ms; /* until 0: it has not ended */
    struct sp_id planned;
    unsigned outcome, verdict; /* options of the dictionary; 0: none */
};
struct cc_report_stop { /* a planned visit that was not cancelled */
    uint32_t at, rep;
    int32_t day;
    struct sp_id id;
};
struct cc_report_sighting { /* a store check */
    uint32_t at;
    uint64_t at_ms;
    int32_t day;
    const char *product, *rival; /* "": ours */
    int64_t facings;             /* -1: nobody said */
    struct cc_money price;       /* currency 0: nobody said */
};
struct cc_report_contact {
    uint32_t at, user;
    int32_t day;
    bool call, message, meeting, callback; /* see tally.h */
};
struct cc_report_move { /* on the funnel */
    uint32_t at;
    uint64_t at_ms;
    int32_t day;
    unsigned to; /* enum cc_funnel; 0: no status */
};
struct cc_report_task {
    struct sp_id rule;
    int32_t due;
    int32_t done; /* day; CC_DAY_NONE: open */
    bool dropped;
};
struct cc_report_rule {
    struct sp_id id;
    const char *name;
    bool purchase; /* asks for a call after one of at least threshold */
    struct cc_money threshold;
};
struct cc_report_campaign {
    struct sp_id id;
    const char *name;
    int32_t sent; /* day of sending; CC_DAY_NONE: not said */
};
struct cc_report_message { /* of a campaign */
    uint32_t at;
    struct sp_id campaign;
    bool control, delivered;
    int32_t day; /* of delivery; CC_DAY_NONE */
};
struct cc_report_goal { /* a target of revenue */
    uint32_t rep;       /* 0: of a unit, or of all */
    const char *unit;
    int32_t from, until;
    struct cc_money amount;
};

/* Lists that may be read; customers always are. */
enum cc_report_part {
    CC_REPORT_PURCHASES = 1,
    CC_REPORT_VISITS = 2,
    CC_REPORT_STOPS = 4,
    CC_REPORT_SIGHTINGS = 8,
    CC_REPORT_CONTACTS = 16,
    CC_REPORT_MOVES = 32,
    CC_REPORT_TASKS = 64, /* with the care rules */
    CC_REPORT_CAMPAIGNS = 128,
    CC_REPORT_GOALS = 256 /* with the holidays */
};

/* At all times, after cc_report_facts_ready: customers in order of id,
 * purchases by customer, then day. */
struct cc_report_facts {
    struct sp_arena arena;
    const struct sp_rulebook *book; /* names of people; NULL: numbers */
    int32_t today, offset_min;
    size_t customers, purchases, visits, stops, sightings, contacts, moves,
        tasks, rules, campaigns, messages, goals;
    struct cc_report_customer *customer;
    struct cc_report_purchase *purchase;
    struct cc_report_visit *visit;
    struct cc_report_stop *stop;
    struct cc_report_sighting *sighting;
    struct cc_report_contact *contact;
    struct cc_report_move *move;
    struct cc_report_task *task;
    struct cc_report_rule *rule;
    struct cc_report_campaign *campaign;
    struct cc_report_message *message;
    struct cc_report_goal *goal;
    struct cc_label_rules labels; /* with the purchases; filled */
    struct cc_data_spans spans;   /* likewise */
    struct cc_calendar calendar;  /* with the goals */
};

/*
 * Reads them.
 *   parts    bits of enum cc_report_part
 *   errors   those of walk, SP_E_NOMEM; cc_report_facts_free in any case
 */
SP_MUST_USE sp_err cc_report_facts_load(struct cc_report_facts *f,
    const struct cc_quality_source *source, unsigned parts);
void cc_report_facts_free(struct cc_report_facts *f);
/* Puts lists that were made by hand in their order, and rules that nobody gave
 * as they ship. */
void cc_report_facts_ready(struct cc_report_facts *f);

/* Appends a person's name, else his number; "nobody" of 0. */
void cc_report_put_person(
    struct cc_report *r, const struct cc_report_facts *f, uint32_t user);

#endif
