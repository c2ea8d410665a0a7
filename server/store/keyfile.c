#include "store/keyfile.h"

#include "ops/say.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORM_BYTES 128u

static sp_err failed(char *note, const char *path, const char *what)
{
    int code = errno;
    sv_say_note(note, SV_KEYFILE_NOTE_BYTES, "%s: cannot %s: %s", path,
        sv_say(what), cc_say_errno(code));
    return code == ENOSPC || code == EDQUOT ? SP_E_FULL
           : code == EEXIST                 ? SP_E_EXISTS
           : code == ENOENT                 ? SP_E_NOT_FOUND
                                            : SP_E_IO;
}

static bool sync_folder(const char *path)
{
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool good = fsync(fd) == 0;
    return close(fd) == 0 && good;
}

sp_err sv_keyfile_write(const char *path, const char *kind,
    const struct sp_secret *secret, char *note)
{
    char hex[2 * SP_KEY_BYTES + 1], text[FORM_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return failed(note, path, SV_SAY("make this key file"));
    }
    sp_hex(hex, secret->b, SP_KEY_BYTES);
    int size = snprintf(text, sizeof text, "satchel-%s-1 %s\n", kind, hex);
    bool good = fchmod(fd, 0600) == 0 &&
                write(fd, text, (size_t)size) == (ssize_t)size &&
                fsync(fd) == 0;
    sp_wipe(text, sizeof text);
    sp_wipe(hex, sizeof hex);
    sp_err err =
        good ? SP_OK : failed(note, path, SV_SAY("write this key file"));
    if (close(fd) != 0 && err == SP_OK) {
        err = failed(note, path, SV_SAY("close this key file"));
    }
    if (err == SP_OK && !sync_folder(path)) {
        err = failed(note, path, SV_SAY("sync the folder of this key file"));
    }
    if (err != SP_OK) {
        (void)unlink(path);
    }
    return err;
}

static sp_err parse(const char *path, const char *kind, char *text,
    struct sp_secret *out, char *note)
{
    char head[FORM_BYTES];
    int size = snprintf(head, sizeof head, "satchel-%s-1 ", kind);
    size_t end = strcspn(text, "\r\n");
    text[end] = '\0';
    if (strncmp(text, head, (size_t)size) != 0 ||
        sp_unhex(out->b, SP_KEY_BYTES, text + size) != SP_OK) {
        sv_say_note(note, SV_KEYFILE_NOTE_BYTES,
            "%s: this is no %s key file of satchel; name the right one", path,
            kind);
        return SP_E_SECRET;
    }
    return SP_OK;
}

sp_err sv_keyfile_read(
    const char *path, const char *kind, struct sp_secret *out, char *note)
{
    struct stat about;
    char text[FORM_BYTES + 1] = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed(note, path, SV_SAY("open this key file"));
    }
    sp_err err = SP_OK;
    if (fstat(fd, &about) != 0) {
        err = failed(note, path, SV_SAY("look at this key file"));
    } else if ((about.st_mode & 077) != 0) {
        sv_say_note(note, SV_KEYFILE_NOTE_BYTES,
            "%s: others can read this key (mode %04o); chmod 600 it, and think "
            "about who may have copied it",
            path, (unsigned)(about.st_mode & 07777));
        err = SP_E_SECRET;
    } else if (read(fd, text, FORM_BYTES) < 0) {
        err = failed(note, path, SV_SAY("read this key file"));
    }
    close(fd);
    if (err == SP_OK) {
        err = parse(path, kind, text, out, note);
    }
    sp_wipe(text, sizeof text);
    return err;
}
