/* command_day.c - commands: a rep's day in front of customers. */
#include "cli/command_part.h"

// clang-format off
static const struct cc_operand o_visit[] = { RECORD("VISIT"), NO_MORE };
static const struct cc_operand o_note[] = { RECORD("NOTE"), NO_MORE };
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
static const struct cc_option p_visit_start[] = {
    { "type", 0, CC_OPTION_TEXT, "TYPE",
        { "sales, service, collection, survey, delivery, audit",
          "类型：sales、service、collection、survey、delivery、audit" } },
    { "at", 0, CC_OPTION_TEXT, "LAT,LON,ACCURACY",
        { "where you are, accuracy in metres; checked against the account, "
          "and never refused",
          "您的位置，精度以米计；与客户定位核对，但不会拒绝" } },
    { "another", 0, CC_OPTION_FLAG, NULL,
        { "though a visit of yours is under way there",
          "即使您在该客户处已有进行中的拜访" } },
    END };
static const struct cc_option p_visit_end[] = {
    { "outcome", 0, CC_OPTION_TEXT, "OUTCOME",
        { "order, promise, no_decision, closed_door, refused",
          "结果：order、promise、no_decision、closed_door、refused" } },
    { "next-step", 0, CC_OPTION_TEXT, "TEXT",
        { "what was promised", "下一步" } },
    { "next-date", 0, CC_OPTION_TEXT, "DATE",
        { "when, from today on; a promise needs it",
          "下次日期，今天或以后；承诺必填" } },
    { "next", 0, CC_OPTION_TEXT, "DATE",
        { "the same, shorter", "同上，简写" } },
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why required steps were not done",
          "必做步骤未完成的原因" } }, END };
#define OF_REP \
    { "rep", 0, CC_OPTION_TEXT, "LOGIN", \
        { "a rep of yours (you)", "您的下属业务员（默认为您自己）" } }
static const struct cc_option p_route[] = {
    OF_REP,
    { "date", 0, CC_OPTION_TEXT, "DATE",
        { "of this day (today)", "日期（今天）" } },
    { "from", 0, CC_OPTION_TEXT, "LAT,LON",
        { "where you are: distances are counted from there",
          "您的位置：距离由此计算" } }, END };
static const struct cc_option p_skip[] = {
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why the visit is not made", "未拜访的原因" } }, END };
static const struct cc_option p_draft[] = {
    { "week", 0, CC_OPTION_FLAG, NULL,
        { "this week instead, Monday to Sunday", "改为本周（周一至周日）" } },
    END };
static const struct cc_option p_close[] = {
    { "comment", 0, CC_OPTION_TEXT, "TEXT",
        { "what the figures do not say", "数字之外的说明" } }, END };
#define ABOUT(words_en, words_zh) { "RECORD", true, false, \
    { words_en, words_zh } }
#define ABOUT_NEW ABOUT( \
    "a visit or note by its id, or an account; default: your newest open visit", \
    "拜访或记录的编号，或客户；默认为您最近未结束的拜访")
#define A_FILE(words_en, words_zh) \
    { "FILE", false, false, { words_en, words_zh } }
static const struct cc_operand o_photo_add[] = { ABOUT_NEW,
    A_FILE("JPEG or PNG, up to 20 MiB", "JPEG 或 PNG 文件，最大 20 MiB"),
    NO_MORE };
static const struct cc_operand o_document_add[] = { ABOUT_NEW,
    A_FILE("up to 20 MiB", "最大 20 MiB"), NO_MORE };
static const struct cc_operand o_attachments[] = {
    ABOUT("only of this visit, note or account", "只列出该拜访、记录或客户的"),
    NO_MORE };
static const struct cc_operand o_photo[] = { RECORD("PHOTO"), NO_MORE };
static const struct cc_operand o_document[] = { RECORD("DOCUMENT"), NO_MORE };
static const struct cc_operand o_visit_steps[] = {
    { "VISIT", true, false,
        { "default: your newest open one", "默认：您最近未结束的拜访" } },
    NO_MORE };
