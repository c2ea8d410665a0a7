/* inbox_decide.c - several of the things that wait are decided at once, each
 * in a transaction of its own. */
#include "api/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/fail.h"
#include "api/result.h"

#define UNDO_BYTES 256u

/* What is to be done to one. */
struct chosen {
    const struct cc_inbox_item *item;
    const struct cc_inbox_decision *decision;
};

static sp_err choose(struct cc_inbox *box, const char *key,
    const struct satchel_inbox_wish *wish, struct chosen *out)
{
    const struct cc_inbox_decision *d;
    sp_err err = cc_inbox_find(box, key, &out->item);

    if (err != SP_OK) {
        return err;
    }
    d = out->item->kind->decision;
    while (d->name != NULL && strcmp(d->name, wish->decision) != 0) {
        d++;
    }
    if (d->name == NULL) {
        return cc_call_say(box->call, SP_E_ARGUMENT,
            "%s is a %s, which knows no \"%.40s\"; satchel inbox show %s",
            out->item->shown.key, out->item->kind->name, wish->decision,
            out->item->shown.key);
    }
    if (d->reason && (wish->reason == NULL || wish->reason[0] == '\0')) {
        return cc_call_say(
            box->call, SP_E_ARGUMENT, "%s needs a reason", d->name);
    }
    if (d->note && out->item->account.type == 0) {
        return cc_call_say(box->call, SP_E_ARGUMENT,
            "%s belongs to no account that could keep the reason: satchel "
            "conflicts settle",
            out->item->shown.key);
    }
    out->decision = d;
    return SP_OK;
}

static sp_err choose_all(struct cc_inbox *box, const char *const *key,
    size_t count, const struct satchel_inbox_wish *wish, struct chosen *out)
{
    sp_err err = SP_OK;

    if (count == 0 || count > SATCHEL_INBOX_MAX) {
        return cc_call_say(box->call, SP_E_ARGUMENT,
            "name 1 to %u keys of satchel inbox", SATCHEL_INBOX_MAX);
    }
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = choose(box, key[i], wish, &out[i]);
        for (size_t k = 0; k < i && err == SP_OK; k++) {
            if (out[k].item == out[i].item) {
                err = cc_call_say(box->call, SP_E_ARGUMENT, "%s is named twice",
                    out[i].item->shown.key);
            }
        }
    }
    return err;
}

/* The reason of a decision that has no place for one. */
static sp_err note_reason(struct cc_inbox_deed *d, const char *decision)
{
    char text[CC_INBOX_TEXT * 2];
    struct satchel_saved saved;
    const char *reason = d->reason;
    struct cc_inbox_deed note = *d;
    sp_err err;

    (void)snprintf(text, sizeof(text), "[%s%s%s] %s", decision,
        d->item->field == NULL ? "" : " ",
        d->item->field == NULL ? "" : d->item->field, reason);
    note.reason = text;
    note.saved = &saved;
    err = cc_inbox_note(&note);
    return err;
}

/* "satchel account unmerge 019f..." */
static const char *undo_of(struct sp_arena *a, const struct chosen *ch,
    const struct satchel_saved *saved)
{
    const struct {
        const char *word, *text;
    } known[] = {
        { "{entity}", ch->item->shown.entity },
        { "{id}", ch->item->shown.id },
        { "{field}", ch->item->field == NULL ? "" : ch->item->field },
        { "{saved}", saved->id },
    };
    char out[UNDO_BYTES];
    size_t used = 0;

    for (const char *at = ch->decision->undo;
         *at != '\0' && used + 1 < sizeof(out);) {
        size_t i = 0;

        while (
            i < 4 && strncmp(at, known[i].word, strlen(known[i].word)) != 0) {
            i++;
        }
        if (i == 4) {
            out[used++] = *at++;
            continue;
        }
        used += (size_t)snprintf(
            out + used, sizeof(out) - used, "%s", known[i].text);
        at += strlen(known[i].word);
    }
    out[used < sizeof(out) ? used : sizeof(out) - 1] = '\0';
    return cc_result_string(a, out);
}

/* One transaction. What fails is told in out; only a lack of memory for
 * telling it is an error of all. */
static sp_err decide_one(struct satchel *s, const struct chosen *ch,
    const struct satchel_inbox_wish *wish, struct sp_arena *a,
    struct satchel_inbox_done *out)
{
    struct satchel_saved saved = { .commit = 0 };
    struct cc_call c;
    struct cc_inbox_deed deed = { &c, ch->item, wish->reason, &saved };
    sp_err err;

    out->key = ch->item->shown.key;
    out->kind = ch->item->shown.kind;
    out->account = ch->item->shown.account;
    out->what_en = ch->item->shown.what_en;
    out->what_zh = ch->item->shown.what_zh;
    out->saved = out->undo = "";
    if (cc_call_begin(&c, s, true, &out->error) != 0) {
        return SP_OK;
    }
    err = ch->decision->decide(&deed);
    if (err == SP_OK && ch->decision->note) {
        err = note_reason(&deed, ch->decision->name);
    }
    c.write = !wish->dry_run; /* all was tried; now it is dropped */
    out->done = cc_call_end(&c, err) == 0;
    if (out->done && !wish->dry_run) {
        out->saved = cc_result_string(a, saved.id);
        out->commit = saved.commit;
        out->undo = undo_of(a, ch, &saved);
    }
    return out->saved == NULL || out->undo == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err decide_all(struct satchel *s, const struct chosen *ch,
    size_t count, const struct satchel_inbox_wish *wish,
    struct satchel_inbox_result *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_inbox_done *done =
        (struct satchel_inbox_done *)sp_arena_take(a, count, sizeof(*done));
    sp_err err = done == NULL ? SP_E_NOMEM : SP_OK;

    for (size_t i = 0; i < count && err == SP_OK; i++) {
        err = decide_one(s, &ch[i], wish, a, &done[i]);
        out->done += done[i].done;
        out->count++;
    }
    out->item = done;
    return err;
}

int satchel_inbox_decide(struct satchel *s, const char *const *key,
    size_t count, const struct satchel_inbox_wish *wish,
    struct satchel_inbox_result **out, struct satchel_error *e)
{
    struct satchel_inbox_result *result;
    struct chosen *ch = (struct chosen *)calloc(SATCHEL_INBOX_MAX, sizeof(*ch));
    struct cc_call c;
    struct cc_inbox box = { .call = &c };
    sp_err err = SP_E_NOMEM;
    int rc = ch == NULL ? cc_fail_set(e, SP_E_NOMEM, "")
                        : cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        free(ch);
        return rc;
    }
    result = (struct satchel_inbox_result *)cc_result_new(sizeof(*result));
    if (result != NULL) {
        box.a = cc_result_arena(result);
        err = wish->decision == NULL ? SP_E_ARGUMENT
                                     : cc_inbox_make(&box, NULL, wish->days);
    }
    if (err == SP_OK) {
        err = choose_all(&box, key, count, wish, ch);
    }
    rc = cc_call_end(&c, err);
    if (rc == 0) {
        err = decide_all(s, ch, count, wish, result);
        rc = cc_fail_set(e, err, "");
    }
    free(ch);
    free(box.item);
    if (rc == 0) {
        *out = result;
    } else {
        satchel_free(result);
    }
    return rc;
}
