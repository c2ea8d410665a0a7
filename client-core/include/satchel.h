/*
 * satchel.h - a device's own copy of its customers: the whole of libsatchel.
 *
 * A store is a directory that holds an encrypted replica of what its user may
 * see, and a journal of what he wrote. Everything here works without a
 * network, save satchel_enrol, satchel_sync and satchel_live_*.
 *
 * Errors     Every call that can fail returns 0 or the number of an error, and
 *            fills *e when e is not NULL. Out-parameters are untouched then.
 * Text       UTF-8 in NFC, ended by NUL. A NULL text argument means "not
 *            given". Times are UTC milliseconds since 1970, 0 when unknown.
 * Ownership  A result (`struct satchel_... **out`) belongs to the caller as one
 *            piece: satchel_free on the outermost pointer, and on nothing
 *            inside it. It does not change, and outlives the store that it
 *            came from. Arguments are borrowed for the call. Handles have a
 *            close of their own.
 * Threads    A handle may be used from several threads; calls on one store
 *            take turns, but a running sync holds others up only for the
 *            length of a page. Results may be read from any thread. Several
 *            processes may have one store open at once, also during a sync;
 *            one process opens it once (a second open is SATCHEL_E_IN_USE).
 *            Do not fork while a store is open.
 */
#ifndef SATCHEL_H
#define SATCHEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_API __attribute__((visibility("default")))

/* ---- errors ------------------------------------------------------------ */

/* Whose fault it is, and so what to do. */
enum satchel_class {
    SATCHEL_CLASS_NONE = 0,
    SATCHEL_CLASS_PEER = 1,   /* the other side: nothing was changed here */
    SATCHEL_CLASS_POLICY = 2, /* refused: role, scope or value */
    SATCHEL_CLASS_LOCAL = 3,  /* this machine: disk, memory, lock */
    SATCHEL_CLASS_BUSY = 4,   /* try later: offline, busy */
    SATCHEL_CLASS_CALLER = 5  /* argument or reference */
};

/* Numbers that a caller is likely to look at; they are those of the protocol's
 * list, which has more. */
enum satchel_code {
    SATCHEL_OK = 0,
    SATCHEL_E_FULL = 4,
    SATCHEL_E_BUSY = 5,
    SATCHEL_E_REVOKED = 17,
    SATCHEL_E_CODE = 18, /* enrolment code */
    SATCHEL_E_NOMEM = 32,
    SATCHEL_E_IO = 33,
    SATCHEL_E_CORRUPT = 34,
    SATCHEL_E_NOT_FOUND = 35,
    SATCHEL_E_EXISTS = 36,
    SATCHEL_E_LOCKED = 37,
    SATCHEL_E_SECRET = 38,
    SATCHEL_E_IN_USE = 39,
    SATCHEL_E_ARGUMENT = 40,
    SATCHEL_E_OFFLINE = 41,
    SATCHEL_E_INTERNAL = 42,
    SATCHEL_E_CONFLICT = 44,
    SATCHEL_E_AMBIGUOUS = 45,
    SATCHEL_E_VALUE = 66,
    SATCHEL_E_REQUIRED = 67,
    SATCHEL_E_UNKNOWN_FIELD = 69,
    SATCHEL_E_NOT_SYNCED = 80, /* enrolled, and nothing has come yet */
    SATCHEL_E_NOT_ENROLLED = 81
};

#define SATCHEL_DETAIL_BYTES 512

/* The one error type. Plain: copy it, keep it. */
struct satchel_error {
    int code; /* 0: no error */
    enum satchel_class class_;
    const char *name;    /* "SP_E_OFFLINE"; static */
    const char *text_en; /* what happened; one line, static */
    const char *text_zh;
    /* Which thing, and the way out; English, may be empty. Of an ambiguous
     * reference: the candidates. */
    char detail[SATCHEL_DETAIL_BYTES];
};

/* Frees any result of this library; NULL is harmless. */
SATCHEL_API void satchel_free(const void *result);

