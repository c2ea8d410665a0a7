/*
 * enrol.h - the one-time enrolment code, and what the two sides say to each
 * other under it (DESIGN 6; PROTOCOL.md, "Enrolment").
 *
 * The code is text that a person can scan or paste: "SATCHEL1:" and Crockford
 * base32 (no I, L, O, U; read case-blind, dashes and spaces skipped) of the
 * packed fields and a 4-byte BLAKE2b checksum.
 */
#ifndef SP_ENROL_H
#define SP_ENROL_H

#include "sp/document.h"
#include "sp/seal.h"

#define SP_ENDPOINT_BYTES_MAX   128u
#define SP_LABEL_BYTES_MAX      64u
#define SP_ENROL_TEXT_BYTES_MAX 512u

struct sp_enrol_code {
    char endpoint[SP_ENDPOINT_BYTES_MAX]; /* "tcp://host:port" and NUL */
    struct sp_id org;
    uint32_t server; /* its device number */
    uint8_t server_static[32];
    uint8_t root_public[32];
    struct sp_id enrolment;
    struct sp_secret code;
};

/* Writes text and NUL; SP_E_TOO_LARGE. */
SP_MUST_USE sp_err sp_enrol_code_format(
    const struct sp_enrol_code *code, char out[SP_ENROL_TEXT_BYTES_MAX]);
/* SP_E_CODE for anything that is not exactly such a text. */
SP_MUST_USE sp_err sp_enrol_code_parse(
    const char *text, struct sp_enrol_code *out);
/* 8 hex digits to compare by eye: of the server's static key. */
void sp_enrol_fingerprint(const uint8_t server_static[32], char out[10]);

/* What the new device says about itself; signed with its new signing key over
 * "satchel-enrol" | organisation | enrolment id | the other fields packed. */
struct sp_enrol_request {
    bool server; /* a branch joins head office */
    uint8_t static_public[32];
    uint8_t sign_public[32];
    uint8_t sealing_public[32];
    struct sp_slice label;    /* UTF-8, up to SP_LABEL_BYTES_MAX */
    struct sp_slice endpoint; /* servers: where devices reach it */
    uint8_t signature[SP_SIGNATURE_BYTES];
};
void sp_enrol_request_encode(struct sp_enrol_request *r,
    const struct sp_id *org, const struct sp_id *enrolment,
    const uint8_t sign_secret[64], struct sp_buf *out);
/* Decodes and checks the signature; slices point into in. SP_E_FORGED. */
SP_MUST_USE sp_err sp_enrol_request_decode(struct sp_slice in,
    const struct sp_id *org, const struct sp_id *enrolment,
    struct sp_enrol_request *out);

struct sp_enrol_reply {
    uint32_t device;      /* the number it is given */
    uint32_t user;        /* 0 for servers */
    struct sp_slice unit; /* code of the unit it belongs to; "" head office */
    struct sp_secret psk;
    bool has_psk_root; /* servers only */
    struct sp_secret psk_root;
    struct sp_slice certificate; /* signed document SP_DOC_DEVICE */
};
void sp_enrol_reply_encode(const struct sp_enrol_reply *r, struct sp_buf *out);
SP_MUST_USE sp_err sp_enrol_reply_decode(
    struct sp_slice in, struct sp_enrol_reply *out);

#endif
