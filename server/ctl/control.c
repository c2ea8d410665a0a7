#include "ctl/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/call.h"
#include "ctl/fresh.h"
#include "ctl/message.h"
#include "ops/log.h"
#include "ops/say.h"

#define CONNECTIONS_MAX 16u
#define BACKLOG         16
#define RECEIVE_S       30 /* a request is one piece; who stalls is cut off */

struct connection {
    struct sv_control *control;
    int fd;
    bool used;
    bool working; /* the request has come; it is finished even at a stop */
    pthread_t thread;
    bool ended; /* joinable */
};

struct sv_control {
    struct sv_server *server;
    char path[SV_CONFIG_TEXT_MAX];
    int fd;
    int wake[2]; /* a pipe: a byte ends the accepting thread */
    pthread_t thread;
    pthread_mutex_t lock;
    struct connection connection[CONNECTIONS_MAX];
};

static json_t *reply_of(const struct sv_call *call, sp_err err)
{
    const char *text = call->text;
    if (err != SP_OK && text[0] == '\0') {
        text = cc_say_err(err);
    }
    return json_pack("{s:o, s:i, s:s, s:O}", "error",
        err == SP_OK ? json_null() : json_string(sp_err_name(err)), "exit",
        sv_message_exit(err), "text", text, "result", call->result);
}

static sp_err receive_attached(
    int fd, const json_t *request, struct sp_buf *attached)
{
    json_int_t size = json_integer_value(json_object_get(request, "attached"));
    if (size == 0) {
        return SP_OK;
    }
    sp_err err = sv_message_receive(fd, attached);
    return err == SP_OK && attached->size != (size_t)size ? SP_E_MALFORMED
                                                          : err;
}

/* What came with a request. */
struct brought {
    struct sp_buf attached;
    unsigned files;
    int file[SV_MESSAGE_FILES_MAX];
};

static sp_err receive_files(
    int fd, const json_t *request, struct brought *brought)
{
    size_t count = json_array_size(json_object_get(request, "files"));
    if (count == 0) {
        return SP_OK;
    }
    if (count > SV_MESSAGE_FILES_MAX) {
        return SP_E_MALFORMED;
    }
    sp_err err = sv_message_receive_files(fd, brought->file, (unsigned)count);
    brought->files = err == SP_OK ? (unsigned)count : 0;
    return err;
}

static void carry_out(
    struct connection *c, const json_t *request, const struct brought *brought)
{
    struct sv_call call = { .server = c->control->server,
        .args = json_object_get(request, "args"),
        .attached = sp_buf_slice(&brought->attached),
        .files = json_object_get(request, "files"),
        .file = brought->file,
        .result = json_object(),
        .fd = c->fd,
        .screen = json_is_true(json_object_get(request, "screen")) };
    const char *name = json_string_value(json_object_get(request, "command"));
    const char *lang = json_string_value(json_object_get(request, "lang"));
    enum cc_lang language = CC_LANG_EN;
    if (lang != NULL) {
        (void)cc_words_lang(lang, &language);
    }
    const char *country =
        json_string_value(json_object_get(request, "country"));
    cc_say_in(language);
    cc_say_home(country == NULL ? NULL : cc_phone_home(country));
    sv_call_handler *handler = name == NULL ? NULL : sv_call_find(name);
    sp_err err = SP_E_ARGUMENT;
    if (handler == NULL) {
        (void)sv_call_refuse(&call, err,
            "this satcheld does not know the command \"%.40s\"; is satchelctl "
            "of another version?",
            name == NULL ? "" : name);
    } else {
        err = handler(&call);
        if (err == SP_OK && sv_call_is_report(name)) {
            err = sv_fresh_stamp(&call);
        }
        sv_log(err == SP_OK ? SV_LOG_INFO : SV_LOG_WARN, "ctl",
            "event=command name=\"%s\" error=%s", name, sp_err_name(err));
    }
    json_t *reply = reply_of(&call, err);
    if (reply == NULL || sv_message_send_json(c->fd, reply) != SP_OK) {
        sv_log(SV_LOG_WARN, "ctl", "event=no_reply name=\"%s\"",
            name == NULL ? "" : name);
    }
    json_decref(reply);
    json_decref(call.result);
}

