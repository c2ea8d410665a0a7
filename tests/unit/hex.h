/*
 * hex.h - bytes written as hex in tests: spaces are skipped, so that a sample
 * can be grouped as it is explained.
 */
#ifndef TEST_HEX_H
#define TEST_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sp/bytes.h"

static inline int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* The bytes of a hex text in memory of exactly that size, so that a sanitizer
 * sees one byte too far; freed by the caller (free((void *)s.data)). */
static inline struct sp_slice hex_bytes(const char *text)
{
    size_t digits = 0;
    uint8_t *bytes;

    for (const char *p = text; *p != '\0'; p++) {
        digits += hex_digit(*p) >= 0;
    }
    SP_ASSERT(digits % 2 == 0);
    bytes = calloc(digits / 2 + (digits == 0), 1);
    SP_ASSERT(bytes != NULL);
    digits = 0;
    for (const char *p = text; *p != '\0'; p++) {
        int d = hex_digit(*p);

        if (d >= 0) {
            bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | d);
            digits++;
        }
    }
    return sp_slice_of(bytes, digits / 2);
}

/* A copy in memory of exactly its size; freed by the caller. */
static inline struct sp_slice exact_copy(struct sp_slice s)
{
    uint8_t *bytes = malloc(s.size > 0 ? s.size : 1);

    SP_ASSERT(bytes != NULL);
    if (s.size > 0) {
        memcpy(bytes, s.data, s.size);
    }
    return sp_slice_of(bytes, s.size);
}

static inline void drop(struct sp_slice s)
{
    free((void *)s.data);
}

#endif
