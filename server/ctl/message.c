#include "ctl/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static sp_err send_all(int fd, const uint8_t *at, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return SP_E_IO;
        }
        at += sent;
        size -= (size_t)sent;
    }
    return SP_OK;
}

sp_err sv_message_send(int fd, struct sp_slice bytes)
{
    uint8_t head[4];
    sp_set_u32be(head, (uint32_t)bytes.size);
    sp_err err = send_all(fd, head, sizeof head);
    return err == SP_OK ? send_all(fd, bytes.data, bytes.size) : err;
}

sp_err sv_message_send_json(int fd, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    if (text == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = strlen(text) > SV_MESSAGE_BYTES_MAX
                     ? SP_E_TOO_LARGE
                     : sv_message_send(fd, sp_slice_text(text));
    free(text);
    return err;
}

/* got: how many came before the end. */
static sp_err receive_all(int fd, uint8_t *at, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = recv(fd, at + *got, size - *got, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return SP_E_IO;
        }
        *got += (size_t)n;
    }
    return SP_OK;
}

sp_err sv_message_receive(int fd, struct sp_buf *out)
{
    uint8_t head[4];
    size_t got;
    sp_buf_reset(out);
    sp_err err = receive_all(fd, head, sizeof head, &got);
    if (err != SP_OK) {
        return got == 0 ? SP_E_NOT_FOUND : err;
    }
    size_t size = sp_get_u32be(head);
    if (size > out->ceiling) {
        return SP_E_TOO_LARGE;
    }
    uint8_t *at = sp_buf_grow(out, size);
    if (at == NULL && size > 0) {
        return out->err;
    }
    return receive_all(fd, at, size, &got);
}

sp_err sv_message_receive_json(int fd, json_t **out)
{
    struct sp_buf bytes;
    sp_buf_init(&bytes, SV_MESSAGE_BYTES_MAX);
    sp_err err = sv_message_receive(fd, &bytes);
    if (err == SP_OK) {
        json_t *value = json_loadb(
            (const char *)bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL);
        err = json_is_object(value) ? SP_OK : SP_E_MALFORMED;
        if (err == SP_OK) {
            *out = value;
        } else {
            json_decref(value);
        }
    }
    sp_buf_free(&bytes);
    return err;
}

/* Room for the descriptors, aligned as the macros want it. */
union rights {
    struct cmsghdr head;
    char room[CMSG_SPACE(SV_MESSAGE_FILES_MAX * sizeof(int))];
};

sp_err sv_message_send_files(int fd, const int *file, unsigned count)
{
    char mark = 'f';
    struct iovec byte = { &mark, 1 };
    union rights rights = { .room = { 0 } };
    struct msghdr m = { .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &rights,
        .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);
    SP_ASSERT(count >= 1 && count <= SV_MESSAGE_FILES_MAX);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), file, count * sizeof(int));
    ssize_t sent;
    do {
        sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1 ? SP_OK : SP_E_IO;
}

sp_err sv_message_receive_files(int fd, int *file, unsigned count)
{
    char mark;
    struct iovec byte = { &mark, 1 };
    union rights rights;
    struct msghdr m = { .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &rights,
        .msg_controllen = sizeof rights };
    ssize_t got;
    do {
        got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    struct cmsghdr *head = got == 1 ? CMSG_FIRSTHDR(&m) : NULL;
    if (head == NULL || head->cmsg_type != SCM_RIGHTS) {
        return got == 1 ? SP_E_MALFORMED : SP_E_IO;
    }
    size_t bytes = head->cmsg_len - CMSG_LEN(0);
    if (bytes != count * sizeof(int) || (m.msg_flags & MSG_CTRUNC) != 0) {
        int other[SV_MESSAGE_FILES_MAX];
        bytes = bytes > sizeof other ? sizeof other : bytes;
        memcpy(other, CMSG_DATA(head), bytes);
        for (size_t i = 0; i < bytes / sizeof(int); i++) {
            close(other[i]);
        }
        return SP_E_MALFORMED;
    }
    memcpy(file, CMSG_DATA(head), bytes);
    return SP_OK;
}

int sv_message_exit(sp_err err)
{
    switch (err) {
    case SP_OK:
        return 0;
    case SP_E_CONFIG:
    case SP_E_ARGUMENT:
        return 64;
    case SP_E_OFFLINE:
        return 69;
    case SP_E_INTERNAL:
    case SP_E_NOMEM:
        return 70;
    case SP_E_IO:
    case SP_E_FULL:
    case SP_E_CORRUPT:
        return 74;
    default:
        return 1;
    }
}
