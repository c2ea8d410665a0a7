/*
 * fault.h - what the system says of a failed call, in both languages.
 *
 * The C library has other languages than English only where its locales are
 * installed, which they are on few machines.
 *
 *   threads  any
 */
#ifndef CC_BOOK_FAULT_H
#define CC_BOOK_FAULT_H

#include "book/words.h"

/* An errno, with the C library's English. Static; NULL in both for a rare
 * number that has no words here. */
struct cc_words cc_fault_words(int number);

#endif
