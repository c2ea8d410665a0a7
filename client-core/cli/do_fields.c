#include "cli/do.h"

#include "say/nearest.h"
#include "say/table.h"

#include "cli/help.h"

#include <inttypes.h>
#include <string.h>

#define RULES_BYTES 512u

int cc_do_help(struct cc_cli *cli)
{
    struct cc_args about;
    struct cc_wrong wrong;
    char *argv[4] = { NULL, cc_args_operand(&cli->args, 0),
        cc_args_operand(&cli->args, 1), "--help" };
    size_t words = cli->args.operand_count;

    argv[words + 1] = argv[3];
    if (!cc_args_parse(&about, cli->args.table, (int)words + 2, argv, &wrong)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "there is no command '%.60s'%s%s\n  satchel --help",
            "没有命令“%.60s”%s%s\n  satchel --help", wrong.what,
            wrong.nearest != NULL
                ? cc_cli_word(cli, CC_W("; did you mean ", "；是否指 "))
                : "",
            wrong.nearest != NULL ? wrong.nearest : "");
    }
    cli->args = about;
    cc_help_print(cli);
    return 0;
}

/* ---- fields ------------------------------------------------------------- */

static void field_json(struct cc_json *j, const struct satchel_field_info *f)
{
    size_t i;

    cc_json_object(j, NULL);
    cc_json_text(j, "name", f->name);
    cc_json_text(j, "label_en", f->label_en);
    cc_json_text(j, "label_zh", f->label_zh);
    cc_json_text(j, "kind", f->kind);
    cc_json_bool(j, "set", f->set);
    cc_json_bool(j, "required", f->required);
    cc_json_bool(j, "once", f->once);
    cc_json_bool(j, "lines", f->lines);
    cc_json_uint(j, "max", f->max);
    cc_json_text(j, "target", f->target);
    cc_json_array(j, "options");
    for (i = 0; i < f->option_count; i++) {
        cc_json_object(j, NULL);
        cc_json_text(j, "name", f->option[i].name);
        cc_json_text(j, "label_en", f->option[i].label_en);
        cc_json_text(j, "label_zh", f->option[i].label_zh);
        cc_json_end(j);
    }
    cc_json_end(j);
    cc_json_end(j);
}

static void entity_json(struct cc_json *j, const struct satchel_entity_info *e)
{
    size_t i;

    cc_json_object(j, NULL);
    cc_json_text(j, "name", e->name);
    cc_json_text(j, "label_en", e->label_en);
    cc_json_text(j, "label_zh", e->label_zh);
    cc_json_text(j, "parent", e->parent);
    cc_json_array(j, "fields");
    for (i = 0; i < e->field_count; i++) {
        field_json(j, &e->field[i]);
    }
    cc_json_end(j);
    cc_json_end(j);
}

/* "required, one of: order, promise": what may be typed. */
static const char *rules_of(const struct cc_cli *cli,
    const struct satchel_field_info *f, char out[RULES_BYTES])
{
    size_t used, i;

    used = (size_t)snprintf(out, RULES_BYTES, "%s%s%s",
        f->required ? cc_cli_word(cli, CC_W("required ", "必填 ")) : "",
        f->once ? cc_cli_word(cli, CC_W("once ", "仅一次 ")) : "",
        f->set ? cc_cli_word(cli, CC_W("several (+= -=) ", "可多个（+= -=） "))
               : "");
    for (i = 0; i < f->option_count && used < RULES_BYTES; i++) {
        used += (size_t)snprintf(out + used, RULES_BYTES - used, "%s%s",
            i > 0 ? " | " : "", f->option[i].name);
    }
    return out;
}

static bool put_entity(
    const struct cc_cli *cli, const struct satchel_entity_info *e)
{
    struct cc_table_column column[] = {
        { cc_cli_word(cli, CC_W("FIELD", "字段")), false, true },
        { cc_cli_word(cli, CC_W("LABEL", "名称")), false, false },
        { cc_cli_word(cli, CC_W("KIND", "类型")), false, true },
        { cc_cli_word(cli, CC_W("RULES", "规则")), false, false }
    };
    char rules[RULES_BYTES];
    struct cc_table t;
    bool printed;
    size_t i;

    cc_table_init(&t, column, 4);
    for (i = 0; i < e->field_count; i++) {
        const struct satchel_field_info *f = &e->field[i];
        cc_table_cell(&t, f->name);
        cc_table_cell(&t, cc_cli_word(cli, CC_W(f->label_en, f->label_zh)));
        cc_table_cell(&t, f->kind);
        cc_table_cell(&t, rules_of(cli, f, rules));
    }
    printed = cc_table_print(&t, cli->out, cli->columns);
    cc_table_wipe(&t);
    return printed;
}

static int unknown_entity(
    struct cc_cli *cli, const struct satchel_dictionary *d, const char *name)
{
    char known[420] = "";
    struct cc_nearest near;
    size_t used = 0, i;

    cc_nearest_init(&near, name);
    for (i = 0; i < d->count; i++) {
        size_t size = strlen(d->entity[i].name);
        cc_nearest_offer(&near, d->entity[i].name);
        /* as many as there is room for, whole */
        if (used + size + sizeof(", ...") < sizeof(known)) {
            used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
                i > 0 ? ", " : "", d->entity[i].name);
        } else if (used < sizeof(known)) {
            (void)snprintf(known + used, sizeof(known) - used, ", ...");
            used = sizeof(known);
        }
    }
    return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
        "the dictionary has no '%.60s'; it has %s",
        "字典中没有“%.60s”；现有：%s", name,
        near.best != NULL ? near.best : known);
}

static int print_entities(
    struct cc_cli *cli, const struct satchel_dictionary *d, const char *name)
{
    struct cc_json j;
    bool found = false, printed = true;
    size_t i;

    for (i = 0; i < d->count; i++) {
        found = found || name == NULL || strcmp(d->entity[i].name, name) == 0;
    }
    if (!found) {
        return unknown_entity(cli, d, name);
    }
    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_array(&j, "entities");
    }
    for (i = 0; i < d->count; i++) {
        const struct satchel_entity_info *e = &d->entity[i];
        if (name != NULL && strcmp(e->name, name) != 0) {
            continue;
        }
        if (cli->json) {
            entity_json(&j, e);
            continue;
        }
        if (name == NULL) {
            (void)fprintf(cli->out, "%s%s  %s\n", i > 0 ? "\n" : "", e->name,
                cc_cli_word(cli, CC_W(e->label_en, e->label_zh)));
        }
        printed = put_entity(cli, e) && printed;
    }
    if (cli->json) {
        cc_json_end(&j);
        cc_json_end(&j);
    }
    return printed ? 0 : cc_cli_fail(cli, SATCHEL_E_NOMEM, "%s", "%s", "");
}

int cc_do_fields(struct cc_cli *cli)
{
    struct satchel_dictionary *d = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == 0) {
        code = satchel_dictionary(s, &d, &cli->error);
        satchel_close(s);
    }
    if (code == 0) {
        code = print_entities(cli, d, cc_args_operand(&cli->args, 0));
        satchel_free(d);
    }
    return code;
}
