#include "sp/enrol.h"

#include <string.h>

#include "sp/pack.h"

#define PREFIX         "SATCHEL1:"
#define PREFIX_SIZE    (sizeof(PREFIX) - 1)
#define CHECK_SIZE     4u
#define CODE_BYTES_MAX 320u /* packed fields and checksum */
#define ENDPOINT_START "tcp://"
#define SIGN_DOMAIN    "satchel-enrol"
#define REQUEST_MAX    1024u

/* No I, L, O, U: they are taken for 1, 1, 0 and for rude words. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void put_check(struct sp_buf *b)
{
    uint8_t hash[16];

    sp_hash(hash, sizeof(hash), sp_buf_slice(b), NULL);
    sp_buf_put(b, hash, CHECK_SIZE);
}

static bool endpoint_fits(struct sp_slice s)
{
    size_t start = sizeof(ENDPOINT_START) - 1;

    if (s.size <= start || s.size >= SP_ENDPOINT_BYTES_MAX ||
        memcmp(s.data, ENDPOINT_START, start) != 0) {
        return false;
    }
    for (size_t i = start; i < s.size; i++) {
        if (s.data[i] <= ' ' || s.data[i] > '~') {
            return false;
        }
    }
    return true;
}

/* Five bits a character, highest first, the last one filled with zeros. */
static void base32(struct sp_slice in, char *out)
{
    uint32_t held = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < in.size; i++) {
        held = (held << 8 | in.data[i]) & 0xfffu;
        for (bits += 8; bits >= 5; bits -= 5) {
            *out++ = alphabet[held >> (bits - 5) & 31u];
        }
    }
    if (bits > 0) {
        *out++ = alphabet[held << (5 - bits) & 31u];
    }
    *out = '\0';
}

sp_err sp_enrol_code_format(
    const struct sp_enrol_code *code, char out[SP_ENROL_TEXT_BYTES_MAX])
{
    struct sp_slice endpoint;
    struct sp_buf b;
    sp_err err;

    if (memchr(code->endpoint, '\0', SP_ENDPOINT_BYTES_MAX) == NULL) {
        return SP_E_TOO_LARGE;
    }
    endpoint = sp_slice_text(code->endpoint);
    if (!endpoint_fits(endpoint)) {
        return SP_E_TOO_LARGE;
    }
    sp_buf_init(&b, CODE_BYTES_MAX);
    sp_wr_array(&b, 7);
    sp_wr_str(&b, endpoint);
    sp_wr_bin(&b, code->org.b, sizeof(code->org.b));
    sp_wr_uint(&b, code->server);
    sp_wr_bin(&b, code->server_static, sizeof(code->server_static));
    sp_wr_bin(&b, code->root_public, sizeof(code->root_public));
    sp_wr_bin(&b, code->enrolment.b, sizeof(code->enrolment.b));
    sp_wr_bin(&b, code->code.b, sizeof(code->code.b));
    if (b.err == SP_OK) {
        put_check(&b);
    }
    err = b.err;
    if (err == SP_OK &&
        PREFIX_SIZE + (b.size * 8 + 4) / 5 >= SP_ENROL_TEXT_BYTES_MAX) {
        err = SP_E_TOO_LARGE;
    }
    if (err == SP_OK) {
        memcpy(out, PREFIX, PREFIX_SIZE);
        base32(sp_buf_slice(&b), out + PREFIX_SIZE);
    }
    sp_buf_wipe(&b);
    return err;
}

static bool is_skipped(char c)
{
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Where the characters behind the prefix begin, or NULL. */
static const char *behind_prefix(const char *text)
{
    size_t at = 0;

    for (; at < PREFIX_SIZE; text++) {
        if (is_skipped(*text)) {
            continue;
        }
        if (upper(*text) != PREFIX[at]) {
            return NULL;
        }
        at++;
    }
    return text;
}

static sp_err unbase32(const char *text, struct sp_buf *out)
{
    uint32_t held = 0;
    unsigned bits = 0;

    for (; *text != '\0'; text++) {
        const char *digit;

        if (is_skipped(*text)) {
            continue;
        }
        digit = strchr(alphabet, upper(*text));
        if (digit == NULL) {
            return SP_E_CODE;
        }
        held = (held << 5 | (uint32_t)(digit - alphabet)) & 0xfffu;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            sp_buf_put_u8(out, (uint8_t)(held >> bits));
        }
    }
    /* A whole character too many, or bits that no writer sets. */
    if (bits >= 5 || (held & ((1u << bits) - 1)) != 0) {
        return SP_E_CODE;
    }
    return out->err;
}

