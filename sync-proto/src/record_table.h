/*
 * record_table.h - the stamp table of a record's bytes: what encoding and
 * decoding share (PROTOCOL.md, "Record").
 */
#ifndef SP_RECORD_TABLE_H
#define SP_RECORD_TABLE_H

#include "sp/record.h"

#define RECORD_PARTS  3u  /* type, id, head; then the values */
#define AUTHORITY_MAX 3u  /* two bits in the head */
#define STACK_ENTRIES 48u /* tables up to this size need no memory */
#define HLC_COUNTER   0xffffu

/*
 * One line of a record's stamp table. Lines are sorted by entry_cmp, each
 * once. Several lines with one dot stand there only when a copied replica
 * issued it twice (SYNC X4). A bare line is a dot that stands in contexts
 * only: its value was overwritten, so nobody remembers its time.
 */
struct entry {
    struct sp_stamp stamp;
    bool bare;
    bool used; /* decoding: some register refers to it as what it is */
};

struct table {
    uint32_t count;
    struct entry *entry;
};

/* The common case: one value, and nothing known but its own dot. */
static inline bool is_plain(const struct sp_register *g)
{
    return g->count == 1 && g->context.count == 1;
}

static inline int who_cmp(const struct sp_stamp *a, const struct sp_stamp *b)
{
    if (a->user != b->user) {
        return a->user < b->user ? -1 : 1;
    }
    return a->authority < b->authority ? -1 : a->authority > b->authority;
}

static inline int entry_cmp(const struct entry *a, const struct entry *b)
{
    int order = sp_dot_cmp(&a->stamp.dot, &b->stamp.dot);

    if (order != 0) {
        return order;
    }
    if (a->bare != b->bare) {
        return a->bare ? 1 : -1;
    }
    if (a->stamp.time != b->stamp.time) {
        return a->stamp.time < b->stamp.time ? -1 : 1;
    }
    return who_cmp(&a->stamp, &b->stamp);
}

static inline uint64_t zigzag(uint64_t difference)
{
    return difference >> 63 ? ~(difference << 1) : difference << 1;
}

static inline uint64_t unzigzag(uint64_t v)
{
    return v & 1 ? ~(v >> 1) : v >> 1;
}

#endif
