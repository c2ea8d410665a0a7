#include "cli/do.h"

#include "cli/error.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FOLLOW_MS      2000u /* between two rounds */
#define OFFLINE_MS_MIN 2000u /* after a failure, doubled each time */
#define OFFLINE_MS_MAX 60000u
#define CLOCK_OFF_MS   60000

/* ---- Ctrl-C ------------------------------------------------------------- */

static volatile sig_atomic_t stop;

/* The first stops cleanly between two turns, the second at once: every turn is
 * one transaction, so that loses nothing either. */
static void on_signal(int number)
{
    (void)number;
    if (stop) {
        _exit(CC_EXIT_INTERRUPTED);
    }
    stop = 1;
}

static void catch_signals(void)
{
    static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction act;
    size_t i;

    memset(&act, 0, sizeof(act));
    act.sa_handler = on_signal;
    for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
        (void)sigaction(caught[i], &act, NULL);
    }
}

/* ---- progress ----------------------------------------------------------- */

struct progress {
    const struct cc_cli *cli;
    bool terminal; /* standard error is one: one line, written over */
    bool shown;
};

static void put_part(const struct cc_cli *cli, struct cc_words label,
    uint64_t done, uint64_t all)
{
    (void)fprintf(cli->err, "%s %" PRIu64, cc_cli_word(cli, label), done);
    if (all > 0) {
        (void)fprintf(cli->err, "/%" PRIu64, all);
    }
}

static int on_progress(void *self, const struct satchel_progress *p)
{
    struct progress *progress = (struct progress *)self;
    const struct cc_cli *cli = progress->cli;

    if (progress->terminal) {
        (void)fputs("\r\033[K", cli->err);
        put_part(cli, CC_W("sent", "已上传"), p->pushed, p->to_push);
        put_part(cli, CC_W("  received", "  已接收"), p->pulled, p->to_pull);
        (void)fprintf(cli->err, "  %" PRIu64 " KiB",
            (p->bytes_sent + p->bytes_received + 512u) / 1024u);
        (void)fflush(cli->err);
        progress->shown = true;
    }
    return stop;
}

static void end_progress(struct progress *progress)
{
    if (progress->shown) {
        (void)fputs("\r\033[K", progress->cli->err);
        progress->shown = false;
    }
}

/* ---- the report --------------------------------------------------------- */

static void report_json(struct cc_json *j, const struct satchel_sync_report *r)
{
    cc_json_bool(j, "same", r->same);
    cc_json_bool(j, "complete", r->complete);
    cc_json_uint(j, "pushed", r->pushed);
    cc_json_uint(j, "accepted", r->accepted);
    cc_json_uint(j, "refused", r->refused);
    cc_json_uint(j, "deferred", r->deferred);
    cc_json_uint(j, "pulled", r->pulled);
    cc_json_uint(j, "purged", r->purged);
    cc_json_uint(j, "alarms", r->alarms);
    cc_json_uint(j, "pending", r->pending);
    cc_json_uint(j, "round_trips", r->round_trips);
    cc_json_uint(j, "bytes_sent", r->bytes_sent);
    cc_json_uint(j, "bytes_received", r->bytes_received);
    cc_json_uint(j, "tries", r->tries);
    cc_json_uint(j, "elapsed_ms", r->elapsed_ms);
    cc_json_int(j, "clock_offset_ms", r->clock_offset_ms);
    cc_json_uint(j, "server", r->server);
}

static void put_count(
    const struct cc_cli *cli, struct cc_words label, uint64_t count)
{
    (void)fprintf(cli->out, "%s %" PRIu64, cc_cli_word(cli, label), count);
}

static void put_some(
    const struct cc_cli *cli, struct cc_words label, uint64_t count)
{
    if (count > 0) {
        put_count(cli, label, count);
    }
}

static bool is_news(const struct satchel_sync_report *r)
{
    return (r->pushed | r->pulled | r->accepted | r->refused | r->deferred |
               r->purged) != 0;
}

static void report_line(
    const struct cc_cli *cli, const struct satchel_sync_report *r)
{
    if (!is_news(r)) {
        (void)fputs(
            cli->lang == CC_LANG_ZH ? "已是最新" : "up to date", cli->out);
    } else {
        put_count(cli, CC_W("sent", "已上传"), r->pushed);
        put_some(cli, CC_W(", accepted", "，已接受"), r->accepted);
        put_some(cli, CC_W(", refused", "，被拒绝"), r->refused);
        put_some(cli, CC_W(", put off", "，暂缓"), r->deferred);
        put_count(cli, CC_W("; received", "；已接收"), r->pulled);
        put_some(cli, CC_W(", removed", "，已移除"), r->purged);
    }
    (void)fprintf(cli->out, " (%" PRIu64 " B, %" PRIu64 ".%" PRIu64 " s)\n",
        r->bytes_sent + r->bytes_received, r->elapsed_ms / 1000u,
        r->elapsed_ms % 1000u / 100u);
}

