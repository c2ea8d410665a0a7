#include "cli/command.h"

#include "cli/do.h"

// clang-format off
#define END { NULL, 0, CC_OPTION_FLAG, NULL, { NULL, NULL } }

static const struct cc_option globals[] = {
    { "dir", 0, CC_OPTION_TEXT, "DIR",
        { "the store", "数据目录" } },
    { "json", 0, CC_OPTION_FLAG, NULL,
        { "answer with one JSON document, errors too",
          "以一个 JSON 文档输出结果（包括错误）" } },
    { "lang", 0, CC_OPTION_TEXT, "zh|en",
        { "language; default from the environment", "语言；默认取自环境" } },
    { "passphrase-file", 0, CC_OPTION_TEXT, "FILE",
        { "its first line is the passphrase", "首行为口令的文件" } },
    { "key-file", 0, CC_OPTION_TEXT, "FILE",
        { "32 bytes that are needed beside the passphrase",
          "除口令外还需要的 32 字节密钥文件" } },
    { "help", 'h', CC_OPTION_FLAG, NULL,
        { "this help", "显示帮助" } },
    { "version", 0, CC_OPTION_FLAG, NULL,
        { "print the version", "显示版本" } },
    END
};

/* ---- operands ----------------------------------------------------------- */

#define NO_MORE { NULL, false, false, { NULL, NULL } }
#define ACCOUNT { "ACCOUNT", false, false, \
    { "id, number, name, or a beginning that only one has", \
      "编号、客户编号、名称，或唯一的开头部分" } }
#define ANY_ACCOUNT { "ACCOUNT", true, false, \
    { "only of this account", "只列出该客户的" } }
#define RECORD(what) { what, false, false, \
    { "id, or a beginning that only one has", "编号，或唯一的开头部分" } }
#define FIELDS { "FIELD=VALUE", true, true, \
    { "empties with FIELD=; sets: FIELD+=VALUE, FIELD-=VALUE", \
      "FIELD= 清空；多值字段：FIELD+=值、FIELD-=值" } }
#define SOME_FIELDS { "FIELD=VALUE", false, true, \
    { "empties with FIELD=; sets: FIELD+=VALUE, FIELD-=VALUE", \
      "FIELD= 清空；多值字段：FIELD+=值、FIELD-=值" } }
#define NAME { "NAME", true, false, { "its name", "名称" } }
#define KEY { "KEY", false, false, \
    { "as satchel rejected lists it", "satchel rejected 列出的键" } }

static const struct cc_operand o_enrol[] = {
    { "CODE", false, false,
        { "SATCHEL1:..., from your administrator; - reads it from standard "
          "input", "管理员给的登记码 SATCHEL1:…；- 表示从标准输入读取" } },
    NO_MORE };
static const struct cc_operand o_help[] = {
    { "COMMAND", true, false, { "first word", "命令第一个词" } },
    { "COMMAND", true, false, { "second word", "命令第二个词" } }, NO_MORE };
static const struct cc_operand o_entity[] = {
    { "ENTITY", true, false,
        { "account, contact, visit, note...",
          "account（客户）、contact（联系人）、visit（拜访）、note（记录）…" } },
    NO_MORE };
static const struct cc_operand o_export[] = {
    { "FORMAT", false, false,
        { "csv, jsonl, sqlite, vcard, vcard4, geojson, ical",
          "csv、jsonl、sqlite、vcard、vcard4、geojson、ical" } },
    { "ENTITY", true, false,
        { "account for csv, else all that fit",
          "csv 默认为 account，其他格式默认为全部" } },
    NO_MORE };
