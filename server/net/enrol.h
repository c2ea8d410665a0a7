/*
 * enrol.h - one-time enrolment codes and what they turn into.
 *
 * A code is 32 random bytes for one person's device, or for the server of one
 * branch; 15 minutes, once. Stored in SV_T_CODE under the hash of its
 * enrolment id, sealed like every value; burnt in the transaction that numbers
 * the device and signs its certificate.
 */
#ifndef SV_ENROL_H
#define SV_ENROL_H

#include "sp/enrol.h"
#include "sp/link.h"

#include "ops/metrics.h"

#define SV_ENROL_LIFE_MS 900000u

/* Who or what a code is for. */
struct sv_enrol_grant {
    bool branch;
    uint32_t user; /* the person, when it is no branch */
    char unit[64]; /* code of the branch */
    uint64_t life_ms;
};

/*
 * Makes a code, in a write tx.
 *   endpoint  what the device connects to
 *   out       text and NUL
 *   errors    SP_E_NOT_FOUND (no such person or unit), SP_E_EXISTS (the
 *             branch has a server already), SP_E_TOO_LARGE (endpoint)
 */
SP_MUST_USE sp_err sv_enrol_make(struct sp_tx *tx,
    const struct sv_enrol_grant *grant, const char *endpoint,
    char out[SP_ENROL_TEXT_BYTES_MAX]);

/* The side that the engine calls. metrics must outlive it; static functions,
 * so any number may be made. */
struct sp_enroller sv_enrol_port(struct sv_metrics *metrics);

/* Forgets codes that ended longer than a day ago, in a write tx. */
SP_MUST_USE sp_err sv_enrol_tidy(struct sp_tx *tx);

#endif
