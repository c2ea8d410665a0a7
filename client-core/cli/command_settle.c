/* command_settle.c - commands: what waits for somebody to decide. */
#include "cli/command_part.h"

// clang-format off
#define KEY { "KEY", false, false, \
    { "as satchel rejected lists it", "satchel rejected 列出的键" } }
static const struct cc_operand o_conflicts[] = {
    { "RECORD", true, false,
        { "only of this record", "只列出该记录的" } }, NO_MORE };
static const struct cc_operand o_settle[] = {
    { "RECORD", false, false,
        { "id or name", "编号或名称" } },
    { "FIELD", false, false,
        { "its field in conflict", "有冲突的字段" } }, NO_MORE };
static const struct cc_operand o_undo[] = {
    { "RECORD", false, false,
        { "id or name", "编号或名称" } },
    { "FIELD", false, false,
        { "its field that was settled", "已解决冲突的字段" } }, NO_MORE };
static const struct cc_operand o_restore[] = {
    { "RECORD", false, false,
        { "id or name", "编号或名称" } }, NO_MORE };
static const struct cc_operand o_key[] = { KEY, NO_MORE };
#define ANEW { "FIELD=VALUE", true, true, \
    { "typed anew; FIELD= leaves that field out", \
      "重新填写；FIELD= 表示不提交该字段" } }
static const struct cc_operand o_resend[] = { KEY, ANEW, NO_MORE };
#define ASKED { "KEY", false, false, \
    { "as satchel asked lists it, or its beginning", \
      "satchel asked 列出的键或其开头" } }
static const struct cc_operand o_asked[] = { ASKED, NO_MORE };
static const struct cc_operand o_enter[] = { ASKED, ANEW, NO_MORE };
#define WAITING(optional, many) { "KEY", optional, many, \
    { "as satchel inbox lists it, or its beginning", \
      "satchel inbox 列出的键或其开头" } }
static const struct cc_operand o_inbox_show[] = {
    WAITING(false, false), NO_MORE };
static const struct cc_operand o_inbox_decide[] = {
    WAITING(false, true), NO_MORE };
static const struct cc_operand o_export[] = {
    { "REQUEST", false, false,
        { "its id, or a beginning that only one has",
          "编号，或唯一的开头部分" } }, NO_MORE };
static const struct cc_option p_export_say[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why; who asked reads it. A no needs one",
          "原因，申请人可见；拒绝时必填" } }, END };
static const struct cc_option p_conflicts[] = {
    { "entity", 0, CC_OPTION_TEXT, "ENTITY",
        { "of RECORD (account)", "记录的类型（account）" } }, END };
static const struct cc_option p_settle[] = {
    { "key", 0, CC_OPTION_TEXT, "KEY",
        { "take the value with this key", "采用该键的值" } },
    { "value", 0, CC_OPTION_TEXT, "TEXT",
        { "take the value that says so, or this new one",
          "采用该值，或输入新值" } },
    { "entity", 0, CC_OPTION_TEXT, "ENTITY",
        { "of RECORD (account)", "记录的类型（account）" } }, END };
static const struct cc_option p_rejected[] = {
    { "deferred", 0, CC_OPTION_FLAG, NULL,
        { "those that were put off too", "包括暂缓处理的" } }, END };
static const struct cc_option p_resend[] = {
    { "record", 0, CC_OPTION_TEXT, "ID",
        { "which record FIELD=VALUE is for, when the edit has several",
          "修改涉及多条记录时，指定字段属于哪条" } }, END };
#define NOTE(words_en, words_zh) \
    { "note", 0, CC_OPTION_TEXT, "TEXT", { words_en, words_zh } }
static const struct cc_option p_ask[] = {
    NOTE("what to tell the manager", "给经理的说明"), END };
static const struct cc_option p_asked[] = {
    { "all", 0, CC_OPTION_FLAG, NULL,
        { "answered ones too", "包括已答复的" } }, END };
static const struct cc_option p_enter[] = {
    { "record", 0, CC_OPTION_TEXT, "ID",
        { "which record FIELD=VALUE is for, when the edit has several",
          "修改涉及多条记录时，指定字段属于哪条" } },
    NOTE("what to tell who asked", "给对方的说明"), END };
static const struct cc_option p_decline[] = {
    NOTE("what to tell who asked", "给对方的说明"), END };
#define INBOX_DAYS \
    { "days", 0, CC_OPTION_COUNT, "N", \
        { "new accounts and check-ins of so many days (a rule's, 30)", \
          "最近多少天的新客户（按规则）和签到（30）" } }
static const struct cc_option p_inbox[] = {
    { "kind", 0, CC_OPTION_TEXT, "KIND",
        { "only conflict, asked, rejected, duplicate, checkin, quality, task, "
          "handover or export",
          "只列出一类：conflict、asked、rejected、duplicate、checkin、quality、"
          "task、handover、export" } },
    { "limit", 0, CC_OPTION_COUNT, "N",
        { "at most N (50)", "最多 N 条（50）" } },
    INBOX_DAYS, END };