static void *connection_thread(void *arg)
{
    struct connection *c = arg;
    struct brought brought = { .files = 0 };
    json_t *request = NULL;
    sp_buf_init(&brought.attached, SV_MESSAGE_ATTACHED_MAX);
    sp_err err = sv_message_receive_json(c->fd, &request);
    if (err == SP_OK) {
        err = receive_attached(c->fd, request, &brought.attached);
    }
    if (err == SP_OK) {
        err = receive_files(c->fd, request, &brought);
    }
    pthread_mutex_lock(&c->control->lock);
    c->working = true;
    pthread_mutex_unlock(&c->control->lock);
    if (err == SP_OK) {
        carry_out(c, request, &brought);
    }
    json_decref(request);
    sp_buf_free(&brought.attached);
    for (unsigned i = 0; i < brought.files; i++) {
        close(brought.file[i]);
    }
    pthread_mutex_lock(&c->control->lock);
    close(c->fd);
    c->ended = true;
    pthread_mutex_unlock(&c->control->lock);
    return NULL;
}

/* A free place, after joining what has ended; NULL when all are at work. */
static struct connection *free_place(struct sv_control *c)
{
    struct connection *found = NULL;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *at = &c->connection[i];
        if (at->used && at->ended) {
            pthread_join(at->thread, NULL);
            at->used = false;
        }
        found = found == NULL && !at->used ? at : found;
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void say_busy(int fd)
{
    json_t *reply = json_pack("{s:s, s:i, s:s, s:{}}", "error",
        sp_err_name(SP_E_BUSY), "exit", sv_message_exit(SP_E_BUSY), "text",
        "too many commands at once; try again", "result");
    if (reply != NULL && sv_message_send_json(fd, reply) != SP_OK) {
        sv_log(SV_LOG_WARN, "ctl", "event=no_reply");
    }
    json_decref(reply);
    close(fd);
}

static void take_connection(struct sv_control *c, int fd)
{
    struct timeval patience = { RECEIVE_S, 0 };
    struct connection *place = free_place(c);
    if (place == NULL) {
        say_busy(fd);
        return;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    *place = (struct connection){ .control = c, .fd = fd, .used = true };
    if (pthread_create(&place->thread, NULL, connection_thread, place) != 0) {
        place->used = false;
        say_busy(fd);
    }
}

static void *control_thread(void *arg)
{
    struct sv_control *c = arg;
    for (;;) {
        struct pollfd wait[2] = { { .fd = c->fd, .events = POLLIN },
            { .fd = c->wake[0], .events = POLLIN } };
        if (poll(wait, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        if (wait[1].revents != 0) {
            break;
        }
        int fd = accept(c->fd, NULL, NULL);
        if (fd >= 0) {
            take_connection(c, fd);
        }
    }
    return NULL;
}

static sp_err failed(char *note, const char *path, const char *what)
{
    sv_say_note(note, SV_CONTROL_NOTE_BYTES,
        "control = %s: cannot %s: %s; set control to a path in a directory of "
        "your own",
        path, sv_say(what), cc_say_errno(errno));
    return SP_E_IO;
}

static sp_err open_socket(struct sv_control *c, char *note)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(c->path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return failed(note, c->path, SV_SAY("bind"));
    }
    memcpy(address.sun_path, c->path, strlen(c->path) + 1);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        return failed(note, c->path, SV_SAY("make a socket"));
    }
    (void)unlink(c->path);
    mode_t before = umask(0177); /* 0600 from its first moment */
    int rc = bind(c->fd, (struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    if (rc != 0 || listen(c->fd, BACKLOG) != 0) {
        return failed(note, c->path, SV_SAY("bind"));
    }
    return SP_OK;
}

sp_err sv_control_start(struct sv_control **out, struct sv_server *server,
    char note[SV_CONTROL_NOTE_BYTES])
{
    struct sv_control *c = calloc(1, sizeof *c);
    note[0] = '\0';
    if (c == NULL) {
        return SP_E_NOMEM;
    }
    c->server = server;
    c->fd = c->wake[0] = c->wake[1] = -1;
    memcpy(c->path, server->config.control, sizeof c->path);
    pthread_mutex_init(&c->lock, NULL);
    sp_err err = open_socket(c, note);
    if (err == SP_OK && (pipe(c->wake) != 0 || pthread_create(&c->thread, NULL,
                                                   control_thread, c) != 0)) {
        err = failed(note, c->path, SV_SAY("start"));
    }
    if (err != SP_OK) {
        close(c->fd);
        close(c->wake[0]);
        close(c->wake[1]);
        free(c);
        return err;
    }
    *out = c;
    return SP_OK;
}

void sv_control_stop(struct sv_control *c)
{
    if (c == NULL) {
        return;
    }
    if (write(c->wake[1], "", 1) == 1) {
        pthread_join(c->thread, NULL);
    }
    close(c->fd);
    (void)unlink(c->path);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *at = &c->connection[i];
        pthread_mutex_lock(&c->lock);
        if (at->used && !at->ended && !at->working) {
            (void)shutdown(at->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&c->lock);
        if (at->used) {
            pthread_join(at->thread, NULL);
        }
    }
    close(c->wake[0]);
    close(c->wake[1]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
