/* command_account.c - commands: customers and people. */
#include "cli/command_part.h"

// clang-format off
#define NAME { "NAME", true, false, { "its name", "名称" } }
static const struct cc_operand o_text[] = {
    { "TEXT", true, false,
        { "part of name, pinyin, number, phone or contact",
          "名称、拼音、编号、电话或联系人的一部分" } },
    NO_MORE };
static const struct cc_operand o_find[] = {
    { "TEXT", false, true,
        { "part of the name, its pinyin or first letters (zhs), number, three "
          "digits of a phone; several words have to be there each",
          "名称的一部分、全拼或首字母（zhs）、客户编号、电话中的三位以上；"
          "多个词须同时符合" } },
    NO_MORE };
static const struct cc_operand o_account[] = { ACCOUNT, NO_MORE };
static const struct cc_operand o_account_add[] = { NAME, FIELDS, NO_MORE };
static const struct cc_operand o_assign[] = {
    { "ACCOUNT", true, true,
        { "id, number or name; several, or --list",
          "编号、客户编号或名称；可多个，或用 --list" } },
    NO_MORE };
static const struct cc_operand o_share[] = { ACCOUNT,
    { "USER", false, false,
        { "login, name or number", "登录名、姓名或编号" } }, NO_MORE };
static const struct cc_operand o_merge[] = {
    { "KEEP", false, false,
        { "the account that stays", "保留的客户" } },
    { "ABSORB", false, true,
        { "the same customer under another name; up to 20",
          "同一客户的其他记录；最多 20 个" } },
    NO_MORE };
static const struct cc_operand o_unmerge[] = {
    { "CASE", false, false,
        { "as satchel account merges lists it, or its beginning",
          "satchel account merges 列出的编号或其开头" } }, NO_MORE };
static const struct cc_operand o_stage[] = {
    ACCOUNT,
    { "STATUS", false, false,
        { "potential, target, qualified, closed, loyal",
          "potential（潜在）、target（目标）、qualified（合格）、closed（成交）、"
          "loyal（忠诚）" } },
    NO_MORE };
static const struct cc_operand o_segment[] = {
    { "STEP", true, true,
        { "a name of satchel account labels or a field, then = != >= <= ~ and "
          "a value; period_days <= N counts purchases of the last N days",
          "标签名或字段名，加 = != >= <= ~ 和值；period_days <= N 只计最近 "
          "N 天的消费" } },
    NO_MORE };
static const struct cc_operand o_contact_add[] = {
    ACCOUNT, NAME, FIELDS, NO_MORE };
static const struct cc_operand o_account_edit[] = {
    ACCOUNT, SOME_FIELDS, NO_MORE };
static const struct cc_operand o_contact_edit[] = {
    RECORD("CONTACT"), SOME_FIELDS, NO_MORE };
static const struct cc_option p_account_add[] = {
    { "anyway", 0, CC_OPTION_FLAG, NULL,
        { "though there are accounts that may be the same",
          "即使已有可能相同的客户" } }, END };
static const struct cc_option p_account_list[] = {
    LISTS,
    { "sort", 0, CC_OPTION_TEXT, "pinyin|stroke|name",
        { "order of names; default: name, in Chinese pinyin",
          "排序：拼音（默认）、笔画或名称" } },
    { "territory", 0, CC_OPTION_TEXT, "CODE",
        { "only of this territory", "只列出该区域的" } }, END };
static const struct cc_option p_assign[] = {
    { "owner", 0, CC_OPTION_TEXT, "USER",
        { "who has them from now on", "新的负责人" } },
    { "territory", 0, CC_OPTION_TEXT, "CODE",
        { "where they belong from now on", "新的区域" } },
    { "list", 0, CC_OPTION_TEXT, "FILE",
        { "more accounts, one a line; - reads standard input",
          "更多客户，每行一个；- 表示从标准输入读取" } },
    { "dry-run", 0, CC_OPTION_FLAG, NULL,
        { "show what would change, change nothing",
          "只显示将发生的变化，不修改" } }, END };
static const struct cc_option p_share[] = {
    { "until", 0, CC_OPTION_TEXT, "YYYY-MM-DD",
        { "last day, UTC; then it leaves the other's devices",
          "最后一天（UTC），之后从对方设备移除" } },
    { "end", 0, CC_OPTION_FLAG, NULL,
        { "take the share back now", "立即收回共享" } }, END };
