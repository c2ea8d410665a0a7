#include "book/words.h"

#include <stddef.h>
#include <string.h>

const char *cc_words_pick(enum cc_lang lang, struct cc_words words)
{
    return lang == CC_LANG_ZH ? words.zh : words.en;
}

/* "zh" of "zh", "zh_CN", "zh-Hans" and "zh.UTF-8", not of "zhx". */
static bool is_language(const char *name, const char *code)
{
    size_t n = strlen(code);

    return strncmp(name, code, n) == 0 && strchr("_-.@", name[n]) != NULL;
}

bool cc_words_lang(const char *name, enum cc_lang *out)
{
    if (is_language(name, "zh")) {
        *out = CC_LANG_ZH;
        return true;
    }
    if (is_language(name, "en")) {
        *out = CC_LANG_EN;
        return true;
    }
    return false;
}

enum cc_lang cc_words_lang_env(
    const char *lc_all, const char *lc_messages, const char *lang)
{
    const char *const all[] = { lc_all, lc_messages, lang };
    enum cc_lang found = CC_LANG_EN;
    size_t i;

    for (i = 0; i < 3; i++) {
        if (all[i] != NULL && all[i][0] != '\0') {
            (void)cc_words_lang(all[i], &found);
            break;
        }
    }
    return found;
}
