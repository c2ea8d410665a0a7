#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/card.h"
#include "book/day.h"
#include "book/fold.h"

#include "api/call.h"
#include "say/say.h"

#include "api/fail.h"

#define INPUTS_MAX (4u + 2u * CC_CARD_VALUES_MAX)
#define TEXT_BYTES (CC_CARD_TEXT_BYTES + 1u)

struct cards {
    struct satchel *s;
    const struct satchel_cards_from *from;
    void (*refused)(void *arg, uint64_t line, const char *why);
    void *arg;
    struct satchel_cards out;
    uint64_t line;
};

/* One contact as it would be typed. */
struct typed {
    size_t count;
    struct satchel_input input[INPUTS_MAX];
    char text[INPUTS_MAX][TEXT_BYTES];
};

static void say(struct cards *c, const char *why)
{
    c->out.refused++;
    if (c->refused != NULL) {
        c->refused(c->arg, c->line, why);
    }
}

static bool add(struct typed *t, const char *field, struct sp_slice text,
    enum satchel_how how)
{
    if (text.size >= TEXT_BYTES || t->count == INPUTS_MAX) {
        return false;
    }
    if (text.size > 0) {
        memcpy(t->text[t->count], text.data, text.size);
        t->text[t->count][text.size] = '\0';
        t->input[t->count].field = field;
        t->input[t->count].text = t->text[t->count];
        t->input[t->count].how = how;
        t->count++;
    }
    return true;
}

/* "number=...; label=...", with what would end a part behind a backslash. */
static bool add_value(struct typed *t, const char *field, const char *part,
    const struct cc_card_value *v)
{
    struct sp_buf b;
    bool good;
    const struct sp_slice piece[] = { sp_slice_text(part), v->text,
        sp_slice_text("; label="), v->label };

    sp_buf_init(&b, TEXT_BYTES);
    for (size_t i = 0; i < (v->label.size > 0 ? 4u : 2u); i++) {
        for (size_t k = 0; k < piece[i].size; k++) {
            uint8_t c = piece[i].data[k];
            if (i % 2 == 1 && (c == ';' || c == '=' || c == '\\')) {
                sp_buf_put(&b, "\\", 1);
            }
            sp_buf_put(&b, &c, 1);
        }
    }
    good = b.err == SP_OK && add(t, field, sp_buf_slice(&b), SATCHEL_ADD);
    sp_buf_free(&b);
    return good;
}

static bool make(struct typed *t, const struct cc_card *card)
{
    bool good = add(t, "name", card->name, SATCHEL_SET) &&
                add(t, "role_title", card->title, SATCHEL_SET);

    for (size_t i = 0; i < card->phones && good; i++) {
        good = add_value(t, "phones", "number=", &card->phone[i]);
    }
    for (size_t i = 0; i < card->emails && good; i++) {
        good = add_value(t, "emails", "address=", &card->email[i]);
    }
    return good;
}

/* With the consent by which it may be kept, or not at all. */
static bool add_birthday(
    struct cards *c, struct typed *t, const struct cc_card_birthday *b)
{
    const struct cc_replica *r = &c->s->replica;
    uint64_t now = r->env.now_ms(r->env.self);
    struct cc_date d = cc_day_date(cc_day_at(now, 0));
    unsigned minute = cc_day_minute(now, 0);
    char text[160], year[24] = "";

    if (b->month == 0) {
        return true;
    }
    if (c->from->consent == NULL) {
        c->out.birthdays++;
        return true;
    }
    (void)snprintf(text, sizeof(text),
        "state=given; at=%04d-%02u-%02uT%02u:%02u:00Z; channel=%.20s", d.year,
        d.month, d.day, minute / 60, minute % 60, c->from->consent);
    if (!add(t, "consent_birthday", sp_slice_text(text), SATCHEL_SET)) {
        return false;
    }
    if (b->year > 0) {
        (void)snprintf(year, sizeof(year), "; year=%u", b->year);
    }
    (void)snprintf(text, sizeof(text), "calendar=%s; month=%u; day=%u%s%s",
        b->lunar ? "lunar" : "solar", b->month, b->day, year,
        b->leap ? "; leap=true" : "");
    return add(t, "birthday", sp_slice_text(text), SATCHEL_SET);
}

/* Case, width and blanks aside, as a server compares them. */
static bool same_name(const char *a, const char *b)
{
    char x[TEXT_BYTES], y[TEXT_BYTES];

    if (strlen(a) >= sizeof(x) || strlen(b) >= sizeof(y)) {
        return false;
    }
    (void)cc_fold_text(sp_slice_text(a), x);
    (void)cc_fold_text(sp_slice_text(b), y);
    return strcmp(x, y) == 0;
}

/* Whether the account has a contact of this name. */
static bool is_known(struct cards *c, const char *account, const char *name)
{
    struct satchel_query query = {
        .entity = "contact", .parent = account, .text = name, .brief = true
    };
    struct satchel_list *list = NULL;
    bool found = false;

    if (satchel_record_list(c->s, &query, &list, NULL) != 0) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        found = found || same_name(list->record[i].title, name);
    }
    satchel_free(list);
    return found;
}

static bool has(const struct satchel_record *r, const char *field)
{
    bool found = false;

    for (size_t i = 0; i < r->field_count; i++) {
        found = found || strcmp(r->field[i].name, field) == 0;
    }
    return found;
}

static bool make_address(struct typed *t, const struct cc_card *card)
{
    return add(t, "address.street", card->street, SATCHEL_SET) &&
           add(t, "address.city", card->city, SATCHEL_SET) &&
           add(t, "address.province", card->province, SATCHEL_SET) &&
           add(t, "address.post_code", card->post_code, SATCHEL_SET) &&
           add(t, "address.country", card->country, SATCHEL_SET);
}

