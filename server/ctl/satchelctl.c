/*
 * satchelctl - sets up a Satchel server and looks inside it.
 *
 *   satchelctl [--dir DIR] [--control PATH] [--json] [--lang zh|en] COMMAND...
 *
 * Most commands ask the running satcheld over its local socket; init, branch
 * join, describe and sample work alone. Exit status: 0 ok, 1 refused, 64
 * usage, 69 server not running, 70 internal, 74 disk.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/carry.h"
#include "ctl/help.h"
#include "ctl/make.h"
#include "ctl/message.h"
#include "ctl/print.h"
#include "ctl/table.h"
#include "ops/say.h"
#include "say/screen.h"
#include "sp/seal.h"

#define VERSION   "0.1.0"
#define WORDS_MAX 256

struct options {
    const char *dir;
    const char *control; /* NULL: DIR/control */
    const char *lang;    /* NULL: as the environment says */
    const char *country; /* whose telephones tables have; NULL with --json */
    bool json, help;
    int count;
    char *word[WORDS_MAX];
};

/* A line for the person who typed. */
static void tell(const char *text, const char *more)
{
    FILE *err = cc_screen_on(stderr, 0);

    fprintf(err, "%s%s\n", text, more);
    cc_screen_off(err, stderr);
}

static int fail(const struct options *o, sp_err err, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        text = cc_say_err(err);
    }
    if (o->json) {
        json_t *reply = json_pack("{s:s, s:i, s:s}", "error", sp_err_name(err),
            "exit", sv_message_exit(err), "text", text);
        (void)json_dumpf(reply, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(reply);
    }
    tell("satchelctl: ", text);
    return sv_message_exit(err);
}

/* Of the command that stands there, else of all. */
static void help(const struct options *o)
{
    const struct sv_table_command *c = NULL;
    char name[80];

    if (o->count > 0) {
        snprintf(name, sizeof name, "%.30s%s%.30s", o->word[0],
            o->count > 1 ? " " : "", o->count > 1 ? o->word[1] : "");
        c = sv_table_find(name);
        c = c == NULL ? sv_table_find(o->word[0]) : c;
    }
    if (o->json) {
        json_t *data = sv_help_json(c);
        (void)json_dumpf(data, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(data);
        return;
    }
    FILE *page = cc_screen_on(stdout, CC_SCREEN_COLUMNS);
    if (c != NULL) {
        sv_help_one(page, c);
    } else {
        sv_help_all(page);
    }
    cc_screen_off(page, stdout);
}

/* The language that the environment or --lang names; false when it is none. */
static bool speak(const char *name)
{
    enum cc_lang language = cc_words_lang_env(
        getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
    bool known = name == NULL || cc_words_lang(name, &language);

    cc_say_in(language);
    return known;
}

/* $SATCHEL_COUNTRY, else the one whose numbers are typed without a prefix; what
 * programs read has them as they are stored. */
static bool choose_country(struct options *o)
{
    const char *country = getenv("SATCHEL_COUNTRY");
    if (country == NULL || country[0] == '\0') {
        country = CC_PHONE_HOME;
    }
    o->country = o->json ? NULL : country;
    return cc_phone_home(country) != NULL;
}

static void show_line(const char *text)
{
    tell(text, "");
}

/* Takes the program's own options out, wherever they stand. */
static bool split(struct options *o, int argc, char **argv)
{
    const char *dir = getenv("SATCHEL_DIR");
    o->dir = dir != NULL && dir[0] != '\0' ? dir : "/var/lib/satchel";
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--json") == 0) {
            o->json = true;
        } else if (strcmp(argv[i], "--help") == 0 ||
                   strcmp(argv[i], "-h") == 0) {
            o->help = true;
        } else if (strcmp(argv[i], "--dir") == 0 && next != NULL) {
            o->dir = argv[++i];
        } else if (strncmp(argv[i], "--dir=", 6) == 0) {
            o->dir = argv[i] + 6;
        } else if (strcmp(argv[i], "--control") == 0 && next != NULL) {
            o->control = argv[++i];
        } else if (strncmp(argv[i], "--control=", 10) == 0) {
            o->control = argv[i] + 10;
        } else if (strcmp(argv[i], "--lang") == 0 && next != NULL) {
            o->lang = argv[++i];
        } else if (strncmp(argv[i], "--lang=", 7) == 0) {
            o->lang = argv[i] + 7;
        } else if (o->count < WORDS_MAX) {
            o->word[o->count++] = argv[i];
        } else {
            return false;
        }
    }
    return true;
}

/* Where standard output is the file that was asked for, the result is told
 * beside it. */
static int show(const struct options *o, const json_t *args, json_t *result)
{
    const char *out = json_string_value(json_object_get(args, "out"));
    FILE *to = out != NULL && strcmp(out, "-") == 0 ? stderr : stdout;
    if (o->json) {
        (void)json_dumpf(result, to, JSON_COMPACT);
        fputc('\n', to);
    } else {
        sv_print_result(to, result);
    }
    if (fflush(to) != 0 || ferror(to) != 0) {
        return sv_message_exit(SP_E_IO);
    }
    return 0;
}

