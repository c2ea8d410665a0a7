#define _GNU_SOURCE /* struct ucred */

#include "keys/agent.h"

#include "say/say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM   "satchel-agent"
#define ANSWER_MS 2000
#define END_WAITS 100
#define END_PAUSE 10 /* ms */
#define KEY_FD    0
#define LISTEN_FD 3
#define ARGUMENTS 4

extern char **environ;

/* ---- where it listens -------------------------------------------------- */

static sp_err check_own_dir(const char *dir, char *note)
{
    struct stat st;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "%s: cannot make it: %s; set XDG_RUNTIME_DIR to a directory of "
            "your own",
            dir, cc_say_errno(errno));
        return SP_E_IO;
    }
    if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode) ||
        st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "%s: must be a directory of yours that nobody else may enter "
            "(mode 0700); set XDG_RUNTIME_DIR to one",
            dir);
        return SP_E_IO;
    }
    return SP_OK;
}

static sp_err runtime_dir(char *out, size_t size, char *note)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    int n;

    if (base != NULL && base[0] == '/') {
        n = snprintf(out, size, "%s/satchel", base);
    } else {
        base = getenv("TMPDIR");
        n = snprintf(out, size, "%s/satchel-%lu",
            base != NULL && base[0] == '/' ? base : "/tmp",
            (unsigned long)geteuid());
    }
    if (n < 0 || (size_t)n >= size) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "the runtime directory's name is too long for a socket; set "
            "XDG_RUNTIME_DIR to a shorter one");
        return SP_E_IO;
    }
    return check_own_dir(out, note);
}

sp_err cc_agent_path(
    const char *store, char out[CC_AGENT_PATH_BYTES], char *note)
{
    char real[PATH_MAX], dir[CC_AGENT_PATH_BYTES], name[17];
    uint8_t hash[16];
    sp_err err;
    int n;

    if (realpath(store, real) == NULL) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "%s: %s; name a store, or "
            "make one by enrolling",
            store, cc_say_errno(errno));
        return SP_E_NOT_FOUND;
    }
    err = runtime_dir(dir, sizeof(dir), note);
    if (err != SP_OK) {
        return err;
    }
    sp_hash(hash, sizeof(hash), sp_slice_text(real), NULL);
    sp_hex(name, hash, 8);
    n = snprintf(out, CC_AGENT_PATH_BYTES, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= CC_AGENT_PATH_BYTES) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "%s: too long a name for a socket; set XDG_RUNTIME_DIR to a "
            "shorter directory",
            dir);
        return SP_E_IO;
    }
    return SP_OK;
}

/* ---- asking it --------------------------------------------------------- */

static bool fill_address(struct sockaddr_un *a, const char *path)
{
    size_t size = strlen(path);

    memset(a, 0, sizeof(*a));
    a->sun_family = AF_UNIX;
    if (size >= sizeof(a->sun_path)) {
        return false;
    }
    memcpy(a->sun_path, path, size + 1);
    return true;
}

/* Whoever listens there must be us: a key is taken from nobody else. */
static bool is_own_peer(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           size == sizeof(peer) && peer.uid == geteuid();
}

static int connect_to(const char *path)
{
    struct timeval limit = { .tv_sec = ANSWER_MS / 1000 };
    struct sockaddr_un a;
    int fd;

    if (!fill_address(&a, path)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
        !is_own_peer(fd)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool receive_all(int fd, uint8_t *out, size_t size)
{
    while (size > 0) {
        ssize_t n = recv(fd, out, size, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        out += n;
        size -= (size_t)n;
    }
    return true;
}

/* out: size bytes behind the reply's first. */
static sp_err ask(const char *path, char request, uint8_t *out, size_t size)
{
    uint8_t reply = 0;
    sp_err err = SP_E_LOCKED;
    int fd = connect_to(path);

    if (fd < 0) {
        return SP_E_LOCKED;
    }
    if (send(fd, &request, 1, MSG_NOSIGNAL) == 1 &&
        receive_all(fd, &reply, 1) && reply == CC_AGENT_REPLY &&
        receive_all(fd, out, size)) {
        err = SP_OK;
    }
    (void)close(fd);
    return err;
}

sp_err cc_agent_get(const char *path, struct sp_secret *out)
{
    struct sp_secret key;
    sp_err err = ask(path, CC_AGENT_GIVE, key.b, sizeof(key.b));

    if (err == SP_OK) {
        *out = key;
    }
    sp_secret_wipe(&key);
    return err;
}

bool cc_agent_there(const char *path)
{
    return ask(path, CC_AGENT_PING, NULL, 0) == SP_OK;
}

sp_err cc_agent_end(const char *path)
{
    if (ask(path, CC_AGENT_END, NULL, 0) != SP_OK) {
        return SP_OK;
    }
    for (int i = 0; i < END_WAITS; i++) {
        if (!cc_agent_there(path)) {
            return SP_OK;
        }
        (void)poll(NULL, 0, END_PAUSE);
    }
    return SP_E_IO;
}

/* ---- starting it ------------------------------------------------------- */

static bool beside_us(char *out, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", out, size);
    char *slash;

    if (n <= 0 || (size_t)n >= size) {
        return false;
    }
    out[n] = '\0';
    slash = strrchr(out, '/');
    if (slash == NULL || size - (size_t)(slash + 1 - out) < sizeof(PROGRAM)) {
        return false;
    }
    memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
    return access(out, X_OK) == 0;
}

static sp_err find_program(char *out, size_t size, char *note)
{
    const char *named = getenv("SATCHEL_AGENT");

    if (named != NULL && named[0] != '\0') {
        (void)snprintf(out, size, "%s", named);
    } else if (!beside_us(out, size)) {
        (void)snprintf(out, size, "%s/%s", CC_AGENT_DIR, PROGRAM);
    }
    if (access(out, X_OK) != 0) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "unlocking needs the program satchel-agent, which remembers the "
            "key; %.300s: %s; install it, name it in SATCHEL_AGENT, or give "
            "each command --passphrase-file",
            out, cc_say_errno(errno));
        return SP_E_CONFIG; /* the store is there */
    }
    return SP_OK;
}

/* Listens under a name of our own first, so that the one in use is there whole
 * or not at all, and a running agent loses it in one step. */
static int listen_at(const char *path, char *note)
{
    char aside[CC_AGENT_PATH_BYTES + 32];
    struct sockaddr_un a;
    mode_t before;
    int fd, rc;

    (void)snprintf(aside, sizeof(aside), "%s.%lu", path,
        (unsigned long)getpid() % 1000000u);
    if (!fill_address(&a, aside)) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "%s: too long a name for a socket; set XDG_RUNTIME_DIR to a "
            "shorter directory",
            path);
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        cc_say_note(
            note, CC_AGENT_NOTE_BYTES, "socket: %s", cc_say_errno(errno));
        return -1;
    }
    (void)unlink(aside);
    before = umask(0177);
    rc = bind(fd, (const struct sockaddr *)&a, sizeof(a));
    (void)umask(before);
    if (rc != 0 || listen(fd, 16) != 0 || rename(aside, path) != 0) {
        cc_say_note(
            note, CC_AGENT_NOTE_BYTES, "%s: %s", path, cc_say_errno(errno));
        (void)unlink(aside);
        (void)close(fd);
        return -1;
    }
    return fd;
}

