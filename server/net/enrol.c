#include "net/enrol.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "ops/log.h"
#include "policy/issue.h"
#include "policy/number.h"
#include "policy/table.h"

#include "sp/pack.h"

#define STORED_BYTES_MAX 512u
#define STORED_FIELDS    8u
#define KEPT_MS          86400000u /* a used code still tells so for a day */
#define TIDY_MAX         64u
#define TRIES_MAX        10u
#define TRIED_MAX        64u

/*
 * How often somebody began an enrolment under a code. Who does not know the
 * code never comes past message 2, on which a server stores nothing (it can be
 * replayed): so this is kept in memory, for codes that there are, the longest
 * unused forgotten first. Guarded by the mutex.
 */
static pthread_mutex_t tried_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tried {
    struct sp_id enrolment;
    unsigned count;
} tried[TRIED_MAX];

/* A code as stored. used_ms 0: not used yet. */
struct stored {
    struct sp_secret code;
    bool branch;
    uint32_t user;
    struct sp_slice unit;
    uint64_t made_ms, expires_ms, used_ms;
    uint32_t device; /* that it became */
};

static void key_of(const struct sp_id *enrolment, uint8_t out[32])
{
    sp_hash(out, 32, SP_SLICE(enrolment->b), NULL);
}

static uint64_t now_ms(const struct sp_tx *tx)
{
    return tx->node->env->now_ms(tx->node->env->self);
}

static const struct sp_rulebook *book(const struct sp_tx *tx)
{
    return tx->rules->self;
}

static sp_err put(
    struct sp_tx *tx, const struct sp_id *enrolment, const struct stored *s)
{
    uint8_t key[32];
    struct sp_buf b;
    sp_buf_init(&b, STORED_BYTES_MAX);
    sp_wr_array(&b, STORED_FIELDS);
    sp_wr_bin(&b, s->code.b, sizeof s->code.b);
    sp_wr_bool(&b, s->branch);
    sp_wr_uint(&b, s->user);
    sp_wr_str(&b, s->unit);
    sp_wr_uint(&b, s->made_ms);
    sp_wr_uint(&b, s->expires_ms);
    sp_wr_uint(&b, s->used_ms);
    sp_wr_uint(&b, s->device);
    key_of(enrolment, key);
    sp_err err = b.err;
    if (err == SP_OK) {
        err = tx->node->store->put(
            tx->txn, SV_T_CODE, SP_SLICE(key), sp_buf_slice(&b));
    }
    sp_buf_wipe(&b);
    return err;
}

static sp_err decode(struct sp_slice in, struct stored *s)
{
    struct sp_rd r;
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, STORED_FIELDS);
    sp_rd_fixed(&r, s->code.b, sizeof s->code.b);
    s->branch = sp_rd_bool(&r);
    s->user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    s->unit = sp_rd_str(&r, SP_ROSTER_CODE_MAX);
    s->made_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    s->expires_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    s->used_ms = sp_rd_uint(&r, 0, UINT64_MAX);
    s->device = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    return sp_rd_done(&r) == SP_OK ? SP_OK : SP_E_CORRUPT;
}

/* A code that may still be used; unit is copied into the tx's arena. */
static sp_err find(
    struct sp_tx *tx, const struct sp_id *enrolment, struct stored *s)
{
    uint8_t key[32];
    struct sp_slice value;
    key_of(enrolment, key);
    sp_err err =
        tx->node->store->get(tx->txn, SV_T_CODE, SP_SLICE(key), &value);
    if (err == SP_E_NOT_FOUND) {
        return SP_E_CODE;
    }
    if (err == SP_OK) {
        err = decode(value, s);
    }
    if (err != SP_OK) {
        return err;
    }
    if (s->used_ms != 0) {
        /* Somebody else may have seen the code: tell the administrator. */
        sv_log_peer("enrol",
            "event=code_used_twice device=%u first_use_ms=%llu alarm=yes",
            s->device, (unsigned long long)s->used_ms);
        return SP_E_CODE;
    }
    if (now_ms(tx) > s->expires_ms) {
        return SP_E_CODE;
    }
    struct sp_slice unit = sp_arena_copy(&tx->arena, s->unit);
    if (unit.size > 0 && unit.data == NULL) {
        return SP_E_NOMEM;
    }
    s->unit = unit;
    return SP_OK;
}

static sp_err check_grant(struct sp_tx *tx, const struct sv_enrol_grant *grant)
{
    if (!grant->branch) {
        const struct sp_person *p =
            sp_rulebook_find_person(book(tx), grant->user);
        return p != NULL && p->status == SP_PERSON_ACTIVE ? SP_OK
                                                          : SP_E_NOT_FOUND;
    }
    const struct sp_roster *r =
        sp_rulebook_find_unit(book(tx), sp_slice_text(grant->unit));
    if (r == NULL || r->kind != SP_UNIT_BRANCH) {
        return SP_E_NOT_FOUND;
    }
    return r->server != 0 ? SP_E_EXISTS : SP_OK;
}

