#include "net/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS         4096u /* power of two */
#define STRIKES_MAX     8u    /* within STRIKE_MS */
#define STRIKE_MS       60000u
#define STUCK_MS        30000u
#define TOKEN_MILLI     1000u /* one token in thousandths */
#define ADDRESS_BUCKETS 1024u

/* Tokens in thousandths; at all times at most twice the rate. */
struct bucket {
    uint64_t milli;
    uint64_t at_ms;
};

struct address {
    struct address *next;
    struct sv_address key;
    uint64_t pipes;
    struct bucket bucket;
};

struct pipe {
    struct pipe *next;
    uint32_t id;
    struct address *address;
    uint64_t added_ms, used_ms;
    uint64_t strike_ms;
    unsigned strikes;
    bool confirmed; /* some session of it was, at some time */
    bool condemned;
    bool named; /* to be closed, at named_ms */
    uint64_t named_ms;
};

struct list {
    struct sv_session *first, *last;
    uint64_t count;
};

/* At all times: in one bucket and one list unless dead; dead only while a
 * turn is under way, and then freed when that ends. */
struct sv_session {
    struct sv_session *chain;
    struct sv_session *prev, *next;
    uint8_t id[8];
    uint32_t pipe;
    uint32_t device; /* of the peer, as of its last turn */
    bool half_open, taken, dead;
    uint64_t made_ms, used_ms;
    struct sp_link *link;
};

struct sv_sessions {
    pthread_mutex_t lock;
    struct sv_session_limits limits;
    struct sv_session *session[BUCKETS];
    struct list half_open, open; /* longest unused first */
    struct pipe *pipe[BUCKETS];
    uint64_t pipe_count;
    struct address *address[ADDRESS_BUCKETS];
    struct bucket all;
};

static void list_remove(struct list *l, struct sv_session *s)
{
    *(s->prev == NULL ? &l->first : &s->prev->next) = s->next;
    *(s->next == NULL ? &l->last : &s->next->prev) = s->prev;
    s->prev = s->next = NULL;
    l->count--;
}

static void list_append(struct list *l, struct sv_session *s)
{
    s->prev = l->last;
    s->next = NULL;
    *(l->last == NULL ? &l->first : &l->last->next) = s;
    l->last = s;
    l->count++;
}

static struct list *list_of(struct sv_sessions *t, const struct sv_session *s)
{
    return s->half_open ? &t->half_open : &t->open;
}

static size_t session_bucket(const uint8_t id[8])
{
    return (size_t)(sp_get_u64le(id) % BUCKETS);
}

static struct sv_session *find_session(struct sv_sessions *t, const uint8_t *id)
{
    struct sv_session *s = t->session[session_bucket(id)];
    while (s != NULL && memcmp(s->id, id, 8) != 0) {
        s = s->chain;
    }
    return s;
}

static void free_session(struct sv_session *s)
{
    sp_link_free(s->link);
    free(s);
}

/* Takes it out of the table; frees it now or when its turn ends. */
static void drop(struct sv_sessions *t, struct sv_session *s)
{
    struct sv_session **at = &t->session[session_bucket(s->id)];
    while (*at != s) {
        at = &(*at)->chain;
    }
    *at = s->chain;
    list_remove(list_of(t, s), s);
    s->dead = true;
    if (!s->taken) {
        free_session(s);
    }
}

static struct pipe *find_pipe(struct sv_sessions *t, uint32_t id)
{
    struct pipe *p = t->pipe[id % BUCKETS];
    while (p != NULL && p->id != id) {
        p = p->next;
    }
    return p;
}

static size_t address_bucket(const struct sv_address *a)
{
    return (size_t)((sp_get_u64le(a->b) ^ sp_get_u64le(a->b + 8)) *
                        0x9e3779b97f4a7c15u >>
                    32) %
           ADDRESS_BUCKETS;
}

static void refill(struct bucket *b, uint64_t per_s, uint64_t now_ms)
{
    uint64_t most = 2 * per_s * TOKEN_MILLI;
    uint64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
    b->at_ms = now_ms;
    if (passed > 2000) {
        passed = 2000; /* full by then */
    }
    b->milli += passed * per_s; /* per ms a thousandth of the rate */
    if (b->milli > most) {
        b->milli = most;
    }
}

static struct address *address_of(
    struct sv_sessions *t, const struct sv_address *key, uint64_t now_ms)
{
    struct address **head = &t->address[address_bucket(key)];
    for (struct address *a = *head; a != NULL; a = a->next) {
        if (memcmp(&a->key, key, sizeof *key) == 0) {
            return a;
        }
    }
    struct address *a = calloc(1, sizeof *a);
    if (a != NULL) {
        a->key = *key;
        a->bucket.milli = 2 * t->limits.handshakes_per_s * TOKEN_MILLI;
        a->bucket.at_ms = now_ms;
        a->next = *head;
        *head = a;
    }
    return a;
}

