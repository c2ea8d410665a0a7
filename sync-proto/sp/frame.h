/*
 * frame.h - what one nng message holds: a clear header and a body.
 *
 *   "S1" | type u8 | flags u8 | session id 8 | counter u64 LE | body
 *
 * The 20 header bytes are associated data of the body. A handshake 1 frame's
 * body is mac1 16 | [enrolment id 16, when type says so] | Noise message 1;
 * a handshake 2 frame's Noise message 2; a record frame's one AEAD ciphertext
 * whose plaintext is u16 BE length | packed message | zeros to a multiple of
 * SP_PAD_BYTES. A packed message is 1 byte (0 as it is, 1 zstd) and the bytes.
 * An error frame's body is 2 bytes, the sp_err number (unauthenticated: a
 * hint for a person, never acted upon beyond ending the session).
 */
#ifndef SP_FRAME_H
#define SP_FRAME_H

#include "sp/bytes.h"
#include "sp/handshake.h"
#include "sp/limits.h"

enum sp_frame_type {
    SP_FRAME_HELLO = 1,       /* Noise message 1 of an enrolled peer */
    SP_FRAME_HELLO_REPLY = 2, /* Noise message 2 */
    SP_FRAME_ENROL = 3,       /* Noise message 1 under a one-time code */
    SP_FRAME_RECORD = 4,      /* transport record */
    SP_FRAME_ERROR = 5
};

struct sp_frame {
    enum sp_frame_type type;
    uint8_t session[8];
    uint64_t counter;
    struct sp_slice header; /* the 20 bytes, for associated data */
    struct sp_slice body;
};

/* Splits a frame; points into in. SP_E_TRUNCATED, SP_E_MALFORMED (magic, type,
 * flags), SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sp_frame_parse(struct sp_slice in, struct sp_frame *out);
/* Appends a header to out (which must be empty). */
void sp_frame_header(struct sp_buf *out, enum sp_frame_type type,
    const uint8_t session[8], uint64_t counter);

/*
 * Packs, pads and seals one message as a whole record frame into out (reset
 * first); advances send->counter.
 *   message  up to SP_MESSAGE_BYTES_MAX; compressed when that is shorter
 *   errors   SP_E_TOO_LARGE when it does not fit one frame even so (the
 *            caller sends fewer items), SP_E_NOMEM
 */
SP_MUST_USE sp_err sp_frame_seal(struct sp_cipher *send,
    const uint8_t session[8], struct sp_slice message, struct sp_buf *out);
/*
 * Opens a record frame into message (reset first). The caller checks the
 * counter against its replay window; nothing is changed on failure.
 *   errors   SP_E_FORGED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM
 */
SP_MUST_USE sp_err sp_frame_open(const struct sp_cipher *receive,
    const struct sp_frame *frame, struct sp_buf *message);

/* RFC 6479-like window over the counters of one direction. */
struct sp_window {
    uint64_t next; /* highest counter taken, plus 1 */
    uint64_t seen; /* bit i: counter next - 1 - i was taken */
};
/* Whether the counter is new (then takes it), else SP_E_REPLAY. Call after
 * the record's tag was checked. */
SP_MUST_USE sp_err sp_window_take(struct sp_window *w, uint64_t counter);

#endif
