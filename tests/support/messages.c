#include "messages.h"

#include "sp/document.h"
#include "sp/pack.h"

#include <string.h>

#define ME    0x0000006f5eed0001u
#define OLDER 0x0000006f00000001u

/* Bytes that tell where they came from: first, first + 1, ... */
#define RUN16(first)                                                           \
    {                                                                          \
        (first), (first) + 1, (first) + 2, (first) + 3, (first) + 4,           \
            (first) + 5, (first) + 6, (first) + 7, (first) + 8, (first) + 9,   \
            (first) + 10, (first) + 11, (first) + 12, (first) + 13,            \
            (first) + 14, (first) + 15                                         \
    }

static const uint8_t prev[SP_HASH_BYTES] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
    0xa6, 0xa7, 0xa8 };

/* ---- told and welcome -------------------------------------------------- */

struct sp_told test_message_told(void)
{
    static struct sp_point point[2];
    static struct sp_upper upper[1];
    static struct sp_told_verdict verdict[2];
    point[0] = (struct sp_point){ .replica = ME, .n = 40, .hash = RUN16(0x10) };
    point[1] =
        (struct sp_point){ .replica = OLDER, .n = 3, .hash = RUN16(0x20) };
    upper[0] = (struct sp_upper){ { ME, 38, RUN16(0x30) }, 30, RUN16(0x40) };
    verdict[0] = (struct sp_told_verdict){ ME, 39, { RUN16(0x50) },
        { SP_REFUSED, SP_E_FIELD_DENIED, 1, 12, 101, 2, 1790000000000u,
            false } };
    verdict[1] = (struct sp_told_verdict){ ME, 7, { RUN16(0x51) },
        { SP_ACCEPTED, SP_OK, 0, 0, 0, 2, 1790000001000u, true } };
    struct sp_told t = {
        .roster = 7,
        .point_count = 2,
        .point = point,
        .upper_count = 1,
        .upper = upper,
        .verdict_count = 2,
        .verdict = verdict,
        .is_signed = true,
    };
    memset(t.signature, 0x5a, sizeof t.signature);
    return t;
}

/* [[1, [1, 2]], [3, [1]]] */
static const uint8_t grant_list[] = { 0x92, 0x92, 1, 0x92, 1, 2, 0x92, 3, 0x91,
    1 };

struct sp_welcome test_message_welcome(void)
{
    static struct sp_welcome_scope scope[2];
    static struct sp_welcome_grant grant[2];
    static struct sp_welcome_place place[2];
    static struct sp_welcome_content content[2];
    scope[0] =
        (struct sp_welcome_scope){ { RUN16(1) }, SP_SERVES, 1, RUN16(0x60) };
    scope[1] = (struct sp_welcome_scope){ { RUN16(2) }, SP_SERVES_TOO, 0,
        RUN16(0x70) };
    place[0] = (struct sp_welcome_place){ 0, 4000 };
    place[1] = (struct sp_welcome_place){ 1, 4100 };
    content[0] = (struct sp_welcome_content){ 3, { RUN16(0x80) }, 2, place };
    content[1] = (struct sp_welcome_content){ 3, { RUN16(0x81) }, 1, place };
    grant[0] = (struct sp_welcome_grant){ { 8 }, SP_SLICE(grant_list) };
    grant[1] = (struct sp_welcome_grant){ { 9 },
        sp_slice_of((const uint8_t *)"\xc3", 1) };
    return (struct sp_welcome){ .history = { RUN16(0x80) },
        .replica = 0x000000020badcafeu,
        .documents = { RUN16(0x90) },
        .scope_count = 2,
        .scope = scope,
        .grant_count = 2,
        .grant = grant,
        .told = test_message_told(),
        .content_count = 2,
        .content = content };
}

/* ---- push -------------------------------------------------------------- */

struct sp_push test_message_push(void)
{
    static struct sp_batch batch[2];
    static struct sp_slice commit[3];
    static struct sp_told_verdict verdict[1];
    commit[0] = sp_slice_text("first");
    commit[1] = sp_slice_text("second");
    commit[2] = sp_slice_text("of another");
    verdict[0] = (struct sp_told_verdict){ OLDER, 9, { RUN16(0x50) },
        { SP_DEFERRED, SP_E_DEFERRED_PARENT, 0, 0, 0, 2, 1790000000000u,
            false } };
    batch[0] = (struct sp_batch){
        .from = 41, .prev = sp_slice_of(prev, 8), .count = 2, .commit = commit
    };
    batch[1] = (struct sp_batch){ .replica = OLDER,
        .from = 9,
        .prev = SP_SLICE(prev),
        .count = 1,
        .commit = commit + 2,
        .verdict_count = 1,
        .verdict = verdict };
    memset(batch[0].signature, 0x61, sizeof batch[0].signature);
    memset(batch[1].signature, 0x62, sizeof batch[1].signature);
    return (struct sp_push){ 2, batch };
}

