/*
 * err.h - every error of the house, in one list.
 *
 * The class alone decides what happens: peer - close and count; policy -
 * refuse that commit and tell the reason; local - stop cleanly, keep data;
 * busy - retry later; caller - a bug or a wrong argument on our side.
 * Functions that can fail return sp_err; results go through out-parameters,
 * which stay untouched on failure.
 */
#ifndef SP_ERR_H
#define SP_ERR_H

#define SP_MUST_USE __attribute__((warn_unused_result))

enum sp_class {
    SP_CLASS_NONE,
    SP_CLASS_PEER,
    SP_CLASS_POLICY,
    SP_CLASS_LOCAL,
    SP_CLASS_BUSY,
    SP_CLASS_CALLER
};

/*
 * name, wire number, class, text in English, text in Chinese.
 * Append only: the numbers are on the wire, in journals and in --json.
 */
// clang-format off
#define SP_ERR_LIST(X)                                                         \
    X(SP_OK, 0, SP_CLASS_NONE, "ok", "成功") \
    X(SP_E_TRUNCATED, 1, SP_CLASS_PEER, "message ends inside a field", "消息不完整") \
    X(SP_E_FORGED, 2, SP_CLASS_PEER, "authentication tag or signature does not match", "认证标签或签名不符") \
    X(SP_E_DENIED, 3, SP_CLASS_POLICY, "your role may not do this here", "您的角色无权在此执行该操作") \
    X(SP_E_FULL, 4, SP_CLASS_LOCAL, "no room left on the disk; free some space and try again", "磁盘已满，请清理空间后重试") \
    X(SP_E_BUSY, 5, SP_CLASS_BUSY, "busy, try again later", "系统繁忙，请稍后再试") \
    X(SP_E_MALFORMED, 6, SP_CLASS_PEER, "message is not in canonical form", "消息格式不规范") \
    X(SP_E_TOO_LARGE, 7, SP_CLASS_PEER, "a size, count or depth is over its limit", "大小、数量或层级超出限制") \
    X(SP_E_VERSION, 8, SP_CLASS_PEER, "version of the protocol or format is not known", "协议或格式版本未知") \
    X(SP_E_REPLAY, 9, SP_CLASS_PEER, "record was received before or is too old", "重复或过期的数据包") \
    X(SP_E_SESSION, 10, SP_CLASS_PEER, "session is not known, has ended or belongs to another connection", "会话不存在或已结束") \
    X(SP_E_STATE, 11, SP_CLASS_PEER, "message does not fit the state of the conversation", "消息与会话状态不符") \
    X(SP_E_GAP, 12, SP_CLASS_PEER, "commits before this one are missing", "缺少之前的提交") \
    X(SP_E_FORK, 13, SP_CLASS_PEER, "two different commits have the same number", "同一编号出现两个不同的提交") \
    X(SP_E_AUTHOR, 14, SP_CLASS_PEER, "commit names an author other than the device's user", "提交的作者与设备用户不符") \
    X(SP_E_VECTOR, 15, SP_CLASS_PEER, "a version vector runs ahead of its replica", "版本向量超前") \
    X(SP_E_UNKNOWN_DEVICE, 16, SP_CLASS_PEER, "device is not known here; enrol it", "设备未登记，请先登记") \
    X(SP_E_REVOKED, 17, SP_CLASS_PEER, "device has been revoked; its journal is kept, ask your administrator", "设备已停用，本地记录仍保留，请联系管理员") \
    X(SP_E_CODE, 18, SP_CLASS_PEER, "enrolment code is wrong, used or expired; ask for a new one", "登记码错误、已使用或已过期，请重新获取") \
    X(SP_E_NOT_SERVED, 19, SP_CLASS_PEER, "this server does not serve that scope", "该服务器不负责此范围") \
    X(SP_E_DOCUMENT, 20, SP_CLASS_PEER, "signed document is not valid or not newer", "签名文件无效或不是新版本") \
    X(SP_E_RATE, 21, SP_CLASS_BUSY, "too many requests, wait a little", "请求过于频繁，请稍候") \
    X(SP_E_NOMEM, 32, SP_CLASS_LOCAL, "out of memory", "内存不足") \
    X(SP_E_IO, 33, SP_CLASS_LOCAL, "disk or file error", "磁盘或文件错误") \
    X(SP_E_CORRUPT, 34, SP_CLASS_LOCAL, "stored data does not match its seal; restore from a backup", "存储数据已损坏，请从备份恢复") \
    X(SP_E_NOT_FOUND, 35, SP_CLASS_CALLER, "no such record or entry", "记录或条目不存在") \
    X(SP_E_EXISTS, 36, SP_CLASS_CALLER, "exists already", "已存在") \
    X(SP_E_LOCKED, 37, SP_CLASS_LOCAL, "locked: unlock first", "已锁定，请先解锁") \
    X(SP_E_SECRET, 38, SP_CLASS_LOCAL, "wrong passphrase or platform secret", "口令或平台密钥错误") \
    X(SP_E_IN_USE, 39, SP_CLASS_LOCAL, "in use by another process", "正被其他进程使用") \
    X(SP_E_ARGUMENT, 40, SP_CLASS_CALLER, "argument is not valid", "参数无效") \
    X(SP_E_OFFLINE, 41, SP_CLASS_BUSY, "server cannot be reached", "无法连接服务器") \
    X(SP_E_INTERNAL, 42, SP_CLASS_LOCAL, "internal error; please report it", "内部错误，请反馈") \
    X(SP_E_CONFIG, 43, SP_CLASS_CALLER, "configuration is not valid", "配置无效") \
    X(SP_E_CONFLICT, 44, SP_CLASS_CALLER, "several values stand for this field; choose one", "该字段存在多个并存的值，请选择") \
    X(SP_E_AMBIGUOUS, 45, SP_CLASS_CALLER, "more than one record fits; be more exact", "匹配到多条记录，请更具体") \
    X(SP_E_SCOPE, 64, SP_CLASS_POLICY, "record is not in a scope that you may change", "记录不在您可修改的范围内") \
    X(SP_E_FIELD_DENIED, 65, SP_CLASS_POLICY, "your role may not write this field", "您的角色无权修改该字段") \
    X(SP_E_VALUE, 66, SP_CLASS_POLICY, "value is not valid for this field", "字段值无效") \
    X(SP_E_REQUIRED, 67, SP_CLASS_POLICY, "a required field is missing", "缺少必填字段") \
    X(SP_E_IMMUTABLE, 68, SP_CLASS_POLICY, "field can be written once only", "该字段只能写入一次") \
    X(SP_E_UNKNOWN_FIELD, 69, SP_CLASS_POLICY, "entity or field is not in the dictionary", "数据字典中没有该实体或字段") \
    X(SP_E_PARENT_REFUSED, 70, SP_CLASS_POLICY, "the record that this belongs to was refused", "所属记录已被拒绝") \
    X(SP_E_DEFERRED_PARENT, 71, SP_CLASS_POLICY, "waits for the record that it belongs to", "等待所属记录") \
    X(SP_E_DEFERRED_JUDGE, 72, SP_CLASS_POLICY, "on its way to the server that serves its records", "正在转交负责的服务器") \
    X(SP_E_DEFERRED_DOCUMENT, 73, SP_CLASS_POLICY, "waits for a newer policy or dictionary", "等待新版策略或数据字典") \
    X(SP_E_QUARANTINED, 74, SP_CLASS_POLICY, "set aside until a manager decides", "已隔离，等待经理处理") \
    X(SP_E_GONE, 75, SP_CLASS_POLICY, "record was deleted for good", "记录已被永久删除") \
    X(SP_E_AUTHORITY, 76, SP_CLASS_POLICY, "commit claims an authority that its author does not have", "提交声称了作者不具备的权限") \
    X(SP_E_NOT_DUE, 77, SP_CLASS_CALLER, "its judge may still come; a person decides when the 30 days are over", "仍在等待负责的服务器，30 天期满后才由人工处理") \
    X(SP_E_DECLINED, 78, SP_CLASS_POLICY, "a manager looked at it and refused it", "经理审阅后已拒绝") \
    X(SP_E_NOT_SYNCED, 80, SP_CLASS_CALLER, "nothing has come from a server yet; sync first", "尚未从服务器获得数据，请先同步") \
    X(SP_E_NOT_ENROLLED, 81, SP_CLASS_CALLER, "this store is not enrolled", "本设备尚未登记") \
    X(SP_E_COUNTER, 82, SP_CLASS_POLICY, "counter would leave its bounds", "计数将超出允许范围") \
    X(SP_E_MEMBERS, 83, SP_CLASS_POLICY, "field has as many members as the dictionary allows", "该字段的成员数已达数据字典上限") \
    X(SP_E_RECORD_FULL, 84, SP_CLASS_POLICY, "record would have more than 4096 keys or 131072 bytes", "记录将超过 4096 个键或 131072 字节") \
    X(SP_E_CYCLE, 85, SP_CLASS_POLICY, "record would come back to itself by this field", "该字段会使记录回到自身，形成循环") \
    X(SP_E_DEPTH, 86, SP_CLASS_POLICY, "more than 64 levels stand above the record", "记录的上级超过64层") \
    X(SP_E_UNDO_OVER, 87, SP_CLASS_POLICY, "merge is more than 30 days old and can no longer be undone", "合并已超过30天，不能再撤销") \
    X(SP_E_NOT_YET, 90, SP_CLASS_POLICY, "this field has been opened to you and is still on its way; synchronise, then edit", "该字段刚对您开放，内容尚未到达，请先同步再编辑") \
    X(SP_E_RETIRED, 95, SP_CLASS_POLICY, "field is retired; enter the value in the field that took its place", "该字段已停用，请填写替代它的字段") \
    X(SP_E_UNPROVEN, 96, SP_CLASS_POLICY, "its signature is not of its device's key; set aside until head office decides", "签名与设备密钥不符，已隔离，等待总部处理") \
    X(SP_E_CONSENT, 97, SP_CLASS_POLICY, "this may only be kept with the person's consent; record the consent first", "须先取得本人同意方可保存该内容，请先登记同意") \
    X(SP_E_PAST, 98, SP_CLASS_POLICY, "that day is over; name today or a day to come", "该日期已过，请填写今天或以后的日期")
// clang-format on

#define SP_ERR_ENUM(name, number, class, en, zh) name = number,
typedef enum { SP_ERR_LIST(SP_ERR_ENUM) } sp_err;
#undef SP_ERR_ENUM

/* Whose fault it is; SP_CLASS_LOCAL for numbers not in the list. any thread */
enum sp_class sp_err_class(sp_err err);

/* "SP_E_FORGED"; "SP_E_?" for numbers not in the list. any thread */
const char *sp_err_name(sp_err err);

/* What to tell a person; UTF-8, one line, static. any thread */
const char *sp_err_text_en(sp_err err);
const char *sp_err_text_zh(sp_err err);

#endif
