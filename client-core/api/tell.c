#include "api/tell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sp/pack.h"

#include "book/sentence.h"

#include "api/refer.h"
#include "api/result.h"

#define TEXT_BYTES_MAX (4u * SP_VALUE_BYTES_MAX)

void cc_tell_time(char out[CC_TELL_TIME_BYTES], uint64_t ms)
{
    struct tm local;
    time_t seconds = (time_t)(ms / 1000u);

    if (ms == 0 || localtime_r(&seconds, &local) == NULL ||
        strftime(out, CC_TELL_TIME_BYTES, "%Y-%m-%d %H:%M", &local) == 0) {
        out[0] = '\0';
    }
}

/* As the clock on the wall shows it; the exact text has UTC and all digits. */
static const char *local_time(struct sp_slice value, struct sp_arena *a)
{
    char text[CC_TELL_TIME_BYTES];
    struct sp_rd r;
    uint64_t ms;

    sp_rd_init(&r, value);
    sp_rd_array_of(&r, 2);
    ms = sp_rd_uint(&r, 0, INT64_MAX);
    if (r.err != SP_OK) {
        return NULL;
    }
    cc_tell_time(text, ms);
    return text[0] == '\0' ? NULL : cc_result_string(a, text);
}

/* Texts for people that the dictionary cannot know: times of here, names of
 * users and records. NULL: as the dictionary has it. */
static const char *name_of(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, struct sp_arena *a)
{
    struct sp_ref ref = { .type = f->target };
    const char *title;
    struct sp_rd r;

    if (f->kind == SP_VALUE_TS) {
        return local_time(value, a);
    }
    sp_rd_init(&r, value);
    if (f->kind == SP_VALUE_USER) {
        uint32_t user = (uint32_t)sp_rd_uint(&r, 0, UINT32_MAX);
        return r.err == SP_OK ? cc_result_string(a, cc_refer_user_name(c, user))
                              : NULL;
    }
    sp_rd_fixed(&r, ref.id.b, sizeof(ref.id.b));
    if (f->kind != SP_VALUE_REF || f->target == 0 || r.err != SP_OK) {
        return NULL;
    }
    title = cc_refer_title(c, &ref);
    return title[0] == '\0' ? NULL : cc_result_string(a, title);
}

/* The title of a task that a program wrote, for people; NULL of all else. */
static const char *told(const struct sp_field *f, struct sp_slice value,
    enum cc_show_form form, struct sp_arena *a)
{
    char text[CC_SENTENCE_BYTES];
    struct sp_slice stored;
    struct sp_rd r;

    if (f->kind != SP_VALUE_STR ||
        !sp_slice_equal(f->name, sp_slice_text("title"))) {
        return NULL;
    }
    sp_rd_init(&r, value);
    stored = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    return r.err == SP_OK &&
                   cc_sentence_tell(stored,
                       form == CC_SHOW_ZH ? CC_LANG_ZH : CC_LANG_EN, text)
               ? cc_result_string(a, text)
               : NULL;
}

static const struct sp_field *field_of(
    struct cc_call *c, const char *entity, const char *field)
{
    const struct sp_entity *e =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text(entity));

    return e == NULL ? NULL
                     : sp_dictionary_field_named(e, sp_slice_text(field));
}

/* A stage in the log is a name, of the funnel's options while those are there;
 * people read what they call it. NULL of all else. */
static const char *stage_of(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, enum cc_show_form form, struct sp_arena *a)
{
    const struct sp_field *funnel;
    struct sp_slice name;
    struct sp_rd r;

    if (f->kind != SP_VALUE_STR || (f != field_of(c, "stage_log", "to") &&
                                       f != field_of(c, "stage_log", "from"))) {
        return NULL;
    }
    funnel = field_of(c, "account", "funnel_status");
    sp_rd_init(&r, value);
    name = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    for (uint32_t i = 0; funnel != NULL && i < funnel->option_count; i++) {
        const struct sp_option *o = &funnel->option[i];
        if (r.err == SP_OK && sp_slice_equal(o->name, name)) {
            return cc_result_text(
                a, form == CC_SHOW_ZH ? o->label_zh : o->label_en);
        }
    }
    return NULL;
}

/* A customer's name by his id; an id that is not here, and what is none, as it
 * stands. */
static void put_stop(struct cc_call *c, struct sp_slice line, struct sp_buf *b)
{
    const struct sp_entity *account =
        sp_dictionary_entity_named(c->dictionary, sp_slice_text("account"));
    struct sp_ref ref = { .type = account == NULL ? 0 : account->number };
    const char *title = "";
    char id[SP_ID_TEXT_BYTES];

    (void)snprintf(
        id, sizeof(id), "%.*s", (int)line.size, (const char *)line.data);
    if (account != NULL && line.size < sizeof(id) &&
        sp_id_parse(&ref.id, id) == SP_OK) {
        title = cc_refer_title(c, &ref);
    }
    sp_buf_put(b, " > ", b->size == 0 ? 0 : 3);
    sp_buf_put(b, title[0] != '\0' ? (const uint8_t *)title : line.data,
        title[0] != '\0' ? strlen(title) : line.size);
}

/* The stops of a route are ids, one a line; people read the customers' names,
 * in their order. NULL of all else. */
static const char *stops_of(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, struct sp_arena *a)
{
    struct sp_slice text;
    const char *out;
    struct sp_buf b;
    struct sp_rd r;
    size_t from = 0;

    if (!sp_slice_equal(f->name, sp_slice_text("stops")) ||
        f != field_of(c, "route_plan", "stops")) {
        return NULL;
    }
    sp_rd_init(&r, value);
    text = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    sp_buf_init(&b, TEXT_BYTES_MAX);
    for (size_t i = 0; r.err == SP_OK && i <= text.size; i++) {
        if (i == text.size || text.data[i] == '\n') {
            put_stop(c, sp_slice_of(text.data + from, i - from), &b);
            from = i + 1;
        }
    }
    out = r.err == SP_OK && b.err == SP_OK ? cc_result_text(a, sp_buf_slice(&b))
                                           : NULL;
    sp_buf_free(&b);
    return out;
}

const char *cc_tell_value(struct cc_call *c, const struct sp_field *f,
    struct sp_slice value, enum cc_show_form form, struct sp_arena *a)
{
    const char *out = name_of(c, f, value, a);

    if (out == NULL) {
        out = told(f, value, form, a);
    }
    if (out == NULL) {
        out = stage_of(c, f, value, form, a);
    }
    return out == NULL ? stops_of(c, f, value, a) : out;
}
