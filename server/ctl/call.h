/*
 * call.h - one command that satcheld carries out for satchelctl.
 *
 * A handler fills `result` (and rows), says in one line what went wrong and
 * what to do, and returns an error; the exit status follows from that. It
 * runs on a thread of its own; reading is a snapshot, writing goes through
 * the one writer like everything else.
 */
#ifndef SV_CALL_H
#define SV_CALL_H

#include <jansson.h>

#include "server.h"

#define SV_CALL_TEXT_BYTES 1024u

struct sv_call {
    struct sv_server *server;
    const json_t *args;
    struct sp_slice attached; /* a file's content */
    const json_t *files;      /* names of the open files that came along */
    const int *file; /* in the same order; the connection closes them */
    json_t *result;  /* object */
    char text[SV_CALL_TEXT_BYTES];
    int fd;
    bool screen; /* a person reads the answer on a terminal */
};

typedef sp_err sv_call_handler(struct sv_call *call);
/* NULL when no command is called so. */
sv_call_handler *sv_call_find(const char *command);
/* Whether it gives figures, which head office says the freshness of. */
bool sv_call_is_report(const char *command);

/* An argument's text; NULL when it was not given. */
const char *sv_call_arg(const struct sv_call *call, const char *name);
/* What the file that came along is called, without its folder. */
const char *sv_call_file_name(const struct sv_call *call);
bool sv_call_flag(const struct sv_call *call, const char *name);
/* A number; fallback when it was not given. SP_E_ARGUMENT (text is set). */
SP_MUST_USE sp_err sv_call_number(struct sv_call *call, const char *name,
    uint64_t min, uint64_t max, uint64_t fallback, uint64_t *out);

/* An open file of the caller's, by the argument that has its path; -1. */
int sv_call_file(const struct sv_call *call, const char *name);
/* Whether he who asked has gone (Ctrl-C): long work may stop. */
bool sv_call_gone(const struct sv_call *call);

/* Sets the text and returns err. */
sp_err sv_call_refuse(struct sv_call *call, sp_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of progress, shown at once. */
void sv_call_line(struct sv_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs work in a snapshot, or in a write transaction of its own that is
 * committed when it returns SP_OK. tx->rules->self is the rulebook. */
SP_MUST_USE sp_err sv_call_read(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg);
SP_MUST_USE sp_err sv_call_write(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg);
const struct sp_rulebook *sv_call_book(const struct sp_tx *tx);

/* The result is a table: columns once, "a,b,c", then rows (taken over). */
void sv_call_columns(struct sv_call *call, const char *columns);
void sv_call_row(struct sv_call *call, json_t *row);
void sv_call_set(struct sv_call *call, const char *key, json_t *value);
/* What an entity or a field of the dictionary is called in the answer: a
 * person reads its label, a program its name. "?" of NULL. Borrowed from the
 * dictionary. */
struct sp_slice sv_call_entity(
    const struct sv_call *call, const struct sp_entity *e);
struct sp_slice sv_call_field(
    const struct sv_call *call, const struct sp_field *f);
/* A word of ours, marked with SV_SAY: in the person's language, or as it is. */
const char *sv_call_word(const struct sv_call *call, const char *english)
    __attribute__((format_arg(2)));
/* UTF-8 that a document holds, as JSON text. */
json_t *sv_call_slice(struct sp_slice s);
/* "2026-03-04T05:06:07Z", or "never". */
json_t *sv_call_time(uint64_t ms);
/* 16 hex digits, as commands take it. */
json_t *sv_call_replica(sp_replica replica);

/* One piece of "a, b,c": sets out, moves at; false at the end. */
bool sv_call_piece(const char **at, struct sp_slice *out);

#endif
