#include "ops/metrics.h"

#include <inttypes.h>
#include <stdio.h>

void sv_metrics_add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void sv_metrics_set(_Atomic uint64_t *gauge, uint64_t n)
{
    atomic_store_explicit(gauge, n, memory_order_relaxed);
}

static void put(struct sp_buf *out, const char *name, const char *kind,
    const char *help, uint64_t value)
{
    char text[384];
    int size = snprintf(text, sizeof text,
        "# HELP satchel_%s %s\n# TYPE satchel_%s %s\nsatchel_%s %" PRIu64 "\n",
        name, help, name, kind, name, value);
    sp_buf_put(out, text, (size_t)size);
}

void sv_metrics_text(const struct sv_metrics *m, struct sp_buf *out)
{
#define PUT(name, kind, help)                                                  \
    put(out, #name, #kind, help,                                               \
        atomic_load_explicit(&m->name, memory_order_relaxed));
    SV_METRIC_LIST(PUT)
#undef PUT
}
