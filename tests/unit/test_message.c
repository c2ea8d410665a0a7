/* Messages: one form each, bounded, and what cannot be told apart is refused.
 */
#include "sp/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"
#include "messages.h"
#include "sp/describe.h"
#include "sp/pack.h"
#include "sp/seal.h"

#define BYTES_MAX (64u << 20)

struct sample {
    const char *name;
    enum test_message_form form;
    struct sp_buf bytes;
};

static bool next_sample(size_t i, struct sample *s)
{
    sp_buf_init(&s->bytes, BYTES_MAX);
    s->name = test_message_sample(i, &s->form, &s->bytes);
    return s->name != NULL;
}

/* What becomes of bytes on the way through decoder and encoder. */
static sp_err recode(
    enum test_message_form form, struct sp_slice in, bool *same)
{
    struct sp_arena arena;
    struct sp_buf out;
    struct sp_slice exact = exact_copy(in);
    sp_arena_init(&arena, BYTES_MAX);
    sp_buf_init(&out, BYTES_MAX);
    sp_err err = test_message_recode(form, exact, &arena, &out);
    *same = err == SP_OK && sp_slice_equal(sp_buf_slice(&out), in);
    sp_buf_free(&out);
    sp_arena_free(&arena);
    drop(exact);
    return err;
}

static void every_message_comes_back_as_it_went(void **state)
{
    struct sample s;
    bool same;
    (void)state;
    for (size_t i = 0; next_sample(i, &s); i++) {
        sp_err err = recode(s.form, sp_buf_slice(&s.bytes), &same);
        if (err != SP_OK || !same) {
            fail_msg("%s: %s", s.name, sp_err_name(err));
        }
        sp_buf_free(&s.bytes);
    }
}

static void no_part_of_a_message_is_a_message(void **state)
{
    struct sample s;
    bool same;
    (void)state;
    for (size_t i = 0; next_sample(i, &s); i++) {
        for (size_t size = 0; size < s.bytes.size; size++) {
            sp_err err = recode(s.form, sp_slice_of(s.bytes.data, size), &same);
            if (sp_err_class(err) != SP_CLASS_PEER) {
                fail_msg("%s, %zu bytes: %s", s.name, size, sp_err_name(err));
            }
        }
        sp_buf_put_u8(&s.bytes, 0);
        assert_int_equal(
            recode(s.form, sp_buf_slice(&s.bytes), &same), SP_E_MALFORMED);
        sp_buf_free(&s.bytes);
    }
}

/* Never a second form of the same message: what is taken is written again as
 * the same bytes. */
