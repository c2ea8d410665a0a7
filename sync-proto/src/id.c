/* id.c - names of records, replicas, scopes, and single writes. */
#include "sp/id.h"

#include <stdio.h>
#include <string.h>

#include "sp/seal.h"

_Static_assert(sizeof(struct sp_id) == 16, "ids are compared as bytes");

bool sp_id_equal(const struct sp_id *a, const struct sp_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

int sp_id_cmp(const struct sp_id *a, const struct sp_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

bool sp_id_is_zero(const struct sp_id *id)
{
    static const struct sp_id zero;

    return sp_id_equal(id, &zero);
}

bool sp_ref_equal(const struct sp_ref *a, const struct sp_ref *b)
{
    return a->type == b->type && sp_id_equal(&a->id, &b->id);
}

int sp_dot_cmp(const struct sp_dot *a, const struct sp_dot *b)
{
    if (a->replica != b->replica) {
        return a->replica < b->replica ? -1 : 1;
    }
    return a->counter < b->counter ? -1 : a->counter > b->counter;
}

struct sp_id sp_id_make(uint64_t now_ms, const uint8_t random[10])
{
    struct sp_id id;

    sp_set_u16be(id.b, (uint16_t)(now_ms >> 32));
    sp_set_u32be(id.b + 2, (uint32_t)now_ms);
    memcpy(id.b + 6, random, 10);
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f)); /* version 7 */
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

/* The first of a millisecond: the uppermost bit stays free for those to come.
 */
static struct sp_id first_of(uint64_t now_ms, const uint8_t random[10])
{
    uint8_t tail[10];

    memcpy(tail, random, sizeof tail);
    tail[0] &= 0x07;
    return sp_id_make(now_ms, tail);
}

struct sp_id sp_id_next(
    const struct sp_id *last, uint64_t now_ms, const uint8_t random[10])
{
    uint64_t then = sp_id_time_ms(last);
    /* 12 and 62 bits around version and variant are one number */
    uint32_t high = sp_get_u16be(last->b + 6) & 0x0fffu;
    uint64_t low = sp_get_u64be(last->b + 8) & (UINT64_MAX >> 2);
    uint8_t tail[10];

    if (now_ms > then || then - now_ms > SP_ID_BACK_MS) {
        return first_of(now_ms, random);
    }
    low += 1u + (sp_get_u64be(random) >> 24);
    high += (uint32_t)(low >> 62);
    if (high > 0x0fffu) { /* thousands of millions within one millisecond */
        return first_of(then + 1, random);
    }
    sp_set_u16be(tail, (uint16_t)high);
    sp_set_u64be(tail + 2, low);
    return sp_id_make(then, tail);
}

uint64_t sp_id_time_ms(const struct sp_id *id)
{
    return sp_get_u64be(id->b) >> 16;
}

/* Whether a dash stands before this byte in 8-4-4-4-12. */
static bool dash_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void sp_id_format(char out[SP_ID_TEXT_BYTES], const struct sp_id *id)
{
    static const uint8_t bytes[] = { 4, 2, 2, 2, 6 };
    const uint8_t *at = id->b;

    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i > 0) {
            *out++ = '-';
        }
        sp_hex(out, at, bytes[i]);
        out += 2u * bytes[i];
        at += bytes[i];
    }
}

sp_err sp_id_parse(struct sp_id *out, const char *text)
{
    char digits[2 * sizeof out->b + 1];
    bool dashes = strlen(text) == SP_ID_TEXT_BYTES - 1;

    if (!dashes) {
        return sp_unhex(out->b, sizeof out->b, text);
    }
    for (size_t i = 0; i < sizeof out->b; i++) {
        if (dash_before(i) && *text++ != '-') {
            return SP_E_ARGUMENT;
        }
        digits[2 * i] = *text++;
        digits[2 * i + 1] = *text++;
    }
    digits[sizeof digits - 1] = '\0';
    return sp_unhex(out->b, sizeof out->b, digits);
}

sp_replica sp_replica_make(uint32_t device, uint32_t incarnation)
{
    return (sp_replica)device << 32 | incarnation;
}

struct sp_dot sp_dot_of_content(const struct sp_id *content)
{
    return (struct sp_dot){ sp_get_u64be(content->b) | 1ull << 63, 1 };
}

uint32_t sp_replica_device(sp_replica r)
{
    return (uint32_t)(r >> 32);
}

struct sp_id sp_scope_make(enum sp_scope_kind kind, struct sp_slice name)
{
    static const char domain[] = "satchel-scope";
    struct sp_hasher h;
    uint8_t hash[16];
    struct sp_id id;

    id.b[0] = (uint8_t)kind;
    sp_hasher_init(&h, sizeof hash, NULL);
    sp_hasher_add(&h, domain, sizeof domain - 1);
    sp_hasher_add(&h, id.b, 1);
    sp_hasher_add(&h, name.data, name.size);
    sp_hasher_end(&h, hash, sizeof hash);
    memcpy(id.b + 1, hash, sizeof id.b - 1);
    return id;
}

struct sp_id sp_scope_person(uint32_t user)
{
    char name[11];

    (void)snprintf(name, sizeof name, "%lu", (unsigned long)user);
    return sp_scope_make(SP_SCOPE_PERSON, sp_slice_text(name));
}

enum sp_scope_kind sp_scope_kind_of(const struct sp_id *scope)
{
    return (enum sp_scope_kind)scope->b[0];
}

bool sp_scope_is_everybodys(const struct sp_id *scope)
{
    if (sp_scope_kind_of(scope) != SP_SCOPE_CATALOGUE) {
        return false;
    }
    struct sp_id all =
        sp_scope_make(SP_SCOPE_CATALOGUE, (struct sp_slice){ NULL, 0 });
    return sp_id_equal(scope, &all);
}
