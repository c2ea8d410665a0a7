/* Commits: one encoding each, a content id that survives renumbering, a chain
 * and a signature that cover everything else. */
#include "sp/commit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "commit_sample.h"
#include "sp/seal.h"

/* Two records, contexts of two kinds, a set member, a counter increment. */
static void rich(struct sample *s)
{
    static const uint8_t text[] = { 0xa3, 'a', 'b', 'c' };
    static const uint8_t member[] = { 0xa1, 'x' };

    sample_init(s, 2, 4);
    s->write[0].value = SP_SLICE(text);
    see(s, 0, OTHER, 41);
    see(s, 1, OTHER, 41);
    see(s, 2, ME, 2);
    s->write[5].key.element = SP_SLICE(member);
    s->write[6].key.element = SP_SLICE(s->commit.content.b);
}

static void decoding_gives_back_what_was_encoded(void **state)
{
    struct sample s;
    struct sp_slice in;
    struct sp_arena arena;
    struct sp_commit c;

    (void)state;
    rich(&s);
    in = encoded(&s.commit);
    sp_arena_init(&arena, ARENA_MAX);
    assert_int_equal(sp_commit_decode(in, ME, &arena, &c), SP_OK);
    assert_true(c.replica == ME && c.n == 3 && c.user == 7);
    assert_true(c.time == s.commit.time);
    assert_true(c.dictionary == 1 && c.policy == 2 && c.roster == 3);
    assert_memory_equal(c.nonce, s.commit.nonce, sizeof c.nonce);
    assert_true(sp_id_equal(&c.content, &s.commit.content));
    assert_int_equal(c.count, 2);
    for (uint32_t i = 0; i < 8; i++) {
        const struct sp_write *w = &c.change[i / 4].write[i % 4];

        assert_int_equal(w->key.field, s.write[i].key.field);
        assert_true(sp_slice_equal(w->key.element, s.write[i].key.element));
        assert_true(sp_slice_equal(w->value, s.write[i].value));
        assert_int_equal(w->context.count, s.write[i].context.count);
        assert_true(w->context.count == 0 ||
                    sp_dot_cmp(w->context.dot, s.write[i].context.dot) == 0);
    }
    assert_true(sp_commit_stamp(&c).dot.counter == 3);
    assert_int_equal(sp_commit_stamp(&c).user, 7);
    sp_arena_free(&arena);
    drop(in);
}

static void counter_increment_is_named_by_its_own_content_id(void **state)
{
    struct sample s;
    struct sp_slice in, placeholder;
    struct sp_id first, content;

    (void)state;
    sample_init(&s, 1, 1);
    s.write[0].key.element = SP_SLICE(s.commit.content.b);
    in = encoded(&s.commit);
    assert_false(sp_id_is_zero(&s.commit.content));
    assert_true(is_fixpoint(in, &content));
    assert_true(sp_id_equal(&content, &s.commit.content));
    /* Encoding once more (after renumbering) finds the same id. */
    first = content;
    s.commit.n = 9;
    placeholder = encoded(&s.commit);
    assert_true(sp_id_equal(&first, &s.commit.content));
    drop(placeholder);
    drop(in);
}

static void content_id_stays_when_a_commit_is_renumbered(void **state)
{
    struct sample s;
    struct sp_slice before, after;
    struct sp_hash prev = { { 0 } }, a, b;
    struct sp_id content;

    (void)state;
    rich(&s);
    before = encoded(&s.commit);
    content = s.commit.content;
    sp_commit_chain(&prev, ME, 3, before, &a);
    s.commit.replica = ME + 1;
    s.commit.n = 77;
    s.commit.time++;
    s.commit.roster = 9;
    see(&s, 0, OTHER, 43);
    see(&s, 3, ME, 2);
    after = encoded(&s.commit);
    assert_true(sp_id_equal(&content, &s.commit.content));
    sp_commit_chain(&prev, ME + 1, 77, after, &b);
    assert_memory_not_equal(a.b, b.b, sizeof a.b);
    drop(before);
    drop(after);
}

