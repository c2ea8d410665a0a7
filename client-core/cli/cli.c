#include "cli/cli.h"

#include "book/fault.h"
#include "book/phone.h"
#include "book/width.h"
#include "cli/command.h"
#include "cli/error.h"
#include "cli/help.h"
#include "cli/secret.h"
#include "say/screen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES 1024u

const char *cc_cli_word(const struct cc_cli *cli, struct cc_words words)
{
    return cc_words_pick(cli->lang, words);
}

void cc_cli_say(const struct cc_cli *cli, const char *en, const char *zh, ...)
{
    va_list list;

    if (cli->json) {
        return;
    }
    va_start(list, zh);
    if (cli->lang == CC_LANG_ZH) {
        (void)vfprintf(cli->err, zh, list);
    } else {
        (void)vfprintf(cli->err, en, list);
    }
    va_end(list);
    (void)putc('\n', cli->err);
}

int cc_cli_fail(
    struct cc_cli *cli, int code, const char *en, const char *zh, ...)
{
    char *detail = cli->error.detail;
    va_list list;

    cc_error_set(&cli->error, code);
    va_start(list, zh);
    if (cli->lang == CC_LANG_ZH) {
        (void)vsnprintf(detail, SATCHEL_DETAIL_BYTES, zh, list);
    } else {
        (void)vsnprintf(detail, SATCHEL_DETAIL_BYTES, en, list);
    }
    va_end(list);
    return code;
}

const char *cc_cli_errno(const struct cc_cli *cli, int number)
{
    const char *text = cc_cli_word(cli, cc_fault_words(number));

    return text != NULL ? text : strerror(number);
}

void cc_cli_json(struct cc_cli *cli, struct cc_json *j)
{
    cc_json_init(j, cli->out);
    cc_json_object(j, NULL);
    cli->answered = true;
}

void cc_cli_done(struct cc_cli *cli, const char *key, bool value)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_bool(&j, key, value);
        cc_json_end(&j);
    }
}

void cc_cli_saved(
    struct cc_cli *cli, const char *key, const struct satchel_saved *saved)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, key, saved->id);
        cc_json_uint(&j, "commit", saved->commit);
        cc_json_end(&j);
    }
}

static void put_clean(FILE *to, const char *text, size_t bytes)
{
    char part[LINE_BYTES], clean[LINE_BYTES * 3];

    while (bytes > 0) {
        /* cut between characters */
        size_t n = bytes < LINE_BYTES - 1 ? bytes : LINE_BYTES - 1;
        while (n > 1 && n < bytes && (text[n] & 0xC0) == 0x80) {
            n--;
        }
        memcpy(part, text, n);
        part[n] = '\0';
        (void)cc_width_clean(part, clean, sizeof(clean));
        (void)fputs(clean, to);
        text += n;
        bytes -= n;
    }
}

void cc_cli_put(const struct cc_cli *cli, const char *text)
{
    put_clean(cli->out, text, strlen(text));
}

void cc_cli_put_lines(
    const struct cc_cli *cli, const char *prefix, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        (void)fputs(prefix, cli->out);
        put_clean(cli->out, text, n);
        (void)putc('\n', cli->out);
        text += n + (text[n] == '\n' ? 1 : 0);
    }
}

const char *cc_cli_time(uint64_t time_ms, char out[CC_CLI_TIME_BYTES])
{
    time_t seconds = (time_t)(time_ms / 1000u);
    struct tm local;

    if (time_ms == 0 || localtime_r(&seconds, &local) == NULL ||
        strftime(out, CC_CLI_TIME_BYTES, "%Y-%m-%d %H:%M", &local) == 0) {
        (void)snprintf(out, CC_CLI_TIME_BYTES, "-");
    }
    return out;
}

/* The list's words for this error speak of records. */
int cc_cli_no_store(struct cc_cli *cli, int code)
{
    if (code != SATCHEL_E_NOT_FOUND) {
        return code;
    }
    (void)cc_cli_fail(cli, SATCHEL_E_NOT_FOUND,
        "%.300s\nsatchel enrol CODE makes one; --dir or SATCHEL_DIR names "
        "another",
        "%.300s\n用 satchel enrol 登记码 建立；或用 --dir、SATCHEL_DIR 指定",
        cli->dir);
    cli->error.text_en = "there is no store here";
    cli->error.text_zh = "此处没有数据目录";
    return code;
}

int cc_cli_open(struct cc_cli *cli, struct satchel **out)
{
    struct cc_secret secret;
    int code = satchel_open(cli->dir, NULL, out, &cli->error);

    if (code != SATCHEL_E_LOCKED ||
        (cc_args_value(&cli->args, "passphrase-file") == NULL &&
            getenv("SATCHEL_PASSPHRASE") == NULL)) {
        return cc_cli_no_store(cli, code);
    }
    code = cc_secret_get(cli, CC_SECRET_NEVER, &secret);
    if (code == 0) {
        code = satchel_open(cli->dir, &secret.secret, out, &cli->error);
        cc_secret_wipe(&secret);
    }
    return code;
}

/* ---- from main to the handler ------------------------------------------- */

