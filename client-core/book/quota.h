/*
 * quota.h - how much one person takes out of the system in a day.
 *
 * Whoever holds data can copy it; the quota stops carelessness, and the note
 * that every export leaves (entity export_job) shows the rest. A person's
 * quota follows from how far his roles reach.
 *
 *   threads  any
 */
#ifndef CC_BOOK_QUOTA_H
#define CC_BOOK_QUOTA_H

#include "sp/policy.h"

#define CC_QUOTA_OWN    200u   /* rows a day of who reaches his own */
#define CC_QUOTA_BRANCH 5000u  /* a branch or a region */
#define CC_QUOTA_ALL    50000u /* everything */
#define CC_QUOTA_ALERT  500u   /* more rows in a day are shown as an alert */

/* Rows a day; 0 for a person without a role. */
uint64_t cc_quota_rows(
    const struct sp_policy *p, const uint16_t *role, uint32_t roles);
/* What is left of it, when so many rows have left today. */
uint64_t cc_quota_left(uint64_t rows_a_day, uint64_t taken);
/* Whether a day's rows are worth a look. */
bool cc_quota_alert(uint64_t rows);

#endif