static const struct cc_option p_merge[] = {
    { "take", 0, CC_OPTION_TEXT, "FIELD=ACCOUNT,...",
        { "whose value stands: keep, absorb, or one of the accounts; else the "
          "kept one's, where it has one",
          "采用谁的值：keep、absorb 或其中一个客户；默认采用保留客户的值" } },
    { "dry-run", 0, CC_OPTION_FLAG, NULL,
        { "show what differs and what would stand, change nothing",
          "只显示差异和结果，不修改" } }, END };
static const struct cc_option p_stage[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "needed to go back, or to pass a gate over",
          "后退或跳过阶段时必填" } },
    { "done", 0, CC_OPTION_TEXT, "N,N...|all",
        { "steps of the stage he leaves that are done",
          "离开的阶段中已完成的步骤序号" } },
    { "without", 0, CC_OPTION_TEXT, "TEXT",
        { "why its other needed steps are left out",
          "其余必须步骤未做的原因" } }, END };
static const struct cc_option p_segment[] = {
    { "name", 0, CC_OPTION_TEXT, "SEGMENT",
        { "the steps of this segment instead", "采用该细分的条件" } }, END };
static const struct cc_option p_timeline[] = {
    { "limit", 0, CC_OPTION_COUNT, "N",
        { "at most N (50); 0: all", "最多 N 条（50）；0 为全部" } },
    { "before", 0, CC_OPTION_TEXT, "ID",
        { "only what is older than this event", "只列出早于该事件的" } },
    { "dept", 0, CC_OPTION_TEXT, "DEPARTMENT",
        { "only what this department did", "只列出该部门的" } },
    { "sentiment", 0, CC_OPTION_TEXT, "REACTION",
        { "only with this reaction: negative, neutral, positive",
          "只列出该反应的：negative、neutral、positive" } }, END };
static const struct cc_option p_history[] = {
    { "field", 0, CC_OPTION_TEXT, "FIELD",
        { "only of this field, as satchel fields names it",
          "只列出该字段（名称见 satchel fields）" } },
    { "limit", 0, CC_OPTION_COUNT, "N",
        { "at most N (50); 0: all", "最多 N 条（50）；0 为全部" } },
    { "skip", 0, CC_OPTION_COUNT, "N",
        { "without the newest N", "跳过最新的 N 条" } }, END };
static const struct cc_operand o_step[] = { ACCOUNT,
    { "STEP", false, false,
        { "its number, or the beginning of its text", "序号，或内容的开头" } },
    NO_MORE };
static const struct cc_option p_step[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why it is left out; without it: it is done",
          "未做的原因；不给则表示已完成" } }, END };

