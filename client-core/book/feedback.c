#include "book/feedback.h"

#include "book/fold.h"
#include "book/rule.h"

#include <string.h>

/* ---- rules --------------------------------------------------------------- */

struct tags {
    struct sp_arena *arena;
    struct cc_feedback_rule *rule;
    sp_err err;
};

static bool fold(struct sp_slice tag, char out[CC_FEEDBACK_TAG_BYTES])
{
    if (tag.size >= CC_FEEDBACK_TAG_BYTES) {
        return false; /* longer than the dictionary lets a tag be */
    }
    (void)cc_fold_text(tag, out);
    return true;
}

static bool take_tag(void *arg, struct sp_slice member)
{
    struct tags *t = (struct tags *)arg;
    char text[CC_FEEDBACK_TAG_BYTES];
    const char **list;

    if (!fold(member, text) || text[0] == '\0') {
        return true;
    }
    list = (const char **)sp_arena_grow(
        t->arena, t->rule->tag, t->rule->count, sizeof(*list));
    if (list != NULL) {
        t->rule->tag = list;
        list[t->rule->count] = cc_value_string(t->arena, sp_slice_text(text));
    }
    if (list == NULL || list[t->rule->count] == NULL) {
        t->err = SP_E_NOMEM;
        return false;
    }
    t->rule->count++;
    return true;
}

sp_err cc_feedback_read(const struct cc_value_of *of, int32_t today,
    struct sp_arena *a, struct cc_feedback_rule *out)
{
    struct tags t = { a, out, SP_OK };
    int32_t from = (int32_t)cc_value_int(of, "from", INT32_MIN);
    int32_t until = (int32_t)cc_value_int(of, "until", INT32_MAX);
    int64_t route = cc_value_int(of, "route", 0);

    memset(out, 0, sizeof(*out));
    if (cc_value_int(of, "kind", 0) != CC_RULE_FEEDBACK ||
        cc_value_deleted(of) || !cc_value_bool(of, "active", true) ||
        today < from || today > until || route < CC_FEEDBACK_BRANCH ||
        route > CC_FEEDBACK_HEAD_OFFICE) {
        return SP_OK;
    }
    out->route = (enum cc_feedback_route)route;
    cc_value_members(of, "tags", take_tag, &t);
    return t.err;
}

/* ---- where it goes ------------------------------------------------------- */

struct search {
    const struct cc_feedback_rule *rule;
    size_t count;
    enum cc_feedback_route found; /* 0: none */
};

static bool has(const struct cc_feedback_rule *r, const char *tag)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->tag[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static bool look(void *arg, struct sp_slice member)
{
    struct search *s = (struct search *)arg;
    char tag[CC_FEEDBACK_TAG_BYTES];

    if (fold(member, tag)) {
        for (size_t i = 0; i < s->count; i++) {
            if (s->rule[i].route > s->found && has(&s->rule[i], tag)) {
                s->found = s->rule[i].route;
            }
        }
    }
    return true;
}

enum cc_feedback_route cc_feedback_route(const struct cc_value_of *feedback,
    const struct cc_feedback_rule *rule, size_t count)
{
    int64_t said = cc_value_int(feedback, "route", 0);
    struct search s = { rule, count, (enum cc_feedback_route)0 };

    if (said >= CC_FEEDBACK_BRANCH && said <= CC_FEEDBACK_HEAD_OFFICE) {
        return (enum cc_feedback_route)said;
    }
    cc_value_members(feedback, "tags", look, &s);
    return s.found == 0 ? CC_FEEDBACK_REGION : s.found;
}

static bool note(void *arg, struct sp_slice packed)
{
    (void)packed;
    *(bool *)arg = true;
    return false;
}

bool cc_feedback_answered(const struct cc_value_of *feedback)
{
    bool yes = false;

    cc_value_each(feedback, "answer", note, &yes);
    return yes;
}

/* ---- words --------------------------------------------------------------- */

static const struct {
    const char *name;
    struct cc_words words;
} routes[] = { { "", { "", "" } }, { "branch", { "branch", "分公司" } },
    { "region", { "region", "大区" } },
    { "head_office", { "head office", "总部" } } };
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

const char *cc_feedback_name(enum cc_feedback_route route)
{
    return routes[(size_t)route < ROUTES ? (size_t)route : 0].name;
}

struct cc_words cc_feedback_words(enum cc_feedback_route route)
{
    return routes[(size_t)route < ROUTES ? (size_t)route : 0].words;
}

bool cc_feedback_named(const char *name, enum cc_feedback_route *out)
{
    for (size_t i = 1; i < ROUTES; i++) {
        if (strcmp(routes[i].name, name) == 0) {
            *out = (enum cc_feedback_route)i;
            return true;
        }
    }
    return false;
}
