/*
 * defaults.h - the dictionary.conf and policy.conf that come along
 * (policy/default), as they are; made by embed.py when the server is built.
 */
#ifndef SV_DEFAULTS_H
#define SV_DEFAULTS_H

#include <stddef.h>

extern const unsigned char sv_defaults_dictionary[];
extern const size_t sv_defaults_dictionary_bytes;
extern const unsigned char sv_defaults_policy[];
extern const size_t sv_defaults_policy_bytes;

#endif
