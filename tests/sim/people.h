/*
 * people.h - what people do in the simulated world: each call is one user
 * action on one party's store, one commit, written down by the oracle.
 */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "oracle.h"
#include "world.h"

enum {
    SIM_NAME = 2,              /* account: str, KEEP */
    SIM_KIND = 4,              /* account: enum 1..5, LWW */
    SIM_PHONE = 10,            /* account: KEEP */
    SIM_OWNER = 11,            /* account: a rep may not change it */
    SIM_TEAM = 13,             /* account: SET of users, a manager's */
    SIM_TERRITORY = 12,        /* account: a rep gives it when he creates */
    SIM_CYCLE = 17,            /* account: only a manager writes it */
    SIM_TAGS = 18,             /* account: SET */
    SIM_CONTACT_NAME = 3,      /* contact */
    SIM_CONTACT_TITLE = 4,     /* contact */
    SIM_CONSENT_MESSAGES = 48, /* contact: DENY; a rep's */
    SIM_CONSENT_CALLS = 49,
    SIM_MESSAGE_NAME = 50, /* contact: its name's end, by that consent */
    SIM_CALL_NAME = 53,
    SIM_VISIT_OUTCOME = 9, /* visit */
    SIM_VISIT_MARK = 10,   /* visit: by which the oracle knows it again */
    SIM_NOTE_TEXT = 4      /* note */
};

#define SIM_WRITES_MAX 10u

/* One action being put together. */
struct sim_draft {
    struct sim_party *party;
    uint32_t user;     /* whose action; a device's own person by default */
    uint8_t authority; /* what he may claim by default */
    bool unchecked;    /* a hand-made client: its own check says yes */
    enum sim_expect expect;
    struct sp_ref ref;
    bool create;
    uint32_t count;
    struct sp_draft_write write[SIM_WRITES_MAX];
    uint8_t bytes[SIM_WRITES_MAX][128];
};

/* A new record (a fresh id), or a change of one. */
void sim_draft_create(struct sim_draft *d, struct sim_party *p, uint16_t type);
void sim_draft_edit(
    struct sim_draft *d, struct sim_party *p, const struct sp_ref *ref);
void sim_draft_text(struct sim_draft *d, uint16_t field, const char *text);
void sim_draft_uint(struct sim_draft *d, uint16_t field, uint64_t v);
void sim_draft_bool(struct sim_draft *d, uint16_t field, bool v);
void sim_draft_ref(
    struct sim_draft *d, uint16_t field, const struct sp_ref *ref);
void sim_draft_nil(struct sim_draft *d, uint16_t field);
void sim_draft_now(struct sim_draft *d, uint16_t field);
/* A consent, given or withdrawn. */
void sim_draft_consent(struct sim_draft *d, uint16_t field, bool given);
/* Adds a member to a set of texts or numbers, or takes it out. */
void sim_draft_tag(
    struct sim_draft *d, uint16_t field, const char *text, bool in);
/* The same of a set of users. */
void sim_draft_member(
    struct sim_draft *d, uint16_t field, uint32_t user, bool in);

/* Saves it: SP_OK and the oracle knows the commit, or why the own check said
 * no and nothing was written. */
sp_err sim_save(struct sim_draft *d);
/* The person's action, and the process dies before it is saved. */
void sim_save_and_die(struct sim_draft *d);

/* The common ones; they fail the test when the own check says no. */
struct sp_ref sim_account(
    struct sim_party *p, const char *territory, const char *name);
struct sp_ref sim_visit(
    struct sim_party *p, const struct sp_ref *account, const char *mark);
struct sp_ref sim_note_about(
    struct sim_party *p, const struct sp_ref *account, const char *text);
struct sp_ref sim_contact(
    struct sim_party *p, const struct sp_ref *account, const char *name);
void sim_edit(struct sim_party *p, const struct sp_ref *ref, uint16_t field,
    const char *text);
void sim_consent(struct sim_party *p, const struct sp_ref *contact, bool given);
/* From now on analysts read what stands by consent, and reps too. */
void sim_grant_consented(struct sim_world *w);

/* Numbers of the last commit of a party, 0: none. */
uint64_t sim_last(struct sim_party *p);
/* A person's word for a commit at a party: its verdict there, NONE when it is
 * not logged or nobody said anything. code may be NULL. */
enum sp_verdict_kind sim_verdict(
    struct sim_party *at, struct sim_party *by, uint64_t n, sp_err *code);
/* Whether a party shows the record, and a plain text value of it among those
 * that stand. */
bool sim_shows(struct sim_party *p, const struct sp_ref *ref);
bool sim_shows_text(struct sim_party *p, const struct sp_ref *ref,
    uint16_t field, const char *text);
/* How many values stand. */
uint32_t sim_values(
    struct sim_party *p, const struct sp_ref *ref, uint16_t field);
/* A copy of what a party shows, in arena. SP_E_NOT_FOUND. */
sp_err sim_view(struct sim_party *p, const struct sp_ref *ref,
    struct sp_arena *arena, struct sp_record *out);
struct sp_status sim_status(struct sim_party *p);

#endif
