/*
 * dictionary.h - dictionary.conf to the body of a signed document and back.
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

/* The text that compiles to the same body; errors latch in out. */
void sv_dictionary_print(const struct sp_dictionary *d, struct sp_buf *out);

#endif
