/*
 * history.h - short stories found and shrunk by the executable model behind
 * the rules of synchronisation, replayed in the simulated world by the code
 * that ships.
 *
 * The world of the stories: head office H, branches A and B, users u0 to u4
 * with the devices d0 to d4, territories T1 to T3. Accounts have the keys t
 * (territory), n, p, o and del, visits a (account), u (author), n and p, and
 * del. Everybody reads what he is entitled to but for the keys taken from him,
 * and the judge accepts all that the story does not say is refused.
 */
#ifndef SIM_HISTORY_H
#define SIM_HISTORY_H

#include <jansson.h>

#include "network.h"
#include "world.h"

#define HISTORY_USERS       5u
#define HISTORY_TERRITORIES 3u
#define HISTORY_COMMITS_MAX 64u
#define HISTORY_RECORDS_MAX 32u

enum {
    HISTORY_ACCOUNT = 1,
    HISTORY_VISIT = 2,
    /* fields of an account */
    HISTORY_T = 1,
    HISTORY_N = 3,
    HISTORY_P = 4,
    HISTORY_O = 5,
    /* fields of a visit, n and p as above */
    HISTORY_A = 1,
    HISTORY_U = 2
};

struct history_commit {
    json_int_t label;
    struct sim_party *by;
    uint64_t n;
    struct sp_id content;
    const json_t *step;
    enum sp_verdict_kind at[SIM_SERVERS]; /* as last seen */
};

struct history_record {
    const char *name;
    struct sp_ref ref;
};

/* What head office has decided about a person. */
struct history_user {
    unsigned home;      /* unit */
    unsigned territory; /* bits */
    bool taken_n, taken_p;
};

struct history {
    const json_t *story;
    struct sim_world *w;
    struct history_user user[HISTORY_USERS];
    unsigned serves[HISTORY_TERRITORIES]; /* unit of each territory */
    uint32_t commits;
    struct history_commit commit[HISTORY_COMMITS_MAX];
    uint32_t records;
    struct history_record record[HISTORY_RECORDS_MAX];
};

/* history_world.c: the world of a story at its beginning. */
struct history *history_new(const json_t *story);
void history_free(struct history *h);
/* By the names of the stories: "H", "A", "d3"; units are parties as well. */
struct sim_party *history_party(struct history *h, const char *name);
unsigned history_unit(const char *name);
const struct history_commit *history_labelled(
    const struct history *h, json_int_t label);
const struct sp_ref *history_ref(const struct history *h, const char *name);
/* Field of a key, and the value of a text of the story in out. */
uint16_t history_field(uint16_t type, const char *key);
void history_value(const struct history *h, uint16_t type, const char *key,
    const char *text, struct sp_buf *out);
/* Head office publishes who serves what and who may read what, as h has it. */
void history_publish(struct history *h, bool policy);

/* history_play.c: all steps, the eight rounds behind them, and one more. */
void history_play(struct history *h);

/* history_end.c: what must be true in the end. */
/* The laws, whatever the story says: every commit is decided, at the author as
 * at head office, everybody holds what he may and nothing else, equal to head
 * office's. */
void history_check_laws(struct history *h);
/* What the story says stands, in trays and accepted. */
void history_check_outcome(struct history *h);

#endif