sp_err sv_enrol_make(struct sp_tx *tx, const struct sv_enrol_grant *grant,
    const char *endpoint, char out[SP_ENROL_TEXT_BYTES_MAX])
{
    const struct sp_identity *id = tx->node->identity;
    const struct sp_env *env = tx->node->env;
    struct sp_enrol_code code = { .org = id->org, .server = id->device };
    sp_err err = check_grant(tx, grant);
    if (err != SP_OK) {
        return err;
    }
    if (strlen(endpoint) >= sizeof code.endpoint) {
        return SP_E_TOO_LARGE;
    }
    memcpy(code.endpoint, endpoint, strlen(endpoint) + 1);
    memcpy(code.server_static, id->static_public, 32);
    memcpy(code.root_public, id->root_public, 32);
    env->random(env->self, code.enrolment.b, sizeof code.enrolment.b);
    env->random(env->self, code.code.b, sizeof code.code.b);
    struct stored s = { .code = code.code,
        .branch = grant->branch,
        .user = grant->user,
        .unit = sp_slice_text(grant->unit),
        .made_ms = now_ms(tx),
        .expires_ms = now_ms(tx) + grant->life_ms };
    err = put(tx, &code.enrolment, &s);
    if (err == SP_OK) {
        err = sp_enrol_code_format(&code, out);
    }
    sp_wipe(&code, sizeof code);
    sp_secret_wipe(&s.code);
    return err;
}

/* Counts a try; how many there were with it. Newest first. */
static unsigned count_try(const struct sp_id *enrolment)
{
    struct tried t = { .enrolment = *enrolment };
    size_t at = 0;
    (void)pthread_mutex_lock(&tried_mutex);
    while (
        at < TRIED_MAX - 1 && !sp_id_equal(&tried[at].enrolment, enrolment)) {
        at++;
    }
    if (sp_id_equal(&tried[at].enrolment, enrolment)) {
        t = tried[at];
    }
    t.count++;
    memmove(&tried[1], &tried[0], at * sizeof tried[0]);
    tried[0] = t;
    (void)pthread_mutex_unlock(&tried_mutex);
    return t.count;
}

static sp_err check_tries(const struct sp_id *enrolment, const struct stored *s)
{
    unsigned count = count_try(enrolment);
    if (count == TRIES_MAX + 1) {
        sv_log_peer("enrol", "event=code_tried_out user=%u tries=%u alarm=yes",
            s->user, TRIES_MAX);
    }
    return count > TRIES_MAX ? SP_E_CODE : SP_OK;
}

static sp_err enrol_code(void *self, struct sp_tx *tx,
    const struct sp_id *enrolment, struct sp_secret *code)
{
    struct stored s = { .user = 0 };
    (void)self;
    sp_err err = find(tx, enrolment, &s);
    if (err == SP_OK) {
        err = check_tries(enrolment, &s);
    }
    if (err == SP_OK) {
        *code = s.code;
    }
    sp_secret_wipe(&s.code);
    return err;
}

static void device_of(const struct sp_enrol_request *request, uint32_t number,
    struct sp_device *d)
{
    d->device = number;
    d->label = request->label;
    d->status = SP_DEVICE_ACTIVE;
    memcpy(d->static_public, request->static_public, 32);
    memcpy(d->sign_public, request->sign_public, 32);
    memcpy(d->seal_public, request->sealing_public, 32);
}

/* Puts the new server into its unit's roster. */
static sp_err name_server(struct sp_tx *tx, struct sp_slice unit,
    const struct sp_enrol_request *request, uint32_t server)
{
    struct sv_issue_edit edit;
    struct sv_issue_draft *draft = NULL;
    sv_issue_edit_begin(&edit, tx);
    sp_err err = sv_issue_edit_unit(&edit, unit, &draft);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_E_CODE : err;
    }
    if (draft->roster.server != 0) {
        return SP_E_CODE; /* another code of the unit was quicker */
    }
    struct sp_slice address = request->endpoint;
    if (address.size > 6 && memcmp(address.data, "tcp://", 6) == 0) {
        address = sp_slice_of(address.data + 6, address.size - 6);
    }
    draft->roster.server = server;
    draft->roster.address = address;
    memcpy(draft->roster.static_public, request->static_public, 32);
    memcpy(draft->roster.sign_public, request->sign_public, 32);
    return sv_issue_edit_sign(&edit);
}

