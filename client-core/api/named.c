/* named.c - the calls that carry an entity in their name: thin over records. */
#include <string.h>

#include "api/call.h"
#include "api/fail.h"

static int list(struct satchel *s, const char *entity,
    const struct satchel_query *query, struct satchel_list **out,
    struct satchel_error *e)
{
    struct satchel_query q = { .entity = NULL };

    if (query != NULL) {
        q = *query;
    }
    q.entity = entity;
    return satchel_record_list(s, &q, out, e);
}

int satchel_account_list(struct satchel *s, const struct satchel_query *query,
    struct satchel_list **out, struct satchel_error *e)
{
    return list(s, "account", query, out, e);
}

int satchel_account_search(struct satchel *s, const char *text, size_t limit,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_query q = { .text = text, .limit = limit, .brief = true };

    return list(s, "account", &q, out, e);
}

int satchel_account_show(struct satchel *s, const char *account,
    struct satchel_record **out, struct satchel_error *e)
{
    return satchel_record_show(s, "account", account, out, e);
}

int satchel_account_add(struct satchel *s, const struct satchel_input *input,
    size_t count, struct satchel_saved *out, struct satchel_error *e)
{
    return satchel_record_add(s, "account", NULL, input, count, out, e);
}

int satchel_account_edit(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    return satchel_record_edit(s, "account", account, input, count, out, e);
}

int satchel_contact_list(struct satchel *s, const char *account,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_query q = { .parent = account };

    return list(s, "contact", &q, out, e);
}

int satchel_contact_add(struct satchel *s, const char *account,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    return satchel_record_add(s, "contact", account, input, count, out, e);
}

int satchel_visit_list(struct satchel *s, const char *account, size_t limit,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_query q = {
        .parent = account, .limit = limit, .newest = true
    };

    return list(s, "visit", &q, out, e);
}

int satchel_visit_show(struct satchel *s, const char *visit,
    struct satchel_record **out, struct satchel_error *e)
{
    return satchel_record_show(s, "visit", visit, out, e);
}

int satchel_note_list(struct satchel *s, const char *account, size_t limit,
    struct satchel_list **out, struct satchel_error *e)
{
    struct satchel_query q = {
        .parent = account, .limit = limit, .newest = true
    };

    return list(s, "note", &q, out, e);
}

#define NOTE_INPUTS_MAX 32u

int satchel_note_add(struct satchel *s, const char *account, const char *text,
    const struct satchel_input *input, size_t count, struct satchel_saved *out,
    struct satchel_error *e)
{
    struct satchel_input all[NOTE_INPUTS_MAX + 1] = { { .field = "text",
        .text = text == NULL ? "" : text } };

    if (count > NOTE_INPUTS_MAX) {
        return cc_fail_set(
            e, SP_E_ARGUMENT, cc_say("too many fields for a note"));
    }
    if (count > 0) {
        memcpy(all + 1, input, count * sizeof(*input));
    }
    return satchel_record_add(s, "note", account, all, count + 1, out, e);
}