const struct cc_command cc_command_account[] = {
    { "brief", NULL, false, NULL,
        { "what to know before walking in, on one screen",
          "进门前要知道的事，一屏显示" },
        o_account, NULL, cc_do_brief, "satchel brief 中华商行" },

    { "timeline", NULL, false, NULL,
        { "everything about one account, newest first",
          "一个客户的全部往来，最新的在前" },
        o_account, p_timeline, cc_do_timeline,
        "satchel timeline 中华商行 --dept 客服 --sentiment negative" },

    { "find", NULL, false, "account",
        { "find accounts by name, pinyin, number, phone or contact",
          "按名称、拼音、编号、电话或联系人查找客户" },
        o_find, p_account_list, cc_do_list,
        "satchel find zhs\nsatchel find 138 5678" },

    { "account", "list", true, "account",
        { "accounts, by name", "客户列表" },
        o_text, p_account_list, cc_do_list,
        "satchel account list 茶行 --limit 20" },
    { "account", "show", false, "account",
        { "all about one", "查看客户" },
        o_account, NULL, cc_do_show, NULL },
    { "account", "add", false, "account",
        { "a new one", "新建客户" },
        o_account_add, p_account_add, cc_do_add,
        "satchel account add 老王茶行 phone_main=13812345678 tags+=vip" },
    { "account", "edit", false, "account",
        { "change fields", "修改客户" },
        o_account_edit, NULL, cc_do_edit,
        "satchel account edit 老王茶行 address.city=上海 tags-=new" },
    { "account", "assign", false, "account",
        { "another owner or territory, for one or many",
          "转移给其他负责人或区域" },
        o_assign, p_assign, cc_do_assign,
        "satchel account assign 老王茶行 --owner mei --dry-run" },
    { "account", "share", false, "account",
        { "with a colleague, up to a day, and all that belongs to it",
          "将客户及其资料共享给同事，到指定日期为止" },
        o_share, p_share, cc_do_share,
        "satchel account share 老王茶行 mei --until 2026-12-31" },
    { "account", "shares", false, "account",
        { "with whom it is shared, up to when", "共享给谁、到何时为止" },
        o_account, NULL, cc_do_shares, NULL },
    { "account", "merge", false, "account",
        { "make one account out of several that are the same customer",
          "把同一客户的多条记录合并为一个" },
        o_merge, p_merge, cc_do_merge,
        "satchel account merge 老王茶行 王记茶行 --take phone_main=absorb "
        "--dry-run" },
    { "account", "labels", false, "account",
        { "where a customer stands: life cycle, value, and why",
          "客户所处位置：生命周期、价值及依据" },
        o_account, NULL, cc_do_labels, "satchel account labels 老王茶行" },
    { "account", "stage", false, "account",
        { "move a customer on the funnel, with a log entry",
          "推进客户的漏斗状态，并记入阶段记录" },
        o_stage, p_stage, cc_do_stage,
        "satchel account stage 老王茶行 qualified --reason \"转介绍\"" },
    { "account", "verify", false, "account",
        { "somebody looked: what stands is right, as of today",
          "已核实：客户资料截至今天正确" },
        o_account, NULL, cc_do_account_verify, NULL },
    { "account", "people", false, "account",
        { "who decides there, who left, and since when",
          "联系人及其决策角色，包括已离开的" },
        o_account, NULL, cc_do_account_people, NULL },
    { "account", "outlets", false, "account",
        { "customers that belong to it, or that it supplies",
          "下级客户和由其供货的客户" },
        o_account, NULL, cc_do_account_outlets, NULL },
    { "account", "benefits", false, NULL,
        { "what the customer's tier is entitled to today",
          "客户等级今天的权益" },
        o_account, cc_command_p_day, cc_do_benefits, NULL },
    { "account", "playbook", false, "account",
        { "the steps of the stage where a customer is",
          "客户所处阶段的手册步骤" },
        o_account, NULL, cc_do_playbook, "satchel account playbook 老王茶行" },
    { "account", "step", false, "account",
        { "a step of the playbook is done, or is left out",
          "标记手册步骤已完成或不做" },
        o_step, p_step, cc_do_step,
        "satchel account step 老王茶行 2 --reason \"已有样品\"" },
    { "account", "history", false, "account",
        { "who changed what, as far as this device knows; newest first",
          "谁改了什么（本设备所知），最新的在前" },
        o_account, p_history, cc_do_history,
        "satchel account history 老王茶行 --field phone_main" },
    { "account", "merges", false, "account",
        { "merges that were made, newest first", "已做的合并，最新的在前" },
        cc_command_o_any_account, NULL, cc_do_merges, NULL },
    { "account", "unmerge", false, "account",
        { "undo a merge, within 30 days", "30 天内撤销合并" },
        o_unmerge, NULL, cc_do_unmerge, NULL },
    { "account", "remove", false, "account",
        { "delete it", "删除客户" },
        o_account, NULL, cc_do_remove, NULL },

    { "board", NULL, false, NULL,
        { "how many customers stand where", "各阶段、等级的客户数" },
        NULL, NULL, cc_do_board, NULL },

    { "at-risk", NULL, false, NULL,
        { "customers who stay away longer than is usual for them",
          "未消费时间超过其通常间隔的客户" },
        NULL, NULL, cc_do_at_risk, NULL },

    { "segment", NULL, false, NULL,
        { "choose customers by steps, counted at each",
          "按条件逐步筛选客户，每步计数" },
        o_segment, p_segment, cc_do_segment,
        "satchel segment \"period_days <= 90\" \"purchase_count >= 2\" "
        "\"amount >= 1000\"" },

    { "contact", "list", true, "contact",
        { "people, by name", "联系人列表" },
        cc_command_o_any_account, cc_command_p_list, cc_do_list, NULL },
    { "contact", "show", false, "contact",
        { "all about one", "查看联系人" },
        cc_command_o_contact, NULL, cc_do_show, NULL },
    { "contact", "add", false, "contact",
        { "a new one", "新建联系人" },
        o_contact_add, NULL, cc_do_add,
        "satchel contact add 老王茶行 王小明 role_title=店长" },
    { "contact", "edit", false, "contact",
        { "change fields", "修改联系人" },
        o_contact_edit, NULL, cc_do_edit, NULL },
    { "contact", "remove", false, "contact",
        { "delete it", "删除联系人" },
        cc_command_o_contact, NULL, cc_do_remove, NULL },
    NO_MORE_COMMANDS
};
// clang-format on
