/* What leaves a server, seen before it is sealed. */
#include "oracle_inside.h"

#include "sp/message.h"

#define ARENA_BYTES_MAX 16777216u

/* Whether the receiver may have a record that is there, by what the server
 * knows: of what it serves, of head office anything (SYNC S7). */
static bool may_have(const struct sim_session *s, const struct plain_place *at)
{
    const struct plain_policy *policy = s->to->world->oracle->policy;
    struct plain_edition e = sim_oracle_edition(s->to);

    if (sim_is_server(s->from)) {
        return plain_at_branch(policy, &e, s->from->index, at);
    }
    struct plain_place here = *at;
    if (s->to->index != SIM_HEAD) {
        plain_place_within(policy, &e, s->to->index, &here);
    }
    return plain_may_hold(policy, &e, s->from->identity.user, &here);
}

static void check_record(
    struct sim_session *s, struct sp_tx *tx, struct sp_slice bytes)
{
    struct sim_world *w = s->to->world;
    struct plain_edition e = sim_oracle_edition(s->to);
    struct plain_place place;
    struct sp_record part, whole;

    SP_ASSERT(
        sp_record_decode(bytes, SP_RECORD_WIRE, &tx->arena, &part) == SP_OK);
    SIM_CHECK(w, sp_state_get(tx, &part.ref, &tx->arena, &whole) == SP_OK,
        "%u sends a record of type %u that it does not have",
        s->to->identity.device, part.ref.type);
    (void)sim_oracle_place(tx, &whole, &place);
    SIM_CHECK(w, may_have(s, &place),
        "%u sends %u a record of type %u that it may not have",
        s->to->identity.device, s->from->identity.device, part.ref.type);
    for (uint32_t i = 0; i < part.count; i++) {
        uint16_t consent =
            plain_consent_of(part.ref.type, part.reg[i].key.field);
        SIM_CHECK(w, consent == 0 || plain_consented(&whole, consent),
            "%u sends %u field %u without consent", s->to->identity.device,
            s->from->identity.device, part.reg[i].key.field);
    }
    for (uint32_t i = 0; i < part.count && !sim_is_server(s->from); i++) {
        SIM_CHECK(w,
            plain_may_read(w->oracle->policy, &e, s->from->identity.user,
                part.ref.type, part.reg[i].key.field),
            "%u sends %u field %u of type %u that it may not read",
            s->to->identity.device, s->from->identity.device,
            part.reg[i].key.field, part.ref.type);
    }
}

static void note_scope(struct sim_scopes *list, const struct sp_id *scope)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (sp_id_equal(&list->id[i], scope)) {
            return;
        }
    }
    SP_ASSERT(list->count < SIM_SCOPES_MAX);
    list->id[list->count++] = *scope;
}

static void note_named(struct sim_session *s, struct sp_slice message)
{
    struct sp_welcome m;
    struct sp_arena arena;

    sp_arena_init(&arena, ARENA_BYTES_MAX);
    SP_ASSERT(sp_message_read_welcome(message, &arena, &m) == SP_OK);
    s->named.count = 0;
    s->read.count = 0;
    for (uint32_t i = 0; i < m.scope_count; i++) {
        note_scope(&s->named, &m.scope[i].scope);
    }
    sp_arena_free(&arena);
}

static void check_page(struct sim_session *s, struct sp_slice message)
{
    struct sp_page page;
    struct sp_arena arena;
    struct sp_tx tx;

    sp_arena_init(&arena, ARENA_BYTES_MAX);
    SP_ASSERT(sp_message_read_page(message, &arena, &page) == SP_OK);
    for (uint32_t i = 0; i < page.count; i++) {
        if (page.position[i].complete) {
            note_scope(&s->read, &s->named.id[page.position[i].position.index]);
        }
    }
    sim_begin(s->to, &tx, false);
    for (uint32_t i = 0; i < page.item_count; i++) {
        if (page.item[i].kind == SP_ITEM_RECORD) {
            s->to->world->oracle->outgoing++;
            check_record(s, &tx, page.item[i].bytes);
        }
    }
    sp_tx_abort(&tx);
    sp_arena_free(&arena);
}

