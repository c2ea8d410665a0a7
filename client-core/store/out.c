#define _GNU_SOURCE /* renameat2 */
#include "store/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sp_err failed(void)
{
    return errno == EEXIST                      ? SP_E_EXISTS
           : errno == ENOENT                    ? SP_E_NOT_FOUND
           : errno == ENOSPC || errno == EDQUOT ? SP_E_FULL
                                                : SP_E_IO;
}

sp_err cc_out_begin(struct cc_out *out, const char *path, bool force)
{
    *out = (struct cc_out){ .fd = -1, .force = force };
    if (strcmp(path, "-") == 0) {
        out->fd = dup(STDOUT_FILENO);
        return out->fd < 0 ? SP_E_IO : SP_OK;
    }
    if (strlen(path) >= CC_OUT_PATH_BYTES) {
        return SP_E_ARGUMENT;
    }
    if (!force && access(path, F_OK) == 0) {
        return SP_E_EXISTS;
    }
    memcpy(out->path, path, strlen(path) + 1);
    (void)snprintf(
        out->aside, sizeof out->aside, "%s.part-%ld", path, (long)getpid());
    out->fd = open(out->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return out->fd < 0 ? failed() : SP_OK;
}

sp_err cc_out_write(struct cc_out *out, struct sp_slice bytes)
{
    size_t done = 0;
    while (done < bytes.size) {
        ssize_t n = write(out->fd, bytes.data + done, bytes.size - done);
        if (n < 0 && errno != EINTR) {
            return failed();
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return SP_OK;
}

/* The directory, so that the name outlives a power cut too. */
static sp_err sync_directory(const char *path)
{
    char directory[CC_OUT_PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path);
    (void)snprintf(directory, sizeof directory, "%.*s",
        slash == NULL ? 1
        : size == 0   ? 1
                      : (int)size,
        slash == NULL ? "." : path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return SP_E_IO;
    }
    /* Some file systems cannot sync a directory; then there is no more to
     * do. */
    sp_err err = fsync(fd) == 0 || errno == EINVAL ? SP_OK : SP_E_IO;
    (void)close(fd);
    return err;
}

static sp_err give_name(const struct cc_out *out)
{
    unsigned flags = out->force ? 0 : RENAME_NOREPLACE;
    if (renameat2(AT_FDCWD, out->aside, AT_FDCWD, out->path, flags) == 0) {
        return SP_OK;
    }
    if (!out->force && (errno == EINVAL || errno == ENOSYS)) {
        /* A file system without the flag: a second name is made, or not. */
        return link(out->aside, out->path) == 0 && unlink(out->aside) == 0
                   ? SP_OK
                   : failed();
    }
    return failed();
}

sp_err cc_out_keep(struct cc_out *out)
{
    sp_err err = SP_OK;
    if (out->path[0] != '\0') {
        err = fsync(out->fd) == 0 ? SP_OK : failed();
        if (err == SP_OK) {
            err = give_name(out);
        }
        if (err == SP_OK) {
            out->aside[0] = '\0';
            err = sync_directory(out->path);
        }
    }
    cc_out_drop(out);
    return err;
}

void cc_out_drop(struct cc_out *out)
{
    if (out->fd >= 0) {
        (void)close(out->fd);
        out->fd = -1;
    }
    if (out->aside[0] != '\0') {
        (void)unlink(out->aside);
        out->aside[0] = '\0';
    }
}