static bool make_place(struct typed *t, const struct cc_card *card)
{
    char text[80];
    size_t used = cc_card_degrees(text, sizeof(text), card->latitude_e7);

    text[used++] = ',';
    used +=
        cc_card_degrees(text + used, sizeof(text) - used, card->longitude_e7);
    (void)snprintf(
        text + used, sizeof(text) - used, ",%u", (unsigned)card->accuracy_m);
    return add(t, "geo", sp_slice_text(text), SATCHEL_SET);
}

/*
 * Address and place of a card are those of its account, and are taken where
 * that has none: what somebody saw on the spot stays. The contact is in
 * already, so a refusal is told and costs nothing else.
 */
static void take_where(
    struct cards *c, const char *account, const struct cc_card *card)
{
    struct typed *t = (struct typed *)calloc(1, sizeof(*t));
    struct satchel_record *r = NULL;
    struct satchel_error e;
    bool good = t != NULL;
    int code = satchel_record_show(c->s, "account", account, &r, &e);

    if (code == 0 && good && !has(r, "address")) {
        good = make_address(t, card);
    }
    if (code == 0 && good && card->placed && !has(r, "geo")) {
        good = make_place(t, card);
    }
    if (code == 0 && good && t->count > 0) {
        code = satchel_record_edit(
            c->s, "account", r->id, t->input, t->count, NULL, &e);
        c->out.places += code == 0;
    }
    if ((code != 0 || !good) && c->refused != NULL) {
        char why[SATCHEL_DETAIL_BYTES];
        cc_say_note(why, sizeof(why), "%s; the contact is in, this is not",
            code == 0             ? cc_say("a value of it is too long")
            : e.detail[0] != '\0' ? e.detail
                                  : cc_say_err((sp_err)e.code));
        c->refused(c->arg, c->line, why);
    }
    satchel_free(r);
    free(t);
}

static void take_card(struct cards *c, const struct cc_card *card)
{
    struct typed *t = (struct typed *)calloc(1, sizeof(*t));
    struct satchel_error e;
    char org[TEXT_BYTES] = "";
    const char *account = c->from->account;

    if (t == NULL || !make(t, card) || card->org.size >= sizeof(org) ||
        !add_birthday(c, t, &card->birthday)) {
        say(c, t == NULL ? cc_say_err(SP_E_NOMEM)
                         : cc_say("a value of it is too long"));
        free(t);
        return;
    }
    if (account == NULL) {
        (void)snprintf(org, sizeof(org), "%.*s", (int)card->org.size,
            (const char *)card->org.data);
        account = org;
    }
    if (account[0] == '\0') {
        say(c, cc_say("it names no organisation; name the account"));
    } else if (is_known(c, account, t->text[0])) {
        c->out.known++;
    } else if (satchel_record_add(c->s, "contact", account, t->input, t->count,
                   NULL, &e) == 0) {
        c->out.added++;
        take_where(c, account, card);
    } else {
        say(c, e.detail[0] != '\0' ? e.detail : cc_say_err((sp_err)e.code));
    }
    free(t);
}

static sp_err take_all(struct cards *c, struct sp_slice in)
{
    struct sp_buf room;
    struct cc_card card;
    sp_err err;

    sp_buf_init(&room, 2 * CC_CARD_BYTES_MAX);
    while (
        (err = cc_card_read(&in, &room, &c->line, &card)) != SP_E_NOT_FOUND &&
        err != SP_E_NOMEM) {
        if (err == SP_OK) {
            take_card(c, &card);
        } else {
            say(c, cc_words_pick(cc_say_language(), cc_card_fault(err)));
        }
    }
    sp_buf_free(&room);
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

/* The whole file; malloc'ed. */
static sp_err read_file(const char *path, uint8_t **out, size_t *size)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    uint8_t *bytes;
    sp_err err = SP_OK;

    if (file == NULL) {
        return errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
    }
    bytes = (uint8_t *)malloc(CC_CARD_FILE_MAX);
    *size = bytes == NULL ? 0 : fread(bytes, 1, CC_CARD_FILE_MAX, file);
    if (bytes == NULL) {
        err = SP_E_NOMEM;
    } else if (ferror(file) != 0) {
        err = SP_E_IO;
    } else if (*size == CC_CARD_FILE_MAX) {
        err = SP_E_TOO_LARGE;
    }
    if (file != stdin) {
        (void)fclose(file);
    }
    if (err == SP_OK) {
        *out = bytes;
    } else {
        free(bytes);
    }
    return err;
}

int satchel_import_cards(struct satchel *s,
    const struct satchel_cards_from *from,
    void (*refused)(void *arg, uint64_t line, const char *why), void *arg,
    struct satchel_cards *out, struct satchel_error *e)
{
    struct cards c = { s, from, refused, arg, { 0, 0, 0, 0, 0 }, 0 };
    const char *path = from->path;
    uint8_t *bytes = NULL;
    size_t size = 0;
    sp_err err = read_file(path, &bytes, &size);
    const char *detail = path;
    char place[120];

    if (err == SP_OK) {
        err = take_all(&c, sp_slice_of(bytes, size));
        free(bytes);
        if (err == SP_OK && c.out.added + c.out.known + c.out.refused == 0) {
            cc_say_note(place, sizeof(place),
                "no card is in it: BEGIN:VCARD begins one");
            detail = place;
            err = SP_E_VALUE;
        }
    }
    *out = c.out;
    return cc_fail_set(e, err, detail);
}
