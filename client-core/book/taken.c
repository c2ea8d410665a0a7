#include "book/taken.h"

#include <stdlib.h>

#define DAY_MS    86400000u
#define BYTES_MAX (256u * 1024u * 1024u)

void cc_taken_begin(struct cc_taken *t)
{
    sp_buf_init(&t->days, BYTES_MAX);
    sp_buf_init(&t->used, BYTES_MAX);
}

sp_err cc_taken_add(struct cc_taken *t, const struct cc_job_said *said)
{
    const struct cc_taken_day day = { said->user, said->at_ms / DAY_MS,
        said->rows };

    if (said->request) {
        return SP_OK;
    }
    sp_buf_put(&t->days, &day, sizeof(day));
    if (said->has_used) {
        sp_buf_put(&t->used, &said->used, sizeof(said->used));
    }
    return t->days.err != SP_OK ? t->days.err : t->used.err;
}

static struct cc_taken_day *days_of(const struct cc_taken *t, size_t *count)
{
    *count = t->days.size / sizeof(struct cc_taken_day);
    return (struct cc_taken_day *)(void *)t->days.data;
}

static int cmp_day(const void *a, const void *b)
{
    const struct cc_taken_day *x = (const struct cc_taken_day *)a;
    const struct cc_taken_day *y = (const struct cc_taken_day *)b;

    if (x->user != y->user) {
        return x->user < y->user ? -1 : 1;
    }
    return x->day < y->day ? -1 : x->day > y->day;
}

static int cmp_id(const void *a, const void *b)
{
    return sp_id_cmp((const struct sp_id *)a, (const struct sp_id *)b);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void cc_taken_end(struct cc_taken *t)
{
    size_t count, kept = 0, used = t->used.size / sizeof(struct sp_id);
    struct cc_taken_day *day = days_of(t, &count);

    if (count > 1) {
        qsort(day, count, sizeof(*day), cmp_day);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && cmp_day(&day[kept - 1], &day[i]) == 0) {
            day[kept - 1].rows = sum(day[kept - 1].rows, day[i].rows);
        } else {
            day[kept++] = day[i];
        }
    }
    t->days.size = kept * sizeof(*day);
    if (used > 1) {
        qsort(t->used.data, used, sizeof(struct sp_id), cmp_id);
    }
}

void cc_taken_free(struct cc_taken *t)
{
    sp_buf_free(&t->days);
    sp_buf_free(&t->used);
}

uint64_t cc_taken_rows(const struct cc_taken *t, uint32_t user, uint64_t at_ms)
{
    const struct cc_taken_day wanted = { user, at_ms / DAY_MS, 0 };
    size_t count;
    const struct cc_taken_day *day = days_of(t, &count), *found;

    if (count == 0) {
        return 0;
    }
    found = (const struct cc_taken_day *)bsearch(
        &wanted, day, count, sizeof(*day), cmp_day);
    return found == NULL ? 0 : found->rows;
}

bool cc_taken_used(const struct cc_taken *t, const struct sp_id *request)
{
    size_t count = t->used.size / sizeof(*request);

    return count > 0 && bsearch(request, t->used.data, count, sizeof(*request),
                            cmp_id) != NULL;
}
