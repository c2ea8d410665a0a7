#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "sync/net.h"

#include "sp/limits.h"

#include "say/net.h"
#include "say/say.h"
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define CC_LEAKS_SOUGHT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CC_LEAKS_SOUGHT 1
#endif
#endif
#ifdef CC_LEAKS_SOUGHT
#include <sanitizer/lsan_interface.h>
#endif

#define SERVERS_MAX      64u
#define ENDPOINT_BYTES   160u
#define QUICK_MS         300u /* a server that is there answers sooner */
#define RECONNECT_MS_MIN 100
#define RECONNECT_MS_MAX 1000
#define PROBE_MS_MAX     5000u
#define THREADS_MS       200u /* what threads take to start, and more */

struct cc_net {
    char endpoint[ENDPOINT_BYTES];
    nng_socket socket;
    nng_dialer dialer;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned pipes; /* connected now: 0 or 1 */
    bool steady;    /* the last request was answered, and the pipe is there */
    bool answered;  /* an aio has ended */
};

static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct cc_net *all[SERVERS_MAX];
static size_t all_count;

uint64_t cc_net_clock_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void cc_net_pause(uint32_t ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1000u),
        .tv_nsec = (long)(ms % 1000u) * 1000000l };

    while (nanosleep(&t, &t) != 0 && errno == EINTR) {
    }
}

/* A search for leaks takes what a thread has that is only just starting for
 * lost; nng may have some of them. */
static void let_threads_start(void)
{
#ifdef CC_LEAKS_SOUGHT
    cc_net_pause(THREADS_MS);
#endif
}

static bool is_steady(struct cc_net *n)
{
    bool steady;

    (void)pthread_mutex_lock(&n->mutex);
    steady = n->steady;
    (void)pthread_mutex_unlock(&n->mutex);
    return steady;
}

/* nng keeps threads and memory until told; closing sockets earlier than that
 * meets faults of 1.5. So does closing one whose connection is being lost or
 * made: having lost one it dials again, half of the time at once, and what is
 * connected while it closes is never freed, or locked after it is freed. Then
 * all is left as it is: the process ends without waiting for it. */
static void end_nng(void)
{
    for (size_t i = 0; i < all_count; i++) {
        if (!is_steady(all[i])) {
            let_threads_start();
            return;
        }
    }
    for (size_t i = 0; i < all_count; i++) {
        (void)nng_close(all[i]->socket);
    }
    nng_fini();
    for (size_t i = 0; i < all_count; i++) {
        (void)pthread_cond_destroy(&all[i]->changed);
        (void)pthread_mutex_destroy(&all[i]->mutex);
        free(all[i]);
    }
    all_count = 0;
}

static void on_pipe(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct cc_net *n = (struct cc_net *)arg;

    (void)pipe;
    (void)pthread_mutex_lock(&n->mutex);
    if (event == NNG_PIPE_EV_ADD_POST) {
        n->pipes++;
    } else if (n->pipes > 0) {
        n->pipes--;
        n->steady = false;
    }
    (void)pthread_cond_broadcast(&n->changed);
    (void)pthread_mutex_unlock(&n->mutex);
}

