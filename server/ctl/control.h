/*
 * control.h - the local socket of satcheld: takes the commands of satchelctl.
 *
 * One thread waits for connections, each gets a thread of its own; a handful
 * at a time. The file is mode 0600 in the server's directory: who may write
 * there administers the server.
 */
#ifndef SV_CONTROL_H
#define SV_CONTROL_H

#include "server.h"

#define SV_CONTROL_NOTE_BYTES 384u

/* Opens the socket and starts the thread. A file that a killed server left is
 * replaced; the store's lock has shown that no other server lives.
 * SP_E_IO, SP_E_NOMEM; note says what and the way out. */
SP_MUST_USE sp_err sv_control_start(struct sv_control **out,
    struct sv_server *server, char note[SV_CONTROL_NOTE_BYTES]);
/* Ends connections that wait, lets commands at work finish, removes the file.
 * NULL is harmless. */
void sv_control_stop(struct sv_control *c);

#endif
