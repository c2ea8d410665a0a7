#include "policy/words.h"

#include <stddef.h>

/* Number 0 is none of them: an empty word cannot be written by mistake. */
const char *const sv_words_kind[] = { "", "str", "uint", "int", "bool", "enum",
    "phone", "date", "ts", "geo", "money", "group", "ref", "user", "territory",
    "bytes", NULL };
const char *const sv_words_merge[] = { "", "LWW", "KEEP", "SET", "CNT", "MAX",
    "DENY", "APP", "IMM", "AUTH", "DRV", NULL };
const char *const sv_words_derive[] = { "", "mask_tail", "part", "year", "copy",
    NULL };
const char *const sv_words_authority[] = { "person", "branch", "head_office",
    NULL };
const char *const sv_words_reach[] = { "", "own", "branch", "region", "all",
    NULL };
const char *const sv_words_scope[] = { "", "territory", "person", "ledger",
    "pool", "catalogue", "self", NULL };
const char *const sv_words_tray[] = { "", "rejected", "asked", NULL };
const char *const sv_words_manages[] = { "users", "devices", "policy",
    "dictionary", "jobs", NULL };
