/* kb.h - keys of the store, built piece by piece. */
#ifndef SP_KB_H
#define SP_KB_H

#include "sp/id.h"
#include "sp/port.h"

/* A key under construction. At all times size <= sizeof b. */
struct sp_kb {
    uint8_t b[SP_STORE_KEY_MAX];
    size_t size;
};

struct sp_slice sp_kb_slice(const struct sp_kb *k);
struct sp_kb sp_kb_text(const char *name);
struct sp_kb sp_kb_u32(uint32_t v);
struct sp_kb sp_kb_ref(const struct sp_ref *ref);
struct sp_kb sp_kb_dot(sp_replica replica, uint64_t n);
struct sp_kb sp_kb_replica(sp_replica replica);
struct sp_kb sp_kb_id(const struct sp_id *id);
void sp_kb_add_u8(struct sp_kb *k, uint8_t v);
void sp_kb_add_u16(struct sp_kb *k, uint16_t v);
void sp_kb_add_u32(struct sp_kb *k, uint32_t v);
void sp_kb_add_u64(struct sp_kb *k, uint64_t v);
void sp_kb_add_id(struct sp_kb *k, const struct sp_id *id);
void sp_kb_add_ref(struct sp_kb *k, const struct sp_ref *ref);
/* Reads them back; b holds at least 18 (16, 8) bytes. */
void sp_kb_read_ref(const uint8_t *b, struct sp_ref *out);

#endif
