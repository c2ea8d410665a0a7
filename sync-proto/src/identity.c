/* identity.c - who the party is. */
#include "sp/node.h"

void sp_identity_wipe(struct sp_identity *id)
{
    sp_wipe(id, sizeof *id);
}

void sp_identity_psk(
    struct sp_secret *out, const struct sp_secret *psk_root, uint32_t device)
{
    sp_subkey(out, device, "satchpsk", psk_root);
}
