/*
 * config.h - the settings of satcheld, one table for all of them.
 *
 * The table {key, type, default, min, max, unit, help} yields the parser of
 * the file (key = value, # comments), the command line (--key value), the
 * help text and `config show`. One binary is head office or branch: which of
 * the two, its store knows.
 */
#ifndef SV_CONFIG_H
#define SV_CONFIG_H

#include <stdio.h>

#include "sp/bytes.h"

#define SV_CONFIG_TEXT_MAX  256u
#define SV_CONFIG_ERROR_MAX 768u

/* Numbers in the unit of the table; texts NUL-terminated. At all times every
 * value lies within its row's min and max. */
struct sv_config {
    char dir[SV_CONFIG_TEXT_MAX];
    char key_file[SV_CONFIG_TEXT_MAX];
    char listen[SV_CONFIG_TEXT_MAX];
    char advertise[SV_CONFIG_TEXT_MAX];
    char control[SV_CONFIG_TEXT_MAX];
    char log_level[SV_CONFIG_TEXT_MAX];
    int64_t contexts;
    int64_t sessions_max;
    int64_t half_open_max;
    int64_t half_open_ms;
    int64_t pipes_per_address;
    int64_t handshakes_per_s;
    int64_t unauthenticated_s;
    int64_t idle_s;
    int64_t queue_max;
    int64_t group_delay_ms;
    int64_t group_kib;
    int64_t map_mib;
    char uplink[SV_CONFIG_TEXT_MAX];
    char uplink_window[SV_CONFIG_TEXT_MAX];
    int64_t uplink_jitter_s;
    int64_t uplink_every_s;
    int64_t uplink_rate_kib;
    int64_t uplink_retry_min_s;
    int64_t uplink_retry_max_s;
    int64_t uplink_retries;
    int64_t uplink_timeout_s;
    int64_t quality_scan_days;
};

/* One error, one line: what is wrong where, and the way out. */
struct sv_config_error {
    char text[SV_CONFIG_ERROR_MAX];
};

void sv_config_init(struct sv_config *c);

/*
 * Sets one value from text.
 *   where   "satcheld.conf:12" or "command line", for the message
 *   errors  SP_E_CONFIG (unknown key: names the nearest one; bad value: names
 *           what is allowed); c untouched
 */
SP_MUST_USE sp_err sv_config_set(struct sv_config *c, const char *key,
    const char *value, const char *where, struct sv_config_error *error);

/* Reads lines of a file's text; name is shown in errors. SP_E_CONFIG; c may be
 * half read then. */
SP_MUST_USE sp_err sv_config_parse(struct sv_config *c, const char *name,
    struct sp_slice text, struct sv_config_error *error);

/* Reads a file of at most 64 KiB. SP_E_NOT_FOUND, SP_E_IO, SP_E_CONFIG. */
SP_MUST_USE sp_err sv_config_load(
    struct sv_config *c, const char *path, struct sv_config_error *error);

/*
 * Takes --key value and --key=value.
 *   args    count of them; all are consumed
 *   errors  SP_E_CONFIG
 */
SP_MUST_USE sp_err sv_config_args(struct sv_config *c, char *const *args,
    int count, struct sv_config_error *error);

/* Fills in what follows from other settings (key file and control socket from
 * dir) and checks what belongs together. SP_E_CONFIG. */
SP_MUST_USE sp_err sv_config_finish(
    struct sv_config *c, struct sv_config_error *error);

/* Takes from `from` what may change in a running server; says whether anything
 * else differs (it needs a restart). */
bool sv_config_reload(struct sv_config *c, const struct sv_config *from);

/* Minutes of the day, "HH:MM-HH:MM"; false when it is no such text. */
bool sv_config_window(
    const char *text, unsigned *from_minute, unsigned *to_minute);

/* One row, as text: for help and show. NULL past the end. */
struct sv_config_row {
    const char *key;
    const char *unit;
    const char *fallback;
    const char *help;
    bool live; /* SIGHUP takes a new value */
    char value[SV_CONFIG_TEXT_MAX];
};
bool sv_config_row(
    const struct sv_config *c, size_t index, struct sv_config_row *out);
void sv_config_help(FILE *out);
/* In the form of a file that gives the same settings. */
void sv_config_show(const struct sv_config *c, FILE *out);

#endif
