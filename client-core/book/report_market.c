/* report_market.c - the shelf, and who else stands there. */
#include "book/report_make.h"

#include <stdlib.h>
#include <string.h>

/* What was last seen of a product, ours or a rival's, at a customer's; those
 * of one product together. */
static int by_product(const void *a, const void *b)
{
    const struct cc_report_sighting *x = (const struct cc_report_sighting *)a;
    const struct cc_report_sighting *y = (const struct cc_report_sighting *)b;
    int order = strcmp(x->rival, y->rival);

    if (order == 0) {
        order = strcmp(x->product, y->product);
    }
    if (order == 0) {
        order = (x->price.currency > y->price.currency) -
                (x->price.currency < y->price.currency);
    }
    return order != 0 ? order
                      : (x->price.minor > y->price.minor) -
                            (x->price.minor < y->price.minor);
}

static int by_place(const void *a, const void *b)
{
    const struct cc_report_sighting *x = (const struct cc_report_sighting *)a;
    const struct cc_report_sighting *y = (const struct cc_report_sighting *)b;
    int order = (x->at > y->at) - (x->at < y->at);

    if (order == 0) {
        order = strcmp(x->rival, y->rival);
    }
    if (order == 0) {
        order = strcmp(x->product, y->product);
    }
    return order != 0 ? order : (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms);
}

/* A copy of those in the period, sorted; NULL without memory. */
static struct cc_report_sighting *copy(struct cc_report *r,
    const struct cc_report_facts *f, size_t *count,
    int (*cmp)(const void *a, const void *b))
{
    struct cc_report_sighting *list =
        (struct cc_report_sighting *)sp_arena_take(
            &r->arena, f->sightings + 1u, sizeof(*list));

    *count = 0;
    if (list == NULL) {
        r->err = SP_E_NOMEM;
        return NULL;
    }
    for (size_t i = 0; i < f->sightings; i++) {
        if (f->sighting[i].day >= r->from && f->sighting[i].day <= r->until) {
            list[(*count)++] = f->sighting[i];
        }
    }
    if (*count > 1) {
        qsort(list, *count, sizeof(*list), cmp);
    }
    return list;
}

/* The newest of each product at each customer's. */
static struct cc_report_sighting *newest(
    struct cc_report *r, const struct cc_report_facts *f, size_t *count)
{
    size_t all, kept = 0;
    struct cc_report_sighting *list = copy(r, f, &all, by_place);

    for (size_t i = 0; list != NULL && i < all; i++) {
        if (i == 0 || list[i].at != list[i - 1].at ||
            strcmp(list[i].rival, list[i - 1].rival) != 0 ||
            strcmp(list[i].product, list[i - 1].product) != 0) {
            list[kept++] = list[i];
        }
    }
    *count = kept;
    return list;
}

struct maker {
    const char *name; /* "": ours */
    int64_t facings, places;
};

static int most_facings(const void *a, const void *b)
{
    const struct maker *x = (const struct maker *)a;
    const struct maker *y = (const struct maker *)b;

    return x->facings != y->facings
               ? (x->facings < y->facings) - (x->facings > y->facings)
               : strcmp(x->name, y->name);
}

/* The list is in the order of places, so a maker's places are counted when he
 * comes there. */
static struct maker *makers(struct cc_report *r,
    const struct cc_report_sighting *list, size_t count, size_t *found)
{
    struct maker *out = NULL;

    *found = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (k < *found && strcmp(out[k].name, list[i].rival) != 0) {
            k++;
        }
        if (k == *found) {
            out = (struct maker *)sp_arena_grow(
                &r->arena, out, *found, sizeof(*out));
            if (out == NULL) {
                r->err = SP_E_NOMEM;
                *found = 0;
                return NULL;
            }
            out[(*found)++] = (struct maker){ list[i].rival, 0, 0 };
        }
        out[k].facings += list[i].facings > 0 ? list[i].facings : 0;
        out[k].places += i == 0 || list[i - 1].at != list[i].at ||
                         strcmp(list[i - 1].rival, list[i].rival) != 0;
    }
    if (*found > 1) {
        qsort(out, *found, sizeof(*out), most_facings);
    }
    return out;
}

