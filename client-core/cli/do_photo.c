#include "cli/do.h"

#include "say/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- adding ---------------------------------------------------------------
 */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* All of a file, one byte more than may be kept at most: what is longer is
 * refused by its size. */
static int read_file(
    struct cc_cli *cli, const char *path, uint8_t **out, size_t *size)
{
    const size_t room = SATCHEL_ATTACHMENT_BYTES_MAX + 1u;
    uint8_t *bytes = (uint8_t *)malloc(room);
    FILE *f = bytes == NULL ? NULL : fopen(path, "rb");
    int why;

    *out = bytes;
    if (bytes == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_NOMEM, "%s", "%s", path);
    }
    *size = f == NULL ? 0 : fread(bytes, 1, room, f);
    if (f != NULL && ferror(f) == 0) {
        (void)fclose(f);
        return 0;
    }
    why = errno;
    if (f != NULL) {
        (void)fclose(f);
    }
    return cc_cli_fail(cli, why == ENOENT ? SATCHEL_E_NOT_FOUND : SATCHEL_E_IO,
        "cannot read \"%s\": %s", "无法读取“%s”：%s", path,
        cc_cli_errno(cli, why));
}

static void say_added(
    struct cc_cli *cli, const struct satchel_attachment_saved *saved)
{
    if (cli->json) {
        struct cc_json j;

        cc_cli_json(cli, &j);
        cc_json_text(&j, "id", saved->id);
        cc_json_uint(&j, "commit", saved->commit);
        cc_json_bool(&j, "existed", saved->existed);
        cc_json_uint(&j, "bytes", saved->bytes);
        cc_json_end(&j);
        return;
    }
    (void)fprintf(cli->out, "%s\n", saved->id);
    (void)fflush(cli->out);
    if (saved->existed) {
        cc_cli_say(cli, "it was added before; there is no second copy",
            "此前已添加，未重复保存");
    }
}

static int add(struct cc_cli *cli, struct satchel_attachment_new *what)
{
    const char *file = cc_args_operand(&cli->args, 1);
    struct satchel_attachment_saved saved;
    uint8_t *bytes = NULL;
    struct satchel *s;
    int code;

    if (file == NULL) {
        file = cc_args_operand(&cli->args, 0);
    } else {
        what->about = cc_args_operand(&cli->args, 0);
    }
    what->name = base_name(file);
    code = read_file(cli, file, &bytes, &what->size);
    if (code == 0) {
        what->bytes = bytes;
        code = cc_cli_open(cli, &s);
    }
    if (code == 0) {
        code = satchel_attachment_add(s, what, &saved, &cli->error);
        satchel_close(s);
    }
    free(bytes);
    if (code == 0) {
        say_added(cli, &saved);
    }
    return code;
}

int cc_do_photo_add(struct cc_cli *cli)
{
    struct satchel_attachment_new what = { .place = cc_args_value(
                                               &cli->args, "at") };

    return add(cli, &what);
}

int cc_do_document_add(struct cc_cli *cli)
{
    struct satchel_attachment_new what = { .document = true,
        .mime = cc_args_value(&cli->args, "mime") };

    return add(cli, &what);
}

/* ---- listing ---------------------------------------------------------------
 */

static void list_json(struct cc_cli *cli, const struct satchel_attachments *l)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_uint(&j, "count", l->count);
    cc_json_array(&j, "attachments");
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_attachment *a = &l->attachment[i];

        cc_json_object(&j, NULL);
        cc_json_text(&j, "id", a->id);
        cc_json_text(&j, "account_id", a->account_id);
        cc_json_text(&j, "account", a->account);
        cc_json_text(&j, "about_entity", a->about_entity);
        cc_json_text(&j, "about_id", a->about_id);
        cc_json_text(&j, "name", a->name);
        cc_json_text(&j, "mime", a->mime);
        cc_json_uint(&j, "bytes", a->bytes);
        cc_json_uint(&j, "at_ms", a->at_ms);
        cc_json_text(&j, "author", a->author);
        cc_json_text(&j, "watermark", a->watermark);
        cc_json_text(&j, "hash", a->hash);
        cc_json_bool(&j, "here", a->here);
        cc_json_bool(&j, "to_go", a->to_go);
        cc_json_end(&j);
    }
    cc_json_end(&j);
    cc_json_end(&j);
}

