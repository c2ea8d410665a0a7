#include "cli/do.h"

#include "cli/card.h"

#include <string.h>

/* ---- list --------------------------------------------------------------- */

static void list_json(struct cc_cli *cli, const struct satchel_conflicts *l)
{
    struct cc_json j;
    size_t i;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "conflicts");
    for (i = 0; i < l->count; i++) {
        const struct satchel_conflict *c = &l->conflict[i];
        cc_json_object(&j, NULL);
        cc_json_text(&j, "entity", c->entity);
        cc_json_text(&j, "id", c->id);
        cc_json_text(&j, "title", c->title);
        cc_json_text(&j, "name", c->field.name);
        cc_card_field_json(&j, "field", &c->field);
        cc_json_text(&j, "why", c->why_en);
        cc_json_text(&j, "why_zh", c->why_zh);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void list_text(struct cc_cli *cli, const struct satchel_conflicts *l)
{
    size_t i;

    for (i = 0; i < l->count; i++) {
        const struct satchel_conflict *c = &l->conflict[i];
        cc_cli_put(cli, cc_card_entity(cli, c->entity));
        (void)putc(' ', cli->out);
        cc_cli_put(cli, c->title);
        (void)fprintf(cli->out, "  (%s)\n  ", c->id);
        cc_cli_put(
            cli, cc_cli_word(cli, CC_W(c->field.label_en, c->field.label_zh)));
        (void)fprintf(cli->out, " (%s)\n", c->field.name);
        cc_card_values(cli, &c->field);
        (void)fputs("    ", cli->out);
        cc_cli_put(cli, cc_cli_word(cli, CC_W(c->why_en, c->why_zh)));
        (void)putc('\n', cli->out);
        if (strcmp(c->field.name, "deleted") == 0) {
            (void)fprintf(cli->out,
                "    satchel conflicts restore --entity %s %s\n", c->entity,
                c->id);
        }
        (void)fprintf(cli->out,
            "    satchel conflicts settle --entity %s %s %s --key %s\n",
            c->entity, c->id, c->field.name, c->field.value[0].key);
    }
    (void)fflush(cli->out);
    if (l->count == 0) {
        cc_cli_say(cli, "no conflicts", "没有冲突");
    } else {
        cc_cli_say(cli,
            "* is shown now; settle takes the key of a value that stands, or "
            "--value TEXT",
            "* 为当前显示的值；用 settle 按 --key 选择，或用 --value 输入新值");
    }
}

/* The entity that was named; with a reference and no entity: accounts. */
static const char *entity_of(const struct cc_cli *cli, const char *reference)
{
    const char *entity = cc_args_value(&cli->args, "entity");

    return entity != NULL || reference == NULL ? entity : "account";
}

int cc_do_conflicts_list(struct cc_cli *cli)
{
    const char *reference = cc_args_operand(&cli->args, 0);
    struct satchel_conflicts *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_conflicts(
        s, entity_of(cli, reference), reference, &l, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            list_json(cli, l);
        } else {
            list_text(cli, l);
        }
        satchel_free(l);
    }
    return code;
}

/* ---- settle ------------------------------------------------------------- */

struct settling {
    const char *entity, *reference, *field;
    const char *key, *value;
};

static bool says(const struct satchel_value *v, const char *text)
{
    return strcmp(v->text, text) == 0 || strcmp(v->text_en, text) == 0 ||
           strcmp(v->text_zh, text) == 0;
}

/* The value that a key, or what it says, names; NULL: none of them. */
static const struct satchel_value *find_value(
    const struct satchel_field *f, const struct settling *k)
{
    size_t i;

    for (i = 0; i < f->value_count; i++) {
        if (k->key != NULL ? strcmp(f->value[i].key, k->key) == 0
                           : says(&f->value[i], k->value)) {
            return &f->value[i];
        }
    }
    return NULL;
}