static int set_up(struct cc_net *n)
{
    int rc = nng_req0_open(&n->socket);

    if (rc != 0) {
        return rc;
    }
    rc = nng_socket_set_ms(
        n->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    if (rc == 0) {
        rc = nng_socket_set_size(
            n->socket, NNG_OPT_RECVMAXSZ, SP_FRAME_BYTES_MAX);
    }
    if (rc == 0) {
        rc = nng_socket_set_ms(n->socket, NNG_OPT_RECONNMINT, RECONNECT_MS_MIN);
    }
    if (rc == 0) {
        rc = nng_socket_set_ms(n->socket, NNG_OPT_RECONNMAXT, RECONNECT_MS_MAX);
    }
    if (rc == 0) {
        rc = nng_pipe_notify(n->socket, NNG_PIPE_EV_ADD_POST, on_pipe, n);
    }
    if (rc == 0) {
        rc = nng_pipe_notify(n->socket, NNG_PIPE_EV_REM_POST, on_pipe, n);
    }
    if (rc == 0) {
        rc = nng_dialer_create(&n->dialer, n->socket, n->endpoint);
    }
    if (rc == 0) {
        rc = nng_dialer_start(n->dialer, NNG_FLAG_NONBLOCK);
    }
    if (rc != 0) {
        (void)nng_close(n->socket);
    }
    return rc;
}

/* What a person makes of a look-up's errors; the rare ones are the C library's
 * English. */
static const char *name_words(int rc)
{
    switch (rc) {
    case EAI_NONAME:
        return cc_say("no computer is known by this name");
    case EAI_AGAIN:
        return cc_say("names cannot be looked up now");
    case EAI_SERVICE:
        return cc_say("this is no port");
    case EAI_MEMORY:
        return cc_say_errno(ENOMEM);
    case EAI_SYSTEM:
        return cc_say_errno(errno);
    default:
        return gai_strerror(rc);
    }
}

static sp_err make(struct cc_net **out, const char *endpoint, char *note)
{
    struct cc_net *n = (struct cc_net *)calloc(1, sizeof(*n));
    pthread_condattr_t attr;
    int rc;

    if (n == NULL) {
        return SP_E_NOMEM;
    }
    (void)snprintf(n->endpoint, sizeof(n->endpoint), "%s", endpoint);
    if (pthread_condattr_init(&attr) != 0) {
        free(n);
        return SP_E_NOMEM;
    }
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&n->mutex, NULL);
    (void)pthread_cond_init(&n->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    rc = set_up(n);
    if (rc != 0) {
        cc_say_note(
            note, CC_NET_NOTE_BYTES, "%s: %s", endpoint, cc_say_net(rc));
        (void)pthread_cond_destroy(&n->changed);
        (void)pthread_mutex_destroy(&n->mutex);
        free(n);
        return rc == NNG_ENOMEM ? SP_E_NOMEM : SP_E_ARGUMENT;
    }
    *out = n;
    return SP_OK;
}

sp_err cc_net_open(struct cc_net **out, const char *endpoint, char *note)
{
    static bool registered;
    sp_err err = SP_OK;
    size_t i = 0;

    if (strncmp(endpoint, "tcp://", 6) != 0 ||
        strlen(endpoint) >= ENDPOINT_BYTES) {
        cc_say_note(note, CC_NET_NOTE_BYTES,
            "\"%.100s\" is no server's address: tcp://host:port", endpoint);
        return SP_E_ARGUMENT;
    }
    (void)pthread_mutex_lock(&all_mutex);
    while (i < all_count && strcmp(all[i]->endpoint, endpoint) != 0) {
        i++;
    }
    if (i == SERVERS_MAX) {
        err = SP_E_BUSY;
    } else if (i == all_count) {
        err = make(&all[i], endpoint, note);
        if (err == SP_OK) {
            all_count++;
            if (!registered && atexit(end_nng) == 0) {
                registered = true;
            }
        }
    }
    if (err == SP_OK) {
        *out = all[i];
    }
    (void)pthread_mutex_unlock(&all_mutex);
    return err;
}

const char *cc_net_endpoint(const struct cc_net *n)
{
    return n->endpoint;
}

/* ---- connecting -------------------------------------------------------- */

static struct timespec later(uint32_t ms)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000u);
    t.tv_nsec += (long)(ms % 1000u) * 1000000l;
    if (t.tv_nsec >= 1000000000l) {
        t.tv_nsec -= 1000000000l;
        t.tv_sec++;
    }
    return t;
}

/* Until there is a pipe, or the time has passed. */
static bool wait_pipe(struct cc_net *n, uint32_t ms)
{
    struct timespec until = later(ms);
    bool there;

    (void)pthread_mutex_lock(&n->mutex);
    while (n->pipes == 0 && pthread_cond_timedwait(
                                &n->changed, &n->mutex, &until) != ETIMEDOUT) {
    }
    there = n->pipes > 0;
    (void)pthread_mutex_unlock(&n->mutex);
    return there;
}

