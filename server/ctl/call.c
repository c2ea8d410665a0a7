#include "ctl/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "ctl/do.h"
#include "ctl/message.h"
#include "ops/say.h"

struct entry {
    const char *command;
    sv_call_handler *handler;
};

// clang-format off
static const struct entry entries[] = {
    { "status", sv_do_status },
    { "show", sv_do_show },
    { "branch add", sv_do_branch_add },
    { "branch code", sv_do_branch_code },
    { "branch arrivals", sv_do_branch_arrivals },
    { "branch close", sv_do_branch_close },
    { "branch deadlines", sv_do_branch_deadlines },
    { "branch inbox", sv_do_branch_inbox },
    { "branch reconciliations", sv_do_branch_reconciliations },
    { "freshness", sv_do_freshness },
    { "targets", sv_do_targets },
    { "territory add", sv_do_territory_add },
    { "territory move", sv_do_territory_move },
    { "territory give", sv_do_territory_give },
    { "territory list", sv_do_territory_list },
    { "unit list", sv_do_unit_list },
    { "user add", sv_do_user_add },
    { "user list", sv_do_user_list },
    { "user set", sv_do_user_set },
    { "user share", sv_do_user_share },
    { "user revoke", sv_do_user_revoke },
    { "handover", sv_do_handover },
    { "role list", sv_do_role_list },
    { "device enrol", sv_do_device_enrol },
    { "device list", sv_do_device_list },
    { "device revoke", sv_do_device_revoke },
    { "export", sv_do_export },
    { "exports", sv_do_exports },
    { "exports approve", sv_do_exports_approve },
    { "exports withdraw", sv_do_exports_withdraw },
    { "exports request", sv_do_exports_request },
    { "hash", sv_do_hash },
    { "import", sv_do_import },
    { "import list", sv_do_import_list },
    { "care apply", sv_do_care_apply },
    { "care check", sv_do_care_check },
    { "care daily", sv_do_care_daily },
    { "feedback list", sv_do_feedback_list },
    { "quality scan", sv_do_quality_scan },
    { "quality board", sv_do_quality_board },
    { "report", sv_do_report },
    { "retention check", sv_do_retention_check },
    { "retention order", sv_do_retention_order },
    { "retention orders", sv_do_retention_orders },
    { "retention run", sv_do_retention_run },
    { "account list", sv_do_account_list },
    { "account show", sv_do_account_show },
    { "account history", sv_do_account_history },
    { "account assign", sv_do_account_assign },
    { "account share", sv_do_account_share },
    { "account shares", sv_do_account_shares },
    { "conflicts", sv_do_conflicts },
    { "waiting list", sv_do_waiting_list },
    { "waiting release", sv_do_waiting_release },
    { "waiting refuse", sv_do_waiting_refuse },
    { "audit policy", sv_do_audit_policy },
    { "log show", sv_do_log_show },
    { "explain", sv_do_explain },
    { "uplink now", sv_do_uplink_now },
    { "uplink status", sv_do_uplink_status },
    { "session list", sv_do_session_list },
    { "documents list", sv_do_documents_list },
    { "dictionary export", sv_do_dictionary_export },
    { "dictionary check", sv_do_dictionary_check },
    { "dictionary diff", sv_do_dictionary_diff },
    { "dictionary apply", sv_do_dictionary_apply },
    { "policy export", sv_do_policy_export },
    { "policy check", sv_do_policy_check },
    { "policy apply", sv_do_policy_apply },
    { "config show", sv_do_config_show },
    { "metrics", sv_do_metrics },
};
// clang-format on

/* Whose figures are as fresh as the branches' last exchange. */
static const char *const reports[] = { "account list", "audit policy",
    "branch close", "branch deadlines", "branch inbox",
    "branch reconciliations", "care daily", "conflicts", "export", "exports",
    "feedback list", "freshness", "hash", "quality board", "quality scan",
    "report", "retention check", "show", "targets" };

bool sv_call_is_report(const char *command)
{
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        if (strcmp(reports[i], command) == 0) {
            return true;
        }
    }
    return false;
}

sv_call_handler *sv_call_find(const char *command)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (strcmp(entries[i].command, command) == 0) {
            return entries[i].handler;
        }
    }
    return NULL;
}

const char *sv_call_arg(const struct sv_call *call, const char *name)
{
    return json_string_value(json_object_get(call->args, name));
}

const char *sv_call_file_name(const struct sv_call *call)
{
    const char *path = sv_call_arg(call, "file");
    const char *folder = path == NULL ? NULL : strrchr(path, '/');
    return folder != NULL ? folder + 1 : path != NULL ? path : "file";
}

bool sv_call_flag(const struct sv_call *call, const char *name)
{
    return json_is_true(json_object_get(call->args, name));
}

int sv_call_file(const struct sv_call *call, const char *name)
{
    for (size_t i = 0; i < json_array_size(call->files); i++) {
        const char *found = json_string_value(json_array_get(call->files, i));
        if (found != NULL && strcmp(found, name) == 0) {
            return call->file[i];
        }
    }
    return -1;
}

