#include "api/here.h"

sp_err cc_here(struct cc_call *c, struct cc_here *out)
{
    const struct cc_replica *r = &c->s->replica;
    const struct sp_roster *head = sp_rulebook_find_head_office(r->book);
    struct sp_status now;
    sp_err err = sp_node_status(&c->tx, &now);

    if (err != SP_OK) {
        return err;
    }
    *out = (struct cc_here){ .cover = { .book = r->book,
                                 .user = r->identity.self.user,
                                 .unit = sp_slice_text(r->identity.unit),
                                 .upper =
                                     now.last_head_office_ms != 0 ||
                                     (head != NULL && head->server != 0 &&
                                         head->server == r->identity.server) },
        .as_of_ms = now.last_sync_ms };
    return SP_OK;
}

sp_err cc_here_as_of(struct cc_call *c, uint64_t *out)
{
    struct sp_status now;
    sp_err err = sp_node_status(&c->tx, &now);

    *out = err == SP_OK ? now.last_sync_ms : 0;
    return err;
}
