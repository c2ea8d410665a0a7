/*
 * report_sync.h - the figures of sync health, of counts that a server takes of
 * its log.
 *
 *   source   journeys, C4; what a device has not sent it alone knows, and
 * nobody counts bytes of a change threads  any
 */
#ifndef CC_BOOK_REPORT_SYNC_H
#define CC_BOOK_REPORT_SYNC_H

#include "book/report.h"

/* In milliseconds; sorted here. */
struct cc_report_ages {
    size_t count;
    uint64_t *ms;
};
struct cc_report_sync_counts {
    uint64_t active, seen;     /* devices */
    uint64_t offered, refused; /* commits of devices, made in the period */
    struct cc_report_ages conflicts; /* since the value that made each */
    struct cc_report_ages quarantine;
};

void cc_report_sync(struct cc_report *r, struct cc_report_sync_counts *c);

/* The smallest that so many percent are not above (nearest rank); sorts. 0 of
 * none. */
uint64_t cc_report_rank(uint64_t *list, size_t count, unsigned percent);

#endif
