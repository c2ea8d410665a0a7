#include "replica/wake.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sp/pack.h"
#include "sp/seal.h"

#define MACHINE_ID    "/etc/machine-id"
#define MACHINE_BYTES 128u

/* Hashed under a domain of our own: the id itself is kept nowhere. */
static void look_machine(uint8_t out[16])
{
    static const char domain[] = "satchel-machine";
    uint8_t text[sizeof(domain) + MACHINE_BYTES];
    ssize_t n = 0;
    int fd = open(MACHINE_ID, O_RDONLY | O_CLOEXEC);

    memset(out, 0, 16);
    memcpy(text, domain, sizeof(domain));
    if (fd >= 0) {
        n = read(fd, text + sizeof(domain), MACHINE_BYTES);
        (void)close(fd);
    }
    if (n > 0) {
        struct sp_slice s = { text, sizeof(domain) + (size_t)n };
        sp_hash(out, 16, s, NULL);
    }
}

static sp_err look(void *self, const char *path, struct cc_wake *out)
{
    struct stat st;

    (void)self;
    if (stat(path, &st) != 0) {
        return SP_E_IO;
    }
    look_machine(out->machine);
    out->volume = (uint64_t)st.st_dev;
    out->file = (uint64_t)st.st_ino;
    out->at_ms = (uint64_t)st.st_mtim.tv_sec * 1000u +
                 (uint64_t)st.st_mtim.tv_nsec / 1000000u;
    return SP_OK;
}

struct cc_wake_probe cc_wake_system(void)
{
    return (struct cc_wake_probe){ NULL, look };
}

bool cc_wake_elsewhere(const struct cc_wake *stored, const struct cc_wake *now)
{
    return memcmp(stored->machine, now->machine, sizeof(now->machine)) != 0 ||
           stored->volume != now->volume || stored->file != now->file ||
           now->at_ms > stored->at_ms + CC_WAKE_SLACK_MS;
}

void cc_wake_encode(const struct cc_wake *w, struct sp_buf *out)
{
    sp_wr_array(out, 4);
    sp_wr_bin(out, w->machine, sizeof(w->machine));
    sp_wr_uint(out, w->volume);
    sp_wr_uint(out, w->file);
    sp_wr_uint(out, w->at_ms);
}

sp_err cc_wake_decode(struct sp_slice in, struct cc_wake *out)
{
    struct cc_wake w;
    struct sp_rd r;
    sp_err err;

    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 4);
    sp_rd_fixed(&r, w.machine, sizeof(w.machine));
    w.volume = sp_rd_uint(&r, 0, UINT64_MAX);
    w.file = sp_rd_uint(&r, 0, UINT64_MAX);
    w.at_ms = sp_rd_uint(&r, 0, UINT64_MAX - CC_WAKE_SLACK_MS);
    err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = w;
    }
    return err;
}
