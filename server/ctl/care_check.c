/* care_check.c - whether care rules, templates and windows make sense. */
#include "ctl/care_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "book/data_rule.h"
#include "book/feedback.h"
#include "book/message.h"
#include "book/rule.h"
#include "book/send.h"
#include "ops/say.h"

struct check {
    const struct sv_care_text *text;
    const char *name;
    struct sv_conf_error *error;
    struct sp_arena *arena;
    uint32_t rule_count;
    struct cc_rule *rule;
    unsigned *line;
    uint32_t word_count; /* of the class at hand */
    struct sp_slice *word;
};

static sp_err fail(const struct check *c, unsigned line, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

static sp_err fail(
    const struct check *c, unsigned line, const char *format, ...)
{
    char what[320];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, sv_say(format), args);
    va_end(args);
    c->error->line = line;
    (void)snprintf(c->error->text, sizeof c->error->text, "%s:%u: %s", c->name,
        line, what);
    return SP_E_CONFIG;
}

static bool is_a(const struct sv_care_record *r, const char *entity)
{
    return sp_slice_equal(r->entity->name, sp_slice_text(entity));
}

/* ---- rules ------------------------------------------------------------- */

static sp_err add_rule(struct check *c, const struct sp_entity *e,
    const struct sp_record *record, unsigned line)
{
    const struct cc_value_of of = { e, record };
    if (c->rule_count == CC_RULES_MAX) {
        return fail(c, line, "more than %u care rules", CC_RULES_MAX);
    }
    c->line[c->rule_count] = line;
    return cc_rule_read(&of, c->arena, &c->rule[c->rule_count++]);
}

static bool replaced(const struct sv_care_text *t, const struct sp_ref *ref)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (sp_ref_equal(&t->record[i].ref, ref)) {
            return true;
        }
    }
    return false;
}

/* Those of the text first, so that a loop is named where it was written. */
static sp_err collect_rules(
    struct check *c, const struct sp_record *standing, uint32_t count)
{
    const struct sp_entity *e = NULL;
    sp_err err = SP_OK;
    for (uint32_t i = 0; i < c->text->count && err == SP_OK; i++) {
        const struct sv_care_record *r = &c->text->record[i];
        if (is_a(r, "care_rule")) {
            e = r->entity;
            err = add_rule(c, e, &r->record, r->line);
        }
    }
    for (uint32_t i = 0; e != NULL && i < count && err == SP_OK; i++) {
        const struct cc_value_of of = { e, &standing[i] };
        if (!replaced(c->text, &standing[i].ref) && !cc_value_deleted(&of)) {
            err = add_rule(c, e, &standing[i], 0);
        }
    }
    return err;
}

static sp_err check_rules(struct check *c)
{
    char chain[CC_RULE_CHAIN_BYTES];
    struct cc_words why;
    size_t at = 0;
    for (uint32_t i = 0; i < c->rule_count; i++) {
        if (c->line[i] != 0 && !cc_rule_check(&c->rule[i], &why)) {
            return fail(c, c->line[i], "rule \"%.60s\": %s", c->rule[i].name,
                cc_words_pick(cc_say_language(), why));
        }
    }
    if (cc_rule_loops(c->rule, c->rule_count, chain, &at)) {
        return fail(c, c->line[at],
            "rule \"%.60s\" sets itself off again: %.180s; let one of them "
            "wait for something else",
            c->rule[at].name, chain);
    }
    return SP_OK;
}

/* A rule about feedback names its tags and where they lead. */
static sp_err check_feedback(
    const struct check *c, const struct sv_care_record *r)
{
    const struct cc_value_of of = { r->entity, &r->record };
    struct cc_feedback_rule rule;
    if (cc_value_int(&of, "kind", 0) != CC_RULE_FEEDBACK) {
        return SP_OK;
    }
    if (cc_value_int(&of, "route", 0) == 0) {
        return fail(c, r->line,
            "rule \"%.60s\": where does it go? It needs a route: branch, "
            "region or head_office",
            r->name);
    }
    sp_err err = cc_feedback_read(
        &of, (int32_t)cc_value_int(&of, "from", 0), c->arena, &rule);
    return err == SP_OK && rule.count == 0 && cc_value_bool(&of, "active", true)
               ? fail(c, r->line,
                     "rule \"%.60s\": which feedback? It needs tags", r->name)
               : err;
}

