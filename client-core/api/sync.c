#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/fail.h"
#include "api/tray.h"

#define DEADLINE_MS_DEFAULT 30000u

struct satchel_live {
    struct satchel *s;
    struct cc_sync *sync;
    int (*progress)(void *self, const struct satchel_progress *p);
    void *progress_self;
};

static int on_progress(void *self, const struct sp_progress *p)
{
    const struct satchel_live *l = (const struct satchel_live *)self;
    struct satchel_progress out = { .pushed = p->pushed,
        .to_push = p->to_push,
        .pulled = p->pulled,
        .to_pull = p->to_pull,
        .bytes_sent = p->bytes_sent,
        .bytes_received = p->bytes_received };

    return l->progress(l->progress_self, &out);
}

/* Edits that no server has yet, for the report. */
static uint64_t count_pending(struct satchel *s)
{
    struct sp_status status;
    struct sp_tx tx;
    uint64_t pending = 0;

    if (cc_replica_begin(&s->replica, false, &tx) == SP_OK) {
        if (sp_node_status(&tx, &status) == SP_OK) {
            pending = status.pending;
        }
        cc_replica_abort(&s->replica, &tx);
    }
    return pending;
}

static void fill_report(struct satchel *s, const struct cc_sync_outcome *from,
    struct satchel_sync_report *out)
{
    const struct sp_link_report *r = &from->report;

    if (out == NULL) {
        return;
    }
    *out = (struct satchel_sync_report){ .same = r->same,
        .complete = r->complete,
        .pushed = r->pushed,
        .accepted = r->accepted,
        .refused = r->refused,
        .deferred = r->deferred,
        .pulled = r->pulled,
        .purged = r->purged,
        .alarms = r->alarms,
        .round_trips = r->round_trips,
        .bytes_sent = r->bytes_sent,
        .bytes_received = r->bytes_received,
        .pending = count_pending(s),
        .tries = from->tries,
        .elapsed_ms = from->elapsed_ms,
        .clock_offset_ms = r->clock_offset_ms,
        .server = from->server };
}

int satchel_live_round(struct satchel_live *live,
    struct satchel_sync_report *report, struct satchel_error *e)
{
    struct cc_sync_outcome outcome;
    sp_err err = cc_sync_round(live->sync, &outcome);

    fill_report(live->s, &outcome, report);
    return cc_fail_set(e, err, outcome.note);
}

static int open_live(struct satchel *s,
    const struct satchel_sync_options *options, struct satchel_live **out,
    struct satchel_error *e)
{
    static const struct satchel_sync_options none;
    const struct satchel_sync_options *o = options == NULL ? &none : options;
    struct cc_sync_options below = { .unit = o->unit,
        .deadline_ms =
            o->deadline_ms == 0 ? DEADLINE_MS_DEFAULT : o->deadline_ms };
    char note[CC_SYNC_NOTE_BYTES] = "";
    struct satchel_live *l = (struct satchel_live *)calloc(1, sizeof(*l));
    sp_err err;

    if (l == NULL) {
        return cc_fail_set(e, SP_E_NOMEM, "");
    }
    l->s = s;
    l->progress = o->progress;
    l->progress_self = o->progress_self;
    below.progress = o->progress == NULL ? NULL : on_progress;
    below.progress_self = l;
    err = cc_sync_open(&l->sync, &s->replica, &below, note);
    if (err != SP_OK) {
        free(l);
        return cc_fail_set(e, err, note);
    }
    *out = l;
    return 0;
}

/* What was dealt with here before its record had come is said in it now, so
 * that the user's other devices know. A sync does not fail for it. */
static void say_late(struct satchel *s)
{
    struct cc_call c;
    bool any = false;

    if (cc_call_begin(&c, s, false, NULL) == 0) {
        sp_err err = cc_tray_dispose_late(&c, &any);
        (void)cc_call_end(&c, err);
    }
    if (any && cc_call_begin(&c, s, true, NULL) == 0) {
        sp_err err = cc_tray_dispose_late(&c, &any);
        (void)cc_call_end(&c, err);
    }
}

int satchel_live_open(struct satchel *s,
    const struct satchel_sync_options *options, struct satchel_live **out,
    struct satchel_sync_report *report, struct satchel_error *e)
{
    struct satchel_live *l = NULL;
    int rc;

    if (report != NULL) {
        memset(report, 0, sizeof(*report));
    }
    rc = open_live(s, options, &l, e);
    if (rc == 0) {
        say_late(s);
        rc = satchel_live_round(l, report, e);
        if (rc != 0) {
            satchel_live_close(l);
        } else {
            *out = l;
        }
    }
    return rc;
}

void satchel_live_close(struct satchel_live *live)
{
    if (live != NULL) {
        cc_sync_close(live->sync);
        free(live);
    }
}

int satchel_sync(struct satchel *s, const struct satchel_sync_options *options,
    struct satchel_sync_report *report, struct satchel_error *e)
{
    struct satchel_live *l = NULL;
    int rc = satchel_live_open(s, options, &l, report, e);

    if (rc == 0) {
        satchel_live_close(l);
    }
    return rc;
}
