/* command_store.c - commands: a store: its keys, and its server. */
#include "cli/command_part.h"

// clang-format off
static const struct cc_operand o_enrol[] = {
    { "CODE", false, false,
        { "SATCHEL1:..., from your administrator; - reads it from standard "
          "input", "管理员给的登记码 SATCHEL1:…；- 表示从标准输入读取" } },
    NO_MORE };
#define TIMEOUT(words_en, words_zh) \
    { "timeout", 0, CC_OPTION_COUNT, "SECONDS", { words_en, words_zh } }
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
static const struct cc_option p_sync[] = {
    { "unit", 0, CC_OPTION_TEXT, "CODE",
        { "ask the server of this unit (home)", "向该单位的服务器同步" } },
    { "follow", 0, CC_OPTION_FLAG, NULL,
        { "stay, and exchange what is new; --json: a document a round",
          "保持连接，随时同步；--json 时每轮一个文档" } },
    TIMEOUT("give up after so long without progress (60)",
        "无进展多久后放弃（60 秒）"), END };

const struct cc_command cc_command_store[] = {
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
    NO_MORE_COMMANDS
};
// clang-format on