static void a_flipped_bit_is_an_error_or_another_message(void **state)
{
    struct sample s;
    bool same;
    (void)state;
    for (size_t i = 0; next_sample(i, &s); i++) {
        for (size_t bit = 0; bit < 8 * s.bytes.size; bit++) {
            s.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            sp_err err = recode(s.form, sp_buf_slice(&s.bytes), &same);
            if (err == SP_OK ? !same : sp_err_class(err) != SP_CLASS_PEER) {
                fail_msg("%s, bit %zu: %s", s.name, bit, sp_err_name(err));
            }
            s.bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        sp_buf_free(&s.bytes);
    }
}

static void each_decoder_takes_its_own_type_only(void **state)
{
    struct sample s;
    struct sp_open open;
    struct sp_welcome welcome;
    struct sp_documents documents;
    struct sp_push push;
    struct sp_pushed pushed;
    struct sp_pull pull;
    struct sp_page page;
    struct sp_upper_request upper;
    struct sp_upper_reply upper_reply;
    struct sp_finish finish;
    struct sp_words_request words;
    struct sp_words_reply words_reply;
    struct sp_arena a;
    struct sp_slice body;
    sp_err code;
    (void)state;
    sp_arena_init(&a, BYTES_MAX);
    for (size_t i = 0; next_sample(i, &s); i++) {
        enum sp_message_type type;
        struct sp_slice in = sp_buf_slice(&s.bytes);
        if (s.form == TEST_MESSAGE) {
            assert_int_equal(sp_message_type(in, &type), SP_OK);
            unsigned took = 0;
            took += sp_message_read_open(in, &a, &open) == SP_OK;
            took += sp_message_read_welcome(in, &a, &welcome) == SP_OK;
            took += sp_message_read_documents(in, &a, &documents) == SP_OK;
            took +=
                sp_message_read_documents_reply(in, &a, &documents) == SP_OK;
            took += sp_message_read_push(in, &a, &push) == SP_OK;
            took += sp_message_read_pushed(in, &a, &pushed) == SP_OK;
            took += sp_message_read_pull(in, &a, &pull) == SP_OK;
            took += sp_message_read_page(in, &a, &page) == SP_OK;
            took += sp_message_read_upper(in, &upper) == SP_OK;
            took += sp_message_read_upper_reply(in, &a, &upper_reply) == SP_OK;
            took += sp_message_read_finish(in, &a, &finish) == SP_OK;
            took += sp_message_read_words(in, &a, &words) == SP_OK;
            took += sp_message_read_words_reply(in, &a, &words_reply) == SP_OK;
            took += sp_message_read_finished(in) == SP_OK;
            took += sp_message_read_enrol(in, &body) == SP_OK;
            took += sp_message_read_error(in, &code) == SP_OK;
            assert_int_equal(took, 1);
        }
        sp_buf_free(&s.bytes);
    }
    sp_arena_free(&a);
}

static void a_short_point_stands_first_in_a_told_and_nowhere_else(void **state)
{
    struct sp_told told = test_message_told();
    struct sp_pushed m = { .told = told };
    struct sp_open open = { .head_count = 2, .head = m.told.point };
    struct sp_buf b;
    bool same;
    (void)state;
    sp_buf_init(&b, BYTES_MAX);
    m.told.point[0].replica = 0;
    sp_message_pushed(&m, &b);
    assert_int_equal(recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_OK);
    assert_true(same);
    sp_buf_reset(&b);
    sp_message_open(&open, &b);
    assert_int_equal(
        recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_E_MALFORMED);
    m.told = test_message_told();
    m.told.point[1].replica = 0;
    sp_buf_reset(&b);
    sp_message_pushed(&m, &b);
    assert_int_equal(
        recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_E_MALFORMED);
    m.told = test_message_told();
    m.told.upper[0].received.replica = 0;
    sp_buf_reset(&b);
    sp_message_pushed(&m, &b);
    assert_int_equal(
        recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_E_MALFORMED);
    sp_buf_free(&b);
}

/* ---- limits ------------------------------------------------------------- */

/* Memory for any list of a message, every element valid. */
static union {
    struct sp_point point[SP_REPLICAS_MAX + 1];
    struct sp_held held[SP_SCOPES_MAX + 1];
    struct sp_upper upper[SP_REPLICAS_MAX + 1];
    struct sp_told_verdict verdict[SP_VERDICTS_MAX + 1];
    struct sp_dot dot[SP_VERDICTS_MAX + 1];
    struct sp_passed passed[SP_BATCH_COMMITS_MAX + 1];
    struct sp_welcome_scope scope[SP_SCOPES_MAX + 1];
    struct sp_welcome_grant grant[SP_SCOPES_MAX + 1];
    struct sp_document_name name[SP_DOCUMENTS_MAX + 1];
    struct sp_slice slice[SP_DOCUMENTS_MAX + 1];
    struct sp_batch batch[SP_REPLICAS_MAX + 1];
    struct sp_position position[SP_SCOPES_MAX + 1];
    struct sp_page_position page[SP_SCOPES_MAX + 1];
    struct sp_ref ref[SP_PAGE_ITEMS_MAX + 1];
    uint32_t number[SP_VERDICTS_MAX + 1];
    struct sp_upper_entry entry[SP_ITEMS_MAX + 1];
    struct sp_point confirmed[SP_VERDICTS_MAX + 1];
} many;

static void heads(uint32_t count, struct sp_buf *out)
{
    struct sp_open m = { .head_count = count, .head = many.point };
    for (uint32_t i = 0; i < count; i++) {
        many.point[i] = (struct sp_point){ .replica = i + 1, .n = 1 };
    }
    sp_message_open(&m, out);
}

static void held(uint32_t count, struct sp_buf *out)
{
    struct sp_open m = { .held_count = count, .held = many.held };
    sp_message_open(&m, out);
}

static void told_points(uint32_t count, struct sp_buf *out)
{
    struct sp_pushed m = { .told = {
                               .point_count = count, .point = many.point } };
    for (uint32_t i = 0; i < count; i++) {
        many.point[i] = (struct sp_point){ .replica = i + 1 };
    }
    sp_message_pushed(&m, out);
}

static void told_uppers(uint32_t count, struct sp_buf *out)
{
    struct sp_pushed m = { .told = {
                               .upper_count = count, .upper = many.upper } };
    for (uint32_t i = 0; i < count; i++) {
        many.upper[i] = (struct sp_upper){ .received = { .replica = i + 1 } };
    }
    sp_message_pushed(&m, out);
}

static void fill_verdicts(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        many.verdict[i] = (struct sp_told_verdict){
            .replica = 1, .n = i + 1, .verdict = { .kind = SP_REFUSED }
        };
    }
}