/* What a change is about, as head office knows it: the record, or else what
 * the change would make. */
static bool place_of_change(
    struct sp_tx *tx, const struct sp_change *c, struct plain_place *place)
{
    struct sp_stamp stamp = { .authority = SP_AUTHORITY_PERSON };
    struct sp_record r = { .ref = c->ref }, made;
    uint32_t changed;

    if (sp_state_get(tx, &c->ref, &tx->arena, &r) != SP_OK) {
        stamp.dot = (struct sp_dot){ 1, 1 };
        SP_ASSERT(sp_merge_write(&r, c, &stamp, &tx->arena, &made, &changed) ==
                  SP_OK);
        r = made;
    }
    return sim_oracle_place(tx, &r, place);
}

/* SYNC J6: head office hands a commit to the branch that judges it, and to no
 * other. */
static void check_passed(
    struct sim_session *s, struct sp_tx *tx, const struct sp_passed *p)
{
    struct sim_world *w = s->to->world;
    struct plain_edition e = sim_oracle_edition(s->to);
    struct sp_commit c;

    SIM_CHECK(w, sim_is_server(s->from), "%u passes a commit to %u",
        s->to->identity.device, s->from->identity.device);
    SP_ASSERT(sp_commit_decode(p->commit, p->replica, &tx->arena, &c) == SP_OK);
    for (uint32_t i = 0; i < c.count; i++) {
        struct plain_place place;
        bool known = place_of_change(tx, &c.change[i], &place);
        SIM_CHECK(w,
            !known ||
                plain_judge(w->oracle->policy, &e, &place) == s->from->index,
            "a commit about type %u is passed to %u, who does not judge it",
            c.change[i].ref.type, s->from->identity.device);
    }
}

static void check_words(struct sim_session *s, struct sp_slice message)
{
    struct sp_words_reply m;
    struct sp_arena arena;
    struct sp_tx tx;

    sp_arena_init(&arena, ARENA_BYTES_MAX);
    SP_ASSERT(sp_message_read_words_reply(message, &arena, &m) == SP_OK);
    SIM_CHECK(s->to->world, sim_is_server(s->from),
        "%u is told words between servers", s->from->identity.device);
    sim_begin(s->to, &tx, false);
    for (uint32_t i = 0; i < m.passed_count; i++) {
        check_passed(s, &tx, &m.passed[i]);
    }
    sp_tx_abort(&tx);
    sp_arena_free(&arena);
}

/* Others' verdicts are for servers only. */
static void check_told(struct sim_session *s, const struct sp_told *told)
{
    for (uint32_t i = 0; i < told->verdict_count; i++) {
        SIM_CHECK(s->to->world,
            sim_is_server(s->from) ||
                sp_replica_device(told->verdict[i].replica) ==
                    s->from->identity.device,
            "%u tells %u of another's commit", s->to->identity.device,
            s->from->identity.device);
    }
}

static void check_pushed(struct sim_session *s, struct sp_slice message)
{
    struct sp_pushed pushed;
    struct sp_arena arena;

    sp_arena_init(&arena, ARENA_BYTES_MAX);
    SP_ASSERT(sp_message_read_pushed(message, &arena, &pushed) == SP_OK);
    check_told(s, &pushed.told);
    sp_arena_free(&arena);
}

void sim_oracle_outgoing(struct sim_session *s, struct sp_slice message)
{
    enum sp_message_type type;

    if (s->to->world->oracle == NULL || message.size == 0 ||
        sp_message_type(message, &type) != SP_OK) {
        return; /* the payload of a handshake */
    }
    if (type == SP_MSG_WELCOME || type == SP_MSG_PAGE) {
        struct plain_edition e = sim_oracle_edition(s->to);
        s->policy = e.policy;
        s->roster = e.roster;
    }
    switch (type) {
    case SP_MSG_WELCOME:
        note_named(s, message);
        return;
    case SP_MSG_PAGE:
        check_page(s, message);
        return;
    case SP_MSG_PUSHED:
        check_pushed(s, message);
        return;
    case SP_MSG_WORDS_REPLY:
        check_words(s, message);
        return;
    default:
        return;
    }
}
