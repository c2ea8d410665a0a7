/* command_care.c - commands: care, campaigns and what comes back. */
#include "cli/command_part.h"

// clang-format off
static const struct cc_operand o_message[] = { RECORD("MESSAGE"), NO_MORE };
static const struct cc_operand o_message_text[] = {
    RECORD("MESSAGE"),
    { "TEXT", false, false,
        { "all of it, signature included", "全文，含落款" } },
    NO_MORE };
static const struct cc_operand o_message_failed[] = {
    RECORD("MESSAGE"),
    { "REASON", true, false, { "why it did not go", "失败原因" } },
    NO_MORE };
static const struct cc_operand o_feedback_answer[] = {
    RECORD("FEEDBACK"),
    { "TEXT", false, false, { "the answer", "答复内容" } },
    NO_MORE };
static const struct cc_operand o_care_call[] = { ACCOUNT, FIELDS, NO_MORE };
static const struct cc_operand o_campaign[] = {
    { "CAMPAIGN", false, false, { "its name", "活动名称" } }, NO_MORE };
static const struct cc_operand o_any_campaign[] = {
    { "CAMPAIGN", true, false, { "only this one", "只看该活动" } }, NO_MORE };
static const struct cc_operand o_coupon_issue[] = { ACCOUNT, FIELDS, NO_MORE };
static const struct cc_operand o_coupon_redeem[] = {
    { "SERIAL", false, false,
        { "as it is printed; case and dashes do not matter",
          "券上所印的券号；不分大小写，可省略短横" } },
    NO_MORE };
static const struct cc_operand o_coupon_decide[] = {
    RECORD("REDEMPTION"),
    { "VERDICT", false, false,
        { "counts, or not", "counts（有效）或 not（无效）" } },
    NO_MORE };
static const struct cc_operand o_event_note[] = {
    { "EVENT", false, false, { "its name or id", "活动名称或编号" } },
    { "ACCOUNT", false, true,
        { "id, number or name; several", "编号、客户编号或名称；可多个" } },
    NO_MORE };
static const struct cc_option p_time[] = {
    { "date", 0, CC_OPTION_TEXT, "DATE",
        { "a day of the newest week (today)", "最近一周中的某天（今天）" } },
    { "weeks", 0, CC_OPTION_COUNT, "N",
        { "so many weeks (4)", "周数（4）" } },
    { "user", 0, CC_OPTION_TEXT, "USER",
        { "of this person (you)", "指定员工（您）" } },
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "of everybody whose visits are here", "所有员工" } }, END };
static const struct cc_option p_period[] = {
    { "from", 0, CC_OPTION_TEXT, "DATE",
        { "first day (first of the month)", "起始日（当月一日）" } },
    { "until", 0, CC_OPTION_TEXT, "DATE",
        { "last day (today)", "截止日（今天）" } }, END };
#define CARE_DAY \
    { "date", 0, CC_OPTION_TEXT, "DATE", \
        { "as of that day (today)", "指定日期（今天）" } }, \
    { "all", 0, CC_OPTION_FLAG, NULL, \
        { "other people's and what is done too", "包括他人的和已完成的" } }, \
    { "dry-run", 0, CC_OPTION_FLAG, NULL, \
        { "show it, make nothing", "只显示，不新建" } }
static const struct cc_option p_feedback[] = {
    { "route", 0, CC_OPTION_TEXT, "WHERE",
        { "only for branch, region or head_office",
          "只列出转往 branch（分公司）、region（大区）或 head_office（总部）的" } },
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "answered ones too", "包括已答复的" } }, END };
static const struct cc_option p_care[] = { CARE_DAY, END };
static const struct cc_option p_care_export[] = {
    { "out", 0, CC_OPTION_TEXT, "FILE",
        { "where to write what goes, a JSON line each; without it: look only",
          "写入可发消息的文件，每行一条 JSON；不给则只查看" } },
    { "at", 0, CC_OPTION_TEXT, "TIME",
        { "as of that moment, as 2026-04-21T15:10 (now)",
          "指定时刻，如 2026-04-21T15:10（现在）" } }, END };
static const struct cc_option p_care_call[] = {
    { "outcome", 0, CC_OPTION_TEXT, "OUTCOME",
        { "answered (default), promise, no_answer, refused",
          "结果：answered（默认）、promise、no_answer、refused" } },
    { "promise", 0, CC_OPTION_TEXT, "TEXT",
        { "what was promised", "承诺内容" } },
    { "due", 0, CC_OPTION_TEXT, "DATE",
        { "by when; a promise needs it", "承诺期限；承诺必须有期限" } },
    { "task", 0, CC_OPTION_TEXT, "TASK",
        { "the task that is done with it", "由此完成的任务" } }, END };
static const struct cc_option p_dry_run[] = {
    { "dry-run", 0, CC_OPTION_FLAG, NULL,
        { "show it, change nothing", "只显示，不修改" } }, END };
static const struct cc_option p_coupon_list[] = {
    { "twice", 0, CC_OPTION_FLAG, NULL,
        { "only those redeemed twice, which finance decides",
          "只列出重复核销、待财务裁定的" } }, END };
static const struct cc_option p_coupon_redeem[] = {
    { "account", 0, CC_OPTION_TEXT, "ACCOUNT",
        { "who brought it, when the coupon is not on this device",
          "本设备没有该券时，持券的客户" } },
    { "document", 0, CC_OPTION_TEXT, "NUMBER",
        { "the receipt that it was used for", "使用该券的单据号" } }, END };
