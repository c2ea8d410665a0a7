#include "policy/conf.h"

#include "ops/say.h"

#include "sp/pack.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_error(struct sv_conf_error *e, unsigned line, const char *name,
    const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void set_error(struct sv_conf_error *e, unsigned line, const char *name,
    const char *format, va_list args)
{
    char what[320];

    (void)vsnprintf(what, sizeof(what), sv_say(format), args);
    e->line = line;
    if (line > 0) {
        (void)snprintf(e->text, sizeof(e->text), "%s:%u: %s", name, line, what);
    } else {
        (void)snprintf(e->text, sizeof(e->text), "%s: %s", name, what);
    }
}

void sv_conf_fail(
    struct sv_conf *c, const config_setting_t *at, const char *format, ...)
{
    va_list args;

    if (c->failed) {
        return; /* the first tells most */
    }
    c->failed = true;
    va_start(args, format);
    set_error(c->error, at == NULL ? 0 : config_setting_source_line(at),
        c->name, format, args);
    va_end(args);
}

/* libconfig would open other files; and it stops at a NUL. */
static bool plain_text(struct sv_conf *c, struct sp_slice text)
{
    unsigned line = 1;

    if (!sp_utf8_valid(text)) {
        for (size_t i = 0; i < text.size; i++) {
            if (text.data[i] == '\r') {
                sv_conf_fail(c, NULL,
                    "lines end in carriage returns; save it with plain "
                    "newlines");
                return false;
            }
        }
        sv_conf_fail(
            c, NULL, "is not valid UTF-8 text; save it as UTF-8 without a BOM");
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        bool start = i == 0 || text.data[i - 1] == '\n';
        if (start && text.size - i >= 8 &&
            memcmp(text.data + i, "@include", 8) == 0) {
            sv_conf_fail(c, NULL,
                "line %u: @include is not allowed; put everything into one "
                "file",
                line);
            return false;
        }
        line += text.data[i] == '\n';
    }
    return true;
}

sp_err sv_conf_open(struct sv_conf *c, const char *name, struct sp_slice text,
    struct sv_conf_error *error)
{
    struct sp_buf copy;

    memset(error, 0, sizeof(*error));
    c->name = name;
    c->error = error;
    c->failed = false;
    config_init(&c->config);
    if (text.size > SV_CONF_BYTES_MAX) {
        sv_conf_fail(c, NULL, "is larger than %u bytes", SV_CONF_BYTES_MAX);
        return SP_E_CONFIG;
    }
    if (!plain_text(c, text)) {
        return SP_E_CONFIG;
    }
    sp_buf_init(&copy, text.size + 1u);
    sp_buf_put(&copy, text.data, text.size);
    sp_buf_put_u8(&copy, 0);
    if (copy.err != SP_OK) {
        sp_buf_free(&copy);
        return SP_E_NOMEM;
    }
    if (config_read_string(&c->config, (const char *)copy.data) !=
        CONFIG_TRUE) {
        c->failed = true;
        error->line = (unsigned)config_error_line(&c->config);
        (void)snprintf(error->text, sizeof(error->text),
            sv_say("%s:%u: %s; look for a missing quote, comma, semicolon or "
                   "bracket there or in the line before"),
            name, error->line, config_error_text(&c->config));
    }
    sp_buf_free(&copy);
    return c->failed ? SP_E_CONFIG : SP_OK;
}

void sv_conf_close(struct sv_conf *c)
{
    config_destroy(&c->config);
}

static void fail_file(struct sv_conf_error *e, const char *path,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fail_file(
    struct sv_conf_error *e, const char *path, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_error(e, 0, path, format, args);
    va_end(args);
}

sp_err sv_conf_read_file(
    const char *path, struct sp_buf *out, struct sv_conf_error *error)
{
    uint8_t block[4096];
    size_t size;
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        fail_file(error, path, "cannot be opened: %s", cc_say_errno(errno));
        return SP_E_CONFIG;
    }
    while ((size = fread(block, 1, sizeof(block), f)) > 0) {
        sp_buf_put(out, block, size);
    }
    bool bad = ferror(f) != 0;
    (void)fclose(f);
    if (bad) {
        fail_file(error, path, "cannot be read: %s", cc_say_errno(errno));
    } else if (out->err != SP_OK) {
        fail_file(error, path, "is too large");
    } else {
        return SP_OK;
    }
    return SP_E_CONFIG;
}

/* ---- settings ---------------------------------------------------------- */

void sv_conf_known(
    struct sv_conf *c, const config_setting_t *group, const char *const *names)
{
    for (unsigned i = 0; i < sv_conf_count(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, i);
        const char *name = config_setting_name(s);
        bool known = false;
        for (size_t j = 0; names[j] != NULL && name != NULL; j++) {
            known = known || strcmp(name, names[j]) == 0;
        }
        if (!known) {
            sv_conf_fail(c, s,
                "\"%.60s\" is no setting here; check its "
                "spelling or remove it",
                name == NULL ? "" : name);
        }
    }
}

