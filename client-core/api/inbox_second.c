/* inbox_second.c - what waits because it leaves only with a second person. */
#include "api/inbox.h"

#include "api/refer.h"
#include "api/second.h"

struct gather {
    struct cc_inbox *box;
    const struct cc_inbox_kind *kind;
};

static sp_err take(void *arg, const struct cc_second *one)
{
    struct gather *g = (struct gather *)arg;
    struct cc_inbox *box = g->box;
    struct cc_inbox_item *item;
    const char *who, *why, *en, *zh;

    if (!one->decide) {
        return SP_OK;
    }
    who = cc_inbox_string(box, cc_refer_user_name(box->call, one->said.user));
    why = cc_inbox_slice(box, one->said.why);
    en = cc_second_what(box->call, &one->said, false);
    zh = cc_second_what(box->call, &one->said, true);
    cc_inbox_line(box, (struct cc_words){ "asked by", "申请人" }, who, who);
    cc_inbox_line(box, (struct cc_words){ "leaves", "导出内容" }, en, zh);
    cc_inbox_line(box, (struct cc_words){ "for", "用途" }, why, why);
    item = cc_inbox_add(box, g->kind);
    if (item == NULL || en == NULL || zh == NULL) {
        return SP_E_NOMEM;
    }
    item->ref = one->ref;
    item->shown.entity = CC_JOB_ENTITY;
    item->shown.since_ms = one->said.at_ms;
    item->shown.what_en =
        cc_inbox_text(box, "%.60s asks for %.200s: %.160s", who, en, why);
    item->shown.what_zh =
        cc_inbox_text(box, "%.60s申请导出 %.200s：%.160s", who, zh, why);
    return SP_OK;
}

sp_err cc_inbox_exports(struct cc_inbox *box, const struct cc_inbox_kind *kind)
{
    struct gather g = { box, kind };

    return cc_second_each(box->call, take, &g);
}

static sp_err say(struct cc_inbox_deed *d, enum cc_job_step step)
{
    const struct cc_second_wish wish = {
        .id = d->item->shown.id, .step = step, .reason = d->reason
    };

    return cc_second_say(d->call, &wish, d->saved);
}

sp_err cc_inbox_approve(struct cc_inbox_deed *d)
{
    return say(d, CC_JOB_SAY_YES);
}

sp_err cc_inbox_refuse(struct cc_inbox_deed *d)
{
    return say(d, CC_JOB_SAY_NO);
}