static void content_id_differs_with_author_nonce_and_writes(void **state)
{
    static const uint8_t other[] = { 0xc3 };
    struct sample s;
    struct sp_id base;

    (void)state;
    for (int change = 0; change < 6; change++) {
        rich(&s);
        s.commit.user += change == 1;
        s.commit.nonce[7] = (uint8_t)(change == 2 ? 9 : 8);
        s.write[1].value = change == 3 ? SP_SLICE(other) : SP_SLICE(nil_value);
        s.write[3].key.field = (uint16_t)(change == 4 ? 9 : 4);
        s.change[1].ref.id.b[15] = (uint8_t)(change == 5 ? 9 : 1);
        drop(encoded(&s.commit));
        if (change == 0) {
            base = s.commit.content;
        } else {
            assert_false(sp_id_equal(&base, &s.commit.content));
        }
    }
}

/* Nothing is unread: whatever bit turns, it is an error or another commit. */
static void each_flipped_byte_is_an_error_or_another_commit(void **state)
{
    struct sample s;
    struct sp_slice good, in;
    size_t content_at, taken = 0;

    (void)state;
    rich(&s);
    good = encoded(&s.commit);
    /* user 7 and nonce are where the content begins */
    for (content_at = 0;
         memcmp(good.data + content_at, "\x93\x07\xc4\x08", 4) != 0;) {
        content_at++;
    }
    in = exact_copy(good);
    for (size_t i = 0; i < in.size; i++) {
        uint8_t *byte = (uint8_t *)in.data + i;

        for (unsigned flip = 1; flip < 256; flip++) {
            *byte = (uint8_t)(good.data[i] ^ flip);
            if (decode_error(in) == SP_OK) {
                struct sp_id content;

                assert_true(is_fixpoint(in, &content));
                assert_int_equal(
                    sp_id_equal(&content, &s.commit.content), i < content_at);
                taken++;
            }
        }
        *byte = good.data[i];
    }
    assert_true(taken > 100); /* the nonce's bytes at least */
    drop(in);
    drop(good);
}

static void every_prefix_is_an_error(void **state)
{
    struct sample s;
    struct sp_slice good;

    (void)state;
    rich(&s);
    good = encoded(&s.commit);
    for (size_t size = 0; size < good.size; size++) {
        struct sp_slice part = exact_copy(sp_slice_of(good.data, size));

        assert_int_equal(decode_error(part), SP_E_TRUNCATED);
        drop(part);
    }
    drop(good);
}

#define CAUSAL(contexts) "92 97 03 00 00 01 01 01 " contexts " "
#define CONTENT(changes) "93 07 c4080102030405060708 " changes
#define CHANGE(id, writes)                                                     \
    "93 01 c410000000000000000000000000000000" id " " writes " "
#define ONE  CONTENT("91" CHANGE("01", "92 01 c0"))
#define TWO  CONTENT("91" CHANGE("01", "94 01 c0 02 c0"))
#define OF_A "cf0000000b00000002"
#define OF_B "cf0000000b00000003"