static int try_address(const struct addrinfo *a, uint32_t ms)
{
    struct pollfd p = { .events = POLLOUT };
    socklen_t size = sizeof(int);
    int rc = 0;

    p.fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p.fd < 0) {
        return errno;
    }
    if (connect(p.fd, a->ai_addr, a->ai_addrlen) != 0) {
        rc = errno;
        if (rc == EINPROGRESS) {
            rc = ETIMEDOUT;
            if (poll(&p, 1, (int)ms) > 0) {
                (void)getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &rc, &size);
            }
        }
    }
    (void)close(p.fd);
    return rc;
}

/* nng does not tell why it is not connected: one try of our own does.
 * returns  whether the server's port answers */
static bool diagnose(const struct cc_net *n, uint32_t ms, char *note)
{
    const char *host = n->endpoint + strlen("tcp://");
    const char *port = strrchr(host, ':');
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    char name[ENDPOINT_BYTES];
    int rc;

    (void)snprintf(name, sizeof(name), "%.*s",
        port == NULL ? 0 : (int)(port - host), host);
    rc = port == NULL ? EAI_NONAME : getaddrinfo(name, port + 1, &hints, &list);
    if (rc != 0) {
        cc_say_note(note, CC_NET_NOTE_BYTES, "%s: %s", host, name_words(rc));
        return false;
    }
    rc = EHOSTUNREACH;
    for (const struct addrinfo *a = list; a != NULL && rc != 0;
         a = a->ai_next) {
        rc = try_address(a, ms);
    }
    freeaddrinfo(list);
    if (rc != 0) {
        cc_say_note(note, CC_NET_NOTE_BYTES, "%s: %s", host, cc_say_errno(rc));
    }
    return rc == 0;
}

sp_err cc_net_connect(struct cc_net *n, uint32_t wait_ms, char *note)
{
    uint64_t start = cc_net_clock_ms(), gone;
    uint32_t quick = wait_ms < QUICK_MS ? wait_ms : QUICK_MS;

    if (wait_pipe(n, quick)) {
        return SP_OK;
    }
    if (!diagnose(n, wait_ms < PROBE_MS_MAX ? wait_ms : PROBE_MS_MAX, note)) {
        return SP_E_OFFLINE;
    }
    gone = cc_net_clock_ms() - start;
    if (wait_pipe(n, gone < wait_ms ? wait_ms - (uint32_t)gone : QUICK_MS)) {
        return SP_OK;
    }
    cc_say_note(note, CC_NET_NOTE_BYTES,
        "%s: takes connections, but no Satchel server answers there",
        n->endpoint);
    return SP_E_OFFLINE;
}

/* ---- one request ------------------------------------------------------- */

static void on_aio(void *arg)
{
    struct cc_net *n = (struct cc_net *)arg;

    (void)pthread_mutex_lock(&n->mutex);
    n->answered = true;
    (void)pthread_cond_broadcast(&n->changed);
    (void)pthread_mutex_unlock(&n->mutex);
}

/* nng's own timeout would cancel the aio, which 1.5 does not survive in every
 * state: so the wait is ours, and who is late has his context closed. */
static int finish(struct cc_net *n, nng_aio *aio, nng_ctx ctx, uint32_t ms)
{
    struct timespec until = later(ms);
    bool late;

    (void)pthread_mutex_lock(&n->mutex);
    while (!n->answered && pthread_cond_timedwait(
                               &n->changed, &n->mutex, &until) != ETIMEDOUT) {
    }
    late = !n->answered;
    (void)pthread_mutex_unlock(&n->mutex);
    if (late) {
        (void)nng_ctx_close(ctx);
    }
    nng_aio_wait(aio);
    return late ? NNG_ETIMEDOUT : nng_aio_result(aio);
}

static void begin(struct cc_net *n)
{
    (void)pthread_mutex_lock(&n->mutex);
    n->answered = false;
    n->steady = false;
    (void)pthread_mutex_unlock(&n->mutex);
}