/* ---- the samples -------------------------------------------------------- */

static void hello(struct sp_buf *out)
{
    struct sp_hello m = { .version = 1,
        .replica = ME,
        .digest = RUN16(1),
        .documents = { RUN16(0x11) },
        .token = RUN16(0x21),
        .now_ms = 1790000000000u };
    sp_message_hello(&m, out);
}

static void hello_reply(struct sp_buf *out)
{
    struct sp_hello_reply m = { SP_HELLO_NO, SP_E_REVOKED, 1790000000000u };
    sp_message_hello_reply(&m, out);
}

static void open(struct sp_buf *out)
{
    struct sp_told t = test_message_told();
    struct sp_held held[] = { { { RUN16(1) }, 300 }, { { RUN16(2) }, 0 } };
    struct sp_open m = { { RUN16(0x80) }, { RUN16(0x90) }, 39, 2, t.point, 2,
        held };
    sp_message_open(&m, out);
}

static void welcome(struct sp_buf *out)
{
    struct sp_welcome m = test_message_welcome();
    sp_message_welcome(&m, out);
}

static struct sp_document_name names[] = { { SP_DOC_POLICY, { NULL, 0 }, 3 },
    { SP_DOC_DEVICE, { (const uint8_t *)"111", 3 }, 1 } };

static void documents(struct sp_buf *out)
{
    struct sp_slice given[] = { SP_SLICE(grant_list) };
    struct sp_documents m = {
        .have_count = 2, .have = names, .given_count = 1, .given = given
    };
    sp_message_documents(&m, out);
}

static void documents_reply(struct sp_buf *out)
{
    struct sp_slice given[] = { SP_SLICE(grant_list) };
    struct sp_documents m = { .given_count = 1,
        .given = given,
        .want_count = 1,
        .want = names + 1,
        .more = true,
        .digest = { RUN16(0x90) } };
    sp_message_documents_reply(&m, out);
}

static void push(struct sp_buf *out)
{
    struct sp_push m = test_message_push();
    sp_message_push(&m, out);
}

static void pushed(struct sp_buf *out)
{
    struct sp_position moved[] = { { .index = 1, .since = 301 } };
    struct sp_pushed m = { test_message_told(), 1, moved };
    m.told.upper_count = 0;
    m.told.point[0].replica = 0; /* short: the head that the push brought */
    m.told.point_count = 1;
    sp_message_pushed(&m, out);
}

static void pull(struct sp_buf *out)
{
    struct sp_ref ask[] = { { 3, { RUN16(0xb0) } } };
    struct sp_position at[] = { { 0, 0, 500, 2, 77 }, { 1, 300, 0, 0, 0 } };
    struct sp_pull m = {
        .ask_count = 1, .ask = ask, .count = 2, .position = at
    };
    sp_message_pull(&m, out);
}

/* Of the second scope the keys 2 and 4 of type 1 alone. */
static void pull_keys(struct sp_buf *out)
{
    static const uint8_t keys[] = { 0x91, 0x92, 1, 0x92, 2, 4 };
    struct sp_position at[] = { { 1, 0, 300, 1, 44 } };
    struct sp_widening w[] = { { 1, SP_SLICE(keys) } };
    struct sp_pull m = { .count = 1,
        .position = at,
        .widening_count = 1,
        .widening = w,
        .only = true };
    sp_message_pull(&m, out);
}

static void page(struct sp_buf *out)
{
    uint32_t also[] = { 1 };
    struct sp_item item[] = {
        { .kind = SP_ITEM_RECORD,
            .also_count = 1,
            .also = also,
            .bytes = SP_SLICE(grant_list) },
        { .kind = SP_ITEM_HAVE,
            .index = 1,
            .ref = { 3, { RUN16(0xb0) } },
            .hash = { 1, 2, 3, 4 } },
        { .kind = SP_ITEM_LEFT, .ref = { 1, { RUN16(0xc0) } } },
    };
    struct sp_page_position at[] = {
        { { 0, 0, 500, 3, 77 }, false, { 0 } },
        { { 1, 301, 0, 0, 0 }, true, RUN16(0xd0) },
    };
    struct sp_page m = { 3, item, 2, at, 1200 };
    struct sp_buf items;
    sp_buf_init(&items, 4096);
    for (size_t i = 0; i < 3; i++) {
        sp_message_item(&item[i], &items);
    }
    sp_message_page(&m, sp_buf_slice(&items), out);
    sp_buf_free(&items);
}

