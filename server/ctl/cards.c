#include "ctl/cards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/card.h"
#include "book/csv.h"
#include "book/day.h"
#include "ops/say.h"

#define PIECE_BYTES     65536u
#define CELLS_BYTES_MAX (4u * CC_CARD_BYTES_MAX)

static const char *const names[] = { "account", "name", "role_title", "phones",
    "emails", "birthday.calendar", "birthday.month", "birthday.day",
    "birthday.year", "birthday.leap", "consent_birthday.state",
    "consent_birthday.at", "consent_birthday.channel" };
#define NAMES            (sizeof names / sizeof names[0])
#define WITHOUT_BIRTHDAY 5u

struct sv_cards {
    struct sv_cards_setup setup;
    struct sp_buf file;
    struct sp_slice rest;
    struct sp_buf room; /* of the card at hand */
    uint64_t line;
    struct sp_slice header[NAMES];
    size_t columns;
    struct sp_buf text; /* of the cells */
    size_t end[NAMES];
    size_t filled;
    struct sp_slice cell[NAMES];
    char at[32];
    struct sv_cards_left left;
};

/* ---- opening ------------------------------------------------------------ */

static sp_err refuse(struct sv_csv_problem *p, sp_err err, const char *text)
{
    *p = (struct sv_csv_problem){ .line = 1, .code = "file" };
    snprintf(p->text, sizeof p->text, "%s", text);
    return err;
}

/* All of it, to its end: who reads along makes a hash of the file. */
static sp_err read_file(struct sv_cards *c, const struct sv_csv_source *source)
{
    uint8_t *piece = malloc(PIECE_BYTES);
    size_t got = 1;
    sp_err err = piece == NULL ? SP_E_NOMEM : SP_OK;

    while (err == SP_OK && got > 0) {
        got = 0;
        err = source->read(source->self, piece, PIECE_BYTES, &got);
        if (err == SP_OK) {
            sp_buf_put(&c->file, piece, got);
            err = c->file.err;
        }
    }
    free(piece);
    return err;
}

static bool any_card(const struct sv_cards *c)
{
    struct sp_slice in = sp_buf_slice(&c->file);
    struct sp_buf room;
    struct cc_card card;
    uint64_t line = 0;

    sp_buf_init(&room, 2u * CC_CARD_BYTES_MAX);
    sp_err err = cc_card_read(&in, &room, &line, &card);
    sp_buf_free(&room);
    return err != SP_E_NOT_FOUND;
}

static void set_moment(struct sv_cards *c)
{
    struct cc_date d = cc_day_date(cc_day_at(c->setup.now_ms, 0));
    unsigned minute = cc_day_minute(c->setup.now_ms, 0);

    snprintf(c->at, sizeof c->at, "%04d-%02u-%02uT%02u:%02u:00Z", d.year,
        d.month, d.day, minute / 60, minute % 60);
}

sp_err sv_cards_open(struct sv_cards **out, const struct sv_csv_source *source,
    const struct sv_cards_setup *setup, struct sv_csv_problem *problem)
{
    struct sv_cards *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return refuse(problem, SP_E_NOMEM, cc_say_err(SP_E_NOMEM));
    }
    c->setup = *setup;
    c->columns = setup->consent == NULL ? WITHOUT_BIRTHDAY : NAMES;
    for (size_t i = 0; i < c->columns; i++) {
        c->header[i] = sp_slice_text(names[i]);
    }
    set_moment(c);
    sp_buf_init(&c->file, CC_CARD_FILE_MAX);
    sp_buf_init(&c->room, 2u * CC_CARD_BYTES_MAX);
    sp_buf_init(&c->text, CELLS_BYTES_MAX);
    sp_err err = read_file(c, source);
    if (err == SP_E_TOO_LARGE) {
        err = refuse(problem, SP_E_MALFORMED,
            sv_say("the file has more than 64 MiB; split it"));
    } else if (err != SP_OK) {
        err = refuse(problem, err, cc_say_err(err));
    } else if (!any_card(c)) {
        err = refuse(problem, SP_E_MALFORMED,
            sv_say("no card is in it: BEGIN:VCARD begins one"));
    }
    if (err != SP_OK) {
        sv_cards_close(c);
        return err;
    }
    c->rest = sp_buf_slice(&c->file);
    *out = c;
    return SP_OK;
}

void sv_cards_close(struct sv_cards *c)
{
    if (c != NULL) {
        sp_buf_free(&c->file);
        sp_buf_free(&c->room);
        sp_buf_free(&c->text);
        free(c);
    }
}

/* ---- a row --------------------------------------------------------------- */

static void put(struct sv_cards *c, struct sp_slice s)
{
    sp_buf_put(&c->text, s.data, s.size);
}