bool sv_call_gone(const struct sv_call *call)
{
    char byte;
    return recv(call->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

sp_err sv_call_number(struct sv_call *call, const char *name, uint64_t min,
    uint64_t max, uint64_t fallback, uint64_t *out)
{
    const char *text = sv_call_arg(call, name);
    char *end = NULL;
    if (text == NULL) {
        *out = fallback;
        return SP_OK;
    }
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' ||
        number < min || number > max) {
        return sv_call_refuse(call, SP_E_ARGUMENT,
            "%s \"%.40s\": write a whole number from %llu to %llu", name, text,
            (unsigned long long)min, (unsigned long long)max);
    }
    *out = number;
    return SP_OK;
}

sp_err sv_call_refuse(struct sv_call *call, sp_err err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(call->text, sizeof call->text, sv_say(format), list);
    va_end(list);
    return err;
}

void sv_call_line(struct sv_call *call, const char *format, ...)
{
    char text[SV_CALL_TEXT_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, sv_say(format), list);
    va_end(list);
    json_t *line = json_pack("{s:s}", "line", text);
    if (line != NULL && sv_message_send_json(call->fd, line) != SP_OK) {
        /* He who asked is gone; the work goes on to its end all the same. */
    }
    json_decref(line);
}

sp_err sv_call_read(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg)
{
    struct sv_server *s = call->server;
    struct sv_book *book = sv_book_take(s->shelf);
    struct sp_tx tx;
    sp_err err = sp_tx_begin(&tx, &s->home.node, sv_book_rules(book), false);
    if (err == SP_OK) {
        err = work(arg, &tx);
        sp_tx_abort(&tx);
    }
    sv_book_drop(book);
    return err;
}

/* What the writer's thread says is for the one who asked. */
struct said {
    sp_err (*work)(void *arg, struct sp_tx *tx);
    void *arg;
    enum cc_lang language;
};

static sp_err say_and_work(void *arg, struct sp_tx *tx)
{
    const struct said *s = arg;
    sp_err err;

    cc_say_in(s->language);
    err = s->work(s->arg, tx);
    cc_say_in(CC_LANG_EN);
    return err;
}

sp_err sv_call_write(struct sv_call *call,
    sp_err (*work)(void *arg, struct sp_tx *tx), void *arg)
{
    struct said s = { .work = work, .arg = arg, .language = cc_say_language() };

    return sv_writer_run(call->server->writer, say_and_work, &s);
}

const struct sp_rulebook *sv_call_book(const struct sp_tx *tx)
{
    return tx->rules->self;
}

static struct sp_slice called(const struct sv_call *call, struct sp_slice name,
    struct sp_slice en, struct sp_slice zh)
{
    struct sp_slice label = cc_say_language() == CC_LANG_ZH ? zh : en;

    return call->screen && label.size > 0 ? label : name;
}

struct sp_slice sv_call_entity(
    const struct sv_call *call, const struct sp_entity *e)
{
    return e == NULL ? sp_slice_text("?")
                     : called(call, e->name, e->label_en, e->label_zh);
}

struct sp_slice sv_call_field(
    const struct sv_call *call, const struct sp_field *f)
{
    return f == NULL ? sp_slice_text("?")
                     : called(call, f->name, f->label_en, f->label_zh);
}

const char *sv_call_word(const struct sv_call *call, const char *english)
{
    return call->screen ? sv_say(english) : english;
}

void sv_call_columns(struct sv_call *call, const char *columns)
{
    json_t *array = json_array();
    struct sp_slice piece;
    while (sv_call_piece(&columns, &piece)) {
        json_array_append_new(array, sv_call_slice(piece));
    }
    sv_call_set(call, "columns", array);
    sv_call_set(call, "rows", json_array());
}

void sv_call_row(struct sv_call *call, json_t *row)
{
    (void)json_array_append_new(json_object_get(call->result, "rows"), row);
}

void sv_call_set(struct sv_call *call, const char *key, json_t *value)
{
    (void)json_object_set_new(call->result, key, value);
}

json_t *sv_call_slice(struct sp_slice s)
{
    json_t *text =
        json_stringn(s.size == 0 ? "" : (const char *)s.data, s.size);
    return text == NULL ? json_string("?") : text;
}

json_t *sv_call_time(uint64_t ms)
{
    char text[32];
    struct tm utc;
    time_t seconds = (time_t)(ms / 1000);
    if (ms == 0) {
        return json_string(SV_SAY("never"));
    }
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

json_t *sv_call_replica(sp_replica replica)
{
    uint8_t bytes[8];
    char text[2 * sizeof bytes + 1];
    sp_set_u64be(bytes, replica);
    sp_hex(text, bytes, sizeof bytes);
    return json_string(text);
}

bool sv_call_piece(const char **at, struct sp_slice *out)
{
    const char *start = *at + strspn(*at, " ,");
    size_t size = strcspn(start, ",");
    *at = start + size;
    while (size > 0 && start[size - 1] == ' ') {
        size--;
    }
    *out = sp_slice_of(start, size);
    return size > 0;
}