/* ---- playbooks --------------------------------------------------------- */

/* Shares of time of the playbooks that the text puts in force. */
static sp_err check_shares(const struct check *c)
{
    int64_t all = 0;
    for (uint32_t i = 0; i < c->text->count; i++) {
        const struct sv_care_record *r = &c->text->record[i];
        const struct cc_value_of of = { r->entity, &r->record };
        all += is_a(r, "playbook") && cc_value_bool(&of, "active", true)
                   ? cc_value_int(&of, "time_share", 0)
                   : 0;
        if (all > 100) {
            return fail(c, r->line,
                "playbook \"%.60s\": with it the shares of time are more than "
                "100 in all",
                r->name);
        }
    }
    return SP_OK;
}

static sp_err check_playbook(
    const struct check *c, const struct sv_care_record *r)
{
    const struct cc_value_of of = { r->entity, &r->record };
    struct cc_rule rule;
    if (cc_value_int(&of, "funnel", 0) == 0 &&
        cc_value_int(&of, "visit", 0) == 0) {
        return fail(c, r->line,
            "playbook \"%.60s\": for whom? It needs a funnel status, or a type "
            "of visit",
            r->name);
    }
    sp_err err = cc_rule_read_playbook(&of, c->arena, &rule);
    return err == SP_OK && rule.cycle_days > 0 && !cc_rule_makes_task(&rule)
               ? fail(c, r->line,
                     "playbook \"%.60s\": what is done every %d days? It needs "
                     "an action: call or visit",
                     r->name, (int)rule.cycle_days)
               : err;
}

/* ---- templates --------------------------------------------------------- */

static bool keep_word(void *arg, struct sp_slice member)
{
    struct check *c = arg;
    if (c->word_count < CC_MESSAGE_WORDS_MAX) {
        c->word[c->word_count++] = member;
    }
    return true;
}

/* What one template of a class forbids, its whole class forbids. */
static void collect_words(struct check *c, int64_t class)
{
    c->word_count = 0;
    for (uint32_t i = 0; i < c->text->count; i++) {
        const struct sv_care_record *r = &c->text->record[i];
        const struct cc_value_of of = { r->entity, &r->record };
        if (is_a(r, "message_template") &&
            cc_value_int(&of, "class", 0) == class) {
            cc_value_members(&of, "banned", keep_word, c);
        }
    }
}

static sp_err check_places(
    const struct check *c, const struct sv_care_record *r, struct sp_slice text)
{
    static const struct cc_message_slots all = { "a", "b", "c", "d", "e" };
    char wrong[CC_MESSAGE_WORD_BYTES] = "";
    struct sp_buf out;
    sp_buf_init(&out, CC_MESSAGE_BYTES_MAX + 64u);
    sp_err err = cc_message_fill(text, &all, &out, wrong);
    sp_buf_free(&out);
    return err == SP_E_VALUE
               ? fail(c, r->line,
                     "template \"%.60s\": nothing is known for {%.40s}; there "
                     "are {name}, {shop}, {rep}, {holiday}, {weather}",
                     r->name, wrong)
               : err;
}