static const struct cc_operand o_visit_step[] = {
    { "STEP", false, false,
        { "its text, its beginning, or its number in satchel visit steps",
          "步骤内容、开头或 satchel visit steps 中的序号" } },
    { "STATE", false, false, { "done or skip", "done（完成）或 skip（跳过）" } },
    NO_MORE };
static const struct cc_operand o_visit_check[] = {
    { "PRODUCT", true, false,
        { "its name, or the beginning of one that was checked here; without "
          "it: what was seen last time",
          "产品名或此前检查过的产品名开头；不给则列出上次的数据" } },
    { "FIELD=VALUE", true, true,
        { "only what changed: facings, shelf_stock, price, date_code, "
          "competitor, remark",
          "只写有变化的：facings（排面）、shelf_stock（货架库存）、price（售价）、"
          "date_code（生产日期）、competitor（竞品）、remark（备注）" } },
    NO_MORE };
static const struct cc_operand o_route_save[] = {
    { "ACCOUNT", true, true,
        { "in the order of the route; without: those of satchel route, in its "
          "order", "按路线次序；不给则采用 satchel route 的次序" } },
    NO_MORE };
#define OF_VISIT \
    { "visit", 0, CC_OPTION_TEXT, "VISIT", \
        { "default: your newest open one", "默认：您最近未结束的拜访" } }
static const struct cc_option p_visit_step[] = {
    OF_VISIT,
    { "reason", 0, CC_OPTION_TEXT, "TEXT",
        { "why it is skipped; a required step needs it",
          "跳过原因；必做步骤须填写" } }, END };
static const struct cc_option p_visit_check[] = {
    OF_VISIT,
    { "same", 0, CC_OPTION_FLAG, NULL,
        { "all products that were not checked yet are as last time",
          "其余产品均与上次相同" } },
    { "new", 0, CC_OPTION_FLAG, NULL,
        { "a new product, though another begins so",
          "新产品（即使已有以此开头的产品）" } }, END };
static const struct cc_option p_route_save[] = {
    OF_REP,
    { "date", 0, CC_OPTION_TEXT, "DATE",
        { "of this day (today)", "日期（今天）" } },
    { "from", 0, CC_OPTION_TEXT, "LAT,LON",
        { "where you are: distances are counted from there",
          "您的位置：距离由此计算" } },
    { "stops", 0, CC_OPTION_COUNT, "N",
        { "the first N of satchel route", "只取 satchel route 的前 N 站" } },
    { "min", 0, CC_OPTION_COUNT, "N",
        { "visits that should be made at least", "最少拜访站数" } }, END };
#define HANDED_OUT \
    { "out", 0, CC_OPTION_TEXT, "FILE", \
        { "a new file; - for standard output", "新文件；- 表示标准输出" } }, \
    { "force", 0, CC_OPTION_FLAG, NULL, \
        { "takes the place of a file that is there", "替换已有的同名文件" } }
static const struct cc_option p_photo_add[] = {
    { "at", 0, CC_OPTION_TEXT, "LAT,LON,ACCURACY",
        { "where it was taken, for the watermark; default: where the visit "
          "was checked in",
          "拍摄位置（用于水印）；默认为拜访签到位置" } }, END };
static const struct cc_option p_photo_show[] = {
    { "preview", 0, CC_OPTION_FLAG, NULL,
        { "the small picture", "小图" } },
    HANDED_OUT, END };
static const struct cc_option p_document_add[] = {
    { "mime", 0, CC_OPTION_TEXT, "TYPE",
        { "as application/pdf (application/octet-stream)",
          "类型，如 application/pdf（默认 application/octet-stream）" } }, END };
static const struct cc_option p_document_show[] = { HANDED_OUT, END };

