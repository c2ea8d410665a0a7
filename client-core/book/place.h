/*
 * place.h - where a record stands in a list that is in the order of ids.
 *
 *   threads  none of its own; pure
 */
#ifndef CC_BOOK_PLACE_H
#define CC_BOOK_PLACE_H

#include <stddef.h>
#include <stdint.h>

#include "sp/id.h"

#define CC_PLACE_NONE UINT32_MAX

/*
 * The place of the element with that id, or CC_PLACE_NONE.
 *   list, count, size   elements that begin with their id, each `size` bytes,
 *                       in the order of ids, none twice
 */
uint32_t cc_place_of(
    const void *list, size_t count, size_t size, const struct sp_id *id);

#endif
