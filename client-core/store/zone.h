/*
 * zone.h - the zone of this machine, as the C library knows it.
 *
 *   threads  any
 */
#ifndef CC_STORE_ZONE_H
#define CC_STORE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#define CC_ZONE_NAME_BYTES 64u

/* Minutes east of Greenwich at a time, UTC milliseconds since 1970. */
int32_t cc_zone_offset(uint64_t ms);
/* "Asia/Shanghai", by TZ or /etc/localtime; "Local" where neither says. */
void cc_zone_name(char out[CC_ZONE_NAME_BYTES]);

#endif
