#include "cli/do.h"

#include "cli/secret.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CODE_BEGIN       "SATCHEL1:"
#define CODE_BYTES       2048u
#define IDLE_MINUTES_MAX 71582u /* of 32 bits of milliseconds */

/* The default place need not exist yet; of a --dir that was typed a missing
 * parent is more likely a slip. */
static int make_parents(struct cc_cli *cli)
{
    char path[CC_CLI_PATH_BYTES];
    char *at;

    if (cc_args_value(&cli->args, "dir") != NULL) {
        return 0;
    }
    memcpy(path, cli->dir, sizeof(path));
    for (at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return cc_cli_fail(cli, SATCHEL_E_IO, "%s: %s", "%s：%s", path,
                cc_cli_errno(cli, errno));
        }
        *at = '/';
    }
    return 0;
}

/* The code in whatever was copied: "code: SATCHEL1:... and so on". */
static bool find_code(const char *text, char out[CODE_BYTES])
{
    const char *start = strstr(text, CODE_BEGIN);
    size_t length = start == NULL ? 0 : strcspn(start, " \t\r\n");

    if (length == 0 || length >= CODE_BYTES) {
        return false;
    }
    memcpy(out, start, length);
    out[length] = '\0';
    return true;
}

/* In the operand, or with "-" in standard input. */
static int read_code(struct cc_cli *cli, char out[CODE_BYTES])
{
    const char *word = cc_args_operand(&cli->args, 0);
    char line[CODE_BYTES];
    bool found = strcmp(word, "-") != 0 && find_code(word, out);

    while (strcmp(word, "-") == 0 && !found &&
           fgets(line, sizeof(line), stdin) != NULL) {
        found = find_code(line, out);
    }
    return found ? 0
                 : cc_cli_fail(cli, SATCHEL_E_CODE,
                       "a code is one text that begins with SATCHEL1: ; copy "
                       "all of it",
                       "登记码是以 SATCHEL1: 开头的一段文字；请完整复制");
}

/* Shows which server the code leads to, and asks whether that is right. */
static int compare_server(struct cc_cli *cli, const char *code)
{
    struct satchel_code_info *info = NULL;
    int rc = satchel_code_read(code, &info, &cli->error);

    if (rc != 0) {
        return rc;
    }
    cc_cli_say(cli, "server %s, fingerprint %s", "服务器 %s，指纹 %s",
        info->endpoint, info->fingerprint);
    satchel_free(info);
    if (!cc_args_flag(&cli->args, "yes") &&
        !cc_secret_confirm(
            cli, CC_W("Is this the fingerprint that you were told? [Y/n] ",
                     "指纹是否与告知的一致？[Y/n] "))) {
        rc = cc_cli_fail(
            cli, SATCHEL_E_CODE, "nothing was sent", "未发送任何内容");
        cli->error.text_en = "the fingerprint was not confirmed";
        cli->error.text_zh = "指纹未经确认";
        return rc;
    }
    return 0;
}

static int make_store(struct cc_cli *cli, const struct cc_secret *secret)
{
    int code = make_parents(cli);

    return code != 0
               ? code
               : satchel_create(cli->dir, &secret->secret, NULL, &cli->error);
}

static int enrol_with(
    struct cc_cli *cli, const char *code, const struct cc_secret *secret)
{
    struct satchel *s;
    int rc = satchel_open(cli->dir, &secret->secret, &s, &cli->error);

    if (rc == 0) {
        rc = satchel_enrol(s, code, cc_args_value(&cli->args, "label"),
            (uint32_t)cc_args_count(&cli->args, "timeout", 30) * 1000u,
            &cli->error);
        satchel_close(s);
    }
    if (rc == SATCHEL_E_EXISTS) {
        return cc_cli_fail(cli, SATCHEL_E_EXISTS,
            "%s is an enrolled device; --dir names a place for another one",
            "%s 已是登记过的设备；登记另一台请用 --dir 指定其他目录", cli->dir);
    }
    return rc;
}

/* A store that was made stays when the server did not answer: its keys are in
 * it, so the same code may be shown again. */
int cc_do_enrol(struct cc_cli *cli)
{
    struct satchel_store_state state;
    struct cc_secret secret;
    char code[CODE_BYTES];
    struct cc_json j;
    int rc = read_code(cli, code);

    if (rc == 0) {
        rc = compare_server(cli, code);
    }
    if (rc == 0) {
        rc = satchel_look(cli->dir, &state, &cli->error);
    }
    if (rc == 0) {
        rc = cc_secret_get(
            cli, state.exists ? CC_SECRET_ONCE : CC_SECRET_TWICE, &secret);
    }
    if (rc != 0) {
        return rc;
    }
    if (!state.exists) {
        rc = make_store(cli, &secret);
    }
    if (rc == 0) {
        rc = enrol_with(cli, code, &secret);
    }
    cc_secret_wipe(&secret);
    if (rc == 0 && cli->json) {
        cc_cli_json(cli, &j);
        cc_json_bool(&j, "enrolled", true);
        cc_json_text(&j, "dir", cli->dir);
        cc_json_end(&j);
    }
    if (rc == 0) {
        cc_cli_say(cli, "enrolled; next: satchel unlock, then satchel sync",
            "登记成功；接下来：satchel unlock，然后 satchel sync");
    }
    return rc;
}

