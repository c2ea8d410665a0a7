/* make_head_office.c - satchelctl init. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ctl/make.h"
#include "ops/env.h"
#include "ops/say.h"
#include "policy/book.h"
#include "policy/defaults.h"
#include "policy/dictionary.h"
#include "policy/issue.h"
#include "policy/number.h"
#include "policy/policy.h"
#include "store/home.h"
#include "store/keyfile.h"

#define ROLES_MAX 16u

/* All that init gathers before it writes anything. */
struct plan {
    struct sv_make *m;
    struct sv_identity who;
    struct sp_secret root; /* seed of the organisation's key */
    char key_file[512];
    char root_file[512];
    struct sp_buf dictionary, policy; /* bodies */
    struct sp_arena arena;
    struct sp_dictionary dictionary_read;
    struct sp_policy policy_read;
    uint16_t role[ROLES_MAX];
    uint32_t role_count;
};

static struct sp_slice default_text(const unsigned char *text, size_t size)
{
    return sp_slice_of(text, size);
}

static sp_err compile(struct plan *p)
{
    struct sv_conf_error error = { .line = 0 };
    const char *path = sv_make_arg(p->m, "dictionary", NULL);
    sp_err err = path != NULL
                     ? sv_dictionary_compile_file(path, &p->dictionary, &error)
                     : sv_dictionary_compile("dictionary.conf",
                           default_text(sv_defaults_dictionary,
                               sv_defaults_dictionary_bytes),
                           &p->dictionary, &error);
    if (err == SP_OK) {
        err = sp_dictionary_decode(
            sp_buf_slice(&p->dictionary), &p->arena, &p->dictionary_read);
    }
    if (err == SP_OK) {
        path = sv_make_arg(p->m, "policy", NULL);
        err = path != NULL ? sv_policy_compile_file(
                                 path, &p->dictionary_read, &p->policy, &error)
                           : sv_policy_compile("policy.conf",
                                 default_text(sv_defaults_policy,
                                     sv_defaults_policy_bytes),
                                 &p->dictionary_read, &p->policy, &error);
    }
    if (err == SP_OK) {
        err = sp_policy_decode(
            sp_buf_slice(&p->policy), &p->arena, &p->policy_read);
    }
    return err == SP_E_CONFIG ? sv_make_refuse(p->m, err, "%s", error.text)
                              : err;
}

/* The first administrator's roles: those named, else all that may manage
 * people. */
static sp_err choose_roles(struct plan *p)
{
    const char *names = sv_make_arg(p->m, "admin-role", NULL);
    for (uint32_t i = 0; names == NULL && i < p->policy_read.role_count; i++) {
        const struct sp_role *r = &p->policy_read.role[i];
        if ((r->manages & SP_MANAGES_USERS) != 0 && p->role_count < ROLES_MAX) {
            p->role[p->role_count++] = r->number;
        }
    }
    while (names != NULL && *names != '\0' && p->role_count < ROLES_MAX) {
        size_t size = strcspn(names, ",");
        const struct sp_role *r =
            sp_policy_role_named(&p->policy_read, sp_slice_of(names, size));
        if (r == NULL) {
            return sv_make_refuse(p->m, SP_E_ARGUMENT,
                "--admin-role: the policy has no role \"%.*s\"", (int)size,
                names);
        }
        p->role[p->role_count++] = r->number;
        names += size + (names[size] == ',' ? 1 : 0);
    }
    return p->role_count > 0
               ? SP_OK
               : sv_make_refuse(p->m, SP_E_CONFIG,
                     "no role of this policy may manage users; nobody could "
                     "administer this organisation");
}

static void draw(struct plan *p)
{
    const struct sp_env *env = sv_env_real();
    struct sp_identity *id = &p->who.id;
    uint8_t random[10];
    uint8_t root_secret[SP_SIGN_SECRET_BYTES];
    sv_home_draw(&p->who, env);
    p->who.tier = SP_TIER_HEAD_OFFICE;
    sv_env_random(random, sizeof random);
    id->org = sp_id_make(sv_env_now_ms(), random);
    id->device = SV_NUMBER_HEAD_OFFICE;
    id->replica = sp_replica_make(SV_NUMBER_HEAD_OFFICE, (uint32_t)id->replica);
    sv_env_random(p->root.b, sizeof p->root.b);
    sp_sign_pair(&p->root, id->root_public, root_secret);
    sp_wipe(root_secret, sizeof root_secret);
    sv_env_random(id->psk_root.b, sizeof id->psk_root.b);
    sp_identity_psk(&id->psk, &id->psk_root, id->device);
}

