/*
 * seeds.c - makes the first inputs of the corpus, after a change of format:
 *
 *   fuzz-seeds CORPUS    writes CORPUS/TARGET/NAME; the folders exist
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"
#include "sp/commit.h"
#include "sp/document.h"
#include "sp/frame.h"
#include "sp/limits.h"
#include "sp/pack.h"
#include "sp/record.h"
#include "target.h"

#define ME    0x0000000a5eed0001u
#define OTHER 0x0000000b5eed0002u

static const char *root;

/* Writes mode (when not negative) and the buffer, and empties that. */
static void save(
    const char *target, const char *name, int mode, struct sp_buf *b)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s/%s", root, target, name);
    file = fopen(path, "wb");
    SP_ASSERT(file != NULL && b->err == SP_OK);
    if (mode >= 0) {
        (void)fputc(mode, file);
    }
    SP_ASSERT(fwrite(b->data, 1, b->size, file) == b->size);
    SP_ASSERT(fclose(file) == 0);
    sp_buf_reset(b);
}

static struct sp_slice text_value(const char *text)
{
    static uint8_t memory[8][64];
    static unsigned next;
    uint8_t *p = memory[next++ % 8];
    size_t size = strlen(text);

    SP_ASSERT(size < 32);
    p[0] = (uint8_t)(0xa0 + size);
    memcpy(p + 1, text, size);
    return sp_slice_of(p, size + 1);
}

static void pack_seeds(struct sp_buf *b)
{
    static const int64_t numbers[] = { 0, 127, 128, 256, 65536, 4294967296, -1,
        -33, -129, -32769, -2147483649 };

    sp_wr_nil(b);
    save("pack", "nil", -1, b);
    sp_wr_array(b, sizeof numbers / sizeof numbers[0]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        sp_wr_int(b, numbers[i]);
    }
    save("pack", "numbers", -1, b);
    sp_wr_map(b, 3);
    sp_wr_uint(b, 1);
    sp_wr_text(b, "张三, visit\n\t\"x\"");
    sp_wr_uint(b, 130);
    sp_wr_bin(b, "\x00\xff\x80", 3);
    sp_wr_uint(b, 300);
    sp_wr_array(b, 2);
    sp_wr_bool(b, true);
    sp_wr_map(b, 0);
    save("pack", "kinds", -1, b);
    for (unsigned i = 0; i < SP_DEPTH_MAX; i++) {
        sp_wr_array(b, i + 1 < SP_DEPTH_MAX);
    }
    save("pack", "deep", -1, b);
    sp_wr_array(b, 20);
    for (unsigned i = 0; i < 20; i++) {
        sp_wr_text(b, "a text of more than thirty-one bytes in all");
    }
    save("pack", "long", -1, b);
}

static void commit_seeds(struct sp_buf *b)
{
    struct sp_dot seen[] = { { ME, 4 }, { OTHER, 41 } };
    struct sp_write write[4] = {
        { .key = { .field = 1 },
            .context = { 2, seen },
            .value = text_value("Hello") },
        { .key = { .field = 2 }, .value = text_value("new") },
        { .key = { 4, text_value("vip") },
            .context = { 1, seen },
            .value = text_value("x") },
        { .key = { .field = 300 },
            .context = { 1, seen + 1 },
            .value = text_value("y") },
    };
    struct sp_change change[2] = {
        { .ref = { 1, { { 1, 2, 3 } } }, .count = 4, .write = write },
        { .ref = { 200, { { 0xff } } }, .count = 2, .write = write }
    };
    struct sp_commit c = { .replica = ME,
        .n = 5,
        .time = 0x0193d5f0a1b20001,
        .user = 7,
        .dictionary = 1,
        .policy = 300,
        .roster = 70000,
        .count = 2,
        .change = change };

    sp_commit_encode(&c, b);
    save("commit", "contexts", -1, b);
    c.count = 1;
    change[0].count = 1;
    sp_commit_encode(&c, b);
    save("commit", "edit", -1, b);
    write[0].context.count = 0;
    change[0].count = 2;
    sp_commit_encode(&c, b);
    save("commit", "create", -1, b);
    change[0].write = &write[2];
    change[0].count = 1;
    memset(c.content.b, 0, sizeof c.content.b);
    write[2].key.element = SP_SLICE(c.content.b);
    sp_commit_encode(&c, b);
    save("commit", "counter", -1, b);
}

