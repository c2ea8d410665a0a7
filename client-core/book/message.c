#include "book/message.h"

#include "book/fold.h"
#include "book/utf8.h"

#include <stdio.h>
#include <string.h>

#define PREPARE_DAYS   3
#define PREPARE_MINUTE (CC_DAY_MINUTES - 1)
#define SEND_MINUTE    (8u * 60u)

bool cc_message_step(enum cc_message_state from, enum cc_message_state to)
{
    switch (from) {
    case CC_STATE_PLANNED:
        return to == CC_STATE_DRAFTED || to == CC_STATE_WITHDRAWN;
    case CC_STATE_DRAFTED:
        return to == CC_STATE_EXPORTED || to == CC_STATE_WITHDRAWN;
    case CC_STATE_EXPORTED:
        return to == CC_STATE_CONFIRMED || to == CC_STATE_FAILED;
    case CC_STATE_CONFIRMED:
    case CC_STATE_FAILED:
    case CC_STATE_WITHDRAWN:
        break;
    }
    return false;
}

/* ---- filling ----------------------------------------------------------- */

static void tell(char *out, struct sp_slice word)
{
    (void)snprintf(out, CC_MESSAGE_WORD_BYTES, "%.*s", (int)word.size,
        word.size == 0 ? "" : (const char *)word.data);
}

/* SP_E_VALUE: there is no such place. */
static sp_err value_of(const struct cc_message_slots *s, struct sp_slice name,
    const char **out, bool *optional)
{
    const struct {
        const char *name, *value;
        bool optional;
    } all[] = { { "name", s->name, false }, { "shop", s->shop, false },
        { "rep", s->rep, false }, { "holiday", s->holiday, false },
        { "weather", s->weather, true } };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (sp_slice_equal(name, sp_slice_text(all[i].name))) {
            *out = all[i].value == NULL ? "" : all[i].value;
            *optional = all[i].optional;
            return SP_OK;
        }
    }
    return SP_E_VALUE;
}

/* The name between { and }; false when no place begins at i. */
static bool place_at(struct sp_slice text, size_t i, struct sp_slice *name)
{
    size_t end = i + 1;

    if (text.data[i] != '{') {
        return false;
    }
    while (end < text.size && text.data[end] != '}') {
        end++;
    }
    if (end == text.size) {
        return false;
    }
    *name = sp_slice_of(text.data + i + 1, end - i - 1);
    return true;
}

static void put_value(struct sp_buf *out, const char *value)
{
    if (value[0] == '\0' && out->size > 0 && out->data[out->size - 1] == ' ') {
        out->size--;
    }
    sp_buf_put(out, value, strlen(value));
}

sp_err cc_message_fill(struct sp_slice text,
    const struct cc_message_slots *slots, struct sp_buf *out, char *wrong)
{
    struct sp_slice name;
    const char *value;
    bool optional;

    for (size_t i = 0; i < text.size && out->err == SP_OK; i++) {
        if (!place_at(text, i, &name)) {
            sp_buf_put_u8(out, text.data[i]);
            continue;
        }
        tell(wrong, name);
        if (value_of(slots, name, &value, &optional) != SP_OK) {
            return SP_E_VALUE;
        }
        if (value[0] == '\0' && !optional) {
            return SP_E_REQUIRED;
        }
        put_value(out, value);
        i += name.size + 1;
    }
    return out->err;
}

static bool holds(struct sp_slice text, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; size <= text.size && i <= text.size - size; i++) {
        if (memcmp(text.data + i, word, size) == 0) {
            return true;
        }
    }
    return false;
}

bool cc_message_signature_whole(struct sp_slice signature)
{
    return signature.size > 0 && holds(signature, "{shop}") &&
           holds(signature, "{rep}");
}

bool cc_message_signed(struct sp_slice text, struct sp_slice signature)
{
    while (text.size > 0 && text.data[text.size - 1] <= ' ') {
        text.size--;
    }
    return signature.size > 0 && text.size >= signature.size &&
           memcmp(text.data + text.size - signature.size, signature.data,
               signature.size) == 0;
}

/* ---- what may not be in it --------------------------------------------- */