static sp_err check_template(struct check *c, const struct sv_care_record *r)
{
    const struct cc_value_of of = { r->entity, &r->record };
    enum cc_message_class class =
        (enum cc_message_class)cc_value_int(&of, "class", 0);
    struct sp_slice text = cc_value_text(&of, "text");
    struct sp_slice signature = cc_value_text(&of, "signature");
    char found[CC_MESSAGE_WORD_BYTES] = "";
    if (text.size == 0) {
        return fail(c, r->line, "template \"%.60s\" has no text", r->name);
    }
    if (!cc_message_signature_whole(signature)) {
        return fail(c, r->line,
            "template \"%.60s\": its signature must have {shop} and {rep}",
            r->name);
    }
    collect_words(c, (int64_t) class);
    if (!cc_message_clean(text, class, c->word, c->word_count, found)) {
        return fail(c, r->line,
            "template \"%.60s\": \"%.100s\" may not stand in a message of "
            "this class",
            r->name, found);
    }
    sp_err err = check_places(c, r, text);
    return err == SP_OK ? check_places(c, r, signature) : err;
}

/* ---- windows ----------------------------------------------------------- */

static bool keep_days(void *arg, struct sp_slice member)
{
    bool *good = arg;
    char text[CC_DAY_TEXT_BYTES];
    int32_t day;
    *good = member.size == CC_DAY_TEXT_BYTES - 1;
    if (*good) {
        memcpy(text, member.data, member.size);
        text[member.size] = '\0';
        *good = cc_day_parse(text, &day);
    }
    return *good;
}

static sp_err check_window(
    const struct check *c, const struct sv_care_record *r)
{
    const struct cc_value_of of = { r->entity, &r->record };
    struct sp_slice days = cc_value_text(&of, "days");
    bool good = true;
    uint8_t bits;
    if (days.size > 0 && !cc_send_parse_days(days, &bits)) {
        return fail(c, r->line,
            "window \"%.60s\": days are written 1-5 or 6,7 (1 is Monday)",
            r->name);
    }
    if (days.size > 0 &&
        cc_value_int(&of, "from", 0) >= cc_value_int(&of, "to", 0)) {
        return fail(c, r->line,
            "window \"%.60s\" never opens: from is not before to", r->name);
    }
    cc_value_members(&of, "holidays", keep_days, &good);
    if (good) {
        cc_value_members(&of, "workdays", keep_days, &good);
    }
    return good ? SP_OK
                : fail(c, r->line,
                      "window \"%.60s\": holidays and workdays are days as "
                      "2026-10-01",
                      r->name);
}

/* ---- numbers ------------------------------------------------------------ */

static sp_err check_data_rule(
    const struct check *c, const struct sv_care_record *r)
{
    const struct cc_value_of of = { r->entity, &r->record };
    struct cc_words why;
    return cc_data_rule_check(&of, &why)
               ? SP_OK
               : fail(c, r->line, "data rule \"%.60s\": %s", r->name,
                     cc_words_pick(cc_say_language(), why));
}

static sp_err check_one(struct check *c, const struct sv_care_record *r)
{
    return is_a(r, "message_template") ? check_template(c, r)
           : is_a(r, "send_window")    ? check_window(c, r)
           : is_a(r, "playbook")       ? check_playbook(c, r)
           : is_a(r, "care_rule")      ? check_feedback(c, r)
           : is_a(r, "data_rule")      ? check_data_rule(c, r)
                                       : SP_OK;
}

sp_err sv_care_text_check(const struct sv_care_text *t,
    const struct sp_record *standing, uint32_t count, struct sp_arena *arena,
    const char *name, struct sv_conf_error *error)
{
    struct check c = {
        .text = t, .name = name, .error = error, .arena = arena
    };
    memset(error, 0, sizeof *error);
    c.rule = sp_arena_take(arena, CC_RULES_MAX, sizeof *c.rule);
    c.line = sp_arena_take(arena, CC_RULES_MAX, sizeof *c.line);
    c.word = sp_arena_take(arena, CC_MESSAGE_WORDS_MAX, sizeof *c.word);
    if (c.rule == NULL || c.line == NULL || c.word == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = collect_rules(&c, standing, count);
    if (err == SP_OK) {
        err = check_rules(&c);
    }
    if (err == SP_OK) {
        err = check_shares(&c);
    }
    for (uint32_t i = 0; i < t->count && err == SP_OK; i++) {
        err = check_one(&c, &t->record[i]);
    }
    return err;
}