static bool choose_lang(struct cc_cli *cli, int argc, char **argv)
{
    const char *asked = cc_args_peek(&cc_command_table, argc, argv, "lang");

    cli->lang = cc_words_lang_env(
        getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
    return asked == NULL || cc_words_lang(asked, &cli->lang);
}

/* $SATCHEL_COUNTRY, else the one whose numbers are typed without a prefix. */
static int choose_home(struct cc_cli *cli)
{
    const char *country = getenv("SATCHEL_COUNTRY");
    const char *asked =
        country == NULL || country[0] == '\0' ? CC_PHONE_HOME : country;

    cli->home = cli->json ? NULL : cc_phone_home(asked);
    if (cc_phone_home(asked) == NULL || satchel_home(cli->home) != 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "SATCHEL_COUNTRY is %.20s; how telephones are written is known of "
            "%s",
            "SATCHEL_COUNTRY 为 %.20s；已知电话写法的国家和地区：%s", asked,
            satchel_homes());
    }
    return 0;
}

_Static_assert(CC_CLI_PHONE_BYTES == CC_PHONE_SHOWN_BYTES, "one room");

const char *cc_cli_phone(
    const struct cc_cli *cli, const char *stored, char room[CC_CLI_PHONE_BYTES])
{
    return cli->home != NULL &&
                   cc_phone_show(sp_slice_text(stored), cli->home, room) > 0
               ? room
               : stored;
}

static void look_at_terminal(struct cc_cli *cli)
{
    cli->err_columns = cc_screen_columns(cli->err);
    cli->err = cc_screen_on(cli->err, 0);
    if (!cli->json) {
        cli->columns = cc_screen_columns(cli->out);
        cli->out = cc_screen_on(cli->out, 0);
    }
}

/* The rest goes to the streams below. */
static void leave_terminal(struct cc_cli *cli, FILE *out, FILE *err)
{
    cc_screen_off(cli->out, out);
    cc_screen_off(cli->err, err);
    cli->out = out;
    cli->err = err;
}

/* --dir, else $SATCHEL_DIR, else where programs of a user keep their data. */
static int choose_dir(struct cc_cli *cli)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const char *dir = cc_args_value(&cli->args, "dir");
    const char *tail = "";

    if (dir == NULL) {
        dir = getenv("SATCHEL_DIR");
    }
    if (dir == NULL || dir[0] == '\0') {
        tail = data != NULL && data[0] == '/' ? "/satchel"
                                              : "/.local/share/satchel";
        dir = data != NULL && data[0] == '/' ? data : home;
    }
    if (dir == NULL || dir[0] == '\0') {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "where is the store? give --dir DIR or set SATCHEL_DIR",
            "数据目录在哪里？请用 --dir DIR 或设置 SATCHEL_DIR");
    }
    if (snprintf(cli->dir, sizeof(cli->dir), "%s%s", dir, tail) >=
        (int)sizeof(cli->dir)) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "the store's path is longer than %u bytes",
            "数据目录路径超过 %u 字节", CC_CLI_PATH_BYTES);
    }
    return 0;
}

static int print_version(struct cc_cli *cli)
{
    struct cc_json j;

    if (cli->json) {
        cc_cli_json(cli, &j);
        cc_json_text(&j, "version", satchel_version());
        cc_json_end(&j);
    } else {
        (void)fprintf(cli->out, "satchel %s\n", satchel_version());
    }
    return 0;
}

static int run(struct cc_cli *cli, int argc, char **argv)
{
    struct cc_wrong wrong;
    bool lang_known = choose_lang(cli, argc, argv);
    int code;

    satchel_speak(cli->lang == CC_LANG_ZH ? SATCHEL_ZH : SATCHEL_EN);
    cli->json = cc_args_peek(&cc_command_table, argc, argv, "json") != NULL;
    look_at_terminal(cli);
    if (!cc_args_parse(&cli->args, &cc_command_table, argc, argv, &wrong)) {
        cc_error_usage(cli, &wrong);
        return SATCHEL_E_ARGUMENT;
    }
    code = choose_home(cli);
    if (code != 0) {
        return code;
    }
    if (!lang_known) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--lang is zh or en, not '%s'",
            "--lang 只能是 zh 或 en，不能是“%s”",
            cc_args_value(&cli->args, "lang"));
    }
    if (cc_args_flag(&cli->args, "version")) {
        return print_version(cli);
    }
    if (cc_args_flag(&cli->args, "help") || cli->args.command == NULL) {
        cc_help_print(cli);
        return 0;
    }
    code = choose_dir(cli);
    return code != 0 ? code : cli->args.command->run(cli);
}

enum cc_exit cc_cli_main(int argc, char **argv, FILE *out, FILE *err)
{
    struct cc_cli cli;
    int code;

    memset(&cli, 0, sizeof(cli));
    cli.out = out;
    cli.err = err;
    code = run(&cli, argc, argv);
    if (code != 0) {
        cc_error_print(&cli);
    }
    leave_terminal(&cli, out, err);
    if (fflush(out) != 0 || ferror(out)) {
        cli.answered = true; /* nothing more can be written there */
        cli.told = false;
        (void)cc_cli_fail(&cli, SATCHEL_E_IO, "cannot write the answer: %s",
            "无法输出结果：%s", cc_cli_errno(&cli, errno));
        cc_error_print(&cli);
        code = SATCHEL_E_IO;
    }
    if (cli.interrupted) {
        return CC_EXIT_INTERRUPTED;
    }
    return code == 0 ? CC_EXIT_OK : cc_exit_of(&cli.error);
}
