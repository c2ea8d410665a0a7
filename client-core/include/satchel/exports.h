/*
 * exports.h - exports that leave only with a second person: what was asked for,
 * what became of it, and his word.
 *
 * A request is made at a server (satchelctl exports request), and so is the
 * export. On a device lie one's own requests and those of the people for whom
 * one may be the second person. What is said here needs no network: the servers
 * judge it like any other edit. A no holds whatever yes there is.
 */
#ifndef SATCHEL_EXPORTS_H
#define SATCHEL_EXPORTS_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

enum satchel_export_state {
    SATCHEL_EXPORT_WAITS = 1,
    SATCHEL_EXPORT_APPROVED,
    SATCHEL_EXPORT_OVER, /* approved, and not made in time */
    SATCHEL_EXPORT_REFUSED,
    SATCHEL_EXPORT_WITHDRAWN, /* by who asked */
    SATCHEL_EXPORT_USED       /* made, whatever was said since */
};

struct satchel_export_request {
    const char *id;
    const char *by; /* who asks */
    bool mine;
    bool decide;    /* it waits for a word of this user */
    uint64_t at_ms; /* since when */
    const char *format;
    const char *what; /* names of entities */
    const char *what_en, *what_zh;
    uint64_t rows; /* that would have left then */
    bool sensitive;
    bool everything;
    const char *why;
    enum satchel_export_state state; /* by the clock of this device */
    const char *agreed;              /* who said yes; "" */
    uint64_t until_ms;               /* his yes counts; 0 */
    const char *refused;             /* who said no, also too late; "" */
    const char *reason;              /* of the no, else of the yes; "" */
};
struct satchel_export_requests {
    size_t count; /* newest first */
    const struct satchel_export_request *request;
};
SATCHEL_API int satchel_export_requests(struct satchel *s,
    struct satchel_export_requests **out, struct satchel_error *e);

enum satchel_export_word {
    SATCHEL_EXPORT_APPROVE = 1,
    SATCHEL_EXPORT_REFUSE,  /* also takes back a yes while it was not used */
    SATCHEL_EXPORT_WITHDRAW /* one's own */
};
/*
 * Says it of one request.
 *   id       as listed, or a beginning that only one has
 *   reason   for who asked; refusing needs one; NULL: none
 *   errors   SATCHEL_E_NOT_FOUND, _AMBIGUOUS (id); SATCHEL_E_ARGUMENT (no
 *            reason, too long a one); SATCHEL_E_DENIED: one's own, not one's
 *            own, or no role of this user may; SATCHEL_E_EXISTS: it was
 *            decided already
 */
SATCHEL_API int satchel_export_say(struct satchel *s, const char *id,
    enum satchel_export_word word, const char *reason,
    struct satchel_saved *out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
