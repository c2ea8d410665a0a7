#include "ops/env.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "ops/log.h"

static const char *traced = "";

uint64_t sv_env_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t sv_env_steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void sv_env_random(void *out, size_t size)
{
    uint8_t *at = out;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        SP_ASSERT(got > 0); /* no keys without randomness */
        at += got;
        size -= (size_t)got;
    }
}

static uint64_t env_now(void *self)
{
    (void)self;
    return sv_env_now_ms();
}

static void env_random(void *self, void *out, size_t size)
{
    (void)self;
    sv_env_random(out, size);
}

static bool wanted(const char *facility)
{
    size_t size = strlen(facility);
    for (const char *at = traced; *at != '\0';) {
        size_t word = strcspn(at, ",");
        if ((word == size && strncmp(at, facility, size) == 0) ||
            (word == 3 && strncmp(at, "all", 3) == 0)) {
            return true;
        }
        at += word + (at[word] == ',' ? 1 : 0);
    }
    return false;
}

static void env_trace(void *self, const char *facility, const char *line)
{
    (void)self;
    if (wanted(facility)) {
        sv_log(SV_LOG_INFO, facility, "%s", line);
    }
}

void sv_env_trace(const char *facilities)
{
    traced = facilities == NULL ? "" : facilities;
}

const struct sp_env *sv_env_real(void)
{
    static const struct sp_env env = {
        .now_ms = env_now, .random = env_random, .trace = env_trace
    };
    return &env;
}
