/*
 * words.h - the words of dictionary.conf and policy.conf, in the order of the
 * numbers that documents hold; NULL ends each.
 */
#ifndef SV_POLICY_WORDS_H
#define SV_POLICY_WORDS_H

extern const char *const sv_words_kind[];      /* enum sp_value_kind */
extern const char *const sv_words_merge[];     /* enum sp_merge_kind */
extern const char *const sv_words_derive[];    /* enum sp_derive */
extern const char *const sv_words_authority[]; /* enum sp_authority */
extern const char *const sv_words_reach[];     /* enum sp_reach */
extern const char *const sv_words_scope[];     /* enum sp_scope_kind */
extern const char *const sv_words_tray[];      /* enum sp_tray_part */
extern const char *const sv_words_manages[];   /* bit numbers of sp_manages */

#endif