static const struct cc_option p_inbox_show[] = { INBOX_DAYS, END };
static const struct cc_option p_inbox_decide[] = {
    { "as", 0, CC_OPTION_TEXT, "DECISION",
        { "how, as satchel inbox show lists it",
          "处理方式，见 satchel inbox show" } },
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why; kept with each", "原因，随每项保存" } },
    { "dry-run", 0, CC_OPTION_FLAG, NULL,
        { "try all, change nothing", "只试行，不修改" } },
    INBOX_DAYS, END };

const struct cc_command cc_command_settle[] = {
    { "inbox", "list", true, NULL,
        { "all that waits for you, most money first",
          "等您处理的全部事项，金额大的在前" },
        NULL, p_inbox, cc_do_inbox, "satchel inbox --kind conflict" },
    { "inbox", "show", false, NULL,
        { "one of them, and what you can decide", "查看一项及可选处理方式" },
        o_inbox_show, p_inbox_show, cc_do_inbox_show, NULL },
    { "inbox", "decide", false, NULL,
        { "decide one or many, with a reason", "处理一项或多项，并说明原因" },
        o_inbox_decide, p_inbox_decide, cc_do_inbox_decide,
        "satchel inbox decide 3fa2 91c0 --as keep --reason \"I called\"" },

    { "conflicts", "list", true, NULL,
        { "fields for which several values stand", "有并存值的字段" },
        o_conflicts, p_conflicts, cc_do_conflicts_list, NULL },
    { "conflicts", "settle", false, NULL,
        { "choose one of the values, or type another",
          "选择其中一个值，或输入新值" },
        o_settle, p_settle, cc_do_conflicts_settle,
        "satchel conflicts settle 老王茶行 phone_main --value 13812345678" },
    { "conflicts", "undo", false, NULL,
        { "take back how a field was settled: its values are listed again",
          "撤销某字段的冲突处理，原有各值重新列出" },
        o_undo, p_conflicts, cc_do_conflicts_undo,
        "satchel conflicts undo 老王茶行 phone_main" },
    { "conflicts", "restore", false, NULL,
        { "a deleted record stands again, with what was written since",
          "恢复已删除的记录，保留之后的修改" },
        o_restore, p_conflicts, cc_do_conflicts_restore, NULL },

    { "rejected", "list", true, NULL,
        { "my edits that a server refused, with what I typed",
          "被服务器拒绝的修改及原内容" },
        NULL, p_rejected, cc_do_rejected_list, NULL },
    { "rejected", "show", false, NULL,
        { "one of them", "查看其中一条" },
        o_key, NULL, cc_do_rejected_show, NULL },
    { "rejected", "resend", false, NULL,
        { "make it again, with some values typed anew",
          "修改部分内容后重新提交" },
        o_resend, p_resend, cc_do_rejected_resend, NULL },
    { "rejected", "ask", false, NULL,
        { "show it to your manager, who may enter it",
          "请经理查看并代为录入" },
        o_key, p_ask, cc_do_rejected_ask, NULL },
    { "rejected", "discard", false, NULL,
        { "let it go", "丢弃" },
        o_key, NULL, cc_do_rejected_discard, NULL },

    { "asked", "list", true, NULL,
        { "refused edits that others show you, a manager",
          "他人请您处理的被拒修改" },
        NULL, p_asked, cc_do_asked_list, NULL },
    { "asked", "show", false, NULL,
        { "one of them", "查看其中一条" },
        o_asked, NULL, cc_do_asked_show, NULL },
    { "asked", "enter", false, NULL,
        { "make it as your own edit, with some values typed anew",
          "作为您的修改录入，可改部分内容" },
        o_enter, p_enter, cc_do_asked_enter, NULL },
    { "asked", "decline", false, NULL,
        { "say no", "不采纳" },
        o_asked, p_decline, cc_do_asked_decline, NULL },

    { "exports", "list", true, NULL,
        { "exports that need a second person: asked for by me, or by people "
          "for whom I may be that",
          "须第二人批准的导出：我申请的，以及可由我批复的" },
        NULL, NULL, cc_do_exports, NULL },
    { "exports", "approve", false, NULL,
        { "the second person's yes: it may leave once, for some hours",
          "第二人同意：限时导出一次" },
        o_export, p_export_say, cc_do_exports_approve, NULL },
    { "exports", "refuse", false, NULL,
        { "his no, with the reason; also takes back a yes that no export used",
          "第二人拒绝并说明原因；也可收回尚未用于导出的同意" },
        o_export, p_export_say, cc_do_exports_refuse,
        "satchel exports refuse 019f3c2a --reason \"no letter this year\"" },
    { "exports", "withdraw", false, NULL,
        { "takes my own request back", "撤回我的申请" },
        o_export, NULL, cc_do_exports_withdraw, NULL },
    NO_MORE_COMMANDS
};
// clang-format on
