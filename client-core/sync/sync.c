#define _GNU_SOURCE /* flock */

#include "sync/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "say/say.h"
#include "sync/net.h"
#include "sync/talk.h"

#define IDLE_ROUNDS_MAX 3u    /* sessions in a row that bring nothing, no end */
#define SILENT_MS_MAX   3000u /* tries of a server that has said nothing */

struct cc_sync {
    struct cc_replica *replica;
    struct cc_sync_options options;
    int lock_fd;
    char endpoint[SP_ENDPOINT_BYTES_MAX + 16];
    uint32_t server;
    uint8_t server_static[32];
    struct cc_talk talk;
};

/* ---- one at a time ----------------------------------------------------- */

static int open_lock(const char *path, int flags)
{
    char name[CC_REPLICA_PATH_BYTES + 16];

    (void)snprintf(name, sizeof(name), "%s/%s", path, CC_SYNC_LOCK_FILE);
    return open(name, flags | O_CLOEXEC, 0600);
}

static sp_err take_lock(struct cc_sync *s, char *note)
{
    s->lock_fd = open_lock(s->replica->path, O_RDWR | O_CREAT);
    if (s->lock_fd < 0) {
        cc_say_note(note, CC_SYNC_NOTE_BYTES, "%.300s/%s: %s", s->replica->path,
            CC_SYNC_LOCK_FILE, cc_say_errno(errno));
        return SP_E_IO;
    }
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        cc_say_note(note, CC_SYNC_NOTE_BYTES,
            "another process syncs %.300s; wait for it", s->replica->path);
        return SP_E_IN_USE;
    }
    return SP_OK;
}

bool cc_sync_running(const char *path)
{
    int fd = open_lock(path, O_RDWR);
    bool taken;

    if (fd < 0) {
        return false;
    }
    taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
    (void)close(fd);
    return taken;
}

/* ---- which server ------------------------------------------------------ */

static void set_roster(struct cc_sync *s, const struct sp_roster *u)
{
    s->server = u->server;
    memcpy(s->server_static, u->static_public, sizeof(s->server_static));
    (void)snprintf(s->endpoint, sizeof(s->endpoint), "tcp://%.*s",
        (int)u->address.size, (const char *)u->address.data);
}

/* The home server is where the roster says now, else where it was enrolled. */
static sp_err find_server(struct cc_sync *s, char *note)
{
    const struct cc_identity *id = &s->replica->identity;
    const char *code = s->options.unit != NULL ? s->options.unit : id->unit;
    const struct sp_roster *u =
        sp_rulebook_find_unit(s->replica->book, sp_slice_text(code));
    bool usable = u != NULL && u->server != 0 && u->address.size > 0 &&
                  u->address.size < SP_ENDPOINT_BYTES_MAX;

    if (usable) {
        set_roster(s, u);
        return SP_OK;
    }
    if (s->options.unit != NULL) {
        cc_say_note(note, CC_SYNC_NOTE_BYTES,
            "unit \"%.60s\" is not known here, or has no server with an "
            "address",
            s->options.unit);
        return SP_E_NOT_FOUND;
    }
    s->server = id->server;
    memcpy(s->server_static, id->server_static, sizeof(s->server_static));
    (void)snprintf(s->endpoint, sizeof(s->endpoint), "%s", id->endpoint);
    return SP_OK;
}

static sp_err prepare(struct cc_sync *s, char *note)
{
    struct sp_tx tx;
    sp_err err = cc_replica_begin(s->replica, false, &tx);

    if (err != SP_OK) {
        return err;
    }
    if (!s->replica->enrolled) {
        cc_say_note(note, CC_SYNC_NOTE_BYTES, "enrol %.300s with a code",
            s->replica->path);
        err = SP_E_NOT_ENROLLED;
    } else {
        err = find_server(s, note);
    }
    cc_replica_abort(s->replica, &tx);
    return err == SP_OK ? cc_net_open(&s->talk.net, s->endpoint, note) : err;
}

sp_err cc_sync_open(struct cc_sync **out, struct cc_replica *r,
    const struct cc_sync_options *options, char *note)
{
    struct cc_sync *s = (struct cc_sync *)calloc(1, sizeof(*s));
    sp_err err;

    if (s == NULL) {
        return SP_E_NOMEM;
    }
    s->replica = r;
    s->options = *options;
    cc_talk_init(&s->talk);
    s->talk.replica = r;
    err = take_lock(s, note);
    if (err == SP_OK) {
        err = prepare(s, note);
    }
    if (err != SP_OK) {
        cc_sync_close(s);
        return err;
    }
    *out = s;
    return SP_OK;
}

void cc_sync_close(struct cc_sync *s)
{
    if (s == NULL) {
        return;
    }
    sp_link_free(s->talk.link);
    cc_talk_free(&s->talk);
    if (s->lock_fd >= 0) {
        (void)close(s->lock_fd); /* drops the lock */
    }
    free(s);
}

/* ---- rounds ------------------------------------------------------------ */

static void on_progress(void *self, const struct sp_progress *p)
{
    struct cc_sync *s = (struct cc_sync *)self;

    if (s->options.progress != NULL &&
        s->options.progress(s->options.progress_self, p) != 0) {
        s->talk.stopped = true;
    }
}

static void drop_link(struct cc_sync *s)
{
    sp_link_free(s->talk.link);
    s->talk.link = NULL;
}

/* Beginning a write takes the new incarnation of a store that woke elsewhere
 * (SYNC X3): before hello, which names the replica of the whole session. */
