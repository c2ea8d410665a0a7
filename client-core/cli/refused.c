#include "cli/refused.h"

#include <string.h>

#include "cli/card.h"

/* ---- as data ------------------------------------------------------------ */

static const char *how_name(enum satchel_how how)
{
    return how == SATCHEL_ADD      ? "add"
           : how == SATCHEL_REMOVE ? "remove"
                                   : "set";
}

static const char *state_name(enum satchel_tray_state state)
{
    static const char *const names[] = { "open", "asked", "entered", "declined",
        "accepted" };

    return names[state];
}

static void record_json(struct cc_json *j, const struct satchel_typed_record *r)
{
    size_t i;

    cc_json_object(j, NULL);
    cc_json_text(j, "entity", r->entity);
    cc_json_text(j, "id", r->id);
    cc_json_text(j, "title", r->title);
    cc_json_bool(j, "created", r->created);
    cc_json_array(j, "typed");
    for (i = 0; i < r->count; i++) {
        const struct satchel_typed *t = &r->typed[i];
        cc_json_object(j, NULL);
        cc_json_text(j, "field", t->field);
        cc_json_text(j, "label_en", t->label_en);
        cc_json_text(j, "label_zh", t->label_zh);
        cc_json_text(j, "text", t->text);
        cc_json_text(j, "text_en", t->text_en);
        cc_json_text(j, "text_zh", t->text_zh);
        cc_json_text(j, "how", how_name(t->how));
        cc_json_end(j);
    }
    cc_json_end(j);
    cc_json_end(j);
}

void cc_refused_json(struct cc_json *j, const struct satchel_rejected *r)
{
    size_t i;

    cc_json_text(j, "key", r->key);
    cc_json_bool(j, "deferred", r->deferred);
    cc_json_uint(j, "made_ms", r->made_ms);
    cc_json_uint(j, "judged_ms", r->judged_ms);
    cc_json_uint(j, "judge", r->judge);
    cc_json_int(j, "code", r->code);
    cc_json_text(j, "name", r->name);
    cc_json_text(j, "text_en", r->text_en);
    cc_json_text(j, "text_zh", r->text_zh);
    cc_json_text(j, "entity", r->entity);
    cc_json_text(j, "field", r->field);
    cc_json_uint(j, "rule", r->rule);
    cc_json_text(j, "state", state_name(r->state));
    cc_json_bool(j, "sendable", r->sendable);
    cc_json_bool(j, "here", r->here);
    cc_json_uint(j, "asked_ms", r->asked_ms);
    cc_json_text(j, "note", r->note);
    cc_json_uint(j, "answered_ms", r->answered_ms);
    cc_json_text(j, "answered_by", r->answered_by);
    cc_json_text(j, "answer_note", r->answer_note);
    cc_json_array(j, "records");
    for (i = 0; i < r->count; i++) {
        record_json(j, &r->record[i]);
    }
    cc_json_end(j);
}

/* ---- as text ------------------------------------------------------------ */

static void put_why(const struct cc_cli *cli, const struct satchel_rejected *r)
{
    (void)fputs(r->deferred ? cc_cli_word(cli, CC_W("put off: ", "暂缓："))
                            : cc_cli_word(cli, CC_W("refused: ", "被拒绝：")),
        cli->out);
    cc_cli_put(cli, cc_cli_word(cli, CC_W(r->text_en, r->text_zh)));
    if (r->field[0] != '\0') {
        (void)fputs(" (", cli->out);
        cc_cli_put(
            cli, cc_cli_word(cli, CC_W(r->field_label_en, r->field_label_zh)));
        (void)putc(')', cli->out);
    }
    if (r->rule != 0) {
        (void)fprintf(cli->out, "%s%u",
            cc_cli_word(cli, CC_W(", rule ", "，规则 ")), (unsigned)r->rule);
    }
    (void)fprintf(cli->out, "  %s\n", r->name);
}

