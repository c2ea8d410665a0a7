#include "cli/do.h"

#include "say/table.h"

#include "cli/card.h"
#include "cli/input.h"

#include <string.h>
#include <unistd.h>

#define NOTE_BYTES 65536u
#define TEXT_BYTES 1024u

int cc_do_saved(struct cc_cli *cli, const struct satchel_saved *saved)
{
    if (cli->json) {
        cc_cli_saved(cli, "id", saved);
    } else if (cli->columns > 0) {
        (void)fprintf(cli->out, "%s  %s\n", saved->id,
            cc_cli_word(cli, CC_W("saved on this device", "已保存在本设备")));
    } else {
        (void)fprintf(cli->out, "%s\n", saved->id);
    }
    return 0;
}

/* A command of one entity, or of the one that its first operand names. */
static const char *entity_of(const struct cc_cli *cli)
{
    return cli->args.command->entity != NULL ? cli->args.command->entity
                                             : cc_args_operand(&cli->args, 0);
}

/* The first operand behind that. */
static size_t first(const struct cc_cli *cli)
{
    return cli->args.command->entity != NULL ? 0 : 1;
}

/* A command about accounts by name. */
static bool is_account(const struct cc_cli *cli)
{
    const char *entity = cli->args.command->entity;

    return entity != NULL && strcmp(entity, "account") == 0;
}

/* ---- reading ------------------------------------------------------------ */

/* What is typed, else what people who read this language expect. */
static enum satchel_sort sort_of(const struct cc_cli *cli)
{
    const char *sort = cc_args_value(&cli->args, "sort");

    if (sort == NULL) {
        return cli->lang == CC_LANG_ZH ? SATCHEL_SORT_PINYIN
                                       : SATCHEL_SORT_NAME;
    }
    return strcmp(sort, "pinyin") == 0   ? SATCHEL_SORT_PINYIN
           : strcmp(sort, "stroke") == 0 ? SATCHEL_SORT_STROKE
                                         : SATCHEL_SORT_NAME;
}

/* Whether the order that is typed is one. */
static bool sort_is_known(const struct cc_cli *cli)
{
    static const char *const known[] = { "name", "pinyin", "stroke" };
    const char *sort = cc_args_value(&cli->args, "sort");
    bool yes = sort == NULL;
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        yes = yes || strcmp(known[i], sort) == 0;
    }
    return yes;
}

/* All words of satchel find as one text, cut at what no text is as long as. */
static const char *words(const struct cc_cli *cli, char *out, size_t room)
{
    const char *word;
    size_t used = 0, i;

    out[0] = '\0';
    for (i = 0; used < room && (word = cc_args_operand(&cli->args, i)) != NULL;
         i++) {
        used += (size_t)snprintf(
            out + used, room - used, "%s%s", i == 0 ? "" : " ", word);
    }
    return out;
}

static void make_query(
    struct cc_cli *cli, char text[TEXT_BYTES], struct satchel_query *q)
{
    const struct cc_args *a = &cli->args;
    const char *entity = entity_of(cli);
    bool any = a->command->entity == NULL;
    bool account = strcmp(entity, "account") == 0;
    bool titled = account || strcmp(entity, "contact") == 0;

    memset(q, 0, sizeof(*q));
    q->entity = entity;
    q->limit = (size_t)cc_args_count(a, "limit", 0);
    q->skip = (size_t)cc_args_count(a, "skip", 0);
    q->deleted = cc_args_flag(a, "deleted");
    q->newest = !titled || cc_args_flag(a, "newest");
    q->sort = is_account(cli) ? sort_of(cli) : SATCHEL_SORT_NAME;
    q->brief = cc_args_flag(a, "ids") || account;
    if (any) {
        q->text = cc_args_value(a, "text");
        q->parent = cc_args_value(a, "of");
    } else if (account) {
        q->text = words(cli, text, TEXT_BYTES);
        q->territory = cc_args_value(a, "territory");
    } else {
        q->parent = cc_args_operand(a, 0);
        q->text = cc_args_value(a, "text");
    }
}

