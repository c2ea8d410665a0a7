#include "cli/do.h"

#include <inttypes.h>
#include <string.h>

/* What is left to lose. */
struct unsent {
    uint64_t sent;
    uint64_t pending;         /* edits */
    uint64_t photos;          /* and documents */
    struct satchel_error why; /* that the sync failed; code 0: it did not */
    bool asked;               /* else the store is locked: nobody knows */
};

static int count_pending(
    struct cc_cli *cli, struct satchel *s, bool *enrolled, struct unsent *u)
{
    struct satchel_status *status = NULL;
    int code = satchel_status(s, &status, &cli->error);

    if (code == 0) {
        *enrolled = status->enrolled;
        u->pending = status->pending;
        u->photos = status->photos_to_go;
        satchel_free(status);
    }
    return code;
}

/* Hands in what a server takes now. That none answers is no failure here: what
 * counts is what is left. */
static int hand_in(struct cc_cli *cli, struct unsent *u)
{
    struct satchel_sync_options options = {
        .deadline_ms =
            (uint32_t)cc_args_count(&cli->args, "timeout", 30) * 1000u
    };
    struct satchel_sync_report r;
    struct satchel *s;
    bool enrolled = false;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    memset(&r, 0, sizeof(r));
    u->asked = true;
    code = count_pending(cli, s, &enrolled, u);
    if (code == 0 && enrolled) {
        (void)satchel_sync(s, &options, &r, &u->why);
        u->sent = r.pushed;
        code = count_pending(cli, s, &enrolled, u);
    }
    satchel_close(s);
    return code;
}

/* What stopped the sync is the error; what would be lost, its detail. */
static int refuse(struct cc_cli *cli, const struct unsent *u)
{
    struct satchel_error why = u->why;

    if (u->pending + u->photos > 0) {
        (void)cc_cli_fail(cli, SATCHEL_E_BUSY,
            "%" PRIu64 " edits and %" PRIu64
            " photos have not been handed in, and would be lost; run satchel "
            "sync where a server can be reached (photos: satchel photo show "
            "--out), or satchel logout --force",
            "有 %" PRIu64 " 条修改和 %" PRIu64
            " 张照片尚未提交，退出将丢失；请在可连接服务器处运行 satchel "
            "sync（照"
            "片可用 satchel photo show --out 取出），或使用 satchel logout "
            "--force",
            u->pending, u->photos);
        memcpy(why.detail, cli->error.detail, sizeof(why.detail));
    }
    if (why.code != 0) {
        cli->error = why;
    }
    return cli->error.code;
}

static void say_done(struct cc_cli *cli, const struct unsent *u)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_bool(&j, "logged_out", true);
        cc_json_uint(&j, "sent", u->sent);
        if (u->asked) {
            cc_json_uint(&j, "lost", u->pending);
            cc_json_uint(&j, "photos_lost", u->photos);
        }
        cc_json_end(&j);
    } else if (!u->asked) {
        cc_cli_say(cli,
            "logged out; the store is gone from this device (it was locked: "
            "what it had not handed in is lost)",
            "已退出；本设备上的数据已删除（数据处于锁定状态：尚未提交的修改已丢"
            "失）");
    } else {
        cc_cli_say(cli,
            "logged out; the store is gone from this device (%" PRIu64
            " edits handed in just now; lost: %" PRIu64 " edits, %" PRIu64
            " photos)",
            "已退出；本设备上的数据已删除（刚刚提交 %" PRIu64
            " 条修改，丢失 %" PRIu64 " 条修改、%" PRIu64 " 张照片）",
            u->sent, u->pending, u->photos);
    }
}

int cc_do_logout(struct cc_cli *cli)
{
    bool force = cc_args_flag(&cli->args, "force");
    struct unsent u;
    int code;

    memset(&u, 0, sizeof(u));
    code = hand_in(cli, &u);
    if (code == SATCHEL_E_LOCKED && force) {
        code = 0; /* it cannot be asked */
    }
    if (code == 0 && !force &&
        (u.pending + u.photos > 0 || u.why.code == SATCHEL_E_IN_USE)) {
        code = refuse(cli, &u);
    }
    if (code == 0) {
        code = cc_cli_no_store(cli, satchel_wipe(cli->dir, &cli->error));
    }
    if (code == 0) {
        say_done(cli, &u);
    }
    return code;
}