/* sent: the message that nng took, not to be touched any more */
static int send_frame(struct cc_net *n, nng_ctx ctx, nng_aio *aio,
    struct sp_slice frame, uint32_t ms, const nng_msg **sent)
{
    nng_msg *msg = NULL;
    int rc = nng_msg_alloc(&msg, 0);

    if (rc == 0) {
        rc = nng_msg_append(msg, frame.data, frame.size);
    }
    if (rc != 0) {
        nng_msg_free(msg);
        return rc;
    }
    nng_aio_set_msg(aio, msg);
    *sent = msg;
    begin(n);
    nng_ctx_send(ctx, aio);
    rc = finish(n, aio, ctx, ms);
    if (rc != 0) {
        msg = nng_aio_get_msg(aio);
        nng_aio_set_msg(aio, NULL);
        nng_msg_free(msg); /* NULL when nng has it */
    }
    return rc;
}

/* Answered: unless the connection was lost after that. */
static void found_steady(struct cc_net *n)
{
    (void)pthread_mutex_lock(&n->mutex);
    n->steady = n->pipes > 0;
    (void)pthread_mutex_unlock(&n->mutex);
}

/* A request that is sent while its connection goes may be lost inside nng 1.5:
 * the connection's own aio, already closed, takes it and never ends, so nobody
 * gives up that hold on it. It cannot be freed from here, where nobody knows
 * whether it was; a search for leaks is told not to count it. */
static void nng_lost(const nng_msg *sent)
{
#ifdef CC_LEAKS_SOUGHT
    __lsan_ignore_object(sent);
#else
    (void)sent;
#endif
}

/* Sends and receives under an open context. failed: what went wrong with the
 * work in between. */
static int exchange(struct cc_net *n, nng_ctx ctx, nng_aio *aio,
    struct sp_slice frame, uint32_t ms, const struct cc_net_meanwhile *work,
    struct sp_buf *reply, sp_err *failed)
{
    const nng_msg *sent = NULL;
    int rc = send_frame(n, ctx, aio, frame, ms, &sent);

    if (rc != 0) {
        return rc;
    }
    begin(n);
    nng_ctx_recv(ctx, aio);
    if (work != NULL) {
        *failed = work->work(work->self);
    }
    if (*failed != SP_OK) {
        (void)nng_ctx_close(ctx); /* ends the wait */
    }
    rc = finish(n, aio, ctx, ms);
    if (rc == 0) {
        nng_msg *msg = nng_aio_get_msg(aio);
        sp_buf_put(reply, nng_msg_body(msg), nng_msg_len(msg));
        nng_msg_free(msg);
        found_steady(n);
    } else if (rc == NNG_ECONNRESET) {
        nng_lost(sent);
    }
    return rc;
}

sp_err cc_net_request(struct cc_net *n, struct sp_slice frame, uint32_t wait_ms,
    const struct cc_net_meanwhile *meanwhile, struct sp_buf *reply, char *note)
{
    nng_aio *aio = NULL;
    nng_ctx ctx = NNG_CTX_INITIALIZER;
    sp_err err, failed = SP_OK;
    int rc;

    sp_buf_reset(reply);
    err = cc_net_connect(n, wait_ms, note);
    if (err != SP_OK) {
        return err;
    }
    rc = nng_ctx_open(&ctx, n->socket);
    if (rc == 0) {
        rc = nng_aio_alloc(&aio, on_aio, n);
        if (rc == 0) {
            rc = exchange(
                n, ctx, aio, frame, wait_ms, meanwhile, reply, &failed);
            nng_aio_free(aio);
        }
        (void)nng_ctx_close(ctx); /* harmless when it is closed */
    }
    if (failed != SP_OK) {
        return failed;
    }
    if (rc != 0) {
        cc_say_note(
            note, CC_NET_NOTE_BYTES, "%s: %s", n->endpoint, cc_say_net(rc));
        return rc == NNG_ENOMEM ? SP_E_NOMEM : SP_E_OFFLINE;
    }
    return reply->err;
}
