/*
 * A link under messages that its peer sealed, and that nobody else would have
 * sent: the peer is enrolled, and lies. The first byte of an input is the
 * scene: who listens, in which state.
 *
 * Whatever comes, nothing asserts, a failure is the peer's fault and leaves the
 * store as it was, and after a success the books of the store agree.
 */
#include "conversation.h"
#include "parties.h"
#include "target.h"

#include <stdio.h>

#define ANNA 111u
#define MIA  110u

struct scene {
    const char *name;
    uint32_t initiator, responder;
    bool to_initiator;
    const char *state; /* of the initiator, when the bytes come */
};

static const struct scene scenes[] = {
    { "open", ANNA, 2, false, "open" },
    { "push", ANNA, 2, false, "push" },
    { "pull", ANNA, 2, false, "pull" },
    { "welcome", ANNA, 2, true, "open" },
    { "pushed", ANNA, 2, true, "push" },
    { "page", ANNA, 2, true, "pull" },
    { "documents", 3, 1, false, "documents" },
    { "documents_reply", 3, 1, true, "documents" },
    { "branch_push", 2, 1, false, "push" },
    { "branch_upper", 2, 1, false, "upper" },
    { "branch_pull", 2, 1, false, "pull" },
    { "upper_reply", 2, 1, true, "upper" },
    { "branch_page", 2, 1, true, "pull" },
    { "finish", MIA, 2, false, "finish" },
};
#define SCENE_COUNT (sizeof scenes / sizeof scenes[0])

/* ---- the world ------------------------------------------------------------
 */

/* Everybody has something to say, and each store's state can be had again. */
static struct test_world *world;
static struct mem_store *kept[TEST_WORLD_PARTIES_MAX];

static void build(void)
{
    static const char *const elsewhere[] = { "A-1" };
    world = test_world_new(1);
    struct test_party *anna = test_world_ready(world, ANNA),
                      *branch = test_world_party(world, 2),
                      *mia = test_world_ready(world, MIA);
    struct sp_ref a = test_party_account(anna, "Corner shop", "A-1");
    (void)test_party_visit(anna, &a);
    (void)test_party_sync(anna, branch);
    (void)test_party_sync(mia, branch);
    SP_ASSERT(test_party_rename(anna, &a, "Anna's") == SP_OK);
    SP_ASSERT(test_party_rename(mia, &a, "Mia's") == SP_OK);
    struct sp_ref b = test_party_account(mia, "Other shop", "A-2");
    SP_ASSERT(test_party_rename(mia, &b, "Far shop") == SP_OK);
    (void)test_party_visit(anna, &a);
    /* Mia is a manager no more: what she wrote is refused. */
    enum test_org_unit_name unit;
    struct sp_person *person = test_org_person(world->org, 10, &unit);
    static const uint16_t rep[] = { TEST_ORG_REP };
    person->role = rep;
    test_org_assign(world->org, 10, 1, elsewhere);
    (void)test_org_publish(world->org, TEST_ORG_A);
    test_party_give_documents(branch);
    (void)test_world_party(world, 3); /* has nothing yet */
    for (uint32_t i = 0; i < world->count; i++) {
        kept[i] = mem_store_clone(world->party[i]->mem);
    }
}

static void rewind_stores(void)
{
    for (uint32_t i = 0; i < world->count; i++) {
        struct test_party *p = world->party[i];
        if (!mem_store_equal(p->mem, kept[i])) {
            mem_store_restore(p->mem, kept[i]);
        }
    }
}

/* ---- a conversation up to the scene ---------------------------------------
 */

struct talk {
    struct test_party *a, *b;
    struct sp_link *la, *lb;
    struct sp_buf up, down;
};

static void end_talk(struct talk *t)
{
    sp_link_free(t->la);
    sp_link_free(t->lb);
    sp_buf_free(&t->up);
    sp_buf_free(&t->down);
    *t = (struct talk){ 0 };
}

static void answer(struct talk *t)
{
    enum sp_need need;
    SP_ASSERT(sp_link_receive(t->lb, sp_buf_slice(&t->up), &need) == SP_OK);
    SP_ASSERT(
        test_party_turn(t->b, t->lb, need == SP_NEED_WRITE, &t->down) == SP_OK);
}

