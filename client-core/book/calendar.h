/*
 * calendar.h - which days are worked: Monday to Friday, save holidays, and
 * make-up days, whatever weekday they are. Deadlines, goals, reports and the
 * hours of messages ask for the same days.
 *
 * Holidays and make-up days stand in the send windows of the catalogue; those
 * of all windows in force count together.
 *
 *   threads  any
 */
#ifndef CC_BOOK_CALENDAR_H
#define CC_BOOK_CALENDAR_H

#include "book/send.h"
#include "book/value.h"

/* At all times: each day stands once in a list. Starts as zeros. */
struct cc_calendar {
    size_t holiday_count, workday_count;
    int32_t holiday[CC_SEND_SPECIALS_MAX], workday[CC_SEND_SPECIALS_MAX];
};

/* Takes the days of a record of send_window. What is no date counts for
 * nothing; beyond CC_SEND_SPECIALS_MAX of a kind days are left out. */
void cc_calendar_take(
    struct cc_calendar *c, const struct cc_value_of *send_window);
/* The same as send.h asks for them; they point into c. */
struct cc_send_days cc_calendar_days(const struct cc_calendar *c);

bool cc_calendar_works(const struct cc_send_days *days, int32_t day);
/* How many days of from..until, both in, are worked; 0 when until is before
 * from, or more than two thousand years after it. Of days each stands once. */
int32_t cc_calendar_working_days(
    const struct cc_send_days *days, int32_t from, int32_t until);

#endif
