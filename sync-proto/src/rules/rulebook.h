/*
 * rulebook.h - what a rulebook is made of; only for the files rulebook_*.c.
 *
 * Names become indexes once, at the build, so that a question costs a few
 * binary searches: units, territories and people are arrays, a place is a
 * scope with the unit that serves it.
 */
#ifndef SP_RULES_RULEBOOK_H
#define SP_RULES_RULEBOOK_H

#include "sp/rules.h"

#define SP_RULEBOOK_NONE  UINT32_MAX
#define SP_RULEBOOK_KINDS 7u /* scope kinds count from 1 */

/* A document in force, decoded. */
struct sp_rulebook_document {
    struct sp_document doc;
    bool by_branch; /* signed by a branch's server */
    union {
        const struct sp_dictionary *dictionary;
        const struct sp_policy *policy;
        const struct sp_roster *roster;
        const struct sp_device *device;
    } body;
};

/* A scope that the rosters name. At all times sorted by id. */
struct sp_rulebook_place {
    struct sp_id id;
    enum sp_scope_kind kind; /* territory, person or catalogue */
    uint32_t unit;
    uint32_t region; /* of a territory, else SP_RULEBOOK_NONE */
    uint32_t item;   /* index of the territory, the person or the unit; NONE:
                        the organisation's catalogue */
};

struct sp_rulebook_territory {
    const struct sp_territory *territory;
    uint32_t unit;
    uint32_t region;
    struct sp_id scope;
};

struct sp_rulebook_left {
    uint32_t place;
    uint32_t serial;
};

/* Extra reach with an end. */
struct sp_rulebook_share {
    enum sp_extra_kind kind;
    uint32_t item;   /* place, unit or region */
    uint64_t end_ms; /* the first moment at which it holds no more */
};

struct sp_rulebook_list {
    uint32_t count;
    const uint32_t *item;
};

struct sp_rulebook_person {
    const struct sp_person *person;
    uint32_t unit;
    struct sp_id scope;
    bool active;
    uint8_t authority;
    uint8_t manages;
    uint8_t reach;                      /* widest of his roles, 0: no role */
    struct sp_rulebook_list own;        /* places, sorted; with his own scope */
    struct sp_rulebook_list regions;    /* of his territories */
    struct sp_rulebook_list more_units; /* extra reach, as if own */
    struct sp_rulebook_list more_regions;
    uint32_t share_count;
    const struct sp_rulebook_share *share;
    uint32_t left_count;
    const struct sp_rulebook_left *left;
    /* What he sees in a scope that lies so far from him, by its kind. */
    uint16_t grant[SP_REACH_COUNT][SP_RULEBOOK_KINDS];
};

/* What a set of roles may do in scopes of one kind: rights by entity index. */
struct sp_rulebook_grant {
    uint32_t roles;
    enum sp_scope_kind kind;
    const struct sp_rights *rights;
    uint8_t digest[8];
};

struct sp_rulebook_past {
    uint32_t serial;
    const struct sp_policy *policy;
};

struct sp_rulebook {
    struct sp_id org;
    uint8_t root_public[32];
    struct sp_serials serials;
    const struct sp_dictionary *dictionary;
    const struct sp_policy *policy;
    uint32_t past_count; /* policies of before, for evidence; any order */
    struct sp_rulebook_past past[SP_PAST_POLICIES_MAX];
    uint32_t document_count; /* sorted by kind, then unit */
    struct sp_rulebook_document *document;
    uint32_t unit_count; /* sorted by code: head office is first */
    const struct sp_roster **unit;
    uint32_t head_office; /* index, or SP_RULEBOOK_NONE */
    uint32_t region_count;
    struct sp_slice *region; /* sorted */
    uint32_t territory_count;
    struct sp_rulebook_territory *territory; /* sorted by code */
    uint32_t person_count;
    struct sp_rulebook_person *person;       /* sorted by user number */
    const struct sp_rulebook_person **login; /* sorted by login */
    uint32_t device_count;
    const struct sp_device **device;        /* sorted by number */
    const struct sp_device **static_public; /* sorted by that key */
    uint32_t place_count;
    struct sp_rulebook_place *place;
    uint32_t grant_count;
    struct sp_rulebook_grant *grant; /* [0] nothing, [1] everything */
};