static int list_text(struct cc_cli *cli, const struct satchel_attachments *l)
{
    const struct cc_table_column columns[] = {
        CC_DO_COLUMN("When", "时间", false, true),
        CC_DO_COLUMN("Account", "客户", false, false),
        CC_DO_COLUMN("File", "文件", false, false),
        CC_DO_COLUMN("KiB", "KiB", true, false),
        CC_DO_COLUMN("Bytes", "内容", false, false),
        CC_DO_COLUMN("Id", "编号", false, true),
    };
    char when[CC_CLI_TIME_BYTES], kib[24];
    struct cc_table t;

    cc_table_init(&t, columns, 6);
    for (size_t i = 0; i < l->count; i++) {
        const struct satchel_attachment *a = &l->attachment[i];

        (void)snprintf(kib, sizeof(kib), "%" PRIu64, (a->bytes + 1023) / 1024);
        cc_table_cell(&t, cc_cli_time(a->at_ms, when));
        cc_table_cell(&t, a->account);
        cc_table_cell(&t, a->name);
        cc_table_cell(&t, kib);
        cc_table_cell(
            &t, cc_cli_word(cli, a->to_go  ? CC_W("to go", "待上传")
                                 : a->here ? CC_W("here", "在本设备")
                                           : CC_W("not here", "不在本设备")));
        cc_table_cell(&t, a->id);
    }
    return cc_do_table(cli, &t);
}

static int list(struct cc_cli *cli, bool documents)
{
    struct satchel_attachments *l = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    code = satchel_attachment_list(
        s, cc_args_operand(&cli->args, 0), documents, &l, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            list_json(cli, l);
        } else {
            code = list_text(cli, l);
        }
        satchel_free(l);
    }
    return code;
}

int cc_do_photo_list(struct cc_cli *cli)
{
    return list(cli, false);
}

int cc_do_document_list(struct cc_cli *cli)
{
    return list(cli, true);
}

/* ---- handing out -----------------------------------------------------------
 */

static void say_handed(struct cc_cli *cli, const struct satchel_handed *h)
{
    if (cli->json) {
        struct cc_json j;

        cc_cli_json(cli, &j);
        cc_json_uint(&j, "bytes", h->bytes);
        cc_json_text(&j, "mime", h->mime);
        cc_json_text(&j, "missing", h->missing);
        cc_json_bool(&j, "cut", h->cut);
        cc_json_end(&j);
        return;
    }
    if (h->missing[0] != '\0') {
        cc_cli_say(cli,
            "no font of this device has %s: \"?\" is drawn there; the file's "
            "description has all of the watermark",
            "本设备没有含“%s”的字体：图中以“?”代替；文件说明中有完整水印",
            h->missing);
    }
    if (h->cut) {
        cc_cli_say(cli,
            "the picture is too small for all of the watermark; the file's "
            "description has it",
            "图片太小，画不下完整水印；文件说明中有完整水印");
    }
}

static int hand_out(struct cc_cli *cli, bool preview)
{
    const struct satchel_hand_out how = { preview,
        cc_args_flag(&cli->args, "force") };
    const char *path = cc_args_value(&cli->args, "out");
    struct satchel_handed *h = NULL;
    struct satchel *s;
    int code;

    if (path == NULL) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "into which file? --out FILE, or --out - for standard output",
            "写入哪个文件？--out 文件，或 --out - 表示标准输出");
    }
    if (cli->json && strcmp(path, "-") == 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--json and --out - both want standard output",
            "--json 与 --out - 都要使用标准输出");
    }
    code = cc_cli_open(cli, &s);
    if (code != 0) {
        return code;
    }
    code = satchel_attachment_hand_out(
        s, cc_args_operand(&cli->args, 0), path, &how, &h, &cli->error);
    satchel_close(s);
    if (code == SATCHEL_E_EXISTS) {
        return cc_cli_fail(cli, SATCHEL_E_EXISTS, "%s; --force takes its place",
            "%s；可用 --force 替换", path);
    }
    if (code == 0) {
        say_handed(cli, h);
        satchel_free(h);
    }
    return code;
}

int cc_do_photo_show(struct cc_cli *cli)
{
    return hand_out(cli, cc_args_flag(&cli->args, "preview"));
}

int cc_do_document_show(struct cc_cli *cli)
{
    return hand_out(cli, false);
}