/* Head office's own certificate: the only document that the root key signs. */
static sp_err certify(struct plan *p, struct sp_tx *tx)
{
    uint8_t root_public[32], root_secret[SP_SIGN_SECRET_BYTES];
    struct sp_buf body, out;
    struct sp_device d = { .device = p->who.id.device,
        .label =
            sp_slice_text(sv_make_arg(p->m, "organisation", "head office")),
        .status = SP_DEVICE_ACTIVE };
    memcpy(d.static_public, p->who.id.static_public, 32);
    memcpy(d.sign_public, p->who.id.sign_public, 32);
    sv_home_sealing_public(&p->who, d.seal_public);
    sp_buf_init(&body, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&out, SP_DOCUMENT_BYTES_MAX);
    sp_roster_encode_device(&d, &body);
    struct sp_document doc = { .kind = SP_DOC_DEVICE,
        .unit = sp_slice_text("1"),
        .serial = 1,
        .body = sp_buf_slice(&body) };
    sp_sign_pair(&p->root, root_public, root_secret);
    sp_document_sign(&doc, &p->who.id.org, root_secret, &out);
    sp_wipe(root_secret, sizeof root_secret);
    sp_err err = body.err != SP_OK ? body.err : out.err;
    if (err == SP_OK) {
        err = sp_node_take_document(tx, sp_buf_slice(&out));
    }
    sp_buf_free(&body);
    sp_buf_free(&out);
    return err;
}

static sp_err first_tx(void *arg, struct sp_tx *tx)
{
    sp_err err = sp_node_create(tx);
    return err == SP_OK ? certify(arg, tx) : err;
}

static sp_err second_tx(void *arg, struct sp_tx *tx)
{
    struct plan *p = arg;
    uint32_t user = 0;
    const char *login = sv_make_arg(p->m, "admin", "admin");
    const char *address = sv_make_arg(p->m, "listen", "");
    if (strncmp(address, "tcp://", 6) == 0) {
        address += 6;
    }
    sp_err err = sv_number_user(tx, &user);
    if (err != SP_OK) {
        return err;
    }
    struct sp_person admin = { .user = user,
        .login = sp_slice_text(login),
        .name = sp_slice_text(sv_make_arg(p->m, "admin-name", login)),
        .status = SP_PERSON_ACTIVE,
        .role_count = p->role_count,
        .role = p->role };
    struct sp_roster roster = { .unit = { NULL, 0 },
        .name = sp_slice_text(sv_make_arg(p->m, "organisation", "head office")),
        .kind = SP_UNIT_HEAD_OFFICE,
        .server = p->who.id.device,
        .address = sp_slice_text(address),
        .term_days = SP_ROSTER_TERM_DAYS,
        .person_count = 1,
        .person = &admin };
    memcpy(roster.static_public, p->who.id.static_public, 32);
    memcpy(roster.sign_public, p->who.id.sign_public, 32);
    err = sv_issue_body(tx, SP_DOC_DICTIONARY, sp_buf_slice(&p->dictionary));
    if (err == SP_OK) {
        err = sv_issue_body(tx, SP_DOC_POLICY, sp_buf_slice(&p->policy));
    }
    return err == SP_OK ? sv_issue_roster(tx, &roster) : err;
}

/* One write transaction under the documents that the store has so far. */
static sp_err in_tx(struct sv_home *home,
    sp_err (*work)(void *arg, struct sp_tx *tx), struct plan *p)
{
    struct sv_book *book = NULL;
    struct sp_tx tx;
    sp_err err = sv_book_load(&home->node, &book);
    if (err != SP_OK) {
        return err;
    }
    err = sp_tx_begin(&tx, &home->node, sv_book_rules(book), true);
    if (err == SP_OK) {
        err = work(p, &tx);
        if (err == SP_OK) {
            err = sp_tx_commit(&tx);
        } else {
            sp_tx_abort(&tx);
        }
    }
    sv_book_drop(book);
    return err;
}