static void told_verdicts(uint32_t count, struct sp_buf *out)
{
    struct sp_pushed m = { .told = { .verdict_count = count,
                               .verdict = many.verdict } };
    fill_verdicts(count);
    sp_message_pushed(&m, out);
}

static void moved(uint32_t count, struct sp_buf *out)
{
    struct sp_pushed m = { .moved_count = count, .moved = many.position };
    sp_message_pushed(&m, out);
}

static void scopes(uint32_t count, struct sp_buf *out)
{
    struct sp_welcome m = test_message_welcome();
    m.scope_count = count;
    m.scope = many.scope;
    for (uint32_t i = 0; i < count; i++) {
        sp_set_u32be(many.scope[i].scope.b, i);
    }
    sp_message_welcome(&m, out);
}

static void grants(uint32_t count, struct sp_buf *out)
{
    struct sp_welcome m = test_message_welcome();
    struct sp_slice list = m.grant[0].list;
    m.grant_count = count;
    m.grant = many.grant;
    for (uint32_t i = 0; i < count; i++) {
        many.grant[i].list = list;
    }
    sp_message_welcome(&m, out);
}

/* Servers of which a welcome speaks, and scopes under one of them. */
static void contents(uint32_t count, struct sp_buf *out)
{
    static struct sp_welcome_content list[SP_CONTENTS_MAX + 1];
    static struct sp_welcome_place place = { 0, 1 };
    struct sp_welcome m = test_message_welcome();
    m.content_count = count;
    m.content = list;
    for (uint32_t i = 0; i < count; i++) {
        list[i] = (struct sp_welcome_content){
            .server = i + 1, .count = 1, .place = &place
        };
    }
    sp_message_welcome(&m, out);
}

static void places(uint32_t count, struct sp_buf *out)
{
    static struct sp_welcome_place list[SP_SCOPES_MAX + 1];
    struct sp_welcome m = test_message_welcome();
    m.scope_count = SP_SCOPES_MAX;
    m.scope = many.scope;
    for (uint32_t i = 0; i < SP_SCOPES_MAX; i++) {
        sp_set_u32be(many.scope[i].scope.b, i);
    }
    for (uint32_t i = 0; i < count; i++) {
        list[i] = (struct sp_welcome_place){ i, 1 };
    }
    m.content_count = 1;
    m.content[0].count = count;
    m.content[0].place = list;
    sp_message_welcome(&m, out);
}

static void scopes_had(uint32_t count, struct sp_buf *out)
{
    static struct sp_scope_place list[SP_SCOPES_MAX + 1];
    struct sp_finish m = { .told_count = count, .told = list };
    for (uint32_t i = 0; i < count; i++) {
        sp_set_u32be(list[i].scope.b, i);
        list[i].place = 1;
    }
    sp_message_finish(&m, out);
}

static void fill_names(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        many.name[i] = (struct sp_document_name){ .kind = 1, .serial = 1 };
    }
}

