/*
 * message.h - what satchelctl and satcheld say to each other over the local
 * socket: u32 BE length, then that many bytes; JSON unless said otherwise.
 *
 *   request    {"command": "user add", "lang": "zh" or "en",
 *              "args": {...}, "attached": bytes, "files": ["file", "errors"]}
 *              then, when attached is not 0, one message of that many bytes;
 *              then, when there are files, one byte with their descriptors
 *              (SCM_RIGHTS): open files of the caller's, named as the
 *              arguments whose paths they are
 *   replies    {"line": "progress for a person"} any number of times, then
 *              {"error": null or "SP_E_...", "exit": 0.., "text": "...",
 *               "result": {...}}
 *
 * The socket is mode 0600: who may open it administers this server.
 */
#ifndef SV_MESSAGE_H
#define SV_MESSAGE_H

#include <jansson.h>

#include "sp/bytes.h"

#define SV_MESSAGE_BYTES_MAX    16777216u
#define SV_MESSAGE_ATTACHED_MAX 67108864u

/* One message; SP_E_IO when the other side is gone. Never raises SIGPIPE. */
SP_MUST_USE sp_err sv_message_send(int fd, struct sp_slice bytes);
SP_MUST_USE sp_err sv_message_send_json(int fd, const json_t *value);
/* Receives one into out (reset first, its ceiling is the most that is taken).
 * SP_E_NOT_FOUND at a clean end, SP_E_TOO_LARGE, SP_E_IO. */
SP_MUST_USE sp_err sv_message_receive(int fd, struct sp_buf *out);
/* The same as JSON; a new reference. SP_E_MALFORMED. */
SP_MUST_USE sp_err sv_message_receive_json(int fd, json_t **out);

/* Open files, 1 to SV_MESSAGE_FILES_MAX; the sender keeps its own. */
#define SV_MESSAGE_FILES_MAX 4u
SP_MUST_USE sp_err sv_message_send_files(
    int fd, const int *file, unsigned count);
/* Exactly count of them; the caller closes them. SP_E_MALFORMED, SP_E_IO. */
SP_MUST_USE sp_err sv_message_receive_files(int fd, int *file, unsigned count);

/* Exit status of the programs for an error: 0 ok, 1 refused, 64 usage,
 * 69 not running or not reachable, 70 internal, 74 disk. */
int sv_message_exit(sp_err err);

#endif