struct sv_sessions *sv_session_table(const struct sv_session_limits *limits)
{
    struct sv_sessions *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    pthread_mutex_init(&t->lock, NULL);
    t->limits = *limits;
    t->all.milli = 2 * limits->handshakes_all_per_s * TOKEN_MILLI;
    return t;
}

void sv_session_table_limits(
    struct sv_sessions *t, const struct sv_session_limits *limits)
{
    pthread_mutex_lock(&t->lock);
    t->limits = *limits;
    pthread_mutex_unlock(&t->lock);
}

void sv_session_table_free(struct sv_sessions *t)
{
    if (t == NULL) {
        return;
    }
    while (t->half_open.first != NULL) {
        drop(t, t->half_open.first);
    }
    while (t->open.first != NULL) {
        drop(t, t->open.first);
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (t->pipe[i] != NULL) {
            struct pipe *p = t->pipe[i];
            t->pipe[i] = p->next;
            free(p);
        }
    }
    for (size_t i = 0; i < ADDRESS_BUCKETS; i++) {
        while (t->address[i] != NULL) {
            struct address *a = t->address[i];
            t->address[i] = a->next;
            free(a);
        }
    }
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static bool pipe_add(struct sv_sessions *t, uint32_t id,
    const struct sv_address *key, uint64_t now_ms)
{
    struct address *a = address_of(t, key, now_ms);
    if (a == NULL || a->pipes >= t->limits.pipes_per_address) {
        return false;
    }
    struct pipe *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return false;
    }
    p->id = id;
    p->address = a;
    p->added_ms = p->used_ms = now_ms;
    p->next = t->pipe[id % BUCKETS];
    t->pipe[id % BUCKETS] = p;
    t->pipe_count++;
    a->pipes++;
    return true;
}

bool sv_session_pipe_add(struct sv_sessions *t, uint32_t pipe,
    const struct sv_address *address, uint64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    bool added = pipe_add(t, pipe, address, now_ms);
    pthread_mutex_unlock(&t->lock);
    return added;
}

static void drop_matching(
    struct sv_sessions *t, struct list *l, uint32_t pipe, uint32_t device)
{
    for (struct sv_session *s = l->first, *next; s != NULL; s = next) {
        next = s->next;
        if (s->pipe == pipe || (device != 0 && s->device == device)) {
            drop(t, s);
        }
    }
}

void sv_session_pipe_remove(struct sv_sessions *t, uint32_t pipe)
{
    pthread_mutex_lock(&t->lock);
    struct pipe **at = &t->pipe[pipe % BUCKETS];
    while (*at != NULL && (*at)->id != pipe) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        struct pipe *p = *at;
        *at = p->next;
        p->address->pipes--;
        t->pipe_count--;
        free(p);
        drop_matching(t, &t->half_open, pipe, 0);
        drop_matching(t, &t->open, pipe, 0);
    }
    pthread_mutex_unlock(&t->lock);
}

void sv_session_end_device(struct sv_sessions *t, uint32_t device)
{
    pthread_mutex_lock(&t->lock);
    drop_matching(t, &t->half_open, 0, device);
    drop_matching(t, &t->open, 0, device);
    pthread_mutex_unlock(&t->lock);
}

bool sv_session_pipe_strike(
    struct sv_sessions *t, uint32_t pipe, uint64_t now_ms)
{
    bool out = true;
    pthread_mutex_lock(&t->lock);
    struct pipe *p = find_pipe(t, pipe);
    if (p != NULL) {
        if (now_ms - p->strike_ms > STRIKE_MS) {
            p->strike_ms = now_ms;
            p->strikes = 0;
        }
        out = ++p->strikes >= STRIKES_MAX;
    }
    pthread_mutex_unlock(&t->lock);
    return out;
}

void sv_session_pipe_condemn(struct sv_sessions *t, uint32_t pipe)
{
    pthread_mutex_lock(&t->lock);
    struct pipe *p = find_pipe(t, pipe);
    if (p != NULL && !p->condemned) {
        p->condemned = true;
        drop_matching(t, &t->half_open, pipe, 0);
        drop_matching(t, &t->open, pipe, 0);
    }
    pthread_mutex_unlock(&t->lock);
}

void sv_session_pipe_condemn_all(struct sv_sessions *t)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct pipe *p = t->pipe[i]; p != NULL; p = p->next) {
            p->condemned = true;
        }
    }
    pthread_mutex_unlock(&t->lock);
}

