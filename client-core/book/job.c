#include "book/job.h"

#include <string.h>

#include "book/value.h"
#include "sp/pack.h"

#define KIND_REQUEST 2 /* of field kind */

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
        add_text(m, "why", sp_slice_text(job->why));
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

int cc_job_decide(const struct sp_entity *e, const struct cc_job_word *word,
    struct sp_arena *arena, struct sp_draft_write *out)
{
    struct making m = { e, arena, out, 0 };
    struct sp_buf value;

    if (e == NULL) {
        return 0;
    }
    sp_buf_init(&value, 128);
    sp_wr_array(&value, word->until_ms > 0 ? 4 : 3);
    sp_wr_uint(&value, word->by);
    add_time(&value, word->at_ms);
    sp_wr_bool(&value, word->until_ms > 0);
    if (word->until_ms > 0) {
        add_time(&value, word->until_ms);
    }
    add(&m, "decision", &value);
    sp_buf_free(&value);
    return m.count;
}

void cc_job_read(const struct sp_entity *e, const struct sp_record *r,
    struct cc_job_said *out)
{
    struct cc_value_of of = { e, r };

    out->user = (uint32_t)cc_value_int(&of, "author", 0);
    out->rows = (uint64_t)cc_value_int(&of, "rows", 0);
    out->at_ms = cc_value_ts(&of, "at");
    out->format = cc_value_text(&of, "format");
    out->what = cc_value_text(&of, "what");
    out->hash = cc_value_text(&of, "hash");
    out->why = cc_value_text(&of, "why");
    out->request = cc_value_int(&of, "kind", 0) == KIND_REQUEST;
    out->sensitive = cc_value_bool(&of, "sensitive", false);
    out->everything = cc_value_bool(&of, "everything", false);
    out->by = (uint32_t)cc_value_part(&of, "decision", "by", 0);
    out->yes = cc_value_part(&of, "decision", "yes", 0) != 0;
    out->until_ms = cc_value_part_ts(&of, "decision", "until");
    out->has_used = cc_value_ref(&of, "request", &out->used);
}
