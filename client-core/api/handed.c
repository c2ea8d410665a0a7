#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sp/pack.h"

#include "photo/photo.h"

#include "replica/blob.h"

#include "store/out.h"

#include "api/attachment.h"
#include "say/say.h"

#include "api/fail.h"
#include "api/leave.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/result.h"

static bool is_photo(const struct cc_value_of *of)
{
    struct sp_slice mime = cc_value_text(of, "mime");

    return sp_slice_equal(mime, sp_slice_text("image/jpeg")) ||
           sp_slice_equal(mime, sp_slice_text("image/png"));
}

/* A picture that was added as a document has no watermark, and is one. */
static bool is_document(const struct cc_value_of *of)
{
    return !is_photo(of) || cc_value_text(of, "watermark").size == 0;
}

/* ---- list -----------------------------------------------------------------
 */

struct listing {
    struct cc_call *call;
    struct sp_arena *a;
    const struct sp_entity *entity;
    bool documents, some; /* some: only of one thing */
    struct cc_attachment_about about;
    size_t count, room;
    struct satchel_attachment *item; /* heap */
};

static sp_err fill_about(struct listing *l, const struct cc_value_of *of,
    struct satchel_attachment *out)
{
    static const char *const entities[] = { "visit", "note" };
    char account[SP_ID_TEXT_BYTES] = "", about[SP_ID_TEXT_BYTES] = "";
    const char *entity = "", *title = "";
    struct sp_ref ref;
    struct sp_id id;

    if (cc_refer_parent(l->call, of->record, &ref)) {
        sp_id_format(account, &ref.id);
        title = cc_refer_title(l->call, &ref);
    }
    out->account_id = cc_result_string(l->a, account);
    out->account = cc_result_string(l->a, title);
    if (cc_value_ref(of, "about", &id)) {
        sp_id_format(about, &id);
        for (size_t i = 0; i < 2; i++) {
            const struct sp_entity *e = sp_dictionary_entity_named(
                l->call->dictionary, sp_slice_text(entities[i]));
            struct cc_record_view view;

            if (e != NULL &&
                cc_record_view(l->call, &(struct sp_ref){ e->number, id },
                    &view) == SP_OK) {
                entity = entities[i];
                cc_record_view_free(&view);
            }
        }
    }
    out->about_entity = entity;
    out->about_id = cc_result_string(l->a, about);
    return out->account_id == NULL || out->account == NULL ||
                   out->about_id == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static sp_err fill_bytes(struct listing *l, const struct cc_value_of *of,
    struct satchel_attachment *out)
{
    char hex[2 * CC_BLOB_HASH_BYTES + 1] = "";
    struct cc_blob_info info;
    struct sp_slice hash;
    sp_err err = SP_E_NOT_FOUND;

    if (cc_attachment_hash(of, &hash)) {
        sp_hex(hex, hash.data, hash.size);
        err =
            cc_blob_look(&l->call->s->replica, &l->call->tx, hash.data, &info);
    }
    /* One whose head is damaged is listed: handing it out says so. */
    out->here = err == SP_OK || err == SP_E_CORRUPT;
    out->to_go = err == SP_OK && info.to_go;
    out->hash = cc_result_string(l->a, hex);
    return err == SP_OK || err == SP_E_NOT_FOUND || err == SP_E_CORRUPT
               ? (out->hash == NULL ? SP_E_NOMEM : SP_OK)
               : err;
}

static sp_err fill(struct listing *l, const struct cc_value_of *of,
    struct satchel_attachment *out)
{
    char id[SP_ID_TEXT_BYTES];
    sp_err err;

    sp_id_format(id, &of->record->ref.id);
    out->id = cc_result_string(l->a, id);
    out->name = cc_result_text(l->a, cc_value_text(of, "name"));
    out->mime = cc_result_text(l->a, cc_value_text(of, "mime"));
    out->watermark = cc_result_text(l->a, cc_value_text(of, "watermark"));
    out->bytes = (uint64_t)cc_value_int(of, "size", 0);
    out->at_ms = cc_value_ts(of, "at");
    out->author = cc_result_string(l->a,
        cc_refer_user_name(l->call, (uint32_t)cc_value_int(of, "author", 0)));
    if (out->id == NULL || out->name == NULL || out->mime == NULL ||
        out->watermark == NULL || out->author == NULL) {
        return SP_E_NOMEM;
    }
    err = fill_about(l, of, out);
    return err == SP_OK ? fill_bytes(l, of, out) : err;
}

static sp_err take(void *arg, const struct sp_record *view)
{
    struct listing *l = (struct listing *)arg;
    const struct cc_value_of of = { l->entity, view };
    struct sp_id about;

    if (cc_value_deleted(&of) || is_document(&of) != l->documents ||
        (l->some && l->about.part &&
            !(cc_value_ref(&of, "about", &about) &&
                sp_id_equal(&about, &l->about.about.id)))) {
        return SP_OK;
    }
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct satchel_attachment *more =
            (struct satchel_attachment *)realloc(l->item, room * sizeof(*more));

        if (more == NULL) {
            return SP_E_NOMEM;
        }
        l->item = more;
        l->room = room;
    }
    memset(&l->item[l->count], 0, sizeof(l->item[0]));
    return fill(l, &of, &l->item[l->count++]);
}

