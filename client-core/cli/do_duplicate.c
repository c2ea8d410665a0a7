#include "cli/do.h"

#include "say/table.h"

#include "cli/error.h"

#include <string.h>

#define WHY_BYTES 160u

/* "same name, 40 m away" */
static const char *why(const struct cc_cli *cli,
    const struct satchel_duplicate *d, char out[WHY_BYTES])
{
    const struct {
        bool so;
        struct cc_words words;
    } reasons[] = {
        { d->same_name, { "same name", "名称相同" } },
        { d->same_sound, { "sounds the same", "拼音相同" } },
        { d->same_phone && d->contact_id[0] == '\0',
            { "same phone", "电话相同" } },
        { d->same_phone && d->contact_id[0] != '\0',
            { "phone of its contact", "联系人电话相同" } },
    };
    size_t used = 0, i;

    out[0] = '\0';
    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].so) {
            used += (size_t)snprintf(out + used, WHY_BYTES - used, "%s%s",
                used == 0 ? "" : cc_cli_word(cli, CC_W(", ", "、")),
                cc_cli_word(cli, reasons[i].words));
        }
    }
    if (d->near) {
        (void)snprintf(out + used, WHY_BYTES - used,
            cli->lang == CC_LANG_ZH ? "%s相距 %u 米" : "%s%u m away",
            used == 0 ? "" : cc_cli_word(cli, CC_W(", ", "、")), d->metres);
    }
    return out;
}

static void put_json(struct cc_cli *cli, const struct satchel_duplicates *all)
{
    struct cc_json j;
    size_t i;

    cc_cli_json(cli, &j);
    cc_error_json(cli, &j);
    cc_json_uint(&j, "total", all->total);
    cc_json_array(&j, "duplicates");
    for (i = 0; i < all->count; i++) {
        const struct satchel_duplicate *d = &all->duplicate[i];
        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", d->id);
        cc_json_text(&j, "title", d->title);
        cc_json_text(&j, "number", d->number);
        cc_json_text(&j, "phone", d->phone);
        cc_json_text(&j, "territory", d->territory);
        cc_json_bool(&j, "same_name", d->same_name);
        cc_json_bool(&j, "same_sound", d->same_sound);
        cc_json_bool(&j, "same_phone", d->same_phone);
        cc_json_bool(&j, "near", d->near);
        cc_json_uint(&j, "metres", d->metres);
        cc_json_text(&j, "contact_id", d->contact_id);
        cc_json_text(&j, "contact_title", d->contact_title);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int put_table(struct cc_cli *cli, const struct satchel_duplicates *all)
{
    const struct cc_table_column column[] = {
        { cc_cli_word(cli, CC_W("NAME", "名称")), false, false },
        { cc_cli_word(cli, CC_W("PHONE", "电话")), false, false },
        { cc_cli_word(cli, CC_W("WHY", "原因")), false, false },
        { cc_cli_word(cli, CC_W("ID", "编号")), false, true },
    };
    struct cc_table t;
    size_t i;

    cc_table_init(&t, column, sizeof(column) / sizeof(column[0]));
    for (i = 0; i < all->count; i++) {
        const struct satchel_duplicate *d = &all->duplicate[i];
        char text[WHY_BYTES], phone[CC_CLI_PHONE_BYTES];
        cc_table_cell(&t, d->title);
        cc_table_cell(&t, cc_cli_phone(cli, d->phone, phone));
        cc_table_cell(&t, why(cli, d, text));
        cc_table_cell(&t, d->id);
    }
    return cc_do_table(cli, &t);
}

int cc_do_duplicate(struct cc_cli *cli, const struct satchel_duplicates *all)
{
    int code = cli->json ? 0 : put_table(cli, all);

    if (code != 0) {
        return code;
    }
    code = cc_cli_fail(cli, SATCHEL_E_CONFLICT,
        "%zu here may be the same; edit that one, or add with --anyway",
        "有 %zu 个客户可能相同；请修改已有客户，或加 --anyway 强制新建",
        all->total);
    cli->error.text_en = "this customer may be here already; nothing was saved";
    cli->error.text_zh = "该客户可能已存在；未保存";
    if (cli->json) {
        put_json(cli, all);
    }
    return code;
}
