/*
 * words.h - the command speaks Chinese and English. Any thread.
 */
#ifndef CC_BOOK_WORDS_H
#define CC_BOOK_WORDS_H

#include <stdbool.h>

enum cc_lang { CC_LANG_EN = 0, CC_LANG_ZH = 1 };

/* Both static, or as long-lived as their owner says. */
struct cc_words {
    const char *en;
    const char *zh;
};

const char *cc_words_pick(enum cc_lang lang, struct cc_words words);

/* "zh", "en", "zh_CN.UTF-8"...; false for other languages, out untouched. */
bool cc_words_lang(const char *name, enum cc_lang *out);

/* As the environment says: the first of these that is set and not empty.
 * English when it is no language of ours. Each may be NULL. */
enum cc_lang cc_words_lang_env(
    const char *lc_all, const char *lc_messages, const char *lang);

#endif