bool sv_session_pipe_condemned(struct sv_sessions *t, uint32_t pipe)
{
    pthread_mutex_lock(&t->lock);
    const struct pipe *p = find_pipe(t, pipe);
    bool condemned = p == NULL || p->condemned;
    pthread_mutex_unlock(&t->lock);
    return condemned;
}

bool sv_session_admit(struct sv_sessions *t, uint32_t pipe, uint64_t now_ms)
{
    bool admitted = false;
    pthread_mutex_lock(&t->lock);
    struct pipe *p = find_pipe(t, pipe);
    if (p != NULL) {
        struct bucket *own = &p->address->bucket;
        refill(own, t->limits.handshakes_per_s, now_ms);
        refill(&t->all, t->limits.handshakes_all_per_s, now_ms);
        /* A flood from one address must not use up what all share. */
        admitted = own->milli >= TOKEN_MILLI && t->all.milli >= TOKEN_MILLI;
        if (admitted) {
            own->milli -= TOKEN_MILLI;
            t->all.milli -= TOKEN_MILLI;
            p->used_ms = now_ms;
        }
    }
    pthread_mutex_unlock(&t->lock);
    return admitted;
}

/* Makes room for one more; busy ones stay, they are bounded by the contexts. */
static void make_room(struct sv_sessions *t)
{
    struct sv_session *s = t->half_open.first;
    while (t->half_open.count >= t->limits.half_open_max && s != NULL) {
        struct sv_session *next = s->next;
        if (!s->taken) {
            drop(t, s);
        }
        s = next;
    }
    s = t->open.first;
    while (t->open.count >= t->limits.sessions_max && s != NULL) {
        struct sv_session *next = s->next;
        if (!s->taken) {
            drop(t, s);
        }
        s = next;
    }
}

sp_err sv_session_open(struct sv_sessions *t, struct sp_link *link,
    uint32_t pipe, uint64_t now_ms, struct sv_session **out)
{
    struct sv_session *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return SP_E_NOMEM;
    }
    memcpy(s->id, sp_link_session(link), 8);
    s->link = link;
    s->pipe = pipe;
    s->half_open = s->taken = true;
    s->made_ms = s->used_ms = now_ms;
    pthread_mutex_lock(&t->lock);
    bool fits = find_session(t, s->id) == NULL && find_pipe(t, pipe) != NULL;
    if (fits) {
        make_room(t);
        s->chain = t->session[session_bucket(s->id)];
        t->session[session_bucket(s->id)] = s;
        list_append(&t->half_open, s);
    }
    pthread_mutex_unlock(&t->lock);
    if (!fits) {
        free(s);
        return SP_E_SESSION;
    }
    *out = s;
    return SP_OK;
}

static bool too_old(
    const struct sv_sessions *t, const struct sv_session *s, uint64_t now_ms)
{
    if (s->half_open && now_ms - s->made_ms > t->limits.half_open_ms) {
        return true;
    }
    return now_ms - s->made_ms > t->limits.session_ms ||
           now_ms - s->used_ms > t->limits.idle_ms;
}

static sp_err take(struct sv_sessions *t, const uint8_t *id, uint32_t pipe,
    uint64_t now_ms, struct sv_session **out, bool *foreign)
{
    struct sv_session *s = find_session(t, id);
    struct pipe *p = find_pipe(t, pipe);
    if (s == NULL || p == NULL) {
        return SP_E_SESSION;
    }
    if (s->pipe != pipe) {
        *foreign = true;
        return SP_E_SESSION;
    }
    if (s->taken) {
        return SP_E_BUSY;
    }
    if (too_old(t, s, now_ms)) {
        drop(t, s);
        return SP_E_SESSION;
    }
    s->taken = true;
    s->used_ms = now_ms;
    p->used_ms = now_ms;
    *out = s;
    return SP_OK;
}

sp_err sv_session_take(struct sv_sessions *t, const uint8_t id[8],
    uint32_t pipe, uint64_t now_ms, struct sv_session **out, bool *foreign)
{
    *foreign = false;
    pthread_mutex_lock(&t->lock);
    sp_err err = take(t, id, pipe, now_ms, out, foreign);
    pthread_mutex_unlock(&t->lock);
    return err;
}

struct sp_link *sv_session_link(struct sv_session *s)
{
    return s->link;
}

void sv_session_confirm(struct sv_sessions *t, struct sv_session *s)
{
    pthread_mutex_lock(&t->lock);
    if (s->half_open && !s->dead) {
        list_remove(&t->half_open, s);
        s->half_open = false;
        list_append(&t->open, s);
        struct pipe *p = find_pipe(t, s->pipe);
        if (p != NULL) {
            p->confirmed = true;
        }
    }
    pthread_mutex_unlock(&t->lock);
}

