#include "cli/card.h"

#include "book/width.h"

#include <string.h>

#define LABEL_COLUMNS 14u
#define MARKS_BYTES   96u
#define CELL_BYTES    512u

const char *cc_card_entity(const struct cc_cli *cli, const char *entity)
{
    static const struct {
        const char *name;
        struct cc_words words;
    } known[] = {
        { "account", { "account", "客户" } },
        { "contact", { "contact", "联系人" } },
        { "visit", { "visit", "拜访" } },
        { "note", { "note", "记录" } },
        { "merge_case", { "merge", "合并" } },
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, entity) == 0) {
            return cc_cli_word(cli, known[i].words);
        }
    }
    return entity;
}

/* ---- one record --------------------------------------------------------- */

static const char *shown(
    const struct cc_cli *cli, const struct satchel_value *v)
{
    return cc_cli_word(cli, CC_W(v->text_en, v->text_zh));
}

static void put_label(const struct cc_cli *cli, const struct satchel_field *f)
{
    const char *label = cc_cli_word(cli, CC_W(f->label_en, f->label_zh));
    size_t width = cc_width_text(label);

    (void)fputs("  ", cli->out);
    cc_cli_put(cli, label);
    (void)fprintf(cli->out, "%*s",
        (int)(width < LABEL_COLUMNS ? LABEL_COLUMNS - width : 1), "");
}

static bool waits_as_a_whole(const struct satchel_record *r)
{
    size_t i, k;

    for (i = 0; i < r->field_count; i++) {
        for (k = 0; k < r->field[i].value_count; k++) {
            if (!r->field[i].value[k].waiting) {
                return false;
            }
        }
    }
    return true;
}

static void put_mark(const struct cc_cli *cli, const struct satchel_value *v)
{
    if (v->waiting) {
        (void)fputs(
            cc_cli_word(cli, CC_W("  (waiting)", "（待上传）")), cli->out);
    }
}

/* Text of several lines begins under the label. */
static void put_text(const struct cc_cli *cli, const char *text)
{
    if (strchr(text, '\n') == NULL) {
        cc_cli_put(cli, text);
        return;
    }
    (void)putc('\n', cli->out);
    cc_cli_put_lines(cli, "    ", text);
}

static void put_set(
    const struct cc_cli *cli, const struct satchel_field *f, bool marks)
{
    size_t i;

    for (i = 0; i < f->value_count; i++) {
        if (i > 0) {
            (void)fputs(cc_cli_word(cli, CC_W(", ", "，")), cli->out);
        }
        cc_cli_put(cli, shown(cli, &f->value[i]));
        if (marks) {
            put_mark(cli, &f->value[i]);
        }
    }
}

void cc_card_values(struct cc_cli *cli, const struct satchel_field *f)
{
    char when[CC_CLI_TIME_BYTES];
    size_t i;

    for (i = 0; i < f->value_count; i++) {
        const struct satchel_value *v = &f->value[i];
        (void)fputs(i == 0 ? "    * " : "      ", cli->out);
        cc_cli_put(cli, v->text[0] == '\0'
                            ? cc_cli_word(cli, CC_W("(empty)", "（空）"))
                            : shown(cli, v));
        (void)fputs("  -  ", cli->out);
        cc_cli_put(cli, v->author);
        (void)fprintf(cli->out, ", %s", cc_cli_time(v->time_ms, when));
        if (v->device_label[0] != '\0') {
            (void)fputs(", ", cli->out);
            cc_cli_put(cli, v->device_label);
        }
        (void)fprintf(cli->out, "  [%s]", v->key);
        put_mark(cli, v);
        (void)putc('\n', cli->out);
        if (v->seen_en[0] != '\0') {
            (void)fputs(cc_cli_word(cli,
                            CC_W("        had seen: ", "        当时已看到：")),
                cli->out);
            cc_cli_put(cli, cc_cli_word(cli, CC_W(v->seen_en, v->seen_zh)));
            (void)putc('\n', cli->out);
        }
    }
}

/* Values that stand beside the shown one where a rule chose it (LWW, MAX,
 * DENY): nobody has to decide, but nothing is hidden. */
