/*
 * base.h - errors, results and the version: what all parts share.
 */
#ifndef SATCHEL_BASE_H
#define SATCHEL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_API __attribute__((visibility("default")))

/* Whose fault it is, and so what to do. */
enum satchel_class {
    SATCHEL_CLASS_NONE = 0,
    SATCHEL_CLASS_PEER = 1,   /* the other side: nothing was changed here */
    SATCHEL_CLASS_POLICY = 2, /* refused: role, scope or value */
    SATCHEL_CLASS_LOCAL = 3,  /* this machine: disk, memory, lock */
    SATCHEL_CLASS_BUSY = 4,   /* try later: offline, busy */
    SATCHEL_CLASS_CALLER = 5  /* argument or reference */
};

/* Numbers that a caller is likely to look at; they are those of the protocol's
 * list, which has more. */
enum satchel_code {
    SATCHEL_OK = 0,
    SATCHEL_E_FULL = 4,
    SATCHEL_E_BUSY = 5,
    SATCHEL_E_REVOKED = 17,
    SATCHEL_E_CODE = 18, /* enrolment code */
    SATCHEL_E_NOMEM = 32,
    SATCHEL_E_IO = 33,
    SATCHEL_E_CORRUPT = 34,
    SATCHEL_E_NOT_FOUND = 35,
    SATCHEL_E_EXISTS = 36,
    SATCHEL_E_LOCKED = 37,
    SATCHEL_E_SECRET = 38,
    SATCHEL_E_IN_USE = 39,
    SATCHEL_E_ARGUMENT = 40,
    SATCHEL_E_OFFLINE = 41,
    SATCHEL_E_INTERNAL = 42,
    SATCHEL_E_CONFIG = 43,
    SATCHEL_E_CONFLICT = 44,
    SATCHEL_E_AMBIGUOUS = 45,
    SATCHEL_E_VALUE = 66,
    SATCHEL_E_REQUIRED = 67,
    SATCHEL_E_UNKNOWN_FIELD = 69,
    SATCHEL_E_NOT_SYNCED = 80, /* enrolled, and nothing has come yet */
    SATCHEL_E_NOT_ENROLLED = 81,
    SATCHEL_E_PAST = 98 /* a day of something to come is over */
};

#define SATCHEL_DETAIL_BYTES 512

/* The one error type. Plain: copy it, keep it. */
struct satchel_error {
    int code; /* 0: no error */
    enum satchel_class class_;
    const char *name;    /* "SP_E_OFFLINE"; static */
    const char *text_en; /* what happened; one line, static */
    const char *text_zh;
    /* Which thing, and the way out, in the language of the calling thread;
     * may be empty. Of an ambiguous reference: the candidates. */
    char detail[SATCHEL_DETAIL_BYTES];
};

/* Two languages. Where a result has texts in both, they end in _en and _zh. */
enum satchel_language { SATCHEL_EN = 0, SATCHEL_ZH = 1 };

/*
 * The language of what has one text only: `detail` of an error, and lines
 * that a callback gets. Numbers and names of errors, classes and ids are the
 * same in all languages, so programs look at those.
 *   threads  holds for the calling thread, from now on; English at first. A
 *            program that serves several people sets it before it calls for
 *            each of them.
 */
SATCHEL_API void satchel_speak(enum satchel_language language);

/*
 * In which country telephones are read: texts for people (text_en, text_zh)
 * then have those of that country as it writes them, "138 1234 5678", others
 * as from abroad, "+49 3074321". Exact texts, files and what is stored keep
 * E.164.
 *   country  of ISO 3166-1, as "CN"; NULL, as every thread begins: E.164 in
 *            all texts
 *   returns  0, or SATCHEL_E_ARGUMENT: how numbers are written there is not
 *            known; nothing changed
 *   threads  holds for the calling thread, as satchel_speak
 */
SATCHEL_API int satchel_home(const char *country);
/* The countries that it knows, "CN, DE, ..."; static. */
SATCHEL_API const char *satchel_homes(void);

/* Frees any result of this library; NULL is harmless. */
SATCHEL_API void satchel_free(const void *result);

/* "0.1.0"; static. */
SATCHEL_API const char *satchel_version(void);

#ifdef __cplusplus
}
#endif

#endif
