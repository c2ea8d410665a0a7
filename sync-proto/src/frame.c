#include "sp/frame.h"

#include <zstd.h>

#include <stdatomic.h>
#include <string.h>

enum {
    TAG_BYTES = 16,
    MAC1_BYTES = 16,
    ENROLMENT_BYTES = 16,
    LENGTH_BYTES = 2,
    KIND_AT = SP_FRAME_HEADER_BYTES + LENGTH_BYTES,
    DATA_AT = KIND_AT + 1,
    ZSTD_LEVEL = 1,
    /* Below this zstd's own header eats what it could win. */
    PACK_BYTES_MIN = 64
};
enum kind { KIND_PLAIN = 0, KIND_ZSTD = 1 };

/* The most of a packed message's data that fits a frame in whole pads. */
#define DATA_BYTES_MAX                                                         \
    (SP_PLAIN_BYTES_MAX / SP_PAD_BYTES * SP_PAD_BYTES - LENGTH_BYTES - 1)

_Static_assert(SP_FRAME_HEADER_BYTES + SP_PLAIN_BYTES_MAX + TAG_BYTES ==
                   SP_FRAME_BYTES_MAX,
    "a full plaintext fills a frame");
_Static_assert(SP_PLAIN_BYTES_MAX <= UINT16_MAX, "length is a u16");

static const uint8_t no_session[8];

/* ---- headers ----------------------------------------------------------- */

/* Bounds of the body by type. */
static const struct {
    size_t min, max;
} body_bytes[] = {
    [SP_FRAME_HELLO] = { MAC1_BYTES + SP_HANDSHAKE_1_BYTES,
        MAC1_BYTES + SP_HANDSHAKE_1_BYTES + SP_HELLO_BYTES_MAX },
    [SP_FRAME_HELLO_REPLY] = { SP_HANDSHAKE_2_BYTES,
        SP_HANDSHAKE_2_BYTES + SP_HELLO_BYTES_MAX },
    [SP_FRAME_ENROL] = { MAC1_BYTES + ENROLMENT_BYTES + SP_HANDSHAKE_1_BYTES,
        MAC1_BYTES + ENROLMENT_BYTES + SP_HANDSHAKE_1_BYTES +
            SP_HELLO_BYTES_MAX },
    [SP_FRAME_RECORD] = { SP_PAD_BYTES + TAG_BYTES,
        SP_PLAIN_BYTES_MAX + TAG_BYTES },
    [SP_FRAME_ERROR] = { 2, 2 },
};

sp_err sp_frame_parse(struct sp_slice in, struct sp_frame *out)
{
    struct sp_frame f;
    uint8_t type;

    if (in.size < SP_FRAME_HEADER_BYTES) {
        return SP_E_TRUNCATED;
    }
    if (in.size > SP_FRAME_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    type = in.data[2];
    if (in.data[0] != 'S' || in.data[1] != '1' || type < SP_FRAME_HELLO ||
        type > SP_FRAME_ERROR || in.data[3] != 0) {
        return SP_E_MALFORMED;
    }
    f.type = (enum sp_frame_type)type;
    memcpy(f.session, in.data + 4, sizeof f.session);
    f.counter = sp_get_u64le(in.data + 12);
    f.header = (struct sp_slice){ in.data, SP_FRAME_HEADER_BYTES };
    f.body.data = in.data + SP_FRAME_HEADER_BYTES;
    f.body.size = in.size - SP_FRAME_HEADER_BYTES;
    if (f.body.size < body_bytes[type].min) {
        return SP_E_TRUNCATED;
    }
    if (f.body.size > body_bytes[type].max) {
        return SP_E_TOO_LARGE;
    }
    if (f.type == SP_FRAME_RECORD &&
        (f.body.size - TAG_BYTES) % SP_PAD_BYTES != 0) {
        return SP_E_MALFORMED;
    }
    *out = f;
    return SP_OK;
}

static void write_header(uint8_t *at, enum sp_frame_type type,
    const uint8_t session[8], uint64_t counter)
{
    at[0] = 'S';
    at[1] = '1';
    at[2] = (uint8_t)type;
    at[3] = 0; /* flags: none yet */
    memcpy(at + 4, session, 8);
    sp_set_u64le(at + 12, counter);
}

void sp_frame_header(struct sp_buf *out, enum sp_frame_type type,
    const uint8_t session[8], uint64_t counter)
{
    uint8_t *at;

    SP_ASSERT(out->size == 0);
    at = sp_buf_grow(out, SP_FRAME_HEADER_BYTES);
    if (at != NULL) {
        write_header(at, type, session, counter);
    }
}

/* ---- handshake and error frames ---------------------------------------- */

size_t sp_frame_prologue(uint8_t out[SP_PROLOGUE_BYTES_MAX],
    const struct sp_id *org, const struct sp_id *enrolment)
{
    static const uint8_t head[12] = { 'S', 'A', 'T', 'C', 'H', 'E', 'L', 1,
        SP_WIRE_VERSION >> 8, SP_WIRE_VERSION & 0xff, SP_WIRE_SUITE >> 8,
        SP_WIRE_SUITE & 0xff };

    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, org->b, sizeof org->b);
    if (enrolment == NULL) {
        return sizeof head + sizeof org->b;
    }
    memcpy(
        out + sizeof head + sizeof org->b, enrolment->b, sizeof enrolment->b);
    return SP_PROLOGUE_BYTES_MAX;
}