static void list_json(struct cc_cli *cli, const struct satchel_list *l)
{
    struct cc_json j;
    size_t i;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_uint(&j, "total", l->total);
    cc_json_array(&j, "records");
    for (i = 0; i < l->count; i++) {
        cc_card_record_json(&j, NULL, &l->record[i]);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

/* What of a list is printed, kept until the store is closed: whoever reads the
 * output slowly holds nobody up. */
struct rows {
    struct cc_card_list list;
    struct cc_table ids; /* or those alone */
    size_t count, total;
};

static int take_id(void *self, const struct satchel_record *r)
{
    struct rows *rows = (struct rows *)self;

    cc_table_cell(&rows->ids, r->id);
    rows->count++;
    return 0;
}

static int take_row(void *self, const struct satchel_record *r)
{
    struct rows *rows = (struct rows *)self;

    cc_card_list_row(&rows->list, r);
    rows->count++;
    return 0;
}

static int print_ids(struct cc_cli *cli, struct cc_table *ids)
{
    return cc_table_print(ids, cli->out, 0)
               ? 0
               : cc_cli_fail(cli, SATCHEL_E_NOMEM, "%s", "%s", "");
}

static int print_rows(struct cc_cli *cli, struct rows *rows)
{
    int code = 0;

    if (rows->count > 0) {
        code = cc_card_list_print(&rows->list);
    } else if (rows->total == 0) {
        cc_do_nothing(cli);
    }
    if (cli->columns > 0 && rows->count < rows->total) {
        (void)fflush(cli->out);
        cc_cli_say(cli, "%zu of %zu", "显示 %zu 条，共 %zu 条", rows->count,
            rows->total);
    }
    return code;
}

static int list_text(
    struct cc_cli *cli, struct satchel *s, const struct satchel_query *q)
{
    static const struct cc_table_column id = { .title = "ID", .whole = true };
    bool ids = cc_args_flag(&cli->args, "ids");
    struct rows rows = { .count = 0 };
    struct satchel_record_sink sink = { &rows, ids ? take_id : take_row };
    int code;

    cc_card_list_init(&rows.list, cli, q->entity);
    cc_table_init(&rows.ids, &id, 1);
    code = satchel_record_each(s, q, &sink, &rows.total, &cli->error);
    satchel_close(s);
    if (code == 0) {
        code = ids ? print_ids(cli, &rows.ids) : print_rows(cli, &rows);
    }
    cc_card_list_wipe(&rows.list);
    cc_table_wipe(&rows.ids);
    return code;
}

static int list_data(
    struct cc_cli *cli, struct satchel *s, const struct satchel_query *q)
{
    struct satchel_list *l = NULL;
    int code = satchel_record_list(s, q, &l, &cli->error);

    satchel_close(s);
    if (code == 0) {
        list_json(cli, l);
        satchel_free(l);
    }
    return code;
}

int cc_do_list(struct cc_cli *cli)
{
    char text[TEXT_BYTES];
    struct satchel_query q;
    struct satchel *s;
    int code;

    if (is_account(cli) && !sort_is_known(cli)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--sort is pinyin, stroke or name, not \"%.60s\"",
            "--sort 可为 pinyin（拼音）、stroke（笔画）或 "
            "name（名称），不能为“%.60s”",
            cc_args_value(&cli->args, "sort"));
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    make_query(cli, text, &q);
    return cli->json ? list_data(cli, s, &q) : list_text(cli, s, &q);
}

/* Accounts that were merged into this one, and who may still be parted. */
static void put_merged(struct cc_cli *cli, const struct satchel_record *r,
    const struct satchel_merges *m)
{
    char when[CC_CLI_TIME_BYTES];
    size_t i, k;

    for (i = 0; i < m->count; i++) {
        const struct satchel_merge *one = &m->merge[i];

        if (one->undone_ms != 0 || strcmp(one->kept.id, r->id) != 0) {
            continue;
        }
        for (k = 0; k < one->absorbed_count; k++) {
            (void)fprintf(cli->out, "  %s ",
                cc_cli_word(cli, CC_W("also this one:", "也是此客户：")));
            cc_cli_put(cli, one->absorbed[k].title);
            (void)fprintf(cli->out, " (%s), ", one->absorbed[k].id);
            cc_cli_put(cli, one->author);
            (void)fprintf(cli->out, " %s; satchel account unmerge %s\n",
                cc_cli_time(one->made_ms, when), one->id);
        }
    }
}

static int show_text(
    struct cc_cli *cli, struct satchel *s, const struct satchel_record *r)
{
    struct satchel_merges *m = NULL;
    int code = 0;

    if (is_account(cli)) {
        code = satchel_account_merges(s, r->id, &m, &cli->error);
    }
    satchel_close(s);
    if (code == 0) {
        cc_card_record(cli, r);
        if (m != NULL) {
            put_merged(cli, r, m);
        }
    }
    satchel_free(m);
    return code;
}

int cc_do_show(struct cc_cli *cli)
{
    struct satchel_record *r = NULL;
    struct satchel *s;
    struct cc_json j;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_record_show(s, entity_of(cli),
        cc_args_operand(&cli->args, first(cli)), &r, &cli->error);
    if (code == 0 && !cli->json) {
        code = show_text(cli, s, r);
    } else {
        satchel_close(s);
    }
    if (code == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_card_record_json(&j, "record", r);
        cc_json_end(&j);
    }
    satchel_free(r);
    return code;
}

/* ---- writing ------------------------------------------------------------ */

/* Which of the calls of satchel.h saves it. */
enum verb { ADD, EDIT, REMOVE, NOTE };

struct request {
    enum verb verb;
    const char *reference; /* of the record, or of what it belongs to */
    const char *text;      /* NOTE */
    struct cc_input input;
};

static int call(struct cc_cli *cli, struct satchel *s, const struct request *q,
    struct satchel_saved *saved)
{
    const char *entity = entity_of(cli);
    const struct satchel_input *in = q->input.input;
    struct satchel_error *e = &cli->error;
    size_t count = q->input.count;

    switch (q->verb) {
    case ADD:
        return satchel_record_add(s, entity, q->reference, in, count, saved, e);
    case EDIT:
        return satchel_record_edit(
            s, entity, q->reference, in, count, saved, e);
    case REMOVE:
        return satchel_record_remove(s, entity, q->reference, saved, e);
    case NOTE:
        return satchel_note_add(s, q->reference, q->text, in, count, saved, e);
    }
    return SATCHEL_E_INTERNAL;
}

static int save(struct cc_cli *cli, const struct request *q)
{
    struct satchel_duplicates *same = NULL;
    struct satchel_saved saved;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    memset(&saved, 0, sizeof(saved));
    if (q->verb == ADD && is_account(cli) &&
        !cc_args_flag(&cli->args, "anyway")) {
        code = satchel_duplicates(
            s, q->input.input, q->input.count, &same, &cli->error);
    }
    if (code == 0 && (same == NULL || same->total == 0)) {
        code = call(cli, s, q, &saved);
    }
    satchel_close(s);
    if (code == 0 && same != NULL && same->total > 0) {
        code = cc_do_duplicate(cli, same);
    }
    satchel_free(same);
    return code == 0 ? cc_do_saved(cli, &saved) : code;
}

/* An operand that is no assignment; NULL when there is none at its place. */
static const char *name_at(const struct cc_cli *cli, size_t index)
{
    const char *word = cc_args_operand(&cli->args, index);

    return word != NULL && cc_args_is_assignment(word) ? NULL : word;
}

/* account add [NAME] [FIELD=VALUE]..., contact add ACCOUNT [NAME] ... */
int cc_do_add(struct cc_cli *cli)
{
    struct request q = { .verb = ADD };
    size_t at = first(cli);
    const char *name;
    int code;

    if (at > 0) {
        q.reference = cc_args_value(&cli->args, "of");
    } else if (strcmp(cli->args.command->entity, "account") != 0) {
        q.reference = cc_args_operand(&cli->args, at++);
    }
    name = name_at(cli, at);
    if (name != NULL) {
        cc_input_put(&q.input, "name", name);
        at++;
    }
    code = cc_input_take(cli, at, &q.input);
    return code == 0 ? save(cli, &q) : code;
}

int cc_do_edit(struct cc_cli *cli)
{
    struct request q = { .verb = EDIT,
        .reference = cc_args_operand(&cli->args, first(cli)) };
    int code = cc_input_take(cli, first(cli) + 1, &q.input);

    return code == 0 ? save(cli, &q) : code;
}

int cc_do_remove(struct cc_cli *cli)
{
    struct request q = { .verb = REMOVE,
        .reference = cc_args_operand(&cli->args, first(cli)) };

    return save(cli, &q);
}

/* Standard input up to its end, without the last line's end. */
static int read_note(struct cc_cli *cli, char *into, size_t room)
{
    size_t used = fread(into, 1, room - 1, stdin);

    if (ferror(stdin)) {
        return cc_cli_fail(cli, SATCHEL_E_IO, "cannot read standard input",
            "无法读取标准输入");
    }
    if (used == room - 1) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "the note on standard input is longer than %zu bytes",
            "标准输入中的记录超过 %zu 字节", room - 2);
    }
    while (used > 0 && (into[used - 1] == '\n' || into[used - 1] == '\r')) {
        used--;
    }
    into[used] = '\0';
    return 0;
}

