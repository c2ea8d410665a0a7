/*
 * sample.h - invented retail accounts, visits and notes, as CSV.
 *
 * For trying the programs out and for tests: shops with Chinese and Latin
 * names, addresses, telephones as people type them, tags, and what a rep
 * writes after a visit, quotes, line breaks, leading signs and rare Hanzi
 * included. Nobody in it exists. The same plan gives the same bytes on every
 * platform, and row i does not depend on how many rows there are.
 *
 * Columns of the accounts, one contact each:
 *   number                      "S000001"
 *   name, kind                  kind: customer, distributor, partner,
 *                               supplier or competitor
 *   country, province, city, district, street, postcode
 *   phone                       in one of the forms that people use, or empty
 *   territory                   one of the plan's
 *   contact_name, contact_title, contact_phone
 *   tags                        up to 4, separated by |
 * Columns of the visits:
 *   account                     number of the account
 *   date, start, minutes        2025-03-14, 09:40, 25
 *   type                        sales, service, collection, survey, delivery
 *                               or audit
 *   outcome                     order, promise, no-decision, closed-door or
 *                               refused
 *   next_step, next_date        text and date, or both empty
 *   note                        what the rep wrote, or empty
 */
#ifndef SV_SAMPLE_H
#define SV_SAMPLE_H

#include "sp/bytes.h"

#define SV_SAMPLE_ACCOUNT_COLUMNS 15u
#define SV_SAMPLE_VISIT_COLUMNS   9u
#define SV_SAMPLE_ROWS_MAX        1000000u

struct sv_sample_plan {
    uint64_t seed;
    uint32_t accounts; /* up to SV_SAMPLE_ROWS_MAX */
    uint32_t visits;   /* likewise */
    /* Codes of the territories, not empty; borrowed during the call. */
    const char *const *territories;
    uint32_t territory_count; /* at least 1 */
    /* Day of the first visit, days since 1970-01-01; they spread over 90. */
    uint32_t first_day;
};

/* Takes the next bytes of a file; what is not SP_OK ends the call with it. */
typedef sp_err sv_sample_write(void *self, struct sp_slice bytes);

/* Writes the file, header first, in UTF-8 without mark. Row by row: memory
 * does not grow with the plan. SP_E_ARGUMENT, SP_E_NOMEM, or write's. */
SP_MUST_USE sp_err sv_sample_accounts(
    const struct sv_sample_plan *plan, sv_sample_write *write, void *self);
SP_MUST_USE sp_err sv_sample_visits(
    const struct sv_sample_plan *plan, sv_sample_write *write, void *self);

#endif
