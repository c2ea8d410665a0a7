/* work.c - sample accounts and visits. */
#include "work.h"

#include "bench.h"
#include "sp/pack.h"

#include <stdio.h>
#include <string.h>

/* Numbers of the shipped dictionary (server/policy/default). */
enum { ACCOUNT = 1, VISIT = 3 };
enum { NAME = 2, CITY = 8, PHONE = 10, TERRITORY = 12 };
enum {
    OF_ACCOUNT = 1,
    REP = 2,
    TYPE = 4,
    CHECKIN = 5,
    CHECKOUT = 6,
    CHECKIN_PLACE = 7,
    CHECKOUT_PLACE = 8,
    OUTCOME = 9,
    NEXT_STEP = 10,
    NEXT_DATE = 11
};

uint64_t bench_work_random(uint64_t *state)
{
    /* splitmix64 (Steele, Lea, Flood 2014) */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t below(uint64_t *random, uint64_t n)
{
    return bench_work_random(random) % n;
}

void bench_work_text(char *out, size_t size, uint64_t *random)
{
    static const char *const syllable[] = { "ka", "lo", "min", "tor", "shan",
        "wei", "bel", "dra", "fu", "gon", "hai", "jin", "ples", "qu", "rim",
        "sto", "tan", "ver", "xi", "zhou" };
    size_t n = 0;

    while (n + 8 < size) {
        const char *s = syllable[below(random, 20)];
        size_t bytes = strlen(s);
        memcpy(out + n, s, bytes);
        n += bytes;
        if (below(random, 3) == 0) {
            out[n++] = ' ';
        }
    }
    out[n - (out[n - 1] == ' ')] = '\0';
}

struct maker {
    struct bench_work *work;
    struct sp_arena *arena;
    uint64_t *random;
    struct sp_buf buf;
};

static void begin(struct maker *m, struct bench_work *out,
    struct sp_arena *arena, uint64_t *random)
{
    memset(out, 0, sizeof *out);
    *m = (struct maker){ .work = out, .arena = arena, .random = random };
    sp_buf_init(&m->buf, 4096);
}

static void put(struct maker *m, uint16_t field)
{
    struct bench_work *w = m->work;
    struct sp_slice value = sp_arena_copy(m->arena, sp_buf_slice(&m->buf));

    BENCH_CHECK(m->buf.err == SP_OK && value.data != NULL);
    w->write[w->change.count].key.field = field;
    w->write[w->change.count].value = value;
    w->change.count++;
    sp_buf_reset(&m->buf);
}

static void end(struct maker *m, uint16_t type, uint64_t now_ms)
{
    uint64_t random[2];

    random[0] = bench_work_random(m->random);
    random[1] = bench_work_random(m->random);
    m->work->change.ref.type = type;
    m->work->change.ref.id = sp_id_make(now_ms, (const uint8_t *)random);
    m->work->change.create = true;
    m->work->change.write = m->work->write;
    sp_buf_free(&m->buf);
}

static void text(struct maker *m, size_t size)
{
    char words[400];

    bench_work_text(words, size, m->random);
    sp_wr_text(&m->buf, words);
}

void bench_work_account(struct bench_work *out, struct sp_arena *arena,
    uint64_t *random, uint64_t now_ms, const char *territory)
{
    struct maker m;
    char number[32];

    begin(&m, out, arena, random);
    text(&m, 40);
    put(&m, NAME);
    sp_wr_array(&m.buf, 6);
    text(&m, 20);
    text(&m, 20);
    text(&m, 20);
    text(&m, 20);
    text(&m, 60);
    sp_wr_text(&m.buf, "310000");
    put(&m, CITY);
    (void)snprintf(number, sizeof number, "+86138%08u",
        (unsigned)below(random, 100000000));
    sp_wr_text(&m.buf, number);
    put(&m, PHONE);
    sp_wr_text(&m.buf, territory);
    put(&m, TERRITORY);
    end(&m, ACCOUNT, now_ms);
}

static void time_of(struct maker *m, uint64_t ms)
{
    sp_wr_array(&m->buf, 2);
    sp_wr_uint(&m->buf, ms);
    sp_wr_text(&m->buf, "Asia/Shanghai");
}

static void place_of(struct maker *m)
{
    sp_wr_array(&m->buf, 4);
    sp_wr_array(&m->buf, 3);
    sp_wr_int(&m->buf, 312300000 + (int64_t)below(m->random, 1000000));
    sp_wr_int(&m->buf, 1214700000 + (int64_t)below(m->random, 1000000));
    sp_wr_uint(&m->buf, 5 + below(m->random, 60));
    sp_wr_bool(&m->buf, false);
    sp_wr_uint(&m->buf, below(m->random, 101));
    sp_wr_int(&m->buf, (int64_t)below(m->random, 4000));
}

void bench_work_visit(struct bench_work *out, struct sp_arena *arena,
    uint64_t *random, uint64_t now_ms, const struct sp_ref *account,
    uint32_t rep)
{
    struct maker m;

    begin(&m, out, arena, random);
    sp_wr_bin(&m.buf, account->id.b, sizeof account->id.b);
    put(&m, OF_ACCOUNT);
    sp_wr_uint(&m.buf, rep);
    put(&m, REP);
    sp_wr_uint(&m.buf, 1 + below(random, 6));
    put(&m, TYPE);
    time_of(&m, now_ms);
    put(&m, CHECKIN);
    time_of(&m, now_ms + 60000 * (5 + below(random, 60)));
    put(&m, CHECKOUT);
    place_of(&m);
    put(&m, CHECKIN_PLACE);
    place_of(&m);
    put(&m, CHECKOUT_PLACE);
    sp_wr_uint(&m.buf, 1 + below(random, 5));
    put(&m, OUTCOME);
    text(&m, 196);
    put(&m, NEXT_STEP);
    sp_wr_int(&m.buf, 20700 + (int64_t)below(random, 90));
    put(&m, NEXT_DATE);
    end(&m, VISIT, now_ms);
}
