#include "book/quota.h"

uint64_t cc_quota_rows(
    const struct sp_policy *p, const uint16_t *role, uint32_t roles)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < roles; i++) {
        const struct sp_role *r = sp_policy_role(p, role[i]);
        uint64_t rows = r == NULL                  ? 0
                        : r->reach == SP_REACH_OWN ? CC_QUOTA_OWN
                        : r->reach == SP_REACH_ALL ? CC_QUOTA_ALL
                                                   : CC_QUOTA_BRANCH;
        most = rows > most ? rows : most;
    }
    return most;
}

uint64_t cc_quota_left(uint64_t rows_a_day, uint64_t taken)
{
    return taken < rows_a_day ? rows_a_day - taken : 0;
}

bool cc_quota_alert(uint64_t rows)
{
    return rows > CC_QUOTA_ALERT;
}
