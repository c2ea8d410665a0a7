#include "api/files.h"

#include <stdlib.h>

#include "book/profile.h"
#include "book/value.h"

#include "api/record.h"
#include "api/today.h"

/* The list with room for one more; NULL without memory, and the list stays. */
static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    size_t more = *room == 0 ? 256 : 2 * *room;
    void *moved;

    if (count < *room) {
        return list;
    }
    moved = realloc(list, more * size);
    *room = moved == NULL ? *room : more;
    return moved;
}

static sp_err take_contact(void *arg, const struct sp_record *view)
{
    struct cc_files *b = (struct cc_files *)arg;
    struct cc_value_of of = { b->entity, view };
    const struct cc_standing *s;
    struct sp_id account;
    struct cc_file *file;

    if (cc_value_deleted(&of)) {
        return SP_OK;
    }
    file = (struct cc_file *)grown(b->file, b->count, &b->room, sizeof(*file));
    if (file == NULL) {
        return SP_E_NOMEM;
    }
    b->file = file;
    s = cc_value_ref(&of, "account", &account)
            ? cc_standing_find(&b->standings, &account)
            : NULL;
    b->file[b->count++] = (struct cc_file){
        .user = (uint32_t)cc_value_int(&of, "author", 0),
        .day = cc_today_of(sp_id_time_ms(&view->ref.id)),
        .percent = cc_profile_of(&of, s != NULL && s->count > 0).percent,
    };
    return SP_OK;
}

static sp_err take_check(void *arg, const struct sp_record *view)
{
    struct cc_files *b = (struct cc_files *)arg;
    struct cc_value_of of = { b->entity, view };
    struct sp_ref ref = { 0, { { 0 } } };
    const struct sp_entity *contact = sp_dictionary_entity_named(
        b->call->dictionary, sp_slice_text("contact"));
    struct cc_record_view person;
    struct cc_value_of whose;
    struct cc_file_check *check;
    sp_err err;

    if (cc_value_deleted(&of) || contact == NULL ||
        !cc_value_ref(&of, "contact", &ref.id)) {
        return SP_OK;
    }
    ref.type = contact->number;
    err = cc_record_view(b->call, &ref, &person);
    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    check = (struct cc_file_check *)grown(
        b->check, b->checks, &b->check_room, sizeof(*check));
    if (check == NULL) {
        err = SP_E_NOMEM;
    } else {
        b->check = check;
        whose = (struct cc_value_of){ contact, &person.record };
        b->check[b->checks++] = (struct cc_file_check){
            .user = (uint32_t)cc_value_int(&whose, "author", 0),
            .day = cc_today_of(cc_value_ts(&of, "at")),
            .correct = cc_value_bool(&of, "correct", false),
        };
    }
    cc_record_view_free(&person);
    return err;
}

static int by_user(const void *a, const void *b)
{
    const struct cc_file *x = (const struct cc_file *)a;
    const struct cc_file *y = (const struct cc_file *)b;

    return (x->user > y->user) - (x->user < y->user);
}

static sp_err read(struct cc_files *b, const char *entity,
    sp_err (*take)(void *arg, const struct sp_record *view))
{
    b->entity =
        sp_dictionary_entity_named(b->call->dictionary, sp_slice_text(entity));
    return b->entity == NULL
               ? SP_OK
               : sp_state_walk(&b->call->tx, b->entity->number, NULL, take, b);
}

sp_err cc_files_read(struct cc_files *b, struct cc_call *c)
{
    sp_err err;

    b->call = c;
    err = cc_standing_load(&b->standings, c, NULL);
    if (err == SP_OK) {
        err = read(b, "contact", take_contact);
    }
    if (err == SP_OK) {
        err = read(b, "spot_check", take_check);
    }
    if (err == SP_OK && b->count > 0) {
        qsort(b->file, b->count, sizeof(*b->file), by_user);
    }
    return err;
}

void cc_files_free(struct cc_files *b)
{
    free(b->file);
    free(b->check);
    cc_standing_free(&b->standings);
}
