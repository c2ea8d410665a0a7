#include "ctl/carry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/say.h"

#define OUTS_MAX (SV_MESSAGE_FILES_MAX - 1u) /* beside the one that is read */

/* Which argument is read, which are written; whether a list replaces one of
 * an earlier run. */
static const struct sv_carry_kind {
    const char *command;
    const char *in;
    const char *out[OUTS_MAX];
    bool replaces;
} kinds[] = {
    { "import", "file", { "errors", "phones", "similar" }, true },
    { "export", NULL, { "out", NULL }, false },
};

static const struct sv_carry_kind *kind_of(const struct sv_table_command *c)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].command, c->name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool sv_carry_takes(const struct sv_table_command *command)
{
    return kind_of(command) != NULL;
}

static sp_err say(char *error, const char *path, sp_err err, const char *text)
{
    snprintf(error, SV_TABLE_ERROR_BYTES, "%.300s: %s", path, text);
    return err;
}

/* A pipe is read twice, too: from a copy without a name. */
static int copy_of(int from)
{
    char piece[65536];
    ssize_t n;
    FILE *copy = tmpfile();
    int fd = copy == NULL ? -1 : dup(fileno(copy));
    if (copy != NULL) {
        (void)fclose(copy);
    }
    while (fd >= 0 && (n = read(from, piece, sizeof piece)) != 0) {
        if ((n < 0 && errno != EINTR) ||
            (n > 0 && write(fd, piece, (size_t)n) != n)) {
            close(fd);
            fd = -1;
        }
    }
    return fd;
}

static sp_err open_in(const char *path, int *out, char *error)
{
    struct stat about;
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
                                    : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        return say(error, path, SP_E_NOT_FOUND, cc_say_errno(errno));
    }
    if (S_ISDIR(about.st_mode)) {
        close(fd);
        return say(error, path, SP_E_ARGUMENT, sv_say("this is a directory"));
    }
    if (!S_ISREG(about.st_mode)) {
        int copy = copy_of(fd);
        close(fd);
        fd = copy;
        if (fd < 0 || fstat(fd, &about) != 0) {
            return say(error, path, SP_E_IO, cc_say_errno(errno));
        }
    }
    if (about.st_size == 0) {
        close(fd);
        return say(error, path, SP_E_VALUE, sv_say("this file is empty"));
    }
    *out = fd;
    return SP_OK;
}

static const char *text_of(const json_t *args, const char *name)
{
    return json_string_value(json_object_get(args, name));
}

/* Refused rows are always listed: beside the file, unless it is a pipe. */
static sp_err make_up_path(json_t *args, const char *in)
{
    const char *path = text_of(args, in);
    struct cc_out probe;
    json_t *made;
    if (text_of(args, "errors") != NULL || path == NULL ||
        strcmp(path, "-") == 0) {
        return SP_OK;
    }
    made = json_sprintf("%s.errors.csv", path);
    if (made == NULL) {
        return SP_E_NOMEM;
    }
    if (cc_out_begin(&probe, json_string_value(made), true) != SP_OK) {
        json_decref(made); /* that directory is not his: shown is enough */
        return SP_OK;
    }
    cc_out_drop(&probe);
    return json_object_set_new(args, "errors", made) == 0 ? SP_OK : SP_E_NOMEM;
}

static sp_err open_out(struct sv_carry *c, const struct sv_carry_kind *kind,
    const json_t *args, const char *name, char *error)
{
    const char *path = text_of(args, name);
    bool force = kind->replaces || json_is_true(json_object_get(args, "force"));
    if (path == NULL) {
        return SP_OK;
    }
    struct cc_out *out = &c->out[c->outs];
    sp_err err = cc_out_begin(out, path, force);
    if (err != SP_OK) {
        return say(error, path, err,
            err == SP_E_EXISTS
                ? sv_say("there is such a file; --force takes its place")
                : cc_say_errno(errno));
    }
    c->outs++;
    c->file[c->count++] = out->fd;
    return json_array_append_new(c->names, json_string(name)) == 0 ? SP_OK
                                                                   : SP_E_NOMEM;
}

sp_err sv_carry_open(struct sv_carry *c, const struct sv_table_command *command,
    json_t *args, char *error)
{
    const struct sv_carry_kind *kind = kind_of(command);
    sp_err err = SP_OK;
    *c = (struct sv_carry){ .names = json_array() };
    if (kind == NULL) {
        return c->names == NULL ? SP_E_NOMEM : SP_OK;
    }
    c->lists = kind->replaces;
    if (kind->in != NULL && text_of(args, kind->in) != NULL) {
        err = open_in(text_of(args, kind->in), &c->file[0], error);
        if (err == SP_OK) {
            c->count = 1;
            err = json_array_append_new(c->names, json_string(kind->in)) == 0
                      ? SP_OK
                      : SP_E_NOMEM;
        }
    }
    if (err == SP_OK && kind->replaces) {
        err = make_up_path(args, kind->in);
    }
    for (size_t i = 0; i < OUTS_MAX && err == SP_OK && kind->out[i] != NULL;
         i++) {
        err = open_out(c, kind, args, kind->out[i], error);
    }
    return err;
}

/* Where the result says that the file of this option was written. */
static const char *written_key(const char *option)
{
    static const char *const keys[] = { SV_SAY("written_out"),
        SV_SAY("written_errors"), SV_SAY("written_phones"),
        SV_SAY("written_similar") };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i] + strlen("written_"), option) == 0) {
            return keys[i];
        }
    }
    return "written";
}

sp_err sv_carry_close(struct sv_carry *c, bool good, const json_t *args,
    json_t *result, char *error)
{
    sp_err err = SP_OK;
    for (unsigned i = 0; i < c->outs; i++) {
        struct cc_out *out = &c->out[i];
        size_t at = c->count - c->outs + i;
        const char *name = json_string_value(json_array_get(c->names, at));
        struct stat about;
        bool wrote = out->path[0] == '\0' ||
                     (fstat(out->fd, &about) == 0 && about.st_size > 0);
        if ((!good && !c->lists) || !wrote || err != SP_OK) {
            cc_out_drop(out);
            continue;
        }
        err = cc_out_keep(out);
        if (err != SP_OK) {
            (void)say(error, text_of(args, name), err,
                err == SP_E_EXISTS
                    ? sv_say("somebody has made such a file meanwhile")
                    : cc_say_errno(errno));
        } else if (result != NULL && text_of(args, name) != NULL) {
            (void)json_object_set_new(
                result, written_key(name), json_string(text_of(args, name)));
        }
    }
    sv_carry_drop(c);
    return err;
}

void sv_carry_drop(struct sv_carry *c)
{
    for (unsigned i = 0; i < c->outs; i++) {
        cc_out_drop(&c->out[i]);
    }
    if (c->count > c->outs) {
        close(c->file[0]);
    }
    json_decref(c->names);
    *c = (struct sv_carry){ .names = NULL };
}
