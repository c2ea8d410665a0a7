/*
 * frame.h - what one nng message holds: a clear header and a body.
 *
 *   "S1" | type u8 | flags u8 | session id 8 | counter u64 LE | body
 *
 * The 20 header bytes are associated data of a record. A handshake 1 frame's
 * body is mac1 16 | [enrolment id 16, when type says so] | Noise message 1;
 * a handshake 2 frame's Noise message 2; a record frame's one AEAD ciphertext
 * whose plaintext is u16 BE length | packed message | zeros to a multiple of
 * SP_PAD_BYTES, as few as possible. A packed message is 1 byte (0 as it is,
 * 1 zstd, one frame that names its content size) and the bytes.
 * An error frame's body is 2 bytes, the sp_err number (unauthenticated: a
 * hint for a person, never acted upon beyond ending the session).
 *
 * All functions may run on any thread at once. zstd's contexts and one
 * scratch buffer each (about 0.7 MiB together) come from a pool of
 * SP_FRAME_POOL in the process, so that no frame allocates one and an idle
 * session holds none.
 * source: PROTOCOL.md, "Frame"
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

/* Splits a frame; points into in. The body's size is checked against its
 * type. SP_E_TRUNCATED, SP_E_MALFORMED (magic, type, flags, a record that is
 * not whole pads), SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sp_frame_parse(struct sp_slice in, struct sp_frame *out);
/* Appends a header to out (which must be empty). */
void sp_frame_header(struct sp_buf *out, enum sp_frame_type type,
    const uint8_t session[8], uint64_t counter);

/*
 * What both sides of a handshake hash first: "SATCHEL" 0x01 | wire version
 * u16 BE | suite u16 BE | organisation 16 | [enrolment id 16]. A version lives
 * nowhere else, so that a downgrade breaks the hash.
 *   enrolment  NULL unless under a one-time code
 *   returns    how many bytes of out
 */
#define SP_WIRE_VERSION       1u
#define SP_WIRE_SUITE         1u /* the one of handshake.h */
#define SP_PROLOGUE_BYTES_MAX 44u
size_t sp_frame_prologue(uint8_t out[SP_PROLOGUE_BYTES_MAX],
    const struct sp_id *org, const struct sp_id *enrolment);

/*
 * Writes a whole handshake 1 frame into out (reset first): session and counter
 * are zero, mac1 covers the body behind it. hs is an initiator that has
 * written nothing yet; its remote static keys mac1.
 *   enrolment  NULL makes SP_FRAME_HELLO, an id SP_FRAME_ENROL
 *   errors     those of sp_handshake_write
 */
SP_MUST_USE sp_err sp_frame_hello(struct sp_handshake *hs,
    const struct sp_id *enrolment, struct sp_slice payload, struct sp_buf *out);
/*
 * Checks mac1 of a handshake 1 frame, before any Diffie-Hellman.
 *   enrolment  set for SP_FRAME_ENROL, else untouched
 *   noise      the Noise message, points into the frame
 *   errors     SP_E_FORGED; SP_E_MALFORMED (session or counter not zero),
 *              SP_E_STATE (another type)
 */
SP_MUST_USE sp_err sp_frame_hello_check(const struct sp_frame *frame,
    const uint8_t server_static[32], struct sp_id *enrolment,
    struct sp_slice *noise);
/* Writes a whole handshake 2 frame into out (reset first); its body is read
 * with sp_handshake_read. session is the one that the responder drew; nothing
 * authenticates it here, the first record's tag does. */
SP_MUST_USE sp_err sp_frame_hello_reply(struct sp_handshake *hs,
    const uint8_t session[8], struct sp_slice payload, struct sp_buf *out);

/* Writes a whole error frame into out (reset first); session and counter are
 * those of the frame that it answers. */
void sp_frame_error(
    struct sp_buf *out, const uint8_t session[8], uint64_t counter, sp_err err);
/* The number in an error frame; SP_E_INTERNAL when it is not one of ours. */
sp_err sp_frame_error_read(const struct sp_frame *frame);

/*
 * Packs, pads and seals one message as a whole record frame into out (reset
 * first); advances send->counter. On failure out is empty and the counter
 * stays.
 *   message  1 to SP_MESSAGE_BYTES_MAX bytes; compressed when that is shorter
 *   errors   SP_E_TOO_LARGE when it does not fit one frame even so (the
 *            caller sends fewer items), SP_E_SESSION after
 *            SP_SESSION_RECORDS_MAX records, SP_E_NOMEM, SP_E_ARGUMENT (empty)
 *   cost     one pass of zstd level 1, one of the AEAD, in place
 */
SP_MUST_USE sp_err sp_frame_seal(struct sp_cipher *send,
    const uint8_t session[8], struct sp_slice message, struct sp_buf *out);
/*
 * Opens a record frame into message (reset first, and empty on failure). The
 * caller checks the counter against its replay window. A size that zstd
 * claims is compared with SP_MESSAGE_BYTES_MAX before memory is reserved.
 *   errors   SP_E_FORGED, SP_E_MALFORMED, SP_E_TOO_LARGE, SP_E_NOMEM,
 *            SP_E_SESSION (a counter that no session reaches), SP_E_STATE (not
 *            a record)
 */
SP_MUST_USE sp_err sp_frame_open(const struct sp_cipher *receive,
    const struct sp_frame *frame, struct sp_buf *message);

/* Frees the pool's idle contexts; harmless at any time. For an end without
 * leaks, and for a phone that is asked for memory. */
#define SP_FRAME_POOL 4u
void sp_frame_trim(void);

/* RFC 6479-like window over the counters of one direction. */
struct sp_window {
    uint64_t next; /* highest counter taken, plus 1 */
    uint64_t seen; /* bit i: counter next - 1 - i was taken */
};
/* Whether the counter is new (then takes it), else SP_E_REPLAY. Call after
 * the record's tag was checked. */
SP_MUST_USE sp_err sp_window_take(struct sp_window *w, uint64_t counter);

#endif