/* What was written is what a server would start with. */
static sp_err check(struct plan *p, struct sv_home *home)
{
    struct sv_book *book = NULL;
    sp_err err = sv_book_load(&home->node, &book);
    if (err != SP_OK) {
        return err;
    }
    const struct sp_person *admin =
        sp_rulebook_find_login(sv_book_rulebook(book),
            sp_slice_text(sv_make_arg(p->m, "admin", "admin")));
    if (sv_book_report(book)->rejected > 0 || admin == NULL) {
        err = sv_make_refuse(p->m, SP_E_INTERNAL,
            "the new documents do not hold together (%s); please report it",
            sp_err_name(sv_book_report(book)->why));
    }
    sv_book_drop(book);
    return err;
}

static sp_err build(struct plan *p)
{
    struct sv_home home;
    char note[SV_HOME_NOTE_BYTES];
    struct sv_make *m = p->m;
    sp_err err = sv_home_create(
        &home, m->dir, p->key_file, &p->who, sv_env_real(), note);
    if (err != SP_OK) {
        return sv_make_refuse(m, err, "%s", note);
    }
    err = sv_keyfile_write(p->root_file, "root", &p->root, note);
    if (err != SP_OK) {
        (void)sv_make_refuse(m, err, "%s", note);
        sv_home_destroy(&home, m->dir, p->key_file);
        return err;
    }
    err = in_tx(&home, first_tx, p);
    if (err == SP_OK) {
        err = in_tx(&home, second_tx, p);
    }
    if (err == SP_OK) {
        err = check(p, &home);
    }
    if (err == SP_OK) {
        err = sv_make_config(m);
    }
    if (err != SP_OK) {
        (void)unlink(p->root_file);
        sv_home_destroy(&home, m->dir, p->key_file);
        return err;
    }
    sv_home_close(&home);
    return SP_OK;
}

static void report(const struct plan *p)
{
    char org[SP_ID_TEXT_BYTES], fingerprint[10];
    json_t *r = p->m->result;
    sp_id_format(org, &p->who.id.org);
    sp_enrol_fingerprint(p->who.id.static_public, fingerprint);
    (void)json_object_set_new(r, "organisation", json_string(org));
    (void)json_object_set_new(r, "server_key", json_string(fingerprint));
    (void)json_object_set_new(
        r, "administrator", json_string(sv_make_arg(p->m, "admin", "admin")));
    (void)json_object_set_new(r, "store_key", json_string(p->key_file));
    (void)json_object_set_new(r, "root_key", json_string(p->root_file));
    (void)json_object_set_new(r, "next",
        json_string(
            sv_say("carry the root key away from this machine, keep it safe; "
                   "then start satcheld --dir with the same DIR")));
}

sp_err sv_make_head_office(struct sv_make *m)
{
    struct plan p = { .m = m };
    const char *key_file = sv_make_arg(m, "key-file", NULL);
    const char *root_file = sv_make_arg(m, "root-key", NULL);
    snprintf(p.key_file, sizeof p.key_file, "%s%s",
        key_file != NULL ? key_file : m->dir, key_file != NULL ? "" : ".key");
    snprintf(p.root_file, sizeof p.root_file, "%s%s",
        root_file != NULL ? root_file : m->dir,
        root_file != NULL ? "" : ".root");
    sp_buf_init(&p.dictionary, SP_DOCUMENT_BYTES_MAX);
    sp_buf_init(&p.policy, SP_DOCUMENT_BYTES_MAX);
    sp_arena_init(&p.arena, 64u * 1024u * 1024u);
    draw(&p);
    sp_err err = compile(&p);
    if (err == SP_OK) {
        err = choose_roles(&p);
    }
    if (err == SP_OK) {
        err = build(&p);
    }
    if (err == SP_OK) {
        report(&p);
    }
    sp_secret_wipe(&p.root);
    sv_home_wipe(&p.who);
    sp_buf_free(&p.dictionary);
    sp_buf_free(&p.policy);
    sp_arena_free(&p.arena);
    return err;
}