static void only_the_canonical_form_is_taken(void **state)
{
    // clang-format off
    static const struct {
        const char *name;
        const char *hex;
        sp_err err;
    } table[] = {
        { "plain", CAUSAL("c0") ONE, SP_OK },
        { "one context", CAUSAL("93 91" OF_A "91 92 00 05 91 01") ONE, SP_OK },
        { "second write alone has one",
          CAUSAL("93 91" OF_A "91 92 00 05 92 00 01") TWO, SP_OK },
        { "two vectors",
          CAUSAL("93 91" OF_A "92 92 00 05 92 00 06 92 01 02") TWO, SP_OK },
        { "contexts empty in long form", CAUSAL("93 90 90 91 00") ONE,
          SP_E_MALFORMED },
        { "replica that nobody uses",
          CAUSAL("93 92" OF_A OF_B "91 92 00 05 91 01") ONE, SP_E_MALFORMED },
        { "replicas out of order",
          CAUSAL("93 92" OF_B OF_A "91 94 00 05 01 05 91 01") ONE,
          SP_E_MALFORMED },
        { "replica twice",
          CAUSAL("93 92" OF_A OF_A "91 94 00 05 01 05 91 01") ONE,
          SP_E_MALFORMED },
        { "replica 0", CAUSAL("93 91 00 91 92 00 05 91 01") ONE,
          SP_E_MALFORMED },
        { "vector that nobody uses",
          CAUSAL("93 91" OF_A "92 92 00 05 92 00 06 91 01") ONE,
          SP_E_MALFORMED },
        { "vectors out of order",
          CAUSAL("93 91" OF_A "92 92 00 06 92 00 05 92 01 02") TWO,
          SP_E_MALFORMED },
        { "vector twice",
          CAUSAL("93 91" OF_A "92 92 00 05 92 00 05 92 01 02") TWO,
          SP_E_MALFORMED },
        { "longer vector first",
          CAUSAL("93 92" OF_A OF_B "92 94 00 01 01 01 92 00 05 92 01 02") TWO,
          SP_E_MALFORMED },
        { "empty vector", CAUSAL("93 91" OF_A "92 90 92 00 05 92 01 02") TWO,
          SP_E_MALFORMED },
        { "dots out of order",
          CAUSAL("93 92" OF_A OF_B "91 94 01 05 00 05 91 01") ONE,
          SP_E_MALFORMED },
        { "dot twice",
          CAUSAL("93 92" OF_A OF_B "91 96 00 05 01 05 01 06 91 01") ONE,
          SP_E_MALFORMED },
        { "odd vector", CAUSAL("93 91" OF_A "91 93 00 05 00 91 01") ONE,
          SP_E_MALFORMED },
        { "counter 0", CAUSAL("93 91" OF_A "91 92 00 00 91 01") ONE,
          SP_E_MALFORMED },
        { "index beyond the replicas",
          CAUSAL("93 91" OF_A "91 92 01 05 91 01") ONE, SP_E_MALFORMED },
        { "use beyond the vectors",
          CAUSAL("93 91" OF_A "91 92 00 05 91 02") ONE, SP_E_MALFORMED },
        { "fewer uses than writes",
          CAUSAL("93 91" OF_A "91 92 00 05 91 01") TWO, SP_E_MALFORMED },
        { "more uses than writes",
          CAUSAL("93 91" OF_A "91 92 00 05 92 01 01") ONE, SP_E_MALFORMED },
        { "no uses", CAUSAL("93 91" OF_A "91 92 00 05 90") ONE,
          SP_E_MALFORMED },
        { "uses without vectors", CAUSAL("93 91" OF_A "90 91 00") ONE,
          SP_E_MALFORMED },
        { "no change", CAUSAL("c0") CONTENT("90"), SP_E_MALFORMED },
        { "change without a write",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "90")), SP_E_MALFORMED },
        { "key without a value",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "91 01")), SP_E_MALFORMED },
        { "id of zeros",
          CAUSAL("c0") CONTENT("91" CHANGE("00", "92 01 c0")),
          SP_E_MALFORMED },
        { "id of 15 bytes",
          CAUSAL("c0") CONTENT("91 93 01 c40f 000000000000000000000000000001"
                               "92 01 c0"), SP_E_MALFORMED },
        { "id of 17 bytes",
          CAUSAL("c0") CONTENT("91 93 01 c411 0000000000000000000000000000000001"
                               "92 01 c0"), SP_E_MALFORMED },
        { "record twice",
          CAUSAL("c0") CONTENT("92" CHANGE("01", "92 01 c0")
                               CHANGE("01", "92 02 c0")), SP_E_MALFORMED },
        { "records out of order",
          CAUSAL("c0") CONTENT("92" CHANGE("02", "92 01 c0")
                               CHANGE("01", "92 01 c0")), SP_E_MALFORMED },
        { "key twice",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "94 01 c0 01 c3")),
          SP_E_MALFORMED },
        { "keys out of order",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "94 02 c0 01 c0")),
          SP_E_MALFORMED },
        { "elements in order",
          CAUSAL("c0") CONTENT("91" CHANGE("01",
              "96 01 c0 9201c40161 c0 9201c40162 c0")), SP_OK },
        { "elements out of order",
          CAUSAL("c0") CONTENT("91" CHANGE("01",
              "94 9201c40162 c0 9201c40161 c0")), SP_E_MALFORMED },
        { "element twice",
          CAUSAL("c0") CONTENT("91" CHANGE("01",
              "94 9201c40161 c0 9201c40161 c0")), SP_E_MALFORMED },
        { "empty element",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "92 9201c400 c0")),
          SP_E_MALFORMED },
        { "own element beside the field itself",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "94 01 c0 9201c0 c0")),
          SP_OK },
        { "own element before another",
          CAUSAL("c0") CONTENT("91" CHANGE("01",
              "94 9201c0 c0 9201c40161 c0")), SP_E_MALFORMED },
        { "own element after another",
          CAUSAL("c0") CONTENT("91" CHANGE("01",
              "94 9201c40161 c0 9201c0 c0")), SP_E_MALFORMED },
        { "own element twice",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "94 9201c0 c0 9201c0 c0")),
          SP_E_MALFORMED },
        { "value not canonical",
          CAUSAL("c0") CONTENT("91" CHANGE("01", "92 01 cc05")),
          SP_E_MALFORMED },
        { "byte behind", CAUSAL("c0") ONE "00", SP_E_MALFORMED },
        { "three parts", "93 97 03 00 00 01 01 01 c0" ONE "c0",
          SP_E_MALFORMED },
        { "causal of eight", "92 98 03 00 00 01 01 01 c0 00" ONE,
          SP_E_MALFORMED },
        { "number 0", "92 97 00 00 00 01 01 01 c0" ONE, SP_E_MALFORMED },
        { "authority 3", "92 97 03 00 03 01 01 01 c0" ONE, SP_E_MALFORMED },
        { "serial of 33 bits",
          "92 97 03 00 00 cf0000000100000000 01 01 c0" ONE, SP_E_MALFORMED },
        { "nonce of 7", CAUSAL("c0") "93 07 c40701020304050607 91"
          CHANGE("01", "92 01 c0"), SP_E_MALFORMED },
    };
    // clang-format on

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sp_slice in = hex_bytes(table[i].hex);
        struct sp_id content;
        sp_err err = decode_error(in);

        if (err != table[i].err) {
            fail_msg("%s: %s", table[i].name, sp_err_name(err));
        }
        if (err == SP_OK && !is_fixpoint(in, &content)) {
            fail_msg("%s: encodes differently", table[i].name);
        }
        drop(in);
    }
}