/* rulebook_trust.c: which documents are in force. */
sp_err sp_rulebook_trust(struct sp_rulebook *b,
    const struct sp_slice *documents, size_t count, struct sp_arena *arena,
    struct sp_rulebook_report *report);
/* Whether a decoded document is signed by one who may sign it, and its body
 * can be read. SP_E_DOCUMENT, SP_E_FORGED, SP_E_NOMEM */
sp_err sp_rulebook_trust_one(const struct sp_rulebook *b,
    struct sp_rulebook_document *d, struct sp_arena *arena);
/* Whether d may take the place of the document known (NULL: none). */
bool sp_rulebook_trust_newer(const struct sp_rulebook_document *d,
    const struct sp_rulebook_document *known);

/* rulebook_index.c: units, territories, people, devices, places. */
sp_err sp_rulebook_index(struct sp_rulebook *b, struct sp_arena *arena);
/* rulebook_grants.c: who sees what where. After the index. Encode: the grant
 * as data (port.h); true is everything. */
sp_err sp_rulebook_grants(struct sp_rulebook *b, struct sp_arena *arena);
sp_err sp_rulebook_grants_encode(
    const struct sp_rulebook *b, uint16_t grant, struct sp_buf *out);

/* rulebook_find.c */
const struct sp_rulebook_document *sp_rulebook_find_kept(
    const struct sp_rulebook *b, enum sp_document_kind kind,
    struct sp_slice unit);
const struct sp_rulebook_person *sp_rulebook_find_entry(
    const struct sp_rulebook *b, uint32_t user);
const struct sp_rulebook_territory *sp_rulebook_find_zone(
    const struct sp_rulebook *b, struct sp_slice code);
uint32_t sp_rulebook_find_unit_index(
    const struct sp_rulebook *b, struct sp_slice code);
uint32_t sp_rulebook_find_region(
    const struct sp_rulebook *b, struct sp_slice name);
/* Index of the place of a scope, or SP_RULEBOOK_NONE. */
uint32_t sp_rulebook_find_place(
    const struct sp_rulebook *b, const struct sp_id *scope);

/* rulebook_reach.c: how far a place lies from a person. evidence: serial of
 * the roster that a commit of an evidence type names (SYNC J4), else 0.
 * place may be SP_RULEBOOK_NONE: a scope that no roster names. now_ms: shares
 * that have ended by then are none; 0: ends are not looked at. */
enum sp_reach sp_rulebook_reach(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, uint32_t place, uint32_t evidence,
    uint64_t now_ms);
/* The same for a scope, and the grant under which he sees it. */
/* The grant under which he sees a place. */
uint16_t sp_rulebook_reach_grant(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, uint32_t place, uint64_t now_ms);
struct sp_standing sp_rulebook_reach_standing(const struct sp_rulebook *b,
    const struct sp_rulebook_person *p, const struct sp_id *scope,
    uint32_t evidence, uint64_t now_ms);

/* rulebook_then.c: the serials that a commit counts as made under, and the
 * policy of a serial. */
struct sp_serials sp_rulebook_then_serials(const struct sp_question *q);
const struct sp_policy *sp_rulebook_then_policy(
    const struct sp_rulebook *b, uint32_t serial);

/* rulebook_scopes.c, rulebook_judge.c: functions of the port. */
bool sp_rulebook_scopes_lead(
    void *self, const struct sp_record *r, uint16_t tree, struct sp_lead *out);
bool sp_rulebook_scopes_parent(
    void *self, const struct sp_record *r, struct sp_ref *out);
sp_err sp_rulebook_scopes(void *self, const struct sp_record *r,
    const struct sp_record *parent, struct sp_scopes *out);
uint16_t sp_rulebook_scopes_shares(
    void *self, const struct sp_record *r, sp_share_each each, void *arg);
bool sp_rulebook_scopes_routes(void *self, uint16_t type, uint16_t field);
bool sp_rulebook_scopes_carried(void *self, uint16_t type, uint16_t field);
bool sp_rulebook_whole(
    void *self, const struct sp_record *r, uint32_t dictionary);
bool sp_rulebook_reached(void *self, const struct sp_commit *c,
    const struct sp_serials *floor, const struct sp_id *scope);
void sp_rulebook_judge(
    void *self, const struct sp_question *q, struct sp_verdict *out);

#endif