static void put_beside(struct cc_cli *cli, const struct satchel_field *f)
{
    size_t i;

    for (i = 1; i < f->value_count; i++) {
        const char *text = f->value[i].text[0] == '\0'
                               ? cc_cli_word(cli, CC_W("(empty)", "（空）"))
                               : shown(cli, &f->value[i]);
        (void)fputs(i == 1 ? cc_cli_word(cli, CC_W("  (also: ", "（另有："))
                           : cc_cli_word(cli, CC_W(", ", "，")),
            cli->out);
        cc_cli_put(cli, text);
    }
    if (f->value_count > 1) {
        (void)fputs(cc_cli_word(cli, CC_W(")", "）")), cli->out);
    }
}

static void put_note(struct cc_cli *cli, const struct satchel_field *f)
{
    const char *note = cc_cli_word(cli, CC_W(f->note_en, f->note_zh));

    if (note[0] != '\0') {
        (void)fputs("    ", cli->out);
        cc_cli_put(cli, note);
        (void)putc('\n', cli->out);
    }
}

static void put_field(
    struct cc_cli *cli, const struct satchel_field *f, bool marks)
{
    put_label(cli, f);
    if (f->set) {
        put_set(cli, f, marks);
    } else if (f->conflict) {
        (void)fprintf(cli->out,
            cli->lang == CC_LANG_ZH ? "有 %zu 个并存的值："
                                    : "%zu values stand:",
            f->value_count);
        (void)putc('\n', cli->out);
        cc_card_values(cli, f);
        put_note(cli, f);
        return;
    } else if (f->value_count > 0) {
        put_text(cli, shown(cli, &f->value[0]));
        if (marks) {
            put_mark(cli, &f->value[0]);
        }
        put_beside(cli, f);
    }
    (void)putc('\n', cli->out);
    put_note(cli, f);
}

static void put_heading(struct cc_cli *cli, const struct satchel_record *r)
{
    cc_cli_put(cli, r->title[0] != '\0'          ? r->title
                    : r->parent_title[0] != '\0' ? r->parent_title
                                                 : r->id);
    (void)fprintf(
        cli->out, "  (%s %s)\n", cc_card_entity(cli, r->entity), r->id);
}

void cc_card_record(struct cc_cli *cli, const struct satchel_record *r)
{
    bool marks = !waits_as_a_whole(r); /* else one line says it for all */
    size_t i;

    put_heading(cli, r);
    if (r->absorbed_id[0] != '\0') {
        (void)fprintf(cli->out, "  %s ",
            cc_cli_word(cli, CC_W("merged into this one:", "已合并到此：")));
        cc_cli_put(cli, r->absorbed_title);
        (void)fprintf(cli->out, " (%s)\n", r->absorbed_id);
    }
    if (r->deleted) {
        (void)fprintf(
            cli->out, "  %s\n", cc_cli_word(cli, CC_W("DELETED", "已删除")));
    }
    for (i = 0; i < r->field_count; i++) {
        put_field(cli, &r->field[i], marks);
    }
    if (r->conflict) {
        (void)fprintf(cli->out, "  %s satchel conflicts\n",
            cc_cli_word(cli, CC_W("settle with:", "解决冲突：")));
    }
    if (r->waiting > 0) {
        (void)fprintf(cli->out, "  %s %u\n",
            cc_cli_word(cli, CC_W("edits no server has accepted yet:",
                                 "尚未被服务器接受的修改：")),
            r->waiting);
    }
}

/* ---- as data ------------------------------------------------------------ */

static void value_json(struct cc_json *j, const struct satchel_value *v)
{
    cc_json_object(j, NULL);
    cc_json_text(j, "key", v->key);
    cc_json_text(j, "text", v->text);
    cc_json_text(j, "text_en", v->text_en);
    cc_json_text(j, "text_zh", v->text_zh);
    cc_json_text(j, "author", v->author);
    cc_json_uint(j, "user", v->user);
    cc_json_uint(j, "device", v->device);
    cc_json_text(j, "device_label", v->device_label);
    cc_json_text(j, "seen", v->seen_en);
    cc_json_uint(j, "time_ms", v->time_ms);
    cc_json_bool(j, "mine", v->mine);
    cc_json_bool(j, "waiting", v->waiting);
    cc_json_end(j);
}

void cc_card_field_json(
    struct cc_json *j, const char *key, const struct satchel_field *f)
{
    size_t i;

