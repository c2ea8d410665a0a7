/* hlc.c - hybrid time. */
#include "sp/hlc.h"

#include "sp/limits.h"

#define MS_MAX 0xffffffffffffu

static sp_hlc of_ms(uint64_t ms)
{
    return (ms < MS_MAX ? ms : MS_MAX) << 16;
}

sp_hlc sp_hlc_tick(sp_hlc last, uint64_t now_ms)
{
    sp_hlc now = of_ms(now_ms);

    if (now > last) {
        return now;
    }
    /* At the end of all time it stands still; SYNC M5 lets nobody push a
     * clock there, and dots still tell such writes apart. */
    return last == UINT64_MAX ? last : last + 1;
}

sp_hlc sp_hlc_see(sp_hlc last, sp_hlc seen, uint64_t now_ms)
{
    sp_hlc limit = of_ms((now_ms < MS_MAX ? now_ms : MS_MAX) +
                         SP_HLC_AHEAD_MS_MAX); /* SYNC M5 */
    sp_hlc cut = seen < limit ? seen : limit;

    return cut > last ? cut : last;
}

uint64_t sp_hlc_ms(sp_hlc t)
{
    return t >> 16;
}