/* The initiator has sent what its state says; the reply is not made yet, or,
 * when the bytes go to the initiator, is made and lost. */
static void begin_talk(struct talk *t, const struct scene *s)
{
    rewind_stores();
    t->a = test_world_party(world, s->initiator);
    t->b = test_world_party(world, s->responder);
    test_party_restart(t->a);
    t->la = test_party_dial(t->a, t->b);
    t->lb = test_party_answer(t->b);
    sp_buf_init(&t->up, SP_FRAME_BYTES_MAX);
    sp_buf_init(&t->down, SP_FRAME_BYTES_MAX);
    SP_ASSERT(test_party_turn(t->a, t->la, true, &t->up) == SP_OK);
    while (strcmp(sp_link_state(t->la), s->state) != 0) {
        enum sp_need need;
        SP_ASSERT(!sp_link_done(t->la));
        answer(t);
        SP_ASSERT(
            sp_link_receive(t->la, sp_buf_slice(&t->down), &need) == SP_OK);
        SP_ASSERT(test_party_turn(t->a, t->la, true, &t->up) == SP_OK);
    }
    if (s->to_initiator) {
        answer(t);
    }
}

/* ---- one message -----------------------------------------------------------
 */

static void check_serve(struct test_party *p, struct sp_link *l, bool write)
{
    struct mem_store *before = mem_store_clone(p->mem);
    struct sp_buf out;
    struct sp_tx tx;
    sp_buf_init(&out, SP_FRAME_BYTES_MAX);
    SP_ASSERT(sp_tx_begin(&tx, &p->node, &p->rules, write) == SP_OK);
    sp_err err = sp_link_serve(l, &tx);
    if (err == SP_OK) {
        SP_ASSERT(sp_tx_commit(&tx) == SP_OK);
        SP_ASSERT(sp_link_reply(l, &out) == SP_OK);
        test_party_check(p);
    } else {
        sp_tx_abort(&tx);
        enum sp_class class = sp_err_class(err);
        if (class == SP_CLASS_LOCAL || class == SP_CLASS_CALLER) {
            printf("# %s\n", sp_err_name(err));
        }
        SP_ASSERT(class != SP_CLASS_LOCAL && class != SP_CLASS_CALLER);
        SP_ASSERT(mem_store_equal(before, p->mem));
        sp_link_error(l, err, &out);
    }
    sp_buf_free(&out);
    mem_store_free(before);
}

void fuzz_link(struct sp_slice in)
{
    struct sp_buf frame;
    struct talk t;
    enum sp_need need;
    if (in.size < 2 || in.data[0] >= SCENE_COUNT) {
        return;
    }
    if (world == NULL) {
        build();
    }
    const struct scene *s = &scenes[in.data[0]];
    begin_talk(&t, s);
    struct sp_link *from = s->to_initiator ? t.lb : t.la;
    struct sp_link *to = s->to_initiator ? t.la : t.lb;
    sp_buf_init(&frame, SP_FRAME_BYTES_MAX);
    if (sp_frame_seal(&from->send, from->session,
            sp_slice_of(in.data + 1, in.size - 1), &frame) == SP_OK) {
        sp_err err = sp_link_receive(to, sp_buf_slice(&frame), &need);
        if (err == SP_OK) {
            check_serve(s->to_initiator ? t.a : t.b, to,
                s->to_initiator || need == SP_NEED_WRITE);
        }
    }
    sp_buf_free(&frame);
    end_talk(&t);
}

void fuzz_link_seeds(void (*save)(const char *name, struct sp_slice bytes))
{
    build();
    for (size_t i = 0; i < SCENE_COUNT; i++) {
        struct talk t;
        struct sp_buf b;
        begin_talk(&t, &scenes[i]);
        struct sp_link *from = scenes[i].to_initiator ? t.lb : t.la;
        sp_buf_init(&b, SP_MESSAGE_BYTES_MAX);
        sp_buf_put_u8(&b, (uint8_t)i);
        sp_buf_put(&b, from->out.data, from->out.size);
        SP_ASSERT(b.err == SP_OK && b.size > 1);
        save(scenes[i].name, sp_buf_slice(&b));
        sp_buf_free(&b);
        end_talk(&t);
    }
}
