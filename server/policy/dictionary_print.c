#include "policy/dictionary.h"

#include "policy/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- print ------------------------------------------------------------- */

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

static void put_setting(
    struct sp_buf *out, const char *name, struct sp_slice text)
{
    put(out, " %s = ", name);
    sv_conf_quote(out, text);
    put(out, ";");
}

static void put_type(
    struct sp_buf *out, const struct sp_dictionary *d, const struct sp_field *f)
{
    const struct sp_entity *target = sp_dictionary_entity(d, f->target);
    bool all = f->low == INT64_MIN && f->high == INT64_MAX;

    put(out, " type = \"%s", f->lines ? "text" : sv_words_kind[f->kind]);
    if (f->kind == SP_VALUE_STR || f->kind == SP_VALUE_BYTES) {
        put(out, "(%u)", f->max);
    } else if (f->kind == SP_VALUE_UINT ||
               ((f->kind == SP_VALUE_INT || f->kind == SP_VALUE_MONEY) &&
                   !all)) {
        put(out, "(%lld, %lld)", (long long)f->low, (long long)f->high);
    } else if (f->kind == SP_VALUE_REF && target != NULL) {
        put(out, "(%.*s)", (int)target->name.size,
            (const char *)target->name.data);
    }
    put(out, "\";");
}

static void put_options(
    struct sp_buf *out, const struct sp_field *f, const char *indent)
{
    if (f->option_count == 0) {
        return;
    }
    put(out, "\n%soptions = (", indent);
    for (uint32_t i = 0; i < f->option_count; i++) {
        const struct sp_option *o = &f->option[i];
        put(out, "%s\n%s  (%u, ", i == 0 ? "" : ",", indent, o->number);
        sv_conf_quote(out, o->name);
        put(out, ", ");
        sv_conf_quote(out, o->label_en);
        put(out, ", ");
        sv_conf_quote(out, o->label_zh);
        put(out, ")");
    }
    put(out, ");");
}

static void put_names(struct sp_buf *out, struct sp_slice name,
    struct sp_slice en, struct sp_slice zh)
{
    put_setting(out, "name", name);
    put_setting(out, "en", en);
    put_setting(out, "zh", zh);
}

static void put_parts(
    struct sp_buf *out, const struct sp_dictionary *d, const struct sp_field *f)
{
    if (f->part_count == 0) {
        return;
    }
    put(out, "\n        parts = (");
    for (uint32_t i = 0; i < f->part_count; i++) {
        const struct sp_field *p = &f->part[i];
        put(out, "%s\n          {", i == 0 ? "" : ",");
        put_names(out, p->name, p->label_en, p->label_zh);
        put_type(out, d, p);
        put(out, "%s", p->required ? " required = true;" : "");
        put_options(out, p, "            ");
        put(out, " }");
    }
    put(out, ");");
}

static void put_derive(
    struct sp_buf *out, const struct sp_entity *e, const struct sp_field *f)
{
    const struct sp_field *s = sp_dictionary_field(e, f->source);

    if (f->derive == SP_DERIVE_NONE || s == NULL) {
        return;
    }
    put(out, " derive = \"%s(%.*s", sv_words_derive[f->derive],
        (int)s->name.size, (const char *)s->name.data);
    if (f->derive == SP_DERIVE_MASK_TAIL) {
        put(out, ", %u", f->argument);
    } else if (f->derive == SP_DERIVE_PART) {
        const struct sp_field *p = &s->part[f->argument - 1u];
        put(out, ", %.*s", (int)p->name.size, (const char *)p->name.data);
    }
    put(out, ")\";");
}

static void put_role_of_field(struct sp_buf *out, const struct sp_entity *e,
    const char *setting, uint16_t number)
{
    const struct sp_field *f = sp_dictionary_field(e, number);

    if (f != NULL) {
        put_setting(out, setting, f->name);
    }
}