static void encoder_refuses_what_no_decoder_would_take(void **state)
{
    struct sample s;

    (void)state;
    sample_init(&s, 1, 2);
    s.write[1].key.field = 1;
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT); /* key twice */
    sample_init(&s, 2, 1);
    s.change[1].ref.id.b[15] = 0;
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT); /* record */
    sample_init(&s, 1, 1);
    s.change[0].count = 0;
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT);
    sample_init(&s, 0, 0);
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT);
    sample_init(&s, 1, 1);
    s.commit.n = 0;
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT);
    sample_init(&s, 1, 1);
    s.dot[0] = (struct sp_dot){ OTHER, 1 };
    s.dot[1] = (struct sp_dot){ OTHER, 2 };
    s.write[0].context = (struct sp_vector){ 2, s.dot };
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT);
    sample_init(&s, 1, 2); /* own element beside another of its field */
    s.write[1].key.field = 1;
    s.write[0].key.element = SP_SLICE(nil_value);
    s.write[1].key.element = SP_SLICE(s.commit.content.b);
    assert_int_equal(encode_error(&s.commit), SP_E_ARGUMENT);
}

static void context_at_or_above_the_own_commit_is_refused(void **state)
{
    static const struct {
        const char *name;
        sp_replica replica;
        uint64_t counter;
        const char *contexts;
        sp_err err;
    } table[] = {
        { "own, before", ME, 2, "93 91 cf0000000a00000001 91 92 00 02 91 01",
            SP_OK },
        { "own, the same", ME, 3, "93 91 cf0000000a00000001 91 92 00 03 91 01",
            SP_E_VECTOR },
        { "own, after", ME, 4, "93 91 cf0000000a00000001 91 92 00 04 91 01",
            SP_E_VECTOR },
        { "another's, after", OTHER, 4, "93 91" OF_A "91 92 00 04 91 01",
            SP_OK },
        { "another's, 2^48 - 1", OTHER, SP_COUNTER_MAX,
            "93 91" OF_A "91 92 00 cf0000ffffffffffff 91 01", SP_OK },
        { "another's, 2^48", OTHER, SP_COUNTER_MAX + 1,
            "93 91" OF_A "91 92 00 cf0001000000000000 91 01", SP_E_VECTOR },
        { "another's, 2^64 - 1", OTHER, UINT64_MAX,
            "93 91" OF_A "91 92 00 cfffffffffffffffff 91 01", SP_E_VECTOR },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[400];
        struct sample s;
        struct sp_slice in;

        (void)snprintf(text, sizeof text, "92 97 03 00 00 01 01 01 %s %s",
            table[i].contexts, ONE);
        in = hex_bytes(text);
        if (decode_error(in) != table[i].err) {
            fail_msg("decode: %s", table[i].name);
        }
        drop(in);
        sample_init(&s, 1, 1);
        see(&s, 0, table[i].replica, table[i].counter);
        if (encode_error(&s.commit) != table[i].err) {
            fail_msg("encode: %s", table[i].name);
        }
    }
}

