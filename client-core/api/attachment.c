#include "api/attachment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sp/pack.h"

#include "book/day.h"

#include "photo/photo.h"

#include "replica/blob.h"

#include "say/say.h"

#include "api/fail.h"
#include "api/record.h"
#include "api/refer.h"
#include "api/round.h"
#include "api/today.h"
#include "api/typed.h"
#include "api/visit.h"

#define NOTE_BYTES      SATCHEL_DETAIL_BYTES
#define WATERMARK_BYTES 1200u /* of attachment.watermark: 300 characters */
#define WHEN_BYTES      40u
#define PLACE_BYTES     64u
#define SEPARATOR       " \xc2\xb7 "

/* ---- what it belongs to ---------------------------------------------------
 */

/* Only such a text can be the beginning of an id. */
static bool like_id(const char *text)
{
    return strlen(text) >= 4 &&
           strspn(text, "0123456789abcdefABCDEF-") == strlen(text);
}

static sp_err refer_part(
    struct cc_call *c, const char *text, struct cc_attachment_about *out)
{
    static const char *const entities[] = { "visit", "note" };
    const struct sp_entity *entity;
    sp_err err = SP_E_NOT_FOUND;

    for (size_t i = 0; i < 2 && err == SP_E_NOT_FOUND && like_id(text); i++) {
        err = cc_refer_named(c, entities[i], text, &entity, &out->about);
    }
    out->part = err == SP_OK;
    return err;
}

sp_err cc_attachment_refer(
    struct cc_call *c, const char *text, struct cc_attachment_about *out)
{
    const struct sp_entity *entity;
    struct cc_record_view view;
    sp_err err;

    memset(out, 0, sizeof(*out));
    if (text == NULL) {
        err = cc_visit_refer(c, NULL, &entity, &out->about);
        out->part = err == SP_OK;
    } else {
        err = refer_part(c, text, out);
    }
    if (err == SP_E_NOT_FOUND && text != NULL) {
        err = cc_refer_named(c, "account", text, &entity, &out->account);
        return err == SP_E_NOT_FOUND
                   ? cc_call_say(c, err,
                         "no account, visit or note \"%.100s\" on this device",
                         text)
                   : err;
    }
    if (err == SP_OK) {
        err = cc_record_view(c, &out->about, &view);
    }
    if (err == SP_OK) {
        err = cc_refer_parent(c, &view.record, &out->account)
                  ? SP_OK
                  : cc_call_say(
                        c, SP_E_NOT_FOUND, "its account is not on this device");
        cc_record_view_free(&view);
    }
    return err;
}

/* ---- watermark ------------------------------------------------------------
 */

void cc_attachment_zone(uint64_t ms, char out[CC_ATTACHMENT_ZONE_BYTES])
{
    int32_t offset = cc_today_offset(ms);
    unsigned minutes = (unsigned)(offset < 0 ? -offset : offset);

    (void)snprintf(out, CC_ATTACHMENT_ZONE_BYTES, "%c%02u:%02u",
        offset < 0 ? '-' : '+', minutes / 60u % 24u, minutes % 60u);
}

void cc_attachment_when(
    uint64_t ms, char mark, char out[CC_ATTACHMENT_WHEN_BYTES])
{
    int32_t offset = cc_today_offset(ms);
    struct cc_date d = cc_day_date(cc_day_at(ms, offset));
    unsigned minute = cc_day_minute(ms, offset);

    (void)snprintf(out, CC_ATTACHMENT_WHEN_BYTES,
        "%04u%c%02u%c%02u %02u:%02u:%02u", (unsigned)d.year % 10000u, mark,
        d.month % 100u, mark, d.day % 100u, minute / 60u % 24u, minute % 60u,
        (unsigned)(ms / 1000u % 60u));
}

static void put_place(
    const struct cc_geo *at, uint64_t accuracy_m, char out[PLACE_BYTES])
{
    int used = snprintf(out, PLACE_BYTES, "%.5f,%.5f",
        (double)at->latitude / 1e7, (double)at->longitude / 1e7);

    if (accuracy_m > 0 && used > 0 && (size_t)used < PLACE_BYTES) {
        (void)snprintf(out + used, PLACE_BYTES - (size_t)used,
            " \xc2\xb1%" PRIu64 " m", accuracy_m);
    }
}

/* What is typed, else where the visit was checked in; "" when nobody knows. */
static sp_err find_place(struct cc_call *c, const char *typed,
    const struct cc_attachment_about *about, char out[PLACE_BYTES])
{
    struct cc_value_of of = { NULL, NULL };
    struct cc_record_view view;
    struct cc_geo at;
    uint64_t accuracy;
    sp_err err = SP_OK;

    out[0] = '\0';
    if (typed != NULL) {
        err = cc_round_read_place(c, typed, &at, &accuracy);
        if (err == SP_OK) {
            put_place(&at, accuracy, out);
        }
        return err;
    }
    if (!about->part) {
        return SP_OK;
    }
    of.entity = sp_dictionary_entity(c->dictionary, about->about.type);
    err = cc_record_view(c, &about->about, &view);
    if (err == SP_OK) {
        of.record = &view.record;
        if (cc_round_place_part(&of, "checkin_place", "geo", &at, &accuracy)) {
            put_place(&at, accuracy, out);
        }
        cc_record_view_free(&view);
    }
    return err;
}

