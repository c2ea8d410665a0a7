/*
 * hangup.h - ends TCP connections of this process from below.
 *
 * nng 1.5.2 can lose a connection for ever, and all that close after it, when
 * it is told to close one while bytes of an unfinished message come in
 * (nanomsg/nng issue 1813). A peer that dribbles bytes would bring that about
 * at will. So a connection is not closed through nng: its socket is shut down,
 * nng sees the end of the stream as if the peer had gone, and lets go of it on
 * its usual way.
 */
#ifndef SV_HANGUP_H
#define SV_HANGUP_H

#include "sp/bytes.h"

/* The far end of a connection; IPv4 in the first four bytes. */
struct sv_hangup_peer {
    bool v6;
    uint8_t address[16];
    uint16_t port_be; /* as on the wire */
};

/*
 * Shuts down every connected socket of this process with one of these peers.
 *   count   up to 64
 *   returns how many were found
 *   cost    one getpeername a descriptor below the limit of open files
 */
size_t sv_hangup_peers(const struct sv_hangup_peer *peer, size_t count);

#endif
