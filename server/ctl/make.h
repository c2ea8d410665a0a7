/*
 * make.h - the commands of satchelctl that need no running server: a new head
 * office, a new branch, and looking at bytes.
 */
#ifndef SV_MAKE_H
#define SV_MAKE_H

#include <jansson.h>

#include "sp/bytes.h"

#define SV_MAKE_TEXT_BYTES 1024u

struct sv_make {
    const char *dir;
    const json_t *args; /* as sv_table_parse gives them */
    json_t *result;
    char text[SV_MAKE_TEXT_BYTES];  /* what is wrong and the way out */
    void (*line)(const char *text); /* progress */
};

/*
 * Head office: organisation, root key in a file of its own, server keys,
 * dictionary, policy, its roster with the first administrator, store. Nothing
 * is left behind on failure.
 */
SP_MUST_USE sp_err sv_make_head_office(struct sv_make *m);
/* A branch: enrols under its code, makes its store, first exchange. */
SP_MUST_USE sp_err sv_make_branch(struct sv_make *m);
SP_MUST_USE sp_err sv_make_description(struct sv_make *m);
SP_MUST_USE sp_err sv_make_sample(struct sv_make *m);

/* Shared by the two: DIR/satcheld.conf with the given listen endpoint, unless
 * there is one. */
SP_MUST_USE sp_err sv_make_config(struct sv_make *m);
const char *sv_make_arg(
    const struct sv_make *m, const char *name, const char *fallback);
sp_err sv_make_refuse(struct sv_make *m, sp_err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