bool cc_message_wishes_only(enum cc_message_class class)
{
    return class == CC_CLASS_HOLIDAY || class == CC_CLASS_SEASON ||
           class == CC_CLASS_BIRTHDAY || class == CC_CLASS_WINBACK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What stands beside a number and makes it a price; folded. */
static const char *const before_number[] = { "¥", "￥", "$", "rmb", "cny" };
static const char *const after_number[] = { "元", "块", "折", "%", "yuan",
    "rmb", "cny", "¥" };

static size_t begins(const char *at, const char *const *word, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(at, word[i], strlen(word[i])) == 0) {
            return strlen(word[i]);
        }
    }
    return 0;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ') {
        p++;
    }
    return p;
}

static const char *skip_number(const char *p)
{
    while (is_digit(*p) || ((*p == '.' || *p == ',') && is_digit(p[1]))) {
        p++;
    }
    return p;
}

/* A price in folded text: a number with a sign of money before or behind. */
static bool find_price(const char *text, struct sp_slice *found)
{
    for (const char *p = text; *p != '\0'; p++) {
        size_t sign = begins(
            p, before_number, sizeof(before_number) / sizeof(before_number[0]));
        const char *number = sign == 0 ? p : skip_blanks(p + sign);
        const char *end = skip_number(number), *unit;
        if (end == number) {
            continue;
        }
        if (sign != 0) {
            *found = sp_slice_of(p, (size_t)(end - p));
            return true;
        }
        unit = skip_blanks(end);
        sign = begins(
            unit, after_number, sizeof(after_number) / sizeof(after_number[0]));
        if (sign != 0) {
            *found = sp_slice_of(p, (size_t)(unit + sign - p));
            return true;
        }
        p = end - 1;
    }
    return false;
}

bool cc_message_clean(struct sp_slice text, enum cc_message_class class,
    const struct sp_slice *word, size_t count, char *found)
{
    char folded[CC_MESSAGE_BYTES_MAX + 1], one[CC_MESSAGE_BYTES_MAX + 1];
    struct sp_slice price;

    if (text.size > CC_MESSAGE_BYTES_MAX) {
        text.size = CC_MESSAGE_BYTES_MAX;
    }
    (void)cc_fold_text(text, folded);
    for (size_t i = 0; i < count; i++) {
        if (word[i].size == 0 || word[i].size > CC_MESSAGE_BYTES_MAX) {
            continue;
        }
        (void)cc_fold_text(word[i], one);
        if (one[0] != '\0' && strstr(folded, one) != NULL) {
            tell(found, word[i]);
            return false;
        }
    }
    if (cc_message_wishes_only(class) && find_price(folded, &price)) {
        tell(found, price);
        return false;
    }
    return true;
}

/* ---- e-mail ------------------------------------------------------------ */

static bool in_domain(struct sp_slice address, struct sp_slice domain)
{
    char a[256], d[256];
    size_t na, nd;

    if (address.size >= sizeof(a) || domain.size >= sizeof(d)) {
        return false;
    }
    na = cc_fold_text(address, a);
    nd = cc_fold_text(domain, d);
    return nd > 0 && na > nd && strcmp(a + na - nd, d) == 0 &&
           (a[na - nd - 1] == '@' || a[na - nd - 1] == '.');
}

void cc_message_title(struct sp_slice title, struct sp_slice address,
    const struct sp_slice *domain, size_t count, struct sp_slice suffix,
    struct sp_buf *out)
{
    bool listed = false;

    for (size_t i = 0; i < count && !listed; i++) {
        listed = in_domain(address, domain[i]);
    }
    sp_buf_put(out, title.data, title.size);
    if (listed && !cc_message_signed(title, suffix)) {
        sp_buf_put(out, suffix.data, suffix.size);
    }
}

struct cc_message_plan cc_message_plan(int32_t event_day)
{
    return (struct cc_message_plan){ .prepare_day = event_day - PREPARE_DAYS,
        .prepare_minute = PREPARE_MINUTE,
        .send_day = event_day - PREPARE_DAYS + 1,
        .send_minute = SEND_MINUTE };
}