/* What somebody should do something about. */
static void report_cares(
    const struct cc_cli *cli, const struct satchel_sync_report *r)
{
    int64_t off = r->clock_offset_ms;

    if (r->refused > 0) {
        cc_cli_say(cli,
            "%" PRIu64 " refused; what you typed is kept: satchel rejected",
            "%" PRIu64 " 条被拒绝；您输入的内容已保留：satchel rejected",
            r->refused);
    }
    if (r->pending > 0) {
        cc_cli_say(cli, "%" PRIu64 " edits are on this device only",
            "%" PRIu64 " 条修改仅在本设备上", r->pending);
    }
    if (r->alarms > 0) {
        cc_cli_say(cli,
            "%" PRIu64 " proofs failed; those records are read again; tell "
            "your administrator",
            "%" PRIu64 " 项校验失败，相关记录将重新读取；请告知管理员",
            r->alarms);
    }
    if (off > CLOCK_OFF_MS || off < -CLOCK_OFF_MS) {
        cc_cli_say(cli, "this device's clock is off by %" PRId64 " s",
            "本设备时钟偏差 %" PRId64 " 秒", -off / 1000);
    }
}

static void report(struct cc_cli *cli, const struct satchel_sync_report *r)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        report_json(&j, r);
        cc_json_end(&j);
    } else {
        report_line(cli, r);
        (void)fflush(cli->out);
        report_cares(cli, r);
    }
    (void)fflush(cli->out);
}

/* ---- once --------------------------------------------------------------- */

/* A sync that Ctrl-C ended is no error, but no success either. */
static int end_stopped(
    struct cc_cli *cli, int code, const struct satchel_sync_report *r)
{
    if (!stop || (code != SATCHEL_E_BUSY && code != 0)) {
        return code;
    }
    cli->interrupted = true;
    cc_cli_say(cli,
        "stopped; everything that came or was sent so far is safe (%" PRIu64
        " sent, %" PRIu64 " received), %" PRIu64
        " edits wait on this device; the next sync goes on from here",
        "已停止；到目前为止的数据都已安全保存（已上传 %" PRIu64
        "，已接收 %" PRIu64 "），%" PRIu64
        " 条修改保留在本设备；下次同步将从此处继续",
        r->pushed, r->pulled, r->pending);
    return 0;
}

static int once(struct cc_cli *cli, struct satchel *s,
    const struct satchel_sync_options *options, struct progress *progress)
{
    struct satchel_sync_report r;
    int code;

    memset(&r, 0, sizeof(r));
    code = satchel_sync(s, options, &r, &cli->error);
    satchel_close(s);
    end_progress(progress);
    code = end_stopped(cli, code, &r);
    if (code == 0 && (cli->json || !cli->interrupted)) {
        report(cli, &r);
    }
    return code;
}

/* ---- --follow ----------------------------------------------------------- */

static void pause_ms(uint64_t ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1000u),
        .tv_nsec = (long)(ms % 1000u) * 1000000L };

    if (!stop) {
        (void)nanosleep(&t, NULL); /* a signal ends it early */
    }
}

static void report_news(struct cc_cli *cli, const struct satchel_sync_report *r)
{
    if (is_news(r)) {
        report(cli, r);
    }
}

/* Rounds until something fails or Ctrl-C. */
static int rounds(struct cc_cli *cli, struct satchel_live *live)
{
    struct satchel_sync_report r;
    int code = 0;

    while (code == 0 && !stop) {
        pause_ms(FOLLOW_MS);
        memset(&r, 0, sizeof(r));
        if (!stop) {
            code = satchel_live_round(live, &r, &cli->error);
        }
        if (code == 0 && !stop) {
            report_news(cli, &r);
        }
    }
    return code;
}

static int follow(struct cc_cli *cli, struct satchel *s,
    const struct satchel_sync_options *options, struct progress *progress)
{
    uint64_t wait_ms = OFFLINE_MS_MIN;
    struct satchel_sync_report r;
    int code = 0;

    memset(&r, 0, sizeof(r));
    while (!stop) {
        struct satchel_live *live = NULL;
        code = satchel_live_open(s, options, &live, &r, &cli->error);
        end_progress(progress);
        if (code == 0) {
            wait_ms = OFFLINE_MS_MIN;
            report(cli, &r);
            code = rounds(cli, live);
            satchel_live_close(live);
        }
        if (stop || (code != 0 && cc_exit_of(&cli->error) != CC_EXIT_OFFLINE)) {
            break;
        }
        cc_cli_say(cli, "%s; trying again in %" PRIu64 " s",
            "%s；%" PRIu64 " 秒后重试",
            cc_cli_word(cli, CC_W(cli->error.text_en, cli->error.text_zh)),
            wait_ms / 1000u);
        pause_ms(wait_ms);
        wait_ms = wait_ms * 2 < OFFLINE_MS_MAX ? wait_ms * 2 : OFFLINE_MS_MAX;
    }
    satchel_close(s);
    return end_stopped(cli, stop ? SATCHEL_E_BUSY : code, &r);
}

int cc_do_sync(struct cc_cli *cli)
{
    struct progress progress = { .cli = cli, .terminal = cli->err_columns > 0 };
    struct satchel_sync_options options = { .unit = cc_args_value(
                                                &cli->args, "unit"),
        .deadline_ms =
            (uint32_t)cc_args_count(&cli->args, "timeout", 60) * 1000u,
        .progress = on_progress,
        .progress_self = &progress };
    struct satchel *s;
    int code = cc_cli_open(cli, &s);

    if (code != 0) {
        return code;
    }
    catch_signals();
    return cc_args_flag(&cli->args, "follow")
               ? follow(cli, s, &options, &progress)
               : once(cli, s, &options, &progress);
}