const char *sv_conf_text(struct sv_conf *c, const config_setting_t *group,
    const char *name, const char *otherwise)
{
    const config_setting_t *s = config_setting_get_member(group, name);

    if (s == NULL) {
        if (otherwise == NULL) {
            sv_conf_fail(c, group, "\"%s\" is missing here; add it", name);
        }
        return otherwise == NULL ? "" : otherwise;
    }
    if (config_setting_type(s) != CONFIG_TYPE_STRING) {
        sv_conf_fail(c, s, "\"%s\" must be text in quotes", name);
        return "";
    }
    return config_setting_get_string(s);
}

long long sv_conf_integer(struct sv_conf *c, const config_setting_t *group,
    const char *name, long long low, long long high, long long otherwise)
{
    const config_setting_t *s = config_setting_get_member(group, name);

    if (s == NULL) {
        if (otherwise < low) {
            sv_conf_fail(c, group, "\"%s\" is missing here; add it", name);
        }
        return otherwise;
    }
    int type = config_setting_type(s);
    long long v = config_setting_get_int64(s);
    if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || v < low ||
        v > high) {
        sv_conf_fail(c, s, "\"%s\" must be a whole number from %lld to %lld",
            name, low, high);
        return low;
    }
    return v;
}

bool sv_conf_flag(
    struct sv_conf *c, const config_setting_t *group, const char *name)
{
    const config_setting_t *s = config_setting_get_member(group, name);

    if (s == NULL) {
        return false;
    }
    if (config_setting_type(s) != CONFIG_TYPE_BOOL) {
        sv_conf_fail(c, s, "\"%s\" must be true or false", name);
        return false;
    }
    return config_setting_get_bool(s) != 0;
}

const config_setting_t *sv_conf_list(struct sv_conf *c,
    const config_setting_t *group, const char *name, bool required)
{
    const config_setting_t *s = config_setting_get_member(group, name);

    if (s == NULL) {
        if (required) {
            sv_conf_fail(c, group, "\"%s\" is missing here; add it", name);
        }
        return NULL;
    }
    int type = config_setting_type(s);
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) {
        sv_conf_fail(c, s, "\"%s\" must be a list in ( ) or [ ]", name);
        return NULL;
    }
    return s;
}

unsigned sv_conf_count(const config_setting_t *list)
{
    return list == NULL ? 0 : (unsigned)config_setting_length(list);
}

const char *sv_conf_text_at(
    struct sv_conf *c, const config_setting_t *list, unsigned i)
{
    const config_setting_t *s = config_setting_get_elem(list, i);

    if (s == NULL || config_setting_type(s) != CONFIG_TYPE_STRING) {
        sv_conf_fail(c, s == NULL ? list : s, "must be text in quotes");
        return "";
    }
    return config_setting_get_string(s);
}

const config_setting_t *sv_conf_group_at(
    struct sv_conf *c, const config_setting_t *list, unsigned i)
{
    const config_setting_t *s = config_setting_get_elem(list, i);

    if (s == NULL || config_setting_type(s) != CONFIG_TYPE_GROUP) {
        sv_conf_fail(c, s == NULL ? list : s, "must be a group in { }");
        return NULL;
    }
    return s;
}

unsigned sv_conf_word(struct sv_conf *c, const config_setting_t *at,
    const char *what, const char *text, const char *const *words)
{
    char all[200] = "";
    size_t used = 0;

    for (unsigned i = 0; words[i] != NULL; i++) {
        if (words[i][0] == '\0') {
            continue; /* the place of number 0 */
        }
        if (strcmp(words[i], text) == 0) {
            return i;
        }
        int n = snprintf(all + used, sizeof(all) - used, "%s%s",
            used == 0 ? "" : ", ", words[i]);
        if (n > 0 && (size_t)n < sizeof(all) - used) {
            used += (size_t)n;
        }
    }
    sv_conf_fail(
        c, at, "\"%.60s\" is no %s; one of: %s", text, sv_say(what), all);
    return 0;
}

void sv_conf_quote(struct sp_buf *out, struct sp_slice text)
{
    sp_buf_put_u8(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        uint8_t ch = text.data[i];
        if (ch == '"' || ch == '\\') {
            sp_buf_put_u8(out, '\\');
        }
        if (ch == '\n' || ch == '\t') {
            sp_buf_put(out, ch == '\n' ? "\\n" : "\\t", 2);
        } else {
            sp_buf_put_u8(out, ch);
        }
    }
    sp_buf_put_u8(out, '"');
}
