/* command_record.c - commands: records of any entity, files and help. */
#include "cli/command_part.h"

// clang-format off
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
static const struct cc_operand o_record_list[] = { ENTITY, NO_MORE };
static const struct cc_operand o_record[] = {
    ENTITY, RECORD("RECORD"), NO_MORE };
static const struct cc_operand o_record_add[] = { ENTITY, FIELDS, NO_MORE };
static const struct cc_operand o_record_edit[] = {
    ENTITY, RECORD("RECORD"), SOME_FIELDS, NO_MORE };
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
#define OF \
    { "of", 0, CC_OPTION_TEXT, "RECORD", \
        { "the account, or other record, that it belongs to", \
          "所属的客户或其他记录" } }
static const struct cc_option p_record_list[] = {
    LISTS, TEXT_OPTION, OF, END };
static const struct cc_option p_record_add[] = { OF, END };

const struct cc_command cc_command_record[] = {
    { "export", NULL, false, NULL,
        { "records into a file that other programs read",
          "把记录导出为其他程序可读的文件" },
        o_export, p_export, cc_do_export,
        "satchel export csv contact --out contacts.csv" },

    { "import", "vcard", false, "contact",
        { "contacts from a file of vCards", "从 vCard 文件导入联系人" },
        o_cards, p_cards, cc_do_import_vcard,
        "satchel import vcard cards.vcf --account 老王茶行" },

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

    { "fields", NULL, false, NULL,
        { "which fields there are, and what they take",
          "可用的字段及其取值" },
        o_entity, NULL, cc_do_fields, NULL },

    { "help", NULL, false, NULL,
        { "help on a command", "命令帮助" },
        o_help, NULL, cc_do_help, NULL },
    NO_MORE_COMMANDS
};
// clang-format on