void sv_session_give(
    struct sv_sessions *t, struct sv_session *s, bool end, uint64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    s->taken = false;
    s->device = sp_link_peer(s->link);
    if (s->dead) {
        free_session(s);
    } else if (end) {
        drop(t, s);
    } else {
        s->used_ms = now_ms;
        list_remove(list_of(t, s), s);
        list_append(list_of(t, s), s);
        struct pipe *p = find_pipe(t, s->pipe);
        if (p != NULL) {
            p->used_ms = now_ms;
        }
    }
    pthread_mutex_unlock(&t->lock);
}

static void reap_list(struct sv_sessions *t, struct list *l, uint64_t now_ms,
    struct sv_session_reaped *out)
{
    for (struct sv_session *s = l->first, *next; s != NULL; s = next) {
        next = s->next;
        if (!s->taken && too_old(t, s, now_ms)) {
            drop(t, s);
            out->sessions++;
        }
    }
}

/* A turn that is under way keeps its pipe, however long a commit takes. */
static bool pipe_at_work(const struct list *l, uint32_t pipe)
{
    for (const struct sv_session *s = l->first; s != NULL; s = s->next) {
        if (s->pipe == pipe && s->taken) {
            return true;
        }
    }
    return false;
}

static void reap_pipe(struct sv_sessions *t, struct pipe *p, uint64_t now_ms,
    struct sv_session_reaped *out)
{
    if (p->named) {
        out->stuck += now_ms - p->named_ms > STUCK_MS ? 1 : 0;
        return;
    }
    bool silent = !p->confirmed &&
                  now_ms - p->added_ms > t->limits.unauthenticated_ms &&
                  now_ms - p->used_ms > t->limits.unauthenticated_ms;
    bool idle = now_ms - p->used_ms > t->limits.idle_ms;
    if ((!silent && !idle && !p->condemned) ||
        pipe_at_work(&t->half_open, p->id) || pipe_at_work(&t->open, p->id)) {
        return;
    }
    p->named = true;
    p->named_ms = now_ms;
    out->pipe[out->count++] = p->id;
    out->condemned += p->condemned ? 1 : 0;
    out->silent += !p->condemned && silent ? 1 : 0;
    out->idle += !p->condemned && !silent ? 1 : 0;
}

static void reap_addresses(struct sv_sessions *t, uint64_t now_ms)
{
    for (size_t i = 0; i < ADDRESS_BUCKETS; i++) {
        for (struct address **at = &t->address[i]; *at != NULL;) {
            struct address *a = *at;
            /* its bucket is full again by then */
            if (a->pipes == 0 && now_ms - a->bucket.at_ms > 2000) {
                *at = a->next;
                free(a);
            } else {
                at = &a->next;
            }
        }
    }
}

void sv_session_reap(
    struct sv_sessions *t, uint64_t now_ms, struct sv_session_reaped *out)
{
    memset(out, 0, sizeof *out);
    pthread_mutex_lock(&t->lock);
    reap_list(t, &t->half_open, now_ms, out);
    reap_list(t, &t->open, now_ms, out);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct pipe *p = t->pipe[i]; p != NULL; p = p->next) {
            if (out->count < sizeof out->pipe / sizeof out->pipe[0]) {
                reap_pipe(t, p, now_ms, out);
            }
        }
    }
    reap_addresses(t, now_ms);
    pthread_mutex_unlock(&t->lock);
}

void sv_session_count(struct sv_sessions *t, struct sv_session_counts *out)
{
    pthread_mutex_lock(&t->lock);
    out->pipes = t->pipe_count;
    out->half_open = t->half_open.count;
    out->open = t->open.count;
    pthread_mutex_unlock(&t->lock);
}

void sv_session_walk(struct sv_sessions *t, uint64_t now_ms,
    void (*each)(void *arg, const struct sv_session_view *view), void *arg)
{
    pthread_mutex_lock(&t->lock);
    for (struct sv_session *s = t->open.first; s != NULL; s = s->next) {
        const struct pipe *p = find_pipe(t, s->pipe);
        struct sv_session_view view = {
            .device = s->device,
            .age_ms = now_ms - s->made_ms,
            .idle_ms = now_ms - s->used_ms,
            /* the state of a link at work belongs to who works on it */
            .state = s->taken ? "working" : sp_link_state(s->link),
        };
        if (p != NULL) {
            view.address = p->address->key;
        }
        each(arg, &view);
    }
    pthread_mutex_unlock(&t->lock);
}