static void put_field(struct sp_buf *out, const struct sp_dictionary *d,
    const struct sp_entity *e, const struct sp_field *f)
{
    put(out, "      { number = %u;", f->number);
    put_names(out, f->name, f->label_en, f->label_zh);
    put(out, "\n       ");
    put_type(out, d, f);
    put(out, " merge = \"%s\";", sv_words_merge[f->merge]);
    if (f->members_max > 0) {
        put(out, " members = %u;", f->members_max);
    }
    put_derive(out, e, f);
    put(out, " sensitivity = %u;", f->sensitivity);
    if (f->authority > 0) {
        put(out, " authority = \"%s\";", sv_words_authority[f->authority]);
    }
    put(out, "%s%s", f->required ? " required = true;" : "",
        f->retired ? " retired = true;" : "");
    put(out, "%s%s%s", f->tree ? " tree = true;" : "",
        f->share ? " shares = true;" : "", f->hidden ? " hidden = true;" : "");
    put_role_of_field(out, e, "was", f->was);
    put_role_of_field(out, e, "needs", f->needs);
    put_options(out, f, "        ");
    put_parts(out, d, f);
    put(out, " }");
}

void sv_dictionary_print(const struct sp_dictionary *d, struct sp_buf *out)
{
    put(out, "entities = (\n");
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        put(out, "  { number = %u;", e->number);
        put_names(out, e->name, e->label_en, e->label_zh);
        put(out, "\n    lane = %u;%s", e->lane,
            e->evidence ? " evidence = true;" : "");
        put(out, "%s", e->catalogue ? " catalogue = true;" : "");
        if (e->tray != SP_TRAY_NONE) {
            put(out, " tray = \"%s\";", sv_words_tray[e->tray]);
        }
        put_role_of_field(out, e, "parent", e->parent);
        put_role_of_field(out, e, "author", e->author);
        put_role_of_field(out, e, "territory", e->territory);
        put_role_of_field(out, e, "owner", e->owner);
        put_role_of_field(out, e, "team", e->team);
        put_role_of_field(out, e, "forward", e->forward);
        put_role_of_field(out, e, "branch", e->branch);
        put(out, "\n    fields = (\n");
        for (uint32_t j = 0; j < e->field_count; j++) {
            put_field(out, d, e, &e->field[j]);
            put(out, "%s\n", j + 1u < e->field_count ? "," : "");
        }
        put(out, "    ) }%s\n", i + 1u < d->entity_count ? "," : "");
    }
    put(out, ");\n");
}

/* ---- one edition after another ----------------------------------------- */

/* advice: what is accepted instead, when it is typed. */
static sp_err breaks(struct sv_conf_error *error, const struct sp_entity *e,
    const struct sp_field *f, const char *what, const char *advice)
{
    error->line = 0;
    (void)snprintf(error->text, sizeof(error->text),
        "%.*s%s%.*s: %s; what a number means stays for ever: %s",
        (int)e->name.size, (const char *)e->name.data, f == NULL ? "" : ".",
        f == NULL ? 0 : (int)f->name.size,
        f == NULL ? "" : (const char *)f->name.data, what, advice);
    return SP_E_CONFIG;
}

/* after NULL: the field is gone. Who takes over shows what was typed before,
 * so its values have to fit. */
static const char *advice_of(
    const struct sp_field *before, const struct sp_field *after)
{
    struct sv_conf_error why;

    return after == NULL ? "put it back with retired = true"
           : sv_dictionary_takes_over(before, after, &why)
               ? "give the old one retired = true, and put a new one with was "
                 "= \"its name\" beside it"
               : "give the old one retired = true, and put a new one, of "
                 "another name and number, beside it";
}

/* Whether values written under before are values under after. */
static const char *field_breaks(
    const struct sp_field *before, const struct sp_field *after)
{
    if (before->kind != after->kind || before->set != after->set ||
        before->target != after->target) {
        return "its type, merge rule or target changed";
    }
    if (before->derive != after->derive || before->source != after->source ||
        before->argument != after->argument) {
        return "what it is derived from changed";
    }
    if (before->derive != SP_DERIVE_NONE && before->needs != after->needs) {
        return "the consent that it stands by changed";
    }
    if (sp_dictionary_consents(before) &&
        (!sp_dictionary_consents(after) ||
            before->part[0].option[0].number !=
                after->part[0].option[0].number)) {
        return "the first option of its first part, the yes, changed";
    }
    if (before->max > after->max || before->low < after->low ||
        before->high > after->high) {
        return "its bounds became narrower";
    }
    for (uint32_t i = 0; i < before->option_count; i++) {
        if (sp_dictionary_option(after, before->option[i].number) == NULL) {
            return "one of its options is gone";
        }
    }
    if (before->part_count > after->part_count) {
        return "one of its parts is gone";
    }
    for (uint32_t i = 0; i < before->part_count; i++) {
        if (before->part[i].kind != after->part[i].kind ||
            (after->part[i].required && !before->part[i].required)) {
            return "one of its parts changed";
        }
    }
    return NULL;
}

