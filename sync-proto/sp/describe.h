/*
 * describe.h - any value, record, commit, document or frame as text that a
 * person can read: for `satchelctl describe` and for traces.
 *
 * One item a line, each line a word and key=value pairs, for example
 *
 *   commit replica=0000000a5eed0001 n=1 time_ms=1734480765362 tick=1 ...
 *   change type=1 id=0193d5f0-a1b2-7c3d-8e4f-5061728394a5
 *   write field=2 context=0000000b5eed0002:41 value="Hello"
 *
 * Nothing here is parsed by anybody; the form may change.
 */
#ifndef SP_DESCRIBE_H
#define SP_DESCRIBE_H

#include "sp/commit.h"
#include "sp/document.h"
#include "sp/frame.h"
#include "sp/message.h"
#include "sp/record.h"

enum sp_describe {
    SP_DESCRIBE_ALL,  /* customer text too: for the console of its owner */
    SP_DESCRIBE_SIZES /* ids and sizes instead of values: for traces */
};

/*
 * Each appends to out, which the caller initialised; nothing is kept.
 *   errors   latched in out; bytes that are no canonical value are shown as
 *            error=SP_E_... and their size
 *   threads  any
 */
void sp_describe_value(
    struct sp_slice value, enum sp_describe how, struct sp_buf *out);
void sp_describe_record(
    const struct sp_record *r, enum sp_describe how, struct sp_buf *out);
void sp_describe_commit(
    const struct sp_commit *c, enum sp_describe how, struct sp_buf *out);
void sp_describe_document(
    const struct sp_document *d, enum sp_describe how, struct sp_buf *out);
/*
 * A message of the conversation, as a record frame carries it, and the two
 * payloads of the handshake. Commits, records and documents in it follow on
 * lines of their own.
 *   arena    holds what is decoded; about ten times the message
 */
void sp_describe_message(struct sp_slice message, struct sp_arena *arena,
    enum sp_describe how, struct sp_buf *out);
void sp_describe_message_hello(const struct sp_hello *m, struct sp_buf *out);
void sp_describe_message_hello_reply(
    const struct sp_hello_reply *m, struct sp_buf *out);
/* The clear header; the body is sealed. */
void sp_describe_frame(const struct sp_frame *f, struct sp_buf *out);

#endif
