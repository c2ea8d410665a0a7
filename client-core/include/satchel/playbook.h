/*
 * playbook.h - what has to be done with a customer before he leaves the stage
 * of the funnel where he is: the steps of head office's playbooks, and which of
 * them are done. Made from the records of this device when asked for.
 */
#ifndef SATCHEL_PLAYBOOK_H
#define SATCHEL_PLAYBOOK_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct satchel_playbook_step {
    uint32_t order;
    const char *what;
    bool needed; /* before he goes on */
    bool done;
    const char *reason; /* why it is left out; "" */
    const char *by;     /* who said so; "" */
    uint64_t time_ms;   /* when; 0 */
};
struct satchel_playbook {
    const char *account_id;
    const char *title;
    const char *stage; /* option of account.funnel_status; "" */
    const char *stage_en;
    const char *stage_zh;
    uint64_t since_ms; /* he is there; 0: nobody logged it */
    size_t name_count; /* playbooks of the stage that are in force */
    const char *const *name;
    const char *const *text; /* what each says; "" */
    size_t count;
    const struct satchel_playbook_step *step; /* by order, then text */
    size_t left; /* needed ones that are neither done nor left out */
};
SATCHEL_API int satchel_playbook(struct satchel *s, const char *account,
    struct satchel_playbook **out, struct satchel_error *e);

/*
 * A step of the customer's stage is done, or is left out for a reason; it
 * counts until he leaves the stage.
 *   step    its order, or the beginning of its text
 *   reason  NULL: it is done
 *   errors  SATCHEL_E_NOT_FOUND, SATCHEL_E_AMBIGUOUS, SATCHEL_E_EXISTS
 */
SATCHEL_API int satchel_playbook_mark(struct satchel *s, const char *account,
    const char *step, const char *reason, struct satchel_saved *out,
    struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