static const struct cc_operand o_cards[] = {
    { "FILE", false, false,
        { "vCards, 3.0 or 4.0; - reads standard input",
          "vCard 3.0 或 4.0 文件；- 表示标准输入" } },
    NO_MORE };
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
static const struct cc_operand o_any_account[] = { ANY_ACCOUNT, NO_MORE };
static const struct cc_operand o_contact[] = { RECORD("CONTACT"), NO_MORE };
static const struct cc_operand o_visit[] = { RECORD("VISIT"), NO_MORE };
static const struct cc_operand o_note[] = { RECORD("NOTE"), NO_MORE };
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
#define ENTITY { "ENTITY", false, false, \
    { "as satchel fields lists them", "实体名，见 satchel fields" } }
static const struct cc_operand o_record_list[] = { ENTITY, NO_MORE };
static const struct cc_operand o_record[] = {
    ENTITY, RECORD("RECORD"), NO_MORE };
static const struct cc_operand o_record_add[] = { ENTITY, FIELDS, NO_MORE };
static const struct cc_operand o_record_edit[] = {
    ENTITY, RECORD("RECORD"), SOME_FIELDS, NO_MORE };
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
static const struct cc_operand o_visit_edit[] = {
    RECORD("VISIT"), SOME_FIELDS, NO_MORE };
static const struct cc_operand o_note_edit[] = {
    RECORD("NOTE"), SOME_FIELDS, NO_MORE };
static const struct cc_operand o_visit_start[] = {
    ACCOUNT, FIELDS, NO_MORE };
static const struct cc_operand o_visit_end[] = {
    { "VISIT", true, false,
        { "default: your newest open one", "默认：您最近未结束的拜访" } },
    FIELDS, NO_MORE };
static const struct cc_operand o_note_add[] = {
    ACCOUNT,
    { "TEXT", false, false,
        { "- reads it from standard input", "- 表示从标准输入读取" } },
    FIELDS, NO_MORE };
static const struct cc_operand o_plan[] = { RECORD("PLAN"), NO_MORE };

/* ---- options ------------------------------------------------------------ */

#define TIMEOUT(words_en, words_zh) \
    { "timeout", 0, CC_OPTION_COUNT, "SECONDS", { words_en, words_zh } }
#define LISTS \
    { "limit", 0, CC_OPTION_COUNT, "N", { "at most N", "最多 N 条" } }, \
    { "skip", 0, CC_OPTION_COUNT, "N", { "leave out the first N", \
        "跳过前 N 条" } }, \
    { "ids", 0, CC_OPTION_FLAG, NULL, { "only ids, one a line", \
        "只输出编号，每行一个" } }, \
    { "newest", 0, CC_OPTION_FLAG, NULL, { "newest first", "最新的在前" } }, \
    { "deleted", 0, CC_OPTION_FLAG, NULL, { "deleted ones too", \
        "包括已删除的" } }
#define TEXT_OPTION \
    { "text", 0, CC_OPTION_TEXT, "TEXT", \
        { "part of name, number or phone", "名称、编号或电话的一部分" } }

static const struct cc_option p_export[] = {
    { "out", 0, CC_OPTION_TEXT, "FILE",
        { "a new file; - for standard output", "新文件；- 表示标准输出" } },
    { "labels", 0, CC_OPTION_TEXT, "zh|en",
        { "labels of fields and options instead of names",
          "用字段和选项的标签代替名称" } },
    { "no-bom", 0, CC_OPTION_FLAG, NULL,
        { "csv without the mark that spreadsheets look for",
          "csv 不带电子表格识别用的字节顺序标记" } },
    { "force", 0, CC_OPTION_FLAG, NULL,
        { "takes the place of a file that is there", "替换已有的同名文件" } },
    { "alarm", 0, CC_OPTION_COUNT, "MINUTES",
        { "ical: rings so long before what is yours (30); 0: never",
          "ical：在您的事项之前多少分钟提醒（30）；0 为从不" } },
    END };
static const struct cc_option p_cards[] = {
    { "account", 0, CC_OPTION_TEXT, "ACCOUNT",
        { "to which they belong; else each card's organisation",
          "所属客户；否则按名片上的单位" } },
    { "consent", 0, CC_OPTION_TEXT, "CHANNEL",
        { "these people agreed, by phone, visit, ..., that birthdays are kept",
          "这些人已同意保存生日，方式：phone、visit……" } },
    END };
