/*
 * policy.h - roles, how far each reaches and what it may do there: a signed
 * document (SP_DOC_POLICY). Deny by default: what no rule grants is denied.
 *
 * A person has the union of his roles. A role applies to a scope when its
 * reach covers it (own < branch < region < all, each includes the ones before);
 * how a scope lies to a person is said by the roster.
 */
#ifndef SP_POLICY_H
#define SP_POLICY_H

#include "sp/dictionary.h"

enum sp_reach {
    SP_REACH_OWN = 1,    /* my territories, my person scope, my extra reach */
    SP_REACH_BRANCH = 2, /* all territories and people of my unit */
    SP_REACH_REGION = 3, /* and all territories of my territories' regions */
    SP_REACH_ALL = 4
};
#define SP_REACH_COUNT 5u

/* What a role may administer, beside records. */
enum sp_manages {
    SP_MANAGES_USERS = 1,
    SP_MANAGES_DEVICES = 2,
    SP_MANAGES_POLICY = 4,
    SP_MANAGES_DICTIONARY = 8,
    SP_MANAGES_JOBS = 16 /* import, exchange, backup */
};

/* What a role may take out of the system in files, beside seeing it. */
enum sp_export_flags {
    SP_EXPORT_ASKS = 1,      /* each export only with a second person */
    SP_EXPORT_SENSITIVE = 2, /* with one, P3 too */
    SP_EXPORT_APPROVES = 4 /* may be the second person, as far as it reaches */
};
#define SP_EXPORT_FLAGS_ALL 7u

/* At all times: none (rows 0, flags 0), or said by the policy. */
struct sp_export {
    uint64_t rows;        /* a day; 0: takes nothing out */
    uint64_t alert;       /* more rows in a day are worth a look */
    uint32_t hours;       /* an approval counts so long */
    uint8_t flags;        /* enum sp_export_flags */
    uint32_t count;       /* 0: of whatever it reads, else only these */
    const uint16_t *type; /* sorted */
};

#define SP_POLICY_ROLES_MAX 32u
#define SP_POLICY_RULES_MAX 1024u

/* One grant: what a role may do with one entity. Field lists are sorted. */
struct sp_rule {
    uint32_t number; /* shown with a refusal; unique in the document */
    uint16_t type;
    uint8_t scopes; /* bit (1 << enum sp_scope_kind): where it holds */
    bool create;    /* may make records of this type */
    bool remove;    /* may write field 0 */
    bool own;       /* write and remove: only records of which he is author */
    bool others;    /* write and remove: only those of which he is not */
    uint32_t read_count;
    const uint16_t *read;
    uint32_t write_count;
    const uint16_t *write;
    uint32_t initial_count; /* writable in the commit that creates only */
    const uint16_t *initial;
};

struct sp_role {
    uint16_t number; /* never reused */
    struct sp_slice name;
    struct sp_slice label_en;
    struct sp_slice label_zh;
    enum sp_reach reach;
    uint8_t authority; /* enum sp_authority, what its commits may claim */
    uint8_t manages;   /* bits of enum sp_manages */
    struct sp_export export;
    uint32_t rule_count;
    const struct sp_rule *rule;
};

/* At all times: roles sorted by number. Immutable; any thread. */
struct sp_policy {
    uint32_t role_count;
    const struct sp_role *role;
};

/* Reads the body of a policy document; slices point into body.
 * SP_E_DOCUMENT, SP_E_TRUNCATED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM */
SP_MUST_USE sp_err sp_policy_decode(
    struct sp_slice body, struct sp_arena *arena, struct sp_policy *out);
/* Errors latch in out. */
void sp_policy_encode(const struct sp_policy *p, struct sp_buf *out);

/* NULL when there is none. */
const struct sp_role *sp_policy_role(const struct sp_policy *p, uint16_t role);
const struct sp_role *sp_policy_role_named(
    const struct sp_policy *p, struct sp_slice name);

/*
 * What a set of roles may do with one entity in scopes of one kind: the union
 * of their rules, as bit sets over field numbers.
 *   words of 64 fields; word i covers fields 64 i to 64 i + 63
 */
struct sp_rights {
    uint32_t rule; /* first rule that says anything, 0: nothing is granted */
    bool create;
    bool remove;
    bool remove_own;    /* only records of which he is author */
    bool remove_others; /* only those of which he is not */
    uint16_t words;
    const uint64_t *read;
    const uint64_t *write;
    const uint64_t *write_own;    /* only records of which he is author */
    const uint64_t *write_others; /* only those of which he is not */
    const uint64_t *initial;
};

/*
 * Compiles the rights of a set of roles.
 *   roles   bit i: the role at index i of p
 *   errors  SP_E_NOMEM
 */
SP_MUST_USE sp_err sp_policy_rights(const struct sp_policy *p, uint32_t roles,
    const struct sp_entity *entity, enum sp_scope_kind kind,
    struct sp_arena *arena, struct sp_rights *out);
/* The same without an arena, for a policy that is no longer in force: begun
 * empty, then added to, scope by scope. It may not be moved. */
#define SP_POLICY_WORDS_MAX (SP_FIELD_MAX / 64u + 1u)
#define SP_POLICY_SETS      5u /* of bits in struct sp_rights */
struct sp_rights_room {
    struct sp_rights rights;
    uint64_t set[SP_POLICY_SETS * SP_POLICY_WORDS_MAX];
};
void sp_policy_begin_rights(
    const struct sp_entity *entity, struct sp_rights_room *room);
/* Adds what those of a person's roles (numbers) grant in a scope of a kind
 * that lies so far away. */
void sp_policy_add_rights(const struct sp_policy *p, const uint16_t *role,
    uint32_t role_count, enum sp_reach distance, const struct sp_entity *entity,
    enum sp_scope_kind kind, struct sp_rights_room *room);
/* Whether a bit is set; false beyond words. */
bool sp_policy_bit(const uint64_t *set, uint16_t words, uint16_t field);

#endif
