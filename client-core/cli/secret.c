#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void wipe(void *memory, size_t bytes)
{
    volatile unsigned char *p = (volatile unsigned char *)memory;

    while (bytes-- > 0) {
        *p++ = 0;
    }
}

void cc_secret_wipe(struct cc_secret *s)
{
    wipe(s, sizeof(*s));
}

static int give_key(void *self, uint8_t out[32])
{
    memcpy(out, self, CC_SECRET_KEY_BYTES);
    return 0;
}

/* Up to room bytes of a file; -1 when it cannot be read, room when it is
 * longer than room - 1. */
static ssize_t read_file(const char *path, void *into, size_t room)
{
    size_t got = 0;
    ssize_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        return -1;
    }
    while (n != 0 && got < room) {
        n = read(fd, (char *)into + got, room - got);
        if (n < 0 && errno != EINTR) {
            (void)close(fd);
            return -1;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    return (ssize_t)got;
}

static int read_key(struct cc_cli *cli, struct cc_secret *out)
{
    const char *path = cc_args_value(&cli->args, "key-file");
    uint8_t read_bytes[CC_SECRET_KEY_BYTES + 1];
    ssize_t n;

    if (path == NULL) {
        return 0;
    }
    n = read_file(path, read_bytes, sizeof(read_bytes));
    if (n == CC_SECRET_KEY_BYTES) {
        memcpy(out->key, read_bytes, CC_SECRET_KEY_BYTES);
        out->secret.platform = give_key;
        out->secret.platform_self = out->key;
    }
    wipe(read_bytes, sizeof(read_bytes));
    if (n < 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT, "--key-file %s: %s",
            "--key-file %s：%s", path, cc_cli_errno(cli, errno));
    }
    if (n != CC_SECRET_KEY_BYTES) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--key-file %s: a key has exactly 32 bytes",
            "--key-file %s：密钥必须正好 32 字节", path);
    }
    return 0;
}

/* The first line of the file. */
static int read_passphrase(
    struct cc_cli *cli, const char *option, const char *path, char *into)
{
    ssize_t n = read_file(path, into, CC_SECRET_PASSPHRASE_BYTES);
    size_t length;

    if (n < 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT, "--%s %s: %s",
            "--%s %s：%s", option, path, cc_cli_errno(cli, errno));
    }
    if ((size_t)n == CC_SECRET_PASSPHRASE_BYTES) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--%s %s: longer than 4096 bytes", "--%s %s：超过 4096 字节",
            option, path);
    }
    into[n] = '\0';
    length = strcspn(into, "\r\n");
    into[length] = '\0';
    if (length == 0) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "--%s %s: the first line is empty", "--%s %s：第一行为空", option,
            path);
    }
    return 0;
}

/* Copies a variable and removes it, also from what other processes of this
 * user can see of our start. False when it is not set, or empty. */
static int take_environment(
    struct cc_cli *cli, const char *name, char *into, bool *found)
{
    char *value = getenv(name);
    size_t length;

    *found = value != NULL && value[0] != '\0';
    if (!*found) {
        return 0;
    }
    length = strlen(value);
    if (length >= CC_SECRET_PASSPHRASE_BYTES) {
        return cc_cli_fail(cli, SATCHEL_E_ARGUMENT,
            "%s is longer than 4096 bytes", "%s 超过 4096 字节", name);
    }
    memcpy(into, value, length + 1);
    wipe(value, length);
    (void)unsetenv(name);
    return 0;
}

/* ---- the terminal ------------------------------------------------------- */

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define WATCHED (sizeof(watched) / sizeof(watched[0]))

/* Reads a line; false when a signal, an error or the end came first. */
static bool read_line(int fd, char *into, size_t room)
{
    size_t used = 0;
    char c = '\0';

    while (caught == 0) {
        ssize_t n = read(fd, &c, 1);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        if (n == 1 && c == '\n') {
            into[used] = '\0';
            return true;
        }
        if (n == 1 && used + 1 < room) {
            into[used++] = c;
        }
    }
    return false;
}

static void put(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno != EINTR) {
            return;
        }
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
}

static bool ask_once(
    int fd, const char *question, bool echo, char *into, size_t room)
{
    struct sigaction act, before[WATCHED];
    struct termios shown, hidden;
    bool read_it;
    size_t i;

    memset(&act, 0, sizeof(act));
    act.sa_handler = on_signal; /* without SA_RESTART: read ends */
    caught = 0;
    if (tcgetattr(fd, &shown) != 0) {
        return false;
    }
    for (i = 0; i < WATCHED; i++) {
        (void)sigaction(watched[i], &act, &before[i]);
    }
    hidden = shown;
    if (!echo) {
        hidden.c_lflag &= ~(tcflag_t)ECHO;
    }
    (void)tcsetattr(fd, TCSAFLUSH, &hidden);
    put(fd, question);
    read_it = read_line(fd, into, room);
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    if (!echo) {
        put(fd, "\n");
    }
    for (i = 0; i < WATCHED; i++) {
        (void)sigaction(watched[i], &before[i], NULL);
    }
    return read_it;
}