static sp_err admit_server(struct sp_tx *tx, const struct stored *s,
    const struct sp_enrol_request *request, struct sp_device *d,
    struct sp_slice *certificate)
{
    uint32_t number = 0;
    sp_err err = sv_number_server(tx, &number);
    if (err != SP_OK) {
        return err;
    }
    device_of(request, number, d);
    d->unit = s->unit;
    err = sv_issue_device(tx, d, certificate);
    return err != SP_OK ? err : name_server(tx, s->unit, request, number);
}

static sp_err admit_device(struct sp_tx *tx, const struct stored *s,
    const struct sp_enrol_request *request, struct sp_device *d,
    struct sp_slice *certificate)
{
    uint32_t number = 0;
    const struct sp_person *p = sp_rulebook_find_person(book(tx), s->user);
    const struct sp_roster *r = sp_rulebook_find_unit_of(book(tx), s->user);
    if (p == NULL || r == NULL || p->status != SP_PERSON_ACTIVE) {
        return SP_E_CODE; /* left since the code was made */
    }
    sp_err err = sv_number_device(tx, &number);
    if (err != SP_OK) {
        return err;
    }
    device_of(request, number, d);
    d->user = s->user;
    d->unit = r->unit;
    return sv_issue_device(tx, d, certificate);
}

static sp_err answer(struct sp_tx *tx, const struct sp_device *d,
    struct sp_slice certificate, struct sp_buf *reply)
{
    const struct sp_identity *id = tx->node->identity;
    struct sp_enrol_reply r = { .device = d->device,
        .user = d->user,
        .unit = d->unit,
        .has_psk_root = d->user == 0,
        .certificate = certificate };
    sp_identity_psk(&r.psk, &id->psk_root, d->device);
    if (r.has_psk_root) {
        r.psk_root = id->psk_root;
    }
    sp_enrol_reply_encode(&r, reply);
    sp_secret_wipe(&r.psk);
    sp_secret_wipe(&r.psk_root);
    return reply->err;
}

static sp_err enrol_complete(void *self, struct sp_tx *tx,
    const struct sp_id *enrolment, const uint8_t static_public[32],
    struct sp_slice request_bytes, struct sp_buf *reply)
{
    struct sv_metrics *metrics = self;
    struct stored s;
    struct sp_enrol_request request;
    struct sp_device d = { .device = 0 };
    struct sp_slice certificate = { NULL, 0 };
    sp_err err = find(tx, enrolment, &s);
    if (err == SP_OK) {
        err = sp_enrol_request_decode(
            request_bytes, &tx->node->identity->org, enrolment, &request);
    }
    if (err != SP_OK) {
        return err;
    }
    if (memcmp(request.static_public, static_public, 32) != 0 ||
        request.server != s.branch) {
        return SP_E_CODE;
    }
    err = s.branch ? admit_server(tx, &s, &request, &d, &certificate)
                   : admit_device(tx, &s, &request, &d, &certificate);
    if (err == SP_OK) {
        s.used_ms = now_ms(tx);
        s.device = d.device;
        err = put(tx, enrolment, &s);
    }
    if (err == SP_OK) {
        err = answer(tx, &d, certificate, reply);
    }
    sp_secret_wipe(&s.code);
    if (err == SP_OK) {
        sv_metrics_add(&metrics->enrolments, 1);
        sv_log(SV_LOG_INFO, "enrol", "event=admitted device=%u user=%u kind=%s",
            d.device, d.user, s.branch ? "server" : "device");
    }
    return err;
}

struct sp_enroller sv_enrol_port(struct sv_metrics *metrics)
{
    return (struct sp_enroller){
        .self = metrics, .code = enrol_code, .complete = enrol_complete
    };
}

/* Keys of codes that nobody needs any more. */
struct tidy {
    uint64_t now_ms;
    uint8_t key[TIDY_MAX][32];
    size_t count;
};

static sp_err look_at(void *arg, struct sp_slice key, struct sp_slice value)
{
    struct tidy *t = arg;
    struct stored s;
    sp_err err = decode(value, &s);
    if (err == SP_OK && key.size == 32 && t->now_ms > s.expires_ms + KEPT_MS) {
        memcpy(t->key[t->count++], key.data, 32);
    }
    sp_secret_wipe(&s.code);
    return err != SP_OK ? err : t->count == TIDY_MAX ? SP_E_NOT_FOUND : SP_OK;
}

sp_err sv_enrol_tidy(struct sp_tx *tx)
{
    const struct sp_slice all = { NULL, 0 };
    struct tidy t = { .now_ms = now_ms(tx) };
    sp_err err =
        tx->node->store->walk(tx->txn, SV_T_CODE, all, all, true, look_at, &t);
    for (size_t i = 0; err == SP_OK && i < t.count; i++) {
        err = tx->node->store->del(tx->txn, SV_T_CODE, SP_SLICE(t.key[i]));
    }
    return err;
}