static const struct satchel_field *find_field(
    const struct satchel_conflicts *l, const char *name)
{
    size_t i;

    for (i = 0; i < l->count; i++) {
        if (strcmp(l->conflict[i].field.name, name) == 0) {
            return &l->conflict[i].field;
        }
    }
    return NULL;
}

/* Takes a value that stands; or types another one, which is an edit. */
static int settle(struct cc_cli *cli, struct satchel *s,
    const struct settling *k, struct satchel_saved *saved)
{
    struct satchel_input input = { .field = k->field, .text = k->value };
    struct satchel_conflicts *l = NULL;
    const struct satchel_field *f;
    const struct satchel_value *v;
    int code = satchel_conflicts(s, k->entity, k->reference, &l, &cli->error);

    if (code != 0) {
        return code;
    }
    f = find_field(l, k->field);
    v = f == NULL ? NULL : find_value(f, k);
    if (f == NULL) {
        code = cc_cli_fail(cli, SATCHEL_E_NOT_FOUND,
            "%.100s of %.100s is in no conflict (any more)\n"
            "satchel conflicts",
            "字段 %.100s（%.100s）没有冲突（或已解决）\nsatchel conflicts",
            k->field, k->reference);
    } else if (v != NULL) {
        code = satchel_conflict_choose(
            s, k->entity, k->reference, k->field, v->key, saved, &cli->error);
    } else if (k->key != NULL) {
        code = cc_cli_fail(cli, SATCHEL_E_CONFLICT,
            "no value with the key %.60s stands (any more); look again\n"
            "satchel conflicts",
            "已没有键为 %.60s 的值；请重新查看\nsatchel conflicts", k->key);
    } else {
        code = satchel_record_edit(
            s, k->entity, k->reference, &input, 1, saved, &cli->error);
    }
    satchel_free(l);
    return code;
}

/* ---- undo and restore --------------------------------------------------- */

/* Prints where a save went, and closes the store. */
static int saved(struct cc_cli *cli, struct satchel *s, int code,
    const struct satchel_saved *where, struct cc_words words)
{
    struct cc_json j;

    satchel_close(s);
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", where->id);
        cc_json_uint(&j, "commit", where->commit);
        cc_json_end(&j);
    } else if (code == 0) {
        cc_cli_say(cli, "%s", "%s", cc_cli_word(cli, words));
    }
    return code;
}

int cc_do_conflicts_undo(struct cc_cli *cli)
{
    const char *reference = cc_args_operand(&cli->args, 0);
    struct satchel_saved where;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    memset(&where, 0, sizeof(where));
    code = satchel_conflict_undo(s, entity_of(cli, reference), reference,
        cc_args_operand(&cli->args, 1), &where, &cli->error);
    return saved(cli, s, code, &where,
        CC_W("taken back: satchel conflicts", "已撤销，见 satchel conflicts"));
}

int cc_do_conflicts_restore(struct cc_cli *cli)
{
    const char *reference = cc_args_operand(&cli->args, 0);
    struct satchel_saved where;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    memset(&where, 0, sizeof(where));
    code = satchel_record_restore(
        s, entity_of(cli, reference), reference, &where, &cli->error);
    return saved(cli, s, code, &where, CC_W("restored", "已恢复"));
}

int cc_do_conflicts_settle(struct cc_cli *cli)
{
    struct settling k = { .reference = cc_args_operand(&cli->args, 0),
        .field = cc_args_operand(&cli->args, 1),
        .key = cc_args_value(&cli->args, "key"),
        .value = cc_args_value(&cli->args, "value") };
    struct satchel_saved where;
    struct satchel *s;
    int code;

    if ((k.key == NULL) == (k.value == NULL)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "give --key KEY of a value that stands, or --value TEXT",
            "请用 --key 选择一个现有的值，或用 --value 输入文字");
    }
    k.entity = entity_of(cli, k.reference);
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    memset(&where, 0, sizeof(where));
    code = settle(cli, s, &k, &where);
    return saved(cli, s, code, &where, CC_W("settled", "已解决"));
}