sp_err sp_frame_hello(struct sp_handshake *hs, const struct sp_id *enrolment,
    struct sp_slice payload, struct sp_buf *out)
{
    const size_t covered_at = SP_FRAME_HEADER_BYTES + MAC1_BYTES;
    uint8_t server_static[32];
    sp_err err;

    memcpy(server_static, hs->rs, sizeof server_static);
    sp_buf_reset(out);
    sp_frame_header(out, enrolment == NULL ? SP_FRAME_HELLO : SP_FRAME_ENROL,
        no_session, 0);
    (void)sp_buf_grow(out, MAC1_BYTES);
    if (enrolment != NULL) {
        sp_buf_put(out, enrolment->b, sizeof enrolment->b);
    }
    err = sp_handshake_write(hs, payload, out);
    if (err != SP_OK) {
        sp_buf_reset(out);
        return err;
    }
    sp_mac1(out->data + SP_FRAME_HEADER_BYTES,
        (struct sp_slice){ out->data + covered_at, out->size - covered_at },
        server_static);
    return SP_OK;
}

sp_err sp_frame_hello_check(const struct sp_frame *frame,
    const uint8_t server_static[32], struct sp_id *enrolment,
    struct sp_slice *noise)
{
    struct sp_slice covered;
    uint8_t mac[MAC1_BYTES];

    if (frame->type != SP_FRAME_HELLO && frame->type != SP_FRAME_ENROL) {
        return SP_E_STATE;
    }
    if (memcmp(frame->session, no_session, sizeof no_session) != 0 ||
        frame->counter != 0) {
        return SP_E_MALFORMED;
    }
    covered.data = frame->body.data + MAC1_BYTES;
    covered.size = frame->body.size - MAC1_BYTES;
    sp_mac1(mac, covered, server_static);
    if (!sp_equal_secret(mac, frame->body.data, sizeof mac)) {
        return SP_E_FORGED;
    }
    if (frame->type == SP_FRAME_ENROL) {
        memcpy(enrolment->b, covered.data, ENROLMENT_BYTES);
        covered.data += ENROLMENT_BYTES;
        covered.size -= ENROLMENT_BYTES;
    }
    *noise = covered;
    return SP_OK;
}

sp_err sp_frame_hello_reply(struct sp_handshake *hs, const uint8_t session[8],
    struct sp_slice payload, struct sp_buf *out)
{
    sp_err err;

    sp_buf_reset(out);
    sp_frame_header(out, SP_FRAME_HELLO_REPLY, session, 0);
    err = sp_handshake_write(hs, payload, out);
    if (err != SP_OK) {
        sp_buf_reset(out);
    }
    return err;
}

void sp_frame_error(
    struct sp_buf *out, const uint8_t session[8], uint64_t counter, sp_err err)
{
    sp_buf_reset(out);
    sp_frame_header(out, SP_FRAME_ERROR, session, counter);
    sp_buf_put_u16be(out, (uint16_t)err);
}

sp_err sp_frame_error_read(const struct sp_frame *frame)
{
#define NUMBER(name, number, class, en, zh) name,
    static const sp_err known[] = { SP_ERR_LIST(NUMBER) };
#undef NUMBER
    uint16_t number = SP_OK;

    if (frame->type == SP_FRAME_ERROR) {
        number = sp_get_u16be(frame->body.data);
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (number == (uint16_t)known[i] && known[i] != SP_OK) {
            return known[i];
        }
    }
    return SP_E_INTERNAL;
}

/* ---- contexts of zstd -------------------------------------------------- */

/* Belongs to who set busy, until he clears it. */
struct worker {
    atomic_flag busy;
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
    struct sp_buf plain; /* a record's plaintext on its way to a message */
};

/* The one state of this file: memory kept for reuse, no meaning in it. */
static struct worker pool[SP_FRAME_POOL] = {
    { .busy = ATOMIC_FLAG_INIT },
    { .busy = ATOMIC_FLAG_INIT },
    { .busy = ATOMIC_FLAG_INIT },
    { .busy = ATOMIC_FLAG_INIT },
};

