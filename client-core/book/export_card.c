#include "book/export_inside.h"

#include <string.h>

#include "book/card.h"
#include "sp/pack.h"

/* "mia; 2026-03-04T05:06:07Z; 0197..." */
static void put_mark_text(const struct cc_export_mark *m, struct sp_buf *out)
{
    char at[32], id[SP_ID_TEXT_BYTES];

    cc_export_put_time(at, m->at_ms, false);
    sp_id_format(id, &m->id);
    cc_export_put(out, m->by);
    cc_export_put(out, "; ");
    cc_export_put(out, at);
    cc_export_put(out, "; ");
    cc_export_put(out, id);
}

/* First options of a consent, second of a calendar. */
#define CONSENT_GIVEN  1
#define CALENDAR_LUNAR 2

struct values {
    struct cc_card_value *value;
    size_t count;
};

/* A set of groups (text, label). */
static void take_member(void *arg, struct sp_slice member)
{
    struct values *v = (struct values *)arg;
    struct sp_rd r;
    uint32_t parts;

    sp_rd_init(&r, member);
    parts = sp_rd_peek(&r) == SP_KIND_ARRAY
                ? sp_rd_array(&r, SP_DICTIONARY_PARTS_MAX)
                : 0;
    if (parts == 0 || v->count == CC_CARD_VALUES_MAX) {
        return;
    }
    if (sp_rd_peek(&r) == SP_KIND_ARRAY) {
        (void)sp_rd_array(&r, 1); /* a phone that was kept as typed */
    }
    v->value[v->count].text = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    if (parts > 1) {
        v->value[v->count].label = sp_rd_str(&r, SP_VALUE_BYTES_MAX);
    }
    v->count++;
}

static size_t take_values(const struct cc_export_setup *s,
    const struct cc_value_of *of, const char *field, struct cc_card_value *out)
{
    struct values v = { out, 0 };
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text(field));

    if (f != NULL && f->set && f->kind == SP_VALUE_GROUP &&
        cc_sheet_shows(&s->view, of->entity, f, NULL)) {
        cc_sheet_members(of->entity, of->record, f, take_member, &v);
    }
    return v.count;
}

/* Only what the person still agrees to; and it is sensitive, so only with a
 * second person (book/sheet.h). */
static void take_birthday(const struct cc_export_setup *s,
    const struct cc_value_of *of, struct cc_card_birthday *out)
{
    const struct sp_field *f =
        sp_dictionary_field_named(of->entity, sp_slice_text("birthday"));

    if (f != NULL && cc_sheet_shows(&s->view, of->entity, f, NULL) &&
        cc_value_part(of, "consent_birthday", "state", 0) == CONSENT_GIVEN) {
        out->lunar =
            cc_value_part(of, "birthday", "calendar", 0) == CALENDAR_LUNAR;
        out->month = (unsigned)cc_value_part(of, "birthday", "month", 0);
        out->day = (unsigned)cc_value_part(of, "birthday", "day", 0);
        out->year = (unsigned)cc_value_part(of, "birthday", "year", 0);
        out->leap = cc_value_part(of, "birthday", "leap", 0) != 0;
    }
}

bool cc_export_card(const struct cc_export_setup *s, const struct sp_entity *e,
    const struct sp_record *r, struct sp_arena *arena, struct sp_buf *out)
{
    struct cc_value_of of = { e, r }, account;
    struct sp_record room;
    char uid[9 + SP_ID_TEXT_BYTES] = "urn:uuid:";
    int64_t place[2];
    struct sp_buf mark;
    struct cc_card card = { .name = cc_export_text(s, &of, "name", ""),
        .title = cc_export_text(s, &of, "role_title", "") };

    if (card.name.size == 0) {
        return false;
    }
    sp_id_format(uid + 9, &r->ref.id);
    card.uid = sp_slice_text(uid);
    take_birthday(s, &of, &card.birthday);
    card.phones = take_values(s, &of, "phones", card.phone);
    card.emails = take_values(s, &of, "emails", card.email);
    if (cc_export_parent(s, e, r, arena, &account, &room)) {
        card.org = cc_export_text(s, &account, "name", "");
        card.street = cc_export_text(s, &account, "address", "street");
        card.city = cc_export_text(s, &account, "address", "city");
        card.province = cc_export_text(s, &account, "address", "province");
        card.post_code = cc_export_text(s, &account, "address", "post_code");
        card.country = cc_export_text(s, &account, "address", "country");
        card.placed = cc_export_place(s, &account, place);
        card.latitude_e7 = card.placed ? place[0] : 0;
        card.longitude_e7 = card.placed ? place[1] : 0;
    }
    sp_buf_init(&mark, 512);
    if (s->mark != NULL) {
        put_mark_text(s->mark, &mark);
        card.mark = sp_buf_slice(&mark);
    }
    cc_card_put(&card, s->format == CC_EXPORT_VCARD4 ? 4 : 3, out);
    sp_buf_free(&mark);
    return true;
}

void cc_export_line_mark(const struct cc_export_mark *m, struct sp_buf *out)
{
    struct sp_buf text, escaped;

    sp_buf_init(&text, 512);
    sp_buf_init(&escaped, 1024);
    put_mark_text(m, &text);
    cc_card_escape(sp_buf_slice(&text), &escaped);
    cc_card_put_line("X-SATCHEL-EXPORT", sp_buf_slice(&escaped), out);
    sp_buf_free(&text);
    sp_buf_free(&escaped);
}