/* "0.1.0"; static. */
SATCHEL_API const char *satchel_version(void);

/* ---- the store and its key --------------------------------------------- */

#define SATCHEL_IDLE_MS_DEFAULT 300000u /* the agent locks after 5 minutes */

/*
 * What opens a store: a passphrase or PIN, and a platform secret where the
 * platform offers one (Android Keystore, iOS Keychain, a key file). A store
 * made with one cannot be opened without it.
 */
struct satchel_secret {
    /* At least 10 characters, or 4 beside a platform secret; at most 1,024
     * bytes of UTF-8. */
    const char *passphrase;
    /* NULL when there is none; fills 32 bytes, returns 0, or not 0 when the
     * platform does not give it out now (SATCHEL_E_SECRET then). Called during
     * the call that it is passed to, on the same thread. */
    int (*platform)(void *self, uint8_t out[32]);
    void *platform_self;
};

struct satchel_create_options {
    /* Cost of Argon2id; 0: 3 passes over 65,536 KiB (0.1 s). */
    uint32_t argon_passes;
    uint32_t argon_kib;
};

/*
 * Makes a store: the directory with a new random root key under the secret.
 * It holds nobody's data until satchel_enrol.
 *   dir      must not exist, or be an empty directory; its parent must exist
 *   options  may be NULL
 *   errors   SATCHEL_E_EXISTS, SATCHEL_E_IO, SATCHEL_E_FULL; a directory is
 *            there whole or not at all
 */
SATCHEL_API int satchel_create(const char *dir,
    const struct satchel_secret *secret,
    const struct satchel_create_options *options, struct satchel_error *e);

/* What can be said of a store without its key. */
struct satchel_store_state {
    bool exists;
    bool unlocked; /* an agent holds its key */
};
SATCHEL_API int satchel_look(
    const char *dir, struct satchel_store_state *out, struct satchel_error *e);

/*
 * Checks the secret and starts the agent: a small process of the same user
 * that holds the root key in locked memory and nothing else, so that each open
 * need not ask for the passphrase. It ends, and wipes the key, at
 * satchel_lock, or idle_ms after the key was last asked for. Replaces an agent
 * that is there.
 *   idle_ms  0: SATCHEL_IDLE_MS_DEFAULT; UINT32_MAX: never by itself
 *   errors   SATCHEL_E_SECRET; SP_E_RATE after several wrong ones (detail says
 *            how long to wait); SATCHEL_E_NOT_FOUND (no store, or no program
 *            satchel-agent: beside the running program, where it was
 *            installed, or named in the environment as SATCHEL_AGENT),
 *            SATCHEL_E_IO
 */
SATCHEL_API int satchel_unlock(const char *dir,
    const struct satchel_secret *secret, uint32_t idle_ms,
    struct satchel_error *e);

/* Ends the agent; harmless when there is none. Stores that are open stay
 * open. */
SATCHEL_API int satchel_lock(const char *dir, struct satchel_error *e);

/* Replaces the passphrase; root key, data and platform secret stay
 * (after->platform is not looked at). */
SATCHEL_API int satchel_secret_change(const char *dir,
    const struct satchel_secret *before, const struct satchel_secret *after,
    const struct satchel_create_options *options, struct satchel_error *e);

struct satchel; /* an open store */

/*
 * Opens a store.
 *   secret   NULL: ask the agent; SATCHEL_E_LOCKED when none holds the key
 *   errors   SATCHEL_E_NOT_FOUND, SATCHEL_E_SECRET, SATCHEL_E_LOCKED,
 *            SATCHEL_E_CORRUPT, SATCHEL_E_IN_USE, SATCHEL_E_IO
 */
SATCHEL_API int satchel_open(const char *dir,
    const struct satchel_secret *secret, struct satchel **out,
    struct satchel_error *e);
/* Wipes keys. NULL is harmless. No other call on it may be running. */
SATCHEL_API void satchel_close(struct satchel *s);