static void names_had(uint32_t count, struct sp_buf *out)
{
    struct sp_documents m = { .have_count = count, .have = many.name };
    fill_names(count);
    sp_message_documents(&m, out);
}

static void names_wanted(uint32_t count, struct sp_buf *out)
{
    struct sp_documents m = { .want_count = count, .want = many.name };
    fill_names(count);
    sp_message_documents_reply(&m, out);
}

static void documents_given(uint32_t count, struct sp_buf *out)
{
    struct sp_documents m = { .given_count = count, .given = many.slice };
    sp_message_documents_reply(&m, out);
}

static uint8_t large[SP_DOCUMENT_BYTES_MAX + 1];

static void document_bytes(uint32_t size, struct sp_buf *out)
{
    struct sp_slice given = { large, size };
    struct sp_documents m = { .given_count = 1, .given = &given };
    sp_message_documents_reply(&m, out);
}

static void batches(uint32_t count, struct sp_buf *out)
{
    struct sp_push m = test_message_push();
    struct sp_batch one = m.batch[0];
    m.count = count;
    m.batch = many.batch;
    for (uint32_t i = 0; i < count; i++) {
        many.batch[i] = one;
    }
    sp_message_push(&m, out);
}

static void commits(uint32_t count, struct sp_buf *out)
{
    struct sp_push m = test_message_push();
    m.batch[0].count = count;
    m.batch[0].commit = many.slice;
    for (uint32_t i = 0; i < count; i++) {
        many.slice[i] = sp_slice_of(large, 1);
    }
    sp_message_push(&m, out);
}

static void commit_bytes(uint32_t size, struct sp_buf *out)
{
    struct sp_push m = test_message_push();
    m.batch[0].commit[0] = sp_slice_of(large, size);
    sp_message_push(&m, out);
}

static void batch_verdicts(uint32_t count, struct sp_buf *out)
{
    struct sp_push m = test_message_push();
    fill_verdicts(count);
    m.batch[1].verdict_count = count;
    m.batch[1].verdict = many.verdict;
    sp_message_push(&m, out);
}

static void asked(uint32_t count, struct sp_buf *out)
{
    struct sp_pull m = { .ask_count = count, .ask = many.ref };
    for (uint32_t i = 0; i < count; i++) {
        many.ref[i] = (struct sp_ref){ .type = 1 };
    }
    sp_message_pull(&m, out);
}

static void positions(uint32_t count, struct sp_buf *out)
{
    struct sp_pull m = { .count = count, .position = many.position };
    sp_message_pull(&m, out);
}

static void position_index(uint32_t index, struct sp_buf *out)
{
    struct sp_position p = { .index = index };
    struct sp_pull m = { .count = 1, .position = &p };
    sp_message_pull(&m, out);
}

static void position_lane(uint32_t lane, struct sp_buf *out)
{
    struct sp_position p = { .lane = lane };
    struct sp_pull m = { .count = 1, .position = &p };
    sp_message_pull(&m, out);
}

static void items(uint32_t count, struct sp_buf *out)
{
    struct sp_item item = { .kind = SP_ITEM_LEFT, .ref = { .type = 1 } };
    struct sp_page m = { .item_count = count };
    struct sp_buf b;
    sp_buf_init(&b, BYTES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        sp_message_item(&item, &b);
    }
    sp_message_page(&m, sp_buf_slice(&b), out);
    sp_buf_free(&b);
}

static void item_scopes(uint32_t count, struct sp_buf *out)
{
    struct sp_item item = {
        .kind = SP_ITEM_RECORD, .also_count = count - 1, .also = many.number
    };
    struct sp_page m = { .item_count = 1 };
    struct sp_buf b;
    sp_buf_init(&b, BYTES_MAX);
    sp_message_item(&item, &b);
    sp_message_page(&m, sp_buf_slice(&b), out);
    sp_buf_free(&b);
}

static void item_bytes(uint32_t size, struct sp_buf *out)
{
    struct sp_item item = { .kind = SP_ITEM_RECORD, .bytes = { large, size } };
    struct sp_page m = { .item_count = 1 };
    struct sp_buf b;
    sp_buf_init(&b, BYTES_MAX);
    sp_message_item(&item, &b);
    sp_message_page(&m, sp_buf_slice(&b), out);
    sp_buf_free(&b);
}