const struct cc_command cc_command_day[] = {
    { "today", NULL, false, NULL,
        { "what waits, what is due, whom to visit today",
          "今天的待办、到期任务和计划拜访" },
        NULL, NULL, cc_do_today, NULL },

    { "route", "list", true, NULL,
        { "planned visits and accounts that are due: by day, tier, distance",
          "计划拜访和到期客户：按到期日、等级、距离" },
        NULL, p_route, cc_do_route, "satchel route --from 31.2304,121.4737" },
    { "route", "save", false, NULL,
        { "plan the day: who is visited, in which order",
          "保存路线：拜访谁、按什么次序" },
        o_route_save, p_route_save, cc_do_route_save,
        "satchel route save 中华商行 \"Corner Shop\" --min 2" },
    { "route", "skip", false, NULL,
        { "a planned visit is not made", "计划拜访未进行" },
        o_plan, p_skip, cc_do_route_skip,
        "satchel route skip \"Corner Shop\" --reason \"shop closed\"" },

    { "day", "show", true, NULL,
        { "today so far, as its summary would say", "今天的日结草稿" },
        NULL, p_draft, cc_do_day_show, "satchel day show --week" },
    { "day", "close", false, NULL,
        { "save the summary of today; it stays as it is", "日结，之后不可修改" },
        NULL, p_close, cc_do_day_close,
        "satchel day close --comment \"rain all day\"" },

    { "visit", "list", true, "visit",
        { "visits, newest first", "拜访列表，最新的在前" },
        cc_command_o_any_account, cc_command_p_list, cc_do_list, NULL },
    { "visit", "show", false, "visit",
        { "all about one", "查看拜访" },
        o_visit, NULL, cc_do_show, NULL },
    { "visit", "start", false, "visit",
        { "check in, now", "签到" },
        o_visit_start, p_visit_start, cc_do_visit_start, NULL },
    { "visit", "end", false, "visit",
        { "check out, now", "签退" },
        o_visit_end, p_visit_end, cc_do_visit_end,
        "satchel visit end --outcome promise --next-date 2031-03-31" },
    { "visit", "check", false, NULL,
        { "store check: last time's values, only changes are typed",
          "店查：沿用上次数据，只填写变化" },
        o_visit_check, p_visit_check, cc_do_visit_check,
        "satchel visit check 绿茶 shelf_stock=4\n"
        "satchel visit check --same" },
    { "visit", "steps", false, NULL,
        { "what head office wants done, and what was",
          "拜访步骤及完成情况" },
        o_visit_steps, NULL, cc_do_visit_steps, NULL },
    { "visit", "step", false, NULL,
        { "a step was done, or is skipped", "完成或跳过步骤" },
        o_visit_step, p_visit_step, cc_do_visit_step,
        "satchel visit step 2 skip --reason \"no room\"" },
    { "visit", "edit", false, "visit",
        { "change fields", "修改拜访" },
        o_visit_edit, NULL, cc_do_edit, NULL },

    { "photo", "list", true, NULL,
        { "photos, newest first", "照片列表，最新的在前" },
        o_attachments, NULL, cc_do_photo_list, NULL },
    { "photo", "add", false, NULL,
        { "keep a photo, sealed; the original stays on this device",
          "加密保存照片；原图留在本设备" },
        o_photo_add, p_photo_add, cc_do_photo_add,
        "satchel photo add shop-front.jpg" },
    { "photo", "show", false, NULL,
        { "write a copy with its watermark drawn in", "导出带水印的副本" },
        o_photo, p_photo_show, cc_do_photo_show,
        "satchel photo show 019f2a --out front.jpg" },

    { "document", "list", true, NULL,
        { "documents, newest first", "文件列表，最新的在前" },
        o_attachments, NULL, cc_do_document_list, NULL },
    { "document", "add", false, NULL,
        { "keep a file of any kind, sealed", "加密保存任意文件" },
        o_document_add, p_document_add, cc_do_document_add,
        "satchel document add 中华商行 contract.pdf --mime application/pdf" },
    { "document", "show", false, NULL,
        { "write a document into a file", "导出文件" },
        o_document, p_document_show, cc_do_document_show, NULL },

    { "note", "list", true, "note",
        { "notes, newest first", "记录列表，最新的在前" },
        cc_command_o_any_account, cc_command_p_list, cc_do_list, NULL },
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
    NO_MORE_COMMANDS
};
// clang-format on