static int run_local(
    const struct options *o, const struct sv_table_command *c, json_t *args)
{
    struct sv_make m = {
        .dir = o->dir, .args = args, .result = json_object(), .line = show_line
    };
    sp_err err = SP_E_INTERNAL;
    if (strcmp(c->name, "init") == 0) {
        err = sv_make_head_office(&m);
    } else if (strcmp(c->name, "branch join") == 0) {
        err = sv_make_branch(&m);
    } else if (strcmp(c->name, "describe") == 0) {
        err = sv_make_description(&m);
    } else if (strcmp(c->name, "sample accounts") == 0) {
        err = sv_make_sample(&m);
    }
    int status = err != SP_OK                     ? fail(o, err, m.text)
                 : json_object_size(m.result) > 0 ? show(o, args, m.result)
                                                  : 0;
    json_decref(m.result);
    return status;
}

static sp_err connect_to(const struct options *o, int *out, char *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char path[512];
    snprintf(path, sizeof path, "%s%s",
        o->control != NULL ? o->control : o->dir,
        o->control != NULL ? "" : "/control");
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say("%.200s: the path of a local socket has at most 107 bytes"),
            path);
        return SP_E_ARGUMENT;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        *out = fd;
        return SP_OK;
    }
    snprintf(error, SV_TABLE_ERROR_BYTES,
        sv_say(errno == EACCES
                   ? "%.200s: no permission; become the user of satcheld"
                   : "no satcheld answers at %.200s; start it, or name "
                     "its directory with --dir"),
        path);
    if (fd >= 0) {
        close(fd);
    }
    return SP_E_OFFLINE;
}

/* The file that a command takes goes along, so that the server need not be
 * allowed to read it. */
static sp_err attach(const json_t *args, struct sp_buf *out, char *error)
{
    const char *path = json_string_value(json_object_get(args, "file"));
    uint8_t piece[16384];
    size_t size;
    if (path == NULL) {
        return SP_OK;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        snprintf(error, SV_TABLE_ERROR_BYTES, "%.300s: %s", path,
            cc_say_errno(errno));
        return SP_E_NOT_FOUND;
    }
    while ((size = fread(piece, 1, sizeof piece, file)) > 0) {
        sp_buf_put(out, piece, size);
    }
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || out->err != SP_OK || out->size == 0) {
        snprintf(error, SV_TABLE_ERROR_BYTES, "%.300s: %s", path,
            failed              ? cc_say_errno(errno)
            : out->err == SP_OK ? "this file is empty"
                                : "larger than 64 MiB; split it");
        return failed ? SP_E_IO : SP_E_TOO_LARGE;
    }
    return SP_OK;
}

static sp_err ask(const struct options *o, int fd,
    const struct sv_table_command *c, json_t *args,
    const struct sp_buf *attached, const struct sv_carry *carry)
{
    json_t *request =
        json_pack("{s:s, s:s, s:b, s:s?, s:O, s:I, s:O}", "command", c->name,
            "lang", cc_say_language() == CC_LANG_ZH ? "zh" : "en", "screen",
            !o->json && cc_screen_columns(stdout) > 0, "country", o->country,
            "args", args, "attached", (json_int_t)attached->size, "files",
            carry->names);
    sp_err err =
        request == NULL ? SP_E_NOMEM : sv_message_send_json(fd, request);
    json_decref(request);
    if (err == SP_OK && attached->size > 0) {
        err = sv_message_send(fd, sp_buf_slice(attached));
    }
    if (err == SP_OK && carry->count > 0) {
        err = sv_message_send_files(fd, carry->file, carry->count);
    }
    return err;
}

/* Writes text that the server made to a file of the caller's. */
static sp_err write_file(const char *path, const char *text, char *error)
{
    FILE *file = fopen(path, "wb");
    bool good =
        file != NULL && fwrite(text, 1, strlen(text), file) == strlen(text);
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    if (!good) {
        snprintf(error, SV_TABLE_ERROR_BYTES, "%.300s: %s", path,
            cc_say_errno(errno));
    }
    return good ? SP_OK : SP_E_IO;
}

/* Parts of a result that belong into files. */
static sp_err keep_files(json_t *result, const json_t *args, char *error)
{
    const char *out = json_string_value(json_object_get(args, "out"));
    const char *body = json_string_value(json_object_get(result, "body"));
    sp_err err = SP_OK;
    if (out != NULL && body != NULL) {
        err = write_file(out, body, error);
        (void)json_object_del(result, "body");
        (void)json_object_set_new(result, "written", json_string(out));
    }
    return err;
}