static const struct cc_option p_coupon_decide[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why it counts, or not", "裁定原因" } }, END };
static const struct cc_option p_event_list[] = {
    { "year", 0, CC_OPTION_COUNT, "YEAR",
        { "of this year (now)", "年份（今年）" } }, END };
static const struct cc_option p_event_attend[] = {
    { "state", 0, CC_OPTION_TEXT, "STATE",
        { "attended (default), absent, accepted, declined",
          "attended（出席，默认）、absent（缺席）、accepted（已接受）、"
          "declined（已谢绝）" } }, END };

const struct cc_command cc_command_care[] = {
    { "time", NULL, false, NULL,
        { "time in visits, old and new customers, beside the plan",
          "拜访时间：老客户与新客户，对照计划" },
        NULL, p_time, cc_do_time, "satchel time --weeks 8" },

    { "contacts", "count", true, NULL,
        { "calls, messages and meetings of each person",
          "每个员工的电话、消息和面谈次数" },
        NULL, p_period, cc_do_contacts,
        "satchel contacts --from 2026-03-01 --until 2026-03-31" },

    { "care", "due", true, NULL,
        { "whom the rules ask you to care for; makes the tasks",
          "按规则应关怀的客户，并生成任务" },
        NULL, p_care, cc_do_care_due, "satchel care due --date 2026-03-08" },
    { "care", "draft", false, NULL,
        { "the messages that the rules ask for, as drafts",
          "按规则生成消息草稿" },
        NULL, p_care, cc_do_care_draft, NULL },
    { "care", "daily", false, NULL,
        { "who bought today: paid, to invite; unpaid, to remind",
          "今天消费的客户：已付款的邀请入群，未付款的提醒" },
        NULL, cc_command_p_day, cc_do_care_daily, NULL },
    { "care", "edit", false, NULL,
        { "another text for a draft", "修改草稿正文" },
        o_message_text, NULL, cc_do_care_edit, NULL },
    { "care", "export", false, NULL,
        { "hand out the drafts that may go now", "导出现在可以发送的消息" },
        NULL, p_care_export, cc_do_care_export,
        "satchel care export --out outbox.jsonl" },
    { "care", "confirm", false, NULL,
        { "it was sent", "确认已发送" },
        o_message, NULL, cc_do_care_confirm, NULL },
    { "care", "failed", false, NULL,
        { "it could not be sent", "发送失败" },
        o_message_failed, NULL, cc_do_care_failed, NULL },
    { "care", "call", false, NULL,
        { "a call that you made, and what you promised in it",
          "记录电话回访及承诺" },
        o_care_call, p_care_call, cc_do_care_call,
        "satchel care call 老王茶行 --outcome promise --promise 送样品 "
        "--due 2031-03-12" },

    { "feedback", "list", true, NULL,
        { "what customers said and nobody answered, by who is to",
          "客户反馈中尚未答复的，按处理方" },
        NULL, p_feedback, cc_do_feedback_list,
        "satchel feedback --route head_office" },
    { "feedback", "answer", false, NULL,
        { "say what was answered", "记录答复" },
        o_feedback_answer, NULL, cc_do_feedback_answer, NULL },

    { "campaign", "list", true, NULL,
        { "campaigns: their days, who is in, how far the messages are",
          "营销活动：日期、人数及消息进度" },
        o_any_campaign, NULL, cc_do_campaign_list, NULL },
    { "campaign", "start", false, NULL,
        { "freeze who is in it, and who is left alone for comparison",
          "冻结名单和对照组，活动开始" },
        o_campaign, p_dry_run, cc_do_campaign_start,
        "satchel campaign start \"Spring tea\" --dry-run" },
    { "campaign", "draft", false, NULL,
        { "your drafts for it; they wait for its day",
          "为该活动生成您的消息草稿，到发送时间才可导出" },
        o_campaign, p_dry_run, cc_do_campaign_draft, NULL },

    { "coupon", "list", true, NULL,
        { "coupons, and what became of them", "优惠券及其核销情况" },
        cc_command_o_any_account, p_coupon_list, cc_do_coupon_list, NULL },
    { "coupon", "issue", false, NULL,
        { "a new one, with a serial that is final at once",
          "发放优惠券，券号即时生效" },
        o_coupon_issue, NULL, cc_do_coupon_issue,
        "satchel coupon issue 老王茶行 \"value=50 CNY\" until=2026-12-31" },
    { "coupon", "redeem", false, NULL,
        { "take it, once", "核销一次" },
        o_coupon_redeem, p_coupon_redeem, cc_do_coupon_redeem,
        "satchel coupon redeem 2001-7KQ2M-X --document R-17" },
    { "coupon", "decide", false, NULL,
        { "say whether a redemption counts, for finance",
          "财务裁定某次核销是否有效" },
        o_coupon_decide, p_coupon_decide, cc_do_coupon_decide, NULL },

    { "event", "list", true, NULL,
        { "gatherings of the year, who came, and whether there are enough",
          "全年活动、出席情况及场次是否足够" },
        NULL, p_event_list, cc_do_event_list, NULL },
    { "event", "invite", false, NULL,
        { "customers to a gathering, all of them or none",
          "邀请客户参加活动，有一个不行则都不记" },
        o_event_note, NULL, cc_do_event_invite, NULL },
    { "event", "attend", false, NULL,
        { "who came, or did not", "记录出席情况" },
        o_event_note, p_event_attend, cc_do_event_attend,
        "satchel event attend 春茶会 老王茶行 --state absent" },
    NO_MORE_COMMANDS
};
// clang-format on
