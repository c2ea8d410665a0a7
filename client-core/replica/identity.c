#include "replica/identity.h"

#include <string.h>

#include "sp/pack.h"

#define VERSION 1u

void cc_identity_make(struct cc_identity *id, const struct sp_env *env)
{
    struct sp_secret seed;

    memset(id, 0, sizeof(*id));
    env->random(env->self, id->self.static_secret.b, SP_KEY_BYTES);
    env->random(env->self, id->sealing_secret.b, SP_KEY_BYTES);
    env->random(env->self, seed.b, sizeof(seed.b));
    sp_x25519_public(&id->self.static_secret, id->self.static_public);
    sp_x25519_public(&id->sealing_secret, id->sealing_public);
    sp_sign_pair(&seed, id->self.sign_public, id->self.sign_secret);
    sp_secret_wipe(&seed);
}

void cc_identity_encode(const struct cc_identity *id, struct sp_buf *out)
{
    sp_wr_array(out, 16);
    sp_wr_uint(out, VERSION);
    sp_wr_bin(out, id->self.org.b, sizeof(id->self.org.b));
    sp_wr_uint(out, id->self.device);
    sp_wr_uint(out, id->self.user);
    sp_wr_uint(out, id->self.replica);
    sp_wr_bin(out, id->self.static_secret.b, SP_KEY_BYTES);
    sp_wr_bin(out, id->self.sign_secret, SP_SIGN_SECRET_BYTES);
    sp_wr_bin(out, id->self.sign_public, 32);
    sp_wr_bin(out, id->self.root_public, 32);
    sp_wr_bin(out, id->self.psk.b, SP_KEY_BYTES);
    sp_wr_bin(out, id->sealing_secret.b, SP_KEY_BYTES);
    sp_wr_text(out, id->unit);
    sp_wr_text(out, id->endpoint);
    sp_wr_uint(out, id->server);
    sp_wr_bin(out, id->server_static, 32);
    sp_wr_nil(out); /* room for what is derived from scope keys */
}

static void read_text(struct sp_rd *r, char *out, size_t size)
{
    struct sp_slice s = sp_rd_str(r, size - 1);

    if (s.size > 0) {
        memcpy(out, s.data, s.size);
    }
    out[s.size] = '\0';
}

static void read_keys(struct sp_rd *r, struct cc_identity *id)
{
    sp_rd_fixed(r, id->self.static_secret.b, SP_KEY_BYTES);
    sp_rd_fixed(r, id->self.sign_secret, SP_SIGN_SECRET_BYTES);
    sp_rd_fixed(r, id->self.sign_public, 32);
    sp_rd_fixed(r, id->self.root_public, 32);
    sp_rd_fixed(r, id->self.psk.b, SP_KEY_BYTES);
    sp_rd_fixed(r, id->sealing_secret.b, SP_KEY_BYTES);
}

sp_err cc_identity_decode(struct sp_slice in, struct cc_identity *out)
{
    struct cc_identity id;
    struct sp_rd r;
    sp_err err;

    memset(&id, 0, sizeof(id));
    sp_rd_init(&r, in);
    sp_rd_array_of(&r, 16);
    if (sp_rd_uint(&r, 0, UINT32_MAX) != VERSION) {
        sp_rd_fail(&r, SP_E_VERSION);
    }
    sp_rd_fixed(&r, id.self.org.b, sizeof(id.self.org.b));
    id.self.device = (uint32_t)sp_rd_uint(&r, 0, INT32_MAX);
    id.self.user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
    id.self.replica = sp_rd_uint(&r, 0, UINT64_MAX);
    read_keys(&r, &id);
    read_text(&r, id.unit, sizeof(id.unit));
    read_text(&r, id.endpoint, sizeof(id.endpoint));
    id.server = (uint32_t)sp_rd_uint(&r, 0, INT32_MAX);
    sp_rd_fixed(&r, id.server_static, 32);
    sp_rd_nil(&r);
    err = sp_rd_done(&r);
    if (err == SP_OK) {
        sp_x25519_public(&id.self.static_secret, id.self.static_public);
        sp_x25519_public(&id.sealing_secret, id.sealing_public);
        *out = id;
    }
    cc_identity_wipe(&id);
    return err;
}

void cc_identity_renew(struct cc_identity *id, const struct sp_env *env)
{
    uint32_t before = (uint32_t)id->self.replica, drawn = before;

    while (drawn == before) {
        env->random(env->self, &drawn, sizeof(drawn));
    }
    id->self.replica = sp_replica_make(id->self.device, drawn);
}

void cc_identity_wipe(struct cc_identity *id)
{
    sp_wipe(id, sizeof(*id));
}
