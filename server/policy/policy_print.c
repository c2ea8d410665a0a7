#include "policy/policy.h"

#include "policy/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put(struct sp_buf *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct sp_buf *out, const char *format, ...)
{
    char text[128];
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    SP_ASSERT(size >= 0 && (size_t)size < sizeof(text));
    sp_buf_put(out, text, (size_t)size);
}

static void put_bits(struct sp_buf *out, const char *setting, unsigned bits,
    const char *const *words)
{
    bool first = true;

    put(out, " %s = [", setting);
    for (unsigned i = 0; words[i] != NULL; i++) {
        if ((bits >> i & 1u) != 0) {
            put(out, "%s\"%s\"", first ? "" : ", ", words[i]);
            first = false;
        }
    }
    put(out, "];");
}

/* Names of fields, a few a line; a number that the dictionary lacks cannot be
 * said in words and is left out. */
static void put_fields(struct sp_buf *out, const struct sp_entity *e,
    const char *setting, const uint16_t *number, uint32_t count)
{
    if (count == 0) {
        return;
    }
    put(out, "\n        %s = [", setting);
    for (uint32_t i = 0; i < count; i++) {
        const struct sp_field *f = sp_dictionary_field(e, number[i]);
        if (f == NULL) {
            continue;
        }
        put(out, "%s%s", i == 0 ? "" : ",", i % 5 == 4 ? "\n          " : " ");
        sv_conf_quote(out, f->name);
    }
    put(out, " ];");
}

static void put_rule(
    struct sp_buf *out, const struct sp_dictionary *d, const struct sp_rule *r)
{
    const struct sp_entity *e = sp_dictionary_entity(d, r->type);

    put(out, "      { rule = %u; entity = ", r->number);
    sv_conf_quote(out, e->name);
    put(out, ";");
    put_bits(out, "scopes", r->scopes, sv_words_scope);
    put(out, "%s%s%s%s", r->create ? " create = true;" : "",
        r->remove ? " remove = true;" : "", r->own ? " own = true;" : "",
        r->others ? " others = true;" : "");
    put_fields(out, e, "read", r->read, r->read_count);
    put_fields(out, e, "write", r->write, r->write_count);
    put_fields(out, e, "initial", r->initial, r->initial_count);
    put(out, " }");
}

static void put_export(struct sp_buf *out, const struct sp_dictionary *d,
    const struct sp_export *x)
{
    bool first = true;

    if (x->rows == 0 && x->flags == 0) {
        return;
    }
    put(out, "\n    export = { rows = %llu; alert = %llu; hours = %u;",
        (unsigned long long)x->rows, (unsigned long long)x->alert, x->hours);
    put(out, "%s%s%s", (x->flags & SP_EXPORT_ASKS) != 0 ? " asks = true;" : "",
        (x->flags & SP_EXPORT_SENSITIVE) != 0 ? " sensitive = true;" : "",
        (x->flags & SP_EXPORT_APPROVES) != 0 ? " approves = true;" : "");
    for (uint32_t i = 0; i < x->count; i++) {
        const struct sp_entity *e = sp_dictionary_entity(d, x->type[i]);
        if (e != NULL) {
            put(out, first ? "\n      entities = [ " : ", ");
            sv_conf_quote(out, e->name);
            first = false;
        }
    }
    put(out, first ? " };" : " ]; };");
}

static void put_role(struct sp_buf *out, const struct sp_dictionary *d,
    const struct sp_role *role)
{
    bool first = true;

    put(out, "  { number = %u; name = ", role->number);
    sv_conf_quote(out, role->name);
    put(out, "; en = ");
    sv_conf_quote(out, role->label_en);
    put(out, "; zh = ");
    sv_conf_quote(out, role->label_zh);
    put(out, ";\n    reach = \"%s\"; authority = \"%s\";",
        sv_words_reach[role->reach], sv_words_authority[role->authority]);
    put_bits(out, "manages", role->manages, sv_words_manages);
    put_export(out, d, &role->export);
    put(out, "\n    rules = (\n");
    for (uint32_t i = 0; i < role->rule_count; i++) {
        if (sp_dictionary_entity(d, role->rule[i].type) == NULL) {
            continue;
        }
        put(out, "%s", first ? "" : ",\n");
        first = false;
        put_rule(out, d, &role->rule[i]);
    }
    put(out, "\n    ) }");
}

void sv_policy_print(const struct sp_policy *p,
    const struct sp_dictionary *dictionary, struct sp_buf *out)
{
    put(out, "roles = (\n");
    for (uint32_t i = 0; i < p->role_count; i++) {
        put_role(out, dictionary, &p->role[i]);
        put(out, "%s\n", i + 1u < p->role_count ? "," : "");
    }
    put(out, ");\n");
}