static void metadata_of_a_commit_is_small(void **state)
{
    struct sample s;
    struct sp_slice one, eleven;

    (void)state;
    sample_init(&s, 1, 1);
    s.commit.n = 100000;
    s.commit.user = 5000;
    s.commit.dictionary = s.commit.policy = s.commit.roster = 2000;
    see(&s, 0, OTHER, 100000);
    one = encoded(&s.commit);
    assert_in_range(one.size - sizeof nil_value, 1, 85);
    drop(one);
    sample_init(&s, 1, 1);
    one = encoded(&s.commit);
    sample_init(&s, 1, 11);
    eleven = encoded(&s.commit);
    assert_in_range(eleven.size - one.size, 10, 10 * (4 + sizeof nil_value));
    drop(one);
    drop(eleven);
}

static void chain_covers_previous_replica_number_and_bytes(void **state)
{
    struct sp_hash zero = { { 0 } }, other = { { 1 } }, base, h;
    struct sp_slice in = sp_slice_text("bytes");

    (void)state;
    sp_commit_chain(&zero, ME, 1, in, &base);
    sp_commit_chain(&zero, ME, 1, in, &h);
    assert_memory_equal(base.b, h.b, sizeof h.b);
    sp_commit_chain(&other, ME, 1, in, &h);
    assert_memory_not_equal(base.b, h.b, sizeof h.b);
    sp_commit_chain(&zero, OTHER, 1, in, &h);
    assert_memory_not_equal(base.b, h.b, sizeof h.b);
    sp_commit_chain(&zero, ME, 2, in, &h);
    assert_memory_not_equal(base.b, h.b, sizeof h.b);
    sp_commit_chain(&zero, ME, 1, sp_slice_text("Bytes"), &h);
    assert_memory_not_equal(base.b, h.b, sizeof h.b);
}

