/*
 * command_part.h - what the parts of the command table share. The table is in
 * parts, one a file, because it is long; command.c puts them in order.
 */
#ifndef CC_CLI_COMMAND_PART_H
#define CC_CLI_COMMAND_PART_H

#include "cli/args.h"
#include "cli/do.h"

// clang-format off
/* The last row of a part. */
#define NO_MORE_COMMANDS \
    { NULL, NULL, false, NULL, { NULL, NULL }, NULL, NULL, NULL, NULL }
#define END { NULL, 0, CC_OPTION_FLAG, NULL, { NULL, NULL } }
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
#define ENTITY { "ENTITY", false, false, \
    { "as satchel fields lists them", "实体名，见 satchel fields" } }
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
#define DAY_OPTION \
    { "date", 0, CC_OPTION_TEXT, "DATE", \
        { "of this day (today)", "日期（今天）" } }
// clang-format on

extern const struct cc_operand cc_command_o_any_account[];
extern const struct cc_operand cc_command_o_contact[];
extern const struct cc_option cc_command_p_list[];
extern const struct cc_option cc_command_p_day[];

/* The parts. */
extern const struct cc_command cc_command_store[];
extern const struct cc_command cc_command_account[];
extern const struct cc_command cc_command_day[];
extern const struct cc_command cc_command_care[];
extern const struct cc_command cc_command_team[];
extern const struct cc_command cc_command_quality[];
extern const struct cc_command cc_command_settle[];
extern const struct cc_command cc_command_record[];

#endif