static int finish(const struct options *o, json_t *reply, const json_t *args,
    struct sv_carry *carry)
{
    char error[SV_TABLE_ERROR_BYTES] = "";
    json_t *result = json_object_get(reply, "result");
    const char *text = json_string_value(json_object_get(reply, "text"));
    const char *name = json_string_value(json_object_get(reply, "error"));
    int status = (int)json_integer_value(json_object_get(reply, "exit"));
    sp_err err = keep_files(result, args, error);
    sp_err kept = sv_carry_close(carry, name == NULL, args, result, error);
    err = err == SP_OK ? kept : err;
    if (name == NULL && err == SP_OK) {
        int shown = show(o, args, result);
        status = status == 0 ? shown : status;
    } else if (name != NULL) {
        if (o->json) {
            (void)json_dumpf(reply, stdout, JSON_COMPACT);
            fputc('\n', stdout);
        } else if (json_object_size(result) > 0) {
            if (json_array_size(json_object_get(result, "rows")) == 0) {
                (void)json_object_del(result, "rows"); /* it was refused */
            }
            sv_print_result(stdout, result);
        }
        tell("satchelctl: ", text == NULL ? name : text);
    }
    return err == SP_OK ? status : fail(o, err, error);
}

static int listen_to(
    const struct options *o, int fd, const json_t *args, struct sv_carry *carry)
{
    for (;;) {
        json_t *reply = NULL;
        sp_err err = sv_message_receive_json(fd, &reply);
        if (err != SP_OK) {
            sv_carry_drop(carry);
            return fail(o, SP_E_OFFLINE,
                sv_say("satcheld ended before it answered; see its log"));
        }
        const char *line = json_string_value(json_object_get(reply, "line"));
        if (line == NULL) {
            int status = finish(o, reply, args, carry);
            json_decref(reply);
            return status;
        }
        show_line(line);
        json_decref(reply);
    }
}

/* --map FILE: the pairs stand in a file's lines. */
static sp_err read_map(json_t *args, char *error)
{
    char text[65536];
    const char *path = json_string_value(json_object_get(args, "map"));
    if (path == NULL || strchr(path, '=') != NULL) {
        return SP_OK;
    }
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof text - 2, file);
    bool whole = file != NULL && feof(file) != 0;
    if (file != NULL) {
        fclose(file);
    }
    if (!whole || size == 0) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say("--map %.300s: write COLUMN=FIELD,... or a file of such "
                   "lines, at most 64 KiB"),
            path);
        return SP_E_NOT_FOUND;
    }
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        text[kept] = text[i];
        kept += text[i] != '\r';
    }
    text[kept] = '\n'; /* a single line is a list of lines too */
    json_t *value = json_stringn(text, kept + 1);
    return value != NULL && json_object_set_new(args, "map", value) == 0
               ? SP_OK
               : SP_E_ARGUMENT;
}

static sp_err bring(const struct sv_table_command *c, json_t *args,
    struct sp_buf *attached, struct sv_carry *carry, char *error)
{
    sp_err err = read_map(args, error);
    if (err == SP_OK) {
        err = sv_carry_open(carry, c, args, error);
    }
    if (err == SP_OK && !sv_carry_takes(c)) {
        err = attach(args, attached, error);
    }
    return err;
}

static int run_remote(
    const struct options *o, const struct sv_table_command *c, json_t *args)
{
    char error[SV_TABLE_ERROR_BYTES] = "";
    struct sp_buf attached;
    struct sv_carry carry = { .names = NULL };
    int fd = -1;
    sp_buf_init(&attached, SV_MESSAGE_ATTACHED_MAX);
    sp_err err = bring(c, args, &attached, &carry, error);
    if (err == SP_OK) {
        err = connect_to(o, &fd, error);
    }
    if (err == SP_OK) {
        err = ask(o, fd, c, args, &attached, &carry);
    }
    if (err != SP_OK) {
        sv_carry_drop(&carry);
    }
    int status =
        err == SP_OK ? listen_to(o, fd, args, &carry) : fail(o, err, error);
    if (fd >= 0) {
        close(fd);
    }
    sp_buf_free(&attached);
    return status;
}

int main(int argc, char **argv)
{
    static struct options o;
    const struct sv_table_command *command = NULL;
    char error[SV_TABLE_ERROR_BYTES];
    json_t *args = NULL;
    bool few = split(&o, argc, argv);
    if (!speak(o.lang)) {
        return fail(&o, SP_E_ARGUMENT, sv_say("--lang: write zh or en"));
    }
    if (!choose_country(&o)) {
        snprintf(error, sizeof error,
            sv_say("SATCHEL_COUNTRY is %.20s; how telephones are written is "
                   "known of %s"),
            getenv("SATCHEL_COUNTRY"), cc_phone_homes());
        return fail(&o, SP_E_ARGUMENT, error);
    }
    if (!few) {
        return fail(&o, SP_E_ARGUMENT, sv_say("too many words"));
    }
    if (o.count == 1 && strcmp(o.word[0], "--version") == 0) {
        puts("satchelctl " VERSION);
        return 0;
    }
    if (o.help || o.count == 0) {
        help(&o);
        return o.help ? 0 : 64;
    }
    sp_err err = sv_table_parse(o.count, o.word, &command, &args, error);
    if (err != SP_OK) {
        return fail(&o, err, error);
    }
    if (sp_crypto_init() != SP_OK) {
        json_decref(args);
        return fail(&o, SP_E_INTERNAL, "");
    }
    int status = command->local ? run_local(&o, command, args)
                                : run_remote(&o, command, args);
    json_decref(args);
    return status;
}