/* What a code says before anything is sent; for people to compare. */
struct satchel_code_info {
    const char *endpoint;    /* "tcp://host:port" */
    const char *fingerprint; /* of the server's key, 8 hex digits */
};
SATCHEL_API int satchel_code_read(
    const char *code, struct satchel_code_info **out, struct satchel_error *e);

/*
 * Enrols the device: makes its keys, shows the one-time code to the server,
 * and keeps what it answers. May be repeated with the same code when the
 * answer was lost. Sync next: until then the store knows no dictionary.
 *   label        what people call this device, up to 64 bytes
 *   deadline_ms  0: 30,000
 *   errors       SATCHEL_E_CODE, SATCHEL_E_OFFLINE, SATCHEL_E_EXISTS (is
 *                enrolled)
 */
SATCHEL_API int satchel_enrol(struct satchel *s, const char *code,
    const char *label, uint32_t deadline_ms, struct satchel_error *e);

/* ---- records ----------------------------------------------------------- */

/*
 * A record of any entity of the dictionary ("account", "contact", "visit",
 * "note"; entities that it learns later need nothing new here).
 *
 * A reference names a record as people do: its id or an unique beginning of it
 * (from 4 hex digits), its number, its exact title, or a beginning of the
 * title that only one record has; upper and lower case and full width count as
 * equal. SATCHEL_E_AMBIGUOUS lists the candidates in the error's detail. An
 * account that was merged into another names that one.
 */

#define SATCHEL_ID_BYTES 37 /* 8-4-4-4-12 and NUL */

/* One value of a field, with who wrote it when. */
struct satchel_value {
    const char *key;     /* names this value to satchel_conflict_choose */
    const char *text;    /* exact: typed again it gives the same value */
    const char *text_en; /* for people; titles of records, names of users,
                            local time */
    const char *text_zh;
    const char *author;       /* name, or the user's number */
    uint32_t user;            /* number */
    uint32_t device;          /* number of the device that wrote it */
    const char *device_label; /* of the device when known, else empty */
    /* In a list of conflicts: what the author had seen of this field when he
     * wrote, as far as this device knows (of its own edits); else "". */
    const char *seen_en;
    const char *seen_zh;
    uint64_t time_ms; /* the device's clock */
    bool mine;        /* written on this device */
    bool waiting;     /* ... and not yet accepted by a server */
};

struct satchel_field {
    const char *name;
    const char *label_en;
    const char *label_zh;
    const char *kind; /* "str", "phone", "ts", ...: see satchel_field_info */
    bool set;         /* value[] are its members */
    /* Several different values stand and somebody has to choose. Where a rule
     * of the dictionary chooses (the latest, the largest, the safest), others
     * may stand beside the shown value without a conflict. */
    bool conflict;
    size_t value_count; /* 1 or more; value[0] is shown, unless set */
    const struct satchel_value *value;
};

struct satchel_record {
    const char *id;
    const char *entity;
    const char *title;         /* name, or what stands for it; may be empty */
    const char *parent_entity; /* record that it belongs to; "" when none */
    const char *parent_id;
    const char *parent_title;
    uint64_t made_ms;
    bool deleted;
    bool conflict;      /* some field has one */
    uint32_t waiting;   /* own writes that no server has accepted yet */
    size_t field_count; /* fields that have a value, in dictionary order */
    const struct satchel_field *field;
    /* satchel_record_show: what was asked for was merged into it; else "" */
    const char *absorbed_id, *absorbed_title;
};

struct satchel_list {
    size_t count;
    size_t total; /* that fit, without the limit */
    const struct satchel_record *record;
};

/* A typed value. */
enum satchel_how {
    SATCHEL_SET = 0,   /* the value; of a set: exactly this member; of a
                          counter: "+3" or "-1" */
    SATCHEL_ADD = 1,   /* sets: one more member; counters: so much more */
    SATCHEL_REMOVE = 2 /* sets: this member goes; text "" : all of them;
                          counters: so much less */
};
struct satchel_input {
    const char *field; /* name; "address.city" is one part of a group */
    /* "" clears the field. References as above; users by number, login, name
     * or "me"; times also "now", dates "today". */
    const char *text;
    enum satchel_how how;
};

