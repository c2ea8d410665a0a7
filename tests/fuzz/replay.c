/*
 * replay.c - runs every target over its corpus and over seeded mutations of
 * it, in the ordinary test run.
 *
 *   replay CORPUS [COUNT [SEED [TARGET]]]
 *     CORPUS  folder with one folder of inputs a target
 *     COUNT   mutations of each input (default 2000)
 *
 * A crash names target, input and mutation, so that the same call with that
 * seed repeats it.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sp/seal.h"
#include "target.h"

#define INPUTS_MAX  256u
#define INPUT_BYTES 262144u
#define COUNT       2000ul
#define SEED        20260101ul

static const struct {
    const char *name;
    void (*run)(struct sp_slice in);
    unsigned long share; /* of the mutations: a session costs more */
} TARGETS[] = {
    { "pack", fuzz_pack, 1 },
    { "commit", fuzz_commit, 1 },
    { "record", fuzz_record, 1 },
    { "frame", fuzz_frame, 1 },
    { "document", fuzz_document, 1 },
    { "message", fuzz_message, 1 },
    { "link", fuzz_link, 20 },
    { "card", fuzz_card, 1 },
    { "csv", fuzz_csv, 4 },
    { "jsonl", fuzz_jsonl, 4 },
    { "picture", fuzz_picture, 4 },
};

#define TARGET_COUNT (sizeof TARGETS / sizeof TARGETS[0])

/* What runs now, for the report of a crash. */
static char running[512];

static void report(int signal_number)
{
    ssize_t written = write(STDOUT_FILENO, running, strlen(running));

    (void)written;
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

/* splitmix64: any seed will do. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n)
{
    return n == 0 ? 0 : (size_t)(draw(state) % n);
}

struct corpus {
    size_t count;
    char name[INPUTS_MAX][64];
    struct sp_slice input[INPUTS_MAX];
};

static void load(struct corpus *c, const char *folder, const char *name)
{
    static uint8_t bytes[INPUT_BYTES];
    char path[4096];
    FILE *file;
    uint8_t *copy;
    size_t size;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || c->count == INPUTS_MAX || strlen(name) > 63) {
        (void)printf("Bail out! cannot take %s\n", path);
        exit(1);
    }
    size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    copy = malloc(size + 1);
    SP_ASSERT(copy != NULL);
    memcpy(copy, bytes, size);
    (void)strcpy(c->name[c->count], name);
    c->input[c->count++] = sp_slice_of(copy, size);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of names, so that a seed means the same everywhere. */
static void open_corpus(struct corpus *c, const char *root, const char *target)
{
    char folder[3072];
    struct dirent **entries;
    int count;

    c->count = 0;
    (void)snprintf(folder, sizeof folder, "%s/%s", root, target);
    count = scandir(folder, &entries, NULL, by_name);
    if (count < 0) {
        (void)printf("Bail out! no corpus %s\n", folder);
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            load(c, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

static void close_corpus(struct corpus *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free((void *)c->input[i].data);
    }
}

/* Bytes that open a door in MessagePack, and edges of numbers. */
static const uint8_t INTERESTING[] = { 0, 1, 0x7f, 0x80, 0x90, 0x91, 0x9f, 0xa0,
    0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xcc, 0xcf, 0xd0, 0xd3, 0xdb, 0xdc, 0xdd,
    0xdf, 0xe0, 0xff };

static size_t remove_some(uint8_t *b, size_t size, uint64_t *state)
{
    size_t from = below(state, size);
    size_t count = 1 + below(state, size - from < 8 ? size - from : 8);

    count = count > size - from ? size - from : count;
    memmove(b + from, b + from + count, size - from - count);
    return size - count;
}

/* Puts a piece of another input somewhere. */
static size_t insert_some(
    uint8_t *b, size_t size, struct sp_slice other, uint64_t *state)
{
    size_t at = below(state, size + 1);
    size_t from = below(state, other.size);
    size_t count = below(state, other.size - from + 1);

    count = count > 64 ? 64 : count;
    if (size + count > INPUT_BYTES) {
        return size;
    }
    memmove(b + at + count, b + at, size - at);
    memcpy(b + at, other.data + from, count);
    return size + count;
}

/* Changes the input in one to four places; returns the new size. */
static size_t mutate(
    uint8_t *b, size_t size, const struct corpus *c, uint64_t *state)
{
    size_t steps = 1 + below(state, 4);

    for (size_t i = 0; i < steps && size > 0; i++) {
        size_t at = below(state, size);

        switch (draw(state) % 6) {
        case 0:
            b[at] ^= (uint8_t)(1u << draw(state) % 8);
            break;
        case 1:
            b[at] = INTERESTING[below(state, sizeof INTERESTING)];
            break;
        case 2:
            b[at] = (uint8_t)(b[at] + (draw(state) % 2 == 0 ? 1 : -1));
            break;
        case 3:
            size = remove_some(b, size, state);
            break;
        case 4:
            size =
                insert_some(b, size, c->input[below(state, c->count)], state);
            break;
        default:
            size = draw(state) % 8 == 0 ? at : size;
            break;
        }
    }
    return size;
}

/* In memory of exactly its size: a sanitizer sees one byte too far. */
static void run_exact(size_t target, const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);

    SP_ASSERT(exact != NULL);
    memcpy(exact, data, size);
    TARGETS[target].run(sp_slice_of(exact, size));
    free(exact);
}

static void replay(
    size_t target, const struct corpus *c, unsigned long count, uint64_t seed)
{
    static uint8_t bytes[INPUT_BYTES];

    for (size_t i = 0; i < c->count; i++) {
        uint64_t state = seed + i;

        (void)snprintf(running, sizeof running,
            "# crash: target %s, input %s, seed %llu, as it is\n",
            TARGETS[target].name, c->name[i], (unsigned long long)seed);
        run_exact(target, c->input[i].data, c->input[i].size);
        for (unsigned long n = 0; n < count; n++) {
            size_t size = c->input[i].size;

            (void)snprintf(running, sizeof running,
                "# crash: target %s, input %s, seed %llu, mutation %lu\n",
                TARGETS[target].name, c->name[i], (unsigned long long)seed, n);
            memcpy(bytes, c->input[i].data, size);
            size = mutate(bytes, size, c, &state);
            run_exact(target, bytes, size);
        }
    }
}

int main(int argc, char **argv)
{
    static const int signals[] = { SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS,
        SIGFPE };
    static struct corpus corpus;
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : COUNT;
    unsigned long seed = argc > 3 ? strtoul(argv[3], NULL, 10) : SEED;
    int failed = 0;

    if (argc < 2 || sp_crypto_init() != SP_OK) {
        return 64;
    }
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        (void)signal(signals[i], report);
    }
    (void)printf("1..%zu\n# seed %lu, %lu mutations of each input\n",
        TARGET_COUNT, seed, count);
    for (size_t t = 0; t < TARGET_COUNT; t++) {
        bool wanted = argc <= 4 || strcmp(argv[4], TARGETS[t].name) == 0;

        open_corpus(&corpus, argv[1], TARGETS[t].name);
        (void)fflush(stdout);
        if (wanted) {
            replay(t, &corpus, count / TARGETS[t].share, seed);
        }
        failed += corpus.count == 0;
        (void)printf("%s %zu - %s_takes_its_corpus_of_%zu_and_mutations\n",
            corpus.count > 0 ? "ok" : "not ok", t + 1, TARGETS[t].name,
            corpus.count);
        close_corpus(&corpus);
    }
    return failed > 0;
}
