/*
 * duplicate.h - customers that may be the same as one that is typed.
 */
#ifndef SATCHEL_DUPLICATE_H
#define SATCHEL_DUPLICATE_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_DUPLICATES_MAX 20u /* that are told; the likeliest */

/* An account that is there already, and why it may be the same. */
struct satchel_duplicate {
    const char *id;
    const char *title;
    const char *number;    /* "" when it has none, as the two below */
    const char *phone;     /* as typed or normalised */
    const char *territory; /* code */
    bool same_name;        /* but for case, width, blanks, signs, and
                              traditional characters */
    bool same_sound;       /* its Chinese characters can be read the same */
    bool same_phone;       /* one of its or its contacts' */
    bool near;             /* within 100 m */
    uint32_t metres;       /* away, when near */
    /* Whose telephone it is, when a contact's; else "" */
    const char *contact_id;
    const char *contact_title;
};
struct satchel_duplicates {
    size_t count; /* likeliest first */
    size_t total;
    const struct satchel_duplicate *duplicate;
};

/*
 * Looks among the accounts of this device, without a network, for ones that
 * may be the customer whose fields are typed: what a form asks before it
 * saves. Only name, telephones and position are looked at; others may be
 * there. Nothing is saved.
 *   input    as of satchel_account_add
 *   errors   SATCHEL_E_NOMEM, SATCHEL_E_IO, SATCHEL_E_CORRUPT
 */
SATCHEL_API int satchel_duplicates(struct satchel *s,
    const struct satchel_input *input, size_t count,
    struct satchel_duplicates **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