int cc_do_unlock(struct cc_cli *cli)
{
    uint64_t minutes = cc_args_count(&cli->args, "idle", 5);
    struct cc_secret secret;
    uint32_t idle_ms;
    int code;

    if (minutes >= IDLE_MINUTES_MAX) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--idle is at most %u minutes; 0 means never",
            "--idle 最多 %u 分钟；0 表示从不", IDLE_MINUTES_MAX - 1);
    }
    idle_ms = minutes == 0 ? UINT32_MAX : (uint32_t)minutes * 60000u;
    code = cc_secret_get(cli, CC_SECRET_ONCE, &secret);
    if (code != 0) {
        return code;
    }
    code = cc_cli_no_store(
        cli, satchel_unlock(cli->dir, &secret.secret, idle_ms, &cli->error));
    cc_secret_wipe(&secret);
    if (code == 0) {
        cc_cli_done(cli, "unlocked", true);
    }
    return code;
}

int cc_do_lock(struct cc_cli *cli)
{
    int code = cc_cli_no_store(cli, satchel_lock(cli->dir, &cli->error));

    if (code == 0) {
        cc_cli_done(cli, "unlocked", false);
    }
    return code;
}

int cc_do_passphrase(struct cc_cli *cli)
{
    struct cc_secret before, after;
    int code = cc_secret_get(cli, CC_SECRET_ONCE, &before);

    if (code != 0) {
        return code;
    }
    code = cc_secret_get_new(cli, &after);
    if (code == 0) {
        code =
            cc_cli_no_store(cli, satchel_secret_change(cli->dir, &before.secret,
                                     &after.secret, NULL, &cli->error));
        cc_secret_wipe(&after);
    }
    cc_secret_wipe(&before);
    if (code == 0) {
        cc_cli_done(cli, "changed", true);
    }
    return code;
}

/* ---- status ------------------------------------------------------------- */

static void status_json(struct cc_cli *cli, const struct satchel_status *s)
{
    struct cc_json j;

    cc_cli_json(cli, &j);
    cc_json_text(&j, "dir", cli->dir);
    cc_json_bool(&j, "readable", true);
    cc_json_bool(&j, "unlocked", s->agent);
    cc_json_bool(&j, "enrolled", s->enrolled);
    cc_json_text(&j, "organisation", s->org);
    cc_json_uint(&j, "device", s->device);
    cc_json_uint(&j, "user", s->user);
    cc_json_text(&j, "user_name", s->user_name);
    cc_json_text(&j, "unit", s->unit);
    cc_json_text(&j, "server", s->server);
    cc_json_uint(&j, "commits", s->commits);
    cc_json_uint(&j, "pending", s->pending);
    cc_json_uint(&j, "at_branch", s->at_branch);
    cc_json_uint(&j, "at_head_office", s->at_head_office);
    cc_json_uint(&j, "deferred", s->deferred);
    cc_json_uint(&j, "refused", s->refused);
    cc_json_uint(&j, "quarantined", s->quarantined);
    cc_json_uint(&j, "photos_to_go", s->photos_to_go);
    cc_json_uint(&j, "photos_bytes", s->photos_bytes);
    cc_json_uint(&j, "records", s->records);
    cc_json_uint(&j, "scopes", s->scopes);
    cc_json_uint(&j, "alarms", s->alarms);
    cc_json_uint(&j, "last_sync_ms", s->last_sync_ms);
    cc_json_uint(&j, "last_branch_ms", s->last_branch_ms);
    cc_json_uint(&j, "last_head_office_ms", s->last_head_office_ms);
    cc_json_uint(&j, "last_upper_ms", s->last_upper_ms);
    cc_json_int(&j, "clock_offset_ms", s->clock_offset_ms);
    cc_json_uint(&j, "dictionary", s->dictionary);
    cc_json_uint(&j, "policy", s->policy);
    cc_json_uint(&j, "roster", s->roster);
    cc_json_uint(&j, "store_bytes", s->store_bytes);
    cc_json_bool(&j, "syncing", s->syncing);
    cc_json_end(&j);
}

static void put_line(const struct cc_cli *cli, struct cc_words label)
{
    (void)fprintf(cli->out, "%s%s", cc_cli_word(cli, label),
        cc_cli_word(cli, CC_W(": ", "：")));
}

static void put_count(
    const struct cc_cli *cli, struct cc_words label, uint64_t count)
{
    put_line(cli, label);
    (void)fprintf(cli->out, "%" PRIu64 "\n", count);
}