static void end_cell(struct sv_cards *c)
{
    c->end[c->filled++] = c->text.size;
}

static void put_cell(struct sv_cards *c, struct sp_slice s)
{
    put(c, s);
    end_cell(c);
}

static void put_number(struct sv_cards *c, unsigned n)
{
    char text[16];

    snprintf(text, sizeof text, "%u", n);
    put_cell(c, sp_slice_text(n == 0 ? "" : text));
}

/* A part of a group: what would end it stands behind a backslash. */
static void put_part(struct sp_buf *out, struct sp_slice s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == ';' || s.data[i] == '=' || s.data[i] == '\\') {
            sp_buf_put(out, "\\", 1);
        }
        sp_buf_put(out, &s.data[i], 1);
    }
}

/* "1|number=2; label=CELL" */
static void put_values(struct sv_cards *c, const struct cc_card_value *v,
    size_t count, const char *part)
{
    const size_t from = c->text.size;
    struct sp_buf one;
    sp_buf_init(&one, CELLS_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        sp_buf_reset(&one);
        if (v[i].label.size == 0) {
            sp_buf_put(&one, v[i].text.data, v[i].text.size);
        } else {
            sp_buf_put(&one, part, strlen(part));
            put_part(&one, v[i].text);
            sp_buf_put(&one, "; label=", strlen("; label="));
            put_part(&one, v[i].label);
        }
        cc_csv_put_member(&c->text, from, sp_buf_slice(&one));
        c->text.err = c->text.err == SP_OK ? one.err : c->text.err;
    }
    sp_buf_free(&one);
    end_cell(c);
}

static void put_birthday(struct sv_cards *c, const struct cc_card_birthday *b)
{
    bool has = b->month > 0;

    put_cell(c, sp_slice_text(!has ? "" : b->lunar ? "lunar" : "solar"));
    put_number(c, b->month);
    put_number(c, b->day);
    put_number(c, b->year);
    put_cell(c, sp_slice_text(has && b->leap ? "true" : ""));
    put_cell(c, sp_slice_text(has ? "given" : ""));
    put_cell(c, sp_slice_text(has ? c->at : ""));
    put_cell(c, sp_slice_text(has ? c->setup.consent : ""));
}

static sp_err fill(struct sv_cards *c, const struct cc_card *card)
{
    sp_buf_reset(&c->text);
    c->filled = 0;
    put_cell(c,
        c->setup.account == NULL ? card->org : sp_slice_text(c->setup.account));
    put_cell(c, card->name);
    put_cell(c, card->title);
    put_values(c, card->phone, card->phones, "number=");
    put_values(c, card->email, card->emails, "address=");
    if (c->setup.consent != NULL) {
        put_birthday(c, &card->birthday);
    }
    for (size_t i = 0; c->text.err == SP_OK && i < c->filled; i++) {
        size_t start = i == 0 ? 0 : c->end[i - 1];
        c->cell[i] = sp_slice_of(c->text.data + start, c->end[i] - start);
    }
    return c->text.err;
}

static void count_left(struct sv_cards *c, const struct cc_card *card)
{
    c->left.birthdays += c->setup.consent == NULL && card->birthday.month > 0;
    c->left.places += card->placed || card->street.size > 0 ||
                      card->city.size > 0 || card->province.size > 0;
}

sp_err sv_cards_next(struct sv_cards *c, const struct sp_slice **cells,
    struct sv_csv_problem *problem)
{
    struct cc_card card;
    sp_err err = cc_card_read(&c->rest, &c->room, &c->line, &card);

    c->filled = 0;
    if (err == SP_E_NOT_FOUND) {
        return err;
    }
    *problem = (struct sv_csv_problem){ .line = c->line, .code = "card" };
    snprintf(problem->text, sizeof problem->text, "%s",
        cc_words_pick(cc_say_language(), cc_card_fault(err)));
    sp_err filled = err == SP_E_NOMEM ? err : fill(c, &card);
    if (filled != SP_OK) {
        return filled;
    }
    *cells = c->cell;
    if (err == SP_OK) {
        count_left(c, &card);
        return SP_OK;
    }
    return SP_E_VALUE;
}

size_t sv_cards_cells(struct sv_cards *c, const struct sp_slice **cells)
{
    *cells = c->cell;
    return c->filled;
}

const struct sp_slice *sv_cards_header(const struct sv_cards *c, size_t *count)
{
    *count = c->columns;
    return c->header;
}

uint64_t sv_cards_line(const struct sv_cards *c)
{
    return c->line;
}

struct sv_cards_left sv_cards_left(const struct sv_cards *c)
{
    return c->left;
}