/* Where a saved edit went. */
struct satchel_saved {
    char id[SATCHEL_ID_BYTES];
    uint64_t commit; /* its number in the journal */
};

/*
 * Makes a record; durable when it returns 0.
 *   parent   reference to the record that it belongs to (an account, for a
 *            contact), NULL when the entity has none
 *   input    each field once, members of a set several times with SATCHEL_ADD
 *   errors   SATCHEL_E_VALUE, SATCHEL_E_REQUIRED, SATCHEL_E_UNKNOWN_FIELD
 *            and others of class policy: detail names field and value, nothing
 *            was written
 */
SATCHEL_API int satchel_record_add(struct satchel *s, const char *entity,
    const char *parent, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);
/* Changes fields of one record, all or none. A field in conflict is settled by
 * it: what is typed replaces all values that stand. out may be NULL. */
SATCHEL_API int satchel_record_edit(struct satchel *s, const char *entity,
    const char *reference, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

#define SATCHEL_MANY_MAX 10000u /* records of one call */

struct satchel_many_record {
    const char *id;
    const char *title;
    bool changed;              /* it was not so before */
    const char *const *before; /* for people, in the order of input; "" */
};
struct satchel_many {
    size_t count; /* each record once */
    size_t changed;
    const struct satchel_many_record *record;
};
/*
 * The same change to many records, all or none, in as few edits as hold them.
 *   dry_run  nothing is saved; the result and the errors are the same
 *   out      may be NULL
 *   errors   as of satchel_record_edit; detail names the record
 */
SATCHEL_API int satchel_record_edit_many(struct satchel *s, const char *entity,
    const char *const *reference, size_t count,
    const struct satchel_input *input, size_t inputs, bool dry_run,
    struct satchel_many **out, struct satchel_error *e);
SATCHEL_API int satchel_record_remove(struct satchel *s, const char *entity,
    const char *reference, struct satchel_saved *out, struct satchel_error *e);

/* What the user sees: his own writes that wait included. */
SATCHEL_API int satchel_record_show(struct satchel *s, const char *entity,
    const char *reference, struct satchel_record **out,
    struct satchel_error *e);

struct satchel_query {
    const char *entity;
    const char *parent;    /* reference: only records that belong to it */
    const char *text;      /* part of title, number or phone; folded */
    const char *territory; /* code */
    size_t limit;          /* 0: all */
    size_t skip;
    bool newest; /* newest first, else by title (by time when they have none) */
    bool brief;  /* only number, title, first phone and territory in field[],
                    waiting 0: much faster for long lists */
    bool deleted; /* deleted ones too */
};
/* No match is 0 with count 0. */
SATCHEL_API int satchel_record_list(struct satchel *s,
    const struct satchel_query *query, struct satchel_list **out,
    struct satchel_error *e);

/* ---- the named calls, thin over the above ------------------------------ */

SATCHEL_API int satchel_account_list(struct satchel *s,
    const struct satchel_query *query, struct satchel_list **out,
    struct satchel_error *e); /* query->entity is not looked at; may be NULL */
SATCHEL_API int satchel_account_search(struct satchel *s, const char *text,
    size_t limit, struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_account_show(struct satchel *s, const char *account,
    struct satchel_record **out, struct satchel_error *e);
SATCHEL_API int satchel_account_add(struct satchel *s,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
SATCHEL_API int satchel_account_edit(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);

/* Another owner, another territory, or both (NULL: as it is) for one account
 * or many, as satchel_record_edit_many. before[] is in this order. Refused when
 * the new owner would not see an account: it has to be in a territory of his.
 */
SATCHEL_API int satchel_account_assign(struct satchel *s,
    const char *const *account, size_t count, const char *owner,
    const char *territory, bool dry_run, struct satchel_many **out,
    struct satchel_error *e);

SATCHEL_API int satchel_contact_list(struct satchel *s, const char *account,
    struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_contact_add(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);

/*
 * A visit begins and ends now, by this device's clock, and is of the first
 * type in the dictionary, unless input says otherwise. Ending takes the user's
 * newest open visit when visit is NULL; SATCHEL_E_NOT_FOUND when none is open.
 */
SATCHEL_API int satchel_visit_start(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
SATCHEL_API int satchel_visit_end(struct satchel *s, const char *visit,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e);
/* Newest first. account NULL: all; limit 0: all. */
SATCHEL_API int satchel_visit_list(struct satchel *s, const char *account,
    size_t limit, struct satchel_list **out, struct satchel_error *e);
SATCHEL_API int satchel_visit_show(struct satchel *s, const char *visit,
    struct satchel_record **out, struct satchel_error *e);

/* text becomes the note's text; input may add fields. */
SATCHEL_API int satchel_note_add(struct satchel *s, const char *account,
    const char *text, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);
/* Newest first. */
SATCHEL_API int satchel_note_list(struct satchel *s, const char *account,
    size_t limit, struct satchel_list **out, struct satchel_error *e);

/* ---- one account out of two -------------------------------------------- */

/*
 * Accounts found to be one: the absorbed ones stay as they are and lead to the
 * one that is kept, with all that belongs to them and is written there later.
 */
#define SATCHEL_MERGE_MAX 20u /* absorbed at once */

struct satchel_merge_account {
    const char *id, *title;
};
/* A field for which they differ; of a set, a member that the kept one gets. */
struct satchel_merge_field {
    const char *name;
    const char *from;           /* id of the account whose value stands */
    const char *before, *after; /* of the kept one; exact texts */
    const char *other;          /* what else one of them says */
};
struct satchel_merge {
    const char *id; /* names it to satchel_account_unmerge */
    struct satchel_merge_account kept;
    size_t absorbed_count;
    const struct satchel_merge_account *absorbed;
    size_t field_count; /* later on: those that changed, and may be seen */
    const struct satchel_merge_field *field;
    const char *author;
    uint64_t made_ms, until_ms; /* so long it can be undone: 30 days */
    uint64_t undone_ms;         /* 0: it holds */
    uint64_t commit; /* its number in the journal; 0 of one made before */
};
struct satchel_merges {
    size_t count;
    const struct satchel_merge *merge;
};
/*
 * Merges; one edit. Where take says nothing, the kept account's value stands,
 * and where it has none the first that there is; sets are joined, teams not.
 *   take     fields, and as text whose value shall stand: a reference, "keep",
 *            or "absorb" when there is one
 *   dry_run  shows what would stand, saves nothing; errors are the same
 */
SATCHEL_API int satchel_account_merge(struct satchel *s, const char *keep,
    const char *const *absorb, size_t count, const struct satchel_input *take,
    size_t takes, bool dry_run, struct satchel_merge **out,
    struct satchel_error *e);
/* Newest first; account NULL: all. */
SATCHEL_API int satchel_account_merges(struct satchel *s, const char *account,
    struct satchel_merges **out, struct satchel_error *e);
/* Accounts and what belongs to them are as they were, save for values that
 * people have changed since. SP_E_UNDO_OVER after 30 days by the server's
 * clock, SATCHEL_E_EXISTS when it was undone before. */
SATCHEL_API int satchel_account_unmerge(struct satchel *s, const char *merge,
    struct satchel_saved *out, struct satchel_error *e);

/* ---- brief ------------------------------------------------------------- */

#define SATCHEL_BRIEF_LINES_MAX 12

/* One fact to know before walking in. */
struct satchel_fact {
    const char *kind; /* "account", "phone", "address", "last_visit",
                         "promise", "next_step", "contact", "note",
                         "open_visit", "conflict", "waiting", "rejected" */
    const char *label_en;
    const char *label_zh;
    const char *text_en;
    const char *text_zh;
    const char *id;   /* record that says so */
    uint64_t time_ms; /* when it was so */
};
struct satchel_brief {
    const char *account_id;
    const char *title;
    size_t count; /* at most SATCHEL_BRIEF_LINES_MAX, most urgent first */
    const struct satchel_fact *fact;
};
SATCHEL_API int satchel_brief(struct satchel *s, const char *account,
    struct satchel_brief **out, struct satchel_error *e);

/* ---- conflicts --------------------------------------------------------- */

/* A field for which several concurrent values stand; or a record that one
 * person deleted while another wrote to it (field "deleted"). */
struct satchel_conflict {
    const char *entity;
    const char *id;
    const char *title;
    struct satchel_field field; /* value[0] is the one that is shown */
    const char *why_en;         /* why they stand beside each other */
    const char *why_zh;
};
struct satchel_conflicts {
    size_t count;
    const struct satchel_conflict *conflict;
};
/* entity and reference: only those of one record; NULL: all. */
SATCHEL_API int satchel_conflicts(struct satchel *s, const char *entity,
    const char *reference, struct satchel_conflicts **out,
    struct satchel_error *e);
/*
 * Settles one by taking a value that stands; typing another value is
 * satchel_record_edit. Both are ordinary edits, judged as such.
 *   key      of the chosen satchel_value
 *   errors   SATCHEL_E_NOT_FOUND when that value stands no more: list again
 */
SATCHEL_API int satchel_conflict_choose(struct satchel *s, const char *entity,
    const char *reference, const char *field, const char *key,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * Takes a settling back that was made on this device: the value that was shown
 * before is written again, an ordinary edit too. A deletion that was kept or
 * taken back counts.
 *   commit   of the settling (satchel_saved); 0: the latest
 *   errors   SATCHEL_E_NOT_FOUND, SATCHEL_E_CONFLICT when somebody has written
 *            the field since
 */
SATCHEL_API int satchel_conflict_undo(struct satchel *s, uint64_t commit,
    struct satchel_saved *out, struct satchel_error *e);
/* A deleted record stands again, with all that was written to it meanwhile.
 *   errors   SATCHEL_E_NOT_FOUND when it is not deleted */
SATCHEL_API int satchel_record_restore(struct satchel *s, const char *entity,
    const char *reference, struct satchel_saved *out, struct satchel_error *e);

/* ---- my rejected changes -----------------------------------------------
 *
 * A refused edit stays with what was typed until its author deals with it: it
 * stands in this device's journal, and in a record that the servers keep for
 * him, so that he finds it on his next device too. Nobody else has it, unless
 * he shows it to his manager.
 */

/* One write of a refused edit, as it was typed. */
struct satchel_typed {
    const char *field; /* name; its number when the dictionary lacks it */
    const char *label_en;
    const char *label_zh;
    const char *text;    /* exact */
    const char *text_en; /* for people */
    const char *text_zh;
    enum satchel_how how;
};
struct satchel_typed_record {
    const char *entity;
    const char *id;
    const char *title;
    bool created; /* the edit made this record */
    size_t count;
    const struct satchel_typed *typed;
};
enum satchel_tray_state {
    SATCHEL_TRAY_OPEN = 0,
    SATCHEL_TRAY_ASKED = 1,    /* shown to a manager, no answer yet */
    SATCHEL_TRAY_ENTERED = 2,  /* a manager made the edit, as his own */
    SATCHEL_TRAY_DECLINED = 3, /* a manager will not */
    /* Accepted after all, by another server, while it was sent again: it
     * may stand there twice. */
    SATCHEL_TRAY_ACCEPTED = 4
};
/* An edit that a server refused, or put off. */
struct satchel_rejected {
    const char *key; /* names it to the calls below */
    bool deferred;   /* not refused: waits; text says for what */
    uint64_t made_ms;
    uint64_t judged_ms;
    uint32_t judge; /* device number of the server */
    int code;       /* why */
    const char *name;
    const char *text_en;
    const char *text_zh;
    const char *entity; /* of the offending write; "" when it is the whole */
    const char *field;
    const char *field_label_en;
    const char *field_label_zh;
    uint32_t rule; /* number of the policy rule, 0 when none */
    enum satchel_tray_state state;
    /* It was refused only for the sake of another one, which is there by now:
     * sending it again may succeed. */
    bool sendable;
    bool here;         /* typed on this device */
    uint64_t asked_ms; /* 0: nobody was asked */
    const char *note;  /* of who asks */
    uint64_t answered_ms;
    const char *answered_by;
    const char *answer_note;
    size_t count;
    const struct satchel_typed_record *record;
};
struct satchel_rejects {
    size_t count;
    const struct satchel_rejected *rejected;
};
/* Newest first; deferred ones only when asked for. */
SATCHEL_API int satchel_rejected_list(struct satchel *s, bool deferred,
    struct satchel_rejects **out, struct satchel_error *e);
/* It disappears from the list. */
SATCHEL_API int satchel_rejected_discard(
    struct satchel *s, const char *key, struct satchel_error *e);
/*
 * Makes the same edit again, with some values typed anew, and takes it from
 * the list; both or neither.
 *   input    applies to the record with that id (NULL: to the only record of
 *            the edit); an empty text leaves out what was typed in that field.
 *            NULL to send it as it was
 */
SATCHEL_API int satchel_rejected_resend(struct satchel *s, const char *key,
    const char *id, const struct satchel_input *input, size_t count,
    struct satchel_saved *out, struct satchel_error *e);

/*
 * Shows it to the managers who reach the user, with all that was typed: they
 * may enter it as their own edit, or decline. Both stay in the list (state)
 * until it is discarded. May be asked again after an answer.
 *   note     for the manager, up to 500 characters; may be NULL
 *   errors   SATCHEL_E_EXISTS when it is asked and not answered
 */
SATCHEL_API int satchel_rejected_ask(struct satchel *s, const char *key,
    const char *note, struct satchel_error *e);

/* What others ask this user, a manager: an edit that was refused to them. */
struct satchel_asked {
    uint32_t user; /* who asks */
    const char *author;
    /* key names it to the calls below, or a beginning of it (from 4 digits);
     * here and sendable are false. */
    struct satchel_rejected refusal;
};
struct satchel_asked_list {
    size_t count;
    const struct satchel_asked *asked;
};
/* Oldest first; all: answered ones too. */
SATCHEL_API int satchel_asked_list(struct satchel *s, bool all,
    struct satchel_asked_list **out, struct satchel_error *e);
/*
 * Makes the edit as the user's own, with some values typed anew, and answers,
 * both or neither; the refusal stands. Fields that name an author name him.
 *   id, input, count   as for satchel_rejected_resend
 *   note     for who asks; may be NULL
 *   errors   SATCHEL_E_EXISTS when somebody has answered; class policy when he
 *            may not either
 */
SATCHEL_API int satchel_asked_enter(struct satchel *s, const char *key,
    const char *id, const struct satchel_input *input, size_t count,
    const char *note, struct satchel_saved *out, struct satchel_error *e);
SATCHEL_API int satchel_asked_decline(struct satchel *s, const char *key,
    const char *note, struct satchel_error *e);

/* ---- sync -------------------------------------------------------------- */

struct satchel_progress {
    uint64_t pushed, to_push; /* edits; to_*: 0 while not known */
    uint64_t pulled, to_pull; /* records */
    uint64_t bytes_sent, bytes_received;
};

struct satchel_sync_options {
    /* Code of the unit whose server is asked; NULL: the home server. */
    const char *unit;
    uint32_t deadline_ms; /* for all tries together; 0: 30,000. Every step
                             that brings something starts it anew. A server
                             that says nothing at all is given up after 3 s */
    /* May be NULL. Called on the caller's thread; not 0 ends the sync with
     * SATCHEL_E_BUSY (what came so far stays). Must not call this library. */
    int (*progress)(void *self, const struct satchel_progress *p);
    void *progress_self;
};

struct satchel_sync_report {
    bool same;     /* there was nothing to do */
    bool complete; /* came to its end; else the next sync goes on from here */
    uint64_t pushed;
    uint64_t accepted, refused, deferred; /* verdicts learnt */
    uint64_t pulled;
    uint64_t purged; /* records that this device may no longer hold */
    uint64_t alarms; /* scopes whose proof failed and that are read again */
    uint64_t round_trips, bytes_sent, bytes_received;
    uint64_t pending; /* edits that no server has yet */
    uint64_t tries;
    uint64_t elapsed_ms;
    int64_t clock_offset_ms; /* the server's clock minus ours */
    uint32_t server;         /* its device number */
};

/*
 * One whole exchange: own edits up, then news down, then the proof.
 *   options, report  may be NULL; the report is filled on failure too
 *   errors           SATCHEL_E_OFFLINE, SATCHEL_E_REVOKED, SATCHEL_E_IN_USE
 *                    (another process syncs this store), ...
 */
SATCHEL_API int satchel_sync(struct satchel *s,
    const struct satchel_sync_options *options,
    struct satchel_sync_report *report, struct satchel_error *e);

/*
 * A session that stays open, for a screen that follows: each round sends what
 * was written here since and brings what is new. One sync at a time: while it
 * is open satchel_sync is SATCHEL_E_IN_USE.
 */
struct satchel_live;
/* Opens and does the first round. */
SATCHEL_API int satchel_live_open(struct satchel *s,
    const struct satchel_sync_options *options, struct satchel_live **out,
    struct satchel_sync_report *report, struct satchel_error *e);
/* One round; the report counts this round alone. A session that has grown too
 * old is replaced by a new one within. Call it from one thread at a time. */
SATCHEL_API int satchel_live_round(struct satchel_live *live,
    struct satchel_sync_report *report, struct satchel_error *e);
/* Before satchel_close. NULL is harmless. */
SATCHEL_API void satchel_live_close(struct satchel_live *live);

/* ---- status and words -------------------------------------------------- */

struct satchel_status {
    bool enrolled;
    const char *org; /* id in hex */
    uint32_t device;
    uint32_t user;
    const char *user_name;
    const char *unit;
    const char *server; /* endpoint of the home server */
    uint64_t commits;   /* edits ever made here */
    uint64_t pending;   /* no server has them yet */
    uint64_t at_branch; /* only the branch has them */
    uint64_t at_head_office;
    uint64_t deferred, refused, quarantined; /* refused: in the list above */
    uint64_t photos_to_go;                   /* none are taken yet: 0 */
    uint64_t records, scopes;
    uint64_t alarms;
    uint64_t last_sync_ms;        /* with whatever server */
    uint64_t last_branch_ms;      /* with a branch's, itself; 0 never */
    uint64_t last_head_office_ms; /* with head office's, itself */
    uint64_t last_upper_ms;       /* word from head office last came */
    int64_t clock_offset_ms;
    uint32_t dictionary, policy, roster; /* serials; 0: not here yet */
    uint64_t store_bytes;
    bool syncing; /* some process syncs this store now */
    bool agent;   /* an agent holds the key */
};
SATCHEL_API int satchel_status(
    struct satchel *s, struct satchel_status **out, struct satchel_error *e);

/* What the dictionary says; for help texts and forms. */
struct satchel_option_info {
    const char *name;
    const char *label_en;
    const char *label_zh;
};
struct satchel_field_info {
    const char *name; /* parts of a group: "address.city" beside "address" */
    const char *label_en;
    const char *label_zh;
    const char *kind; /* str uint int bool enum phone date ts geo money group
                         ref user territory */
    bool set, required, once, lines;
    uint32_t max;       /* str: characters */
    const char *target; /* ref: entity, "" any */
    size_t option_count;
    const struct satchel_option_info *option;
};
struct satchel_entity_info {
    const char *name;
    const char *label_en;
    const char *label_zh;
    const char *parent; /* entity that it belongs to; "" */
    size_t field_count; /* those that may be written */
    const struct satchel_field_info *field;
};
struct satchel_dictionary {
    size_t count;
    const struct satchel_entity_info *entity;
};
SATCHEL_API int satchel_dictionary(struct satchel *s,
    struct satchel_dictionary **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