static void record_seeds(struct sp_buf *b)
{
    struct sp_dot both[] = { { ME, 7 }, { OTHER, 50 } };
    struct sp_sibling sibling[] = {
        { { both[0], 0x0193d5f0a1b20001, 7, 0 }, text_value("one") },
        { { both[1], 0x0193d5f0a1b30000, 8, 1 }, text_value("two") },
    };
    struct sp_register reg[] = {
        { { .field = 1 }, { 1, both }, 1, sibling, 900 },
        { { .field = 2 }, { 1, both }, 1, sibling, 900 },
        { { .field = 3 }, { 2, both }, 2, sibling, 901 },
        { { 4, text_value("vip") }, { 2, both }, 1, sibling + 1, 77 },
        { { .field = 300 }, { 1, both + 1 }, 0, NULL, 5 },
    };
    struct sp_record r = { { 1, { { 1, 2, 3 } } }, 2, reg };

    for (int form = 0; form < 2; form++) {
        enum sp_record_form as = form == 0 ? SP_RECORD_WIRE : SP_RECORD_STORED;

        r.count = 0;
        sp_record_encode(&r, as, b);
        save("record", form == 0 ? "empty" : "empty-stored", form, b);
        r.count = 2;
        sp_record_encode(&r, as, b);
        save("record", form == 0 ? "plain" : "plain-stored", form, b);
        r.count = 5;
        sp_record_encode(&r, as, b);
        save("record", form == 0 ? "conflict" : "conflict-stored", form, b);
    }
}

static void frame_seeds(struct sp_buf *b)
{
    static const uint8_t session[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    struct sp_cipher c = { .counter = 0 };
    uint8_t zeros[200] = { 0 };
    struct sp_slice zstd;

    memset(c.key.b, 7, sizeof c.key.b);
    SP_ASSERT(sp_frame_seal(&c, session, sp_slice_text("hello"), b) == SP_OK);
    save("frame", "record", 0, b);
    sp_frame_header(b, SP_FRAME_HELLO, zeros, 0);
    sp_buf_put(b, zeros, 16 + SP_HANDSHAKE_1_BYTES);
    save("frame", "hello", 0, b);
    sp_frame_header(b, SP_FRAME_ERROR, session, 9);
    sp_buf_put_u16be(b, SP_E_REVOKED);
    save("frame", "error", 0, b);
    sp_buf_put(b, zeros, sizeof zeros);
    save("frame", "message", 1, b);
    sp_buf_put(b, "\x00\x06\x00hello", 8); /* length, form, message, pads */
    sp_buf_put(b, zeros, 24);
    save("frame", "plaintext", 2, b);
    /* The same with a zstd frame in it: opened with the key that sealed it. */
    c.counter = 0;
    SP_ASSERT(sp_frame_seal(&c, session, SP_SLICE(zeros), b) == SP_OK);
    c.counter = 0;
    zstd = sp_slice_of(
        b->data + SP_FRAME_HEADER_BYTES, b->size - SP_FRAME_HEADER_BYTES);
    SP_ASSERT(zstd.size <= sizeof zeros + 16);
    SP_ASSERT(sp_cipher_open(&c, 0, sp_slice_of(b->data, SP_FRAME_HEADER_BYTES),
                  zstd, zeros) == SP_OK);
    sp_buf_reset(b);
    sp_buf_put(b, zeros, zstd.size - 16);
    save("frame", "compressed", 2, b);
}

static void document_seeds(struct sp_buf *b)
{
    struct sp_id org = { { 1 } };
    struct sp_secret seed = { { 5 } };
    uint8_t public_key[32], secret[64];
    struct sp_document d = { .kind = SP_DOC_ROSTER,
        .unit = sp_slice_text("B-北"),
        .serial = 1001,
        .issuer = 2,
        .body = text_value("body") };

    sp_sign_pair(&seed, public_key, secret);
    sp_document_sign(&d, &org, secret, b);
    save("document", "roster", -1, b);
    d.kind = SP_DOC_POLICY;
    d.unit.size = 0;
    sp_document_sign(&d, &org, secret, b);
    save("document", "policy", -1, b);
}

static void message_seeds(struct sp_buf *b)
{
    struct sp_buf message;
    enum test_message_form form = TEST_MESSAGE;
    const char *name;

    sp_buf_init(&message, 1u << 20);
    for (size_t i = 0; (name = test_message_sample(i, &form, &message)) != NULL;
         i++) {
        sp_buf_put(b, message.data, message.size);
        save("message", name, (int)form, b);
        sp_buf_reset(&message);
    }
    sp_buf_free(&message);
}

static void save_link(const char *name, struct sp_slice bytes)
{
    struct sp_buf b;

    sp_buf_init(&b, 1u << 20);
    sp_buf_put(&b, bytes.data, bytes.size);
    save("link", name, -1, &b);
    sp_buf_free(&b);
}

int main(int argc, char **argv)
{
    struct sp_buf b;

    if (argc != 2 || sp_crypto_init() != SP_OK) {
        return 64;
    }
    root = argv[1];
    sp_buf_init(&b, 1u << 20);
    pack_seeds(&b);
    commit_seeds(&b);
    record_seeds(&b);
    frame_seeds(&b);
    document_seeds(&b);
    message_seeds(&b);
    fuzz_link_seeds(save_link);
    sp_buf_free(&b);
    return 0;
}
