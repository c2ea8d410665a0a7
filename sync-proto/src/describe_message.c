/* describe_message.c - messages of the conversation as text. */
#include "sp/describe.h"

#include "describe_line.h"
#include "sp/limits.h"

static void put_bytes(
    struct sp_buf *out, const char *name, const uint8_t *data, size_t size)
{
    put_text(out, name);
    put_hex(out, data, size);
}

static void put_dot(struct sp_buf *out, sp_replica replica, uint64_t n)
{
    put_text(out, " replica=");
    put_replica(out, replica);
    number(out, " n=", n);
}

static void put_error(struct sp_buf *out, sp_err err)
{
    put_text(out, " code=");
    put_text(out, sp_err_name(err));
}

static const char *verdict_kind(enum sp_verdict_kind kind)
{
    static const char *const names[] = { "none", "deferred", "refused",
        "accepted" };

    return names[kind];
}

void sp_describe_message_hello(const struct sp_hello *m, struct sp_buf *out)
{
    number(out, "hello version=", m->version);
    put_text(out, " replica=");
    put_replica(out, m->replica);
    put_bytes(out, " digest=", m->digest, sizeof m->digest);
    put_bytes(out, " documents=", m->documents.b, sizeof m->documents.b);
    put_bytes(out, " token=", m->token, sizeof m->token);
    number(out, " now_ms=", m->now_ms);
    put_text(out, "\n");
}

void sp_describe_message_hello_reply(
    const struct sp_hello_reply *m, struct sp_buf *out)
{
    static const char *const names[] = { "go", "same", "no", "documents" };

    put_text(out, "hello_reply status=");
    put_text(out, names[m->status]);
    put_error(out, m->code);
    number(out, " now_ms=", m->now_ms);
    put_text(out, "\n");
}

/* replica 0: a head in short, named by the push that it answers. */
static void put_point(
    struct sp_buf *out, const char *what, const struct sp_point *p)
{
    put_text(out, what);
    put_dot(out, p->replica, p->n);
    put_bytes(out, " hash=", p->hash, sizeof p->hash);
}

static void put_upper(struct sp_buf *out, const struct sp_upper *u)
{
    put_point(out, "upper", &u->received);
    number(out, " safe=", u->safe);
    put_bytes(out, " safe_hash=", u->safe_hash, sizeof u->safe_hash);
    put_text(out, "\n");
}

static void put_verdicts(
    struct sp_buf *out, const struct sp_told_verdict *v, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put_text(out, "verdict kind=");
        put_text(out, verdict_kind(v[i].verdict.kind));
        put_text(out, v[i].verdict.erased ? " erased" : "");
        put_dot(out, v[i].replica, v[i].n);
        put_bytes(out, " content=", v[i].content.b, sizeof v[i].content.b);
        put_error(out, v[i].verdict.code);
        number(out, " type=", v[i].verdict.type);
        number(out, " field=", v[i].verdict.field);
        number(out, " rule=", v[i].verdict.rule);
        number(out, " judge=", v[i].verdict.judge);
        number(out, " at_ms=", v[i].verdict.at_ms);
        put_text(out, "\n");
    }
}

static void put_told(struct sp_buf *out, const struct sp_told *t)
{
    number(out, "told roster=", t->roster);
    put_text(out, t->is_signed ? " signed=true\n" : " signed=false\n");
    for (uint32_t i = 0; i < t->point_count; i++) {
        put_point(out, "point", &t->point[i]);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < t->upper_count; i++) {
        put_upper(out, &t->upper[i]);
    }
    put_verdicts(out, t->verdict, t->verdict_count);
}

static void put_open(const struct sp_open *m, struct sp_buf *out)
{
    put_bytes(out, "open history=", m->history.b, sizeof m->history.b);
    put_bytes(out, " documents=", m->documents.b, sizeof m->documents.b);
    number(out, " documents_n=", m->documents_n);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->head_count; i++) {
        put_point(out, "head", &m->head[i]);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < m->held_count; i++) {
        put_bytes(out, "held scope=", m->held[i].scope.b, 16);
        number(out, " since=", m->held[i].since);
        put_text(out, "\n");
    }
}