static sp_err take_child(void *arg, const struct sp_ref *ref)
{
    struct listing *l = (struct listing *)arg;
    struct cc_record_view view;
    sp_err err = cc_record_view(l->call, ref, &view);

    if (err == SP_OK) {
        err = take(l, &view.record);
        cc_record_view_free(&view);
    }
    return err == SP_E_NOT_FOUND ? SP_OK : err;
}

static int newest_first(const void *a, const void *b)
{
    const struct satchel_attachment *x = (const struct satchel_attachment *)a;
    const struct satchel_attachment *y = (const struct satchel_attachment *)b;

    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms ? 1 : -1)
                                : strcmp(y->id, x->id);
}

static sp_err list(
    struct listing *l, const char *about, struct satchel_attachments *out)
{
    struct cc_call *c = l->call;
    struct satchel_attachment *item;
    sp_err err = cc_call_entity(c, "attachment", &l->entity);

    l->some = about != NULL;
    if (err == SP_OK && l->some) {
        err = cc_attachment_refer(c, about, &l->about);
    }
    if (err == SP_OK) {
        err = l->some ? sp_state_children(&c->tx, &l->about.account,
                            l->entity->number, false, take_child, l)
                      : sp_state_walk(&c->tx, l->entity->number, NULL, take, l);
    }
    if (err != SP_OK) {
        return err;
    }
    if (l->count > 0) {
        qsort(l->item, l->count, sizeof(*l->item), newest_first);
    }
    item = (struct satchel_attachment *)sp_arena_take(
        l->a, l->count + 1, sizeof(*item));
    if (item == NULL) {
        return SP_E_NOMEM;
    }
    if (l->count > 0) {
        memcpy(item, l->item, l->count * sizeof(*item));
    }
    out->attachment = item;
    out->count = l->count;
    return SP_OK;
}

int satchel_attachment_list(struct satchel *s, const char *about,
    bool documents, struct satchel_attachments **out, struct satchel_error *e)
{
    struct satchel_attachments *r;
    struct listing l = { .documents = documents };
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    l.call = &c;
    r = (struct satchel_attachments *)cc_result_new(sizeof(*r));
    if (r != NULL) {
        l.a = cc_result_arena(r);
        err = list(&l, about, r);
    }
    free(l.item);
    return cc_call_give(&c, err, r, out);
}

/* ---- handing out -----------------------------------------------------------
 */

/* What is taken out of the store before it is closed to us. */
struct handing {
    struct satchel_handed *out;
    bool document, preview;
    const char *watermark, *author; /* arena of out */
    char taken[CC_ATTACHMENT_WHEN_BYTES], zone[CC_ATTACHMENT_ZONE_BYTES];
    struct sp_buf bytes;
};

static sp_err say_bytes(struct cc_call *c, sp_err err, const char *id)
{
    if (err == SP_E_NOT_FOUND) {
        return cc_call_say(c, err,
            "the bytes of %.40s are not on this device; they are on the one "
            "that took it",
            id);
    }
    if (err == SP_E_CORRUPT) {
        return cc_call_say(c, err,
            "the bytes of %.40s are damaged on this disk and are not handed "
            "out; its record, and all else, can still be read",
            id);
    }
    return err;
}

static sp_err read_record(
    struct handing *h, const struct cc_value_of *of, struct cc_call *c)
{
    struct sp_arena *a = cc_result_arena(h->out);
    uint64_t at = cc_value_ts(of, "at");

    h->document = is_document(of);
    h->watermark = cc_result_text(a, cc_value_text(of, "watermark"));
    h->author = cc_result_string(
        a, cc_refer_user_name(c, (uint32_t)cc_value_int(of, "author", 0)));
    h->out->mime = cc_result_text(a, cc_value_text(of, "mime"));
    cc_attachment_when(at, ':', h->taken);
    cc_attachment_zone(at, h->zone);
    if (h->watermark == NULL || h->author == NULL || h->out->mime == NULL) {
        return SP_E_NOMEM;
    }
    return h->document && h->preview
               ? cc_call_say(c, SP_E_ARGUMENT, "a document has no preview")
               : SP_OK;
}

