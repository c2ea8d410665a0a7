/*
 * value.h - what a record says, by the names of its fields, as plain C values.
 *
 * Of several values the shown one counts (SYNC M7). A field that the dictionary
 * or the record lacks, or that holds another kind of value, says nothing: the
 * caller's default stands. So a device with an older dictionary still works.
 *
 *   threads  any
 */
#ifndef CC_BOOK_VALUE_H
#define CC_BOOK_VALUE_H

#include "sp/dictionary.h"

/* At all times: record is of that entity. */
struct cc_value_of {
    const struct sp_entity *entity;
    const struct sp_record *record;
};

/* The packed value; empty when there is none. */
struct sp_slice cc_value_shown(const struct cc_value_of *of, const char *field);
/* The same of a part of a group. */
struct sp_slice cc_value_shown_part(
    const struct cc_value_of *of, const char *field, const char *part);
bool cc_value_deleted(const struct cc_value_of *of);

/* uint, int, date, enum (its number), user; of a counter the sum. */
int64_t cc_value_int(
    const struct cc_value_of *of, const char *field, int64_t otherwise);
/* Whether an enum's value is the option of that name in the dictionary. */
bool cc_value_is(
    const struct cc_value_of *of, const char *field, const char *option);
bool cc_value_bool(
    const struct cc_value_of *of, const char *field, bool otherwise);
/* Minor units. */
int64_t cc_value_money(
    const struct cc_value_of *of, const char *field, int64_t otherwise);
/* UTC milliseconds; 0 for none. */
uint64_t cc_value_ts(const struct cc_value_of *of, const char *field);
/* Points into the record; empty for none. */
struct sp_slice cc_value_text(const struct cc_value_of *of, const char *field);
/* The same of a part of a group. */
struct sp_slice cc_value_part_text(
    const struct cc_value_of *of, const char *field, const char *part);
/* False when none is named. */
bool cc_value_ref(
    const struct cc_value_of *of, const char *field, struct sp_id *out);
/* A part of a group, as an integer (also bool: 0 or 1). */
int64_t cc_value_part(const struct cc_value_of *of, const char *field,
    const char *part, int64_t otherwise);
/* The same of a time: UTC milliseconds, 0 for none. */
uint64_t cc_value_part_ts(
    const struct cc_value_of *of, const char *field, const char *part);
/* Whether a set has this text among its members. */
bool cc_value_has(
    const struct cc_value_of *of, const char *field, struct sp_slice member);
/* Each member that stands, packed, until each says false. */
void cc_value_each(const struct cc_value_of *of, const char *field,
    bool (*each)(void *arg, struct sp_slice packed), void *arg);
/* A part of such a member of a set of groups; of a time its milliseconds. */
int64_t cc_value_group_int(const struct cc_value_of *of, const char *field,
    struct sp_slice group, const char *part, int64_t otherwise);
struct sp_slice cc_value_group_text(const struct cc_value_of *of,
    const char *field, struct sp_slice group, const char *part);
/* The same of its text members. */
void cc_value_members(const struct cc_value_of *of, const char *field,
    bool (*each)(void *arg, struct sp_slice member), void *arg);

/* Text with a NUL in the arena; NULL without memory. */
const char *cc_value_string(struct sp_arena *a, struct sp_slice text);

#endif
