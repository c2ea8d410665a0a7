#include "book/address.h"

#include <string.h>

#include "book/utf8.h"

void cc_address_of(
    const struct cc_value_of *of, const char *field, struct cc_address *out)
{
    *out = (struct cc_address){
        .country = cc_value_part_text(of, field, "country"),
        .province = cc_value_part_text(of, field, "province"),
        .city = cc_value_part_text(of, field, "city"),
        .district = cc_value_part_text(of, field, "district"),
        .street = cc_value_part_text(of, field, "street"),
        .post_code = cc_value_part_text(of, field, "post_code"),
    };
}

static bool has_ideograph(struct sp_slice text)
{
    size_t at = 0;

    while (at < text.size) {
        uint32_t c;
        at += cc_utf8_take(text.data + at, text.size - at, &c);
        if (c != CC_UTF8_NONE &&
            ((c >= 0x3400 && c <= 0x9fff) || c >= 0x20000)) {
            return true;
        }
    }
    return false;
}

/* list: codes with a space between. */
static bool is_one_of(struct sp_slice country, const char *list)
{
    for (size_t at = 0; country.size == 2 && at < strlen(list); at += 3) {
        if (memcmp(list + at, country.data, 2) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(struct sp_slice text, struct sp_slice with)
{
    return with.size <= text.size && with.size > 0 &&
           memcmp(text.data, with.data, with.size) == 0;
}

static void put(struct sp_buf *out, const char *between, struct sp_slice text)
{
    if (text.size > 0) {
        if (out->size > 0) {
            sp_buf_put(out, between, strlen(between));
        }
        sp_buf_put(out, text.data, text.size);
    }
}

/* A city that is a province of its own, and whatever is said again by what
 * follows, stands there once. */
static void large_to_small(const struct cc_address *a, struct sp_buf *line)
{
    const struct sp_slice part[] = { a->province, a->city, a->district,
        a->street };
    size_t count = sizeof(part) / sizeof(part[0]);

    for (size_t i = 0; i < count; i++) {
        size_t next = i + 1;
        while (next < count && part[next].size == 0) {
            next++;
        }
        if (next == count || !begins(part[next], part[i])) {
            put(line, "", part[i]);
        }
    }
    put(line, " ", a->post_code);
    if (!is_one_of(a->country, "CN HK MO TW")) {
        put(line, " ", a->country);
    }
}

static void small_to_large(const struct cc_address *a, struct sp_buf *line)
{
    bool behind = is_one_of(a->country, "AU CA GB IE IN NZ SG US ZA");

    put(line, ", ", a->street);
    put(line, ", ", a->district);
    if (behind) {
        put(line, ", ", a->city);
        put(line, ", ", a->province);
        put(line, " ", a->post_code);
    } else {
        put(line, ", ", a->post_code);
        put(line, a->post_code.size > 0 ? " " : ", ", a->city);
        put(line, ", ", a->province);
    }
    put(line, ", ", a->country);
}

void cc_address_line(const struct cc_address *a, struct sp_buf *out)
{
    struct sp_buf line;

    sp_buf_init(&line, 4096);
    if (has_ideograph(a->province) || has_ideograph(a->city) ||
        has_ideograph(a->district) || has_ideograph(a->street)) {
        large_to_small(a, &line);
    } else {
        small_to_large(a, &line);
    }
    if (line.err == SP_OK) {
        sp_buf_put(out, line.data, line.size);
    } else {
        out->err = out->err == SP_OK ? line.err : out->err;
    }
    sp_buf_free(&line);
}
