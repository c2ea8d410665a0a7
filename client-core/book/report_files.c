/* report_files.c - how complete and how right what is known of customers is,
 * from the board of quality. */
#include "book/quality_board.h"
#include "book/report_make.h"

static void put_name(struct cc_report *r, const struct sp_rulebook *book,
    enum cc_quality_by by, const struct cc_quality_row *row)
{
    const struct cc_report_facts names = { .book = book };

    if (by == CC_QUALITY_BY_ALL) {
        cc_report_put_text(r, sp_slice_text("*"));
    } else {
        cc_report_put_person(r, &names, row->user);
    }
}

static void put_files(struct cc_report *r, const struct cc_quality_row *row)
{
    cc_report_put_number(r, (int64_t)row->files);
    if (row->files == 0) {
        cc_report_put_none(r);
        cc_report_put_none(r);
        cc_report_put_none(r);
    } else {
        cc_report_put_number(r, row->mean);
        cc_report_put_number(r, row->median);
        cc_report_put_number(r, row->good);
    }
    cc_report_put_number(r, (int64_t)row->checked);
    cc_report_put_percent(r, (int64_t)row->correct, (int64_t)row->checked);
}

static void put_state(struct cc_report *r, const struct cc_quality_row *row)
{
    cc_report_put_number(r, (int64_t)row->accounts);
    cc_report_put_number(r, (int64_t)row->duplicates);
    cc_report_put_percent(r, (int64_t)row->duplicates, (int64_t)row->accounts);
    cc_report_put_number(r, (int64_t)row->phones);
    cc_report_put_percent(r, (int64_t)row->invalid, (int64_t)row->phones);
    cc_report_put_percent(r, (int64_t)row->stale, (int64_t)row->accounts);
}

/* All, then each person. */
static sp_err put_rows(
    struct cc_report *r, const struct cc_quality_source *source, bool files)
{
    static const enum cc_quality_by order[] = { CC_QUALITY_BY_ALL,
        CC_QUALITY_BY_USER };
    struct cc_quality q;
    struct cc_quality_row *row;
    size_t count;
    sp_err err = cc_quality_load(&q, source, true);

    for (size_t k = 0; err == SP_OK && k < 2; k++) {
        err = cc_quality_board_make(&q, source->book, order[k], &row, &count);
        for (size_t i = 0; err == SP_OK && i < count; i++) {
            if (files && row[i].files == 0 && row[i].checked == 0) {
                continue; /* nothing to be compared */
            }
            put_name(r, source->book, order[k], &row[i]);
            if (files) {
                put_files(r, &row[i]);
            } else {
                put_state(r, &row[i]);
            }
        }
    }
    for (size_t i = 0; i < q.count; i++) {
        r->customers += !q.account[i].gone;
    }
    cc_quality_free(&q);
    return err;
}

sp_err cc_report_completeness(
    struct cc_report *r, const struct cc_quality_source *source)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "录入人" }, CC_REPORT_TEXT, 0, false, 0 },
        { "files", { "FILES", "档案" }, CC_REPORT_COUNT, 0, false, 0 },
        { "mean", { "MEAN %", "平均 %" }, CC_REPORT_COUNT, 0, true, 60 },
        { "median", { "MEDIAN %", "中位 %" }, CC_REPORT_COUNT, 0, false, 0 },
        { "good", { "60 AND MORE %", "60 以上 %" }, CC_REPORT_COUNT, 0, false,
            0 },
        { "checked", { "CHECKED", "抽查" }, CC_REPORT_COUNT, 0, false, 0 },
        { "valid", { "CORRECT %", "正确 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };

    (void)cc_report_begin(r, "people",
        (struct cc_words){ "Contacts' files, by who entered them (* all)",
            "联系人档案完整度，按录入人（* 为全部）" },
        column, 7);
    return put_rows(r, source, true);
}

sp_err cc_report_quality(
    struct cc_report *r, const struct cc_quality_source *source)
{
    static const struct cc_report_column column[] = {
        { "who", { "WHO", "负责人" }, CC_REPORT_TEXT, 0, false, 0 },
        { "customers", { "CUSTOMERS", "客户" }, CC_REPORT_COUNT, 0, false, 0 },
        { "pairs", { "PAIRS", "重复对" }, CC_REPORT_COUNT, 0, false, 0 },
        { "duplicate", { "PAIRS %", "重复 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
        { "phones", { "PHONES", "电话" }, CC_REPORT_COUNT, 0, false, 0 },
        { "invalid", { "INVALID %", "无效 %" }, CC_REPORT_DECIMAL, 1, false,
            0 },
        { "stale", { "STALE %", "未核实 %" }, CC_REPORT_DECIMAL, 1, false, 0 },
    };

    (void)cc_report_begin(r, "people",
        (struct cc_words){ "Pairs, telephones and what nobody verified, by who "
                           "is in charge (* all)",
            "重复、无效电话与久未核实，按负责人（* 为全部）" },
        column, 7);
    return put_rows(r, source, false);
}
