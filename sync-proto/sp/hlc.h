/*
 * hlc.h - hybrid time: wall milliseconds with a tie-breaking counter.
 *
 * One 64-bit number: 48 bits of UTC milliseconds, 16 bits of counter. It only
 * chooses which of several concurrent values is shown (SYNC M5); a time that
 * was received moves the own one at most 24 hours past the wall clock.
 * source: Kulkarni, Demirbas et al. 2014 (hybrid logical clocks)
 */
#ifndef SP_HLC_H
#define SP_HLC_H

#include <stdint.h>

typedef uint64_t sp_hlc;

/* Next time for an own event; strictly above last. now_ms UTC since 1970. */
sp_hlc sp_hlc_tick(sp_hlc last, uint64_t now_ms);
/* Own time after seeing a foreign one: max of both, the foreign one cut at
 * now_ms + SP_HLC_AHEAD_MS_MAX. */
sp_hlc sp_hlc_see(sp_hlc last, sp_hlc seen, uint64_t now_ms);
uint64_t sp_hlc_ms(sp_hlc t);

#endif
