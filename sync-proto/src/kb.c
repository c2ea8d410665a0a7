/* kb.c - keys of the store, built piece by piece. */
#include "engine.h"

struct sp_slice sp_kb_slice(const struct sp_kb *k)
{
    return sp_slice_of(k->b, k->size);
}

void sp_kb_add_u8(struct sp_kb *k, uint8_t v)
{
    SP_ASSERT(k->size + 1 <= sizeof k->b);
    k->b[k->size++] = v;
}

void sp_kb_add_u16(struct sp_kb *k, uint16_t v)
{
    SP_ASSERT(k->size + 2 <= sizeof k->b);
    sp_set_u16be(k->b + k->size, v);
    k->size += 2;
}

void sp_kb_add_u32(struct sp_kb *k, uint32_t v)
{
    SP_ASSERT(k->size + 4 <= sizeof k->b);
    sp_set_u32be(k->b + k->size, v);
    k->size += 4;
}

void sp_kb_add_u64(struct sp_kb *k, uint64_t v)
{
    SP_ASSERT(k->size + 8 <= sizeof k->b);
    sp_set_u64be(k->b + k->size, v);
    k->size += 8;
}

void sp_kb_add_id(struct sp_kb *k, const struct sp_id *id)
{
    SP_ASSERT(k->size + sizeof id->b <= sizeof k->b);
    memcpy(k->b + k->size, id->b, sizeof id->b);
    k->size += sizeof id->b;
}

void sp_kb_add_ref(struct sp_kb *k, const struct sp_ref *ref)
{
    sp_kb_add_u16(k, ref->type);
    sp_kb_add_id(k, &ref->id);
}

struct sp_kb sp_kb_text(const char *name)
{
    struct sp_kb k = { .size = strlen(name) };
    SP_ASSERT(k.size <= sizeof k.b);
    memcpy(k.b, name, k.size);
    return k;
}

struct sp_kb sp_kb_u32(uint32_t v)
{
    struct sp_kb k;
    k.size = 0;
    sp_kb_add_u32(&k, v);
    return k;
}

struct sp_kb sp_kb_ref(const struct sp_ref *ref)
{
    struct sp_kb k;
    k.size = 0;
    sp_kb_add_ref(&k, ref);
    return k;
}

struct sp_kb sp_kb_replica(sp_replica replica)
{
    struct sp_kb k;
    k.size = 0;
    sp_kb_add_u64(&k, replica);
    return k;
}

struct sp_kb sp_kb_dot(sp_replica replica, uint64_t n)
{
    struct sp_kb k = sp_kb_replica(replica);
    sp_kb_add_u64(&k, n);
    return k;
}

struct sp_kb sp_kb_id(const struct sp_id *id)
{
    struct sp_kb k;
    k.size = 0;
    sp_kb_add_id(&k, id);
    return k;
}

void sp_kb_read_ref(const uint8_t *b, struct sp_ref *out)
{
    out->type = sp_get_u16be(b);
    memcpy(out->id.b, b + 2, sizeof out->id.b);
}
