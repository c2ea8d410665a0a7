/* command_team.c - commands: work that several share. */
#include "cli/command_part.h"

// clang-format off
#define TASK RECORD("TASK")
static const struct cc_operand o_task[] = { TASK, NO_MORE };
static const struct cc_operand o_task_add[] = {
    { "TITLE", false, false, { "what is to be done", "要做的事" } },
    FIELDS, NO_MORE };
static const struct cc_operand o_task_assign[] = { TASK,
    { "USER", false, false,
        { "login, name or number; me", "登录名、姓名或编号；me 为本人" } },
    NO_MORE };
static const struct cc_operand o_task_comment[] = { TASK,
    { "TEXT", false, false, { "what to say", "内容" } }, NO_MORE };
static const struct cc_operand o_contest[] = {
    { "CONTEST", false, false,
        { "id, name, or a beginning that only one has",
          "编号、名称，或唯一的开头部分" } }, NO_MORE };
static const struct cc_operand o_reconcile[] = {
    { "FILE", false, false,
        { "CSV in UTF-8, its first row names fields; - reads standard input",
          "UTF-8 的 CSV，首行为字段名；- 表示标准输入" } },
    ENTITY, NO_MORE };
static const struct cc_option p_task_list[] = {
    { "owner", 0, CC_OPTION_TEXT, "USER",
        { "of this person (you)", "该负责人的（您）" } },
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "everybody's", "所有人的" } },
    { "closed", 0, CC_OPTION_FLAG, NULL,
        { "also what is done or was dropped", "包括已完成和已取消的" } },
    { "limit", 0, CC_OPTION_COUNT, "N", { "at most N", "最多 N 条" } }, END };
static const struct cc_option p_task_add[] = {
    { "due", 0, CC_OPTION_TEXT, "DATE",
        { "by when, as 2026-03-31 or today; needed",
          "截止日期，如 2026-03-31 或 today；必填" } },
    { "of", 0, CC_OPTION_TEXT, "ACCOUNT",
        { "the account that it is about", "相关客户" } },
    { "owner", 0, CC_OPTION_TEXT, "USER",
        { "who has to do it (you)", "负责人（您）" } }, END };
static const struct cc_option p_task_cancel[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why it is not done; needed", "不做的原因；必填" } }, END };
static const struct cc_option p_deadlines[] = {
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "everybody's that this device has", "本设备上所有人的" } },
    { "since", 0, CC_OPTION_TEXT, "DATE",
        { "late ones from this day on (as long as their rule says)",
          "逾时完成的从该日起（默认按规则所定天数）" } }, END };
static const struct cc_option p_reconcile[] = {
    { "key", 0, CC_OPTION_TEXT, "FIELD",
        { "the field by which both name one thing; needed",
          "两边对应所用的字段；必填" } },
    { "name", 0, CC_OPTION_TEXT, "NAME",
        { "under which it is saved (the name of the file)",
          "保存的名称（默认为文件名）" } },
    { "dry-run", 0, CC_OPTION_FLAG, NULL,
        { "show it, save nothing", "只显示，不保存" } }, END };

static const struct cc_option p_targets[] = {
    { "whole", 0, CC_OPTION_FLAG, NULL,
        { "also the parts of parts, down to each rep",
          "逐级显示到每位业务员" } }, END };

const struct cc_command cc_command_team[] = {
    { "targets", NULL, false, NULL,
        { "goals as a tree, and what is reached of them",
          "目标树及完成情况" },
        NULL, p_targets, cc_do_targets, "satchel targets --whole" },

    { "contest", "list", true, NULL,
        { "contests, those that end last first", "竞赛列表" },
        NULL, NULL, cc_do_contests, NULL },
    { "contest", "show", false, NULL,
        { "who stands where, counted from the records", "竞赛名次，由记录算出" },
        o_contest, NULL, cc_do_contest, "satchel contest show 老顾客维护月" },

    { "task", "list", true, "task",
        { "what you have to do: what is late first", "您的任务：逾期的在前" },
        cc_command_o_any_account, p_task_list, cc_do_task_list, "satchel task --all" },
    { "task", "show", false, "task",
        { "all about one", "查看任务" },
        o_task, NULL, cc_do_show, NULL },
    { "task", "add", false, "task",
        { "a new one", "新建任务" },
        o_task_add, p_task_add, cc_do_task_add,
        "satchel task add 送样品 --of 老王茶行 --due 2031-03-31" },
    { "task", "done", false, "task",
        { "it is done", "任务完成" },
        o_task, NULL, cc_do_task_done, NULL },
    { "task", "cancel", false, "task",
        { "it will not be done", "取消任务" },
        o_task, p_task_cancel, cc_do_task_cancel,
        "satchel task cancel 019f2a --reason \"shop closed\"" },
    { "task", "assign", false, "task",
        { "give it to somebody else", "转给他人" },
        o_task_assign, NULL, cc_do_task_assign,
        "satchel task assign 019f2a mei" },
    { "task", "comment", false, "task",
        { "say something about it", "发表评论" },
        o_task_comment, NULL, cc_do_task_comment, NULL },

    { "deadlines", NULL, false, NULL,
        { "what broke a deadline rule, or is about to",
          "已超时或临近时限的记录" },
        NULL, p_deadlines, cc_do_deadlines, NULL },

    { "reconcile", NULL, false, NULL,
        { "hold a list against the records: who is only there, or here",
          "名单与记录核对：谁仅在名单或仅在记录" },
        o_reconcile, p_reconcile, cc_do_reconcile,
        "satchel reconcile roster.csv account --key number" },
    NO_MORE_COMMANDS
};
// clang-format on
