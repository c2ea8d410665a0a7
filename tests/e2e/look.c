/*
 * look.c - opens a store with its key and prints all that lies in it.
 *
 *   look device DIR           passphrase in SATCHEL_PASSPHRASE
 *   look server DIR           key in DIR.key; the server must have stopped
 *
 * One line an entry, separated by tabs:
 *   entry  TABLE KEY VALUE               every entry of every table, in hex
 *   value  TYPE ID FIELD ELEMENT REPLICA N USER TIME_MS VALUE
 *                                        every value of every stored record
 *
 * It reads the tables themselves, not through replica or server: what these
 * would not show is seen here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"
#include "sp/record.h"

#include "store/lmdb_store.h"

#include "keys/keys.h"
#include "replica/replica.h"

#include "store/keyfile.h"

#define PATH_BYTES   1024u
#define PLACES_MAX   1024u
#define RECORD_ARENA (64u << 20)

struct look {
    struct sp_store port;
    struct sp_txn *txn;
    enum sp_table table;
    struct sp_arena arena;
};

static void put_hex(struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        printf("%02x", s.data[i]);
    }
}

/* ---- records ----------------------------------------------------------- */

static void put_values(const struct sp_record *r, const struct sp_register *g)
{
    for (uint32_t i = 0; i < g->count; i++) {
        const struct sp_sibling *s = &g->sibling[i];
        printf("value\t%u\t", r->ref.type);
        put_hex(sp_slice_of(r->ref.id.b, sizeof r->ref.id.b));
        printf("\t%u\t", g->key.field);
        put_hex(g->key.element);
        printf("\t%016" PRIx64 "\t%" PRIu64 "\t%" PRIu32 "\t%" PRIu64 "\t",
            s->stamp.dot.replica, s->stamp.dot.counter, s->stamp.user,
            sp_hlc_ms(s->stamp.time));
        put_hex(s->value);
        putchar('\n');
    }
}

/* [origin, places, record] as sync-proto/src/place.c stores it. */
static sp_err put_record(struct look *l, struct sp_slice value)
{
    struct sp_record record;
    struct sp_rd r;
    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 3);
    (void)sp_rd_uint(&r, 0, UINT32_MAX);
    uint32_t places = sp_rd_array(&r, PLACES_MAX);
    for (uint32_t i = 0; i < places; i++) {
        (void)sp_rd_value(&r);
    }
    if (r.err != SP_OK) {
        return r.err;
    }
    sp_arena_reset(&l->arena);
    sp_err err = sp_record_decode(sp_slice_of(r.at, (size_t)(r.end - r.at)),
        SP_RECORD_STORED, &l->arena, &record);
    for (uint32_t i = 0; err == SP_OK && i < record.count; i++) {
        put_values(&record, &record.reg[i]);
    }
    return err;
}

/* ---- the store --------------------------------------------------------- */

static sp_err put_entry(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct look *l = arg;
    printf("entry\t%d\t", (int)l->table);
    put_hex(key);
    putchar('\t');
    put_hex(value);
    putchar('\n');
    return l->table == SP_T_RECORD ? put_record(l, value) : SP_OK;
}

static sp_err look_at(struct look *l)
{
    const struct sp_slice all = { NULL, 0 };
    sp_err err = l->port.begin(l->port.self, false, &l->txn);
    for (int t = 0; err == SP_OK && t < SP_T_COUNT; t++) {
        l->table = (enum sp_table)t;
        err = l->port.walk(l->txn, l->table, all, all, true, put_entry, l);
    }
    l->port.abort(l->txn);
    return err;
}

static sp_err device_key(const char *dir, const struct sp_env *env,
    struct sp_secret *root, char *note)
{
    const char *passphrase = getenv("SATCHEL_PASSPHRASE");
    struct cc_keys keys = { .dir = dir, .env = env };
    if (passphrase == NULL) {
        snprintf(note, CC_KEYS_NOTE_BYTES, "SATCHEL_PASSPHRASE is not set");
        return SP_E_SECRET;
    }
    return cc_keys_open(&keys, passphrase, root, note);
}

static sp_err server_key(
    const char *dir, char *path, struct sp_secret *root, char *note)
{
    snprintf(path, PATH_BYTES, "%.900s.key", dir);
    sp_err err = sv_keyfile_read(path, "store", root, note);
    snprintf(path, PATH_BYTES, "%.900s/store", dir);
    return err;
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES], note[512] = "";
    struct sp_env env = cc_replica_env();
    struct cc_lmdb *store = NULL;
    struct sp_secret root;
    struct look l = { .txn = NULL };
    if (argc != 3 ||
        (strcmp(argv[1], "device") != 0 && strcmp(argv[1], "server") != 0)) {
        fprintf(stderr, "look device|server DIR\n");
        return 64;
    }
    bool server = argv[1][0] == 's';
    snprintf(path, sizeof path, "%s", argv[2]);
    sp_err err = server ? server_key(argv[2], path, &root, note)
                        : device_key(argv[2], &env, &root, note);
    if (err == SP_OK) {
        struct cc_lmdb_options options = {
            .path = path, .root = &root, .env = &env, .exclusive = server
        };
        err = cc_lmdb_open(&store, &options, note);
        sp_secret_wipe(&root);
    }
    if (err == SP_OK) {
        l.port = cc_lmdb_port(store);
        sp_arena_init(&l.arena, RECORD_ARENA);
        err = look_at(&l);
        sp_arena_free(&l.arena);
        cc_lmdb_close(store);
    }
    if (err != SP_OK) {
        fprintf(stderr, "look: %s: %s %s\n", argv[2], sp_err_name(err), note);
        return 1;
    }
    return 0;
}