    cc_json_object(j, key);
    cc_json_text(j, "label_en", f->label_en);
    cc_json_text(j, "label_zh", f->label_zh);
    cc_json_text(j, "kind", f->kind);
    cc_json_bool(j, "set", f->set);
    cc_json_bool(j, "conflict", f->conflict);
    if (f->reopened_by != NULL) {
        cc_json_text(j, "reopened_by", f->reopened_by);
    }
    if (f->note_en[0] != '\0') {
        cc_json_text(j, "note", f->note_en);
        cc_json_text(j, "note_zh", f->note_zh);
    }
    if (!f->set && f->value_count > 0) {
        cc_json_text(j, "text", f->value[0].text);
    }
    cc_json_array(j, "values");
    for (i = 0; i < f->value_count; i++) {
        value_json(j, &f->value[i]);
    }
    cc_json_end(j);
    cc_json_end(j);
}

void cc_card_record_json(
    struct cc_json *j, const char *key, const struct satchel_record *r)
{
    size_t i;

    cc_json_object(j, key);
    cc_json_text(j, "id", r->id);
    cc_json_text(j, "entity", r->entity);
    cc_json_text(j, "title", r->title);
    cc_json_text(j, "parent_entity", r->parent_entity);
    cc_json_text(j, "parent_id", r->parent_id);
    cc_json_text(j, "parent_title", r->parent_title);
    if (r->absorbed_id[0] != '\0') {
        cc_json_text(j, "absorbed_id", r->absorbed_id);
        cc_json_text(j, "absorbed_title", r->absorbed_title);
    }
    if (r->found_id[0] != '\0') {
        cc_json_text(j, "found_id", r->found_id);
        cc_json_text(j, "found_title", r->found_title);
    }
    cc_json_uint(j, "made_ms", r->made_ms);
    cc_json_bool(j, "deleted", r->deleted);
    cc_json_bool(j, "conflict", r->conflict);
    cc_json_uint(j, "waiting", r->waiting);
    if (r->field_count > 0) {
        cc_json_object(j, "fields");
        for (i = 0; i < r->field_count; i++) {
            cc_card_field_json(j, r->field[i].name, &r->field[i]);
        }
        cc_json_end(j);
    }
    cc_json_end(j);
}

/* ---- lists -------------------------------------------------------------- */

enum source { TITLE, PARENT, MADE, MARKS, ID, FIELD };

struct column {
    enum source source;
    const char *field;
    struct cc_words title;
};

// clang-format off
#define COLUMNS 5u
static const struct cc_card_layout {
    const char *entity;
    size_t count;
    struct column column[COLUMNS];
} layouts[] = {
    { "account", 3, {
        { TITLE, NULL, { "NAME", "名称" } },
        { MARKS, NULL, { "STATE", "状态" } },
        { ID, NULL, { "ID", "编号" } } } },
    { "contact", 5, {
        { TITLE, NULL, { "NAME", "姓名" } },
        { FIELD, "phones", { "PHONES", "电话" } },
        { PARENT, NULL, { "ACCOUNT", "客户" } },
        { MARKS, NULL, { "STATE", "状态" } },
        { ID, NULL, { "ID", "编号" } } } },
    { "visit", 5, {
        { MADE, NULL, { "WHEN", "时间" } },
        { PARENT, NULL, { "ACCOUNT", "客户" } },
        { FIELD, "outcome", { "OUTCOME", "结果" } },
        { MARKS, NULL, { "STATE", "状态" } },
        { ID, NULL, { "ID", "编号" } } } },
    { "note", 5, {
        { MADE, NULL, { "WHEN", "时间" } },
        { PARENT, NULL, { "ACCOUNT", "客户" } },
        { FIELD, "text", { "TEXT", "内容" } },
        { MARKS, NULL, { "STATE", "状态" } },
        { ID, NULL, { "ID", "编号" } } } },
};
// clang-format on

static const struct satchel_field *find_field(
    const struct satchel_record *r, const char *name)
{
    size_t i;

    for (i = 0; i < r->field_count; i++) {
        if (strcmp(r->field[i].name, name) == 0) {
            return &r->field[i];
        }
    }
    return NULL;
}

