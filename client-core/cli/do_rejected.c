#include "cli/do.h"

#include "cli/card.h"
#include "cli/input.h"
#include "cli/table.h"

#include <string.h>

/* ---- as data ------------------------------------------------------------ */

static const char *how_name(enum satchel_how how)
{
    return how == SATCHEL_ADD      ? "add"
           : how == SATCHEL_REMOVE ? "remove"
                                   : "set";
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

static void rejected_json(
    struct cc_json *j, const char *key, const struct satchel_rejected *r)
{
    size_t i;

    cc_json_object(j, key);
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
    cc_json_array(j, "records");
    for (i = 0; i < r->count; i++) {
        record_json(j, &r->record[i]);
    }
    cc_json_end(j);
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
    (void)putc('\n', cli->out);
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

static void put_rejected(struct cc_cli *cli, const struct satchel_rejected *r)
{
    char when[CC_CLI_TIME_BYTES];
    size_t i, k;

    (void)fprintf(cli->out, "%s  %s  ", r->key, cc_cli_time(r->made_ms, when));
    put_why(cli, r);
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

/* ---- list and show ------------------------------------------------------ */

/* The store is closed behind it. */
static int load(struct cc_cli *cli, bool deferred, struct satchel_rejects **out)
{
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_rejected_list(s, deferred, out, &cli->error);
        satchel_close(s);
    }
    return code;
}

int cc_do_rejected_list(struct cc_cli *cli)
{
    struct satchel_rejects *l = NULL;
    struct cc_json j;
    size_t i;
    int code = load(cli, cc_args_flag(&cli->args, "deferred"), &l);

    if (code != 0) {
        return code;
    }
    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_uint(&j, "count", l->count);
        cc_json_array(&j, "rejected");
        for (i = 0; i < l->count; i++) {
            rejected_json(&j, NULL, &l->rejected[i]);
        }
        cc_json_end(&j);
        cc_json_end(&j);
    } else {
        for (i = 0; i < l->count; i++) {
            put_rejected(cli, &l->rejected[i]);
        }
    }
    if (l->count == 0) {
        cc_cli_say(cli, "nothing was refused", "没有被拒绝的修改");
    }
    satchel_free(l);
    return 0;
}

int cc_do_rejected_show(struct cc_cli *cli)
{
    const char *key = cc_args_operand(&cli->args, 0);
    struct satchel_rejects *l = NULL;
    struct cc_json j;
    size_t i;
    int code = load(cli, true, &l);

    if (code != 0) {
        return code;
    }
    for (i = 0; i < l->count && strcmp(l->rejected[i].key, key) != 0; i++) {
    }
    if (i == l->count) {
        code = cc_cli_fail(cli, SATCHEL_E_NOT_FOUND,
            "no rejected change %.60s\nsatchel rejected",
            "没有被拒绝的修改 %.60s\nsatchel rejected", key);
    } else if (cli->json) {
        cc_cli_json(cli, &j);
        rejected_json(&j, "rejected", &l->rejected[i]);
        cc_json_end(&j);
    } else {
        put_rejected(cli, &l->rejected[i]);
        cc_cli_say(cli,
            "satchel rejected resend KEY [FIELD=VALUE]..., or discard KEY",
            "satchel rejected resend 键 [字段=值]…，或 discard 键");
    }
    satchel_free(l);
    return code;
}

/* ---- resend and discard ------------------------------------------------- */

int cc_do_rejected_resend(struct cc_cli *cli)
{
    struct satchel_saved saved;
    struct cc_input in = { .count = 0 };
    struct satchel *s;
    struct cc_json j;
    int code = cc_input_take(cli, 1, &in);

    if (code == 0) {
        code = cc_cli_open(cli, &s);
    }
    if (code != 0) {
        return code;
    }
    memset(&saved, 0, sizeof(saved));
    code = satchel_rejected_resend(s, cc_args_operand(&cli->args, 0),
        cc_args_value(&cli->args, "record"), in.count == 0 ? NULL : in.input,
        in.count, &saved, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", saved.id);
        cc_json_uint(&j, "commit", saved.commit);
        cc_json_end(&j);
    } else if (code == 0) {
        cc_cli_say(cli, "made again; the next sync sends it",
            "已重新提交；下次同步时上传");
    }
    return code;
}

int cc_do_rejected_discard(struct cc_cli *cli)
{
    struct satchel *s;
    struct cc_json j;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_rejected_discard(
        s, cc_args_operand(&cli->args, 0), &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_bool(&j, "discarded", true);
        cc_json_end(&j);
    } else if (code == 0) {
        cc_cli_say(cli, "discarded", "已丢弃");
    }
    return code;
}
