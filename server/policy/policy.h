/*
 * policy.h - policy.conf to the body of a signed document and back. The format
 * of the file is in POLICY.md, "policy.conf".
 */
#ifndef SV_POLICY_POLICY_H
#define SV_POLICY_POLICY_H

#include "policy/conf.h"
#include "sp/rules.h"

/*
 * Compiles a text against a dictionary: unknown entities and fields, duplicate
 * numbers, writes of what cannot be written, a role that may create but not
 * fill in what is required, a policy that lets nobody administer.
 *   errors  SP_E_CONFIG (error says where and what to do), SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_policy_compile(const char *name, struct sp_slice text,
    const struct sp_dictionary *dictionary, struct sp_buf *out,
    struct sv_conf_error *error);
SP_MUST_USE sp_err sv_policy_compile_file(const char *path,
    const struct sp_dictionary *dictionary, struct sp_buf *out,
    struct sv_conf_error *error);

/*
 * Whether, under this policy, somebody of the rosters in force still may
 * administer people and policy. Asked before a policy is signed, and before a
 * roster takes a role away.
 *   errors  SP_E_CONFIG
 */
SP_MUST_USE sp_err sv_policy_leaves_administrator(const struct sp_policy *p,
    const struct sp_rulebook *rulebook, struct sv_conf_error *error);

/* The text that compiles to the same body; errors latch in out. */
void sv_policy_print(const struct sp_policy *p,
    const struct sp_dictionary *dictionary, struct sp_buf *out);

#endif
