#include "book/job.h"

#include <string.h>

#include "book/nfc.h"
#include "book/quota.h"
#include "book/value.h"
#include "sp/hlc.h"
#include "sp/limits.h"
#include "sp/merge.h"
#include "sp/pack.h"

#define KIND_REQUEST 2 /* of field kind */
#define HOUR_MS      3600000u

struct making {
    const struct sp_entity *e;
    struct sp_arena *arena;
    struct sp_draft_write *out;
    int count; /* -1: failed */
};

static void add(struct making *m, const char *name, struct sp_buf *value)
{
    const struct sp_field *f =
        sp_dictionary_field_named(m->e, sp_slice_text(name));
    struct sp_slice kept;

    if (f == NULL || m->count < 0) {
        return;
    }
    kept = sp_arena_copy(m->arena, sp_buf_slice(value));
    if (kept.data == NULL || value->err != SP_OK) {
        m->count = -1;
        return;
    }
    m->out[m->count++] =
        (struct sp_draft_write){ .key = { .field = f->number }, .value = kept };
}

static void add_text(struct making *m, const char *name, struct sp_slice text)
{
    struct sp_buf value;

    sp_buf_init(&value, 1024);
    sp_wr_str(&value, text);
    add(m, name, &value);
    sp_buf_free(&value);
}

/* What a person typed: in NFC, without blanks at its ends. */
static void put_typed(struct sp_buf *out, const char *typed)
{
    struct sp_slice text = sp_slice_text(typed);
    struct sp_buf composed;

    while (text.size > 0 && strchr(" \t\n", text.data[text.size - 1]) != NULL) {
        text.size--;
    }
    while (text.size > 0 && strchr(" \t\n", text.data[0]) != NULL) {
        text = sp_slice_of(text.data + 1, text.size - 1);
    }
    sp_buf_init(&composed, 8192);
    if (cc_nfc_text(text, &composed) != SP_OK || composed.err != SP_OK) {
        out->err = SP_E_NOMEM;
    }
    sp_wr_str(out, sp_buf_slice(&composed));
    sp_buf_free(&composed);
}

static void add_typed(struct making *m, const char *name, const char *typed)
{
    struct sp_buf value;

    sp_buf_init(&value, 8192);
    put_typed(&value, typed);
    add(m, name, &value);
    sp_buf_free(&value);
}

static void add_number(struct making *m, const char *name, uint64_t number)
{
    struct sp_buf value;

    sp_buf_init(&value, 16);
    sp_wr_uint(&value, number);
    add(m, name, &value);
    sp_buf_free(&value);
}

/* The list as a value takes it: of one that is too long the names that fit
 * whole, then "...". A cut anywhere could end in a blank or half a letter,
 * which no text of a record may. cut has room for CC_JOB_TEXT. */
static struct sp_slice fitting(const char *what, char *cut)
{
    static const char more[] = "...";
    size_t size = strlen(what);

    if (size <= CC_JOB_TEXT) {
        return sp_slice_of(what, size);
    }
    size = CC_JOB_TEXT - (sizeof(more) - 1);
    while (size > 0 && what[size - 1] != ' ') {
        size--;
    }
    memcpy(cut, what, size);
    memcpy(cut + size, more, sizeof(more) - 1);
    return sp_slice_of(cut, size + sizeof(more) - 1);
}

static void add_names(struct making *m, const char *what)
{
    char cut[CC_JOB_TEXT];

    add_text(m, "what", fitting(what, cut));
}

bool cc_job_same_what(struct sp_slice said, const char *what)
{
    char cut[CC_JOB_TEXT];

    return sp_slice_equal(said, fitting(what, cut));
}

/* UTC, of no zone: a server has none that matters to people elsewhere. */
static void add_time(struct sp_buf *out, uint64_t ms)
{
    sp_wr_array(out, 2);
    sp_wr_uint(out, ms);
    sp_wr_str(out, sp_slice_of("", 0));
}

static void add_flag(struct making *m, const char *name, bool flag)
{
    struct sp_buf value;

    if (flag) {
        sp_buf_init(&value, 16);
        sp_wr_bool(&value, true);
        add(m, name, &value);
        sp_buf_free(&value);
    }
}