static const struct cc_option p_enrol[] = {
    { "label", 0, CC_OPTION_TEXT, "TEXT",
        { "what people call this device", "本设备的名称" } },
    { "yes", 0, CC_OPTION_FLAG, NULL,
        { "do not ask about the fingerprint", "不询问指纹" } },
    TIMEOUT("give up after so long (30)", "超时秒数（30）"), END };
static const struct cc_option p_unlock[] = {
    { "idle", 0, CC_OPTION_COUNT, "MINUTES",
        { "lock again after so long without use (5); 0: never",
          "多久不用后自动锁定（5 分钟）；0 为从不" } }, END };
static const struct cc_option p_logout[] = {
    { "force", 0, CC_OPTION_FLAG, NULL,
        { "also when edits are lost by it", "即使会丢失修改" } },
    TIMEOUT("give up sending after so long without progress (30)",
        "无进展多久后放弃上传（30 秒）"), END };
static const struct cc_option p_passphrase[] = {
    { "new-passphrase-file", 0, CC_OPTION_TEXT, "FILE",
        { "its first line is the new one; else SATCHEL_NEW_PASSPHRASE",
          "首行为新口令的文件；否则取 SATCHEL_NEW_PASSPHRASE" } }, END };
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
#define OF \
    { "of", 0, CC_OPTION_TEXT, "RECORD", \
        { "the account, or other record, that it belongs to", \
          "所属的客户或其他记录" } }
static const struct cc_option p_record_list[] = {
    LISTS, TEXT_OPTION, OF, END };
static const struct cc_option p_record_add[] = { OF, END };
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
static const struct cc_option p_list[] = { LISTS, TEXT_OPTION, END };
static const struct cc_option p_visit_start[] = {
    { "type", 0, CC_OPTION_TEXT, "TYPE",
        { "sales, service, collection, survey, delivery, audit",
          "类型：sales、service、collection、survey、delivery、audit" } },
    { "at", 0, CC_OPTION_TEXT, "LAT,LON,ACCURACY",
        { "where you are, accuracy in metres; checked against the account, "
          "and never refused",
          "您的位置，精度以米计；与客户定位核对，但不会拒绝" } },
    END };
static const struct cc_option p_visit_end[] = {
    { "outcome", 0, CC_OPTION_TEXT, "OUTCOME",
        { "order, promise, no_decision, closed_door, refused",
          "结果：order、promise、no_decision、closed_door、refused" } },
    { "next-step", 0, CC_OPTION_TEXT, "TEXT",
        { "what was promised", "下一步" } },
    { "next-date", 0, CC_OPTION_TEXT, "DATE",
        { "when, as 2025-03-31", "下次日期，如 2025-03-31" } },
    { "next", 0, CC_OPTION_TEXT, "DATE",
        { "the same, shorter", "同上，简写" } },
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why required steps were not done",
          "必做步骤未完成的原因" } }, END };
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
static const struct cc_option p_route[] = {
    { "date", 0, CC_OPTION_TEXT, "DATE",
        { "of this day (today)", "日期（今天）" } },
    { "from", 0, CC_OPTION_TEXT, "LAT,LON",
        { "where you are: distances are counted from there",
          "您的位置：距离由此计算" } }, END };