/* Only when there is something to say. */
static void put_some(
    const struct cc_cli *cli, struct cc_words label, uint64_t count)
{
    if (count > 0) {
        put_count(cli, label, count);
    }
}

static void put_who(struct cc_cli *cli, const struct satchel_status *s)
{
    put_line(cli, CC_W("Store", "数据目录"));
    (void)fprintf(cli->out, "%s, %" PRIu64 " KiB%s\n", cli->dir,
        s->store_bytes / 1024u,
        s->agent ? cc_cli_word(cli, CC_W(", unlocked", "，已解锁")) : "");
    put_line(cli, CC_W("User", "用户"));
    cc_cli_put(cli, s->user_name);
    (void)fprintf(cli->out, " (%s %" PRIu32 ")\n",
        cc_cli_word(cli, CC_W("device", "设备")), s->device);
    put_line(cli, CC_W("Home server", "所属服务器"));
    cc_cli_put(cli, s->unit[0] != '\0'
                        ? s->unit
                        : cc_cli_word(cli, CC_W("head office", "总部")));
    (void)fputs(", ", cli->out);
    cc_cli_put(cli, s->server);
    (void)putc('\n', cli->out);
}

static void put_edits(struct cc_cli *cli, const struct satchel_status *s)
{
    put_count(cli, CC_W("Records", "记录数"), s->records);
    put_count(cli, CC_W("Edits made here", "本设备的修改"), s->commits);
    put_some(cli, CC_W("  not sent yet", "  尚未上传"), s->pending);
    put_some(cli, CC_W("  at the branch only", "  仅在分店"), s->at_branch);
    put_some(cli, CC_W("  at head office", "  已到总部"), s->at_head_office);
    put_some(cli, CC_W("  put off", "  暂缓处理"), s->deferred);
    put_some(cli, CC_W("  set aside for a manager", "  已隔离待经理处理"),
        s->quarantined);
    put_some(cli,
        CC_W("  refused (satchel rejected)", "  被拒绝（satchel rejected）"),
        s->refused);
    put_some(cli, CC_W("Photos to go", "待上传照片"), s->photos_to_go);
    put_some(cli, CC_W("  KiB", "  KiB"), (s->photos_bytes + 1023u) / 1024u);
    put_some(cli, CC_W("Proofs that failed", "校验失败次数"), s->alarms);
}

static void put_time(
    const struct cc_cli *cli, struct cc_words label, uint64_t ms)
{
    char when[CC_CLI_TIME_BYTES];

    if (ms != 0) {
        put_line(cli, label);
        (void)fprintf(cli->out, "%s\n", cc_cli_time(ms, when));
    }
}

static void status_text(struct cc_cli *cli, const struct satchel_status *s)
{
    char when[CC_CLI_TIME_BYTES];
    int64_t seconds = s->clock_offset_ms / 1000;

    put_who(cli, s);
    if (!s->enrolled) {
        cc_cli_say(cli, "not enrolled yet: satchel enrol CODE",
            "尚未登记：satchel enrol 登记码");
        return;
    }
    put_line(cli, CC_W("Last sync", "上次同步"));
    (void)fprintf(cli->out, "%s%s\n", cc_cli_time(s->last_sync_ms, when),
        s->syncing ? cc_cli_word(cli, CC_W(" (running now)", "（正在同步）"))
                   : "");
    put_time(cli, CC_W("  with a branch", "  与分店"), s->last_branch_ms);
    put_time(
        cli, CC_W("  with head office", "  与总部"), s->last_head_office_ms);
    put_line(cli, CC_W("Last word from head office", "总部最近消息"));
    (void)fprintf(cli->out, "%s\n", cc_cli_time(s->last_upper_ms, when));
    put_edits(cli, s);
    if (seconds > 60 || seconds < -60) {
        put_line(cli,
            CC_W("This device's clock is off by (s)", "本设备时钟偏差（秒）"));
        (void)fprintf(cli->out, "%" PRId64 "\n", -seconds);
    }
}

/* What can be said without the key. */
static int status_locked(struct cc_cli *cli)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "dir", cli->dir);
        cc_json_bool(&j, "readable", false);
        cc_json_bool(&j, "unlocked", false);
        cc_json_end(&j);
        return 0;
    }
    put_line(cli, CC_W("Store", "数据目录"));
    (void)fprintf(cli->out, "%s, %s\n", cli->dir,
        cc_cli_word(
            cli, CC_W("locked (satchel unlock)", "已锁定（satchel unlock）")));
    return 0;
}

int cc_do_status(struct cc_cli *cli)
{
    struct satchel_status *status = NULL;
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code == SATCHEL_E_LOCKED) {
        return status_locked(cli);
    }
    if (code != 0) {
        return code;
    }
    code = satchel_status(s, &status, &cli->error);
    satchel_close(s);
    if (code == 0) {
        if (cli->json) {
            status_json(cli, status);
        } else {
            status_text(cli, status);
        }
        satchel_free(status);
    }
    return code;
}
