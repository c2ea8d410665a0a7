#include "net/hangup.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define DESCRIPTORS_MAX 65536

/* The peer of a descriptor; false when it is no connected TCP socket. */
static bool peer_of(int fd, struct sv_hangup_peer *out)
{
    struct sockaddr_storage storage;
    socklen_t size = sizeof storage;
    memset(out, 0, sizeof *out);
    if (getpeername(fd, (struct sockaddr *)&storage, &size) != 0) {
        return false;
    }
    if (storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&storage;
        memcpy(out->address, &in->sin_addr, 4);
        out->port_be = in->sin_port;
        return true;
    }
    if (storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&storage;
        out->v6 = true;
        memcpy(out->address, &in6->sin6_addr, 16);
        out->port_be = in6->sin6_port;
        return true;
    }
    return false;
}

static bool same(const struct sv_hangup_peer *a, const struct sv_hangup_peer *b)
{
    return a->v6 == b->v6 && a->port_be == b->port_be &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

size_t sv_hangup_peers(const struct sv_hangup_peer *peer, size_t count)
{
    struct rlimit limit;
    int max = DESCRIPTORS_MAX;
    size_t found = 0;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < DESCRIPTORS_MAX) {
        max = (int)limit.rlim_cur;
    }
    for (int fd = 0; fd < max && found < count; fd++) {
        struct sv_hangup_peer at;
        if (!peer_of(fd, &at)) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (same(&at, &peer[i])) {
                (void)shutdown(fd, SHUT_RDWR);
                found++;
            }
        }
    }
    return found;
}
