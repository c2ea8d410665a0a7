/*
 * status.h - where things stand, and what the dictionary says.
 */
#ifndef SATCHEL_STATUS_H
#define SATCHEL_STATUS_H

#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

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
    uint64_t photos_to_go; /* photos and documents that only this device has */
    uint64_t photos_bytes; /* ... and how much they are together */
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