static void upper(struct sp_buf *out)
{
    struct sp_upper_request m = { ME };
    sp_message_upper(&m, out);
}

static void upper_reply(struct sp_buf *out)
{
    struct sp_told t = test_message_told();
    struct sp_upper_entry entry[] = { { t.upper[0], 1, t.verdict },
        { { { OLDER, 3, RUN16(0x20) }, 0, { 0 } }, 0, NULL } };
    struct sp_upper_reply m = { 2, entry, true };
    sp_message_upper_reply(&m, out);
}

static void words(struct sp_buf *out)
{
    struct sp_told t = test_message_told();
    struct sp_dot held[] = { { OLDER, 2 }, { ME, 7 } };
    struct sp_words_request m = { 300, 1, t.verdict, { OLDER, 1 }, 2, held,
        true };
    sp_message_words(&m, out);
}

static void words_reply(struct sp_buf *out)
{
    struct sp_told t = test_message_told();
    uint32_t gone[] = { 1 };
    struct sp_passed passed[] = { { .replica = ME,
        .n = 41,
        .released = true,
        .prev = RUN16(0x80),
        .commit = SP_SLICE(grant_list) } };
    struct sp_words_reply m = { 400, 1, t.verdict, 1, passed, 1, gone, true };
    memset(passed[0].signature, 0x5b, sizeof passed[0].signature);
    sp_message_words_reply(&m, out);
}

static void finish(struct sp_buf *out)
{
    struct sp_point list[] = { { ME, 39, { SP_REFUSED, 0x50, 0x51 } },
        { ME, 40, { SP_ACCEPTED, 0x60 } } };
    struct sp_scope_place told[] = { { { RUN16(1) }, 4000 },
        { { RUN16(2) }, 4100 } };
    struct sp_finish m = { 2, list, { RUN16(0x80) }, 2, told };
    sp_message_finish(&m, out);
}

static void finished(struct sp_buf *out)
{
    sp_message_finished(out);
}

static void enrol(struct sp_buf *out)
{
    sp_message_enrol(SP_MSG_ENROL, SP_SLICE(grant_list), out);
}

static void enrolled(struct sp_buf *out)
{
    sp_message_enrol(SP_MSG_ENROLLED, SP_SLICE(prev), out);
}

static void error(struct sp_buf *out)
{
    sp_message_error(SP_E_NOT_SERVED, out);
}

static const struct {
    const char *name;
    enum test_message_form form;
    void (*make)(struct sp_buf *out);
} samples[] = {
    { "hello", TEST_MESSAGE_HELLO, hello },
    { "hello_reply", TEST_MESSAGE_HELLO_REPLY, hello_reply },
    { "open", TEST_MESSAGE, open },
    { "welcome", TEST_MESSAGE, welcome },
    { "documents", TEST_MESSAGE, documents },
    { "documents_reply", TEST_MESSAGE, documents_reply },
    { "push", TEST_MESSAGE, push },
    { "pushed", TEST_MESSAGE, pushed },
    { "pull", TEST_MESSAGE, pull },
    { "pull keys", TEST_MESSAGE, pull_keys },
    { "page", TEST_MESSAGE, page },
    { "upper", TEST_MESSAGE, upper },
    { "upper_reply", TEST_MESSAGE, upper_reply },
    { "words", TEST_MESSAGE, words },
    { "words_reply", TEST_MESSAGE, words_reply },
    { "finish", TEST_MESSAGE, finish },
    { "finished", TEST_MESSAGE, finished },
    { "enrol", TEST_MESSAGE, enrol },
    { "enrolled", TEST_MESSAGE, enrolled },
    { "error", TEST_MESSAGE, error },
};

const char *test_message_sample(
    size_t i, enum test_message_form *form, struct sp_buf *out)
{
    if (i >= sizeof samples / sizeof samples[0]) {
        return NULL;
    }
    samples[i].make(out);
    SP_ASSERT(out->err == SP_OK);
    *form = samples[i].form;
    return samples[i].name;
}

/* ---- there and back ---------------------------------------------------- */

#define TRY(expression)                                                        \
    do {                                                                       \
        sp_err err_ = (expression);                                            \
        if (err_ != SP_OK) {                                                   \
            return err_;                                                       \
        }                                                                      \
    } while (0)

static sp_err recode_hello(
    enum test_message_form form, struct sp_slice in, struct sp_buf *out)
{
    struct sp_hello m;
    struct sp_hello_reply r;
    if (form == TEST_MESSAGE_HELLO) {
        TRY(sp_message_read_hello(in, &m));
        sp_message_hello(&m, out);
    } else {
        TRY(sp_message_read_hello_reply(in, &r));
        sp_message_hello_reply(&r, out);
    }
    return out->err;
}