struct launch {
    char program[PATH_MAX];
    char *argv[ARGUMENTS];
    char idle[16];
    int key_fd;
    int listen_fd;
};

static int spawn_it(struct launch *l, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    int rc = posix_spawn_file_actions_init(&actions);

    if (rc != 0) {
        return rc;
    }
    rc = posix_spawnattr_init(&attr);
    if (rc != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return rc;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&defaults);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(
        &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    rc = posix_spawn_file_actions_adddup2(&actions, l->key_fd, KEY_FD);
    if (rc == 0) {
        rc =
            posix_spawn_file_actions_adddup2(&actions, l->listen_fd, LISTEN_FD);
    }
    if (rc == 0) {
        rc = posix_spawn(pid, l->program, &actions, &attr, l->argv, environ);
    }
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* The child detaches at once and its first process ends: that one is waited
 * for, so that nobody is left as a zombie. */
static sp_err wait_for(pid_t pid, char *note)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            /* The host program collects its children itself. */
            return SP_OK;
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES, "%s ended at once (status %d)",
            PROGRAM, status);
        return SP_E_IO;
    }
    return SP_OK;
}

static sp_err launch(struct launch *l, const struct sp_secret *root, char *note)
{
    int ends[2];
    pid_t pid = 0;
    sp_err err;
    int rc;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES, "pipe: %s", cc_say_errno(errno));
        return SP_E_IO;
    }
    /* 32 bytes fit a pipe's buffer: nobody needs to read yet. */
    if (write(ends[1], root->b, sizeof(root->b)) != (ssize_t)sizeof(root->b)) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return SP_E_IO;
    }
    (void)close(ends[1]);
    l->key_fd = ends[0];
    rc = spawn_it(l, &pid);
    (void)close(ends[0]);
    if (rc != 0) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES, "%.300s: %s", l->program,
            cc_say_errno(rc));
        return rc == ENOMEM ? SP_E_NOMEM : SP_E_IO;
    }
    err = wait_for(pid, note);
    return err;
}

sp_err cc_agent_start(const char *path, const struct sp_secret *root,
    uint32_t idle_ms, char *note)
{
    static char name[] = PROGRAM;
    char place[CC_AGENT_PATH_BYTES];
    struct launch l;
    sp_err err;

    memset(&l, 0, sizeof(l));
    err = find_program(l.program, sizeof(l.program), note);
    if (err != SP_OK) {
        return err;
    }
    if (cc_agent_end(path) != SP_OK) {
        cc_say_note(note, CC_AGENT_NOTE_BYTES,
            "the agent at %s does not end; end that process", path);
        return SP_E_IO;
    }
    l.listen_fd = listen_at(path, note);
    if (l.listen_fd < 0) {
        return SP_E_IO;
    }
    (void)snprintf(place, sizeof(place), "%s", path);
    (void)snprintf(l.idle, sizeof(l.idle), "%lu", (unsigned long)idle_ms);
    l.argv[0] = name;
    l.argv[1] = place;
    l.argv[2] = l.idle;
    err = launch(&l, root, note);
    (void)close(l.listen_fd);
    if (err != SP_OK) {
        (void)unlink(path);
    }
    return err;
}
