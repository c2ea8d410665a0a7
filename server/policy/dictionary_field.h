/*
 * dictionary_field.h - the fields of dictionary.conf; only for the files
 * dictionary*.c of this folder. Everything stands in the draft's arena; what is
 * wrong is said by its conf, once.
 */
#ifndef SV_POLICY_DICTIONARY_FIELD_H
#define SV_POLICY_DICTIONARY_FIELD_H

#include "policy/dictionary.h"

/* What is kept of an entity until all names are known. */
struct sv_dictionary_draft {
    struct sv_conf *c;
    struct sp_arena *arena;
    const config_setting_t *entities;
    struct sp_dictionary d;
    struct sp_entity *entity;
};

/* Name and label of an entity or a field, checked and copied. */
struct sp_slice sv_dictionary_field_name(
    struct sv_dictionary_draft *w, const config_setting_t *at);
struct sp_slice sv_dictionary_field_label(struct sv_dictionary_draft *w,
    const config_setting_t *at, const char *which);

/* Reads the list "fields" of an entity into it. */
void sv_dictionary_field_all(struct sv_dictionary_draft *w,
    const config_setting_t *at, struct sp_entity *e);

#endif