bool sv_dictionary_takes_over(const struct sp_field *before,
    const struct sp_field *after, struct sv_conf_error *error)
{
    const char *what = field_breaks(before, after);

    error->line = 0;
    if (what == NULL &&
        (after->merge == SP_MERGE_CNT || after->merge == SP_MERGE_DRV ||
            before->merge == SP_MERGE_CNT || before->merge == SP_MERGE_DRV)) {
        what = "a counter or a computed field takes over from nothing";
    }
    if (what == NULL && after->sensitivity < before->sensitivity) {
        what = "it is less sensitive, and would show the old values to more "
               "people";
    }
    (void)snprintf(error->text, sizeof(error->text),
        "beside the old field, %s; what was typed there has to be a value "
        "here: leave \"was\" out, and the old field stays as it is",
        what == NULL ? "" : what);
    return what == NULL;
}

/* Where records lie follows from these fields, and no record is moved for an
 * edition: they stay, or hand over to their successor, or begin with a field
 * that no record has yet. */
static bool placing_follows(const struct sp_entity *before,
    const struct sp_entity *after, uint16_t was, uint16_t is)
{
    const struct sp_field *f = sp_dictionary_field(after, is);

    return was == is || (f != NULL && was != 0 && f->was == was) ||
           (was == 0 && f != NULL && f->was == 0 &&
               sp_dictionary_field(before, is) == NULL);
}

static const char *places_break(
    const struct sp_entity *before, const struct sp_entity *after)
{
    bool follows =
        placing_follows(before, after, before->parent, after->parent) &&
        placing_follows(before, after, before->author, after->author) &&
        placing_follows(before, after, before->territory, after->territory) &&
        placing_follows(before, after, before->owner, after->owner) &&
        placing_follows(before, after, before->team, after->team) &&
        placing_follows(before, after, before->forward, after->forward) &&
        placing_follows(before, after, before->branch, after->branch) &&
        before->catalogue == after->catalogue;

    return follows ? NULL
                   : "parent, author, territory, owner, team, forward, branch "
                     "or catalogue became another, and the records would have "
                     "to move";
}

static sp_err entity_follows(const struct sp_entity *before,
    const struct sp_entity *after, struct sv_conf_error *error)
{
    const char *places = places_break(before, after);

    if (places != NULL) {
        return breaks(error, before, NULL, places,
            "put it back as it was; what is new takes a number of its own");
    }
    for (uint32_t i = 0; i < before->field_count; i++) {
        const struct sp_field *f = &before->field[i];
        const struct sp_field *g = sp_dictionary_field(after, f->number);
        const char *what = g == NULL ? "the field is gone" : field_breaks(f, g);
        if (what == NULL &&
            (f->merge != g->merge || (g->was != f->was && f->was != 0))) {
            what = "its merge rule, or what it was, changed";
        }
        if (what != NULL) {
            return breaks(error, before, f, what, advice_of(f, g));
        }
    }
    return SP_OK;
}

sp_err sv_dictionary_follows(const struct sp_dictionary *before,
    const struct sp_dictionary *after, struct sv_conf_error *error)
{
    for (uint32_t i = 0; i < before->entity_count; i++) {
        const struct sp_entity *e = &before->entity[i];
        const struct sp_entity *g = sp_dictionary_entity(after, e->number);
        if (g == NULL) {
            return breaks(
                error, e, NULL, "the entity is gone", "put it back as it was");
        }
        sp_err err = entity_follows(e, g, error);
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}
