/*
 * raw.h - the limits that figures are compared with: the same work done by the
 * bare libraries, nothing around it.
 *
 * "The same work" is LMDB puts with keys and values of the same sizes, as many
 * in a synced transaction as a frame brings; one pass of XChaCha20-Poly1305
 * over the values; one copy of the frames through a TCP connection on
 * loopback. All in one thread, in a new store in dir, which is removed.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stddef.h>

/* One edit in a synced transaction, with the puts of a device's save. */
double bench_raw_saves_per_s(const char *dir, size_t count);

struct bench_raw {
    double per_s;
    double cpu_us; /* a record, at the receiving side */
};
/* wire_bytes: a record's share of the frames. */
struct bench_raw bench_raw_push(
    const char *dir, size_t count, size_t batch, size_t wire_bytes);
struct bench_raw bench_raw_pull(
    const char *dir, size_t count, size_t batch, size_t wire_bytes);

/* So many records of the usual size from one device to another: the server
 * reads and opens each and seals the frames of so many bytes in all, one
 * device stores them as at a pull, another removes them. */
struct bench_raw_move {
    double seconds; /* one after the other */
    double server_cpu_s;
};
struct bench_raw_move bench_raw_move(
    const char *dir, size_t records, size_t wire_bytes);

/* A TCP connection on loopback and one request and reply of so many bytes. */
double bench_raw_round_trip_ms(size_t up, size_t down);

/* Starts a process that does nothing, then reads and opens so many values. */
double bench_raw_command_ms(const char *dir, size_t records);

/* Bytes a visit of zstd over nothing but what was typed, text after text. */
double bench_raw_typed_bytes(const char *text, size_t size, size_t records);

#endif