static void signature_covers_domain_organisation_replica_number_hash(
    void **state)
{
    struct sp_secret seed = { { 9 } };
    struct sp_id org = { { 1 } }, org2 = { { 2 } };
    struct sp_hash hash = { { 3 } }, hash2 = { { 4 } };
    uint8_t public_key[32], public2[32], secret[64], secret2[64], sig[64];
    struct sp_buf m;

    (void)state;
    sp_sign_pair(&seed, public_key, secret);
    seed.b[1] = 1;
    sp_sign_pair(&seed, public2, secret2);
    sp_commit_sign(&org, ME, 5, &hash, secret, sig);
    assert_int_equal(
        sp_commit_verify(&org, ME, 5, &hash, public_key, sig), SP_OK);
    assert_int_equal(
        sp_commit_verify(&org2, ME, 5, &hash, public_key, sig), SP_E_FORGED);
    assert_int_equal(
        sp_commit_verify(&org, OTHER, 5, &hash, public_key, sig), SP_E_FORGED);
    assert_int_equal(
        sp_commit_verify(&org, ME, 6, &hash, public_key, sig), SP_E_FORGED);
    assert_int_equal(
        sp_commit_verify(&org, ME, 5, &hash2, public_key, sig), SP_E_FORGED);
    assert_int_equal(
        sp_commit_verify(&org, ME, 5, &hash, public2, sig), SP_E_FORGED);
    /* The same words under another domain. */
    sp_buf_init(&m, 200);
    sp_buf_put(&m, "satchel-Head", 12);
    sp_buf_put(&m, org.b, sizeof org.b);
    sp_buf_put_u64be(&m, ME);
    sp_buf_put_u64be(&m, 5);
    sp_buf_put(&m, hash.b, sizeof hash.b);
    sp_sign(sp_buf_slice(&m), secret, sig);
    assert_int_equal(
        sp_commit_verify(&org, ME, 5, &hash, public_key, sig), SP_E_FORGED);
    m.data[8] = 'h';
    sp_sign(sp_buf_slice(&m), secret, sig);
    assert_int_equal(
        sp_commit_verify(&org, ME, 5, &hash, public_key, sig), SP_OK);
    for (size_t i = 0; i < sizeof sig; i++) {
        sig[i] ^= 1;
        assert_int_equal(
            sp_commit_verify(&org, ME, 5, &hash, public_key, sig), SP_E_FORGED);
        sig[i] ^= 1;
    }
    sp_buf_free(&m);
}

static void without_memory_decoding_fails_and_leaves_the_result(void **state)
{
    struct sample s;
    struct sp_slice in;
    size_t ceiling = 0;
    sp_err err;

    (void)state;
    rich(&s);
    in = encoded(&s.commit);
    do {
        struct sp_arena arena;
        struct sp_commit c = { .n = 99 };

        sp_arena_init(&arena, ceiling);
        err = sp_commit_decode(in, ME, &arena, &c);
        assert_true(err == SP_OK || (err == SP_E_NOMEM && c.n == 99));
        sp_arena_free(&arena);
        ceiling += 16;
    } while (err != SP_OK);
    assert_in_range(ceiling, 64, 4096);
    drop(in);
}

static int crypto(void **state)
{
    (void)state;
    return sp_crypto_init() != SP_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_gives_back_what_was_encoded),
        cmocka_unit_test(counter_increment_is_named_by_its_own_content_id),
        cmocka_unit_test(content_id_stays_when_a_commit_is_renumbered),
        cmocka_unit_test(content_id_differs_with_author_nonce_and_writes),
        cmocka_unit_test(each_flipped_byte_is_an_error_or_another_commit),
        cmocka_unit_test(every_prefix_is_an_error),
        cmocka_unit_test(only_the_canonical_form_is_taken),
        cmocka_unit_test(encoder_refuses_what_no_decoder_would_take),
        cmocka_unit_test(context_at_or_above_the_own_commit_is_refused),
        cmocka_unit_test(metadata_of_a_commit_is_small),
        cmocka_unit_test(chain_covers_previous_replica_number_and_bytes),
        cmocka_unit_test(
            signature_covers_domain_organisation_replica_number_hash),
        cmocka_unit_test(without_memory_decoding_fails_and_leaves_the_result),
    };

    return cmocka_run_group_tests(tests, crypto, NULL);
}
