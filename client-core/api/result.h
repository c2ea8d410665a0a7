/*
 * result.h - results of the api: one arena each, freed in one piece.
 *
 * At all times: the public struct is the first piece of its arena's block, and
 * everything that it points to lies in the arena or is static.
 */
#ifndef CC_API_RESULT_H
#define CC_API_RESULT_H

#include "satchel.h"

#include "sp/bytes.h"

#include "book/money.h"

/* Zeroed; NULL without memory. satchel_free ends it. */
void *cc_result_new(size_t size);
struct sp_arena *cc_result_arena(void *result);

/* Copies with a NUL; "" for empty text. NULL without memory. */
const char *cc_result_text(struct sp_arena *a, struct sp_slice text);
const char *cc_result_string(struct sp_arena *a, const char *text);
/* False without memory. */
bool cc_result_sums(struct sp_arena *a, const struct cc_money_sums *sums,
    struct satchel_sums *out);

#endif
