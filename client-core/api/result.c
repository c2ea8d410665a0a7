#include "api/result.h"

#include "satchel.h"

#include <stdlib.h>
#include <string.h>

#define RESULT_BYTES_MAX (512u << 20)
#define MAGIC            0x5a7c4e11u

struct result {
    _Alignas(max_align_t) struct sp_arena arena;
    uint32_t magic;
};

/* The public struct follows at the next aligned place. */
#define HEAD_BYTES                                                             \
    ((sizeof(struct result) + _Alignof(max_align_t) - 1) /                     \
        _Alignof(max_align_t) * _Alignof(max_align_t))

void *cc_result_new(size_t size)
{
    struct result *r = (struct result *)calloc(1, HEAD_BYTES + size);

    if (r == NULL) {
        return NULL;
    }
    r->magic = MAGIC;
    sp_arena_init(&r->arena, RESULT_BYTES_MAX);
    return (uint8_t *)r + HEAD_BYTES;
}

static struct result *head_of(void *result)
{
    struct result *r =
        (struct result *)(void *)((uint8_t *)result - HEAD_BYTES);

    SP_ASSERT(r->magic == MAGIC); /* not a result, or freed before */
    return r;
}

struct sp_arena *cc_result_arena(void *result)
{
    return &head_of(result)->arena;
}

void satchel_free(const void *result)
{
    struct result *r;

    if (result == NULL) {
        return;
    }
    r = head_of((void *)(uintptr_t)result);
    r->magic = 0;
    sp_arena_free(&r->arena);
    free(r);
}

const char *cc_result_text(struct sp_arena *a, struct sp_slice text)
{
    char *out;

    if (text.size == 0) {
        return "";
    }
    out = (char *)sp_arena_take(a, text.size + 1, 1);
    if (out != NULL) {
        memcpy(out, text.data, text.size);
    }
    return out;
}

const char *cc_result_string(struct sp_arena *a, const char *text)
{
    return cc_result_text(a, sp_slice_text(text));
}

bool cc_result_sums(struct sp_arena *a, const struct cc_money_sums *sums,
    struct satchel_sums *out)
{
    char text[CC_MONEY_TEXT_BYTES];
    struct satchel_sum *of =
        (struct satchel_sum *)sp_arena_take(a, sums->count + 1, sizeof(*of));

    cc_money_text(text, sums);
    *out = (struct satchel_sums){
        .count = sums->count, .of = of, .text = cc_result_string(a, text)
    };
    for (size_t i = 0; of != NULL && i < sums->count; i++) {
        cc_money_code(of[i].currency, sums->of[i].currency);
        of[i].minor = sums->of[i].minor;
    }
    return of != NULL && out->text != NULL;
}
