/*
 * sentence.h - what the programs themselves write into a task, for people.
 *
 * A task's title is a text that anybody may write. Those that a server or a
 * device writes stand there in the language of who was there; whoever reads
 * them is told them in his own.
 *
 *   threads  any
 */
#ifndef CC_BOOK_SENTENCE_H
#define CC_BOOK_SENTENCE_H

#include "sp/bytes.h"

#include "book/words.h"

enum cc_sentence {
    CC_SENTENCE_NONE,
    CC_SENTENCE_STALE,      /* of so many days */
    CC_SENTENCE_INCOMPLETE, /* of so many percent */
    CC_SENTENCE_SAME_NAME,
    CC_SENTENCE_SAME_PHONE,
    CC_SENTENCE_NO_NAME,
    CC_SENTENCE_NO_OWNER,
    CC_SENTENCE_BAD_PHONE,
    CC_SENTENCE_BAD_CONTACT_PHONE,
    CC_SENTENCE_UNREACHABLE,
    CC_SENTENCE_DECIDER_LEFT, /* of a person */
};

#define CC_SENTENCE_BYTES 256u

/*
 * Writes one.
 *   what  what it is of, as text; "" where it is of nothing
 *   out   cut between characters where it does not fit
 */
void cc_sentence_write(enum cc_sentence sentence, enum cc_lang language,
    const char *what, char out[CC_SENTENCE_BYTES]);

/* Tells a stored text again in a language, if it is one of these in whatever
 * language; false, and out untouched, of all others. */
bool cc_sentence_tell(
    struct sp_slice stored, enum cc_lang language, char out[CC_SENTENCE_BYTES]);

#endif
