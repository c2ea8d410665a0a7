/*
 * assign.h - accounts get another owner or territory, as this server's own
 * commits under a person's name (SYNC J7). Used by account assign and by
 * handover; one transaction, all or nothing.
 *
 * At head office who manages people may assign any account, without being
 * allowed to read it; everybody else, and at a branch everybody, within the
 * rights of his roles. A branch assigns only what it serves.
 */
#ifndef SV_ASSIGN_H
#define SV_ASSIGN_H

#include "ctl/seen.h"

/* What one transaction takes; more goes in several commands. */
#define SV_ASSIGN_ACCOUNTS_MAX 10000u

/* An account as far as it matters who has it; arena memory. */
struct sv_assign_account {
    struct sp_ref ref;
    uint32_t owner;            /* shown; 0: nobody */
    struct sp_slice territory; /* shown; empty: none */
    struct sp_slice number;
    struct sp_slice name;         /* empty when the person may not see it */
    uint32_t to_owner;            /* 0: stays */
    struct sp_slice to_territory; /* empty: stays */
    uint32_t keeper; /* who has it from now on and is to know; 0: nobody */
    const char *how; /* for people; may be NULL */
};

struct sv_assign {
    struct sv_call *call;
    struct sp_tx *tx;
    struct sv_seen seen; /* who acts, and what he may see */
    const struct sp_entity *entity;
    bool everything; /* no role is asked */
    uint32_t count;
    struct sv_assign_account *account;
    uint32_t changed; /* accounts that were not so before */
};

/* Finds the person of --as; nothing is held beyond the tx.
 * SP_E_NOT_FOUND, SP_E_DENIED (has left), said in the call. */
SP_MUST_USE sp_err sv_assign_begin(
    struct sv_assign *a, struct sv_call *call, struct sp_tx *tx);
/* Adds every account for which wanted says so. */
SP_MUST_USE sp_err sv_assign_collect(struct sv_assign *a,
    bool (*wanted)(void *arg, const struct sv_assign_account *account),
    void *arg);
/* Adds one. SP_E_NOT_FOUND: there is no such account. */
SP_MUST_USE sp_err sv_assign_add(struct sv_assign *a, const struct sp_id *id);
/* Puts them in order of id, each once. */
void sv_assign_once(struct sv_assign *a);
/* Somebody active, or a territory that there is; said in the call when not. */
SP_MUST_USE sp_err sv_assign_person(
    struct sv_assign *a, const char *login, const struct sp_person **out);
SP_MUST_USE sp_err sv_assign_territory(
    struct sv_assign *a, const char *code, struct sp_slice *out);
/* Whether he sees accounts of a territory; empty: those that are his own,
 * without any. By the rosters as they are. */
bool sv_assign_sees(const struct sv_assign *a, const struct sp_person *p,
    struct sp_slice territory);
/*
 * Makes the commits, as few as there can be; accounts that are so already are
 * left alone. Sets changed.
 *   errors   class policy, said in the call with the account: the tx must be
 *            dropped
 */
SP_MUST_USE sp_err sv_assign_write(struct sv_assign *a);
/* The accounts as a table of the result, changed ones only. */
void sv_assign_rows(const struct sv_assign *a);

#endif