/* Who, where and when, as it is drawn: nobody types it. */
static sp_err write_watermark(struct cc_call *c, const char *place_typed,
    const struct cc_attachment_about *about, uint64_t now_ms,
    char out[WATERMARK_BYTES])
{
    const struct cc_identity *id = &c->s->replica.identity;
    char when[CC_ATTACHMENT_WHEN_BYTES], zone[CC_ATTACHMENT_ZONE_BYTES];
    char place[PLACE_BYTES];
    sp_err err = find_place(c, place_typed, about, place);

    if (err != SP_OK) {
        return err;
    }
    cc_attachment_when(now_ms, '-', when);
    cc_attachment_zone(now_ms, zone);
    (void)snprintf(out, WATERMARK_BYTES,
        "%s %s" SEPARATOR "%.320s" SEPARATOR "%.160s%s%s" SEPARATOR
        "device %" PRIu32,
        when, zone, cc_refer_title(c, &about->account),
        cc_refer_user_name(c, id->self.user), place[0] == '\0' ? "" : SEPARATOR,
        place, id->self.device);
    return SP_OK;
}

bool cc_attachment_hash(const struct cc_value_of *of, struct sp_slice *out)
{
    struct sp_rd r;

    sp_rd_init(&r, cc_value_shown(of, "hash"));
    *out = sp_rd_bin(&r, CC_BLOB_HASH_BYTES);
    return r.err == SP_OK && out->size == CC_BLOB_HASH_BYTES;
}

/* ---- adding ---------------------------------------------------------------
 */

struct adding {
    struct cc_call *call;
    const struct satchel_attachment_new *what;
    const struct sp_entity *entity;
    const char *mime;
    uint8_t hash[CC_BLOB_HASH_BYTES];
    struct sp_slice bytes, preview;
    struct cc_attachment_about about;
    bool found;
    struct sp_id id; /* of one with the same bytes about the same */
};

static bool is_about(
    const struct cc_value_of *of, const struct cc_attachment_about *about)
{
    struct sp_id id;
    bool has = cc_value_ref(of, "about", &id);

    return about->part ? has && sp_id_equal(&id, &about->about.id) : !has;
}

static sp_err look_same(void *arg, const struct sp_ref *ref)
{
    struct adding *a = (struct adding *)arg;
    struct cc_value_of of = { .entity = a->entity };
    struct cc_record_view view;
    struct sp_slice hash;
    sp_err err = cc_record_view(a->call, ref, &view);

    if (err != SP_OK) {
        return err == SP_E_NOT_FOUND ? SP_OK : err;
    }
    of.record = &view.record;
    if (!cc_value_deleted(&of) && is_about(&of, &a->about) &&
        cc_attachment_hash(&of, &hash) &&
        memcmp(hash.data, a->hash, sizeof(a->hash)) == 0) {
        a->found = true;
        a->id = ref->id;
    }
    cc_record_view_free(&view);
    return SP_OK;
}

static sp_err put_raw(
    struct cc_typed *t, const char *field, const uint8_t *bytes, size_t size)
{
    const struct sp_field *f =
        sp_dictionary_field_named(t->entity, sp_slice_text(field));
    struct sp_buf b;
    sp_err err;

    if (f == NULL) {
        return cc_call_say(t->call, SP_E_UNKNOWN_FIELD,
            "the dictionary has no attachment.%s", field);
    }
    sp_buf_init(&b, 64);
    sp_wr_bin(&b, bytes, size);
    err = b.err == SP_OK ? cc_typed_put(t, f->number, sp_buf_slice(&b)) : b.err;
    sp_buf_free(&b);
    return err;
}

static sp_err make_record(struct adding *a, const char *watermark,
    struct satchel_attachment_saved *out)
{
    char size[24], pieces[24];
    const struct satchel_input in[] = { { "at", "now", SATCHEL_SET },
        { "mime", a->mime, SATCHEL_SET }, { "size", size, SATCHEL_SET },
        { "chunks", pieces, SATCHEL_SET },
        { "name", a->what->name, SATCHEL_SET },
        { "watermark", watermark, SATCHEL_SET } };
    struct sp_draft_change change = { .create = true };
    struct cc_typed t;
    sp_err err = cc_typed_init(&t, a->call, a->entity, NULL);