static sp_err recode_page(
    struct sp_slice in, struct sp_arena *arena, struct sp_buf *out)
{
    struct sp_page m;
    struct sp_buf items;
    TRY(sp_message_read_page(in, arena, &m));
    sp_buf_init(&items, SP_MESSAGE_BYTES_MAX);
    for (uint32_t i = 0; i < m.item_count; i++) {
        sp_message_item(&m.item[i], &items);
    }
    sp_err err = items.err;
    sp_message_page(&m, sp_buf_slice(&items), out);
    sp_buf_free(&items);
    return err;
}

/* Messages about scopes and documents. */
static sp_err recode_first(enum sp_message_type type, struct sp_slice in,
    struct sp_arena *arena, struct sp_buf *out)
{
    struct sp_open o;
    struct sp_welcome w;
    struct sp_documents d;
    struct sp_push p;
    struct sp_pushed r;
    switch (type) {
    case SP_MSG_OPEN:
        TRY(sp_message_read_open(in, arena, &o));
        sp_message_open(&o, out);
        return SP_OK;
    case SP_MSG_WELCOME:
        TRY(sp_message_read_welcome(in, arena, &w));
        sp_message_welcome(&w, out);
        return SP_OK;
    case SP_MSG_DOCUMENTS:
        TRY(sp_message_read_documents(in, arena, &d));
        sp_message_documents(&d, out);
        return SP_OK;
    case SP_MSG_DOCUMENTS_REPLY:
        TRY(sp_message_read_documents_reply(in, arena, &d));
        sp_message_documents_reply(&d, out);
        return SP_OK;
    case SP_MSG_PUSH:
        TRY(sp_message_read_push(in, arena, &p));
        sp_message_push(&p, out);
        return SP_OK;
    case SP_MSG_PUSHED:
        TRY(sp_message_read_pushed(in, arena, &r));
        sp_message_pushed(&r, out);
        return SP_OK;
    default:
        return SP_E_MALFORMED;
    }
}

/* Reading, the end, and what stands beside. */
static sp_err recode_second(enum sp_message_type type, struct sp_slice in,
    struct sp_arena *arena, struct sp_buf *out)
{
    struct sp_pull p;
    struct sp_upper_request q;
    struct sp_upper_reply u;
    struct sp_finish f;
    struct sp_words_request w;
    struct sp_words_reply v;
    struct sp_slice body;
    sp_err code;
    switch (type) {
    case SP_MSG_PULL:
        TRY(sp_message_read_pull(in, arena, &p));
        sp_message_pull(&p, out);
        return SP_OK;
    case SP_MSG_PAGE:
        return recode_page(in, arena, out);
    case SP_MSG_UPPER:
        TRY(sp_message_read_upper(in, &q));
        sp_message_upper(&q, out);
        return SP_OK;
    case SP_MSG_UPPER_REPLY:
        TRY(sp_message_read_upper_reply(in, arena, &u));
        sp_message_upper_reply(&u, out);
        return SP_OK;
    case SP_MSG_WORDS:
        TRY(sp_message_read_words(in, arena, &w));
        sp_message_words(&w, out);
        return SP_OK;
    case SP_MSG_WORDS_REPLY:
        TRY(sp_message_read_words_reply(in, arena, &v));
        sp_message_words_reply(&v, out);
        return SP_OK;
    case SP_MSG_FINISH:
        TRY(sp_message_read_finish(in, arena, &f));
        sp_message_finish(&f, out);
        return SP_OK;
    case SP_MSG_FINISHED:
        TRY(sp_message_read_finished(in));
        sp_message_finished(out);
        return SP_OK;
    case SP_MSG_ENROL:
    case SP_MSG_ENROLLED:
        TRY(sp_message_read_enrol(in, &body));
        sp_message_enrol(type, body, out);
        return SP_OK;
    case SP_MSG_ERROR:
        TRY(sp_message_read_error(in, &code));
        sp_message_error(code, out);
        return SP_OK;
    default:
        return SP_E_MALFORMED;
    }
}

sp_err test_message_recode(enum test_message_form form, struct sp_slice in,
    struct sp_arena *arena, struct sp_buf *out)
{
    enum sp_message_type type;
    if (form != TEST_MESSAGE) {
        return recode_hello(form, in, out);
    }
    TRY(sp_message_type(in, &type));
    TRY(type < SP_MSG_PULL ? recode_first(type, in, arena, out)
                           : recode_second(type, in, arena, out));
    return out->err;
}