/* What only requests, and exports with a second person, say. */
static void add_asked(struct making *m, const struct cc_job *job)
{
    struct sp_buf id;

    if (job->request) {
        add_number(m, "kind", KIND_REQUEST);
    }
    if (job->why != NULL) {
        add_typed(m, "why", job->why);
    }
    add_flag(m, "sensitive", job->sensitive);
    add_flag(m, "everything", job->everything);
    if (job->used != NULL) {
        sp_buf_init(&id, 32);
        sp_wr_bin(&id, job->used->b, sizeof job->used->b);
        add(m, "request", &id);
        sp_buf_free(&id);
    }
}

int cc_job_writes(const struct sp_entity *e, const struct cc_job *job,
    struct sp_arena *arena, struct sp_draft_write out[CC_JOB_WRITES])
{
    struct making m = { e, arena, out, 0 };
    struct sp_buf at;
    char hash[65];

    if (e == NULL) {
        return 0;
    }
    hash[0] = '\0';
    if (!job->request) {
        sp_hex(hash, job->hash, sizeof job->hash);
    }
    sp_buf_init(&at, 64);
    add_time(&at, job->at_ms);
    add_number(&m, "author", job->user);
    add(&m, "at", &at);
    add_text(&m, "format", sp_slice_text(job->format));
    add_names(&m, job->what);
    add_number(&m, "rows", job->rows);
    if (!job->request) {
        add_text(&m, "hash", sp_slice_text(hash));
    }
    add_asked(&m, job);
    sp_buf_free(&at);
    return m.count;
}

static void put_reason(struct sp_buf *out, const char *reason)
{
    if (reason != NULL) {
        put_typed(out, reason);
    }
}

static void add_yes(struct making *m, const struct cc_job_word *word)
{
    struct sp_buf value;

    sp_buf_init(&value, 8192);
    sp_wr_array(&value, word->reason != NULL ? 5 : 4);
    sp_wr_uint(&value, word->by);
    add_time(&value, word->at_ms);
    sp_wr_bool(&value, true);
    add_time(&value, word->until_ms);
    put_reason(&value, word->reason);
    add(m, CC_JOB_YES, &value);
    sp_buf_free(&value);
}

static void add_no(struct making *m, const struct cc_job_word *word)
{
    struct sp_buf value;

    sp_buf_init(&value, 8192);
    sp_wr_array(&value, 2);
    sp_wr_bool(&value, true);
    put_reason(&value, word->reason);
    add(m, "refused", &value);
    sp_buf_free(&value);
}

int cc_job_decide(const struct sp_entity *e, const struct cc_job_word *word,
    struct sp_arena *arena, struct sp_draft_write *out)
{
    struct making m = { e, arena, out, 0 };

    if (e == NULL) {
        return 0;
    }
    if (word->until_ms > 0) {
        add_yes(&m, word);
    } else {
        SP_ASSERT(word->reason != NULL);
        add_no(&m, word);
    }
    return m.count;
}

int cc_job_withdraw(const struct sp_entity *e, struct sp_arena *arena,
    struct sp_draft_write *out)
{
    struct making m = { e, arena, out, 0 };

    if (e == NULL) {
        return 0;
    }
    add_flag(&m, "withdrawn", true);
    return m.count;
}

/* ---- reading ------------------------------------------------------------ */

static const struct sp_register *register_of(
    const struct cc_value_of *of, const char *field)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));

    return f == NULL ? NULL : sp_record_field(of->record, f->number);
}

static struct cc_job_answer answer(
    const struct cc_value_of *of, const char *field, const struct sp_sibling *s)
{
    return (struct cc_job_answer){ s->stamp.user, sp_hlc_ms(s->stamp.time),
        cc_value_group_text(of, field, s->value, "reason") };
}

/* The earliest yes counts. A no that stands there was said by a console of
 * before, when both had one field. */
static void read_yes(const struct cc_value_of *of, struct cc_job_said *out)
{
    const struct sp_register *reg = register_of(of, CC_JOB_YES);
    const struct sp_sibling *yes = NULL;

    for (uint32_t i = 0; reg != NULL && i < reg->count; i++) {
        const struct sp_sibling *s = &reg->sibling[i];

        if (cc_value_group_int(of, CC_JOB_YES, s->value, "yes", 0) == 0) {
            out->no = answer(of, CC_JOB_YES, s);
        } else if (s->stamp.user != out->user &&
                   (yes == NULL || s->stamp.time < yes->stamp.time)) {
            yes = s;
        }
    }
    if (yes != NULL) {
        out->yes = answer(of, CC_JOB_YES, yes);
        out->until_ms = (uint64_t)cc_value_group_int(
            of, CC_JOB_YES, yes->value, "until", 0);
    }
}

