#define _GNU_SOURCE /* CLOCK_BOOTTIME */

#include "replica/since.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sp/pack.h"
#include "sp/seal.h"

#define PREFIX      "since/"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)
#define KEY_BYTES   (PREFIX_SIZE + 16u)
#define STALE_MAX   16u /* taken away at a time */
/* The start of the machine of which alone there are notes. */
#define CLEAN "since/start"

/* ---- the system's ---------------------------------------------------------
 */

static bool look(void *self, struct cc_since *out)
{
#ifdef CLOCK_BOOTTIME
    char text[64];
    struct timespec t;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));

    (void)self;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (size <= 0 || clock_gettime(CLOCK_BOOTTIME, &t) != 0) {
        return false;
    }
    sp_hash(
        out->start, sizeof(out->start), sp_slice_of(text, (size_t)size), NULL);
    out->ms = (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
    return true;
#else
    (void)self;
    (void)out;
    return false;
#endif
}

struct cc_since_probe cc_since_system(void)
{
    return (struct cc_since_probe){ NULL, look };
}

/* ---- notes ----------------------------------------------------------------
 */

static struct sp_slice make_key(const struct sp_id *id, uint8_t out[KEY_BYTES])
{
    memcpy(out, PREFIX, PREFIX_SIZE);
    memcpy(out + PREFIX_SIZE, id->b, sizeof(id->b));
    return sp_slice_of(out, KEY_BYTES);
}

static sp_err decode(struct sp_slice in, struct cc_since *out)
{
    struct sp_rd r;

    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 2);
    sp_rd_fixed(&r, out->start, sizeof(out->start));
    out->ms = sp_rd_uint(&r, 0, UINT64_MAX);
    return sp_rd_done(&r);
}

struct stale {
    const struct cc_since *now;
    size_t count;
    uint8_t key[STALE_MAX][KEY_BYTES];
};

static sp_err find_stale(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct stale *s = (struct stale *)arg;
    struct cc_since then;

    if (key.size == KEY_BYTES && s->count < STALE_MAX &&
        (decode(value, &then) != SP_OK ||
            memcmp(then.start, s->now->start, sizeof(then.start)) != 0)) {
        memcpy(s->key[s->count++], key.data, KEY_BYTES);
    }
    return SP_OK;
}

/* Whether notes of other starts may be left: once a start they are looked for,
 * not with each visit, which would open the notes of all that are under way. */
static sp_err all_of(struct cc_replica *r, struct sp_tx *tx,
    const struct cc_since *now, bool *clean)
{
    struct sp_slice stored;
    sp_err err =
        r->store.get(tx->txn, SP_T_ROOM_0, sp_slice_text(CLEAN), &stored);

    *clean = err == SP_OK && stored.size == sizeof(now->start) &&
             memcmp(stored.data, now->start, sizeof(now->start)) == 0;
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static sp_err drop_stale(
    struct cc_replica *r, struct sp_tx *tx, const struct cc_since *now)
{
    struct stale s = { .now = now };
    bool clean;
    sp_err err = all_of(r, tx, now, &clean);

    if (err != SP_OK || clean) {
        return err;
    }
    err = r->store.walk(tx->txn, SP_T_ROOM_0, sp_slice_text(PREFIX),
        sp_slice_of(NULL, 0), true, find_stale, &s);
    for (size_t i = 0; i < s.count && err == SP_OK; i++) {
        err = r->store.del(
            tx->txn, SP_T_ROOM_0, sp_slice_of(s.key[i], KEY_BYTES));
    }
    return err == SP_OK && s.count < STALE_MAX
               ? r->store.put(tx->txn, SP_T_ROOM_0, sp_slice_text(CLEAN),
                     sp_slice_of(now->start, sizeof(now->start)))
               : err;
}

sp_err cc_since_begin(
    struct cc_replica *r, struct sp_tx *tx, const struct sp_id *id)
{
    uint8_t key[KEY_BYTES];
    struct cc_since now;
    struct sp_buf b;
    sp_err err;

    if (!r->since.look(r->since.self, &now)) {
        return SP_OK;
    }
    err = drop_stale(r, tx, &now);
    if (err != SP_OK) {
        return err;
    }
    sp_buf_init(&b, 64);
    sp_wr_array(&b, 2);
    sp_wr_bin(&b, now.start, sizeof(now.start));
    sp_wr_uint(&b, now.ms);
    err = b.err == SP_OK ? r->store.put(tx->txn, SP_T_ROOM_0, make_key(id, key),
                               sp_buf_slice(&b))
                         : b.err;
    sp_buf_free(&b);
    return err;
}

sp_err cc_since_end(struct cc_replica *r, struct sp_tx *tx,
    const struct sp_id *id, bool *known, uint64_t *ms)
{
    uint8_t bytes[KEY_BYTES];
    struct sp_slice key = make_key(id, bytes), stored;
    struct cc_since now, then;
    sp_err err = r->store.get(tx->txn, SP_T_ROOM_0, key, &stored);

    *known = false;
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    err = decode(stored, &then);
    if (err == SP_OK && r->since.look(r->since.self, &now) &&
        memcmp(now.start, then.start, sizeof(now.start)) == 0 &&
        now.ms >= then.ms) {
        *known = true;
        *ms = now.ms - then.ms;
    }
    return err == SP_OK ? r->store.del(tx->txn, SP_T_ROOM_0, key) : err;
}

sp_err cc_since_newest(struct cc_replica *r, struct sp_tx *tx,
    struct sp_id *out, size_t max, size_t *count)
{
    uint8_t from[KEY_BYTES] = { 0 };
    struct sp_slice at = sp_slice_of(from, sizeof(from)), key;
    sp_err err = SP_OK;

    memcpy(from, PREFIX, PREFIX_SIZE);
    memset(from + PREFIX_SIZE, 0x70, sizeof(from) - PREFIX_SIZE); /* before
        CLEAN, and later than any time that an id can have */
    *count = 0;
    while (*count < max) {
        err = r->store.seek(tx->txn, SP_T_ROOM_0, at, true, &key, NULL);
        if (err != SP_OK || key.size != KEY_BYTES ||
            memcmp(key.data, PREFIX, PREFIX_SIZE) != 0) {
            break;
        }
        memcpy(out[*count].b, key.data + PREFIX_SIZE, sizeof(out->b));
        memcpy(from, key.data, KEY_BYTES);
        (*count)++;
        for (size_t i = KEY_BYTES; i-- > PREFIX_SIZE && from[i]-- == 0;) {
        } /* the key before that one */
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}
