#include "book/job.h"

#include <string.h>

#include "book/value.h"
#include "sp/pack.h"

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
 * which no text of a record may. */
static void add_names(struct making *m, const char *what)
{
    static const char more[] = "...";
    char cut[CC_JOB_TEXT];
    size_t size = strlen(what);

    if (size > CC_JOB_TEXT) {
        size = CC_JOB_TEXT - (sizeof(more) - 1);
        while (size > 0 && what[size - 1] != ' ') {
            size--;
        }
        memcpy(cut, what, size);
        memcpy(cut + size, more, sizeof(more) - 1);
        size += sizeof(more) - 1;
        what = cut;
    }
    add_text(m, "what", sp_slice_of(what, size));
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
    sp_hex(hash, job->hash, sizeof job->hash);
    sp_buf_init(&at, 64);
    sp_wr_array(&at, 2);
    sp_wr_uint(&at, job->at_ms);
    sp_wr_str(&at, sp_slice_of("", 0));
    add_number(&m, "author", job->user);
    add(&m, "at", &at);
    add_text(&m, "format", sp_slice_text(job->format));
    add_names(&m, job->what);
    add_number(&m, "rows", job->rows);
    add_text(&m, "hash", sp_slice_text(hash));
    sp_buf_free(&at);
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
}
