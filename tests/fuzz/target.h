/*
 * target.h - one decoder each, fed with any bytes at all.
 *
 * A target asserts what must hold of every input: what decodes encodes to the
 * same bytes, whatever else is an error of class peer. It is run by libFuzzer
 * (libfuzzer.c, -Dfuzz=true) and over the corpus and mutations of it in every
 * test run (replay.c).
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include "sp/bytes.h"

void fuzz_pack(struct sp_slice in);
void fuzz_commit(struct sp_slice in);
void fuzz_record(struct sp_slice in);
void fuzz_frame(struct sp_slice in);
void fuzz_document(struct sp_slice in);
void fuzz_message(struct sp_slice in);
/* Files that people bring in; in the ordinary test run only, as they need more
 * than sync-proto. */
void fuzz_card(struct sp_slice in);
void fuzz_picture(struct sp_slice in);
void fuzz_csv(struct sp_slice in);
void fuzz_jsonl(struct sp_slice in);
/* In the ordinary test run only: needs a world of parties. */
void fuzz_link(struct sp_slice in);
/* Messages of real conversations, for its corpus. */
void fuzz_link_seeds(void (*save)(const char *name, struct sp_slice bytes));

/* Bytes from outside are the peer's fault, unless memory ends. */
#define FUZZ_ASSERT_PEER(err)                                                  \
    SP_ASSERT(sp_err_class(err) == SP_CLASS_PEER || (err) == SP_E_NOMEM)

#endif