static void widenings(uint32_t count, struct sp_buf *out)
{
    static const uint8_t none[] = { 0x90 };
    static struct sp_widening list[SP_SCOPES_MAX + 1];
    struct sp_pull m = { .widening_count = count, .widening = list };
    for (uint32_t i = 0; i < count; i++) {
        /* The last index of all is there twice: only the count is over. */
        list[i].index = i < SP_SCOPES_MAX ? i : SP_SCOPES_MAX - 1;
        list[i].keys = SP_SLICE(none);
    }
    sp_message_pull(&m, out);
}

static void page_positions(uint32_t count, struct sp_buf *out)
{
    struct sp_page m = { .count = count, .position = many.page };
    sp_message_page(&m, (struct sp_slice){ 0 }, out);
}

static void uppers(uint32_t count, struct sp_buf *out)
{
    struct sp_upper_reply m = { .count = count, .entry = many.entry };
    for (uint32_t i = 0; i < count; i++) {
        many.entry[i].point.received.replica = i + 1;
    }
    sp_message_upper_reply(&m, out);
}

static void confirmed(uint32_t count, struct sp_buf *out)
{
    struct sp_finish m = { .count = count, .confirmed = many.confirmed };
    for (uint32_t i = 0; i < count; i++) {
        many.confirmed[i] = (struct sp_point){ .replica = 1, .n = i + 1 };
    }
    sp_message_finish(&m, out);
}

static void words(uint32_t count, struct sp_buf *out)
{
    struct sp_words_request m = { .word_count = count, .word = many.verdict };
    for (uint32_t i = 0; i < count; i++) {
        many.verdict[i] = test_message_told().verdict[0];
    }
    sp_message_words(&m, out);
}

static void words_held(uint32_t count, struct sp_buf *out)
{
    struct sp_words_request m = { .held_count = count, .held = many.dot };
    for (uint32_t i = 0; i < count; i++) {
        many.dot[i] = (struct sp_dot){ 7, i + 1 };
    }
    sp_message_words(&m, out);
}

static void passed(uint32_t count, struct sp_buf *out)
{
    struct sp_words_reply m = { .passed_count = count, .passed = many.passed };
    for (uint32_t i = 0; i < count; i++) {
        many.passed[i] = (struct sp_passed){ .replica = 7, .n = i + 1 };
    }
    sp_message_words_reply(&m, out);
}

static void gone(uint32_t count, struct sp_buf *out)
{
    struct sp_words_reply m = { .gone_count = count, .gone = many.number };
    sp_message_words_reply(&m, out);
}

static void enrol_bytes(uint32_t size, struct sp_buf *out)
{
    sp_message_enrol(SP_MSG_ENROL, sp_slice_of(large, size), out);
}

