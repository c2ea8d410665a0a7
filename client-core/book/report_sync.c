/* report_sync.c - how well a server's devices keep up, of counts that the
 * server took of its log. */
#include "book/report_sync.h"

#include <stdlib.h>

#define HOUR_MS 3600000

static int rising(const void *a, const void *b)
{
    const uint64_t *x = (const uint64_t *)a;
    const uint64_t *y = (const uint64_t *)b;

    return (*x > *y) - (*x < *y);
}

uint64_t cc_report_rank(uint64_t *list, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99u) / 100u;

    if (count == 0) {
        return 0;
    }
    qsort(list, count, sizeof(*list), rising);
    return list[rank == 0 ? 0 : rank - 1];
}

static void put_count(
    struct cc_report *r, const char *name, struct cc_words words, uint64_t n)
{
    cc_report_put_words(r, name, words);
    cc_report_put_number(r, (int64_t)n);
    cc_report_put_none(r);
    cc_report_put_none(r);
}

static void put_share(struct cc_report *r, const char *name,
    struct cc_words words, uint64_t of, uint64_t all)
{
    cc_report_put_words(r, name, words);
    cc_report_put_number(r, (int64_t)of);
    cc_report_put_percent(r, (int64_t)of, (int64_t)all);
    cc_report_put_none(r);
}

/* How many there are, and their age at that rank, in hours with one digit. */
static void put_ages(struct cc_report *r, const char *name,
    struct cc_words words, struct cc_report_ages *ages, unsigned percent)
{
    cc_report_put_words(r, name, words);
    cc_report_put_number(r, (int64_t)ages->count);
    cc_report_put_none(r);
    if (ages->count == 0) {
        cc_report_put_none(r);
    } else {
        cc_report_put_number(
            r, cc_report_ratio(
                   (int64_t)cc_report_rank(ages->ms, ages->count, percent),
                   HOUR_MS, 10));
    }
}

void cc_report_sync(struct cc_report *r, struct cc_report_sync_counts *c)
{
    static const struct cc_report_column column[] = {
        { "figure", { "FIGURE", "指标" }, CC_REPORT_WORDS, 0, false, 0 },
        { "count", { "COUNT", "数量" }, CC_REPORT_COUNT, 0, false, 0 },
        { "percent", { "%", "%" }, CC_REPORT_DECIMAL, 1, false, 0 },
        { "hours", { "HOURS", "小时" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };

    (void)cc_report_begin(r, "sync",
        (struct cc_words){ "How devices keep up", "同步状况" }, column, 4);
    put_count(r, "active", (struct cc_words){ "Active devices", "在用设备" },
        c->active);
    put_share(r, "seen",
        (struct cc_words){ "heard of in 24 hours", "24 小时内有消息" }, c->seen,
        c->active);
    put_count(r, "offered",
        (struct cc_words){ "Changes of the period", "期内的修改" }, c->offered);
    put_share(r, "refused", (struct cc_words){ "refused", "被拒绝" },
        c->refused, c->offered);
    put_ages(r, "conflicts",
        (struct cc_words){
            "Open conflicts, median age", "未解决冲突，中位时长" },
        &c->conflicts, 50);
    put_ages(r, "quarantine",
        (struct cc_words){ "In quarantine, median age", "隔离中，中位时长" },
        &c->quarantine, 50);
    cc_report_say(r, "unsent",
        "What a device has not sent it alone knows: its age is not said",
        "未发出的修改只有设备自己知道，无法得知已有多久");
}
