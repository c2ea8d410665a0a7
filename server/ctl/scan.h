/*
 * scan.h - the weekly look over all that is known of customers: each thing
 * that is wrong becomes one task of whoever is to put it right, and a task
 * whose cause is gone is closed.
 *
 * Tasks, and no records of their own for issues: an issue is made of the
 * records each time somebody asks (book/quality.h), so it cannot be in conflict
 * with them or outlive its cause; what a person needs is the task. Its id is
 * made of the issue and its facts, so a scan that is run twice makes nothing
 * twice, and what somebody dropped does not come again until the facts are
 * others. Head office scans, for all: so one server makes them.
 */
#ifndef SV_SCAN_H
#define SV_SCAN_H

#include "server.h"

struct sv_scan_counts {
    uint64_t accounts;
    uint64_t issues;
    uint64_t made;   /* tasks */
    uint64_t open;   /* that were there */
    uint64_t closed; /* their cause is gone */
    uint64_t moved;  /* somebody else is in charge now */
    uint64_t later;  /* issues of people who have enough tasks, see data_rule */
    uint64_t nobody; /* issues that are nobody's to put right */
};

/*
 * Scans; tasks are written in steps, between which other work goes on, and a
 * scan that ends in the middle is completed by the next.
 *   dry_run  counts, writes nothing
 *   errors   SP_E_DENIED (a branch), SP_E_NOT_FOUND (the dictionary has no
 *            tasks), SP_E_NOMEM and those of the store
 */
SP_MUST_USE sp_err sv_scan_run(
    struct sv_server *s, bool dry_run, struct sv_scan_counts *out);

/* Runs it at head office when the last was quality_scan_days ago; logs. Call
 * now and then. */
void sv_scan_when_due(struct sv_server *s);

#endif
