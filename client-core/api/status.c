#include "keys/agent.h"
#include "replica/blob.h"
#include "sync/sync.h"

#include "api/call.h"
#include "api/refer.h"
#include "api/result.h"
#include "api/show.h"
#include "api/tray.h"

#include <stdio.h>
#include <string.h>

static sp_err fill_counts(struct cc_call *c, struct satchel_status *out)
{
    struct sp_status now;
    sp_err err = sp_node_status(&c->tx, &now);

    if (err != SP_OK) {
        return err;
    }
    out->commits = now.commits;
    out->pending = now.pending;
    out->at_branch = now.at_branch;
    out->at_head_office = now.at_head_office;
    out->deferred = now.deferred;
    out->quarantined = now.quarantined;
    out->records = now.records;
    out->scopes = now.scopes;
    out->alarms = now.alarms;
    out->last_sync_ms = now.last_sync_ms;
    out->last_branch_ms = now.last_branch_ms;
    out->last_head_office_ms = now.last_head_office_ms;
    out->last_upper_ms = now.last_upper_ms;
    out->clock_offset_ms = now.clock_offset_ms;
    err = cc_blob_to_go(
        &c->s->replica, &c->tx, &out->photos_to_go, &out->photos_bytes);
    return err == SP_OK ? cc_tray_count(c, &out->refused) : err;
}

static sp_err fill_who(struct cc_call *c, struct satchel_status *out)
{
    const struct cc_identity *id = &c->s->replica.identity;
    struct sp_serials serials = sp_rulebook_serials(c->s->replica.book);
    struct sp_arena *a = cc_result_arena(out);
    char org[2 * sizeof(id->self.org.b) + 1];

    sp_hex(org, id->self.org.b, sizeof(id->self.org.b));
    out->enrolled = c->s->replica.enrolled;
    out->org = cc_result_string(a, out->enrolled ? org : "");
    out->device = id->self.device;
    out->user = id->self.user;
    out->user_name = out->enrolled
                         ? cc_result_string(a, cc_refer_user_name(c, out->user))
                         : "";
    out->unit = cc_result_string(a, id->unit);
    out->server = cc_result_string(a, id->endpoint);
    out->dictionary = serials.dictionary;
    out->policy = serials.policy;
    out->roster = serials.roster;
    return out->org == NULL || out->user_name == NULL || out->unit == NULL ||
                   out->server == NULL
               ? SP_E_NOMEM
               : SP_OK;
}

static void fill_place(struct cc_call *c, struct satchel_status *out)
{
    char path[CC_AGENT_PATH_BYTES], note[CC_AGENT_NOTE_BYTES];
    struct cc_lmdb_usage usage;

    if (cc_lmdb_usage(c->s->replica.lmdb, &usage) == SP_OK) {
        out->store_bytes = usage.used_bytes;
    }
    out->syncing = cc_sync_running(c->s->replica.path);
    out->agent = cc_agent_path(c->s->replica.path, path, note) == SP_OK &&
                 cc_agent_there(path);
}

int satchel_status(
    struct satchel *s, struct satchel_status **out, struct satchel_error *e)
{
    struct satchel_status *r;
    struct cc_call c;
    sp_err err = SP_E_NOMEM;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_status *)cc_result_new(sizeof(*r));
    if (r != NULL) {
        err = fill_who(&c, r);
        if (err == SP_OK && r->enrolled) {
            err = fill_counts(&c, r);
        }
        fill_place(&c, r);
    }
    return cc_call_give(&c, err, r, out);
}

/* ---- the dictionary ---------------------------------------------------- */

static sp_err fill_options(const struct sp_field *f, struct sp_arena *a,
    struct satchel_field_info *out)
{
    struct satchel_option_info *o = (struct satchel_option_info *)sp_arena_take(
        a, f->option_count + 1u, sizeof(*o));

    if (o == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < f->option_count; i++) {
        o[i].name = cc_result_text(a, f->option[i].name);
        o[i].label_en = cc_result_text(a, f->option[i].label_en);
        o[i].label_zh = cc_result_text(a, f->option[i].label_zh);
        if (o[i].name == NULL || o[i].label_en == NULL ||
            o[i].label_zh == NULL) {
            return SP_E_NOMEM;
        }
    }
    out->option_count = f->option_count;
    out->option = o;
    return SP_OK;
}