int cc_do_note_add(struct cc_cli *cli)
{
    static char text[NOTE_BYTES];
    struct request q = { .verb = NOTE,
        .reference = cc_args_operand(&cli->args, 0),
        .text = cc_args_operand(&cli->args, 1) };
    int code = 0;

    if (strcmp(q.text, "-") == 0) {
        code = read_note(cli, text, sizeof(text));
        q.text = text;
    }
    if (code == 0) {
        code = cc_input_take(cli, 2, &q.input);
    }
    return code == 0 ? save(cli, &q) : code;
}

/* ---- brief -------------------------------------------------------------- */

static void brief_json(struct cc_cli *cli, const struct satchel_brief *b)
{
    struct cc_json j;
    size_t i;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "account_id", b->account_id);
    cc_json_text(&j, "title", b->title);
    cc_json_array(&j, "facts");
    for (i = 0; i < b->count; i++) {
        const struct satchel_fact *f = &b->fact[i];
        cc_json_object(&j, NULL);
        cc_json_text(&j, "kind", f->kind);
        cc_json_text(&j, "label_en", f->label_en);
        cc_json_text(&j, "label_zh", f->label_zh);
        cc_json_text(&j, "text_en", f->text_en);
        cc_json_text(&j, "text_zh", f->text_zh);
        cc_json_text(&j, "id", f->id);
        cc_json_uint(&j, "time_ms", f->time_ms);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static void brief_text(struct cc_cli *cli, const struct satchel_brief *b)
{
    size_t i;

    cc_cli_put(cli, b->title);
    (void)putc('\n', cli->out);
    for (i = 0; i < b->count; i++) {
        const struct satchel_fact *f = &b->fact[i];
        (void)fputs("  ", cli->out);
        cc_cli_put(cli, cc_cli_word(cli, CC_W(f->label_en, f->label_zh)));
        (void)fputs(cc_cli_word(cli, CC_W(": ", "：")), cli->out);
        cc_cli_put(cli, cc_cli_word(cli, CC_W(f->text_en, f->text_zh)));
        (void)putc('\n', cli->out);
    }
}

int cc_do_brief(struct cc_cli *cli)
{
    struct satchel_brief *b = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_brief(s, cc_args_operand(&cli->args, 0), &b, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            brief_json(cli, b);
        } else {
            brief_text(cli, b);
        }
        satchel_free(b);
    }
    return code;
}
