#include "book/campaign.h"

#include "sp/seal.h"

#include <stdlib.h>

static uint64_t lot_of(
    const struct sp_id *campaign, const struct sp_id *account)
{
    static const char domain[] = "satchel-campaign";
    struct sp_hasher h;
    uint8_t digest[16];
    uint64_t lot = 0;

    sp_hasher_init(&h, sizeof(digest), NULL);
    sp_hasher_add(&h, domain, sizeof(domain));
    sp_hasher_add(&h, campaign->b, sizeof(campaign->b));
    sp_hasher_add(&h, account->b, sizeof(account->b));
    sp_hasher_end(&h, digest, sizeof(digest));
    for (size_t i = 0; i < 8; i++) {
        lot = lot << 8 | digest[i];
    }
    return lot;
}

static int by_id(const void *a, const void *b)
{
    const struct cc_campaign_member *x = (const struct cc_campaign_member *)a;
    const struct cc_campaign_member *y = (const struct cc_campaign_member *)b;

    return sp_id_cmp(&x->account, &y->account);
}

static int by_lot(const void *a, const void *b)
{
    const struct cc_campaign_member *x = (const struct cc_campaign_member *)a;
    const struct cc_campaign_member *y = (const struct cc_campaign_member *)b;

    return x->lot != y->lot ? (x->lot > y->lot) - (x->lot < y->lot)
                            : by_id(a, b);
}

size_t cc_campaign_draw(const struct sp_id *campaign, unsigned control_percent,
    struct cc_campaign_member *list, size_t count)
{
    size_t control = count * control_percent / 100u;

    if (count == 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        list[i].lot = lot_of(campaign, &list[i].account);
    }
    qsort(list, count, sizeof(*list), by_lot);
    for (size_t i = 0; i < count; i++) {
        list[i].control = i < control;
    }
    qsort(list, count, sizeof(*list), by_id);
    return control;
}
