/*
 * command_field.h - rows of command.c: what a rep does in front of a customer.
 * Only command.c includes it, behind its operands and options.
 */
#ifndef CC_CLI_COMMAND_FIELD_H
#define CC_CLI_COMMAND_FIELD_H

// clang-format off
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

#define CC_COMMANDS_PHOTO \
    { "photo", "list", true, NULL, \
        { "photos, newest first", "照片列表，最新的在前" }, \
        o_attachments, NULL, cc_do_photo_list, NULL }, \
    { "photo", "add", false, NULL, \
        { "keep a photo, sealed; the original stays on this device", \
          "加密保存照片；原图留在本设备" }, \
        o_photo_add, p_photo_add, cc_do_photo_add, \
        "satchel photo add shop-front.jpg" }, \
    { "photo", "show", false, NULL, \
        { "write a copy with its watermark drawn in", "导出带水印的副本" }, \
        o_photo, p_photo_show, cc_do_photo_show, \
        "satchel photo show 019f2a --out front.jpg" }, \
    { "document", "list", true, NULL, \
        { "documents, newest first", "文件列表，最新的在前" }, \
        o_attachments, NULL, cc_do_document_list, NULL }, \
    { "document", "add", false, NULL, \
        { "keep a file of any kind, sealed", "加密保存任意文件" }, \
        o_document_add, p_document_add, cc_do_document_add, \
        "satchel document add 中华商行 contract.pdf --mime application/pdf" }, \
    { "document", "show", false, NULL, \
        { "write a document into a file", "导出文件" }, \
        o_document, p_document_show, cc_do_document_show, NULL }
// clang-format on

#endif