    change.ref = (struct sp_ref){ a->entity->number, cc_typed_id(a->call) };
    (void)snprintf(size, sizeof(size), "%zu", a->bytes.size);
    (void)snprintf(
        pieces, sizeof(pieces), "%" PRIu32, cc_blob_pieces(a->bytes.size));
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]) && err == SP_OK; i++) {
        err = in[i].text[0] == '\0' ? SP_OK : cc_typed_add(&t, &in[i], 1);
    }
    if (err == SP_OK) {
        err = put_raw(&t, "hash", a->hash, sizeof(a->hash));
    }
    if (err == SP_OK && a->about.part) {
        err = put_raw(
            &t, "about", a->about.about.id.b, sizeof(a->about.about.id.b));
    }
    if (err == SP_OK) {
        err = cc_typed_defaults(&t, &a->about.account);
    }
    change.count = t.count;
    change.write = t.write;
    if (err == SP_OK) {
        err = cc_typed_save(a->call, &change, 1, &out->commit);
    }
    a->id = change.ref.id;
    return err;
}

static sp_err keep(struct adding *a, struct satchel_attachment_saved *out)
{
    struct cc_call *c = a->call;
    const struct sp_env *env = &c->s->replica.env;
    char watermark[WATERMARK_BYTES] = "";
    sp_err err = cc_call_entity(c, "attachment", &a->entity);

    if (err == SP_OK) {
        err = cc_attachment_refer(c, a->what->about, &a->about);
    }
    if (err == SP_OK && !a->what->document) {
        err = write_watermark(
            c, a->what->place, &a->about, env->now_ms(env->self), watermark);
    }
    if (err == SP_OK) {
        err = cc_blob_put(&c->s->replica, &c->tx, a->bytes, a->preview);
    }
    if (err == SP_OK) {
        err = sp_state_children(
            &c->tx, &a->about.account, a->entity->number, false, look_same, a);
    }
    if (err == SP_OK && !a->found) {
        err = make_record(a, watermark, out);
    }
    if (err == SP_OK) {
        out->existed = a->found;
        out->bytes = a->bytes.size;
        sp_id_format(out->id, &a->id);
    }
    return err;
}

static void say_picture(
    sp_err err, const struct cc_picture *p, const char *name, char *note)
{
    const char *kind = p->kind == CC_PICTURE_PNG ? "PNG" : "JPEG";

    if (err == SP_E_VALUE) {
        cc_say_note(note, NOTE_BYTES,
            "\"%.100s\" is no JPEG or PNG picture; satchel document add takes "
            "other files",
            name);
    } else if (err == SP_E_TOO_LARGE && p->width > 0) {
        cc_say_note(note, NOTE_BYTES,
            "\"%.100s\" says that it has %u x %u pixels; a photo has at most "
            "%u on a side and %u in all",
            name, p->width, p->height, CC_PICTURE_SIDE_MAX,
            CC_PICTURE_PIXELS_MAX);
    } else if (err == SP_E_CORRUPT) {
        cc_say_note(note, NOTE_BYTES,
            "\"%.100s\" cannot be read to its end: a damaged %s, or one that "
            "no camera makes; nothing was kept",
            name, kind);
    }
}

/* Everything that needs no store: what it is, that it is whole, its preview. */
static sp_err prepare(struct adding *a, struct sp_buf *preview, char *note)
{
    const struct satchel_attachment_new *what = a->what;
    struct cc_picture p = { .kind = CC_PICTURE_NONE };
    sp_err err = SP_OK;

    if (what->size == 0 || what->size > SATCHEL_ATTACHMENT_BYTES_MAX) {
        cc_say_note(note, NOTE_BYTES,
            "\"%.100s\" has %zu bytes; a photo or document has 1 to %u",
            what->name, what->size, SATCHEL_ATTACHMENT_BYTES_MAX);
        return SP_E_TOO_LARGE;
    }
    a->bytes = sp_slice_of(what->bytes, what->size);
    a->mime =
        what->mime != NULL ? what->mime : cc_picture_mime(CC_PICTURE_NONE);
    if (!what->document) {
        err = cc_picture_look(a->bytes, &p);
        a->mime = cc_picture_mime(p.kind);
        if (err == SP_OK) {
            err = cc_photo_preview(&p, a->bytes, preview);
        }
        say_picture(err, &p, what->name, note);
    }
    a->preview = sp_buf_slice(preview);
    cc_blob_hash(a->bytes, a->hash);
    return err;
}

int satchel_attachment_add(struct satchel *s,
    const struct satchel_attachment_new *what,
    struct satchel_attachment_saved *out, struct satchel_error *e)
{
    struct adding a = { .what = what };
    char note[NOTE_BYTES] = "";
    struct sp_buf preview;
    struct cc_call c;
    sp_err err;
    int rc;

    memset(out, 0, sizeof(*out));
    sp_buf_init(&preview, CC_PHOTO_PREVIEW_BYTES_MAX);
    err = prepare(&a, &preview, note);
    if (err != SP_OK) {
        sp_buf_free(&preview);
        return cc_fail_set(e, err, note);
    }
    cc_blob_leave_reserve(true);
    rc = cc_call_begin(&c, s, true, e);
    cc_blob_leave_reserve(false);
    if (rc == 0) {
        a.call = &c;
        rc = cc_call_end(&c, keep(&a, out));
    }
    sp_buf_wipe(&preview);
    return rc;
}
