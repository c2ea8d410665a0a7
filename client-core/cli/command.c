#include "cli/command.h"

#include "cli/command_part.h"

// clang-format off
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

const struct cc_operand cc_command_o_any_account[] = { ANY_ACCOUNT, NO_MORE };
const struct cc_operand cc_command_o_contact[] = { RECORD("CONTACT"), NO_MORE };
const struct cc_option cc_command_p_list[] = { LISTS, TEXT_OPTION, END };
const struct cc_option cc_command_p_day[] = { DAY_OPTION, END };
// clang-format on

static const struct cc_command *const parts[] = {
    cc_command_store,
    cc_command_account,
    cc_command_day,
    cc_command_care,
    cc_command_team,
    cc_command_quality,
    cc_command_settle,
    cc_command_record,
    NULL,
};

const struct cc_commands cc_command_table = { parts, globals };