/* The key of the sums is a secret of the organisation and is not shown. */
static void put_welcome(
    const struct sp_welcome *m, enum sp_describe how, struct sp_buf *out)
{
    put_bytes(out, "welcome history=", m->history.b, sizeof m->history.b);
    put_text(out, " replica=");
    put_replica(out, m->replica);
    put_bytes(out, " documents=", m->documents.b, sizeof m->documents.b);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->scope_count; i++) {
        put_bytes(out, "scope id=", m->scope[i].scope.b, 16);
        number(out, " served=", m->scope[i].served);
        number(out, " grant=", m->scope[i].grant);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < m->grant_count; i++) {
        put_bytes(out, "grant digest=", m->grant[i].digest, 8);
        put_text(out, " fields ");
        sp_describe_value(m->grant[i].list, how, out);
    }
    put_told(out, &m->told);
    for (uint32_t i = 0; i < m->content_count; i++) {
        const struct sp_welcome_content *c = &m->content[i];
        number(out, "content server=", c->server);
        put_bytes(out, " history=", c->history.b, sizeof c->history.b);
        put_text(out, "\n");
        for (uint32_t k = 0; k < c->count; k++) {
            number(out, "content scope=", c->place[k].index);
            number(out, " place=", c->place[k].place);
            put_text(out, "\n");
        }
    }
}

static void put_names(struct sp_buf *out, const char *what,
    const struct sp_document_name *d, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put_text(out, what);
        number(out, " kind=", d[i].kind);
        put_text(out, " unit=");
        put_quoted(out, d[i].unit);
        number(out, " serial=", d[i].serial);
        put_text(out, "\n");
    }
}

/* What request and reply have in common. */
static void put_documents(
    const struct sp_documents *m, enum sp_describe how, struct sp_buf *out)
{
    put_names(out, "have", m->have, m->have_count);
    put_names(out, "want", m->want, m->want_count);
    for (uint32_t i = 0; i < m->given_count; i++) {
        struct sp_document d;

        if (sp_document_decode(m->given[i], &d) == SP_OK) {
            sp_describe_document(&d, how, out);
        } else {
            number(out, "document bytes=", m->given[i].size);
            put_text(out, "\n");
        }
    }
}

static void put_documents_reply(
    const struct sp_documents *m, enum sp_describe how, struct sp_buf *out)
{
    put_bytes(out, "documents_reply digest=", m->digest.b, sizeof m->digest.b);
    put_text(out, m->more ? " more=true\n" : " more=false\n");
    put_documents(m, how, out);
}

static void put_push(const struct sp_push *m, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out)
{
    number(out, "push batches=", m->count);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->count; i++) {
        const struct sp_batch *b = &m->batch[i];

        put_text(out, "batch");
        put_dot(out, b->replica, b->from);
        put_bytes(out, " prev=", b->prev.data, b->prev.size);
        number(out, " commits=", b->count);
        put_text(out, "\n");
        for (uint32_t k = 0; k < b->count; k++) {
            struct sp_commit c;

            if (sp_commit_decode(b->commit[k], b->replica, arena, &c) ==
                SP_OK) {
                sp_describe_commit(&c, how, out);
            } else if (b->commit[k].size == SP_HASH_BYTES) {
                put_bytes(out, "commit erased hash=", b->commit[k].data,
                    SP_HASH_BYTES);
                put_text(out, "\n");
            } else {
                number(out, "commit bytes=", b->commit[k].size);
                put_text(out, "\n");
            }
        }
        put_verdicts(out, b->verdict, b->verdict_count);
    }
}

static void put_pushed(const struct sp_pushed *m, struct sp_buf *out)
{
    put_text(out, "pushed\n");
    put_told(out, &m->told);
    for (uint32_t i = 0; i < m->moved_count; i++) {
        number(out, "moved scope=", m->moved[i].index);
        number(out, " since=", m->moved[i].since);
        put_text(out, "\n");
    }
}

static void put_position(const struct sp_position *p, struct sp_buf *out)
{
    number(out, "position scope=", p->index);
    number(out, " since=", p->since);
    number(out, " mark=", p->mark);
    number(out, " lane=", p->lane);
    number(out, " seq=", p->seq);
}

static void put_pull(const struct sp_pull *m, struct sp_buf *out)
{
    number(out, "pull scopes=", m->count);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->ask_count; i++) {
        put_text(out, "ask");
        put_ref(&m->ask[i], out);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < m->count; i++) {
        put_position(&m->position[i], out);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < m->widening_count; i++) {
        number(out,
            m->only ? "only scope=" : "without scope=", m->widening[i].index);
        put_bytes(
            out, " keys=", m->widening[i].keys.data, m->widening[i].keys.size);
        put_text(out, "\n");
    }
}