static void what_is_over_a_limit_is_refused_and_no_less(void **state)
{
    static const struct {
        const char *name;
        void (*make)(uint32_t count, struct sp_buf *out);
        uint32_t max;
        sp_err over;
    } table[] = {
        { "heads", heads, SP_REPLICAS_MAX, SP_E_TOO_LARGE },
        { "scopes held", held, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "points", told_points, SP_REPLICAS_MAX, SP_E_TOO_LARGE },
        { "uppers told", told_uppers, SP_REPLICAS_MAX, SP_E_TOO_LARGE },
        { "verdicts told", told_verdicts, SP_VERDICTS_MAX, SP_E_TOO_LARGE },
        { "moved", moved, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "scopes", scopes, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "grants", grants, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "contents", contents, SP_CONTENTS_MAX, SP_E_TOO_LARGE },
        { "places of a content", places, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "scopes that head office has", scopes_had, SP_SCOPES_MAX,
            SP_E_TOO_LARGE },
        { "documents had", names_had, SP_DOCUMENTS_MAX, SP_E_TOO_LARGE },
        { "documents wanted", names_wanted, SP_DOCUMENTS_MAX, SP_E_TOO_LARGE },
        { "documents", documents_given, SP_DOCUMENTS_MAX, SP_E_TOO_LARGE },
        { "document", document_bytes, SP_DOCUMENT_BYTES_MAX, SP_E_TOO_LARGE },
        { "batches", batches, SP_REPLICAS_MAX, SP_E_TOO_LARGE },
        { "commits", commits, SP_BATCH_COMMITS_MAX, SP_E_TOO_LARGE },
        { "commit", commit_bytes, SP_COMMIT_BYTES_MAX, SP_E_TOO_LARGE },
        { "verdicts", batch_verdicts, SP_VERDICTS_MAX, SP_E_TOO_LARGE },
        { "asked", asked, SP_PAGE_ITEMS_MAX, SP_E_TOO_LARGE },
        { "positions", positions, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "index", position_index, SP_SCOPES_MAX - 1, SP_E_MALFORMED },
        { "lane", position_lane, SP_LANES, SP_E_MALFORMED },
        { "items", items, SP_PAGE_ITEMS_MAX, SP_E_TOO_LARGE },
        { "scopes of an item", item_scopes, SP_RECORD_SCOPES_MAX,
            SP_E_TOO_LARGE },
        { "item", item_bytes, SP_RECORD_BYTES_MAX, SP_E_TOO_LARGE },
        { "widenings", widenings, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "page positions", page_positions, SP_SCOPES_MAX, SP_E_TOO_LARGE },
        { "uppers", uppers, SP_ITEMS_MAX, SP_E_TOO_LARGE },
        { "confirmed", confirmed, SP_VERDICTS_MAX, SP_E_TOO_LARGE },
        { "words", words, SP_VERDICTS_MAX, SP_E_TOO_LARGE },
        { "held of words", words_held, SP_HELD_PAGE, SP_E_TOO_LARGE },
        { "passed", passed, SP_BATCH_COMMITS_MAX, SP_E_TOO_LARGE },
        { "gone", gone, SP_VERDICTS_MAX, SP_E_TOO_LARGE },
        { "enrolment", enrol_bytes, SP_STRING_BYTES_MAX, SP_E_TOO_LARGE },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (uint32_t more = 0; more < 3; more++) {
            struct sp_buf b;
            bool same;
            sp_buf_init(&b, BYTES_MAX);
            memset(&many, 0, sizeof many);
            table[i].make(table[i].max - 1 + more, &b);
            assert_int_equal(b.err, SP_OK);
            sp_err err = recode(TEST_MESSAGE, sp_buf_slice(&b), &same);
            if (err != (more < 2 ? SP_OK : table[i].over)) {
                fail_msg("%s, limit %+d: %s", table[i].name, (int)more - 1,
                    sp_err_name(err));
            }
            sp_buf_free(&b);
        }
    }
}

static void a_welcome_names_each_scope_once_and_only_its_grants(void **state)
{
    struct sp_buf b;
    bool same;
    (void)state;
    sp_buf_init(&b, BYTES_MAX);
    struct sp_welcome m = test_message_welcome();
    m.scope[1].scope = m.scope[0].scope;
    sp_message_welcome(&m, &b);
    assert_int_equal(
        recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_E_MALFORMED);
    m = test_message_welcome();
    m.scope[1].grant = 2;
    sp_buf_reset(&b);
    sp_message_welcome(&m, &b);
    assert_int_equal(
        recode(TEST_MESSAGE, sp_buf_slice(&b), &same), SP_E_MALFORMED);
    sp_buf_free(&b);
}

static sp_err read_contents(const struct sp_welcome *m)
{
    struct sp_buf b;
    bool same;
    sp_buf_init(&b, BYTES_MAX);
    sp_message_welcome(m, &b);
    sp_err err = recode(TEST_MESSAGE, sp_buf_slice(&b), &same);
    sp_buf_free(&b);
    return err;
}

