/* care_text.c - templates: filled, signed, and free of forbidden words. */
#include "api/care.h"

#include <stdio.h>
#include <string.h>

#include "book/message.h"

#include "api/record.h"
#include "api/result.h"

struct words {
    struct cc_call *call;
    struct sp_arena *arena;
    int64_t class;
    struct sp_slice *word;
    size_t count;
    sp_err err;
};

static bool keep_word(void *arg, struct sp_slice member)
{
    struct words *w = (struct words *)arg;
    struct sp_slice *list = (struct sp_slice *)sp_arena_grow(
        w->arena, w->word, w->count, sizeof(*list));

    if (list == NULL || w->count == CC_MESSAGE_WORDS_MAX) {
        w->err = list == NULL ? SP_E_NOMEM : SP_E_TOO_LARGE;
        return false;
    }
    w->word = list;
    list[w->count] = sp_arena_copy(w->arena, member);
    w->err =
        list[w->count].data == NULL && member.size > 0 ? SP_E_NOMEM : SP_OK;
    w->count += w->err == SP_OK;
    return w->err == SP_OK;
}

static sp_err take_template(void *arg, const struct cc_value_of *of)
{
    struct words *w = (struct words *)arg;

    if (cc_value_int(of, "class", 0) == w->class) {
        cc_value_members(of, "banned", keep_word, w);
    }
    return w->err;
}

/* A typed part of a group, with what would end it escaped. */
void cc_care_part(struct sp_buf *out, const char *name, const char *text)
{
    if (out->size > 0) {
        sp_buf_put(out, "; ", 2);
    }
    sp_buf_put(out, name, strlen(name));
    sp_buf_put(out, "=", 1);
    for (; *text != '\0'; text++) {
        if (*text == ';' || *text == '=' || *text == '\\') {
            sp_buf_put(out, "\\", 1);
        }
        sp_buf_put(out, text, 1);
    }
}

void cc_care_time(char out[CC_CARE_TIME_BYTES], uint64_t ms)
{
    uint64_t s = ms / 1000;
    char date[CC_DAY_TEXT_BYTES];

    cc_day_format(date, cc_day_at(ms, 0));
    (void)snprintf(out, CC_CARE_TIME_BYTES, "%sT%02u:%02u:%02uZ", date,
        (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

/* What one template of a class forbids, its whole class forbids. */
sp_err cc_care_words(struct cc_call *c, struct sp_arena *a, int64_t class,
    struct sp_slice **word, size_t *count)
{
    struct words w = { .call = c, .arena = a, .class = class };
    sp_err err = cc_care_walk(c, "message_template", take_template, &w);

    *word = w.word;
    *count = w.count;
    return err;
}

sp_err cc_care_fill(struct cc_call *c, struct sp_slice text, const char *name,
    const char *holiday, struct sp_buf *out, char *wrong)
{
    const struct cc_replica *r = &c->s->replica;
    uint32_t user = r->identity.self.user;
    const struct sp_person *p = sp_rulebook_find_person(r->book, user);
    const struct sp_roster *u = sp_rulebook_find_unit_of(r->book, user);
    struct cc_message_slots s = { .name = name, .holiday = holiday };

    s.rep = p == NULL ? NULL : cc_call_text(c, p->name);
    s.shop = u == NULL ? NULL : cc_call_text(c, u->name);
    return cc_message_fill(text, &s, out, wrong);
}

static sp_err check_signature(struct cc_call *c,
    const struct cc_value_of *template, struct sp_slice text, char *en,
    char *zh)
{
    char wrong[CC_MESSAGE_WORD_BYTES] = "";
    struct sp_buf b;
    sp_err err;

    sp_buf_init(&b, CC_MESSAGE_BYTES_MAX);
    err = cc_care_fill(
        c, cc_value_text(template, "signature"), NULL, NULL, &b, wrong);
    if (err == SP_E_VALUE || err == SP_E_REQUIRED) {
        (void)snprintf(en, CC_DUE_WHY_BYTES,
            "nothing is known for {%s} of the signature", wrong);
        (void)snprintf(zh, CC_DUE_WHY_BYTES, "落款中的{%s}没有内容", wrong);
        err = SP_OK;
    } else if (err == SP_OK && !cc_message_signed(text, sp_buf_slice(&b))) {
        (void)snprintf(en, CC_DUE_WHY_BYTES, "it does not end with \"%.*s\"",
            (int)b.size, b.data == NULL ? "" : (const char *)b.data);
        (void)snprintf(zh, CC_DUE_WHY_BYTES, "结尾缺少落款“%.*s”", (int)b.size,
            b.data == NULL ? "" : (const char *)b.data);
    }
    sp_buf_free(&b);
    return err;
}

sp_err cc_care_problem(struct cc_call *c, int64_t class,
    const struct sp_id *template, struct sp_slice text, char *en, char *zh)
{
    struct sp_ref ref = { 0, *template };
    const struct sp_entity *e = sp_dictionary_entity_named(
        c->dictionary, sp_slice_text("message_template"));
    char found[CC_MESSAGE_WORD_BYTES] = "";
    struct cc_record_view view;
    struct sp_slice *word = NULL;
    size_t count = 0;
    sp_err err = cc_care_words(c, &c->tx.arena, class, &word, &count);

    en[0] = zh[0] = '\0';
    if (err != SP_OK) {
        return err;
    }
    if (!cc_message_clean(
            text, (enum cc_message_class) class, word, count, found)) {
        (void)snprintf(en, CC_DUE_WHY_BYTES,
            "\"%s\" may not stand in a message of this class", found);
        (void)snprintf(zh, CC_DUE_WHY_BYTES, "此类消息不得出现“%s”", found);
        return SP_OK;
    }
    ref.type = e == NULL ? 0 : e->number;
    err = e == NULL ? SP_E_NOT_FOUND : cc_record_view(c, &ref, &view);
    if (err == SP_E_NOT_FOUND) {
        (void)snprintf(en, CC_DUE_WHY_BYTES, "its template is not here");
        (void)snprintf(zh, CC_DUE_WHY_BYTES, "本设备没有该模板");
        return SP_OK;
    }
    if (err == SP_OK) {
        const struct cc_value_of of = { e, &view.record };
        err = check_signature(c, &of, text, en, zh);
        cc_record_view_free(&view);
    }
    return err;
}
