#include "book/sentence.h"

#include <stdio.h>
#include <string.h>

#define WHAT_BYTES_MAX (CC_SENTENCE_BYTES - 80u) /* the rest is shorter */

/* "%s" is the place of what it is of. */
static const struct cc_words sentences[] = {
    // clang-format off
    [CC_SENTENCE_NONE] = { "", "" },
    [CC_SENTENCE_STALE] = { "not verified for %s days", "已 %s 天未核实" },
    [CC_SENTENCE_INCOMPLETE] = { "a contact's file is %s % complete",
        "联系人档案完整度 %s %" },
    [CC_SENTENCE_SAME_NAME] = { "an older account has the same name",
        "与更早的客户同名" },
    [CC_SENTENCE_SAME_PHONE] = { "an older account has the same phone",
        "与更早的客户同电话" },
    [CC_SENTENCE_NO_NAME] = { "the name says nothing", "名称没有内容" },
    [CC_SENTENCE_NO_OWNER] = { "nobody who works here owns it",
        "没有在职的负责人" },
    [CC_SENTENCE_BAD_PHONE] = { "the phone is no number",
        "电话不是有效号码" },
    [CC_SENTENCE_BAD_CONTACT_PHONE] = { "a contact's phone is no number",
        "联系人电话不是有效号码" },
    [CC_SENTENCE_UNREACHABLE] = { "nobody there can be reached",
        "没有任何联系方式" },
    [CC_SENTENCE_DECIDER_LEFT] =
        { "%s, who decides here, has left: who decides now?",
        "决策者%s已离开：现在由谁决定？" },
    // clang-format on
};
#define SENTENCES (sizeof(sentences) / sizeof(sentences[0]))

static void put(char out[CC_SENTENCE_BYTES], const char *pattern,
    const char *what, size_t what_bytes)
{
    const char *place = strstr(pattern, "%s");
    size_t before = place == NULL ? strlen(pattern) : (size_t)(place - pattern);

    (void)snprintf(out, CC_SENTENCE_BYTES, "%.*s%.*s%s", (int)before, pattern,
        place == NULL ? 0 : (int)what_bytes, what,
        place == NULL ? "" : place + 2);
}

/* So many bytes of a text that no character is cut. */
static size_t whole(const char *text, size_t bytes_max)
{
    size_t n = strlen(text);

    if (n > bytes_max) {
        for (n = bytes_max; n > 0 && (text[n] & 0xc0) == 0x80; n--) {
        }
    }
    return n;
}

void cc_sentence_write(enum cc_sentence sentence, enum cc_lang language,
    const char *what, char out[CC_SENTENCE_BYTES])
{
    put(out, cc_words_pick(language, sentences[sentence]), what,
        whole(what, WHAT_BYTES_MAX));
}

/* Whether a text is of this pattern; then what stands at its place. */
static bool fits(
    struct sp_slice text, const char *pattern, struct sp_slice *what)
{
    const char *place = strstr(pattern, "%s");
    size_t all = strlen(pattern), before, behind;

    *what = (struct sp_slice){ text.data, 0 };
    if (place == NULL) {
        return text.size == all && memcmp(text.data, pattern, all) == 0;
    }
    before = (size_t)(place - pattern);
    behind = all - before - 2;
    if (text.size <= before + behind ||
        memcmp(text.data, pattern, before) != 0 ||
        memcmp(text.data + text.size - behind, place + 2, behind) != 0) {
        return false;
    }
    *what =
        (struct sp_slice){ text.data + before, text.size - before - behind };
    return true;
}

bool cc_sentence_tell(
    struct sp_slice stored, enum cc_lang language, char out[CC_SENTENCE_BYTES])
{
    struct sp_slice what;

    for (size_t i = CC_SENTENCE_NONE + 1; i < SENTENCES; i++) {
        if (fits(stored, sentences[i].en, &what) ||
            fits(stored, sentences[i].zh, &what)) {
            if (what.size > WHAT_BYTES_MAX) {
                return false; /* none that was written here */
            }
            put(out, cc_words_pick(language, sentences[i]),
                (const char *)what.data, what.size);
            return true;
        }
    }
    return false;
}
