/*
 * dictionary.h - dictionary.conf to the body of a signed document and back, and
 * one edition after another.
 * The format of the file is in POLICY.md, "dictionary.conf".
 */
#ifndef SV_POLICY_DICTIONARY_H
#define SV_POLICY_DICTIONARY_H

#include "policy/conf.h"
#include "sp/dictionary.h"

/*
 * Compiles a text; checks names, numbers, types, and what does not fit
 * together.
 *   name    of the file, for errors
 *   out     the body is appended
 *   errors  SP_E_CONFIG (error says where and what to do), SP_E_NOMEM
 */
SP_MUST_USE sp_err sv_dictionary_compile(const char *name, struct sp_slice text,
    struct sp_buf *out, struct sv_conf_error *error);
/* The same from a file. */
SP_MUST_USE sp_err sv_dictionary_compile_file(
    const char *path, struct sp_buf *out, struct sv_conf_error *error);

/*
 * Whether one edition may follow another: numbers are never reused, so every
 * entity and field of before is still there (perhaps renamed or retired) with
 * the same kind, merge and target, and every option too.
 *   errors  SP_E_CONFIG
 */
SP_MUST_USE sp_err sv_dictionary_follows(const struct sp_dictionary *before,
    const struct sp_dictionary *after, struct sv_conf_error *error);

/* Whether every value of one field is a value of the other, so that it may
 * take over from it; error says why not. */
bool sv_dictionary_takes_over(const struct sp_field *before,
    const struct sp_field *after, struct sv_conf_error *error);

/*
 * The body of an edition as it is signed: a compiled body with the serials
 * since when each field is retired or required, taken from the edition before
 * or, where that is new, the serial of this one.
 *   arena   8 MiB are plenty
 *   out     appended
 *   errors  SP_E_DOCUMENT, SP_E_NOMEM, SP_E_TOO_LARGE
 */
SP_MUST_USE sp_err sv_dictionary_edition(const struct sp_dictionary *before,
    struct sp_slice body, uint32_t serial, struct sp_arena *arena,
    struct sp_buf *out);
/* The edition that an exported text says it was made from (edition = 7;), 0
 * when it says nothing. SP_E_CONFIG. */
SP_MUST_USE sp_err sv_dictionary_made_from(const char *name,
    struct sp_slice text, uint32_t *out, struct sv_conf_error *error);

/* What one edition changes, a line for each; calls each until it fails. field
 * NULL: the entity as a whole. */
SP_MUST_USE sp_err sv_dictionary_diff(const struct sp_dictionary *before,
    const struct sp_dictionary *after,
    sp_err (*each)(void *arg, const struct sp_entity *e,
        const struct sp_field *f, const char *what),
    void *arg);

/* The text that compiles to the same body, save for the serials since when
 * something holds, which sv_dictionary_edition puts in; errors latch in out. */
void sv_dictionary_print(const struct sp_dictionary *d, struct sp_buf *out);

#endif