static const struct cc_option p_skip[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why the visit is not made", "未拜访的原因" } }, END };
static const struct cc_option p_close[] = {
    { "comment", 0, CC_OPTION_TEXT, "TEXT",
        { "what the figures do not say", "数字之外的说明" } }, END };
static const struct cc_option p_sync[] = {
    { "unit", 0, CC_OPTION_TEXT, "CODE",
        { "ask the server of this unit (home)", "向该单位的服务器同步" } },
    { "follow", 0, CC_OPTION_FLAG, NULL,
        { "stay, and exchange what is new; --json: a document a round",
          "保持连接，随时同步；--json 时每轮一个文档" } },
    TIMEOUT("give up after so long without progress (60)",
        "无进展多久后放弃（60 秒）"), END };

#include "cli/command_care.h"
#include "cli/command_field.h"
#include "cli/command_quality.h"
#include "cli/command_settle.h"
#include "cli/command_team.h"

/* ---- commands ----------------------------------------------------------- */

static const struct cc_command commands[] = {
    { "enrol", NULL, false, NULL,
        { "make this device yours, with a code from your administrator",
          "用管理员给的登记码登记本设备" },
        o_enrol, p_enrol, cc_do_enrol,
        "satchel enrol SATCHEL1:... --label \"Mei's tablet\"" },
    { "unlock", NULL, false, NULL,
        { "ask for the passphrase and open the store for a while",
          "输入口令，在一段时间内解锁" },
        NULL, p_unlock, cc_do_unlock, NULL },
    { "lock", NULL, false, NULL,
        { "close the store now", "立即锁定" },
        NULL, NULL, cc_do_lock, NULL },
    { "logout", NULL, false, NULL,
        { "hand in what is unsent, then remove the store from this device",
          "提交尚未上传的修改，然后从本设备删除数据" },
        NULL, p_logout, cc_do_logout, NULL },
    { "passphrase", NULL, false, NULL,
        { "choose another passphrase", "更改口令" },
        NULL, p_passphrase, cc_do_passphrase, NULL },
    { "status", NULL, false, NULL,
        { "who, where, what waits, when it last synced",
          "用户、服务器、待上传的修改、上次同步" },
        NULL, NULL, cc_do_status, NULL },
    { "sync", NULL, false, NULL,
        { "send own edits, fetch news, prove that both are equal",
          "上传修改，接收更新，并校验一致" },
        NULL, p_sync, cc_do_sync, NULL },
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
    { "export", NULL, false, NULL,
        { "records into a file that other programs read",
          "把记录导出为其他程序可读的文件" },
        o_export, p_export, cc_do_export,
        "satchel export csv contact --out contacts.csv" },
    { "import", "vcard", false, "contact",
        { "contacts from a file of vCards", "从 vCard 文件导入联系人" },
        o_cards, p_cards, cc_do_import_vcard,
        "satchel import vcard cards.vcf --account 老王茶行" },

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
    CC_COMMANDS_KNOWN,
    CC_COMMANDS_BENEFIT,
    CC_COMMANDS_PLAYBOOK,
    { "account", "merges", false, "account",
        { "merges that were made, newest first", "已做的合并，最新的在前" },
        o_any_account, NULL, cc_do_merges, NULL },
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

    { "targets", NULL, false, NULL,
        { "goals, and what is reached of them", "目标及完成情况" },
        NULL, NULL, cc_do_targets, NULL },
    CC_COMMANDS_EFFORT,
    CC_COMMANDS_TEAM,
    CC_COMMANDS_QUALITY,

    { "today", NULL, false, NULL,
        { "what waits, what is due, whom to visit today",
          "今天的待办、到期任务和计划拜访" },
        NULL, NULL, cc_do_today, NULL },
    { "route", "list", true, NULL,
        { "planned visits and accounts that are due: by day, tier, distance",
          "计划拜访和到期客户：按到期日、等级、距离" },
        NULL, p_route, cc_do_route, "satchel route --from 31.2304,121.4737" },
    CC_COMMANDS_ROUTE,
    { "route", "skip", false, NULL,
        { "a planned visit is not made", "计划拜访未进行" },
        o_plan, p_skip, cc_do_route_skip,
        "satchel route skip 019f2a --reason \"shop closed\"" },

    { "day", "show", true, NULL,
        { "today so far, as its summary would say", "今天的日结草稿" },
        NULL, NULL, cc_do_day_show, NULL },
    { "day", "close", false, NULL,
        { "save the summary of today; it stays as it is", "日结，之后不可修改" },
        NULL, p_close, cc_do_day_close,
        "satchel day close --comment \"rain all day\"" },

    { "contact", "list", true, "contact",
        { "people, by name", "联系人列表" },
        o_any_account, p_list, cc_do_list, NULL },
    { "contact", "show", false, "contact",
        { "all about one", "查看联系人" },
        o_contact, NULL, cc_do_show, NULL },
    { "contact", "add", false, "contact",
        { "a new one", "新建联系人" },
        o_contact_add, NULL, cc_do_add,
        "satchel contact add 老王茶行 王小明 role_title=店长" },
    { "contact", "edit", false, "contact",
        { "change fields", "修改联系人" },
        o_contact_edit, NULL, cc_do_edit, NULL },
    { "contact", "remove", false, "contact",
        { "delete it", "删除联系人" },
        o_contact, NULL, cc_do_remove, NULL },

    { "visit", "list", true, "visit",
        { "visits, newest first", "拜访列表，最新的在前" },
        o_any_account, p_list, cc_do_list, NULL },
    { "visit", "show", false, "visit",
        { "all about one", "查看拜访" },
        o_visit, NULL, cc_do_show, NULL },
    { "visit", "start", false, "visit",
        { "check in, now", "签到" },
        o_visit_start, p_visit_start, cc_do_visit_start, NULL },
    { "visit", "end", false, "visit",
        { "check out, now", "签退" },
        o_visit_end, p_visit_end, cc_do_visit_end,
        "satchel visit end --outcome promise --next-date 2025-03-31" },
    CC_COMMANDS_VISIT,
    { "visit", "edit", false, "visit",
        { "change fields", "修改拜访" },
        o_visit_edit, NULL, cc_do_edit, NULL },

    CC_COMMANDS_PHOTO,

    { "note", "list", true, "note",
        { "notes, newest first", "记录列表，最新的在前" },
        o_any_account, p_list, cc_do_list, NULL },
    { "note", "show", false, "note",
        { "all of one", "查看记录" },
        o_note, NULL, cc_do_show, NULL },
    { "note", "add", false, "note",
        { "write one down", "新建记录" },
        o_note_add, NULL, cc_do_note_add,
        "satchel note add 老王茶行 \"周五送六箱绿茶\"" },
    { "note", "edit", false, "note",
        { "change fields", "修改记录" },
        o_note_edit, NULL, cc_do_edit, NULL },
    { "note", "remove", false, "note",
        { "delete it", "删除记录" },
        o_note, NULL, cc_do_remove, NULL },

    { "record", "list", true, NULL,
        { "records of any entity that the dictionary has",
          "字典中任一实体的记录列表" },
        o_record_list, p_record_list, cc_do_list,
        "satchel record list purchase --of 老王茶行" },
    { "record", "show", false, NULL,
        { "all about one", "查看一条记录" },
        o_record, NULL, cc_do_show, NULL },
    { "record", "add", false, NULL,
        { "a new one", "新建一条记录" },
        o_record_add, p_record_add, cc_do_add,
        "satchel record add relationship --of 老王茶行 type=refers to=王记茶行" },
    { "record", "edit", false, NULL,
        { "change fields", "修改一条记录" },
        o_record_edit, NULL, cc_do_edit, NULL },
    { "record", "remove", false, NULL,
        { "delete it", "删除一条记录" },
        o_record, NULL, cc_do_remove, NULL },

    CC_COMMANDS_CARE,

    CC_COMMANDS_SETTLE,

    { "fields", NULL, false, NULL,
        { "which fields there are, and what they take",
          "可用的字段及其取值" },
        o_entity, NULL, cc_do_fields, NULL },
    { "help", NULL, false, NULL,
        { "help on a command", "命令帮助" },
        o_help, NULL, cc_do_help, NULL },
    { NULL, NULL, false, NULL, { NULL, NULL }, NULL, NULL, NULL, NULL }
};
// clang-format on

const struct cc_commands cc_command_table = { commands, globals };
