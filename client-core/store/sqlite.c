#include "store/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cc_sqlite {
    sqlite3 *db;
    int fd; /* of the file without a name */
};

static sp_err error_of(int rc)
{
    return rc == SQLITE_OK      ? SP_OK
           : rc == SQLITE_FULL  ? SP_E_FULL
           : rc == SQLITE_NOMEM ? SP_E_NOMEM
           : rc == SQLITE_ERROR ? SP_E_INTERNAL
                                : SP_E_IO;
}

static sp_err open_in(struct cc_sqlite *s, char *path)
{
    /* Nothing is kept beside the file, and nothing is waited for: a crash
     * leaves no file at all. The first write makes sure that it is open. */
    static const char ready[] = "PRAGMA journal_mode=OFF;"
                                "PRAGMA synchronous=OFF;"
                                "PRAGMA locking_mode=EXCLUSIVE;"
                                "PRAGMA user_version=1;";

    s->fd = mkstemp(path);
    if (s->fd < 0) {
        return SP_E_IO;
    }
    int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(s->db, ready, NULL, NULL, NULL);
    }
    (void)unlink(path);
    return error_of(rc);
}

sp_err cc_sqlite_open(struct cc_sqlite **out, const char *directory)
{
    char path[1100];
    const char *system = getenv("TMPDIR");
    struct cc_sqlite *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return SP_E_NOMEM;
    }
    s->fd = -1;
    system = system == NULL || system[0] == '\0' ? "/tmp" : system;
    (void)snprintf(path, sizeof path, "%.1000s/satchel.XXXXXX",
        directory == NULL ? system : directory);
    sp_err err = open_in(s, path);
    if (err == SP_OK) {
        *out = s;
    } else {
        cc_sqlite_close(s);
    }
    return err;
}

sp_err cc_sqlite_run(struct cc_sqlite *s, struct sp_slice sql)
{
    char *text = malloc(sql.size + 1);

    if (text == NULL) {
        return SP_E_NOMEM;
    }
    if (sql.size > 0) {
        memcpy(text, sql.data, sql.size);
    }
    text[sql.size] = '\0';
    int rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);
    free(text);
    return error_of(rc);
}

sp_err cc_sqlite_give(struct cc_sqlite *s,
    sp_err (*write)(void *self, struct sp_slice bytes), void *self)
{
    uint8_t piece[65536];
    off_t at = 0;
    sp_err err = error_of(sqlite3_close(s->db));

    s->db = NULL;
    while (err == SP_OK) {
        ssize_t n = pread(s->fd, piece, sizeof piece, at);
        if (n == 0) {
            break;
        }
        if (n < 0) {
            err = errno == EINTR ? SP_OK : SP_E_IO;
            continue;
        }
        at += n;
        err = write(self, sp_slice_of(piece, (size_t)n));
    }
    cc_sqlite_close(s);
    return err;
}

void cc_sqlite_close(struct cc_sqlite *s)
{
    if (s == NULL) {
        return;
    }
    (void)sqlite3_close(s->db);
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    free(s);
}