static void clear(struct worker *w)
{
    (void)ZSTD_freeCCtx(w->pack); /* NULL is harmless */
    (void)ZSTD_freeDCtx(w->unpack);
    sp_buf_wipe(&w->plain);
    w->pack = NULL;
    w->unpack = NULL;
}

/* spare: what is used, and cleared again, while all others are busy. */
static struct worker *take_worker(struct worker *spare)
{
    for (size_t i = 0; i < SP_FRAME_POOL; i++) {
        if (!atomic_flag_test_and_set_explicit(
                &pool[i].busy, memory_order_acquire)) {
            return &pool[i];
        }
    }
    memset(spare, 0, sizeof *spare);
    return spare;
}

static void give_worker(struct worker *w, const struct worker *spare)
{
    if (w == spare) {
        clear(w);
    } else {
        atomic_flag_clear_explicit(&w->busy, memory_order_release);
    }
}

void sp_frame_trim(void)
{
    for (size_t i = 0; i < SP_FRAME_POOL; i++) {
        if (!atomic_flag_test_and_set_explicit(
                &pool[i].busy, memory_order_acquire)) {
            clear(&pool[i]);
            atomic_flag_clear_explicit(&pool[i].busy, memory_order_release);
        }
    }
}

/* ---- records ----------------------------------------------------------- */

/* Length, kind and data of a packed message, in whole pads. */
static size_t padded(size_t data_bytes)
{
    size_t plain = LENGTH_BYTES + 1 + data_bytes;

    return (plain + SP_PAD_BYTES - 1) / SP_PAD_BYTES * SP_PAD_BYTES;
}

/*
 * Writes kind and data of a message.
 *   at         place for as much as the message has, at most DATA_BYTES_MAX
 *   data_bytes how much of it was used
 */
static sp_err pack(
    struct sp_slice message, uint8_t *kind, uint8_t *at, size_t *data_bytes)
{
    struct worker spare, *w;
    size_t room =
        message.size - 1 < DATA_BYTES_MAX ? message.size - 1 : DATA_BYTES_MAX;
    size_t n = 0;

    if (message.size >= PACK_BYTES_MIN) {
        w = take_worker(&spare);
        if (w->pack == NULL) {
            w->pack = ZSTD_createCCtx();
        }
        if (w->pack != NULL) {
            /* An error only says that it would not be shorter, or not fit. */
            n = ZSTD_compressCCtx(
                w->pack, at, room, message.data, message.size, ZSTD_LEVEL);
            n = ZSTD_isError(n) ? 0 : n;
        }
        give_worker(w, &spare);
    }
    if (n > 0) {
        *kind = KIND_ZSTD;
        *data_bytes = n;
        return SP_OK;
    }
    if (message.size > DATA_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    *kind = KIND_PLAIN;
    memcpy(at, message.data, message.size);
    *data_bytes = message.size;
    return SP_OK;
}

static sp_err seal_into(struct sp_cipher *send, const uint8_t session[8],
    struct sp_slice message, struct sp_buf *out)
{
    size_t most = message.size < DATA_BYTES_MAX ? message.size : DATA_BYTES_MAX;
    size_t data_bytes = 0;
    struct sp_slice plain;
    uint8_t *frame;
    sp_err err;

    frame = sp_buf_grow(out, SP_FRAME_HEADER_BYTES + padded(most) + TAG_BYTES);
    if (frame == NULL) {
        return out->err;
    }
    err = pack(message, frame + KIND_AT, frame + DATA_AT, &data_bytes);
    if (err != SP_OK) {
        return err;
    }
    plain.data = frame + SP_FRAME_HEADER_BYTES;
    plain.size = padded(data_bytes);
    write_header(frame, SP_FRAME_RECORD, session, send->counter);
    sp_set_u16be(frame + SP_FRAME_HEADER_BYTES, (uint16_t)(1 + data_bytes));
    memset(frame + DATA_AT + data_bytes, 0,
        plain.size - LENGTH_BYTES - 1 - data_bytes);
    sp_cipher_seal(send, send->counter,
        (struct sp_slice){ frame, SP_FRAME_HEADER_BYTES }, plain,
        frame + SP_FRAME_HEADER_BYTES);
    out->size = SP_FRAME_HEADER_BYTES + plain.size + TAG_BYTES;
    send->counter++;
    return SP_OK;
}

sp_err sp_frame_seal(struct sp_cipher *send, const uint8_t session[8],
    struct sp_slice message, struct sp_buf *out)
{
    sp_err err;

