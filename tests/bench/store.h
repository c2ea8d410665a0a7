/*
 * store.h - a device's store in the hands of a bench program: opened through
 * satchel.h, and what its connections carry. Whatever fails ends the program.
 */
#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include "satchel.h"

#define BENCH_DEADLINE_MS 120000u

extern const struct satchel_secret bench_store_secret;

struct satchel *bench_store_open(const char *dir);
/* Ends the program when rc is not 0. */
void bench_store_must(int rc, const struct satchel_error *e);
/* The directory in which bare libraries work: that of the stores. Valid until
 * the next call. */
const char *bench_store_beside(const char *store);
/* TCP payload sent and received by all connected sockets of this process, from
 * the kernel's counters (TCP_INFO). */
double bench_store_tcp_bytes(void);

#endif