static sp_err settle_incarnation(struct cc_replica *r)
{
    struct sp_tx tx;
    sp_err err = cc_replica_begin(r, true, &tx);

    if (err == SP_OK) {
        cc_replica_abort(r, &tx);
    }
    return err;
}

/* The open session goes on, or a new one is begun. */
static sp_err ready_link(struct cc_sync *s)
{
    struct sp_link_setup setup = { .node = &s->replica->node,
        .initiator = true,
        .peer = s->server,
        .progress = on_progress,
        .progress_self = s };

    if (s->talk.link != NULL && sp_link_again(s->talk.link) != SP_OK) {
        drop_link(s);
    }
    if (s->talk.link == NULL) {
        sp_err err = settle_incarnation(s->replica);
        if (err != SP_OK) {
            return err;
        }
        memcpy(setup.peer_static, s->server_static, sizeof(setup.peer_static));
        s->talk.link = sp_link_new(&setup);
    }
    return s->talk.link == NULL ? SP_E_NOMEM : SP_OK;
}

/* A link counts over all its rounds. */
static uint64_t since(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

static void add_report(struct sp_link_report *sum,
    const struct sp_link_report *now, const struct sp_link_report *before)
{
    sum->same = now->same;
    sum->complete = now->complete;
    sum->revoked = now->revoked;
    sum->pushed += since(now->pushed, before->pushed);
    sum->accepted += since(now->accepted, before->accepted);
    sum->refused += since(now->refused, before->refused);
    sum->deferred += since(now->deferred, before->deferred);
    sum->pulled += since(now->pulled, before->pulled);
    sum->purged += since(now->purged, before->purged);
    sum->alarms += since(now->alarms, before->alarms);
    sum->round_trips += since(now->round_trips, before->round_trips);
    sum->bytes_sent += since(now->bytes_sent, before->bytes_sent);
    sum->bytes_received += since(now->bytes_received, before->bytes_received);
    sum->clock_offset_ms = now->clock_offset_ms;
    sum->error = now->error;
}

static bool brought(const struct sp_link_report *r, uint64_t *seen)
{
    uint64_t now = r->pushed + r->pulled + r->purged + r->accepted +
                   r->refused + r->deferred;
    bool more = now != *seen;

    *seen = now;
    return more;
}

static sp_err one_try(struct cc_sync *s, struct cc_sync_outcome *out)
{
    struct sp_link_report before = { .same = false };
    sp_err err = ready_link(s);

    if (err != SP_OK) {
        return err;
    }
    before = *sp_link_report(s->talk.link);
    err = cc_talk_run(&s->talk);
    add_report(&out->report, sp_link_report(s->talk.link), &before);
    if (err != SP_OK || !out->report.complete) {
        drop_link(s);
    }
    return err;
}

/* Who stands without a network wants to hear so, not to wait: all patience is
 * for a server that has said something in this round. */
static uint64_t patience(
    uint64_t start, uint64_t until, const struct cc_sync_outcome *out)
{
    uint64_t silent = start + SILENT_MS_MAX;

    return out->report.bytes_received == 0 && silent < until ? silent : until;
}

/* What it cannot do now, with a full disk perhaps, is left to the next round;
 * lists read the records until then. */
static void tidy(struct cc_replica *r)
{
    sp_err err = cc_replica_tidy(r);
    char line[64];

    if (err != SP_OK && r->env.trace != NULL) {
        (void)snprintf(
            line, sizeof(line), "event=tidy error=%s", sp_err_name(err));
        r->env.trace(r->env.self, "replica", line);
    }
}

sp_err cc_sync_round(struct cc_sync *s, struct cc_sync_outcome *out)
{
    uint64_t start = cc_net_clock_ms(), until = start, seen = 0;
    unsigned idle = 0, failed = 0;
    sp_err err = SP_OK;

    memset(out, 0, sizeof(*out));
    out->server = s->server;
    s->talk.note = out->note;
    s->talk.stopped = s->talk.trouble = false;
    until += s->options.deadline_ms;
    for (;;) {
        uint64_t now = cc_net_clock_ms();

        s->talk.wait_ms = until > now ? (uint32_t)(until - now) : 1;
        out->tries++;
        err = one_try(s, out);
        now = cc_net_clock_ms();
        if (brought(&out->report, &seen)) {
            until = now + s->options.deadline_ms;
            idle = failed = 0;
        }
        if (err == SP_E_OFFLINE) {
            until = patience(start, until, out);
        }
        if (s->talk.stopped || (err == SP_OK && out->report.complete) ||
            (err != SP_OK && !cc_talk_again(err)) || s->talk.trouble ||
            now >= until) {
            break;
        }
        if (err != SP_OK) {
            cc_talk_pause(&s->replica->env, failed++, until - now);
        } else if (++idle > IDLE_ROUNDS_MAX) {
            err = SP_E_STATE;
            break;
        }
    }
    if (s->talk.stopped && err == SP_OK && !out->report.complete) {
        err = SP_E_BUSY;
    }
    if (err == SP_OK && out->report.revoked) {
        drop_link(s);
        cc_say_note(out->note, sizeof(out->note),
            "edits handed in for review: %llu; records removed here: %llu",
            (unsigned long long)out->report.pushed,
            (unsigned long long)out->report.purged);
        err = SP_E_REVOKED;
    }
    tidy(s->replica);
    out->elapsed_ms = cc_net_clock_ms() - start;
    s->talk.note = NULL;
    return err;
}
