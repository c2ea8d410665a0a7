/*
 * quota.h - what one person may take out of the system in files.
 *
 * Whoever holds data can copy it; the quota stops carelessness, and the note
 * that every export leaves (entity export_job) shows the rest. The right is
 * one of its own, said role by role in the policy (sp/policy.h, "export"):
 * seeing a record is not taking a thousand of them away.
 *
 *   threads  any
 */
#ifndef CC_BOOK_QUOTA_H
#define CC_BOOK_QUOTA_H

#include "sp/dictionary.h"
#include "sp/policy.h"

struct cc_quota {
    uint64_t rows;  /* a day, of everything together; 0: nothing leaves */
    uint32_t hours; /* an approval counts so long */
    bool asks;      /* leaves only with a second person */
    bool sensitive; /* P3 may go along, with a second person */
};

/* What a person with these roles may take out of one entity: of several roles
 * that may, the most. */
void cc_quota_of(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint16_t type, struct cc_quota *out);
/* Narrows a file's quota by one more entity that is in it; begin with
 * CC_QUOTA_WHOLE. */
#define CC_QUOTA_WHOLE                                                         \
    ((struct cc_quota){ UINT64_MAX, UINT32_MAX, false, true })
void cc_quota_narrow(struct cc_quota *all, const struct cc_quota *one);
/* Of a copy of everything, which who runs jobs makes, however many rows: a
 * second person is asked where every role of his that takes anything out asks
 * for one, and P3 goes along as far as one of them says so. */
void cc_quota_everything(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, struct cc_quota *out);
/* Whether a person with these roles may read a field, wherever it is. */
bool cc_quota_reads(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint16_t type, uint16_t field);
/* Whether there are people of whom he reads by their consent alone: what stands
 * by that, and nothing of what it is derived of (sheet.h, "consented"). */
bool cc_quota_by_consent(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, const struct sp_dictionary *d);
/* What is left of it, when so many rows have left today. */
uint64_t cc_quota_left(uint64_t rows_a_day, uint64_t taken);
/* Whether a day's rows are worth a look: the least of his roles' alerts
 * counts; who takes out more than nothing without any such role does too. */
bool cc_quota_alert(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint64_t rows);
/* How far he may be the second person: 0 not at all, SP_REACH_ALL for
 * everybody, else for people of his unit. */
unsigned cc_quota_approves(
    const struct sp_policy *p, const uint16_t *role, uint32_t roles);

#endif
