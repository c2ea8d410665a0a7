#define _GNU_SOURCE /* fallocate */

#include "store/lmdb_reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

#define RESERVE_BYTES (1024u * 1024u) /* of a small disk: a 16th */

static _Thread_local bool leaves;

void cc_lmdb_reserve_leave(bool leave)
{
    leaves = leave;
}

void cc_lmdb_reserve_init(struct cc_lmdb_env *e)
{
    struct statvfs fs;
    uint64_t part = 0;

    if (statvfs(e->path, &fs) == 0) {
        part = (uint64_t)fs.f_blocks * fs.f_frsize / 16u;
    }
    e->reserve_bytes = part < RESERVE_BYTES ? part : RESERVE_BYTES;
}

static bool more(struct cc_lmdb_env *e, uint64_t used, uint64_t bytes)
{
    int fd;

    if (mdb_env_get_fd(e->mdb, &fd) != 0 ||
        fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)used, (off_t)bytes) != 0) {
        return false;
    }
    e->reserved_to = used + bytes;
    return true;
}

/* Blocks are taken ahead of the pages, twice as many as have to be there, so
 * that it is asked for seldom. The file's size stays what LMDB made it. */
static void keep(struct cc_lmdb_env *e)
{
    MDB_envinfo info;
    MDB_stat stat;

    if (e->reserve_bytes == 0) {
        return;
    }
    (void)mdb_env_info(e->mdb, &info);
    (void)mdb_env_stat(e->mdb, &stat);
    uint64_t used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    if (used + e->reserve_bytes <= e->reserved_to ||
        more(e, used, 2 * e->reserve_bytes) ||
        more(e, used, e->reserve_bytes)) {
        e->low = false;
        return;
    }
    e->low = errno == ENOSPC || errno == EDQUOT;
    if (!e->low) {
        e->reserve_bytes = 0; /* a file system that cannot */
    }
}

bool cc_lmdb_reserve_spares(struct cc_lmdb_env *e)
{
    bool spares;

    (void)pthread_mutex_lock(&e->mutex);
    keep(e);
    spares = e->low && leaves;
    (void)pthread_mutex_unlock(&e->mutex);
    return spares;
}