/* One question with one line as answer. A signal is passed on to ourselves
 * once the terminal echoes again; after a stop it asks again. */
static bool ask(
    int fd, const char *question, bool echo, char *into, size_t room)
{
    bool read_it;

    do {
        read_it = ask_once(fd, question, echo, into, room);
        if (caught != 0) {
            (void)raise(caught);
        }
    } while (caught == SIGTSTP);
    return read_it;
}

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int no_passphrase(struct cc_cli *cli)
{
    return cc_cli_fail(cli, SATCHEL_E_LOCKED,
        "no passphrase, and no terminal to ask on; set "
        "SATCHEL_PASSPHRASE or give --passphrase-file FILE",
        "没有口令，也没有可询问的终端；请设置 "
        "SATCHEL_PASSPHRASE 或使用 --passphrase-file FILE");
}

static int ask_twice(struct cc_cli *cli, int fd, const char *first)
{
    char second[CC_SECRET_PASSPHRASE_BYTES];
    bool read_it =
        ask(fd, cc_cli_word(cli, CC_W("Once more: ", "再输入一次：")), false,
            second, sizeof(second));
    bool same = read_it && strcmp(first, second) == 0;

    wipe(second, sizeof(second));
    return same ? 0
                : cc_cli_fail(cli, SATCHEL_E_SECRET,
                      "the two passphrases differ; nothing was changed",
                      "两次输入的口令不一致；未作任何更改");
}

static int ask_passphrase(
    struct cc_cli *cli, struct cc_words question, bool twice, char *into)
{
    int fd = open_terminal();
    int code = 0;

    if (fd < 0) {
        return no_passphrase(cli);
    }
    if (!ask(fd, cc_cli_word(cli, question), false, into,
            CC_SECRET_PASSPHRASE_BYTES)) {
        code = no_passphrase(cli);
    } else if (into[0] == '\0') {
        code = cc_cli_fail(
            cli, SATCHEL_E_SECRET, "the passphrase is empty", "口令为空");
    } else if (twice) {
        code = ask_twice(cli, fd, into);
    }
    (void)close(fd);
    return code;
}

/* ---- all ways together -------------------------------------------------- */

struct way {
    const char *option;
    const char *variable;
    struct cc_words question;
    enum cc_secret_ask ask;
};

static int get(struct cc_cli *cli, const struct way *way, struct cc_secret *out)
{
    const char *path = cc_args_value(&cli->args, way->option);
    bool found = false;
    int code;

    memset(out, 0, sizeof(*out));
    out->secret.passphrase = out->passphrase;
    code = read_key(cli, out);
    if (code == 0 && path != NULL) {
        code = read_passphrase(cli, way->option, path, out->passphrase);
        found = true;
    }
    if (code == 0 && !found) {
        code = take_environment(cli, way->variable, out->passphrase, &found);
    }
    if (code == 0 && !found) {
        code = way->ask == CC_SECRET_NEVER
                   ? no_passphrase(cli)
                   : ask_passphrase(cli, way->question,
                         way->ask == CC_SECRET_TWICE, out->passphrase);
    }
    if (code != 0) {
        cc_secret_wipe(out);
    }
    return code;
}

int cc_secret_get(
    struct cc_cli *cli, enum cc_secret_ask ask_how, struct cc_secret *out)
{
    const struct way way = { "passphrase-file", "SATCHEL_PASSPHRASE",
        ask_how == CC_SECRET_TWICE
            ? CC_W("New passphrase for this device: ", "为本设备设置口令：")
            : CC_W("Passphrase: ", "口令："),
        ask_how };

    return get(cli, &way, out);
}

int cc_secret_get_new(struct cc_cli *cli, struct cc_secret *out)
{
    const struct way way = { "new-passphrase-file", "SATCHEL_NEW_PASSPHRASE",
        CC_W("New passphrase: ", "新口令："), CC_SECRET_TWICE };

    return get(cli, &way, out);
}

bool cc_secret_confirm(const struct cc_cli *cli, struct cc_words question)
{
    char answer[8];
    bool yes = false;
    int fd = isatty(STDIN_FILENO) ? open_terminal() : -1;

    if (fd < 0) {
        return true;
    }
    if (ask(fd, cc_cli_word(cli, question), true, answer, sizeof(answer))) {
        yes = answer[0] == 'y' || answer[0] == 'Y' || answer[0] == '\0' ||
              strcmp(answer, "是") == 0;
    }
    (void)close(fd);
    return yes;
}
