/*
 * satchel-agent - holds one root key for one user; see agent.h.
 *
 *   satchel-agent SOCKET IDLE_MS
 *
 * Started by satchel_unlock only: the key comes on descriptor 0, the listening
 * socket is descriptor 3.
 */
#define _GNU_SOURCE /* struct ucred, MADV_DONTDUMP */

#include "keys/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LISTEN_FD  3
#define LOOK_MS    30000 /* a sleeping machine's timer runs late */
#define CLIENT_S   1
#define PAGE_BYTES 4096u

struct agent {
    struct sp_secret *key; /* a page of its own, locked */
    const char *path;
    struct stat socket; /* the name that is ours */
    uint64_t idle_ms;   /* UINT32_MAX: never */
    uint64_t asked_ms;
};

static volatile sig_atomic_t told_to_end;

static void on_signal(int number)
{
    (void)number;
    told_to_end = 1;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    /* Counts sleep too. */
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static void set_signals(void)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &sa, NULL);
    (void)sigaction(SIGINT, &sa, NULL);
    sa.sa_handler = on_signal;
    (void)sigaction(SIGTERM, &sa, NULL);
    (void)sigaction(SIGHUP, &sa, NULL);
}

/* Locked memory is scarce but one page is always there; where it is not, a
 * key that may be swapped is still better than a passphrase on a note. */
static struct sp_secret *take_key(void)
{
    struct rlimit no_core = { 0, 0 };
    struct sp_secret *key;
    size_t got = 0;
    void *page;

    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return NULL;
    }
    (void)mlock(page, PAGE_BYTES);
    (void)madvise(page, PAGE_BYTES, MADV_DONTDUMP);
    key = (struct sp_secret *)page;
    while (got < sizeof(key->b)) {
        ssize_t n = read(0, key->b + got, sizeof(key->b) - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return NULL;
        }
        got += (size_t)n;
    }
    return key;
}

/* Leaves terminal, session and all descriptors but the socket. */
static bool detach(void)
{
    int null = open("/dev/null", O_RDWR);

    if (null < 0 || chdir("/") != 0) {
        return false;
    }
    for (int fd = 0; fd < 3; fd++) {
        (void)dup2(null, fd);
    }
    for (int fd = LISTEN_FD + 1; fd < 1024; fd++) {
        (void)close(fd);
    }
    return true;
}

static bool same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           size == sizeof(peer) && peer.uid == geteuid();
}

/* Whether the idle time has passed; a request that comes too late gets
 * nothing. */
static bool expired(const struct agent *a)
{
    return a->idle_ms != CC_AGENT_IDLE_NEVER &&
           now_ms() - a->asked_ms >= a->idle_ms;
}

/* false: end. */
static bool answer(struct agent *a, int fd)
{
    uint8_t reply[1 + sizeof(a->key->b)] = { CC_AGENT_REPLY };
    size_t size = 1;
    char request = 0;

    if (!same_user(fd) || expired(a) || recv(fd, &request, 1, 0) != 1) {
        return true;
    }
    if (request == CC_AGENT_GIVE) {
        memcpy(reply + 1, a->key->b, sizeof(a->key->b));
        size = sizeof(reply);
        a->asked_ms = now_ms();
    } else if (request == CC_AGENT_END) {
        sp_secret_wipe(a->key); /* before the caller can know of it */
    } else if (request != CC_AGENT_PING) {
        return true;
    }
    (void)send(fd, reply, size, MSG_NOSIGNAL);
    sp_wipe(reply, sizeof(reply));
    return request != CC_AGENT_END;
}

static int wait_ms(const struct agent *a)
{
    uint64_t gone = now_ms() - a->asked_ms;

    if (a->idle_ms == CC_AGENT_IDLE_NEVER) {
        return LOOK_MS;
    }
    if (gone >= a->idle_ms) {
        return 0;
    }
    return a->idle_ms - gone < LOOK_MS ? (int)(a->idle_ms - gone) : LOOK_MS;
}

/* Whether the name is still ours: another unlock may have taken it, or
 * somebody removed it, and then nobody can reach us any more. */
static bool name_is_ours(const struct agent *a)
{
    struct stat st;

    return lstat(a->path, &st) == 0 && st.st_dev == a->socket.st_dev &&
           st.st_ino == a->socket.st_ino;
}

static void serve(struct agent *a)
{
    struct timeval limit = { .tv_sec = CLIENT_S };
    bool go_on = true;

    while (go_on && told_to_end == 0 && !expired(a) && name_is_ours(a)) {
        struct pollfd p = { .fd = LISTEN_FD, .events = POLLIN };
        int fd;

        if (poll(&p, 1, wait_ms(a)) <= 0) {
            continue;
        }
        fd = accept(LISTEN_FD, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        go_on = answer(a, fd);
        (void)close(fd);
    }
}

int main(int argc, char **argv)
{
    struct agent a;
    pid_t pid;

    if (argc != 3) {
        (void)fputs("satchel-agent is started by \"satchel unlock\"\n", stderr);
        return 64;
    }
    memset(&a, 0, sizeof(a));
    a.path = argv[1];
    a.idle_ms = strtoul(argv[2], NULL, 10);
    if (lstat(a.path, &a.socket) != 0 || !S_ISSOCK(a.socket.st_mode)) {
        return 1;
    }
    /* Before the one who waits for us goes on: it may end the terminal. */
    (void)setsid();
    set_signals();
    pid = fork();
    if (pid != 0) {
        return pid < 0 ? 1 : 0;
    }
    a.key = take_key();
    if (a.key == NULL || !detach()) {
        return 1;
    }
    a.asked_ms = now_ms();
    serve(&a);
    sp_secret_wipe(a.key);
    if (name_is_ours(&a)) {
        (void)unlink(a.path);
    }
    _exit(0);
}
