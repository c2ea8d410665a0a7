#include "policy/number.h"

#include "policy/table.h"

/* The next after what was given out and after floor. */
static sp_err next(struct sp_tx *tx, const char *name, uint32_t floor,
    uint32_t max, uint32_t *out)
{
    const struct sp_store *store = tx->node->store;
    struct sp_slice value;
    uint8_t bytes[4];
    uint32_t last = 0;
    sp_err err = store->get(tx->txn, SV_T_SERVER, sp_slice_text(name), &value);
    if (err == SP_OK) {
        if (value.size != sizeof bytes) {
            return SP_E_CORRUPT;
        }
        last = sp_get_u32be(value.data);
    } else if (err != SP_E_NOT_FOUND) {
        return err;
    }
    last = last < floor ? floor : last;
    if (last >= max) {
        return SP_E_TOO_LARGE;
    }
    sp_set_u32be(bytes, last + 1);
    err =
        store->put(tx->txn, SV_T_SERVER, sp_slice_text(name), SP_SLICE(bytes));
    if (err == SP_OK) {
        *out = last + 1;
    }
    return err;
}

static const struct sp_rulebook *book(const struct sp_tx *tx)
{
    return tx->rules->self;
}

sp_err sv_number_roster(struct sp_tx *tx, uint32_t *out)
{
    struct sp_serials known = tx->rules->serials(tx->rules->self);
    return next(tx, "number-roster", known.roster, INT32_MAX, out);
}

sp_err sv_number_user(struct sp_tx *tx, uint32_t *out)
{
    const struct sp_person *p;
    uint32_t highest = 0;
    for (size_t i = 0; (p = sp_rulebook_list_person(book(tx), i)) != NULL;
         i++) {
        highest = p->user > highest ? p->user : highest;
    }
    return next(tx, "number-user", highest, INT32_MAX, out);
}

/* The highest number within low..high that a certificate names, or low - 1. */
static uint32_t highest_device(
    const struct sp_rulebook *b, uint32_t low, uint32_t high)
{
    const struct sp_device *d;
    uint32_t highest = low - 1;
    for (size_t i = 0; (d = sp_rulebook_list_device(b, i)) != NULL; i++) {
        if (d->device >= low && d->device <= high && d->device > highest) {
            highest = d->device;
        }
    }
    return highest;
}

sp_err sv_number_server(struct sp_tx *tx, uint32_t *out)
{
    uint32_t floor = highest_device(book(tx), 1, SV_NUMBER_SERVERS_MAX);
    return next(tx, "number-server", floor, SV_NUMBER_SERVERS_MAX, out);
}

sp_err sv_number_device(struct sp_tx *tx, uint32_t *out)
{
    uint32_t base = tx->node->identity->device << 16;
    uint32_t floor = highest_device(book(tx), base + 1, base + 0xffffu);
    return next(tx, "number-device", floor, base + 0xffffu, out);
}