static void read_no(const struct cc_value_of *of, struct cc_job_said *out)
{
    const struct sp_register *reg = register_of(of, "refused");
    const struct sp_sibling *s =
        reg == NULL ? NULL : sp_merge_shown(reg, SP_MERGE_DENY);

    if (s != NULL && cc_value_group_int(of, "refused", s->value, "yes", 0)) {
        out->no = answer(of, "refused", s);
    }
}

void cc_job_read(const struct sp_entity *e, const struct sp_record *r,
    struct cc_job_said *out)
{
    struct cc_value_of of = { e, r };

    *out = (struct cc_job_said){
        .user = (uint32_t)cc_value_int(&of, "author", 0),
        .rows = (uint64_t)cc_value_int(&of, "rows", 0),
        .at_ms = cc_value_ts(&of, "at"),
        .format = cc_value_text(&of, "format"),
        .what = cc_value_text(&of, "what"),
        .hash = cc_value_text(&of, "hash"),
        .why = cc_value_text(&of, "why"),
        .request = cc_value_int(&of, "kind", 0) == KIND_REQUEST,
        .sensitive = cc_value_bool(&of, "sensitive", false),
        .everything = cc_value_bool(&of, "everything", false),
        .withdrawn = cc_value_bool(&of, "withdrawn", false),
    };
    out->has_used = cc_value_ref(&of, "request", &out->used);
    read_yes(&of, out);
    read_no(&of, out);
}

/* ---- what became of a request -------------------------------------------- */

uint64_t cc_job_until(const struct cc_job_said *said, uint32_t hours)
{
    uint64_t most = said->yes.at_ms + (uint64_t)hours * HOUR_MS;

    return said->until_ms < most ? said->until_ms : most;
}

enum cc_job_state cc_job_state(
    const struct cc_job_said *said, bool used, uint32_t hours, uint64_t now_ms)
{
    if (used) {
        return CC_JOB_USED;
    }
    if (said->withdrawn) {
        return CC_JOB_WITHDRAWN;
    }
    if (said->no.by != 0) {
        return CC_JOB_REFUSED;
    }
    if (said->yes.by == 0) {
        return CC_JOB_WAITS;
    }
    return cc_job_until(said, hours) < now_ms ||
                   said->yes.at_ms > now_ms + SP_HLC_AHEAD_MS_MAX
               ? CC_JOB_OVER
               : CC_JOB_AGREED;
}

uint32_t cc_job_hours(const struct sp_rulebook *b, uint32_t user)
{
    const struct sp_person *p = sp_rulebook_find_person(b, user);
    uint32_t hours = 0;

    for (uint32_t i = 0; p != NULL && i < p->role_count; i++) {
        const struct sp_role *r =
            sp_policy_role(sp_rulebook_policy(b), p->role[i]);
        if (r != NULL && r->export.hours > hours) {
            hours = r->export.hours;
        }
    }
    return hours;
}

bool cc_job_approves(
    const struct sp_rulebook *b, uint32_t user, uint32_t author)
{
    const struct sp_person *p = sp_rulebook_find_person(b, user);
    const struct sp_roster *own = sp_rulebook_find_unit_of(b, user);
    unsigned reach =
        p == NULL || p->status != SP_PERSON_ACTIVE
            ? 0
            : cc_quota_approves(sp_rulebook_policy(b), p->role, p->role_count);

    return user != author &&
           (reach == SP_REACH_ALL ||
               (reach > SP_REACH_OWN && own != NULL &&
                   own == sp_rulebook_find_unit_of(b, author)));
}

enum cc_job_bar cc_job_bar(const struct sp_rulebook *b, uint32_t user,
    const struct cc_job_said *said, enum cc_job_state state,
    enum cc_job_step step)
{
    bool open = state == CC_JOB_WAITS ||
                (step != CC_JOB_SAY_YES && state == CC_JOB_AGREED);

    if ((step == CC_JOB_WITHDRAW) != (said->user == user)) {
        return step == CC_JOB_WITHDRAW ? CC_JOB_OTHERS : CC_JOB_OWN;
    }
    if (step != CC_JOB_WITHDRAW && !cc_job_approves(b, user, said->user)) {
        return CC_JOB_ROLE;
    }
    return open ? CC_JOB_FREE : CC_JOB_PAST;
}