static sp_err decode_code(struct sp_slice in, struct sp_enrol_code *out)
{
    struct sp_slice endpoint;
    struct sp_rd r;

    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 7);
    endpoint = sp_rd_str(&r, SP_ENDPOINT_BYTES_MAX - 1);
    sp_rd_fixed(&r, out->org.b, sizeof(out->org.b));
    out->server = (uint32_t)sp_rd_uint(&r, 0, INT32_MAX);
    sp_rd_fixed(&r, out->server_static, sizeof(out->server_static));
    sp_rd_fixed(&r, out->root_public, sizeof(out->root_public));
    sp_rd_fixed(&r, out->enrolment.b, sizeof(out->enrolment.b));
    sp_rd_fixed(&r, out->code.b, sizeof(out->code.b));
    if (sp_rd_done(&r) != SP_OK || !endpoint_fits(endpoint)) {
        return SP_E_CODE;
    }
    memcpy(out->endpoint, endpoint.data, endpoint.size);
    return SP_OK;
}

sp_err sp_enrol_code_parse(const char *text, struct sp_enrol_code *out)
{
    struct sp_enrol_code code;
    struct sp_buf b;
    uint8_t hash[16];
    sp_err err = SP_E_CODE;

    text = behind_prefix(text);
    if (text == NULL) {
        return SP_E_CODE;
    }
    memset(&code, 0, sizeof(code));
    sp_buf_init(&b, CODE_BYTES_MAX);
    if (unbase32(text, &b) == SP_OK && b.size > CHECK_SIZE) {
        struct sp_slice packed = { b.data, b.size - CHECK_SIZE };
        sp_hash(hash, sizeof(hash), packed, NULL);
        if (memcmp(hash, b.data + packed.size, CHECK_SIZE) == 0) {
            err = decode_code(packed, &code);
        }
    }
    if (b.err == SP_E_NOMEM) {
        err = SP_E_NOMEM;
    }
    if (err == SP_OK) {
        *out = code;
    }
    sp_secret_wipe(&code.code);
    sp_buf_wipe(&b);
    return err;
}

void sp_enrol_fingerprint(const uint8_t server_static[32], char out[10])
{
    uint8_t hash[16];
    char hex[9];

    sp_hash(hash, sizeof(hash), sp_slice_of(server_static, 32), NULL);
    sp_hex(hex, hash, 4);
    memcpy(out, hex, 4);
    out[4] = '-'; /* halves are easier to read aloud */
    memcpy(out + 5, hex + 4, 5);
}

/* What the signature covers: domain, both ids, and the packed fields, which
 * are the first six elements of the request. */
static void start_signed(struct sp_buf *b, const struct sp_id *org,
    const struct sp_id *enrolment, struct sp_slice fields)
{
    sp_buf_init(b, REQUEST_MAX);
    sp_buf_put(b, SIGN_DOMAIN, sizeof(SIGN_DOMAIN) - 1);
    sp_buf_put(b, org->b, sizeof(org->b));
    sp_buf_put(b, enrolment->b, sizeof(enrolment->b));
    sp_buf_put(b, fields.data, fields.size);
}

static void put_fields(const struct sp_enrol_request *r, struct sp_buf *b)
{
    sp_wr_bool(b, r->server);
    sp_wr_bin(b, r->static_public, sizeof(r->static_public));
    sp_wr_bin(b, r->sign_public, sizeof(r->sign_public));
    sp_wr_bin(b, r->sealing_public, sizeof(r->sealing_public));
    sp_wr_str(b, r->label);
    sp_wr_str(b, r->endpoint);
}

static void latch(struct sp_buf *out, sp_err err)
{
    if (out->err == SP_OK) {
        out->err = err;
    }
}