/* group: NULL, or the field whose part this is. */
static sp_err fill_field(struct cc_call *c, const struct sp_field *group,
    const struct sp_field *f, struct sp_arena *a,
    struct satchel_field_info *out)
{
    const struct sp_entity *target =
        sp_dictionary_entity(c->dictionary, f->target);
    char name[2 * SP_DICTIONARY_NAME_MAX + 2];

    (void)snprintf(name, sizeof(name), "%.*s%s%.*s",
        group == NULL ? 0 : (int)group->name.size,
        group == NULL ? "" : (const char *)group->name.data,
        group == NULL ? "" : ".", (int)f->name.size,
        (const char *)f->name.data);
    out->name = cc_result_string(a, name);
    out->label_en = cc_result_text(a, f->label_en);
    out->label_zh = cc_result_text(a, f->label_zh);
    out->kind = cc_show_kind(f->kind);
    out->set = f->set;
    out->required = f->required;
    out->once = f->once;
    out->lines = f->lines;
    out->max = f->max;
    out->target = target == NULL ? "" : cc_result_text(a, target->name);
    if (out->name == NULL || out->label_en == NULL || out->label_zh == NULL ||
        out->target == NULL) {
        return SP_E_NOMEM;
    }
    return fill_options(f, a, out);
}

static size_t count_fields(const struct sp_entity *e)
{
    size_t count = e->field_count;

    for (uint32_t i = 0; i < e->field_count; i++) {
        count += e->field[i].part_count;
    }
    return count;
}

static sp_err fill_entity(struct cc_call *c, const struct sp_entity *e,
    struct sp_arena *a, struct satchel_entity_info *out)
{
    const struct sp_field *parent = sp_dictionary_field(e, e->parent);
    const struct sp_entity *above =
        parent == NULL ? NULL
                       : sp_dictionary_entity(c->dictionary, parent->target);
    struct satchel_field_info *field =
        (struct satchel_field_info *)sp_arena_take(
            a, count_fields(e) + 1u, sizeof(*field));
    sp_err err = SP_OK;

    out->name = cc_result_text(a, e->name);
    out->label_en = cc_result_text(a, e->label_en);
    out->label_zh = cc_result_text(a, e->label_zh);
    out->parent = above == NULL ? "" : cc_result_text(a, above->name);
    out->field = field;
    if (field == NULL || out->name == NULL || out->label_en == NULL ||
        out->label_zh == NULL || out->parent == NULL) {
        return SP_E_NOMEM;
    }
    for (uint32_t i = 0; i < e->field_count && err == SP_OK; i++) {
        const struct sp_field *f = &e->field[i];
        if (f->retired || f->hidden) {
            continue;
        }
        err = fill_field(c, NULL, f, a, &field[out->field_count++]);
        for (uint32_t j = 0; !f->set && j < f->part_count && err == SP_OK;
             j++) {
            err = fill_field(c, f, &f->part[j], a, &field[out->field_count++]);
        }
    }
    return err;
}

static sp_err fill_dictionary(struct cc_call *c, struct satchel_dictionary *out)
{
    struct sp_arena *a = cc_result_arena(out);
    struct satchel_entity_info *entity =
        (struct satchel_entity_info *)sp_arena_take(
            a, c->dictionary->entity_count + 1u, sizeof(*entity));
    sp_err err = entity == NULL ? SP_E_NOMEM : SP_OK;

    for (uint32_t i = 0; i < c->dictionary->entity_count && err == SP_OK; i++) {
        /* The tray has calls of its own. */
        if (c->dictionary->entity[i].tray == SP_TRAY_NONE) {
            err = fill_entity(
                c, &c->dictionary->entity[i], a, &entity[out->count++]);
        }
    }
    out->entity = entity;
    return err;
}

int satchel_dictionary(
    struct satchel *s, struct satchel_dictionary **out, struct satchel_error *e)
{
    struct satchel_dictionary *r;
    struct cc_call c;
    int rc = cc_call_begin(&c, s, false, e);

    if (rc != 0) {
        return rc;
    }
    r = (struct satchel_dictionary *)cc_result_new(sizeof(*r));
    return cc_call_give(
        &c, r == NULL ? SP_E_NOMEM : fill_dictionary(&c, r), r, out);
}
