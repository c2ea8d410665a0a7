/*
 * goal_board.h - what goal.c counts and goal_tree.c lays out: inside the two.
 */
#ifndef CC_BOOK_GOAL_BOARD_H
#define CC_BOOK_GOAL_BOARD_H

#include "book/calendar.h"
#include "book/goal.h"

#define CC_GOAL_NONE UINT32_MAX /* no unit, no region, no place */

struct cc_goal_sum {
    int64_t sum, of; /* of shares: percents or ones, of how many */
};

/* Goals of one metric and the same days. */
struct cc_goal_series {
    enum cc_target_metric metric;
    int32_t from, until;
    uint32_t currency;
    unsigned event_kind;
    struct cc_goal_sum *of; /* by place */
};

/* A person, or what is nobody's in a unit. At all times: people by user
 * number, then a place for each unit, then one for what has neither. */
struct cc_goal_place {
    uint32_t user;
    uint32_t unit; /* CC_GOAL_NONE */
    const struct sp_person *person;
};

struct cc_goal_unit {
    const struct sp_roster *roster;
    uint32_t region; /* CC_GOAL_NONE */
};

struct cc_goal_kept; /* an account */

struct cc_goal_board {
    struct cc_goal_source source;
    struct sp_arena arena;
    size_t goals;
    struct cc_goal *goal; /* in the order of ids */
    size_t series_count;
    struct cc_goal_series *series;
    uint32_t people; /* the first places */
    uint32_t units, regions, places;
    struct cc_goal_place *place;
    struct cc_goal_unit *unit;
    struct sp_slice *region; /* by name */
    unsigned metrics;        /* that some goal asks for, a bit each */
    size_t accounts;
    struct cc_goal_kept *account;   /* in the order of ids */
    const struct sp_entity *entity; /* that is being read */
    struct cc_calendar calendar;    /* of working days */
    size_t rows;
    struct cc_goal_row *row;
};

/* Whether a goal belongs to a series. */
bool cc_goal_fits(const struct cc_goal_series *s, const struct cc_goal *g);
/* The field without which nothing can be counted for a metric. */
struct cc_cover_field cc_goal_field(
    const struct cc_goal_board *b, enum cc_target_metric metric);
/* The place of a person; of one who is in no roster, that of nobody. */
uint32_t cc_goal_place_of(const struct cc_goal_board *b, uint32_t user);
uint32_t cc_goal_unit_named(
    const struct cc_goal_board *b, struct sp_slice code);

#endif
