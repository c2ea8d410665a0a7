/* command_quality.c - commands: how well customers are known. */
#include "cli/command_part.h"

// clang-format off
static const struct cc_operand o_check[] = { RECORD("CONTACT"),
    { "VERDICT", false, false,
        { "correct, or wrong", "correct（正确）或 wrong（有误）" } },
    { "FIELD", true, true,
        { "that was asked about; all when nothing is wrong",
          "核对的字段；全部正确时可省略" } }, NO_MORE };
static const struct cc_option p_sample[] = {
    { "count", 0, CC_OPTION_COUNT, "N", { "so many (10)", "数量（10）" } },
    { "seed", 0, CC_OPTION_COUNT, "N",
        { "the same seed draws the same (1)", "相同种子抽取相同结果（1）" } },
    END };
static const struct cc_option p_check[] = {
    { "sample", 0, CC_OPTION_TEXT, "TEXT",
        { "which sample it was drawn in", "所属的抽样" } }, END };
static const struct cc_option p_quality[] = {
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "also what is others' to put right, or nobody's",
          "包括他人负责的和无人负责的" } },
    { "limit", 0, CC_OPTION_COUNT, "N",
        { "at most so many (50)", "最多列出（50）" } }, END };
static const struct cc_operand o_report[] = { { "REPORT", true, false,
    { "its name; without, lists them", "报表名称；不写则列出全部" } }, NO_MORE };
static const struct cc_option p_report[] = {
    { "from", 0, CC_OPTION_TEXT, "DATE",
        { "first day (each report has its own)", "起始日（各报表有默认值）" } },
    { "until", 0, CC_OPTION_TEXT, "DATE",
        { "last day (today)", "截止日（今天）" } },
    { "currency", 0, CC_OPTION_TEXT, "CODE",
        { "of sums (the commonest)", "金额币种（最常用的）" } },
    { "margin", 0, CC_OPTION_TEXT, "PERCENT",
        { "of ltv: gross margin, for a forecast", "ltv 用：毛利率，用于预测" } },
    { "days", 0, CC_OPTION_COUNT, "N",
        { "of campaigns: a purchase counts so long (30)",
          "campaigns 用：消费计入响应的天数（30）" } },
    END };

const struct cc_command cc_command_quality[] = {
    { "profile", "show", true, NULL,
        { "how complete the file of a person is, and what is missing",
          "联系人档案的完整度及缺项" },
        cc_command_o_contact, NULL, cc_do_profile, NULL },
    { "profile", "board", false, NULL,
        { "the same of all whom each person entered",
          "每个业务员所录档案的完整度" },
        NULL, NULL, cc_do_profile_board, NULL },
    { "profile", "sample", false, NULL,
        { "contacts drawn at random, to check what stands",
          "随机抽取联系人以核对内容" },
        NULL, p_sample, cc_do_profile_sample, NULL },
    { "profile", "check", false, NULL,
        { "note what a spot check of a contact found", "记录抽查结果" },
        o_check, p_check, cc_do_profile_check,
        "satchel profile check 王小明 wrong phones" },

    { "quality", "list", true, NULL,
        { "what is wrong with what you know of customers",
          "客户资料的问题：久未核实、重复、无效、不完整" },
        NULL, p_quality, cc_do_quality, NULL },
    { "quality", "board", false, NULL,
        { "how well each person and branch keeps it",
          "每人、每个分公司的资料质量" },
        NULL, NULL, cc_do_quality_board, NULL },

    { "report", NULL, false, NULL,
        { "figures on customers, sales, visits, care and the market",
          "报表：客户、销售、拜访、关怀、市场" },
        o_report, p_report, cc_do_report,
        "satchel report rfm\nsatchel report sales --from 2026-01-01" },
    NO_MORE_COMMANDS
};
// clang-format on