static const char *marks(const struct cc_cli *cli,
    const struct satchel_record *r, char out[MARKS_BYTES])
{
    const char *state[4];
    size_t count = 0, i, used = 0;

    if (find_field(r, "checkin") != NULL && find_field(r, "checkout") == NULL) {
        state[count++] = cc_cli_word(cli, CC_W("open", "进行中"));
    }
    if (r->deleted) {
        state[count++] = cc_cli_word(cli, CC_W("deleted", "已删除"));
    }
    if (r->conflict) {
        state[count++] = cc_cli_word(cli, CC_W("conflict", "冲突"));
    }
    if (r->waiting > 0) {
        state[count++] = cc_cli_word(cli, CC_W("waiting", "待上传"));
    }
    out[0] = '\0';
    for (i = 0; i < count; i++) {
        used += (size_t)snprintf(
            out + used, MARKS_BYTES - used, "%s%s", i > 0 ? "," : "", state[i]);
    }
    return out;
}

/* All members of a set; of other fields the value that is shown. */
static const char *field_text(const struct cc_cli *cli,
    const struct satchel_record *r, const char *name, char out[CELL_BYTES])
{
    const struct satchel_field *f = find_field(r, name);
    size_t used = 0, i;

    if (f == NULL || f->value_count == 0) {
        return "";
    }
    if (!f->set || f->value_count == 1) {
        return shown(cli, &f->value[0]);
    }
    for (i = 0; i < f->value_count && used < CELL_BYTES; i++) {
        used += (size_t)snprintf(out + used, CELL_BYTES - used, "%s%s",
            i > 0 ? "; " : "", shown(cli, &f->value[i]));
    }
    return out;
}

static void put_cell(struct cc_cli *cli, struct cc_table *t,
    const struct column *c, const struct satchel_record *r)
{
    char when[CC_CLI_TIME_BYTES], state[MARKS_BYTES], cell[CELL_BYTES];

    switch (c->source) {
    case TITLE:
        cc_table_cell(t, r->title);
        break;
    case PARENT:
        cc_table_cell(t, r->parent_title);
        break;
    case MADE:
        cc_table_cell(t, cc_cli_time(r->made_ms, when));
        break;
    case MARKS:
        cc_table_cell(t, marks(cli, r, state));
        break;
    case ID:
        cc_table_cell(t, r->id);
        break;
    case FIELD:
        cc_table_cell(t, field_text(cli, r, c->field, cell));
        break;
    }
}

static const struct cc_card_layout *layout_of(const char *entity)
{
    size_t i;

    for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (strcmp(layouts[i].entity, entity) == 0) {
            return &layouts[i];
        }
    }
    return &layouts[0];
}

void cc_card_list_init(
    struct cc_card_list *l, struct cc_cli *cli, const char *entity)
{
    const struct cc_card_layout *layout = layout_of(entity);
    struct cc_table_column column[COLUMNS];

    for (size_t k = 0; k < layout->count; k++) {
        enum source source = layout->column[k].source;
        column[k].title = cc_cli_word(cli, layout->column[k].title);
        column[k].right = false;
        column[k].whole = source == ID || source == MADE;
    }
    l->cli = cli;
    l->layout = layout;
    cc_table_init(&l->table, column, layout->count);
}

void cc_card_list_row(struct cc_card_list *l, const struct satchel_record *r)
{
    for (size_t k = 0; k < l->layout->count; k++) {
        put_cell(l->cli, &l->table, &l->layout->column[k], r);
    }
}

int cc_card_list_print(struct cc_card_list *l)
{
    return cc_table_print(&l->table, l->cli->out, l->cli->columns)
               ? 0
               : cc_cli_fail(l->cli, SATCHEL_E_NOMEM, "%s", "%s", "");
}

void cc_card_list_wipe(struct cc_card_list *l)
{
    cc_table_wipe(&l->table);
}

int cc_card_list(
    struct cc_cli *cli, const char *entity, const struct satchel_list *l)
{
    struct cc_card_list list;
    int code;

    cc_card_list_init(&list, cli, entity);
    for (size_t i = 0; i < l->count; i++) {
        cc_card_list_row(&list, &l->record[i]);
    }
    code = cc_card_list_print(&list);
    cc_card_list_wipe(&list);
    return code;
}
