/*
 * env.h - the engine's environment in a real process: wall clock, the
 * kernel's random numbers, traces to the log.
 */
#ifndef SV_ENV_H
#define SV_ENV_H

#include "sp/port.h"

/* static; any thread */
const struct sp_env *sv_env_real(void);
/* UTC milliseconds since 1970. */
uint64_t sv_env_now_ms(void);
/* Milliseconds that never go back; for ages and delays. */
uint64_t sv_env_steady_ms(void);
/* Random bytes of the kernel; stops the process when it has none. */
void sv_env_random(void *out, size_t size);
/* Facilities to trace, "link,apply"; NULL or "" none. Static text. */
void sv_env_trace(const char *facilities);

#endif