    sp_buf_reset(out);
    if (message.size == 0) {
        return SP_E_ARGUMENT;
    }
    if (message.size > SP_MESSAGE_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (send->counter >= SP_SESSION_RECORDS_MAX) {
        return SP_E_SESSION;
    }
    err = seal_into(send, session, message, out);
    if (err != SP_OK) {
        sp_buf_reset(out);
    }
    return err;
}

/*
 * Takes one zstd frame that fills data and says how large its content is:
 * shorter than that (else it would have gone as it is), at most the limit.
 */
static sp_err content_size(struct sp_slice data, size_t *out)
{
    static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
    unsigned long long n;

    /* Older forms of zstd and skippable frames have another magic. */
    if (data.size < sizeof magic ||
        memcmp(data.data, magic, sizeof magic) != 0) {
        return SP_E_MALFORMED;
    }
    n = ZSTD_getFrameContentSize(data.data, data.size);
    if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR) {
        return SP_E_MALFORMED;
    }
    if (n > SP_MESSAGE_BYTES_MAX) {
        return SP_E_TOO_LARGE;
    }
    if (n <= data.size ||
        ZSTD_findFrameCompressedSize(data.data, data.size) != data.size) {
        return SP_E_MALFORMED;
    }
    *out = (size_t)n;
    return SP_OK;
}

static sp_err unzip(
    struct worker *w, struct sp_slice data, struct sp_buf *message)
{
    size_t size = 0;
    uint8_t *at;
    sp_err err = content_size(data, &size);

    if (err != SP_OK) {
        return err;
    }
    if (w->unpack == NULL) {
        w->unpack = ZSTD_createDCtx();
    }
    at = sp_buf_grow(message, size);
    if (w->unpack == NULL || at == NULL) {
        return at == NULL ? message->err : SP_E_NOMEM;
    }
    return ZSTD_decompressDCtx(w->unpack, at, size, data.data, data.size) ==
                   size
               ? SP_OK
               : SP_E_MALFORMED;
}

/* The data of a packed message within its plaintext. */
static sp_err split_plain(
    struct sp_slice plain, uint8_t *kind, struct sp_slice *data)
{
    size_t length = sp_get_u16be(plain.data);

    if (length < 2 || padded(length - 1) != plain.size) {
        return SP_E_MALFORMED;
    }
    for (size_t i = LENGTH_BYTES + length; i < plain.size; i++) {
        if (plain.data[i] != 0) {
            return SP_E_MALFORMED;
        }
    }
    *kind = plain.data[LENGTH_BYTES];
    data->data = plain.data + LENGTH_BYTES + 1;
    data->size = length - 1;
    return SP_OK;
}

static sp_err open_with(struct worker *w, const struct sp_cipher *receive,
    const struct sp_frame *frame, struct sp_buf *message)
{
    struct sp_slice data = { NULL, 0 };
    uint8_t kind = 0;
    uint8_t *plain;
    sp_err err;

    w->plain.ceiling = SP_PLAIN_BYTES_MAX;
    sp_buf_reset(&w->plain);
    plain = sp_buf_grow(&w->plain, frame->body.size - TAG_BYTES);
    if (plain == NULL) {
        return w->plain.err;
    }
    err = sp_cipher_open(
        receive, frame->counter, frame->header, frame->body, plain);
    if (err == SP_OK) {
        err = split_plain(sp_buf_slice(&w->plain), &kind, &data);
    }
    if (err != SP_OK) {
        return err;
    }
    if (kind == KIND_ZSTD) {
        return unzip(w, data, message);
    }
    if (kind != KIND_PLAIN) {
        return SP_E_MALFORMED;
    }
    sp_buf_put(message, data.data, data.size);
    return message->err;
}

sp_err sp_frame_open(const struct sp_cipher *receive,
    const struct sp_frame *frame, struct sp_buf *message)
{
    struct worker spare, *w;
    sp_err err;

    sp_buf_reset(message);
    if (frame->type != SP_FRAME_RECORD) {
        return SP_E_STATE;
    }
    if (frame->counter >= SP_SESSION_RECORDS_MAX) {
        return SP_E_SESSION;
    }
    w = take_worker(&spare);
    err = open_with(w, receive, frame, message);
    give_worker(w, &spare);
    if (err != SP_OK) {
        sp_buf_reset(message);
    }
    return err;
}

/* ---- replay ------------------------------------------------------------ */

sp_err sp_window_take(struct sp_window *w, uint64_t counter)
{
    uint64_t ahead, back;

    if (counter == UINT64_MAX) {
        return SP_E_REPLAY; /* next could not say so */
    }
    if (counter >= w->next) {
        ahead = counter - w->next + 1;
        w->seen = ahead < SP_REPLAY_WINDOW ? w->seen << ahead | 1u : 1u;
        w->next = counter + 1;
        return SP_OK;
    }
    back = w->next - 1 - counter;
    if (back >= SP_REPLAY_WINDOW || (w->seen >> back & 1u) != 0) {
        return SP_E_REPLAY;
    }
    w->seen |= UINT64_C(1) << back;
    return SP_OK;
}
