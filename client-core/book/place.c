#include "book/place.h"

#include <stdlib.h>

static int by_id(const void *id, const void *element)
{
    return sp_id_cmp((const struct sp_id *)id, (const struct sp_id *)element);
}

uint32_t cc_place_of(
    const void *list, size_t count, size_t size, const struct sp_id *id)
{
    const unsigned char *at = count == 0 ? NULL
                                         : (const unsigned char *)bsearch(
                                               id, list, count, size, by_id);

    return at == NULL
               ? CC_PLACE_NONE
               : (uint32_t)((size_t)(at - (const unsigned char *)list) / size);
}