void sp_enrol_request_encode(struct sp_enrol_request *r,
    const struct sp_id *org, const struct sp_id *enrolment,
    const uint8_t sign_secret[64], struct sp_buf *out)
{
    struct sp_buf fields, message;

    if (r->label.size > SP_LABEL_BYTES_MAX ||
        r->endpoint.size >= SP_ENDPOINT_BYTES_MAX) {
        latch(out, SP_E_TOO_LARGE);
        return;
    }
    sp_buf_init(&fields, REQUEST_MAX);
    put_fields(r, &fields);
    start_signed(&message, org, enrolment, sp_buf_slice(&fields));
    if (fields.err != SP_OK || message.err != SP_OK) {
        latch(out, SP_E_NOMEM); /* the sizes were checked above */
    } else {
        sp_sign(sp_buf_slice(&message), sign_secret, r->signature);
        sp_wr_array(out, 7);
        sp_wr_raw(out, sp_buf_slice(&fields));
        sp_wr_bin(out, r->signature, sizeof(r->signature));
    }
    sp_buf_free(&message);
    sp_buf_free(&fields);
}

sp_err sp_enrol_request_decode(struct sp_slice in, const struct sp_id *org,
    const struct sp_id *enrolment, struct sp_enrol_request *out)
{
    struct sp_enrol_request request;
    struct sp_slice fields;
    struct sp_buf message;
    struct sp_rd r;
    sp_err err;

    memset(&request, 0, sizeof(request));
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 7);
    fields.data = r.at;
    request.server = sp_rd_bool(&r);
    sp_rd_fixed(&r, request.static_public, sizeof(request.static_public));
    sp_rd_fixed(&r, request.sign_public, sizeof(request.sign_public));
    sp_rd_fixed(&r, request.sealing_public, sizeof(request.sealing_public));
    request.label = sp_rd_str(&r, SP_LABEL_BYTES_MAX);
    request.endpoint = sp_rd_str(&r, SP_ENDPOINT_BYTES_MAX - 1);
    fields.size = (size_t)(r.at - fields.data);
    sp_rd_fixed(&r, request.signature, sizeof(request.signature));
    err = sp_rd_done(&r);
    if (err != SP_OK) {
        return err;
    }
    start_signed(&message, org, enrolment, fields);
    err = message.err;
    if (err == SP_OK) {
        err = sp_sign_check(
            sp_buf_slice(&message), request.sign_public, request.signature);
    }
    if (err == SP_OK) {
        *out = request;
    }
    sp_buf_free(&message);
    return err;
}

void sp_enrol_reply_encode(const struct sp_enrol_reply *r, struct sp_buf *out)
{
    sp_wr_array(out, 6);
    sp_wr_uint(out, r->device);
    sp_wr_uint(out, r->user);
    sp_wr_str(out, r->unit);
    sp_wr_bin(out, r->psk.b, sizeof(r->psk.b));
    if (r->has_psk_root) {
        sp_wr_bin(out, r->psk_root.b, sizeof(r->psk_root.b));
    } else {
        sp_wr_nil(out);
    }
    sp_wr_bin(out, r->certificate.data, r->certificate.size);
    if (r->unit.size > SP_LABEL_BYTES_MAX ||
        r->certificate.size > SP_STRING_BYTES_MAX) {
        latch(out, SP_E_TOO_LARGE);
    }
}

sp_err sp_enrol_reply_decode(struct sp_slice in, struct sp_enrol_reply *out)
{
    struct sp_enrol_reply reply;
    struct sp_rd r;
    sp_err err;

    memset(&reply, 0, sizeof(reply));
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 6);
    /* Top bit set: a content dot (SYNC X5). */
    reply.device = (uint32_t)sp_rd_uint(&r, 1, INT32_MAX);
    reply.user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    reply.unit = sp_rd_str(&r, SP_LABEL_BYTES_MAX);
    sp_rd_fixed(&r, reply.psk.b, sizeof(reply.psk.b));
    if (sp_rd_peek(&r) == SP_KIND_NIL) {
        sp_rd_nil(&r);
    } else {
        reply.has_psk_root = true;
        sp_rd_fixed(&r, reply.psk_root.b, sizeof(reply.psk_root.b));
    }
    reply.certificate = sp_rd_bin(&r, SP_STRING_BYTES_MAX);
    err = sp_rd_done(&r);
    if (err == SP_OK) {
        *out = reply;
    }
    sp_wipe(&reply, sizeof(reply));
    return err;
}
