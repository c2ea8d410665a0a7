#include "cli/do.h"

#include "say/table.h"

#include <stdio.h>

/* ---- who decides -------------------------------------------------------- */

static void people_json(struct cc_cli *cli, const struct satchel_people *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_bool(&j, "key_account", l->key_account);
    cc_json_array(&j, "people");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_person *p = &l->person[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", p->id);
        cc_json_text(&j, "name", p->name);
        cc_json_text(&j, "title", p->title);
        cc_json_text(&j, "role", p->role);
        cc_json_text(&j, "relation", p->relation);
        cc_json_text(&j, "since", p->since);
        cc_json_text(&j, "until", p->until);
        cc_json_text(&j, "reason", p->reason);
        cc_json_bool(&j, "past", p->past);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int people_text(struct cc_cli *cli, const struct satchel_people *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ID", "编号", false, true),
        CC_DO_COLUMN("NAME", "姓名", false, false),
        CC_DO_COLUMN("TITLE", "职务", false, false),
        CC_DO_COLUMN("DECIDES", "决策角色", false, false),
        CC_DO_COLUMN("SINCE", "开始", false, true),
        CC_DO_COLUMN("UNTIL", "结束", false, true),
        CC_DO_COLUMN("WHY", "原因", false, false),
    };
    struct cc_table t;

    cc_table_init(&t, column, 7);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_person *p = &l->person[i];

        cc_table_cell(&t, p->id);
        cc_table_cell(&t, p->name);
        cc_table_cell(&t, p->title);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(p->role_en, p->role_zh)));
        cc_table_cell(&t, p->since);
        cc_table_cell(&t, p->until);
        cc_table_cell(&t, p->reason);
    }
    return cc_do_table(cli, &t);
}

int cc_do_account_people(struct cc_cli *cli)
{
    struct satchel_people *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_people(
        s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        people_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "nobody is known there", "尚无联系人");
    } else if (code == 0) {
        code = people_text(cli, l);
    }
    satchel_free(l);
    return code;
}

/* ---- what belongs to it ------------------------------------------------- */

static void outlets_json(struct cc_cli *cli, const struct satchel_outlets *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "outlets");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_outlet *o = &l->outlet[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", o->id);
        cc_json_text(&j, "title", o->title);
        cc_json_text(&j, "number", o->number);
        cc_json_text(&j, "how", o->how);
        cc_json_uint(&j, "depth", o->depth);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int outlets_text(struct cc_cli *cli, const struct satchel_outlets *l)
{
    struct cc_table_column column[] = {
        CC_DO_COLUMN("ID", "编号", false, true),
        CC_DO_COLUMN("CUSTOMER", "客户", false, false),
        CC_DO_COLUMN("NUMBER", "客户编号", false, true),
        CC_DO_COLUMN("HOW", "关系", false, false),
        CC_DO_COLUMN("LEVEL", "层级", true, false),
    };
    char depth[16];
    struct cc_table t;

    cc_table_init(&t, column, 5);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_outlet *o = &l->outlet[i];

        cc_table_cell(&t, o->id);
        cc_table_cell(&t, o->title);
        cc_table_cell(&t, o->number);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(o->how_en, o->how_zh)));
        (void)snprintf(depth, sizeof(depth), "%u", o->depth);
        cc_table_cell(&t, depth);
    }
    return cc_do_table(cli, &t);
}

int cc_do_account_outlets(struct cc_cli *cli)
{
    struct satchel_outlets *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_account_outlets(
        s, cc_args_operand(&cli->args, 0), &l, &cli->error);
    satchel_close(s);
    if (code == 0 && cli->json) {
        outlets_json(cli, l);
    } else if (code == 0 && l->count == 0) {
        cc_cli_say(cli, "nothing belongs to it", "没有下级客户");
    } else if (code == 0) {
        code = outlets_text(cli, l);
    }
    satchel_free(l);
    return code;
}