static void put_typed(const struct cc_cli *cli, const struct satchel_typed *t)
{
    (void)fputs("    ", cli->out);
    cc_cli_put(cli, cc_cli_word(cli, CC_W(t->label_en, t->label_zh)));
    (void)fputs(t->how == SATCHEL_ADD      ? " += "
                : t->how == SATCHEL_REMOVE ? " -= "
                                           : " = ",
        cli->out);
    cc_cli_put(cli, cc_cli_word(cli, CC_W(t->text_en, t->text_zh)));
    (void)putc('\n', cli->out);
}

/* A moment, a name, what he says. */
static void put_said(struct cc_cli *cli, struct cc_words what, uint64_t ms,
    const char *who, const char *note)
{
    char when[CC_CLI_TIME_BYTES];

    (void)fprintf(
        cli->out, "  %s %s", cc_cli_word(cli, what), cc_cli_time(ms, when));
    if (who[0] != '\0') {
        (void)putc(' ', cli->out);
        cc_cli_put(cli, who);
    }
    if (note[0] != '\0') {
        (void)fputs(cc_cli_word(cli, CC_W(": ", "：")), cli->out);
        cc_cli_put(cli, note);
    }
    (void)putc('\n', cli->out);
}

/* Two people who merged the same two the other way round: the servers keep
 * what came first, and the later word is no more needed. */
static bool merged_the_other_way(const struct satchel_rejected *r)
{
    bool merge = false;
    size_t i;

    for (i = 0; i < r->count; i++) {
        merge = merge || strcmp(r->record[i].entity, "merge_case") == 0;
    }
    return merge && strcmp(r->name, "SP_E_CYCLE") == 0;
}

static void put_state(struct cc_cli *cli, const struct satchel_rejected *r)
{
    if (merged_the_other_way(r)) {
        (void)fprintf(cli->out, "  %s\n  satchel rejected discard %s\n",
            cc_cli_word(
                cli, CC_W("somebody merged them the other way round before: "
                          "they are one already, so let this go",
                         "别人已先按相反方向合并：两者已是同一客户，可放弃此"
                         "修改")),
            r->key);
    }
    if (r->asked_ms != 0) {
        put_said(cli, CC_W("asked the manager", "已请经理处理"), r->asked_ms,
            "", r->note);
    }
    if (r->state == SATCHEL_TRAY_ENTERED) {
        put_said(cli, CC_W("entered", "已由经理录入"), r->answered_ms,
            r->answered_by, r->answer_note);
    }
    if (r->state == SATCHEL_TRAY_DECLINED) {
        put_said(cli, CC_W("declined", "经理未采纳"), r->answered_ms,
            r->answered_by, r->answer_note);
    }
    if (r->state == SATCHEL_TRAY_ACCEPTED) {
        (void)fprintf(cli->out, "  %s\n",
            cc_cli_word(
                cli, CC_W("accepted after all, while it was sent again: it may "
                          "stand twice",
                         "该修改后来被接受，且已重新提交：可能重复")));
    }
    if (r->sendable) {
        (void)fprintf(cli->out, "  %s\n",
            cc_cli_word(
                cli, CC_W("can be sent now: resend", "现在可以重新提交")));
    }
}

void cc_refused_put(struct cc_cli *cli, const struct satchel_rejected *r)
{
    char when[CC_CLI_TIME_BYTES];
    size_t i, k;

    (void)fprintf(cli->out, "%s  %s  ", r->key, cc_cli_time(r->made_ms, when));
    put_why(cli, r);
    put_state(cli, r);
    for (i = 0; i < r->count; i++) {
        const struct satchel_typed_record *t = &r->record[i];
        (void)fputs("  ", cli->out);
        cc_cli_put(cli, cc_card_entity(cli, t->entity));
        (void)putc(' ', cli->out);
        cc_cli_put(cli, t->title[0] != '\0' ? t->title : t->id);
        (void)fprintf(cli->out, "%s\n",
            t->created ? cc_cli_word(cli, CC_W(" (new)", "（新建）")) : "");
        for (k = 0; k < t->count; k++) {
            put_typed(cli, &t->typed[k]);
        }
    }
}