void cc_report_market(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "maker", { "WHOSE", "品牌" }, CC_REPORT_TEXT, 0, false, 0 },
        { "shops", { "SHOPS", "门店" }, CC_REPORT_COUNT, 0, false, 0 },
        { "facings", { "FACINGS", "排面" }, CC_REPORT_COUNT, 0, false, 0 },
        { "share", { "SHARE OF SHELF %", "货架占有 %" }, CC_REPORT_DECIMAL, 1,
            true, 0 },
    };
    size_t count, found;
    struct cc_report_sighting *list = newest(r, f, &count);
    struct maker *m;
    int64_t all = 0;

    (void)ask;
    if (list == NULL) {
        return;
    }
    m = makers(r, list, count, &found);
    (void)cc_report_begin(r, "shelf",
        (struct cc_words){ "What was last seen on the shelves (- ours)",
            "货架最近一次所见（- 为我方）" },
        column, 4);
    for (size_t i = 0; i < found; i++) {
        all += m[i].facings;
    }
    for (size_t i = 0; i < found; i++) {
        cc_report_put_text(
            r, sp_slice_text(m[i].name[0] == '\0' ? "-" : m[i].name));
        cc_report_put_number(r, m[i].places);
        cc_report_put_number(r, m[i].facings);
        cc_report_put_percent(r, m[i].facings, all);
    }
}

/* ---- rivals --------------------------------------------------------------
 */

/* Those of one product and currency, cheapest first. */
static void put_prices(
    struct cc_report *r, const struct cc_report_sighting *s, size_t count)
{
    struct cc_money median = { s->price.currency,
        s[(count - 1) / 2].price.minor +
            (s[count / 2].price.minor - s[(count - 1) / 2].price.minor) / 2 };
    int32_t last = s->day;

    for (size_t i = 1; i < count; i++) {
        last = s[i].day > last ? s[i].day : last;
    }
    cc_report_put_text(r, sp_slice_text(s->rival[0] == '\0' ? "-" : s->rival));
    cc_report_put_text(r, sp_slice_text(s->product));
    cc_report_put_number(r, (int64_t)count);
    if (s->price.currency == 0) {
        cc_report_put_none(r);
        cc_report_put_none(r);
        cc_report_put_none(r);
    } else {
        cc_report_put_money(r, s[0].price);
        cc_report_put_money(r, median);
        cc_report_put_money(r, s[count - 1].price);
    }
    cc_report_put_day(r, last);
}

void cc_report_rivals(struct cc_report *r, const struct cc_report_facts *f,
    const struct cc_report_ask *ask)
{
    static const struct cc_report_column column[] = {
        { "maker", { "WHOSE", "品牌" }, CC_REPORT_TEXT, 0, false, 0 },
        { "product", { "PRODUCT", "产品" }, CC_REPORT_TEXT, 0, false, 0 },
        { "seen", { "SEEN", "次数" }, CC_REPORT_COUNT, 0, false, 0 },
        { "lowest", { "LOWEST", "最低价" }, CC_REPORT_MONEY, 0, false, 0 },
        { "median", { "MEDIAN", "中位价" }, CC_REPORT_MONEY, 0, false, 0 },
        { "highest", { "HIGHEST", "最高价" }, CC_REPORT_MONEY, 0, false, 0 },
        { "last", { "LAST SEEN", "最近" }, CC_REPORT_DAY, 0, false, 0 },
    };
    size_t count, from = 0;
    struct cc_report_sighting *list = copy(r, f, &count, by_product);

    (void)ask;
    if (list == NULL) {
        return;
    }
    (void)cc_report_begin(r, "products",
        (struct cc_words){ "Prices seen, by rival and product (- ours)",
            "按竞品与产品的所见价格（- 为我方）" },
        column, 7);
    for (size_t i = 1; count > 0 && i <= count; i++) {
        if (i == count || strcmp(list[i].rival, list[from].rival) != 0 ||
            strcmp(list[i].product, list[from].product) != 0 ||
            list[i].price.currency != list[from].price.currency) {
            put_prices(r, &list[from], i - from);
            from = i;
        }
    }
}