static void put_item(const struct sp_item *item, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out)
{
    static const char *const names[] = { "", "record", "have", "left" };
    struct sp_record record;

    put_text(out, "item kind=");
    put_text(out, names[item->kind]);
    number(out, " scope=", item->index);
    for (uint32_t i = 0; i < item->also_count; i++) {
        number(out, ",", item->also[i]);
    }
    if (item->kind == SP_ITEM_RECORD) {
        number(out, " bytes=", item->bytes.size);
        put_text(out, "\n");
        if (sp_record_decode(item->bytes, SP_RECORD_WIRE, arena, &record) ==
            SP_OK) {
            sp_describe_record(&record, how, out);
        }
        return;
    }
    put_ref(&item->ref, out);
    if (item->kind == SP_ITEM_HAVE) {
        put_bytes(out, " hash=", item->hash, sizeof item->hash);
    }
    put_text(out, "\n");
}

static void put_page(const struct sp_page *m, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out)
{
    number(out, "page items=", m->item_count);
    number(out, " left=", m->left);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->item_count; i++) {
        put_item(&m->item[i], arena, how, out);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct sp_page_position *p = &m->position[i];

        put_position(&p->position, out);
        if (p->complete) {
            put_bytes(out, " sum=", p->sum, sizeof p->sum);
        }
        put_text(out, "\n");
    }
}

static void put_upper_reply(const struct sp_upper_reply *m, struct sp_buf *out)
{
    put_text(out, "upper_reply");
    put_text(out, m->more ? " more=true\n" : " more=false\n");
    for (uint32_t i = 0; i < m->count; i++) {
        put_upper(out, &m->entry[i].point);
        put_verdicts(out, m->entry[i].verdict, m->entry[i].verdict_count);
    }
}

static void put_words(const struct sp_words_request *m, struct sp_buf *out)
{
    number(out, "words position=", m->position);
    put_text(out, m->held_more ? " more=true" : " more=false");
    put_text(out, " held_after");
    put_dot(out, m->held_after.replica, m->held_after.counter);
    put_text(out, "\n");
    put_verdicts(out, m->word, m->word_count);
    for (uint32_t i = 0; i < m->held_count; i++) {
        put_text(out, "held");
        put_dot(out, m->held[i].replica, m->held[i].counter);
        put_text(out, "\n");
    }
}

static void put_passed(const struct sp_passed *p, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out)
{
    struct sp_commit commit;

    put_text(out, "passed");
    put_dot(out, p->replica, p->n);
    put_bytes(out, " prev=", p->prev, sizeof p->prev);
    put_text(out, p->released ? " released=true\n" : " released=false\n");
    if (sp_commit_decode(p->commit, p->replica, arena, &commit) == SP_OK) {
        sp_describe_commit(&commit, how, out);
    }
}

static void put_words_reply(const struct sp_words_reply *m,
    struct sp_arena *arena, enum sp_describe how, struct sp_buf *out)
{
    number(out, "words_reply position=", m->position);
    put_text(out, m->more ? " more=true\n" : " more=false\n");
    put_verdicts(out, m->word, m->word_count);
    for (uint32_t i = 0; i < m->passed_count; i++) {
        put_passed(&m->passed[i], arena, how, out);
    }
    for (uint32_t i = 0; i < m->gone_count; i++) {
        number(out, "gone index=", m->gone[i]);
        put_text(out, "\n");
    }
}

static void put_finish(const struct sp_finish *m, struct sp_buf *out)
{
    number(out, "finish confirmed=", m->count);
    put_text(out, "\n");
    for (uint32_t i = 0; i < m->count; i++) {
        put_point(out, "confirmed", &m->confirmed[i]);
        put_text(out, "\n");
    }
    if (m->told_count > 0) {
        put_bytes(out, "has history=", m->history.b, sizeof m->history.b);
        put_text(out, "\n");
    }
    for (uint32_t i = 0; i < m->told_count; i++) {
        put_bytes(out, "has scope=", m->told[i].scope.b, 16);
        number(out, " place=", m->told[i].place);
        put_text(out, "\n");
    }
}

/* Messages that carry scopes, documents or commits. */
static sp_err describe_first(enum sp_message_type type, struct sp_slice in,
    struct sp_arena *a, enum sp_describe how, struct sp_buf *out)
{
    union {
        struct sp_open open;
        struct sp_welcome welcome;
        struct sp_documents documents;
        struct sp_push push;
        struct sp_pushed pushed;
    } m;
    sp_err err;

