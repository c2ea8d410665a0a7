/*
 * conf.h - administrators' text files, read with libconfig: groups { }, lists
 * ( ), arrays [ ], comments with #, // or as in C. One file stands alone:
 * @include is refused, so that what was checked is what was signed.
 *
 * The first error latches with its file, line and what to do; later reads give
 * defaults, so that readers are straight lines that ask once at the end.
 */
#ifndef SV_POLICY_CONF_H
#define SV_POLICY_CONF_H

#include <libconfig.h>

#include "ops/say.h"
#include "sp/bytes.h"

#define SV_CONF_BYTES_MAX 1048576u

/* "policy.conf:12: there is no field "nmae" in account; see ..." */
struct sv_conf_error {
    unsigned line; /* 0: the file as a whole */
    char text[400];
};

struct sv_conf {
    config_t config;
    const char *name; /* of the file, for errors; borrowed */
    struct sv_conf_error *error;
    bool failed;
};

/*
 * Parses a text; close it also after a failure.
 *   error   filled on failure; must live as long as c
 *   errors  SP_E_CONFIG, SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_conf_open(struct sv_conf *c, const char *name,
    struct sp_slice text, struct sv_conf_error *error);
void sv_conf_close(struct sv_conf *c);

/* Reads a whole file of at most SV_CONF_BYTES_MAX; appended to out.
 * SP_E_CONFIG with the reason in error. */
SP_MUST_USE sp_err sv_conf_read_file(
    const char *path, struct sp_buf *out, struct sv_conf_error *error);

/* Latches an error at the line of at (NULL: the whole file). */
void sv_conf_fail(struct sv_conf *c, const config_setting_t *at,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fails for every setting of group that is not among the names (NULL ends). */
void sv_conf_known(
    struct sv_conf *c, const config_setting_t *group, const char *const *names);

/* A setting of a group. otherwise: when it is absent; NULL: required. */
const char *sv_conf_text(struct sv_conf *c, const config_setting_t *group,
    const char *name, const char *otherwise);
/* otherwise below low: required. */
long long sv_conf_integer(struct sv_conf *c, const config_setting_t *group,
    const char *name, long long low, long long high, long long otherwise);
bool sv_conf_flag(
    struct sv_conf *c, const config_setting_t *group, const char *name);
/* A list or array; NULL when absent (and failed, when required). */
const config_setting_t *sv_conf_list(struct sv_conf *c,
    const config_setting_t *group, const char *name, bool required);
/* The i-th element as text; "" and failed when it is none. */
const char *sv_conf_text_at(
    struct sv_conf *c, const config_setting_t *list, unsigned i);
/* The i-th element as a group; NULL and failed when it is none. */
const config_setting_t *sv_conf_group_at(
    struct sv_conf *c, const config_setting_t *list, unsigned i);
unsigned sv_conf_count(const config_setting_t *list);

/* A word of a list of words (NULL ends; empty ones are no words): its index, or
 * 0 and failed. */
unsigned sv_conf_word(struct sv_conf *c, const config_setting_t *at,
    const char *what, const char *text, const char *const *words);

/* Appends text in quotes with what needs it escaped; errors latch. */
void sv_conf_quote(struct sp_buf *out, struct sp_slice text);

#endif
