#include "book/quota.h"

static bool has(const struct sp_export *x, uint16_t type)
{
    for (uint32_t i = 0; i < x->count; i++) {
        if (x->type[i] == type) {
            return true;
        }
    }
    return x->count == 0;
}

void cc_quota_of(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint16_t type, struct cc_quota *out)
{
    *out = (struct cc_quota){ .asks = true };
    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        const struct sp_export *x = r == NULL ? NULL : &r->export;
        if (x == NULL || x->rows == 0 || !has(x, type)) {
            continue;
        }
        out->rows = x->rows > out->rows ? x->rows : out->rows;
        out->hours = x->hours > out->hours ? x->hours : out->hours;
        out->asks = out->asks && (x->flags & SP_EXPORT_ASKS) != 0;
        out->sensitive =
            out->sensitive || (x->flags & SP_EXPORT_SENSITIVE) != 0;
    }
}

void cc_quota_everything(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, struct cc_quota *out)
{
    bool any = false;

    *out = (struct cc_quota){ .rows = UINT64_MAX, .asks = true };
    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        const struct sp_export *x = r == NULL ? NULL : &r->export;
        if (x == NULL || x->rows == 0) {
            continue;
        }
        any = true;
        out->asks = out->asks && (x->flags & SP_EXPORT_ASKS) != 0;
        if ((x->flags & SP_EXPORT_SENSITIVE) != 0) {
            out->sensitive = true;
        }
        out->hours = x->hours > out->hours ? x->hours : out->hours;
    }
    out->asks = out->asks && any;
}

void cc_quota_narrow(struct cc_quota *all, const struct cc_quota *one)
{
    all->rows = one->rows < all->rows ? one->rows : all->rows;
    all->hours = one->hours < all->hours ? one->hours : all->hours;
    all->asks = all->asks || one->asks;
    all->sensitive = all->sensitive && one->sensitive;
}

bool cc_quota_reads(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint16_t type, uint16_t field)
{
    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        for (uint32_t k = 0; r != NULL && k < r->rule_count; k++) {
            const struct sp_rule *rule = &r->rule[k];
            for (uint32_t n = 0; rule->type == type && n < rule->read_count;
                 n++) {
                if (rule->read[n] == field) {
                    return true;
                }
            }
        }
    }
    return false;
}

bool cc_quota_by_consent(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, const struct sp_dictionary *d)
{
    for (uint32_t i = 0; i < d->entity_count; i++) {
        const struct sp_entity *e = &d->entity[i];
        for (uint32_t k = 0; e->withholds && k < e->field_count; k++) {
            const struct sp_field *f = &e->field[k];
            if (f->derive != SP_DERIVE_NONE && f->needs != 0 &&
                cc_quota_reads(p, role, roles, e->number, f->number) &&
                !cc_quota_reads(p, role, roles, e->number, f->source)) {
                return true;
            }
        }
    }
    return false;
}

uint64_t cc_quota_left(uint64_t rows_a_day, uint64_t taken)
{
    return taken < rows_a_day ? rows_a_day - taken : 0;
}

bool cc_quota_alert(const struct sp_policy *p, const uint16_t *role,
    uint32_t roles, uint64_t rows)
{
    uint64_t least = UINT64_MAX;

    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        if (r != NULL && r->export.rows > 0 && r->export.alert < least) {
            least = r->export.alert;
        }
    }
    return rows > (least == UINT64_MAX ? 0 : least);
}

unsigned cc_quota_approves(
    const struct sp_policy *p, const uint16_t *role, uint32_t roles)
{
    unsigned reach = 0;

    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        if (r != NULL && (r->export.flags & SP_EXPORT_APPROVES) != 0 &&
            (unsigned)r->reach > reach) {
            reach = (unsigned)r->reach;
        }
    }
    return reach;
}