static void contents_come_once_in_order_and_of_scopes_that_are_named(
    void **state)
{
    struct sp_welcome m = test_message_welcome();
    (void)state;
    assert_int_equal(read_contents(&m), SP_OK);
    m.content[1].history = m.content[0].history;
    assert_int_equal(read_contents(&m), SP_E_MALFORMED);
    m = test_message_welcome();
    m.content[0].place[1].index = 0;
    assert_int_equal(read_contents(&m), SP_E_MALFORMED);
    m = test_message_welcome();
    m.content[0].place[1].index = 2;
    assert_int_equal(read_contents(&m), SP_E_MALFORMED);
    m = test_message_welcome();
    m.content[0].place[1].place = 0;
    assert_int_equal(read_contents(&m), SP_E_MALFORMED);
    m = test_message_welcome();
    m.content[1].count = 0;
    assert_int_equal(read_contents(&m), SP_E_MALFORMED);
}

static void assert_shows(struct sp_buf *message, const char *want)
{
    struct sp_arena arena;
    struct sp_buf out;
    sp_arena_init(&arena, BYTES_MAX);
    sp_buf_init(&out, BYTES_MAX);
    sp_describe_message(sp_buf_slice(message), &arena, SP_DESCRIBE_SIZES, &out);
    sp_buf_put_u8(&out, 0);
    assert_int_equal(out.err, SP_OK);
    assert_string_equal((const char *)out.data, want);
    sp_buf_free(&out);
    sp_buf_reset(message);
    sp_arena_free(&arena);
}

static void a_message_is_shown_line_by_line_and_without_keys(void **state)
{
    struct sp_buf b;
    struct sp_welcome w = test_message_welcome();
    struct sp_point list[] = { { 7, 39, { SP_REFUSED, 0x50, 0x51 } } };
    struct sp_finish f = { .count = 1, .confirmed = list };
    (void)state;
    sp_buf_init(&b, BYTES_MAX);
    w.told = (struct sp_told){ .roster = 3 };
    w.scope_count = 1;
    w.content[0].count = 1;
    sp_message_welcome(&w, &b);
    assert_shows(&b,
        "welcome history=808182838485868788898a8b8c8d8e8f "
        "replica=000000020badcafe "
        "documents=909192939495969798999a9b9c9d9e9f\n"
        "scope id=0102030405060708090a0b0c0d0e0f10 served=1 grant=1\n"
        "grant digest=0800000000000000 fields value_bytes=10\n"
        "grant digest=0900000000000000 fields value_bytes=1\n"
        "told roster=3 signed=false\n"
        "content server=3 history=808182838485868788898a8b8c8d8e8f\n"
        "content scope=0 place=4000\n"
        "content server=3 history=8182838485868788898a8b8c8d8e8f90\n"
        "content scope=0 place=4000\n");
    sp_message_finish(&f, &b);
    assert_shows(&b, "finish confirmed=1\n"
                     "confirmed replica=0000000000000007 n=39 "
                     "hash=02505100000000000000000000000000\n");
    f = (struct sp_finish){ .history = w.history,
        .told_count = 1,
        .told = &(struct sp_scope_place){ w.scope[0].scope, 4000 } };
    sp_message_finish(&f, &b);
    assert_shows(&b, "finish confirmed=0\n"
                     "has history=808182838485868788898a8b8c8d8e8f\n"
                     "has scope=0102030405060708090a0b0c0d0e0f10 place=4000\n");
    sp_message_enrol(SP_MSG_ENROL, sp_slice_text("secret"), &b);
    assert_shows(&b, "enrol bytes=6\n");
    sp_buf_put_u8(&b, 0xc1);
    assert_shows(&b, "message_bytes=1 error=SP_E_MALFORMED\n");
    sp_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_comes_back_as_it_went),
        cmocka_unit_test(no_part_of_a_message_is_a_message),
        cmocka_unit_test(a_flipped_bit_is_an_error_or_another_message),
        cmocka_unit_test(each_decoder_takes_its_own_type_only),
        cmocka_unit_test(a_short_point_stands_first_in_a_told_and_nowhere_else),
        cmocka_unit_test(a_message_is_shown_line_by_line_and_without_keys),
        cmocka_unit_test(what_is_over_a_limit_is_refused_and_no_less),
        cmocka_unit_test(a_welcome_names_each_scope_once_and_only_its_grants),
        cmocka_unit_test(
            contents_come_once_in_order_and_of_scopes_that_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