    switch (type) {
    case SP_MSG_OPEN:
        err = sp_message_read_open(in, a, &m.open);
        if (err == SP_OK) {
            put_open(&m.open, out);
        }
        return err;
    case SP_MSG_WELCOME:
        err = sp_message_read_welcome(in, a, &m.welcome);
        if (err == SP_OK) {
            put_welcome(&m.welcome, how, out);
        }
        return err;
    case SP_MSG_DOCUMENTS:
        err = sp_message_read_documents(in, a, &m.documents);
        if (err == SP_OK) {
            put_text(out, "documents\n");
            put_documents(&m.documents, how, out);
        }
        return err;
    case SP_MSG_DOCUMENTS_REPLY:
        err = sp_message_read_documents_reply(in, a, &m.documents);
        if (err == SP_OK) {
            put_documents_reply(&m.documents, how, out);
        }
        return err;
    case SP_MSG_PUSH:
        err = sp_message_read_push(in, a, &m.push);
        if (err == SP_OK) {
            put_push(&m.push, a, how, out);
        }
        return err;
    case SP_MSG_PUSHED:
        err = sp_message_read_pushed(in, a, &m.pushed);
        if (err == SP_OK) {
            put_pushed(&m.pushed, out);
        }
        return err;
    default:
        return SP_E_MALFORMED;
    }
}

/* What is left: reading, and the end. */
static sp_err describe_second(enum sp_message_type type, struct sp_slice in,
    struct sp_arena *a, enum sp_describe how, struct sp_buf *out)
{
    union {
        struct sp_pull pull;
        struct sp_page page;
        struct sp_upper_request upper;
        struct sp_upper_reply upper_reply;
        struct sp_finish finish;
        struct sp_slice body;
        sp_err code;
    } m;
    sp_err err;

    switch (type) {
    case SP_MSG_PULL:
        err = sp_message_read_pull(in, a, &m.pull);
        if (err == SP_OK) {
            put_pull(&m.pull, out);
        }
        return err;
    case SP_MSG_PAGE:
        err = sp_message_read_page(in, a, &m.page);
        if (err == SP_OK) {
            put_page(&m.page, a, how, out);
        }
        return err;
    case SP_MSG_UPPER:
        err = sp_message_read_upper(in, &m.upper);
        if (err == SP_OK) {
            put_text(out, "upper after=");
            put_replica(out, m.upper.after);
            put_text(out, "\n");
        }
        return err;
    case SP_MSG_UPPER_REPLY:
        err = sp_message_read_upper_reply(in, a, &m.upper_reply);
        if (err == SP_OK) {
            put_upper_reply(&m.upper_reply, out);
        }
        return err;
    case SP_MSG_FINISH:
        err = sp_message_read_finish(in, a, &m.finish);
        if (err == SP_OK) {
            put_finish(&m.finish, out);
        }
        return err;
    case SP_MSG_FINISHED:
        err = sp_message_read_finished(in);
        if (err == SP_OK) {
            put_text(out, "finished\n");
        }
        return err;
    case SP_MSG_ENROL:
    case SP_MSG_ENROLLED:
        err = sp_message_read_enrol(in, &m.body);
        if (err == SP_OK) {
            /* Never the bytes: they hold keys. */
            put_text(out, type == SP_MSG_ENROL ? "enrol" : "enrolled");
            number(out, " bytes=", m.body.size);
            put_text(out, "\n");
        }
        return err;
    case SP_MSG_ERROR:
        err = sp_message_read_error(in, &m.code);
        if (err == SP_OK) {
            put_text(out, "error");
            put_error(out, m.code);
            put_text(out, "\n");
        }
        return err;
    default:
        return SP_E_MALFORMED;
    }
}

/* Between servers. */
static sp_err describe_words(enum sp_message_type type, struct sp_slice in,
    struct sp_arena *a, enum sp_describe how, struct sp_buf *out)
{
    struct sp_words_request m;
    struct sp_words_reply reply;
    sp_err err;

    if (type == SP_MSG_WORDS) {
        err = sp_message_read_words(in, a, &m);
        if (err == SP_OK) {
            put_words(&m, out);
        }
        return err;
    }
    err = sp_message_read_words_reply(in, a, &reply);
    if (err == SP_OK) {
        put_words_reply(&reply, a, how, out);
    }
    return err;
}

void sp_describe_message(struct sp_slice message, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out)
{
    enum sp_message_type type = SP_MSG_ERROR;
    sp_err err = sp_message_type(message, &type);

    if (err == SP_OK) {
        err = type < SP_MSG_PULL
                  ? describe_first(type, message, arena, how, out)
              : type < SP_MSG_WORDS
                  ? describe_second(type, message, arena, how, out)
                  : describe_words(type, message, arena, how, out);
    }
    if (err != SP_OK) {
        number(out, "message_bytes=", message.size);
        put_text(out, " error=");
        put_text(out, sp_err_name(err));
        put_text(out, "\n");
    }
}