static sp_err fetch(struct handing *h, struct cc_call *c, const char *id)
{
    struct cc_record_view view;
    struct cc_value_of of;
    struct sp_slice hash;
    struct sp_ref ref;
    sp_err err = cc_refer_named(c, "attachment", id, &of.entity, &ref);

    if (err == SP_OK) {
        err = cc_leave_allowed(c, of.entity);
    }
    if (err == SP_OK) {
        err = cc_record_view(c, &ref, &view);
    }
    if (err != SP_OK) {
        return err;
    }
    of.record = &view.record;
    err = read_record(h, &of, c);
    if (err == SP_OK && !cc_attachment_hash(&of, &hash)) {
        err = cc_call_say(
            c, SP_E_NOT_FOUND, "the record %.40s names no bytes", id);
    }
    if (err == SP_OK) {
        err = say_bytes(c,
            cc_blob_get(&c->s->replica, &c->tx, hash.data,
                h->preview ? CC_BLOB_PREVIEW : CC_BLOB_CONTENTS, &h->bytes),
            id);
    }
    cc_record_view_free(&view);
    return err;
}

/* Draws the watermark; the bytes are the copy's from now on. */
static sp_err draw(struct handing *h, char *detail)
{
    const struct cc_exif exif = { h->watermark, h->author, h->taken, h->zone,
        1 };
    struct cc_photo_said said = { false, "" };
    struct cc_picture p;
    struct sp_buf copy;
    sp_err err = cc_picture_look(sp_buf_slice(&h->bytes), &p);

    sp_buf_init(&copy, CC_PHOTO_COPY_BYTES_MAX);
    if (err == SP_OK) {
        err = cc_photo_copy(&p, sp_buf_slice(&h->bytes), &exif, &copy, &said);
    }
    if (err == SP_E_NOT_FOUND) {
        cc_say_note(detail, SATCHEL_DETAIL_BYTES,
            "no font is installed here, so the watermark cannot be drawn and "
            "nothing is handed out; install one (Debian: fonts-dejavu-core, "
            "for Chinese fonts-wqy-microhei)");
    }
    h->out->missing = cc_result_string(cc_result_arena(h->out), said.missing);
    h->out->cut = said.cut;
    h->out->mime = cc_picture_mime(p.kind);
    sp_buf_wipe(&h->bytes);
    h->bytes = copy;
    return err == SP_OK && h->out->missing == NULL ? SP_E_NOMEM : err;
}

/* Who took it out, durable before the file has its name. */
static int note(struct handing *h, struct satchel *s, struct satchel_error *e)
{
    const struct sp_entity *entity;
    struct cc_call c;
    sp_err err;
    int rc = cc_call_begin(&c, s, true, e);

    if (rc != 0) {
        return rc;
    }
    err = cc_call_entity(&c, "attachment", &entity);
    if (err == SP_OK) {
        err = cc_leave_note(&c, entity,
            h->document  ? "document"
            : h->preview ? "preview"
                         : "photo",
            sp_buf_slice(&h->bytes));
    }
    return cc_call_end(&c, err);
}

static int write_file(struct handing *h, struct satchel *s, const char *path,
    bool force, struct satchel_error *e)
{
    struct cc_out file;
    sp_err err = cc_out_begin(&file, path, force);
    int rc = 0;

    if (err == SP_OK) {
        err = cc_out_write(&file, sp_buf_slice(&h->bytes));
        rc = err == SP_OK ? note(h, s, e) : 0;
        if (err == SP_OK && rc == 0) {
            err = cc_out_keep(&file);
        }
        cc_out_drop(&file);
    }
    h->out->bytes = sp_buf_slice(&h->bytes).size;
    return rc != 0 ? rc : cc_fail_set(e, err, err == SP_OK ? "" : path);
}

int satchel_attachment_hand_out(struct satchel *s, const char *id,
    const char *path, const struct satchel_hand_out *how,
    struct satchel_handed **out, struct satchel_error *e)
{
    struct handing h = { .preview = how->preview };
    char detail[SATCHEL_DETAIL_BYTES] = "";
    struct cc_call c;
    sp_err err = SP_OK;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    sp_buf_init(&h.bytes, CC_BLOB_BYTES_MAX);
    h.out = (struct satchel_handed *)cc_result_new(sizeof(*h.out));
    rc = cc_call_end(&c, h.out == NULL ? SP_E_NOMEM : fetch(&h, &c, id));
    if (rc == 0) {
        h.out->missing = "";
        err = h.document ? SP_OK : draw(&h, detail);
        rc = err == SP_OK ? write_file(&h, s, path, how->force, e)
                          : cc_fail_set(e, err, detail);
    }
    sp_buf_wipe(&h.bytes);
    if (rc == 0) {
        *out = h.out;
    } else {
        satchel_free(h.out);
    }
    return rc;
}
